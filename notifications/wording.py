"""The words of a message, made when it is read or sent: from the benefit's content and the decision stored today.

``of_many`` takes the same number of queries however many messages there are. Digests are in outside/digests.py.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from businesses.models import Business
from core.money import FEN_IN_YUAN, in_yuan, yuan_text
from core.wording import day_text
from eligibility.models import Match
from eligibility.wording import figure
from policies.catalogue import benefit_url, catalogue
from policies.models import BenefitVersion

from .models import Change, Notification
from .truth import decisions_on, nothing_can_be_had

TAXES = ("tax_halving", "income_tax_halving", "ordered_deduction")
UNITS = {
    "fixed": "once",
    "share_of": "once",
    "monthly_capped": "month",
    "ceiling": "limit",
    "rate_cut": "percent",
    **dict.fromkeys(TAXES, "year"),
}
UPDATED = "这项政策已更新，请看现在的情况。"
FREE = "到“政策直通车”办，不收费。"
LOOK = "到“政策直通车”看。"


class Words(NamedTuple):
    """``title``: the benefit's. ``subject``: the message in one line. ``sms``: clauses for a short message, the fullest
    first, without greeting. ``is_current``: what the message is about still stands; only then is it sent outside.
    ``rate_url_path``: where what was done may be rated, empty where nothing is."""

    title: str
    sentence: str
    amount_text: str
    action_label: str
    action_url_path: str
    subject: str
    sms: tuple[str, ...] = ()
    is_current: bool = True
    rate_url_path: str = ""


@dataclass
class Context:
    """What the words of some messages are made of; ``words`` raises KeyError where a row is missing."""

    contents: dict[int, dict]
    shops: dict[int, Business]
    matches: dict[tuple[int, int], Match]
    paths: dict[int, str]
    gone: set[int]
    in_force: dict[int, int]
    today: date = field(default_factory=timezone.localdate)

    @classmethod
    def of(cls, notifications, *, matches=None) -> "Context":
        """``matches``: the decisions on what they are about (``decisions_on``), where they were read already."""
        known, today = catalogue(), timezone.localdate()
        by_id = {benefit.pk: benefit for benefit in known.benefits.values()}
        told = {pk: by_id[pk] for pk in {row.benefit_id for row in notifications}}
        contents = {version.pk: version.content for benefit in by_id.values() for version in benefit.versions}
        missing = {row.version_id for row in notifications} - contents.keys()
        if missing:  # withdrawn since
            contents |= dict(BenefitVersion.objects.filter(pk__in=missing).values_list("pk", "content"))
        shops = Business.objects.select_related("operator").only("name", "operator__name")
        in_force = {pk: benefit.in_force_on(today) for pk, benefit in told.items()}
        return cls(
            contents=contents,
            shops={
                shop.pk: shop for shop in shops.filter(pk__any_of={row.business_id for row in notifications})
            },
            matches=decisions_on(notifications) if matches is None else matches,
            paths={pk: benefit_url(benefit) for pk, benefit in told.items()},
            gone={pk for pk, benefit in told.items() if nothing_can_be_had(known, benefit, today)},
            in_force={pk: version.pk for pk, version in in_force.items() if version},
            today=today,
        )

    def words(self, row: Notification) -> Words:
        if row.benefit_id in self.gone:
            stands = row.kind == Change.ENDED
        else:
            stands = self.in_force[row.benefit_id] == row.version_id
        return of(
            row,
            self.contents[row.version_id],
            self.shops[row.business_id],
            match=self.matches.get((row.benefit_id, row.business_id)),
            path=self.paths[row.benefit_id],
            is_current=stands,
            today=self.today,
        )


def of_many(notifications, *, matches=None) -> dict[int, Words]:
    """``{id: Words}`` in a constant number of queries. ``matches``: as Context.of takes them."""
    notifications = list(notifications)
    context = Context.of(notifications, matches=matches)
    return {row.pk: context.words(row) for row in notifications}


def of(
    notification: Notification,
    content: dict,
    business: Business,
    *,
    match: Match | None = None,
    path="",
    is_current=True,
    today: date | None = None,
) -> Words:
    """The words of one message. ``content``: of its version; ``match``: the decision on the shop that stands today."""
    said = _Said(notification, content, business, match, today or timezone.localdate())
    subject, sentence, sms = said.parts() if is_current else (f"{said.title}有更新", UPDATED, ())
    label = "看原因" if notification.kind == Change.ENDED else said.action
    return Words(
        title=said.title,
        sentence=sentence,
        amount_text=said.amount if is_current else "",
        action_label=label if is_current else "看现在的情况",
        action_url_path=path,
        subject=subject,
        sms=sms,
        is_current=is_current,
    )


class _Said:
    """One message taken apart into clauses."""

    def __init__(self, notification, content, business, match, today) -> None:
        self.row, self.content, self.shop, self.match, self.today = (
            notification,
            content,
            business.name,
            match,
            today,
        )
        self.title, self.delivery, self.kind = content["title"], content["delivery"], content["kind"]
        self.way = _way(content)
        self.money = Money(content, match)
        self.amount = "" if notification.kind == Change.ENDED else self.money.text()

    def parts(self):
        """(subject, sentence, clauses of a short message)."""
        return {
            Change.NEW: self._new,
            Change.SOON: self._soon,
            Change.AMOUNT: self._amount,
            Change.ENDED: self._ended,
            Change.REMINDER: self._reminder,
        }[self.row.kind]()

    @property
    def can(self):
        """可以申请, 自动享受 and so on, by how the benefit comes to people."""
        if self.delivery == "no_application":
            return "可以领"
        return {"apply": "可以申请", "automatic": "自动享受"}.get(self.delivery, "可以用")

    @property
    def action(self):
        if self.way in TAXES:
            return "算一算"
        return {"apply": "看怎么申请", "no_application": "看怎么领", "automatic": "看怎么享受"}.get(
            self.delivery, "看怎么用"
        )

    def _with_amount(self, clause) -> str:
        return f"{clause}：{self.amount}。" if self.amount else f"{clause}。"

    def _until(self) -> str:
        until = self.match.apply_before if self.match and self.delivery != "automatic" else None
        return f"最迟 {day_text(until)}办。" if until else ""

    def _new(self):
        if self.delivery == "automatic":
            subject, clause = f"{self.title}，自动享受", f"{self.shop}符合条件，不用申请"
        else:
            subject, clause = f"您{self.can}{self.title}", f"{self.shop}符合条件，{self.can}"
        return subject, self._with_amount(clause) + self._until(), self._new_sms()

    def _new_sms(self):
        short = self.money.short()
        if self.way in TAXES:
            end = "到“政策直通车”算一算。"
            return (f"您报税可享受{self.title}{short}。{end}", f"您报税可少交税费{short}。{end}")
        if self.delivery == "automatic":
            return (f"您可享受{self.title}{short}，不用申请。{LOOK}", f"您可享受{self.title}。{LOOK}")
        if self.kind == "insurance_refund" and self.delivery == "no_application":
            about = self.money.about()
            return (
                f"您可领{self.title}{about}。到“政策直通车”确认账户即可，不收费。",
                f"您可领{self.title}。{FREE}",
            )
        if self.way == "ceiling":
            end = "到“政策直通车”看条件。"
            return (f"您可申请{self.title}{short}，需还款。{end}", f"您可申请{self.title}，需还款。{end}")
        verb, end = ("您可申请", FREE) if self.delivery == "apply" else ("您可用", LOOK)
        return (f"{verb}{self.title}{short}。{end}", f"{verb}{self.title}。{end}")

    def _first_day(self):
        return (self.match and self.match.eligible_from) or self.row.day

    def _soon(self):
        day = self._first_day()
        sentence = self._with_amount(f"{self.shop}从 {day_text(day)}起可以{self._do}")
        sms = f"您{self._short_day(day)}起可{self._do}{self.title}"
        return (
            f"再等等就可以{self._do}{self.title}",
            sentence,
            (f"{sms}{self.money.short()}。{LOOK}", f"{sms}。{LOOK}"),
        )

    @property
    def _do(self):
        return {"apply": "申请", "no_application": "领", "automatic": "享受"}.get(self.delivery, "用")

    def _short_day(self, day) -> str:
        year = "" if day.year == self.today.year else f"{day.year}年"
        return f"{year}{day.month}月{day.day}日"

    def _amount(self):
        before = self.money.text_of(self.row.before_fen)
        was = f"原来 {before}，" if before else ""
        now = f"现在 {self.amount}" if self.amount else "请看现在的金额"
        sms = f"您的{self.title}金额有变化"
        return (
            f"{self.title}的金额有变化",
            f"{self.shop}：{was}{now}。",
            (f"{sms}，现在{self.money.short().lstrip('，')}。{LOOK}", f"{sms}。{LOOK}"),
        )

    def _ended(self):
        sentence = f"{self.shop}现在不再符合，是店铺的情况或政策有了变化。"
        return (
            f"{self.title}，现在不再符合",
            sentence,
            (f"您的{self.title}条件有变化。到“政策直通车”看原因。",),
        )

    def _reminder(self):
        if self.match and self.match.state == Match.State.SOON:
            day = self._first_day()
            sentence = self._with_amount(f"{self.shop}从 {day_text(day)}起可以{self._do}")
            sms = f"您{self._short_day(day)}起可{self._do}{self.title}"
            clauses = (f"{sms}{self.money.short()}。{FREE}", f"{sms}。{FREE}")
            return f"{self.title}就快可以{self._do}了", sentence, clauses
        day = self.row.day
        if self.delivery == "automatic":
            sentence = self._with_amount(f"{self.shop}享受到 {day_text(day)}为止")
            sms = f"您享受{self.title}到{self._short_day(day)}为止"
            return f"{self.title}快到期了", sentence, (f"{sms}。{LOOK}",)
        sentence = self._with_amount(f"{self.shop}最迟 {day_text(day)}{self._do}，过了就办不了")
        sms = f"{self.title}最迟{self._short_day(day)}{self._do}"
        clauses = (f"{sms}{self.money.short(first='，')}。{FREE}", f"{sms}。{FREE}")
        return f"{self.title}快截止了", sentence, clauses


class Money:
    """What a decision is worth in words; what it does not know is said by the benefit's own label."""

    def __init__(self, content, match) -> None:
        self.way = _way(content)
        self.unit = UNITS.get(self.way)
        self.label = content.get("amount_label")
        self.value = match.value_fen if match else None
        self.maximum = match.maximum_fen if match else None

    def text(self) -> str:
        """“500 元/月，最长 3 年，最多 18,000 元”."""
        own = self.text_of(self.value) or self._label_text()
        if self.unit == "limit" and own:
            return f"{own}，贷款要还"
        if self.unit != "month" or not own:
            return own
        most = f"最多 {yuan_text(self.maximum)} 元" if self.maximum else ""
        return "，".join(filter(None, [own, self._stretch(), most]))

    def text_of(self, fen) -> str:
        """A sum as this benefit pays it; empty where there is none."""
        if fen is None or self.unit in (None, "year"):
            return ""
        if self.unit == "percent":
            return f"{(self.label or {}).get('prefix', '')} {yuan_text(fen)}%".strip()
        return _spoken(figure(in_yuan(fen), self.unit, "最高" if self.unit == "limit" else ""))

    def _stretch(self) -> str:
        if not self.value or not self.maximum or self.maximum % self.value:
            return ""
        months = self.maximum // self.value
        return f"最长 {months // 12} 年" if months % 12 == 0 else f"最长 {months} 个月"

    def _label_text(self):
        return _spoken(self.label) if self.label else ""

    def short(self, *, first="") -> str:
        """The same for a short message, as it follows the title; ``first``: stands before a sum paid once."""
        if self.unit == "once":
            return f"{first}{self.about()}" if self.value is not None else self._short_label()
        if self.unit == "month" and self.value is not None:
            stretch = _tight(self._stretch())
            return f"，每月{_tight(yuan_text(self.value))}元" + (f"，{stretch}" if stretch else "")
        if self.unit in ("limit", "percent") and self.value is not None:
            return f"，{_tight(self.text_of(self.value))}"
        return self._short_label()

    def about(self) -> str:
        """A sum paid once; one that is a share of something is rounded down and called about."""
        if self.value is None:
            return ""
        if self.way == "share_of":
            return f"约{self.value // FEN_IN_YUAN}元"
        return f"{_tight(yuan_text(self.value))}元"

    def _short_label(self) -> str:
        text = _tight(self._label_text())
        return f"，{text}" if text else ""


def _way(content):
    """The kind of amount, as the content names it."""
    return next(iter(content.get("amount") or {"none": None}))


def _spoken(label) -> str:
    """{prefix, figure, unit} with the space that stands around figures; none before a sign."""
    number = f"{label['figure']} {label['unit']}".strip()
    return f"{label['prefix']} {number}".strip()


def _tight(text) -> str:
    return text.replace(" ", "").replace(",", "")
