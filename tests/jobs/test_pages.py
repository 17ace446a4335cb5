"""Pages of the labour market: finding work, offering it, asking, talking. Nothing typed is lost, no number is shown."""

import re

import pytest
from django.test import Client

from cases.actions import general
from core.wording import day_text
from jobs import contacting, posting
from jobs.models import Contact, JobMatch, Post, Worker
from jobs.pairs.requirements import sentences
from tests.jobs import world
from tests.jobs.world import contact, post, shop, wishes, work, worker
from tests.markup import squeezed
from tests.subsidies.world import owner_of

pytestmark = pytest.mark.django_db


def browser(user=None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def text(response) -> str:
    return squeezed(response.content.decode())


def test_anybody_sees_the_work_there_is_by_trade_and_county():
    post()
    post(2, trade="loader", county="520201", title="搬货", pay="200")

    page = text(browser().get("/jobs/"))
    assert page.index("搬货") < page.index("采春茶")
    assert "在招的 2 份活" in page
    narrowed = text(browser().get("/jobs/?trade=tea_picking&county=520204"))
    assert ("采春茶" in narrowed, "搬货" in narrowed) == (True, False)


@pytest.mark.parametrize(
    "asked", ["?trade=x", "?county=999999", "?page=-3", "?page=abc", "?trade=tea_picking%00"]
)
def test_what_is_no_trade_or_page_is_passed_over(asked):
    post()

    response = browser().get(f"/jobs/{asked}")

    assert response.status_code in (200, 400)


def test_whoever_looks_sees_what_fits_and_what_lacks():
    post(pay="100")
    client = browser(worker().user)

    assert "差一条：日薪少 20 元" in text(client.get("/jobs/"))


def test_a_shop_offers_work_and_sees_who_fits(django_capture_on_commit_callbacks):
    card, (_found, owner) = worker(), shop()
    client = browser(owner)
    assert client.get("/jobs/posts/new/").status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/jobs/posts/new/", work())

    offered = Post.objects.get()
    assert response["Location"] == f"/jobs/posts/{offered.public_id}/"
    page = text(client.get(response["Location"]))
    assert "发布了，下面是合适的人" in page
    assert "小李" in page
    assert "问他来不来" in page
    response = client.post(f"/jobs/posts/{offered.public_id}/ask/{card.pk}/", {"words": "明天来看看"})
    case = Contact.objects.get().case
    assert response["Location"] == f"/cases/{case.public_id}/receipt/"
    assert "等小李回话" in text(client.get(f"/cases/{case.public_id}/"))
    assert "已经问了" in text(client.get(response["Location"]))


WRONG = [
    ({"pay": "0"}, "每天的工钱在 60 到 3000 元之间"),
    ({"pay": "-1"}, "金额不能是负数"),
    ({"pay": "99999"}, "每天的工钱在 60 到 3000 元之间"),
    ({"pay": "abc"}, "金额请只填数字"),
    ({"unit": "century"}, "请选工钱怎么算"),
    ({"unit": "piece", "pay": "2", "pieces": ""}, "请填这一项"),
    ({"until_on": "2020-01-01"}, "这一天已经过去了"),
    ({"until_on": "2020-02-30"}, "没有这一天"),
    ({"title": "采茶，电话13912345678"}, "不要写身份证号、手机号"),
    ({"words": "找我 １３９１２３４５６７８"}, "不要写身份证号、手机号"),
    ({"title": ""}, "请填这一项"),
    ({"title": "茶" * 31}, "最多写 30 个字"),
    ({"trade": "spy"}, "请选一个工种"),
    ({"county": "110000"}, "请选在哪个县区"),
    ({"people": "201"}, "请填 1 到 200 人"),
    ({"people": "一个"}, "请填 1 到 200 人"),
    ({"hours": "25"}, "请填 1 到 11 小时"),
    ({"least_age": "15"}, "请填 16 到 70 岁"),
]


@pytest.mark.parametrize(("typed", "told"), WRONG)
def test_what_is_typed_wrong_is_said_at_its_field_and_the_rest_is_kept(typed, told):
    _, owner = shop()

    response = browser(owner).post("/jobs/posts/new/", work(place="米箩镇", **typed))

    assert response.status_code == 400
    assert told in text(response)
    assert 'value="米箩镇"' in response.content.decode()
    assert Post.objects.count() == 0


TOO_YOUNG = world.today().replace(year=world.today().year - 15, day=1).isoformat()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"born_on": TOO_YOUNG}, "不满 16 周岁不能找活（劳动法第十五条）"),
        ({"born_on": "1800-01-01"}, "日期应在 1900 年到 2199 年之间"),
        ({"born_on": ""}, "请填这一项"),
        ({"wants": "1"}, "一天想要的钱在 60 到 3000 元之间"),
        ({"trades": []}, "请选会做的活"),
        ({"trades": ["spy"]}, "请选会做的活"),
        ({"counties": []}, "请选愿意去的地方"),
        ({"shown_name": "打13912345678"}, "不要写身份证号、手机号"),
    ],
)
def test_a_card_that_is_typed_wrong_is_said_at_its_field(typed, told):
    response = browser(world.person()).post("/jobs/work/card/", wishes(**typed))

    assert response.status_code == 400
    assert told in text(response)
    assert Worker.objects.count() == 0


