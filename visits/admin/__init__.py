"""检查计划 in the admin."""

from . import visits

__all__ = ["visits"]
