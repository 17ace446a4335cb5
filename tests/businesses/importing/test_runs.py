"""A file on its way into the register: every bad row told, the rest in, nothing twice, nothing lost."""

import stat
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils import timezone
from openpyxl import Workbook

from accounts.models import AccessEvent, Department, User
from businesses.importing import lease, runs, working
from businesses.models import Business, Change, CreditRating, ImportedKey, ImportRun, Operator, Source
from businesses.register import known_of
from businesses.signals import import_finished
from core.errors import Refused

from .conftest import DAY, counts, everything_stored_as_text, findings, fingerprint, receive
from .made_up import HEADINGS, credit_code, identity_number, registry_row, write_csv

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.every_engine("locks")]
SOON = timezone.localdate() + timedelta(days=40)

# One fault each: (heading, cell, code it is told by).
FAULTS = [
    ("统一社会信用代码", "92520201MA", "invalid_length"),
    ("统一社会信用代码", "91520201MA6E00019C", "company_code"),
    ("统一社会信用代码", "92520201MA6E00019D", "invalid_check_digit"),
    ("统一社会信用代码", "520201600123456", "old_number"),
    ("统一社会信用代码", "92520201OA6E00019C", "invalid_character"),
    ("统一社会信用代码", "", "required"),
    ("名称", "", "required"),
    ("名称", "店" * 121, "too_long"),
    ("经营者姓名", "", "required"),
    ("经营者姓名", "演\u200b示", "invisible_character"),
    ("经营者姓名", "=cmd()", "formula"),
    ("身份证号", "52020119800101001", "invalid_identity"),
    ("身份证号", "520201198013010012", "invalid_identity"),
    ("成立日期", "46037", "invalid_date"),
    ("成立日期", "2026-02-30", "invalid_date"),
    ("成立日期", SOON.isoformat(), "future"),
    ("登记状态", "不知道", "invalid_choice"),
    ("县区", "贵阳市", "invalid_choice"),
    ("行业代码", "批发零售", "invalid_code"),
    ("上年度年报", "也许", "invalid_bool"),
]


def code_in_file(row):
    return row["统一社会信用代码"]


def test_two_thousand_rows_with_two_hundred_bad_of_twenty_kinds(engine, take):
    rows, bad = [registry_row(number) for number in range(2_000)], {}
    for place in range(200):
        heading, cell, code = FAULTS[place % 20]
        number = place * 10 + 3
        rows[number][heading] = cell
        bad[number + 1] = (heading, code)

    run = take(rows)

    told = {row: code for row, (_, code) in findings(run).items()}
    assert counts(run) == (1_800, 0, 0, 200)
    assert told == {row: code for row, (_, code) in bad.items()}
    assert {code for _, code in findings(run).values()} == {code for _, _, code in FAULTS}
    assert Business.objects.count() == 1_800
    assert {issue.line for issue in run.issues.all()} == {row + 1 for row in bad}


def test_the_same_file_again_says_so_and_changes_nothing(engine, take, tmp_path, sources):
    rows = [registry_row(number) for number in range(5)]
    run = take(rows)
    before = fingerprint()

    with pytest.raises(runs.AlreadyHere) as known:
        runs.receive(tmp_path / "registry-0.csv", sources["registry"], by=None, as_of=DAY)

    assert known.value.run == run
    assert (fingerprint(), ImportRun.objects.count()) == (before, 1)


def test_the_same_rows_in_another_file_are_all_unchanged(engine, take):
    rows = [registry_row(number) for number in range(50)]
    take(rows)
    before = fingerprint()

    run = take(rows[::-1])

    assert counts(run) == (0, 0, 50, 0)
    assert fingerprint() == before
    assert Change.objects.count() == 0


def test_a_check_counts_what_the_import_will_do_and_writes_nothing(engine, take, tmp_path, sources):
    take([registry_row(number) for number in range(10)])
    rows = [registry_row(number) for number in range(5, 20)]
    rows[0]["名称"] = "改了名的演示店"
    rows[14]["县区"] = "贵阳市"
    before = fingerprint()
    run = receive(tmp_path, rows, sources["registry"])

    runs.check_at_once(run, by=None)
    working.check(run)

    run.refresh_from_db()
    checked = counts(run)
    assert (run.status, checked, fingerprint()) == ("checked", (9, 1, 4, 1), before)
    runs.apply_at_once(run, by=None)
    working.work(run)
    run.refresh_from_db()
    assert (run.status, counts(run)) == ("done", checked)


