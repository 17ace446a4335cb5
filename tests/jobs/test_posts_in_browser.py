"""What becomes of a post, in a browser: paused by its shop or for those who wait, held back and read by a clerk."""

import pytest

from tests.pages.conftest import DESKTOP, NARROW, PHONE, follow, sideways, violations_on_the_way

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


@pytest.mark.crawl
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


@pytest.mark.crawl
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_post_that_lets_five_wait_is_paused_until_one_is_answered(browser, shopkeeper, person, way):
    from cases.models import Case
    from jobs import contacting, posting, stopping, working
    from tests.jobs import world

    shop, owner = shopkeeper(621)
    offered = posting.publish(shop, world.work(title="等回话的活"), by=owner)
    for number in range(80, 85):
        working.look_for_work(person(number), world.wishes(shown_name=f"小{number}"))
        case = contacting.ask_shop(person(number), offered)
        Case.objects.filter(pk=case.pk).update(submitted_at=case.submitted_at - 3 * world.DAY)
    stopping.pause_the_silent(world.today())
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


@pytest.mark.crawl
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_shop_changes_a_post_whose_rule_a_program_wrote(browser, shopkeeper, way):
    from jobs import posting
    from jobs.models import Post
    from tests.jobs import world

    shop, owner = shopkeeper(623)
    rule = {
        "any": [
            {"fact": "experience", "op": "gte", "value": 3},
            {"fact": "has_tools", "op": "eq", "value": True},
        ]
    }
    offered = posting.publish(shop, world.work(title="程序写的活", requirements={"all": [rule]}), by=owner)
    theirs = browser(way, owner)

    theirs.goto(f"/jobs/posts/{offered.public_id}/")
    form = theirs.follow("link", "改一改")
    theirs.page.get_by_label("最小多少岁").fill("20")
    saved = theirs.follow("button", "保存")

    assert "另外还要求" in form
    assert "干过这一行不少于 3 年，或者自带工具" in form
    assert "干过这一行不少于 3 年，或者自带工具；" in saved
    assert Post.objects.get(pk=offered.pk).requirements["all"][0] == rule


@pytest.mark.crawl
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_clerk_reads_what_three_reported_releases_it_holds_it_back_and_takes_it_down(
    browser, shopkeeper, person, way
):
    from jobs import moderation, posting
    from jobs.models import Post
    from tests.jobs import world
    from tests.jobs.test_moderation import clerk

    shop, owner = shopkeeper(622)
    offered = posting.publish(shop, world.work(title="有人说的活"), by=owner)
    for number in (90, 91):
        moderation.report(person(number), offered, "说的和写的不一样")
    address = f"/jobs/posts/{offered.public_id}/"
    theirs, third, staff = browser(way, owner), browser(way, person(92)), browser((way[0], DESKTOP), clerk())

    # The third who reports it holds it back.
    third.goto(address)
    third.follow("link", "这条不对，告诉工作人员")
    third.page.get_by_label("哪里不对").fill("要先交 200 元才给做")
    thanks = third.follow("button", "告诉工作人员")
    theirs.goto("/inbox/")
    theirs.follow("link", "招工“有人说的活”先不发布", exact=False)
    reported = theirs.follow("button", "去看看")

    # The clerk finds it among those that wait, reads what was said, and releases it.
    staff.page.goto("/admin/jobs/post/?state=held")
    follow(staff.page.get_by_role("link", name="有人说的活"))
    said = staff.page.locator("#content-main").inner_text()
    moderated(staff, "发布")
    released = theirs.goto(address)

    # They look closer and hold it back, its shop mends it, which is not enough.
    moderated(staff, "暂不发布", "一天做几件没有写清楚")
    theirs.goto("/inbox/")
    theirs.follow("link", "招工“有人说的活”先不发布", exact=False)
    held = theirs.follow("button", "去看看")
    theirs.follow("link", "改一改")
    theirs.page.get_by_label("还要说明的").fill("多劳多得")
    mended = theirs.follow("button", "保存")
    moderated(staff, "下架", "工钱说不清，不合规定")
    removed = theirs.goto(address)

    assert "记下了，工作人员会看。" in thanks
    assert "等工作人员看：有人说这条招工不对，工作人员看过再发。" in reported
    assert ("说的和写的不一样" in said, "要先交 200 元才给做" in said) == (True, True)
    assert ("等工作人员看" in released, "先停一停" in released) == (False, True)
    assert "等工作人员看：一天做几件没有写清楚" in held
    assert "工作人员看过就发布。" in mended
    assert "已下架：工钱说不清，不合规定" in removed
    assert ("改一改" in removed, "接着招" in removed) == (False, False)
    assert (Post.objects.get(pk=offered.pk).state, third.goto("/jobs/").count("有人说的活")) == ("removed", 0)


def moderated(staff, verb, reason=""):
    """A verb on the post that is open in the admin."""
    page = staff.page
    follow(page.locator(".object-tools").get_by_role("link", name=verb, exact=True))
    if reason:
        page.get_by_label("原因").fill(reason)
    assert "Version" not in page.locator("#content-main").inner_text()
    staff.wrong += violations_on_the_way(page) if page.has_scripts and reason else []
    assert sideways(page) == 0
    follow(page.locator(".submit-row").get_by_role("button", name=verb, exact=True))
    assert "已办理" in page.locator(".messagelist").inner_text()
