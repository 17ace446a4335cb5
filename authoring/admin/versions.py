"""Versions in the admin: the editor with its tabs, its live preview, and the way to a published version."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse

from core.admin import OwnRowsAdmin
from core.errors import Refused
from eligibility import publishing
from policies.models import BenefitVersion

from ..editor import state
from ..editor.advanced import AdvancedTab
from ..editor.comparing import in_words, stale_texts
from ..editor.editing import Editing
from ..editor.previews import may_look_up, passed, rule_of, shop_by_code, test_shops
from ..editor.tabs import TABS, checked_changes
from .impact import ImpactPages
from .publishing_pages import PublishingPages

Status = BenefitVersion.Status
TEMPLATES = {slug: f"_{slug}" for slug in ("criteria", "amounts", "golden", "advanced")}
EVERY_TAB = {**TABS, AdvancedTab.slug: AdvancedTab}


@admin.register(BenefitVersion)
class BenefitVersionAdmin(ImpactPages, PublishingPages, OwnRowsAdmin):
    list_display = ["__str__", "benefit_title", "status", "effective_from", "published_by", "published_at"]
    list_select_related = ["benefit"]
    list_filter = ["status", "benefit__measure"]
    search_fields = ["benefit__code", "benefit__title"]

    @admin.display(description="事项")
    def benefit_title(self, version):
        return version.benefit.title

    def has_add_permission(self, request) -> bool:
        return False  # A draft starts from a version that exists: see start_draft.

    def has_delete_permission(self, request, obj=None):
        fixed = obj is not None and obj.status in (Status.PUBLISHED, Status.WITHDRAWN)
        return super().has_delete_permission(request, obj) and not fixed

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return super().has_change_permission(request, obj)
        return obj.status == Status.DRAFT and publishing.may_write(request.user, obj)

    def get_actions(self, request) -> dict:
        """Nothing is done to many versions at once."""
        return {}

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("benefit__measure", "based_on")

    def get_urls(self) -> list:
        start = self.admin_site.admin_view(self.start_draft)
        return [path("<number:pk>/draft/", start, name="start-draft"), *super().get_urls()]

    def start_draft(self, request, pk):
        """POST: a draft with the content of this version, numbered next."""
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        version = self.get_object(request, pk)
        if version is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        draft = publishing.start_draft(version, by=request.user)
        self.log_addition(request, draft, f"从第 {version.number} 版起草")
        messages.success(request, f"已起草 {draft}。改好后保存，正式版本不受影响。")
        return HttpResponseRedirect(reverse("admin:policies_benefitversion_change", args=[draft.pk]))

    # The editor

    def change_view(self, request, object_id, form_url="", extra_context=None):
        version = self.get_object(request, object_id)
        if version is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        may_change = self.has_change_permission(request, version)
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        slug = request.GET.get("tab", "basics")
        tab_class = EVERY_TAB.get(slug, EVERY_TAB["basics"])
        if request.method == "POST":
            return self._typed(request, version, tab_class)
        editing = Editing(version, version.content)
        tab = tab_class(editing, tab_class.typed_from(editing), checked=False)
        preview = self._preview(request, tab, version.content)
        return self._page(request, version, tab, may_change=may_change, preview=preview)

    def _typed(self, request, version, tab_class):
        """A button of the form: save, look at the results, or a change of the form that saves nothing."""
        editing, typed = Editing(version, version.content), state.from_post(request.POST)
        do, seen = request.POST.get("do", ""), request.POST.get("seen", "")
        if do == "save":
            return self._save(request, version, tab_class(editing, typed, checked=True), seen)
        if do == "preview":
            tab = tab_class(editing, typed, checked=True)
            checked = checked_changes(tab, version.content)
            preview = self._preview(request, tab, checked and checked[0])
            return self._page(request, version, tab, seen=seen, preview=preview)
        focus = ""
        if do.startswith("fill:") and tab_class is TABS["golden"]:
            tab_class(editing, typed, checked=False).fill(do.removeprefix("fill:"))
        else:
            focus = state.change(typed, do)
        tab = tab_class(editing, typed, checked=False)
        return self._page(request, version, tab, seen=seen, focus=focus)

    def _save(self, request, version, tab, seen):
        checked = checked_changes(tab, version.content)
        if checked is not None:
            content, values = checked
            part = {key: content[key] for key in tab.keys or content if key in content}
            try:
                publishing.change_draft(version, part, by=request.user, keys=tab.keys, seen=seen, **values)
            except Refused as refusal:
                tab.problems.append(str(refusal))
            else:
                self.log_change(request, version, f"改了“{tab.label}”")
                messages.success(request, f"“{tab.label}”已保存。")
                return redirect(f"{request.path}?tab={tab.slug}")
        return self._page(request, version, tab, seen=seen, refused=True)

    def _preview(self, request, tab, content) -> dict | None:
        """Verdicts for test shops under some content; None where there is nothing to look at yet."""
        if not tab.previews:
            return None
        rule = rule_of(content, tab.editing)
        if rule is None:
            return {"broken": True}
        shops = test_shops(rule, content, tab.editing)
        code = request.POST.get("credit_code", "")
        if code.strip() and may_look_up(request.user):
            shops.insert(0, shop_by_code(rule, code, tab.editing, request.user))
        return {"shops": shops, "pushed": rule.is_pushed}

    def _page(
        self, request, version, tab, *, may_change=True, seen=None, preview=None, focus="", refused=False
    ) -> HttpResponse:
        based_on, slug = version.based_on, tab.slug
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{version} {version.benefit.title}",
            "version": version,
            "original": version,
            "tab": tab,
            "tabs": [(each.slug, each.label) for each in EVERY_TAB.values()],
            "may_change": may_change,
            "may_write": publishing.may_write(request.user, version),
            "may_look_up": may_look_up(request.user),
            "credit_code": request.POST.get("credit_code", ""),
            "seen": publishing.part_mark(version.content, tab.keys) if seen is None else seen,
            "preview": preview,
            "focus": focus,
            "refused": refused,
            "stale": stale_texts(based_on.content if based_on else None, version.content)
            if may_change
            else [],
            "template": f"admin/eligibility/editor/{TEMPLATES.get(slug, '_sheet')}.html",
            "words": [] if may_change else in_words(slug, tab.editing),
            "golden": passed(tab.editing) if slug in ("basics", "golden") else None,
        }
        parts = {"form": "_form", "preview": "_preview"}
        name = parts.get(request.headers.get("X-Editor"), "page")
        return render(request, f"admin/eligibility/editor/{name}.html", context)
