"""Which question to ask next: the answer that can still change a result, worth most money first.

Only ``unknown`` benefits ask, then the amounts of what can be had. A question is useful for a benefit if, for some
completion of the other missing facts, two of its answers differ in state, dates or amount.
"""

from decimal import Decimal

from core.facts import Members, Profile
from policies.criteria.consistency import samples
from policies.criteria.states import OPEN_STATES, Assessment, assess_all
from policies.criteria.tree import leaves
from policies.criteria.verdict import STAFF

MOST_TRIALS = 600
ZERO = Decimal("0.00")


def next_question(assessments: list[Assessment], registry):
    """The Fact most worth asking, or None when no answer can change a result."""
    return next(useful_facts(assessments, registry), None)


def useful_facts(assessments, registry):
    """Facts worth asking, best first: those that decide a state, then those that only change an amount."""
    deciding = _worth(
        (assessment, name)
        for assessment in assessments
        if assessment.state == "unknown"
        for name in assessment.missing_facts
    )
    for name in _ranked(deciding, registry, assessments, ("question", "amount")):
        if any(_is_useful(assessment, name) for assessment in deciding[name]):
            yield registry[name]
    for name in _amount_names(assessments, registry):
        if name not in deciding:
            yield registry[name]


def _amount_names(assessments, registry):
    wanted = _worth(
        (assessment, name)
        for assessment in assessments
        if assessment.state in OPEN_STATES
        for name in assessment.amount.missing
    )
    return _ranked(wanted, registry, assessments, ("amount", "question"))


def amount_companions(assessments, registry) -> set:
    """Facts that will set the amount of what is still undecided; asked along with a question of the same page."""
    names = {
        name
        for assessment in assessments
        if assessment.state in ("unknown", *OPEN_STATES)
        for name in assessment.amount.missing
    }
    return {
        name for name in names if registry[name].ask == "amount" and name not in assessments[0].profile.asked
    }


def _worth(pairs):
    by_name = {}
    for assessment, name in pairs:
        by_name.setdefault(name, []).append(assessment)
    return by_name


def _ranked(by_name, registry, assessments, askable) -> list:
    """Names by the money that hangs on them: cash and tax first, then loans, then how many benefits."""
    if not by_name:
        return []
    asked = assessments[0].profile.asked
    order = {name: place for place, name in enumerate(registry)}

    def rank(name):
        cash, loans = ZERO, ZERO
        for assessment in by_name[name]:
            worth = assessment.amount.maximum or assessment.amount.value or ZERO
            if assessment.amount.category == "loan":
                loans += worth
            else:
                cash += worth
        return (-cash, -loans, -len(by_name[name]), order[name])

    names = (name for name in by_name if registry[name].ask in askable and name not in asked)
    return sorted(names, key=rank)


def _is_useful(assessment, name):
    """Whether two answers can lead to different results for some completion of the other missing facts."""
    search = _Search(assessment)
    answers = search.answers(assessment.profile, name)
    return search.differs([assessment.profile.with_values({name: answer}) for answer in answers])


def _with_what_is_known(answers, known: Members | None):
    """Answers to a set fact, none of which contradicts the members known already."""
    if known is None:
        return answers
    kept = (Members(answer.yes & ~known.known | known.yes, answer.known) for answer in answers)
    return list(dict.fromkeys(kept))


class _Search:
    """Looks for a completion under which the given answers part, the hopeful completions first."""

    def __init__(self, assessment) -> None:
        self.rule, self.day = assessment.rule, assessment.day
        self.trials = 0

    def answers(self, profile: Profile, name) -> list:
        """Values of a fact that cover every way its leaves and the amount can fall; those that meet most first."""
        own = [leaf for leaf in leaves(self.rule.criteria) if any(fact.name == name for fact in leaf.facts)]
        fact = next(fact for leaf in own for fact in leaf.facts if fact.name == name)
        plain = [leaf for leaf in own if leaf.operator is not None]
        values = samples(fact, plain, self.day) if plain else [0, 1, 31, 1000]
        if fact.type == "set":
            values = _with_what_is_known(values, profile.values.get(name))
        program = self.rule.program
        places = [program.place[leaf.id] for leaf in own]

        def met(value):
            levels = program.levels_on(profile.with_values({name: value}), self.day)
            return tuple(levels[place] for place in places)

        by_outcome = {}
        for value in values:
            by_outcome.setdefault(met(value), []).append(value)
        hopeful = sorted(by_outcome, key=lambda outcome: -sum(level >= STAFF for level in outcome))
        # Two values per outcome: dates and amounts can differ where the verdict does not.
        return [
            value
            for outcome in hopeful
            for value in dict.fromkeys((by_outcome[outcome][0], by_outcome[outcome][-1]))
        ]

    def differs(self, profiles) -> bool:
        self.trials += len(profiles)
        if self.trials > MOST_TRIALS:
            return True  # Too much to try out: better one question too many than a wrong answer.
        assessed = [assess_all([self.rule], profile, self.day)[0] for profile in profiles]
        open_ended = [assessment for assessment in assessed if assessment.state == "unknown"]
        decided = {self._outcome(assessment) for assessment in assessed if assessment.state != "unknown"}
        if len(decided) > 1:
            return True
        if not open_ended:
            return False
        missing = next((name for assessment in open_ended for name in assessment.missing_facts), None)
        if missing is None:
            return bool(decided)
        for value in self.answers(profiles[0], missing):
            if self.differs([profile.with_values({missing: value}) for profile in profiles]):
                return True
        return False

    @staticmethod
    def _outcome(assessment):
        return (
            assessment.state,
            assessment.eligible_from,
            assessment.apply_before,
            assessment.amount.value,
            assessment.amount.maximum,
        )
