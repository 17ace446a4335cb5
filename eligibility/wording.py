"""Words and figures of the answer as pages show them. The facts behind them come from the evaluation alone."""

from decimal import Decimal

from businesses.facts import SELF, TAX
from core.wording import day_text, number_text
from policies.content import ACCOUNT, RENT_PAYMENT
from policies.criteria.everyday import MOST_SAID, everyday, heading, own_people, way
from policies.criteria.reasons import why_not
from policies.criteria.rows import EXCLUDES, rows
from policies.criteria.rules import DELIVERIES, KINDS
from policies.criteria.tax import LINES, due_fact
from policies.criteria.tree import leaves
from policies.criteria.verdict import FAIL

STATE_HEADINGS = {
    "now": "现在可以享受",
    "auto": "自动享受",
    "unknown": "还差答案",
    "soon": "再等等就可以",
    "if": "满足条件后可以",
    "have": "已经享受或办理中",
    "closed": "暂时不能申请",
    "no": "暂不符合",
}
GROUP_ORDER = ("now", "auto", "unknown", "soon", "if", "have", "closed", "no")
UNITS = {"once": "元", "month": "元/月", "year": "元/年", "percent": "%", "limit": "元"}
MATERIALS = {"automatic": "自动获取", "form": "在这里填", "upload": "要上传", "keep": "自己留存备查"}
CERTAINTIES = {"source": "", "found": "", "weak": "没有查到原文", "common": "一般做法"}
UNVERIFIED = ("practice", "common")
DUE = LINES[:-1]  # the last is income tax, which follows from the income
TEN_THOUSAND = Decimal(10_000)
NOTHING_DUE = {"prefix": "", "figure": "没有可减的税", "unit": ""}


def figure(value, unit, prefix="") -> dict:
    """A sum as ``{prefix, figure, unit}``; loans in 万元 where that is shorter."""
    if unit == "limit" and value >= TEN_THOUSAND and value % TEN_THOUSAND == 0:
        return {"prefix": prefix, "figure": number_text(int(value / TEN_THOUSAND)), "unit": "万元"}
    return {"prefix": prefix, "figure": number_text(value), "unit": UNITS[unit]}


def amount_label(assessment, content):
    """What a result card says of the money: the owner's own figure where there is one, else the policy's."""
    amount = assessment.amount
    if assessment.state == "closed":
        return None
    if amount.unit == "year" and amount.value == 0:
        return NOTHING_DUE
    if amount.value is not None and amount.unit != "percent":
        prefix = {"limit": "最高", "year": "约"}.get(amount.unit, "")
        return figure(amount.value, amount.unit, prefix)
    if amount.maximum is not None and amount.unit == "year":
        return figure(amount.maximum, "once", "每年最多")
    return content.get("amount_label")


def own_sum(amount) -> str:
    """What comes every month by the owner's own figures, in a sentence; empty where it is another kind of sum."""
    if amount.unit != "month" or not amount.lines or amount.maximum is None:
        return ""
    return f"{amount.lines[0].working}，一共最多 {number_text(amount.maximum)} 元。"


def money_rows(sums, profile):
    """The three figures that are never added together, leaving out those that are nothing: ``{category, label, short,
    prefix, figure, unit, note, told}``; ``short`` is label and prefix where there is little room, ``told`` the note
    where it stands apart from its figure. ``profile`` tells whose the tax figures are."""
    cash, taxes, loan = sums["cash"], sums["tax"], sums["loan"]
    rows = []
    if cash["maximum"] or cash["unknown"]:
        note = _noted("能领的", _cash_note(cash))
        rows.append({"category": "cash", "label": "能领的钱", **note, **_cash_figure(cash)})
    if taxes["maximum"] or taxes["year"] or taxes["unknown"]:
        rows.append({"category": "tax", "label": "能少交的税费", **_tax_figure(taxes, profile)})
    if loan["limit"] or loan["unknown"]:
        limit = {"short": "最高能借", **figure(loan["limit"], "limit", "最高")}
        rows.append({"category": "loan", "label": "能借的额度", **_noted("", "贷款要还，不算补贴"), **limit})
    return rows


def _noted(of_what: str, note: str) -> dict:
    return {"note": note, "told": f"{of_what}{note}"}


