"""Searches and questions that did not help: counted by the week without a person, and shown to officers."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department, User
from core.models import Attempts
from policies.models import Benefit, MissedSearch, SearchWord
from policies.search import missed
from tests.markup import markup

DAY = date(2026, 11, 26)  # a Thursday
MONDAY = date(2026, 11, 23)
SEARCH, ASK, BESIDE = MissedSearch.Kind.SEARCH, MissedSearch.Kind.ASK, MissedSearch.Kind.BESIDE


def kept():
    return sorted(MissedSearch.objects.values_list("kind", "word", "benefit", "count"))


def monday():
    today = timezone.localdate()
    return today - timedelta(days=today.weekday())


@pytest.fixture
def officer(catalogue_loaded):
    user = User.objects.create(
        username="officer", is_staff=True, department=Department.objects.get(code="hrss")
    )
    user.groups.add(Group.objects.get(name="政策专员"))
    return user


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("鲲 鹏，补贴！", "鲲鹏补贴"),
        ("ＡＢＣ补贴", "abc补贴"),
        ("房租 400 元", "房租400元"),
        ("贷款30000", "贷款30000"),
        ("字", ""),
        ("两字", "两字"),
        ("长" * 20, "长" * 20),
        ("长" * 21, ""),
        ("13800000001", ""),
        ("张三 138-0000-0001", "张三"),
        ("问 138 0000 0001 的事", "问的事"),
        ("１３８００００００００１补贴", "补贴"),
        ("0858 8223344 打不通", "打不通"),
        ("52020119900101123X 查", ""),
        ("身份证520201199001011234", "身份证"),
        ("92520201MA6ABCDE1X 年报", "年报"),
        ("一三八零零零零零零零一补贴", "补贴"),
        ("me@example.com 补贴", "补贴"),
        ("2026", ""),
    ],
)
def test_what_is_kept_is_folded_and_holds_nobodys_number(typed, word):
    assert missed.plain(typed) == word


@pytest.mark.django_db
def test_a_word_is_counted_by_the_week_and_nothing_else_is_kept_of_it():
    for day in (MONDAY - timedelta(days=1), MONDAY, DAY, MONDAY + timedelta(days=6)):
        missed.note(SEARCH, "鲲鹏", place="10.0.0.1", day=day)

    rows = MissedSearch.objects.order_by("week").values_list("week", "word", "count")
    assert list(rows) == [(MONDAY - timedelta(days=7), "鲲鹏", 1), (MONDAY, "鲲鹏", 3)]
    assert {field.name for field in MissedSearch._meta.get_fields()} == {
        *("id", "kind", "word", "benefit", "week", "count")
    }


@pytest.mark.django_db
def test_one_address_cannot_fill_the_list():
    for number in range(missed.FROM_AN_ADDRESS.times + 5):
        missed.note(SEARCH, f"词甲{number}", place="10.0.0.1")
    missed.note(SEARCH, "别人的词", place="10.0.0.2")

    assert MissedSearch.objects.count() == missed.FROM_AN_ADDRESS.times + 1
    assert not Attempts.objects.filter(bucket__contains="10.0.0").exists()


@pytest.mark.django_db
def test_a_full_week_counts_what_it_has_and_takes_no_more(monkeypatch):
    monkeypatch.setattr(missed, "MOST_A_WEEK", 2)

    for word in ("甲甲", "乙乙", "丙丙", "甲甲"):
        missed.note(SEARCH, word, place="10.0.0.1", day=DAY)

    assert kept() == [(SEARCH, "乙乙", "", 1), (SEARCH, "甲甲", "", 2)]


@pytest.mark.django_db
def test_after_a_year_it_goes():
    missed.note(SEARCH, "鲲鹏", place="10.0.0.1", day=DAY)

    assert missed.forget(MONDAY + timedelta(days=366)) == 0
    assert missed.forget(MONDAY + timedelta(days=367)) == 1
    assert kept() == []


# The pages


@pytest.mark.usefixtures("catalogue_loaded")
def test_a_search_that_finds_nothing_is_noted_when_it_is_sent_and_not_when_it_is_read(client):
    client.post("/policies/", {"q": "鲲鹏"})
    client.get("/policies/?q=鲲鹏")
    client.post("/policies/", {"q": "房租"})
    client.post("/policies/", {"q": "公积金"})  # done elsewhere, and said by whom
    client.post("/policies/", {"q": ""})

    assert kept() == [(SEARCH, "鲲鹏", "", 1)]


@pytest.mark.usefixtures("catalogue_loaded")
def test_a_question_without_an_answer_is_noted_and_one_that_is_done_elsewhere_is_not(client):
    client.post("/ask/", {"q": "鲲鹏怎么养"})
    client.post("/ask/", {"q": "失业金怎么领"})
    client.post("/ask/", {"q": "房租补贴要带什么"})

    assert kept() == [(ASK, "鲲鹏怎么养", "", 1)]


@pytest.mark.usefixtures("catalogue_loaded")
def test_an_answer_that_misses_the_point_can_be_said_to(client):
    page = markup(client.get("/ask/", {"q": "房租补贴要带什么"}))
    said = client.post("/ask/", {"q": "房租补贴要带什么", "beside": "1"}, follow=True)
    long = "房租补贴要带什么，" * 4
    client.post("/ask/", {"q": long, "beside": "1"})

    assert "没答到点子上" in page
    assert "没答到点子上？" not in markup(client.get("/ask/", {"q": "鲲鹏怎么养"}))
    assert kept() == [(BESIDE, "", "M05c", 1), (BESIDE, "房租补贴要带什么", "M05c", 1)]
    assert "记下了，谢谢您。" in said.content.decode()
    assert said.redirect_chain[0][0].startswith("/ask/?q=%E6%88%BF%E7%A7%9F")


# Staff


def test_officers_see_the_words_of_the_newest_week_the_most_frequent_first(client, officer):
    week = monday()
    MissedSearch.objects.bulk_create(
        [
            MissedSearch(kind=SEARCH, word="少见的", week=week, count=1),
            MissedSearch(kind=SEARCH, word="常见的", week=week, count=9),
            MissedSearch(kind=SEARCH, word="上周的", week=week - timedelta(days=7), count=99),
        ]
    )
    client.force_login(officer)
    address = reverse("admin:policies_missedsearch_changelist")

    page, before = (
        markup(client.get(address)),
        markup(client.get(address, {"week": week - timedelta(days=7)})),
    )

    assert page.index("常见的") < page.index("少见的")
    assert ("上周的" in page, "上周的" in before, "常见的" in before) == (False, True, False)
    assert re.findall(r'class="selected">\s*<a href="([^"]+)"', page)[0] == f"?week={week}"
    assert client.get(address, {"week": "nonsense"}).status_code == 200


def test_a_page_of_the_list_has_fifty_words(client, officer):
    rows = (
        MissedSearch(kind=SEARCH, word=f"词{place:02}", week=monday(), count=place) for place in range(51)
    )
    MissedSearch.objects.bulk_create(rows)
    client.force_login(officer)

    page = markup(client.get(reverse("admin:policies_missedsearch_changelist")))

    assert [f"词{place:02}" in page for place in (50, 1, 0)] == [True, True, False]


def test_a_word_becomes_one_of_a_benefit_at_once(client, officer):
    MissedSearch.objects.create(kind=BESIDE, word="鲲鹏", benefit="M05c", week=monday(), count=1)
    benefit = Benefit.objects.get(code="M05c")
    client.force_login(officer)
    listed = reverse("admin:policies_missedsearch_changelist")
    add = f"{reverse('admin:policies_searchword_add')}?word=%E9%B2%B2%E9%B9%8F&amp;benefit={benefit.pk}"

    page = markup(client.get(listed))
    form = markup(client.get(add.replace("&amp;", "&")))
    client.post(add, {"word": "鲲鹏", "benefit": benefit.pk, "is_used": "on"})

    assert f'href="{add}"' in page
    assert 'value="鲲鹏"' in form
    assert SearchWord.objects.filter(word="鲲鹏", benefit=benefit, is_used=True).exists()
    assert "已经加了" in markup(client.get(listed))


def test_nobody_else_of_the_staff_reads_the_list(client, officer):
    officer.groups.set(Group.objects.filter(name="审核员"))
    client.force_login(officer)

    assert client.get(reverse("admin:policies_missedsearch_changelist")).status_code == 403
