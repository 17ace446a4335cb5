"""A list in a body: how long it may be, and whether the same may stand in it twice."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import PydanticCustomError, core_schema

from .models import errors_in, fault_at, refusal


@dataclass(frozen=True)
class Many:
    """Annotates a list. ``detail``: what to say where it is none, or too short or long; ``repeated``: what to say of an
    element that stands there before, empty where it may."""

    detail: str | Callable[[], str]
    least: int = 0
    most: int | None = None
    repeated: str = ""
    code: str = "invalid_list"

    def __get_pydantic_core_schema__(self, source, handler) -> core_schema.CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(self, schema, handler) -> dict:
        bounds = {"minItems": self.least, "maxItems": self.most, "uniqueItems": bool(self.repeated)}
        return handler(schema) | {name: bound for name, bound in bounds.items() if bound}

    def _read(self, raw, read) -> list:
        if not isinstance(raw, list) or len(raw) < self.least or (self.most and len(raw) > self.most):
            detail = self.detail() if callable(self.detail) else self.detail
            raise PydanticCustomError(self.code, detail)
        errors = []
        try:
            found = read(raw)
        except ValidationError as problem:
            errors = errors_in(problem)
        if self.repeated:
            faulty = {error["loc"][0] for error in errors}
            errors += [
                fault_at((place,), "repeated", self.repeated)
                for place, value in enumerate(raw)
                if place not in faulty and value in raw[:place]
            ]
        if errors:
            raise refusal(sorted(errors, key=lambda error: error["loc"][0]))
        return found
