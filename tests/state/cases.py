"""One application in every state, reached by real actions, and everybody who may try something with it."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import ApiClient, User
from businesses.models import Mandate
from subsidies.actions import appealing, applying, approving, reviewing
from subsidies.enums import State
from subsidies.models import Application
from tests.notifications.register import open_shop
from tests.subsidies import world

from . import money

MATERIAL = world.MATERIAL["name"]
DEFECTS = [{"kind": "material", "name": MATERIAL, "reason": "照片看不清楚"}]
OWNERS = ("owner", "agent", "program")
ROLES = (
    *OWNERS,
    *("another owner", "reviewer", "approver", "finance", "another bureau", "auditor", "admin", "nobody"),
)


class Cases:
    """``of[state]``: an application; ``actor(role, application)``: who tries. The sum is one that two approve."""

    def __init__(self):
        self.people, self.elsewhere = world.bureau(), world.bureau("other", "别的局")
        self.benefit = world.grant_of_money(amount="20000", criteria=world.IN_DISTRICT)
        world.envelope(self.benefit)
        self.client = ApiClient.objects.create(
            client_id="bank",
            name="演示银行",
            client_secret="bank-secret",
            client_type=ApiClient.CLIENT_CONFIDENTIAL,
            authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
            scopes="applications:read applications:write",
        )
        self.agent = User.objects.begin_with_phone("13700000001")
        self.stranger = world.owner_of(open_shop(99))
        self.auditor = User.objects.create(username="tests_auditor", is_staff=True)
        self.auditor.groups.add(*_group("审计员"))
        self.owners, self.places = {}, 0
        # Paid first: afterwards nothing else is due.
        self.of = {State.PAID: self._paid()}
        for state in State:
            if state not in self.of:
                self.of[state] = self.bring(state)

    def bring(self, state) -> Application:
        """A new application of a shop of its own, brought to ``state``."""
        self.places += 1
        shop = open_shop(self.places)
        owner = world.owner_of(shop)
        for holder in ({"agent": self.agent}, {"client": self.client}):
            until = timezone.localdate() + timedelta(days=30)
            Mandate.objects.create(
                business=shop, given_by=owner, scopes=["view", "apply"], until=until, **holder
            )
        draft = world.draft(self.benefit, shop, owner)
        self.owners[draft.pk] = owner
        return self._on(draft, state, owner)

    def _on(self, draft, state, owner):
        people = self.people
        if state == State.DRAFT:
            return draft
        filed = applying.submit(draft, by=owner)
        match state:
            case State.SUBMITTED:
                return filed
            case State.WITHDRAWN:
                return applying.withdraw(filed, by=owner)
            case State.CORRECTING:
                return reviewing.request_correction(filed, DEFECTS, by=people.reviewer)
            case State.REVIEWING:
                return world.accepted(filed, people)
            case State.RECOMMENDED:
                return world.recommended(filed, people)
            case State.COUNTERSIGNING:
                return approving.approve(world.recommended(filed, people), by=people.approver)
            case State.APPROVED | State.PAID:
                return world.approved(filed, people)
        refused = world.refused(filed, people)
        if state == State.APPEALED:
            appealing.appeal(refused, "合同已经续签，请再看一次。", by=owner)
        return refused

    def _paid(self):
        application = self.bring(State.PAID)
        money.paid(self.people)
        return application

    def fresh(self, state) -> Application:
        return Application.objects.get(pk=self.of[state].pk)

    def actor(self, role, application):
        """The person or program of a role. Staff are those who had no part in the case so far, but the reviewer."""
        return {
            "owner": self.owners[application.pk],
            "agent": self.agent,
            "program": self.client,
            "another owner": self.stranger,
            "reviewer": self.people.reviewer,
            "approver": self.people.approver_3,
            "finance": self.people.finance,
            "another bureau": self.elsewhere.reviewer,
            "auditor": self.auditor,
            "admin": self.people.admin,
            "nobody": AnonymousUser(),
        }[role]


def _group(name):
    from django.contrib.auth.models import Group

    return Group.objects.filter(name=name)
