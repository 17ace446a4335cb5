"""Staff see an identity or an account only beside an open case that needs it."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AccessEvent
from businesses.actions import reveal
from businesses.models import Operator
from businesses.needs import people_needed_by
from subsidies.models import Application
from tests.admin.reviewing import case as address_of
from tests.admin.reviewing import signed_in, text
from tests.notifications.register import open_shop
from tests.standing import stands

from ..subsidies import world

pytestmark = pytest.mark.django_db
REVEAL = "/admin/businesses/operator/reveal"


def _file():
    people, benefit, shop = world.bureau(), world.grant_of_money(), open_shop(1)
    world.envelope(benefit)
    return SimpleNamespace(people=people, filed=world.filed(benefit, shop, world.owner_of(shop)))


_begun = stands(_file)


@pytest.fixture
def people(begun):
    return begun.people


@pytest.fixture
def filed(begun):
    return begun.filed


def may(user, subject, field):
    try:
        return bool(reveal(subject, field, by=user, reason="核对付款户名"))
    except PermissionDenied:
        return False


def may_see(user, application):
    account = application.operator.payment_accounts.get(ended_at=None)
    return may(user, application.operator, "identity"), may(user, account, "number")


NEEDING = ["submitted", "reviewing", "correcting", "recommended", "countersigning", "approved", "appealed"]
NOT_NEEDING = ["draft", "withdrawn", "paid"]


@pytest.mark.parametrize("state", NEEDING + NOT_NEEDING)
def test_a_number_is_shown_while_a_case_of_the_bureau_is_open(filed, people, state):
    if state in ("approved", "paid"):
        world.approved(filed, people)
    Application.objects.filter(pk=filed.pk).update(state=state, reason="合同已经到期")

    assert may_see(people.reviewer, filed) == ((True, True) if state in NEEDING else (False, False))


def test_another_bureau_has_no_need_and_who_has_no_case_has_none(filed, people):
    elsewhere, nobody = world.bureau("other", "别的局"), open_shop(2)
    world.owner_of(nobody)

    assert may_see(elsewhere.reviewer, filed) == (False, False)
    assert may(people.reviewer, nobody.operator, "identity") is False
    assert AccessEvent.objects.filter(action="unmask").count() == 0


def test_an_account_of_before_is_shown_where_a_case_still_names_it(filed, people):
    owner, shop = filed.submitter, filed.business
    named = filed.account or filed.operator.payment_accounts.get(ended_at=None)
    Application.objects.filter(pk=filed.pk).update(account=named)
    between = world.another_account(shop, owner, "6222020200000380")
    world.another_account(shop, owner, "6222020200000398")

    named.refresh_from_db()
    between.refresh_from_db()
    assert [may(people.reviewer, account, "number") for account in (named, between)] == [True, False]


def test_the_page_of_a_person_shows_no_account_without_a_case(filed, people):
    elsewhere = world.bureau("other", "别的局")
    address = f"/admin/businesses/operator/{filed.operator_id}/change/"
    last_four = filed.operator.payment_accounts.get().last_four

    own, other, finance = (
        signed_in(user).get(address).content.decode()
        for user in (people.reviewer, elsewhere.reviewer, people.finance)
    )

    assert [f"尾号 {last_four}" in page for page in (own, other, finance)] == [True, False, True]
    assert [REVEAL in page for page in (own, other, finance)] == [True, False, False]
    assert "您部门现在没有这个人要办的件，不显示号码。" in other


def test_the_page_that_shows_a_number_is_closed_without_a_case(filed, people):
    elsewhere = world.bureau("other", "别的局")
    address = f"{REVEAL}/operator/{filed.operator_id}/"

    answers = [
        signed_in(user).post(address, {"reason": "核对付款户名"}).status_code
        for user in (people.reviewer, elsewhere.reviewer)
    ]

    assert answers == [200, 403]


def test_a_closed_case_leads_to_no_whole_number(filed, people):
    client = signed_in(people.reviewer)
    before = text(client.get(address_of(filed)))
    Application.objects.filter(pk=filed.pk).update(state="withdrawn")

    assert ("看完整号码" in before, "看完整号码" in text(client.get(address_of(filed)))) == (True, False)


def test_needs_of_many_people_take_one_query(filed, people, django_assert_num_queries):
    everybody = [*Operator.objects.values_list("pk", flat=True), *range(1_000, 1_100)]
    people.reviewer.get_all_permissions()

    with django_assert_num_queries(1):
        assert people_needed_by(people.reviewer, everybody) == {
            filed.operator_id: {filed.account_id} - {None}
        }
