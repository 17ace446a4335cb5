"""`manage.py check_invariants`: says what holds, and ends with an error where something does not."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from businesses.models import Business, Operator

pytestmark = pytest.mark.django_db
NAMES = [
    "封存的号码都在自己的那一行，都打得开",
    "只增不改的表有触发器守着",
    "登记册各列等于各来源合并的结果",
    "经营者的比对用名等于姓名折叠后的写法",
    "授权由绑定了这家店的人给出",
]


@pytest.fixture
def city():
    call_command("generate_businesses", 30, seed=1, verbosity=0)


def said():
    out = StringIO()
    try:
        call_command("check_invariants", stdout=out)
    except CommandError as problem:
        out.write(str(problem))
    return out.getvalue().splitlines()


def test_all_of_them_hold_of_a_made_up_city(city):
    lines = said()

    assert lines[: len(NAMES)] == [f"成立  {name}" for name in NAMES]
    assert [line for line in lines if not line.startswith("成立  ")] == []


def test_a_column_written_past_the_register_is_found(city):
    shop = Business.objects.filter(monthly_rent__isnull=False).first()
    Business.objects.filter(pk=shop.pk).update(monthly_rent=shop.monthly_rent + 1)

    assert said()[2:4] == [f"不成立  {NAMES[2]}", f"        商户 {shop.pk} 的 monthly_rent"]
    assert said()[-1] == "有 1 条不成立。"


def test_a_folded_name_left_behind_is_found(city):
    person = Operator.objects.first()
    Operator.objects.filter(pk=person.pk).update(name="另一个名字")

    assert f"        经营者 {person.pk}" in said()
