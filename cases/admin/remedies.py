"""After the decision, for staff: appeals, ratings and what is mended because of them."""

from datetime import date

from django import forms
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from businesses.admin.by_verb import ByVerb, say, sent
from cases.models import Appeal, Rating
from cases.rights import permissions
from core.errors import Invalid, Refused

from ..actions import appealing, rating
from ..models import Case


def address_of(case: Case) -> str:
    """Its page in the admin, by what it is."""
    opts = case._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[case.pk])


class AnswerForm(forms.Form):
    """The field has the name that the action gives it, so that a fault lands beside its box."""

    answer = forms.CharField(
        label="给店主的答复",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 60}),
        help_text="店主会看到这段话。写清楚看了什么、为什么这样定。",
    )


class MendForm(forms.Form):
    how = forms.CharField(
        label="整改结果",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="店主会看到这段话，并可以再评一次。",
    )


class ByRemedy(ByVerb):
    """Verbs on one row: a page that asks, a POST that calls the action, what is wrong beside its field."""

    def has_add_permission(self, request) -> bool:
        return False

    def act(self, request, row, form, act, *, title, about, button, explained="", may=True) -> HttpResponse:
        """The page of a verb on ``row``; ``act(form)`` is called when it is sent."""
        if not may:
            raise PermissionDenied
        if request.method == "POST" and form.is_valid():
            try:
                act(form)
            except (Invalid, Refused) as problem:
                say(form, problem)
            else:
                self.log_change(request, row, title)
                return self.done(request, row, f"已办理：{title}。")
        response = self.ask(request, form, title=f"{title}：{about}", button=button, explained=explained)
        if form.errors:
            response.status_code = 409 if form.has_error(NON_FIELD_ERRORS) else 400
        return response

    def missing(self, request, pk) -> HttpResponse:
        return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))


class OfACase(ByRemedy):
    """Rows that belong to a case, shown by its number with a way to it."""

    @admin.display(description="办件", ordering="case")
    def link(self, row) -> str:
        return format_html('<a href="{}">{}</a>', address_of(row.case), row.case.number)

    def on_row(self, request, pk, form, act, *, may, title, **words) -> HttpResponse:
        """A verb on the row ``pk``; ``act(row, form)`` does it, ``may(user, row)`` says who may."""
        row = self.one(request, pk)
        if row is None:
            return self.missing(request, pk)
        return self.act(
            request,
            row,
            form,
            lambda form: act(row, form),
            title=title,
            about=row.case.number,
            may=may(request.user, row),
            **words,
        )


class Unanswered(admin.SimpleListFilter):
    title, parameter_name = "办理情况", "open"

    def lookups(self, request, model_admin) -> list:
        return [("open", "没办完的"), ("late", "已经超期的")]

    def queryset(self, request, queryset) -> QuerySet:
        today = timezone.localdate()
        if self.value() == "open":
            return self.still_open(queryset)
        if self.value() == "late":
            return self.late(self.still_open(queryset), today)
        return queryset


class OpenAppeals(Unanswered):
    def still_open(self, rows) -> QuerySet:
        return rows.filter(outcome="")

    def late(self, rows, today) -> QuerySet:
        return rows.filter(due_on__lt=today)


class OpenRatings(Unanswered):
    def still_open(self, rows) -> QuerySet:
        return rows.filter(level__lte=Rating.BAD, mended_at=None)

    def late(self, rows, today) -> QuerySet:
        return rows.filter(contacted_at=None, contact_by__lt=today) | rows.filter(mend_by__lt=today)


