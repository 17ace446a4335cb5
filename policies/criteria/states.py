"""What follows from a rule for one profile on one day: state, dates, rows and amount.

The eight states, in the order in which they are decided: ``have`` (already held), ``closed`` (outside the window),
``auto`` / ``now`` (met), ``unknown`` (an answer is missing), ``soon`` (a later day is met), ``if`` (an owner can
change what fails), ``no``. A benefit without an amount is only ever ``have``, ``closed``, ``no`` or ``now``.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from core.facts import Profile

from .amounts import Amount, TaxYear
from .rules import Rule
from .tree import Leaf
from .verdict import FAIL, PASS, STAFF, UNKNOWN, Moment

STATES = ("now", "auto", "soon", "if", "unknown", "no", "have", "closed")
OPEN_STATES = ("now", "auto")
WITHHELD = ("closed", "no", "have")
NEEDS_NOTHING = ("automatic", "no_application")


@dataclass(eq=False, slots=True)
class Assessment:
    """One rule for one profile on one day. ``turning`` is the later moment that decided soon or unknown, else None."""

    rule: Rule
    profile: Profile
    day: date
    state: str
    eligible_from: date | None
    apply_before: date | None
    moments: list[Moment]
    turning: Moment | None = None
    amount: Amount | None = None

    @property
    def missing_facts(self):
        """Facts of unknown leaves whose ancestors are all unknown, in the order of the tree; empty unless unknown."""
        if self.state != "unknown":
            return []
        found = {}
        for moment in (self.moments[0], self.turning):
            if moment is not None:
                self._collect_missing(self.rule.criteria, moment.levels, found)
                if found:
                    break
        return list(found)

    def _collect_missing(self, node, levels, found):
        if self.rule.program.combine(node)(levels) != UNKNOWN:
            return
        if isinstance(node, Leaf):
            found.update(
                (fact.name, None) for fact in node.facts if self.profile.values.get(fact.name) is None
            )
        else:
            for child in node.children:
                self._collect_missing(child, levels, found)


def assess(rule, profile, day, *, document_closed=False, held=False) -> Assessment:
    """State and dates of one rule. ``held``: a live holding exists. Amounts follow in ``assess_all``."""
    program = rule.program
    levels = program.levels_on(profile, day)
    if held or any(levels[place] == FAIL for place in program.held):
        moments = program.moments(profile, day, rule.window.closes_on, levels)
        return Assessment(rule, profile, day, "have", None, None, moments)
    if document_closed or not rule.window.is_open_on(day) or not rule.figures_stand_on(day):
        return _closed(rule, profile, day, document_closed)
    moments = program.moments(profile, day, rule.window.closes_on, levels)
    level = program.level(levels)
    if not rule.is_money:
        state = "no" if level == FAIL else "now"
        last = None if state == "no" else _stretch(rule, moments, 0, program.level, at_least=UNKNOWN)
        return Assessment(rule, profile, day, state, None, last, moments)
    if level >= STAFF:
        state = "auto" if rule.delivery in NEEDS_NOTHING else "now"
        return Assessment(rule, profile, day, state, None, _stretch(rule, moments, 0, program.level), moments)
    if level == UNKNOWN:
        return _possible(rule, profile, day, "unknown", moments, None, ())
    return _unmet(rule, profile, day, moments)


def _closed(rule, profile, day, document_closed):
    """Outside the window. What a row may still become counts only on days inside it."""
    opens_on, last = rule.window.opens_on, rule.window.closes_on
    future = opens_on if opens_on and opens_on > day and not document_closed else None
    moments = [Moment(day, rule.program.levels_on(profile, day))]
    if last is None or last > day:
        inside = rule.program.moments(profile, max(day, opens_on or day), last)
        moments += [moment for moment in inside if moment.day > day]
    return Assessment(rule, profile, day, "closed", future, None, moments)


def _unmet(rule, profile, day, moments):
    """Unmet today: soon, unknown later, changeable, or no."""
    level = rule.program.level
    for place, moment in enumerate(moments[1:], 1):
        if level(moment.levels) >= STAFF:
            last = _stretch(rule, moments, place, level)
            return Assessment(rule, profile, day, "soon", moment.day, last, moments, moment)
    for moment in moments[1:]:
        if level(moment.levels) == UNKNOWN:
            return _possible(rule, profile, day, "unknown", moments, moment, ())
    changeable = [
        place
        for place in rule.program.changeable
        if moments[0].levels[place] == FAIL and _owner_can_change(rule.program.leaves[place], profile)
    ]
    possible = _possible(rule, profile, day, "if", moments, None, changeable)
    return possible or Assessment(rule, profile, day, "no", None, None, moments)


def _owner_can_change(leaf, profile):
    return leaf.can_change(profile.values.get(leaf.facts[0].name))


def _possible(rule, profile, day, state, moments, turning, changeable):
    """The state with the dates on which the rule could be met, counting unknown and ``changeable`` leaves as met.

    None where it could not be met on any day.
    """

    def could_be(levels):
        hopeful = [PASS if level == UNKNOWN else level for level in levels]
        for place in changeable:
            hopeful[place] = PASS
        return rule.program.level(hopeful)

    for place, moment in enumerate(moments):
        if could_be(moment.levels) >= STAFF:
            last = _stretch(rule, moments, place, could_be)
            return Assessment(
                rule, profile, day, state, moment.day if place else None, last, moments, turning
            )
    return None


def _stretch(rule, moments, place, level, at_least=STAFF):
    """The last day of the stretch that begins at ``moments[place]``, cut by the window; None if it is open."""
    for moment in moments[place + 1 :]:
        if level(moment.levels) < at_least:
            return moment.day - timedelta(days=1)
    return rule.window.closes_on


def assess_all(rules, profile, day, *, closed_documents=frozenset(), held=frozenset()) -> list[Assessment]:
    """Every rule with its amount, in the order given. ``closed_documents`` and ``held`` hold benefit codes."""
    assessments = [
        assess(rule, profile, day, document_closed=rule.code in closed_documents, held=rule.code in held)
        for rule in rules
    ]
    automatic = [found.rule.amount for found in assessments if found.state == "auto" and found.rule.is_tax]
    shared = {}
    for found in assessments:
        found.amount = _amount(found, automatic, shared)
    return assessments


def _amount(found, automatic, shared):
    rule = found.rule
    if found.state in WITHHELD or not rule.is_money:
        return Amount(None, None, rule.amount.unit, rule.amount.category)
    day = found.eligible_from if found.state == "soon" else found.day
    if not rule.is_tax:
        return rule.amount.on(found.profile, day, rule.title)
    others = [amount for amount in automatic if type(amount) is not type(rule.amount)]
    key = (day.year, found.state == "auto" or rule.code)
    if key not in shared:
        shared[key] = TaxYear(found.profile, day.year, [*others, rule.amount])
    return shared[key].amount_of(rule.amount)
