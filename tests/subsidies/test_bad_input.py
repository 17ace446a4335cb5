"""Bad input and races: a clear message or 4xx, nothing lost, never 500, the ledger exact."""

import io
import threading
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from businesses.models import Binding
from cases.actions import correcting, interests
from cases.models import AuditEntry, CaseFile, Evidence
from core.errors import Invalid, Refused
from core.invariants import broken
from eligibility import publishing
from notifications import sweep
from policies.models import BenefitVersion, PolicyDocument
from subsidies.actions import applying, automatic_grants, claiming, paying, publicity, stopping
from subsidies.models import Envelope, Instalment, Offer, PublicNotice
from tests.core.test_idempotency import begin  # noqa: F401
from tests.notifications.register import draft as next_version
from tests.notifications.register import identity, open_shop, publish, put_in_force, tell_of

from . import world

ENGINES = ["default", "postgres"]
pytestmark = pytest.mark.django_db(databases=ENGINES)
in_parallel = pytest.mark.django_db(databases=ENGINES, transaction=True)
CONTRACT = {"kind": "material", "name": "租赁合同", "reason": "照片模糊看不清"}
RENT = {"kind": "fact", "name": "monthly_rent", "reason": "和合同上写的不一样"}
LAST = date(2026, 12, 3)


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path), ""


@pytest.fixture
def people(engine, time_machine):
    time_machine.move_to("2026-11-25T10:00:00+08:00")
    return world.bureau()


@pytest.fixture
def shop(people):
    return world.shop_with_rent()


@pytest.fixture
def owner(shop):
    return world.owner_of(shop)


@pytest.fixture
def browser(owner):
    return signed_in(owner)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def photo(name="照片.jpg"):
    held = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(held, "JPEG")
    return SimpleUploadedFile(name, held.getvalue(), content_type="image/jpeg")


def drafted(shop, owner, **content):
    benefit = world.grant_of_rent(**content)
    world.envelope(benefit)
    return world.draft(benefit, shop, owner)


def hand_in(browser, application):
    application.refresh_from_db()
    sent = {"version": application.version, "declare": "1"}
    return browser.post(f"/apply/{application.public_id}/check/", sent)


# One second after the deadline


@pytest.mark.parametrize(
    ("moment", "state", "status"),
    [("2026-12-03T23:59:59+08:00", "submitted", 302), ("2026-12-04T00:00:01+08:00", "draft", 409)],
)
def test_a_window_ends_with_its_last_second_and_the_draft_stays(
    shop, owner, time_machine, moment, state, status
):
    application = drafted(shop, owner, window={"from": "2026-01-01", "to": LAST.isoformat()})
    time_machine.move_to(moment)

    response = hand_in(signed_in(owner), application)

    application.refresh_from_db()
    closed = "不在受理时间里，不能提交。您填的内容还在" in response.content.decode()
    assert (response.status_code, application.state, closed) == (status, state, status == 409)
    assert application.files.count() == 1


def _repeal():
    document = PolicyDocument.objects.get()
    document.status = "repealed"
    document.save()


def _withdraw_version():
    version = BenefitVersion.objects.get(status="published")
    publishing.withdraw(version, by=User.objects.get(username="tests_admin"), reason="写错了")


@pytest.mark.parametrize("end", [_repeal, _withdraw_version])
def test_a_policy_that_is_no_more_leaves_every_page_of_its_draft(browser, shop, owner, end):
    application = drafted(shop, owner)
    end()

    response = hand_in(browser, application)

    application.refresh_from_db()
    assert (response.status_code, application.state, application.files.count()) == (409, "draft", 1)
    pages = ("", "facts/", "materials/", "account/", "check/", "discard/")
    there = [browser.get(f"/apply/{application.public_id}/{page}").status_code for page in pages]
    assert there == [200] * len(pages)