@admin.register(Appeal)
class AppealAdmin(OfACase):
    list_display = ["__str__", "link", "benefit", "filed_at", "due", "handler", "outcome_text"]
    list_select_related = ["case__benefit", "handler"]
    list_filter = [OpenAppeals, "outcome"]
    search_fields = ["case__number"]
    change_form_template = "admin/cases/remedies/appeal.html"
    fields = readonly_fields = [  # type: ignore[assignment]  # names, of which Django takes a list
        "link",
        "words",
        "reason",
        "filed_at",
        "due",
        "handler",
        "outcome_text",
        "answer",
        "decided_at",
    ]

    @admin.display(description="事项")
    def benefit(self, appeal) -> str:
        return appeal.case.benefit.code

    @admin.display(description="原来的理由")
    def reason(self, appeal) -> str:
        return appeal.case.reason or "原决定已撤销"

    @admin.display(description="最迟答复", ordering="due_on")
    def due(self, appeal) -> date | str | None:
        late = appeal.outcome == "" and appeal.due_on and appeal.due_on < timezone.localdate()
        return f"{appeal.due_on:%Y-%m-%d}（已超期）" if late else appeal.due_on

    @admin.display(description="结果", ordering="outcome")
    def outcome_text(self, appeal) -> str:
        return appeal.get_outcome_display() or ("办理中" if appeal.handler_id else "等人领取")

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        appeal = self.get_object(request, object_id)
        is_open = appeal is not None and appeal.outcome == ""
        may = is_open and permissions.may_handle_appeal(request.user, appeal.case)
        context = {
            "may_take": may and appeal.handler_id is None,
            "may_answer": may and appeal.handler_id == request.user.pk,
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/take/", view(self.take), name="appeal-take"),
            path("<number:pk>/uphold/", view(self.uphold), name="appeal-uphold"),
            path("<number:pk>/overturn/", view(self.overturn), name="appeal-overturn"),
            *super().get_urls(),
        ]

    def take(self, request, pk) -> HttpResponse:
        return self._verb(
            request,
            pk,
            forms.Form(sent(request)),
            lambda row, form: appealing.take(row, by=request.user),
            title="领取申诉",
            button="由我办理",
            explained="领取后由您答复。原来审核、审批过的人不能办理。",
        )

    def uphold(self, request, pk) -> HttpResponse:
        return self._verb(
            request,
            pk,
            AnswerForm(sent(request)),
            lambda row, form: appealing.uphold(row, form.cleaned_data["answer"], by=request.user),
            title="维持原决定",
            button="维持",
        )

    def overturn(self, request, pk) -> HttpResponse:
        return self._verb(
            request,
            pk,
            AnswerForm(sent(request)),
            lambda row, form: appealing.overturn(row, form.cleaned_data["answer"], by=request.user),
            title="撤销原决定，重新审核",
            button="撤销并重审",
            explained="这一件回到审核，由没有参与原来决定的人办，时限重新计算。",
        )

    def _verb(self, request, pk, form, act, **words) -> HttpResponse:
        return self.on_row(request, pk, form, act, may=_may_handle, **words)


def _may_handle(user, appeal) -> bool:
    return permissions.may_handle_appeal(user, appeal.case)


@admin.register(Rating)
class RatingAdmin(OfACase):
    list_display = [
        "case",
        "stage",
        "level",
        "rated_at",
        "contact_by",
        "mend_by",
        "progress",
        "second",
    ]
    list_select_related = ["case"]
    list_filter = [OpenRatings, "level"]
    search_fields = ["case__number"]
    change_form_template = "admin/cases/remedies/rating.html"
    fields = readonly_fields = [  # type: ignore[assignment]  # names, of which Django takes a list
        "link",
        "stage_text",
        "level",
        "reasons",
        "words",
        "rated_at",
        "contact_by",
        "contacted_at",
        "mend_by",
        "mended_how",
        "mended_at",
        "mender",
        "second",
    ]

    def get_queryset(self, request) -> QuerySet:
        return super().get_queryset(request).filter(level__isnull=False)

    @admin.display(description="环节", ordering="stage")
    def stage_text(self, row) -> str:
        return rating.stage_text(row)

    @admin.display(description="整改人")
    def mender(self, row) -> str:
        return row.mended_by.shown_name if row.mended_by else "-"

    @admin.display(description="原因")
    def reasons(self, row) -> str:
        return "、".join(row.tags) or "-"

    @admin.display(description="办理情况")
    def progress(self, row) -> str:
        if not row.is_bad:
            return "-"
        if row.mended_at:
            return "已整改"
        return "已联系，待整改" if row.contacted_at else "待联系"

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        row = self.get_object(request, object_id)
        may = row is not None and row.is_bad and rating.may_answer(request.user, row)
        context = {
            "may_contact": may and row.contacted_at is None,
            "may_mend": may and row.contacted_at is not None and row.mended_at is None,
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/contacted/", view(self.contacted), name="rating-contacted"),
            path("<number:pk>/mend/", view(self.mend), name="rating-mend"),
            *super().get_urls(),
        ]

    def contacted(self, request, pk) -> HttpResponse:
        return self._verb(
            request,
            pk,
            forms.Form(sent(request)),
            lambda row, form: rating.contacted(row, by=request.user),
            title="已联系店主",
            button="已联系",
            explained="打过电话、问清楚哪里不满意，再点。",
        )

    def mend(self, request, pk) -> HttpResponse:
        return self._verb(
            request,
            pk,
            MendForm(sent(request)),
            lambda row, form: rating.mend(row, form.cleaned_data["how"], by=request.user),
            title="写整改结果",
            button="告诉店主",
        )

    def _verb(self, request, pk, form, act, **words) -> HttpResponse:
        return self.on_row(request, pk, form, act, may=rating.may_answer, **words)
