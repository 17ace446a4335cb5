"""What is said of an offering: who it is for, whether it can be asked for today, what is promised."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import orjson
from django.utils import timezone

from core.facts import Profile
from core.wording import day_text
from policies.catalogue import PublishedVersion, catalogue
from policies.criteria.rows import rows
from policies.criteria.rules import Rule, read_rule
from policies.criteria.states import Assessment, assess_all
from policies.criteria.tree import RuleError
from policies.criteria.verdict import PASS

from ..kinds import KINDS
from ..models import Offering

logger = logging.getLogger(__name__)
FITS = ("now", "auto")
ALONE = {"kind": "service", "delivery": "service", "criteria": {"all": []}}
UNREADABLE = "谁可以办正在重新核对，暂时不能办。急的请拨 12345。"


def promise(case) -> tuple[int | None, None]:
    """As the offering says; nothing while nobody has stated it."""
    return case.request.offering.promise_days, None


def titled(case) -> str:
    return case.request.offering.title


@dataclass(frozen=True)
class Fit:
    """Whether an offering is for a shop. ``rows``: its criteria as every page shows them; ``is_relevant``: it is likely
    to be of use; ``found``: the assessment that says so, None where there are no criteria."""

    fits: bool
    rows: tuple
    is_relevant: bool
    found: Assessment | None = None

    @property
    def failing(self) -> list[dict]:
        return [row for row in self.rows if row["result"] == "fail"]


FOR_ALL = Fit(True, (), False)


def fit_of(offering: Offering, profile: Profile, day: date) -> Fit:
    """What the criteria of an offering say of a shop on ``day``."""
    return _fit(rule_of(offering), profile, day)


def _fit(rule, profile, day) -> Fit:
    if rule is None:
        return FOR_ALL
    found = assess_all([rule], profile, day)[0]
    return Fit(found.state in FITS, tuple(rows(found)), _is_relevant(rule.relevance, profile, day), found)


def _is_relevant(relevance, profile, day) -> bool:
    """Whether it is likely to be of use to the shop; to all where nothing is said of that."""
    return relevance is None or relevance.level(relevance.levels_on(profile, day)) >= PASS


def rule_of(offering: Offering) -> Rule | None:
    """Its criteria as a rule: its own, else those of its benefit; the same for all that say the same. None where the
    benefit is not in force, and where its own cannot be read any more."""
    edition = catalogue().edition
    return _rule_among(_versions(edition, timezone.localdate()), offering, edition)


def _rule_among(versions, offering, edition) -> Rule | None:
    version = versions.get(offering.benefit_id)
    if version is None:
        return None
    return _rule(_own(offering), version.pk, edition) if _has_own(offering) else version.rule


def check_rule(offering: Offering) -> None:
    """Raises RuleError naming the place where its criteria or its relevance cannot be read, whether its benefit is in
    force or not."""
    benefit, edition = catalogue().by_id.get(offering.benefit_id), catalogue().edition
    versions = benefit.versions if benefit is not None else []
    now = benefit and benefit.in_force_on(timezone.localdate())
    version = now or next(iter(versions), None)
    if _has_own(offering):
        _read(_own(offering), version, edition)


def is_unreadable(offering: Offering) -> bool:
    """Whether it was written for criteria that have changed since: nobody can be told whether it is for them."""
    is_in_force = offering.benefit_id in _versions(catalogue().edition, timezone.localdate())
    return is_in_force and _has_own(offering) and rule_of(offering) is None


def _has_own(offering) -> bool:
    return bool(offering.criteria or offering.relevance)


def _own(offering) -> tuple[str | None, ...]:
    """Criteria and relevance as JSON. Lists, which read a thousand of which forty differ, have them as text already."""
    return tuple(
        _sorted(one) if isinstance(one, str) else _spelled(one) if one else None
        for one in (offering.criteria, offering.relevance)
    )


def _spelled(tree) -> str:
    return orjson.dumps(tree, option=orjson.OPT_SORT_KEYS).decode()


@lru_cache(maxsize=2_000)
def _sorted(text) -> str:
    """As ``_spelled``, however the database spells it."""
    return _spelled(orjson.loads(text))


@lru_cache(maxsize=4)
def _versions(edition, day) -> dict[int, PublishedVersion]:
    """What is in force on ``day``, by the id of its benefit: lists ask of rows of which no more is read."""
    rows = catalogue().benefits.values()
    return {row.pk: version for row in rows if (version := row.in_force_on(day)) is not None}


@lru_cache(maxsize=500)
def _rule(own, version, edition) -> Rule | None:
    found = next(one for one in catalogue().in_force_on(timezone.localdate()).values() if one.pk == version)
    try:
        return _read(own, found, edition)
    except RuleError as problem:
        logger.error("an offering of %s has criteria that cannot be read: %s", found.rule.code, problem)
        return None


def _read(own, version, edition) -> Rule:
    """``version``: of the benefit; None where it has none, and then nothing but the trees is looked at."""
    criteria, relevance = (one and orjson.loads(one) for one in own)
    content = (version.content if version else ALONE) | {"amount": {"none": {}}}
    content |= {"conditions": _conditions(edition)}
    content |= {"criteria": criteria} if criteria else {}
    content |= {"relevance": relevance} if relevance else {}
    return read_rule(content, registry=catalogue().registry, code=version.rule.code if version else "")


@lru_cache(maxsize=4)
def _conditions(edition) -> dict:
    """The named conditions of every benefit in force: an offering may use them as well."""
    found = {}
    for version in catalogue().in_force_on(timezone.localdate()).values():
        found |= version.content.get("conditions") or {}
    return found


def closed_because(offering: Offering, today: date) -> str:
    """Why nobody can ask for it today; empty where they can."""
    if offering.status != Offering.Status.PUBLISHED:
        return "这项服务现在不办了。"
    if offering.opens_on and today < offering.opens_on:
        return f"{day_text(offering.opens_on)}才开始，到时再来。"
    if offering.closes_on and today > offering.closes_on:
        return f"{day_text(offering.closes_on)}已经结束。"
    if offering.paused_until and today < offering.paused_until:
        why = offering.paused_because or "等着办的太多"
        return f"先停一停，{why}。{day_text(offering.paused_until)}再开。"
    if catalogue().benefits[offering.benefit.code].in_force_on(today) is None:
        return "依据的政策现在没有生效，不能办。"
    if is_unreadable(offering) and not KINDS[offering.kind].open_to_all:
        return UNREADABLE
    return ""


def sorted_for(
    offerings: Iterable[Offering], profile: Profile | None, day: date
) -> list[tuple[Offering, Fit]]:
    """With what their criteria say of a shop: what fits and is of use first, what does not fit last. Offerings that say
    the same are judged once."""
    edition = catalogue().edition  # asked for once, of a thousand rows
    versions = _versions(edition, timezone.localdate())
    fits, found = {}, []
    for row in offerings:
        rule = _rule_among(versions, row, edition) if profile is not None else None
        if rule not in fits:
            fits[rule] = _fit(rule, profile, day)
        found.append((row, fits[rule]))
    return sorted(found, key=lambda pair: (not pair[1].fits, not pair[1].is_relevant))
