"""Whatever people do to requests of whichever kind, in whatever order and with whatever time between: every request has
an outcome in the end, and all that must be so is so at every step."""

import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cases.actions import general
from cases.models import Case
from cases.procedure import CLOSED
from cases.sweeping import STEPS
from core.errors import Invalid, Refused
from needs import answers, routing
from services.asking import Ask, ask
from services.finance import tenders
from services.kinds import KINDS
from services.models import Leg, ServiceCase, Slot
from services.slots import timetable
from tests.notifications.register import open_shop, publish
from tests.subsidies.world import owner_of

from . import world
from .test_invariants import not_so

PLACES = st.integers(0, 9)
REFUSALS = (Refused, PermissionDenied, Invalid)
# The long form is run with SERVICE_WALKS=1000.
WALKS, STEPS_EACH, FEW_WALKS = int(os.environ.get("SERVICE_WALKS", 25)), 30, 2
VERBS = sorted({verb for kind in KINDS.values() if kind.procedure for verb in kind.procedure.verbs})
# After the last act: around the days that decide, to the 200th.
TO_THE_END = (1, 9, 21, 45, 46, 59, 73, 90, 91, 119, 135, 136, 164, 180, 200)
# Weighted: what somebody may do more often than what is refused.
DEEDS = (
    "begin",
    "begin",
    "all to one time",
    "may",
    "may",
    "may",
    "may",
    "anything",
    "wait",
    "wait long",
    "pass on",
    "accept",
    "call the roll",
    "every step",
    "ask back",
    "share a need",
)
SEATS_AT = ((3, 1), (5, 2), (60, 1))  # days ahead, seats


def city():
    """Bureaus, banks, a mentor, four shops (the last two of one person), and an offering of each kind."""
    people, market = world.bureau(), world.bureau("market", "市市场监管局")
    centre = world.bureau("govservice", "市政务服务中心")
    banks = [world.institution(f"bank_{one}", f"演示银行{one}") for one in "ab"]
    shops = [open_shop(1), open_shop(2), open_shop(3), open_shop(4, person=3)]
    owners = [owner_of(shop) for shop in shops[:3]]
    owners.append(owner_of(shops[3], phone=f"139{shops[2].pk:08d}"))
    about = publish("M14b", amount={"none": {}}, kind="service", delivery="service").benefit
    steps = [
        {"key": "check", "title": "初审", "department": "tests", "sets": "reviewer"},
        {"key": "visit", "title": "现场看", "department": "govservice"},
        {"key": "grant", "title": "认定", "department": "market", "sets": "approver"},
    ]
    offerings = {
        "enquiry": world.offering("enquiry", "ask", handler=centre.department, benefit=about),
        "callback": world.offering("callback", "callback"),
        "tender": world.offering("tender", "loan", handler=banks[0].department),
        "checklist": world.offering("checklist", "list", steps=steps, handler=market.department),
        "booking": world.offering("booking", "mentor", mentor=owners[1]),
        "enrolment": world.offering("enrolment", "class"),
    }
    world.offering("tender", "loan_b", handler=banks[1].department)
    for name in ("booking", "enrolment"):
        for days, capacity in SEATS_AT:
            more = {"minimum": 2, "decide_at": timezone.now() + timedelta(days=days - 1)}
            world.slot(offerings[name], days, capacity=capacity, **(more if capacity > 1 else {}))
    staff = [people.reviewer, people.approver, people.clerk, market.reviewer, market.approver]
    staff += [
        centre.reviewer,
        centre.approver,
        *(one for bank in banks for one in (bank.officer, bank.other)),
    ]
    return SimpleNamespace(shops=shops, owners=owners, offerings=offerings, staff=staff, banks=banks)


