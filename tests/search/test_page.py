"""The page of what is found, and the words that officers keep in the admin."""

import re

import pytest
from django.contrib.auth.models import Group
from django.utils.html import escape
from django.utils.timezone import localdate

from accounts.models import Department, User
from policies.catalogue import catalogue
from policies.models import Benefit, SearchWord
from tests.pages.owners import answers_cookie

pytestmark = pytest.mark.usefixtures("catalogue_loaded")


def rows(page):
    return re.findall(r'class="go" href="/policies/(\w+)/"', page)


def page_of(client, query, more=""):
    return client.get(f"/policies/?q={query}{more}").content.decode()


def plain(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_each_thing_found_has_its_everyday_name_its_official_one_and_its_amount(client):
    page = page_of(client, "租门面")

    assert rows(page)[0] == "M05c"
    assert "找到 1 项，按“房租补贴”找的。" in plain(page)
    row = plain(page[page.index('class="go"') :].partition("</a>")[0])
    assert re.findall("房租补贴|场所租赁补贴|每月最高|500|元", row)[:2] == ["房租补贴", "场所租赁补贴"]
    assert "每月最高 500 元" in row


def test_a_slip_is_mended_and_what_was_typed_is_offered(client):
    page = page_of(client, "房祖")

    assert "按“房租”找的。只找“房祖”" in plain(page)
    assert 'href="/policies/?q=%E6%88%BF%E7%A5%96&amp;exactly=1"' in page


def test_what_is_done_elsewhere_stands_above_what_sounds_like_it(client):
    page = page_of(client, "失业金")

    said = page.index("失业保险金不在这里办。")
    assert said < page.index('id="found"')


def test_nothing_found_offers_words_a_question_and_12345(client):
    page = page_of(client, "鲲鹏")

    assert "没有找到“鲲鹏”。" in plain(page)
    assert "是不是想找" in page
    assert len(re.findall(r'<a class="chip" href="/policies/\?q=', page)) == 3
    assert 'href="/ask/?q=%E9%B2%B2%E9%B9%8F"' in page
    assert 'href="tel:12345"' in page


def test_filters_stand_folded_below_what_is_found_and_keep_the_words(client):
    page = page_of(client, "补贴")

    assert page.index('class="go"') < page.index("筛选：")
    assert "<details" in page[: page.index("筛选：")][-200:]
    links = re.findall(r'href="(/policies/\?[^"]*topic=\w+[^"]*)"', page)
    assert links != []
    assert [link for link in links if "q=" not in link] == []


def test_a_filter_that_leaves_nothing_says_so_and_can_be_cleared(client):
    page = page_of(client, "房租", "&delivery=automatic")

    assert "这样筛选，没有“房租”的政策。" in plain(page)
    assert 'href="/policies/?q=%E6%88%BF%E7%A7%9F">清除筛选' in page


def test_what_was_typed_is_shown_as_text(client):
    page = page_of(client, "<b>房租</b>")

    assert "<b>房租</b>" not in page
    assert "&lt;b&gt;房租&lt;/b&gt;" in page


def test_a_number_in_a_question_does_not_come_into_the_address(client):
    where = client.post("/ask/", {"q": "13800000001 怎么领房租补贴"}).headers["Location"]

    assert where.startswith("/ask/?q=")
    assert "13800000001" not in where


# The page of a benefit


def test_papers_of_what_somebody_is_not_are_named_apart(client):
    stranger = plain(client.get("/policies/M05c/").content.decode())
    client.cookies["answers"] = answers_cookie({"operator_groups": ["veteran"]})
    veteran = plain(client.get("/policies/M05c/").content.decode())

    assert "您不适用" not in stranger
    assert "毕业证 高校毕业生才交。" in stranger
    assert "您不适用：毕业证、就业创业证" in veteran
    assert "退役证件 拍清楚姓名和编号。" in veteran


@pytest.mark.parametrize(
    ("code", "groups", "own", "others"),
    [
        ("M01c", ["veteran"], "您是退役军人", "网络商户"),
        ("M05a", ["migrant_worker"], "您是农民工", "高校毕业生（离校"),
        ("M05c", ["migrant_worker", "veteran"], "您是农民工、退役军人", "这些人可以"),
    ],
)
def test_a_guide_says_who_its_reader_is_instead_of_all_who_could_be(client, code, groups, own, others):
    path = f"/policies/{code}/"
    stranger = plain(client.get(path).content.decode())
    client.cookies["answers"] = answers_cookie({"operator_groups": groups})
    reader = plain(client.get(path).content.decode())
    client.cookies["answers"] = answers_cookie({"operator_groups": []})
    nobody = plain(client.get(path).content.decode())

    assert (others in stranger, others in reader, others in nobody) == (True, False, True)
    assert (f"{own} " in stranger, f"{own} " in reader, f"{own} " in nobody) == (False, True, False)


def test_papers_that_prove_who_somebody_is_are_folded_together_until_that_is_known(client):
    stranger = client.get("/policies/M01c/").content.decode()
    folded = stranger[stranger.index("看您是哪类人，再交一样") :].split("</details>")[0]
    client.cookies["answers"] = answers_cookie({"operator_groups": ["veteran"]})
    veteran = client.get("/policies/M01c/").content.decode()

    assert re.findall("<b>(.*?)</b>", folded) == ["毕业证", "退役证件", "就业创业证", "其他人员类别证明"]
    assert "看您是哪类人" not in veteran
    assert "退役证件 拍清楚姓名和编号。" in plain(veteran)


# Officers


@pytest.fixture
def officer(client):
    user = User.objects.create_user("words", password="only-in-tests", is_staff=True)
    user.department = Department.objects.get(code="hrss")
    user.save()
    user.groups.add(Group.objects.get(name="政策专员"))
    client.force_login(user)
    return user


def sent(client, word, benefit, address="add/"):
    typed = {"word": word, "benefit": Benefit.objects.get(code=benefit).pk, "is_used": "on"}
    return client.post(f"/admin/policies/searchword/{address}", typed)


def test_an_officer_adds_a_word_for_a_benefit_of_the_own_department(client, officer):
    assert sent(client, "门脸钱", "M05c").status_code == 302

    assert rows(page_of(client, "门脸钱"))[0] == "M05c"


@pytest.mark.parametrize(
    ("word", "benefit", "said"),
    [
        ("钱", "M05c", "请写两个字以上的词。一个字会找到太多。"),
        ("房东", "M05c", "这个事项已经有这个词。"),
        ("", "M05c", "必填"),
        ("查店", "M16b", "选择"),
    ],
)
def test_a_word_that_cannot_be_is_refused_in_words(client, officer, word, benefit, said):
    before = SearchWord.objects.count()
    answer = sent(client, word, benefit)

    assert said in answer.content.decode()
    assert SearchWord.objects.count() == before


def test_words_of_other_departments_are_read_only(client, officer):
    row = SearchWord.objects.get(word="黑名单", benefit__code="M16b")

    assert client.get(f"/admin/policies/searchword/{row.pk}/change/").status_code == 200
    assert sent(client, "白名单", "M05c", f"{row.pk}/change/").status_code == 403


def test_what_is_to_be_known_of_a_benefit_stands_on_its_page_with_money_and_without(client):
    known = catalogue()
    noted = {
        code: one.content["notes"]
        for code, one in known.in_force_on(localdate()).items()
        if one.content["notes"]
    }
    without = [code for code in noted if not known.benefits[code].in_force_on(localdate()).rule.is_money]
    pages = {code: client.get(f"/policies/{code}/").content.decode() for code in noted}

    assert without != []
    assert [code for code, notes in noted.items() for note in notes if escape(note) not in pages[code]] == []
