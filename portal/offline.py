"""What a browser keeps for a day without a network: the service worker that does so, made of templates/sw.js."""

import json
from functools import cache
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

FILES = ("app.css", "keep.js", "icon.svg")  # the style sheet first: a page kept under an older one gets this


@require_safe
def worker(request) -> HttpResponse:
    """``/sw.js``. It stands at the root because a worker only sees addresses below its own, and it is asked for anew
    every time: the browser compares it byte by byte, and one of another version takes the place of the shell."""
    known = {
        "version": _version(),
        "files": [static(name) for name in FILES],
        "home": reverse("home"),
        "offline": reverse("offline"),
        "results": reverse("results"),
    }
    text = render_to_string("sw.js", {"known": mark_safe(json.dumps(known))})  # noqa: S308 - no word of a person
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@cache
def _version() -> str:
    """A digest of all our static files: what a deploy changes in one of them is kept anew."""
    digest = blake2b(digest_size=8)
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
