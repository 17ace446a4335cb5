"""Whether stored decisions are what the rules say today: by one statement a benefit, or shop by shop.

The statement is what stored them, so it finds rows that were lost or altered; going shop by shop is another reading of
the rule and finds a statement that is wrong.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from businesses.models import Business
from businesses.register import profile_of
from core.bulk import chunks
from policies.catalogue import Catalogue, catalogue
from policies.criteria.states import assess

from .holdings import holders_of
from .matches import match_store
from .matches.matching import STATES
from .models import Match, MatchCoverage


def subjects(known: Catalogue | None = None) -> Iterator[match_store.Subject]:
    """What is decided on each benefit of which decisions are stored, as of the day they are brought up to date to."""
    known = known or catalogue()
    by_id = {benefit.pk: benefit for benefit in known.benefits.values()}
    for coverage in MatchCoverage.objects.order_by("benefit"):
        benefit = by_id[coverage.benefit_id]
        version = benefit.in_force_on(coverage.day)
        is_decided = (
            version is not None and version.rule.is_pushed and benefit.code not in known.closed_documents
        )
        rule = version.rule if is_decided else None
        yield match_store.Subject(coverage.benefit_id, version.pk if version else 0, rule, coverage.day)


@transaction.atomic  # its tables are empty after it
def wrong_by_statement(subject: match_store.Subject) -> list[int]:
    """Ids of the shops whose stored decision is not what the statement says. Writes nothing."""
    with connection.cursor() as cursor:
        return match_store.differing(cursor, subject, Business.objects.all())


def wrong_one_by_one(subject: match_store.Subject, shops=None, *, tell=None) -> Iterator[int]:
    """Ids of the shops whose stored decision is not what an assessment of the shop says. ``tell``: of each chunk."""
    shops = Business.objects.all() if shops is None else shops
    rows = shops.select_related("record", "operator__record", "type_verdict").order_by("pk").iterator(500)
    for chunk in chunks(rows, 500):
        stored = {
            match.business_id: match
            for match in Match.objects.open().filter(benefit=subject.benefit_id, business__in=chunk)
        }
        holders = holders_of(subject.benefit_id, chunk, subject.day)
        for shop in chunk:
            expected = None if shop.pk in holders else _assessed(subject, shop)
            if expected != _stored(stored.get(shop.pk)):
                yield shop.pk
        if tell:
            tell(len(chunk))


def _assessed(subject, shop):
    if subject.rule is None:
        return None
    assessment = assess(subject.rule, profile_of(shop), subject.day)
    if assessment.state not in STATES:
        return None
    return (
        STATES[assessment.state],
        assessment.eligible_from,
        assessment.apply_before,
        *match_store.amounts_of(assessment),
        shop.operator_id,
    )


def _stored(match):
    if match is None:
        return None
    return (
        match.state,
        match.eligible_from,
        match.apply_before,
        match.value_fen,
        match.maximum_fen,
        match.operator_id,
    )
