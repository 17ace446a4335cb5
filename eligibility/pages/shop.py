"""Pages about the shop that somebody signed in acts for."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect

from ..answers import OTHER_SHOP, chosen_shop, has_lost_shop, is_for, shop_to_apply_for


def for_a_shop(view, choose=chosen_shop):
    """A page for somebody signed in about the shop they act for; without one they are led to choosing or binding it.

    A form that was shown for another shop is refused: the choice may have changed in another tab meanwhile.
    """

    @wraps(view)
    def with_shop(request, *args, **kwargs):
        shop = choose(request)
        if "shop" in request.POST and not is_for(request, shop):
            messages.error(request, OTHER_SHOP)
            return redirect("me")
        if shop is None:
            return redirect("me" if has_lost_shop(request) else "me-bind")
        return view(request, shop, *args, **kwargs)

    return login_required(with_shop)


def for_an_applicant(view):
    """The same, also for a clerk who fills in for whoever is at the window or on the phone."""
    return for_a_shop(view, shop_to_apply_for)
