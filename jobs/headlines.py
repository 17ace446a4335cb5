"""Headlines of contacts: for both sides to read, and where it waits for one of them, another for that side."""

from core.wording import day_text

from .models import Contact


def titled(case) -> str:
    return case.contact.post.title


def _asked_whom(case) -> str:
    contact = case.contact
    return case.business.name if contact.asked_by == Contact.Side.WORKER else contact.worker.shown_name


def asked(case, today) -> str:
    return f"等{_asked_whom(case)}回话，最晚 {day_text(case.contact.until)}"


def asked_of_you(case, today) -> str:
    return f"等您回话，最晚 {day_text(case.contact.until)}"


def talking(case, today) -> str:
    contact = case.contact
    if contact.shop_agreed != contact.worker_agreed:
        waits = contact.worker.shown_name if contact.shop_agreed else case.business.name
        return f"一方说定了，等{waits}也说一声"
    return "两边都愿意谈。电话里说好，再各点一次“说定了”"


def talking_with_you(case, today) -> str:
    contact = case.contact
    if contact.shop_agreed == contact.worker_agreed:
        return talking(case, today)
    return "对方说定了，等您也说一声"


def agreed(case, today) -> str:
    return f"说定了，{day_text(case.contact.post.from_on)}开始"
