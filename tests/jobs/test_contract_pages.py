"""Pages of contracts: blank ones for everybody, one's own for the two; every word typed is kept."""

import pytest

from cases.papers import sheet
from jobs.contracts import agreeing
from jobs.contracts.clauses import FORMS, forms
from jobs.models import Agreement, Post
from tests.markup import squeezed
from tests.pages.shops import browser_of

from .pdf_text import text_of
from .test_agreements import (
    GIG,
    SAID,
    drawn,
    filled,
    services,  # noqa: F401 - a fixture
    settled,
    stored,
    talking,
)
from .test_contacts import agent_of, do, number_of
from .world import worker

pytestmark = pytest.mark.django_db


def page(row, name=""):
    return f"/jobs/contracts/{row.public_id}/{name}"


def sent(answers):
    return {f"said-{key}": value for key, value in answers.items()}


def text(response):
    return squeezed(response.content.decode())


@pytest.mark.parametrize("form", FORMS)
def test_anybody_reads_and_prints_a_blank_one(client, form):
    shown = client.get(f"/jobs/contracts/{form}/")
    paper = client.get(f"/jobs/contracts/{form}/blank.pdf")

    assert forms()[form].title in text(client.get("/jobs/contracts/"))
    assert "第一条" in text(shown)
    assert "就是说：身份证号和住址签字时用笔写" in text(shown)
    if sheet.available():
        assert paper.headers["Content-Type"] == "application/pdf"
        assert "身份证号：＿＿＿＿＿＿" in text_of(paper.content)
    else:
        assert paper.status_code == 302


def test_the_market_leads_to_contracts(client):
    assert 'href="/jobs/contracts/"' in client.get("/jobs/").content.decode()


def test_there_is_no_other_form(client):
    assert client.get("/jobs/contracts/marriage/").status_code == 404
    assert client.get("/jobs/contracts/marriage/blank.pdf").status_code == 404


def test_two_who_talk_are_offered_one_and_it_is_drawn_up(client):
    case, owner, someone = talking()
    browser = browser_of(owner)

    offered = browser.get("/jobs/contracts/")
    drawn_up = browser.post(f"/jobs/contracts/with/{case.public_id}/", {"form": "labour"})

    row = Agreement.objects.get()
    assert "采春茶" in text(offered)
    assert drawn_up.headers["Location"] == page(row)
    assert "还没填完：乙方姓名、每月几号发工资、每周哪天休息" in text(browser.get(page(row)))
    assert "看劳动合同" in text(browser.get(f"/cases/{case.public_id}/"))
    assert "看劳动合同" in text(browser_of(someone).get(f"/cases/{case.public_id}/"))


def test_a_form_that_does_not_exist_is_said_and_nothing_is_drawn_up():
    case, owner, _ = talking()
    browser = browser_of(owner)

    browser.post(f"/jobs/contracts/with/{case.public_id}/", {"form": "marriage"})

    assert "请选劳动合同或者零工协议" in text(browser.get("/jobs/contracts/"))
    assert not Agreement.objects.exists()


def test_filled_in_confirmed_by_both_on_their_own_pages():
    row, owner, someone = drawn()
    shop, other = browser_of(owner), browser_of(someone)

    shop.post(page(row, "fill/"), {**sent(SAID), "version": row.version})
    version = stored(row).version
    for browser in (shop, other):
        assert "我看过了，确认" in text(browser.get(page(row)))
        browser.post(page(row, "confirm/"), {"version": version})

    assert stored(row).is_settled
    shown = text(shop.get(page(row)))
    assert "两边都确认了" in shown
    assert "送去备案审核" in shown
    assert "送去备案审核" not in text(other.get(page(row)))
    assert "两边都确认了" in text(shop.get("/jobs/contracts/"))


def test_what_is_typed_wrong_stays_in_the_form():
    row, owner, _ = drawn()
    typed = {**sent(SAID | {"pay_on": "四十", "hazards": "坡很陡"}), "version": row.version}

    answer = browser_of(owner).post(page(row, "fill/"), typed)

    assert answer.status_code == 400
    shown = answer.content.decode()
    assert 'value="四十"' in shown
    assert 'value="坡很陡"' in shown
    assert 'href="#said-pay_on"' in shown
    assert stored(row).answers == {}


def test_what_was_changed_meanwhile_is_said_and_what_was_typed_is_kept():
    row, owner, someone = drawn()
    seen = row.version
    agreeing.fill_in(row, SAID, by=someone)

    answer = browser_of(owner).post(
        page(row, "fill/"), {**sent(SAID | {"worker_name": "王小二"}), "version": seen}
    )

    assert answer.status_code == 409
    assert 'value="王小二"' in answer.content.decode()
    assert stored(row).answers["worker_name"] == "李四"


