"""Numbers, days, identities and names are read alike by API, forms, admin and files: one verdict a spelling."""

import json
from datetime import date, timedelta

import pytest
from django import forms
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from businesses import rules
from businesses.admin.people import DecisionForm
from businesses.api.bodies import _code, _text
from businesses.facts import BUILT_IN_REGISTRY as FACTS
from businesses.identifiers import identity_check_digit, read_address, read_identity_number, read_name
from businesses.importing import values
from businesses.importing.files import Row
from businesses.importing.rows import RowReader
from businesses.providing import read_facts
from core.errors import Invalid
from core.facts import Misread
from core.fields import Day, Whole, Yuan
from eligibility.pages.questions import read_field
from notifications.outside.addresses import _read as read_email

READ, REFUSED = "read", "refused"


def verdict(reader, *arguments):
    try:
        reader(*arguments)
    except (Misread, Invalid, forms.ValidationError):
        return REFUSED
    return READ


# The four doors of a fact


def by_api(fact, text):
    """A number stands in a body as it is, everything else as a string."""
    literal = text if FACTS[fact].type == "integer" else json.dumps(text)
    body = f'{{"as_of": "{timezone.localdate()}", "profile": {{"{fact}": {literal}}}}}'
    answer = Client().post("/api/v1/evaluations/", body.encode(), content_type="application/json")
    assert answer.status_code in (200, 400)
    return READ if answer.status_code == 200 else REFUSED


def by_form(fact, text):
    sent = QueryDict(mutable=True)
    sent[fact] = text
    return verdict(read_field, FACTS[fact], sent)


def by_admin(fact, text):
    form = DecisionForm({"accept": "yes", "value": text}, fact=FACTS[fact])
    if not form.is_valid():
        return REFUSED
    return verdict(lambda: FACTS.read_profile({fact: form.value()}, as_of=timezone.localdate(), kept=True))


def by_file(fact, text):
    return verdict(values.reader_of(FACTS[fact], timezone.localdate()), text)


DOORS = {"API": by_api, "form": by_form, "admin": by_admin, "file": by_file}

NUMBERS = {
    **dict.fromkeys(["0", "5", "12", "1200"], READ),
    **dict.fromkeys(
        ["1_000", "１２", "٥", "१२", "+5", "-5", "--5", "1e3", "1E3", "007", "00", "1 000", "1\u00a0000"],
        REFUSED,
    ),
    **dict.fromkeys(
        ["0x10", "½", "²", "五", "Ⅴ", "NaN", "Infinity", "1,00", "5.", ".5", "5.5", "1" * 19, "9999999999"],
        REFUSED,
    ),
}
SUMS = {
    **dict.fromkeys(["0", "800", "800.5", "800.50"], READ),
    **dict.fromkeys(
        ["1_000", "８００", "٥", "+5", "-5", "1e3", "007", "1 000", "1\u00a0000", "8.005", ".5", "5."],
        REFUSED,
    ),
    **dict.fromkeys(["八百", "1.5万", "NaN", "800元5", "1,00", "12,34.5", "1" * 13, "-0"], REFUSED),
}
DAYS = {
    **dict.fromkeys(["2026-01-15", "2024-02-29"], READ),
    **dict.fromkeys(
        ["2026-02-30", "２０２６-01-15", "2026-٠1-15", "15/1/2026", "2026-1", "26-01-15", "+2026-01-15"],
        REFUSED,
    ),
    **dict.fromkeys(["1850-01-01", "0001-01-01", "9999-12-31", "2026-W03-4", "1e3", "46037"], REFUSED),
}
TABLE = [("employees", NUMBERS), ("monthly_rent", SUMS), ("registered_on", DAYS)]
SPELLINGS = [(fact, text, wanted) for fact, table in TABLE for text, wanted in table.items()]


@pytest.mark.django_db
@pytest.mark.parametrize(("fact", "text", "wanted"), SPELLINGS)
def test_a_spelling_of_a_fact_has_one_verdict_at_every_door(fact, text, wanted):
    assert {door: read(fact, text) for door, read in DOORS.items()} == dict.fromkeys(DOORS, wanted)


@pytest.mark.parametrize(
    ("fact", "text", "value"),
    [
        ("employees", " 5 ", 5),
        ("employees", "1,200", 1200),
        ("employees", "12 人", 12),
        ("monthly_rent", " 800 ", "800.00"),
        ("monthly_rent", "1,234.50", "1234.50"),
        ("monthly_rent", "￥800元", "800.00"),
        ("registered_on", "2026/1/15", "2026-01-15"),
        ("registered_on", "2026年1月15日", "2026-01-15"),
    ],
)
def test_what_people_put_around_a_number_is_read_alike_by_form_admin_and_file(fact, text, value):
    sent = QueryDict(mutable=True)
    sent[fact] = text
    typed = read_field(FACTS[fact], sent)[fact]
    form = DecisionForm({"accept": "yes", "value": text}, fact=FACTS[fact])
    unit = FACTS[fact].unit if FACTS[fact].type == "integer" else ""
    decided = form.value() if form.is_valid() else form.errors
    found = [FACTS[fact].read(one) for one in (typed, decided) if not (unit and one is decided)]

    assert {FACTS[fact].write(one) for one in found} | {
        values.reader_of(FACTS[fact], date(2026, 11, 24))(text)
    } == {value}


