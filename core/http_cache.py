"""Answers that are the same for everybody until the catalogue's version moves: kept as bytes, with an ETag."""

import re
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from threading import Lock

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

MAX_ENTRIES = 512


class CatalogueCache:
    """Bounded memory of one process, least recently used out first. Holds one version at a time."""

    def __init__(self, max_entries=MAX_ENTRIES) -> None:
        self.max_entries = max_entries
        self._entries: OrderedDict = OrderedDict()
        self._version = None
        self._lock = Lock()

    def get(self, version, key) -> tuple | None:
        with self._lock:
            entry = self._entries.get(key) if version == self._version else None
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, version, key, entry) -> None:
        with self._lock:
            if version != self._version:
                self._entries.clear()
                self._version = version
            self._entries[key] = entry
            if len(self._entries) > self.max_entries:
                self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)


def cached_catalogue(version, cache=None) -> Callable:
    """Decorator for a whole view, ``View.as_view()`` included, whose 200 depends only on URL and version.

    ``version`` is a callable, asked on every GET and HEAD, so it must be cheap. The ETag is a digest of the
    bytes: it holds across processes and restarts, and stays when a new version changed nothing here. Caching
    never saves a client the question (``no-cache``), only the body.

    Only for answers that are the same for everyone (``authentication_classes = ()``): no cookie reaches the key.
    """
    if cache is None:
        cache = CatalogueCache()

    def decorate(view) -> Callable:
        @wraps(view)
        def answer(request, *args, **kwargs) -> HttpResponse:
            if request.method not in {"GET", "HEAD"} or not _takes_json(request):
                return view(request, *args, **kwargs)
            current, key = version(), _key(request)
            entry = cache.get(current, key)
            if entry is None:
                response = view(request, *args, **kwargs)
                if response.status_code != 200 or response.streaming:
                    return response
                entry = _kept(response)
                cache.put(current, key, entry)
            return _answer(request, *entry)

        return answer

    return decorate


def refused_type(part) -> bool:
    """Whether one entry of an Accept header says that its type is not taken."""
    return re.search(r";\s*q=0(\.0*)?\s*(;|$)", part) is not None


def _takes_json(request) -> bool:
    """False where the view has to refuse, or might choose another format."""
    accept = request.META.get("HTTP_ACCEPT") or "*/*"
    return accept == "*/*" or any(
        part.partition(";")[0].strip() in {"*/*", "application/*", "application/json"}
        and not refused_type(part)
        for part in accept.split(",")
    )


def _key(request) -> tuple:
    """Links in the answer carry scheme and host, so both belong here, as does the language of its words.

    The host is as sent: CommonMiddleware has already refused the ones that are not ours.
    """
    query = request.META.get("QUERY_STRING", "")
    if "&" in query:
        query = "&".join(sorted(query.split("&")))
    return request.scheme, request.META.get("HTTP_HOST"), request.path, query, get_language()


def _kept(response) -> tuple:
    if hasattr(response, "render"):
        response.render()
    body = response.content
    return body, response.headers["Content-Type"], f'"{blake2b(body, digest_size=16).hexdigest()}"'


def _answer(request, body, content_type, etag) -> HttpResponse:
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"}
    response = HttpResponse(body, content_type=content_type, headers=headers)
    if "HTTP_IF_NONE_MATCH" in request.META or "HTTP_IF_MATCH" in request.META:
        return get_conditional_response(request, etag=etag, response=response) or response
    return response
