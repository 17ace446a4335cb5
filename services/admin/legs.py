"""接单: what was sent to one's own institution. A bank, an insurer or a school works here, and sees nothing but the
words it was sent, what the owner lets it read, and its own answers; a bureau is led to the case."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import record
from cases.actions import general
from cases.admin.verbs import errors_of
from cases.models import Case
from cases.rights.recusal import of_cases
from core.addresses import whole_number
from core.admin import BrowseOnly
from core.errors import Invalid, Refused

from ..finance import tenders
from ..models import Leg
from ..permissions import is_of_institution
from .leg_page import LegPage

RELATED = (
    *("request__offering", "request__case__department", "receiver", "receiver_user", "sharing"),
    *("taken_by", "request__case__benefit_version"),
)
OPEN, ALL = "open", "all"


class StateFilter(admin.SimpleListFilter):
    """What waits, unless something else is asked for; whoever looks for a number wants it whatever its state."""

    title, parameter_name = "状态", "state"

    def __init__(self, request, *arguments) -> None:
        self.usual = ALL if request.GET.get(SEARCH_VAR) else OPEN
        super().__init__(request, *arguments)

    def lookups(self, request, model_admin) -> list:
        return [(OPEN, "等我单位办"), *Leg.State.choices[1:], (ALL, "全部")]

    def value(self) -> str:
        return super().value() or self.usual

    def queryset(self, request, rows) -> QuerySet:
        if self.value() == OPEN:
            return rows.open()
        return rows if self.value() == ALL else rows.filter(state=self.value())

    def choices(self, changelist):
        for key, label in self.lookup_choices:
            yield {
                "selected": self.value() == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}, ["p"]),
                "display": label,
            }


@admin.register(Leg)
class LegAdmin(BrowseOnly):
    list_display = ["number", "offering", "state", "sent_on", "days", "due_on", "rung", "clerk"]
    list_display_links = ["number"]
    list_select_related = ["request__offering", "request__case", "taken_by"]
    list_filter = [StateFilter]
    search_fields = ["request__case__number"]
    search_help_text = "写编号，或者它的最后几位"
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    ordering = ["sent_at", "id"]
    actions = None

    def get_queryset(self, request) -> QuerySet:
        """Without those from which somebody has to keep away; whoever only reads sees all."""
        return super().get_queryset(request).exclude(of_cases(request.user, "request__case__"))

    def lookup_allowed(self, lookup, value, request=None) -> bool:
        return lookup == StateFilter.parameter_name

    @admin.display(description="编号")
    def number(self, leg) -> str:
        return leg.request.case.number

    @admin.display(description="服务")
    def offering(self, leg) -> str:
        return leg.request.offering.title

    @admin.display(description="收到")
    def sent_on(self, leg) -> object:
        return timezone.localdate(leg.sent_at) if leg.sent_at else None

    @admin.display(description="已等几天")
    def days(self, leg) -> int | str:
        if leg.state not in Leg.OPEN or leg.sent_at is None:
            return "—"
        return (timezone.localdate() - timezone.localdate(leg.sent_at)).days

    @admin.display(description="谁在办")
    def clerk(self, leg) -> str:
        """Somebody of the own institution."""
        return leg.taken_by.shown_name if leg.taken_by else "—"

    # One leg

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/do/<slug:verb>/", view(self.verb_view), name="leg-do"),
            path("<number:pk>/sharing/", view(require_POST(self.sharing_view)), name="leg-sharing"),
            *super().get_urls(),
        ]

    def leg(self, request, pk) -> Leg:
        """404 for what this person may not see."""
        row = self.get_queryset(request).select_related(*RELATED).filter(pk=pk or 0).first()
        if row is None:
            raise Http404
        return row

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        leg = self.leg(request, whole_number(object_id))
        record(request.user, "see_leg", f"leg {leg.pk}")
        return self._page(request, LegPage(leg, request.user))

    def history_view(self, request, object_id, extra_context=None) -> HttpResponse:
        """What was done stands on the page; the admin's own history would name whoever did it."""
        leg = self.leg(request, whole_number(object_id))
        return redirect("admin:services_leg_change", leg.pk)

    def sharing_view(self, request, pk) -> HttpResponse:
        """POST: look at what the owner shares, which counts."""
        leg = self.leg(request, pk)
        try:
            lines = tenders.read_shared(leg, by=request.user)
        except Refused as refusal:
            return self._page(
                request, LegPage(self.leg(request, pk), request.user), [str(refusal)], status=409
            )
        return self._page(request, LegPage(self.leg(request, pk), request.user), lines=lines)

    def verb_view(self, request, pk, verb) -> HttpResponse:
        """GET asks for what the verb needs, POST does it."""
        leg = self.leg(request, pk)
        words = LegPage(leg, request.user).verbs.get(verb)
        if words is None and (request.method == "GET" or not is_of_institution(request.user)):
            raise PermissionDenied
        problem = None
        if request.method == "POST":
            try:
                tenders.answer(
                    leg, verb, request.POST, by=request.user, expected_version=_version_sent(request)
                )
            except (Invalid, Refused) as refusal:
                problem = refusal
            else:
                done = leg.request.case.life.verbs[verb].name
                messages.success(request, f"{leg.request.case.number} 已办理：{done}。")
                return redirect("admin:services_leg_change", leg.pk)
        if words is None:
            return self._page(
                request, LegPage(self.leg(request, pk), request.user), errors_of(problem), status=409
            )
        return self._show(
            request,
            "admin/services/leg_verb.html",
            f"{words.staff}：{leg.request.case.number}",
            status=200 if problem is None else 400 if isinstance(problem, Invalid) else 409,
            leg=self.leg(request, pk),
            verb=words,
            address=reverse("admin:services_leg_change", args=[leg.pk]),
            boxes=general.boxes(words, request.POST),
            errors=errors_of(problem),
        )

    def _page(self, request, page, problems=(), *, lines=None, status=200) -> HttpResponse:
        case = page.leg.request.case
        sees_case = Case.objects.visible_to(request.user).filter(pk=case.pk).exists()
        return self._show(
            request,
            "admin/services/leg.html",
            f"{case.number} {page.leg.request.offering.title}",
            status=status,
            page=page,
            leg=page.leg,
            problems=problems,
            lines=lines,
            case_url=reverse("admin:services_servicecase_change", args=[case.pk]) if sees_case else "",
        )

    def _show(self, request, template, title, *, status=200, **context) -> HttpResponse:
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": title,
                "is_nav_sidebar_enabled": False,
                **context,
            },
            status=status,
        )


def _version_sent(request) -> int:
    return whole_number(request.POST.get("expected_version", "")) or 0
