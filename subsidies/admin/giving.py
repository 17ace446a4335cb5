"""What is given beside a decision, in the admin: proof of rent and what has to come back, lists of offers, 公示."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path
from django.utils import timezone

from accounts.signing_in import fresh
from cases.rights import permissions
from core.addresses import whole_number
from core.fields import Whole, Yuan
from core.money import in_fen, yuan_text
from policies.criteria.states import NEEDS_NOTHING
from policies.models import Benefit

from ..actions import automatic_grants, claiming, publicity, stopping
from ..models import Application, Instalment, Offer, OfferList, PublicNotice
from ..money import budgets
from ..permissions import may_pay
from .money import ROWS_SHOWN, MoneyPages, benefits_of

# 分期凭证, 追回


class RecoverForm(forms.Form):
    amount = Yuan(label="退回的金额（元）")
    before = Whole(widget=forms.HiddenInput, min_value=0)


@admin.register(Instalment)
class InstalmentAdmin(MoneyPages):
    """分期凭证待核, and what has to come back."""

    def get_queryset(self, request):
        seen = Application.objects.visible_to(request.user)
        application = "grant__application"
        return Instalment.objects.filter(grant__application__in=seen).select_related(
            *(f"{application}__{name}" for name in ("business", "operator", "benefit_version", "benefit")),
        )

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("subsidies.view_application")

    def get_urls(self) -> list:
        return [
            path("<number:pk>/check/", self.view(self.check_view), name="instalment-check"),
            path("<number:pk>/recover/", self.view(self.recover_view), name="instalment-recover"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        waiting = claiming.waiting_for(request.user)
        claimed = self.get_queryset(request).filter(pk__in=waiting.values("pk")).order_by("claimed_at")
        back = stopping.to_recover(Application.objects.visible_to(request.user))
        return self.page(
            request,
            "instalments",
            "分期凭证待核",
            claimed=[(row, yuan_text(row.amount_fen)) for row in claimed[:ROWS_SHOWN]],
            back=[(row, yuan_text(over)) for row, over in back[:ROWS_SHOWN]],
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = self.one(request, object_id)
        application, user = found.grant.application, request.user
        paid = found.status == Instalment.Status.PAID
        left = found.amount_fen - found.recovered_fen
        recovers = paid and left and may_pay(user, application)
        return self.page(
            request,
            "instalment",
            f"{application} 第 {found.number} 期",
            row=found,
            application=application,
            amount=yuan_text(found.amount_fen),
            recovered=yuan_text(found.recovered_fen),
            left=yuan_text(left),
            proofs=claiming.proofs(found),
            may_check=found.status == Instalment.Status.CLAIMED and permissions.may_review(user, application),
            form=RecoverForm(initial={"before": found.recovered_fen}) if recovers else None,
        )

    def check_view(self, request, pk):
        right = request.POST.get("right") == "1"
        with self.said(request):
            claiming.check(
                self.one(request, pk),
                right=right,
                by=request.user,
                problem=request.POST.get("problem", ""),
            )
            words = "凭证没有问题，等财务拨付。" if right else "已告诉店主哪里不对。"
            self.message_user(request, words, messages.SUCCESS)
            return self.back()
        return self.back(pk)

    def recover_view(self, request, pk):
        found, form = self.one(request, pk), RecoverForm(request.POST)
        if not may_pay(request.user, found.grant.application):
            raise PermissionDenied
        if not form.is_valid():
            self.wrong(request, form)
            return self.back(pk)
        given = form.cleaned_data
        with self.said(request):
            stopping.recover(
                found, in_fen(given["amount"]), by=request.user, expected_recovered_fen=given["before"]
            )
            self.message_user(request, "已记下退回的金额。", messages.SUCCESS)
        return self.back(pk)


# 免申即享名单


class OfferForm(forms.Form):
    benefit = forms.ModelChoiceField(Benefit.objects.none(), label="事项")
    period = Whole(label="年度", min_value=2020, max_value=2100)

    def __init__(self, user, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.fields["benefit"].queryset = benefits_of(user, NEEDS_NOTHING)


@admin.register(OfferList)
class OfferListAdmin(MoneyPages):
    list_display = ["__str__", "status", "count", "yuan", "prepared_by", "confirmed_by", "prepared_at"]
    list_filter = ["status"]
    list_select_related = ["benefit", "prepared_by", "confirmed_by"]
    change_list_template = "admin/subsidies/money/offer_lists.html"

    @admin.display(description="总额（元）", ordering="total_fen")
    def yuan(self, offer_list):
        return yuan_text(offer_list.total_fen)

    def get_urls(self) -> list:
        return [
            path("prepare/", self.view(self.prepare_view), name="offers-prepare"),
            path("<number:pk>/confirm/", self.view(self.confirm_view), name="offers-confirm"),
            path("<number:pk>/cancel/", self.view(self.cancel_view), name="offers-cancel"),
            path("<number:pk>/back/<number:offer>/", self.view(self.back_view), name="offer-back"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        context = {"title": "免申即享名单"}
        if self._prepares(request):
            context["form"] = OfferForm(request.user, initial={"period": timezone.localdate().year})
        return super().changelist_view(request, context)

    def _prepares(self, request) -> bool:
        return request.user.has_perm("subsidies.add_offerlist")

    def prepare_view(self, request):
        if not self._prepares(request):
            raise PermissionDenied
        form = OfferForm(request.user, request.POST)
        if not form.is_valid():
            self.wrong(request, form)
            return self.back()
        with self.said(request):
            made = automatic_grants.prepare_list(
                form.cleaned_data["benefit"], form.cleaned_data["period"], by=request.user
            )
            text = f"名单上有 {made.count} 户。请另一位同事核对后确认。"
            self.message_user(request, text, messages.SUCCESS)
            return self.back(made.pk)
        return self.back()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found, user = self.one(request, object_id), request.user
        waits, changes = found.status == "prepared", user.has_perm("subsidies.change_offerlist")
        offers = found.offers.select_related("business__operator", "application")
        return self.page(
            request,
            "offer_list",
            f"免申即享 {found}",
            row=found,
            total=yuan_text(found.total_fen),
            offers=[(offer, yuan_text(offer.amount_fen)) for offer in offers],
            left=budgets.left_text(found.benefit, "", timezone.localdate()),
            may_confirm=waits and changes and found.prepared_by_id != user.pk,
            may_cancel=waits and self._prepares(request),
            may_take_back=found.status == "confirmed" and changes,
        )

    def confirm_view(self, request, pk):
        found = self.one(request, pk)
        fresh.require(request)
        with self.said(request):
            expected = whole_number(request.POST.get("total", ""))
            automatic_grants.confirm_list(found, by=request.user, expected_total_fen=expected)
            self.message_user(request, "已确认，店主会收到消息。", messages.SUCCESS)
        return self.back(pk)

    def cancel_view(self, request, pk):
        with self.said(request):
            automatic_grants.cancel_list(self.one(request, pk), by=request.user)
            self.message_user(request, "名单已取消。", messages.SUCCESS)
        return self.back(pk)

    def back_view(self, request, pk, offer):
        found = Offer.objects.filter(offer_list=self.one(request, pk), pk=offer).first()
        if found is None:
            raise Http404
        with self.said(request):
            automatic_grants.take_back(found, because=request.POST.get("because", ""), by=request.user)
            self.message_user(request, "已收回。已经到账的，请财务登记追回。", messages.SUCCESS)
        return self.back(pk)


# 公示


class NoticeForm(forms.Form):
    benefit = forms.ModelChoiceField(Benefit.objects.none(), label="事项")
    days = Whole(label="公示几天", min_value=1, max_value=publicity.MOST_DAYS)

    def __init__(self, user, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.fields["benefit"].queryset = benefits_of(user)


@admin.register(PublicNotice)
class PublicNoticeAdmin(MoneyPages):
    list_display = ["number", "benefit", "from_on", "until_on", "published_by", "taken_down_at"]
    list_filter = ["from_on"]
    list_select_related = ["benefit", "published_by"]
    search_fields = ["number"]
    change_list_template = "admin/subsidies/money/notices.html"

    def get_urls(self) -> list:
        return [path("publish/", self.view(self.publish_view), name="notice-publish"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        context = {"title": "公示"}
        if self._publishes(request):
            waiting = publicity.unpublished(request.user.department).count()
            context |= {"form": NoticeForm(request.user, initial={"days": 7}), "waiting": waiting}
        return super().changelist_view(request, context)

    def _publishes(self, request) -> bool:
        """Whoever publishes does so for their own bureau."""
        return request.user.has_perm("subsidies.add_publicnotice") and request.user.department_id is not None

    def publish_view(self, request):
        if not self._publishes(request):
            raise PermissionDenied
        form = NoticeForm(request.user, request.POST)
        if not form.is_valid():
            self.wrong(request, form)
            return self.back()
        with self.said(request):
            given = form.cleaned_data
            notice = publicity.publish(
                request.user.department, given["benefit"], given["days"], by=request.user
            )
            self.message_user(request, f"{notice} 已公示。", messages.SUCCESS)
            return self.back(notice.pk)
        return self.back()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = self.one(request, object_id)
        return self.page(request, "notice", f"公示 {found}", row=found)
