"""The labour market in a browser on a phone: from a post to the last day of work, and one that comes to nothing."""

import pytest

from tests.pages.conftest import NARROW, PHONE, follow

from .browsing import cookies_of, fill, text

WAYS = [True, pytest.param(False, marks=pytest.mark.long)]


def look(page, faults, javascript):
    """What is wrong with the page, wide as a phone and narrower; axe waits for timers, which need scripts."""
    if not javascript:
        return []
    wrong = faults(page, [PHONE, NARROW])
    page.set_viewport_size({"width": PHONE, "height": 800})
    return wrong


@pytest.mark.benefit("M10a", "M10b", "M11b")
@pytest.mark.parametrize("javascript", WAYS)
def test_work_is_offered_found_talked_about_settled_and_done(
    open_browser, faults, shopkeeper, person, javascript
):
    from jobs.models import Contact, Post
    from jobs.pairs import matching
    from tests.jobs import world
    from tests.subsidies.world import owner_of

    shop, owner = shopkeeper(600 + javascript)
    someone, wrong = person(60 + javascript), []

    # Both write down what they have and want.
    theirs = open_browser(PHONE, cookies_of(owner), javascript)
    theirs.goto("/jobs/posts/new/")
    wrong += look(theirs, faults, javascript)
    fill(theirs, world.work())
    theirs.get_by_role("button", name="发布").click()
    theirs.wait_for_url("**/jobs/posts/*/")
    offered = Post.objects.get(business=shop, state="open")
    mine = open_browser(PHONE, cookies_of(someone), javascript)
    mine.goto("/jobs/work/")
    wrong += look(mine, faults, javascript)
    fill(mine, world.wishes())
    mine.get_by_role("button", name="保存").click()
    mine.wait_for_url("**/jobs/work/")
    matching.match_all()  # what a commit does, which a test has none of
    mine.reload()
    fits = text(mine)
    wrong += look(mine, faults, javascript)

    # The one asks, the other answers by the link in the message, both settle it.
    mine.goto(f"/jobs/posts/{offered.public_id}/")
    wrong += look(mine, faults, javascript)
    follow(mine.get_by_role("link", name="问一问"))
    mine.get_by_label("想说的").fill("去年采过")
    mine.get_by_role("button", name="问店里").click()
    mine.wait_for_url("**/receipt/")
    wrong += look(mine, faults, javascript)
    case = Contact.objects.get(post=offered).case
    theirs.goto("/inbox/")
    follow(theirs.get_by_role("link", name="采春茶").first)
    theirs.get_by_role("link", name="去看看").or_(theirs.get_by_role("button", name="去看看")).first.click()
    theirs.wait_for_url("**/a/**")
    wrong += look(theirs, faults, javascript)
    theirs.get_by_role("button", name="可以谈").click()
    theirs.get_by_text("愿意谈。").first.wait_for()
    mine.goto(f"/cases/{case.public_id}/")
    talks = text(mine)
    wrong += look(mine, faults, javascript)
    mine.get_by_role("button", name="看对方的电话").click()
    mine.wait_for_url("**/phone/")
    number = text(mine)
    wrong += look(mine, faults, javascript)
    for page in (mine, theirs):
        page.goto(f"/cases/{case.public_id}/")
        page.get_by_role("button", name="说定了").click()
        page.get_by_text("说定了。").first.wait_for()
    theirs.get_by_role("button", name="干完了").click()
    theirs.get_by_text("这份活干完了").first.wait_for()
    wrong += look(theirs, faults, javascript)

    assert wrong == []
    assert "采春茶" in fits
    assert "两边都愿意谈" in talks
    assert owner_of(shop).phone.reveal() in number
    case.refresh_from_db()
    assert (case.state, case.outcome, case.benefit.code) == ("worked", "helped", "M11b")


@pytest.mark.benefit("M13a")
@pytest.mark.parametrize("javascript", WAYS)
def test_in_a_season_a_shop_asks_somebody_of_the_next_county_who_refuses(
    open_browser, faults, shopkeeper, person, javascript
):
    from jobs import posting, working
    from jobs.models import Contact
    from jobs.pairs import matching
    from tests.jobs import world

    shop, owner = shopkeeper(610 + javascript)
    someone, wrong = person(70 + javascript), []
    posting.publish(
        shop, world.work(trade="room_service", title="暑期客房", season="on", people="12"), by=owner
    )
    working.look_for_work(someone, world.wishes(trades=["room_service"], only_season="on"))
    matching.match_all()

    theirs = open_browser(PHONE, cookies_of(owner), javascript)
    theirs.goto("/jobs/season/?county=520204")
    wanted = text(theirs)
    wrong += look(theirs, faults, javascript)
    theirs.goto("/jobs/posts/")
    wrong += look(theirs, faults, javascript)
    follow(theirs.get_by_role("link", name="暑期客房"))
    wrong += look(theirs, faults, javascript)
    follow(theirs.get_by_role("link", name="问他来不来"))
    theirs.get_by_role("button", name="问他来不来").click()
    theirs.wait_for_url("**/receipt/")
    case = Contact.objects.get(post__business=shop).case
    mine = open_browser(PHONE, cookies_of(someone), javascript)
    mine.goto(f"/cases/{case.public_id}/")
    follow(mine.get_by_role("link", name="不合适"))
    wrong += look(mine, faults, javascript)
    mine.get_by_label("原因").or_(mine.locator("[name=reason]")).first.fill("家里有事，走不开")
    mine.get_by_role("button", name="不合适").click()
    mine.get_by_text("没有谈成").first.wait_for()
    theirs.goto(f"/cases/{case.public_id}/")

    assert wrong == []
    assert "客房打扫" in wanted
    assert "家里有事，走不开" in text(theirs)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.benefit.code) == ("refused", "no_help", "M13a")
