"""What publishing a version would change, on the screen: start, watch, read."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from businesses.models import Business
from businesses.registry import business_registry
from core.errors import Refused
from core.money import in_yuan, yuan_text
from eligibility.models import Match

from .. import impact
from ..models import ImpactRun

DRAFTED = ("draft", "proposed")
CHANGES = {"new": "新符合", "gone": "不再符合", "higher": "金额变多", "lower": "金额变少"}
MEASURES = {
    "tax": "税款按各店情况计算，不估。",
    "rate": "费率下调按缴费基数计算，不折成金额。",
    "none": "这个事项不发钱，没有金额可估。",
}
# The chart, in units of its view box.
CHART_WIDTH, ROW_HEIGHT, LEGEND_HEIGHT = 360, 44, 34


class ImpactPages:
    """The page of a version's impact, for BenefitVersionAdmin."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.impact_view))
        return [path("<number:pk>/impact/", view, name="version-impact"), *super().get_urls()]

    def impact_view(self, request, pk):
        """POST: start or go on. GET: how far it is, or what was found."""
        version = self.get_object(request, str(pk))
        if version is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        if request.method == "POST":
            return self._start(request, version)
        run = ImpactRun.objects.visible_to(request.user).filter(version=version).first()
        drafted = version.status in DRAFTED
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"发布前影响：{version}",
            "version": version,
            "run": run,
            "drafted": drafted,
            "may_start": drafted and impact.may_start(request.user, version),
            "outdated": run and run.status == "done" and drafted and impact.outdated(run),
        }
        if run and run.status == "done":
            context["is_closed"] = version.benefit.document.is_closed
            context |= found_in_words(run, request.user)
        response = render(request, "admin/eligibility/impact.html", context)
        if run and run.status == "running":
            response["Refresh"] = "2"
        return response

    def _start(self, request, version) -> HttpResponse:
        try:
            impact.start(version, by=request.user)
        except Refused as problem:
            self.message_user(request, str(problem), messages.WARNING)
        return HttpResponseRedirect(reverse("admin:version-impact", args=[version.pk]))


def found_in_words(run, user) -> dict:
    """What a finished run found, as the page shows it."""
    found = run.found
    rows = _rows(found)
    return {
        "before": found["before"]["number"],
        "totals": _with_changed(impact.totals(found)),
        "compares": impact.compares(found),
        "rows": rows,
        "chart": chart([row for row in rows if _changes(row)]),
        "money": money(found),
        "samples": _samples(found, user),
        "may_see_shops": user.has_perm("businesses.view_business"),
    }


# District by type


def _rows(found) -> list:
    """The figures of every place, in the order of districts and types, what is not known last."""
    registry = business_registry()
    labels = [
        {choice.value: choice.label for choice in registry[name].choices}
        for name in ("district", "business_type")
    ]
    orders = [[*known, ""] for known in labels]
    rows = []
    for place, row in impact.figures(found).items():
        order = [
            known.index(code) if code in known else len(known)
            for known, code in zip(orders, place, strict=True)
        ]
        district, business_type = (known.get(code, "未知") for known, code in zip(labels, place, strict=True))
        names = {"district": district, "business_type": business_type if place[1] else "未分型"}
        rows.append((order, {**_with_changed(row), **names}))
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def _with_changed(row) -> dict:
    return {**row, "changed": row["higher"] + row["lower"]}


def _changes(row):
    return row["new"] + row["gone"] + row["changed"]


def chart(rows) -> dict | None:
    """A bar for each place where something changes, split by what changes; None where nothing does."""
    if not rows:
        return None
    unit = CHART_WIDTH / max(map(_changes, rows))
    bars = []
    for number, row in enumerate(rows):
        top, left, parts = LEGEND_HEIGHT + number * ROW_HEIGHT, 0.0, []
        for kind in ("new", "gone", "changed"):
            width = round(row[kind] * unit, 1)
            if row[kind]:
                parts.append({"kind": kind, "x": f"{left:.1f}", "width": f"{max(width, 1):.1f}"})
                left += width
        words = [f"{label} {row[kind]:,}" for kind, label in BARS.items() if row[kind]]
        label = f"{row['district']} {row['business_type']}：{'，'.join(words)}"
        bars.append({"label": label, "text": top + 16, "top": top + 22, "parts": parts})
    return {"bars": bars, "height": LEGEND_HEIGHT + len(rows) * ROW_HEIGHT, "width": CHART_WIDTH}


BARS = {"new": "新符合", "gone": "不再符合", "changed": "金额变了"}


# Money


def money(found) -> dict:
    """``{"why_not"}`` where there is nothing to add up, else ``{"rows", "untold", "is_loan"}``: yuan before, after and
    their difference, over all the time and in the first year."""
    sides = [found[side] for side in ("before", "after") if found[side]["number"] is not None]
    measures = {side["measure"] for side in sides}
    if why_not := next((words for measure, words in MEASURES.items() if measure in measures), ""):
        return {"why_not": why_not}
    if len(measures) > 1:
        return {"why_not": "金额的种类变了，前后不能相减。"}
    totals = impact.totals(found)
    is_loan = "loan" in measures
    spans = {"total": "贷款额度合计" if is_loan else "全部发完"}
    if any(side["unit"] == "month" for side in sides):
        spans["year"] = "其中第一年"
    rows = []
    for kind, label in spans.items():
        before, after = (in_yuan(totals[f"{kind}_{side}"]) for side in ("before", "after"))
        rows.append({"label": label, "before": before, "after": after, "difference": after - before})
    return {"rows": rows, "untold": totals["untold_after"], "is_loan": is_loan}


# Samples


def _samples(found, user) -> list:
    """Shops by name for those who may read the register, by place alone for others."""
    rows = impact.samples(found)
    registry = business_registry()
    districts, types = (
        {choice.value: choice.label for choice in registry[name].choices}
        for name in ("district", "business_type")
    )
    shops = Business.objects.visible_to(user).in_bulk([row["business"] for row in rows])
    return [
        {
            "shop": shops.get(row["business"]),
            "district": districts.get(row["district"], "未知"),
            "business_type": types.get(row["business_type"], "未分型"),
            "change": CHANGES[row["change"]],
            "before": _state(row["before_state"], row["before_total"], found["before"]),
            "after": _state(row["after_state"], row["after_total"], found["after"]),
        }
        for row in rows
    ]


def _state(state, total, side):
    if state is None:
        return "不符合"
    words = Match.State(state).label
    return f"{words}，{_worth(total, side)}" if total is not None else words


def _worth(fen, side) -> str:
    """An amount of a decision; a rate is kept in hundredths of a percent."""
    number = yuan_text(fen)
    match side["measure"], side["unit"]:
        case "rate", _:
            return f"费率 {number}%"
        case "loan", _:
            return f"可贷 {number} 元"
        case _, "month":
            return f"共 {number} 元"
    return f"{number} 元"
