"""The days after which time does something to a request (data/ladder.yaml)."""

from functools import cache
from pathlib import Path

import yaml

PATH = Path(__file__).with_name("data") / "ladder.yaml"


@cache
def _all() -> dict:
    return yaml.safe_load(PATH.read_text("utf-8"))


def days(name: str) -> int:
    return _all()[name]["value"]


def basis_of(name: str) -> str:
    """What it rests on, in words."""
    return _all()[name]["basis"]