def test_dates_in_five_spellings_are_one_date(engine, take):
    rows = [registry_row(number) for number in range(5)]
    for row, text in zip(
        rows, ("2026-01-15", "2026/1/15", "2026.1.15", "20260115", "2026年1月15日"), strict=True
    ):
        row["成立日期"] = text

    take(rows)

    assert set(Business.objects.values_list("registered_on", flat=True)) == {date(2026, 1, 15)}


def test_a_code_twice_in_a_file_counts_once_even_across_chunks(engine, take, monkeypatch):
    monkeypatch.setattr(working, "CHUNK", 2)
    rows = [registry_row(number) for number in (0, 1, 2, 0, 3)]
    rows[3]["名称"] = "后来的名字"
    rows[3]["统一社会信用代码"] = code_in_file(rows[0]).lower()

    run = take(rows)

    issue = run.issues.get()
    assert counts(run) == (4, 0, 0, 1)
    assert (issue.row, issue.code) == (4, "repeated")
    assert issue.detail == "和第 1 行数据说的是同一个，按先出现的那一行"
    assert Business.objects.get(credit_code=credit_code(0)).name == "演示店0"


def test_one_operator_under_x_and_capital_x_is_one_person(engine, take):
    number = next(n for n in range(200) if identity_number(n).endswith("X"))
    first, second = registry_row(number), registry_row(1_000)
    second |= {"身份证号": identity_number(number).lower(), "经营者姓名": first["经营者姓名"]}

    run = take([first, second])
    groups = take(
        [
            {"身份证号": identity_number(number), "退役军人": "是"},
            {"身份证号": identity_number(number).lower(), "退役军人": "否"},
        ],
        source="veterans",
    )

    assert counts(run) == (2, 0, 0, 0)
    assert Operator.objects.count() == 1
    assert counts(groups) == (0, 1, 0, 1)
    assert findings(groups) == {2: ("", "repeated")}
    assert {shop.operator_groups_yes > 0 for shop in Business.objects.all()} == {True}


def test_rare_characters_are_kept_and_home_made_ones_are_taken_and_told(engine, take):
    rows = [registry_row(0) | {"经营者姓名": "演示䶮𬭎"}, registry_row(1) | {"经营者姓名": "演示\ue123"}]

    run = take(rows)

    assert counts(run) == (2, 0, 0, 0)
    assert set(Operator.objects.values_list("name", flat=True)) == {"演示䶮𬭎", "演示\ue123"}
    assert findings(run) == {2: ("经营者姓名", "private_use_character")}


def test_a_bureau_is_heard_only_on_what_it_answers_for(engine, take, tmp_path, sources):
    take([registry_row(0)])

    with pytest.raises(Refused) as refused:
        runs.receive(
            write_csv(tmp_path / "t.csv", [{"统一社会信用代码": credit_code(0), "县区": "钟山区"}]),
            sources["tax"],
            by=None,
            as_of=DAY,
            columns={"统一社会信用代码": "credit_code", "县区": "district"},
        )

    assert str(refused.value) == "“县区”不能由这个来源提供，请改成忽略。"
    assert ImportRun.objects.count() == 1


def test_tax_figures_come_to_known_shops_and_strangers_are_told(engine, take):
    take([registry_row(0)])
    rows = [
        {"纳税人识别号": credit_code(0), "增值税": "￥1,234.50", "纳税人类型": "小规模纳税人"},
        {"纳税人识别号": credit_code(1), "增值税": "1", "纳税人类型": "一般纳税人"},
    ]

    run = take(rows, source="tax")

    shop = Business.objects.get()
    found, _ = known_of(shop)
    assert counts(run) == (0, 1, 0, 1)
    assert findings(run) == {2: ("", "not_in_register")}
    assert (str(shop.annual_vat), shop.taxpayer_type) == ("1234.50", "small_scale")
    assert found["annual_vat"] == ("1234.50", "tax", "2026-11-01", None)


