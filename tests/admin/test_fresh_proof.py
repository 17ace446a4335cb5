"""What an unlocked screen must not be enough for asks again who is there, and nothing that was filled in is lost."""

import time
from types import SimpleNamespace

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.utils import timezone

from accounts.models import AccessEvent, phone_index
from subsidies.actions import approving, paying
from subsidies.models import OfferList, Payment, PaymentBatch
from tests.notifications.register import open_shop
from tests.standing import stands
from tests.subsidies import world

from .forms import Page
from .reviewing import case as address_of
from .reviewing import sent, signed_in, text

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 9"
ASKED = "请再证明是您本人"
MONEY = "/admin/subsidies"


def _begin():
    """A bureau with passwords, and a case that waits for approval."""
    people, benefit = world.bureau(), world.grant_of_money()
    for user in (people.approver, people.finance, people.finance_2, people.reviewer):
        user.set_password(PASSWORD)
        user.save()
    world.envelope(benefit)
    shop = open_shop(1)
    filed = world.filed(benefit, shop, world.owner_of(shop))
    return SimpleNamespace(people=people, waiting=world.recommended(filed, people))


_begun = stands(_begin)


@pytest.fixture
def people(begun):
    return begun.people


@pytest.fixture
def waiting(begun):
    return begun.waiting


@pytest.fixture
def approved(waiting, people):
    return approving.approve(waiting, by=people.approver)


def later(client, minutes):
    """The same browser that many minutes after its last proof."""
    session = client.session
    session["proved_at"] = time.time() - 60 * minutes
    session.save()
    return client


def asked(response):
    return response.status_code, ASKED in response.content.decode()


def state_of(application):
    application.refresh_from_db()
    return application.state


@pytest.mark.parametrize(("minutes", "after"), [(14, "approved"), (16, "recommended")])
def test_an_approval_asks_again_after_fifteen_minutes(waiting, people, minutes, after):
    client = later(signed_in(people.approver), minutes)

    response = client.post(address_of(waiting, "act"), sent(waiting, "pass"))

    assert (state_of(waiting), asked(response)) == (
        after,
        (302, False) if after == "approved" else (403, True),
    )


def test_what_was_filled_in_goes_on_with_the_proof(waiting, people):
    client, address = later(signed_in(people.approver), 16), address_of(waiting, "act")
    page = Page(
        client, address, client.post(address, sent(waiting, "pass", override_note="看过原件")), address
    )

    wrong = client.post(address, dict(page.fields, **{"proof-password": "something else"}))
    before = state_of(waiting)
    client.post(address, dict(page.fields, **{"proof-password": PASSWORD}))

    assert (page.get("override_note"), page.get("do")) == (["看过原件"], ["pass"])
    assert (wrong.status_code, "密码不对，请再试一次" in wrong.content.decode()) == (400, True)
    assert Page(client, address, wrong, address).get("override_note") == ["看过原件"]
    assert (before, state_of(waiting)) == ("recommended", "approved")


def test_a_proof_lasts_fifteen_minutes_for_everything(waiting, people):
    client, address = later(signed_in(people.approver), 16), address_of(waiting, "act")
    client.post(address, sent(waiting, "pass") | {"proof-asked": "1", "proof-password": PASSWORD})

    assert (state_of(waiting), time.time() - client.session["proved_at"] < 60) == ("approved", True)


def test_wrong_proofs_are_counted_though_the_view_is_undone(waiting, people):
    client, address = later(signed_in(people.approver), 16), address_of(waiting, "act")
    for _ in range(5):
        client.post(address, sent(waiting, "pass") | {"proof-asked": "1", "proof-password": "wrong"})

    locked = client.post(address, sent(waiting, "pass") | {"proof-asked": "1", "proof-password": PASSWORD})

    assert "试的次数太多" in text(locked)
    assert state_of(waiting) == "recommended"


