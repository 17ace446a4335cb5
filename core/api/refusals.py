"""Every refusal as a problem with a Chinese sentence. Named in settings.REST_FRAMEWORK as the exception handler."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from core import problems
from core.errors import Fault, Invalid, Refused, TooLarge
from core.strict_json import shown


def answer_with_problem(exc, context) -> HttpResponse | None:
    """REST framework's exception handler: a problem for everything a person can cause, None for our bugs."""
    explained = _explained(exc)
    if explained is None:
        return None
    from rest_framework.views import set_rollback  # which reads this module while it loads

    set_rollback()
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(exc.wait)
    return problems.problem_response(**explained, headers=headers)


def _explained(exc) -> dict | None:
    """The problem's parts, or None; core.problems fills in what is missing."""
    match exc:
        case Invalid():
            return _invalid(exc.faults)
        case exceptions.ValidationError():
            return _invalid(list(_faults("", exc.detail)))
        case DjangoValidationError():
            messages = exc.message_dict if hasattr(exc, "error_dict") else exc.messages
            return _invalid(list(_faults("", messages)))
        case Refused():
            return _refused(exc)
        case TooLarge():
            return {"status": 413, "detail": str(exc)}
        case Http404():
            return {"status": 404, "detail": _chinese(exc.args)}
        case PermissionDenied():
            return {"status": 403, "detail": _chinese(exc.args)}
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            # 403 where no scheme can be offered in WWW-Authenticate, but still for want of signing in.
            usual = problems.STATUSES[401][2]
            return {"status": exc.status_code, "code": exc.default_code, "detail": _own_words(exc) or usual}
        case exceptions.APIException():
            return {"status": exc.status_code, "detail": _own_words(exc)}
    return None


def _refused(exc) -> dict:
    found = {"status": 409, "detail": str(exc), "code": exc.code, "faults": exc.unmet}
    return found | {"unmet": problems.rows_of(exc.unmet)} if exc.unmet else found


# The library's sentences for these only name the method or the media type; ours say what to do.
_SAY_LITTLE = (
    exceptions.MethodNotAllowed,
    exceptions.NotAcceptable,
    exceptions.UnsupportedMediaType,
    exceptions.Throttled,
    exceptions.ParseError,
)


def _own_words(exc) -> str:
    """What the raising code wrote in Chinese; empty where it wrote nothing."""
    if isinstance(exc, _SAY_LITTLE) or str(exc.detail) == str(exc.default_detail):
        return ""
    return _chinese([exc.detail])


def _invalid(faults) -> dict:
    """One fault is its own summary; several are counted."""
    if len(faults) == 1 and not faults[0].field:
        return {"status": 400, "code": faults[0].code, "detail": faults[0].detail, "faults": faults}
    return {
        "status": 400,
        "detail": f"有 {len(faults)} 处不对，请按 errors 里的说明逐一改正。",
        "faults": faults,
    }


def _chinese(words) -> str:
    """The first message where it is Chinese, else empty."""
    message = str(words[0]) if words else ""
    return message if problems.in_chinese(message) else ""


def _faults(path, detail) -> Iterator[Fault]:
    """Flatten serializer errors (dicts, lists, messages) into Faults with dotted paths."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name in {"non_field_errors", "__all__"}
            yield from _faults(path if whole else f"{path}.{shown(str(name))}".lstrip("."), inner)
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _faults(f"{path}.{index}".lstrip(".") if nested else path, inner)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield Fault(path, code, _chinese([detail]) or "这一项的值不对，请对照接口文档改正。")
