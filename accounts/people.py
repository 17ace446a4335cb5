"""The verbs on accounts of staff: take somebody in, change them and their roles, send them a link for a password.

Whoever comes through which door, these say who may. Nobody sets another's password, and nobody changes themselves.
"""

import logging
import uuid
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from core import sms
from core.errors import Refused
from core.limits import Limit, try_once
from core.models import DevelopmentMessage

from .access import may_give, may_manage, may_place, record
from .models import User

logger = logging.getLogger(__name__)

# All that is changed of somebody here: neither their password nor where they are reached by phone.
CHANGED = ["first_name", "email", "department", "is_active"]
LINKS = Limit("password-link", 5, 60 * 60)
SUBJECT = "设置政策直通车的登录密码"
TEXT = "请设置政策直通车的登录密码。不是您要的，请告诉本单位的管理员。24 小时内有效：{address}"


@transaction.atomic
def take_in(person: User, roles, *, by) -> User:
    """Save somebody new of the staff, without a password. ``roles``: names. PermissionDenied where ``by`` may not."""
    person.is_staff, person.is_superuser = True, False
    roles = set(roles)
    allowed = by.has_perm("accounts.add_user") and may_place(by, person.department)
    if not allowed or not all(may_give(by, role, person.department) for role in roles):
        raise PermissionDenied
    person.set_unusable_password()
    person.save()
    person.groups.set(Group.objects.filter(name__in=roles))
    record(by, "user_added", f"user {person.pk}", roles=sorted(roles))
    return person


@transaction.atomic
def change(person: User, roles, *, by, fields=()) -> User:
    """Save what was changed of somebody, and the roles they have from now on. ``fields``: names, for the journal."""
    before = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    had, roles = set(before.groups.values_list("name", flat=True)), set(roles)
    moved = before.department_id != person.department_id
    raised = (before.is_superuser, before.is_staff) != (person.is_superuser, person.is_staff)
    if not may_manage(by, before) or raised or (moved and not may_place(by, person.department)):
        raise PermissionDenied
    if roles and not person.is_staff:
        raise PermissionDenied
    given, taken = sorted(roles - had), sorted(had - roles)
    may = [may_give(by, role, person.department) for role in given]
    may += [may_give(by, role, before.department) for role in taken]
    if not all(may):
        raise PermissionDenied
    person.save(update_fields=CHANGED)
    person.groups.set(Group.objects.filter(name__in=roles))
    record(by, "user_changed", f"user {person.pk}", fields=list(fields), given=given, taken=taken)
    return person


def send_password_link(person: User, *, by) -> str:
    """Send ``person`` a link by which they set a password themselves, to the phone that is known, else by mail.

    Returns where it went, masked. Raises ``Refused`` where nothing is known or nothing could be sent.
    """
    if not may_manage(by, person):
        raise PermissionDenied
    if not person.is_active or not person.is_staff:
        raise Refused("只有在用的工作人员账户用密码登录，其他人不用密码")
    if not person.phone and not person.email:
        raise Refused("没有登记手机号和邮箱，链接没有地方可发")
    if not try_once(LINKS, f"user {person.pk}").allowed:
        raise Refused(f"1 小时最多发 {LINKS.times} 次，请稍后再发")
    path = reverse(
        "password-link",
        args=[urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)],
    )
    text = TEXT.format(address=f"{settings.SITE_URL.rstrip('/')}{path}")
    where = _send_to_phone(person, text) if person.phone else _send_mail(person, text)
    record(by, "password_link_sent", f"user {person.pk}", channel="sms" if person.phone else "email")
    return where


def _send_to_phone(person, text):
    try:
        sms.send(sms.Message(str(uuid.uuid4()), person.phone.reveal(), text))
    except sms.NotSent as problem:
        logger.error("A link for a password was not sent. %s", problem)
        raise Refused("短信暂时发不出去，请过几分钟再试") from None
    return person.masked_phone


def _send_mail(person, text):
    name, _, domain = person.email.partition("@")
    where = f"{name[:1]}***@{domain}"
    if settings.DEBUG:  # nothing has to be set up to try it
        DevelopmentMessage.objects.create(channel="email", to=where, text=text)
        return where
    try:
        send_mail(SUBJECT, text, None, [person.email])
    except (SMTPException, OSError) as problem:
        logger.error("A link for a password was not sent (%s).", type(problem).__name__)
        raise Refused("邮件暂时发不出去，请过几分钟再试") from None
    return where
