"""Work written over the API: offered, changed as a whole, paused, closed; each fault by its field."""

import pytest

from jobs.models import Post
from tests.services.askers import NOBODY, person, program
from tests.subsidies.world import owner_of

from .. import world
from ..world import post, shop, worker
from .asking import SCOPES, YEARS, agent, body, refused, titles, wrong

pytestmark = pytest.mark.django_db


# Writing work


def test_a_program_offers_work_by_mandate_and_others_do_not():
    found, owner = shop()
    askers = {
        "agent": agent(found, owner),
        "looks": agent(found, owner, "looks", SCOPES, "view"),
        "reads": agent(found, owner, "reads", "posts:read"),
        "stranger": program("stranger", scopes=SCOPES)[1],
        "other owner": person(shop(2)[1]),
        "nobody": NOBODY,
    }

    answers = {name: asker.post("posts/", body(found)).status_code for name, asker in askers.items()}

    assert answers == {
        "agent": 201,
        "looks": 403,
        "reads": 403,
        "stranger": 404,
        "other owner": 404,
        "nobody": 401,
    }
    assert Post.objects.get().by is None


def test_an_owner_offers_work_in_json_and_reads_it_back(django_capture_on_commit_callbacks):
    found, owner = shop()
    worker()
    sent = body(
        found,
        days=[1, 6],
        unit="piece",
        pay=2.5,
        pieces=80,
        lodging=True,
        requirements={"all": [YEARS]},
        words=" 自带饭盒 ",
    )

    with django_capture_on_commit_callbacks(execute=True):
        answer = person(owner).post("posts/", sent)

    said, offered = answer.json(), Post.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver/api/v1/posts/{offered.public_id}/"
    assert {
        name: said[name] for name in ("days", "pay", "pieces", "day_pay", "lodging", "words", "verbs")
    } == {
        "days": [1, 6],
        "pay": "2.50",
        "pieces": 80,
        "day_pay": "200.00",
        "lodging": True,
        "words": "自带饭盒",
        "verbs": ["pause", "close"],
    }
    assert (said["requirements"], offered.by) == ({"all": [YEARS]}, owner)


def test_a_key_offers_work_once_and_is_asked_for():
    found, owner = shop()
    browser = person(owner)

    first, again = (browser.post("posts/", body(found), key="same") for _ in range(2))
    other = browser.post("posts/", body(found, title="别的"), key="same")
    without = browser.client.post("/api/v1/posts/", "{}", content_type="application/json")

    assert [answer.status_code for answer in (first, again, other)] == [201, 201, 422]
    assert first.json()["id"] == again.json()["id"]
    assert "Idempotency-Key" in refused(without, 400)
    assert Post.objects.count() == 1


WRONG = [
    ({"trade": "spy"}, ("trade", "invalid_choice")),
    ({"trade": ["tea_picking"]}, ("trade", "invalid_choice")),
    ({"county": 520204}, ("county", "invalid_choice")),
    ({"title": 1}, ("title", "invalid_text")),
    ({"title": ""}, ("title", "required")),
    ({"title": "茶" * 31}, ("title", "too_long")),
    ({"title": "找我 13912345678"}, ("title", "number_in_text")),
    ({"words": "找我 １３９１２３４５６７８"}, ("words", "number_in_text")),
    ({"place": "微信 13912345678"}, ("place", "number_in_text")),
    ({"from_on": "2026-2-1"}, ("from_on", "invalid_date")),
    ({"until_on": 20261201}, ("until_on", "invalid_date")),
    ({"until_on": "2020-01-01"}, ("until_on", "past")),
    ({"until_on": "2199-01-01"}, ("until_on", "too_far")),
    ({"until_on": world.today().isoformat()}, ("until_on", "too_early")),
    ({"days": "1"}, ("days", "invalid_list")),
    ({"days": ["1"]}, ("days.0", "invalid_integer")),
    ({"days": [0]}, ("days.0", "out_of_range")),
    ({"days": [1, 1]}, ("days.1", "repeated")),
    ({"hours": "8"}, ("hours", "invalid_integer")),
    ({"hours": 8.0}, ("hours", "invalid_integer")),
    ({"hours": 12}, ("hours", "out_of_range")),
    ({"people": 0}, ("people", "out_of_range")),
    ({"people": 201}, ("people", "out_of_range")),
    ({"pay": "0"}, ("pay", "out_of_range")),
    ({"pay": "-1"}, ("pay", "negative")),
    ({"pay": "３00"}, ("pay", "invalid_money")),
    ({"pay": None}, ("pay", "invalid_money")),
    ({"pay": 99999}, ("pay", "out_of_range")),
    ({"unit": "century"}, ("unit", "invalid_choice")),
    ({"unit": "piece", "pay": "2"}, ("pieces", "required")),
    ({"night": "on"}, ("night", "invalid_bool")),
    ({"night": 1}, ("night", "invalid_bool")),
    ({"requirements": []}, ("requirements", "invalid_object")),
    ({"requirements": {"any": [YEARS]}}, ("requirements", "invalid_rule")),
    ({"requirements": {"all": [{**YEARS, "value": 1.5}]}}, ("requirements", "invalid_rule")),
    ({"requirements": {"all": [{**YEARS, "advice": "打 13912345678"}]}}, ("requirements", "invalid_rule")),
    ({"least_age": 18}, ("least_age", "unknown_field")),
    ({"phone": "13912345678"}, ("phone", "unknown_field")),
]


