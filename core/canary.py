"""Whether the keys in the environment are those of the data: a known text, sealed with each encryption key and indexed
with the blind index key, is opened at every start and by ``check_invariants``.

A database that was restored beside other keys would else take new numbers under them and find no old one.
"""

from collections.abc import Iterable

from .encryption import Unreadable, blind_index, current_key, decrypt, encrypt, encrypted_fields
from .invariants import invariant
from .models import KeyCanary

KNOWN, COLUMN = "六盘水政策直通车", "core.keycanary.text"
INDEX, SEALED = "index", "key "


def write(using="default", **kwargs) -> None:
    """For post_migrate, and after a change of keys: what is not there yet."""
    rows = KeyCanary.objects.using(using)
    rows.get_or_create(name=INDEX, defaults={"text": blind_index(KNOWN, "canary")})
    name = f"{SEALED}{current_key()}"
    if not rows.filter(name=name).exists():
        rows.get_or_create(name=name, defaults={"text": encrypt(KNOWN, COLUMN)})


def forget_old_keys() -> None:
    """Everything is under the current key now: the others may go from the environment."""
    write()
    KeyCanary.objects.filter(name__startswith=SEALED).exclude(name=f"{SEALED}{current_key()}").delete()


@invariant("密钥是建库时用的那些，加密的数据打得开")
def problems() -> Iterable[str]:
    """A Chinese sentence for each key that is not the one of the data."""
    for row in KeyCanary.objects.order_by("name"):
        if row.name == INDEX:
            if row.text != blind_index(KNOWN, "canary"):
                yield "BLIND_INDEX_KEY 不是建库时用的那个，按身份证号和手机号找不到人。请换回原来的密钥。"
        elif not _opens(row.text):
            key = row.name.removeprefix(SEALED)
            yield f"数据是用密钥 {key} 加密的，现在的 ENCRYPTION_KEYS 打不开。请把原来的密钥补进去。"


def _opens(text) -> bool:
    try:
        return decrypt(text, COLUMN) == KNOWN
    except Unreadable:
        return False


@invariant("每一列加密的数据都能用现在的密钥打开")
def columns_open() -> Iterable[str]:
    """The first and the last value of each; all of them would take hours."""
    for model, field in encrypted_fields():
        rows = model._base_manager.exclude(**{f"{field.name}__isnull": True})
        for row in {*rows.order_by("pk")[:1], *rows.order_by("-pk")[:1]}:
            try:
                getattr(row, field.name).reveal()
            except Unreadable:
                yield f"{model._meta.verbose_name} {row.pk} 的{field.verbose_name}打不开"
