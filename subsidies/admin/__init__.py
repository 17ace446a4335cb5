"""Cases and money in the admin, by what the screens are about."""

from . import audit, giving, interests, money, rechecks, remedies, review

__all__ = ["audit", "giving", "interests", "money", "rechecks", "remedies", "review"]
