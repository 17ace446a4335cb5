"""Where the operator is paid."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.actions import agree, has_agreed
from accounts.signing_in.pages import with_next
from accounts.signing_in.sessions import is_fresh_owner
from businesses import actions
from businesses.models import PaymentAccount, account_paid
from cases.terms import usual
from core.addresses import next_of
from core.errors import Invalid, Refused
from eligibility.pages.shop import for_an_applicant

from .forms import errors_of, status_of, text_input


def account_of(shop, user, owns) -> dict | None:
    """Where the operator is paid, and to the owner also who registered it; None for who may not see it."""
    row = account_paid(user, shop.operator_id)
    if row is None:
        return None
    added_by = "您" if row.added_by == user else f" {row.added_by.masked_phone} " if row.added_by else ""
    return {
        "bank": row.bank,
        "last_four": row.last_four,
        "added_by": added_by if owns else "",
        "added_at": row.added_at,
    }


@sensitive_post_parameters()
@for_an_applicant
def account(request, shop):
    """Where subsidies are paid to."""
    if not actions.may(request.user, shop, "apply"):
        raise PermissionDenied
    if request.method != "POST" and actions.changes_account(shop) and not is_fresh_owner(request):
        return redirect(with_next("prove", request.get_full_path()))
    problem = None
    if request.method == "POST":
        if request.POST.get("agree") and actions.owns(request.user, shop):
            agree(request.user, "sensitive")
        try:
            given = {name: request.POST.get(name, "") for name in ("holder", "bank", "number")}
            row = actions.set_payment_account(
                shop,
                **given,
                by=request.user,
                last_six=request.POST.get("last_six", ""),
                is_fresh=is_fresh_owner(request),
            )
            waits = f"为了安全，{usual('account_watch_days')} 天以后才往新账户打钱。" if row.is_change else ""
            messages.success(request, f"收款账户已登记：{row.bank}，尾号 {row.last_four}。{waits}")
            return redirect(next_of(request) or "me")
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _account_page(request, shop, problem)


def _account_page(request, shop, problem) -> HttpResponse:
    holder = shop.operator.name if shop.operator else ""
    fields = [
        text_input(
            request, problem, "holder", "户名", "必须是经营者本人。", value=holder, autocomplete="name"
        ),
        text_input(request, problem, "bank", "开户银行", "例如：贵州银行六盘水分行。"),
        text_input(request, problem, "number", "账号", "银行卡号或存折账号，可以带空格。", secret=True),
    ]
    if actions.changes_account(shop):
        hint = "末位是 X 就填 X。改账户要核对，不另外保存。"
        fields.append(text_input(request, problem, "last_six", "经营者身份证号的后 6 位", hint, secret=True))
    accounts = PaymentAccount.objects.visible_to(request.user).standing()
    context = {
        "shop": shop,
        "next": next_of(request),
        "current": accounts.filter(operator=shop.operator_id).first(),
        "fields": fields,
        "errors": errors_of(problem, fields),
        "agreed": not actions.owns(request.user, shop) or has_agreed(request.user, "sensitive"),
    }
    return render(request, "me/account.html", context, status=status_of(problem))
