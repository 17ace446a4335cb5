"""政策直通车 in the admin, by what the screens are about."""

from . import pushes, webhooks

__all__ = ["pushes", "webhooks"]
