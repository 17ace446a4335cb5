"""What the pages of reviewers cost: the queue and one case, with 1,000 and 100,000 applications in the table.

``python -m benchmarks.review [--n 1000 100000] [--repeat 15] [--database postgres://…|sqlite:///…]``. Every shop of the
register has one application, in states as a bureau has them: 5 % to be accepted, 5 % in review, 2 % to be approved, the
rest decided. Pages are asked for by Django's test client as a clerk gets them, so times are of the server alone. The
case is a full one: ten earlier files of the person, eight photos, one correction.
"""

import sys
import time
from datetime import timedelta
from statistics import median

from benchmarks.bulk import goal, parsed, run_sizes
from benchmarks.report import print_machine, print_table
from cases import queue

BATCH, EARLIER, PHOTOS = 5_000, 10, 8
BASE = 5_000  # shops that are made up one by one; the rest is copied from them
MOST_QUERIES, MOST_MS, MOST_GROWTH = 25, 300, 1.5
QUEUE, SEARCH, CASE, NEXT = "queue: 待受理", "queue: by number", "case page", "取下一件"
PAGES = {
    QUEUE: "?view=submitted",
    "queue: 已超期": "?view=overdue",
    SEARCH: "?q={number}",
    CASE: "{pk}/change/",
}
ADDRESS = "/admin/subsidies/application/"
STATES = ["submitted"] * 5 + ["reviewing"] * 5 + ["recommended"] * 2 + ["refused"] * 28 + ["withdrawn"] * 60
MATERIALS = ("身份证", "人员类别证明", "租赁合同", "房租付款凭证")


def version_of(code):
    from policies.models import BenefitVersion

    found = BenefitVersion.objects.filter(benefit__code=code).order_by("-number")
    return found.select_related("benefit").first()


def clerk(department):
    """Somebody who reviews for ``department``."""
    from django.contrib.auth.models import Group

    from accounts.models import User
    from portal.roles import write_roles

    write_roles()
    user, _ = User.objects.get_or_create(
        username="benchmark_clerk", defaults={"is_staff": True, "department": department}
    )
    user.groups.set([Group.objects.get(name="审核员")])
    return user


def fill():
    """One application for every shop. Returns the department that handles them."""
    from django.utils import timezone

    from businesses.models import Business, PaymentAccount
    from cases.assessment import judge
    from subsidies.models import Application

    version = version_of("M05c")
    department = version.benefit.measure.leads[0]
    today, now = timezone.localdate(), timezone.now()
    shops = Business.objects.filter(operator__isnull=False).order_by("operator", "pk")
    pairs = list(dict(shops.values_list("operator", "pk")).items())
    judged = judge(Business.objects.get(pk=pairs[0][1]), version, {"monthly_rent": "380.00"}, today).as_json
    for start in range(0, len(pairs), BATCH):
        part = pairs[start : start + BATCH]
        accounts = PaymentAccount.objects.bulk_create(
            PaymentAccount(
                operator_id=operator,
                holder="演示人",
                bank="演示银行",
                number=f"62220000{operator:010}",
                number_index=f"{operator:064x}",
                last_four="0000",
            )
            for operator, _ in part
        )
        Application.objects.bulk_create(
            Application(
                number=f"LPS-2025-{pk:08}",
                business_id=pk,
                operator_id=operator,
                person_index=f"{operator:064x}",
                benefit=version.benefit,
                benefit_version=version,
                department=department,
                district="520201",
                once="person",
                state=STATES[place % len(STATES)],
                answers={"monthly_rent": "380.00", "rents_premises": True},
                account=account,
                judged=judged,
                amount_fen=38_000 * 36,
                monthly_fen=38_000,
                months=36,
                starts_on=today.replace(day=1),
                submitted_at=now,
                due_on=today + timedelta(days=place % 40 - 10),
                reason="租赁合同已经到期，不能证明现在还在租。",
            )
            for place, ((operator, pk), account) in enumerate(zip(part, accounts, strict=True), start)
        )
    return department


