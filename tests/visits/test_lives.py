"""A visit from the plan of its bureau to its end, as those who take part do it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases.models import Interest, Message, Rating
from cases.pages.view import status_of
from core.errors import Invalid, Refused
from notifications.models import Letter
from tests.standing import stands
from visits import sweeping
from visits.models import Visit, VisitCase
from visits.planning import Plan, arrive, plan

from . import world

pytestmark = pytest.mark.django_db


_begun = stands(lambda: (world.bureau(), world.shop()[0]))


@pytest.fixture
def office(begun):
    return begun[0]


@pytest.fixture
def shop(begun):
    return begun[1]


def titles():
    return list(Letter.objects.order_by("pk").values_list("title", flat=True))


def in_days(count):
    return time_machine.travel(timezone.now() + timedelta(days=count), tick=False)


def test_a_visit_is_planned_set_paid_and_written_down(office, shop):
    case = world.planned(shop, office, 1, 5)
    case = world.do(case, "set", office.officer, on=world.day(3).isoformat())
    with in_days(3):
        arrive(case, by=office.other)
        case = world.do(case, "done", office.other, words="排污口完好，没有问题")

        assert (case.state, case.phase, case.outcome) == ("done", "closed", "helped")
        assert timezone.localdate(case.visit.arrived_at) == case.visit.on == world.day()
        assert [(row.side, row.words) for row in Message.objects.all()] == [
            ("office", "排污口完好，没有问题")
        ]
        assert titles() == ["市生态环境局的检查定了日子", "市生态环境局的检查结束了"]
        assert Rating.objects.get().stage == "visit"
        assert world.faults() == []


def test_a_letter_names_three_things_that_are_looked_at_and_counts_the_others(office, shop):
    world.visit_set(shop, office, items=["油烟", "排污", "噪音", "危废"])

    assert "看油烟、排污、噪音等 4 项。" in Letter.objects.get().sentence


def test_nothing_is_told_while_there_is_no_day(office, shop):
    case = world.planned(shop, office)
    world.do(case, "drop", office.officer, reason="今年不查了")

    assert (world.states(), titles()) == (["dropped"], [])


def test_a_visit_that_was_set_is_moved_and_cancelled_and_its_owner_hears_of_both(office, shop):
    case = world.planned(shop, office, 1, 9)
    world.do(case, "set", office.officer, on=world.day(3).isoformat())
    world.do(case, "move", office.officer, on=world.day(4).isoformat())
    case = world.do(case, "drop", office.officer, reason="店里停电")

    assert (case.state, case.outcome, case.reason) == ("dropped", "withdrawn", "店里停电")
    assert titles() == [f"市生态环境局的检查{end}" for end in ("定了日子", "改了日子", "取消了")]
    assert Letter.objects.latest("pk").sentence == "这一天不来了：店里停电。"


@pytest.mark.parametrize(("ahead", "is_fine"), [(1, False), (2, True), (5, True), (6, False)])
@pytest.mark.parametrize("verb", ["set", "move"])
def test_its_day_is_within_its_window(office, shop, verb, ahead, is_fine):
    case = world.planned(shop, office, 2, 5)
    if verb == "move":
        world.do(case, "set", office.officer, on=world.day(3).isoformat())

    if is_fine:
        case = world.do(case, verb, office.officer, on=world.day(ahead).isoformat())
        assert case.visit.on == world.day(ahead)
    else:
        with pytest.raises(Refused, match="之间的一天"):
            world.do(case, verb, office.officer, on=world.day(ahead).isoformat())


def test_today_is_a_day_and_yesterday_is_none(office, shop):
    case = world.planned(shop, office, 0, 3)
    with pytest.raises(Invalid, match="起、365 天以内"):
        world.do(case, "set", office.officer, on=world.day(-1).isoformat())

    assert world.do(case, "set", office.officer, on=world.day().isoformat()).state == "set"


@pytest.mark.parametrize(("passed", "is_fine"), [(2, False), (3, True), (4, True)])
def test_a_result_is_written_from_its_day_on(office, shop, passed, is_fine):
    case = world.visit_set(shop, office, 3)
    with in_days(passed):
        if is_fine:
            assert world.do(case, "done", office.officer, words="没有问题").state == "done"
        else:
            with pytest.raises(Refused, match="还没到"):
                world.do(case, "done", office.officer, words="没有问题")


@pytest.mark.parametrize("passed", [2, 3, 4])
def test_who_arrives_arrives_on_its_day(office, shop, passed):
    case = world.visit_set(shop, office, 3)
    with in_days(passed):
        if passed == 3:
            arrive(case, by=office.officer)
            first = world.fresh(case)
            arrive(first, by=office.other)  # a second tap
            assert world.fresh(case).visit.arrived_at == first.visit.arrived_at is not None
            assert world.fresh(case).version == first.version
        else:
            with pytest.raises(Refused, match="今天不是这一天"):
                arrive(case, by=office.officer)


# What is planned


GOOD = {"items": ["油烟"], "from_on": 0, "until_on": 3}


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"items": []}, "items", "请写查什么，1 到 10 项，一行一项"),
        ({"items": [" ", ""]}, "items", "请写查什么，1 到 10 项，一行一项"),
        ({"items": list("一二三四五六七八九十百")}, "items", "请写查什么，1 到 10 项，一行一项"),
        ({"items": ["长" * 31]}, "items", "一项最多 30 个字"),
        ({"from_on": -1}, "from_on", "最早从今天"),
        ({"from_on": 4}, "until_on", "最晚那天不能在最早那天以前"),
        ({"until_on": 366}, "until_on", "最晚到"),
        ({"because": "fun"}, "because", "请从这些里选：日常检查、接到投诉、出了事故、上级交办"),
        ({"because": "complaint"}, "note", "不是日常检查的，请写明为什么要去"),
        ({"because": "complaint", "note": "  "}, "note", "不是日常检查的，请写明为什么要去"),
        ({"note": "字" * 501}, "note", "最多 500 个字"),
    ],
)
def test_what_cannot_be_planned_is_said(office, shop, typed, field, words):
    said = GOOD | typed
    said |= {name: world.day(said[name]) for name in ("from_on", "until_on")}

    with pytest.raises(Invalid) as refusal:
        plan(shop, Plan(**said), by=office.officer)

    (fault,) = refusal.value.faults
    assert (fault.field, fault.detail.startswith(words)) == (field, True)
    assert VisitCase.objects.count() == 0


@pytest.mark.parametrize(("ahead", "is_fine"), [(-1, False), (0, True), (365, True), (366, False)])
def test_a_plan_reaches_from_today_a_year_ahead(office, shop, ahead, is_fine):
    window = Plan(["油烟"], world.day(ahead), world.day(ahead))

    if is_fine:
        assert plan(shop, window, by=office.officer).state == "planned"
    else:
        with pytest.raises(Invalid):
            plan(shop, window, by=office.officer)


@pytest.mark.parametrize("because", Visit.Because.values)
def test_every_cause_but_routine_has_a_note(office, shop, because):
    case = world.planned(shop, office, because=because, note="群众反映油烟大")

    assert (case.visit.because, case.visit.note) == (because, "群众反映油烟大")
    assert case.visit.is_routine == (because == "normal")


@pytest.mark.parametrize("status", ["deregistered", "revoked"])
def test_a_shop_that_is_no_more_is_not_visited(office, shop, status):
    shop.operating_status = status

    with pytest.raises(Refused, match="不用再检查"):
        world.planned(shop, office)


# Who may


def test_only_its_bureau_goes_on_with_a_visit(office, shop):
    other = world.bureau("market", "市市场监管局")
    case = world.planned(shop, office)

    for verb, typed in (("set", {"on": world.day(1).isoformat()}), ("drop", {"reason": "不去了"})):
        with pytest.raises(PermissionDenied):
            world.do(case, verb, other.officer, **typed)
    assert world.do(case, "drop", office.other, reason="不去了").state == "dropped"


def test_who_has_no_right_to_plan_plans_nothing(shop):
    reviewer = world.bureau("tests", "试验局", "审核员")
    auditor = world.bureau("audit", "审计局", "审计员")
    bank = world.bureau("bank", "演示银行")
    bank.department.kind = "bank"
    bank.department.save()
    _, owner = world.shop()

    for user in (reviewer.officer, auditor.officer, bank.officer, owner):
        with pytest.raises(PermissionDenied):
            plan(shop, Plan(["油烟"], world.day(), world.day()), by=user)


def test_who_has_an_interest_in_the_shop_keeps_away(office, shop):
    case = world.planned(shop, office)
    Interest.objects.create(user=office.other, person_index=shop.operator.identity_index, relation="kin")

    with pytest.raises(PermissionDenied):
        plan(shop, Plan(["油烟"], world.day(), world.day()), by=office.other)
    with pytest.raises(PermissionDenied):
        world.do(case, "drop", office.other, reason="不去了")
    assert world.do(case, "drop", office.officer, reason="不去了").state == "dropped"


# What time does


@pytest.mark.parametrize(("passed", "state"), [(4, "planned"), (5, "planned"), (6, "lapsed")])
def test_a_plan_lapses_after_the_last_day_of_its_window(office, shop, passed, state):
    world.planned(shop, office, 2, 5)

    with in_days(passed):
        sweeping.lapse(timezone.localdate())
        sweeping.lapse(timezone.localdate())

        assert (world.states(), titles()) == ([state], [])
        assert world.faults() == []


def test_who_came_and_wrote_nothing_has_come_all_the_same(office, shop):
    case = world.visit_set(shop, office, 0)
    arrive(case, by=office.officer)

    with in_days(31):
        sweeping.lapse(timezone.localdate())

        assert status_of(world.fresh(case), timezone.localdate())["sentence"] == "来过，一直没有写结果"
        assert Letter.objects.latest("pk").sentence == "来过，一直没有写结果。不对请拨 12345。"


@pytest.mark.parametrize(("passed", "state"), [(31, "set"), (32, "set"), (33, "lapsed")])
def test_a_day_of_which_nothing_is_written_lapses_after_thirty_days(office, shop, passed, state):
    world.visit_set(shop, office, 2)

    with in_days(passed):
        sweeping.lapse(timezone.localdate())

        assert world.states() == [state]
        told = ["市生态环境局的检查没有记录"] if state == "lapsed" else []
        assert titles() == ["市生态环境局的检查定了日子", *told]
        assert world.faults() == []


# The day before


def reminded():
    return list(Letter.objects.filter(title__endswith="就在明天").values_list("title", "sentence"))


@pytest.mark.parametrize(("passed", "told"), [(3, 0), (4, 1), (5, 0), (6, 0)])
def test_its_owner_is_reminded_the_day_before(office, shop, passed, told):
    case = world.visit_set(shop, office, 5)
    day = case.visit.on
    with in_days(passed):
        counts = [sweeping.remind(timezone.localdate()) for _ in range(2)]

    sentence = f"明天（{day.month} 月 {day.day} 日）上门，看油烟、排污。到时请他们扫店铺码。"
    assert counts == [told, 0]
    assert reminded() == [("市生态环境局的检查就在明天", sentence)] * told
    assert world.faults() == []


def test_whoever_hears_of_it_the_day_before_is_not_reminded_besides(office, shop):
    world.visit_set(shop, office, 1)

    assert sweeping.remind(world.day()) == 0
    assert (titles(), sweeping.remind(world.day())) == (["市生态环境局的检查定了日子"], 0)


def test_a_visit_that_is_moved_is_reminded_of_anew(office, shop):
    case = world.planned(shop, office, 1, 9)
    world.do(case, "set", office.officer, on=world.day(3).isoformat())
    with in_days(2):
        assert sweeping.remind(timezone.localdate()) == 1
        world.do(case, "move", office.officer, on=world.day(4).isoformat())
    with in_days(5):
        assert sweeping.remind(timezone.localdate()) == 1

    assert len(reminded()) == 2


@pytest.mark.parametrize("verb", ["drop", "done"])
def test_nobody_is_reminded_of_what_is_over(office, shop, verb):
    case = world.planned(shop, office, 0, 9)
    world.do(case, "set", office.officer, on=world.day(2).isoformat())
    if verb == "drop":
        world.do(case, "drop", office.officer, reason="今年不查了")
    else:
        world.do(case, "move", office.officer, on=world.day().isoformat())
        world.do(case, "done", office.officer, words="没有问题")
    with in_days(1):
        assert sweeping.remind(timezone.localdate()) == 0


def test_of_visits_made_one_there_is_one_reminder_that_names_all(office, shop):
    other = world.bureau("market", "市市场监管局")
    cases = [world.planned(shop, one, 3, 3) for one in (office, other)]
    for case, one in zip(cases, (office, other), strict=True):
        world.do(case, "accept", one.officer)
    with in_days(2):
        assert sweeping.remind(timezone.localdate()) == 1

    ((title, sentence),) = reminded()
    assert title == "市生态环境局的检查就在明天"
    assert "市市场监管局一起来，只上门一次。" in sentence
