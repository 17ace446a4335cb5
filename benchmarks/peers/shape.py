"""What all peers share: how the leaves of each money benefit are joined, and the groups of operators they name."""

from datetime import date

from businesses.retirement import retirement_day

# By the product's own ids: a tuple is all of its parts, a list any of them.
SHAPES = {
    "M01a": ("1", "2"),
    "M01b": ("1", "2", "3", "4", "5", [("6.1.1", "6.1.2"), ("6.2.1", "6.2.2")], "7"),
    "M01c": ("1", "2", "3", "4", "5", "6", "7", "8"),
    "M04a": ("1", "2"),
    "M04b": ("1", "2"),
    "M04c": ("1", "2", "3", "4", "5", "6"),
    "M05a": ([("1.1.1", "1.1.2", "1.1.3"), "1.2"], "2", "3", "4", "5", "6", "7"),
    "M05b": ("1", "2", "3", "4", "5", "6", "7"),
    "M05c": ("1", "2", "3", "4", "5", "6", "7", "8"),
}
BORROWERS = [
    "registered_unemployed",
    "hard_to_employ",
    "disabled",
    "veteran",
    "released_prisoner",
    "graduate",
    "overcapacity_worker",
    "returning_migrant_worker",
    "online_merchant",
    "poverty_alleviated",
    "rural_entrepreneur",
]
DEDUCTING = [
    "self_employed_veteran",
    "poverty_alleviated",
    "unemployed_half_year",
    "zero_employment_family",
    "subsistence_family",
    "graduation_year_graduate",
]
SUPPORTED = ["hard_to_employ", "migrant_worker", "veteran"]
WIDER = {
    "self_employed_veteran": "veteran",
    "returning_migrant_worker": "migrant_worker",
    "graduation_year_graduate": "graduate",
    "unemployed_half_year": "registered_unemployed",
}


def met(shape, outcome):
    """Whether ``shape`` holds. ``outcome(id)`` tells of a leaf, as a bool or as an array of them."""
    if isinstance(shape, str):
        return outcome(shape)
    parts = [met(part, outcome) for part in shape]
    result = parts[0]
    for part in parts[1:]:
        result = result & part if isinstance(shape, tuple) else result | part
    return result


def with_retirement(raw):
    """A profile whose every fact is known, with the day that the register keeps beside what it follows from."""
    return {**raw, "retires_on": retirement_day(date.fromisoformat(raw["born_on"]), raw["sex"]).isoformat()}


def with_wider(members):
    """A member brings along the wider group it belongs to."""
    return sorted({*members, *(WIDER[member] for member in members if member in WIDER)})
