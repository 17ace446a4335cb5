"""What a contact adds to the list and page of cases: the work, who is on the other side, why they fit, the phone."""

from datetime import date

from django.db.models import Q
from django.urls import reverse

from cases.actions import general
from cases.models import Case
from cases.pages.panels import Button, Panels
from cases.pages.timeline import step
from cases.procedure import CLOSED
from cases.wording import near_day

from .. import phones
from ..pairs import conditions
from ..permissions import SHOP, WORKER, side_of
from ..procedure import CONTACT

LAST = ("refuse", "withdraw")  # what gives it up comes last


def _waits(asked_by, agreed) -> Q:
    asked = Q(state="asked", contact__asked_by=asked_by)
    return Q(procedure=CONTACT.key) & (asked | Q(state="talking", **{agreed: False}))


class ContactPanels(Panels):
    template = "jobs/contact.html"
    receipt_template = "jobs/receipt.html"
    joined = ("contact__post", "contact__worker", "contact__agreement")

    def waits(self) -> Q:
        return _waits(WORKER, "contact__shop_agreed")

    def waits_for_asker(self) -> Q:
        return _waits(SHOP, "contact__worker_agreed")

    def buttons(self, case: Case, user) -> list[Button]:
        side, contact = side_of(user, case), case.contact
        has_agreed = contact.shop_agreed if side == SHOP else contact.worker_agreed
        offered = general.offered(user, case, general.OWNER)
        keys = sorted(offered, key=LAST.__contains__)
        return [
            Button(
                offered[key].owner,
                reverse("case-do", args=[case.public_id, key]),
                "quiet" if key in LAST else "alt" if place else "",
                posts=not offered[key].needs,
            )
            for place, key in enumerate(key for key in keys if key != "agree" or not has_agreed)
        ]

    def steps(self, case: Case, today: date) -> list[dict]:
        contact = case.contact
        asker = case.business.name if contact.asked_by == SHOP else contact.worker.shown_name
        other = contact.worker.shown_name if contact.asked_by == SHOP else case.business.name
        is_over, talks = case.phase == CLOSED, case.state != "asked"
        due = f"最迟 {near_day(contact.until, today)}"
        steps = [step("asked", "问对方", case.submitted_at, office=asker)]
        if case.state == "asked":
            steps.append(step("answer", "回话", None, status="current", office=other, due=due))
        if talks and not is_over:
            status = "done" if case.state == "agreed" else "current"
            steps.append(
                step("talk", "谈", None, status=status, office="两边", due="" if status == "done" else due)
            )
        title = case.stage.owner if is_over else "干完"
        return [*steps, step("end", title, case.decided_at, status="done" if is_over else "todo")]

    def parts(self, case: Case, user, today: date) -> dict:
        side, contact = side_of(user, case), case.contact
        reasons = conditions.reasons(contact.post, contact.worker, today)
        return {
            "post": contact.post,
            "side": side,
            "words": contact.words,
            "other": contact.worker if side == SHOP else None,
            "reasons": reasons,
            "lacks": conditions.lacking(reasons),
            "may_call": case.state in phones.TALKING and phones.speaks(user, case, side),
            "phone_url": reverse("contact-phone", args=[case.public_id]),
            "contract": _contract_of(case),
            "decision": None,
        }

    def receipt(self, case: Case) -> dict:
        return {"post": case.contact.post, "until": case.contact.until}


def _contract_of(case) -> dict | None:
    """Where the two put it on paper; None before they talk."""
    agreement = getattr(case.contact, "agreement", None)
    if agreement is not None:
        return {"url": reverse("contract", args=[agreement.public_id]), "title": f"看{agreement.title}"}
    if case.state in phones.TALKING:
        return {"url": reverse("contracts"), "title": "写合同，打印签字"}
    return None