def test_a_mark_against_formulas_is_no_part_of_the_value(engine, take):
    take([registry_row(0), registry_row(1)])
    rows = [
        {"纳税人识别号": credit_code(0), "年应纳税所得额": "'-500.00"},
        {"纳税人识别号": credit_code(1), "年应纳税所得额": "'=1+1"},
    ]

    run = take(rows, source="tax")

    assert findings(run) == {2: ("年应纳税所得额", "formula")}
    assert str(Business.objects.get(credit_code=credit_code(0)).annual_taxable_income) == "-500.00"


def test_a_veteran_who_stands_behind_another_shop_is_told_and_moves_nothing(engine, take):
    take([registry_row(0), registry_row(1)])
    before = Business.objects.get(credit_code=credit_code(0)).operator_id

    run = take(
        [
            {"统一社会信用代码": credit_code(0), "身份证号": identity_number(1), "退役军人": "是"},
            {"统一社会信用代码": credit_code(1), "身份证号": identity_number(1), "退役军人": "是"},
        ],
        source="veterans",
    )

    assert counts(run) == (0, 1, 0, 1)
    assert findings(run) == {1: ("", "other_operator")}
    assert Business.objects.get(credit_code=credit_code(0)).operator_id == before


def test_an_empty_cell_says_nothing(engine, take):
    take([registry_row(0) | {"上年度年报": "是"}])

    run = take([registry_row(0) | {"上年度年报": ""}], as_of=DAY + timedelta(days=1))

    assert counts(run) == (0, 0, 1, 0)
    assert Business.objects.get().annual_report_filed is True


def test_what_is_about_shops_needs_the_code_of_one(engine, take, sources, tmp_path):
    take([registry_row(0)])
    rows = [{"身份证号": identity_number(0), "首次从事个体经营": "是"}]

    with pytest.raises(Refused) as refused:
        run = receive(tmp_path, rows, sources["employment"])
        runs.apply_at_once(run, by=None)

    assert str(refused.value) == (
        "“首次从事个体经营”说的是店，表头里要有“统一社会信用代码”，只有身份证号不够。"
    )


def test_credit_ratings_come_in_once_and_older_ones_are_no_news(engine, take):
    take([registry_row(0), registry_row(1)])
    rows = [
        {"统一社会信用代码": credit_code(0), "信用风险类别": "B级", "评定日期": "2026-03-01"},
        {"统一社会信用代码": credit_code(1), "信用风险类别": "a", "评定日期": ""},
    ]

    first = take(rows, source="credit")
    again = take(rows[::-1], source="credit")
    older = take([rows[0] | {"信用风险类别": "D", "评定日期": "2025-01-01"}], source="credit")

    assert [counts(run) for run in (first, again, older)] == [(0, 2, 0, 0), (0, 0, 2, 0), (0, 0, 1, 0)]
    assert list(CreditRating.objects.order_by("rated").values_list("rated", "on")) == [
        ("A", DAY),
        ("B", date(2026, 3, 1)),
    ]


def test_the_full_export_comes_back_by_source_day_and_correction(engine, take):
    row = {
        "credit_code": credit_code(0),
        "name": "演示店",
        "operator_name": "演示人",
        "identity_number": identity_number(0),
        "credit_class": "B@2026-01-01",
        "registry:on": "2026-10-01",
        "registry:district": "520201",
        "registry:operating_status": "operating@2026-09-01",
        "tax:on": "2026-08-01",
        "tax:annual_taxable_income": "'-500.00",
        "veterans:on": "2026-07-01",
        "veterans:operator_groups": "yes:veteran no:graduate",
        "self:on": "2026-06-01",
        "self:operator_groups": "graduate|migrant_worker",
        "self:monthly_rent": "?",
        "staff:on": "2026-10-10",
        "staff:district": "520203",
    }

    run = take([row], source="register")

    shop = Business.objects.get()
    found, asked = known_of(shop)
    assert (counts(run), asked) == ((1, 0, 0, 0), {"monthly_rent"})
    assert {
        name: (best.value, best.source, best.on) for name, best in found.items() if name != "operator_groups"
    } == {
        "district": ("520203", "staff", "2026-10-10"),
        "operating_status": ("operating", "registry", "2026-09-01"),
        "annual_taxable_income": ("-500.00", "tax", "2026-08-01"),
        **{name: tuple(best[:3]) for name, best in found.items() if name == "business_type"},
    }
    assert found["operator_groups"].members["graduate"] == (False, "veterans", "2026-07-01")
    assert found["operator_groups"].members["migrant_worker"] == (True, "self", "2026-06-01")
    assert (shop.credit_rating.rated, shop.credit_rating.on) == ("B", date(2026, 1, 1))


