"""Whose shops these are is read from the bindings and mandates of the person, never from the whole register."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from businesses.models import Binding, Business, Mandate, Operator, PaymentAccount
from core.once import AnswersForOnePage, once
from notifications.models import Notification
from subsidies.models import Application

both_engines = pytest.mark.django_db(databases="__all__")
SHOPS, BUFFERS = 50_000, 200


def filled():
    """A register of SHOPS, a tenth of them bound by an owner of their own, who
    has given a mandate. Returns the first, who holds the mandate of another."""
    person = Operator.objects.create(name="别人")
    first = Business.objects.create(operator=person, name="别家店")
    names = ", ".join(
        f'"{field.column}"'
        for field in Business._meta.concrete_fields
        if field.name not in ("id", "public_id")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO businesses_business (public_id, {names}) SELECT gen_random_uuid(), {names}"
            " FROM businesses_business, generate_series(2, %s) WHERE id = %s",
            [SHOPS, first.pk],
        )
    owners = User.objects.bulk_create([User(username=f"owner-{n}") for n in range(SHOPS // 10)])
    shops = Business.objects.order_by("pk")[: len(owners)]
    Binding.objects.bulk_create(
        [Binding(business=shop, operator=person, user=user) for shop, user in zip(shops, owners, strict=True)]
    )
    given = {"until": timezone.localdate() + timedelta(days=9), "scopes": ["view", "apply"]}
    agents = [*owners[1:], owners[0]]
    Mandate.objects.bulk_create(
        [
            Mandate(business=shop, given_by=user, agent=agent, **given)
            for shop, user, agent in zip(shops, owners, agents, strict=True)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return owners[0]


def buffers(rows):
    """How many pages of 8 kB PostgreSQL looks at for a queryset, planning not counted."""
    statement, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
        plan = cursor.fetchone()[0][0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@both_engines
def test_the_plan_for_the_shops_of_a_person_reads_no_register(engine):
    agent = filled()

    asked = {
        "shops": Business.objects.visible_to(agent),
        "accounts": PaymentAccount.objects.visible_to(agent),
        "messages": Notification.objects.visible_to(agent),
        "cases": Application.objects.visible_to(agent),
    }
    assert Business.objects.visible_to(agent).count() == 2
    assert [name for name, rows in asked.items() if buffers(rows) > BUFFERS] == []


@both_engines
def test_a_shop_bound_and_held_by_mandate_comes_once(engine):
    shop = Business.objects.create(operator=Operator.objects.create(name="店主"), name="茶叶店")
    owner, other = (User.objects.create(username=name) for name in ("owner", "other"))
    Binding.objects.create(business=shop, user=owner)
    for _ in range(2):
        Mandate.objects.create(business=shop, given_by=other, agent=owner, until=timezone.localdate())

    assert list(Business.objects.acted_for_by(owner)) == [shop]
    assert list(Business.objects.acted_for_by(other)) == []


@pytest.mark.parametrize(("method", "asked"), [("GET", 1), ("HEAD", 1), ("POST", 2)])
def test_a_page_asks_once_and_whatever_changes_something_asks_each_time(rf, method, asked):
    calls = []
    ask = once(lambda user: calls.append(user.pk))
    user = User(pk=1)

    AnswersForOnePage(lambda request: [ask(user), ask(user)])(rf.generic(method, "/me/"))
    assert len(calls) == asked

    ask(user)
    assert len(calls) == asked + 1  # nothing stays behind
