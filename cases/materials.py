"""Which papers an owner hands in. Each material of a version says what it proves and what it is for; from that, and
from what departments know, follows who needs it. No material is known by its name.

``proves``: facts, and members of a set as ``operator_groups.veteran``. A material that proves a member is a
certificate: only those who say they are that hand it in, and nobody of whom departments know enough already. ``role``:
``account`` stands for the account that is registered by itself, ``rent_payment`` is proof of rent. ``optional``: only
where somebody asks for it. Any of them may be called 不适用 with a reason, which the reviewer sees.
"""

from enum import StrEnum
from typing import NamedTuple

from core.facts import Fact, Members, Profile
from policies.content import ACCOUNT
from policies.criteria.verdict import PASS, STAFF, UNKNOWN
from policies.models import BenefitVersion

from .assessment import Judged
from .models import Case


class Need(StrEnum):
    """What is wanted of an owner: ``told``: departments know it; ``other``: it is of people they are none of."""

    NEEDED = "needed"
    OPTIONAL = "optional"
    EXCUSED = "excused"
    TOLD = "told"
    OTHER = "other"


class Wanted(NamedTuple):
    """One material for one case. ``place``: its number in the list; ``reason``: the owner's, where excused;
    ``instead``: names of those of which any one does."""

    name: str
    note: str
    place: int
    need: Need
    reason: str = ""
    instead: tuple[str, ...] = ()


def to_upload(version: BenefitVersion) -> list[dict]:
    """Everything that anybody may have to upload, save the account."""
    return [row for row in _rows(version) if row["how"] == "upload" and row.get("role") != ACCOUNT]


def _rows(version) -> list[dict]:
    return version.content.get("materials") or []


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


def wanted(version: BenefitVersion, judged: Judged, excused: dict) -> list[Wanted]:
    """Every material of a version with what is wanted of the owner who was ``judged``, in order. ``excused``: reasons
    by name, as Case keeps them."""
    rows = to_upload(version)
    certificates = _Certificates(rows, judged)
    return [
        _wanted(row, place, certificates, excused.get(row["name"], "")) for place, row in enumerate(rows, 1)
    ]


def _wanted(row, place, certificates, excuse) -> Wanted:
    need, instead = Need.NEEDED, ()
    if row["name"] in certificates.by_name:
        need, instead = certificates.need_of(row["name"])
    elif row.get("optional"):
        need = Need.OPTIONAL
    if need is Need.NEEDED and excuse:
        need = Need.EXCUSED
    return Wanted(row["name"], row.get("note") or "", place, need, excuse, instead)


class _Certificates:
    """The materials that prove who somebody is, and which of them this owner has to show.

    ``by_name``: the mask of the members that each proves.
    """

    def __init__(self, rows, judged: Judged) -> None:
        self.judged, self.fact = judged, None
        self.by_name: dict[str, int] = {}
        for row in rows:
            members = [one.partition(".") for one in row.get("proves") or () if "." in one]
            if members:
                self.fact = judged.registry[members[0][0]]
                self.by_name[row["name"]] = self.fact.mask(member for _, _, member in members)
        if self.fact is not None:
            self._weigh()

    def _weigh(self) -> None:
        own = self.judged.found.profile.values.get(self.fact.name)
        self.own = own.yes if own else 0
        everything = 0
        for mask in self.by_name.values():
            everything |= mask
        self.told = self._is_met(self.judged.book.known_profile(self.judged.registry), PASS)
        unproved = self.own & ~everything
        self.telling: tuple[str, ...] = ()
        if not self._is_met(self._only(unproved), STAFF):
            # What is still unknown may come to be met: the paper is asked for until it is known to decide nothing.
            self.telling = tuple(
                name
                for name, mask in self.by_name.items()
                if self._is_met(self._only(mask & self.own), UNKNOWN)
            )

    def _only(self, members) -> Profile:
        """The owner as if they were nothing but ``members``."""
        return self.judged.found.profile.with_values({self.fact.name: Members(members, self.fact.everything)})

    def _is_met(self, profile, level) -> bool:
        """Whether the conditions about who somebody is are met by ``profile``."""
        program = self.judged.rule.program
        levels = program.levels_on(profile, self.judged.day)
        rows = [node for node in program.root.children if _reads(node, self.fact)]
        return all(program.combine(node)(levels) >= level for node in rows)

    def need_of(self, name) -> tuple[Need, tuple[str, ...]]:
        if not self.by_name[name] & self.own:
            return Need.OTHER, ()
        if self.told:
            return Need.TOLD, ()
        if name not in self.telling:
            return Need.OPTIONAL, ()
        return Need.NEEDED, self.telling if len(self.telling) > 1 else ()


def _reads(node, fact: Fact) -> bool:
    children = getattr(node, "children", None)
    if children is None:
        return any(one.name == fact.name for one in node.stated)
    return any(_reads(child, fact) for child in children)


def missing(case: Case, judged: Judged) -> list[Wanted]:
    """What is still to be handed in: of several of which one does, all, until one of them is there."""
    files = case.files.filter(removed_at=None)
    there = set(files.exclude(evidence__status__in=["infected", "error"]).values_list("material", flat=True))
    return [
        row
        for row in wanted(case.benefit_version, judged, case.excused)
        if row.need is Need.NEEDED and row.name not in there and there.isdisjoint(row.instead)
    ]
