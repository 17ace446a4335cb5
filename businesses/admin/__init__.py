"""The register in the admin, by what the screens are about."""

from . import credit, distinctive, imports, people, register, types

__all__ = ["credit", "distinctive", "imports", "people", "register", "types"]