def test_somebody_without_a_shop_writes_a_card_asks_and_is_answered(django_capture_on_commit_callbacks):
    offered, person = post(), world.person()
    client = browser(person)
    assert client.get("/jobs/work/")["Location"] == "/jobs/work/card/"

    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/jobs/work/card/", wishes())["Location"] == "/jobs/work/"
    assert "采春茶" in text(client.get("/jobs/work/"))
    page = text(client.get(f"/jobs/posts/{offered.public_id}/"))
    assert "这份活适合您" in page
    client.post(f"/jobs/posts/{offered.public_id}/ask/", {"words": "我采过"})

    case = Contact.objects.get().case
    owner = browser(owner_of(offered.business))
    assert "小李" in text(owner.get(f"/cases/{case.public_id}/"))
    owner.post(f"/cases/{case.public_id}/do/accept/", {"version": case.version})
    page = text(client.get(f"/cases/{case.public_id}/"))
    assert "两边都愿意谈" in page
    assert "看对方的电话" in page
    shown = text(client.post(f"/jobs/contacts/{case.public_id}/phone/"))
    assert owner_of(offered.business).phone.reveal() in shown


def test_the_list_of_cases_says_for_whom_something_waits():
    case, owner, someone = contact()

    assert "要您处理" in text(browser(owner).get("/cases/"))
    page = text(browser(someone).get("/cases/"))
    assert ("要您处理" in page, "等" in page) == (False, True)
    browser(owner).post(f"/cases/{case.public_id}/do/accept/", {"version": case.version})

    assert "要您处理" in text(browser(someone).get("/cases/"))


def headline(user, case) -> str:
    return re.search(r"data-state-sentence>([^<]*)<", text(browser(user).get(f"/cases/{case.public_id}/")))[1]


def test_a_headline_names_the_other_side_and_speaks_to_the_one_it_waits_for():
    case, owner, someone = contact()
    until = day_text(case.contact.until)
    both = [headline(user, case) for user in (owner, someone)]
    assert both == [f"等您回话，最晚 {until}", f"等{case.business.name}回话，最晚 {until}"]

    case = general.do(case, "accept", {}, by=owner)
    assert {headline(user, case) for user in (owner, someone)} == {
        "两边都愿意谈。电话里说好，再各点一次“说定了”"
    }

    case = general.do(case, "agree", {}, by=owner)
    assert headline(someone, case) == "对方说定了，等您也说一声"
    assert headline(owner, case) == f"一方说定了，等{case.contact.worker.shown_name}也说一声"


def test_pausing_opening_again_and_closing():
    offered = post()
    client, address = browser(owner_of(offered.business)), f"/jobs/posts/{offered.public_id}/"

    for verb, state in (("pause", "paused"), ("resume", "open"), ("close", "closed")):
        offered.refresh_from_db()
        client.post(f"{address}{verb}/", {"version": offered.version})
        offered.refresh_from_db()
        assert offered.state == state

    assert client.get(f"{address}pause/").status_code == 405
    assert client.post(f"{address}burn/", {"version": 1}).status_code == 404


def test_the_page_of_a_post_keeps_what_it_cannot_draw_of_its_rule_and_says_so():
    rule = {
        "any": [
            {"fact": "experience", "op": "gte", "value": 3},
            {"fact": "has_tools", "op": "eq", "value": True},
        ]
    }
    offered = post(requirements={"all": [rule]})
    client, address = browser(offered.by), f"/jobs/posts/{offered.public_id}/change/"

    page = text(client.get(address))
    again = text(client.post(address, work(people="0", version=offered.version)))
    saved = client.post(address, work(least_age="18", version=offered.version))

    (sentence,) = sentences(offered.requirements, world.today())
    assert saved.status_code == 302
    for shown in (page, again):
        assert f'<h3 id="requirements">另外还要求</h3><ul class="box"><li>{sentence}</li></ul>' in shown
    asked = {"fact": "born_on", "op": "at_least_ago", "value": {"years": 18}}
    assert Post.objects.get().requirements == {"all": [rule, asked]}


