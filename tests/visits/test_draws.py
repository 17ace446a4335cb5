"""双随机: the same list and seed give the same draw to everyone; heavier classes are drawn more often."""

import csv
import hashlib
import hmac
import io
import math
from collections import Counter

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from businesses.models import Business, CreditRating
from core.errors import Refused
from core.sampling import Candidate, fingerprint, key, sample, who_goes
from portal.city import credit_code
from visits.draws import DEFAULT_WEIGHTS, as_csv, draw, list_as_csv, verify

CODES = [credit_code("520201", place) for place in range(60)]
candidates = st.lists(
    st.builds(Candidate, st.sampled_from(CODES), st.integers(0, 10)),
    max_size=40,
    unique_by=lambda row: row.code,
)
seeds = st.text(min_size=1, max_size=20)


# The sampling itself


@given(candidates, seeds, st.integers(1, 50), st.randoms())
def test_a_sample_is_without_replacement_and_hangs_on_no_order(rows, seed, size, random):
    shuffled = random.sample(rows, len(rows))

    drawn = sample(seed, size, rows)

    assert len({row.code for row in drawn}) == len(drawn) == min(size, sum(row.weight > 0 for row in rows))
    assert sample(seed, size, shuffled) == drawn
    assert fingerprint(shuffled) == fingerprint(rows)


@given(candidates, seeds, st.integers(1, 30))
def test_a_smaller_sample_is_the_beginning_of_a_larger_one(rows, seed, size):
    assert sample(seed, size + 5, rows)[:size] == sample(seed, size, rows)


@given(candidates.filter(bool), seeds, st.integers(1, 10), st.integers(1, 10))
def test_more_weight_never_puts_a_shop_later(rows, seed, size, more):
    heavier = rows[0]._replace(weight=rows[0].weight + more)
    before = [row.code for row in sample(seed, size, rows)]
    after = [row.code for row in sample(seed, size, [heavier, *rows[1:]])]

    if rows[0].code in before:
        assert after.index(rows[0].code) <= before.index(rows[0].code)


@given(candidates.filter(lambda rows: sum(row.weight > 0 for row in rows) > 1), seeds)
def test_taking_a_shop_off_the_list_leaves_the_others_in_their_order(rows, seed):
    everyone = sample(seed, len(rows), rows)

    assert sample(seed, len(rows), [row for row in rows if row != everyone[0]]) == everyone[1:]


def test_the_draw_is_what_it_was_when_it_was_first_made():
    rows = [Candidate(code, 1 + place % 4) for place, code in enumerate(CODES)]

    assert [CODES.index(row.code) for row in sample("2026-11-24", 5, rows)] == [35, 5, 54, 24, 13]


@given(st.sampled_from(CODES), st.integers(1, 10), seeds)
def test_the_key_is_the_published_formula(code, weight, seed):
    digest = hmac.new(seed.encode(), code.encode(), hashlib.sha256).hexdigest()
    uniform = (int(digest[:16], 16) + 0.5) / 2**64

    assert float(key(seed, Candidate(code, weight))[0]) == pytest.approx(-math.log(uniform) / weight)


def test_inclusion_follows_the_weight():
    rows = [Candidate(code, 1 if place < 40 else 4) for place, code in enumerate(CODES)]
    heavy = Counter(
        row.weight for seed in range(600) for row in sample(str(seed), 1, rows)
    )[4] / 600  # fmt: skip

    # 20 shops of weight 4 against 40 of weight 1: two thirds, give or take five standard deviations.
    assert abs(heavy - 2 / 3) < 5 * (2 / 9 / 600) ** 0.5


@given(seeds, st.sampled_from(CODES), st.sets(st.text(min_size=1, max_size=5), min_size=2, max_size=6))
def test_two_different_inspectors_go_whatever_order_they_are_named_in(seed, code, people):
    chosen = who_goes(seed, code, sorted(people))

    assert len(set(chosen)) == 2
    assert set(chosen) <= people
    assert who_goes(seed, code, sorted(people, reverse=True)) == chosen


def test_it_hangs_on_the_shop_and_on_the_seed_who_goes():
    people = [f"inspector{number}" for number in range(6)]
    pairs = [tuple(who_goes("彩票 0611", code, people)) for code in CODES]

    assert len(set(pairs)) > len(pairs) // 3  # 30 ordered pairs
    assert {name for pair in pairs for name in pair} == set(people)
    assert pairs != [tuple(who_goes("彩票 0612", code, people)) for code in CODES]


# In the register


@pytest.fixture
def clerk(engine):
    user = User.objects.create(username="market", is_staff=True)
    codenames = ("add_inspectiondraw", "view_inspectiondraw", "view_business")
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def street(clerk):
    """30 shops: 24 in operation, every class, two districts."""
    for place, code in enumerate(CODES[:30]):
        row = Business.objects.create(
            name=f"演示店{place}",
            credit_code=code,
            district="520201" if place % 2 else "520281",
            industry="H6210" if place % 3 else "F5212",
            operating_status="operating" if place < 24 else "suspended",
        )
        if place % 5:
            CreditRating.objects.create(business=row, rated="ABCD"[place % 4], on="2026-01-01")


