"""What becomes of a post, in a browser: paused by its shop or for those who wait, held back and read by a clerk."""

import pytest

from tests.pages.conftest import DESKTOP, NARROW, PHONE, follow

from .browsing import cookies_of, text

# (with scripts, wide)
WAYS = [(True, PHONE), (False, PHONE), pytest.param((True, DESKTOP), marks=pytest.mark.long)]


class Browser:
    """A browser of somebody in which each page that is opened is looked at."""

    def __init__(self, open_browser, faults, way, user=None):
        javascript, self.width = way
        self.page = open_browser(self.width, cookies_of(user) if user else {}, javascript)
        self.faults, self.wrong = faults, []

    def goto(self, address):
        self.answer = self.page.goto(address)
        return self.seen()

    def follow(self, role, name, exact=True):
        """Click a link or button that leads to a page: what stands there then."""
        self.answer = follow(self.page.locator("main").get_by_role(role, name=name, exact=exact).first)
        return self.seen()

    def seen(self):
        self.wrong += self.faults(self.page, [self.width, *([NARROW] if self.width == PHONE else [])])
        self.page.set_viewport_size({"width": self.width, "height": 800})
        return text(self.page)


@pytest.fixture
def browser(open_browser, faults):
    """``(way, user) → Browser``; none of their pages may have a fault."""
    opened = []

    def open_(way, user=None):
        opened.append(Browser(open_browser, faults, way, user))
        return opened[-1]

    yield open_
    assert [wrong for one in opened for wrong in one.wrong] == []


@pytest.mark.benefit("M10a")
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_shop_pauses_its_post_and_opens_it_again(browser, shopkeeper, way):
    from jobs import posting
    from tests.jobs import world

    shop, owner = shopkeeper(620)
    offered = posting.publish(shop, world.work(title="停一停再招"), by=owner)
    address = f"/jobs/posts/{offered.public_id}/"
    theirs, stranger = browser(way, owner), browser(way)

    theirs.goto(address)
    paused = theirs.follow("button", "先停一停")
    hidden, gone = stranger.goto("/jobs/"), (stranger.goto(address), stranger.answer.status)[1]
    own = theirs.goto("/jobs/posts/")
    theirs.follow("link", "停一停再招", exact=False)
    again = theirs.follow("button", "接着招")

    assert "暂停：您自己停的。" in paused
    assert ("停着的时候不找人" in paused, "现在还没有合适的人" in paused) == (True, False)
    assert ("停一停再招" in hidden, gone) == (False, 404)
    assert "暂停：您自己停的。" in own
    assert ("暂停" in again, "先停一停" in again) == (False, True)
    assert "停一停再招" in stranger.goto("/jobs/")


@pytest.mark.benefit("M10a")
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_post_that_lets_five_wait_is_paused_until_one_is_answered(browser, shopkeeper, person, way):
    from cases.models import Case
    from jobs import contacting, posting, working
    from tests.jobs import world

    shop, owner = shopkeeper(621)
    offered = posting.publish(shop, world.work(title="等回话的活"), by=owner)
    for number in range(80, 85):
        working.look_for_work(person(number), world.wishes(shown_name=f"小{number}"))
        case = contacting.ask_shop(person(number), offered)
        Case.objects.filter(pk=case.pk).update(submitted_at=case.submitted_at - 3 * world.DAY)
    posting.pause_the_silent(world.today())
    theirs, stranger = browser(way, owner), browser(way)

    theirs.goto("/inbox/")
    theirs.follow("link", "招工“等回话的活”先停了", exact=False)
    paused = theirs.goto(f"/jobs/posts/{offered.public_id}/")
    refused = theirs.follow("button", "接着招")
    theirs.follow("link", "小80", exact=False)
    theirs.follow("button", "可以谈")
    theirs.goto(f"/jobs/posts/{offered.public_id}/")
    again = theirs.follow("button", "接着招")

    sentence = "有 5 个人问了还没有回。回了他们，就可以接着招。"
    assert f"暂停：{sentence}" in paused
    assert "等您回话的人" in paused
    assert refused.count(sentence) == 2
    assert ("小80" in again, "小84" in again, "暂停" in again) == (False, True, False)
    assert "等回话的活" in stranger.goto("/jobs/")
