"""A small world in which everybody has something that nobody else may see, and who is who in it."""

import uuid
from datetime import date, timedelta
from io import StringIO

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.actions import agree
from accounts.models import AccessEvent, ApiClient, Department, User
from businesses.models import (
    AddedFact,
    Assistance,
    Binding,
    Business,
    CorrectionRequest,
    CreditRating,
    DistinctiveListing,
    ImportRun,
    Mandate,
    PaymentAccount,
    RepairCase,
    TypeThresholds,
)
from cases import audit
from cases.actions import general
from cases.assessment import judge_draft
from cases.evidence import wallet
from cases.models import Appeal, CaseFile, Interest, Rating
from core.models import CalendarDay
from jobs import contacting, posting
from jobs.contracts import agreeing
from needs.models import Answer
from notifications.models import (
    Change,
    Delivery,
    Letter,
    Notification,
    OptOut,
    PushRun,
    WebhookDelivery,
    WebhookEndpoint,
)
from policies.models import (
    Benefit,
    BenefitVersion,
    Desk,
    Measure,
    MissedSearch,
    PolicyDocument,
    SearchWord,
    Topic,
)
from portal import demo, demo_jobs, demo_services
from services.asking import Ask, ask
from services.finance import tenders
from services.models import Offering, Slot
from subsidies.models import (
    Application,
    Envelope,
    Grant,
    Instalment,
    Offer,
    OfferList,
    PaymentBatch,
    PublicNotice,
    Recheck,
    RecheckPick,
)
from tests.notifications.register import CITY_PAPER
from tests.uploads import pictures
from visits.code import token_of
from visits.models import InspectionDraw, VisitCase
from visits.planning import Plan, plan

from . import labour

# agent: may look at the owner's shop; helper and program: may apply for it besides.
PHONES = {"owner": "13800000001", "other": "13800000002", "agent": "13800000003", "helper": "13800000004"}
OTHER_BANK = "bank_officer_2"  # other seconds may do what their first may
OF_SERVICES = [
    "insurer_officer",
    "service_clerk",
]  # others of services may do in their bureau what this clerk may
OF_JOBS = [person.username for person in demo_jobs.STAFF]
STAFF = [
    *(
        person.username
        for person in demo.STAFF
        if not person.username.endswith("_2") or person.username == OTHER_BANK
    ),
    *OF_SERVICES,
    *OF_JOBS,
]
LENDERS = {"a": "demo-bank-a", "b": "demo-bank-b", "c": "demo-insurer"}
CANARY_WORDS = "只有被问的才知道"
PEOPLE = [*PHONES, *STAFF]
ROLES = ["anonymous", *PEOPLE, "program"]


def build():
    """Rows of every kind; returns what addresses are filled in with, by the name used in matrix.py."""
    call_command("demo", city=0, stdout=StringIO())
    _institutions()
    owner, other = (User.objects.with_phone(PHONES[role]) for role in ("owner", "other"))
    shop, others = (Binding.objects.get(user=user).business for user in (owner, other))
    hrss, market, centre = (
        Department.objects.get(code=code)
        for code in ("hrss", "market", demo_person("service_clerk").department)
    )
    return {
        "mandate": mandates(shop, owner),
        "nobody": uuid.uuid4(),
        **people(owner, hrss, market),
        **catalogue(),
        **register(owner, shop, others),
        **news(owner, shop),
        **cases(owner, other, hrss, market),
        **tender(owner, shop, hrss),
        **booking(owner, shop, hrss),
        **labour.market(owner, other),
        **contract(owner, other, shop),
        **visit(shop, hrss),
        **enquiry(owner, shop, _offering(hrss)),
        **at_the_centre(owner, shop, centre),
        **public_answers(),
        **assistances(),
    }


def demo_person(username):
    return next(person for person in demo_services.STAFF if person.username == username)


def _institutions():
    """Those that the demo makes with its city: an insurer, and who files for others."""
    Department.objects.get_or_create(code="demo-insurer", defaults={"name": "演示保险", "kind": "insurer"})
    demo.create_people([demo_person(username) for username in OF_SERVICES])
    demo.create_people(demo_jobs.STAFF)


