"""The register in the admin, by what the screens are about."""

from . import register

__all__ = ["register"]