# How it goes on


def test_a_paused_run_stops_after_its_chunk_and_goes_on_where_it_was(
    engine, take, tmp_path, sources, monkeypatch
):
    monkeypatch.setattr(working, "CHUNK", 10)
    rows = [registry_row(number) for number in range(45)]
    run = receive(tmp_path, rows, sources["registry"])
    runs.apply_at_once(run, by=None)

    def pause_at_twenty(run):
        if run.row == 20:
            runs.pause(run, by=None)

    finished = working.work(run, tell=pause_at_twenty)

    run.refresh_from_db()
    assert (finished, run.status, run.row, run.holder) == (False, "paused", 20, "")
    assert Business.objects.count() == 20
    runs.resume_here(run, by=None)
    assert working.work(run) is True
    run.refresh_from_db()
    assert (run.status, counts(run), Business.objects.count()) == ("done", (45, 0, 0, 0), 45)


def test_a_run_that_another_worker_holds_is_left_alone_until_it_is_silent(engine, tmp_path, sources):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    runs.apply_at_once(run, by=None)
    ImportRun.objects.filter(pk=run.pk).update(holder="elsewhere:1:abc", beat_at=timezone.now())

    assert working.work(run) is False
    assert lease.stalled() == []

    ImportRun.objects.filter(pk=run.pk).update(beat_at=timezone.now() - timedelta(minutes=3))
    runs.sweep()

    run.refresh_from_db()
    assert (run.status, Business.objects.count()) == ("done", 1)


def test_a_worker_that_lost_its_lease_writes_no_further_chunk(engine, tmp_path, sources, monkeypatch):
    monkeypatch.setattr(working, "CHUNK", 10)
    run = receive(tmp_path, [registry_row(number) for number in range(30)], sources["registry"])
    runs.apply_at_once(run, by=None)

    finished = working.work(
        run, tell=lambda run: ImportRun.objects.filter(pk=run.pk).update(holder="elsewhere:1:abc")
    )

    assert (finished, Business.objects.count()) == (False, 10)


def test_a_run_that_gets_nowhere_is_left_to_a_person(engine, tmp_path, sources):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    runs.apply_at_once(run, by=None)

    holders = []
    for _ in range(lease.MOST_TRIES + 1):
        holders.append(lease.hold(run, "applying"))
        ImportRun.objects.filter(pk=run.pk).update(holder="")

    run.refresh_from_db()
    assert [holder is not None for holder in holders] == [True] * 5 + [False]
    assert (run.status, run.problem) == (
        "paused",
        "连续 5 次没有进展，已经停下。请看服务器日志，再继续或撤回。",
    )


def test_the_last_row_is_told_once_it_is_in(engine, take):
    told = []

    def listen(sender, run, **message):
        told.append((run.pk, Business.objects.count()))

    import_finished.connect(listen)
    run = take([registry_row(0)])
    import_finished.disconnect(listen)

    assert told == [(run.pk, 1)]


def test_the_file_is_private_while_needed_and_gone_afterwards(
    engine, take, tmp_path, sources, private_folder
):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    path = Path(run.path)
    kept = (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(private_folder.stat().st_mode), len(path.name))

    runs.apply_at_once(run, by=None)
    working.work(run)

    run.refresh_from_db()
    assert kept == (0o600, 0o700, 32)
    assert (run.path, list(private_folder.iterdir()), len(run.sha256)) == ("", [], 64)
    assert ImportedKey.objects.count() == 0


def test_what_nobody_confirms_for_a_week_is_cancelled_and_its_file_deleted(
    engine, tmp_path, sources, private_folder
):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    ImportRun.objects.filter(pk=run.pk).update(uploaded_at=timezone.now() - timedelta(days=8))

    runs.sweep()

    run.refresh_from_db()
    assert (run.status, list(private_folder.iterdir())) == ("cancelled", [])