def test_a_correction_ends_with_its_last_second_and_nothing_is_lost(people, shop, owner, time_machine):
    application = applying.submit(drafted(shop, owner), by=owner)
    correcting.request_correction(application, [CONTRACT], by=people.reviewer)
    there = f"/cases/{application.public_id}/correct/"
    last = application.corrections.get().due_on
    time_machine.move_to(f"{last}T23:59:59+08:00")
    browser = signed_in(owner)
    browser.post(there, {"do": "upload", "name": "租赁合同", "file": photo("早.jpg")})
    application.refresh_from_db()

    time_machine.move_to(f"{last + timedelta(days=1)}T00:00:01+08:00")
    sent = browser.post(there, {"do": "send", "version": application.version})
    late = browser.post(there, {"do": "upload", "name": "租赁合同", "file": photo("晚.jpg")})

    application.refresh_from_db()
    assert (sent.status_code, late.status_code, application.state) == (409, 409, "correcting")
    said = "已经过了。这一件按撤回处理。传过的材料还在"
    assert (said in sent.content.decode(), said in late.content.decode()) == (True, True)
    assert Evidence.objects.kept().filter(operator=shop.operator, original_name="早.jpg").count() == 1


# Sessions


@pytest.mark.parametrize("page", ["facts/", "materials/", "check/", "account/", "discard/"])
def test_a_form_sent_after_the_session_leads_to_signing_in_and_back(people, shop, owner, page):
    application = drafted(shop, owner)
    browser, there = Client(enforce_csrf_checks=True), f"/apply/{application.public_id}/{page}"
    browser.force_login(owner)
    token = browser.get(there).context["csrf_token"]
    del browser.cookies[configured.SESSION_COOKIE_NAME]

    away = browser.post(there, {"csrfmiddlewaretoken": str(token), "version": application.version})
    browser.force_login(owner)

    assert (away.status_code, urlsplit(away.url).path) == (302, "/login/")
    assert parse_qs(urlsplit(away.url).query) == {"next": [there]}
    assert browser.get(there).status_code == 200
    application.refresh_from_db()
    assert (application.state, application.files.count()) == ("draft", 1)


# Jumps and bodies written by hand


def test_no_form_of_the_owner_moves_a_case_to_where_it_cannot_go(browser, people, shop, owner):
    application = world.approved(applying.submit(drafted(shop, owner), by=owner), people)
    case, apply = f"/cases/{application.public_id}/", f"/apply/{application.public_id}/"
    forms = {"version": application.version, "declare": "1", "words": "我有新的合同，请再看一看。"}
    forms |= {"do": "send", "name": "租赁合同", "state": "paid", "status": "paid", "amount_fen": "99"}
    places = [*(case + page for page in ("correct/", "appeal/", "appeal/withdraw/"))]
    places += [apply + page for page in ("", "facts/", "materials/", "account/", "check/", "discard/")]

    statuses = [browser.post(place, forms).status_code for place in places]

    application.refresh_from_db()
    assert set(statuses) <= {302, 409}
    assert (application.state, application.version) == ("approved", forms["version"])


def test_status_amount_and_owner_in_a_form_are_not_read(browser, people, shop, owner):
    application = drafted(shop, owner)
    other = open_shop(2)
    before = (application.state, application.amount_fen, application.operator_id, application.business_id)

    browser.post(
        f"/apply/{application.public_id}/facts/",
        {
            "version": application.version,
            "monthly_rent": "380",
            "rents_premises": "true",
            **{"state": "approved", "status": "approved", "amount_fen": "1", "amount": "1"},
            **{"operator": other.operator_id, "owner": other.operator_id, "business": other.pk},
        },
    )

    application.refresh_from_db()
    assert set(application.answers) <= {"monthly_rent", "rents_premises"}
    after = (application.state, application.amount_fen, application.operator_id, application.business_id)
    assert after == before


