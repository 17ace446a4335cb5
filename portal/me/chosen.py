"""The shop that somebody signed in acts for."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.utils import timezone

from businesses.register import profile_of
from eligibility.answers import OTHER_SHOP, chosen_shop, has_lost_shop, is_for
from eligibility.evaluation import evaluate
from eligibility.holdings import held_by


def for_a_shop(view):
    """A page for somebody signed in about the shop they act for; without one they are led to choosing or binding it.

    A form that was shown for another shop is refused: the choice may have changed in another tab meanwhile.
    """

    @wraps(view)
    def with_shop(request, *args, **kwargs):
        shop = chosen_shop(request)
        if "shop" in request.POST and not is_for(request, shop):
            messages.error(request, OTHER_SHOP)
            return redirect("me")
        if shop is None:
            return redirect("me" if has_lost_shop(request) else "me-bind")
        return view(request, shop, *args, **kwargs)

    return login_required(with_shop)


def standing_of(request):
    """For the home page: the shop of whoever is signed in and how many money benefits it can have now, or None."""
    shop = chosen_shop(request)
    if shop is None:
        return None
    today = timezone.localdate()
    found = evaluate(profile_of(shop), today, held=held_by(shop, today)).assessments
    count = sum(one.rule.is_money and one.state in ("now", "auto") for one in found)
    return {"name": shop.name, "count": count}
