"""Doors of services: what owners, clerks, mentors and institutions write, are sent and are shown."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Department, User
from cases.models import Case
from policies.models import Benefit
from services.asking import Ask, ask
from services.finance import tenders
from services.models import Offering, Slot

from .canaries import CANARIES as CANARY
from .doors import CODE, NAME, _breaks, _post, door, picture

NEED = "店门口的路灯坏了，找了几次没有人管"
WISH = {"key": "wish", "type": "text", "label": "想问什么"}


def _offering(world, kind="enquiry", code="ask", **more):
    market = Department.objects.get(code="market")
    given = {"provider": market} | more
    benefit = Benefit.objects.get(code=given.pop("benefit", "M14b"))
    return Offering.objects.create(
        code=code,
        kind=kind,
        benefit=benefit,
        title="试验服务",
        summary="试一试",
        handler=market,
        status=Offering.Status.PUBLISHED,
        questions=[WISH],
        **given,
    )


def _slot(offering, days=3):
    begins = timezone.now() + timedelta(days=days)
    return Slot.objects.create(
        offering=offering, starts_at=begins, ends_at=begins + timedelta(hours=1), capacity=3
    )


def _photo(name):
    return SimpleUploadedFile(name, picture(), "image/jpeg")


def _asked(world, **asked):
    return ask(_offering(world), world.shop, Ask(words=NEED, **asked), by=world.owner)


def _bank(world):
    """A bank with somebody who answers, and what it offers."""
    bank = Department.objects.create(code="canary-bank", name="演示银行", kind=Department.Kind.BANK)
    officer = User.objects.create(username="banker", is_staff=True, department=bank)
    officer.groups.set(Group.objects.filter(name="机构专员"))
    shares = ["shop_name", "credit_code", "operator_name", "monthly_rent"]
    return officer, _offering(world, "tender", "loan", benefit="M02a", provider=bank, shares=shares)


def _tender(world):
    officer, row = _bank(world)
    one = next(one for one in tenders.institutions_of(row, world.shop) if one.offering == row)
    agreed = {one.pk: tenders.notice_for(world.shop, one).digest}
    case, _ = tenders.ask_institutions(
        row, world.shop, Ask(words="想借钱进货"), [one.pk], agreed, by=world.owner, is_fresh=True
    )
    return officer, case, case.request.legs.get()


# What an owner writes. Each form keeps what was typed and says what to take out.


@door("a need in one's own words", "400 400 302 200 302 200 200", "phone", "identity")
def need(world):
    _offering(world)
    browser = world.as_owner()
    wrong = [
        browser.post("/needs/", {"words": f"{NEED}，请打 {CANARY[name]}"}) for name in ("phone", "identity")
    ]
    kept = browser.post("/needs/", {"words": NEED})
    shown = browser.get("/needs/send/")
    sent = browser.post("/needs/send/", {"do": "send", "file": _photo("店门口.jpg")})
    return [*wrong, kept, shown, sent, browser.get(sent.url), browser.get("/cases/")]


@door("a picture named after a person", "302 200 200")
def named_picture(world):
    _offering(world)
    browser = world.as_owner()
    browser.post("/needs/", {"words": NEED})
    name = f"{CANARY['identity']}-{CANARY['phone']}.jpg"
    sent = browser.post("/needs/send/", {"do": "add", "file": _photo(name)})
    return [sent, browser.get("/needs/send/"), browser.get("/me/evidence/")]


@door("answers to what a service asks", "400 400 302 200", "account", "phone")
def answers_to_a_service(world):
    _offering(world)
    browser, sent = world.as_owner(), {"shop": world.shop.public_id, "words": NEED}
    wrong = [
        browser.post("/services/ask/ask/", sent | change)
        for change in ({"said-wish": CANARY["account"]}, {"words": f"请打 {CANARY['phone']}"})
    ]
    right = browser.post("/services/ask/ask/", sent)
    return [*wrong, right, browser.get(right.url)]


@door("a service over the API", "400 400 201 200 200 409")
def service_over_the_api(world):
    _offering(world)
    owner, address = world.as_owner(), "/api/v1/requests/"
    body = {"offering": "ask", "business": str(world.shop.public_id), "words": NEED}

    def post(path, sent):
        return owner.post(
            address + path, sent, content_type="application/json", headers={"Idempotency-Key": "canary"}
        )

    wrong = [
        post("", body | change)
        for change in ({"words": f"我是 {CANARY['identity']}"}, {"answers": {"wish": CANARY["account"]}})
    ]
    begun = post("", body)
    one = f"{begun.json()['id']}/"
    return [
        *wrong,
        begun,
        owner.get(address + one),
        owner.get(f"{address}{one}messages/"),
        post(f"{one}messages/", {"words": f"请打 {CANARY['phone']}", "version": 1}),
    ]


@door("what was asked back and supplied", "400 302 200", "phone")
def supplied(world):
    case, officer = _asked(world), world.as_officer()
    for verb, typed in (("take", {}), ("ask", {"words": "哪一盏？", "until": "2026-12-10"})):
        officer.post(f"/admin/services/servicecase/{case.pk}/do/{verb}/", _at(case, **typed))
    browser, page = world.as_owner(), f"/cases/{case.public_id}/"
    wrong = browser.post(f"{page}do/supply/", _seen(case, words=f"请打 {CANARY['phone']}"))
    return [wrong, browser.post(f"{page}do/supply/", _seen(case, words="门口那一盏")), browser.get(page)]


def _at(case, **typed):
    return {"expected_version": Case.objects.get(pk=case.pk).version, **typed}


def _seen(case, **typed):
    """As the pages of people who are no staff send it."""
    return {"version": Case.objects.get(pk=case.pk).version, **typed}


# What offices see and write


@door("a request in the admin", "200 200 200 302 200 200")
def request_in_the_admin(world):
    case, officer = _asked(world), world.as_officer()
    page = f"/admin/services/servicecase/{case.pk}/"
    return [
        officer.get("/admin/services/servicecase/?view=all"),
        officer.get(f"{page}change/"),
        officer.get(f"{page}do/answer/"),
        officer.post(f"{page}do/answer/", _at(case, words="明天就去修。")),
        officer.get("/admin/cases/auditentry/"),
        world.as_owner().get(f"/cases/{case.public_id}/"),
    ]


@door("a search among requests", "200 200", "phone")  # the box keeps what was typed
def search(world):
    _asked(world)
    address = f"/admin/services/servicecase/?q={CANARY['phone']}"
    return [world.as_officer().get(address), world.as_officer().get(f"{address}&view=all")]


@door("an answer for everybody", "400 200 200", "phone")
def public_answer(world):
    officer, sent = world.as_officer(), {"question": "路灯坏了找谁", "topic": "", "benefit": ""}
    wrong = officer.post("/admin/needs/answer/add/", sent | {"answer": f"请打 {CANARY['phone']}"})
    return [wrong, officer.get("/admin/needs/answer/"), world.browser().get("/needs/answers/")]


@door("somebody helped at the window", "400 302 200 200 302")
def at_the_window(world):
    """Their number is said and not kept; what is filled in for them is as if they had."""
    _offering(world)
    clerk, address = world.as_officer(), "/admin/businesses/assistance/"
    said = {"channel": "window", "credit_code": CODE, "operator_name": NAME}
    wrong = clerk.post(f"{address}add/", said | {"last_six": CANARY["identity"]})
    begun = clerk.post(f"{address}add/", said | {"last_six": CANARY["last six"]})
    form = clerk.get("/services/ask/ask/")
    sent = {"shop": world.shop.public_id, "words": NEED}
    return [wrong, begun, clerk.get(address), form, clerk.post("/services/ask/ask/", sent)]


# What institutions and mentors see


@door("what a bank is sent and may read", "200 200 200 200 200 400 302 200 404")
def bank(world):
    officer, case, leg = _tender(world)
    browser, page = world.as_user(officer), f"/admin/services/leg/{leg.pk}/"
    return [
        browser.get("/admin/services/leg/"),
        browser.get(f"{page}change/"),
        browser.post(f"{page}sharing/"),
        browser.get("/api/v1/legs/"),
        browser.get(f"/api/v1/legs/{leg.pk}/"),
        browser.post(f"{page}do/decline/", _of_leg(leg, reason="")),
        browser.post(f"{page}do/decline/", _of_leg(leg, reason="开店时间不够一年")),
        browser.get(f"{page}change/"),
        browser.get(f"/admin/services/servicecase/{case.pk}/change/"),
    ]


def _of_leg(leg, **typed):
    return {"expected_version": type(leg).objects.get(pk=leg.pk).version, **typed}


@door("what an owner lets a bank read", "200 200 200 200 302")
def sharing(world):
    _officer, case, leg = _tender(world)
    browser = world.as_owner()
    return [
        browser.get(f"/cases/{case.public_id}/"),
        browser.get("/me/sharing/"),
        browser.get("/api/v1/sharings/"),
        world.as_officer().get("/admin/accounts/accessevent/"),
        browser.post(f"/me/sharing/{leg.sharing_id}/revoke/"),
    ]


@door("an hour with a mentor", "302 200 200 400 400 200 200", "phone")
def mentor(world):
    row = _offering(world, "booking", "hour", provider=None, mentor=world.other)
    slot = _slot(row)
    owner, other = world.as_owner(), world.as_other()
    booked = owner.post("/services/hour/ask/", {"shop": world.shop.public_id, "slot": slot.pk})
    case = Case.objects.get(request__slot=slot)
    typed = {"reason": f"请打 {CANARY['phone']}"}
    officer, roll = world.as_officer(), f"/admin/services/slot/{slot.pk}/roll"
    return [
        booked,
        owner.get(f"{booked.url}calendar.ics"),
        other.get("/me/asked/"),
        other.post(f"/me/asked/{case.public_id}/revoke/", _seen(case, **typed)),
        other.post(f"/me/asked/slots/{slot.pk}/cancel/", typed),
        officer.get(f"{roll}/"),
        officer.get(f"{roll}.pdf"),
    ]


_breaks(
    "a need",
    "services.asking.kept_words",
    lambda world: (
        _offering(world),
        _post("/services/ask/ask/", "as_owner", shop=world.shop.public_id, words=f"请打 {CANARY['phone']}")(
            world
        ),
    )[1],
)
_breaks(
    "helping at the window",
    "businesses.assisting.record",
    _post(
        "/admin/businesses/assistance/add/",
        "as_officer",
        channel="window",
        credit_code=CODE,
        operator_name=NAME,
        last_six=CANARY["last six"],
    ),
)
