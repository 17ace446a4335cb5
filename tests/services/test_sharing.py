"""信息授权: only the operator gives it, for what they have seen, and it is read by one door, as often as they said."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.actions import withdraw
from accounts.models import AccessEvent
from businesses import own_data, sharing
from businesses.actions import give_mandate, unbind
from businesses.models import Binding, Sharing
from core.errors import Invalid, Refused
from tests.core.test_idempotency import begin  # noqa: F401
from tests.notifications.register import tell_of

from . import world

pytestmark = pytest.mark.django_db
in_parallel = pytest.mark.django_db(databases=["default", "postgres"], transaction=True)
FACTS = ["shop_name", "monthly_rent"]


@pytest.fixture
def shop_and_owner(db):
    return world.shop_that_rents()


def given(shop, owner, receiver, facts=FACTS, **more):
    terms = {
        "purpose": "办理“试验贷款”",
        "until": timezone.localdate() + timedelta(days=30),
        "uses": 3,
        "keep_days": 30,
    }
    return sharing.give(shop, receiver, facts, **{**terms, "by": owner, "is_fresh": True, **more})


def bank(letter="a", name="甲"):
    return world.institution(f"bank_{letter}", f"演示银行{name}")


def used(row):
    return Sharing.objects.values_list("used", flat=True).get(pk=row.pk)


def test_the_preview_says_what_stands_in_words_and_as_programs_spell_it(shop_and_owner):
    shop, _owner = shop_and_owner
    phone = f"139{shop.pk:08d}"

    lines = sharing.preview(
        shop, ["shop_name", "credit_code", "operator_name", "phone", "monthly_rent", "employees"]
    )

    assert [(line.label, line.words, line.value) for line in lines] == [
        ("店名", shop.name, shop.name),
        ("统一社会信用代码", shop.credit_code, shop.credit_code),
        ("经营者姓名", "演示人", "演示人"),
        ("联系电话", phone, phone),
        ("实际月租金", "800 元", "800.00"),
        ("从业人数（含经营者）", "没有记录", None),
    ]


def test_what_nothing_is_known_under_cannot_be_shared(shop_and_owner):
    shop, _owner = shop_and_owner

    with pytest.raises(Invalid) as refusal:
        sharing.preview(shop, ["identity", "monthly_rent"])

    assert [fault.code for fault in refusal.value.faults] == ["unknown_fact"]


def test_what_is_given_is_sealed_and_its_words_are_bound_by_a_digest(shop_and_owner):
    shop, owner = shop_and_owner
    row = given(shop, owner, bank().department)

    words = sharing.words_of(
        shop,
        row.receiver,
        sharing.preview(shop, FACTS),
        purpose=row.purpose,
        until=row.until,
        uses=row.uses,
        keep_days=row.keep_days,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT preview FROM businesses_sharing")
        (stored,) = cursor.fetchone()

    assert row.notice == sharing.digest_of(words)
    assert "800.00" in Sharing.objects.get().preview.reveal()
    assert "monthly_rent" not in stored


def test_nobody_gives_it_but_the_operator_and_with_a_fresh_code(shop_and_owner):
    shop, owner = shop_and_owner
    other_shop, other = world.shop_that_rents(2)
    until = timezone.localdate() + timedelta(days=30)
    give_mandate(
        shop, scopes=["view", "answer", "apply"], until=until, by=owner, phone=f"139{other_shop.pk:08d}"
    )
    receiver = bank()

    for nobody in (other, receiver.officer, world.bureau().reviewer, world.bureau().admin):
        with pytest.raises(PermissionDenied):
            given(shop, nobody, receiver.department)
    with pytest.raises(Refused, match="验证码") as refusal:
        given(shop, owner, receiver.department, is_fresh=False)

    assert refusal.value.code == "not_fresh"
    assert given(other_shop, other, receiver.department).given_by == other
    assert Sharing.objects.filter(business=shop).count() == 0


@pytest.mark.parametrize(
    ("days", "allowed"), [(-1, False), (0, True), (179, True), (180, True), (181, False)]
)
def test_it_lasts_until_the_180th_day_at_most(shop_and_owner, days, allowed):
    shop, owner = shop_and_owner
    until = timezone.localdate() + timedelta(days=days)

    if allowed:
        assert given(shop, owner, bank().department, until=until).until == until
    else:
        with pytest.raises(Invalid):
            given(shop, owner, bank().department, until=until)


def test_what_is_not_what_was_seen_is_not_given(shop_and_owner):
    shop, owner = shop_and_owner

    with pytest.raises(Refused, match="内容有变动"):
        given(shop, owner, bank().department, seen="0" * 64)

    assert not Sharing.objects.exists()


def test_it_is_read_as_it_was_seen_and_each_time_is_counted_and_written_down(shop_and_owner):
    shop, owner = shop_and_owner
    receiver = bank()
    row = given(shop, owner, receiver.department)

    lines = sharing.read(row, by=receiver.officer)
    sharing.read(row, by=receiver.other)

    assert [(line.name, line.words) for line in lines] == [
        ("shop_name", shop.name),
        ("monthly_rent", "800 元"),
    ]
    assert used(row) == 2
    events = AccessEvent.objects.filter(action="sharing-read").order_by("pk")
    assert [(event.subject, event.user, event.department) for event in events] == [
        (f"sharing {row.pk}", receiver.officer, receiver.department),
        (f"sharing {row.pk}", receiver.other, receiver.department),
    ]


def test_nobody_of_elsewhere_reads_it(shop_and_owner):
    shop, owner = shop_and_owner
    row = given(shop, owner, bank().department)
    people = world.bureau()

    for nobody in (bank("b", "乙").officer, people.reviewer, people.admin, owner):
        with pytest.raises(PermissionDenied):
            sharing.read(row, by=nobody)

    assert used(row) == 0


def test_when_it_has_been_read_as_often_as_said_it_is_over(shop_and_owner):
    shop, owner = shop_and_owner
    receiver = bank()
    row = given(shop, owner, receiver.department, uses=1)
    sharing.read(row, by=receiver.officer)

    with pytest.raises(Refused, match="1 次已经看完"):
        sharing.read(row, by=receiver.officer)

    assert used(row) == 1


@pytest.mark.parametrize(("after", "is_read"), [(29, True), (30, True), (31, False)])
def test_after_the_last_day_it_is_read_no_more(shop_and_owner, time_machine, after, is_read):
    shop, owner = shop_and_owner
    receiver = bank()
    row = given(shop, owner, receiver.department)

    time_machine.move_to(timezone.now() + timedelta(days=after))
    if is_read:
        sharing.read(row, by=receiver.officer)
    else:
        with pytest.raises(Refused, match="为止"):
            sharing.read(row, by=receiver.officer)

    assert used(row) == is_read


def test_what_has_changed_since_is_not_read_and_does_not_count(shop_and_owner):
    shop, owner = shop_and_owner
    receiver = bank()
    row = given(shop, owner, receiver.department)

    tell_of(shop, "social_security", employees=3)  # not named
    sharing.read(row, by=receiver.officer)
    tell_of(shop, "self", rents_premises=True, monthly_rent="900.00")
    with pytest.raises(Refused, match="请店主重新授权"):
        sharing.read(row, by=receiver.officer)

    assert used(row) == 1
    assert world.faults() == []


def test_taken_back_is_taken_back_once_and_by_the_operator_alone(shop_and_owner):
    shop, owner = shop_and_owner
    receiver = bank()
    row = given(shop, owner, receiver.department)
    _, other = world.shop_that_rents(2)

    for nobody in (other, receiver.officer, world.bureau().admin):
        with pytest.raises(PermissionDenied):
            sharing.revoke(row, by=nobody)
    sharing.revoke(row, by=owner)
    with pytest.raises(Refused, match="已经撤回"):
        sharing.revoke(row, by=owner)
    with pytest.raises(Refused, match="店主已经撤回授权"):
        sharing.read(row, by=receiver.officer)


def _unbind(shop, owner):
    unbind(Binding.objects.get(business=shop, ended_at=None), by=owner)


def _close(shop, owner):
    own_data.erase(owner)


def _no_longer_agree(shop, owner):
    withdraw(owner, "sensitive")


@pytest.mark.parametrize("leave", [_unbind, _close, _no_longer_agree])
def test_whoever_leaves_takes_it_back(shop_and_owner, leave):
    shop, owner = shop_and_owner
    receiver = bank()
    row = given(shop, owner, receiver.department)

    leave(shop, owner)

    with pytest.raises(Refused, match="撤回"):
        sharing.read(row, by=receiver.officer)


def test_their_own_copy_says_what_was_shared_and_who_read_it(shop_and_owner):
    shop, owner = shop_and_owner
    receiver = bank()
    row = given(shop, owner, receiver.department)
    sharing.read(row, by=receiver.officer)

    copy = own_data.export(owner)

    assert copy["sharings"] == [
        {
            "shop": shop.name,
            "receiver": "演示银行甲",
            "purpose": "办理“试验贷款”",
            "facts": {"shop_name": shop.name, "monthly_rent": "800.00"},
            "given_at": row.given_at.isoformat(),
            "until": row.until.isoformat(),
            "uses": 3,
            "used": 1,
            "keep_days": 30,
            "revoked_at": None,
        }
    ]
    events = [event for event in copy["access_events"] if event["subject"] == f"sharing {row.pk}"]
    assert [(event["action"], event["by"]) for event in events] == [
        ("sharing-read", "演示银行甲"),
        ("give_sharing", "店主或代办人"),
    ]


def test_a_use_of_which_nothing_is_written_down_is_found(shop_and_owner):
    shop, owner = shop_and_owner
    row = given(shop, owner, bank().department)

    Sharing.objects.filter(pk=row.pk).update(used=1)

    assert world.faults() == [f"信息授权 {row.pk}"]


def test_the_page_shows_who_read_what_and_takes_it_back(shop_and_owner):
    shop, owner = shop_and_owner
    receiver = bank()
    row = given(shop, owner, receiver.department)
    sharing.read(row, by=receiver.officer)
    browser = world.browser_of(owner)

    before = browser.get("/me/sharing/").content.decode()
    browser.post(f"/me/sharing/{row.pk}/revoke/")
    after = browser.get("/me/sharing/").content.decode()

    for words in ("演示银行甲", "店名、实际月租金", "演示银行甲看了一次"):
        assert words in before
    assert receiver.officer.username not in before
    assert "店主已经撤回授权" in after
    assert "/revoke/" not in after


@in_parallel
def test_twenty_at_once_read_no_oftener_than_allowed(begin):  # noqa: F811
    shop, owner = world.shop_that_rents()
    receiver = bank()
    row = given(shop, owner, receiver.department, uses=5)
    barrier, heard = threading.Barrier(20), []

    def work():
        barrier.wait()
        try:
            heard.append(len(sharing.read(row, by=receiver.officer)))
        except Refused as refusal:
            heard.append(refusal.code)

    for thread in [begin(work) for _ in range(20)]:
        thread.join()

    assert sorted(heard, key=str) == [2] * 5 + ["ended"] * 15
    assert used(row) == 5
    assert AccessEvent.objects.filter(action="sharing-read").count() == 5


@in_parallel
def test_a_reading_beside_a_revocation_counts_or_is_refused(begin):  # noqa: F811
    shop, owner = world.shop_that_rents()
    receiver = bank()
    rows = [given(shop, owner, receiver.department) for _ in range(6)]
    barrier, heard = threading.Barrier(2 * len(rows)), {}

    def read(row):
        barrier.wait()
        try:
            sharing.read(row, by=receiver.officer)
            heard[row.pk] = 1
        except Refused:
            heard[row.pk] = 0

    def revoke(row):
        barrier.wait()
        sharing.revoke(row, by=owner)

    works = [lambda row=row: read(row) for row in rows] + [lambda row=row: revoke(row) for row in rows]
    for thread in [begin(work) for work in works]:
        thread.join()

    assert {row.pk: used(row) for row in rows} == heard
    assert not Sharing.objects.filter(revoked_at=None).exists()
