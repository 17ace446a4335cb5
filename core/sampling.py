"""双随机: a sample drawn so that anyone with the list can draw it again.

Weighted sampling without replacement (Efraimidis and Spirakis 2006): a shop of weight w has the key -ln(u) / w, where u
in (0, 1) comes from HMAC-SHA-256(seed, credit code); the smallest keys are drawn. So a shop's number depends on the
seed and its own code alone, not on who else is in the list, in which order, or on which engine. The fingerprint is the
SHA-256 of the list, one line ``code weight`` a shop, sorted: who has the same list and seed gets the same draw.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from heapq import nsmallest
from typing import NamedTuple

PER_SHOP = 2
_BITS = 64
# Logarithms of Decimal are rounded correctly on every machine; those of float are not.
_EXACT = Context(prec=28)


class Candidate(NamedTuple):
    """A shop in the list. ``business``: its id here; not part of the draw."""

    code: str
    weight: int
    business: int = 0
    rated: str = ""


def _number(seed: str, what: str) -> int:
    """64 bits of what the seed says of a shop, or of an inspector at a shop."""
    return int.from_bytes(hmac.digest(seed.encode(), what.encode(), "sha256")[: _BITS // 8], "big")


def key(seed: str, candidate: Candidate) -> tuple[Decimal, str]:
    """The smaller, the earlier drawn; the code tells apart what is equal."""
    uniform = _EXACT.divide(2 * _number(seed, candidate.code) + 1, 1 << (_BITS + 1))
    return _EXACT.divide(-_EXACT.ln(uniform), candidate.weight), candidate.code


def sample(seed: str, size: int, candidates: Iterable[Candidate]) -> list[Candidate]:
    """``size`` candidates in the order drawn, or all where there are fewer. Weight 0 is never drawn."""
    drawable = (candidate for candidate in candidates if candidate.weight)
    return nsmallest(size, drawable, key=lambda candidate: key(seed, candidate))


def fingerprint(candidates: Iterable[Candidate]) -> str:
    lines = sorted(f"{candidate.code} {candidate.weight}\n" for candidate in candidates)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def who_goes(seed: str, code: str, inspectors: Sequence[str]) -> list[str]:
    """The two of ``inspectors`` (usernames) who go to a shop, by the same seed."""
    return nsmallest(PER_SHOP, inspectors, key=lambda name: (_number(seed, f"{code} {name}"), name))