def test_whoever_read_an_older_one_reads_it_again_before_confirming():
    row, owner, someone = filled()
    seen = row.version
    agreeing.fill_in(row, SAID | {"pay_on": "20"}, by=someone)

    answer = browser_of(owner).post(page(row, "confirm/"), {"version": seen})

    assert answer.status_code == 409
    assert "每月 20 号" in text(answer)
    assert stored(row).text == []


@pytest.mark.parametrize("version", ["", "x", "0", "-1"])
def test_a_confirmation_without_a_version_confirms_nothing(version):
    row, owner, _ = filled()

    answer = browser_of(owner).post(page(row, "confirm/"), {"version": version})

    assert (answer.status_code, stored(row).text) == (409, [])


def test_a_mandate_prepares_and_is_told_who_confirms():
    case, _, _ = talking()
    agent = browser_of(agent_of(case))
    agent.post(f"/jobs/contracts/with/{case.public_id}/", {"form": "gig"})
    row = Agreement.objects.get()
    agent.post(page(row, "fill/"), {**sent(GIG), "version": row.version})
    row.refresh_from_db()

    shown = text(agent.get(page(row)))
    refused = agent.post(page(row, "confirm/"), {"version": row.version})

    assert row.answers == GIG
    assert "确认要店主本人来点" in shown
    assert "我看过了，确认" not in shown
    assert (refused.status_code, stored(row).text) == (409, [])


def test_strangers_find_nothing():
    row, _, _ = settled()
    stranger = browser_of(worker(9).user)

    for name in ("", "fill/", "contract.pdf"):
        assert stranger.get(page(row, name)).status_code == 404
    for name in ("fill/", "confirm/", "file/"):
        assert stranger.post(page(row, name)).status_code == 404
    case = row.contact.case
    assert stranger.post(f"/jobs/contracts/with/{case.public_id}/", {"form": "gig"}).status_code == 404
    assert "采春茶" not in text(stranger.get("/jobs/contracts/"))


def test_what_is_over_is_read_and_not_changed():

    row, owner, _ = settled()
    do(row.contact.case, "refuse", owner, reason="不招了")
    browser = browser_of(owner)

    shown = text(browser.get(page(row)))

    assert "合同不能再改" in shown
    assert "改一改" not in shown
    assert browser.get(page(row, "fill/")).headers["Location"] == page(row)


@pytest.mark.parametrize("form", FORMS)
def test_the_paper_says_what_was_confirmed_and_no_number_of_anybody(form):
    row, owner, someone = settled(form)
    Post.objects.filter(pk=row.contact.post_id).update(pay_fen=99_00, day_fen=99_00)

    papers = [browser_of(user).get(page(row, "contract.pdf")) for user in (owner, someone)]

    assert papers[0].content == papers[1].content
    assert "no-store" in papers[0].headers["Cache-Control"]
    shown = text_of(papers[0].content)
    assert "每天150元" in shown
    assert "李四" in shown
    for phone in (number_of(owner), number_of(someone)):
        assert phone not in shown
    assert row.contact.post.business.operator.identity.reveal() not in shown


def test_it_is_sent_to_be_looked_at_and_its_page_leads_there(services):  # noqa: F811
    row, owner, _ = settled()
    browser = browser_of(owner)

    answer = browser.post(page(row, "file/"))

    case = stored(row).filed
    assert answer.headers["Location"] == f"/cases/{case.public_id}/"
    assert "送去审核了" in text(browser.get("/jobs/contracts/"))
    assert f"/cases/{case.public_id}/" in browser.get(page(row)).content.decode()


def test_nobody_to_look_at_it_is_said():
    row, owner, _ = settled()

    answer = browser_of(owner).post(page(row, "file/"))

    assert answer.status_code == 409
    assert "12333" in text(answer)


def test_the_list_asks_as_much_for_three_as_for_one():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    case, owner, someone = talking()
    browser = browser_of(someone)
    agreeing.draw_up(case, "labour", by=owner)
    browser.get("/jobs/contracts/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/jobs/contracts/")
    for place in (2, 3):
        other, shop_owner, _ = talking(place=place)
        agreeing.draw_up(other, "gig", by=shop_owner)
    with CaptureQueriesContext(connection) as three:
        browser.get("/jobs/contracts/")

    assert len(three) == len(one)