@pytest.mark.parametrize(("field", "table"), [(Whole(), NUMBERS), (Yuan(min_value=0), SUMS), (Day(), DAYS)])
def test_a_field_of_the_admin_reads_no_other_spelling(field, table):
    # Whether a day may lie ahead, or how large a sum may be, is the affair of each form.
    found = {text: verdict(field.clean, text) for text in table if text not in ("2099-01-01", "1" * 13)}

    assert {text: found[text] for text in found if found[text] != table[text]} == {}


# Identities


def identity(born="19801001", serial="0010"):
    for tail in range(1000):
        body = f"520201{born}{tail:03d}"
        if identity_check_digit(body) == "X":
            return f"{body}X"
    raise AssertionError(born)


WIDE = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")
TOMORROW = timezone.now().date() + timedelta(days=2)
IDENTITIES = {
    identity(): READ,
    identity().lower(): READ,
    identity().translate(WIDE): READ,
    identity().lower().translate(WIDE): READ,
    f" {identity()[:6]} {identity()[6:14]}-{identity()[14:]} ": READ,
    identity("20990101"): REFUSED,
    identity(f"{TOMORROW:%Y%m%d}"): REFUSED,
    identity("19800230"): REFUSED,
    identity().replace("1", "١"): REFUSED,
    identity()[:-1] + "Х": REFUSED,  # Cyrillic
    identity()[:-1] + "0": REFUSED,
    identity()[:15]: REFUSED,
    "": REFUSED,
}


def identity_in_a_file(text):
    reader = RowReader(
        "employment",
        ["身份证号"],
        {"身份证号": "identity_number"},
        date(2026, 1, 1),
        FACTS,
        timezone.localdate(),
    )
    found = reader.read(Row(2, 2, (text,), frozenset()))
    return REFUSED if found.is_wrong or not text else READ


@pytest.mark.parametrize(("text", "wanted"), IDENTITIES.items())
def test_an_identity_has_one_verdict_at_every_door(text, wanted):
    found = {
        "API": verdict(_code(read_identity_number), text),
        "form and admin": verdict(read_identity_number, text),
        "file": identity_in_a_file(text),
    }

    assert found == dict.fromkeys(found, wanted)
    if wanted == READ:
        assert read_identity_number(text) == identity()
        assert rules.read_last_six(text.replace("-", "").strip()[-6:]) == identity()[-6:]


# Names


NAMES = {
    **dict.fromkeys(
        ["演示", "阿依·买买提", "䶮", "𬭎", "⽯油", "O'Neil", "老王 2 店", "7 天店", "\ue000家店"], READ
    ),
    **dict.fromkeys(
        ["", " ", "\u3000\u3000", "\u00a0", "\u3164", "\u2800", "\u115f", "·", "——", "..."], REFUSED
    ),
    **dict.fromkeys(
        ["演\u00ad示", "演\u200b示", "\u200d演示", "演\u2060示", "演\ufe0f示", "演\u202e示", "演\x07示"],
        REFUSED,
    ),
    **dict.fromkeys(["张三😀", "⭐店", "❤", "☎", "演示🇨🇳", "1\u20e3店", "张\U000e0041三"], REFUSED),
}


def name_in_a_file(text):
    return READ if text.strip() and verdict(read_name, text.strip()) == READ else REFUSED


@pytest.mark.parametrize(("text", "wanted"), NAMES.items())
def test_a_name_has_one_verdict_at_every_door(text, wanted):
    found = {
        "API": verdict(_text("姓名", 80), text),
        "form": verdict(read_name, text),
        "file": name_in_a_file(text),
    }

    assert found == dict.fromkeys(found, wanted)


def test_an_address_is_read_with_the_signs_that_stand_in_it():
    assert read_address("钟山区①号楼 2# 门面（☆旁）") == "钟山区①号楼 2# 门面（☆旁）"
    assert verdict(read_address, "一\u00ad路") == REFUSED


# Days that cannot be


@pytest.mark.django_db
def test_nobody_registers_a_shop_before_they_are_born():
    told = {"born_on": "1990-05-02", "registered_on": "1990-05-01"}
    for read in (
        lambda: read_facts(told, "registry"),
        lambda: FACTS.read_profile(told, as_of=date(2026, 11, 24)),
    ):
        with pytest.raises(Invalid) as refusal:
            read()
        assert [fault.detail for fault in refusal.value.faults] == ["登记日期：不能早于出生日期，请核对"]
    assert rules.before_birth({"registered_on": "1980-09-30"}, identity()).code == "too_early"
    assert rules.before_birth({"registered_on": "1980-10-01"}, identity()) is None


@pytest.mark.django_db
def test_a_shop_is_written_down_thirty_days_ahead_and_no_further_and_planned_for_any_day():
    today = timezone.localdate()
    for days, wanted in ((0, READ), (30, READ), (31, REFUSED)):
        day = (today + timedelta(days=days)).isoformat()
        doors = {
            "question": by_api("registered_on", day),
            "register": verdict(lambda day=day: read_facts({"registered_on": day}, "registry")),
            "admin": by_admin("registered_on", day),
            "file": by_file("registered_on", day),
        }
        assert doors == {"question": READ, "register": wanted, "admin": wanted, "file": wanted}


# Mail


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("name@example.cn", READ),
        ("ｎａｍｅ＠ｅｘａｍｐｌｅ．ｃｎ", READ),
        ("name@xn--80ak6aa92e.com", READ),
        ("name@аррӏе.com", REFUSED),  # Cyrillic
        ("nаme@example.cn", REFUSED),
        ("name@例子.中国", REFUSED),
    ],
)
def test_an_address_of_look_alike_letters_is_refused(address, wanted):
    assert verdict(read_email, address) == wanted