def people(owner, own, market):
    """Who is who, and what was written down of them."""
    rows = {
        f"{name}_event": AccessEvent.objects.create(department=bureau, action="export", subject="register")
        for name, bureau in (("own", own), ("market", market))
    }
    return rows | {
        "user": owner,
        "clerk": User.objects.get(username="hr_finance"),
        "market_clerk": User.objects.get(username="market_reviewer"),
        "city_clerk": User.objects.get(username="city_admin"),
        "group": Group.objects.first(),
        "department": own,
        "client": ApiClient.objects.get(),
        "calendar_day": CalendarDay.objects.create(day=date(2030, 1, 5), is_workday=True),
    }


def catalogue():
    """What is in force, and a draft of each bureau."""
    drafts = {}
    for name, code in (("own", "M05a"), ("market", "M16b")):
        published = BenefitVersion.objects.get(benefit__code=code)
        drafts[f"{name}_draft"] = BenefitVersion.objects.create(
            benefit=published.benefit, number=9, content=published.content
        )
    return drafts | {
        "version": BenefitVersion.objects.filter(status="published").first(),
        "document": PolicyDocument.objects.get(code=CITY_PAPER),
        "topic": Topic.objects.first(),
        "search_word": SearchWord.objects.get(word="房东", benefit__code="M05c"),
        "market_word": SearchWord.objects.get(word="黑名单", benefit__code="M16b"),
        "missed_search": MissedSearch.objects.create(kind="search", word="鲲鹏", week="2026-11-23", count=1),
        **{
            name: Desk.objects.create(
                department=Department.objects.get(code=code), place="演示大厅", source="演示"
            )
            for name, code in (("desk", "hrss"), ("market_desk", "market"))
        },
        "measure": Measure.objects.first(),
        "own_measure": Measure.objects.get(code="M05"),
        "market_measure": Measure.objects.get(code="M16"),
        "benefit": Benefit.objects.first(),
        "fact": AddedFact.objects.create(name="fire_proof", type="bool", label="有证明", question="有吗？"),
        "thresholds": TypeThresholds.objects.latest(),
    }


def register(owner, shop, others):
    """What is known of shops, where it came from, and what their owners say to it."""
    today, rows = timezone.localdate(), {}
    for name, source, fact in (
        ("own", "employment", "first_time_business"),
        ("market", "registry", "district"),
    ):
        rows[f"{name}_run"] = ImportRun.objects.create(
            source_id=source, file_name=f"{source}.csv", sha256=source, as_of=today, status="checked"
        )
        rows[f"{name}_source"] = rows[f"{name}_run"].source
        rows[f"{name}_request"] = CorrectionRequest.objects.create(
            business=shop, fact=fact, shown="—", source=source, note="演示", asked_by=owner
        )
    rows["rating"], _ = CreditRating.objects.update_or_create(
        business=shop, defaults={"rated": "B", "on": today}
    )
    return rows | {
        "shop": shop,
        "others_shop": others,
        "business": shop,
        "operator": shop.operator,
        "binding": Binding.objects.get(user=owner),
        "account": PaymentAccount.objects.create(
            operator=shop.operator,
            holder="演示店主甲",
            bank="演示银行",
            number="6222000000000000",
            last_four="0000",
        ),
        **_regulated(shop, others),
    }


def _regulated(shop, others):
    """What the market regulator keeps."""
    year = timezone.localdate().year
    listing = DistinctiveListing.objects.create(
        business=others,
        listed_as="quality",
        since=date(year, 1, 1),
        until=date(year + 2, 12, 31),
        basis="演示",
    )
    draw = InspectionDraw.objects.create(name="演示抽查", seed="1", size=1)
    return {"listing": listing, "draw": draw, "case": RepairCase.objects.create(business=shop)}