@pytest.mark.parametrize("name", ["没有这种材料", "长" * 200, "租赁\0合同"])
def test_a_correction_takes_no_file_under_another_name(browser, people, shop, owner, name):
    application = applying.submit(drafted(shop, owner), by=owner)
    correcting.request_correction(application, [CONTRACT], by=people.reviewer)
    before = Evidence.objects.count()

    sent = {"do": "upload", "name": name, "file": photo()}
    response = browser.post(f"/cases/{application.public_id}/correct/", sent)

    assert (response.status_code, Evidence.objects.count()) == (400, before)


@pytest.mark.parametrize(
    "place",
    [
        "envelope/?year=²²²²",
        "envelope/²/change/",
        "paymentbatch/²/change/",
        "instalment/99999999999999999999999999/change/",
        "application/²/change/",
        f"offerlist/{'9' * 5_000}/change/",
    ],
)
def test_an_address_of_staff_that_is_none_is_not_a_fault(people, place):
    response = signed_in(people.admin).get(f"/admin/subsidies/{place}")

    assert response.status_code in (200, 302, 404)


@pytest.mark.parametrize("place", ["application/?q=%00", "application/export.csv?view=all&q=%00"])
def test_what_no_database_looks_for_is_refused(people, place):
    assert signed_in(people.admin).get(f"/admin/subsidies/{place}").status_code == 400


def test_nothing_in_place_of_an_answer_mends_nothing(people, shop, owner):
    application = applying.submit(drafted(shop, owner), by=owner)
    correcting.request_correction(application, [RENT], by=people.reviewer)

    with pytest.raises(Invalid, match="请填写"):
        correcting.mend_fact(application, "monthly_rent", None, by=owner)

    assert application.corrections.get().defects.get().resolved_at is None


def test_words_that_no_database_keeps_are_refused(browser, people, shop, owner):
    application = applying.submit(drafted(shop, owner, criteria=world.IN_DISTRICT), by=owner)
    application = world.refused(application, people)
    words = "我有新的合\0同，请再看一看。"

    sent = {"words": words, "version": application.version}
    response = browser.post(f"/cases/{application.public_id}/appeal/", sent)

    assert response.status_code == 400
    assert application.appeals.count() == 0


# Years


def test_what_is_begun_in_december_and_filed_in_january_is_for_the_new_year(
    people, shop, owner, time_machine
):
    benefit = world.grant_of_money(once_per_person=False)
    time_machine.move_to("2026-12-31T23:00:00+08:00")
    application = world.draft(benefit, shop, owner)
    time_machine.move_to("2027-01-01T00:00:01+08:00")

    filed = applying.submit(application, by=owner)

    filed.refresh_from_db()
    assert (filed.number[:8], filed.period) == ("LPS-2027", 2027)


def test_a_version_that_is_once_for_a_person_leaves_the_second_draft_in_words(people, owner, shop):
    benefit = world.grant_of_money(once_per_person=False)
    other = open_shop(2, person=1)
    Binding.objects.create(business=other, user=owner)
    first, second = world.draft(benefit, shop, owner), applying.begin(other, benefit, by=owner)
    put_in_force(next_version(benefit, once_per_person=True))

    applying.save(first, {}, by=owner)
    with pytest.raises(Refused, match="每人只能申请一次"):
        applying.save(second, {}, by=owner)


# Races


@in_parallel
def test_publishing_twice_at_once_publishes_nobody_twice(begin):  # noqa: F811
    people = world.bureau()
    benefit, shop = world.grant_of_money(publicity_days=3), open_shop(1)
    world.envelope(benefit)
    world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)
    barrier, heard = threading.Barrier(4), []

    def work():
        barrier.wait()
        try:
            heard.append(publicity.publish(people.department, benefit, 5, by=people.approver).pk)
        except Refused as refusal:
            heard.append(str(refusal))

    for thread in [begin(work) for _ in range(4)]:
        thread.join()

    assert len([one for one in heard if isinstance(one, int)]) == 1
    assert PublicNotice.objects.count() == 1


