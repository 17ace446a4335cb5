"""What staff write in the admin of services."""

from datetime import datetime

from django.test import Client

from accounts.models import User
from tests.services import world

NOW = datetime.fromisoformat("2026-11-25T10:00:00+08:00")
FORM = {
    "code": "fund-window",
    "kind": "booking",
    "title": "预约公积金窗口",
    "summary": "约个时间去办",
    "words": "",
    "topic": "",
    "mentor_phone": "",
    "mentor_name": "",
    "district": "",
    "place": "窗口",
    "contact": "",
    "opens_on": "",
    "closes_on": "",
    "criteria": "",
    "relevance": "",
    "questions": '[{"key": "matter", "type": "choice", "label": "办什么", "choices": ["缴存", "提取"]}]',
    "steps": "",
    "shares": "",
    "promise_days": "",
    "promise_basis": "",
    "terms": "",
    "max_open": "",
    "max_month": "",
}
ADD, LIST = "/admin/services/offering/add/", "/admin/services/offering/"
SERIES = {
    "on": ["tue", "thu"],
    "from": "09:00",
    "until": "11:00",
    "minutes": "30",
    "capacity": "1",
    "weeks": "4",
    "place": "",
    "minimum": "",
    "decide_days": "",
}


def browser_of(user):
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def sent(people, **more):
    own = str(people.department.pk)
    return FORM | {"benefit": str(world.benefit().pk), "provider": own, "handler": own} | more


def errors(answer):
    form = answer.context.get("adminform") or answer.context["form"]
    return {name: list(said) for name, said in form.errors.items()}


def draft(people, **more):
    return world.offering("booking", "mine", status="draft", prepared_by=people.clerk, **more)


def slot_form(row, **more):
    return {
        "offering": str(row.pk),
        "starts_at": "2026-12-03 19:00",
        "ends_at": "2026-12-03 21:00",
        "place": "三楼",
        "capacity": "12",
        "minimum": "0",
        "decide_at": "",
    } | more
