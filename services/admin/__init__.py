"""The room in the admin: 服务办件 of bureaus, 接单 of whoever was asked, 服务 and who came, 答复公开."""

from . import cases, legs, offerings, slots

__all__ = ["cases", "legs", "offerings", "slots"]
