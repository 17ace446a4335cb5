"""Identity numbers, bank accounts and phones at rest: encrypted one by one, found again without being read.

A value is stored as ``key.base64(nonce + ciphertext)``: AES-256-GCM under the named key, bound to its column and to its
row, so that a ciphertext moved elsewhere does not open. A row is told by columns that are known before it is inserted
(``EncryptedField.bound_to``). Keys come from settings.ENCRYPTION_KEYS, never from the database; the
first one writes, all of them read, and ``manage.py rotate_keys`` brings old values under the first.

``blind_index`` answers "is this the same number?" without decrypting: an HMAC under a key of its own.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from types import SimpleNamespace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from .invariants import invariant

_NONCE_BYTES = 12
_ciphers: dict[tuple[str, bytes], AESGCM] = {}


class Unreadable(Exception):
    """A stored value whose key is not configured, or that was altered."""


def _cipher(key_id) -> AESGCM:
    try:
        key = settings.ENCRYPTION_KEYS[key_id]
    except KeyError:
        raise Unreadable(f"ENCRYPTION_KEYS 里没有密钥 {key_id}。") from None
    if (key_id, key) not in _ciphers:
        _ciphers[key_id, key] = AESGCM(key)
    return _ciphers[key_id, key]


def current_key() -> str:
    """The id of the key that new values are written under."""
    return next(iter(settings.ENCRYPTION_KEYS))


def encrypt(text: str, place: str) -> str:
    """``place``: what the value is bound to, a column and what tells its row."""
    key_id, nonce = current_key(), os.urandom(_NONCE_BYTES)
    sealed = _cipher(key_id).encrypt(nonce, text.encode(), place.encode())
    return f"{key_id}.{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, place: str) -> str:
    """Raises ``Unreadable``; its message never holds the value."""
    key_id, _, body = stored.partition(".")
    cipher = _cipher(key_id)
    try:
        raw = base64.b64decode(body, validate=True)
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError):
        column = place.partition("\0")[0]
        raise Unreadable(f"{column} 里有一个值打不开：它被改动过、移动过，或密钥不对。") from None


def blind_index(text: str, purpose: str) -> str:
    """64 hexadecimal digits, the same for the same text and purpose, from which the text cannot be told."""
    return hmac.new(settings.BLIND_INDEX_KEY, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


class Sealed:
    """An encrypted value as rows hold it. It stays ciphertext until ``reveal``, so it cannot leak by being printed.

    ``row``: where it was read, with the columns that its field is bound to; an instance's values know theirs.
    """

    __slots__ = ("field", "row", "stored")

    def __init__(self, stored, field, row=None) -> None:
        self.stored = stored
        self.field = field
        self.row = row

    def belonging_to(self, row) -> "Sealed":
        """The same value read from ``row``: for who reads columns without instances."""
        return Sealed(self.stored, self.field, row)

    def reveal(self) -> str:
        """The text. Whoever shows it to a person logs that (accounts.access.record). Raises ``Unreadable``."""
        return decrypt(self.stored, self.field.place_of(self.row))

    @property
    def key_id(self) -> str:
        return self.stored.partition(".")[0]

    def __repr__(self) -> str:
        return "<Sealed>"

    __str__ = __repr__

    def __eq__(self, other) -> bool:
        return isinstance(other, Sealed) and other.stored == self.stored

    def __hash__(self) -> int:
        return hash(self.stored)


class _SealedAttribute(DeferredAttribute):
    """Gives a value together with its row. Kept apart from it: together they would only be freed by the collector."""

    def __get__(self, instance, cls=None) -> object:
        value = super().__get__(instance, cls)
        return value.belonging_to(instance) if isinstance(value, Sealed) else value

    def __set__(self, instance, value) -> None:
        held = value.belonging_to(None) if isinstance(value, Sealed) else value
        instance.__dict__[self.field.attname] = held


class EncryptedField(models.TextField):
    """Text encrypted when its row is saved, ``Sealed`` on the way out. Assign a str to write; it cannot be filtered by.

    ``bound_to``: names of columns that together tell the row from every other in which somebody could wish the value
    to stand, and that never change without it. They are no part of the schema. Who writes without an instance calls
    ``seal``.
    """

    descriptor_class = _SealedAttribute

    def __init__(self, *args, bound_to=(), **options) -> None:
        super().__init__(*args, **options)
        self.bound_to = tuple(bound_to)

    @property
    def column_name(self) -> str:
        """What a ciphertext is bound to, beside its row. Renaming a model or field means re-encrypting."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def place_of(self, row) -> str:
        """What a ciphertext of ``row``, anything with the columns of ``bound_to``, is bound to."""
        return "\0".join([self.column_name, *(str(getattr(row, name)) for name in self.bound_to)])

    def seal(self, text: str | None, **row) -> Sealed | None:
        """``text`` for the row with these columns, to be written by ``update`` or in bulk."""
        if not text:
            return None
        found = SimpleNamespace(**row)
        return Sealed(encrypt(text, self.place_of(found)), self, found)

    def from_db_value(self, value, expression, connection) -> Sealed | None:
        return None if value is None else Sealed(value, self)

    def to_python(self, value) -> object:
        return value

    def pre_save(self, instance, add) -> Sealed | None:
        value = super().pre_save(instance, add)
        return (
            Sealed(encrypt(value, self.place_of(instance)), self)
            if value and isinstance(value, str)
            else value
        )

    def get_prep_value(self, value) -> str | None:
        if value is None or value == "":
            return None
        if isinstance(value, Sealed):
            return value.stored
        raise TypeError(f"{self.column_name} is written with its row: save an instance, or call seal().")

    def get_lookup(self, name) -> type | None:
        return super().get_lookup(name) if name == "isnull" else None

    def value_to_string(self, instance) -> str:
        value = self.value_from_object(instance)
        return value.stored if isinstance(value, Sealed) else ""


