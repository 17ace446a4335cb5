"""A bureau with its people, shops with owners, and applications brought as far as a test wants them."""

import hashlib
import os
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import timezone
from PIL import Image

from accounts.actions import NOTICE
from accounts.models import Consent, Department, User
from businesses.actions import set_payment_account
from businesses.identifiers import account_index
from businesses.models import Binding, PaymentAccount
from cases.materials import to_upload
from cases.models import Evidence
from core.models import forget_editions
from core.uploads import jpeg
from policies.models import Benefit
from subsidies.actions import applying, approving, rechecking, reviewing
from subsidies.models import Recheck, RecheckPick
from subsidies.money import budgets
from tests.notifications.register import months_ago, open_shop, publish, tell_of

ACCOUNT = "6222020200011112222"
STAFF = {
    "reviewer": "审核员",
    "reviewer_2": "审核员",
    "approver": "审批员",
    "approver_2": "审批员",
    "approver_3": "审批员",
    "finance": "财务",
    "finance_2": "财务",
}
RENT = {
    "monthly_capped": {
        "cap": "500",
        "months": 36,
        "fact": "monthly_rent",
        "used": "rent_subsidy_months_received",
    }
}
RENT_PROOF = {
    "name": "房租付款凭证",
    "how": "upload",
    "note": "付过房租的凭证。",
    "origin": "common",
    "role": "rent_payment",
    "optional": True,
}
MATERIAL = {"name": "租赁合同", "how": "upload", "note": "拍清楚。", "origin": "common"}


def bureau(code="tests", name="试验局") -> SimpleNamespace:
    """A department with somebody in every role: ``people.reviewer`` and so on, and ``people.admin``."""
    department, _ = Department.objects.get_or_create(code=code, defaults={"name": name})
    names = {f"{code}_{place}": role for place, role in STAFF.items()}
    if not User.objects.filter(username__in=names).exists():
        users = [User(username=name, is_staff=True, department=department) for name in names]
        groups = {row.name: row for row in Group.objects.filter(name__in=names.values())}
        membership = User.groups.through
        membership.objects.bulk_create(
            membership(user=user, group=groups[names[user.username]])
            for user in User.objects.bulk_create(users)
        )
    staff = User.objects.filter(username__in=names).select_related("department")
    people = {user.username.removeprefix(f"{code}_"): user for user in staff}
    people["admin"], _ = User.objects.get_or_create(
        username="tests_admin", defaults={"is_staff": True, "is_superuser": True}
    )
    return SimpleNamespace(department=department, **people)


def all_rounder(people) -> User:
    """Somebody with every role of the bureau."""
    user = User.objects.create(username="everything", is_staff=True, department=people.department)
    user.groups.set(Group.objects.filter(name__in=set(STAFF.values())))
    return User.objects.get(pk=user.pk)


def owner_of(shop, phone=None) -> User:
    """A person who has bound the shop and is paid to an account of its operator."""
    user = User.objects.begin_with_phone(phone or f"139{shop.pk:08d}")
    agreed = [Consent(user=user, kind=kind, notice=NOTICE) for kind in ("service", "sensitive")]
    Consent.objects.bulk_create(agreed, ignore_conflicts=True)
    Binding.objects.get_or_create(business=shop, user=user)
    if not PaymentAccount.objects.filter(operator=shop.operator_id).exists():
        number = ACCOUNT[:-4] + f"{shop.operator_id % 10_000:04d}"
        PaymentAccount.objects.create(
            operator=shop.operator,
            holder=shop.operator.name,
            bank="演示银行",
            number=number,
            number_index=account_index(number),
            last_four=number[-4:],
            owner=user,
            added_by=user,
        )
    return user


def another_account(shop, by, number, bank="演示银行"):
    """The owner changes where they are paid, with all that this takes."""
    return set_payment_account(
        shop,
        holder=shop.operator.name,
        bank=bank,
        number=number,
        by=by,
        last_six=shop.operator.identity.reveal()[-6:],
        is_fresh=True,
    )


