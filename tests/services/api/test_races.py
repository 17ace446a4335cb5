"""Two at once over the API: one is done, the other is told."""

import pytest

from cases.actions import general
from cases.models import Case
from services.models import Leg
from tests.notifications.register import open_shop
from tests.services import world
from tests.services.askers import person, program
from tests.subsidies.world import owner_of

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"], transaction=True),
    pytest.mark.every_engine("locks"),
]


def statuses(answers):
    return sorted(getattr(answer, "status_code", repr(answer)) for answer in answers)


def test_of_two_verbs_with_one_version_one_is_done(at_once):
    people, owner = world.bureau(), owner_of(open_shop(1))
    case, _ = world.asked(world.offering())
    general.do(case, "answer", {"words": "明天来修"}, by=people.reviewer)
    version, path = Case.objects.get(pk=case.pk).version, f"requests/{case.public_id}/"
    first, second = person(owner), person(owner)

    answers = at_once(
        [
            lambda: first.post(f"{path}solve/", {"version": version}),
            lambda: second.post(f"{path}reopen/", {"version": version, "words": "没有来"}),
        ]
    )

    assert statuses(answers) == [200, 409]
    assert Case.objects.get(pk=case.pk).version == version + 1
    assert world.faults() == []


def test_of_an_officer_and_a_program_at_one_leg_one_takes_it(at_once):
    people = world.bureau()
    world.asked(world.offering())
    leg, (_, client) = Leg.objects.get(), program("bureau", people.department)
    officer = person(people.reviewer)

    answers = at_once(
        [
            lambda asker=asker: asker.post(f"legs/{leg.pk}/take/", {"version": leg.version})
            for asker in (client, officer)
        ]
    )

    leg.refresh_from_db()
    assert statuses(answers) == [200, 409]
    assert (leg.state, leg.version) == ("taken", 2)
    assert world.faults() == []


def test_one_key_sent_twice_asks_once(at_once):
    shop = open_shop(1)
    owner = owner_of(shop)
    world.offering()
    body = {"business": str(shop.public_id), "offering": "ask", "words": world.NEED}
    browsers = [person(owner), person(owner)]

    answers = at_once(
        [lambda browser=browser: browser.post("requests/", body, key="same") for browser in browsers]
    )

    assert set(statuses(answers)) <= {201, 409}  # the second is given the first's answer, or told to wait
    assert 201 in statuses(answers)
    assert Case.objects.count() == 1
