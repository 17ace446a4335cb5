"""Two who talk, over the API: asked, answered, settled; seen by the two, and no phone in any answer."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessEvent, User
from cases.actions import general
from cases.sweeping import sweep
from jobs import contacting, working
from jobs.models import Contact, Post
from notifications.models import WebhookDelivery
from tests.services import world as services
from tests.services.askers import NOBODY, entrust, person, program
from tests.services.test_moved_events import listening, told
from tests.subsidies.world import owner_of

from .. import world
from ..test_moderation import clerk
from ..world import DAY, contact, post, shop, today, wishes, worker
from .asking import SCOPES, agent, fitting, refused, wrong

pytestmark = pytest.mark.django_db


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