def news(owner, shop):
    """What the owner is told, and what a program is."""
    today, soon = timezone.localdate(), BenefitVersion.objects.get(benefit__code="M05a", status="published")
    run = PushRun.objects.create(
        version=soon, cause="profile", day=today, status="done", finished_at=timezone.now()
    )
    message = Notification.objects.create(
        operator=shop.operator,
        business=shop,
        benefit=soon.benefit,
        version=soon,
        run=run,
        kind=Change.SOON,
        day=today,
    )
    letter = Letter.objects.create(
        operator=shop.operator,
        business=shop,
        key="demo",
        title="您的申请有新进展",
        sentence="请打开办件看一看。",
        action_label="看进度",
        action_path="/cases/",
    )
    endpoint = WebhookEndpoint.objects.create(
        client=ApiClient.objects.get(), url="https://events.example.cn/", events=[], secret="whsec_demo"
    )
    return {
        "message": message,
        "message_id": message.pk,
        "letter": letter,
        "silence": OptOut.objects.create(operator=shop.operator, kind=Change.AMOUNT, by=owner),
        "push_run": PushRun.objects.filter(finished_at=None).first(),
        "delivery": Delivery.objects.create(
            user=owner, channel="sms", status="failed", due_at=timezone.now()
        ),
        "endpoint": endpoint,
        "webhook": WebhookDelivery.objects.create(
            endpoint=endpoint, event="policy.published", payload={}, status="dead"
        ),
    }


def public_answers():
    """One that everybody reads, and one that waits for somebody to publish it."""
    preparer, publisher = (User.objects.get_or_create(username=f"answers_{one}")[0] for one in "ab")
    said = {"question": "演示的问题？", "answer": "演示的答复。", "office": "演示", "prepared_by": preparer}
    return {
        "answer": Answer.objects.create(published_by=publisher, published_at=timezone.now(), **said),
        "draft_answer": Answer.objects.create(**said),
    }


def tender(owner, shop, lead):
    """The owner asks two banks and an insurer for money: what the first may read, and what each has been told."""
    agree(owner, "sensitive")
    offerings = [_loan(letter, code, lead) for letter, code in LENDERS.items()]
    first, second, third = offerings
    notice = tenders.notice_for(
        shop, next(one for one in tenders.institutions_of(first, shop) if one.offering == first)
    )
    case, _ = tenders.ask_institutions(
        first,
        shop,
        Ask(words=f"想借钱进货，{CANARY_WORDS}"),
        [offering.provider_id for offering in offerings],
        {first.provider_id: notice.digest},
        by=owner,
        is_fresh=True,
    )
    legs = {leg.receiver_id: leg for leg in case.request.legs.all()}
    return {
        "tender": case,
        "tender_id": case.public_id,
        "leg": legs[first.provider_id],
        "other_leg": legs[second.provider_id],
        "insurers_leg": legs[third.provider_id],
        "sharing": legs[first.provider_id].sharing,
    }


def _loan(letter, code, lead):
    return Offering.objects.create(
        code=f"loan-{letter}",
        kind="tender",
        benefit=Benefit.objects.get(code="M02a"),
        title=f"演示贷款{letter}",
        summary="演示",
        provider=Department.objects.get(code=code),
        handler=lead,
        shares=["shop_name", "monthly_rent"],
        status=Offering.Status.PUBLISHED,
    )


def booking(owner, shop, bureau):
    """The owner has booked an hour that the helper gives, and that the labour bureau answers for."""
    offering = Offering.objects.create(
        code="demo-hour",
        kind="booking",
        benefit=Benefit.objects.get(code="M07b"),
        title="演示一小时",
        summary="试一试",
        mentor=User.objects.with_phone(PHONES["helper"]),
        handler=bureau,
        status=Offering.Status.PUBLISHED,
    )
    begins = timezone.now() + timedelta(days=3)
    slot = Slot.objects.create(
        offering=offering, starts_at=begins, ends_at=begins + timedelta(hours=1), capacity=1
    )
    case = ask(offering, shop, Ask(slot=slot), by=owner)
    return {"hour": offering, "slot": slot, "booking": case, "booking_id": case.public_id}


def contract(owner, other, shop):
    """The other, who looks for work, talks to the owner's shop about another post; they have begun a contract."""
    post = posting.publish(shop, {**labour.WORK, **labour.days(), "title": "演示包装"}, by=owner)
    talk = general.do(contacting.ask_shop(other, post), "accept", {}, by=owner)
    row = agreeing.draw_up(talk, "labour", by=owner)
    return {"talk_id": talk.public_id, "contract": row.public_id}


