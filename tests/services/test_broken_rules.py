"""An offering whose criteria cannot be read: refused where it is written. Where facts or conditions have changed since,
it alone cannot be asked for, and every list stands."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import Invalid, Refused
from services.asking import Ask, ask
from services.catalogue import publishing
from services.catalogue.faults import faults_of
from services.models import Offering
from tests.notifications.register import add_benefit, open_shop, put_in_force
from tests.pages.shops import text_of
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db
NO_SUCH = {"all": [{"fact": "no_such_fact", "op": "eq", "value": 1}]}
NO_CONDITION = {"all": [{"use": "no_such_condition"}]}
BROKEN = [{"criteria": NO_SUCH}, {"relevance": NO_SUCH}, {"criteria": NO_CONDITION}]
SORRY = "谁可以办正在重新核对"


@pytest.fixture
def shop():
    return open_shop(1)


@pytest.fixture
def browser(shop):
    return world.browser_of(owner_of(shop))


@pytest.mark.parametrize("written", BROKEN)
def test_it_is_not_published(written):
    people = world.bureau()
    row = world.offering("booking", status="draft", prepared_by=people.clerk, **written)

    with pytest.raises(Invalid) as refused:
        publishing.publish_offering(row, by=people.approver)

    assert [fault.field for fault in refused.value.faults] == list(written)


@pytest.mark.parametrize("written", BROKEN)
def test_it_is_refused_before_its_measure_is_in_force(written):
    """Else it would break on the morning on which the measure comes into force."""
    version = add_benefit("T90", amount={"none": {}}, kind="service", delivery="service")
    row = Offering(kind="booking", benefit=version.benefit, **written)

    before = [fault.field for fault in faults_of(row)]
    version.effective_from = timezone.localdate() + timedelta(days=9)
    put_in_force(version)

    assert before == [fault.field for fault in faults_of(row)] == list(written)


@pytest.mark.parametrize("written", BROKEN)
def test_every_list_stands_and_it_alone_cannot_be_asked_for(shop, browser, client, written, caplog):
    world.offering("checklist", "whole", title="好好的服务", steps=[])
    row = world.offering("checklist", "broken", title="坏了的服务", steps=[], **written)

    for one in (client, browser):
        page = text_of(one.get("/services/"))
        assert "好好的服务" in page
        assert "坏了的服务" in page
        assert SORRY in text_of(one.get("/services/broken/"))
    with caplog.at_level(logging.ERROR), pytest.raises(Refused, match=SORRY):
        ask(row, shop, Ask(words=world.NEED), by=owner_of(shop))


def test_a_need_is_taken_whatever_is_wrong_with_whom_it_is_for(shop):
    row = world.offering("enquiry", criteria=NO_SUCH)

    assert ask(row, shop, Ask(words=world.NEED), by=owner_of(shop)).procedure == "enquiry"


def test_other_institutions_are_asked_beside_one_that_is_broken(shop):
    first, second = world.bank("a", "甲"), world.bank("b", "乙", criteria=NO_SUCH)

    case = world.tender(shop, owner_of(shop), first)

    assert world.leg_of(case, first).state == "sent"
    with pytest.raises(Invalid):
        world.tender(open_shop(2), owner_of(open_shop(2)), second)


def test_it_is_said_once_in_the_log_and_not_on_every_page(browser, caplog):
    world.offering("booking", "broken", criteria=NO_SUCH)

    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            browser.get("/services/")

    assert [record.name for record in caplog.records] == ["services.catalogue.offerings"]
    assert "no_such_fact" in caplog.records[0].getMessage()
