"""Every address of the staff × verb × role answers as staff_matrix.py says."""

import pytest

from .asking import FOR_STAFF, WHO, other_than_said

pytestmark = pytest.mark.django_db


@pytest.mark.crawl
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("address", FOR_STAFF)
def test_every_role_gets_what_the_table_of_the_staff_says(world, settings, address, who):
    settings.ANONYMOUS_REQUESTS_PER_SECOND = 100_000

    assert other_than_said(address, FOR_STAFF[address], world, who) == []
