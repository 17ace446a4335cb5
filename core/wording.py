"""Values as people read them: dates, numbers with their unit, choices by their label."""

from datetime import datetime

from django.utils import timezone


def day_text(day) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def moment_text(moment: datetime) -> str:
    """A time soon to come: 12 月 3 日 19:00."""
    local = timezone.localtime(moment)
    return f"{local.month} 月 {local.day} 日 {local:%H:%M}"


def number_text(value) -> str:
    """A number as people read it: thousands apart, no idle zeros."""
    whole, _, cents = str(value).partition(".")
    if len(whole) > 3:
        whole = f"{int(whole):,}"
    return f"{whole}.{cents}" if cents.strip("0") else whole


def quantity(fact, value) -> str:
    return f"{number_text(value)} {fact.unit}".rstrip()


def spaced(text) -> str:
    """Words to put behind others: a space stands only before figures and Latin letters."""
    return f" {text}" if text[:1].isascii() else text


def bool_text(fact, value) -> str:
    """A bool as the statement it makes."""
    return fact.yes or fact.label if value else fact.no or f"不符合“{fact.label}”"


def value_text(fact, value) -> str:
    """A known value, in its inside shape, as an owner reads it."""
    if fact.type == "date":
        return day_text(value)
    if fact.type == "bool":
        return "是" if value else "否"
    if fact.type == "choice":
        return fact.label_of(value)
    if fact.type == "set":
        return "、".join(fact.label_of(member) for member in fact.members(value.yes)) or "都不是"
    if fact.type == "code":
        return fact.spell(value) if fact.spell else value
    return quantity(fact, value)
