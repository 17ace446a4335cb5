"""The Chinese font that letters are set in, wherever this machine has one."""

from functools import cache
from pathlib import Path
from typing import NamedTuple


class Font(NamedTuple):
    """``face``: which one of a collection."""

    path: Path
    face: int = 0


# Best first. The second figure: the face for Chinese of the mainland in a collection.
KNOWN = (
    ("NotoSansCJK-Regular.ttc", 2),
    ("NotoSansCJKsc-Regular.otf", 0),
    ("NotoSansSC-Regular.otf", 0),
    ("NotoSansSC-Regular.ttf", 0),
    ("SourceHanSansSC-Regular.otf", 0),
    ("wqy-microhei.ttc", 0),
    ("wqy-zenhei.ttc", 0),
    ("msyh.ttc", 0),
    ("simhei.ttf", 0),
    ("simsun.ttc", 0),
    ("Arial Unicode.ttf", 0),
    ("STHeiti Light.ttc", 1),
)
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "C:/Windows/Fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
)


def find(folders=FOLDERS) -> Font | None:
    """The best known font under ``folders``, None where there is none."""
    there = {
        path.name.lower(): path
        for folder in map(Path, folders)
        if folder.is_dir()
        for path in sorted(folder.rglob("*.[tToO][tT][fFcC]"))
    }
    return next((Font(there[name.lower()], face) for name, face in KNOWN if name.lower() in there), None)


@cache
def found() -> Font | None:
    """As ``find`` says, looked for once in a process."""
    return find()