def _cash_figure(cash):
    if cash["month"] and cash["once"]:
        once = f"一次性 {number_text(cash['once'])} 元"
        return {"short": f"{once}，每月", **figure(cash["month"], "month", f"{once}，另有")}
    if cash["month"]:
        return {"short": "每月能领", **figure(cash["month"], "month")}
    if cash["once"]:
        return {"short": "一次能领", **figure(cash["once"], "once")}
    return {"short": "最多能领", **figure(cash["maximum"], "once", "最多")}


def _cash_note(cash) -> str:
    return f"一共最多 {number_text(cash['maximum'])} 元" if cash["month"] else "一次性发放"


def _tax_figure(taxes, profile) -> dict:
    if taxes["year"]:
        own = {"short": "每年约少交", **figure(taxes["year"], "year", "约")}
        return {**own, **_noted("能少交的", f"按{_whose_figures(profile)}算")}
    if taxes["maximum"]:
        most = {"short": "每年最多少交", **figure(taxes["maximum"], "once", "每年最多")}
        return {**most, **_noted("能少交的", "以您实际应交的税费为限")}
    half = {"short": "能少交的", "prefix": "", "figure": "减半", "unit": ""}
    return {**half, **_noted("能少交的", "报税时自动减")}


def _whose_figures(profile) -> str:
    """Who has said the taxes due: the owner, the tax bureau, or both."""
    names = ("annual_taxable_income", *map(due_fact, DUE))
    sources = {profile.sources.get(name, SELF) for name in names if profile.values.get(name)}
    if TAX not in sources:
        return "您填的税额"
    return "税务局的数" if sources == {TAX} else "税务局的数和您填的税额"


def answer_rows(assessment) -> list:
    """The criteria of an assessment as the API's rows, each with text for the owner, advice, interpretation, why."""
    nodes = {node.id: node for node in assessment.rule.criteria.children}
    return [
        _told_of_two(row) if row["id"] == EXCLUDES else _told(row, nodes[row["id"]], assessment)
        for row in rows(assessment)
    ]


def _told_of_two(row) -> dict:
    why = f"{row['sentence']}，您已经领了或正在办那一项"
    nothing_more = {"advice": "", "interpretation": "", "in_full": ""}
    return {**row, "everyday": row["sentence"], "text": why, "why": why, **nothing_more}


def _told(row, node, assessment) -> dict:
    why = _why(row, node, assessment) if row["result"] in ("fail", "wait") else ""
    row, plain = in_everyday_words(row, node, assessment.day), everyday(node, assessment.day)
    text = why or plain
    if row["result"] == "wait" and row["met_from"]:
        first = assessment.moments[0].day.fromisoformat(row["met_from"])
        text = f"{plain}：{day_text(first)}起可以（还有 {(first - assessment.day).days} 天）"
    if row["result"] == "staff":
        text = f"{plain}：审核时核对"
    return {
        **row,
        "text": text,
        "why": why,
        "in_full": plain if row["result"] == "fail" and plain.count("、") >= MOST_SAID else "",
        "advice": _advice(row, node),
        "interpretation": interpretation(node),
    }


def in_everyday_words(row, node, day) -> dict:
    """A row with what owners call the condition, ``everyday``; one of a group with what stands above its ways,
    ``heading``, and each of these ways in a few words."""
    row = {**row, "everyday": everyday(node, day)}
    if "alternatives" in row:
        row["heading"] = heading(node, day)
        row["alternatives"] = [
            {**in_everyday_words(one, child, day), "everyday": way(child, day)}
            for one, child in zip(row["alternatives"], node.children, strict=True)
        ]
    return row


def own_way(row, assessment) -> dict:
    """A row that holds because of who somebody is says who that is, instead of all who could be it."""
    node = next((node for node in assessment.rule.criteria.children if node.id == row["id"]), None)
    if node is None or row["result"] != "pass":
        return row
    if getattr(node, "kind", "") == "any":
        ways = zip(row["alternatives"], node.children, strict=True)
        node = next((child for one, child in ways if one["result"] == "pass"), node)
    own = own_people(node, assessment.profile, assessment.day)
    return {**row, "everyday": own, "heading": own, "alternatives": []} if own else row


