"""The papers that a version of a benefit names."""

from policies.content import ACCOUNT
from policies.models import BenefitVersion


def to_upload(version: BenefitVersion) -> list[dict]:
    """Everything that anybody may have to upload, save the account."""
    return [row for row in _rows(version) if row["how"] == "upload" and row.get("role") != ACCOUNT]


def _rows(version):
    return version.content.get("materials") or ()


def named_by_role(version: BenefitVersion, role: str, otherwise: str) -> str:
    """The name of the material with a role; ``otherwise`` where the version has none."""
    return next((row["name"] for row in _rows(version) if row.get("role") == role), otherwise)


def proving(version: BenefitVersion, fact_name: str) -> list[str]:
    """Names of the materials that prove something of a fact, in the order of the list."""
    return [
        row["name"]
        for row in to_upload(version)
        if any(one.partition(".")[0] == fact_name for one in row.get("proves") or ())
    ]
