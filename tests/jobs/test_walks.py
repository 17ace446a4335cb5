"""Whatever shops, workers and staff do in whatever order and with whatever time between: every contact ends with an
outcome, and all that must be so is so at every step."""

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
from cases.sweeping import STEPS
from core.errors import Invalid, Refused
from core.invariants import _invariants
from jobs import contacting, moderation, phones, posting, working
from jobs.models import ContactCase, JobMatch, Post, Worker
from jobs.pairs import matching
from jobs.procedure import CONTACT
from tests.notifications.register import tell_of
from tests.subsidies.world import owner_of

from . import world
from .test_moderation import clerk

PLACES = st.integers(0, 9)
OF_THIS_ROOM = {name: check for name, check in _invariants.items() if check.__module__ == "jobs.invariants"}
REFUSALS = (Refused, PermissionDenied, Invalid)
# The long form is run with JOB_WALKS=1000.
DAILY, STEPS_EACH, FEW_WALKS = 25, 30, 6
WALKS = int(os.environ.get("JOB_WALKS", DAILY))
VERBS = sorted(CONTACT.verbs)
TO_THE_END = (1, 7, 8, 30, 31, 60, 75, 91)
DEEDS = (
    *("offer", "look", "ask", "ask", "ask", "invite", "may", "may", "may", "may", "anything", "phone"),
    *("post verb", "report", "moderate", "stop", "suspend", "wait", "wait", "wait long", "match"),
)


