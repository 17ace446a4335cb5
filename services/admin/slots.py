"""时间和名额: when what is offered takes place, who has a seat, and who came."""

from urllib.parse import quote

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from businesses.admin.by_verb import ByVerb, sent
from cases.papers import sheet

from .. import permissions
from ..catalogue import publishing
from ..kinds import KINDS
from ..models import Offering, Request, Slot
from ..slots import seats, timetable
from .forms import ReasonForm, SlotForm
from .roll_call import RollCall

Status = Slot.Status


class OfOffering(admin.SimpleListFilter):
    """Led to from its page."""

    title, parameter_name = "服务", "offering"

    def lookups(self, request, model_admin) -> list:
        rows = Offering.objects.visible_to(request.user).filter(kind__in=with_seats())
        return [(str(row.pk), row.title) for row in rows.only("title").order_by("title")[:100]]

    def queryset(self, request, rows) -> QuerySet:
        return rows.filter(offering=self.value()) if (self.value() or "").isdecimal() else rows


def with_seats() -> list[str]:
    """The kinds for which a time is chosen."""
    return [key for key, kind in KINDS.items() if kind.seats]


@admin.register(Slot)
class SlotAdmin(ByVerb):
    list_display = ["when", "offering", "shown_place", "places", "waiting", "minimum", "status", "roll_link"]
    list_display_links = ["when"]
    list_select_related = ["offering"]
    list_filter = ["status", OfOffering]
    search_fields = ["offering__title"]
    search_help_text = "写服务的名称"
    ordering = ["-starts_at", "-id"]
    actions = None
    change_form_template = "admin/services/slot.html"
    fields = readonly_fields = [
        *("offering", "when", "ends_at", "shown_place", "places", "waiting", "minimum", "decide_at"),
        *("decided_at", "status", "because"),
    ]

    def get_queryset(self, request) -> QuerySet:
        queued = Count("requests", filter=Q(requests__seat=Request.Seat.QUEUED))
        return super().get_queryset(request).annotate(line=queued)

    @admin.display(description="时间", ordering="starts_at")
    def when(self, row) -> str:
        return f"{timezone.localtime(row.starts_at):%Y-%m-%d %H:%M}"

    @admin.display(description="地点")
    def shown_place(self, row) -> str:
        return row.place or row.offering.place or "—"

    @admin.display(description="已约")
    def places(self, row) -> str:
        return f"{row.taken} / {row.capacity}"

    @admin.display(description="排队")
    def waiting(self, row) -> int:
        return row.line

    @admin.display(description="点名")
    def roll_link(self, row) -> str:
        return format_html('<a href="{}">点名</a>', reverse("admin:slot-roll", args=[row.pk]))

    # One by one

    def add_view(self, request, form_url="", extra_context=None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = _own_offerings(request.user)
        form = SlotForm(sent(request), offerings=own, initial={"offering": request.GET.get("offering", "")})
        if request.method == "POST" and form.is_valid():
            row = form.save()
            self.log_addition(request, row, "排了时间")
            return self.done(request, row, "排好了。")
        return self.asked(request, form, title="排一个时间", button="保存")

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        row, verbs = self.get_object(request, object_id), []
        if row is not None and self._may_write(request.user, row):
            verbs = [("slot-change", "改名额、地点"), ("slot-cancel", "取消这一场")]
        context = {"verbs": [(reverse(f"admin:{name}", args=[object_id]), words) for name, words in verbs]}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    @staticmethod
    def _may_write(user, row) -> bool:
        is_ahead = row.status == Status.OPEN and row.starts_at > timezone.now()
        return is_ahead and publishing.may_write(user, row.offering)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/edit/", view(self.edit_view), name="slot-change"),
            path("<number:pk>/cancel/", view(self.cancel_view), name="slot-cancel"),
            path("<number:pk>/roll/", view(self.roll_view), name="slot-roll"),
            path("<number:pk>/roll.pdf", view(self.roll_pdf), name="slot-roll-pdf"),
            *super().get_urls(),
        ]

    def edit_view(self, request, pk) -> HttpResponse:
        """Seats, place and minimum. Seats that are new go to those in line."""
        row = self._writable(request, pk)
        form = SlotForm(sent(request), instance=row)

        def do() -> str:
            count = seats.change_slot(row, **form.cleaned_data)
            more = f"有 {count} 位排队的得到名额，已经告诉他们。" if count else ""
            return f"改好了。{more}"

        return self.tried(request, row, form, do, title=f"改名额、地点：{row}", button="保存")

    def cancel_view(self, request, pk) -> HttpResponse:
        row = self._writable(request, pk)
        form = ReasonForm(sent(request))
        return self.tried(
            request,
            row,
            form,
            lambda: (
                f"取消了，已告诉 {timetable.cancel(row, form.cleaned_data['reason'], by=request.user)} 位。"
            ),
            title=f"取消这一场：{row}",
            button="取消这一场",
            explained="约了的、排队的都会收到消息，消息里有别的时间。",
        )

    def _writable(self, request, pk) -> Slot:
        row = self._seen(request, pk)
        if not self._may_write(request.user, row):
            raise PermissionDenied
        return row

    def _seen(self, request, pk) -> Slot:
        row = self.get_queryset(request).select_related("offering").filter(pk=pk).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    # Who came

    def roll_view(self, request, pk) -> HttpResponse:
        """Everybody who has a seat; 到场, 未到 and 结业证 for several at once."""
        row, results = self._seen(request, pk), None
        if request.method == "POST":
            if not permissions.gives(request.user, row.offering):
                raise PermissionDenied
            results = RollCall(row, request.user).do(
                request.POST.get("verb", ""), request.POST.getlist("case")
            )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"点名：{row.offering.title} {self.when(row)}",
            "slot": row,
            "roll": RollCall(row, request.user),
            "results": results,
            "has_pdf": sheet.available(),
        }
        return render(request, "admin/services/roll.html", context)

    def roll_pdf(self, request, pk) -> HttpResponse:
        """The list to sign."""
        row = self._seen(request, pk)
        if not sheet.available():
            return HttpResponseRedirect(reverse("admin:slot-roll", args=[row.pk]))
        response = HttpResponse(
            sheet.pdf(RollCall(row, request.user).paper()), content_type="application/pdf"
        )
        name = quote(f"签到表-{row}.pdf", safe="")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        response.headers["Cache-Control"] = "private, no-store"
        return response


def _own_offerings(user) -> QuerySet:
    """Those that the department of ``user`` gives or answers for, and that have times."""
    rows = (
        Offering.objects.visible_to(user).filter(kind__in=with_seats()).exclude(status=Offering.Status.CLOSED)
    )
    if not user.is_superuser:
        own = user.department_id or 0
        rows = rows.filter(Q(provider=own) | Q(handler=own))
    return rows.order_by("title")
