"""Services to try the portal with: institutions, a mentor, classes that are nearly full, requests at every stage.

Days are relative to today; a second run adds nothing.
"""

from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from accounts.actions import agree
from accounts.models import Department, User
from businesses.models import Business
from cases.actions import general
from core.errors import Refused
from needs import answers
from services.asking import Ask, ask_or_find
from services.catalogue.loading import load_offerings
from services.models import Offering, Request, Slot
from services.slots.series import make_slots

from .demo import SHOPS, Staff, create_people

STAFF = (
    Staff("insurer_officer", "demo-insurer", ("机构专员",), "演示保险"),
    Staff("service_clerk", "govservice", ("服务专员",), "政务服务中心：答复诉求、替店主代办、公开答复"),
    Staff("eco_officer", "ecology", ("服务专员",), "生态环境局：环评咨询、检查计划"),
    Staff("agri_officer", "agriculture", ("服务专员",), "农业农村局：采摘培训班"),
    Staff("market_clerk", "market", ("服务专员",), "市场监管局：个转企、名特优新的初审，检查计划"),
)
MENTOR = "13800000004"
SEATS, TAKEN, IN_TEA = 12, 11, 5
# {offering: series}: weekdays are those of next week.
TIMES = {
    "mentor": {
        "on": ["mon", "wed", "fri"], "from": "14:00", "until": "17:00", "minutes": 60, "capacity": 1, "weeks": 2,
    },
    "studio": {"on": ["tue", "thu"], "from": "09:00", "until": "17:00", "minutes": 120, "capacity": 1, "weeks": 2},
    "class-live": {
        "on": ["tue", "thu"], "from": "19:00", "until": "21:00", "capacity": SEATS, "weeks": 2, "as_one": True,
    },
    "class-video": {"on": ["wed"], "from": "19:00", "until": "21:00", "capacity": 20, "weeks": 3},
    "class-data": {"on": ["fri"], "from": "19:00", "until": "21:00", "capacity": 20, "weeks": 3},
    "pickers-tea": {
        "on": ["sat"], "from": "09:00", "until": "16:00", "capacity": 30, "weeks": 2, "minimum": 8, "decide_days": 2,
    },
    "pickers-kiwi": {"on": ["sun"], "from": "09:00", "until": "12:00", "capacity": 30, "weeks": 2},
    "pickers-prickly": {"on": ["sun"], "from": "14:00", "until": "17:00", "capacity": 30, "weeks": 2},
    "digital-month": {"on": ["sat"], "from": "10:00", "until": "12:00", "capacity": 200, "weeks": 2},
    "brand-fair": {"on": ["sun"], "from": "10:00", "until": "16:00", "capacity": 30, "weeks": 2},
    "skill-class": {"on": ["mon"], "from": "19:00", "until": "21:00", "capacity": 20, "weeks": 3},
    "startup-coach": {"on": ["tue"], "from": "09:00", "until": "12:00", "minutes": 60, "capacity": 1, "weeks": 3},
    "order-class": {
        "on": ["sat"], "from": "09:00", "until": "17:00", "capacity": 20, "weeks": 3, "minimum": 3, "decide_days": 2,
    },
    "home-day": {"on": ["wed"], "from": "09:00", "until": "11:30", "minutes": 30, "capacity": 1, "weeks": 3},
    "housing-fund-window": {
        "on": ["tue", "thu"], "from": "09:00", "until": "11:00", "minutes": 30, "capacity": 1, "weeks": 4,
    },
    "conversion-market": {"on": ["mon"], "from": "09:00", "until": "11:00", "minutes": 60, "capacity": 1, "weeks": 3},
    "conversion-tax": {"on": ["wed"], "from": "09:00", "until": "11:00", "minutes": 60, "capacity": 1, "weeks": 3},
    "eia-coach": {"on": ["thu"], "from": "09:00", "until": "11:00", "minutes": 60, "capacity": 1, "weeks": 3},
}  # fmt: skip
ANSWERS = (
    ("门口的路灯坏了，晚上没有客人", "已经转给路灯管理单位，三天内修好。以后可以直接在这里提。"),
    ("想摆外摆位，要办什么手续", "先到城管部门申请外摆，写明位置和时间。不占盲道、不挡消防通道才批。"),
    ("营业执照上的地址变了怎么办", "带租房合同到登记窗口变更地址，当天能办好。网上也能办。"),
    ("雇一个人要不要交社保", "雇人就要交工伤保险，其他险种和员工商量着交。可以到社保窗口问清楚。"),
    ("被投诉缺斤短两，说明在哪里写", "在“我的办件”里写说明，附上称重的照片。调查期间照常营业。"),
    ("年报错过了，会不会罚款", "补报就行，补报以后可以修复信用。一次没报不罚款。"),
)


# Closed legs for the board: {offering: what whoever answers does, in order}
CLOSED = {
    "loan-e-a": ("offer", "decline"),
    "loan-e-b": ("offer", "offer", "decline"),
    "insurance-property": ("offer", "miss"),
    "need": ("answer", "answer", "decline"),
    "trademark": ("answer",),
}
OF_EACH = 8
TYPED = {
    "words": "可以办，带身份证和营业执照来就行。最后以审批为准。",
    "reason": "开店时间不够一年，满一年再来。",
}


