"""The room in the admin: 服务办件 of bureaus, and 接单 of whoever was asked."""

from . import cases, legs

__all__ = ["cases", "legs"]
