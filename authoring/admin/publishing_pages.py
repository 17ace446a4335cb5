"""The way to a published version: what stands in the way, what changed, and the buttons of two people."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from core.errors import Refused
from eligibility import publishing
from eligibility.completeness import changed_cases
from policies.models import BenefitVersion

from ..editor.comparing import sections, stale_texts
from ..editor.editing import Editing

Status = BenefitVersion.Status
# verb: (what was done, in words; what the log says of it)
VERBS = {
    "propose": (publishing.propose, "已提请发布，等另一位同事核对。"),
    "take_back": (publishing.take_back, "已退回草稿，改好后再提请。"),
    "publish": (publishing.publish, "已发布。"),
    "withdraw": (publishing.withdraw, "已撤回，前一版重新生效。"),
}


class VersionsForm(forms.Form):
    """Which two versions of a benefit to put side by side."""

    left = forms.ModelChoiceField(BenefitVersion.objects.none(), label="旧的", empty_label=None)
    right = forms.ModelChoiceField(BenefitVersion.objects.none(), label="新的", empty_label=None)

    def __init__(self, *args, versions, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.queryset = versions
            field.label_from_instance = lambda version: (
                f"第 {version.number} 版（{version.get_status_display()}）"
            )


class PublishingPages:
    """The pages of publishing and comparing, for BenefitVersionAdmin."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/publish/", view(require_safe(self.publish_view)), name="version-publish"),
            path("<number:pk>/act/<slug:verb>/", view(require_POST(self.act_view)), name="version-act"),
            path("<number:pk>/compare/", view(require_safe(self.compare_view)), name="version-compare"),
            *super().get_urls(),
        ]

    def _seen(self, request, pk):
        """One that this person may see; anything else is not there."""
        version = self.get_object(request, str(pk))
        if version is None:
            raise Http404
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        return version

    def publish_view(self, request, pk, refusal=""):
        version = self._seen(request, pk)
        before = version.based_on
        after = Editing(version, version.content)
        drafted = version.status in (Status.DRAFT, Status.PROPOSED)
        changed = changed_cases(before.content if before else None, version.content)
        stood = {case["name"]: case for case in (before.content.get("golden") or () if before else ())}
        context = {
            "version": version,
            "before": before,
            "drafted": drafted,
            "refusal": refusal,
            "obstacles": publishing.obstacles(version) if drafted else [],
            "sections": [part for part in sections(Editing(before, before.content), after) if part["differs"]]
            if before
            else [],
            "stale": stale_texts(before.content, version.content) if before and drafted else [],
            "reasons": [
                {"name": name, "what": changed.get(name, ""), "reason": version.golden_reasons.get(name, "")}
                for name in dict.fromkeys([*changed, *version.golden_reasons])
                if name in stood or version.golden_reasons.get(name)
            ],
            **self._buttons(request.user, version),
        }
        return self._publishing_page(request, "publish", f"发布：{version}", **context)

    def _buttons(self, user, version) -> dict:
        """Which verbs this person may press now."""
        may_write, may_publish = publishing.may_write(user, version), publishing.may_publish(user, version)
        own = version.proposed_by_id == user.pk
        return {
            "may_propose": version.status == Status.DRAFT and may_write,
            "may_take_back": version.status == Status.PROPOSED and (may_write or may_publish),
            "may_publish": version.status == Status.PROPOSED and may_publish and not own,
            "is_own": version.status == Status.PROPOSED and own,
            "may_withdraw": version.status == Status.PUBLISHED and may_publish,
        }

    def act_view(self, request, pk, verb):
        """POST: one verb. What it refuses is said on the page itself."""
        version = self._seen(request, pk)
        if verb not in VERBS:
            raise Http404
        act, words = VERBS[verb]
        given = (
            {"reason": request.POST.get("reason", "").strip()} if verb in ("take_back", "withdraw") else {}
        )
        try:
            act(version, by=request.user, **given)
        except Refused as refusal:
            return self.publish_view(request, pk, str(refusal))
        self.log_change(request, version, words)
        messages.success(request, f"{version}{words}")
        return redirect("admin:version-publish", version.pk)

    def compare_view(self, request, pk):
        """This version beside another one of its benefit; only what differs, unless all is wanted."""
        version = self._seen(request, pk)
        versions = self.get_queryset(request).filter(benefit=version.benefit_id).order_by("-number")
        chosen = {"left": version.based_on_id or version.pk, "right": version.pk}
        form = VersionsForm({**chosen, **request.GET.dict()}, versions=versions)
        found, both = [], None
        if form.is_valid():
            both = form.cleaned_data["left"], form.cleaned_data["right"]
            found = sections(*(Editing(one, one.content) for one in both))
        everything = bool(request.GET.get("all"))
        return self._publishing_page(
            request,
            "compare",
            f"版本对比：{version.benefit}",
            version=version,
            form=form,
            both=both,
            everything=everything,
            sections=found if everything else [part for part in found if part["differs"]],
        )

    def _publishing_page(self, request, name, title, **context) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return render(request, f"admin/eligibility/{name}.html", context)
