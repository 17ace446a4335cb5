"""Who fits work over the API, and the card of somebody who looks for it."""

import pytest

from jobs import contacting
from jobs.models import JobMatch, Worker
from tests.services import world as services
from tests.services.askers import NOBODY, person, program
from tests.subsidies.world import owner_of

from .. import world
from ..world import post, worker
from .asking import SCOPES, agent, card, fitting, refused, wrong

pytestmark = pytest.mark.django_db


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
