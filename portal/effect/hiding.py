"""Small counts are hidden, so that nobody gets them by subtraction either.

A cell in which there are fewer than LEAST people is left out of everything: not only its number is not shown, its rows
are in no total and in no cell of the other table. What remains may be small again, and goes too, until every month and
every benefit that is shown has people enough. So whatever is published follows from rows that stand in shown cells
alone, and says nothing of the others.
"""

from dataclasses import dataclass, field

from django.db.models import Count, QuerySet

LEAST = 5
MONTH, BENEFIT = "month", "benefit_id"
SHOWN, FEW, LEFT_OUT, NONE = "shown", "few", "left_out", "none"


@dataclass
class Kept:
    """Of rows with ``month``, ``benefit_id`` and ``person`` those of shown cells, ``rows``. ``people``: in each shown
    cell, which is a pair of column and value; ``few`` and ``left_out``: what is hidden because of its own people, or
    because of what is hidden in the other table."""

    rows: QuerySet
    people: dict = field(default_factory=dict)
    few: set = field(default_factory=set)
    left_out: set = field(default_factory=set)

    def state_of(self, cell) -> str:
        if cell in self.people:
            return SHOWN
        return FEW if cell in self.few else LEFT_OUT if cell in self.left_out else NONE

    @property
    def cells(self) -> set:
        """All in which there is anything."""
        return {*self.people, *self.few, *self.left_out}


def keep(rows: QuerySet) -> Kept:
    """What may be shown of ``rows``."""
    every = people = people_in(rows)
    while small := [cell for cell, count in people.items() if count < LEAST]:
        for column in (MONTH, BENEFIT):
            rows = rows.exclude(**{f"{column}__in": [value for name, value in small if name == column]})
        people = people_in(rows)
    few = {cell for cell, count in every.items() if count < LEAST}
    return Kept(rows, people, few, every.keys() - people.keys() - few)


def people_in(rows: QuerySet) -> dict:
    """``{(column, value): people}`` of every cell in which there is anything."""
    return {
        (column, value): people
        for column in (MONTH, BENEFIT)
        for value, people in rows.order_by()
        .values_list(column)
        .annotate(people=Count("person", distinct=True))
    }
