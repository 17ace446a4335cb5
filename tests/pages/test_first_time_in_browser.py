"""Somebody who comes for the first time checks without a name, signs in, hands in and sees the case, and answers or
types nothing twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.facts import BUILT_IN_REGISTRY
from portal.city import credit_code
from subsidies.models import Application
from tests.measures import load_catalogue
from tests.notifications.register import identity

from .shops import NAME, store, tea_shop
from .test_whole_life_in_browser import somebody  # noqa: F401 a fixture

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUESTION_PAGES, MOST_TAPS, TAPS_TO_SAY_WHO = 5, 6, 4
PHONE = "13911112222"
CODE, IDENTITY = credit_code("520201", 901), identity(901)
PAPERS = ["身份证", "租赁合同", "房租付款凭证"]
OPENED = 600  # days ago
SPELT = {True: "true", False: "false", None: "unknown"}


@pytest.fixture
def demo(transactional_db, gateway, settings, tmp_path):
    """The catalogue, and a shop of which departments know no more than the register."""
    settings.PRIVATE_FOLDER, settings.QUIET_HOURS = str(tmp_path), None
    load_catalogue()
    said = tea_shop()
    said = {name: said[name] for name in ("registry", "social_security", "tax")}
    said["registry"]["registered_on"] = _opened()
    return store(said, code=CODE, identity=IDENTITY, name="演示新店")


def _opened():
    return (timezone.localdate() - timedelta(days=OPENED)).isoformat()


def _answers():
    return {
        "operator_groups": ["migrant_worker"],
        "registered_on": _opened(),
        "rents_premises": True,
        "monthly_rent": "650",
        "rent_reduction_received": False,
        "rent_subsidy_months_received": "0",
        "first_time_business": True,
        "startup_subsidy_received": False,
        "employees": "1",
        "agri_industry": "none",
    }


@pytest.mark.crawl
@pytest.mark.benefit("M05c")
@pytest.mark.parametrize("javascript", [True, False], ids=["with_scripts", "without_scripts"])
def test_from_the_first_question_to_the_case_nothing_is_asked_twice(somebody, gateway, demo, javascript):  # noqa: F811
    owner = somebody(phone=True, javascript=javascript)

    pages, answered = _checks(owner)
    assert pages <= MOST_QUESTION_PAGES
    pressed, typed = len(owner.pressed), len(owner.typed)
    asked = _applies(owner, gateway)

    assert asked & answered == set()
    assert len(owner.pressed[pressed:]) == MOST_TAPS + TAPS_TO_SAY_WHO
    typed = owner.typed[typed:]
    assert typed == ["#phone", "#code", "#credit_code", "#operator_name", "#last_six", "#bank", "#number"]
    case = Application.objects.get()
    assert {name: case.answers[name] for name in ("monthly_rent", "rents_premises")} == {
        "monthly_rent": "650.00",
        "rents_premises": True,
    }
    assert owner.reads("h1") == "场所租赁补贴"
    assert owner.reads("[data-state-sentence]").startswith("已提交，等待受理")
    assert somebody.complaints == []


def _checks(owner):
    """Through the questions to the result: ``(how many pages, names that were asked)``."""
    owner.open("/check/")
    owner.press("main form button")
    pages, answered = 0, set()
    while "/check/q/" in owner.page.url:
        answered |= _answer(owner)
        owner.press("main button:has-text('继续')")
        pages += 1
    return pages, answered


def _answer(owner):
    """Fill in what a page of questions asks, 不清楚 where the owner has no answer. Returns the names."""
    names = [name for name in _names(owner.page) if name in BUILT_IN_REGISTRY]
    said = _answers()
    for name in names:
        fact, value = BUILT_IN_REGISTRY[name], said.get(name)
        if fact.type in ("date", "integer", "money") and value is not None:
            owner.page.fill(f"#{name}", value)
            continue
        for one in value if isinstance(value, list) else [SPELT.get(value, value)]:
            places = (f"[name='{name}{ending}'][value='{one}']" for ending in ("", "-other"))
            owner.page.locator(", ".join(places)).first.check(force=True)
    return set(names)


def _names(page):
    """Names of the fields that a person can see or comes to, in their order."""
    return dict.fromkeys(
        page.eval_on_selector_all(
            "main :is(input:not([type=hidden], [type=file]), textarea, select):not(details:not([open]) *)",
            "all => all.map(field => field.name)",
        )
    )


def _applies(owner, gateway):
    """From the card to the page of the case. Returns the names of all fields on the way."""
    asked = set()

    def press(place):
        owner.press(place)
        asked.update(_names(owner.page))

    press("[data-item=M05c] a:has-text('去申请')")
    owner.type("#phone", PHONE)
    press("main button:has-text('获取验证码')")
    owner.type("#code", gateway.code())
    press("main button:has-text('登录')")
    owner.type("#credit_code", CODE)
    owner.type("#operator_name", NAME)
    owner.type("#last_six", IDENTITY[-6:])
    owner.choose(".choice:has(#agree) input")
    press("main button:has-text('核对并绑定')")
    press("main button:has-text('开始')")
    for number, paper in enumerate(PAPERS, 1):
        owner.upload(f"[data-material='{paper}']", number)
    press("main a:has-text('下一步')")
    owner.type("#bank", "贵州银行")
    owner.type("#number", "6222020200000380")
    press("main button:has-text('登记好')")
    owner.choose(".choice:has(#declare) input")
    press("main button:has-text('提交申请')")
    assert owner.reads("h1") == "申请已提交"
    owner.page.click("text=看进度")
    owner.page.wait_for_selector("[data-state-sentence]")
    return asked
