"""How an application is handled: days, limits and remedies, by the version it was filed under, else data/terms.yaml."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from core.data_files import read_yaml
from policies.models import BenefitVersion

PATH = Path(__file__).with_name("data") / "terms.yaml"


@dataclass(frozen=True)
class Terms:
    """Working days and days as whole numbers; ``promised`` and ``legal`` are None where nothing is promised (待公布).

    ``second_approval_from``: yuan. ``unverified``: names of those whose value is 待核实.
    """

    promised_working_days: int | None
    legal_working_days: int | None
    acceptance_working_days: int
    correction_working_days: int
    publicity_days: int
    second_approval_from: Decimal
    appeal_days: int
    appeal_working_days: int
    litigation_months: int
    instalment_months: int
    draft_days: int
    claim_minutes: int
    account_watch_days: int
    rating_contact_working_days: int
    rating_mend_working_days: int
    unverified: frozenset[str]


@cache
def _usual() -> dict:
    return read_yaml(PATH)


def basis_of(name: str) -> str:
    """What a usual term rests on, in words."""
    return _usual()[name]["basis"]


def usual(name: str) -> object:
    """The value of a usual term, where no version is asked for."""
    return _usual()[name]["value"]


def terms_of(version: BenefitVersion) -> Terms:
    """The terms of a benefit version."""
    usual, own = _usual(), version.content
    values = {name: own[name] if own.get(name) is not None else row["value"] for name, row in usual.items()}
    values["second_approval_from"] = Decimal(values["second_approval_from"])
    return Terms(
        promised_working_days=own.get("promised_working_days"),
        legal_working_days=own.get("legal_working_days"),
        unverified=frozenset(
            name for name, row in usual.items() if row.get("unverified") and own.get(name) is None
        ),
        **values,
    )
