"""Certificates of classes: a number that says which class, and which of those who came."""

from cases.models import Case
from cases.transitions import change


def number(case: Case, **more) -> None:
    """For ``Verb.also``: the certificate gets its number."""
    change(case, certificate=f"ZS-{case.request.slot_id:06d}-{case.pk:08d}")
