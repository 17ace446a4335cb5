"""A new version that changes what about 0.3 % of shops can have: two lines in turn, through the verbs and by hand.

Every way leaves the same decisions standing and tells the same operators the same. The usual way deletes and inserts
all decisions, and finds whom to tell by comparing with those before; the limit is SQL written by hand for the rows that
differ. Both keep decisions under a benefit that is nobody's. Some rules draw their line through a date, which has an
index, others through a number, which has none.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from benchmarks import benefits
from benchmarks.bulk import alternate_prepared, goal, print_bulk
from benchmarks.report import ratio

OURS, HAND = "ours, new version", "hand-written SQL, only what differs"
ANEW = "delete and insert all, tell what differs"
GOAL = 20
BY_HAND = {HAND: -101, ANEW: -102}  # benefit ids: nothing refers to them
DECISION = "decided_on, business_id, operator_id, facts_version, state, value_fen, maximum_fen"


@dataclass(frozen=True)
class Line:
    """A fact, its operator, and two values between which about 0.3 % of shops lie."""

    words: str
    code: str
    fact: str
    operator: str
    values: tuple

    def criteria(self, value):
        value = value.isoformat() if isinstance(value, date) else value
        leaf = {
            "fact": self.fact,
            "op": self.operator,
            "value": value,
            "clause": "措施一",
            "origin": "source",
        }
        return {"all": [leaf]}

    def fits(self, value):
        """The condition of those that fit, in SQL."""
        from benchmarks.peers.hand_sql import literal

        return f"{self.fact} <= {literal(value) if isinstance(value, date) else value}"


LINES = (
    Line(
        "a date",
        benefits.BY_DATE,
        "registered_on",
        "on_or_before",
        (date(2024, 10, 5), date(2024, 10, 26)),
    ),
    Line("a number", benefits.BY_NUMBER, "rent_subsidy_months_received", "lte", (20, 24)),
)


def measure_new_versions(n, repeat):
    """The goals on new versions, one for each line."""
    return [found for line in LINES for found in _measure(line, n, repeat)]


def _measure(line, n, repeat):
    from benchmarks.city import empty

    empty()
    ways = _Ways(line)
    found = {
        OURS: (ways.publish, ways.push),
        HAND: (lambda: ways.draw(HAND), ways.write_what_differs),
        ANEW: (lambda: ways.draw(ANEW), ways.delete_and_insert),
    }
    rounds = alternate_prepared(found, repeat=repeat)
    print(f"\n  A new version that draws its line through {line.words} and changes {ways.changed:,} of {n:,}")
    if faults := ways.faults():
        print(f"  The ways do not leave the same, so they get no time: {faults}")
        return []
    print_bulk(rounds, dict.fromkeys(found, n), baseline=OURS, unit="shops")
    what = f"new version with {line.words} faster than to {ANEW}"
    return [goal(what, n, ratio(rounds, ANEW, OURS), GOAL)]


class _Ways:
    """The ways to bring in a new version. Each draws the line in turn at one value and at the other."""

    def __init__(self, line):
        from django.db import connection
        from django.utils import timezone

        from benchmarks.peers.hand_sql import literal
        from eligibility.models import Match
        from notifications.models import Notification
        from notifications.pushes import pushing

        self.line, self.changed = line, 0
        self.day = literal(timezone.localdate())
        self.now = "now()" if connection.vendor == "postgresql" else "datetime('now')"
        self.matches, self.messages = Match._meta.db_table, Notification._meta.db_table
        self.versions = dict.fromkeys(BY_HAND, 0)
        self.first = benefits.publish(line.code, criteria=line.criteria(line.values[0]))[1]
        pushing.work(self.first.pk, seconds=3600)
        self.at = dict.fromkeys((OURS, *BY_HAND), 0)
        with connection.cursor() as cursor:
            for benefit in BY_HAND.values():
                self._insert_all(cursor, benefit, line.fits(line.values[0]))

    def _other_value(self, way):
        """(where the line was drawn, where it is drawn now)."""
        before, self.at[way] = self.at[way], 1 - self.at[way]
        return self.line.values[before], self.line.values[self.at[way]]

    # Ours

    def publish(self):
        _, value = self._other_value(OURS)
        run = benefits.publish(self.line.code, criteria=self.line.criteria(value))[1]
        self._settle()
        return run

    def push(self, run):
        from notifications.pushes import pushing

        if not pushing.work(run.pk, seconds=3600):
            raise RuntimeError("The run did not end.")
        run.refresh_from_db()
        self.changed = run.changed

    # By hand

    def draw(self, way):
        """Conditions of those that fitted and of those that fit, in SQL."""
        values = self._other_value(way)
        self._settle()
        return [self.line.fits(value) for value in values]

    def write_what_differs(self, conditions):
        """One reading of the register, and the rows between the lines."""
        from django.db import connection, transaction

        before, after = conditions
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"""CREATE TEMPORARY TABLE differing AS
                SELECT id AS business_id, operator_id, version AS facts_version, ({after}) AS fits
                FROM businesses_business WHERE ({after}) <> ({before})"""
            )
            cursor.execute(
                f"""INSERT INTO {self.matches} (benefit_id, version_id, {DECISION})
                SELECT {BY_HAND[HAND]}, {BY_HAND[HAND]}, {self.day}, business_id, operator_id, facts_version,
                    1, 10000, 10000 FROM differing WHERE fits"""
            )
            cursor.execute(
                f"""DELETE FROM {self.matches} WHERE benefit_id = {BY_HAND[HAND]}
                AND business_id IN (SELECT business_id FROM differing WHERE NOT fits)"""
            )
            self._tell(cursor, HAND, "SELECT business_id, operator_id, fits FROM differing")
            cursor.execute("DROP TABLE differing")

    def delete_and_insert(self, conditions):
        """The usual way: everybody anew, and then whose decision came or went."""
        from django.db import connection, transaction

        benefit = BY_HAND[ANEW]
        mine = f"SELECT business_id, operator_id, %s AS fits FROM {self.matches} WHERE benefit_id = {benefit}"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE stood AS {mine % 'TRUE'}")
            cursor.execute(f"DELETE FROM {self.matches} WHERE benefit_id = {benefit}")
            self._insert_all(cursor, benefit, conditions[1])
            came = f"{mine % 'TRUE'} EXCEPT SELECT * FROM stood"
            went = f"SELECT business_id, operator_id, FALSE FROM stood EXCEPT {mine % 'FALSE'}"
            self._tell(cursor, ANEW, f"SELECT * FROM ({came}) came UNION ALL SELECT * FROM ({went}) went")
            cursor.execute("DROP TABLE stood")

    def _insert_all(self, cursor, benefit, condition):
        cursor.execute(
            f"""INSERT INTO {self.matches} (benefit_id, version_id, {DECISION})
            SELECT {benefit}, {benefit}, {self.day}, id, operator_id, version, 1, 10000, 10000
            FROM businesses_business WHERE {condition}"""
        )

    def _tell(self, cursor, way, changed):
        from notifications.models import Change

        self.versions[way] -= 1  # each round is a version, whose messages nobody has had
        cursor.execute(
            f"""INSERT INTO {self.messages}
                (operator_id, business_id, benefit_id, version_id, run_id, kind, day, created_at)
            SELECT operator_id, MIN(business_id), {BY_HAND[way]}, {self.versions[way] * 10 + BY_HAND[way]}, 0,
                CASE WHEN fits THEN {Change.NEW:d} ELSE {Change.ENDED:d} END AS told, {self.day}, {self.now}
            FROM ({changed}) changed WHERE operator_id IS NOT NULL GROUP BY operator_id, told"""
        )

    # What is left

    def _settle(self):
        from benchmarks.city import checkpoint, settle
        from eligibility.models import Match

        settle(Match)
        checkpoint()

    def faults(self):
        """Where a way by hand does not leave what ours does."""
        from eligibility.models import Match
        from notifications.models import Notification

        def left(benefit):
            decisions = Match.objects.filter(benefit=benefit, closed_on=None)
            messages = Notification.objects.filter(benefit=benefit).exclude(run=self.first)
            return (
                set(decisions.values_list("business", "operator", "value_fen")),
                Counter(messages.values_list("operator", "business", "kind")),
            )

        ours = left(self.first.version.benefit_id)
        if not self.changed or not ours[1]:
            return ["nothing has changed"]
        return [
            f"{way}: {what}"
            for way, benefit in BY_HAND.items()
            for what, one, other in zip(("decisions", "messages"), left(benefit), ours, strict=True)
            if one != other
        ]
