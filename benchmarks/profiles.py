"""The profiles that are measured: made-up shops about which every fact is known, because not every peer has unknown."""

from datetime import date
from random import Random

from businesses.facts import BUILT_IN_REGISTRY
from businesses.synthetic import generate_profile

DAY = date(2025, 6, 30)  # all nine money benefits are inside their windows


def full_profiles(count, *, seed=1) -> list[dict]:
    """``count`` shops in JSON shape, the same for the same seed."""
    random = Random(seed)
    return [generate_profile(random, DAY, unknown_share=0) for _ in range(count)]


def as_profile(raw):
    """One shop in the inside shape."""
    return BUILT_IN_REGISTRY.read_profile(raw, as_of=DAY)
