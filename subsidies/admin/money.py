"""Money in the admin: what there is to spend, and batches of payments.

Every button calls one action; what it refuses is shown in its own words.
"""

from contextlib import contextmanager

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.refusals import write_down
from accounts.signing_in import fresh
from businesses.facts import DISTRICTS
from core.addresses import whole_number
from core.admin import BrowseOnly
from core.errors import Invalid, NotYours, Refused
from core.fields import Whole, Yuan
from core.money import in_fen, yuan_text
from policies.models import Benefit

from ..actions import paying, settling
from ..models import Envelope, PaymentBatch
from ..money import bank_file, budgets
from .forecast import ForecastPage

ROWS_SHOWN = 500
REFRESH_SECONDS = 2
COLUMNS = {"reserved": "已预留", "granted": "已批准", "paid": "已拨付", "recovered": "已追回"}


class MoneyPages(BrowseOnly):
    """Pages of our own beside the stock list: rows by ``visible_to``, verbs by POST."""

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def one(self, request, pk):
        """The row; anything that this person may not see is not there."""
        found = self.get_queryset(request).filter(pk=whole_number(pk)).first()
        if found is None or not self.has_view_permission(request):
            raise Http404
        return found

    @contextmanager
    def said(self, request):
        """What an action refuses becomes a message."""
        try:
            yield
        except Refused as refusal:
            if isinstance(refusal, NotYours):
                write_down(request.user, request)
            self.message_user(request, str(refusal), messages.WARNING)
        except Invalid as problem:
            for fault in problem.faults:
                self.message_user(request, f"{fault.detail}。", messages.ERROR)

    def page(self, request, name, title, **context) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return render(request, f"admin/subsidies/money/{name}.html", context)

    def wrong(self, request, form) -> None:
        for errors in form.errors.values():
            self.message_user(request, " ".join(errors), messages.ERROR)

    def view(self, verb):
        """A verb of the page, by POST alone."""
        return self.admin_site.admin_view(require_POST(verb))

    def back(self, pk=None):
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return redirect(f"{name}_change", pk) if pk else redirect(f"{name}_changelist")


def benefits_of(user, deliveries=None):
    """Benefits that the department of ``user`` leads."""
    found = Benefit.objects.order_by("code")
    if not user.is_superuser:
        found = found.filter(measure__lead=user.department_id or 0)
    return found.filter(delivery__in=deliveries) if deliveries else found


# 资金


