"""The labour market over the API: work for everybody to read, one's own to write, who fits, and the two who talk."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessEvent, User
from cases.actions import general
from cases.sweeping import sweep
from jobs import contacting, working
from jobs.models import Contact, JobMatch, Post, Worker
from notifications.models import WebhookDelivery
from tests.services import world as services
from tests.services.askers import NOBODY, entrust, person, program
from tests.services.test_moved_events import listening, told
from tests.subsidies.world import owner_of

from . import world
from .test_moderation import clerk
from .world import DAY, contact, post, shop, today, wishes, work, worker

pytestmark = pytest.mark.django_db
SCOPES = "posts:read posts:write"
YEARS = {"fact": "experience", "op": "gte", "value": 2}


def body(found=None, **more):
    """Work, as a program writes it."""
    said = work(hours=8, people=4, **more)
    return {"business": str(found.public_id), **said} if found else said


def card(**more):
    return wishes(hours=9, experience=2, **more)


def wrong(answer, status=400):
    assert answer.status_code == status, answer.content.decode()
    return [(row["field"], row["code"]) for row in answer.json()["errors"]]


def refused(answer, status):
    assert answer.status_code == status, answer.content.decode()
    return answer.json()["detail"]


def agent(found, owner, name="agent", scopes=SCOPES, *granted):
    """A program that may apply for a shop, or what else is ``granted``."""
    client, asker = program(name, scopes=scopes)
    entrust(client, found, owner, *(granted or ("view", "apply")))
    return asker


def fitting(offered, someone):
    return JobMatch.objects.create(
        post=offered, worker=someone, wants_fen=12_000, day_fen=15_000, for_post=True, for_worker=True
    )


# The words


def test_the_words_of_posts_are_listed_for_everybody():
    trades = NOBODY.get("trades/?page_size=100").json()["results"]
    counties = NOBODY.get("counties/").json()["results"]

    (tea,) = [row for row in trades if row["key"] == "tea_picking"]
    assert (tea["farm"], tea["hard"], tea["label"]) == (True, False, "采茶")
    assert counties[0] == {"code": "520201", "label": "钟山区", "near": ["520204", "520526", "520527"]}
    following = NOBODY.get("trades/?page_size=1").json()["next"].partition("/api/v1/")[2]
    assert NOBODY.get(following).json()["results"] == [trades[1]]
    assert wrong(NOBODY.get("trades/?q=x")) == [("q", "unknown")]


# Reading work


def titles(asker, query=""):
    return [row["title"] for row in asker.get(f"posts/{query}").json()["results"]]


@pytest.mark.django_db(databases=["default", "postgres"])
@pytest.mark.every_engine("days of the week are bits in SQL")
@pytest.mark.usefixtures("engine")
def test_anybody_reads_the_work_there_is_and_narrows_it():
    post(title="采茶")
    post(2, trade="loader", county="520201", title="搬货", pay="200", days=["1"])
    paused = post(3, title="停着")
    Post.objects.filter(pk=paused.pk).update(state="paused", because="停着")
    over = post(4, title="过了")
    Post.objects.filter(pk=over.pk).update(from_on=today() - 9 * DAY, until_on=today() - DAY)
    begins = today() + 3 * DAY
    monday = begins + timedelta(days=-begins.weekday() % 7)

    assert titles(NOBODY) == ["搬货", "采茶"]
    assert titles(NOBODY, "?trade=loader") == ["搬货"]
    assert titles(NOBODY, "?county=520204") == ["采茶"]
    assert titles(NOBODY, "?farm=true") == ["采茶"]
    assert titles(NOBODY, "?farm=false") == ["搬货"]
    assert titles(NOBODY, "?day_pay_from=200") == ["搬货"]
    assert titles(NOBODY, "?day_pay_from=200.01") == []
    assert titles(NOBODY, f"?day={monday}") == ["搬货", "采茶"]
    assert titles(NOBODY, f"?day={monday + DAY}") == ["采茶"]
    assert titles(NOBODY, f"?day={begins - DAY}") == []
    assert titles(NOBODY, f"?business={paused.business.public_id}") == []
    assert titles(NOBODY, "?state=paused") == []
    assert titles(NOBODY, "?page_size=1") == ["搬货"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?trade=spy", ("trade", "invalid_choice")),
        ("?county=110000", ("county", "invalid_choice")),
        ("?day=2026-02-30", ("day", "invalid")),
        ("?farm=yes", ("farm", "invalid")),
        ("?day_pay_from=-1.001", ("day_pay_from", "invalid")),
        ("?business=1", ("business", "invalid")),
        ("?q=茶", ("q", "unknown")),
        ("?cursor=cD14", ("cursor", "invalid")),
    ],
)
def test_what_cannot_be_asked_for_is_told_by_name(query, told):
    assert wrong(NOBODY.get(f"posts/{query}")) == [told]


def test_a_pay_that_no_column_holds_finds_nothing():
    post()

    assert titles(NOBODY, "?day_pay_from=999999999999999999") == []


def test_one_post_says_all_there_is_to_the_work_and_names_nobody():
    offered = post(requirements={"all": [YEARS]}, words="自带饭盒")

    said = NOBODY.get(f"posts/{offered.public_id}/").json()

    assert said == {
        "id": str(offered.public_id),
        "business": str(offered.business.public_id),
        "shop": offered.business.name,
        "title": "采春茶",
        "trade": "tea_picking",
        "county": "520204",
        "place": "",
        "from_on": (today() + 3 * DAY).isoformat(),
        "until_on": (today() + 23 * DAY).isoformat(),
        "pay": "150.00",
        "unit": "day",
        "day_pay": "150.00",
        "people": 4,
        "state": "open",
        "version": 1,
        "posted_at": said["posted_at"],
        "words": "自带饭盒",
        "days": [1, 2, 3, 4, 5, 6, 7],
        "hours": 8,
        "pieces": None,
        "night": False,
        "meals": False,
        "lodging": False,
        "season": False,
        "requirements": {"all": [YEARS]},
        "asks": said["asks"],
        "because": "",
        "verbs": [],
    }
    assert len(said["asks"]) == 1
    assert "2 年" in said["asks"][0]


def test_what_is_not_open_is_seen_by_its_own_shop_alone():
    offered = post()
    owner = owner_of(offered.business)
    Post.objects.update(state="paused", because="停着")
    askers = {
        "owner": person(owner),
        "agent": agent(offered.business, owner),
        "without scope": agent(offered.business, owner, "bare", "requests:read"),
        "looks": agent(offered.business, owner, "looks", SCOPES, "view"),
        "other": person(shop(2)[1]),
        "nobody": NOBODY,
    }

    seen = {name: asker.get(f"posts/{offered.public_id}/").status_code for name, asker in askers.items()}
    listed = {name: len(titles(asker, "?state=paused")) for name, asker in askers.items()}

    assert seen == {"owner": 200, "agent": 200} | dict.fromkeys(
        ("without scope", "looks", "other", "nobody"), 404
    )
    assert listed == {name: int(status == 200) for name, status in seen.items()}
    assert person(owner).get(f"posts/{offered.public_id}/").json()["verbs"] == ["resume", "close"]
    assert NOBODY.client.get("/api/v1/posts/", headers={"Authorization": "Bearer x"}).status_code == 401


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


# Who fits


def test_a_shop_reads_who_fits_and_why_and_whom_it_has_asked():
    offered, first, second = post(), worker(), worker(2, shown_name="小王", wants="100")
    for someone in (first, second):
        fitting(offered, someone)
    JobMatch.objects.filter(worker=second).update(wants_fen=10_000)
    owner = owner_of(offered.business)
    case = contacting.ask_worker(owner, offered, first)

    said = person(owner).get(f"posts/{offered.public_id}/matches/").json()

    assert [(row["worker"], row["name"], row["contact"]) for row in said["results"]] == [
        (second.pk, "小王", None),
        (first.pk, "小李", str(case.public_id)),
    ]
    assert set(said["results"][0]) == {"worker", "name", "reasons", "contact"}
    assert said["results"][1]["reasons"][2] == {
        "key": "pay",
        "holds": True,
        "sentence": "一天 150 元，够得上想要的 120 元",
    }
    paged = person(owner).get(f"posts/{offered.public_id}/matches/?page_size=1").json()
    following = paged["next"].partition("/api/v1/")[2]
    assert [row["name"] for row in person(owner).get(following).json()["results"]] == ["小李"]
    assert wrong(person(owner).get(f"posts/{offered.public_id}/matches/?cursor=cD14")) == [
        ("cursor", "invalid")
    ]


def test_who_fits_is_read_by_the_own_shop_alone():
    offered = post()
    fitting(offered, worker())
    owner, path = owner_of(offered.business), f"posts/{offered.public_id}/matches/"
    askers = {
        "agent": agent(offered.business, owner),
        "looks": agent(offered.business, owner, "looks", SCOPES, "view"),
        "writes": agent(offered.business, owner, "writes", "posts:write"),
        "somebody": person(world.person()),
        "nobody": NOBODY,
    }

    found = {name: asker.get(path).status_code for name, asker in askers.items()}

    assert found == {"agent": 200, "looks": 403, "writes": 403, "somebody": 403, "nobody": 401}


# The own card


def test_somebody_writes_their_card_changes_it_and_stops():
    world.market()
    browser = person(world.person())
    assert browser.get("workers/me/").status_code == 404

    first = browser.put("workers/me/", card(certificates=["health"], days=[6, 7]))
    unseen = browser.put("workers/me/", card())
    changed = browser.put("workers/me/", card(wants="130") | {"version": 1})
    stale = browser.put("workers/me/", card() | {"version": 1})
    stopped = browser.post("workers/me/stop/", {})

    said = browser.get("workers/me/").json()
    assert (first.status_code, first.json()["certificates"], first.json()["days"]) == (
        200,
        ["health"],
        [6, 7],
    )
    assert wrong(unseen) == [("version", "required")]
    assert (changed.json()["wants"], changed.json()["certificates"]) == ("130.00", [])
    assert "刚刚有变动" in refused(stale, 409)
    assert (stopped.json()["state"], said["state"], said["version"]) == ("stopped", "stopped", 3)
    assert browser.put("workers/me/", card() | {"version": 3}).json()["state"] == "looking"


def test_a_card_that_is_not_there_is_not_changed_or_stopped():
    browser = person(world.person())

    assert "刚刚有变动" in refused(browser.put("workers/me/", card() | {"version": 1}), 409)
    assert "还没有写" in refused(browser.post("workers/me/stop/", {}), 404)
    assert Worker.objects.count() == 0


def test_no_program_and_nobody_of_the_staff_has_a_card():
    client = program("agent", scopes=SCOPES)[1]
    officer = person(services.bureau().reviewer)

    for answer in (
        client.get("workers/me/"),
        client.put("workers/me/", card()),
        client.post("workers/me/stop/", {}),
    ):
        assert refused(answer, 403) == "找活信息要本人登录后写，程序不能替他看、写或停。"
    assert refused(officer.put("workers/me/", card()), 403) == "工作人员不在这里找活。"
    assert officer.get("workers/me/").status_code == 404
    assert NOBODY.put("workers/me/", card()).status_code == 401


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"shown_name": "打13912345678"}, ("shown_name", "number_in_text")),
        ({"born_on": f"{world.today().year - 15}-01-01"}, ("born_on", "too_young")),
        ({"born_on": "1990/05/01"}, ("born_on", "invalid_date")),
        ({"trades": []}, ("trades", "invalid_list")),
        ({"trades": ["spy"]}, ("trades.0", "invalid_choice")),
        ({"trades": ["packer"] * 2}, ("trades.1", "repeated")),
        ({"trades": [{}]}, ("trades.0", "invalid_choice")),
        ({"counties": "520204"}, ("counties", "invalid_list")),
        ({"wants": "1"}, ("wants", "out_of_range")),
        ({"wants": [120]}, ("wants", "invalid_money")),
        ({"experience": 61}, ("experience", "out_of_range")),
        ({"certificates": ["wings"]}, ("certificates.0", "invalid_choice")),
        ({"has_tools": None}, ("has_tools", "invalid_bool")),
        ({"version": 0}, ("version", "out_of_range")),
        ({"looking_until": "2099-01-01"}, ("looking_until", "unknown_field")),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_card_is_told_by_its_field(sent, told):
    assert wrong(person(world.person()).put("workers/me/", card() | sent)) == [told]
    assert Worker.objects.count() == 0


# The two who talk


def test_somebody_asks_for_work_and_the_two_agree():
    offered, someone = post(), worker()
    owner, looks = person(owner_of(offered.business)), person(someone.user)

    answer = looks.post("contacts/", {"post": str(offered.public_id), "words": "我去年采过"})
    again = looks.post("contacts/", {"post": str(offered.public_id)})

    said, case = answer.json(), Contact.objects.get().case
    assert (answer.status_code, again.status_code, again.json()["id"]) == (201, 200, said["id"])
    assert answer["Location"] == f"http://testserver/api/v1/contacts/{case.public_id}/"
    assert {
        name: said[name] for name in ("state", "asked_by", "name", "words", "outcome", "phase", "title")
    } == {
        "state": "asked",
        "asked_by": "worker",
        "name": "小李",
        "words": "我去年采过",
        "outcome": None,
        "phase": "open",
        "title": "采春茶",
    }
    assert [row["verb"] for row in said["verbs"]] == ["withdraw"]
    assert "回话" in said["sentence"]
    path = f"contacts/{said['id']}/"
    assert [row["verb"] for row in owner.get(path).json()["verbs"]] == ["accept", "refuse", "fill"]

    talking = owner.post(f"{path}accept/", {"version": 1}).json()
    once = owner.post(f"{path}agree/", {"version": 2}).json()
    twice = owner.post(f"{path}agree/", {"version": 3})
    agreed = looks.post(f"{path}agree/", {"version": 3}).json()
    done = looks.post(f"{path}finish/", {"version": 4}).json()

    assert (talking["state"], [row["verb"] for row in talking["verbs"]]) == (
        "talking",
        ["agree", "refuse", "fill"],
    )
    assert (once["state"], once["shop_agreed"], [row["verb"] for row in once["verbs"]]) == (
        "talking",
        True,
        ["refuse", "fill"],
    )
    assert refused(twice, 409) == "您已经说定了，等对方也说一声。"
    assert (agreed["state"], agreed["worker_agreed"]) == ("agreed", True)
    assert (done["state"], done["outcome"], done["phase"], done["verbs"]) == (
        "worked",
        "helped",
        "closed",
        [],
    )


def test_a_shop_asks_somebody_who_fits_and_nobody_else():
    offered, someone, stranger = post(), worker(), worker(2)
    fitting(offered, someone)
    owner = owner_of(offered.business)
    asker = agent(offered.business, owner)
    sent = {"post": str(offered.public_id), "worker": someone.pk, "words": "来不来"}

    answer, again = asker.post("contacts/", sent), asker.post("contacts/", sent)

    assert (answer.status_code, again.status_code) == (201, 200)
    assert (answer.json()["asked_by"], answer.json()["state"]) == ("shop", "asked")
    case = Contact.objects.get().case
    assert (case.client.client_id, case.channel, case.submitter) == ("agent", "api", None)
    for pk in (stranger.pk, 10**9):
        assert refused(asker.post("contacts/", sent | {"worker": pk}), 409) == contacting.STRANGER
    for other in (person(shop(2)[1]), person(stranger.user), program("stranger", scopes=SCOPES)[1]):
        assert "不能替这家店" in refused(other.post("contacts/", sent), 403)


def test_a_program_answers_by_mandate_and_does_not_agree():
    case, owner, _ = contact()
    asker, path = agent(case.business, owner), f"contacts/{case.public_id}/"

    talking = asker.post(f"{path}accept/", {"version": 1}).json()
    agreed = asker.post(f"{path}agree/", {"version": 2})

    assert [row["verb"] for row in talking["verbs"]] == ["refuse", "fill"]
    assert "店主本人" in refused(agreed, 403)
    assert Contact.objects.get().shop_agreed is False
    filled = asker.post(f"{path}fill/", {"version": 2}).json()
    assert (filled["state"], filled["reason"], filled["outcome"]) == ("filled", "店里已经招满了", "no_help")


def test_no_program_looks_for_work_and_nobody_of_the_staff():
    offered = post()
    asker = agent(offered.business, owner_of(offered.business))
    officer = person(services.bureau().reviewer)
    sent = {"post": str(offered.public_id)}

    assert "程序不能替人找活" in refused(asker.post("contacts/", sent), 403)
    assert "工作人员" in refused(officer.post("contacts/", sent), 403)


def test_what_keeps_somebody_from_asking_is_told():
    offered, owner = post(), shop()[1]
    sent = {"post": str(offered.public_id)}
    without, someone = person(world.person(5)), worker()
    working.look_for_work(owner, wishes(shown_name="老板"))

    assert "先写好" in refused(without.post("contacts/", sent), 409)
    assert "自己店里" in refused(person(owner).post("contacts/", sent), 409)
    asks = person(someone.user)
    assert wrong(asks.post("contacts/", sent | {"words": "打13912345678"})) == [("words", "number_in_text")]
    assert wrong(asks.post("contacts/", sent | {"words": "茶" * 201})) == [("words", "too_long")]
    assert wrong(asks.post("contacts/", {"post": 1, "worker": "1", "words": 3, "x": 1})) == [
        ("x", "unknown_field"),
        ("post", "invalid_id"),
        ("worker", "invalid_integer"),
        ("words", "invalid_text"),
    ]
    Post.objects.update(state="paused", because="停着")
    assert asks.post("contacts/", sent).status_code == 404
    assert Contact.objects.count() == 0


def test_not_suitable_says_why_without_a_number():
    case, owner, someone = contact()
    browser, path = person(owner), f"contacts/{case.public_id}/"

    bare = browser.post(f"{path}refuse/", {"version": 1})
    number = browser.post(f"{path}refuse/", {"version": 1, "reason": "打我电话 13912345678"})
    idle = browser.post(f"{path}accept/", {"version": 1, "reason": "好"})
    stale = browser.post(f"{path}refuse/", {"version": 9, "reason": "招到人了"})
    said = browser.post(f"{path}refuse/", {"version": 1, "reason": "要会开车的"}).json()

    assert wrong(bare) == [("reason", "required")]
    assert wrong(number) == [("reason", "number_in_text")]
    assert wrong(idle) == [("reason", "unknown_field")]
    assert "刚刚有变动" in refused(stale, 409)
    assert (said["state"], said["reason"]) == ("refused", "要会开车的")
    assert person(someone).get(path).json()["reason"] == "要会开车的"


def test_a_contact_is_seen_by_the_two_and_by_nobody_else():
    case, owner, someone = contact()
    path = f"contacts/{case.public_id}/"
    askers = {
        "shop": person(owner),
        "worker": person(someone),
        "agent": agent(case.business, owner),
        "looks": agent(case.business, owner, "looks", SCOPES, "view"),
        "stranger": person(worker(9).user),
        "other shop": person(shop(7)[1]),
        "nobody": NOBODY,
    }

    seen = {name: asker.get(path).status_code for name, asker in askers.items()}
    listed = {
        name: len(asker.get("contacts/").json()["results"])
        for name, asker in askers.items()
        if name != "nobody"
    }
    done = {name: asker.post(f"{path}refuse/", {}).status_code for name, asker in askers.items()}

    assert seen == {"shop": 200, "worker": 200, "agent": 200, "nobody": 401} | dict.fromkeys(
        ("looks", "stranger", "other shop"), 404
    )
    assert listed == {name: int(seen[name] == 200) for name in listed}
    assert done == {name: 400 if status == 200 else status for name, status in seen.items()}


def test_staff_of_the_bureau_read_contacts_and_do_nothing_to_them():
    case, *_ = contact()
    asker, path = person(clerk()), f"contacts/{case.public_id}/"
    said = asker.get(path).json()

    assert (said["label"], said["verbs"]) == ("等答复", [])
    assert "不能替他们办" in refused(asker.post(f"{path}refuse/", {"version": 1, "reason": "不行"}), 403)
    assert asker.post(f"{path}burn/", {"version": 1}).status_code == 404
    assert asker.post(f"{path}lapse/", {"version": 1}).status_code == 404  # time's
    assert person(services.bureau("hrss").reviewer).get(path).status_code == 404  # whose work it is not


def test_contacts_are_narrowed_and_stand_in_no_list_of_services():
    case, owner, _ = contact()
    other = contacting.ask_shop(worker(2).user, case.contact.post)
    browser = person(owner)
    general.do(other, "accept", {}, by=owner)

    def ids(query):
        return [row["id"] for row in browser.get(f"contacts/{query}").json()["results"]]

    first, second = str(case.public_id), str(other.public_id)
    assert ids("") == [second, first]
    assert ids("?state=talking") == [second]
    assert ids("?phase=closed") == []
    assert ids(f"?post={case.contact.post.public_id}") == [second, first]
    assert ids(f"?business={case.contact.post.public_id}") == []
    assert wrong(browser.get("contacts/?post=1&state=x&q=1")) == [("q", "unknown")]
    assert wrong(browser.get("contacts/?post=1")) == [("post", "invalid")]
    assert browser.get("requests/").json()["results"] == []
    assert browser.get(f"requests/{first}/").status_code == 404
    assert browser.get("applications/").json()["results"] == []


# Phones, queries, events


def test_no_phone_is_in_any_answer_for_anybody():
    """The canaries are the numbers of the two, before and after they talk and have looked at them."""
    case, owner, someone = contact()
    offered = case.contact.post
    fitting(offered, case.contact.worker)
    askers = [
        person(owner),
        person(someone),
        agent(case.business, owner, scopes=f"{SCOPES} requests:read"),
        person(clerk()),
        person(User.objects.create(username="boss", is_superuser=True, is_staff=True)),
        NOBODY,
    ]
    paths = [
        *("posts/", f"posts/{offered.public_id}/", f"posts/{offered.public_id}/matches/"),
        *("workers/me/", "contacts/", f"contacts/{case.public_id}/", "requests/", "notifications/"),
    ]
    numbers = [User.objects.get(pk=user.pk).phone.reveal() for user in (owner, someone)]
    read = []

    for verb, by in ((None, None), ("accept", owner), ("agree", owner), ("agree", someone)):
        if verb:
            case = general.do(case, verb, {}, by=by)
        read += [asker.get(path).content.decode() for asker in askers for path in paths]
    sent = person(owner).post(f"contacts/{case.public_id}/finish/", {"version": case.version})
    read.append(sent.content.decode())

    assert len(read) == 4 * len(askers) * len(paths) + 1
    assert [text for text in read if any(number in text for number in numbers)] == []
    assert [text for text in read if re.search(r"(?<![0-9a-f-])1[3-9][0-9]{9}(?![0-9])", text)] == []
    assert not AccessEvent.objects.filter(action="job_phone_shown").exists()


@pytest.mark.parametrize("count", [1, 5])
def test_answers_take_as_many_queries_for_one_as_for_five(count):
    offered = post()
    owner = owner_of(offered.business)
    for number in range(1, count + 1):
        someone = worker(number)
        contacting.ask_shop(someone.user, offered)
        fitting(offered, someone)
    for place in range(2, count + 1):
        post(place)
    browser = person(owner)
    paths = {
        "posts/": (NOBODY, count),
        f"posts/{offered.public_id}/matches/": (browser, count),
        "contacts/": (browser, count),
    }
    found = []

    for path, (asker, rows) in paths.items():
        asker.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert len(asker.get(path).json()["results"]) == rows
        found.append(len(queries))

    assert found == [1, 6, 5]


def test_programs_hear_where_a_contact_went_and_nothing_else(django_capture_on_commit_callbacks):
    offered, someone = post(), worker()
    found, owner = offered.business, owner_of(offered.business)
    entrust(listening("agent", scopes="posts:read"), found, owner, "view", "apply")
    entrust(listening("looks", scopes="posts:read"), found, owner, "view")
    entrust(listening("services", scopes="requests:read applications:read"), found, owner, "view", "apply")
    listening("stranger", scopes="posts:read")

    with django_capture_on_commit_callbacks(execute=True):
        case = contacting.ask_shop(someone.user, offered, "我去年采过")
    with django_capture_on_commit_callbacks(execute=True):
        general.do(case, "refuse", {"reason": "要会开车的"}, by=owner)

    case.refresh_from_db()
    assert told() == [("agent", "asked", None), ("agent", "refused", "no_help")]
    last = WebhookDelivery.objects.order_by("pk").last().payload
    assert {name: value for name, value in last["data"].items() if name != "at"} == {
        "id": str(case.public_id),
        "number": case.number,
        "procedure": "contact",
        "business": str(found.public_id),
        "state": "refused",
        "outcome": "no_help",
        "version": 2,
    }


def test_programs_hear_of_what_time_ends(django_capture_on_commit_callbacks):
    case, owner, _ = contact()
    entrust(listening("agent", scopes="posts:read"), case.business, owner, "view", "apply")

    with django_capture_on_commit_callbacks(execute=True):
        sweep(today() + 8 * DAY)

    assert told() == [("agent", "no_answer", "expired")]
