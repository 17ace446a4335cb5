"""The world of tests/authz, with cases of the owner at every stage that an operation begins from."""

import tempfile
from contextlib import contextmanager
from unittest.mock import patch

from allauth.mfa.totp.internal.auth import (
    SECRET_SESSION_KEY,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from accounts.models import ApiClient, User
from businesses.models import Binding
from cases.actions import correcting
from cases.models import Appeal, Rating
from portal.roles import write_roles
from subsidies.actions import reviewing
from tests.authz import world as made
from tests.measures import load_catalogue
from tests.notifications.register import open_shop, publish
from tests.subsidies import world as cases

ROLES = made.ROLES
SECRET = generate_totp_secret()


def build():
    """(rows, {role: browser})."""
    write_roles()
    rows = made.build()
    owner, shop = rows["user"], rows["shop"]
    Binding.objects.filter(business=shop, user=owner).update(ended_at=None)
    people = cases.bureau()
    if not shop.operator.payment_accounts.filter(ended_at=None).exists():
        cases.owner_of(shop, made.PHONES["owner"])
    content = {"materials": [cases.MATERIAL], "promised_working_days": 15, "criteria": cases.IN_DISTRICT}
    codes = {"ready": "T01a", "filed": "T01b", "correcting": "T01c", "refused": "T01d"}
    benefits = {
        name: publish(code, amount={"fixed": "500"}, **content).benefit for name, code in codes.items()
    }
    rows["ready"] = cases.draft(benefits["ready"], shop, owner)
    rows["filed"] = cases.filed(benefits["filed"], shop, owner)
    rows["correcting"] = _correcting(cases.filed(benefits["correcting"], shop, owner), people)
    rows["refused"] = cases.refused(cases.filed(benefits["refused"], shop, owner), people)
    rows["wrong"] = [cases.MATERIAL["name"]]
    rows["piece"] = cases.evidence(shop.operator)
    rows["used"] = rows["ready"].files.filter(removed_at=None).get().evidence
    rows |= _remedies(owner, rows)
    for name in codes:
        rows[f"{name}_id"] = rows[name].public_id
    rows["draft"], rows["draft_id"] = rows["ready"], rows["ready"].public_id
    ApiClient.objects.update(source="registry", scopes=" ".join(dict(ApiClient.SCOPES)))
    browsers = {role: made.browser(role) for role in ROLES}
    _begin_second_factors(browsers)
    return rows, browsers


@contextmanager
def standing():
    """The same beside the 21 measures, undone afterwards; nothing leaves the machine and files go with it."""
    with tempfile.TemporaryDirectory() as folder:
        changed = {"PRIVATE_FOLDER": folder, "ANONYMOUS_REQUESTS_PER_SECOND": 10**6}
        with override_settings(**changed), patch("core.sms.send"), transaction.atomic():
            load_catalogue()
            with override_settings(DEBUG=True):  # the demo's people are for development
                built = build()
            yield built
            transaction.set_rollback(True)


def _remedies(owner, rows):
    """An appeal nobody has taken, one that is taken, a rating after the call; and what binds a shop nobody has."""
    year, taken_by = timezone.localdate().year, User.objects.get(username="hr_approver")
    appeals = [
        Appeal.objects.create(
            case=made._case(
                owner, rows["department"], state="appealed", period=period, reason="所在县区不符。"
            ),
            words="请再看一次。",
            filed_by=owner,
            handler=handler,
        )
        for period, handler in ((year - 2, None), (year - 3, taken_by))
    ]
    Rating.objects.update(contacted_at=timezone.now())
    stranger = open_shop(7)
    known = {
        "credit_code": [stranger.credit_code],
        "operator_name": [stranger.operator.name],
        "last_six": [stranger.operator.identity.reveal()[-6:]],
        "agree": ["1"],
    }
    own = {"last_six": [rows["shop"].operator.identity.reveal()[-6:]]}
    account = own | {"bank": ["演示银行"], "number": ["6222020200011119999"]}
    forms = {
        "POST /me/bind/": known,
        "POST /me/data/file/": own,
        "POST /me/account/": account,
        "POST /me/security/factor/on/": _code_of_now,
    }
    return {"appeal": appeals[0], "taken": appeals[1], "known": forms}


def _code_of_now():
    counter = list(yield_hotp_counters_from_time())[-1]
    return {"code": [format_hotp_value(hotp_value(SECRET, counter))]}


def _begin_second_factors(browsers):
    """Every member of staff looks at the secret of a second factor, the same for all."""
    for name in made.STAFF:
        session = browsers[name].session
        session[SECRET_SESSION_KEY] = SECRET
        session.save()


def _correcting(case, people):
    case = reviewing.accept(case, by=people.reviewer)
    wrong = {
        "kind": "material",
        "name": cases.MATERIAL["name"],
        "reason": "照片不清楚，请重拍。",
        "sample": "",
    }
    correcting.request_correction(case, [wrong], by=people.reviewer)
    return type(case).objects.get(pk=case.pk)
