"""The way of an API request that is asked often: straight from body to answer."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from core.api import ANY_JSON, Body, StrictJSONParser, answer_with_problem, refuse_odd_parameters


class QuickPost(APIView):
    """A POST that anyone may send, answered from its body alone by ``answer(asked) -> bytes``. ``post`` declares which
    body that is, and gives it to ``answer``.

    The usual request skips what it has no use for: choosing a format, finding out who asks. Whatever is unusual about
    it goes the library's way, and so do its refusals and all other methods.
    """

    post: Any  # by ``operation``
    answer: Callable[[Any], bytes]
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def dispatch(self, request, *args, **kwargs) -> HttpResponseBase:
        meta = request.META
        is_usual = (
            request.method == "POST"
            and meta.get("CONTENT_TYPE") == "application/json"
            and meta.get("HTTP_ACCEPT", "*/*") in ANY_JSON
            and not meta.get("QUERY_STRING")
        )
        if not is_usual:
            return super().dispatch(request, *args, **kwargs)
        try:
            for throttle in self.get_throttles():
                if not throttle.allow_request(request, self):
                    raise exceptions.Throttled(throttle.wait())
            body = StrictJSONParser().parse(request, parser_context={"view": self})
            return self.answered(self.post.operation.body.read(body))
        except Exception as exc:
            response = answer_with_problem(exc, {})
            if response is None:
                raise
            return response

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        refuse_odd_parameters(request, ())

    def answered(self, asked: Body) -> HttpResponse:
        return HttpResponse(self.answer(asked), content_type="application/json")
