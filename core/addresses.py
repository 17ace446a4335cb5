"""Addresses of ours: the whole numbers in them, and the one in ``next`` that a form goes back to."""

import re

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.urls import register_converter
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_PATH = 2_000


class WholeNumber:
    """The id of a row in one spelling: ``<number:pk>`` matches 682, and neither 0682 nor what no column holds."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value) -> int:
        return int(value)

    def to_url(self, value) -> str:
        return str(value)


def whole_number(text) -> int | None:
    """A number out of a form or the rest of an address, 0 to 18 digits long; None for any other spelling."""
    return int(text) if re.fullmatch(f"0|{WholeNumber.regex}", str(text)) else None


register_converter(WholeNumber, "number")


def is_own_path(target: str, request) -> bool:
    """Whether ``target`` leads to this site from its root. A bare word would be taken for the name of a page."""
    return (
        target.startswith(("/", "http://", "https://"))
        and len(target) <= LONGEST_PATH
        and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    )


def next_of(request) -> str:
    """Where the person wants to go afterwards, as a form or an address says in ``next``; empty where it is not ours."""
    target = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    return target if is_own_path(target, request) else ""