class TestWhereTheSecondFactorIsEnforced:
    @pytest.fixture
    def secret(self, people, settings):
        settings.STAFF_SECOND_FACTOR = True
        secret = generate_totp_secret()
        TOTP.activate(people.approver, secret)
        RecoveryCodes.activate(people.approver)
        return secret

    def test_the_factor_proves(self, waiting, people, secret):
        client, address = later(signed_in(people.approver), 16), address_of(waiting, "act")
        page = client.post(address, sent(waiting, "pass"))
        code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
        client.post(address, sent(waiting, "pass") | {"proof-asked": "1", "proof-code": code})

        assert "请填写验证器上现在的数字" in text(page)
        assert state_of(waiting) == "approved"

    def test_the_password_alone_does_not(self, waiting, people, secret):
        client, address = later(signed_in(people.approver), 16), address_of(waiting, "act")
        here = client.post(address, sent(waiting, "pass") | {"proof-asked": "1", "proof-password": PASSWORD})
        elsewhere = client.post("/me/security/prove/password/?next=/admin/", {"password": PASSWORD})

        assert here.status_code == 400
        assert elsewhere.headers["Location"] == "/me/security/prove/factor/?next=%2Fadmin%2F"
        assert asked(client.post(address, sent(waiting, "pass"))) == (403, True)
        assert state_of(waiting) == "recommended"


def test_a_code_to_the_phone_proves_nothing_for_staff(people):
    people.approver.phone, people.approver.phone_index = "13800000001", phone_index("13800000001")
    people.approver.save()

    response = signed_in(people.approver).post("/me/security/prove/", {})

    assert response.headers["Location"].startswith("/me/security/prove/password/")


def test_several_approvals_at_once_ask_again(waiting, people):
    client = later(signed_in(people.approver), 16)

    response = client.post(
        "/admin/subsidies/application/", {"action": "pass_these", "_selected_action": [waiting.pk]}
    )

    assert (asked(response), state_of(waiting)) == ((403, True), "recommended")


def test_a_list_of_offers_is_confirmed_only_with_a_fresh_proof(people):
    version = world.publish("T01b", delivery="no_application")
    made = OfferList.objects.create(
        department=people.department,
        benefit=version.benefit,
        benefit_version_id=version.pk,
        period=2026,
        day=timezone.localdate(),
        prepared_by=people.reviewer,
        status="prepared",
    )

    response = later(signed_in(people.approver), 16).post(
        f"{MONEY}/offerlist/{made.pk}/confirm/", {"total": 0}
    )

    assert (asked(response), OfferList.objects.get().status) == ((403, True), "prepared")


def test_a_batch_is_prepared_only_with_a_fresh_proof(approved, people):
    response = later(signed_in(people.finance), 16).post(f"{MONEY}/paymentbatch/prepare/")

    assert (asked(response), PaymentBatch.objects.count()) == ((403, True), 0)


@pytest.mark.parametrize("verb", ["approve", "cancel", "file"])
def test_a_batch_and_its_file_ask_again(approved, people, verb):
    batch = paying.prepare(people.department, by=people.finance).batch
    ticked = Payment.objects.get().pk
    if verb == "file":
        paying.approve(batch, by=people.finance_2, ticked={ticked}, expected_total_fen=batch.total_fen)
    before = PaymentBatch.objects.values("status", "exported_at").get()

    response = later(signed_in(people.finance_2), 16).post(
        f"{MONEY}/paymentbatch/{batch.pk}/{verb}/", {"total": batch.total_fen, "ticked": ticked}
    )

    assert asked(response) == (403, True)
    assert PaymentBatch.objects.values("status", "exported_at").get() == before


def test_a_whole_number_is_shown_only_with_a_fresh_proof(waiting, people):
    address = f"/admin/businesses/operator/reveal/operator/{waiting.operator_id}/"
    client = later(signed_in(people.reviewer), 16)
    page = Page(client, address, client.post(address, {"reason": "核对付款户名"}), address)
    hidden = AccessEvent.objects.filter(action="unmask").count()
    shown = client.post(address, dict(page.fields, **{"proof-password": PASSWORD}))

    assert (page.get("reason"), hidden) == (["核对付款户名"], 0)
    assert (
        waiting.operator.identity.reveal() in text(shown),
        AccessEvent.objects.filter(action="unmask").count(),
    ) == (
        True,
        1,
    )