def test_a_file_that_cannot_be_read_leaves_no_trace(engine, tmp_path, sources, private_folder):
    path = tmp_path / "half.csv"
    path.write_text("统一社会信用代码,名称,经营者姓名\n92520201MA6E00019C,演示")

    with pytest.raises(Refused):
        runs.receive(path, sources["registry"], by=None, as_of=DAY)

    assert (ImportRun.objects.count(), list(private_folder.iterdir())) == (0, [])
    assert AccessEvent.objects.count() == 0


def test_a_stored_file_that_is_gone_stops_the_run_in_words(engine, tmp_path, sources):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    Path(run.path).unlink()
    runs.apply_at_once(run, by=None)

    assert working.work(run) is False

    run.refresh_from_db()
    assert (run.status, run.problem) == ("failed", "存下的文件不见了。请重新上传。")


def test_a_confirmation_of_an_older_check_is_refused(engine, tmp_path, sources):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    marks = []
    for _ in range(2):
        runs.check_at_once(run, by=None)
        working.check(run)
        run.refresh_from_db()
        marks.append(run.checked["mark"])

    with pytest.raises(Refused) as refused:
        runs.confirm(run, by=None, expected=marks[0])

    assert str(refused.value) == "文件刚又检查过一次。请看最新的结果，再确认导入。"


def test_only_the_own_department_with_the_permission_imports(engine, tmp_path, sources):
    department = Department.objects.create(code="tax", name="演示税务局")
    clerk = User.objects.create_user("clerk", is_staff=True, department=department)
    run = receive(tmp_path, [registry_row(0)], sources["registry"])

    for verb in (runs.confirm, runs.pause, runs.resume, runs.cancel, runs.roll_back):
        with pytest.raises(PermissionDenied):
            verb(run, by=clerk)
    with pytest.raises(PermissionDenied):
        runs.set_columns(run, {}, by=clerk)


def test_every_verb_is_written_down(engine, tmp_path, sources):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    runs.check_at_once(run, by=None)
    working.check(run)
    runs.apply_at_once(run, by=None)
    runs.pause(run, by=None)
    runs.resume_here(run, by=None)
    working.work(run)

    actions = list(
        AccessEvent.objects.filter(subject=f"import {run.pk}").order_by("pk").values_list("action", flat=True)
    )
    assert actions == [
        "import_received",
        "import_checked",
        "import_confirmed",
        "import_paused",
        "import_resumed",
    ]


def test_no_identity_number_is_left_in_the_clear(engine, take, caplog):
    rows = [registry_row(number) for number in range(40)]
    for place, (heading, cell, _) in enumerate(FAULTS):
        rows[place][heading] = cell
    rows[30]["县区"] = rows[30]["身份证号"]  # a column that has slipped
    rows[31]["身份证号"] = rows[31]["身份证号"][:17] + "?"

    take(rows)

    stored = everything_stored_as_text() + caplog.text
    assert [row["身份证号"] for row in rows if row["身份证号"] and row["身份证号"] in stored] == []


def test_headings_are_recognised_and_a_confirmed_mapping_is_remembered(engine, tmp_path, sources):
    rows = [{"代码": credit_code(0), "店": "演示店", "人": "演示人", "名称": "别的"}]
    run = receive(tmp_path, rows, sources["registry"])
    columns = {"代码": "credit_code", "店": "name", "人": "operator_name"}

    runs.set_columns(run, columns, by=None)
    working.go_on(run.pk)
    again = receive(
        tmp_path,
        [rows[0] | {"代码": credit_code(1)}],
        sources["registry"].__class__.objects.get(code="registry"),
    )

    run.refresh_from_db()
    assert (run.status, counts(run)) == ("checked", (1, 0, 0, 0))
    assert again.columns == columns


def test_the_shipped_headings_cover_the_made_up_file(sources):
    assert {sources["registry"].columns.get(heading) for heading in HEADINGS} - {None} == {
        "credit_code", "name", "operator_name", "identity_number", "address", "registered_on", "operating_status",
        "district", "industry", "first_time_business", "annual_report_filed", "abnormal_listed",
        "seriously_dishonest", "born_on", "sex",
    }  # fmt: skip


