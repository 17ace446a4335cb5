"""A small world in which everybody has something that nobody else may see, and who is who in it."""

import uuid
from datetime import date, timedelta
from io import StringIO

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AccessEvent, ApiClient, Department, User
from businesses.models import (
    AddedFact,
    Binding,
    CorrectionRequest,
    CreditRating,
    DistinctiveListing,
    ImportRun,
    InspectionDraw,
    Mandate,
    PaymentAccount,
    RepairCase,
    TypeThresholds,
)
from notifications.models import (
    Change,
    Delivery,
    Notification,
    PushRun,
    Silence,
    WebhookDelivery,
    WebhookEndpoint,
)
from policies.models import Benefit, BenefitVersion, Measure, PolicyDocument, Topic
from portal import demo
from subsidies import audit
from subsidies.judging import judge_draft
from subsidies.models import (
    Appeal,
    Application,
    CaseFile,
    Envelope,
    Evidence,
    Grant,
    Instalment,
    Interest,
    Offer,
    OfferList,
    PaymentBatch,
    PublicNotice,
    Rating,
    Recheck,
    RecheckPick,
)

OWNER, OTHER, WORKER = "13800000001", "13800000002", "13800000003"
STAFF = [person.username for person in demo.STAFF if not person.username.endswith("_2")]
PEOPLE = ["owner", "other", "agent", *STAFF]
ROLES = ["anonymous", *PEOPLE, "program"]


def build():
    """Rows of every kind; returns what addresses are filled in with, by the name used in matrix.py."""
    call_command("demo", city=0, stdout=StringIO())
    today = timezone.localdate()
    owner, other, agent = (User.objects.with_phone(phone) for phone in (OWNER, OTHER, WORKER))
    shop, others = (Binding.objects.get(user=user).business for user in (owner, other))
    mandate = Mandate.objects.create(
        business=shop, given_by=owner, agent=agent, scopes=["view"], until=today + timedelta(days=30)
    )
    hrss, market = (Department.objects.get(code=code) for code in ("hrss", "market"))
    runs = {
        source: ImportRun.objects.create(
            source_id=source, file_name=f"{source}.csv", sha256=source, as_of=today, status="checked"
        )
        for source in ("employment", "registry")
    }
    requests = {
        source: CorrectionRequest.objects.create(
            business=shop, fact=fact, shown="—", source=source, note="演示", asked_by=owner
        )
        for source, fact in (("employment", "first_time_business"), ("registry", "district"))
    }
    drafts = {}
    for bureau, code in (("hrss", "M05a"), ("market", "M16b")):
        published = BenefitVersion.objects.get(benefit__code=code)
        drafts[bureau] = BenefitVersion.objects.create(
            benefit=published.benefit, number=9, content=published.content
        )
    listing = DistinctiveListing.objects.create(
        business=others,
        listed_as="quality",
        since=date(today.year, 1, 1),
        until=date(today.year + 2, 12, 31),
        basis="演示",
    )
    draw = InspectionDraw.objects.create(name="演示抽查", seed="1", size=1)
    CreditRating.objects.update_or_create(business=shop, defaults={"rated": "B", "on": today})
    case = RepairCase.objects.create(business=shop)
    fact = AddedFact.objects.create(name="fire_proof", type="bool", label="有证明", question="有吗？")
    events = {
        bureau.code: AccessEvent.objects.create(department=bureau, action="export", subject="register")
        for bureau in (hrss, market)
    }
    now = timezone.now()
    soon = BenefitVersion.objects.get(benefit__code="M05a", status="published")
    message = Notification.objects.create(
        operator=shop.operator,
        business=shop,
        benefit=soon.benefit,
        version=soon,
        run=PushRun.objects.create(version=soon, cause="profile", day=today, status="done", finished_at=now),
        kind=Change.SOON,
        day=today,
    )
    silence = Silence.objects.create(operator=shop.operator, kind=Change.AMOUNT, by=owner)
    endpoint = WebhookEndpoint.objects.create(
        client=ApiClient.objects.get(), url="https://events.example.cn/", events=[], secret="whsec_demo"
    )
    return {
        **cases(owner, other, hrss, market),
        "endpoint": endpoint,
        "webhook": WebhookDelivery.objects.create(
            endpoint=endpoint, event="policy.published", payload={}, status="dead"
        ),
        "message": message,
        "message_id": message.pk,
        "silence": silence,
        "shop": shop,
        "others_shop": others,
        "mandate": mandate,
        "own_run": runs["employment"],
        "market_run": runs["registry"],
        "own_request": requests["employment"],
        "market_request": requests["registry"],
        "own_draft": drafts["hrss"],
        "market_draft": drafts["market"],
        "listing": listing,
        "draw": draw,
        "case": case,
        "fact": fact,
        "own_event": events["hrss"],
        "market_event": events["market"],
        "push_run": PushRun.objects.filter(finished_at=None).first(),
        "delivery": Delivery.objects.create(
            user=owner, channel="sms", status="failed", due_at=timezone.now()
        ),
        "nobody": uuid.uuid4(),
        "thresholds": TypeThresholds.objects.latest(),
        "client": ApiClient.objects.get(),
        "user": owner,
        "version": BenefitVersion.objects.filter(status="published").first(),
        "binding": Binding.objects.get(user=owner),
        "business": shop,
        "operator": shop.operator,
        "account": PaymentAccount.objects.create(
            operator=shop.operator,
            holder="演示店主甲",
            bank="演示银行",
            number="6222000000000000",
            last_four="0000",
        ),
        "own_source": runs["employment"].source,
        "market_source": runs["registry"].source,
        "rating": CreditRating.objects.get(business=shop),
        "group": Group.objects.first(),
        "department": hrss,
        "document": PolicyDocument.objects.get(),
        "topic": Topic.objects.first(),
        "measure": Measure.objects.first(),
        "own_measure": Measure.objects.get(code="M05"),
        "market_measure": Measure.objects.get(code="M16"),
        "benefit": Benefit.objects.first(),
    }


