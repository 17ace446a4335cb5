"""为什么收到: what changed for a shop so that a message was written, in its owner's own facts and the rule's clauses.

Nothing of it is stored with the message: facts have their history, rules their versions, and a day turns by itself.
What is told is what was so when the message was written, whatever has become of it.
"""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.utils import timezone

from businesses import merge
from businesses.facts import SOURCES
from businesses.industries import industry_text
from businesses.models import Change as FactChange
from businesses.registry import business_registry
from core.errors import Invalid
from core.facts import Misread, Profile
from core.wording import day_text, value_text
from eligibility.matches.affected import reads
from eligibility.wording import answer_rows
from policies.catalogue import CatalogueBenefit, PublishedVersion
from policies.criteria.operators import ONE_DAY
from policies.criteria.rows import rows
from policies.criteria.states import assess_all

from ..models import Change, Notification, PushRun

MOST_CHANGES = 200
MOST_SHOWN = 6
Cause = PushRun.Cause


@dataclass
class Reason:
    """``says``: in one sentence; ``facts``: what changed, ``[{label, before, after, source, on}]``; ``rows``: criteria
    it bears on, as eligibility.wording has them, each with ``own``; ``folded``: those that pass, where nothing in
    particular has changed; ``gone``: sentences no longer asked for."""

    says: str
    facts: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    folded: list = field(default_factory=list)
    gone: list = field(default_factory=list)


@dataclass(frozen=True)
class About:
    """What a message is about: its shop with the shop's profile as it was then (``profile_then``), the benefit, and the
    version it was written from (None where that has been withdrawn since)."""

    notification: Notification
    shop: object
    profile: object
    benefit: CatalogueBenefit
    version: PublishedVersion | None

    def assessed(self, rule, day):
        return assess_all([rule], self.profile, day)[0]


def profile_then(profile: Profile, shop, moment) -> Profile:
    """``profile``, as it stands today, with what has changed since ``moment`` taken back. Facts that the market
    regulator's rules derive have no history and stay as they are."""
    values, sources, seen = dict(profile.values), dict(profile.sources), set()
    registry = business_registry()
    changes = (
        FactChange.objects.filter(_of(shop), at__gt=moment).order_by("pk").values_list("facts", flat=True)
    )
    for facts in changes:
        for name, (before, source, _, _) in facts.items():
            if name in seen or name not in registry:  # the first change since tells what was so then
                continue
            seen.add(name)
            inside = _inside(registry[name], before)
            values.pop(name, None)
            sources.pop(name, None)
            if inside is not None:
                values[name], sources[name] = inside, source
    registry.complete(values, sources)
    return Profile(values, sources, profile.asked)


def _inside(fact, value):
    """A value of the history in the shape rules read; None where it is unknown, or no longer of a kind we know."""
    try:
        return None if value is None else merge.inside(fact, value)
    except (Misread, Invalid, KeyError, TypeError):
        return None


def reason_of(about: About) -> Reason:
    """Why this message was written."""
    row = about.notification
    if about.version is None:
        return Reason("当时的这一版政策已经撤回，条件不再适用。")
    if row.kind == Change.REMINDER:
        return _reminder(about)
    return {Cause.PROFILE: _facts_changed, Cause.CALENDAR: _day_came, Cause.POLICY: _policy_changed}[
        row.run.cause
    ](about)


# Facts


def _facts_changed(about):
    facts = changed_facts(about)
    if not facts:
        return _of_all("第一次按您店铺的信息查这项政策。", about)
    names = {fact["name"] for fact in facts}
    bearing = [row for row in _own_rows(about, about.notification.day) if names.intersection(row["facts"])]
    return Reason("您店铺的信息有变化。", facts=facts, rows=bearing)


