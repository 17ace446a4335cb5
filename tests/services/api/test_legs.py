"""Legs over the API: what an institution sees of what it was sent, and how it answers."""

import json

import pytest
from django.utils import timezone

from accounts.models import AccessEvent, ApiClient
from cases.models import Case, Message
from services.models import Leg
from tests.services import world
from tests.services.askers import NOBODY, entrust, person, program

from .sending import ask_for, bank, leg_of, wrong

pytestmark = pytest.mark.django_db


def test_an_institution_sees_its_own_leg_without_the_others(tender, banks):
    first, second = banks
    _, of_first = program("first", first.department)
    _, reads = program("reads", first.department, scopes="legs:read")
    _, without = program("without", first.department, scopes="requests:read")
    _, of_nobody = program("nobodys")
    leg, other = leg_of(first), leg_of(second)

    said = of_first.get("legs/").json()["results"]

    assert said == [of_first.get(f"legs/{leg.pk}/").json()]
    assert said[0]["number"] == tender["number"]
    assert (said[0]["words"], said[0]["answers"]) == ("想借钱进货", {"sum": "50000.00"})
    assert said[0]["verbs"] == ["take", "decline", "unreachable"]
    assert "演示银行b" not in json.dumps(said, ensure_ascii=False)
    assert reads.get("legs/").json()["results"][0]["verbs"] == []
    assert (without.get("legs/").status_code, of_nobody.get("legs/").json()["results"]) == (403, [])
    hidden = [
        of_first.get(f"legs/{other.pk}/").status_code,
        of_first.post(f"legs/{other.pk}/take/", {"version": 1}).status_code,
        of_first.get(f"legs/0{leg.pk}/").status_code,
        person(second.officer).get(f"legs/{leg.pk}/").status_code,
        reads.post(f"legs/{leg.pk}/take/", {"version": 1}).status_code,
        NOBODY.get("legs/").status_code,
        of_first.get(f"requests/{tender['id']}/").status_code,
    ]
    assert hidden == [404, 404, 404, 404, 403, 401, 404]


def test_an_officer_reads_a_leg_and_that_is_written_down(tender, banks):
    first, _ = banks

    said = person(first.officer).get(f"legs/{leg_of(first).pk}/").json()

    assert said["verbs"] == ["take", "decline", "unreachable"]
    assert list(AccessEvent.objects.filter(action="see_leg").values_list("user", "subject")) == [
        (first.officer.pk, f"leg {leg_of(first).pk}")
    ]


@pytest.mark.parametrize("who", ["program", "officer"])
def test_a_leg_is_taken_and_answered_and_the_owner_chooses(tender, banks, owner, agent, who):
    first, second = banks
    _, asker = program("first", first.department)
    asker = asker if who == "program" else person(first.officer)
    leg, path = leg_of(first), f"legs/{leg_of(first).pk}/"

    taken = asker.post(f"{path}take/", {"version": leg.version}).json()
    twice = asker.post(f"{path}take/", {"version": taken["version"]})
    old = asker.post(f"{path}done/", {"version": leg.version, "words": "年利率 4%，一年"})
    empty = asker.post(f"{path}done/", {"version": taken["version"]})
    done = asker.post(f"{path}done/", {"version": taken["version"], "words": "年利率 4%，一年"}).json()
    late = asker.post(f"{path}decline/", {"version": done["version"], "words": "不做"})

    assert (taken["state"], taken["verbs"]) == ("taken", ["decline", "done", "unreachable"])
    assert (twice.status_code, old.status_code, late.status_code) == (409, 409, 409)
    assert twice.json()["code"] == "taken"
    assert wrong(empty) == [("words", "required")]
    assert (done["state"], done["terms"], done["verbs"]) == ("done", "年利率 4%，一年", [])
    assert leg_of(second).state == "sent"
    said = list(Message.objects.filter(side="office").values_list("office", "words"))
    assert said == [("演示银行a", "年利率 4%，一年")]

    path, browser = f"requests/{tender['id']}/", person(owner)
    seen = browser.get(path).json()
    assert [(row["receiver"], row["state"], row["terms"]) for row in seen["legs"]] == [
        ("演示银行a", "done", "年利率 4%，一年"),
        ("演示银行b", "sent", ""),
    ]
    body = {"version": seen["version"], "leg": leg.pk}
    assert [row["verb"] for row in seen["verbs"]] == ["withdraw", "pass_on", "accept"]
    assert agent.post(f"{path}accept/", body).status_code == 403
    assert "accept" not in [row["verb"] for row in agent.get(path).json()["verbs"]]
    assert wrong(browser.post(f"{path}accept/", {"version": seen["version"]})) == [("leg", "required")]
    assert browser.post(f"{path}accept/", body | {"leg": leg_of(second).pk}).status_code == 409
    served = browser.post(f"{path}accept/", body).json()
    assert (served["state"], served["outcome"]) == ("served", "helped")
    assert [row["accepted"] for row in served["legs"]] == [True, False]
    assert [row["state"] for row in served["legs"]] == ["done", "dropped"]
    assert asker.get(f"legs/{leg.pk}/").json()["accepted"] is True
    assert world.faults() == []


