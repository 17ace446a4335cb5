"""The labour market over the API: the work there is, read by anybody and by its own shop."""

from datetime import timedelta

import pytest

from jobs.models import Post
from tests.services.askers import NOBODY, person
from tests.subsidies.world import owner_of

from ..world import DAY, post, shop, today
from .asking import SCOPES, YEARS, agent, titles, wrong

pytestmark = pytest.mark.django_db


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
