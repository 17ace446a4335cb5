"""A portal in a process of its own: takes commands as lines of JSON, and answers each with one.

``python -m tests.faults.portal``, started by world.py. Like a web process it goes on whatever happens to its servers.
"""

import json
import sys

import django

django.setup()

from django.db import close_old_connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from businesses.city import credit_code  # noqa: E402
from businesses.identifiers import identity_check_digit  # noqa: E402
from businesses.models import Business  # noqa: E402
from businesses.register import Arrival, take_in  # noqa: E402
from core import bulk  # noqa: E402
from core.invariants import broken  # noqa: E402
from notifications import following, runs  # noqa: E402
from notifications.models import Touched  # noqa: E402
from policies.models import BenefitVersion  # noqa: E402
from tests.notifications import register  # noqa: E402
from tests.notifications.people import owner_of  # noqa: E402

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
    """The first ``owners`` shops are bound by somebody who has agreed to be told."""
    shops = Business.objects.order_by("pk").select_related("operator")[:owners]
    with transaction.atomic():
        for number, shop in enumerate(shops):
            owner_of(shop, number)


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
def begin(version):
    """A run for a version that has one already."""
    row = BenefitVersion.objects.get(pk=version)
    with transaction.atomic():
        run, created = runs.begin(row, "policy", timezone.localdate())
    return [run.pk, created]


@command
def follow_the_day():
    return [run.pk for run in following.follow_the_day()]


@command
def invariants():
    return {name: found for name, found in broken() if found}


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
