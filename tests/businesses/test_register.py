"""The one way into the register: merged columns, a record of who said what, a history of what changed."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from businesses.identifiers import identity_check_digit, identity_index
from businesses.models import AddedFact, Binding, Business, BusinessRecord, Change, Mandate, Operator
from businesses.register import Arrival, known_of, profile_of, take_in
from businesses.registry import business_registry
from businesses.signals import facts_changed
from businesses.visibility import may_see_fact

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.every_engine("SQL")]
DAY, LATER = date(2026, 11, 1), date(2026, 11, 20)
PERSON, OTHER = "520201198001010012", "520201198001010020"
CODES = ["92520201MA6E00019C", "92520203MA6E000199", "92520204MA6E00019P", "92520281MA6E000198"]


def opened(place, identity=PERSON, **facts):
    """A shop as the registry first tells of it."""
    facts = {"registered_on": "2025-01-15", "district": "520201", **facts}
    return Arrival(
        {"registry": facts},
        credit_code=CODES[place],
        identity=identity,
        name=f"演示店{place}",
        operator_name="演示人",
        row=place,
    )


def shop(place):
    return Business.objects.get(credit_code=CODES[place])


@pytest.fixture
def heard():
    """Everything facts_changed has told."""
    told = []

    def listen(sender, **message):
        told.append({name: message[name] for name in ("changes", "created", "run_id")})

    facts_changed.connect(listen)
    yield told
    facts_changed.disconnect(listen)


def test_a_new_shop_has_its_facts_in_columns_and_in_the_record(engine):
    taken = take_in([opened(0, monthly_rent="800.00")], on=DAY)

    row = shop(0)
    assert (taken.created, taken.updated) == ([0], [])
    assert (row.registered_on, row.district, row.monthly_rent) == (date(2025, 1, 15), "520201", 800)
    assert (row.operator.name, row.operator.folded_name, row.operator.identity.reveal()) == (
        "演示人",
        "演示人",
        PERSON,
    )
    assert known_of(row)[0]["district"][:3] == ("520201", "registry", "2026-11-01")
    assert Change.objects.count() == 0


def test_two_shops_of_one_person_share_an_operator_however_the_number_is_typed(engine):
    take_in([opened(0), opened(1)], on=DAY)
    take_in([opened(2)], on=DAY)

    assert Operator.objects.count() == 1
    assert shop(0).operator_id == shop(1).operator_id == shop(2).operator_id


def test_an_operators_facts_reach_all_their_shops_in_one_go_and_raise_their_versions(engine):
    take_in([opened(0), opened(1), opened(2, identity=OTHER)], on=DAY)

    taken = take_in(
        [Arrival({"veterans": {"operator_groups": {"yes": ["self_employed_veteran"]}}}, identity=PERSON)],
        on=LATER,
    )

    bits = Business._meta.get_field("operator_groups_yes").attname
    assert taken.updated == [0]
    assert getattr(shop(0), bits) == getattr(shop(1), bits) != 0
    assert getattr(shop(2), bits) is None
    assert [shop(place).version for place in range(3)] == [2, 2, 1]
    assert profile_of(shop(1)).sources["operator_groups"] == "veterans"


def test_nobody_is_overwritten_silently(engine, heard):
    take_in([opened(0)], on=DAY)
    heard.clear()

    take_in([opened(0, district="520281")], on=LATER)

    change = Change.objects.get()
    assert (change.business, change.source) == (shop(0), "registry")
    assert change.facts == {"district": ["520201", "registry", "520281", "registry"]}
    assert heard == [
        {"changes": {shop(0).pk: {"district": ("520201", "520281")}}, "created": [], "run_id": None}
    ]


def test_the_same_words_again_change_nothing_but_their_day(engine, heard):
    take_in([opened(0)], on=DAY)
    heard.clear()

    taken = take_in([opened(0)], on=LATER)

    assert (taken.unchanged, taken.updated, heard, Change.objects.count()) == ([0], [], [], 0)
    assert shop(0).version == 1
    assert known_of(shop(0))[0]["district"].on == "2026-11-20"


def test_an_owner_does_not_overwrite_the_registry_but_is_heard(engine):
    take_in([opened(0)], on=DAY)

    take_in(
        [Arrival({"self": {"district": "520203", "sells_online": True}}, business_id=shop(0).pk)], on=LATER
    )

    assert (shop(0).district, shop(0).sells_online) == ("520201", True)
    assert BusinessRecord.objects.get(pk=shop(0).pk).said[-1]["facts"]["district"] == "520203"


def test_unknown_shops_and_people_are_told_apart_where_none_may_be_created(engine):
    arrivals = [
        Arrival({"tax": {"annual_vat": "1.00"}}, credit_code=CODES[0], row=7),
        Arrival({"veterans": {"operator_groups": {"yes": ["veteran"]}}}, identity=PERSON, row=8),
    ]

    taken = take_in(arrivals, on=DAY, may_create=False)

    assert taken.strangers == [7, 8]
    assert (Business.objects.count(), Operator.objects.count()) == (0, 0)


def test_counting_only_writes_nothing(engine):
    take_in([opened(0)], on=DAY)

    taken = take_in([opened(0, district="520281"), opened(1)], on=LATER, write=False)

    assert (taken.created, taken.updated) == ([1], [0])
    assert (Business.objects.count(), shop(0).district) == (1, "520201")


def test_a_shop_that_passes_to_another_person_leaves_its_old_owners_binding_behind(engine, django_user_model):
    take_in([opened(0)], on=DAY)
    user = django_user_model.objects.begin_with_phone("13800000001")
    Binding.objects.create(business=shop(0), user=user)
    Mandate.objects.create(business=shop(0), given_by=user, agent=user, until=date(2099, 1, 1))

    take_in([opened(0, identity=OTHER)], on=LATER)

    assert shop(0).operator.identity.reveal() == OTHER
    assert Binding.objects.get().ended_because == "登记的经营者已变更"
    assert Mandate.objects.standing().count() == 0
    assert list(Business.objects.visible_to(user)) == []


def test_a_number_that_comes_later_names_the_person_already_there(engine):
    take_in([Arrival({"registry": {}}, credit_code=CODES[0], name="演示店", operator_name="演示人")], on=DAY)
    before = shop(0).operator_id

    take_in([opened(0)], on=LATER)

    assert shop(0).operator_id == before
    assert Operator.objects.get().identity.reveal() == PERSON


def test_an_added_fact_lives_in_the_json_column_of_every_shop_of_the_operator(engine):
    AddedFact.objects.create(
        name="fire_proof", type="bool", label="有证明", question="有吗？", source="staff"
    )
    AddedFact.objects.create(
        name="skill", type="integer", label="技能", question="几级？", scope="operator", source="employment"
    )
    take_in([opened(0), opened(1)], on=DAY)

    take_in([Arrival({"staff": {"fire_proof": True}}, business_id=shop(0).pk)], on=DAY)
    take_in([Arrival({"employment": {"skill": 3}}, identity=PERSON)], on=DAY)

    assert (shop(0).extra, shop(1).extra) == ({"fire_proof": 1, "skill": 3}, {"skill": 3})


def test_a_chunk_costs_the_same_number_of_queries_whatever_its_length(engine):
    from django.db import connection

    def queries(count):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            take_in([opened(place, identity=None) for place in range(count)], on=DAY)
        Business.objects.all().delete()
        return len(captured)

    take_in([opened(3)], on=DAY)  # what is kept in memory is filled
    assert queries(1) == queries(3)


def test_columns_equal_what_the_records_say_for_a_made_up_city(engine):
    from random import Random

    from businesses.synthetic import generate_profile

    random, registry = Random(5), business_registry()
    for place, code in enumerate(CODES):
        for day in (DAY, LATER):
            said = {}
            for name, value in generate_profile(random, DAY, 0.5).items():
                source = random.choice(registry[name].sources)
                said.setdefault(source, {})[name] = value
            take_in(
                [
                    Arrival(
                        said,
                        credit_code=code,
                        identity=PERSON if place < 2 else None,
                        name="演示",
                        operator_name="演示人",
                    )
                ],
                on=day,
            )

    for business in Business.objects.all():
        profile = profile_of(business)
        held = {}
        for name, value in profile.values.items():
            if profile.sources[name] != "default":
                held |= registry.readable(name).stored(value)
        assert {column: getattr(business, column) for column in held} == held
        assert len(held) > 20


@pytest.mark.parametrize(
    ("department", "sees"),
    [("tax", True), ("hrss", False), (None, False)],
    ids=["tax bureau", "another", "none"],
)
def test_tax_figures_are_for_the_owner_and_the_tax_bureau(department, sees, django_user_model):
    from accounts.models import Department

    fact = business_registry()["annual_vat"]
    bureau = department and Department.objects.create(code=department, name=department)
    clerk = django_user_model.objects.create(username="clerk", is_staff=True, department=bureau)
    owner = django_user_model.objects.create(username="owner")

    assert (may_see_fact(clerk, fact), may_see_fact(owner, fact)) == (sees, True)
    assert may_see_fact(clerk, business_registry()["district"])


def test_a_person_known_by_name_who_turns_out_to_be_somebody_known_keeps_what_was_said(engine):
    take_in(
        [
            Arrival(
                {"registry": {}, "self": {"left_school_on": "2024-06-30"}},
                credit_code=CODES[0],
                name="演示店",
            )
        ],
        on=DAY,
    )
    take_in([opened(1)], on=DAY)

    take_in([opened(0)], on=LATER)

    assert shop(0).operator_id == shop(1).operator_id
    assert shop(0).left_school_on == shop(1).left_school_on == date(2024, 6, 30)


def test_the_invariants_hold_after_all_of_this_and_notice_a_column_written_by_hand(engine):
    from businesses.invariants import columns_equal_what_the_sources_say

    take_in([opened(0, monthly_rent="800.00"), opened(1), opened(2, identity=None)], on=DAY)
    take_in(
        [Arrival({"employment": {"operator_groups": {"yes": ["hard_to_employ"]}}}, identity=PERSON)], on=LATER
    )
    assert list(columns_equal_what_the_sources_say()) == []

    Business.objects.filter(pk=shop(0).pk).update(monthly_rent=1)

    assert list(columns_equal_what_the_sources_say()) == [f"商户 {shop(0).pk} 的 monthly_rent"]


def named(place, name, identity=None, **facts):
    arrival = opened(place, identity, **facts)
    arrival.operator_name = name
    return arrival


def test_another_operators_name_without_a_number_renames_nobody_and_the_row_is_doubtful(engine):
    take_in([opened(0)], on=DAY)

    taken = take_in([named(0, "接手的演示人", district="520281")], on=LATER)
    alike = take_in([named(0, "演 示 人", district="520203")], on=LATER)

    assert (taken.doubtful, taken.updated, taken.unchanged) == ([0], [], [])
    assert (alike.doubtful, alike.updated) == ([], [0])
    assert (shop(0).operator.name, shop(0).district) == ("演 示 人", "520203")


def test_an_older_file_of_the_registry_moves_no_shop_and_renames_nothing(engine, django_user_model):
    take_in([named(0, "接手的演示人", OTHER)], on=LATER)
    owner = django_user_model.objects.create(username="owner")
    Binding.objects.create(business=shop(0), user=owner)
    older = opened(0, monthly_rent="800.00", born_on="1980-01-01")
    older.name, older.address = "从前的店", "从前的路"

    take_in([older], on=DAY)

    row = shop(0)
    assert (row.operator.name, row.name, row.address) == ("接手的演示人", "演示店0", "")
    assert (row.monthly_rent, row.born_on) == (
        800,
        None,
    )  # of the shop it is heard; of the person it was another
    assert Binding.objects.get().ended_at is None
    assert Operator.objects.count() == 1


def test_an_older_file_of_the_registry_may_still_bring_the_number_of_who_stands_there(engine):
    take_in([opened(0, identity=None)], on=LATER)

    take_in([opened(0)], on=DAY)

    assert (shop(0).operator.identity.reveal(), Operator.objects.count()) == (PERSON, 1)


def test_what_the_registrys_program_says_of_a_fact_does_not_make_its_next_file_old(engine):
    take_in([opened(0, entity_type="individual_business")], on=DAY)
    take_in([Arrival({"registry": {"annual_report_filed": True}}, business_id=shop(0).pk)], on=LATER)
    file = named(0, "接手的演示人", OTHER, entity_type="individual_business")

    take_in([file], on=LATER - timedelta(days=1))

    assert shop(0).operator.name == "接手的演示人"


def test_a_shop_that_passes_on_leaves_the_previous_owners_answers_behind(engine):
    take_in([opened(0)], on=DAY)
    take_in([Arrival({"self": {"employees": 3}}, business_id=shop(0).pk)], on=DAY)
    passed = opened(0, OTHER)
    passed.said["self"] = {"sells_online": True}

    take_in([passed], on=LATER)

    found, _ = known_of(shop(0))
    assert ("employees" in found, shop(0).employees) == (False, None)
    assert found["sells_online"][:2] == (True, "self")
    assert Change.objects.filter(business=shop(0)).first().facts["employees"] == [3, "self", None, None]


def _at_once(*works):
    """Run these beside each other on PostgreSQL; the errors they end with."""
    errors, barrier = [], threading.Barrier(len(works))

    def run(work):
        connections["default"] = connections["postgres"]
        barrier.wait()
        try:
            work()
        except Exception as error:
            errors.append(repr(error))
        finally:
            connections["postgres"].close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_two_shops_of_one_person_answered_and_imported_at_once_wait_for_each_other(django_user_model):
    from businesses.actions import state_facts

    alias, connections["default"] = connections["default"], connections["postgres"]
    try:
        take_in([opened(place) for place in range(4)], on=DAY)
        owner = django_user_model.objects.create_user("owner")
        shops = [shop(place) for place in (0, 3)]
        for row in shops:
            Binding.objects.create(business=row, user=owner)

        def answer(row):
            for number in range(40):
                state_facts(row, {"operator_groups": ["graduate"] if number % 2 else []}, by=owner)

        def bring():
            for number in range(40):
                said = {"veterans": {"operator_groups": {("no", "yes")[number % 2]: ["veteran"]}}}
                take_in([Arrival(said, identity=PERSON)], on=LATER)
                take_in(
                    [opened(place, born_on=f"1980-01-{number % 28 + 1:02d}") for place in (3, 1)], on=LATER
                )

        errors = _at_once(lambda: answer(shops[0]), lambda: answer(shops[1]), bring)

        assert errors == []
        assert len({shop(place).operator_groups_yes for place in range(4)}) == 1
    finally:
        connections["default"] = alias


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_the_same_new_people_and_shops_brought_twice_at_once_are_written_once():
    alias, connections["default"] = connections["default"], connections["postgres"]
    people = [f"52020119800101{place:03d}" for place in range(40)]
    people = [f"{body}{identity_check_digit(body)}" for body in people]
    try:
        for identity in people:

            def bring(identity=identity):
                take_in([Arrival({}, credit_code=CODES[0], name="演示店", identity=identity)], on=DAY)

            assert _at_once(bring, bring, bring) == []
            assert Operator.objects.filter(identity_index=identity_index(identity)).count() == 1

        assert Business.objects.count() == 1
    finally:
        connections["default"] = alias
