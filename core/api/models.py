"""What an operation reads (``Body``) and answers (``Answer``), declared as pydantic models.

The name of a class and its docstring are its name and its words in the OpenAPI document, so these are Chinese. A field
that may be left out has the default None; where null may be written too, its type says so.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from core.errors import Fault, Invalid
from core.facts import Misread
from core.strict_json import shown


class Missing(NamedTuple):
    """Annotates a field that must be there with what to say where it is not."""

    detail: str
    code: str = "required"


class Declared(BaseModel):
    """``example``: a value as it is written, shown in the document."""

    model_config = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)
    example: ClassVar[Any] = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema, handler) -> dict:
        """Without what says nothing: titles that repeat the names, and that what is left out is None."""
        reference = handler(core_schema)
        shape = handler.resolve_ref_schema(reference)
        shape.pop("title", None)
        for field in shape.get("properties", {}).values():
            field.pop("title", None)
            if "default" in field and field["default"] is None:
                del field["default"]
        return reference


class Answer(Declared):
    """What goes out. It is made of values that are right already, so nothing is checked again."""

    @classmethod
    def of_values(cls, **values) -> Self:
        return cls.model_construct(**values)


class Body(Declared):
    """A JSON object that comes in. ``not_an_object``: what to say where it is something else."""

    not_an_object: ClassVar[str] = "请写对象，用花括号 { } 括起来"

    @classmethod
    def read(cls, sent: dict, **context) -> Self:
        """Raises Invalid with every fault, each named by its dotted path.

        ``context``: what the types of its fields want to know; what one field tells those after it comes to it.
        """
        try:
            return cls.model_validate(sent, context=context)
        except ValidationError as problem:
            raise Invalid(faults_of(problem)) from None

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, sent: Any, handler: Any) -> Any:
        errors = cls.also_wrong(sent) if isinstance(sent, dict) else []
        try:
            found = handler(sent)
        except ValidationError as problem:
            errors += [cls._said(error) for error in _errors(problem)]
        if errors:
            raise refusal(cls.in_order(errors, sent))
        return found

    @classmethod
    def also_wrong(cls, sent: dict) -> list:
        """What is wrong between the fields, as ``fault_at`` gives it, though each of them may be right."""
        return []

    @classmethod
    def in_order(cls, errors, sent) -> list:
        """Strangers first, the rest as the fields are declared."""
        places = {name: place for place, name in enumerate(cls.model_fields)}
        return sorted(errors, key=lambda error: places.get(error["loc"][0], -1) if error["loc"] else -1)

    @classmethod
    def stranger(cls) -> str:
        """What to say of a name that is not declared."""
        return f"没有这一项，这里只能写 {'、'.join(cls.model_fields)}"

    @classmethod
    def _said(cls, error) -> InitErrorDetails:
        """One error of this object's own in our words; those of what is inside have them already."""
        match error["type"]:
            case "extra_forbidden":
                code, detail = "unknown_field", cls.stranger()
            case "model_type":
                code, detail = "invalid_object", cls.not_an_object
            case "missing":
                code, detail = cls.missing(error["loc"][0])
            case code:
                detail = error["msg"]
        return fault_at(error["loc"], code, detail)

    @classmethod
    def missing(cls, name: str) -> tuple[str, str]:
        """(code, sentence) for a field that is not there."""
        code, detail = "required", f"缺少 {name}，请补上"
        for note in cls.model_fields[name].metadata:
            if isinstance(note, Missing):
                code, detail = note.code, note.detail
        return code, detail


def fault_at(place, code, detail) -> InitErrorDetails:
    return {"type": PydanticCustomError(code, detail), "loc": tuple(place), "input": None}


def reading(reader: Callable) -> Callable:
    """``reader`` as pydantic calls it: Misread, and Invalid, whose paths begin with the field itself, are told under
    the place of the value."""

    @wraps(reader)
    def read(raw, *more) -> object:
        try:
            return reader(raw, *more)
        except Misread as problem:
            raise PydanticCustomError(problem.code, problem.detail) from None
        except Invalid as problem:
            faults = problem.faults
        raise refusal([fault_at(fault.field.split(".")[1:], fault.code, fault.detail) for fault in faults])

    return read


def refusal(errors) -> ValidationError:
    """What a validator raises to name several faults at once."""
    return ValidationError.from_exception_data("body", errors)


def _errors(problem: ValidationError) -> list:
    return problem.errors(include_url=False, include_context=False, include_input=False)


def errors_in(problem: ValidationError) -> list[InitErrorDetails]:
    """The faults of a refusal, to be raised again with others."""
    return [fault_at(error["loc"], error["type"], error["msg"]) for error in _errors(problem)]


def faults_of(problem: ValidationError) -> list[Fault]:
    """With dotted paths; a stranger's name is shown short."""
    return [
        Fault(".".join(shown(str(part)) for part in error["loc"]), error["type"], error["msg"])
        for error in _errors(problem)
    ]
