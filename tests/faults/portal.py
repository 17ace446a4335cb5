"""A portal in a process of its own: takes commands as lines of JSON, and answers each with one.

``python -m tests.faults.portal``, started by world.py. Like a web process it goes on whatever happens to its servers.
"""

import json
import sys
from datetime import timedelta
from io import StringIO

import django
import time_machine

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import CommandError, call_command  # noqa: E402
from django.db import close_old_connections, connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.actions import NOTICE  # noqa: E402
from accounts.models import Consent, User, phone_index  # noqa: E402
from businesses.identifiers import identity_check_digit  # noqa: E402
from businesses.models import Binding, Business  # noqa: E402
from businesses.register import Arrival, take_in  # noqa: E402
from core import bulk  # noqa: E402
from eligibility import invariants as decisions  # noqa: E402
from notifications import invariants as pushes  # noqa: E402
from notifications import sweep  # noqa: E402
from notifications.models import Touched  # noqa: E402
from notifications.pushes import calendar_run, runs  # noqa: E402
from policies.models import BenefitVersion  # noqa: E402
from portal.city import credit_code  # noqa: E402
from tests.notifications import register  # noqa: E402
from tests.subsidies import world as cases  # noqa: E402

COMMANDS = {}


def command(function):
    COMMANDS[function.__name__] = function
    return function


@command
def open_register(owners):
    """``owners`` operators with a shop of 0 to 9 employees; every twentieth has a second one of another size."""
    places = ((place, place) for place in range(owners))
    second = ((owners + place, place) for place in range(0, owners, 20))
    for chunk in bulk.chunks([*places, *second], 2_000):
        take_in([_shop(place, person) for place, person in chunk], on=timezone.localdate())
    # Nothing is published yet, so nobody has to be judged.
    Touched.objects.all().delete()
    Business.objects.filter(credit_code__in=[credit_code("520201", place) for place in (3, 4)]).update(
        operator=None
    )
    return Business.objects.count()


def _shop(place, person):
    return Arrival(
        {"registry": {"district": "520201", "operating_status": "operating", "employees": place * 7 % 10}},
        credit_code=credit_code("520201", place),
        identity=identity(person),
        name=f"演示店{place:06}",
        operator_name="演示人",
    )


def identity(person):
    body = f"520201{1900 + person // 1000}0101{person % 1000:03}"
    return body + identity_check_digit(body)


@command
def bind(owners):
    """The first ``owners`` shops are bound by somebody who has agreed to be told and has a phone."""
    shops = list(Business.objects.order_by("pk")[:owners])
    phones = [f"1390000{number:04}" for number in range(owners)]
    users = User.objects.bulk_create(
        User(
            username=phone,
            phone=phone,
            phone_index=phone_index(phone),
            phone_verified_at=timezone.now(),
        )
        for phone in phones
    )
    Consent.objects.bulk_create(Consent(user=user, kind="push", notice=NOTICE) for user in users)
    Binding.objects.bulk_create(
        Binding(business=shop, operator_id=shop.operator_id, user=user)
        for shop, user in zip(shops, users, strict=True)
    )


@command
def publish(most, amount, like=None, code="T01a"):
    """A benefit for shops of up to ``most`` employees, or the next version of that of version ``like``."""
    content = {
        "criteria": {"all": [{"fact": "employees", "op": "lte", "value": most}]},
        "amount": {"fixed": str(amount)},
    }
    with transaction.atomic():
        if like is None:
            version = register.add_benefit(code, **content)
        else:
            version = register.draft(BenefitVersion.objects.get(pk=like).benefit, **content)
        register.put_in_force(version)
    return version.pk


@command
def session_of_an_administrator():
    user, _ = User.objects.get_or_create(
        username="admin", defaults={"is_staff": True, "is_superuser": True, "password": "!"}
    )
    return _session_of(user)


def _session_of(user):
    client = Client(HTTP_HOST="zc.example.cn")
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@command
def drafts(count):
    """``count`` applications, each of another owner, with all that handing in needs, as {id, version, session}."""
    cases.bureau()
    benefit, found = cases.grant_of_money(), []
    for place in range(count):
        shop = register.open_shop(place)
        owner = cases.owner_of(shop)
        draft = cases.draft(benefit, shop, owner)
        found.append({"id": str(draft.public_id), "version": draft.version, "session": _session_of(owner)})
    return found


@command
def begin(version, scope):
    """[id, whether it is new] of a run beside that of the publishing."""
    row = BenefitVersion.objects.get(pk=version)
    with transaction.atomic():
        run, created = runs.begin(row, "policy", timezone.localdate(), scope=scope)
    return [run.pk, created]


@command
def push(code):
    """manage.py push: done, or refused because another run of the benefit is at it."""
    try:
        call_command("push", code, stdout=StringIO())
    except CommandError:
        return "refused"
    return "done"


@command
def relay():
    sweep.relay()


@command
def follow_the_day(days_ahead=0):
    """``days_ahead``: by a clock that says half past midnight of a later day."""
    if not days_ahead:
        return [run.pk for run in calendar_run.follow_the_day()]
    day = timezone.localdate() + timedelta(days=days_ahead)
    with time_machine.travel(f"{day.isoformat()}T00:30:00+08:00", tick=True):
        return [run.pk for run in calendar_run.follow_the_day()]


@command
def longest_idle():
    """How long PostgreSQL lets a transaction wait for who began it."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        return cursor.fetchone()[0]


# Those of decisions and pushes; check_invariants goes over the whole register as well.
OF_PUSHES = (
    decisions.every_match_evaluates_to_itself,
    decisions.one_match_for_shop_and_benefit,
    decisions.no_match_is_an_orphan,
    pushes.one_notification_for_each_change,
    pushes.no_notification_is_an_orphan,
    pushes.nobody_was_forgotten,
    pushes.counts_add_up,
    pushes.ledgers_are_whole,
    pushes.deliveries_hold_together,
)


@command
def broken_invariants():
    return {check.__name__: found for check in OF_PUSHES if (found := list(check())[:5])}


def main():
    print(json.dumps({"done": "ready"}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        close_old_connections()
        try:
            answer = {"done": COMMANDS[asked["command"]](**asked["arguments"])}
        except Exception as problem:  # told to who asked
            answer = {"failed": repr(problem)}
        print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