def test_what_was_in_a_batch_when_the_shop_closed_is_not_paid_for_later_months(
    people, shop, owner, time_machine
):
    time_machine.move_to("2027-07-05T10:00:00+08:00")
    benefit = world.grant_of_rent(once_per_person=True)
    world.envelope(benefit)
    case = world.approved(world.filed(benefit, shop, owner), people)
    batch = paying.prepare(people.department, by=people.finance).batch
    time_machine.move_to("2027-08-20T10:00:00+08:00")
    tell_of(shop, operating_status="deregistered")
    stopping.stop_for_closed_shops(date(2027, 8, 20))

    ticked = [row.payment.pk for row in paying.look_over(batch) if row.flags]
    with pytest.raises(Refused, match="编制以后变了"):
        paying.approve(batch, by=people.finance_2, ticked=ticked)
    paying.cancel(batch, by=people.finance)
    again = paying.prepare(people.department, by=people.finance)
    last = paying.prepare(people.department, by=people.finance)

    rows = Instalment.objects.filter(grant__application=case).exclude(status="cancelled")
    assert [row.because for row in again.left_out] == ["补贴已停发，停发以后的月份不拨。其余的请再编一批。"]
    assert [(row.months, row.amount_fen) for row in rows] == [(2, 76_000)]
    assert (last.batch.count, last.batch.total_fen) == (1, 76_000)
    envelope = Envelope.objects.get(year=2027)
    assert (envelope.reserved_fen, envelope.granted_fen, envelope.paid_fen) == (0, 76_000, 0)
    assert [sentence for _, sentences in broken() for sentence in sentences] == []


def test_proof_that_was_deleted_meanwhile_is_not_handed_in(people, shop, owner, time_machine):
    time_machine.move_to("2026-11-25T10:00:00+08:00")
    case = world.approved(applying.submit(drafted(shop, owner), by=owner), people)
    second = Instalment.objects.get(grant__application=case, number=2)
    piece = world.evidence(case.operator, "房租付款凭证")
    time_machine.move_to("2027-06-02T10:00:00+08:00")
    Evidence.objects.filter(pk=piece.pk).update(deleted_at="2027-06-02T01:00:00Z")  # by another tab

    with pytest.raises(Invalid, match="没有找到这份材料"):
        claiming.claim(second, [piece], by=owner)

    assert CaseFile.objects.filter(evidence=piece).count() == 0


# Interests


def test_a_list_leaves_out_whom_its_maker_must_not_judge(people):
    rule = {"all": [{"fact": "unit_insured", "op": "eq", "value": True}]}
    benefit = publish("T01b", criteria=rule, amount={"fixed": "1200"}, delivery="no_application").benefit
    world.envelope(benefit)
    for place in (11, 12):
        tell_of(open_shop(place), "social_security", unit_insured=True)
    sweep.relay()
    interests.declare(identity(11), "kin", by=people.reviewer)
    interests.declare(identity(12), "spouse", by=people.approver)

    made = automatic_grants.prepare_list(benefit, 2026, by=people.reviewer)

    assert list(Offer.objects.values_list("business__name", flat=True)) == ["演示店012"]
    with pytest.raises(Refused, match="要回避的人"):
        automatic_grants.confirm_list(made, by=people.approver)
    assert automatic_grants.confirm_list(made, by=people.approver_2).status == "confirmed"


# Nothing of a person in what is written down


def test_audit_rows_hold_no_number_of_a_person(people, shop, owner):
    world.approved(applying.submit(drafted(shop, owner), by=owner), people)
    interests.declare(identity(1), "kin", by=people.reviewer_2)
    number = shop.operator.payment_accounts.get().number.reveal()

    said = " ".join(f"{row.note} {row.subject} {row.detail}" for row in AuditEntry.objects.all())

    assert [secret for secret in (number, identity(1), owner.username) if secret in said] == []