def visit(shop, bureau):
    """Somebody of the labour bureau has set the day of a visit, and the code at the shop's door."""
    officer = User.objects.create(username="at_the_door", is_staff=True, department=bureau)
    officer.groups.set(Group.objects.filter(name="服务专员"))
    today = timezone.localdate()
    window = Plan(["用工"], today, today + timedelta(days=9), "complaint", CANARY_WORDS)
    case = plan(shop, window, by=officer)
    general.do(case, "set", {"on": (today + timedelta(days=3)).isoformat()}, by=officer)
    case = VisitCase.objects.get(pk=case.pk)
    return {"visit": case, "visit_id": case.public_id, "door": token_of(shop)}


def enquiry(owner, shop, offering):
    """The owner has asked the labour bureau for something."""
    case = ask(offering, shop, Ask(words="店门口的路灯坏了"), by=owner)
    return {
        "offering_code": offering.code,
        "enquiry": case,
        "enquiry_id": case.public_id,
        "own_leg": case.request.legs.get(),
    }


def at_the_centre(owner, shop, centre):
    """What the service centre gives and is asked, where the clerk of services works."""
    given = {
        "benefit": Benefit.objects.get(code="M14b"),
        "provider": centre,
        "handler": centre,
        "title": "演示窗口",
    }
    ask_there = Offering.objects.create(
        code="centre-ask", kind="enquiry", summary="试一试", status=Offering.Status.PUBLISHED, **given
    )
    hour = Offering.objects.create(
        code="centre-hour", kind="booking", summary="试一试", status=Offering.Status.DRAFT, **given
    )
    begins = timezone.now() + timedelta(days=3)
    case = ask(ask_there, shop, Ask(words="门口的井盖坏了"), by=owner)
    return {
        "centre_case": case,
        "centre_case_id": case.public_id,
        "centre_leg": case.request.legs.get(),
        "centre_draft": hour,
        "centre_slot": Slot.objects.create(
            offering=hour, starts_at=begins, ends_at=begins + timedelta(hours=1), capacity=1
        ),
    }


def assistances():
    """A clerk helps the owner at the window, and another of the service centre helps the other on the phone."""
    own, others = (Business.objects.get(credit_code=shop.credit_code) for shop in demo.SHOPS[:2])
    clerk = User.objects.create(username="at_the_window", is_staff=True)
    until = timezone.now() + timedelta(hours=2)
    return {
        name: Assistance.objects.create(
            business=shop, operator=shop.operator, clerk=who, channel=channel, until=until
        )
        for name, shop, who, channel in (
            ("assistance", own, clerk, "window"),
            ("clerks_assistance", others, User.objects.get(username="service_clerk"), "phone"),
        )
    }


def _offering(bureau):
    """A service of the labour bureau that anybody may ask for."""
    return Offering.objects.create(
        code="demo-ask",
        kind="enquiry",
        benefit=Benefit.objects.get(code="M14b"),
        title="演示诉求",
        summary="试一试",
        provider=bureau,
        handler=bureau,
        status=Offering.Status.PUBLISHED,
    )


def mandates(shop, owner):
    """The agent may look at the shop, the helper and the program may apply for it; the agent's mandate."""
    helper = User.objects.begin_with_phone(PHONES["helper"])
    agree(helper, "service")
    given = {"business": shop, "given_by": owner, "until": timezone.localdate() + timedelta(days=30)}
    Mandate.objects.create(**given, agent=helper, scopes=["view", "apply"])
    Mandate.objects.create(**given, client=ApiClient.objects.get(), scopes=["view", "apply"])
    agent = User.objects.with_phone(PHONES["agent"])
    return Mandate.objects.create(**given, agent=agent, scopes=["view"])


def cases(owner, other, own, market):
    """A case of the owner at the labour bureau, one of the other at the market regulator, and what belongs to them."""
    names = ("hr_reviewer", "hr_approver", "hr_finance")
    people = {name: User.objects.get(username=name) for name in names}
    case, today = _case(owner, own), timezone.localdate()
    rows = {"application": case, "market_application": _case(other, market)}
    rows["draft"] = _case(owner, own, state="draft", period=today.year + 1)
    rows["recommended"] = _case(
        owner, own, state="recommended", period=today.year - 1, reviewer=people["hr_reviewer"]
    )
    rows |= files(case) | money(case, own, people) | remedies(case, own, people)
    for name, bureau in (("own", own), ("market", market)):
        rows[f"{name}_entry"] = audit.record("demo", f"department {bureau.pk}", department_id=bureau.pk)
    # Owners' addresses name these by what cannot be guessed.
    for name in ("application", "market_application", "draft", "evidence"):
        rows[f"{name}_id"] = rows[name].public_id
    return rows | {"notice_number": rows["notice"].number, "token": rows["case_rating"].token}


