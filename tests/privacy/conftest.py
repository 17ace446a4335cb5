"""A world with a shop, its owner, an officer and a program, and eyes on every place a number could come to rest."""

from contextlib import ExitStack

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions import agree
from accounts.models import ApiClient, Department, User
from businesses.actions import set_payment_account
from businesses.importing import mapping
from businesses.models import Binding, Business
from businesses.register import Arrival, take_in
from core import sms
from tests.businesses.people.with_cases import everybody_has_a_case

from . import places
from .canaries import CANARIES, found_in
from .doors import CODE, NAME, TODAY, ask_token

OTHER_PHONE = "13700000009"


class World:
    """Who and what there is; ``door(name)`` goes through one, ``leaks()`` says what is where it must not be."""

    def __init__(self, settings, gateway, clock, committed, folder, monkeypatch, capsys):
        self.settings, self.gateway, self.clock, self.committed = settings, gateway, clock, committed
        self.folder, self.capsys = folder, capsys
        self.canaries, self.written, self.shown = dict(CANARIES), [], []
        self.tasks = places.watch_tasks(monkeypatch)
        everybody_has_a_case(monkeypatch)
        self.private = folder / "private"
        settings.PRIVATE_FOLDER = str(self.private)

    def fill(self):
        said = {
            "registry": {
                "registered_on": "2026-01-15",
                "district": "520201",
                "operating_status": "operating",
            },
            "self": {"monthly_rent": "800.00", "rents_premises": True},
        }
        arrival = Arrival(
            said, credit_code=CODE, identity=CANARIES["identity"], name="演示茶叶店", operator_name=NAME
        )
        take_in([arrival], on=timezone.localdate())
        self.shop = Business.objects.get(credit_code=CODE)
        self.owner = User.objects.begin_with_phone(CANARIES["phone"])
        self.other = User.objects.begin_with_phone(OTHER_PHONE)
        agree(self.owner, "sensitive")
        self.binding = Binding.objects.create(business=self.shop, user=self.owner)
        market, _ = Department.objects.get_or_create(code="market", defaults={"name": "市场监管局"})
        self.officer = User.objects.create_user(
            "officer", password=CANARIES["password"], is_staff=True, is_superuser=True, department=market
        )
        ApiClient.objects.create(
            client_id="bureau",
            name="演示程序",
            client_secret=CANARIES["secret"],
            client_type=ApiClient.CLIENT_CONFIDENTIAL,
            authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
            department=market,
            source="registry",
            scopes="businesses:read businesses:write evaluations",
        )

    def with_account(self):
        return set_payment_account(
            self.shop, holder=NAME, bank="演示银行", number=CANARIES["account"], by=self.owner
        )

    def unbind(self):
        self.binding.delete()

    def client_id(self, name):
        return ApiClient.objects.get(client_id=name).pk

    # Browsers

    def browser(self, **headers):
        return Client(raise_request_exception=False, headers=headers)

    def as_user(self, user):
        browser = self.browser()
        browser.force_login(user)
        return browser

    def as_owner(self):
        return self.as_user(self.owner)

    def as_other(self):
        return self.as_user(self.other)

    def as_officer(self):
        return self.as_user(self.officer)

    def as_program(self):
        answer = ask_token(self, CANARIES["secret"])
        self.canaries["token"] = answer.json()["access_token"]
        return self.browser(Authorization=f"Bearer {self.canaries['token']}")

    # Looking

    def go_through(self, door):
        responses = door.act(self)
        allowed = {name: value for name, value in self.canaries.items() if name not in door.shows}
        self.shown = found_in(places.answers(responses), allowed)
        return " ".join(str(response.status_code) for response in responses)

    def everywhere(self):
        """``{place: text}``, but for answers, of which each door may show something."""
        printed = self.capsys.readouterr()
        return {
            "log": self.log.stream.getvalue(),
            "standard output": printed.out,
            "standard error": printed.err,
            "sessions": places.sessions(),
            "cache": places.redis(self.settings.REDIS_URL)
            if self.settings.REDIS_URL
            else places.local_cache(),
            "tasks": str(self.tasks),
            "tables": places.tables(),
            "stored files": places.files(self.private),
            "written files": "\n".join(self.written),
            "error reports": "\n".join(self.reports.made),
        }

    def leaks(self):
        """(place, canary) of everything found."""
        found = {
            (place, name)
            for place, text in self.everywhere().items()
            for name in found_in(text, self.canaries)
        }
        return sorted(found | {("answers", name) for name in self.shown})


@pytest.fixture
def world(
    catalogue_loaded,
    settings,
    gateway,
    time_machine,
    django_capture_on_commit_callbacks,
    tmp_path,
    monkeypatch,
    capsys,
):
    settings.DEBUG = False
    time_machine.move_to(f"{TODAY}T10:00:00+08:00")
    monkeypatch.setattr(sms, "is_usable_url", lambda url: True)  # the gateway of the tests has no certificate
    monkeypatch.setattr("accounts.signing_in.codes.secrets.randbelow", lambda below: int(CANARIES["code"]))

    def committed():
        return django_capture_on_commit_callbacks(execute=True)

    made = World(settings, gateway, time_machine, committed, tmp_path, monkeypatch, capsys)
    mapping.create_sources()
    made.fill()
    with ExitStack() as stack:
        made.log = stack.enter_context(places.Log())
        made.reports = stack.enter_context(places.Reports())
        yield made
