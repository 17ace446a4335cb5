"""The register in the admin, by what the screens are about."""

from . import imports, people, register, standing

__all__ = ["imports", "people", "register", "standing"]