def test_another_operators_name_without_a_number_is_told_and_not_taken(engine, take):
    take([registry_row(0)])

    run = take(
        [registry_row(0) | {"身份证号": "", "经营者姓名": "接手的演示人", "登记状态": "注销"}],
        as_of=DAY + timedelta(days=1),
    )

    assert (findings(run), counts(run)) == ({1: ("经营者身份证号", "operator_changed")}, (0, 0, 0, 1))
    assert run.issues.get().detail == "登记的经营者变了，请补上新经营者的身份证号"
    assert (Business.objects.get().operator.name, Business.objects.get().operating_status) == (
        "演示人0",
        "operating",
    )


def test_the_full_export_is_for_the_administrator_alone(engine, tmp_path, sources):
    market = Department.objects.create(code="market", name="演示市场监管")
    clerk = User.objects.create_user("clerk", is_staff=True, department=market)
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=("view_importrun", "view_source", "run_import"))
    )
    run = receive(tmp_path, [{"credit_code": credit_code(0), "name": "演示店"}], sources["register"])

    assert (runs.may_import(clerk, sources["register"]), runs.may_import(clerk, sources["registry"])) == (
        False,
        True,
    )
    assert runs.may_import(User.objects.create_superuser("admin"), sources["register"])
    assert not Source.objects.visible_to(clerk).filter(code="register").exists()
    assert not ImportRun.objects.visible_to(clerk).filter(pk=run.pk).exists()
    with pytest.raises(PermissionDenied):
        runs.apply_at_once(run, by=clerk)


def test_a_person_whom_another_import_was_faster_with_is_found_the_second_time(engine, take, monkeypatch):
    taken_in, tries = working.take_in, []

    def slower(arrivals, **how):
        tries.append(len(arrivals))
        if len(tries) == 1:
            raise IntegrityError("duplicate key")
        return taken_in(arrivals, **how)

    monkeypatch.setattr(working, "take_in", slower)

    run = take([registry_row(0)])

    assert (tries, run.status, counts(run)) == ([1, 1], "done", (1, 0, 0, 0))


@pytest.mark.django_db(transaction=True)
def test_a_worker_beats_while_it_writes_no_chunk(tmp_path, sources, monkeypatch):
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.02)
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    long_ago = timezone.now() - timedelta(hours=1)
    ImportRun.objects.filter(pk=run.pk).update(holder="somewhere:1:x", beat_at=long_ago)

    with lease.beating(run, "somewhere:1:x"):
        time.sleep(0.5)

    run.refresh_from_db()
    assert run.beat_at > long_ago + timedelta(minutes=59)


def test_it_beats_while_rows_are_passed_over_and_while_the_rooms_are_told(
    engine, tmp_path, sources, monkeypatch
):
    beaten = []

    @contextmanager
    def beating(run, holder):
        beaten.append("begin")
        yield
        beaten.append("end")

    monkeypatch.setattr(lease, "beating", beating)
    read_table = working.files.read_table

    def told(*arguments, **options):
        for row in read_table(*arguments, **options):
            beaten.append("row")
            yield row

    monkeypatch.setattr(working.files, "read_table", told)
    run = receive(tmp_path, [registry_row(0), registry_row(1)], sources["registry"])
    beaten.clear()

    def listener(**_):
        beaten.append("rooms")

    import_finished.connect(listener)
    runs.apply_at_once(run, by=None)
    try:
        working.work(run)
    finally:
        import_finished.disconnect(listener)

    assert beaten == ["begin", "row", "end", "row", "begin", "rooms", "end"]


def test_a_workbook_comes_in_like_a_text(engine, tmp_path, sources):
    rows = [registry_row(number) for number in range(3)]
    book = Workbook()
    for cells in (HEADINGS, *([row[heading] for heading in HEADINGS] for row in rows)):
        book.active.append(cells)
    book.save(tmp_path / "registry.xlsx")

    run = runs.receive(tmp_path / "registry.xlsx", sources["registry"], by=None, as_of=DAY)
    runs.apply_at_once(run, by=None)
    working.work(run)

    run.refresh_from_db()
    assert (run.status, counts(run)) == ("done", (3, 0, 0, 0))
