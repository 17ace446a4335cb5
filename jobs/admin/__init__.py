"""Staff of the labour market: posts that want reading, and how contacts come out. Nobody's number stands here."""

from . import contacts, posts

__all__ = ["contacts", "posts"]