def full_case(department):
    """The application of which the page is asked for, with everything that a page can have."""
    import hashlib
    import os

    from django.utils import timezone

    from cases.models import CaseFile, Correction, Defect, Evidence
    from subsidies.models import Application

    case = Application.objects.filter(department=department, state="submitted").order_by("-pk").first()
    case.number = f"LPS-2026-{case.pk:08}"  # as filing numbers
    case.save(update_fields=["number"])
    case.business.address = "钟山大道 8 号"
    case.business.save(update_fields=["address"])
    other = version_of("M05a")
    for place in range(EARLIER):
        Application.objects.create(
            number=f"LPS-2024-{case.pk:07}{place}",
            business_id=case.business_id,
            operator_id=case.operator_id,
            person_index=case.person_index,
            benefit=other.benefit,
            benefit_version=other,
            department=department,
            state="withdrawn",
            judged=case.judged,
            submitted_at=timezone.now(),
        )
    for place in range(PHOTOS):
        key = os.urandom(16).hex()
        evidence = Evidence.objects.create(
            operator_id=case.operator_id,
            material=MATERIALS[place % len(MATERIALS)],
            original_name="照片.jpg",
            stored_name=key,
            media_type="image/jpeg",
            size=1_000,
            sha256=hashlib.sha256(key.encode()).hexdigest(),
            status="clean",
        )
        CaseFile.objects.create(case=case, evidence=evidence, material=evidence.material)
    correction = Correction.objects.create(
        case=case, number=1, asked_by=clerk(department), due_on=case.due_on, answered_at=timezone.now()
    )
    Defect.objects.create(correction=correction, kind="fact", name="monthly_rent", reason="和合同不一致")
    return case


def asked(client, address):
    """(milliseconds, queries) of one page, which has to be there."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        begun = time.perf_counter()
        response = client.get(address)
        spent = time.perf_counter() - begun
    if response.status_code != 200:
        raise SystemExit(f"{address} answers {response.status_code}.")
    return spent * 1e3, len(queries)


def taken(user):
    """Milliseconds of taking the next file from the queue; it is put back afterwards."""

    begun = time.perf_counter()
    found = queue.take_next(user)
    spent = time.perf_counter() - begun
    queue.put_back(found, by=user)
    return spent * 1e3, 0


def prepared(n, base, seed, folder):
    """(client of a clerk, the clerk, the full case), in a register of ``n`` shops with their applications."""
    from benchmarks.city import checkpoint, enter, settle

    enter(folder, n=n, base=base, seed=seed)
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from businesses.models import PaymentAccount
    from cases.models import CaseFile, Correction, Evidence
    from subsidies.models import Application

    settings.STAFF_SECOND_FACTOR = False  # the clerk is signed in without a telephone
    call_command("collectstatic", verbosity=0, interactive=False)
    for model in (CaseFile, Correction, Evidence, Application, PaymentAccount):
        model.objects.all().delete()
    department = fill()
    case, user = full_case(department), clerk(department)
    settle(Application)
    checkpoint()
    client = Client()
    client.force_login(user)
    return client, user, case


def measure(*, n, repeat, base, seed, folder):
    """Goals of one size, and the figures by which sizes are compared."""
    client, user, case = prepared(n, base, seed, folder)
    rounds = {name: [] for name in (*PAGES, NEXT)}
    for number in range(repeat + 1):
        for name, pattern in PAGES.items():
            found = asked(client, ADDRESS + pattern.format(pk=case.pk, number=case.number))
            rounds[name] += [found] if number else []
        rounds[NEXT] += [taken(user)] if number else []
    print_machine(applications=f"{n:,}", rounds=repeat)
    rows = [
        (
            name,
            f"{min(ms for ms, _ in found):.1f}",
            f"{median(ms for ms, _ in found):.1f}",
            found[-1][1] or "",
        )
        for name, found in rounds.items()
    ]
    print_table(("", "min ms", "median ms", "queries"), rows)
    middle = {name: median(ms for ms, _ in found) for name, found in rounds.items()}
    goals = [
        goal("ms of the case page", n, middle[CASE], MOST_MS, at_most=True),
        goal("queries of the case page", n, rounds[CASE][-1][1], MOST_QUERIES, at_most=True),
    ]
    return {"goals": goals, "figures": {name: least(found) for name, found in rounds.items()}}


def least(found):
    """The best round: what the page costs when nothing else is done."""
    return min(ms for ms, _ in found)


def run(*, n, repeat, database=None, base=BASE, seed=1):
    """Measure, print, and return the goals."""
    growth = [(name, f"ms of {name}", MOST_GROWTH) for name in (QUEUE, SEARCH, NEXT, CASE)]
    return run_sizes(
        "Review: the queue and a case",
        "review",
        n=n,
        repeat=repeat,
        database=database,
        base=base,
        seed=seed,
        growth=growth,
    )


def main(arguments):
    options = parsed(arguments, "review", __doc__, n=(1_000, 100_000), repeat=15)
    run(**{**options, "base": min(options["base"], BASE)})


if __name__ == "__main__":
    main(sys.argv[1:])
