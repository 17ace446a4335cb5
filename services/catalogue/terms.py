"""The terms of an offering in words. What the provider decides case by case or has not said is one line."""

from core.money import yuan_text
from core.wording import number_text

from ..models import Offering

DECIDED = {"bank": "以银行审批为准", "insurer": "以保险公司核保为准"}
NOT_SAID = "待公布"
LABELS = {
    "rate": "年利率",
    "limit_fen": "额度",
    "months": "期限",
    "pledges": "抵押和担保",
    "fee": "收费",
    "certificate": "证书",
    "who": "谁能来",
    "phone": "电话",
    "link": "网址",
    "file": "文件",
}
BY_BANK = ("rate", "limit_fen", "months", "pledges")


def lines_of_terms(offering: Offering) -> list[dict]:
    """``[{label, value, href}]``; those that the same words are said of stand in one line."""
    lines, open_ones = [], {}
    for name, label in LABELS.items():
        if name not in offering.terms:
            continue
        value = offering.terms[name]
        if value is None:
            open_ones.setdefault(_who_decides(offering, name), []).append(label)
        else:
            lines.append({"label": label, "value": _said(name, value), "href": _href(name, value)})
    return lines + [
        {"label": "、".join(labels), "value": words, "href": ""} for words, labels in open_ones.items()
    ]


def _who_decides(offering, name) -> str:
    kind = offering.provider.kind if offering.provider_id else ""
    return DECIDED.get(kind, NOT_SAID) if name in BY_BANK else NOT_SAID


def _said(name, value) -> str:
    if name == "rate":
        return f"{number_text(value)}%" if _is_number(value) else str(value)
    if name == "limit_fen":
        return f"最高 {yuan_text(int(value))} 元"
    if name == "months":
        return f"最长 {value} 个月"
    if name == "fee":
        return (
            "不收费"
            if value in (0, "0", "")
            else f"{number_text(value)} 元"
            if _is_number(value)
            else str(value)
        )
    if name == "link" and str(value).startswith("/"):
        return "打开这一页"
    if isinstance(value, bool):
        return "有" if value else "没有"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _is_number(value) -> bool:
    return str(value).replace(".", "", 1).isdigit()


def _href(name, value) -> str:
    if name == "phone":
        return f"tel:{value}"
    is_address = name in ("link", "file") and str(value).startswith(("https://", "http://", "/"))
    return str(value) if is_address else ""