def changed_facts(about: About) -> list[dict]:
    """The facts the rule reads that changed between the decision before and this one, the latest first."""
    row, registry = about.notification, business_registry()
    changes = FactChange.objects.filter(at__lte=row.created_at)
    if since := _decided_before(row):
        changes = changes.filter(at__gt=since)
    changes = changes.filter(_of(about.shop)).order_by("-pk")[:MOST_CHANGES]
    read, net = reads(about.version.rule), {}
    for change in reversed(changes):
        for name, (before, _, after, source) in change.facts.items():
            if name in read and name in registry:
                first = net[name]["was"] if name in net else before
                net[name] = {"was": first, "became": after, "source": source, "change": change}
    changed = [name for name in registry if name in net and net[name]["was"] != net[name]["became"]]
    changed.sort(
        key=lambda name: net[name]["change"].pk, reverse=True
    )  # alike ones stay in the order of the list
    return [_as_told(registry[name], **net[name]) for name in changed[:MOST_SHOWN]]


def _as_told(fact, *, was, became, source, change) -> dict:
    return {
        "name": fact.name,
        "label": fact.label,
        "before": stored_text(fact, was),
        "after": stored_text(fact, became),
        "source": SOURCES.get(source, ""),
        "on": timezone.localtime(change.at).date(),
    }


def _of(shop):
    mine = Q(business=shop.pk)
    return mine | Q(operator=shop.operator_id) if shop.operator_id else mine


def _decided_before(row):
    """When the benefit was last decided for this shop: by a message before, or for everybody; None where never."""
    told = Notification.objects.filter(operator=row.operator_id, benefit=row.benefit_id, pk__lt=row.pk)
    swept = PushRun.objects.filter(
        version__benefit=row.benefit_id, cause=Cause.POLICY, created_at__lt=row.created_at
    )
    moments = [
        told.order_by("-pk").values_list("created_at", flat=True).first(),
        swept.order_by("-pk").values_list("created_at", flat=True).first(),
    ]
    return max(filter(None, moments), default=None)


def stored_text(fact, value) -> str:
    """A value of the history of facts as its owner reads it. Never fails: old rows may hold what is no longer known."""
    if value is None:
        return "还不知道"
    if (inside := _inside(fact, value)) is None:
        return "（旧的写法）"
    return industry_text(value) if fact.type == "code" else value_text(fact, inside)


# The calendar


def _day_came(about):
    """The criteria whose date turned on that day, or on the last one before it: missed days are caught up in one."""
    row, day = about.notification, about.notification.day
    window = about.version.rule.window
    if row.kind == Change.ENDED:
        if window.closes_on and window.closes_on < day:
            return Reason(f"这项政策办到 {day_text(window.closes_on)}为止。")
        last = day - ONE_DAY
        ended = _turned(about, day, "met_until", last)
        return Reason(_ended_on(ended) or "有一项条件到期了。", rows=ended)
    if window.opens_on and window.opens_on == day:
        return Reason(f"这项政策从 {day_text(day)}起可以办。")
    begun = _turned(about, day, "met_from", day)
    return Reason(f"从 {day_text(day)}起，时间上的条件满足了。", rows=begun)


def _ended_on(ended) -> str:
    return f"有一项条件只到 {day_text(date.fromisoformat(ended[0]['met_until']))}。" if ended else ""


def _turned(about, day, edge, latest) -> list:
    """The rows of which ``edge`` is the newest day not after ``latest``."""
    on = latest if edge == "met_until" else day
    begun = [row for row in _own_rows(about, on) if row[edge] and row[edge] <= latest.isoformat()]
    newest = max((row[edge] for row in begun), default=None)
    return [row for row in begun if row[edge] == newest]


def _reminder(about):
    """What ends, or begins, on the day that comes near."""
    row = about.notification
    window, today = about.version.rule.window, row.run.day
    left = (row.day - today).days
    assessment = about.assessed(about.version.rule, today)
    near = [
        shown
        for shown in _shown_rows(assessment)
        if row.day.isoformat() in (shown["met_from"], shown["met_until"])
    ]
    if assessment.state == "soon":
        return Reason(f"再过 {left} 天，到 {day_text(row.day)}就可以了。", rows=near)
    whose = "这项政策" if window.closes_on == row.day else "您"
    what = "享受到" if assessment.state == "auto" else "办到" if whose == "这项政策" else "能办到"
    return Reason(f"{whose}{what} {day_text(row.day)}为止，还剩 {left} 天。", rows=near)


