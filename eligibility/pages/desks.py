"""去哪里: where a benefit is done, as far as the bureau has stated it. What it has not is counted and said once."""

from businesses.facts import DISTRICTS

_NAMES = {choice.value: choice.label for choice in DISTRICTS}
_STATED = (("place", "窗口在哪里"), ("phone", "电话"), ("hours", "几点开门"))


def shown(desks, district="") -> dict:
    """``{rows, missing}``: the desks, those of the reader's own ``district`` first; the labels of what no desk, or not
    every one, has stated."""
    ordered = sorted(desks, key=lambda desk: desk.district != district if district else False)
    return {
        "rows": [_row(desk) for desk in ordered],
        "missing": [
            label for name, label in _STATED if not desks or not all(getattr(desk, name) for desk in desks)
        ],
    }


def _row(desk) -> dict:
    where = _NAMES.get(desk.district, "")
    return {
        "name": f"{desk.department.name}（{where}）" if where else desk.department.name,
        "place": desk.place,
        "phone": desk.phone,
        "hours": desk.hours,
    }
