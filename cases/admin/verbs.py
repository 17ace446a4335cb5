"""The page on which staff do a verb that needs no more than its procedure says."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from core.addresses import whole_number
from core.errors import Invalid, Refused

from ..actions import general
from .remedies import address_of


class ByProcedure:
    """Mixed into the ModelAdmin of a procedure's cases, which gives ``case(request, pk)`` and ``show(…)``."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.verb_view)
        return [
            path("<number:pk>/do/<slug:verb>/", view, name=f"{self.opts.model_name}-do"),
            *super().get_urls(),  # type: ignore[misc]  # of the ModelAdmin it is mixed into
        ]

    def verb_view(self, request, pk, verb) -> HttpResponse:
        """GET asks for what the verb needs, POST does it."""
        case = self.case(request, pk)
        if case is None or verb not in case.life.verbs:
            raise Http404
        words = case.life.verbs[verb]
        if words.own_door or not words.staff or not words.who(request.user, case):
            raise PermissionDenied
        problem = None
        if request.method == "POST":
            version = whole_number(request.POST.get("expected_version", "")) or 0
            try:
                general.do(case, verb, request.POST, by=request.user, expected_version=version)
            except (Invalid, Refused) as refusal:
                problem = refusal
            else:
                messages.success(request, f"{case} 已办理：{words.name}。")
                return redirect(address_of(case))
        return self.show(
            request,
            "admin/cases/verb.html",
            f"{words.staff}：{case}",
            status=200 if problem is None else 400 if isinstance(problem, Invalid) else 409,
            case=self.case(request, pk),
            verb=words,
            address=address_of(case),
            boxes=general.boxes(words, request.POST),
            errors=errors_of(problem),
        )


def errors_of(problem) -> list[str]:
    if problem is None:
        return []
    return [fault.detail for fault in problem.faults] if isinstance(problem, Invalid) else [str(problem)]