class Walk(RuleBasedStateMachine):
    """Everybody tries everything, what may be done more often than what may not."""

    shops: list = []
    people: list = []
    staff = None
    seen: set = set()

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.clock = time_machine.travel(timezone.now(), tick=False)
        self.time = self.clock.start()

    def teardown(self):
        try:
            passed = 0
            for day in TO_THE_END:
                self.pass_days(day - passed)
                passed = day
            rows = ContactCase.objects.exclude(phase=CLOSED, outcome__gt="")
            assert list(rows.values_list("state", "pk")) == []
            assert world.faults() == []
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @invariant()
    def all_is_whole(self):
        assert [name for name, check in OF_THIS_ROOM.items() if list(check())] == []

    @rule(
        deed=st.sampled_from(DEEDS),
        verb=st.sampled_from(VERBS),
        picks=st.lists(PLACES, min_size=4, max_size=4),
    )
    def step(self, deed, verb, picks):
        """One rule for all, so that hypothesis leaves none of them out of a walk."""
        getattr(self, deed.replace(" ", "_"))(verb, picks)

    def tried(self, name, act) -> None:
        """What is refused leaves nothing."""
        try:
            with transaction.atomic():
                act()
        except REFUSALS:
            return
        self.seen.add(name)

    def of(self, rows, pick):
        rows = list(rows.order_by("pk"))
        return rows[pick % len(rows)] if rows else None

    # Deeds

    def offer(self, verb, picks):
        shop, trade = (
            self.shops[picks[0] % len(self.shops)],
            ("tea_picking", "packer", "loader")[picks[1] % 3],
        )
        shop.refresh_from_db()
        typed = world.work(
            trade=trade, words="先交押金" if picks[2] == 0 else "", season="on" if picks[3] > 5 else ""
        )
        self.tried("offer", lambda: posting.publish(shop, typed, by=owner_of(shop)))

    def look(self, verb, picks):
        person = self.people[picks[0] % len(self.people)]
        born = "2010-01-01" if picks[1] == 0 else "1990-05-01"
        typed = world.wishes(born_on=born, wants=str(100 + 10 * picks[2]), trades=["tea_picking", "loader"])
        self.tried("look", lambda: working.look_for_work(person, typed))

    def ask(self, verb, picks):
        offered, person = self.of(Post.objects.all(), picks[0]), self.people[picks[1] % len(self.people)]
        if offered:
            self.tried("ask", lambda: contacting.ask_shop(person, offered))

    def invite(self, verb, picks):
        found = self.of(JobMatch.objects.select_related("post__business", "worker"), picks[0])
        if found:
            owner = owner_of(found.post.business)
            self.tried("invite", lambda: contacting.ask_worker(owner, found.post, found.worker))

    def may(self, verb, picks):
        case = self.of(ContactCase.objects.filter(contact__is_open=True), picks[0])
        if case is None:
            return
        able = [(key, who) for who in self.sides(case) for key in general.offered(who, case, general.OWNER)]
        if able:
            self.do(case, *able[picks[1] % len(able)])

    def anything(self, verb, picks):
        case = self.of(ContactCase.objects.all(), picks[0])
        everybody = [*self.people, *(owner_of(shop) for shop in self.shops), self.staff]
        if case:
            self.do(case, verb, everybody[picks[1] % len(everybody)])

    def sides(self, case):
        return [owner_of(case.business), case.contact.worker.user]

    def do(self, case, verb, who):
        row = Case.objects.get(pk=case.pk)
        self.tried(verb, lambda: general.do(row, verb, {"reason": "说不拢"}, by=who))

    def phone(self, verb, picks):
        """A number is shown to the two alone, and only while they talk."""
        case = self.of(ContactCase.objects.all(), picks[0])
        if case is None:
            return
        everybody = [*self.people, *(owner_of(shop) for shop in self.shops)]
        who = everybody[picks[1] % len(everybody)]
        try:
            with transaction.atomic():
                phones.phone_of_other(who, case)
        except REFUSALS:
            return
        self.seen.add("phone")
        assert who in self.sides(case)
        assert case.state in ("talking", "agreed")

    def post_verb(self, verb, picks):
        offered = self.of(Post.objects.select_related("business"), picks[0])
        if offered:
            act = (posting.pause, posting.resume, posting.close)[picks[1] % 3]
            self.tried(act.__name__, lambda: act(offered, by=owner_of(offered.business)))

    def report(self, verb, picks):
        offered, person = self.of(Post.objects.all(), picks[0]), self.people[picks[1] % len(self.people)]
        if offered:
            self.tried("report", lambda: moderation.report(person, offered, "要先交钱才给做"))

    def moderate(self, verb, picks):
        offered = self.of(Post.objects.all(), picks[0])
        if offered and picks[1] % 2:
            self.tried("release", lambda: moderation.release(offered, by=self.staff))
        elif offered:
            self.tried("remove", lambda: moderation.remove(offered, "不合规定的", by=self.staff))

    def stop(self, verb, picks):
        card = self.of(Worker.objects.all(), picks[0])
        if card and picks[1] > 6:
            (working.stop if picks[1] % 2 else working.prolong)(card)

    def suspend(self, verb, picks):
        status = ("suspended", "operating", "operating")[picks[1] % 3]
        tell_of(self.shops[picks[0] % len(self.shops)], "registry", operating_status=status)

    def wait(self, verb, picks):
        self.pass_days(1 + picks[0])

    def wait_long(self, verb, picks):
        self.pass_days(10 + 5 * picks[0])

    def match(self, verb, picks):
        matching.match_all()

    def pass_days(self, days):
        self.time.shift(timedelta(days=days))
        for name, sweep_step in STEPS.items():
            if sweep_step.__module__.startswith("jobs."):
                sweep_step(timezone.localdate())
                self.seen.add(name)


@pytest.mark.parametrize(
    "walks", [FEW_WALKS, pytest.param(WALKS, marks=pytest.mark.long)], ids=["few", "many"]
)
@pytest.mark.django_db(databases=["default", "postgres"])
def test_in_the_end_every_contact_has_an_outcome(engine, walks):
    Walk.shops = [world.shop(place)[0] for place in (1, 2, 3)]
    Walk.people = [world.person(number) for number in (1, 2, 3, 4)]
    Walk.people.append(owner_of(Walk.shops[2]))  # somebody with a shop looks for work as well
    Walk.staff, Walk.seen = clerk(), set()

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS_EACH,
            deadline=None,
            derandomize=walks <= DAILY,  # so few may otherwise never come to where somebody can ask
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert "ask" in Walk.seen
    if walks >= 500:  # fewer may miss one
        assert {verb for verb, says in CONTACT.verbs.items() if says.owner} - Walk.seen == set()
