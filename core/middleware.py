"""What every answer passes: API errors leave as Chinese problems, pages leave compressed."""

from csp.middleware import CSPMiddleware
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpResponse, HttpResponseBase, UnreadablePostError
from django.middleware.gzip import GZipMiddleware
from django.views.decorators.csrf import csrf_exempt

from core.errors import Fault
from core.problems import is_problem, problem_response
from core.strict_json import shown

NUL = "文字里有不能保存的字符（NUL）。请删掉后再发送。"
PREFIX = "/api/"
PROGRAMS = "/api/v1/"
MAX_UNSTATED_BODY = 16_000_000  # bytes; every view has a lower limit of its own
# Headers that described the page we replace. Everything else stays: Allow, Retry-After, security headers.
_ABOUT_THE_BODY = {
    "content-type",
    "content-language",
    "content-length",
    "content-encoding",
    "content-disposition",
    "etag",
    "last-modified",
}


class ApiErrorsAreProblems:
    """Replaces every error page under ``/api/`` that is not a problem yet, Django's debug pages included.

    Must stay first in MIDDLEWARE. What an exception said is logged by Django and never sent.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        if not f"{request.path_info}/".startswith(PREFIX):
            return self.get_response(request)
        if refusal := _refusal_before_routing(request):
            return _without_body_for_head(request, refusal)
        response = self.get_response(request)
        if response.status_code >= 400 and not is_problem(response):
            response = _as_problem(response)
        return _without_body_for_head(request, response)


class RefuseNul:
    """Refuses the one character that PostgreSQL cannot be asked about, wherever a request may hold it: 400.

    A view that reads its form by itself asks ``refuse_nul_in_form``; of a JSON body the parser takes care.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        cookies = "".join(request.COOKIES.values())
        if "\x00" in request.path_info or "\x00" in cookies or _holds_nul(request.GET):
            raise BadRequest(NUL)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> None:
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            refuse_nul_in_form(request)


def refuse_nul_in_form(request) -> None:
    """Raises BadRequest, also where the sender hung up in the middle of the form."""
    try:
        sent = request.POST
    except UnreadablePostError:
        raise BadRequest("The form was not sent to its end.") from None
    if _holds_nul(sent):
        raise BadRequest(NUL)


def _holds_nul(sent) -> bool:
    return any("\x00" in text for name, values in sent.lists() for text in (name, *values))


class CompressPages(GZipMiddleware):
    """Pages are compressed for phones on slow lines. API answers are left to the server in front: they are hot."""

    def process_response(self, request, response) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
        return response


class ContentPolicy(CSPMiddleware):
    """The site's content policy on pages. Answers for programs load nothing, so theirs is fixed and tighter."""

    def process_response(self, request, response) -> HttpResponseBase:
        if not request.path_info.startswith(PROGRAMS):
            return super().process_response(request, response)
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        return response


@csrf_exempt
def unknown_path(request, *args, **kwargs) -> HttpResponse:
    """The last route under ``/api/``: with it Django neither redirects to a slash nor raises about one."""
    return _not_found()


def _not_found() -> HttpResponse:
    return problem_response(404, detail="没有这个接口地址。请检查大小写和末尾的斜杠，接口清单见 /api/docs/。")


def _refusal_before_routing(request) -> HttpResponse | None:
    """A problem for what no view should meet; None otherwise. Lets a body without a stated length through."""
    if "\x00" in request.path_info:  # PostgreSQL raises on it
        return _not_found()
    if names := [name for name, values in request.GET.lists() if "\x00" in "".join((name, *values))]:
        faults = [Fault(shown(name), "invalid", NUL) for name in names]
        return problem_response(400, detail=NUL, faults=faults)
    if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
        if not request.META.get("wsgi.input_terminated"):
            return problem_response(411)
        # Django would read nothing. The server ends the stream itself; the parser stops at its own limit.
        request._stream = LimitedStream(request.META["wsgi.input"], MAX_UNSTATED_BODY)
        request.META["CONTENT_LENGTH"] = "1"  # not 0, so that it is read at all
    return None


def _as_problem(response) -> HttpResponse:
    answer = problem_response(response.status_code)
    for name, value in response.headers.items():
        if name.lower() not in _ABOUT_THE_BODY:
            answer.headers[name] = value
    answer.cookies = response.cookies
    return answer


def _without_body_for_head(request, response) -> HttpResponse:
    """HEAD answers with GET's headers and no body: not every server cuts it off."""
    if request.method == "HEAD" and isinstance(response, HttpResponse):
        length = str(len(response.content))
        response.content = b""
        response.headers["Content-Length"] = length
    return response