_drawn = {}


@pytest.mark.django_db(databases="__all__")
def test_both_engines_draw_alike_and_anyone_draws_it_again(engine, clerk, street):
    people = [User.objects.create(username=f"inspector{n}", is_staff=True) for n in range(3)]
    drawn = draw("抽查", "彩票 0611", 8, inspectors=people, by=clerk)

    picks = list(drawn.picks.order_by("place").values_list("business__credit_code", "rated", "inspectors"))
    _drawn[engine] = picks, drawn.fingerprint
    assert list(_drawn.values()) == [(picks, drawn.fingerprint)] * len(_drawn)
    assert (drawn.population, drawn.weights, len(picks)) == (24, DEFAULT_WEIGHTS, 8)
    assert all(len(set(inspectors)) == 2 for _, _, inspectors in picks)
    assert verify(drawn, by=clerk) == (True, True)

    file = list(csv.reader(io.StringIO("".join(list_as_csv(drawn, by=clerk)).lstrip("\ufeff"))))[1:]
    by_hand = [Candidate(code, int(weight)) for code, weight in file]
    assert [row.code for row in sample("彩票 0611", 8, by_hand)] == [code for code, _, _ in picks]
    assert fingerprint(by_hand) == drawn.fingerprint


@pytest.mark.django_db(databases="__all__")
def test_district_and_industry_narrow_the_list(engine, clerk, street):
    drawn = draw("抽查", "1", 3, district="520201", industry="F", by=clerk)

    assert drawn.population == 4
    assert {pick.business.district for pick in drawn.picks.all()} == {"520201"}
    assert {pick.business.industry for pick in drawn.picks.all()} == {"F5212"}


@pytest.mark.django_db(databases="__all__")
def test_verifying_tells_a_changed_list_from_a_changed_record(engine, clerk, street):
    drawn = draw("抽查", "1", 5, by=clerk)
    first = drawn.picks.get(place=1)

    drawn.picks.filter(place=1).update(inspectors=["someone"])
    tampered = verify(drawn, by=clerk)
    drawn.picks.filter(place=1).update(inspectors=[])
    Business.objects.filter(pk=first.business_id).update(operating_status="deregistered")
    later = verify(drawn, by=clerk)

    assert (tampered.same_list, tampered.same_draw) == (True, False)
    assert (later.same_list, later.same_draw) == (False, False)
    assert str(tampered) == "名单与当时一致，但抽取结果不同，记录可能被改动过。请核查。"


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"seed": " "}, "请填种子，例如当天公布的一串数字。"),
        ({"size": 0}, "抽取户数至少 1 户。"),
        ({"size": 25}, "名单里只有 24 户可以抽，请减少户数或放宽范围。"),
        ({"weights": {"A": -1}}, "权重请填 0 到 1000 的整数，只有 A、B、C、D 和未评定五项。"),
        ({"weights": {"E": 1}}, "权重请填 0 到 1000 的整数，只有 A、B、C、D 和未评定五项。"),
        ({"weights": {"A": 0, "": 0}, "size": 1}, "名单里只有 0 户可以抽，请减少户数或放宽范围。"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(street, clerk, more, sentence):
    with pytest.raises(Refused) as refused:
        draw(**{"name": "抽查", "seed": "1", "size": 2, **more}, by=clerk)

    assert str(refused.value) == sentence


@pytest.mark.django_db(databases="__all__")
def test_one_inspector_is_too_few_and_a_stranger_draws_nothing(street, clerk):
    with pytest.raises(Refused) as refused:
        draw("抽查", "1", 2, inspectors=[clerk], by=clerk)
    with pytest.raises(PermissionDenied):
        draw("抽查", "1", 2, by=User.objects.create(username="clerk", is_staff=True))

    assert str(refused.value) == "检查人员至少选 2 人，或者一个都不选。"


@pytest.mark.django_db(databases="__all__")
def test_the_exported_file_names_the_shop_and_who_goes_but_no_class(street, clerk):
    people = [
        User.objects.create(username=f"inspector{n}", first_name="=甲", is_staff=True) for n in range(2)
    ]
    drawn = draw("抽查", "1", 2, inspectors=people, by=clerk)

    rows = list(csv.reader(io.StringIO("".join(as_csv(drawn)))))

    assert rows[0] == ["\ufeff序号", "统一社会信用代码", "名称", "经营场所", "检查人员"]
    assert [row[0] for row in rows[1:]] == ["1", "2"]
    assert {row[4] for row in rows[1:]} == {"'=甲、=甲"}
