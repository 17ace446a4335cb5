"""The limit of what this server can do: views that do nothing behind the same middleware, and the portal."""

from functools import cache

from django.conf import settings
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

JSON = "application/json"


@cache
def _bytes_of(name):
    return (settings.BENCHMARK_FOLDER / name).read_bytes()


def bare_list(request):
    """The bytes of the measures list, from memory."""
    return HttpResponse(_bytes_of("list.json"), content_type=JSON)


@csrf_exempt
def bare_answer(request):
    """Reads the body and sends as many bytes as an evaluation's answer."""
    request.body  # noqa: B018
    return HttpResponse(_bytes_of("answer.json"), content_type=JSON)


urlpatterns = [
    path("api/bare/list/", bare_list),
    path("api/bare/answer/", bare_answer),
    path("", include("portal.urls")),
]
