"""Applications and money in the admin, by what the screens are about."""

from . import giving, money, rechecks, review

__all__ = ["giving", "money", "rechecks", "review"]
