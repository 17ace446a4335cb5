"""Whatever people do in whatever order, cases and money are what the model says, and every invariant holds."""

import os
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cases.actions import appealing, correcting
from cases.assessment import judge_filed
from cases.audit import verify
from core.errors import Invalid, Refused
from notifications import sweep
from subsidies.actions import applying, approving, paying, reviewing, settling, stopping
from subsidies.checks import risks
from subsidies.models import Application, Envelope, Instalment, PaymentBatch
from subsidies.procedure import State, Verb
from tests.notifications.register import open_shop, publish, tell_of
from tests.subsidies import world
from tests.subsidies.test_invariants import not_so

from . import model, money
from .cases import DEFECTS, MATERIAL
from .offers import OFFER_STEPS, OFFERED_TO, Offers

PLACES = st.integers(0, 9)
VERBS = [verb for verb in Verb if verb != Verb.PAY]  # that one is the batches'
RENT_FEN, MONTHS = 38_000, 36
# How many walks of how many steps: the long form is run with LIFE_WALKS=1000.
WALKS, STEPS = int(os.environ.get("LIFE_WALKS", 80)), 40
FEW_WALKS = 6  # of the short run
REFUSALS = (Refused, PermissionDenied, Invalid)
ONWARD = {
    "draft": Verb.SUBMIT,
    "submitted": Verb.ACCEPT,
    "correcting": Verb.CORRECT,
    "reviewing": Verb.RECOMMEND,
    "recommended": Verb.APPROVE,
    "countersigning": Verb.APPROVE,
    "appealed": Verb.REOPEN,
}
BATCH_STEPS = ("approve", "export", "settle", "cancel")
# What there is to do beside the verbs that move a case.
BESIDES = {"withdraw appeal", "settle returned", "recover", *OFFER_STEPS}
# Weighted: what leads on more often than what is refused.
DEEDS = (
    *("begin", "anything", "anything", "what may be done", "what may be done", "the usual way"),
    *("the usual way", "the usual way", "contest", "mend", "prepare", "work on a batch", "pay"),
    *("recover", "offer", "offer the usual way", "pay", "contest"),
)
OWNERS_VERBS = (Verb.SUBMIT, Verb.CORRECT, Verb.WITHDRAW, Verb.APPEAL)