def _why(row, node, assessment):
    """Why a row fails or waits. One that holds today fails where it ends before the others begin."""
    if row["result"] == "fail" and assessment.rule.program.combine(node)(assessment.levels) != FAIL:
        last = row["met_until"] and assessment.day.fromisoformat(row["met_until"])
        return f"{row['sentence']}，只到 {day_text(last)}，等不到别的条件满足" if last else ""
    return why_not(node, assessment)


def _advice(row, node):
    """What to do about a row that fails: its own advice, or that of the first leaf below that has one."""
    if row["result"] not in ("fail", "wait"):
        return ""
    return node.notes.advice or next((leaf.notes.advice for leaf in leaves(node) if leaf.notes.advice), "")


def interpretation(node) -> str:
    """The readings chosen for a node and what is below it, as one text; empty where the source leaves nothing open."""
    texts = [node.notes.interpretation, *(leaf.notes.interpretation for leaf in leaves(node))]
    return "".join(dict.fromkeys(filter(None, texts)))


def state_label(assessment):
    """The words on a state tag."""
    staff = sum(row["result"] == "staff" for row in rows(assessment))
    if assessment.state == "now" and assessment.rule.is_money and staff:
        return f"初步符合，{staff} 项审核时核对"
    if assessment.state == "unknown":
        return f"还差 {len(assessment.missing_facts)} 个答案"
    return STATE_HEADINGS[assessment.state]


def note(assessment, version, exhausted) -> str:
    """What whoever has this state has to know besides: why nothing can be had, or that nobody has to apply.

    ``exhausted``: this year's money is used up."""
    if assessment.state == "closed":
        if version.rule.window.is_open_on(assessment.day) and exhausted:
            return "今年的资金已经用完。补充后会重新开放，到时告诉您。"
        return version.content.get("window_note") or "现在不在办理期限内。"
    if assessment.state == "auto":
        return "不用申请，报税或缴费时自动享受。"
    if assessment.amount.category == "loan" and assessment.state == "now":
        return "贷款要还，能不能贷、贷多少由银行审批。"
    return ""


def last_day(assessment) -> str:
    """Until when what can be had now can be had, or applied for; empty where there is no end to it."""
    last = assessment.apply_before
    if last is None or assessment.state not in ("now", "auto", "soon"):
        return ""
    today = "，就是今天" if last == assessment.day else ""
    if assessment.state == "auto":
        return f"享受到 {day_text(last)}{today}"
    return f"最晚 {day_text(last)}{'申请' if assessment.rule.delivery == 'apply' else '办'}{today}"


def kind_label(rule):
    return KINDS[rule.kind]


def delivery_label(rule):
    return DELIVERIES[rule.delivery]


# What a benefit is about, in a drawing beside its name; by its kind, and of the environment by its measure.
SUBJECTS = {
    "rate_cut": "shield",
    "insurance_refund": "shield",
    "loan_guarantee": "loan",
    "finance_product": "loan",
    "insurance_product": "umbrella",
    "tax_relief": "percent",
    "startup_subsidy": "sprout",
    "rent_subsidy": "shop",
    "training": "live",
    "labour": "people",
    "supervision": "paper",
    "service": "chat",
}
GREEN = ("M19", "M20", "M21")


def subject_icon(rule) -> str:
    return "leaf" if rule.measure in GREEN else SUBJECTS[rule.kind]


def plain_title(version) -> str:
    """What owners call a benefit; its official name stands beneath where it is another."""
    return version.content.get("plain_title") or version.content["title"]


def working(amount) -> list:
    """The lines of an amount as pages list them."""
    unit = "%" if amount.unit == "percent" else " 元"
    return [
        {"label": line.label, "working": line.working, "value": f"{number_text(line.value)}{unit}"}
        for line in amount.lines
    ]


def standing_label(version, day):
    """What a version promises whoever reads it on ``day``: nothing while its window is closed."""
    return version.content.get("amount_label") if version.rule.window.is_open_on(day) else None


def days_label(working_days) -> str:
    """A promise in working days; what nobody has stated is 待公布, never a number of our own."""
    return "待公布" if working_days is None else "当天" if working_days == 0 else f"{working_days} 个工作日"


ROLES = {ACCOUNT: "收款账户，登记一次就行", RENT_PAYMENT: "以后每期凭它领"}
