"""检查计划 and 双随机抽查 in the admin."""

from . import draws, visits

__all__ = ["draws", "visits"]
