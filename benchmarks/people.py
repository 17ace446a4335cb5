"""An owner with a shop and an officer, both signed in: prints the session cookie of each (benchmarks/lighthouse.sh).

``python -m benchmarks.people FOLDER``, beside a running server, on the database that BENCHMARK_DATABASE_URL names.
"""

import sys
from pathlib import Path

from benchmarks.database import install

PHONE, CREDIT_CODE = "13800000001", "92520201MA6E00019C"


def owner():
    """A veteran whose shop departments know something of."""
    from django.utils import timezone

    from accounts.actions import agree
    from accounts.models import User
    from businesses.models import Binding, Business
    from businesses.register import Arrival, take_in

    said = {
        "registry": {"registered_on": "2026-01-15", "district": "520201", "operating_status": "operating"},
        "veterans": {"operator_groups": {"yes": ["self_employed_veteran"], "no": []}},
        "employment": {"first_time_business": True, "startup_subsidy_received": False},
        "self": {"rents_premises": True, "monthly_rent": "800.00"},
    }
    arrival = Arrival(said, credit_code=CREDIT_CODE, name="演示茶叶店", operator_name="演示店主")
    take_in([arrival], on=timezone.localdate())
    user = User.objects.begin_with_phone(PHONE)
    agree(user, "service")
    Binding.objects.create(business=Business.objects.get(credit_code=CREDIT_CODE), user=user)
    return user


def officer():
    from accounts.models import User

    return User.objects.create_superuser("officer")


def session_of(user):
    """``sessionid=…`` of a browser in which ``user`` has just signed in."""
    from django.conf import settings
    from django.test import Client

    browser = Client()
    browser.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


if __name__ == "__main__":
    install(Path(sys.argv[1]), load=False)
    print(session_of(owner()))
    print(session_of(officer()))
