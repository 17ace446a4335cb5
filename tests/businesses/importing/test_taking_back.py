"""Taking a run back: the register is as it was, except where others have built on it since, and that is told."""

from datetime import timedelta

import pytest

from accounts.models import User
from businesses.importing import runs, taking_back, working
from businesses.models import Binding, Business, Change, CreditRating, Mandate, Operator, RepairCase
from businesses.register import Arrival, known_of, take_in
from core.invariants import broken
from eligibility.models import Match
from notifications.models import Notification
from notifications.sweep import relay
from tests.notifications.register import publish

from .conftest import DAY, fingerprint
from .made_up import credit_code, identity_number, registry_row

pytestmark = pytest.mark.django_db(databases="__all__")


def take_back(run):
    runs.roll_back(run, by=None)
    taking_back.take_back(run)
    run.refresh_from_db()
    return run


def shop(number):
    return Business.objects.get(credit_code=credit_code(number))


def test_a_run_of_every_kind_of_change_leaves_the_register_as_it_was(engine, take, monkeypatch):
    monkeypatch.setattr(taking_back, "CHUNK", 7)
    rows = [registry_row(number) for number in range(40)]
    rows[3]["身份证号"] = ""
    take(rows)
    take([{"纳税人识别号": credit_code(number), "增值税": "100"} for number in range(20)], source="tax")
    take([{"身份证号": identity_number(5), "退役军人": "是"}], source="veterans")
    before = fingerprint()
    changed = [registry_row(number) for number in range(60)]
    changed[0]["名称"] = "改了名的演示店"
    changed[1]["经营场所"] = "演示新路 1 号"
    changed[2]["登记状态"] = "注销"
    changed[4] |= {"身份证号": identity_number(900), "经营者姓名": "接手的演示人"}
    changed[5]["性别"] = "男"
    changed[6]["经营者姓名"] = "改了名的演示人"

    run = take(changed, as_of=DAY + timedelta(days=9))
    during = fingerprint()
    take_back(run)

    assert during != before
    assert fingerprint() == before
    assert (run.status, run.checked["back"]["kept"], run.issues.count()) == ("rolled_back", 0, 0)
    assert Change.objects.filter(run_id=None).exists()  # that it was put back is history as well


def test_facts_of_people_and_credit_ratings_are_put_back(engine, take):
    take([registry_row(0), registry_row(1)])
    take([{"统一社会信用代码": credit_code(0), "信用风险类别": "B"}], source="credit")
    take([{"身份证号": identity_number(0), "退役军人": "是"}], source="veterans")
    before = fingerprint()

    ratings = take(
        [{"统一社会信用代码": credit_code(n), "信用风险类别": "D"} for n in (0, 1)], source="credit"
    )
    veterans = take(
        [
            {"身份证号": identity_number(0), "退役军人": "否"},
            {"身份证号": identity_number(1), "退役军人": "是"},
        ],
        source="veterans",
        as_of=DAY + timedelta(days=1),
    )
    during = fingerprint()
    take_back(veterans)
    take_back(ratings)

    assert during != before
    assert fingerprint() == before
    assert list(CreditRating.objects.values_list("business__credit_code", "rated")) == [(credit_code(0), "B")]


def test_a_shop_that_somebody_has_bound_is_kept_with_its_person_and_told(engine, take):
    run = take([registry_row(0), registry_row(1)])
    Binding.objects.create(business=shop(0), user=User.objects.create_user("owner"))

    take_back(run)

    assert list(Business.objects.values_list("credit_code", flat=True)) == [credit_code(0)]
    assert Operator.objects.count() == 1
    assert sorted(run.issues.values_list("code", "detail")) == [
        ("leaned_on", f"店铺 {credit_code(0)}：已有人绑定，或后来又有变化，保留下来"),
        ("leaned_on", f"经营者 {shop(0).operator_id}：已有人绑定，或后来又有变化，保留下来"),
    ]
    assert (run.checked["back"]["removed"], run.checked["back"]["kept"]) == (2, 2)


