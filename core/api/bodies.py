"""How a body comes in and an answer goes out: strict JSON, one format, the methods there are."""

from rest_framework import exceptions
from rest_framework.metadata import BaseMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.mediatypes import _MediaType

from core import problems, strict_json
from core.errors import Invalid
from core.http_cache import refused_type


class StrictJSONParser(BaseParser):
    """A JSON object of bounded size as a dict; see core/strict_json.py for what is refused."""

    media_type = "application/json"
    max_bytes = 1_000_000
    max_nodes = 10_000

    def parse(self, stream, media_type=None, parser_context=None) -> dict:
        if media_type and ";" in media_type:
            charset = _MediaType(media_type).params.get("charset", "utf-8")
            if charset.casefold() not in ("utf-8", "utf8"):
                raise exceptions.UnsupportedMediaType(media_type)
        view = (parser_context or {}).get("view")
        max_bytes = getattr(view, "max_body_bytes", self.max_bytes)
        value = strict_json.parse(
            _read(stream, max_bytes),
            max_bytes=max_bytes,
            max_nodes=getattr(view, "max_body_nodes", self.max_nodes),
        )
        if not isinstance(value, dict):
            raise Invalid.because("", "not_an_object", "请求正文要是一个 JSON 对象，用花括号 { } 括起来。")
        return value


MOST_DRAINED = 16_000_000


def _read(stream, max_bytes) -> bytes:
    """The body up to one byte over the limit, whatever Content-Length says.

    A longer one is read to its end and thrown away: a server that hangs up on unread bytes resets the connection,
    and the client never sees why.
    """
    try:
        body = stream.read(max_bytes + 1)
        drained = len(body)
        while max_bytes < drained < MOST_DRAINED and (more := stream.read(65_536)):
            drained += len(more)
        return body
    except OSError:  # UnreadablePostError is one
        raise Invalid.because("", "incomplete", "请求正文没有传完。请重新发送。") from None


class JSONRenderer(BaseRenderer):
    """Plain values as JSON; see core.problems.dumps for how each is spelled."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return b"" if data is None else problems.dumps(data)


ANY_JSON = ("*/*", "application/json")


class Negotiation(DefaultContentNegotiation):
    """What the client takes, less what it says it does not: ``q=0`` refuses."""

    def select_renderer(self, request, renderers, format_suffix=None) -> tuple:
        if request.META.get("HTTP_ACCEPT", "*/*") in ANY_JSON:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)

    def get_accept_list(self, request) -> list:
        return [part for part in super().get_accept_list(request) if not refused_type(part)]


class Methods(BaseMetadata):
    """What OPTIONS answers: the methods there are. Shapes are in /api/schema/."""

    def determine_metadata(self, request, view) -> dict:
        return {"methods": view.allowed_methods}
