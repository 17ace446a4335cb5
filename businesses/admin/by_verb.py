"""Rows of the admin that come about by verbs with a form of their own."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.refusals import write_down
from core.admin import BrowseOnly
from core.errors import Invalid, NotYours, Refused


def sent(request):
    """What a form is bound to: also an empty POST is one."""
    return request.POST if request.method == "POST" else None


def say(form, problem) -> None:
    """Put what an action refuses to the fields of a form."""
    if isinstance(problem, Refused):
        form.add_error(None, str(problem))
        return
    for fault in problem.faults:
        form.add_error(fault.field if fault.field in form.fields else None, f"{fault.detail}。")


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

    def asked(self, request, form, **words) -> HttpResponse:
        """The same; 400 where a box is wrong, 409 where it cannot be done now."""
        response = self.ask(request, form, **words)
        if form.is_bound and form.errors:
            response.status_code = 409 if form.non_field_errors() else 400
        return response

    def tried(self, request, row, form, act, **words) -> HttpResponse:
        """GET asks for what a verb on ``row`` needs, POST does it by ``act()``, which returns what is said then; what
        is wrong stands beside its box."""
        if request.method == "POST" and form.is_valid():
            try:
                sentence = act()
            except (Invalid, Refused) as problem:
                if isinstance(problem, NotYours):
                    write_down(request.user, request)
                say(form, problem)
            else:
                self.log_change(request, row, words["button"])
                return self.done(request, row, sentence)
        return self.asked(request, form, **words)

    def done(self, request, row, sentence) -> HttpResponse:
        """Say so, and show the row."""
        messages.success(request, sentence)
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        )

    def one(self, request, pk):
        """The row, or None where this person may not see it."""
        return self.get_queryset(request).filter(pk=pk).first()
