"""A need in a browser, on the narrowest phone people have, with scripts and without: typed before signing in, sent,
answered, said to be solved by the link in the letter, and reopened."""

import pytest
from django.conf import settings as configured
from django.test import Client

from cases.models import Case
from needs import answers, routing
from notifications.models import Letter
from tests.notifications.register import open_shop, publish
from tests.pages.conftest import DESKTOP, NARROW, PHONE, sideways, violations
from tests.subsidies.world import owner_of

from ..services import world
from ..services.test_kinds import do, states_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db):
    """市政务服务中心, which takes needs and has published an answer to one; a shop and its owner."""
    centre = world.bureau("govservice", "市政务服务中心")
    about = publish("M14b", amount={"none": {}}, kind="service", delivery="service").benefit
    world.offering(code="need", handler=centre.department, benefit=about, title="提诉求")
    other = open_shop(9)
    case = routing.send(world.NEED, "other", other, by=owner_of(other))
    do(case, "answer", centre.reviewer, words="打市政热线。")
    row = answers.prepare(case, "下水道堵了找谁？", "打市政热线，24 小时内来人。", by=centre.reviewer)
    answers.publish(row, by=centre.approver)
    return centre, owner_of(open_shop(1))


@pytest.fixture
def open_page(chromium, live_server):
    """A page of a browser of its own: ``open_page(javascript)``."""
    contexts = []

    def open_(javascript=True, width=PHONE):
        context = chromium.new_context(
            viewport={"width": width, "height": 740},
            base_url=live_server.url,
            java_script_enabled=javascript,
        )
        contexts.append(context)
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


def sign_in(page, owner, address):
    """As after the code: what is in the session stays there, under another key."""
    browser, name = Client(), configured.SESSION_COOKIE_NAME
    for cookie in page.context.cookies():
        if cookie["name"] == name:
            browser.cookies[name] = cookie["value"]
    browser.force_login(owner)
    page.context.add_cookies([{"name": name, "value": browser.cookies[name].value, "url": address}])


def looked_at(page, javascript):
    """What is wrong with the page shown; axe needs scripts."""
    return [
        *(violations(page) if javascript else []),
        *([sideways(page)] if javascript and sideways(page) else []),
    ]


@pytest.mark.crawl
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_need_from_typing_to_solved_and_reopened(city, open_page, live_server, javascript):
    centre, owner = city
    page, wrong = open_page(javascript), []

    page.goto("/needs/")
    wrong += looked_at(page, javascript)
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("请写要办什么").first.wait_for()
    wrong += looked_at(page, javascript)
    page.get_by_label("要办什么，卡在哪里").fill("门口下水道堵了，找谁都没人来")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("heading", name="是不是这些？").wait_for()
    wrong += looked_at(page, javascript)
    page.get_by_role("button", name="都不是").click()
    page.get_by_role("heading", name="看一眼就发出").wait_for()
    wrong += looked_at(page, javascript)
    page.get_by_label("这是哪方面的事").select_option("other")
    page.get_by_role("button", name="登录后发出").click()
    page.get_by_role("heading", name="登录").first.wait_for()
    sign_in(page, owner, live_server.url)
    page.goto("/needs/send/")
    assert "门口下水道堵了" in page.content()
    wrong += looked_at(page, javascript)
    page.get_by_role("button", name="发出去").click()
    page.get_by_text("发出去了").wait_for()
    wrong += looked_at(page, javascript)

    case = Case.objects.exclude(state="answered").get()
    do(case, "answer", centre.reviewer, words="今天下午来人疏通。")
    page.context.clear_cookies()  # the link asks for no signing in
    page.goto(Letter.objects.get(title__contains="有答复了", business=case.business).action_path)
    assert "今天下午来人疏通" in page.content()
    wrong += looked_at(page, javascript)
    page.get_by_role("button", name="解决了").click()
    page.get_by_role("heading", name="确认解决").wait_for()
    solved = states_of(case)
    wrong += looked_at(page, javascript)

    sign_in(page, owner, live_server.url)
    page.goto(f"/cases/{case.public_id}/do/reopen/")
    page.locator("#words").fill("又堵上了")
    page.get_by_role("button", name="没解决").click()
    page.wait_for_url(f"**/cases/{case.public_id}/")

    assert solved == ("solved", "closed", "helped")
    assert states_of(case) == ("open", "open", "")
    assert wrong == []


@pytest.mark.parametrize("width", [NARROW, PHONE, DESKTOP])
def test_the_pages_fit_and_axe_finds_nothing(city, open_page, width):
    page, wrong = open_page(width=width), []

    for address in ("/needs/", "/needs/answers/", "/needs/answers/?q=下水道", "/services/board/", "/a/none/"):
        page.goto(address)
        wrong += [f"{address} {fault}" for fault in violations(page)]
        wrong += [f"{address} scrolls {sideways(page)}"] if sideways(page) else []

    assert wrong == []