def create_services() -> None:
    """Everything of the room. Call it after the shops of the city are there."""
    mentor = load_mentor()
    load_offerings(demo=True)
    create_people(STAFF)
    for code, series in TIMES.items():
        make_slots(Offering.objects.get(code=code), **series)
    if not Request.objects.exists():
        _own_requests(mentor)
        _of_the_city()


def are_there() -> bool:
    """Whether all of it has been made."""
    return Request.objects.exists()


def load_mentor() -> User:
    mentor = User.objects.begin_with_phone(MENTOR)
    if mentor.phone_verified_at is None:
        mentor.phone_verified_at, mentor.first_name = timezone.now(), "演示导师"
        mentor.save(update_fields=["phone_verified_at", "first_name"])
        agree(mentor, "service")
    return mentor


def _own_requests(mentor) -> None:
    """Owner 1: a need answered, a loan asked of two banks of which one declined, an hour with the mentor. Owner 2: in
    line for that hour, and a seat offered to them that owner 1 gave up."""
    first, second = (Business.objects.get(credit_code=shop.credit_code) for shop in SHOPS[:2])
    one, two = (User.objects.with_phone(shop.phone) for shop in SHOPS[:2])
    need = _ask("need", first, one, words="门口在修路，客人进不来，想知道什么时候修完")
    clerk = User.objects.get(username="service_clerk")
    general.do(need, "answer", {"words": "问过施工单位，下月 10 日前修完，先给您留一条便道。"}, by=clerk)
    said = {"amount": "100000", "purpose": "进货周转", "months": "12", "pledge": "没有"}
    loan = _ask("finance-a", first, one, said=said, receivers=_banks())
    general.do(loan, "decline", TYPED, by=User.objects.get(username="bank_officer"))
    hour = _first("mentor")
    _ask("mentor", first, one, slot=hour, said={"wish": "怎么把茶叶卖到外地"})
    _ask("mentor", second, two, slot=hour, said={"wish": "学拍短视频"})
    room = _first("studio", after=timedelta(days=3))
    held = _ask("studio", first, one, slot=room, said={"sells": "茶叶"})
    _ask("studio", second, two, slot=room, said={"sells": "辣椒酱"})
    general.do(held, "excuse", {}, by=one)


def _banks() -> tuple:
    return tuple(Department.objects.filter(code__in=("demo-bank-a", "demo-bank-b")).order_by("code"))


def _of_the_city() -> None:
    """What shops of the made-up city asked for: classes that fill, answers for everybody, legs that are closed."""
    own = [shop.credit_code for shop in SHOPS]
    shops = Business.objects.filter(operator__isnull=False, operating_status="operating")
    shops = iter(list(shops.exclude(credit_code__in=own).select_related("operator").order_by("pk")))
    _join(shops, _first("class-live"), TAKEN)
    _join(shops, _first("pickers-tea"), IN_TEA)
    clerk, approver = (User.objects.get(username=name) for name in ("service_clerk", "hr_approver"))
    for (question, words), shop in zip(ANSWERS, shops, strict=False):
        case = _ask("need", shop, None, words=question)
        general.do(case, "answer", {"words": words}, by=clerk)
        answers.publish(answers.prepare(case, question, words, by=clerk), by=approver)
    for code, verbs in CLOSED.items():
        _close(Offering.objects.get(code=code), verbs, shops)


def _join(shops, slot, count) -> None:
    """The first ``count`` of ``shops`` that the class is for take a seat."""
    for shop in shops:
        if slot.requests.count() == count:
            return
        with suppress(Refused):
            _ask(slot.offering.code, shop, None, slot=slot)


def _close(offering, verbs, shops) -> None:
    """Some requests for an offering that are answered, each by one of ``verbs``."""
    answerer = User.objects.filter(
        department=offering.provider, groups__permissions__codename="answer_leg"
    ).first()
    asked = {"words": "想问问怎么办，要带什么"}
    said = {"amount": "50000", "purpose": "进货周转", "months": 6, "thing": "店里的货", "about": "想注册商标"}
    receivers = (offering.provider,) if offering.kind == "tender" else ()
    done = 0
    for shop in shops:
        if done == OF_EACH:
            return
        with suppress(Refused):
            case = _ask(offering.code, shop, None, said=said, receivers=receivers, **asked)
            general.do(case, "take", {}, by=answerer)
            general.do(case, verbs[done % len(verbs)], TYPED, by=answerer)
            done += 1


def _ask(code, shop, owner, **asked):
    return ask_or_find(Offering.objects.get(code=code), shop, Ask(**asked), by=owner)[0]


def _first(code, after=timedelta(days=2)) -> Slot:
    rows = Slot.objects.ahead().filter(offering__code=code, starts_at__gt=timezone.now() + after)
    return rows.select_related("offering").order_by("starts_at").first()
