"""Services over the API: what there is, asking for it, following it, answering it, and what institutions may read."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import agree
from accounts.models import AccessEvent, ApiClient
from businesses.models import Mandate, Sharing
from cases.actions import general
from cases.models import Case, Message
from services.models import Leg, Offering, ServiceCase
from tests.notifications.register import open_shop, tell_of
from tests.subsidies.world import owner_of

from . import world
from .askers import NOBODY, entrust, person, program

pytestmark = pytest.mark.django_db
SUM = {"key": "sum", "type": "money", "label": "想借多少", "required": True}
MONTHS = {"key": "months", "type": "integer", "label": "几个月"}
RENT = {"key": "rent", "type": "money", "label": "每月房租", "fact": "monthly_rent"}
FILE = {"key": "proof", "type": "files", "label": "证明", "required": True}


@pytest.fixture
def shop():
    return open_shop(1)


@pytest.fixture
def owner(shop):
    return owner_of(shop)


@pytest.fixture
def agent(shop, owner):
    """A program that may apply for the shop."""
    client, asker = program("agent")
    entrust(client, shop, owner, "view", "apply")
    return asker


def wrong(answer, status=400):
    assert answer.status_code == status, answer.content.decode()
    return [(row["field"], row["code"]) for row in answer.json()["errors"]]


def ask_for(asker, shop, **more):
    return asker.post("requests/", {"business": str(shop.public_id), "offering": "ask", **more})


def bank(letter):
    found = world.institution(f"demo-bank-{letter}", f"演示银行{letter}")
    found.offering = world.offering(
        "tender",
        f"loan-{letter}",
        provider=found.department,  # the bureau watches
        questions=[SUM, RENT],
        shares=["monthly_rent"],
    )
    return found


@pytest.fixture
def banks():
    return bank("a"), bank("b")


@pytest.fixture
def tender(shop, owner, banks):
    """Both banks are asked, by the owner."""
    answer = ask_for(
        person(owner),
        shop,
        offering="loan-a",
        words="想借钱进货",
        answers={"sum": "50000"},
        receivers=["demo-bank-a", "demo-bank-b"],
    )
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def leg_of(bank):
    return Leg.objects.get(receiver=bank.department)


# What there is


def test_anybody_reads_what_is_offered_and_narrows_it():
    world.offering(title="疏通下水道", summary="找人来修")
    world.offering(code="there", district="520203", summary="就近办")
    world.offering("booking", "hour", district="520201")
    world.offering(code="hidden", status=Offering.Status.DRAFT)
    world.offering(code="over", closes_on=timezone.localdate() - timedelta(days=1))

    def codes(query=""):
        return [row["code"] for row in NOBODY.get(f"offerings/{query}").json()["results"]]

    assert codes() == ["ask", "hour", "there"]
    assert codes("?kind=booking") == ["hour"]
    assert codes("?district=520203") == ["ask", "there"]
    assert codes("?q=下水道") == ["ask"]
    assert codes("?q=就近") == ["there"]
    assert codes("?benefit=T14b") == ["ask", "hour", "there"]
    assert codes("?page_size=2") == ["ask", "hour"]
    assert wrong(NOBODY.get("offerings/?benefit=M99z")) == [("benefit", "unknown_benefit")]
    assert wrong(NOBODY.get("offerings/?kind=gift&county=1")) == [("county", "unknown")]


def test_one_offering_says_all_that_is_asked_and_promised():
    world.offering(
        "tender",
        questions=[SUM, RENT],
        terms={"rate": None, "limit_fen": 30_000_000},
        shares=["monthly_rent"],
    )

    said = NOBODY.get("offerings/ask/").json()

    assert (said["code"], said["kind"], said["benefit"], said["provider"]) == (
        "ask",
        "tender",
        "T14b",
        "tests",
    )
    assert said["handler"] == {"code": "tests", "name": "试验局"}
    assert [(row["key"], row["required"], row["fact"]) for row in said["questions"]] == [
        ("sum", True, None),
        ("rent", False, "monthly_rent"),
    ]
    assert said["terms"] == {"limit": "300000.00", "rate": None}
    assert (said["closed"], said["promise_days"]) == (None, None)


def test_what_is_over_says_so_and_a_draft_is_not_there():
    world.offering(code="over", closes_on=timezone.localdate() - timedelta(days=1))
    world.offering(code="hidden", status=Offering.Status.DRAFT)

    assert "已经结束" in NOBODY.get("offerings/over/").json()["closed"]
    assert NOBODY.get("offerings/hidden/").status_code == 404
    assert NOBODY.get("offerings/hidden/slots/").status_code == 404


def test_what_is_kept_is_read_anew_once_it_has_changed():
    row = world.offering()
    before = NOBODY.get("offerings/ask/")
    unchanged = NOBODY.client.get("/api/v1/offerings/ask/", headers={"If-None-Match": before["ETag"]})
    row.title = "换了名称"
    row.save()
    Offering.objects.filter(pk=row.pk).update(paused_until=timezone.localdate() + timedelta(days=2))
    after = NOBODY.get("offerings/ask/").json()

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (after["title"], "先停一停" in after["closed"]) == ("换了名称", True)


def test_times_ahead_say_what_is_left_and_who_waits():
    row = world.offering("booking", "hour")
    first, second = world.slot(row, 2, capacity=1), world.slot(row, 3, capacity=4)
    world.slot(row, -1)
    for place in (1, 2, 3):
        world.asked(row, place, slot=first)

    found = NOBODY.get("offerings/hour/slots/").json()["results"]

    assert [(slot["id"], slot["left"], slot["queue"]) for slot in found] == [
        (first.pk, 0, 2),
        (second.pk, 4, 0),
    ]


def test_times_come_in_pages_in_their_order_and_no_other_cursor_is_taken():
    row = world.offering("booking", "hour")
    ids = [world.slot(row, days).pk for days in (5, 3, 4)]
    found, path = [], "offerings/hour/slots/?page_size=1"
    while path:
        answer = NOBODY.get(path).json()
        found += [slot["id"] for slot in answer["results"]]
        path = answer["next"] and answer["next"].partition("/api/v1/")[2]

    assert found == [ids[1], ids[2], ids[0]]
    assert wrong(NOBODY.get("offerings/hour/slots/?cursor=cD1ub3RoaW5n")) == [("cursor", "invalid")]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_as_many_queries_for_one_as_for_three(shop, owner, count):
    for place in range(count):
        row = world.offering(code=f"ask-{place}")
        world.asked(row)
    people = world.bureau()
    _, bureau = program("bureau", people.department)
    paths = {"requests/": person(owner), "legs/": bureau, "sharings/": person(owner)}
    for path, asker in paths.items():
        asker.get(path)  # once, so that what is kept is kept

    found = {}
    for path, asker in paths.items():
        with CaptureQueriesContext(connection) as queries:
            answer = asker.get(path)
        assert len(answer.json()["results"]) == (0 if path == "sharings/" else count)
        found[path] = len(queries)
    Offering.objects.update(title="x")
    with CaptureQueriesContext(connection) as queries:
        assert len(NOBODY.get("offerings/").json()["results"]) == count

    assert found == {"requests/": 5, "legs/": 2, "sharings/": 4}
    assert len(queries) == 2


# Asking


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


# Following


def people_around(shop, owner, agent):
    """Everybody who might look at a request of the shop that the bureau ``tests`` answers."""
    bureau, other = world.bureau(), world.bureau("others", "别的局")
    looks, looking = program("looks")
    entrust(looks, shop, owner, "view")
    return {
        "owner": person(owner),
        "agent": agent,
        "looks": looking,
        "stranger": person(owner_of(open_shop(9))),
        "bureau": person(bureau.reviewer),
        "other bureau": person(other.reviewer),
        "nobody": NOBODY,
    }


def test_a_request_is_shown_to_its_own_alone(shop, owner, agent):
    case, _ = world.asked(world.offering())
    people = people_around(shop, owner, agent)

    found = {
        name: (
            asker.get(f"requests/{case.public_id}/").status_code,
            asker.get(f"requests/{case.public_id}/messages/").status_code,
            asker.post(f"requests/{case.public_id}/solve/", {"version": 1}).status_code,
            len(asker.get("requests/").json().get("results", ())),
        )
        for name, asker in people.items()
    }

    assert found == {
        "owner": (200, 200, 409, 1),
        "agent": (200, 200, 409, 1),
        "looks": (404, 404, 404, 0),
        "stranger": (404, 404, 404, 0),
        "bureau": (200, 200, 403, 1),
        "other bureau": (404, 404, 404, 0),
        "nobody": (401, 401, 401, 0),
    }


def test_the_list_is_narrowed(shop, owner):
    world.asked(world.offering())
    case, _ = world.asked(world.offering(code="other"))
    browser = person(owner)
    general.do(case, "withdraw", {}, by=owner)

    def found(query):
        return [row["offering"] for row in browser.get(f"requests/?{query}").json()["results"]]

    assert found("") == ["other", "ask"]
    assert found("phase=open") == ["ask"]
    assert found("state=withdrawn") == ["other"]
    assert found("offering=ask") == ["ask"]
    assert (found("kind=enquiry"), found("kind=tender")) == (["other", "ask"], [])
    assert found(f"business={shop.public_id}") == ["other", "ask"]
    assert wrong(browser.get("requests/?offering=none")) == [("offering", "unknown_offering")]
    assert wrong(browser.get("requests/?business=1")) == [("business", "invalid")]


@pytest.mark.parametrize("who", ["owner", "agent"])
def test_what_was_asked_for_is_supplied_as_a_message(shop, owner, agent, who):
    people = world.bureau()
    case, _ = world.asked(world.offering())
    asker = {"owner": person(owner), "agent": agent}[who]
    path, day = f"requests/{case.public_id}/messages/", timezone.localdate() + timedelta(days=5)

    early = asker.post(path, {"words": "在建设路"})
    general.do(case, "take", {}, by=people.reviewer)
    general.do(case, "ask", {"words": "在哪里？", "until": day.isoformat()}, by=people.reviewer)
    empty = asker.post(path, {"words": " "})
    old = asker.post(path, {"words": "在建设路", "version": 1})
    said = asker.post(path, {"words": "在建设路"})

    assert (early.status_code, old.status_code, said.status_code) == (409, 409, 201)
    assert wrong(empty) == [("words", "required")]
    assert (said.json()["side"], said.json()["office"], said.json()["words"]) == ("owner", None, "在建设路")
    thread = asker.get(path).json()["results"]
    assert [(line["side"], line["office"], line["words"]) for line in thread] == [
        ("owner", None, world.NEED),
        ("office", "试验局", "在哪里？"),
        ("owner", None, "在建设路"),
    ]
    assert Case.objects.get(pk=case.pk).state == "taken"


def test_an_owner_does_what_the_verbs_say_and_nothing_else(shop, owner):
    people, browser = world.bureau(), person(owner)
    case, _ = world.asked(world.offering())
    path = f"requests/{case.public_id}/"
    general.do(case, "answer", {"words": "明天来修"}, by=people.reviewer)
    said = browser.get(path).json()

    def do(verb, key=None, **body):
        return browser.post(f"{path}{verb}/", {"version": said["version"], **body}, key=key)

    assert said["verbs"] == [
        {"verb": "solve", "name": "解决了", "needs": []},
        {"verb": "reopen", "name": "没解决", "needs": ["words"]},
    ]
    assert [do(verb).status_code for verb in ("answer", "nothing", "settle", "withdraw")] == [
        404,
        404,
        404,
        409,
    ]
    assert wrong(do("reopen")) == [("words", "required")]
    assert wrong(do("solve", words="好")) == [("words", "unknown_field")]
    assert wrong(do("solve", leg=1, receivers=["x"])) == [
        ("leg", "unknown_field"),
        ("receivers", "unknown_field"),
    ]
    assert wrong(browser.post(f"{path}solve/", {})) == [("version", "required")]
    solved, replayed = do("solve", key="once"), do("solve", key="once")
    assert (solved.status_code, solved.json()["outcome"]) == (200, "helped")
    assert (replayed.json(), replayed["Idempotent-Replayed"]) == (solved.json(), "true")


def test_a_verb_needs_a_key_and_of_two_with_one_version_the_second_is_told(shop, owner):
    case, _ = world.asked(world.offering())
    browser, path = person(owner), f"requests/{case.public_id}/withdraw/"

    bare = browser.client.post(f"/api/v1/{path}", '{"version": 1}', content_type="application/json")
    answers = [browser.post(path, {"version": 1}) for _ in range(2)]

    assert bare.json()["code"] == "idempotency_key_required"
    assert [answer.status_code for answer in answers] == [200, 409]
    assert Case.objects.get(pk=case.pk).state == "withdrawn"


# Several institutions


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


# What institutions may read


def test_an_owner_agrees_to_the_words_that_were_shown(tender, banks, shop, owner):
    first, _ = banks
    agree(owner, "sensitive")
    browser, leg = person(owner), leg_of(first)

    shown = browser.post("sharings/", {"leg": leg.pk})
    other = browser.post("sharings/", {"leg": leg.pk, "notice": "0" * 64})
    given = browser.post("sharings/", {"leg": leg.pk, "notice": shown.json()["notice"]})

    assert (shown.status_code, other.status_code, given.status_code) == (200, 409, 201)
    assert "我同意演示银行a" in shown.json()["words"]
    assert (given.json()["facts"], given.json()["receiver"]["code"]) == (["monthly_rent"], "demo-bank-a")
    assert browser.get("sharings/").json()["results"] == [given.json()]
    _, of_first = program("first", first.department)
    assert of_first.get(f"legs/{leg.pk}/").json()["sharing"]["facts"] == ["monthly_rent"]
    assert of_first.post("sharings/", {"leg": leg.pk}).status_code == 403


def test_agreeing_takes_a_fresh_proof_and_the_operator(tender, banks, shop, owner, agent):
    first, _ = banks
    leg, browser = leg_of(first), person(owner)
    notice = browser.post("sharings/", {"leg": leg.pk}).json()["notice"]

    session = browser.client.session
    session["proved_at"] -= 16 * 60
    session.save()
    stale = browser.post("sharings/", {"leg": leg.pk, "notice": notice})

    assert (stale.status_code, stale.json()["code"]) == (409, "not_fresh")
    assert "程序不能" in agent.post("sharings/", {"leg": leg.pk}).json()["detail"]
    assert agent.get("sharings/").status_code == 403
    helper = owner_of(open_shop(5))
    until = timezone.localdate() + timedelta(days=30)
    Mandate.objects.create(business=shop, given_by=owner, agent=helper, scopes=["view", "apply"], until=until)
    assert person(helper).post("sharings/", {"leg": leg.pk}).status_code == 403
    assert person(owner_of(open_shop(6))).post("sharings/", {"leg": leg.pk}).status_code == 404
    assert person(first.officer).post("sharings/", {"leg": leg.pk}).status_code == 404
    assert NOBODY.get("sharings/").status_code == 401
    assert Sharing.objects.count() == 0


def test_an_owner_takes_back_what_was_shared(tender, banks, shop, owner):
    browser, leg = person(owner), leg_of(banks[0])
    notice = browser.post("sharings/", {"leg": leg.pk}).json()["notice"]
    given = browser.post("sharings/", {"leg": leg.pk, "notice": notice}).json()
    path = f"sharings/{given['id']}/revoke/"

    hidden = person(owner_of(open_shop(5))).post(path, {}).status_code
    odd = wrong(browser.post(path, {"why": "x"}))
    revoked, again = browser.post(path, {}), browser.post(path, {})

    assert (hidden, odd) == (404, [("why", "unknown_field")])
    assert (revoked.status_code, again.status_code) == (200, 409)
    assert (given["ended"], revoked.json()["ended"]) == (None, "店主已经撤回授权")
