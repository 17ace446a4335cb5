"""了解即可: a page, a file, a link or a list to check oneself against. Nothing is asked for."""

from . import Kind

KIND = Kind("information", "了解即可", None, door="看说明")
