"""Catalogue and rules in the admin: what is browsed (catalogue), what owners meet besides (owners), how drafts are
written and published (versions)."""

from . import catalogue, owners, versions

__all__ = ["catalogue", "owners", "versions"]
