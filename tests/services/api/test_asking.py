"""Asking for a service over the API: what is taken, and every fault that is named."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case
from services.models import Offering, ServiceCase
from tests.notifications.register import open_shop, tell_of
from tests.services import world
from tests.services.askers import NOBODY, entrust, person, program
from tests.subsidies.world import owner_of

from .sending import FILE, MONTHS, ask_for, wrong

pytestmark = pytest.mark.django_db


def test_an_owner_asks_for_a_service_and_reads_how_it_stands(shop, owner):
    world.offering(questions=[MONTHS])

    answer = ask_for(person(owner), shop, words=world.NEED, answers={"months": 3})

    said = answer.json()
    case = ServiceCase.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver/api/v1/requests/{case.public_id}/"
    assert (said["kind"], said["state"], said["phase"], said["outcome"]) == ("enquiry", "open", "open", None)
    assert (said["words"], said["answers"], said["messages"]) == (world.NEED, {"months": 3}, 1)
    assert [(leg["receiver"], leg["state"]) for leg in said["legs"]] == [("试验局", "sent")]
    assert said["verbs"] == [{"verb": "withdraw", "name": "撤回", "needs": []}]
    assert said["sentence"].startswith("已转给试验局")
    assert (case.channel, case.submitter) == ("web", owner)


def test_a_program_asks_by_mandate_and_others_do_not(shop, owner, agent):
    world.offering()
    looks, looking = program("looks")
    entrust(looks, shop, owner, "view")
    _, stranger = program("stranger")
    _, reads = program("reads", scopes="requests:read")
    clerk = person(world.bureau().reviewer)

    answers = {
        name: ask_for(asker, shop, words=world.NEED).status_code
        for name, asker in {
            "agent": agent,
            "looks": looking,
            "stranger": stranger,
            "reads": reads,
            "other owner": person(owner_of(open_shop(2))),
            "clerk": clerk,
            "nobody": NOBODY,
        }.items()
    }

    assert answers == {
        "agent": 201,
        "looks": 403,
        "stranger": 404,
        "reads": 403,
        "other owner": 404,
        "clerk": 403,
        "nobody": 401,
    }
    case = ServiceCase.objects.get()
    assert (case.channel, case.client.client_id, case.submitter) == ("api", "agent", None)


def test_what_stands_is_given_again_and_a_key_asks_once(shop, owner, banks):
    body = {
        "business": str(shop.public_id),
        "offering": "loan-a",
        "answers": {"sum": "50000"},
        "receivers": ["demo-bank-a"],
    }
    browser = person(owner)

    first, replayed = (browser.post("requests/", body, key="same") for _ in range(2))
    again = browser.post("requests/", body)
    other = browser.post("requests/", body | {"words": "别的"}, key="same")

    assert [answer.status_code for answer in (first, replayed, again, other)] == [201, 201, 200, 422]
    assert {answer.json()["id"] for answer in (first, replayed, again)} == {first.json()["id"]}
    assert Case.objects.count() == 1


def test_every_fault_of_a_request_is_named_at_once(shop, owner, banks):
    browser = person(owner)

    tender = ask_for(
        browser,
        shop,
        offering="loan-a",
        words="x" * 2_001,
        answers={"months": 3, "sum": "一万"},
        receivers=["demo-bank-z"],
        slot=1,
    )
    none = ask_for(browser, shop, offering="loan-a")
    shape = browser.post("requests/", {"offering": "nothing", "answers": [], "slot": "1", "stranger": 1})

    assert sorted(wrong(tender)) == [
        ("answers.months", "unknown_field"),
        ("answers.sum", "invalid_money"),
        ("receivers", "invalid_choice"),
        ("slot", "unknown_field"),
        ("words", "too_long"),
    ]
    assert wrong(none) == [("receivers", "required"), ("answers.sum", "required")]
    assert wrong(shape) == [
        ("stranger", "unknown_field"),
        ("business", "required"),
        ("offering", "unknown_offering"),
        ("answers", "invalid_object"),
        ("slot", "invalid_integer"),
    ]
    assert Case.objects.count() == 0


def test_numbers_of_people_are_refused_where_words_are_kept(shop, owner):
    world.offering(questions=[{"key": "what", "type": "text", "label": "什么"}])

    answer = ask_for(
        person(owner), shop, words=f"{world.NEED}，13800000001", answers={"what": "520201198001010012"}
    )

    assert {field for field, _ in wrong(answer)} == {"words", "answers.what"}


def test_answers_are_in_one_spelling_and_what_the_register_knows_is_not_answered(shop, owner):
    tell_of(shop, "tax", annual_taxable_income="86000.00")
    known = {"key": "income", "type": "money", "label": "一年收入", "fact": "annual_taxable_income"}
    kinds = {"date": "2026-1-5", "bool": "true", "integer": "５", "choice": "茶", "text": 5}
    questions = [
        {"key": name, "type": name, "label": name, "choices": ["米", "面"] if name == "choice" else []}
        for name in kinds
    ]
    world.offering(questions=[known, *questions])

    answer = ask_for(person(owner), shop, words=world.NEED, answers=kinds | {"income": "1.00"})

    assert wrong(answer) == [
        ("answers.date", "invalid_date"),
        ("answers.bool", "invalid_bool"),
        ("answers.integer", "invalid_integer"),
        ("answers.choice", "invalid_choice"),
        ("answers.text", "invalid_text"),
        ("answers.income", "known"),
    ]


def test_what_cannot_be_asked_now_is_a_409_with_a_sentence(shop, owner):
    browser = person(owner)
    world.offering(code="over", closes_on=timezone.localdate() - timedelta(days=1))
    world.offering(code="files", questions=[FILE])
    world.offering("information", "page")
    world.offering("booking", "others", criteria={"all": [world.OPERATING]})
    tell_of(shop, operating_status="suspended")
    slot = world.slot(Offering.objects.get(code="others"))

    def refusal(code, **more):
        answer = ask_for(browser, shop, offering=code, words=world.NEED, **more)
        return answer.status_code, answer.json()["code"]

    assert refusal("over") == (409, "closed")
    assert refusal("files") == (409, "files_needed")
    assert refusal("page")[0] == 409
    assert refusal("others", slot=slot.pk) == (409, "not_eligible")


def test_a_time_is_booked_once_and_who_comes_late_waits(shop, owner):
    row = world.offering("booking", "hour")
    slot, elsewhere = world.slot(row), world.slot(world.offering("booking", "else"))
    browser, late = person(owner), open_shop(2)

    booked = ask_for(browser, shop, offering="hour", slot=slot.pk)
    again = ask_for(browser, shop, offering="hour", slot=slot.pk)
    waits = ask_for(person(owner_of(late)), late, offering="hour", slot=slot.pk)

    assert (booked.status_code, again.status_code, waits.status_code) == (201, 200, 201)
    assert (booked.json()["seat"], waits.json()["seat"], waits.json()["state"]) == (
        "held",
        "queued",
        "waiting",
    )
    assert booked.json()["slot"]["id"] == slot.pk
    assert wrong(ask_for(browser, shop, offering="hour")) == [("slot", "required")]
    assert wrong(ask_for(browser, shop, offering="hour", slot=elsewhere.pk)) == [("slot", "invalid_choice")]
