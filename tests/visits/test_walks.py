"""Whatever bureaus do to visits, in whatever order and with whatever time between: all that must be so is so at every
step, and every visit has an outcome in the end."""

import os
from datetime import timedelta

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
from core.errors import Invalid, Refused
from visits import merging, sweeping
from visits.models import VisitCase
from visits.planning import Plan, arrive, plan
from visits.procedure import VISIT

from . import world
from .test_invariants import not_so

PLACES = st.integers(0, 11)
REFUSALS = (Refused, PermissionDenied, Invalid)
# The long form is run with VISIT_WALKS=1000.
DAILY, STEPS_EACH, FEW_WALKS = 25, 30, 1
WALKS = int(os.environ.get("VISIT_WALKS", DAILY))
DEEDS = ("plan", "plan", "plan", "may", "may", "may", "may", "anything", "arrive", "wait", "wait long")
CAUSES = ("normal", "normal", "normal", "complaint", "accident", "ordered")
VERBS = tuple(VISIT.verbs)


class Walk(RuleBasedStateMachine):
    """Everybody tries everything, what may be done more often than what may not."""

    offices: list
    shops: list
    seen: set = set()

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.clock = time_machine.travel(timezone.now(), tick=False)
        self.time = self.clock.start()

    def teardown(self):
        try:
            for days in (1, 10, 31, 31, 365):
                self.pass_days(days)
            assert (
                list(VisitCase.objects.exclude(phase=CLOSED, outcome__gt="").values_list("state", "pk")) == []
            )
            assert world.faults() == []
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @invariant()
    def all_is_whole(self):
        assert not_so() == set()

    @rule(deed=st.sampled_from(DEEDS), picks=st.lists(PLACES, min_size=4, max_size=4))
    def step(self, deed, picks):
        """One rule for all, so that hypothesis leaves none of them out of a walk."""
        case = self.case(picks[0])
        match deed:
            case "plan":
                self.plan(picks)
            case "may" if case:
                self.do_what_may_be_done(case, picks)
            case "anything" if case:
                self.attempt(case, VERBS[picks[1] % len(VERBS)], self.office(picks[2]), picks)
            case "arrive":
                self.arrive(picks[0])
            case "wait":
                self.pass_days(1 + picks[0] % 3)
            case "wait long":
                self.pass_days(5 + 3 * picks[0])

    def office(self, place):
        return self.offices[place % len(self.offices)]

    def office_of(self, case):
        return next(one for one in self.offices if one.department.pk == case.department_id)

    def case(self, place) -> Case | None:
        rows = list(VisitCase.objects.order_by("-pk"))
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
        sweeping.lapse(timezone.localdate())
        sweeping.propose(timezone.localdate())
        sweeping.remind(timezone.localdate())

    def arrive(self, place):
        """On the day of a visit, or the day after it."""
        rows = list(VisitCase.objects.filter(state__in=("set", "merged"), visit__on__gte=world.day()))
        if not rows:
            return
        case = world.fresh(rows[place % len(rows)])
        self.pass_days((case.visit.on - world.day()).days + (place > 9))
        if self.tried(lambda: arrive(world.fresh(case), by=self.office_of(case).other)):
            self.seen.add("arrive")
            if place % 3:  # whoever is there mostly says at once what was found
                self.attempt(case, "done", self.office_of(case), [place] * 4)

    def plan(self, picks):
        first = picks[2] % 7
        window = Plan(
            ["油烟"],
            world.day(first),
            world.day(first + picks[3] % 8),
            CAUSES[picks[0] % 6],
            "群众反映油烟大",
        )
        shop, one = self.shops[picks[1] % 2], self.office(picks[0])
        if self.tried(lambda: plan(shop, window, by=one.officer)):
            self.seen.add("plan")

    def do_what_may_be_done(self, case, picks):
        """One verb after the other that the bureau may do."""
        for pick in picks[:2]:
            row, one = Case.objects.get(pk=case.pk), self.office_of(case)
            able = list(general.offered(one.officer, row, general.STAFF))
            if able:
                self.attempt(row, able[pick % len(able)], one, picks)

    def attempt(self, case, verb, one, picks):
        row = world.fresh(case)
        ahead = max((row.visit.from_on - world.day()).days, 0) + picks[3] % 5
        typed = {
            **{"words": "没有问题", "note": "要夜间去", "reason": "不去了"},
            "on": world.day(ahead).isoformat(),
        }
        if self.tried(lambda: general.do(row, verb, typed, by=one.officer)):
            self.seen.add(verb)
            merging.follow(None, Case.objects.get(pk=row.pk), verb)


@pytest.mark.parametrize(
    "walks", [FEW_WALKS, pytest.param(WALKS, marks=pytest.mark.long)], ids=["few", "many"]
)
@pytest.mark.django_db(databases=["default", "postgres"])
def test_in_the_end_every_visit_has_an_outcome(engine, walks):
    Walk.offices, Walk.shops = world.bureaus(), [world.shop(place)[0] for place in (1, 2)]
    Walk.seen = set()

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS_EACH,
            deadline=None,
            derandomize=walks <= DAILY,  # so few, drawn anew each time, may miss a verb
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert "plan" in Walk.seen
    if walks > FEW_WALKS:
        by_hand = {key for key, verb in VISIT.verbs.items() if verb.staff} | {"plan"}
        assert by_hand - Walk.seen == set()
