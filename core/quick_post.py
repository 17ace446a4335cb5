"""The way of an API request that is asked often: straight from body to answer."""

from django.http import HttpResponse
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from core.api import ANY_JSON, StrictJSONParser, answer_with_problem, refuse_odd_parameters


class QuickPost(APIView):
    """A POST that anyone may send, answered from its body alone by ``answer(body) -> bytes``.

    The usual request skips what it has no use for: choosing a format, finding out who asks. Whatever is unusual about
    it goes the library's way, and so do its refusals and all other methods.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def dispatch(self, request, *args, **kwargs):
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
            return HttpResponse(self.answer(body), content_type="application/json")
        except Exception as exc:
            response = answer_with_problem(exc, {})
            if response is None:
                raise
            return response

    def post(self, request):
        refuse_odd_parameters(request, ())
        return HttpResponse(self.answer(request.data), content_type="application/json")
