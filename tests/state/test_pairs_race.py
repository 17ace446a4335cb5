"""Two connections do two things to the cases of one person at the same moment, every pair of verbs, on PostgreSQL: each
is done or refused in words, nobody waits for one who waits, and everything that always holds still does."""

import random
import threading
from itertools import combinations_with_replacement

import pytest
from django.core.exceptions import PermissionDenied

from businesses.actions import set_payment_account
from cases import queue
from cases.actions import appealing, correcting
from core.errors import Invalid, Refused
from core.invariants import broken
from subsidies.actions import applying, approving, paying, reviewing
from subsidies.models import Application, PaymentBatch
from subsidies.money import budgets
from tests.core.test_idempotency import begin  # noqa: F401
from tests.notifications.register import open_shop
from tests.subsidies import world

DEFECT = [{"kind": "material", "name": "租赁合同", "reason": "照片不清楚，看不见文字"}]
ANSWER = "看过材料，理由写在这里"


class City:
    """A bureau, and for each pair a new person, with a shop and a benefit for each of the two cases."""

    def __init__(self):
        self.people = world.bureau()
        given = {"criteria": world.IN_DISTRICT, "once_per_person": False, "second_approval_from": "999999"}
        self.benefits = [world.grant_of_money(code, amount="6000", **given) for code in ("T01a", "T01c")]
        for benefit in self.benefits:
            world.envelope(benefit)
        self.person = self.shops = 0

    def next_person(self):
        self.person, self.cases = self.shops + 1, iter(self.benefits)

    def draft(self):
        self.shops += 1
        shop = open_shop(self.shops, person=self.person)
        owner = world.owner_of(shop, f"139{self.person:08d}")
        return world.draft(next(self.cases), shop, owner)

    # How a case comes to be where a verb begins

    def filed(self):
        case = self.draft()
        return applying.submit(case, by=case.begun_by)

    def reviewing(self):
        return world.accepted(self.filed(), self.people)

    def correcting(self):
        return correcting.request_correction(self.reviewing(), DEFECT, by=self.people.reviewer)

    def corrected(self):
        case = self.correcting()
        piece = world.evidence(case.operator)
        correcting.mend_material(case, "租赁合同", [piece], by=case.submitter)
        return case

    def recommended(self):
        return world.recommended(self.filed(), self.people)

    def approved(self):
        return approving.approve(self.recommended(), by=self.people.approver)

    def refused(self):
        return world.refused(self.filed(), self.people)

    def appealed(self):
        case = self.refused()
        appealing.take(appealing.appeal(case, ANSWER, by=case.submitter), by=self.people.approver_3)
        return case

    def prepared(self):
        self.approved()
        return self.prepare().batch

    # The verbs

    def change_account(self, case):
        number = f"62220202000{random.randrange(10**8):08d}"
        holder = case.operator.name
        set_payment_account(case.business, holder=holder, bank="演示银行", number=number, by=case.begun_by)

    def prepare(self):
        return paying.prepare(self.people.department, by=self.people.finance)

    def save(self, case):
        verdicts = {case.judged["criteria"][0]["id"]: {"verdict": "pass"}}
        reviewing.set_verdicts(case, verdicts, by=self.people.reviewer)

    def refuse(self, case):
        failed = [case.judged["criteria"][0]["id"]]
        reviewing.refuse(case, by=self.people.reviewer, failed=failed, reason=world.REASON)

    def approve_batch(self, batch):
        ticked = [row.pk for row in batch.payments.all()]
        paying.approve(batch, by=self.people.finance_2, ticked=ticked)


# {name: (how its case comes to be, the verb)}
VERBS = {
    "submit": (City.draft, lambda city, one: applying.submit(one, by=one.begun_by)),
    "discard": (City.draft, lambda city, one: applying.discard(one, by=one.begun_by)),
    "change account": (City.filed, City.change_account),
    "withdraw": (City.recommended, lambda city, one: applying.withdraw(one, by=one.submitter)),
    "take back an approval": (City.approved, lambda city, one: applying.withdraw(one, by=one.submitter)),
    "correct": (City.corrected, lambda city, one: correcting.correct(one, by=one.submitter)),
    "accept": (City.filed, lambda city, one: reviewing.accept(one, by=city.people.reviewer)),
    "take the next": (City.filed, lambda city, one: queue.take_next(city.people.reviewer_2)),
    "save": (City.reviewing, City.save),
    "ask for a correction": (
        City.reviewing,
        lambda city, one: correcting.request_correction(one, DEFECT, by=city.people.reviewer),
    ),
    "recommend": (City.reviewing, lambda city, one: reviewing.recommend(one, by=city.people.reviewer)),
    "refuse": (City.reviewing, City.refuse),
    "approve": (City.recommended, lambda city, one: approving.approve(one, by=city.people.approver)),
    "send back": (
        City.recommended,
        lambda city, one: reviewing.send_back(one, by=city.people.approver_2, note="再核对一次"),
    ),
    "appeal": (City.refused, lambda city, one: appealing.appeal(one, ANSWER, by=one.submitter)),
    "overturn": (
        City.appealed,
        lambda city, one: appealing.overturn(one.appeals.get(), ANSWER, by=city.people.approver_3),
    ),
    "uphold": (
        City.appealed,
        lambda city, one: appealing.uphold(one.appeals.get(), ANSWER, by=city.people.approver_3),
    ),
    "prepare": (City.approved, lambda city, one: city.prepare()),
    "approve a batch": (City.prepared, City.approve_batch),
    "cancel a batch": (City.prepared, lambda city, one: paying.cancel(one, by=city.people.finance)),
}


def race(begin, city, pair):  # noqa: F811
    """What each of the two heard: None, or the error."""
    made = {}
    city.next_person()
    for name in pair:
        bring = VERBS[name][0]
        if bring not in made:
            made[bring] = bring(city)  # two verbs that begin at the same place are for the same case
    cases = [made[VERBS[name][0]] for name in pair]
    barrier, heard = threading.Barrier(2), {}

    def work(place, name, case):
        barrier.wait()
        try:
            VERBS[name][1](city, case)
            heard[place] = None
        except (Refused, Invalid, PermissionDenied, budgets.Exhausted, Application.DoesNotExist) as told:
            heard[place] = type(told).__name__
        except Exception as error:  # whatever it is, the test says of which pair
            heard[place] = error

    threads = [
        begin(lambda work_of=(place, name, case): work(*work_of))
        for place, (name, case) in enumerate(zip(pair, cases, strict=True))
    ]
    for thread in threads:
        thread.join()
    return heard


PAIRS = list(combinations_with_replacement(VERBS, 2))


@pytest.mark.django_db(databases=["default", "postgres"], transaction=True)
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "pairs",
    [random.Random(17).sample(PAIRS, 12), pytest.param(PAIRS, marks=pytest.mark.long)],
    ids=["some", "all"],
)
def test_two_things_done_at_once_to_the_cases_of_one_person_leave_everything_whole(engine, begin, pairs):  # noqa: F811
    city, wrong = City(), []
    for pair in pairs:
        heard = race(begin, city, pair)
        wrong += [(pair, repr(error)) for error in heard.values() if isinstance(error, BaseException)]
        for batch in PaymentBatch.objects.filter(status__in=["prepared", "approved"]):
            paying.cancel(batch, by=city.people.finance)
    assert wrong == []
    assert [pair for pair in broken() if pair[1]] == []
