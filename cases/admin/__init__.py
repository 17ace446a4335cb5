"""What belongs to every case, in the admin: appeals, ratings, interests, the audit chain, filing for others."""

from . import assisting, audit, interests, remedies

__all__ = ["assisting", "audit", "interests", "remedies"]
