"""The two verbs: take a chunk in, and put an import back."""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction

from ..models import Operator
from .chunk import Chunk
from .shapes import Arrival, Before, Taken
from .writing import Writer


def take_in(
    arrivals: Iterable[Arrival],
    *,
    on: date,
    by=None,
    run_id: int | None = None,
    may_create=True,
    write=True,
) -> Taken:
    """Put a chunk of arrivals into the register, in one transaction. ``on``: the day they speak of.

    A shop or a person comes once in a chunk by its key, or the later row wins over the earlier. Without ``may_create``
    unknown shops and people are ``strangers`` and nothing is done for them. ``write=False`` only counts.
    Whoever locks a shop before this, in the same transaction, does so by ``lock``.
    """
    arrivals = list(arrivals)
    while True:
        chunk = Chunk(arrivals, on.isoformat(), may_create=may_create)
        try:
            with transaction.atomic():
                chunk.read(locked=write)
                chunk.take()
                if write:
                    Writer(chunk, by=by, run_id=run_id).write()
            return chunk.taken
        except IntegrityError:
            # Somebody else has brought the same new shop or person in the meantime: read again, they are known.
            if not chunk.has_become_known():
                raise


def put_back(shops: dict[int, Before], people: dict[int, Before], *, by=None) -> set[int]:
    """Undo an import for shops and people, by id, in one transaction. What others have said since stands.

    Returns the shops that went back to whom they had before and were bound since: the binding has ended.
    """
    ids = {*people, *(before.operator_id for before in shops.values() if before.operator_id)}
    arrivals = [Arrival({}, business_id=pk) for pk in shops] + [Arrival({}, operator_id=pk) for pk in ids]
    chunk = Chunk(arrivals, "", may_create=False)
    with transaction.atomic():
        chunk.read(locked=True)
        chunk.put_back(shops, people)
        writer = Writer(chunk, by=by)
        writer.write()
        unknown = [pk for pk, before in people.items() if before.unknown]
        if unknown:
            Operator.objects.filter(pk__in=unknown).update(identity=None, identity_index=None)
    return writer.unbound