def test_what_a_later_import_said_stands_and_is_told(engine, take):
    take([registry_row(0), registry_row(1)])
    run = take([registry_row(n) | {"登记状态": "歇业"} for n in (0, 1)], as_of=DAY + timedelta(days=1))
    take([registry_row(0) | {"登记状态": "注销"}], as_of=DAY + timedelta(days=2))

    take_back(run)

    assert [shop(n).operating_status for n in (0, 1)] == ["deregistered", "operating"]
    assert sorted(run.issues.values_list("code", "detail")) == [
        ("overtaken", f"店铺 {credit_code(0)}：后来同一来源又说到它，没有撤回"),
        ("overtaken", f"经营者 {shop(0).operator_id}：后来同一来源又说到它，没有撤回"),
    ]


def test_another_source_and_the_owner_do_not_stand_in_the_way(engine, take):
    take([registry_row(0)])
    run = take([registry_row(0) | {"登记状态": "歇业"}], as_of=DAY + timedelta(days=1))
    take([{"纳税人识别号": credit_code(0), "增值税": "100"}], source="tax", as_of=DAY + timedelta(days=2))
    take_in([Arrival({"self": {"employees": 3}}, business_id=shop(0).pk)], on=DAY + timedelta(days=3))

    take_back(run)

    found = shop(0)
    assert (found.operating_status, str(found.annual_vat), found.employees) == ("operating", "100.00", 3)
    assert run.issues.count() == 0


def test_a_correction_that_the_import_had_overtaken_stands_again(engine, take):
    take([registry_row(0)])
    take_in([Arrival({"staff": {"district": "520203"}}, business_id=shop(0).pk, corrects=True)], on=DAY)
    before = fingerprint()
    run = take([registry_row(0) | {"县区": "盘州市"}], as_of=DAY + timedelta(days=1))
    during = shop(0).district

    take_back(run)

    assert (during, shop(0).district) == ("520281", "520203")
    assert fingerprint() == before


def test_taking_back_goes_on_where_it_was_stopped(engine, take, monkeypatch):
    monkeypatch.setattr(taking_back, "CHUNK", 5)
    take([registry_row(number) for number in range(10)])
    before = fingerprint()
    run = take(
        [registry_row(number) | {"登记状态": "注销"} for number in range(25)], as_of=DAY + timedelta(days=1)
    )
    runs.roll_back(run, by=None)

    class Killed(Exception):
        pass

    for stop_after in (1, 3, 2):
        calls = []

        def tell(run, calls=calls, stop_after=stop_after):
            calls.append(run)
            if len(calls) == stop_after:
                raise Killed

        with pytest.raises(Killed):
            taking_back.take_back(run, tell=tell)
    finished = taking_back.take_back(run)

    run.refresh_from_db()
    assert (finished, run.status) == (True, "rolled_back")
    assert fingerprint() == before


def test_the_same_file_may_come_again_after_it_was_taken_back(engine, take, tmp_path, sources):
    rows = [registry_row(number) for number in range(5)]
    first = take(rows)
    during = fingerprint()
    take_back(first)

    second = runs.receive(tmp_path / "registry-0.csv", sources["registry"], by=None, as_of=DAY)
    runs.apply_at_once(second, by=None)
    working.work(second)

    assert fingerprint() == during


def correct(number, on=DAY, **facts):
    take_in([Arrival({"staff": facts}, business_id=shop(number).pk, corrects=True)], on=on)


def test_a_shop_that_goes_back_leaves_the_bindings_and_answers_of_whoever_had_it_in_between(engine, take):
    take([registry_row(0)])
    run = take(
        [registry_row(0) | {"身份证号": identity_number(900), "经营者姓名": "接手的演示人"}],
        as_of=DAY + timedelta(days=1),
    )
    owner, agent = User.objects.create_user("next-owner"), User.objects.create_user("agent")
    binding = Binding.objects.create(business=shop(0), user=owner)
    mandate = Mandate.objects.create(
        business=shop(0), given_by=owner, agent=agent, scopes=["view"], until=DAY + timedelta(days=99)
    )
    take_in([Arrival({"self": {"employees": 3}}, business_id=shop(0).pk)], on=DAY + timedelta(days=2))

    take_back(run)

    binding.refresh_from_db()
    mandate.refresh_from_db()
    assert shop(0).operator.name == "演示人0"
    assert (binding.ended_at is None, binding.ended_because) == (False, "登记的经营者已变更")
    assert mandate.revoked_at is not None
    assert list(run.issues.filter(detail__contains="店铺").values_list("code", "detail")) == [
        ("unbound", f"店铺 {credit_code(0)}：经营者恢复为导入前的人，后来的绑定和授权已解除")
    ]
    assert known_of(shop(0))[0].get("employees") is None


