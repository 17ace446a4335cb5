"""A new state and its verbs are rows of the procedure: both sides have a page for them, and nothing else is written."""

import pytest

from cases import procedure as procedures
from cases.procedure import STANDS, State, Verb
from cases.rights.permissions import may_review, owns
from core.invariants import broken
from subsidies.models import Application
from subsidies.procedure import SUBSIDY
from tests.notifications.register import open_shop
from tests.subsidies import world

pytestmark = pytest.mark.django_db
SUSPENDED = State("已中止", "已中止", "soon", "先停一停，等法院的结果，这段时间不计时", clock=STANDS)
BY_REQUEST, SEEN = "店主自己要的", "页面上写着"
VERBS = {
    "suspend": Verb(
        "中止",
        {"reviewing": ("suspended",)},
        may_review,
        "中止",
        staff="中止",
        needs=("override_note",),
        silent=SEEN,
    ),
    "resume": Verb("恢复", {"suspended": ("reviewing",)}, may_review, "恢复", staff="恢复", silent=SEEN),
    "ask_back": Verb(
        "请求恢复", {"suspended": ("reviewing",)}, owns, "请求恢复", owner="请接着办", silent=BY_REQUEST
    ),
}


@pytest.fixture(autouse=True)
def suspendable(monkeypatch):
    """The procedure with 中止 and 恢复, for one test."""
    longer = SUBSIDY.extended(SUBSIDY.key, SUBSIDY.title, states={"suspended": SUSPENDED}, verbs=VERBS)
    monkeypatch.setitem(procedures.PROCEDURES, SUBSIDY.key, longer)


@pytest.fixture
def people():
    return world.bureau()


@pytest.fixture
def reviewing(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    world.envelope(benefit)
    return world.accepted(world.filed(benefit, shop, world.owner_of(shop)), people)


def as_staff(client, row, user, verb, **typed):
    client.force_login(user)
    address = f"/admin/subsidies/application/{row.pk}/do/{verb}/"
    return client.post(address, {"expected_version": row.version, **typed})


def fresh(row):
    return Application.objects.get(pk=row.pk)


def test_staff_find_the_button_say_why_and_the_clock_stands_still(client, reviewing, people):
    client.force_login(people.reviewer)
    page = client.get(f"/admin/subsidies/application/{reviewing.pk}/change/").content.decode()
    asks = client.get(f"/admin/subsidies/application/{reviewing.pk}/do/suspend/").content.decode()

    done = as_staff(client, reviewing, people.reviewer, "suspend", override_note="等法院判决")

    row = fresh(reviewing)
    assert "/do/suspend/" in page
    assert "/do/resume/" not in page
    assert "与自动核验不同的理由" in asks
    assert done.status_code == 302
    assert (row.state, row.phase, row.stopped_on is not None) == ("suspended", "open", True)
    assert row.override_note == "等法院判决"
    assert [title for title, rows in broken() if rows] == []


def test_what_it_needs_is_asked_for_and_what_was_typed_stays(client, reviewing, people):
    nothing = as_staff(client, reviewing, people.reviewer, "suspend", override_note="  ")
    too_long = as_staff(client, reviewing, people.reviewer, "suspend", override_note="长" * 501)

    assert (nothing.status_code, too_long.status_code) == (400, 400)
    assert "请填写“与自动核验不同的理由”" in nothing.content.decode()
    assert "最多 500 个字" in too_long.content.decode()
    assert "长" * 501 in too_long.content.decode()
    assert fresh(reviewing).state == "reviewing"


def test_a_page_overtaken_is_refused(client, reviewing, people):
    Application.objects.filter(pk=reviewing.pk).update(version=reviewing.version + 1)

    answer = as_staff(client, reviewing, people.reviewer, "suspend", override_note="等法院判决")

    assert answer.status_code == 409
    assert "刚刚有变动" in answer.content.decode()


def test_the_owner_reads_where_it_stands_and_asks_for_it_to_go_on(client, reviewing, people):
    as_staff(client, reviewing, people.reviewer, "suspend", override_note="等法院判决")
    row = fresh(reviewing)
    client.force_login(row.submitter)
    page = client.get(f"/cases/{row.public_id}/").content.decode()
    asks = client.get(f"/cases/{row.public_id}/do/ask_back/").content.decode()

    done = client.post(f"/cases/{row.public_id}/do/ask_back/", {"version": row.version}, follow=True)

    assert "先停一停，等法院的结果" in page
    assert "请接着办" in page
    assert "请接着办" in asks
    assert "店主自己" not in page
    assert fresh(row).state == "reviewing"
    assert fresh(row).stopped_on is None
    assert "请求恢复" in done.content.decode()


def test_the_list_of_the_owner_counts_it_among_what_runs(client, reviewing, people):
    as_staff(client, reviewing, people.reviewer, "suspend", override_note="等法院判决")
    client.force_login(reviewing.submitter)

    page = client.get("/cases/").content.decode()

    assert "办理中" in page
    assert "要您处理" not in page


def test_verbs_of_the_other_side_and_those_with_pages_of_their_own_are_not_offered_here(
    client, reviewing, people
):
    as_staff(client, reviewing, people.reviewer, "suspend", override_note="等法院判决")
    row = fresh(reviewing)
    by_staff = as_staff(client, row, people.reviewer, "ask_back").status_code
    own_door = as_staff(client, row, people.reviewer, "refuse").status_code
    unknown = as_staff(client, row, people.reviewer, "dance").status_code
    client.force_login(row.submitter)
    by_owner = client.post(f"/cases/{row.public_id}/do/resume/", {"version": row.version}).status_code

    assert (by_staff, own_door, unknown, by_owner) == (403, 403, 404, 404)
    assert fresh(row).state == "suspended"