def city():
    """A bureau, four shops (the last two of one person) and two benefits, each with money for two; and one that is
    offered to the first two shops."""
    people = world.bureau()
    shops = [
        world.shop_with_rent(place) if person is None else open_shop(place, person=person)
        for place, person in ((1, None), (2, None), (3, None), (4, 3))
    ]
    tell_of(shops[3], "self", rents_premises=True, monthly_rent="380")
    sums = world.grant_of_money(criteria=world.IN_DISTRICT, once_per_person=True)
    rent = world.grant_of_rent(criteria=world.IN_DISTRICT)
    parts = {"T01a": [(timezone.localdate().year, 500_000)]}
    parts["T01c"] = model.halves(world.first_of_this_month(), MONTHS, RENT_FEN)
    this_year = [fen for year, fen in parts["T01c"] if year == timezone.localdate().year]
    world.envelope(sums, 10_000)
    world.envelope(rent, 2 * sum(this_year) // 100)
    insured = {"all": [{"fact": "unit_insured", "op": "eq", "value": True}]}
    offered = publish("T01b", criteria=insured, amount={"fixed": "1200"}, delivery="no_application").benefit
    world.envelope(offered, 10_000)
    parts["T01b"] = [(timezone.localdate().year, 120_000)]
    for place in OFFERED_TO:
        tell_of(shops[place], "social_security", unit_insured=True)
    sweep.relay()
    return SimpleNamespace(
        people=people,
        shops=shops,
        owners=[world.owner_of(shop) for shop in shops],
        benefits={"T01a": sums, "T01b": offered, "T01c": rent},
        parts=parts,
    )


class Life(Offers, RuleBasedStateMachine):
    """Everybody tries everything, what is to be expected more often than what is not."""

    city: SimpleNamespace
    seen: set = set()  # verbs, and what there is beside them, that were done

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        year = timezone.localdate().year
        caps = {
            (row.benefit.code, row.year): row.cap_fen for row in Envelope.objects.select_related("benefit")
        }
        self.bureau = model.Bureau(caps, year)

    def teardown(self):
        try:
            assert not_so() == set()
            assert list(verify()) == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def user(self, name):
        return getattr(self.city.people, name)

    def tried(self, act) -> bool:
        """Whether it was done; what is refused leaves nothing."""
        try:
            with transaction.atomic():
                act()
        except REFUSALS:
            return False
        return True

    @rule(
        deed=st.sampled_from(DEEDS),
        place=PLACES,
        picks=st.lists(PLACES, min_size=4, max_size=4),
        verb=st.sampled_from(VERBS),
        who=st.sampled_from(["owner", *model.STAFF]),
        back=st.booleans(),
    )
    def step(self, deed, place, picks, verb, who, back):
        """One rule for all, so that hypothesis leaves none of them out of a walk."""
        match deed:
            case "begin":
                self.begin(place % 4, "T01a" if back else "T01c")
            case "anything":
                self.attempt_anything(place, verb, who)
            case "what may be done":
                self.do_what_may_be_done(place, picks)
            case "the usual way":
                self.go_the_usual_way(place, picks)
            case "contest":
                self.refuse_and_contest(place, back, withdrawn=picks[0] % 2 == 0)
            case "mend":
                self.ask_and_mend(place, picks)
            case "prepare":
                self.prepare(who)
            case "work on a batch":
                self.work_on_a_batch(place, BATCH_STEPS[picks[0] % 4], who, picks[1] == 0)
            case "pay":
                self.pay_the_usual_way(1 + picks[0] % 4, picks[1] < 3)
                self.recover(place, who, picks[2])
            case "recover":
                self.recover(place, who, picks[0])
            case "offer":
                self.offer(OFFER_STEPS[picks[0] % 5], who, picks[1])
            case "offer the usual way":
                self.offer_the_usual_way(picks)

    # Cases

    def begin(self, place, code):
        shop, benefit = self.city.shops[place], self.city.benefits[code]
        person = 3 if place == 3 else place + 1
        expected = self.bureau.may_begin(code, place, person)
        try:
            with transaction.atomic():
                found = applying.begin(shop, benefit, by=self.city.owners[place])
                if expected is True:
                    world.draft(benefit, shop, self.city.owners[place])
        except Refused:
            assert expected is False
            return
        if expected is True:
            parts = list(self.city.parts[code])
            self.bureau.cases.append(model.Case(found.pk, place, person, code, parts))
        else:
            assert expected
            assert found.pk == expected.pk

    def attempt_anything(self, place, verb, who):
        if case := self.case(place):
            self.attempt(case, verb, "owner" if verb in OWNERS_VERBS else who)

    def do_what_may_be_done(self, place, picks):
        """One verb after the other that somebody may do."""
        for pick in picks if (case := self.case(place)) else ():
            verbs = [verb for verb in VERBS if self.able(case, verb)]
            if verbs:
                verb = verbs[pick % len(verbs)]
                able = self.able(case, verb)
                self.attempt(case, verb, able[pick % len(able)])

    def go_the_usual_way(self, place, picks):
        for pick in picks if (case := self.case(place)) else ():
            verb = ONWARD.get(case.state)
            if verb and (able := self.able(case, verb)):
                self.attempt(case, verb, able[pick % len(able)])

    def refuse_and_contest(self, place, again, withdrawn):
        self.go_the_usual_way(place, (place, place))
        verbs = (Verb.REFUSE, Verb.APPEAL, Verb.UPHOLD if again else Verb.REOPEN)
        for verb in verbs if (case := self.case(place)) else ():
            if able := self.able(case, verb):
                self.attempt(case, verb, able[0])
            if withdrawn:
                self.withdraw_appeal(case)

    def ask_and_mend(self, place, picks):
        self.go_the_usual_way(place, picks[:1])
        for verb in (Verb.REQUEST_CORRECTION, Verb.CORRECT) if (case := self.case(place)) else ():
            if able := self.able(case, verb):
                self.attempt(case, verb, able[0])

    def withdraw_appeal(self, case):
        expected = self.bureau.may_withdraw_appeal(case, "owner")
        row = Application.objects.get(pk=case.pk)

        done = self.tried(lambda: self.take_appeal_back(row, self.city.owners[case.shop]))

        assert done == expected, case
        if done:
            self.bureau.done("withdraw_appeal", case, "owner")
            self.seen.add("withdraw appeal")

    def take_appeal_back(self, row, by):
        found = row.appeals.order_by("-pk").first()
        if found is None:
            raise Refused("There is no appeal.")
        appealing.withdraw(found, by=by)

    def case(self, place):
        cases = self.bureau.cases
        return cases[place % len(cases)] if cases else None

    def able(self, case, verb):
        return [name for name in ("owner", *model.STAFF) if self.bureau.may(verb.value, case, name)]

    def attempt(self, case, verb, who):
        expected = self.bureau.may(verb.value, case, who)

        done = self.tried(lambda: self.do(verb, case, who))

        assert done == expected, (verb, case, who)
        if done:
            self.bureau.done(verb.value, case, who)
            self.seen.add(verb)

    def do(self, verb, case, who):
        row = Application.objects.get(pk=case.pk)
        by = self.city.owners[case.shop] if who == "owner" else self.user(who)
        match verb:
            case Verb.SUBMIT:
                if row.state != State.DRAFT:
                    raise Refused("Handing in twice gives the same receipt.")
                applying.submit(row, by=by)
            case Verb.CORRECT:
                if row.state == State.CORRECTING:
                    correcting.mend_material(row, MATERIAL, [world.evidence(row.operator)], by=by)
                correcting.correct(row, by=by)
            case Verb.REQUEST_CORRECTION:
                correcting.request_correction(row, DEFECTS, by=by)
            case Verb.RECOMMEND:
                self.look_at_flags(row, by)
                reviewing.recommend(row, by=by)
            case Verb.REFUSE:
                failed = [one["id"] for one in row.judged.get("criteria", [])][:1]
                reviewing.refuse(row, by=by, failed=failed, reason=world.REASON)
            case Verb.SEND_BACK:
                reviewing.send_back(row, by=by, note="请再核对合同")
            case Verb.APPEAL:
                appealing.appeal(row, "合同已经续签，请再看一次。", by=by)
            case Verb.UPHOLD | Verb.REOPEN:
                self.answer_appeal(row, verb, by)
            case _:
                room = {Verb.APPROVE: approving, Verb.WITHDRAW: applying}.get(verb, reviewing)
                getattr(room, verb.value)(row, by=by)

    def look_at_flags(self, row, by):
        """As the page asks: the same person has applied before, and was refused."""
        for flag in risks.refresh(row, judge_filed(row)) if row.state == State.REVIEWING else ():
            if flag.is_open:
                outcome = min(risks.KINDS[flag.kind].clears)
                risks.clear(row, flag.pk, outcome, "核对过，不影响", by=by)

    def answer_appeal(self, row, verb, by):
        found = row.appeals.filter(outcome="").first()
        if found is None:
            raise Refused("There is no appeal to answer.")
        answer = appealing.uphold if verb == Verb.UPHOLD else appealing.overturn
        answer(appealing.take(found, by=by), "核对了原来的材料和合同。", by=by)

    # Batches

    def prepare(self, who):
        if who == "owner":
            return
        payable = self.bureau.payable(who)
        try:
            with transaction.atomic():
                batch = paying.prepare(self.city.people.department, by=self.user(who)).batch
        except PermissionDenied:
            assert who not in model.PAYERS
            return
        assert who in model.PAYERS
        assert (batch is None) == (not payable)
        if batch is not None:
            held = model.Batch(batch.pk, who, payable)
            self.bureau.batches.append(held)
            for case in payable:
                case.batch = held

    def work_on_a_batch(self, place, step, who, back):
        if self.bureau.batches and who != "owner":
            self.work_on(self.bureau.batches[-1 - place % len(self.bureau.batches)], step, who, back)

    def pay_the_usual_way(self, steps, back):
        self.prepare("finance")
        for batch in self.bureau.batches[-1:]:
            for step in BATCH_STEPS[: min(steps, 3)]:
                self.work_on(batch, step, "finance_2", back)

    def work_on(self, batch, step, who, back):
        row = PaymentBatch.objects.get(pk=batch.pk)
        returned = set(batch.cases[:1]) if back else set()
        expected = getattr(self.bureau, f"may_{step}_batch")(batch, who)

        done = self.tried(lambda: self.do_batch(row, step, who, batch, returned))

        assert done == expected, (step, batch, who)
        if not done:
            return
        if step == "settle":
            self.seen |= {Verb.PAY} if set(batch.cases) - returned else set()
            self.seen |= {"settle returned"} if returned else set()
            self.bureau.settled(batch, returned)
        elif step == "cancel":
            self.bureau.cancelled(batch)
        elif batch.status != "settled":
            batch.status = {"approve": "approved", "export": "exported"}[step]

    def do_batch(self, row, step, who, batch, returned):
        by = self.user(who)
        if step == "approve":
            ticked = {one.payment.pk for one in paying.look_over(row) if one.flags}
            paying.approve(row, by=by, ticked=ticked)
        elif step == "settle":
            cases = {case.pk for case in (batch.returned if batch.status == "settled" else returned)}
            back = row.payments.filter(instalment__grant__application__in=cases).values_list("pk", flat=True)
            settling.settle(row, money.answer(row, returned=set(back)), by=by)
        else:
            getattr(paying, step)(row, by=by)

    # What comes back

    def recover(self, place, who, pick):
        """A part, the whole, or more than was paid; of a paid case, where there is one."""
        paid = [case for case in self.bureau.cases if case.state == "paid"]
        case = paid[place % len(paid)] if paid else self.case(place)
        if case is None or who == "owner":
            return
        who = "finance" if pick > 3 else who
        fen = (case.parts[0][1] // 3, case.parts[0][1], case.parts[0][1] + 1, 0)[pick % 4]
        row = Instalment.objects.filter(grant__application=case.pk, number=1).order_by("-pk").first()
        if row is None:
            return
        expected = self.bureau.may_recover(case, who, fen)

        done = self.tried(lambda: stopping.recover(row, fen, by=self.user(who)))

        assert done == expected, (case, who, fen)
        if done:
            case.recovered += fen
            self.seen.add("recover")

    # What always holds

    @invariant()
    def states_are_as_the_model_says(self):
        expected = {case.pk: case.state for case in self.bureau.cases}

        assert dict(Application.objects.values_list("pk", "state")) == expected

    @invariant()
    def the_ledger_is_as_the_model_says(self):
        expected = {
            key: tuple(one.values()) for key, one in self.bureau.columns().items() if any(one.values())
        }
        columns = ("reserved_fen", "granted_fen", "paid_fen", "recovered_fen")
        rows = Envelope.objects.values_list("benefit__code", "year", *columns)

        assert {row[:2]: row[2:] for row in rows if any(row[2:])} == expected


def live(examples, steps):
    Life.city = city()
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db(databases=["default", "postgres"])
@pytest.mark.parametrize("walks", [FEW_WALKS, pytest.param(WALKS, marks=pytest.mark.long)])
def test_a_thousand_steps_in_any_order_end_where_the_model_says(engine, walks):
    Life.seen = set()

    live(*((6, 30) if connection.vendor == "postgresql" else (walks, STEPS)))

    missing = (set(Verb) | BESIDES) - Life.seen
    assert missing == set() or connection.vendor == "postgresql" or walks < WALKS  # where the walk is short
