"""服务: what the own department gives or answers for. Written here by one, published by a second person of a bureau."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from businesses.admin.by_verb import ByVerb, sent

from ..catalogue import publishing
from ..kinds import KINDS
from ..models import Offering
from ..slots.series import make_slots
from .forms import OfferingForm, PauseForm, SeriesForm

Status = Offering.Status


# {verb: (words, what is asked for, what it does, explained)}
VERBS = {
    "publish": (
        "发布",
        forms.Form,
        publishing.publish_offering,
        "发布后店主马上能看到、能办。请核对每一项。",
    ),
    "take_back": (
        "改成草稿",
        forms.Form,
        publishing.take_back,
        "改成草稿后先不能办，改好再请另一位同事发布。",
    ),
    "close": ("停办", forms.Form, publishing.close, "停办后不再收新的，已经收下的接着办。"),
    "pause": ("暂停", PauseForm, publishing.pause, "到那天自动再开。"),
    "reopen": ("重新开放", forms.Form, publishing.reopen, "现在就能再办。"),
}


class KindFilter(admin.SimpleListFilter):
    title, parameter_name = "种类", "kind"

    def lookups(self, request, model_admin) -> list:
        return [(key, kind.title) for key, kind in KINDS.items()]

    def queryset(self, request, rows) -> QuerySet:
        return rows.filter(kind=self.value()) if self.value() in KINDS else rows


@admin.register(Offering)
class OfferingAdmin(ByVerb):
    list_display = ["title", "kind_words", "given_by", "handler", "status", "paused_until", "benefit"]
    list_select_related = ["provider", "mentor", "handler", "benefit"]
    list_filter = ["status", KindFilter]
    search_fields = ["title", "code"]
    search_help_text = "写服务的名称或代码"
    actions = None
    change_form_template = "admin/services/offering.html"
    readonly_fields = ["status", "given_by", "paused_until", "paused_because", "prepared_by", "published_by"]

    @admin.display(description="种类", ordering="kind")
    def kind_words(self, row) -> str:
        return KINDS[row.kind].title

    @admin.display(description="谁提供")
    def given_by(self, row) -> str:
        return row.given_by

    # Written while it is a draft

    def has_change_permission(self, request, obj=None) -> bool:
        if obj is None:
            return False
        return obj.status == Status.DRAFT and publishing.may_write(request.user, obj)

    def get_form(self, request, obj=None, change=False, **options) -> type:
        if change and not self.has_change_permission(request, obj):
            return super().get_form(request, obj, change=change, **options)
        user = request.user

        class OwnForm(OfferingForm):
            def __init__(self, *arguments, **more) -> None:
                super().__init__(*arguments, user=user, **more)

        return OwnForm

    def get_fields(self, request, obj=None) -> list:
        if obj is None:
            return list(OfferingForm.Meta.fields)
        shown = [name for name in OfferingForm.Meta.fields if name != "mentor_phone"]
        if self.has_change_permission(request, obj):
            shown = list(OfferingForm.Meta.fields)
        return [*shown, *self.readonly_fields]

    def get_readonly_fields(self, request, obj=None) -> list:
        return self.readonly_fields if obj else []

    def save_model(self, request, obj, form, change) -> None:
        """Whoever wrote it last is the one who does not publish it."""
        obj.prepared_by = request.user
        obj.save()

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"verbs": self.verbs_of(request.user, row) if row else {}}
        if row and KINDS[row.kind].seats and publishing.may_write(request.user, row):
            context["series_url"] = reverse("admin:offering-series", args=[row.pk])
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    # Verbs

    def verbs_of(self, user, row) -> dict[str, str]:
        """``{verb: words}`` of those that this person may do now."""
        publishes, writes = publishing.may_publish(user, row), publishing.may_write(user, row)
        is_open = row.status == Status.PUBLISHED
        may = {
            "publish": row.status == Status.DRAFT and publishes and row.prepared_by_id != user.pk,
            "take_back": row.status != Status.DRAFT and (writes or publishes),
            "close": is_open and (writes or publishes),
            "pause": is_open and (writes or publishes),
            "reopen": is_open and row.paused_until is not None and (writes or publishes),
        }
        return {verb: VERBS[verb][0] for verb, allowed in may.items() if allowed}

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/do/<slug:verb>/", view(self.verb_view), name="offering-do"),
            path("<number:pk>/series/", view(self.series_view), name="offering-series"),
            *super().get_urls(),
        ]

    def verb_view(self, request, pk, verb) -> HttpResponse:
        """GET asks, POST does it."""
        row = self.one(request, pk)
        if row is None or verb not in VERBS:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not (publishing.may_write(request.user, row) or publishing.may_publish(request.user, row)):
            raise PermissionDenied
        words, asks, act, explained = VERBS[verb]
        form = asks(sent(request))

        def do() -> str:
            act(row, **form.cleaned_data, by=request.user)
            return f"“{row.title}”已办理：{words}。"

        return self.tried(
            request, row, form, do, title=f"{words}：{row.title}", button=words, explained=explained
        )

    def series_view(self, request, pk) -> HttpResponse:
        """Times made week after week."""
        row = self.one(request, pk)
        if row is None or not KINDS[row.kind].seats:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not publishing.may_write(request.user, row):
            raise PermissionDenied
        form = SeriesForm(sent(request))
        response = self.tried(
            request,
            row,
            form,
            lambda: f"新排了 {make_slots(row, **form.said)} 场。",
            title=f"排时间：{row.title}",
            button="排时间",
            explained="按本市时间从明天排起，一次最多 200 场。已经有的时间不会再排一遍。",
        )
        if response.status_code == 302:
            return HttpResponseRedirect(f"{reverse('admin:services_slot_changelist')}?offering={row.pk}")
        return response
