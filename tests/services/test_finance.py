"""Asking several institutions: who can be asked, what each may read, what comes of a no, and what an approval brings
about."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from businesses.actions import give_mandate
from businesses.models import Sharing
from cases.actions import general
from cases.models import Case
from core.errors import Invalid, Refused
from notifications.models import Letter
from services.asking import Ask
from services.finance import following, tenders
from services.finance.institutions import institutions_of
from services.models import Leg, Offering, ServiceCase
from tests.core.test_idempotency import begin  # noqa: F401
from tests.notifications.register import tell_of
from tests.subsidies import world as money

from . import world

pytestmark = pytest.mark.django_db
in_parallel = pytest.mark.django_db(databases=["default", "postgres"], transaction=True)
SUM = {"key": "sum", "type": "money", "label": "想借多少", "required": True}
VETERAN = {"all": [{"fact": "operator_groups", "op": "has_any", "value": ["veteran"]}]}


@pytest.fixture
def shop_and_owner(db):
    return world.shop_that_rents()


@pytest.fixture
def shop(shop_and_owner):
    return shop_and_owner[0]


@pytest.fixture
def owner(shop_and_owner):
    return shop_and_owner[1]


@pytest.fixture
def banks(db):
    return world.bank(), world.bank("b", "乙"), world.bank("c", "丙")


def state_of(case):
    row = Case.objects.get(pk=case.pk)
    return row.state, row.outcome


def legs_of(case):
    rows = Leg.objects.filter(request=case.pk).order_by("position")
    return [
        (leg.receiver.name, leg.state, leg.sharing_id is not None) for leg in rows.select_related("receiver")
    ]


def answered(case, one, verb, **typed):
    return tenders.answer(world.leg_of(case, one), verb, typed, by=one.officer)


# Who can be asked


def test_institutions_are_those_that_offer_the_same_each_once_those_that_fit_first(shop, banks):
    first, second, _ = banks
    Offering.objects.filter(pk=first.offering.pk).update(criteria=VETERAN)
    tell_of(shop, "employment", operator_groups={"yes": [], "no": ["veteran"]})
    world.offering(
        "tender",
        "second",
        handler=world.bureau().department,
        benefit=world.benefit("T02a"),
        provider=second.department,
    )
    world.bank("d", "丁", code="T02b")

    rows = institutions_of(banks[2].offering, shop)

    assert [(one.department.name, one.may_be_asked) for one in rows] == [
        ("演示银行乙", True),
        ("演示银行丙", True),
        ("演示银行甲", False),
    ]
    assert len(rows[-1].fit.rows) == 1


@pytest.mark.parametrize("wrong", ["none", "strange", "unfit", "six"])
def test_only_those_that_can_be_asked_are_asked_and_no_more_than_five(shop, owner, banks, wrong):
    Offering.objects.filter(pk=banks[1].offering.pk).update(criteria=VETERAN)
    tell_of(shop, "employment", operator_groups={"yes": [], "no": ["veteran"]})
    more = [world.bank(letter, letter) for letter in "defgh"] if wrong == "six" else []
    ids = {
        "none": [],
        "strange": [world.institution("bank_x", "别的银行").department.pk],
        "unfit": [banks[1].department.pk],
        "six": [one.department.pk for one in (banks[0], *more)],
    }[wrong]

    with pytest.raises(Invalid) as refusal:
        tenders.ask_institutions(banks[0].offering, shop, Ask(), ids, {}, by=owner)

    assert {fault.field for fault in refusal.value.faults} == {"receivers"}
    assert not ServiceCase.objects.exists()


# What each may read


def test_each_reads_what_the_owner_agreed_to_for_it_and_nothing_else(shop, owner, banks):
    first, second, _ = banks
    case = world.tender(shop, owner, first, second, agreed=[first])

    lines = tenders.read_shared(world.leg_of(case, first), by=first.officer)

    assert legs_of(case) == [("演示银行甲", "sent", True), ("演示银行乙", "sent", False)]
    assert [line.words for line in lines] == [shop.name, "800 元"]
    with pytest.raises(PermissionDenied):
        tenders.read_shared(world.leg_of(case, second), by=second.officer)
    with pytest.raises(PermissionDenied):
        tenders.read_shared(world.leg_of(case, first), by=second.officer)
    assert world.faults() == []


def test_what_is_agreed_to_and_the_request_are_kept_together_or_not_at_all(shop, owner, banks):
    agreed = {banks[0].department.pk: world.digest(shop, banks[0]), banks[1].department.pk: "0" * 64}

    with pytest.raises(Refused, match="内容有变动"):
        tenders.ask_institutions(
            banks[0].offering, shop, Ask(), list(agreed), agreed, by=owner, is_fresh=True
        )

    assert not ServiceCase.objects.exists()
    assert not Sharing.objects.exists()


def test_a_request_that_is_wrong_leaves_no_agreement_behind(shop, owner, banks):
    agreed = {banks[0].department.pk: world.digest(shop, banks[0])}

    with pytest.raises(Invalid):
        tenders.ask_institutions(
            banks[0].offering,
            shop,
            Ask(words="打 13800138000"),
            list(agreed),
            agreed,
            by=owner,
            is_fresh=True,
        )

    assert not Sharing.objects.exists()


def helper_of(shop, owner):
    until = timezone.localdate() + timedelta(days=30)
    give_mandate(shop, scopes=["view", "apply"], until=until, by=owner, phone="13912345678")
    return User.objects.with_phone("13912345678")


def test_a_helper_asks_with_words_and_never_agrees(shop, owner, banks):
    helper, ids = helper_of(shop, owner), [banks[0].department.pk]
    agreed = {ids[0]: world.digest(shop, banks[0])}

    with pytest.raises(PermissionDenied):
        tenders.ask_institutions(banks[0].offering, shop, Ask(), ids, agreed, by=helper, is_fresh=True)
    case, is_new = tenders.ask_institutions(banks[0].offering, shop, Ask(), ids, {}, by=helper)

    assert is_new
    leg = world.leg_of(case, banks[0])
    with pytest.raises(PermissionDenied):
        tenders.share(case, leg, agreed[ids[0]], by=helper, is_fresh=True)
    tenders.share(case, leg, agreed[ids[0]], by=owner, is_fresh=True)
    assert legs_of(case) == [("演示银行甲", "sent", True)]


def test_what_has_changed_is_told_to_the_owner_who_agrees_anew(shop, owner, banks):
    case = world.tender(shop, owner, banks[0], agreed=[banks[0]])
    tell_of(shop, "self", rents_premises=True, monthly_rent="900.00")

    with pytest.raises(Refused, match="请店主重新授权"):
        tenders.read_shared(world.leg_of(case, banks[0]), by=banks[0].officer)
    told = Letter.objects.get(title="“试验贷款”要您再同意一次")
    tenders.share(case, world.leg_of(case, banks[0]), world.digest(shop, banks[0]), by=owner, is_fresh=True)
    lines = tenders.read_shared(world.leg_of(case, banks[0]), by=banks[0].officer)

    leg = world.leg_of(case, banks[0])
    assert (told.action_path, told.needs_action) == (f"/cases/{case.public_id}/share/{leg.pk}/", True)
    assert Letter.objects.get(pk=told.pk).needs_action is False
    assert lines[1].words == "900 元"
    shared = list(Sharing.objects.order_by("pk").values_list("revoked_at", "used"))
    assert [(ended is None, times) for ended, times in shared] == [(False, 0), (True, 1)]


# Asked twice


def test_what_is_asked_twice_is_the_one_that_stands_whichever_bank_is_named(shop, owner, banks):
    case = world.tender(shop, owner, banks[0])

    again, is_new = tenders.ask_institutions(
        banks[1].offering, shop, Ask(), [banks[1].department.pk], {}, by=owner
    )

    assert (again.pk, is_new) == (case.pk, False)
    assert Leg.objects.count() == 1


@in_parallel
def test_two_at_once_are_one_request(begin):  # noqa: F811
    shop, owner = world.shop_that_rents()
    one = world.bank()
    digest, barrier, heard = world.digest(shop, one), threading.Barrier(2), []

    def work():
        barrier.wait()
        pk = one.department.pk
        heard.append(
            tenders.ask_institutions(one.offering, shop, Ask(), [pk], {pk: digest}, by=owner, is_fresh=True)[
                1
            ]
        )

    for thread in [begin(work) for _ in range(2)]:
        thread.join()

    assert sorted(heard) == [False, True]
    assert (ServiceCase.objects.count(), Leg.objects.count(), Sharing.objects.count()) == (1, 1, 1)


# No, and the next


def test_after_a_no_the_owner_asks_the_next_with_an_agreement_of_its_own(shop, owner, banks):
    first, second, third = banks
    case = world.tender(shop, owner, first, agreed=[first])
    answered(case, first, "decline", reason="开店时间太短")
    after_no = state_of(case)

    rows = tenders.next_institutions(Case.objects.get(pk=case.pk))
    agreed = {second.department.pk: world.digest(shop, second)}
    tenders.pass_on(case, list(agreed), agreed, by=owner, is_fresh=True)

    assert after_no == ("unserved", "")
    assert [one.pk for one in rows] == [second.department.pk, third.department.pk]
    assert state_of(case) == ("open", "")
    assert legs_of(case) == [("演示银行甲", "no_help", True), ("演示银行乙", "sent", True)]
    letter = Letter.objects.get(title="“试验贷款”有一家没接成")
    assert "演示银行甲没接成：开店时间太短。可以转给下一家" in letter.sentence
    with pytest.raises(Refused):  # it has said no
        tenders.read_shared(world.leg_of(case, first), by=first.officer)


def test_nobody_is_asked_again_and_when_all_have_been_nobody_is_left(shop, owner, banks):
    case = world.tender(shop, owner, *banks)
    for one in banks:
        answered(case, one, "decline", reason="不办这一类")

    assert tenders.next_institutions(Case.objects.get(pk=case.pk)) == []
    with pytest.raises(Invalid):
        tenders.pass_on(case, [banks[0].department.pk], {}, by=owner)
    assert state_of(case) == ("unserved", "")
    page = world.browser_of(owner).get(f"/cases/{case.public_id}/pass-on/").content.decode()
    assert "没有别的机构能问了" in page


def test_while_others_look_at_it_a_no_leaves_it_with_them(shop, owner, banks):
    case = world.tender(shop, owner, *banks[:2])
    answered(case, banks[1], "take")
    answered(case, banks[0], "miss", reason="打了三次没人接")

    assert state_of(case) == ("talking", "")
    assert legs_of(case)[0][:2] == ("演示银行甲", "unreachable")


def test_an_offer_is_taken_and_the_others_are_let_go(shop, owner, banks):
    first, second, _ = banks
    case = world.tender(shop, owner, first, second, agreed=[first, second])
    answered(case, first, "take")
    with pytest.raises(Refused, match="还没有给出条件"):
        tenders.accept(case, world.leg_of(case, first), by=owner)
    answered(case, first, "offer", words="10 万元，一年")
    tenders.accept(case, world.leg_of(case, first), by=owner)

    row = Case.objects.get(pk=case.pk)
    assert state_of(case) == ("served", "helped")
    assert [leg.is_accepted for leg in row.request.legs.all()] == [True, False]
    assert [state for _, state, _ in legs_of(case)] == ["done", "dropped"]
    assert len(tenders.read_shared(world.leg_of(case, first), by=first.officer)) == 2
    with pytest.raises(Refused):
        tenders.read_shared(world.leg_of(case, second), by=second.officer)
    assert world.faults() == []


def test_what_the_owner_saw_has_to_be_what_is_there(shop, owner, banks):
    case = world.tender(shop, owner, *banks[:2])
    seen = Case.objects.get(pk=case.pk).version
    answered(case, banks[0], "decline", reason="不办")

    with pytest.raises(Refused, match="刚刚有变动"):
        tenders.pass_on(case, [banks[2].department.pk], {}, by=owner, expected_version=seen)


@pytest.mark.parametrize("has_offer", [False, True])
def test_taken_back_nobody_reads_any_more(shop, owner, banks, has_offer):
    case = world.tender(shop, owner, banks[0], agreed=[banks[0]])
    if has_offer:
        answered(case, banks[0], "take")
        answered(case, banks[0], "offer", words="10 万元，一年")

    general.do(Case.objects.get(pk=case.pk), "withdraw", {}, by=owner)

    with pytest.raises(Refused):
        tenders.read_shared(world.leg_of(case, banks[0]), by=banks[0].officer)


def test_insurers_are_asked_by_the_same_verbs(shop, owner):
    insurer = world.bank("i", "保险", kind="insurer", code="T03a", shares=["shop_name"])
    case = world.tender(shop, owner, insurer, agreed=[insurer])
    answered(case, insurer, "take")
    answered(case, insurer, "offer", words="一年 300 元，保 20 万元")
    tenders.accept(case, world.leg_of(case, insurer), by=owner)

    assert state_of(case) == ("served", "helped")


# After an approval


@pytest.fixture
def loan(shop, owner, settings, tmp_path):
    """An application for a loan by this owner, and the bureau."""
    settings.PRIVATE_FOLDER = str(tmp_path)
    people, benefit = money.bureau(), money.grant_of_money("M01c")
    money.envelope(benefit)
    return money.filed(benefit, shop, owner), people


def bank_of_loans(**more):
    return world.bank(code="M02d", questions=[SUM], **more)


def test_an_approved_loan_is_taken_to_the_banks_with_words_alone(
    loan, shop, owner, django_capture_on_commit_callbacks
):
    application, people = loan
    one = bank_of_loans()
    with django_capture_on_commit_callbacks(execute=True):
        application = money.approved(application, people)

    case = ServiceCase.objects.get()
    assert (case.channel, case.state, case.request.follows_id) == ("auto", "open", application.pk)
    assert legs_of(case) == [("演示银行甲", "sent", False)]
    assert application.number in case.request.words
    assert "额度 5,000 元" in case.request.words
    letter = Letter.objects.get(title="“试验贷款”替您问了机构")
    assert (letter.needs_action, letter.action_path) == (True, f"/cases/{case.public_id}/")
    tenders.share(case, world.leg_of(case, one), world.digest(shop, one), by=owner, is_fresh=True)
    assert legs_of(case) == [("演示银行甲", "sent", True)]


def test_it_is_taken_there_once_and_one_of_which_nobody_heard_is_found(loan):
    application, people = loan
    bank_of_loans()
    application = money.approved(application, people)  # nobody hears of it: nothing is committed here

    first, second = (following.follow_the_unheard(timezone.localdate()) for _ in range(2))
    following.hear(None, application, "approve")

    assert (first, second) == (1, 0)
    assert ServiceCase.objects.count() == 1


def test_nothing_follows_where_nobody_can_be_asked_or_another_benefit_is_approved(loan):
    application, people = loan
    money.approved(application, people)

    assert following.follow_the_unheard(timezone.localdate()) == 0
    assert (
        following.rule_for(Case(procedure="subsidy", outcome="refused", benefit=application.benefit)) is None
    )
    assert not ServiceCase.objects.exists()


# As the owner does it


def shown(response):
    return response.content.decode()


def test_the_owner_fills_in_sees_what_is_sent_agrees_for_one_and_sends(shop, owner, banks):
    Offering.objects.filter(pk=banks[0].offering.pk).update(questions=[SUM])
    browser, ids = world.browser_of(owner), [one.department.pk for one in banks[:2]]
    address = "/services/loan-a/institutions/"

    form = browser.get(address)
    chosen = browser.post(address, {"do": "choose", "said-sum": "50000", "words": "进货", "receivers": ids})
    sent = browser.get(chosen["Location"])
    agreed = {f"agree-{ids[0]}": world.digest(shop, banks[0])}
    done = browser.post(chosen["Location"], {"do": "send", **agreed})

    case = ServiceCase.objects.get()
    assert (form.status_code, sent.status_code) == (200, 200)
    for words in ("50,000 元", "进货", "演示银行甲", "演示银行乙", shop.name, "800 元"):
        assert words in shown(sent)
    assert done["Location"] == f"/cases/{case.public_id}/"
    assert case.request.said == {"sum": "50000"}
    assert legs_of(case) == [("演示银行甲", "sent", True), ("演示银行乙", "sent", False)]
    page = shown(browser.get(done["Location"]))
    assert "您同意它看 2 项，已看 0 次。" in page
    assert "只发了您写的内容。" in page


def test_what_was_typed_and_ticked_is_still_there_after_the_code(shop, owner, banks):
    browser, pk = world.browser_of(owner, fresh=False), banks[0].department.pk
    address, digest = "/services/loan-a/institutions/", world.digest(shop, banks[0])
    browser.post(address, {"do": "choose", "words": "进一批春茶", "receivers": [pk]})

    asked = browser.post(f"{address}?step=send", {"do": "send", f"agree-{pk}": digest})
    none_yet = ServiceCase.objects.exists()
    page = shown(browser.get(f"{address}?step=send"))

    assert (
        asked["Location"] == "/me/security/prove/?next=%2Fservices%2Floan-a%2Finstitutions%2F%3Fstep%3Dsend"
    )
    assert none_yet is False
    assert "进一批春茶" in page
    assert f'value="{digest}"\n    checked' in page


def test_words_alone_need_no_code(shop, owner, banks):
    browser, pk = world.browser_of(owner, fresh=False), banks[0].department.pk
    browser.post("/services/loan-a/institutions/", {"do": "choose", "words": "进货", "receivers": [pk]})

    browser.post("/services/loan-a/institutions/?step=send", {"do": "send"})

    assert legs_of(ServiceCase.objects.get()) == [("演示银行甲", "sent", False)]


def test_what_is_wrong_is_said_beside_its_box_and_stays_typed(shop, owner, banks):
    Offering.objects.filter(pk=banks[0].offering.pk).update(questions=[SUM])
    answer = world.browser_of(owner).post(
        "/services/loan-a/institutions/", {"do": "choose", "said-sum": "很多", "words": "打 13800138000 找我"}
    )

    page = shown(answer)
    assert answer.status_code == 400
    for words in ("很多", "13800138000", "请选 1 到 5 家机构", "金额请只填半角数字", "这里不要写身份证号"):
        assert words in page


def test_what_changed_while_it_was_read_is_shown_again_before_it_is_sent(shop, owner, banks):
    browser, pk = world.browser_of(owner), banks[0].department.pk
    address, digest = "/services/loan-a/institutions/?step=send", world.digest(shop, banks[0])
    browser.post("/services/loan-a/institutions/", {"do": "choose", "receivers": [pk]})
    tell_of(shop, "self", rents_premises=True, monthly_rent="900.00")

    answer = browser.post(address, {"do": "send", f"agree-{pk}": digest})

    assert answer.status_code == 409
    assert "900 元" in shown(answer)
    assert f'value="{digest}"' not in shown(answer)
    assert not ServiceCase.objects.exists()


def test_who_asked_already_is_led_to_what_they_asked(shop, owner, banks):
    case = world.tender(shop, owner, banks[0])

    answer = world.browser_of(owner).get("/services/loan-b/institutions/")

    assert answer["Location"] == f"/cases/{case.public_id}/"


def test_a_helper_sees_no_values_and_no_box(shop, owner, banks):
    browser, pk = world.browser_of(helper_of(shop, owner)), banks[0].department.pk
    browser.post("/services/loan-a/institutions/", {"do": "choose", "receivers": [pk]})

    page = shown(browser.get("/services/loan-a/institutions/?step=send"))

    assert "要店主本人同意" in page
    assert "800 元" not in page
    assert "agree-" not in page


def test_the_owner_passes_it_on_and_takes_an_offer_by_the_pages(shop, owner, banks):
    first, second, _ = banks
    case = world.tender(shop, owner, first, agreed=[first])
    answered(case, first, "decline", reason="不办这一类")
    browser, page = world.browser_of(owner), f"/cases/{case.public_id}/"

    assert f"{page}pass-on/" in shown(browser.get(page))
    version, pk = Case.objects.get(pk=case.pk).version, second.department.pk
    browser.post(
        f"{page}pass-on/", {"version": version, "receivers": [pk], f"agree-{pk}": world.digest(shop, second)}
    )
    answered(case, second, "take")
    answered(case, second, "offer", words="8 万元，两年")
    leg = world.leg_of(case, second)
    leads = browser.get(f"{page}accept/")
    confirm = shown(browser.get(f"{page}accept/{leg.pk}/"))
    browser.post(f"{page}accept/{leg.pk}/", {"version": Case.objects.get(pk=case.pk).version})

    assert leads["Location"] == f"{page}accept/{leg.pk}/"
    assert "8 万元，两年" in confirm
    assert state_of(case) == ("served", "helped")


def test_pages_of_another_case_or_another_kind_are_not_there(shop, owner, banks):
    case = world.tender(shop, owner, banks[0])
    enquiry, _ = world.asked(world.offering(), 2)
    _, other = world.shop_that_rents(3)
    other_case = world.tender(*world.shop_that_rents(4), banks[1])
    strange = Leg.objects.get(request=other_case.pk)

    for browser, address in (
        (world.browser_of(other), f"/cases/{case.public_id}/pass-on/"),
        (world.browser_of(owner), f"/cases/{enquiry.public_id}/pass-on/"),
        (world.browser_of(owner), f"/cases/{case.public_id}/share/{strange.pk}/"),
        (world.browser_of(owner), "/services/ask/institutions/"),
    ):
        assert browser.get(address).status_code == 404
