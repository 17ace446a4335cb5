"""The list of 名特优新 shops: listed, extended once, removed."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.urls import path
from django.utils import timezone

from accounts.models import Department
from core.errors import Refused
from core.facts import Misread

from .. import distinctive
from ..identifiers import read_credit_code
from ..models import Business, DistinctiveListing
from ..models.standing import CLASSES
from .by_verb import ByVerb, sent


class ListingForm(forms.Form):
    credit_code = forms.CharField(label="统一社会信用代码", max_length=40)
    listed_as = forms.ChoiceField(label="类别", choices=CLASSES)
    year = forms.TypedChoiceField(label="列入哪一年的名录", coerce=int)
    recommended_by = forms.ModelChoiceField(
        Department.objects.all(),
        label="推荐部门",
        required=False,
        help_text="有部门推荐的，不要求成长型或发展型。",
    )
    basis = forms.CharField(label="依据", max_length=200, help_text="例如认定文件的文号。")

    def __init__(self, *args, shops, today, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.shops = shops
        self.fields["year"].choices = [(year, f"{year} 年") for year in (today.year + 1, today.year)]

    def clean_credit_code(self):
        try:
            code = read_credit_code(self.cleaned_data["credit_code"])
        except Misread as problem:
            raise forms.ValidationError(problem.detail) from None
        self.business = self.shops.filter(credit_code=code).first()
        if self.business is None:
            raise forms.ValidationError("登记里没有这家店，请核对代码。")
        return code


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


@admin.register(DistinctiveListing)
class DistinctiveListingAdmin(ByVerb):
    list_display = ["business", "listed_as", "since", "until", "recommended_by", "ended_on"]
    list_select_related = ["business", "recommended_by"]
    list_filter = ["listed_as", "since", "ended_on"]
    search_fields = ["business__name", "business__credit_code"]
    change_form_template = "admin/businesses/standing/listing.html"

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ListingForm(
            sent(request), shops=Business.objects.visible_to(request.user), today=timezone.localdate()
        )
        if request.method == "POST" and form.is_valid():
            given = {
                name: form.cleaned_data[name] for name in ("listed_as", "year", "recommended_by", "basis")
            }
            try:
                listing = distinctive.list_business(form.business, **given, by=request.user)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                self.log_addition(request, listing, "列入名特优新名录")
                return self.done(request, listing, f"已列入名录，从 {listing.since} 起有效。")
        return self.ask(request, form, title="列入名特优新名录", button="列入")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        listing = self.get_object(request, object_id)
        can_act = listing is not None and listing.ended_on is None and self.can_change(request)
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "can_act": can_act}
        )

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/extend/", view(self.extend), name="listing-extend"),
            path("<number:pk>/remove/", view(self.remove), name="listing-remove"),
            *super().get_urls(),
        ]

    def extend(self, request, pk):
        return self._act(
            request,
            pk,
            forms.Form(sent(request)),
            lambda listing, form: distinctive.extend(listing, by=request.user),
            title="延长 3 年",
            button="延长",
            explained="只能延长一次，在最后一年内办理，条件与列入时相同。",
        )

    def remove(self, request, pk):
        return self._act(
            request,
            pk,
            ReasonForm(sent(request)),
            lambda listing, form: distinctive.remove(
                listing, by=request.user, reason=form.cleaned_data["reason"]
            ),
            title="移出名录",
            button="移出",
        )

    def _act(self, request, pk, form, act, *, title, button, explained=""):
        listing = self.one(request, pk)
        if listing is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not self.can_change(request):
            raise PermissionDenied
        if request.method == "POST" and form.is_valid():
            try:
                listing = act(listing, form)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                self.log_change(request, listing, title)
                return self.done(request, listing, f"已办理：{title}。")
        return self.ask(request, form, title=f"{title}：{listing}", button=button, explained=explained)
