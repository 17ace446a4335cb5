"""Binding a shop to one's account, and ending that."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.actions import agree, has_agreed
from businesses import actions
from businesses.models import Binding
from core.addresses import next_of
from core.errors import Invalid, Refused
from eligibility.answers import chosen_shop
from eligibility.pages.shop import for_a_shop

from .forms import errors_of, status_of, text_input


@sensitive_post_parameters()
@login_required
def bind(request):
    """Show that a shop is one's own, with what stands on the licence and the identity card."""
    if request.method != "POST":
        return bind_page(request)
    if request.POST.get("agree"):
        agree(request.user, "sensitive")
    try:
        binding = actions.bind(
            request.user,
            request.POST.get("credit_code", ""),
            request.POST.get("operator_name", ""),
            request.POST.get("last_six", ""),
        )
    except (Invalid, Refused) as problem:
        return bind_page(request, problem)
    shop = binding.business
    request.session["shop"] = str(shop.public_id)
    if shop.operating_status in ("deregistered", "revoked"):
        status = shop.get_operating_status_display()
        messages.warning(request, f"绑定好了。登记显示这家店{status}，多数政策不能再享受。")
    else:
        onward = "接着办刚才那件。" if next_of(request) else "下面是政府已经知道的信息。"
        messages.success(request, f"绑定好了。{onward}")
    return redirect(next_of(request) or "me")


def bind_page(request, problem=None, *, lost=False) -> HttpResponse:
    fields = [
        text_input(
            request, problem, "credit_code", "统一社会信用代码", "营业执照上的 18 位代码，以 92 开头。"
        ),
        text_input(
            request, problem, "operator_name", "经营者姓名", "和营业执照上的一样。", autocomplete="name"
        ),
        text_input(
            request,
            problem,
            "last_six",
            "经营者身份证号的后 6 位",
            "末位是 X 就填 X。只用来核对，不另外保存。",
            secret=True,
        ),
    ]
    context = {
        "fields": fields,
        "errors": errors_of(problem, fields),
        "agreed": has_agreed(request.user, "sensitive"),
        "has_shop": chosen_shop(request) is not None,
        "lost": lost,
        "next": next_of(request),
    }
    return render(request, "me/bind.html", context, status=status_of(problem))


@for_a_shop
def unbind(request, shop) -> HttpResponse:
    """End one's binding, after a page that says what follows."""
    binding = Binding.objects.visible_to(request.user).filter(business=shop, user=request.user, ended_at=None)
    binding = get_object_or_404(binding)
    if request.method != "POST":
        return render(request, "me/unbind.html", {"shop": shop})
    actions.unbind(binding, by=request.user)
    request.session.pop("shop", None)
    request.session.pop("checking_shop", None)
    messages.success(request, f"“{shop.name}”已解除绑定，给别人的授权也一起停了。")
    return redirect("me")
