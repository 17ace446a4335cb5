"""A form that begins a request and is sent twice, by a double click or once more out of bad reception, makes one case,
and whoever sent it sees its receipt both times."""

import re
from types import SimpleNamespace

import pytest
from django.contrib.messages import get_messages

from cases.models import Case
from needs import answers, routing
from services.models import Offering
from tests.notifications.register import open_shop
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db
OTHER = "店门口的下水道又堵了，找了几次没有人管"


@pytest.fixture
def city():
    """An owner with two shops in a browser, who has asked once, and what all may wait for."""
    people = world.bureau("govservice", "市政务服务中心")
    general = world.offering("enquiry", "general", handler=people.department, benefit=world.benefit("M14b"))
    shop, second = open_shop(1), open_shop(2, person=1)
    owner = owner_of(shop)
    owner_of(second, phone=f"139{shop.pk:08d}")
    other = open_shop(3)
    first = routing.send(world.NEED, "other", other, by=owner_of(other))
    row = answers.prepare(first, world.NEED, "", by=people.reviewer)
    answers.publish(row, by=people.approver)
    browser = world.browser_of(owner)
    return SimpleNamespace(people=people, general=general, shop=shop, browser=browser, row=row)


def in_form(page, **typed) -> dict:
    """What the form of ``page`` sends besides what is typed."""
    key = re.search(r'name="idempotency_key"\s+value="([^"]+)"', page.content.decode())
    return {"idempotency_key": key[1], **typed}


def a_need(city):
    city.browser.post("/needs/", {"words": OTHER})
    return "/needs/send/", {"topic": "other", "do": "send"}


def the_same_need(city):
    city.browser.post("/needs/", {"words": OTHER})
    return "/needs/similar/", {"it": f"too-{city.row.pk}"}


def a_service(city):
    return "/services/general/ask/", {"shop": city.shop.public_id, "words": OTHER}


def a_call(city):
    if not Offering.objects.filter(code="call").exists():
        world.offering("callback", "call", handler=city.people.department)
    return "/services/call/ask/", {"shop": city.shop.public_id, "words": OTHER}


FORMS = [a_need, the_same_need, a_service, a_call]


def receipt(response) -> tuple:
    said = [str(message) for message in get_messages(response.wsgi_request)]
    return response.status_code, response.url, said[-1:]


@pytest.mark.parametrize("form", FORMS)
def test_sent_twice_it_is_one_case_and_one_receipt(city, form):
    before = Case.objects.count()
    address, typed = form(city)
    sent = in_form(city.browser.get(address), **typed)

    first, second = (receipt(city.browser.post(address, sent)) for _ in range(2))

    assert Case.objects.count() == before + 1
    assert first[:2] == second[:2] == (302, f"/cases/{Case.objects.latest('pk').public_id}/")
    assert first[2] == second[2] != []


@pytest.mark.parametrize("form", [a_need, the_same_need])
def test_the_second_press_that_has_seen_nothing_of_the_first_is_told_the_same(city, form):
    before = Case.objects.count()
    address, typed = form(city)
    sent = in_form(city.browser.get(address), **typed)
    draft = city.browser.session["need"]
    first = city.browser.post(address, sent)
    session = city.browser.session
    session["need"] = draft
    session.save()

    second = city.browser.post(address, sent)

    assert (second.url, Case.objects.count()) == (first.url, before + 1)
    assert "need" not in city.browser.session


@pytest.mark.parametrize("form", FORMS)
def test_two_forms_are_two_cases(city, form):
    before = Case.objects.count()
    for _ in range(2):
        address, typed = form(city)
        city.browser.post(address, in_form(city.browser.get(address), **typed))

    assert Case.objects.count() == before + 2


def test_nothing_is_kept_of_a_form_that_was_refused(city):
    before = Case.objects.count()
    address, typed = a_service(city)
    sent = in_form(city.browser.get(address), **typed)

    refused = city.browser.post(address, sent | {"words": "短"})
    city.browser.post(address, sent)

    assert (refused.status_code, Case.objects.count()) == (400, before + 1)
