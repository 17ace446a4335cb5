"""Letters of an application: receipt, correction, decision. The same content as a page to print and as a PDF.

The PDF is the same to the byte for the same content: its date is that of the event. A character that the font lacks is
set as 〓, and the letter says so.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from businesses.registry import business_registry
from cases import fonts
from cases.models import Correction
from cases.procedure import DRAFT, GRANTED, REFUSED
from cases.terms import terms_of
from cases.wording import NO_PROMISE, marked
from core.wording import day_text
from core.workdays import add_workdays

from .models import Application
from .wording import amount_text

ABSENT_GLYPH = "〓"
GLYPH_NOTE = f"{ABSENT_GLYPH} 处是字库里没有的字，以登记信息为准。"
FOOTER = "六盘水市个体工商户政策直通车 · 有疑问请拨 12345"


@dataclass(frozen=True)
class Paper:
    """What a letter says. ``blocks``: (heading, lines); ``at``: when it came about, in the time of the city."""

    kind: str
    title: str
    number: str
    to: str
    opening: str
    signed: str
    at: datetime
    blocks: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def date(self) -> str:
        return day_text(self.at)


def paper_of(application: Application, kind: str, number: int | None = None) -> Paper | None:
    """The letter of ``kind``, or None while there is none. ``number``: of a correction, the last by default."""
    if application.phase == DRAFT:
        return None
    if kind == "receipt":
        return receipt_paper(application)
    if kind == "decision":
        return decision_paper(application) if is_decided(application) else None
    if kind == "correction":
        rows = application.corrections.order_by("-number")
        correction = (rows.filter(number=number) if number else rows).first()
        return correction and correction_paper(application, correction)
    return None


def is_decided(application: Application) -> bool:
    return application.decided_at is not None and application.outcome in (GRANTED, REFUSED)


def receipt(application: Application) -> bytes:
    return pdf(receipt_paper(application))


def correction_letter(application: Application, correction: Correction) -> bytes:
    return pdf(correction_paper(application, correction))


def decision(application: Application) -> bytes:
    return pdf(decision_paper(application))


# What they say


def _paper(application, kind, title, opening, at, blocks):
    return Paper(
        kind=kind,
        title=title,
        number=application.number,
        to=application.operator.name,
        opening=opening,
        signed=application.department.name,
        at=timezone.localtime(at),
        blocks=blocks,
    )


def _what(application):
    return [
        f"事项：{application.benefit_version.content['title']}",
        f"店铺：{application.business.name}",
        f"提交日期：{day_text(timezone.localtime(application.submitted_at))}",
    ]


def receipt_paper(application: Application) -> Paper:
    """收件回执: number, due date and bureau."""
    terms = terms_of(application.benefit_version)
    accepted_in = f"{terms.acceptance_working_days} 个工作日{marked(terms, 'acceptance_working_days')}"
    blocks = [
        ("申请内容", _what(application)),
        ("材料", [f"已收到：{name}" for name in _materials(application)] or ["这一项不用交材料"]),
        (
            "办理时限",
            [
                f"收到后 {accepted_in}内一次告诉您要补什么。",
                _promise(application, terms),
            ],
        ),
    ]
    opening = "您的申请已经收到。办到哪一步，登录后在“我的办件”里看。"
    return _paper(application, "receipt", "收件回执", opening, application.submitted_at, blocks)


def _promise(application, terms):
    """As promised when it was filed: a receipt does not change afterwards."""
    if terms.promised_working_days is None:
        return f"{NO_PROMISE}。"
    filed = timezone.localtime(application.submitted_at).date()
    until = day_text(add_workdays(filed, terms.promised_working_days))
    return f"最迟 {until}有结果，补正期间不计时。"


def _materials(application):
    """Materials as they were handed in: what a correction replaced later was there."""
    filed = application.files.filter(added_at__lte=application.submitted_at)
    return list(dict.fromkeys(filed.order_by("material").values_list("material", flat=True)))


def correction_paper(application: Application, correction: Correction) -> Paper:
    """补正通知书: everything that is wrong, with reason, sample and day."""
    registry, blocks = business_registry(), [("申请内容", _what(application))]
    for place, defect in enumerate(correction.defects.all(), 1):
        fact = registry.get(defect.name)
        lines = [f"哪里不对：{defect.reason}"]
        if defect.sample:
            lines.append(f"怎样才对：{defect.sample}")
        blocks.append((f"{place}. {fact.label if fact else defect.name}", lines))
    until = day_text(correction.due_on)
    term = marked(terms_of(application.benefit_version), "correction_working_days")
    blocks.append(("时限", [f"请在 {until}前补上{term}，补正期间不计时。", "过期没有补，按撤回处理。"]))
    opening = "您的申请还要补下面几项，一次告诉您，补齐就接着审核。"
    return _paper(application, "correction", "补正通知书", opening, correction.asked_at, blocks)


def decision_paper(application: Application) -> Paper:
    """The decision: what is granted, or why not, by which clause, and what can be done against it."""
    refused = application.outcome != GRANTED
    blocks = [("申请内容", _what(application))]
    blocks += _refusal(application) if refused else _approval(application)
    blocks.append(("不服怎么办", _remedy(application)))
    title = "不予批准决定书" if refused else "批准决定书"
    opening = "您的申请没有通过，原因如下。" if refused else "您的申请已经通过。"
    return _paper(application, "decision", title, opening, application.decided_at, blocks)


def _approval(application):
    lines = [amount_text(application)]
    if application.account:
        lines.append(f"转到：{application.account}")
    if application.months:
        starts = application.starts_on
        lines.append(f"从 {starts.year} 年 {starts.month} 月算起，先付后补，凭房租凭证领。")
    return [("批准的内容", lines), ("依据", _clauses(application))]


def _refusal(application):
    failed = [
        f"不符合：{row['sentence']}"
        for row in application.judged.get("criteria", ())
        if row["id"] in application.failed
    ]
    return [
        ("没有达到的条件", failed or ["见下面的理由"]),
        ("理由", [application.reason]),
        ("依据", _clauses(application)),
    ]


def _clauses(application):
    content = application.benefit_version.content
    named = [
        f"《{row['document'].strip('《》')}》{row.get('clause') or ''}" for row in content.get("basis") or ()
    ]
    return named or [content["clause"]]


def _remedy(application):
    terms, decided = terms_of(application.benefit_version), timezone.localtime(application.decided_at)
    appeal = f"从知道决定那天起 {terms.appeal_days} 日内{marked(terms, 'appeal_days')}"
    court = f"{terms.litigation_months} 个月内{marked(terms, 'litigation_months')}"
    lines = [f"{appeal}，可以申请行政复议；{court}，可以向法院提起行政诉讼。"]
    if application.remedy_until:
        lines.append(f"也可以在本站申诉，最迟 {day_text(application.remedy_until)}，由别的人办理。")
    lines.append(f"决定日期：{day_text(decided)}。")
    return lines


# The PDF


def available() -> bool:
    """Whether this machine has a font for Chinese; without one the page to print is what there is."""
    return fonts.found() is not None


class _Sheet(FPDF):
    """A4 with the footer of every letter."""

    def footer(self):
        self.set_y(-15)
        self.set_font_size(9)
        self.cell(0, 6, f"{FOOTER} · 第 {self.page_no()} 页", align="C")


def pdf(paper: Paper) -> bytes:
    """The letter set in the font of this machine, of which only what is used is embedded; LookupError without one."""
    font = fonts.found()
    if font is None:
        raise LookupError("no font for Chinese")
    sheet = _Sheet(format="A4")
    sheet.set_margins(22, 20)
    sheet.set_auto_page_break(True, 22)
    sheet.set_creation_date(paper.at)
    sheet.add_font("letter", fname=font.path, collection_font_number=font.face)
    sheet.set_font("letter", size=11)
    sheet.set_title(paper.title)
    sheet.set_lang("zh-CN")
    sheet.add_page()
    _write(sheet, paper, _Glyphs(sheet.fonts["letter"].cmap))
    return bytes(sheet.output())


class _Glyphs:
    """Text as far as the font has it; remembers whether something was left out."""

    def __init__(self, cmap):
        self.cmap, self.lacks = cmap, False

    def __call__(self, text):
        shown = "".join(one if ord(one) in self.cmap else self._instead(one) for one in text)
        return shown

    def _instead(self, one):
        if one.isspace():
            return " "
        self.lacks = True
        return ABSENT_GLYPH if ord(ABSENT_GLYPH) in self.cmap else "?"


def _write(sheet, paper, glyphs):
    def line(text, size=11, height=7.5, align="L"):
        sheet.set_font_size(size)
        sheet.multi_cell(0, height, glyphs(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    line(paper.title, 20, 14, "C")
    line(f"编号 {paper.number}", 10, 7, "C")
    sheet.ln(6)
    line(f"{paper.to}：")
    line(paper.opening)
    for heading, lines in paper.blocks:
        sheet.ln(3)
        line(heading, 12.5, 8.5)
        for text in lines:
            line(text)
    sheet.ln(10)
    line(paper.signed, align="R")
    line(paper.date, align="R")
    if glyphs.lacks:
        sheet.ln(4)
        line(GLYPH_NOTE, 9, 6)
