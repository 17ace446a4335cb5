"""One declaration of an operation: what it reads, answers and refuses, and what the OpenAPI document says of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.http import HttpResponseBase
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response

from core.idempotency import idempotent

from .models import Answer, Body

JSON = "application/json"


@dataclass(frozen=True)
class Parameter:
    """What an operation reads behind the question mark, beside the filters and pages of a list."""

    name: str
    shape: dict
    description: str


@dataclass(frozen=True, kw_only=True)
class Operation:
    """``scope``: what a program's token needs; without one no program is let in where somebody has to be. ``form``:
    what is sent where the view reads it by itself. ``answers``: a model by status, None where there is no body; of a
    list, the model of a row. ``refuses``: statuses beside those that any operation may refuse with; ``problems``: the
    models of those that say more than others. ``key``: whether Idempotency-Key is required, None where it is not
    read."""

    tag: str
    summary: str
    description: str = ""
    scope: str | None = None
    body: type[Body] | None = None
    form: type[Body] | None = None
    media_type: str = JSON
    answers: Mapping[int, type[Answer] | None] = field(default_factory=dict)
    refuses: tuple[int, ...] = ()
    key: bool | None = None
    query: tuple[Parameter, ...] = ()
    problems: Mapping[int, type[Answer]] = field(default_factory=dict)


def operation(tag: str, summary: str, **declared) -> Callable:
    """Declares a method of an API view: see Operation. With a ``body`` the method is given what was read.

    Before a change, ``admit(request, **kwargs)`` of the view may raise, where nothing shall be read at all, or return
    what the body's fields want to know (Body.read). The method returns an answer, or a whole response.
    """
    said = Operation(tag=tag, summary=summary, **declared)

    def decorate(method) -> Callable:
        @wraps(method)
        def inside(view, request, *args, **kwargs) -> HttpResponseBase:
            context = _admitted(view, request, kwargs)
            if said.body is not None:
                args = (*args, said.body.read(request.data, **context))
            found = method(view, request, *args, **kwargs)
            return found if isinstance(found, HttpResponseBase) else Response(found, min(said.answers))

        once: Any = inside if said.key is None else idempotent(required=said.key)(inside)
        once.operation = said
        return once

    return decorate


def _admitted(view, request, named) -> dict:
    if request.method in SAFE_METHODS or not hasattr(view, "admit"):
        return {}
    return view.admit(request, **named) or {}


def operation_of(view, method: str) -> Operation | None:
    """What is declared of a method ("POST") of a view; None where nothing is."""
    return getattr(getattr(view, method.lower(), None), "operation", None)