def grant_of_money(code="T01a", amount="5000", **content) -> Benefit:
    """A benefit of one sum that every shop may apply for, with one material to upload."""
    content = {"materials": [MATERIAL], "promised_working_days": 15, **content}
    return publish(code, amount={"fixed": amount}, **content).benefit


def grant_of_rent(code="T01c", **content) -> Benefit:
    """A monthly benefit: rent up to 500 a month for 36 months."""
    content = {"materials": [MATERIAL], "promised_working_days": 15, **content}
    return publish(code, amount=RENT, **content).benefit


def envelope(benefit, yuan=1_000_000, *, year=None, district="", by=None):
    forget_editions()
    by = by or User.objects.get(username="tests_admin")
    return budgets.set_cap(benefit, year or timezone.localdate().year, district, yuan * 100, by=by)


@cache
def _white():
    return jpeg(Image.new("RGB", (40, 30), "white"))


def evidence(operator, material="租赁合同", status="clean") -> Evidence:
    """A row of the wallet as if it had been uploaded and looked through, with a picture of nothing."""
    key = os.urandom(16).hex()
    place = Path(settings.PRIVATE_FOLDER) / "evidence" / key[:2] / key
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(_white())
    return Evidence.objects.create(
        operator=operator,
        material=material,
        original_name="照片.jpg",
        stored_name=key,
        media_type="image/jpeg",
        size=1_000,
        sha256=hashlib.sha256(key.encode()).hexdigest(),
        status=status,
    )


def draft(benefit, shop, owner, **answers):
    """An application with everything in it that filing needs."""
    application = applying.begin(shop, benefit, by=owner)
    if answers:
        application = applying.save(application, answers, by=owner)
    for material in to_upload(application.benefit_version):
        piece = evidence(shop.operator, material["name"])
        application = applying.use(application, material["name"], piece, by=owner)
    return applying.declare(application, by=owner)


def filed(benefit, shop, owner, **answers):
    return applying.submit(draft(benefit, shop, owner, **answers), by=owner)


def accepted(application, people):
    return reviewing.accept(application, by=people.reviewer)


def recommended(application, people):
    """Accepted, everything judged to be right, recommended."""
    application = accepted(application, people)
    staff_rows = [row["id"] for row in application.judged["criteria"] if row["result"] == "staff"]
    if staff_rows:
        verdicts = {row: {"verdict": "pass"} for row in staff_rows}
        application = reviewing.set_verdicts(application, verdicts, by=people.reviewer)
    return reviewing.recommend(application, by=people.reviewer)


def approved(application, people):
    return approve(recommended(application, people), people)


def approve(application, people):
    """By two where two are needed."""
    application = approving.approve(application, by=people.approver)
    if application.state == "countersigning":
        application = approving.approve(application, by=people.approver_2)
    return application


def shop_with_rent(place=1, rent="380", **facts):
    """A shop that rents its premises."""
    shop = open_shop(place, registered_on=months_ago(20).isoformat(), **facts)
    tell_of(shop, "self", rents_premises=True, monthly_rent=rent)
    return shop


def first_of_this_month() -> date:
    return timezone.localdate().replace(day=1)


IN_DISTRICT = {"all": [{"fact": "district", "op": "in", "value": ["520201"]}]}
REASON = "房租合同已经到期了，不能证明现在还在租。"


def refused(application, people):
    """Accepted, then refused by the reviewer for the first criterion; its benefit needs one (IN_DISTRICT)."""
    application = accepted(application, people)
    failed = [application.judged["criteria"][0]["id"]]
    return reviewing.refuse(application, by=people.reviewer, failed=failed, reason=REASON)


def checked_again(application, by):
    """A draw of one, and what ``by`` found when they looked at it once more."""
    day = timezone.localdate()
    recheck = Recheck.objects.create(
        department=by.department,
        seed="1",
        size=1,
        decided_from=day,
        decided_to=day,
        fingerprint="1",
        population=1,
        drawn_by=by,
    )
    pick = RecheckPick.objects.create(recheck=recheck, application=application, position=1)
    rechecking.set_result(pick, "right", "都对得上", by=by)


def failed_of(application) -> list[str]:
    """The first of the criteria, for who turns a case down by it."""
    return [application.judged["criteria"][0]["id"]]
