"""What an application comes to, in words."""

from core.money import yuan_text

from .models import Application


def amount_text(application: Application) -> str:
    """What an application comes to: 5,000 元, or so much a month for so many months; empty while it is unknown."""
    if application.amount_fen is None:
        return ""
    if application.months:
        return f"每月 {yuan_text(application.monthly_fen)} 元，共 {application.months} 个月"
    return f"{yuan_text(application.amount_fen)} 元"