def test_what_the_previous_owner_had_answered_comes_back_with_the_shop(engine, take):
    take([registry_row(0)])
    take_in([Arrival({"self": {"employees": 3}}, business_id=shop(0).pk)], on=DAY)
    before = fingerprint()
    run = take(
        [registry_row(0) | {"身份证号": identity_number(900), "经营者姓名": "接手的演示人"}],
        as_of=DAY + timedelta(days=1),
    )
    during = shop(0).employees
    take_in([Arrival({"self": {"employees": 7}}, business_id=shop(0).pk)], on=DAY + timedelta(days=2))

    take_back(run)

    assert (during, shop(0).employees) == (None, 3)
    assert fingerprint() == before


def test_what_a_departments_program_said_since_stands_and_is_told(engine, take):
    take([registry_row(0), registry_row(1)])
    run = take([registry_row(n) | {"登记状态": "歇业"} for n in (0, 1)], as_of=DAY + timedelta(days=1))
    take_in(
        [Arrival({"registry": {"operating_status": "deregistered"}}, business_id=shop(0).pk)],
        on=DAY + timedelta(days=2),
    )

    take_back(run)

    assert [shop(n).operating_status for n in (0, 1)] == ["deregistered", "operating"]
    assert list(run.issues.filter(detail__contains="店铺").values_list("code", "detail")) == [
        ("overtaken", f"店铺 {credit_code(0)}：后来同一来源又说到它，没有撤回")
    ]


def test_a_clerks_other_correction_survives_when_an_overtaken_one_is_restored(engine, take):
    take([registry_row(0)])
    correct(0, district="520203")
    run = take([registry_row(0) | {"县区": "盘州市"}], as_of=DAY + timedelta(days=1))
    correct(0, on=DAY + timedelta(days=2), rents_premises=False)

    take_back(run)

    found, _ = known_of(shop(0))
    assert found["district"][:3] == ("520203", "staff", "2026-11-01")
    assert found["rents_premises"][:3] == (False, "staff", "2026-11-03")
    assert run.issues.count() == 0


def test_a_clerks_new_correction_of_what_the_import_overtook_stands_and_is_told(engine, take):
    take([registry_row(0)])
    correct(0, district="520203")
    run = take([registry_row(0) | {"县区": "盘州市"}], as_of=DAY + timedelta(days=1))
    correct(0, on=DAY + timedelta(days=2), district="520204")

    take_back(run)

    assert shop(0).district == "520204"
    assert run.issues.filter(code="overtaken").count() == 1


def test_a_repair_is_taken_back_with_the_import_that_brought_the_report(engine, take):
    take([registry_row(3) | {"上年度年报": "否", "经营异常": "是", "经营异常原因": "未报年报"}])
    before = fingerprint()
    run = take(
        [registry_row(3) | {"上年度年报": "是", "经营异常": "", "经营异常原因": ""}],
        as_of=DAY + timedelta(days=1),
    )
    during = RepairCase.objects.count(), shop(3).abnormal_listed

    take_back(run)

    assert during == (1, False)
    assert (RepairCase.objects.count(), shop(3).abnormal_listed) == (0, True)
    assert fingerprint() == before


def test_what_was_decided_and_told_of_shops_goes_with_them(engine, take):
    take([registry_row(number) for number in range(3)])
    publish()
    relay()
    kept = set(Notification.objects.values_list("business", flat=True))
    run = take([registry_row(number) for number in range(3, 9)])
    relay()

    take_back(run)
    relay()

    assert set(Notification.objects.values_list("business", flat=True)) == kept
    assert set(Match.objects.values_list("business", flat=True)) == kept
    assert [problem for _, found in broken() for problem in found] == []
