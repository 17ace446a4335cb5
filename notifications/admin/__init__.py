"""政策直通车 in the admin, by what the screens are about."""

from importlib import import_module
from importlib.util import find_spec

from . import pushes

__all__ = ["pushes"]

if find_spec(f"{__name__}.webhooks"):
    import_module(f"{__name__}.webhooks")
