"""The ways to publish that benchmarks/publish.py compares: ours, the plain INSERT pair, bulk_create, OpenFisca."""

from benchmarks import benefits

REAL = "M05c"
MOST = 10_000  # shops for bulk_create, told per row


class Publish:
    """The ways to publish one benefit. Each takes what ``prepared`` gives: (version, push run)."""

    def __init__(self, code, hand, prepare, folder):
        from django.utils import timezone

        self.code, self.hand, self.prepare, self.folder = code, hand, prepare, folder
        self.day = timezone.localdate()

    def prepared(self):
        """A version just published and nothing of its benefit stored; what was written before is on disk."""
        from benchmarks.city import checkpoint

        self.prepare()
        found = benefits.publish(self.code)
        checkpoint()
        return found

    def one_worker(self, published):
        from notifications.pushes import pushing

        if not pushing.work(published[1].pk, seconds=3600):
            raise RuntimeError("The run did not end.")

    def again(self, published):
        from notifications.pushes import pushing, runs

        version, run = published
        same, created = runs.begin(version, run.cause, run.day)
        if created or not pushing.work(same.pk, seconds=3600):
            raise RuntimeError("A finished run was begun again.")

    def done(self):
        """A finished publish, to be run again."""
        published = self.prepared()
        self.one_worker(published)
        return published

    def pair(self, published):
        version, run = published
        insert_pair(self.hand, self.day, version.benefit_id, version.pk, run.pk)

    def bulk_create(self, published):
        """The usual way: objects of the shops that fit, a thousand at a time."""
        from django.db import transaction

        from businesses.models import Business
        from eligibility.models import Match
        from notifications.models import Notification

        matches, messages = [], {}
        with transaction.atomic():
            for shop in Business.objects.order_by("pk")[:MOST].iterator(2_000):
                if found := self._fits(shop):
                    matches.append(Match(**self._decision(shop, published, *found)))
                    message = Notification(**self._message(shop, published))
                    messages.setdefault(shop.operator_id, message)
            Match.objects.bulk_create(matches, batch_size=1000, ignore_conflicts=True)
            Notification.objects.bulk_create(messages.values(), batch_size=1000, ignore_conflicts=True)

    def _about(self, shop, published):
        version, _ = published
        return {
            "benefit_id": version.benefit_id,
            "business_id": shop.pk,
            "operator_id": shop.operator_id,
            "version_id": version.pk,
        }

    def _decision(self, shop, published, value, maximum, until):
        return self._about(shop, published) | {
            "facts_version": shop.version,
            "state": 1,
            "value_fen": value,
            "maximum_fen": maximum,
            "apply_before": until,
            "decided_on": self.day,
        }

    def _message(self, shop, published):
        return self._about(shop, published) | {"run_id": published[1].pk, "kind": 1, "day": self.day}

    def _fits(self, shop):
        """(value, maximum, until) by a calculator class; None where the shop does not fit."""
        from benchmarks.peers.objects import Rent
        from policies.criteria.durations import Duration

        if self.code != REAL:
            return 10000, 10000, None
        found = Rent(shop, self.day)
        if not found.fits():
            return None
        maximum = min(int((shop.monthly_rent or 500) * 100), 50000) * (36 - shop.rent_subsidy_months_received)
        return found.amount(), maximum, Duration("years", 5).after(shop.registered_on)

    def openfisca(self, register, published):
        """Facts by COPY, all shops at once, rows back by COPY. Without states, dates and upper bounds."""
        from django.db import connection, transaction

        from benchmarks.peers import openfisca_bulk

        version, run = published
        with transaction.atomic(), connection.cursor() as cursor:
            arrays = openfisca_bulk.by_copy(cursor)
            fits, value = None, 10000
            if self.code == REAL:
                verdicts, amounts = register.answer(arrays, codes=(REAL,))
                fits, value = verdicts[REAL], amounts[REAL]
            openfisca_bulk.copy_in(cursor, arrays, fits, value, version, run.pk, self.day)


def insert_pair(hand, day, benefit, version, run):
    """The limit: one INSERT for decisions, one for messages, one transaction. ``hand``: a code of hand_sql.py."""
    from django.db import connection, transaction

    from benchmarks.peers.hand_sql import literal, select
    from eligibility.models import Match
    from notifications.models import Notification

    sql, on = select(hand, day), literal(day)
    now = "now()" if connection.vendor == "postgresql" else "datetime('now')"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {Match._meta.db_table} (benefit_id, version_id, decided_on, business_id, operator_id,
                facts_version, state, eligible_from, apply_before, value_fen, maximum_fen)
            SELECT {benefit}, {version}, {on}, found.* FROM ({sql}) found"""
        )
        cursor.execute(
            f"""INSERT INTO {Notification._meta.db_table}
                (operator_id, business_id, benefit_id, version_id, run_id, kind, day, created_at)
            SELECT operator_id, MIN(business_id), {benefit}, {version}, {run},
                CASE WHEN state = 3 THEN 2 ELSE 1 END AS told, {on}, {now}
            FROM ({sql}) found WHERE operator_id IS NOT NULL GROUP BY operator_id, told"""
        )


def stored(benefit_id, n=None):
    """(decisions, sum of values, messages) of a benefit; ``n``: of the first so many shops alone."""
    from django.db.models import Sum

    from businesses.models import Business
    from eligibility.models import Match
    from notifications.models import Notification

    matches = Match.objects.filter(benefit=benefit_id, closed_on=None)
    messages = Notification.objects.filter(benefit=benefit_id)
    if n:
        last = Business.objects.order_by("pk").values_list("pk", flat=True)[n - 1]
        matches, messages = matches.filter(business__lte=last), messages.filter(business__lte=last)
    return matches.count(), matches.aggregate(sum=Sum("value_fen"))["sum"] or 0, messages.count()
