"""Facts in a body: a model made of the registry, once for each of its editions, since staff may add facts.

It documents them, and its fields read single facts. A whole profile is read by ``Registry.read_profile``, by the same
readers: that is the way of every evaluation, and pydantic's is longer (docs/adr/0012).
"""

from typing import Annotated, Any, ClassVar

from pydantic import PlainValidator, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from core.facts import Fact, Misread, Registry

from .models import Body
from .spelling import fact_shape

_kept: list[type["Facts"]] = []


class Facts(Body):
    """事实。没写的是还不知道，null 是问过、不清楚。"""

    registry: ClassVar[Registry]
    not_an_object: ClassVar[str] = '请填对象，例如 {"registered_on": "2026-01-15"}'

    @classmethod
    def stranger(cls) -> str:
        return "没有这一项，请检查拼写。能填的项目见 /api/v1/facts/"


def facts_model(registry: Registry) -> type[Facts]:
    """The model of the facts of ``registry``."""
    for model in _kept:
        if model.registry is registry:
            return model
    fields = {name: (field_of(fact), None) for name, fact in registry.items()}
    model = create_model("Facts", __base__=Facts, __doc__=Facts.__doc__, **fields)  # type: ignore[call-overload]
    model.registry = registry
    _kept[:] = [model, *_kept[:1]]
    return model


def field_of(fact: Fact) -> Any:
    """The type of a field that holds ``fact``, or null."""
    read = fact.reader

    def read_labelled(raw) -> object:
        if raw is None:
            return None
        try:
            return read(raw)
        except Misread as problem:
            raise PydanticCustomError(problem.code, f"{fact.label}：{problem.detail}") from None

    return Annotated[Any, PlainValidator(read_labelled), WithJsonSchema(fact_shape(fact))]
