"""The days after which time does something to a visit (data/terms.yaml), and how far ahead one is planned."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from core.data_files import read_yaml

PATH = Path(__file__).with_name("data") / "terms.yaml"


@cache
def days(name: str) -> timedelta:
    return timedelta(days=read_yaml(PATH)[name]["value"])
