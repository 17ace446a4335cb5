"""The words of messages, as owners read them, and as they fit into a short message."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from businesses.models import Business
from eligibility import publishing
from eligibility.models import Match
from notifications.models import Change, Notification
from notifications.outside import digests
from notifications.outside.digests import (
    LONGEST_SMS,
    LONGEST_WITH_SIGNATURE,
    SIGNATURE,
    Said,
    greeting,
    sms_text,
)
from notifications.wording import UPDATED, of, of_many
from policies.catalogue import catalogue
from tests.notifications import register
from tests.notifications.people import push

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
DAY = date(2026, 12, 5)
UNTIL = date(2027, 3, 1)
SOON = date(2027, 1, 15)
SHOP = Business(name="张记茶叶店")
# (value, maximum) in fen, as matching stores them.
FEN = {
    "M01a": (100, 100),
    "M01b": (123456, 123456),
    "M01c": (30000000, 30000000),
    "M05a": (500000, 500000),
    "M05b": (1000000, 1000000),
    "M05c": (50000, 1800000),
}


def words_of(code, kind, *, state=Match.State.NOW, before=None, fen=None, until=UNTIL):
    benefit = catalogue().benefits[code]
    version = benefit.versions[0]
    value, most = fen or FEN.get(code, (None, None))
    match = Match(
        state=state,
        value_fen=value,
        maximum_fen=most,
        eligible_from=SOON if state == Match.State.SOON else None,
        apply_before=until,
    )
    row = Notification(kind=kind, day=DAY, before_fen=before, version_id=version.pk)
    match = None if kind == Change.ENDED else match
    return of(row, version.content, SHOP, match=match, path="/policies/M05c/", today=TODAY)


def short(code, kind, name="张敏", **options):
    return sms_text([Said(kind, words_of(code, kind, **options))], name)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("M05c", "张师傅，您可申请场所租赁补贴，每月500元，最长3年。到“政策直通车”办，不收费。退订回T"),
        ("M05a", "张师傅，您可申请一次性创业补贴5000元。到“政策直通车”办，不收费。退订回T"),
        ("M05b", "张师傅，您可申请农业创业补贴10000元。到“政策直通车”办，不收费。退订回T"),
        ("M04a", "张师傅，您报税可享受六税两费减半，少交50%。到“政策直通车”算一算。退订回T"),
        ("M04c", "张师傅，您报税可少交税费，每年最高24000元。到“政策直通车”算一算。退订回T"),
        ("M01c", "张师傅，您可申请创业担保贷款，最高30万元，需还款。到“政策直通车”看条件。退订回T"),
        ("M01b", "张师傅，您可领稳岗返还约1234元。到“政策直通车”确认账户即可，不收费。退订回T"),
        ("M01a", "张师傅，您可享受降低失业保险费率，总费率1%，不用申请。到“政策直通车”看。退订回T"),
    ],
)
def test_a_new_benefit_in_a_short_message(catalogue_loaded, code, text):
    assert short(code, Change.NEW) == text
    assert len(SIGNATURE + text) <= LONGEST_WITH_SIGNATURE


@pytest.mark.parametrize(
    ("kind", "options", "text"),
    [
        (
            Change.SOON,
            {"state": Match.State.SOON},
            "张师傅，您2027年1月15日起可申请场所租赁补贴。到“政策直通车”看。退订回T",
        ),
        (
            Change.AMOUNT,
            {"before": 40000},
            "您的场所租赁补贴金额有变化，现在每月500元，最长3年。到“政策直通车”看。退订回T",
        ),
        (Change.ENDED, {}, "张师傅，您的场所租赁补贴条件有变化。到“政策直通车”看原因。退订回T"),
        (Change.REMINDER, {}, "张师傅，场所租赁补贴最迟12月5日申请。到“政策直通车”办，不收费。退订回T"),
    ],
)
def test_every_kind_of_change_in_a_short_message(catalogue_loaded, kind, options, text):
    assert short("M05c", kind, **options) == text


NOW, WAITS = {}, {"state": Match.State.SOON}


@pytest.mark.parametrize(
    ("code", "kind", "options", "subject", "sentence"),
    [
        (
            "M05c",
            Change.NEW,
            NOW,
            "您可以申请场所租赁补贴",
            "张记茶叶店符合条件，可以申请：500 元/月，最长 3 年，最多 18,000 元。最迟 2027 年 3 月 1 日办。",
        ),
        (
            "M05c",
            Change.NEW,
            {"fen": (None, 1750000), "until": None},
            "您可以申请场所租赁补贴",
            "张记茶叶店符合条件，可以申请：每月最高 500 元，最多 17,500 元。",
        ),
        (
            "M05c",
            Change.NEW,
            {"fen": (49950, 349650), "until": None},
            "您可以申请场所租赁补贴",
            "张记茶叶店符合条件，可以申请：499.50 元/月，最长 7 个月，最多 3,496.50 元。",
        ),
        ("M04b", Change.NEW, NOW, "经营所得个税减半，自动享受", "张记茶叶店符合条件，不用申请：少交 50%。"),
        (
            "M01c",
            Change.SOON,
            WAITS,
            "再等等就可以申请创业担保贷款",
            "张记茶叶店从 2027 年 1 月 15 日起可以申请：最高 30 万元，贷款要还。",
        ),
        (
            "M05a",
            Change.AMOUNT,
            {"before": 300000},
            "一次性创业补贴的金额有变化",
            "张记茶叶店：原来 3,000 元，现在 5,000 元。",
        ),
        (
            "M05a",
            Change.ENDED,
            NOW,
            "一次性创业补贴，现在不再符合",
            "张记茶叶店现在不再符合，是店铺的情况或政策有了变化。",
        ),
        (
            "M05a",
            Change.REMINDER,
            NOW,
            "一次性创业补贴快截止了",
            "张记茶叶店最迟 2026 年 12 月 5 日申请，过了就办不了：5,000 元。",
        ),
        (
            "M05a",
            Change.REMINDER,
            WAITS,
            "一次性创业补贴就快可以申请了",
            "张记茶叶店从 2027 年 1 月 15 日起可以申请：5,000 元。",
        ),
        (
            "M04a",
            Change.REMINDER,
            NOW,
            "六税两费减半快到期了",
            "张记茶叶店享受到 2026 年 12 月 5 日为止：少交 50%。",
        ),
    ],
)
def test_the_sentence_says_what_can_be_had_and_until_when(
    catalogue_loaded, code, kind, options, subject, sentence
):
    words = words_of(code, kind, **options)

    assert (words.subject, words.sentence) == (subject, sentence)
    assert words.title == catalogue().benefits[code].versions[0].content["title"]


def test_the_button_says_what_is_behind_it(catalogue_loaded):
    labels = {
        ("M05c", Change.NEW): "看怎么申请",
        ("M01b", Change.NEW): "看怎么领",
        ("M01a", Change.NEW): "看怎么享受",
        ("M04c", Change.NEW): "算一算",
        ("M05c", Change.ENDED): "看原因",
    }

    assert {key: words_of(*key).action_label for key in labels} == labels


@pytest.mark.parametrize("name", ["张敏", "欧阳小明", "买买提·吐尔逊", "", "很长很长很长的名字"])
@pytest.mark.parametrize("kind", list(Change))
def test_no_short_message_is_longer_than_one_segment(catalogue_loaded, name, kind):
    for code, benefit in catalogue().benefits.items():
        if benefit.versions[0].rule.is_pushed:
            state = Match.State.SOON if kind == Change.SOON else Match.State.NOW
            text = short(code, kind, name, state=state)
            assert len(text) <= LONGEST_SMS, text
            assert text.endswith("退订回T")
            assert "http" not in text


def test_a_title_that_does_not_fit_leaves_the_number_alone(catalogue_loaded):
    words = words_of("M05a", Change.NEW)._replace(sms=("很" * 60,))

    assert sms_text([Said(Change.NEW, words)], "张敏") == (
        "张师傅，您有1项新政策可以享受。到“政策直通车”看，不收费。退订回T"
    )


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        ([1, 1, 1], "您有 3 项新政策可以享受"),
        ([1, 5], "您有 1 项新政策可以享受，1 项快到日子"),
        ([5, 5], "您有 2 项快到日子"),
        ([1, 5, 3, 4], "您有 1 项新政策可以享受，1 项快到日子，2 项有变化"),
        ([2, 4], "您有 2 项有变化"),
    ],
)
def test_several_messages_are_counted(catalogue_loaded, kinds, text):
    said = [Said(kind, words_of("M05a", Change.NEW)) for kind in kinds]

    assert digests.subject(said) == text
    short = f"{text.replace(' ', '')}。到“政策直通车”看，不收费。退订回T"
    assert sms_text(said, "张敏") in (f"张师傅，{short}", short)


def test_a_surname_of_two_characters_is_one():
    names = ["张敏", "欧阳小明", "欧阳敏", "买买提·吐尔逊", "张", ""]

    assert list(map(greeting, names)) == ["张师傅，", "欧阳师傅，", "欧阳师傅，", "", "", ""]


def test_a_mail_lists_what_it_is_about_and_how_to_stop_it(catalogue_loaded):
    said = [Said(Change.NEW, words_of("M05a", Change.NEW)) for _ in range(12)]

    text, html = digests.mail(said, "https://zc.example.cn", "https://zc.example.cn/stop/t/")

    for part in (text, html):
        assert part.count("https://zc.example.cn/policies/M05c/") == 10
        assert part.count("https://zc.example.cn/stop/t/") == 1
        assert "还有 2 条" in part


# From the database


def messages(count):
    for number in range(1, count + 1):
        register.open_shop(number)
    version = register.publish()
    push()
    return version, told_of(version)


def told_of(version):
    """Messages on its benefit; the measures of the portal may be in force beside it."""
    return list(Notification.objects.filter(benefit=version.benefit).order_by("pk"))


def test_many_messages_take_no_more_queries_than_one():
    _, rows = messages(5)
    of_many(rows)  # what is kept in memory is read
    counts = []
    for some in (rows[:1], rows):
        with CaptureQueriesContext(connection) as queries:
            found = of_many(some)
        counts.append(len(queries))
        assert found.keys() == {row.pk for row in some}

    assert counts[0] == counts[1]


def test_what_has_been_replaced_says_so():
    version, rows = messages(1)
    assert of_many(rows)[rows[0].pk].is_current is True

    register.put_in_force(register.draft(version.benefit, amount={"fixed": "6000"}))
    words = of_many(rows)[rows[0].pk]

    assert (words.is_current, words.sentence, words.amount_text) == (False, UPDATED, "")
    assert words.title == "试验补贴"


def test_what_has_been_withdrawn_says_so_and_who_was_told_it_ended_reads_that():
    from accounts.models import User

    version, _ = messages(1)
    by = User.objects.create_superuser("boss")
    publishing.withdraw(version, by=by, reason="写错了")
    push()
    first, ended = told_of(version)

    words = of_many([first, ended])

    assert words[first.pk].sentence == UPDATED
    assert words[first.pk].is_current is False
    assert ended.kind == Change.ENDED
    assert words[ended.pk].is_current is True
    assert words[ended.pk].subject == "试验补贴，现在不再符合"


def test_a_message_on_a_benefit_leads_to_it():
    _, rows = messages(1)

    assert of_many(rows)[rows[0].pk].action_url_path == "/policies/T01a/"
