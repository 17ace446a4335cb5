"""Numbers at rest: encrypted one by one under named keys, found by blind index, rotated while the site runs."""

from io import StringIO

import pytest
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User, phone_index
from businesses.identifiers import identity_index
from businesses.models import Operator
from core.encryption import (
    Sealed,
    Unreadable,
    blind_index,
    decrypt,
    encrypt,
    encrypted_fields,
    sealed_values_are_where_they_were_written,
)

NUMBER = "52020119800101001X"
OLD, NEW = b"o" * 32, b"n" * 32


def operator():
    return Operator.objects.create(name="演示", identity=NUMBER, identity_index=identity_index(NUMBER))


def stored(pk):
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity FROM businesses_operator WHERE id = %s", [pk])
        return cursor.fetchone()[0]


@given(st.text(min_size=1))
def test_what_is_encrypted_comes_back(text):
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return
    assert decrypt(encrypt(text, "a.b.c"), "a.b.c") == text


def test_the_same_number_is_encrypted_differently_each_time_and_indexed_alike():
    assert encrypt(NUMBER, "x") != encrypt(NUMBER, "x")
    assert blind_index(NUMBER, "identity") == blind_index(NUMBER, "identity")
    assert blind_index(NUMBER, "identity") != blind_index(NUMBER, "phone")
    assert NUMBER not in encrypt(NUMBER, "x")


def test_a_ciphertext_does_not_open_in_another_column_or_after_a_change():
    sealed = encrypt(NUMBER, "businesses.operator.identity")

    for altered, column in (
        (sealed, "accounts.user.phone"),
        (sealed[:-4] + "AAA=", "businesses.operator.identity"),
        ("tests.???", "businesses.operator.identity"),
        (sealed.replace("tests.", "lost."), "businesses.operator.identity"),
    ):
        with pytest.raises(Unreadable) as problem:
            decrypt(altered, column)
        assert NUMBER not in str(problem.value)


@pytest.mark.django_db
def test_a_row_holds_ciphertext_and_shows_nothing_until_asked():
    pk = operator().pk
    read = Operator.objects.get(pk=pk)

    assert NUMBER not in stored(pk)
    assert stored(pk).startswith("tests.")
    assert isinstance(read.identity, Sealed)
    assert (str(read.identity), repr(read.identity), f"{read.identity}") == ("<Sealed>",) * 3
    assert read.identity.reveal() == NUMBER


@pytest.mark.django_db
def test_saving_a_row_that_was_read_leaves_its_ciphertext_as_it_is():
    pk = operator().pk
    before = stored(pk)

    Operator.objects.get(pk=pk).save()

    assert stored(pk) == before


@pytest.mark.django_db
def test_an_encrypted_column_cannot_be_searched():
    with pytest.raises(FieldError):
        Operator.objects.filter(identity=NUMBER).exists()
    assert Operator.objects.filter(identity__isnull=True).count() == 0


@pytest.mark.django_db
def test_a_person_is_found_by_phone_however_often_they_begin():
    first, again = User.objects.begin_with_phone("13800000001"), User.objects.begin_with_phone("13800000001")

    assert first == again == User.objects.with_phone("13800000001")
    assert "13800000001" not in first.username
    assert (User.objects.get(pk=first.pk).masked_phone, str(first)) == ("138****0001", "138****0001")
    assert User.objects.with_phone("13800000002") is None
    assert phone_index("13800000001") == first.phone_index


def rotate():
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


@pytest.mark.django_db(databases="__all__")
def test_rotation_brings_every_value_under_the_first_key_and_the_old_key_can_go(engine, settings):
    settings.ENCRYPTION_KEYS = {"old": OLD}
    people = [
        Operator.objects.create(name=f"演示{place}", identity=f"{place}", identity_index=f"{place}")
        for place in range(1201)
    ]
    settings.ENCRYPTION_KEYS = {"new": NEW, "old": OLD}
    written_meanwhile = operator()

    said = rotate()
    settings.ENCRYPTION_KEYS = {"new": NEW}

    assert "经营者 · 身份证号：换了 1201 个，现在都用密钥 new" in said
    assert {row.identity.key_id for row in Operator.objects.all()} == {"new"}
    assert [Operator.objects.get(pk=row.pk).identity.reveal() for row in people[::400]] == [
        "0",
        "400",
        "800",
        "1200",
    ]
    assert Operator.objects.get(pk=written_meanwhile.pk).identity.reveal() == NUMBER
    assert "换了 0 个" in rotate()


@pytest.mark.django_db
def test_rotation_stops_with_a_sentence_where_the_old_key_is_missing_and_spoils_nothing(settings):
    settings.ENCRYPTION_KEYS = {"old": OLD}
    pk = operator().pk
    before = stored(pk)
    settings.ENCRYPTION_KEYS = {"new": NEW}

    with pytest.raises(CommandError, match="没有密钥 old。请把旧密钥补进 ENCRYPTION_KEYS"):
        rotate()

    assert stored(pk) == before


@pytest.mark.django_db
def test_a_value_changed_during_rotation_is_left_to_who_changed_it(settings):
    from core.encryption import _replace

    pk = operator().pk
    old = stored(pk)
    another = Operator._meta.get_field("identity").seal("another", identity_index=identity_index(NUMBER))
    Operator.objects.filter(pk=pk).update(identity=another)

    changed = _replace(Operator, Operator._meta.get_field("identity"), pk, old, "new.overwritten")

    assert changed == 0
    assert Operator.objects.get(pk=pk).identity.reveal() == "another"


@pytest.mark.django_db(databases="__all__")
def test_a_ciphertext_does_not_open_in_another_row_and_the_invariant_names_it(engine):
    first, second = (
        Operator.objects.create(name="演示", identity=number, identity_index=identity_index(number))
        for number in (NUMBER, "520201198001010020")
    )
    Operator.objects.filter(pk=second.pk).update(identity=Operator.objects.get(pk=first.pk).identity)

    with pytest.raises(Unreadable):
        Operator.objects.get(pk=second.pk).identity.reveal()
    assert Operator.objects.get(pk=first.pk).identity.reveal() == NUMBER
    assert list(sealed_values_are_where_they_were_written()) == [f"经营者 {second.pk} 的身份证号"]


@pytest.mark.django_db
def test_a_value_is_written_with_its_row_or_not_at_all():
    pk = operator().pk

    with pytest.raises(TypeError, match="is written with its row"), transaction.atomic():
        Operator.objects.filter(pk=pk).update(identity="another")
    rows = [Operator(name="演示", identity=str(place), identity_index=str(place)) for place in range(3)]
    Operator.objects.bulk_create(rows)

    assert [row.identity.reveal() for row in Operator.objects.order_by("pk")] == [NUMBER, "0", "1", "2"]
    assert list(sealed_values_are_where_they_were_written()) == []


def test_every_encrypted_column_is_bound_to_its_row():
    assert [field.column_name for _, field in encrypted_fields() if not field.bound_to] == []


def test_every_encrypted_column_is_known_to_the_rotation():
    assert {field.column_name for _, field in encrypted_fields()} == {
        "accounts.user.phone",
        "businesses.operator.identity",
        "businesses.paymentaccount.number",
        "businesses.sharing.preview",
        "notifications.contactpoint.address",
        "notifications.webhookendpoint.old_secret",
        "notifications.webhookendpoint.secret",
        "subsidies.paymentbatch.content",
    }