# The policy


def _policy_changed(about):
    row, rule = about.notification, about.version.rule
    if row.run.scope.startswith("document days"):
        return _of_all("政策文件的施行日期或失效日期有变化。", about)
    if row.run.scope.startswith("document "):
        return _of_all("政策文件的状态有变化。", about)
    if row.run.ends:
        return Reason("这项政策撤回了，没有新的一版。")
    if row.run.scope.startswith("after version"):
        return _of_all(f"后来的一版撤回了，又按第 {rule.number} 版办。", about)
    if _stood_before(row):
        return _day_of_the_policy(about)
    before = _version_before(about)
    if before is None:
        return _of_all("这项政策新发布。", about)
    return _compared(about, before.rule)


def _day_of_the_policy(about):
    """The version stood before, and everybody was judged anew because its window or a figure turned on that day."""
    day, window = about.notification.day, about.version.rule.window
    if window.opens_on == day:
        return _of_all(f"这项政策从 {day_text(day)}起可以办。", about)
    if window.closes_on and window.closes_on + ONE_DAY == day:
        return Reason(f"这项政策办到 {day_text(window.closes_on)}为止。")
    return _of_all(f"从 {day_text(day)}起，政策里的标准有变化。", about)


def _stood_before(row) -> bool:
    """Whether everybody had been judged by this version before the run that wrote the message."""
    swept = PushRun.objects.filter(version=row.version_id, cause=Cause.POLICY, pk__lt=row.run_id)
    return swept.exists()


def _version_before(about):
    older = [version for version in about.benefit.versions if version.rule.number < about.version.rule.number]
    return max(older, key=lambda version: version.rule.number, default=None)


def _compared(about, before):
    """The criteria that this version asks of the shop and the one before did not, and the other way round."""
    day, rule = about.notification.day, about.version.rule
    old = [row["sentence"] for row in rows(about.assessed(before, day))]
    new = _own_rows(about, day)
    kept = {row["sentence"] for row in new}
    asked = [row for row in new if row["sentence"] not in old]
    gone = [sentence for sentence in old if sentence not in kept]
    says = f"政策有了新的一版：第 {rule.number} 版。"
    if not asked and not gone:
        says += "条件没有变。"
        if before.amount != rule.amount:
            says += "金额的算法变了。"
        if before.window != rule.window:
            says += "办理的时间变了。"
    return Reason(says, rows=asked, gone=gone)


# Rows


def _of_all(says, about):
    """A reason that bears on every criterion: those that pass are folded."""
    criteria = _own_rows(about, about.notification.day)
    passing = [row for row in criteria if row["result"] == "pass"]
    return Reason(says, rows=[row for row in criteria if row["result"] != "pass"], folded=passing)


def _own_rows(about, day):
    return _shown_rows(about.assessed(about.version.rule, day))


def _shown_rows(assessment) -> list:
    return [{**row, "own": own_value(row)} for row in answer_rows(assessment)]


def own_value(row) -> str:
    """The owner's own value of a criterion with where it comes from; empty for a group and where none is known."""
    registry = business_registry()
    facts = [registry.get(name) for name in row["facts"]]
    if row.get("alternatives") or row["actual"] is None or None in facts:
        return ""
    values = row["actual"] if len(facts) > 1 else [row["actual"]]
    parts = [
        f"{fact.label} {_value(fact, value)}" if len(facts) > 1 else _value(fact, value)
        for fact, value in zip(facts, values, strict=True)
    ]
    source = SOURCES.get(row["source"], "")
    return "，".join(parts) + (f"（{source}）" if source else "")


def _value(fact, value):
    if fact.type == "code":
        return industry_text(value)
    return value_text(fact, fact.read(value))
