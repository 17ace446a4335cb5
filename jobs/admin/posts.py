"""用工审核: posts that were reported or that are held back for their words, read by staff before anybody else."""

from functools import partial

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.urls import path

from accounts.refusals import write_down
from businesses.admin.by_verb import ByVerb, sent
from cases.admin.remedies import say
from core.admin import table
from core.errors import Invalid, NotYours, Refused

from .. import moderation
from ..models import Post
from ..trades import counties, trades
from .season import season_view


class ReleaseForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReasonForm(ReleaseForm):
    reason = forms.CharField(
        label="原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="发布的店会看到，写清楚哪里不对、怎样改。",
    )


def _release(row, said, by) -> None:
    moderation.release(row, by=by, expected_version=said.get("version"))


def _hold(row, said, by) -> None:
    moderation.hold(row, said["reason"], by=by, expected_version=said.get("version"))


def _remove(row, said, by) -> None:
    moderation.remove(row, said["reason"], by=by, expected_version=said.get("version"))


# {verb: (words, what is asked for, what it does, explained, states in which it may be done)}
VERBS = {
    "release": ("发布", ReleaseForm, _release, "看过没有问题，大家马上能看到。", ("held",)),
    "hold": (
        "暂不发布",
        ReasonForm,
        _hold,
        "先没有人能看到，店里会知道原因。改好了可以发布，不改的可以下架。",
        ("open",),
    ),
    "remove": (
        "下架",
        ReasonForm,
        _remove,
        "下架后没有人能看到，店里会知道原因。",
        ("held", "open", "paused"),
    ),
}


class HeldFirst(admin.SimpleListFilter):
    title, parameter_name = "状态", "state"

    def lookups(self, request, model_admin) -> list:
        return Post.State.choices

    def queryset(self, request, rows) -> QuerySet:
        return rows.filter(state=self.value()) if self.value() in Post.State.values else rows


@admin.register(Post)
class PostAdmin(ByVerb):
    list_display = ["title", "shop", "trade_words", "place_words", "state", "count_reports", "posted_at"]
    list_select_related = ["business"]
    list_filter = [HeldFirst]
    search_fields = ["title", "business__name"]
    search_help_text = "写标题或店名"
    ordering = ["-posted_at"]
    actions = None
    change_form_template = "admin/jobs/post.html"
    change_list_template = "admin/jobs/posts.html"
    fields = readonly_fields = [
        *("title", "words", "shop", "trade_words", "place_words", "from_on", "until_on", "people"),
        *("state", "because", "handled_by", "shown_reports"),
    ]

    def has_add_permission(self, request) -> bool:
        return False

    def get_queryset(self, request) -> QuerySet:
        return super().get_queryset(request).annotate(reported=Count("reports"))

    @admin.display(description="店", ordering="business__name")
    def shop(self, row) -> str:
        return row.business.name

    @admin.display(description="工种", ordering="trade")
    def trade_words(self, row) -> str:
        return trades()[row.trade].label

    @admin.display(description="地点", ordering="county")
    def place_words(self, row) -> str:
        return counties()[row.county].label + row.place

    @admin.display(description="举报", ordering="reported")
    def count_reports(self, row) -> int:
        return row.reported

    @admin.display(description="举报的内容")
    def shown_reports(self, row) -> str:
        rows = [(f"{one.at:%Y-%m-%d}", one.words) for one in row.reports.order_by("pk")]
        return table(("日期", "哪里不对"), rows) if rows else "没有人举报"

    def verbs_of(self, user, row) -> dict[str, str]:
        """``{verb: words}`` of those that this person may do now."""
        if not moderation.may_moderate(user, row):
            return {}
        return {verb: words for verb, (words, *_, states) in VERBS.items() if row.state in states}

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"verbs": self.verbs_of(request.user, row) if row else {}}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def get_urls(self) -> list:
        wrap = self.admin_site.admin_view
        return [
            path("season/", wrap(partial(season_view, self)), name="post-season"),
            path("<number:pk>/do/<slug:verb>/", wrap(self.verb_view), name="post-do"),
            *super().get_urls(),
        ]

    def verb_view(self, request, pk, verb) -> HttpResponse:
        """GET asks, POST does it."""
        row = self.one(request, pk)
        if row is None or verb not in VERBS:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not moderation.may_moderate(request.user, row):
            raise PermissionDenied
        words, asks, act, explained, _ = VERBS[verb]
        form = asks(sent(request), initial={"version": row.version})
        if request.method == "POST" and form.is_valid():
            try:
                act(row, form.cleaned_data, request.user)
            except (Invalid, Refused) as problem:
                if isinstance(problem, NotYours):
                    write_down(request.user, request)
                say(form, problem)
            else:
                self.log_change(request, row, words)
                return self.done(request, row, f"“{row.title}”已办理：{words}。")
        response = self.ask(request, form, title=f"{words}：{row.title}", button=words, explained=explained)
        if form.is_bound and form.errors:
            response.status_code = 409 if form.non_field_errors() else 400
        return response
