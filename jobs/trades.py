"""Kinds of work and where it is done (data/trades.yaml, data/counties.yaml)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from policies import strict_yaml

FOLDER = Path(__file__).with_name("data")


@dataclass(frozen=True)
class Trade:
    """``farm``: work on the land; ``hard``: not for people under 18; ``season``: the months in which it is wanted."""

    key: str
    label: str
    group: str
    farm: bool = False
    hard: bool = False
    season: tuple[int, ...] = ()


@dataclass(frozen=True)
class County:
    code: str
    label: str
    near: tuple[str, ...]


@cache
def trades() -> dict[str, Trade]:
    """By key, in the order of the file."""
    rows = strict_yaml.load((FOLDER / "trades.yaml").read_text("utf-8")).data
    return {row["key"]: Trade(**{**row, "season": tuple(row.get("season", ()))}) for row in rows}


@cache
def counties() -> dict[str, County]:
    """By code, the city's own first."""
    rows = strict_yaml.load((FOLDER / "counties.yaml").read_text("utf-8")).data
    return {code: County(code, row["label"], tuple(row["near"])) for code, row in rows.items()}


def grouped() -> list[tuple[str, list[tuple[str, str]]]]:
    """``[(group, [(key, label)])]`` for a form."""
    found: dict[str, list] = {}
    for trade in trades().values():
        found.setdefault(trade.group, []).append((trade.key, trade.label))
    return list(found.items())


def label_of(trade: str) -> str:
    return trades()[trade].label


def place_of(county: str) -> str:
    return counties()[county].label
