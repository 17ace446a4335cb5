"""Identity numbers, bank accounts and phones at rest: encrypted one by one, found again without being read.

A value is stored as ``key.base64(nonce + ciphertext)``: AES-256-GCM under the named key, bound to its column, so that a
ciphertext moved to another column does not open. Keys come from settings.ENCRYPTION_KEYS, never from the database; the
first one writes, all of them read, and ``manage.py rotate_keys`` brings old values under the first.

``blind_index`` answers "is this the same number?" without decrypting: an HMAC under a key of its own.
"""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

_NONCE_BYTES = 12
_ciphers: dict[tuple[str, bytes], AESGCM] = {}


class Unreadable(Exception):
    """A stored value whose key is not configured, or that was altered."""


def _cipher(key_id):
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


def encrypt(text: str, column: str) -> str:
    key_id, nonce = current_key(), os.urandom(_NONCE_BYTES)
    sealed = _cipher(key_id).encrypt(nonce, text.encode(), column.encode())
    return f"{key_id}.{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, column: str) -> str:
    """Raises ``Unreadable``; its message never holds the value."""
    key_id, _, body = stored.partition(".")
    cipher = _cipher(key_id)
    try:
        raw = base64.b64decode(body, validate=True)
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], column.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise Unreadable(f"{column} 里有一个值打不开：它被改动过，或密钥不对。") from None


def blind_index(text: str, purpose: str) -> str:
    """64 hexadecimal digits, the same for the same text and purpose, from which the text cannot be told."""
    return hmac.new(settings.BLIND_INDEX_KEY, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


class Sealed:
    """An encrypted value as rows hold it. It stays ciphertext until ``reveal``, so it cannot leak by being printed."""

    __slots__ = ("column", "stored")

    def __init__(self, stored, column):
        self.stored = stored
        self.column = column

    def reveal(self) -> str:
        """The text. Whoever shows it to a person logs that (accounts.access.record)."""
        return decrypt(self.stored, self.column)

    @property
    def key_id(self):
        return self.stored.partition(".")[0]

    def __repr__(self):
        return "<Sealed>"

    __str__ = __repr__

    def __eq__(self, other):
        return isinstance(other, Sealed) and other.stored == self.stored

    def __hash__(self):
        return hash(self.stored)


class EncryptedField(models.TextField):
    """Text encrypted on the way in, ``Sealed`` on the way out. Assign a str to write; it cannot be filtered by."""

    @property
    def column_name(self):
        """What a ciphertext is bound to. Renaming a model or field means re-encrypting."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def from_db_value(self, value, expression, connection):
        return None if value is None else Sealed(value, self.column_name)

    def to_python(self, value):
        return value

    def get_prep_value(self, value):
        if value is None or value == "":
            return None
        if isinstance(value, Sealed):
            return value.stored
        return encrypt(value, self.column_name)

    def get_lookup(self, name):
        return super().get_lookup(name) if name == "isnull" else None

    def value_to_string(self, instance):
        value = self.value_from_object(instance)
        return value.stored if isinstance(value, Sealed) else ""


def encrypted_fields():
    """Every EncryptedField of the project as (model, field)."""
    from django.apps import apps

    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedField):
                yield model, field


_other_values = []


def also_reencrypt(label, reencrypt):
    """Encrypted values that are no column: ``reencrypt()`` brings them under the current key, and counts."""
    _other_values.append((label, reencrypt))


def reencrypt_all():
    """Bring everything under the current key. Yields (what, rows rewritten so far, whether that is all)."""
    for model, field in encrypted_fields():
        label, changed = f"{model._meta.verbose_name} · {field.verbose_name}", 0
        for count in reencrypt(model, field):
            changed += count
            yield label, changed, False
        yield label, changed, True
    for label, others in _other_values:
        yield label, others(), True


def reencrypt(model, field, *, batch=500):
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
                changed += _replace(model, field, row.pk, old.stored, encrypt(old.reveal(), old.column))
        yield changed


def _replace(model, field, pk, old, new):
    from django.db import connection

    quote = connection.ops.quote_name
    table, column, key = map(quote, (model._meta.db_table, field.column, model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s", [new, pk, old])
        return cursor.rowcount
