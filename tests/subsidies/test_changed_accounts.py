"""A changed account takes more than a code, and no money goes there before the days of watching are over."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from subsidies.actions import paying
from tests.notifications.register import open_shop

from . import world

pytestmark = pytest.mark.django_db
NUMBER = "6222020200019998888"


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def shop(db):
    return open_shop(1)


@pytest.fixture
def owner(shop):
    return world.owner_of(shop)


def test_money_waits_until_the_last_day_of_watching_is_over(people, shop, owner, time_machine):
    benefit = world.grant_of_money()
    world.envelope(benefit)
    filed = world.filed(benefit, shop, owner)
    account = world.another_account(shop, owner, NUMBER)
    world.approved(filed, people)
    days = timedelta(days=7)
    first = timezone.localdate(account.added_at + days)

    refused = paying.prepare(people.department, by=people.finance)
    time_machine.move_to(account.added_at + days - timedelta(seconds=1), tick=False)
    still = paying.prepare(people.department, by=people.finance)
    time_machine.move_to(account.added_at + days, tick=False)
    let_out = paying.prepare(people.department, by=people.finance)

    words = f"收款账户刚改过，{first.year} 年 {first.month} 月 {first.day} 日起才能往里拨。"
    assert [[row.because for row in found.left_out] for found in (refused, still)] == [[words], [words]]
    assert let_out.batch.payments.get().account == account


def test_a_first_account_does_not_wait(people, shop, owner):
    benefit = world.grant_of_money()
    world.envelope(benefit)
    world.approved(world.filed(benefit, shop, owner), people)

    assert paying.prepare(people.department, by=people.finance).batch.count == 1


class TestPage:
    SENT = {"bank": "演示银行", "number": NUMBER, "holder": "演示人"}

    @pytest.fixture
    def browser(self, owner):
        client = Client()
        client.force_login(owner)
        return client

    def test_a_change_asks_for_the_digits_and_says_from_when_money_comes(self, browser, shop):
        digits = shop.operator.identity.reveal()[-6:]

        without = browser.post("/me/account/", self.SENT)
        done = browser.post("/me/account/", {**self.SENT, "last_six": digits}, follow=True)

        assert (without.status_code, "请填身份证号的最后 6 位" in without.content.decode()) == (400, True)
        assert "为了安全，7 天以后才往新账户打钱。" in done.content.decode()

    def test_after_a_quarter_of_an_hour_a_code_is_asked_for_first(self, browser, shop, time_machine):
        time_machine.move_to(timezone.now() + timedelta(minutes=15, seconds=1))

        asked = browser.get("/me/account/")
        sent = browser.post("/me/account/", {**self.SENT, "last_six": shop.operator.identity.reveal()[-6:]})

        assert asked.url == "/me/security/prove/?next=%2Fme%2Faccount%2F"
        assert (sent.status_code, "要先确认是您本人" in sent.content.decode()) == (409, True)