@pytest.mark.crawl
@pytest.mark.parametrize(("sent", "told"), WRONG, ids=str)
def test_what_is_wrong_with_work_is_told_by_its_field(sent, told):
    found, owner = shop()

    assert wrong(person(owner).post("posts/", body(found) | sent)) == [told]
    assert Post.objects.count() == 0


def test_all_that_is_wrong_is_told_at_once():
    found, owner = shop()
    few = {name: value for name, value in body(found).items() if name not in ("trade", "pay")}

    answer = person(owner).post("posts/", few | {"stranger": 1, "hours": "8", "days": [9]})
    meant = person(owner).post("posts/", body(found, title="", until_on="2020-01-01") | {"pay": "1"})

    assert wrong(answer) == [
        ("stranger", "unknown_field"),
        ("trade", "required"),
        ("days.0", "out_of_range"),
        ("hours", "invalid_integer"),
        ("pay", "required"),
    ]
    assert sorted(wrong(meant)) == [("pay", "out_of_range"), ("title", "required"), ("until_on", "past")]


def test_words_that_staff_read_first_hold_work_back():
    found, owner = shop()

    said = person(owner).post("posts/", body(found, words="先交押金 200 元")).json()

    assert (said["state"], "押金" in said["because"], said["verbs"]) == ("held", True, ["close"])
    assert titles(NOBODY) == []


def test_a_shop_that_is_not_open_offers_no_work():
    found, owner = shop()
    type(found).objects.update(operating_status="suspended")

    assert "不是正常经营" in refused(person(owner).post("posts/", body(found)), 409)


def test_work_is_changed_as_a_whole_by_who_saw_it_last():
    offered = post(words="自带饭盒", lodging="true")
    browser, path = person(owner_of(offered.business)), f"posts/{offered.public_id}/"

    said = browser.put(path, body(pay="180") | {"version": 1}).json()
    stale = browser.put(path, body(pay="190") | {"version": 1})
    unseen = browser.put(path, body(pay="190"))
    moved = browser.put(path, body(pay="190") | {"version": 2, "business": str(offered.business.public_id)})

    assert {name: said[name] for name in ("pay", "words", "lodging", "version")} == {
        "pay": "180.00",
        "words": "",
        "lodging": False,
        "version": 2,
    }
    assert "刚刚有变动" in refused(stale, 409)
    assert wrong(unseen) == [("version", "required")]
    assert wrong(moved) == [("business", "unknown_field")]
    assert browser.put(path, body(pay="0") | {"version": 2}).status_code == 400
    Post.objects.update(state="closed")
    assert "另发一条" in refused(browser.put(path, body() | {"version": 2}), 409)


def test_others_change_nothing_and_what_they_do_not_see_is_not_there():
    offered, strangers = post(), [person(shop(2)[1]), program("stranger", scopes=SCOPES)[1]]
    path, sent = f"posts/{offered.public_id}/", body() | {"version": 1}

    seen = [asker.put(path, sent).status_code for asker in (*strangers, NOBODY)]
    done = [asker.post(f"{path}close/", {"version": 1}).status_code for asker in (*strangers, NOBODY)]
    Post.objects.update(state="paused", because="停着")
    hidden = [asker.put(path, {}).status_code for asker in strangers]
    done_hidden = [asker.post(f"{path}close/", {}).status_code for asker in strangers]

    assert (seen, done) == ([403, 403, 401], [403, 403, 401])
    assert (hidden, done_hidden) == ([404, 404], [404, 404])


def test_work_is_paused_taken_up_again_and_closed():
    offered = post()
    path = f"posts/{offered.public_id}/"
    asker, states = agent(offered.business, owner_of(offered.business)), []

    for place, verb in enumerate(("pause", "resume", "close"), 1):
        states.append(asker.post(f"{path}{verb}/", {"version": place}).json()["state"])

    assert states == ["paused", "open", "closed"]
    assert "刚刚有变动" in refused(asker.post(f"{path}close/", {"version": 1}), 409)
    assert "已结束" in refused(asker.post(f"{path}resume/", {"version": 4}), 409)
    assert asker.post(f"{path}burn/", {"version": 4}).status_code == 404
    assert wrong(asker.post(f"{path}close/", {"version": 4, "reason": "x"})) == [("reason", "unknown_field")]
    assert asker.get(f"{path}close/").status_code == 405
