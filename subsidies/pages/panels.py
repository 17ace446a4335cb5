"""What applications for money add to their owner's list and page: amounts, instalments, offers, what came back."""

from datetime import date

from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from cases.models import people_of
from cases.pages.form_view import judged_rows, resume_url
from cases.pages.panels import Panels
from cases.pages.timeline import step
from cases.procedure import CLOSED, DRAFT, REFUSED, WITHDRAWN
from cases.rights.permissions import may_apply
from cases.wording import local_day
from core.money import yuan_text
from core.prepared import prepared
from core.wording import day_text

from ..actions import applying, automatic_grants
from ..headlines import has_account_to_mend, is_claimable, next_instalment
from ..models import Application, Grant, Instalment, Payment
from ..money.grants import add_months, opens_on
from ..money.returned import waits
from ..wording import amount_text

UNPAID = (REFUSED, WITHDRAWN)


@prepared
def _offered(operators):
    return automatic_grants.offers_to(operators).order_by().values_list("pk")


class ApplicationPanels(Panels):
    prefetch = (Prefetch("grants__instalments__payments", Payment.objects.select_related("account")),)

    def waits(self) -> Q:
        return Q(waits())

    def count_offers(self, user) -> int:
        return len(_offered(people_of(user)))

    def offers(self, user) -> list[dict]:
        return [offer_card(row) for row in automatic_grants.offers_of(user)]

    def draft_page(self, case: Application) -> str:
        return reverse("apply-tasks", args=[case.public_id])

    def group(self, case: Application, today: date) -> str:
        if has_account_to_mend(case):
            return "mine"
        if case.phase == CLOSED and (part := next_instalment(case)):
            return "mine" if is_claimable(part, today) else "running"
        return ""

    def todo(self, case: Application, today: date) -> dict | None:
        if case.phase == DRAFT:
            return {"label": "接着填", "url": resume_url(case)}
        if has_account_to_mend(case):
            address = reverse("case-account", args=[case.public_id])
            return {"label": "改收款账户", "url": address, "posts": True}
        part = next_instalment(case)
        if case.phase == CLOSED and is_claimable(part, today):
            return {"label": "交房租凭证", "url": reverse("case-claim", args=[case.public_id, part.pk])}
        return None

    def amount(self, case: Application) -> str:
        return "" if case.outcome in UNPAID else amount_text(case)

    def last_steps(self, case: Application) -> list[dict]:
        at, office = case.stage.step, case.department.name
        status = "current" if at == "paying" else "done" if at == "paid" else "todo"
        if case.category == "loan":
            return [
                step("paying", "银行放款", None, status=status, office="银行", notes=["由银行审批和放款"])
            ]
        due = "日期待公布" if status == "current" else ""
        title, now = ("打款退回", "blocked") if has_account_to_mend(case) else ("拨付", status)
        return [
            step("paying", title, None, status=now, office=office, due=due),
            step("paid", "到账", case.paid_at if status == "done" else None, office="银行"),
        ]

    def parts(self, case: Application, user, today: date) -> dict:
        may_act = may_apply(user, case.business)
        return {
            "instalments": money_of(case),
            "criteria": judged_rows(case.judged),
            "may_withdraw": may_act and not case.outcome and applying.may_withdraw(case),
            "must": self.todo(case, today) if may_act else None,
        }


def money_of(application: Application) -> list[dict]:
    """The instalments of the grant with what came of each: ``[{pk, number, is_paid, period, amount, status, tone,
    lines, problem, may_claim, opens_on}]``."""
    grants = application.grants.exclude(status=Grant.Status.VOID)
    grants = grants.prefetch_related("instalments__payments__batch", "instalments__payments__account")
    return [instalment_of(row) for grant in grants for row in grant.instalments.all()]


def instalment_of(row: Instalment) -> dict:
    payments = list(row.payments.all())
    last = max(payments, key=lambda payment: payment.pk, default=None)
    came_back = last and last.status == Payment.Status.RETURNED and row.status == Instalment.Status.DUE
    return {
        "pk": row.pk,
        "number": row.number,
        "is_paid": row.status == Instalment.Status.PAID,
        "period": _period(row),
        "amount": yuan_text(row.amount_fen),
        "status": "银行退回" if came_back else row.get_status_display(),
        "tone": "err"
        if came_back
        else {"paid": "ok", "due": "soon", "claimed": "soon"}.get(row.status, "no"),
        "lines": [line for payment in payments if (line := _payment_line(payment))],
        "problem": row.problem,
        "may_claim": is_claimable(row, timezone.localdate()),
        "opens_on": opens_on(row) if row.status == Instalment.Status.PLANNED else None,
    }


def _period(row) -> str:
    if row.from_month is None:
        return ""
    last = add_months(row.from_month, row.months - 1)
    if row.months == 1:
        return f"{row.from_month.year} 年 {row.from_month.month} 月"
    until = f"{last.month} 月" if last.year == row.from_month.year else f"{last.year} 年 {last.month} 月"
    return f"{row.from_month.year} 年 {row.from_month.month} 月到 {until}，{row.months} 个月"


def _payment_line(payment) -> str:
    end, batch = payment.account.last_four, payment.batch.number
    if payment.status == Payment.Status.PAID:
        return f"{day_text(local_day(payment.settled_at))}转入尾号 {end} 的账户，批次 {batch}"
    if payment.status == Payment.Status.RETURNED:
        return f"{day_text(local_day(payment.settled_at))}被银行退回：{payment.reason}。请核对收款账户"
    if payment.status in (Payment.Status.BATCHED, Payment.Status.SENT):
        return f"已编入批次 {batch}，转到尾号 {end} 的账户"
    return ""


def offer_card(row) -> dict:
    """An offer as the list shows it: ``{pk, title, shop, amount, department}``."""
    return {
        "pk": row.pk,
        "title": row.benefit.title,
        "shop": row.business.name,
        "amount": yuan_text(row.amount_fen),
        "department": row.offer_list.department.name,
    }
