"""case.moved: told to programs that may see the case, thin, and to nobody else."""

import pytest

from accounts.models import User
from cases.actions import general
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.models.webhooks import CASE_MOVED, MATCH_CHANGED
from notifications.webhooks import endpoints
from tests.notifications.receiver import Receiver
from tests.notifications.register import open_shop, publish
from tests.subsidies import world as money
from tests.subsidies.world import owner_of

from . import world
from .askers import entrust, program

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return open_shop(1)


def listening(name, *events, scopes="requests:read", department=None):
    client, _ = program(name, department, scopes=scopes)
    boss, _ = User.objects.get_or_create(username="boss", defaults={"is_superuser": True, "is_staff": True})
    row = WebhookEndpoint(client=client, url=Receiver.url, events=list(events or (CASE_MOVED,)))
    endpoints.register(row, by=boss)
    return client


def told():
    rows = WebhookDelivery.objects.order_by("pk").select_related("endpoint__client")
    return [
        (row.endpoint.client.client_id, row.payload["data"]["state"], row.payload["data"]["outcome"])
        for row in rows
    ]


def test_who_may_see_a_case_hears_where_it_went(shop, django_capture_on_commit_callbacks):
    people, owner = world.bureau(), owner_of(shop)
    entrust(listening("agent"), shop, owner, "view", "apply")
    entrust(listening("looks"), shop, owner, "view")
    entrust(listening("no scope", scopes="applications:read"), shop, owner, "view", "apply")
    entrust(listening("other events", MATCH_CHANGED), shop, owner, "view", "apply")
    listening("stranger")
    listening("bureau", scopes="requests:read legs:read", department=people.department)

    with django_capture_on_commit_callbacks(execute=True):
        case, _ = world.asked(world.offering())
    with django_capture_on_commit_callbacks(execute=True):
        general.do(case, "answer", {"words": "明天来修"}, by=people.reviewer)
    with django_capture_on_commit_callbacks(execute=True):
        general.do(case, "solve", {}, by=owner)

    case.refresh_from_db()
    assert told() == [
        ("agent", "open", None),
        ("agent", "answered", None),
        ("agent", "solved", "helped"),
    ]
    last = WebhookDelivery.objects.order_by("pk").last().payload
    assert last["type"] == "case.moved"
    assert {name: value for name, value in last["data"].items() if name != "at"} == {
        "id": str(case.public_id),
        "number": case.number,
        "procedure": "enquiry",
        "business": str(shop.public_id),
        "state": "solved",
        "outcome": "helped",
        "version": case.version,
    }


def test_an_application_is_told_to_who_may_read_applications(shop, django_capture_on_commit_callbacks):
    money.bureau()
    owner, content = owner_of(shop), {"materials": [money.MATERIAL], "promised_working_days": 15}
    benefit = publish("T05c", amount={"fixed": "500"}, criteria=money.IN_DISTRICT, **content).benefit
    entrust(listening("applies", scopes="applications:read"), shop, owner, "view", "apply")
    entrust(listening("asks"), shop, owner, "view", "apply")

    with django_capture_on_commit_callbacks(execute=True):
        money.filed(benefit, shop, owner)

    assert ("applies", "submitted", None) in told()
    assert {name for name, *_ in told()} == {"applies"}
