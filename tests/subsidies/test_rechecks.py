"""Re-checks: drawn by a seed so that anyone draws the same, and looked into by people who had no part in it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cases.models import AuditEntry
from core.errors import Invalid, Refused
from subsidies.actions import applying, rechecking
from subsidies.models import Application, Instalment, Recheck
from tests.notifications.register import open_shop
from tests.standing import stands

from . import world

SEED = "2026-11-25 开奖号码 071523"


def _grant():
    """Four files of a bureau."""
    people, benefit = world.bureau(), world.grant_of_money()
    world.envelope(benefit)
    for shop in [open_shop(place) for place in (1, 2, 3, 4)]:
        world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)


_granted = stands(_grant)


@pytest.fixture
def people(_granted, db):
    return world.bureau()


@pytest.fixture
def granted(people):
    return list(Application.objects.order_by("pk"))


def _draw(people, size=2, seed=SEED):
    today = timezone.localdate()
    by = User.objects.get(username="tests_admin")
    return rechecking.draw(people.department, today - timedelta(days=7), today, size, by=by, seed=seed)


def test_the_same_seed_draws_the_same_files(people, granted):
    first, second, other = _draw(people), _draw(people), _draw(people, seed="别的种子 2")

    def drawn(recheck):
        return list(recheck.picks.values_list("application", flat=True))

    assert drawn(first) == drawn(second)
    assert (first.population, first.fingerprint) == (4, other.fingerprint)
    assert str(rechecking.verify(first)) == "名单和抽取结果都与当时一致。"


def test_without_a_seed_one_is_made_up_and_kept(people, granted):
    recheck = _draw(people, seed=None)

    assert len(recheck.seed) == 32
    assert rechecking.verify(recheck) == (True, True)


def test_verifying_finds_a_changed_list_and_a_changed_draw(people, granted):
    recheck = _draw(people, size=4)
    pick = recheck.picks.first()

    recheck.picks.filter(pk=pick.pk).delete()
    assert rechecking.verify(recheck) == (True, False)
    applying.withdraw(granted[0], by=granted[0].submitter)

    assert rechecking.verify(recheck) == (False, False)


@pytest.mark.parametrize(("size", "seed", "problem"), [(0, SEED, "请抽 1 到"), (1, " ", "请填种子")])
def test_a_draw_that_makes_no_sense_is_refused(people, granted, size, seed, problem):
    with pytest.raises(Invalid, match=problem):
        _draw(people, size=size, seed=seed)


def test_no_more_is_drawn_than_there_is(people, granted):
    with pytest.raises(Refused, match="只批准了 4 件"):
        _draw(people, size=5)

    assert Recheck.objects.count() == 0


def test_a_reviewer_does_not_draw(people, granted):
    today = timezone.localdate()

    with pytest.raises(PermissionDenied):
        rechecking.draw(people.department, today, today, 1, by=people.reviewer)


def test_who_had_a_part_in_it_does_not_check_it(people, granted):
    pick = _draw(people).picks.first()

    with pytest.raises(PermissionDenied):
        rechecking.set_result(pick, "right", "", by=people.reviewer)
    rechecking.set_result(pick, "right", "", by=people.reviewer_2)

    pick.refresh_from_db()
    assert (pick.result, pick.checked_by) == ("right", people.reviewer_2)
    with pytest.raises(Refused, match="已经有结果"):
        rechecking.set_result(pick, "wrong", "合同是假的，房东不认。", by=people.reviewer_2)


def test_what_should_not_have_been_granted_reaches_finance(people, granted):
    pick = _draw(people).picks.first()

    with pytest.raises(Invalid, match="请写明查到什么"):
        rechecking.set_result(pick, "wrong", "假的", by=people.reviewer_2)
    rechecking.set_result(pick, "wrong", "合同是假的，房东不认。", by=people.reviewer_2)

    seen = Application.objects.visible_to(people.finance)
    assert rechecking.to_recover(seen) == []  # nothing is paid yet
    instalment = Instalment.objects.get(grant__application=pick.application)
    Instalment.objects.filter(pk=instalment.pk).update(status="paid", recovered_fen=200_000)
    assert rechecking.to_recover(seen) == [(instalment, 300_000)]
    elsewhere = Application.objects.visible_to(world.bureau("others", "别的局").finance)
    assert rechecking.to_recover(elsewhere) == []
    entry = AuditEntry.objects.filter(verb="recheck").get()
    assert (entry.case, entry.detail) == (pick.application_id, {"result": "wrong"})


def test_the_files_are_given_out_with_seedless_list_and_result(people, granted):
    recheck = _draw(people)

    lines = "".join(rechecking.as_csv(recheck)).splitlines()
    listed = "".join(rechecking.list_as_csv(recheck)).splitlines()

    numbers = sorted(Application.objects.values_list("number", flat=True))
    assert len(lines) == 3
    assert [line.split(",")[0] for line in listed[1:]] == numbers


def test_an_auditor_draws_in_the_admin_and_a_reviewer_writes_what_was_found(client, people, granted):
    today = timezone.localdate().isoformat()
    drawing = {
        "department": people.department.pk,
        "decided_from": today,
        "decided_to": today,
        "size": 1,
        "seed": SEED,
    }
    client.force_login(people.admin)
    client.post(reverse("admin:subsidies_recheck_add"), drawing)
    recheck = Recheck.objects.get()
    pick = recheck.picks.get()
    change = reverse("admin:subsidies_recheck_change", args=[recheck.pk])

    listed = client.get(reverse("admin:recheck-list-csv", args=[recheck.pk])).getvalue().decode()
    verified = client.get(reverse("admin:recheck-verify", args=[recheck.pk]), follow=True).content.decode()
    client.force_login(people.reviewer_2)
    page = client.get(change).content.decode()
    client.post(reverse("admin:recheck-result", args=[pick.pk]), {"result": "right", "note": ""})

    pick.refresh_from_db()
    assert len(listed.splitlines()) == 5
    assert "名单和抽取结果都与当时一致。" in verified
    assert (SEED in page, recheck.fingerprint in page) == (True, True)
    assert (pick.result, pick.checked_by) == ("right", people.reviewer_2)


def test_who_reviewed_a_file_cannot_write_its_result(client, people, granted):
    pick = _draw(people).picks.first()
    client.force_login(people.reviewer)

    response = client.post(reverse("admin:recheck-result", args=[pick.pk]), {"result": "right"})

    assert response.status_code == 403
