"""OpenFisca over a whole register in one simulation, fed by rows or by COPY BINARY (openfisca_rules.py has the rules).

OpenFisca has no unknown: what is not known is read as a value that fails, or that passes where the rules count it as
met. Choices are read as numbers and money as
fen, in SQL, which favours OpenFisca. States, later days, dates, upper bounds and taxes have no variable here.
"""

import io

import numpy
from openfisca_core.simulations import SimulationBuilder

from businesses.facts import BUILT_IN_REGISTRY

from .openfisca_rules import AMOUNTS, FACTS, GROUPS, LEAVES, system

FAR = "DATE '2200-01-01'"
HEADER = 19  # of COPY BINARY: signature, flags, length of what follows
EPOCH = numpy.datetime64("2000-01-01", "D")
# What stands for the unknown; 0, false, the far future or no choice for the others.
STANDS_FOR_UNKNOWN = {
    "operating_status": "operating",
    "born_on": "DATE '1995-01-01'",
    "good_credit": True,
    "leads_agri_enterprise": True,
    "premises_compliant": True,
    "agri_industry": "none",
    "insured_headcount_last_year": -1,
    "layoff_claimants_last_year": 1_000_000,
    "deduction_months_used": 99,
    "rent_subsidy_months_received": 99,
    "startup_subsidy_received": True,
    "agri_startup_subsidy_received": True,
    "rent_reduction_received": True,
}


def _columns():
    """(name, SQL, type on the wire, type of the array)."""
    yield "id", "id", ">i8", "int64"
    yield "operator_id", "operator_id", ">i8", "int64"
    yield "version", "version", ">i4", "int32"
    yield "groups", "COALESCE(operator_groups_yes, 0)", ">i8", "int64"
    for name in FACTS["date"]:
        yield name, f"COALESCE({name}, {STANDS_FOR_UNKNOWN.get(name, FAR)})", ">i4", "datetime64[D]"
    for name in FACTS["integer"]:
        yield name, f"COALESCE({name}, {STANDS_FOR_UNKNOWN.get(name, 0)})", ">i4", "int32"
    for name in FACTS["money"]:
        yield name, f"CAST(ROUND(COALESCE({name}, 0) * 100) AS integer)", ">i4", "int32"
    for name in FACTS["bool"]:
        yield name, f"COALESCE({name}, {STANDS_FOR_UNKNOWN.get(name, False)})", "?", "bool"
    for name in FACTS["choice"]:
        values = [choice.value for choice in BUILT_IN_REGISTRY[name].choices]
        numbers = " ".join(f"WHEN '{value}' THEN {number}" for number, value in enumerate(values))
        unknown = values.index(STANDS_FOR_UNKNOWN[name]) if name in STANDS_FOR_UNKNOWN else -1
        yield name, f"CASE {name} {numbers} ELSE {unknown} END", ">i4", "int32"


COLUMNS = list(_columns())
SELECT = f"SELECT {', '.join(sql for _, sql, _, _ in COLUMNS)} FROM businesses_business WHERE operator_id IS NOT NULL"


def by_rows(cursor, limit=""):
    """The arrays by name, from rows as Django fetches them."""
    cursor.execute(f"{SELECT} {limit}")
    columns = zip(*cursor.fetchall(), strict=True)
    return {
        name: numpy.array(values, dtype=kind)
        for (name, _, _, kind), values in zip(COLUMNS, columns, strict=True)
    }


def by_copy(cursor, limit=""):
    """The same from COPY BINARY: no column is null, so all rows are of one length."""
    file = io.BytesIO()
    cursor.copy_expert(f"COPY ({SELECT} {limit}) TO STDOUT (FORMAT binary)", file)
    pairs = [part for name, _, wire, _ in COLUMNS for part in ((f"length of {name}", ">i4"), (name, wire))]
    layout = numpy.dtype([("fields", ">i2"), *pairs])
    data = file.getbuffer()
    rows = (len(data) - HEADER) // layout.itemsize  # a trailer of two bytes follows
    table = numpy.frombuffer(data, layout, rows, HEADER)
    return {name: _array(table[name], kind) for name, _, _, kind in COLUMNS}


def _array(column, kind):
    return EPOCH + column.astype("int32") if kind.startswith("datetime") else column.astype(kind)


class Register:
    """Every benefit, or one, for all shops at once."""

    def __init__(self, day):
        self.day = day.isoformat()
        self.system = system(numbered=True)

    def answer(self, arrays, codes=tuple(LEAVES)):
        """(verdicts, amounts in fen) by code, arrays over the shops; no leaf is asked for by itself."""
        simulation = SimulationBuilder().build_default_simulation(self.system, len(arrays["id"]))
        for names in FACTS.values():
            for name in names:
                simulation.set_input(name, self.day, arrays[name])
        for member in GROUPS:
            bit = BUILT_IN_REGISTRY["operator_groups"].mask([member])
            simulation.set_input(f"is_{member}", self.day, (arrays["groups"] & bit) != 0)
        calculate = simulation.calculate
        verdicts = {code: calculate(code, self.day) for code in codes}
        return verdicts, {code: calculate(f"{code}_amount", self.day) for code in codes if code in AMOUNTS}

    def count(self, arrays):
        """{code: [how many fit, sum of the amounts]}."""
        verdicts, amounts = self.answer(arrays)
        return {
            code: [
                int(verdicts[code].sum()),
                int(amounts[code].sum(dtype="int64")) if code in amounts else 0,
            ]
            for code in verdicts
        }


# Rows back


def copy_in(cursor, arrays, fits, value, version, run_id, day):
    """COPY decisions and messages of those that fit (None: all) into the product's tables."""
    shops, people, facts = arrays["id"], arrays["operator_id"], arrays["version"]
    if fits is not None:
        shops, people, facts, value = shops[fits], people[fits], facts[fits], value[fits]
    on = int((numpy.datetime64(day, "D") - EPOCH).astype(int))
    _copy(
        cursor,
        "eligibility_match",
        len(shops),
        {
            "benefit_id": (">i8", version.benefit_id),
            "version_id": (">i8", version.pk),
            "decided_on": (">i4", on),
            "business_id": (">i8", shops),
            "operator_id": (">i8", people),
            "facts_version": (">i4", facts),
            "state": (">i2", 1),
            "value_fen": (">i8", value),
        },
    )
    order = numpy.lexsort((shops, people))
    people, first = numpy.unique(people[order], return_index=True)
    now = int((numpy.datetime64("now", "us") - EPOCH.astype("datetime64[us]")).astype("int64"))
    _copy(
        cursor,
        "notifications_notification",
        len(people),
        {
            "operator_id": (">i8", people),
            "business_id": (">i8", shops[order][first]),
            "benefit_id": (">i8", version.benefit_id),
            "version_id": (">i8", version.pk),
            "run_id": (">i8", run_id),
            "kind": (">i2", 1),
            "day": (">i4", on),
            "created_at": (">i8", now),
        },
    )


def _copy(cursor, table, count, columns):
    """COPY BINARY of arrays, or of one value for all rows. ``columns``: {name: (type on the wire, values)}."""
    pairs = [
        part for name, (wire, _) in columns.items() for part in ((f"length of {name}", ">i4"), (name, wire))
    ]
    rows = numpy.empty(count, numpy.dtype([("fields", ">i2"), *pairs]))
    rows["fields"] = len(columns)
    for name, (wire, values) in columns.items():
        rows[f"length of {name}"], rows[name] = numpy.dtype(wire).itemsize, values
    header = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    file = io.BytesIO(header + rows.tobytes() + b"\xff\xff")
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)", file)