def files(case):
    """A picture that the case was filed with."""
    photo = SimpleUploadedFile("合同.jpg", pictures.saved(pictures.seen()))
    evidence = wallet.keep(case.operator, "租赁合同", photo, by=case.submitter)
    case_file = CaseFile.objects.create(case=case, evidence=evidence, material="租赁合同")
    return {"evidence": evidence, "case_file": case_file}


def money(case, own, people):
    """What there is to spend, and what was given of it: one row of everything."""
    benefit, today = case.benefit, timezone.localdate()
    envelope, _ = Envelope.objects.get_or_create(
        benefit=benefit, department=own, year=today.year, defaults={"cap_fen": 10**9}
    )
    first = today.replace(day=1)
    grant = Grant.objects.create(
        application=case, total_fen=100_000, monthly_fen=50_000, months=2, starts_on=first
    )
    offers = OfferList.objects.create(
        department=own,
        benefit=benefit,
        benefit_version_id=case.benefit_version_id,
        period=today.year,
        day=today,
        prepared_by=people["hr_reviewer"],
        status="confirmed",
        confirmed_by=people["hr_approver"],
    )
    return {
        "envelope": envelope,
        "instalment": Instalment.objects.create(
            grant=grant,
            envelope=envelope,
            number=1,
            from_month=first,
            months=2,
            amount_fen=100_000,
            status="planned",
        ),
        "batch": PaymentBatch.objects.create(
            number="PF-demo", department=own, count=1, total_fen=500_000, prepared_by=people["hr_finance"]
        ),
        "notice": PublicNotice.objects.create(
            number="GS-demo",
            department=own,
            benefit=benefit,
            from_on=today,
            until_on=today,
            published_by=people["hr_approver"],
        ),
        "offers": offers,
        "offer": Offer.objects.create(
            offer_list=offers, business=case.business, benefit=benefit, period=today.year, amount_fen=1
        ),
    }


def remedies(case, own, people):
    """What follows a decision, and who must not touch whose case."""
    now, today = timezone.now(), timezone.localdate()
    recheck = Recheck.objects.create(
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
    return {
        "appeal": Appeal.objects.create(case=case, words="请再看一次。", filed_by=case.submitter),
        "case_rating": Rating.objects.create(
            case=case,
            department=own,
            stage="submitted",
            level=1,
            rated_at=now,
            contact_by=today,
            mend_by=today,
        ),
        "recheck": recheck,
        "pick": RecheckPick.objects.create(recheck=recheck, application=case, position=1),
        "interest": Interest.objects.create(
            user=people["hr_reviewer"], person_index="0" * 64, relation="kin"
        ),
    }


def _case(owner, bureau, state="submitted", **given):
    """An application of the owner's shop: handed in, if it is no draft."""
    shop = Binding.objects.get(user=owner).business
    version = BenefitVersion.objects.get(benefit__code="M05c", status="published")
    case = Application(
        business=shop,
        operator=shop.operator,
        person_index=shop.operator.identity_index,
        benefit=version.benefit,
        benefit_version=version,
        department=bureau,
        state=state,
        **{"period": timezone.localdate().year, **given},
    )
    if state != "draft":
        case.submitter, case.submitted_at = owner, timezone.now()
        case.number = f"LPS-{shop.pk}-{case.period}"
        case.judged = judge_draft(case, timezone.localdate()).as_json
    case.save()
    if state != "draft":
        subject = f"application {case.pk}"
        audit.record("submit", subject, by=owner, case=case, before="draft", after="submitted")
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
    if role in PHONES:
        client.force_login(User.objects.with_phone(PHONES[role]))
    elif role != "anonymous":
        client.force_login(User.objects.get(username=role))
    return client
