"""应享未享: what shops could have today and have not applied for, by benefit and district, in one statement."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from businesses.facts import DISTRICTS
from businesses.models import Binding, Business
from core.money import yuan_text
from core.sql import sql
from eligibility.models import Match
from policies.catalogue import catalogue

from ..models import Change, Notification


@dataclass(frozen=True)
class Uptake:
    """What shops of one district could have of one benefit today and have not applied for.

    ``fen``: the sum of what each would get, at most where that depends or is paid by the month; None where nothing can
    be added up. ``operators`` are persons, of whom ``told`` were told, ``bound`` have bound a shop and ``opened`` have
    opened a message.
    """

    benefit: str
    title: str
    unit: str
    district: str
    shops: int
    fen: int | None
    operators: int
    told: int
    bound: int
    opened: int

    @property
    def yuan(self) -> str:
        return "" if self.fen is None else yuan_text(self.fen)

    @property
    def cells(self) -> tuple:
        """A line of the file, in the order of HEADINGS; the sum without separators, for reckoning."""
        yuan = None if self.fen is None else Decimal(self.fen) / 100
        persons = self.operators, self.told, self.bound, self.opened
        return (self.benefit, self.title, self.district, self.shops, yuan, self.unit, *persons)


HEADINGS = (
    "事项编号",
    "事项",
    "县区",
    "应享未享（户）",
    "金额",
    "单位",
    "经营者（人）",
    "写入消息（人）",
    "绑定了店（人）",
    "打开消息（人）",
)
NO_DISTRICT = "县区未登记"
UNITS = {"once": "元", "month": "元（按月发，累计最多）", "limit": "元（贷款额度，要还）"}


def uptake() -> list[Uptake]:
    """Open decisions that say "now", by benefit and district. Who holds a benefit has no open decision on it."""
    by_id = {benefit.pk: benefit for benefit in catalogue().benefits.values()}
    places = {choice.value: choice.label for choice in DISTRICTS}
    today, rows = timezone.localdate(), []
    for benefit_id, district, shops, fen, most, *persons in _uptake_rows():
        benefit = by_id[benefit_id]
        version = benefit.in_force_on(today)
        title, amount = (version.content["title"], version.rule.amount) if version else (benefit.code, None)
        sums = {"month": most, "once": fen, "limit": fen}
        # What is so much a month and what is so much in all are not added up: of those the most in all.
        sum_of = sums.get(getattr(amount, "unit", None))
        rows.append(
            Uptake(
                benefit=benefit.code,
                title=title,
                unit=UNITS.get(getattr(amount, "unit", None), ""),
                district=places.get(district, NO_DISTRICT),
                shops=int(shops),
                fen=None if sum_of is None else int(sum_of),
                operators=persons[0],
                told=int(persons[1]),
                bound=int(persons[2]),
                opened=int(persons[3]),
            )
        )
    order = [*places.values(), NO_DISTRICT]
    return sorted(rows, key=lambda row: (row.benefit, order.index(row.district)))


def _uptake_rows():
    """(benefit, district, shops, fen, fen at most, persons, told, bound, opened): grouped by person first, so that each
    is counted once."""
    statement = sql(
        """SELECT benefit_id, district, SUM(shops), SUM(fen), SUM(most), COUNT(operator_id), SUM(told),
                SUM(bound), SUM(opened)
            FROM (SELECT m.benefit_id, s.district, m.operator_id, COUNT(*) AS shops,
                    SUM(COALESCE(m.value_fen, m.maximum_fen)) AS fen, SUM(m.maximum_fen) AS most,
                    MAX(CASE WHEN t.operator_id IS NULL THEN 0 ELSE 1 END) AS told,
                    MAX(CASE WHEN b.operator_id IS NULL THEN 0 ELSE 1 END) AS bound,
                    MAX(COALESCE(t.opened, 0)) AS opened
                FROM {match} m JOIN {shop} s ON s.id = m.business_id
                LEFT JOIN (SELECT benefit_id, operator_id,
                        MAX(CASE WHEN opened_at IS NULL THEN 0 ELSE 1 END) AS opened
                    FROM {message} WHERE kind <> {ended} GROUP BY benefit_id, operator_id) t
                    ON t.benefit_id = m.benefit_id AND t.operator_id = m.operator_id
                LEFT JOIN (SELECT DISTINCT operator_id FROM {binding} WHERE ended_at IS NULL) b
                    ON b.operator_id = m.operator_id
                WHERE m.closed_on IS NULL AND m.state = {now}
                GROUP BY m.benefit_id, s.district, m.operator_id) persons
            GROUP BY benefit_id, district""",
        match=Match,
        shop=Business,
        message=Notification,
        binding=Binding,
        ended=Change.ENDED,
        now=Match.State.NOW,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
