"""Every measure that is no subsidy, search for work or inspection has a door, and each leads to an outcome.

An owner goes from the benefit's door to a case without scripts; whoever has to answer does so; the outcome is stored.
"""

import re

import pytest
from django.conf import settings
from django.utils import timezone

from tests.pages.conftest import PHONE
from tests.pages.shops import browser_of

# What is asked for, by benefit: all that is in §3.3 of the plan, without the search for work and inspections.
ASKED = (
    *("M02a", "M02b", "M02c", "M02d", "M02e", "M03a", "M03b", "M03c", "M03d", "M03e", "M03f"),
    *("M06a", "M06b", "M06c", "M07a", "M07b", "M07c", "M08a", "M08b", "M08c", "M09a", "M09b"),
    *("M11a", "M12a", "M12b", "M13b", "M14b", "M14c", "M15b", "M15c", "M16b", "M17a", "M18a", "M18b"),
    *("M20a", "M21a"),
)
# Who each may be asked by, where not everybody may.
GROUPS = {"M02b": ["veteran"], "M02d": ["veteran"], "M11a": ["rural_entrepreneur"], "M15b": ["veteran"]}
SAYS = {"owns_brand": True, "environmental_assessment": "report_form"}
# What whoever answers does, kind by kind, and what it comes to.
ANSWERED = {
    "enquiry": (("answer",), "helped"),
    "callback": (("call",), "helped"),
    "tender": (("take", "offer"), "helped"),
    "booking": ((), "withdrawn"),
    "enrolment": ((), "withdrawn"),
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    before = settings.PRIVATE_FOLDER
    settings.PRIVATE_FOLDER = str(tmp_path_factory.mktemp("private"))
    yield
    settings.PRIVATE_FOLDER = before


@pytest.fixture(scope="module")
def city(site, kept, django_db_blocker):
    """All that is shipped, a time for everything that has times, and somebody to answer in every department."""
    with django_db_blocker.unblock():
        _city()


def _city():
    from django.contrib.auth.models import Group

    from accounts.models import Department, User
    from portal.demo_services import load_mentor
    from services.catalogue.loading import load_offerings
    from services.kinds import KINDS
    from services.models import Offering
    from tests.services import world

    load_mentor()
    load_offerings(demo=True)
    for row in Offering.objects.all():
        if KINDS[row.kind].seats and not row.slots.exists():
            world.slot(row, days=3, capacity=50)
    roles = Group.objects.filter(name__in=["服务专员", "审批员", "市场监管员"])
    for department in Department.objects.all():
        for place in (1, 2):
            user = User.objects.create(
                username=f"door_{department.code}_{place}", is_staff=True, department=department
            )
            user.groups.set(roles)


@pytest.mark.crawl
@pytest.mark.benefit(
    "M02a", "M02b", "M02c", "M02d", "M02e", "M03a", "M03b", "M03c", "M03d", "M03e", "M03f",
    "M06a", "M06b", "M06c", "M07a", "M07b", "M07c", "M08a", "M08b", "M08c", "M09a", "M09b",
    "M11a", "M12a", "M12b", "M13b", "M14b", "M14c", "M15b", "M15c", "M16b", "M17a", "M18a", "M18b",
    "M20a", "M21a",
)  # fmt: skip
@pytest.mark.parametrize("code", ASKED)
def test_the_door_of_a_benefit_leads_to_an_outcome(open_browser, city, code, request):
    from cases.models import Case
    from cases.procedure import CLOSED
    from notifications import sweep
    from tests.services import world

    assert set(request.node.get_closest_marker("benefit").args) == set(ASKED)
    shop, owner, cookies = _owner(100 + ASKED.index(code), GROUPS.get(code, []))
    page = open_browser(PHONE, cookies, javascript=False)

    offering = _go_in(page, code)
    if offering.kind == "tender":
        _ask_institutions(page, offering)
    else:
        _fill_in(page, offering)
        page.locator("main form button.wide").first.click()
    page.wait_for_url("**/cases/**")
    case = Case.objects.get(business=shop)
    _answer(case, offering)
    _end(page, Case.objects.get(pk=case.pk), offering)

    done = Case.objects.get(pk=case.pk)
    assert case.benefit.code == code
    assert (done.phase, bool(done.outcome)) == (CLOSED, True)
    assert done.outcome in ("helped", "granted", "answered", "withdrawn")
    sweep.relay()  # the test is one transaction, at whose end the doorbell of what a shop can have would ring
    assert world.faults() == []
    assert owner.pk == done.begun_by_id


def _owner(place, groups):
    from businesses.actions import state_facts
    from tests.notifications.register import open_shop, tell_of
    from tests.subsidies.world import owner_of

    shop = open_shop(
        place,
        business_type="growth",
        entity_type="individual_business",
        born_on="1985-03-05",
        sex="male",
        registered_on="2022-03-05",
        district="520201",
    )
    tell_of(shop, "employment", operator_groups={"yes": groups, "no": []}, guaranteed_loans_received=0)
    owner = owner_of(shop)
    state_facts(shop, SAYS, by=owner)
    client = browser_of(owner)
    return shop, owner, {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def _go_in(page, code):
    """Through the door of a benefit; the offering that one comes to, one that can be asked for."""
    from services.catalogue.doors import doors_on
    from services.kinds import KINDS
    from services.models import Offering

    assert page.goto(doors_on(timezone.localdate())[code].url).status == 200
    rows = [
        row for row in Offering.objects.filter(benefit__code=code) if KINDS[row.kind].procedure is not None
    ]
    if "?benefit=" not in page.url:
        return rows[0]
    link = page.locator(", ".join(f"main a[href='/services/{row.code}/']" for row in rows)).first
    chosen = link.get_attribute("href")
    link.click()
    page.wait_for_url(f"**{chosen}")
    return next(row for row in rows if f"/services/{row.code}/" == chosen)


def _fill_in(page, offering):
    """Everything that is asked, each by its type."""
    typed = {"text": "茶叶", "long": "想学会卖货", "money": "50000", "integer": "6", "date": "2020-01-15"}
    for question in offering.questions:
        name = f"said-{question['key']}"
        control = page.locator(f"main [name='{name}']")
        if not control.count():  # it is known
            continue
        if question["type"] in ("choice", "bool"):
            control.first.check(force=True)
        elif question["type"] == "files":
            continue
        else:
            control.fill(typed[question["type"]])
    if page.locator("main [name=words]").count():
        page.fill("main [name=words]", "门口的路坏了，客人进不来")
    if page.locator("main [name=slot]").count():
        page.locator("main [name=slot]").first.check(force=True)


def _ask_institutions(page, offering):
    page.click(f"main form[action='/services/{offering.code}/institutions/'] button")
    page.wait_for_url("**/institutions/**")
    _fill_in(page, offering)
    for box in page.locator("main [name=receivers]").all():
        box.check(force=True)
    page.click("main button[value=choose]")
    page.wait_for_url("**step=send")
    page.click("main button[value=send]")


def _answer(case, offering):
    """Whoever was asked answers, by the pages of the staff."""
    from services.models import Leg

    if offering.kind == "checklist":
        _walk_steps(case)
        return
    verbs, _ = ANSWERED[offering.kind]
    leg = Leg.objects.filter(request=case.pk).order_by("position").first()
    for verb in verbs:
        _do_as_staff(leg, verb)


def _walk_steps(case):
    from services.models import Leg

    second = 0
    while (leg := Leg.objects.open().filter(request=case.pk).first()) is not None:
        case.refresh_from_db()
        second += 1
        _do_as_staff(leg, "approve" if case.state == "deciding" else "step_done", 1 + second % 2)


def _do_as_staff(leg, verb, place=1):
    from django.test import Client

    from accounts.models import User
    from cases.models import Case
    from services.permissions import is_of_institution

    leg.refresh_from_db()
    case = Case.objects.get(pk=leg.request_id)
    client, user = Client(), User.objects.get(username=f"door_{leg.receiver.code}_{place}")
    client.force_login(user)
    typed = {
        "expected_version": leg.version if is_of_institution(user) else case.version,
        "words": "可以办，带身份证来",
        "note": "看过了",
        "reason": "先办别的",
    }
    row = f"leg/{leg.pk}" if is_of_institution(user) else f"servicecase/{case.pk}"
    answer = client.post(f"/admin/services/{row}/do/{verb}/", typed)
    assert answer.status_code == 302, re.findall("<li>(.*?)</li>", answer.content.decode())


def _end(page, case, offering):
    """What is left to the owner: to say that it is solved, to take an offer, to give a seat back."""
    ends = {"enquiry": "解决了", "tender": "就这家", "booking": "请假", "enrolment": "请假"}
    if offering.kind not in ends:
        return
    page.goto(f"/cases/{case.public_id}/")
    if offering.kind == "tender":
        leg = case.request.legs.get(state="done")
        page.goto(f"/cases/{case.public_id}/accept/{leg.pk}/")
    else:
        with page.expect_navigation():
            page.locator(f"main :is(a, button):has-text('{ends[offering.kind]}')").first.click()
    button = page.locator("main form button.wide").first
    if button.count():
        with page.expect_navigation():
            button.click()


@pytest.mark.parametrize(
    ("leads", "check", "answers", "says", "ends_at"),
    [
        (
            "penalty-rights",
            "rights",
            {"minor": "true", "corrected": "true", "harm": "none"},
            "这样的，应当不罚。",
            "penalty-ask",
        ),
        ("eia-need", "eia", {"listed": "report_form"}, "要办报告表。", "eia-ask"),
        ("injury-list", "injury", {"relation": "nobody"}, "没有雇人，店里不用参保。", "injury-ask"),
    ],
)
def test_a_check_is_answered_without_scripts_and_leads_to_whoever_knows(
    open_browser, city, leads, check, answers, says, ends_at
):
    page = open_browser(PHONE, {}, javascript=False)
    page.goto(f"/services/{leads}/")

    page.click(f"main a[href='/selfcheck/{check}/']")
    for name, value in answers.items():
        page.locator(f"main [name={name}][value={value}]").check(force=True)
    page.click("main form button.wide")

    assert page.locator("#result-title").inner_text() == says
    page.click(f"#result a[href='/services/{ends_at}/']")
    page.wait_for_url(f"**/services/{ends_at}/")


def test_a_door_that_is_taken_away_is_missed(monkeypatch):
    from services.catalogue import doors

    monkeypatch.setattr(doors, "doors_on", lambda day: {})

    assert doors.services(type("Rule", (), {"code": "M14b"})) is None