def encrypted_fields() -> Iterator:
    """Every EncryptedField of the project as (model, field)."""
    from django.apps import apps

    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedField):
                yield model, field


_other_values = []


def also_reencrypt(label, reencrypt) -> None:
    """Encrypted values that are no column: ``reencrypt()`` brings them under the current key, and counts."""
    _other_values.append((label, reencrypt))


def reencrypt_all() -> Iterator:
    """Bring everything under the current key. Yields (what, rows rewritten so far, whether that is all)."""
    for model, field in encrypted_fields():
        label, changed = f"{model._meta.verbose_name} · {field.verbose_name}", 0
        for count in reencrypt(model, field):
            changed += count
            yield label, changed, False
        yield label, changed, True
    for label, others in _other_values:
        yield label, others(), True


def reencrypt(model, field, *, batch=500) -> Iterator:
    """Bring a column under the current key while the site runs. Yields the number of rows rewritten, batch by batch.

    A row that someone changes meanwhile is left to them: they write under the current key anyway.
    """
    prefix = f"{current_key()}."
    rows = model._base_manager.exclude(**{f"{field.name}__isnull": True}).order_by("pk")
    last = None
    while found := list((rows.filter(pk__gt=last) if last is not None else rows)[:batch]):
        last, changed = found[-1].pk, 0
        for row in found:
            old = getattr(row, field.name)
            if not old.stored.startswith(prefix):
                changed += _replace(
                    model, field, row.pk, old.stored, encrypt(old.reveal(), field.place_of(row))
                )
        yield changed


def _replace(model, field, pk, old, new) -> int:
    from django.db import connection

    from .sql import name, sql

    statement = sql(
        "UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s",
        table=model,
        column=name(field.column),
        key=name(model._meta.pk.column),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [new, pk, old])
        return cursor.rowcount


def unreadable(model, field) -> Iterable[object]:
    """Keys of the rows whose value does not open where it stands: moved there, altered, or of a lost key."""
    rows = model._base_manager.exclude(**{f"{field.name}__isnull": True}).order_by("pk")
    for pk, value, *row in rows.values_list("pk", field.name, *field.bound_to).iterator(2_000):
        try:
            value.belonging_to(SimpleNamespace(**dict(zip(field.bound_to, row, strict=True)))).reveal()
        except Unreadable:
            yield pk


@invariant("封存的号码都在自己的那一行，都打得开")
def sealed_values_are_where_they_were_written() -> Iterator[str]:
    for model, field in encrypted_fields():
        for pk in unreadable(model, field):
            yield f"{model._meta.verbose_name} {pk} 的{field.verbose_name}"
