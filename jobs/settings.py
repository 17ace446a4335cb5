"""The figures of the room (data/jobs.yaml)."""

from functools import cache
from pathlib import Path

from policies import strict_yaml

PATH = Path(__file__).with_name("data") / "jobs.yaml"


@cache
def said() -> dict:
    return strict_yaml.load(PATH.read_text("utf-8")).data


def figure(name: str) -> int:
    """A whole number of the file: days, people, years."""
    return said()[name]
