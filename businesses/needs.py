"""Whose number somebody needs to see for their work: staff see an identity or an account only beside a case that is
open and theirs to handle. Which cases there are is said by the rooms to the right (``register``)."""

from .models import PaymentAccount

# Each: ``rule(user, operators)`` -> ``{operator: accounts}`` for those of ``operators`` (ids) that ``user`` has an open
# case of, with the ids of the accounts that these cases name.
RULES = []


def register(rule):
    RULES.append(rule)
    return rule


def people_needed_by(user, operators) -> dict[int, set[int]]:
    """Those of ``operators`` (ids) that ``user`` has an open case of, with the accounts the cases name. A query for
    each rule, however many operators."""
    found = {}
    for rule in RULES:
        for operator, accounts in rule(user, list(operators)).items():
            found.setdefault(operator, set()).update(accounts)
    return found


def needs(user, subject) -> bool:
    """Whether a case needs the number of ``subject``: an Operator, or a PaymentAccount that stands or that a case
    names."""
    if not isinstance(subject, PaymentAccount):
        return subject.pk in people_needed_by(user, [subject.pk])
    named = people_needed_by(user, [subject.operator_id]).get(subject.operator_id)
    return named is not None and (subject.ended_at is None or subject.pk in named)