class CapForm(forms.Form):
    benefit = forms.ModelChoiceField(Benefit.objects.none(), label="事项")
    year = Whole(label="年度", min_value=2020, max_value=2100)
    district = forms.ChoiceField(label="县区", required=False, choices=[("", "全市"), *DISTRICTS])
    cap = Yuan(label="总额（元）")

    def __init__(self, user, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.fields["benefit"].queryset = benefits_of(user)


@admin.register(Envelope)
class EnvelopeAdmin(ForecastPage, MoneyPages):
    """资金."""

    def get_urls(self) -> list:
        return [path("cap/", self.view(self.cap_view), name="envelope-cap"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        this_year = timezone.localdate().year
        asked = request.GET.get("year", "")
        year = (whole_number(asked) if len(asked) == 4 else None) or this_year
        rows = self.get_queryset(request).select_related("benefit", "department")
        years = sorted({this_year, year, *rows.order_by().values_list("year", flat=True).distinct()})
        found = list(rows.filter(year=year))
        sums = budgets.ledger_sums(found)
        return self.page(
            request,
            "envelopes",
            "资金",
            year=year,
            years=years,
            rows=[envelope_row(row, sums.get(row.pk, {})) for row in found],
            form=CapForm(request.user, initial={"year": year}) if self._sets(request) else None,
        )

    def _sets(self, request) -> bool:
        return request.user.has_perm("subsidies.change_envelope")

    def cap_view(self, request):
        if not self._sets(request):
            raise PermissionDenied
        form = CapForm(request.user, request.POST)
        if not form.is_valid():
            self.wrong(request, form)
            return self.back()
        given = form.cleaned_data
        with self.said(request):
            envelope = budgets.set_cap(
                given["benefit"], given["year"], given["district"], in_fen(given["cap"]), by=request.user
            )
            text = f"{envelope} 的总额已设为 {yuan_text(envelope.cap_fen)} 元。"
            self.message_user(request, text, messages.SUCCESS)
        return redirect(f"{reverse('admin:subsidies_envelope_changelist')}?year={given['year']}")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        envelope = self.one(request, object_id)
        entries = envelope.entries.select_related("application", "by")[:ROWS_SHOWN]
        return self.page(
            request,
            "ledger",
            f"{envelope} 资金流水",
            row=envelope_row(envelope, budgets.ledger_sums([envelope]).get(envelope.pk, {})),
            headings=COLUMNS.values(),
            entries=[
                (entry, [yuan_with_sign(getattr(entry, f"{name}_fen")) for name in COLUMNS])
                for entry in entries
            ],
        )


def yuan_with_sign(amount_fen) -> str:
    """A movement: empty where nothing moved."""
    if not amount_fen:
        return ""
    return f"{'−' if amount_fen < 0 else '+'}{yuan_text(abs(amount_fen))}"


def envelope_row(envelope, sums) -> dict:
    """An envelope as its row shows it: figures in yuan, bars in per cent of the total."""
    whole = envelope.cap_fen or envelope.committed_fen or 1
    net = envelope.paid_fen - envelope.recovered_fen
    parts = (("paid", "已拨付", net), ("granted", "已批准", envelope.granted_fen))
    parts += (("reserved", "已预留", envelope.reserved_fen),)
    bars, start = [], 0.0
    for name, label, amount in parts:
        width = round(100 * amount / whole, 2)
        bars.append({"name": name, "label": label, "start": start, "width": width, "yuan": yuan_text(amount)})
        start += width
    return {
        "envelope": envelope,
        "district": dict(DISTRICTS).get(envelope.district, "全市"),
        "cap": "还没有设定" if envelope.cap_fen is None else yuan_text(envelope.cap_fen),
        "left": "" if envelope.left_fen is None else yuan_text(envelope.left_fen),
        "bars": bars,
        "recovered": yuan_text(envelope.recovered_fen),
        "agrees": budgets.agrees(envelope, sums),
    }


# 拨付批次


class BatchForm(forms.Form):
    benefit = forms.ModelChoiceField(
        Benefit.objects.none(), label="事项", required=False, empty_label="全部事项"
    )

    def __init__(self, user, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.fields["benefit"].queryset = benefits_of(user)


class ResultForm(forms.Form):
    file = forms.FileField(label="银行结果文件（CSV）")


@admin.register(PaymentBatch)
class PaymentBatchAdmin(MoneyPages):
    list_display = ["number", "status", "count", "yuan", "prepared_by", "approved_by", "prepared_at"]
    list_filter = ["status"]
    list_select_related = ["prepared_by", "approved_by"]
    search_fields = ["number"]
    change_list_template = "admin/subsidies/money/batches.html"

    @admin.display(description="总额（元）", ordering="total_fen")
    def yuan(self, batch):
        return yuan_text(batch.total_fen)

    def get_urls(self) -> list:
        return [
            path("prepare/", self.view(self.prepare_view), name="batch-prepare"),
            path("<number:pk>/approve/", self.view(self.approve_view), name="batch-approve"),
            path("<number:pk>/cancel/", self.view(self.cancel_view), name="batch-cancel"),
            path("<number:pk>/file/", self.view(self.file_view), name="batch-file"),
            path("<number:pk>/result/", self.view(self.result_view), name="batch-result"),
            *super().get_urls(),
        ]

    def _pays(self, request) -> bool:
        return request.user.has_perm("subsidies.pay_application")

    def changelist_view(self, request, extra_context=None):
        context = {"title": "拨付批次"}
        if self._pays(request) and request.user.department_id:
            waiting = paying.due(request.user.department).exclude(paying.had_a_part(request.user)).count()
            context |= {"form": BatchForm(request.user), "waiting": waiting}
        return super().changelist_view(request, context)

    def prepare_view(self, request):
        form = BatchForm(request.user, request.POST)
        if request.user.department is None:
            raise PermissionDenied
        fresh.require(request)
        if not form.is_valid():
            self.wrong(request, form)
            return self.back()
        with self.said(request):
            benefit = form.cleaned_data["benefit"]
            found = paying.prepare(request.user.department, by=request.user, benefit=benefit)
            return self._prepared(request, found)
        return self.back()

    def _prepared(self, request, found):
        for number, because in ((row.instalment.grant.application, row.because) for row in found.left_out):
            self.message_user(request, f"{number} 没有编入：{because}", messages.WARNING)
        if found.batch is None:
            self.message_user(request, "现在没有可以编入的。", messages.WARNING)
            return self.back()
        text = f"{found.batch} 已编制，共 {found.batch.count} 笔。请另一位财务复核。"
        self.message_user(request, text, messages.SUCCESS)
        return self.back(found.batch.pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return self._show(request, self.one(request, object_id))

    def _show(self, request, batch):
        """With what came of the last file of the bank, which may still be worked on."""
        status, pays, answer = batch.status, self._pays(request), batch.answers.first()
        response = self.page(
            request,
            "batch",
            f"拨付批次 {batch}",
            batch=batch,
            total=yuan_text(batch.total_fen),
            rows=[(row, yuan_text(row.payment.amount_fen)) for row in paying.look_over(batch)],
            answer=answer,
            outcomes=[settling.Outcome(*row) for row in answer.outcomes] if answer else (),
            may_approve=pays and status == "prepared" and batch.prepared_by_id != request.user.pk,
            may_cancel=pays and status in ("prepared", "approved"),
            may_export=pays and status in ("approved", "exported", "settled"),
            result_form=ResultForm() if pays and status in ("exported", "settled") else None,
            columns="、".join(bank_file.ANSWERED),
        )
        if answer and answer.finished_at is None:
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    def approve_view(self, request, pk):
        batch = self.one(request, pk)
        fresh.require(request)
        ticked = set(map(whole_number, request.POST.getlist("ticked")))
        with self.said(request):
            paying.approve(
                batch,
                by=request.user,
                ticked=ticked,
                expected_total_fen=whole_number(request.POST.get("total", "")),
            )
            self.message_user(request, "已批准，可以导出给银行。", messages.SUCCESS)
        return self.back(pk)

    def cancel_view(self, request, pk):
        batch = self.one(request, pk)
        fresh.require(request)
        with self.said(request):
            paying.cancel(batch, by=request.user)
            self.message_user(request, "已取消，里面的款项可以重新编批。", messages.SUCCESS)
        return self.back(pk)

    def file_view(self, request, pk):
        batch = self.one(request, pk)
        fresh.require(request)
        with self.said(request):
            response = HttpResponse(
                paying.export(batch, by=request.user), content_type="text/csv; charset=utf-8"
            )
            response["Content-Disposition"] = f'attachment; filename="{batch.number}.csv"'
            response["Cache-Control"] = "no-store"
            return response
        return self.back(pk)

    def result_view(self, request, pk):
        batch, form = self.one(request, pk), ResultForm(request.POST, request.FILES)
        if not self._pays(request):
            raise PermissionDenied
        if not form.is_valid():
            self.wrong(request, form)
            return self.back(pk)
        with self.said(request):
            content = form.cleaned_data["file"].read(bank_file.MOST_BYTES + 1)
            answer = settling.settle(batch, content, by=request.user)
            if answer.finished_at:
                wrong = sum(settling.Outcome(*row).is_wrong for row in answer.outcomes)
                text = f"已处理 {answer.count} 行，其中 {wrong} 行有问题。"
                self.message_user(request, text, messages.WARNING if wrong else messages.SUCCESS)
        return self.back(pk)
