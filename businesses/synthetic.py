"""Made-up shops, as the API takes them, for tests and benchmarks. Facts are drawn one by one; portal/city.py makes
whole ones.

All shares and numbers stand in data/city.yaml and are synthetic: invented so that each rule meets shops on both sides
of its edges, counted nowhere. The same seed gives the same shops, on every machine.
"""

from datetime import date, timedelta
from pathlib import Path
from random import Random

from core.data_files import read_yaml

from .facts import BUILT_IN_REGISTRY

FIGURES = read_yaml(Path(__file__).parent / "data" / "city.yaml")
_PROFILES = FIGURES["profiles"]


def generate_profile(random: Random, today: date, unknown_share=0.2) -> dict:
    """One shop's facts in JSON shape. Each is left out with probability ``unknown_share``."""
    profile = {}
    for fact in BUILT_IN_REGISTRY.values():
        # Drawn even where left out, so that a larger unknown_share leaves the other facts as they are.
        left_out, value = random.random() < unknown_share, _value(fact, random, today)
        if not left_out:
            profile[fact.name] = value
    return profile


def _value(fact, random, today):
    if fact.type == "bool":
        return random.random() * 100 < _PROFILES["holds"][fact.name]
    if fact.type in ("choice", "code"):
        shares = _PROFILES["choices"][fact.name]
        return random.choices(list(shares), list(shares.values()))[0]
    if fact.type == "set":
        shares = _PROFILES["memberships"][fact.name]
        return [member for member, share in shares.items() if random.random() * 100 < share]
    if fact.type == "date":
        return (today - timedelta(days=_number(_PROFILES["days_ago"][fact.name], random))).isoformat()
    if fact.type == "integer":
        return _number(_PROFILES["integers"][fact.name], random)
    low, high, often = _PROFILES["money"].get(fact.name, _PROFILES["other_taxes"])
    return f"{_number((low * 100, high * 100, [value * 100 for value in often]), random) / 100:.2f}"


def _number(between, random):
    low, high, often = between
    return random.choice(often) if random.random() < FIGURES["at_an_edge"] else random.randint(low, high)
