"""A need: typed by anybody, routed by what it is about, compared with what was answered, and sent."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases.models import Case, Message
from core.errors import Invalid, Refused
from services.models import Answer, Gram, Leg, Request
from services.needs import answers, routing, similar
from tests.cases.test_evidence_pages import photo
from tests.notifications.register import open_shop, publish
from tests.subsidies.world import owner_of
from tests.uploads.pictures import noise, saved

from . import world
from .test_kinds import do, legs_of, states_of

pytestmark = pytest.mark.django_db
QUESTION = "店门口下水道堵了，没有人管怎么办？"
ANSWER = "打市政热线，24 小时内有人来疏通。"


@pytest.fixture
def general():
    """The offering that takes needs, of 市政务服务中心."""
    centre = world.bureau("govservice", "市政务服务中心")
    about = publish("M14b", amount={"none": {}}, kind="service", delivery="service").benefit
    row = world.offering(code="need", handler=centre.department, benefit=about)
    return row, centre


def owner_at(place=1, person=None):
    shop = open_shop(place, person=person)
    return shop, owner_of(shop)


def published(case, people, question=QUESTION, words=ANSWER):
    row = answers.prepare(case, question, words, by=people.reviewer)
    return answers.publish(row, by=people.approver)


def answered(general, place=9):
    """A need of somebody else that was answered."""
    _row, people = general
    shop, owner = owner_at(place)
    case = routing.send(world.NEED, "other", shop, by=owner)
    do(case, "answer", people.reviewer, words=ANSWER)
    return case


# What it is about


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("营业执照丢了，怎么补", "paperwork"),
        ("银行贷款还不上，想展期", "loan"),
        ("油烟环评要不要做", "environment"),
        ("工人辞退要不要补工资", "hiring"),
        ("宽带太慢，想换 5G", "online"),
        ("公积金怎么交", "housing"),
        ("说不清楚的事", "other"),
    ],
)
def test_the_topic_is_guessed_from_the_words(words, topic):
    assert routing.guessed(words).key == topic


def test_every_topic_names_a_department_of_the_city_and_a_benefit_or_none():
    text = (Path(settings.BASE_DIR) / "policies/data/measures.yaml").read_text("utf-8")
    departments = {row["code"] for row in yaml.safe_load(text)["departments"]}
    found = routing.topics()

    assert {topic.department for topic in found.values()} <= departments
    assert list(found)[-1] == "other"
    words = [word for topic in found.values() for word in topic.words]
    assert sorted(words) == sorted(set(words))


def test_a_topic_with_an_enquiry_of_its_own_goes_there_and_the_others_to_its_department(general):
    row, centre = general
    ecology, market = world.bureau("ecology", "市生态环境局"), world.bureau("market", "市市场监管局")
    own = world.offering(
        code="eia", handler=ecology.department,
        benefit=publish("M21a", amount={"none": {}}, kind="service", delivery="service").benefit,
    )  # fmt: skip

    found = routing.doors()

    assert (found["environment"].offering, found["environment"].department) == (own, ecology.department)
    assert (found["paperwork"].offering, found["paperwork"].department) == (row, market.department)
    assert (found["tax"].offering, found["tax"].department) == (row, centre.department)  # no such bureau here


def test_an_enquiry_that_has_to_ask_more_is_sent_as_a_general_one_to_whoever_answers_it(general):
    row, _centre = general
    ecology = world.bureau("ecology", "市生态环境局")
    world.offering(
        code="eia", handler=ecology.department,
        questions=[{"key": "project", "type": "text", "label": "项目是什么", "required": True}],
        benefit=publish("M21a", amount={"none": {}}, kind="service", delivery="service").benefit,
    )  # fmt: skip
    shop, owner = owner_at()

    case = routing.send("油烟环评要不要做", "environment", shop, by=owner)

    assert (case.request.offering, case.department) == (row, ecology.department)
    assert legs_of(case) == [("ecology", "sent")]


def test_a_need_is_answered_by_whoever_its_topic_names(general):
    market = world.bureau("market", "市市场监管局")
    shop, owner = owner_at()

    case = routing.send("营业执照丢了，怎么补", "paperwork", shop, by=owner)

    assert (case.department, case.request.topic) == (market.department, "paperwork")
    assert legs_of(case) == [("market", "sent")]
    assert world.faults() == []


def test_where_nothing_is_offered_one_is_told_whom_to_call():
    shop, owner = owner_at()

    with pytest.raises(Refused, match="12345"):
        routing.send(world.NEED, "other", shop, by=owner)


def test_twenty_a_day_and_no_more(general, monkeypatch):
    shop, owner = owner_at()
    monkeypatch.setattr(routing, "A_DAY", routing.Limit("need", 2, 86_400))
    for _ in range(2):
        routing.send(world.NEED, "other", shop, by=owner)

    with pytest.raises(Refused, match="一天最多"):
        routing.send(world.NEED, "other", shop, by=owner)


# What is like it


def test_pairs_leave_out_what_says_nothing():
    assert similar.pairs_of("店门口的下水道，堵了！") == {"店门", "门口", "口下", "下水", "水道"}
    assert similar.pairs_of("，。！") == set()


def test_a_published_answer_to_much_the_same_is_found_and_one_to_something_else_is_not(general):
    case = answered(general)
    row = published(case, general[1])
    published(case, general[1], "营业执照怎么变更？", "网上办。")

    assert similar.answers_like(world.NEED) == [row]
    assert similar.answers_like("想学做直播") == []
    assert similar.answers_like("，。") == []


@pytest.mark.parametrize(
    ("shared", "found"), [(3, False), (4, True), (5, True)]
)  # of 10 pairs: 0.3, 0.4 and 0.5 of the smaller are below and above 0.45
def test_what_is_alike_begins_at_045(general, shared, found):
    letters = "abcdefghijk"  # ten pairs
    published(answered(general), general[1], letters)
    words = letters[: shared + 1 + (shared == 4)] + "甲乙丙丁戊己庚辛壬癸"

    likeness = len(similar.pairs_of(letters) & similar.pairs_of(words)) / 10

    assert (likeness >= similar.ALIKE_FROM) is found
    assert bool(similar.answers_like(words)) is found


def test_what_is_not_published_or_withdrawn_again_is_not_found(general):
    case, people = answered(general), general[1]
    draft = answers.prepare(case, QUESTION, ANSWER, by=people.reviewer)
    before = similar.answers_like(world.NEED)
    answers.publish(draft, by=people.approver)
    after = similar.answers_like(world.NEED)
    answers.withdraw(draft, by=people.approver)

    assert (before, after, similar.answers_like(world.NEED)) == ([], [draft], [])
    assert not Gram.objects.filter(answer=draft).exists()


def test_ones_own_open_request_is_found_and_nobody_elses(general):
    shop, owner = owner_at()
    case = routing.send(world.NEED, "other", shop, by=owner)
    other, _ = owner_at(2)

    assert [row.pk for row in similar.own_requests_like(QUESTION, f"operator {shop.operator_id}")] == [
        case.pk
    ]
    assert similar.own_requests_like(QUESTION, f"operator {other.operator_id}") == []


def test_words_of_a_request_are_forgotten_when_it_closes_and_known_again_when_it_opens(
    general, django_capture_on_commit_callbacks
):
    shop, owner = owner_at()
    case, people = routing.send(world.NEED, "other", shop, by=owner), general[1]
    do(case, "answer", people.reviewer, words=ANSWER)
    kept = Gram.objects.filter(request=case.pk).count()
    with django_capture_on_commit_callbacks(execute=True):
        do(case, "solve", owner)
    closed = Gram.objects.filter(request=case.pk).count()
    with django_capture_on_commit_callbacks(execute=True):
        do(case, "reopen", owner, words="还是堵着")

    assert (closed, Gram.objects.filter(request=case.pk).count()) == (0, kept)
    assert kept == len(similar.pairs_of(world.NEED))


# 我也是


@pytest.fixture
def shared(general):
    """A need that waits, published for others who have it."""
    _row, people = general
    shop, owner = owner_at(8)
    case = routing.send(world.NEED, "other", shop, by=owner)
    row = answers.prepare(case, QUESTION, "", by=people.reviewer)
    return case, answers.publish(row, by=people.approver)


def test_whoever_has_the_same_need_gets_the_same_answer(general, shared):
    first, row = shared
    shop, owner = owner_at()

    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    do(first, "answer", general[1].reviewer, words=ANSWER)

    assert legs_of(mine) == []
    assert states_of(mine) == ("answered", "open", "")
    assert Message.objects.filter(case=mine.pk, side="office").get().words == ANSWER
    assert not Message.objects.filter(case=mine.pk, words=world.NEED).exists()
    assert world.faults() == []


def test_an_answer_to_several_holds_no_number(general, shared):
    first, row = shared
    shop, owner = owner_at()
    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)

    with pytest.raises(Invalid, match="号码"):
        do(first, "answer", general[1].reviewer, words="打 13800138000 找他")

    assert (states_of(first)[0], states_of(mine)[0]) == ("open", "open")


@pytest.mark.parametrize("ending", ["decline", "withdraw", "miss", "refer"])
def test_where_the_first_is_not_answered_the_others_are_answered_for_themselves(general, shared, ending):
    (first, row), people = shared, general[1]
    world.bureau("market", "市市场监管局")
    shop, owner = owner_at()
    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    asker = Case.objects.get(pk=first.pk).submitter

    if ending == "miss":
        do(first, "take", people.reviewer)
    by = asker if ending == "withdraw" else people.reviewer
    do(first, ending, by, reason="不归本市管", department="market", note="归它")

    alone = ending != "refer"  # it waits on, with whoever answers now
    assert Request.objects.get(pk=mine.pk).same_as_id == (None if alone else first.pk)
    assert legs_of(mine) == ([("govservice", "sent")] if alone else [])
    assert world.faults() == []


def test_one_that_was_asked_something_while_the_first_was_answered_is_answered_for_itself(general, shared):
    (first, row), people = shared, general[1]
    shop, owner = owner_at()
    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    do(mine, "take", people.reviewer)
    do(
        mine,
        "ask",
        people.reviewer,
        words="哪条街？",
        until=str(world.timezone.localdate() + world.timedelta(7)),
    )

    do(first, "answer", people.reviewer, words=ANSWER)
    do(mine, "supply", owner, words="人民路")

    assert (states_of(mine)[0], legs_of(mine)) == ("taken", [("govservice", "sent")])
    assert world.faults() == []


def test_there_is_nothing_to_wait_with_once_it_is_answered(general, shared):
    first, row = shared
    shop, owner = owner_at()
    do(first, "answer", general[1].reviewer, words=ANSWER)

    with pytest.raises(Refused, match="有了结果"):
        routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    assert similar.answers_like(world.NEED) == []


def test_another_shop_of_the_same_owner_waits_with_the_first_and_nobody_elses_does(general):
    shop, owner = owner_at()
    second = open_shop(2, person=1)
    owner_of(second, phone=f"139{shop.pk:08d}")
    stranger, by = owner_at(3)
    first = routing.send(world.NEED, "other", shop, by=owner)

    mine = routing.also_for(first.request, world.NEED, second, by=owner)

    assert Request.objects.get(pk=mine.pk).same_as_id == first.pk
    for other, user in ((shop, owner), (stranger, by)):
        with pytest.raises(Refused):
            routing.also_for(first.request, world.NEED, other, by=user)


def test_reopened_it_is_answered_for_itself(general, shared):
    (first, row), people = shared, general[1]
    shop, owner = owner_at()
    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    do(first, "answer", people.reviewer, words=ANSWER)

    do(mine, "reopen", owner, words="没有人来")

    assert Request.objects.get(pk=mine.pk).same_as_id is None
    assert legs_of(mine) == [("govservice", "sent")]
    assert world.faults() == []


# The pages


def type_(client, words=world.NEED):
    return client.post("/needs/", {"words": words})


def test_anybody_types_looks_and_signs_in_to_send_with_nothing_lost(client, general):
    response = type_(client)
    assert response.url == "/needs/send/"
    page = client.get("/needs/send/")
    assert world.NEED in page.content.decode()
    asked = client.post("/needs/send/", {"topic": "tax", "do": "send"})
    assert asked.url == "/login/?next=%2Fneeds%2Fsend%2F"

    shop, owner = owner_at()
    client.force_login(owner)
    sent = client.post("/needs/send/", {"topic": "tax", "do": "send"})

    case = Case.objects.get()
    assert sent.url == reverse("case", args=[case.public_id])
    assert (case.business, case.request.words, case.request.topic) == (shop, world.NEED, "tax")
    assert client.get("/needs/send/").url == "/needs/"  # nothing is left of it


def test_what_was_typed_stands_sealed_in_the_session(client, general):
    type_(client)

    assert world.NEED not in str(dict(client.session))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "请写要办什么"),
        ("堵了", "至少 4 个字"),
        ("请打 13800138000 找我", "手机号"),
        ("堵" * 2_001, "最多写 2000 个字"),
    ],
)
def test_words_that_will_not_do_are_shown_again_with_why(client, words, sentence):
    response = type_(client, words)

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert (words[:100] in response.content.decode()) is True


def test_the_topic_that_the_owner_chose_stays(client, general):
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)
    client.post("/needs/send/", {"topic": "checks", "drop": "nothing"})
    type_(client, "营业执照丢了，怎么补")

    assert 'value="checks" selected' in " ".join(client.get("/needs/send/").content.decode().split())


def test_photos_are_added_taken_off_and_sent_with_the_words(client, general, settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path / "private"), ""
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)
    for seed in (1, 2):
        client.post("/needs/send/", {"do": "add", "file": photo(saved(noise(side=64 + seed)), f"{seed}.jpg")})
    first = owner.bindings.get().operator.evidence.order_by("pk").first()
    client.post("/needs/send/", {"drop": str(first.public_id)})
    client.post("/needs/send/", {"do": "send"})

    line = Message.objects.get(side="owner")
    kept = owner.bindings.get().operator.evidence.order_by("pk").last()
    assert (line.words, line.files) == (world.NEED, [str(kept.public_id)])


def test_a_file_that_will_not_do_is_said_and_the_words_stay(client, general):
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)

    response = client.post("/needs/send/", {"do": "add", "file": photo(b"no picture", "a.jpg")})

    assert response.status_code == 400
    assert "打不开这个文件" in response.content.decode()
    assert not Case.objects.exists()


def test_similar_is_a_step_of_its_own_and_this_is_it_ends_without_a_case(client, general):
    row = published(answered(general), general[1])

    assert type_(client).url == "/needs/similar/"
    assert QUESTION in client.get("/needs/similar/").content.decode()
    response = client.post("/needs/similar/", {"it": f"answer-{row.pk}"})

    row.refresh_from_db()
    assert (response.url, row.helped) == (f"/needs/answers/{row.pk}/", 1)
    assert client.get("/needs/similar/").url == "/needs/"
    assert Case.objects.count() == 1  # the one that was answered


def test_none_of_them_leads_on(client, general):
    published(answered(general), general[1])
    type_(client)

    assert client.post("/needs/similar/", {"it": "none-0"}).url == "/needs/send/"


@pytest.mark.parametrize(
    "it", ["", "x", "answer-0", "answer-x", "too-0", "also-9", "case-9", "answer-" + "9" * 30]
)
def test_an_unknown_choice_changes_nothing(client, general, it):
    published(answered(general), general[1])
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)

    response = client.post("/needs/similar/", {"it": it})

    assert response.status_code in (302, 404)
    assert Case.objects.count() == 1


def test_me_too_by_the_page(client, general, shared):
    first, row = shared
    type_(client)
    assert "我也是" in client.get("/needs/similar/").content.decode()
    assert client.post("/needs/similar/", {"it": f"too-{row.pk}"}).url.startswith("/login/")
    _shop, owner = owner_at()
    client.force_login(owner)

    client.post("/needs/similar/", {"it": f"too-{row.pk}"})

    assert Request.objects.exclude(pk=first.pk).get().same_as_id == first.pk


def test_ones_own_open_request_leads_to_it(client, general):
    shop, owner = owner_at()
    case = routing.send(world.NEED, "other", shop, by=owner)
    client.force_login(owner)

    assert type_(client).url == "/needs/similar/"
    response = client.post("/needs/similar/", {"it": f"case-{case.pk}"})

    assert response.url == reverse("case", args=[case.public_id])
    assert Case.objects.count() == 1


def test_nobody_sees_a_word_of_others_who_have_not_been_published(client, general):
    shop, owner = owner_at(5)
    routing.send(world.NEED, "other", shop, by=owner)
    _mine, me = owner_at()
    client.force_login(me)

    assert type_(client).url == "/needs/send/"


def test_staff_look_and_do_not_send(client, general):
    client.force_login(general[1].reviewer)
    type_(client)

    assert client.get("/needs/").status_code == 200
    assert client.get("/needs/send/").status_code == 403


def test_whoever_may_not_apply_for_the_shop_is_told_so(general):
    shop, _owner = owner_at()
    _other, stranger = owner_at(2)

    with pytest.raises(PermissionDenied):
        routing.send(world.NEED, "other", shop, by=stranger)
    assert not Leg.objects.exists()


# Published answers


def test_published_answers_are_searched_narrowed_and_paged(client, general):
    case, people = answered(general), general[1]
    rows = [published(case, people, f"第 {number} 个问题", f"办法 {number}") for number in range(21)]
    Answer.objects.filter(pk=rows[0].pk).update(topic="tax")

    first, second = client.get("/needs/answers/"), client.get("/needs/answers/?page=2")
    found = client.get("/needs/answers/?q=第 7").content.decode()

    assert (len(first.context["page"]), len(second.context["page"])) == (20, 1)
    assert ("第 7 个问题" in found, "第 8 个问题" in found) == (True, False)
    assert [row.pk for row in client.get("/needs/answers/?topic=tax").context["page"]] == [rows[0].pk]
    assert client.get("/needs/answers/?page=x&topic=none").status_code == 200


def test_one_answer_has_a_page_while_it_is_published(client, general):
    row = published(answered(general), general[1])
    shown = client.get(f"/needs/answers/{row.pk}/").status_code
    answers.withdraw(row, by=general[1].approver)

    assert (shown, client.get(f"/needs/answers/{row.pk}/").status_code) == (200, 404)


def test_a_need_without_an_answer_has_no_page(client, general, shared):
    assert client.get(f"/needs/answers/{shared[1].pk}/").status_code == 404
    assert list(client.get("/needs/answers/").context["page"]) == []


@pytest.mark.parametrize("count", [1, 4])
def test_pages_ask_the_same_number_of_queries_however_much_is_found(
    client, general, count, django_assert_max_num_queries
):
    case, people = answered(general), general[1]
    for number in range(count):
        published(case, people, f"{QUESTION}{number}", ANSWER)
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)

    for address, most in (("/needs/similar/", 16), ("/needs/answers/", 10), ("/needs/send/", 14)):
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
