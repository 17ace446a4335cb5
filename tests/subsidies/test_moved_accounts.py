"""An account number that was put into another row, or changed where it stands, reaches no bank file."""

import pytest

from businesses.models import PaymentAccount
from core.encryption import Unreadable, sealed_values_are_where_they_were_written
from core.errors import Refused
from subsidies.actions import paying
from tests.notifications.register import open_shop

from . import world

pytestmark = pytest.mark.django_db
EVERYTHING_COPIED = ("number", "number_index", "last_four")


@pytest.fixture
def people(db):
    return world.bureau()


def case_of(place, benefit, people):
    shop = open_shop(place)
    return world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)


@pytest.fixture
def pair(people):
    """Two approved cases."""
    benefit = world.grant_of_money()
    world.envelope(benefit)
    return [case_of(place, benefit, people) for place in (1, 2)]


@pytest.fixture
def batch(pair, people):
    prepared = paying.prepare(people.department, by=people.finance).batch
    ticked = [row.payment.pk for row in paying.look_over(prepared) if row.flags]
    return paying.approve(prepared, by=people.finance_2, ticked=ticked)


@pytest.mark.parametrize("columns", [EVERYTHING_COPIED[:1], EVERYTHING_COPIED])
def test_the_number_of_another_does_not_open_and_the_invariant_names_it(pair, columns):
    mine, theirs = (case.account for case in pair)
    PaymentAccount.objects.filter(pk=theirs.pk).update(**{name: getattr(mine, name) for name in columns})

    with pytest.raises(Unreadable):
        PaymentAccount.objects.get(pk=theirs.pk).number.reveal()
    assert list(sealed_values_are_where_they_were_written()) == [f"收款账户 {theirs.pk} 的账号"]


@pytest.mark.parametrize("how", ["moved", "another number"])
def test_no_file_is_made_of_a_batch_in_which_a_number_was_touched(pair, people, batch, how):
    mine, theirs = (case.account for case in pair)
    sealed = mine.number
    if how == "another number":
        field = PaymentAccount._meta.get_field("number")
        row = {name: getattr(theirs, name) for name in field.bound_to}
        sealed = field.seal("6222020200099990000", **row)
    PaymentAccount.objects.filter(pk=theirs.pk).update(number=sealed)

    with pytest.raises(Refused, match="的收款账号在系统里被动过，这一批不能导出"):
        paying.export(batch, by=people.finance)
    batch.refresh_from_db()
    assert (batch.status, batch.content) == ("approved", None)
