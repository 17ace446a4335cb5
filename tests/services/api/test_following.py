"""Following a request over the API, and doing what its verbs say."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.actions import general
from cases.models import Case
from tests.notifications.register import open_shop
from tests.services import world
from tests.services.askers import NOBODY, entrust, person, program
from tests.subsidies.world import owner_of

from .sending import wrong

pytestmark = pytest.mark.django_db


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
