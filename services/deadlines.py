"""The days after which time does something to a request (data/ladder.yaml)."""

from functools import cache
from pathlib import Path

from core.data_files import read_yaml

PATH = Path(__file__).with_name("data") / "ladder.yaml"


@cache
def _all() -> dict:
    return read_yaml(PATH)


def days(name: str) -> int:
    return _all()[name]["value"]


def basis_of(name: str) -> str:
    """What it rests on, in words."""
    return _all()[name]["basis"]