def cases(owner, other, own, market):
    """A case of the owner at the labour bureau, one of the other at the market regulator, and what belongs to them."""
    people = {name: User.objects.get(username=name) for name in ("hr_reviewer", "hr_approver", "hr_finance")}
    rows = {"application": _case(owner, own), "market_application": _case(other, market)}
    case, now, today = rows["application"], timezone.now(), timezone.localdate()
    benefit = case.benefit
    rows["evidence"] = Evidence.objects.create(
        operator=case.operator,
        material="租赁合同",
        original_name="合同.jpg",
        stored_name="0" * 32,
        media_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        status="clean",
    )
    rows["case_file"] = CaseFile.objects.create(
        application=case, evidence=rows["evidence"], material="租赁合同"
    )
    rows["appeal"] = Appeal.objects.create(application=case, words="请再看一次。", filed_by=owner)
    rows["case_rating"] = Rating.objects.create(application=case, department=own, stage="submitted")
    rows["envelope"], _ = Envelope.objects.get_or_create(
        benefit=benefit, department=own, year=today.year, defaults={"cap_fen": 10**9}
    )
    grant = Grant.objects.create(application=case, total_fen=500_000)
    rows["instalment"] = Instalment.objects.create(
        grant=grant, envelope=rows["envelope"], number=1, amount_fen=500_000, status="due"
    )
    rows["batch"] = PaymentBatch.objects.create(
        number="PF-demo", department=own, count=1, total_fen=500_000, prepared_by=people["hr_finance"]
    )
    rows["notice"] = PublicNotice.objects.create(
        number="GS-demo",
        department=own,
        benefit=benefit,
        from_on=today,
        until_on=today,
        published_by=people["hr_approver"],
    )
    rows["offers"] = OfferList.objects.create(
        department=own,
        benefit=benefit,
        benefit_version_id=case.benefit_version_id,
        period=today.year,
        day=today,
        prepared_by=people["hr_reviewer"],
    )
    rows["offer"] = Offer.objects.create(
        offer_list=rows["offers"], business=case.business, benefit=benefit, period=today.year, amount_fen=1
    )
    rows["recheck"] = Recheck.objects.create(
        department=own,
        seed="1",
        size=1,
        decided_from=today,
        decided_to=today,
        fingerprint="0" * 64,
        population=1,
        drawn_by=people["hr_reviewer"],
        drawn_at=now,
    )
    rows["pick"] = RecheckPick.objects.create(recheck=rows["recheck"], application=case, position=1)
    rows["interest"] = Interest.objects.create(
        user=people["hr_reviewer"], person_index="0" * 64, relation="kin"
    )
    for name, bureau in (("own", own), ("market", market)):
        rows[f"{name}_entry"] = audit.record("demo", f"department {bureau.pk}", department_id=bureau.pk)
    return rows


def _case(owner, bureau):
    """An application of the owner's shop, handed in."""
    shop = Binding.objects.get(user=owner).business
    version = BenefitVersion.objects.get(benefit__code="M05c", status="published")
    case = Application(
        business=shop,
        operator=shop.operator,
        person_index=shop.operator.identity_index,
        benefit=version.benefit,
        benefit_version=version,
        department=bureau,
        period=timezone.localdate().year,
        submitter=owner,
        submitted_at=timezone.now(),
        state="submitted",
        number=f"LPS-{shop.pk}",
    )
    case.judged = judge_draft(case, timezone.localdate()).as_json
    case.save()
    audit.record(
        "submit", f"application {case.pk}", by=owner, application=case, before="draft", after="submitted"
    )
    return case


def browser(role):
    """A client of one role; the program brings its token."""
    if role == "program":
        answer = Client().post(
            "/api/v1/auth/token/",
            f"grant_type=client_credentials&client_id={demo.CLIENT_ID}&client_secret={demo.CLIENT_SECRET}",
            content_type="application/x-www-form-urlencoded",
        )
        return Client(headers={"authorization": f"Bearer {answer.json()['access_token']}"})
    client = Client()
    if role != "anonymous":
        phones = {"owner": OWNER, "other": OTHER, "agent": WORKER}
        user = User.objects.with_phone(phones[role]) if role in phones else User.objects.get(username=role)
        client.force_login(user)
    return client
