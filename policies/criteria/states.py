"""What follows from a rule for one profile on one day: state, dates, rows and amount.

The eight states, in the order in which they are decided: ``have`` (already held), ``closed`` (outside the window),
``auto`` / ``now`` (met), ``unknown`` (an answer is missing), ``soon`` (a later day is met), ``if`` (an owner can
change what fails), ``no``. A benefit without an amount is only ever ``have``, ``closed``, ``no`` or ``now``.
"""

from dataclasses import dataclass
from datetime import date

from core.facts import Profile

from .amounts import Amount, TaxYear
from .operators import ONE_DAY
from .rules import Rule
from .tree import Leaf
from .verdict import FAIL, PASS, STAFF, UNKNOWN, Moment

STATES = ("now", "auto", "soon", "if", "unknown", "no", "have", "closed")
OPEN_STATES = ("now", "auto")
WITHHELD = ("closed", "no", "have")
NEEDS_NOTHING = ("automatic", "no_application")


@dataclass(eq=False, slots=True)
class Assessment:
    """One rule for one profile on one day. ``levels``: the outcome of every leaf on the day.

    ``turning``: the later moment that decided soon or unknown, else None. ``beside``: titles of what is held and
    excludes this.
    """

    rule: Rule
    profile: Profile
    day: date
    levels: list[int]
    state: str = "no"
    eligible_from: date | None = None
    apply_before: date | None = None
    turning: Moment | None = None
    amount: Amount | None = None
    beside: tuple[str, ...] = ()
    _moments: list[Moment] | None = None

    @property
    def moments(self) -> list[Moment]:
        """The day itself, and the later days inside the window on which a leaf may flip. Worked out when asked for."""
        if self._moments is None:
            program, window = self.rule.program, self.rule.window
            first = max(self.day, window.opens_on or self.day)
            if first == self.day:
                self._moments = program.moments(self.profile, self.day, window.closes_on, self.levels)
            else:
                self._moments = [
                    Moment(self.day, self.levels),
                    *program.moments(self.profile, first, window.closes_on),
                ]
        return self._moments

    @property
    def missing_facts(self) -> list[str]:
        """Facts of unknown leaves whose ancestors are all unknown, in the order of the tree; empty unless unknown."""
        if self.state != "unknown":
            return []
        found = {}
        self._collect_missing(self.rule.criteria, self.levels, found)
        if not found and self.turning:
            self._collect_missing(self.rule.criteria, self.turning.levels, found)
        return list(found)

    def _collect_missing(self, node, levels, found) -> None:
        if self.rule.program.combine(node)(levels) != UNKNOWN:
            return
        if isinstance(node, Leaf):
            values = self.profile.values
            found.update(
                (fact.name, None) for fact in node.facts if not fact.is_settled(values.get(fact.name))
            )
        else:
            for child in node.children:
                self._collect_missing(child, levels, found)


def assess(rule, profile, day, *, document_closed=False, held=False, beside=()) -> Assessment:
    """State and dates of one rule. ``held``: a live holding exists; ``beside``: titles of benefits that exclude it and
    of which one does. Amounts follow in ``assess_all``."""
    program = rule.program
    levels = program.levels_on(profile, day)
    found = Assessment(rule, profile, day, levels, beside=tuple(beside))
    level = program.level(levels)
    if held or (program.held and any(levels[place] == FAIL for place in program.held)):
        found.state = "have"
    elif beside:
        found.state = "no"
    elif document_closed or not rule.is_open_on(day):
        found.state = "closed"
        opens_on = rule.window.opens_on
        if not document_closed and opens_on and opens_on > day and rule.window.is_open_on(opens_on):
            found.eligible_from = opens_on
    elif not rule.is_money:
        if level != FAIL:
            found.state = "now"
            found.apply_before = _stretch(found, 0, program.level, at_least=UNKNOWN)
    elif level >= STAFF:
        found.state = "auto" if rule.delivery in NEEDS_NOTHING else "now"
        found.apply_before = _stretch(found, 0, program.level)
    elif level == UNKNOWN:
        _set_possible(found, "unknown", ())
    else:
        _decide_unmet(found)
    return found


def _decide_unmet(found) -> None:
    """Unmet today: soon, unknown later, changeable, or no."""
    program, levels, profile = found.rule.program, found.levels, found.profile
    failing = [place for place in program.changeable if levels[place] == FAIL]
    changeable = [place for place in failing if can_change(program.leaves[place], profile)]
    if any(levels[place] == FAIL and place not in changeable for place in program.final):
        return
    if program.moving:
        for place, moment in enumerate(found.moments[1:], 1):
            if program.level(moment.levels) >= STAFF:
                found.state, found.eligible_from, found.turning = "soon", moment.day, moment
                found.apply_before = _stretch(found, place, program.level)
                return
        for moment in found.moments[1:]:
            if program.level(moment.levels) == UNKNOWN:
                found.turning = moment
                _set_possible(found, "unknown", ())
                return
    _set_possible(found, "if", changeable)


def can_change(leaf, profile):
    """Whether the owner can make a leaf pass."""
    return leaf.can_change(profile.values.get(leaf.facts[0].name))


def _set_possible(found, state, changeable) -> None:
    """The state and the dates on which the rule could be met, counting unknown and ``changeable`` leaves as met.

    Where it could not be met on any day nothing is set.
    """
    level = found.rule.program.level

    def could_be(levels):
        hopeful = [PASS if level == UNKNOWN else level for level in levels]
        for place in changeable:
            hopeful[place] = PASS
        return level(hopeful)

    for place, moment in enumerate(found.moments):
        if could_be(moment.levels) >= STAFF:
            found.state = state
            found.eligible_from = moment.day if place else None
            found.apply_before = _stretch(found, place, could_be)
            return


def _stretch(found, place, level, at_least=STAFF):
    """The last day of the stretch that begins at ``moments[place]``, cut by the window; None if it is open."""
    if found.rule.program.moving:
        for moment in found.moments[place + 1 :]:
            if level(moment.levels) < at_least:
                return moment.day - ONE_DAY
    return found.rule.window.closes_on


def assess_all(rules, profile, day, *, closed_documents=frozenset(), held=frozenset()) -> list[Assessment]:
    """Every rule with its amount, in the order given. ``closed_documents`` and ``held`` hold benefit codes."""
    beside = _beside(rules, held) if held else {}
    assessments = [
        assess(
            rule,
            profile,
            day,
            document_closed=rule.code in closed_documents,
            held=rule.code in held,
            beside=beside.get(rule.code, ()),
        )
        for rule in rules
    ]
    automatic = [found.rule.amount for found in assessments if found.state == "auto" and found.rule.is_tax]
    shared = {}
    for found in assessments:
        found.amount = _amount(found, automatic, shared)
    return assessments


def _beside(rules, held):
    """``{code: titles}`` of what is held and excludes a benefit, whichever of the two names the other."""
    found = {}
    for one in rules:
        for other in rules:
            if other.code in held and (other.code in one.excludes or one.code in other.excludes):
                found.setdefault(one.code, []).append(other.title)
    return found


def _amount(found, automatic, shared):
    rule = found.rule
    if found.state in WITHHELD or not rule.is_money:
        return rule.nothing_promised
    day = found.eligible_from if found.state == "soon" else found.day
    if not rule.is_tax:
        return rule.amount.on(found.profile, day, rule.title)
    others = [amount for amount in automatic if type(amount) is not type(rule.amount)]
    key = (day.year, found.state == "auto" or rule.code)
    if key not in shared:
        shared[key] = TaxYear(found.profile, day.year, [*others, rule.amount])
    return shared[key].amount_of(rule.amount)
