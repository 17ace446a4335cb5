"""One application in every state, reached by real actions, and everybody who may try something with it."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser, Group
from django.utils import timezone

from accounts.models import ApiClient, User
from businesses.models import Mandate
from cases.actions import appealing, correcting
from subsidies.actions import applying, approving
from subsidies.models import Application
from subsidies.procedure import State
from tests.notifications.register import open_shop
from tests.subsidies import world

from . import money

MATERIAL = world.MATERIAL["name"]
DEFECTS = [{"kind": "material", "name": MATERIAL, "reason": "照片看不清楚"}]
OWNERS = ("owner", "agent", "program")
# By mandate to look at the shop only; and staff of another bureau, or without any right to cases.
OUTSIDERS = ("another owner", "viewing agent", "nobody")
ELSEWHERE = ("reviewer elsewhere", "approver elsewhere", "finance elsewhere", "policy officer")
ROLES = (
    *(*OWNERS, *OUTSIDERS, *ELSEWHERE),
    *(
        "reviewer",
        "reviewer without a part",
        "approver",
        "approver without a part",
        "finance",
        "auditor",
        "admin",
    ),
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
        self.viewing_agent = User.objects.begin_with_phone("13700000002")
        self.stranger = world.owner_of(open_shop(99))
        self.auditor = _staff("审计员")
        self.policy_officer = _staff("政策专员", department=self.people.department)
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
        given = {"business": shop, "given_by": owner, "until": timezone.localdate() + timedelta(days=30)}
        Mandate.objects.create(**given, agent=self.agent, scopes=["view", "apply"])
        Mandate.objects.create(**given, client=self.client, scopes=["view", "apply"])
        Mandate.objects.create(**given, agent=self.viewing_agent, scopes=["view", "answer"])
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
                return correcting.request_correction(filed, DEFECTS, by=people.reviewer)
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
        """The person or program of a role. ``reviewer`` and ``approver`` are those who had a part in it, where
        somebody of their role has."""
        return {
            "owner": self.owners[application.pk],
            "agent": self.agent,
            "program": self.client,
            "another owner": self.stranger,
            "viewing agent": self.viewing_agent,
            "reviewer": self.people.reviewer,
            "reviewer without a part": self.people.reviewer_2,
            "approver": self.people.approver,
            "approver without a part": self.people.approver_3,
            "finance": self.people.finance,
            "reviewer elsewhere": self.elsewhere.reviewer,
            "approver elsewhere": self.elsewhere.approver,
            "finance elsewhere": self.elsewhere.finance,
            "policy officer": self.policy_officer,
            "auditor": self.auditor,
            "admin": self.people.admin,
            "nobody": AnonymousUser(),
        }[role]


def _staff(role, **given):
    user = User.objects.create(username=role, is_staff=True, **given)
    user.groups.add(Group.objects.get(name=role))
    return user
