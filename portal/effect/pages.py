"""/effect/ 政策用得怎么样: the figures with what each counts, as charts and as tables, without scripts."""

from datetime import date
from functools import cache
from pathlib import Path

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.data_files import read_yaml
from core.models import Reckoning
from core.money import yuan_text
from eligibility.wording import plain_title
from policies.catalogue import catalogue

from .figures import NAME
from .hiding import FEW, LEAST, LEFT_OUT, SHOWN

WORDS = Path(__file__).parents[1] / "data" / "effect.yaml"
STEP, BAR, HIGH = 20, 14, 64  # of the chart: from one month to the next, a bar, and the highest of them
LOWEST = 2  # a month with something is seen


@cache
def words() -> dict:
    return read_yaml(WORDS)


@require_safe
def effect(request) -> HttpResponse:
    """One row is read, however large the city."""
    found = Reckoning.objects.filter(name=NAME).first()
    context: dict = {"least": LEAST, "day": found and found.day, "figures": []}
    if found:
        months = [date.fromisoformat(month) for month in found.content["months"]]
        titles = _titles()
        context["figures"] = [
            _figure(key, said, found.content[key], months, titles)
            for key, said in words().items()
            if key in found.content
        ]
        context |= {"first": months[0], "last": months[-1]}
    return render(request, "effect.html", context)


def _titles() -> dict:
    today = timezone.localdate()
    versions = {code: benefit.in_force_on(today) for code, benefit in catalogue().benefits.items()}
    return {code: plain_title(version) if version else code for code, version in versions.items()}


def _figure(key, said, stored, months, titles) -> dict:
    cells = stored["months"]
    return {
        **said,
        "key": key,
        "total": _total(key, said, stored),
        "bars": _bars([_height(key, cell) for cell in cells]),
        "months": [
            {"month": month, "text": _text(key, said, cell)}
            for month, cell in zip(months, cells, strict=False)
        ],
        "benefits": [
            {"code": code, "title": titles.get(code, code), "text": _text(key, said, cell)}
            for code, cell in sorted(stored["benefits"].items(), key=lambda row: _rank(key, *row))
        ],
    }


def _total(key, said, stored) -> str:
    if any(cell["state"] == SHOWN for cell in stored["benefits"].values()):
        return _numbers(key, said, stored["total"])
    return "太少，先不写" if stored["hidden"] else "还没有"


def _text(key, said, cell) -> str:
    if cell["state"] == SHOWN:
        return _numbers(key, said, cell)
    nothing = "—" if key == "days" else f"0 {said['unit']}"
    return {FEW: f"少于 {LEAST} 人", LEFT_OUT: "不单列"}.get(cell["state"], nothing)


def _numbers(key, said, cell) -> str:
    unit = said["unit"]
    if key == "days":
        return f"一半 {cell['median']} 个，九成 {cell['ninetieth']} {unit}"
    if key == "paid":
        return f"{cell['people']:,} {unit}，{yuan_text(cell['value'])} 元"
    if key == "unclaimed":
        return f"{yuan_text(cell['value'])} {unit}"
    return f"{cell.get('value', cell['people']):,} {unit}"


def _height(key, cell) -> int | None:
    """Of a month; None where it is not shown."""
    if cell["state"] != SHOWN:
        return 0 if cell["state"] not in (FEW, LEFT_OUT) else None
    return cell["median"] if key == "days" else cell["people"]


def _bars(heights) -> list[dict]:
    """What the chart draws, as text: a page writes numbers with separators."""
    if not any(height is None or height for height in heights):
        return []
    most, bars = max((height for height in heights if height), default=1), []
    for place, height in enumerate(heights):
        tall = LOWEST if height is None else max(round(HIGH * height / most), LOWEST) if height else 0
        row = {"x": place * STEP + (STEP - BAR) // 2, "y": HIGH - tall, "width": BAR, "height": tall}
        bars.append({name: str(value) for name, value in row.items()} | {"hidden": height is None})
    return bars


def _rank(key, code, cell) -> tuple:
    """What is shown before what is not, the most first."""
    return cell["state"] != SHOWN, -(_height(key, cell) or 0), code


urlpatterns = [path("effect/", effect, name="effect")]
