"""Benefits that are published to be measured, by the verbs, with two people: one that fits every shop, two whose new
versions draw a line elsewhere (new_versions.py), and new versions of real ones. The next benchmark takes them out, and
the people too.
"""

EVERYONE, BY_DATE, BY_NUMBER = CODES = "M05x", "M05y", "M05z"
GRANT = {"fixed": "100"}
OWNER = "benchmark-owner-"  # the beginning of the names of people who are told outside


def officers():
    """Who proposes and who publishes."""
    from accounts.models import User

    names = ("benchmark-proposes", "benchmark-publishes")
    found = {user.username: user for user in User.objects.filter(username__in=names)}
    return [found.get(name) or User.objects.create_superuser(name) for name in names]


def publish(code, **content):
    """(version, its push run, not begun) of the next version of a benefit: as the one before, save for ``content``."""
    from django.utils import timezone

    from core.models import forget_editions
    from eligibility import publishing
    from notifications.models import PushRun
    from policies.models import BenefitVersion

    proposes, publishes = officers()
    forget_editions()
    before = BenefitVersion.objects.filter(benefit__code=code).order_by("-number").first()
    if before is None:
        draft = _first(code, by=proposes)
        content = _everyone() | content
    else:
        draft = publishing.start_draft(before, by=proposes)
    if content:
        mark = publishing.part_mark(draft.content, content)
        draft = publishing.change_draft(draft, content, by=proposes, keys=tuple(content), seen=mark)
    publishing.propose(draft, by=proposes)
    version = publishing.publish(draft, by=publishes)
    forget_editions()
    return version, PushRun.objects.get(version=version, cause="policy", day=timezone.localdate())


def _first(code, *, by):
    from eligibility import publishing
    from policies.models import Measure

    measure = Measure.objects.get(code=code[:-1])
    return publishing.add_benefit(measure, code, "性能对比用的补贴", "startup_subsidy", "apply", by=by)


def _everyone():
    golden = {
        "name": "2020 年登记，没有领过房租补贴",
        "as_of": "2025-06-30",
        "profile": {"registered_on": "2020-01-02", "rent_subsidy_months_received": 0},
        "expect": {
            "state": "now",
            "eligible_from": None,
            "apply_before": None,
            "value": "100.00",
            "maximum": "100.00",
        },
    }
    return {"amount": GRANT, "golden": [golden]}


def forget():
    """Take out what an earlier benchmark has published and whom it bound, past the guards that keep versions."""
    from django.db import connection

    from core.models import Edition
    from policies.models import CATALOGUE_EDITION

    owners = f"SELECT id FROM accounts_user WHERE username LIKE '{OWNER}%%'"
    with connection.cursor() as cursor:
        for table in ("notifications_contactpoint", "accounts_consent", "businesses_binding"):
            cursor.execute(f"DELETE FROM {table} WHERE user_id IN ({owners})", [])
        cursor.execute(f"DELETE FROM accounts_user WHERE username LIKE '{OWNER}%%'", [])
        cursor.execute("DELETE FROM policies_benefitversion WHERE published_by <> 'system'")
        cursor.executemany("DELETE FROM policies_benefit WHERE code = %s", [[code] for code in CODES])
    Edition.objects.bump(CATALOGUE_EDITION)