def test_the_page_leads_to_what_the_typed_does_not_go_with():
    offered = post(requirements={"all": [{"fact": "has_tools", "op": "eq", "value": False}]})
    address = f"/jobs/posts/{offered.public_id}/change/"

    response = browser(offered.by).post(address, work(needs_tools="on", version=offered.version))

    assert response.status_code == 400
    assert 'href="#requirements">填的要求和“另外还要求”的合不到一起，请改一改' in text(response)
    assert Post.objects.get().version == offered.version


@pytest.mark.parametrize(
    ("verb", "told"), [(None, "改好了。"), (posting.pause, "改好了，还停着。")], ids=["open", "paused"]
)
def test_whoever_saves_a_change_hears_where_the_post_stands(verb, told):
    offered = post()
    if verb is not None:
        offered = verb(offered, by=offered.by)
    client = browser(offered.by)

    page = text(
        client.post(f"/jobs/posts/{offered.public_id}/change/", work(version=offered.version), follow=True)
    )

    assert (told in page, "发布了" in page) == (True, False)


def test_the_page_of_a_post_without_more_says_nothing_of_it():
    offered = post(least_age="18")

    page = text(browser(offered.by).get(f"/jobs/posts/{offered.public_id}/change/"))

    assert "另外还要求" not in page


def test_a_stale_page_changes_nothing():
    offered = post()
    client = browser(owner_of(offered.business))
    client.post(f"/jobs/posts/{offered.public_id}/change/", work(pay="180", version=offered.version))

    response = client.post(
        f"/jobs/posts/{offered.public_id}/change/", work(pay="190", version=offered.version)
    )

    offered.refresh_from_db()
    assert (response.status_code, offered.pay_fen) == (409, 18_000)


def test_who_has_no_part_in_it_finds_nothing():
    case, owner, _someone = contact()
    offered = case.contact.post
    Post.objects.filter(pk=offered.pk).update(state="paused", because="停着")
    for user in (shop(7)[1], worker(9).user):
        client = browser(user)
        assert client.get(f"/cases/{case.public_id}/").status_code == 404
        assert client.post(f"/jobs/contacts/{case.public_id}/phone/").status_code == 404
        assert client.get(f"/jobs/posts/{offered.public_id}/").status_code == 404
        assert client.post(f"/jobs/posts/{offered.public_id}/close/", {"version": 1}).status_code == 404
    assert browser(owner).get(f"/jobs/posts/{offered.public_id}/").status_code == 200


def test_three_who_report_a_post_hold_it_back():
    offered = post()
    for number in (1, 2, 3):
        assert browser().get(f"/jobs/posts/{offered.public_id}/").status_code == 200
        browser(worker(number).user).post(
            f"/jobs/posts/{offered.public_id}/report/", {"words": "要先交钱才给做"}
        )

    offered.refresh_from_db()
    assert (offered.state, JobMatch.objects.count()) == ("held", 0)
    assert browser().get(f"/jobs/posts/{offered.public_id}/").status_code == 404


def test_words_that_staff_read_first_hold_a_post_back():
    _, owner = shop()

    browser(owner).post("/jobs/posts/new/", work(words="先交押金 200 元"))

    assert Post.objects.get().state == "held"
    assert "押金" in Post.objects.get().because


def test_the_season_shows_who_is_wanted_and_who_is_free():
    post(people="12")
    worker()
    worker(2, counties=["520201"])

    page = text(browser().get("/jobs/season/?county=520204"))

    assert "采茶" in page
    assert "缺 11" in page


@pytest.mark.parametrize("place", ["market", "post", "work", "case", "season"])
def test_no_page_asks_a_query_a_row(place, django_assert_max_num_queries):
    offered = post()
    for number in range(1, 9):
        card = worker(number)
        JobMatch.objects.create(
            post=offered, worker=card, wants_fen=1, day_fen=1, for_post=True, for_worker=True
        )
        post(number + 10)
    case = contacting.ask_shop(card.user, offered)
    who, address = {
        "market": (card.user, "/jobs/"),
        "post": (owner_of(offered.business), f"/jobs/posts/{offered.public_id}/"),
        "work": (card.user, "/jobs/work/"),
        "case": (owner_of(offered.business), f"/cases/{case.public_id}/"),
        "season": (None, "/jobs/season/"),
    }[place]
    client = browser(who)

    with django_assert_max_num_queries(24):
        assert client.get(address).status_code == 200


def test_every_trade_can_be_ticked_and_what_was_ticked_stays():
    client = browser(world.person())

    page = client.get("/jobs/work/card/").content.decode()
    assert page.count('name="trades"') == 40
    page = client.post("/jobs/work/card/", wishes(wants="1")).content.decode()

    assert re.findall(r'id="([^"]*)"\s*name="trades"\s*value="[a-z_]*"\s*checked', page) == [
        "trades-packer",
        "trades-tea_picking",
    ]
