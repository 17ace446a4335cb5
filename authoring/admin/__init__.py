"""Catalogue and rules in the admin: what is browsed (catalogue), how drafts are written and published (versions)."""

from . import catalogue, versions

__all__ = ["catalogue", "versions"]