class Walk(RuleBasedStateMachine):
    """Everybody tries everything, what may be done more often than what may not."""

    city: SimpleNamespace
    seen: set = set()  # (kind, verb) that were done

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.clock = time_machine.travel(timezone.now(), tick=False)
        self.time = self.clock.start()

    def teardown(self):
        try:
            self.to_the_end()
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def to_the_end(self):
        passed = 0
        for day in TO_THE_END:
            self.pass_days(day - passed)
            passed = day
        rows = ServiceCase.objects.exclude(phase=CLOSED, outcome__gt="")
        assert list(rows.values_list("procedure", "state", "pk")) == []
        assert world.faults() == []

    @invariant()
    def all_is_whole(self):
        assert not_so() == set()

    @rule(
        deed=st.sampled_from(DEEDS),
        place=PLACES,
        verb=st.sampled_from(VERBS),
        picks=st.lists(PLACES, min_size=3, max_size=3),
    )
    def step(self, deed, place, verb, picks):
        """One rule for all, so that hypothesis leaves none of them out of a walk."""
        case, who = self.case(place, picks), self.people()[picks[0] * 10 % len(self.people())]
        match deed:
            case "begin":
                self.begin(list(self.city.offerings)[place % 6], picks)
            case "all to one time":
                self.all_to_one_time(("booking", "enrolment")[place % 2], picks)
            case "may" if case:
                self.do_what_may_be_done(case, picks)
            case "anything" if case:
                self.attempt(case, verb, who)
            case "wait":
                self.pass_days(1 + place)
            case "wait long":
                self.pass_days(10 + 6 * place)
            case "pass on":
                self.pass_on(picks)
            case "accept":
                self.accept(picks)
            case "call the roll":
                self.call_the_roll(picks)
            case "every step":
                self.do_every_step()
            case "ask back":
                self.ask_back(picks)
            case "share a need":
                self.share_a_need(picks)

    def people(self):
        return [*self.city.owners, *self.city.staff]

    def case(self, place, picks) -> Case | None:
        """One that is open, more often than not."""
        every = ServiceCase.objects.order_by("pk")
        rows = (list(every.open()) if picks[0] > 2 else []) or list(every)
        return rows[place % len(rows)] if rows else None

    def tried(self, act) -> bool:
        """Whether it was done; what is refused leaves nothing."""
        try:
            with transaction.atomic():
                act()
        except REFUSALS:
            return False
        return True

    def pass_days(self, days):
        self.time.shift(timedelta(days=days))
        today = timezone.localdate()
        for name, step in STEPS.items():
            if step.__module__.startswith("services."):
                step(today)
                self.seen.add(("sweep", name))

    def begin(self, kind, picks):
        place, offering = picks[0] % 4, self.city.offerings[kind]
        asked = {"words": world.NEED}
        if kind in ("booking", "enrolment"):
            slots = list(Slot.objects.filter(offering=offering).order_by("pk"))
            asked["slot"] = slots[picks[1] % len(slots)]
        if kind == "tender":
            asked["receivers"] = tuple(bank.department for bank in self.city.banks[: 1 + picks[1] % 2])
        self.ask(kind, place, asked)

    def ask(self, kind, place, asked):
        shop, owner = self.city.shops[place], self.city.owners[place]
        if self.tried(lambda: ask(self.city.offerings[kind], shop, Ask(**asked), by=owner)):
            self.seen.add((kind, "begin"))

    def all_to_one_time(self, kind, picks):
        """A time with one seat is opened, and every shop wants it; whoever has it may give it up to the next."""
        slot = world.slot(self.city.offerings[kind], 2 + picks[1])
        for place in range(4):
            self.ask(kind, (place + picks[0]) % 4, {"words": world.NEED, "slot": slot})
        for verb in ((), ("excuse",), ("excuse", "confirm"), ("excuse", "leave"))[picks[2] % 4]:
            held = ServiceCase.objects.filter(request__slot=slot, request__seat="held").first()
            if held:
                self.attempt(held, verb, held.submitter)

    def attempt(self, case, verb, who):
        typed = {
            **{"words": "已经看过了", "note": "照办", "reason": "材料不够", "department": "market"},
            "until": (timezone.localdate() + timedelta(days=7)).isoformat(),
        }
        row = Case.objects.get(pk=case.pk)
        if self.tried(lambda: general.do(row, verb, typed, by=who)):
            self.seen.add((row.procedure, verb))

    def do_what_may_be_done(self, case, picks):
        """One verb after the other that somebody may do, each as often as another however many may."""
        for pick in picks:
            row = Case.objects.get(pk=case.pk)
            able = {
                verb: who
                for who in self.people()
                for side in (general.OWNER, general.STAFF)
                for verb in general.offered(who, row, side)
            }
            if able:
                self.attempt(row, *list(able.items())[pick * len(able) // 10])

    def call_the_roll(self, picks):
        """Of whoever had a seat of what has begun, some have come."""
        begun = ServiceCase.objects.open().filter(
            request__seat="held", request__slot__starts_at__lte=timezone.now()
        )
        for case, pick in zip(begun.order_by("pk"), picks, strict=False):
            giver = case.request.offering.mentor or self.city.staff[0]
            self.attempt(case, "no_show" if pick % 3 == 0 else "attend", giver)

    def do_every_step(self):
        """Checklists go on as far as their departments can bring them."""
        for case in ServiceCase.objects.open().filter(procedure="checklist").order_by("pk"):
            for who in self.city.staff:
                row = Case.objects.get(pk=case.pk)
                if "step_done" in general.offered(who, row, general.STAFF):
                    self.attempt(row, "step_done", who)

    def ask_back(self, picks):
        """Whoever looks at a case takes it and wants to know more; most owners say it."""
        rows = ServiceCase.objects.open().filter(procedure__in=["enquiry", "checklist"]).order_by("-pk")
        for case, pick in zip(rows, picks, strict=False):
            for verb in ("take", "ask"):
                row = Case.objects.get(pk=case.pk)
                able = [who for who in self.city.staff if verb in general.offered(who, row, general.STAFF)]
                if able:
                    self.attempt(row, verb, able[0])
            if pick % 3:
                self.attempt(case, "supply", case.submitter)

    # What has a door of its own

    def pass_on(self, picks):
        rows = list(ServiceCase.objects.open().filter(procedure="tender").order_by("pk"))
        if rows:
            row = rows[picks[0] % len(rows)]
            bank = self.city.banks[picks[1] % 2].department.pk
            if self.tried(lambda: tenders.pass_on(row, [bank], {}, by=row.submitter)):
                self.seen.add(("tender", "pass_on"))

    def accept(self, picks):
        offers = list(Leg.objects.filter(state="done", request__case__procedure="tender").order_by("pk"))
        if offers:
            leg = offers[picks[0] % len(offers)]
            case = leg.request.case
            if self.tried(lambda: tenders.accept(case, leg, by=case.submitter)):
                self.seen.add(("tender", "accept"))
        slots = list(Slot.objects.ahead().order_by("pk"))
        if slots and picks[1] == 0:
            self.tried(lambda: timetable.cancel(slots[picks[2] % len(slots)], "老师病了"))

    def share_a_need(self, picks):
        """A need that waits is published for others, and one of them waits with it."""
        people = world.bureau("govservice", "市政务服务中心")
        rows = list(
            ServiceCase.objects.open().filter(procedure="enquiry", state__in=["open", "taken"]).order_by("pk")
        )
        place = picks[2] % 4
        shop, owner = self.city.shops[place], self.city.owners[place]

        def prepared_and_joined():
            row = answers.prepare(rows[picks[0] % len(rows)], "下水道堵了找谁？", "", by=people.reviewer_2)
            row = answers.publish(row, by=people.approver_2)
            routing.me_too(row, world.NEED, shop, by=owner)

        if rows and self.tried(prepared_and_joined):
            self.seen.add(("enquiry", "me too"))


@pytest.mark.parametrize(
    "walks", [FEW_WALKS, pytest.param(WALKS, marks=pytest.mark.long)], ids=["few", "many"]
)
@pytest.mark.django_db(databases=["default", "postgres"])
def test_in_the_end_every_request_has_an_outcome(engine, walks):
    Walk.city, Walk.seen = city(), set()

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS_EACH,
            deadline=None,
            derandomize=walks == FEW_WALKS,
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert ("enquiry", "begin") in Walk.seen
    if walks >= 500:  # fewer may miss one
        every = {
            (kind.key, verb)
            for kind in KINDS.values()
            if kind.procedure
            for verb, says in kind.procedure.verbs.items()
            if (says.owner or says.staff) and not says.own_door
        }
        assert every - Walk.seen - RARE == set()


# What takes more luck than a walk has: a free seat in the last two hours, an offer within its day and a link.
RARE = {("booking", "take"), ("enrolment", "take")}
