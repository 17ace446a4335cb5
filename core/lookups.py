"""Lookups of our own."""

import json
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Field, ForeignObject, IntegerField, Lookup
from django.db.models.lookups import In

from .sql import SQL, sql


@IntegerField.register_lookup
class IntegersIn(In):
    """``in`` where a number may have been typed by anybody: what no column can hold is in no row. Of a single number
    Django knows that by itself; in a list the database would break off."""

    def process_rhs(self, compiler, connection) -> tuple:
        if self.rhs_is_direct_value():
            least, most = connection.ops.integer_field_range(self.lhs.output_field.get_internal_type())
            self.rhs = [value for value in self.rhs if not isinstance(value, int) or least <= value <= most]
        return super().process_rhs(compiler, connection)


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``filter(pk__any_of=ids)``: what ``in`` says, for ids by the thousand: one parameter, however many they are.

    Of ``in`` Django prepares each value by itself, which takes longer than the query.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def get_prep_lookup(self) -> list:
        return list(self.rhs)

    def as_sql(self, compiler, connection) -> tuple[str, Any]:
        if not self.rhs:
            raise EmptyResultSet
        left, parameters = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return sql("{left} = ANY(%s)", left=SQL(left)), [*parameters, self.rhs]
        among = sql("{left} IN (SELECT value FROM json_each(%s))", left=SQL(left))
        return among, [*parameters, json.dumps(self.rhs)]
