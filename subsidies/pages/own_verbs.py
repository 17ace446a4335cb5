"""What only applications for money have: taking one back, and mending the account that money came back from."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from cases.pages import form_view
from cases.pages.case import for_a_case, require_mandate, version_seen
from core.errors import Refused

from ..actions import applying


@for_a_case
def withdraw(request, application) -> HttpResponse:
    """Take an application back, after a page that says what follows."""
    require_mandate(request, application)
    if request.method == "POST":
        try:
            applying.withdraw(application, by=request.user, expected_version=version_seen(request))
            messages.success(request, "已撤回。以后还可以再申请。")
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("case", public_id=application.public_id)
    if not applying.may_withdraw(application):
        messages.error(request, "这一件现在不能撤回。")
        return redirect("case", public_id=application.public_id)
    return render(request, "cases/withdraw.html", {"case": form_view.header_of(application, request.user)})


@for_a_case
@require_POST
def account(request, application) -> HttpResponse:
    """Lead to registering another account, for this shop, and back: the money came back from the bank."""
    require_mandate(request, application)
    request.session["shop"] = str(application.business.public_id)
    back = {"next": reverse("case", args=[application.public_id])}
    return redirect(f"{reverse('me-account')}?{urlencode(back)}")


urlpatterns = [
    path("cases/<uuid:public_id>/account/", account, name="case-account"),
    path("cases/<uuid:public_id>/withdraw/", withdraw, name="case-withdraw"),
]