def test_what_nobody_takes_on_is_passed_on_with_the_words_alone(shop, owner, agent):
    first, second = bank("a"), bank("b")
    row = ask_for(agent, shop, offering="loan-a", answers={"sum": "50000"}, receivers=["demo-bank-a"]).json()
    _, of_first = program("first", first.department)
    leg = leg_of(first)

    silent = of_first.post(f"legs/{leg.pk}/decline/", {"version": 1})
    declined = of_first.post(f"legs/{leg.pk}/decline/", {"version": 1, "words": "不做这一类"})
    path = f"requests/{row['id']}/"
    seen = agent.get(path).json()
    body = {"version": seen["version"], "receivers": ["demo-bank-b"]}
    same = agent.post(f"{path}pass_on/", body | {"receivers": ["demo-bank-a"]})
    none = agent.post(f"{path}pass_on/", {"version": seen["version"]})
    passed = agent.post(f"{path}pass_on/", body)

    assert wrong(silent) == [("words", "required")]
    assert (declined.json()["state"], declined.json()["reason"]) == ("no_help", "不做这一类")
    assert (seen["state"], seen["legs"][0]["reason"]) == ("unserved", "不做这一类")
    assert {"verb": "pass_on", "name": "转给下一家", "needs": ["receivers"]} in seen["verbs"]
    assert (wrong(same), wrong(none)) == ([("receivers", "invalid_choice")], [("receivers", "required")])
    assert (passed.json()["state"], leg_of(second).state, leg_of(second).sharing) == ("open", "sent", None)
    assert world.faults() == []


def test_a_program_does_not_answer_what_it_asked_itself(shop, owner):
    first = bank("a")
    client, asker = program("both", first.department)
    entrust(client, shop, owner, "view", "apply")
    ask_for(asker, shop, offering="loan-a", answers={"sum": "50000"}, receivers=["demo-bank-a"])

    answer = asker.post(f"legs/{leg_of(first).pk}/take/", {"version": 1})

    assert (answer.status_code, leg_of(first).state) == (403, "sent")


@pytest.mark.parametrize("word", ["take", "decline", "done", "unreachable"])
def test_a_program_that_is_switched_off_or_lost_its_scope_answers_nothing(tender, banks, word):
    first, _ = banks
    client, asker = program("first", first.department)
    path, body = f"legs/{leg_of(first).pk}/{word}/", {"version": 1}

    ApiClient.objects.filter(pk=client.pk).update(scopes="legs:read")
    without = asker.post(path, body).status_code
    ApiClient.objects.filter(pk=client.pk).update(disabled_at=timezone.now(), scopes="legs:read legs:write")
    off = asker.post(path, body).status_code

    assert (without, off, leg_of(first).state) == (403, 401, "sent")


@pytest.mark.parametrize(
    ("word", "words", "state", "outcome"),
    [
        ("done", "明天上午派人疏通", "answered", ""),
        ("decline", "不归城区管", "declined", "no_help"),
        ("unreachable", None, "lost", "unreachable"),
    ],
)
def test_a_bureaus_program_answers_enquiries(shop, owner, word, words, state, outcome):
    people = world.bureau()
    case, _ = world.asked(world.offering())
    _, asker = program("bureau", people.department)
    leg = Leg.objects.get()

    taken = asker.post(f"legs/{leg.pk}/take/", {"version": 1}).json()
    body = {"version": taken["version"]} | ({"words": words} if words else {})
    answer = asker.post(f"legs/{leg.pk}/{word}/", body)

    row = Case.objects.get(pk=case.pk)
    assert answer.status_code == 200, answer.content.decode()
    assert (row.state, row.outcome) == (state, outcome)
    assert world.faults() == []


def test_a_step_that_a_decision_rests_on_is_not_done_by_a_program(shop, owner):
    people = world.bureau()
    steps = [
        {"key": "look", "title": "看材料", "department": "tests", "needs": []},
        {"key": "check", "title": "核实", "department": "tests", "needs": [], "sets": "reviewer"},
    ]
    row = world.offering("checklist", "list", steps=steps)
    world.asked(row)
    _, asker = program("bureau", people.department)
    first, second = Leg.objects.order_by("position")

    said = asker.get(f"legs/{first.pk}/").json()
    done = asker.post(f"legs/{first.pk}/done/", {"version": 1, "words": "齐了"})
    second.refresh_from_db()
    refused = asker.post(f"legs/{second.pk}/done/", {"version": second.version, "words": "属实"})

    assert (said["title"], said["verbs"]) == ("看材料", ["done"])
    assert (done.status_code, refused.status_code) == (200, 409)
    assert asker.post(f"legs/{second.pk}/decline/", {"version": 1}).status_code == 404
    assert "工作人员" in refused.json()["detail"]
