"""Answers that belong to one person or program: kept by no cache between, but not sent twice."""

from collections.abc import Callable
from functools import wraps
from hashlib import blake2b

from django.http import HttpResponse
from django.utils.cache import get_conditional_response


def with_etag(view) -> Callable:
    """Decorator for a whole view, ``View.as_view()`` included: a GET's 200 gets an ETag, and may become a 304.

    The ETag is a digest of the body, so whatever changes what this asker may see changes it too.
    """

    @wraps(view)
    def answer(request, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method not in {"GET", "HEAD"} or response.status_code != 200:
            return response
        if hasattr(response, "render"):
            response.render()
        etag = f'"{blake2b(response.content, digest_size=16).hexdigest()}"'
        response.headers["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response) or response

    return answer
