"""Rows of the admin that come about by verbs with a form of their own."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from core.admin import BrowseOnly


def sent(request):
    """What a form is bound to: also an empty POST is one."""
    return request.POST if request.method == "POST" else None


class ByVerb(BrowseOnly):
    """Rows that come about by a verb: the add view asks for its arguments, and nothing is edited in place."""

    def has_add_permission(self, request) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.add_{self.opts.model_name}")

    def can_change(self, request) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def ask(self, request, form, *, title, button, explained="", moves=None) -> HttpResponse:
        """The page of a verb."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "button": button,
            "explained": explained,
            "moves": moves,
        }
        return render(request, "admin/businesses/standing/verb.html", context)

    def done(self, request, row, sentence) -> HttpResponse:
        """Say so, and show the row."""
        messages.success(request, sentence)
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        )

    def one(self, request, pk):
        """The row, or None where this person may not see it."""
        return self.get_queryset(request).filter(pk=pk).first()
