"""The pages on which a decision is written: 不通过, 补正, 退回审核. Each shows what it will say before it says it."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404

from cases.actions import correcting
from cases.admin.case_page import fact_label, fact_text
from cases.assessment import asked_facts
from cases.materials import to_upload
from cases.transitions import CHANGED_SINCE
from core.addresses import whole_number
from core.errors import Invalid, Refused
from core.workdays import add_workdays

from ..actions import reviewing
from ..actions.passing import turn_down
from .application_page import ApplicationPage

PHRASES = (
    "照片不清楚，看不见文字。请在光线好的地方重拍。",
    "缺少反面或后面几页。请全部拍下来。",
    "已经过期。请换一份还有效的。",
    "上面的姓名和登记的经营者不一致。请换本人的。",
    "填写的内容和材料上的不一致。请核对后再填。",
)


class RefusalForm(forms.Form):
    failed = forms.MultipleChoiceField(
        label="哪几条不符合",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一条不符合的条件"},
    )
    reason = forms.CharField(
        label="给店主的理由",
        min_length=8,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="店主会原样看到。先说店主的情况，再说规定。申诉的办法和期限会自动附上。",
        error_messages={
            "required": "请写店主看得懂的理由，8 到 1000 个字",
            "min_length": "理由太短了，请写 8 到 1000 个字",
            "max_length": "理由最多 1000 个字",
        },
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label="为什么退回",
        min_length=4,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="审核人会看到，店主看不到。",
        error_messages={"required": "请写明为什么退回，至少 4 个字"},
    )


def version_sent(request) -> int:
    """The version that the sent form was shown with; 0, which no row has, where it names none."""
    return whole_number(request.POST.get("expected_version", "")) or 0


def reason_for(rows) -> str:
    """Words for the owner from the criteria that fail: their own fact first, then the rule."""
    return "\n".join(_one_reason(row) for row in rows)


def _one_reason(row):
    if row["note"]:
        return f"“{row['sentence']}”这一条不符合：{row['note']}"
    if row["why"] and row["result"] == "fail":
        return row["why"].rstrip("。") + "。"
    known = row["own"] not in ("", "没有记录")
    labels = "、".join(fact_label(name) for name in row["facts"][:1])
    fact = f"您的{labels}是“{row['own']}”" if known else f"您的{labels}没有得到证实"
    return f"{fact}，所以不符合“{row['sentence']}”这一条。"


class Decisions:
    """The pages, mixed into the ModelAdmin of applications."""

    def refuse_view(self, request, pk):
        page = self._page_of(request, pk)
        if not (page.reviews or page.approves):
            raise PermissionDenied
        failing = [
            row
            for row in page.rows
            if row["verdict"] == "fail" or (row["result"] == "fail" and not row["verdict"])
        ]
        initial = {"failed": [row["id"] for row in failing], "reason": reason_for(failing)}
        form = RefusalForm(request.POST if request.method == "POST" else None, initial=initial)
        form.fields["failed"].choices = [(row["id"], row["sentence"]) for row in page.rows]
        if request.method == "POST" and form.is_valid():
            done = self._try(
                request,
                form,
                lambda version: turn_down(
                    page.application,
                    by=request.user,
                    failed=form.cleaned_data["failed"],
                    reason=form.cleaned_data["reason"],
                    expected_version=version,
                ),
            )
            if done:
                return self.go_on(request, f"{done} 已办理：不通过。理由已经告诉店主。")
        return self._decision_page(request, page, "refuse", "不通过", form)

    def send_back_view(self, request, pk):
        page = self._page_of(request, pk)
        if not page.sends_back:
            raise PermissionDenied
        form = NoteForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            done = self._try(
                request,
                form,
                lambda version: reviewing.send_back(
                    page.application,
                    by=request.user,
                    note=form.cleaned_data["note"],
                    expected_version=version,
                ),
            )
            if done:
                return self.go_on(request, f"{done} 已退回审核。")
        return self._decision_page(request, page, "send_back", "退回审核", form)

    def correct_view(self, request, pk):
        """First everything that is wrong, then how the owner will see it, then it is sent: all at once."""
        page = self._page_of(request, pk)
        if not page.reviews:
            raise PermissionDenied
        choices = self._choices(page, request.POST)
        chosen = [choice for choice in choices if choice["chosen"]]
        form, preview = forms.Form(request.POST if request.method == "POST" else None), False
        if request.method == "POST":
            form.is_valid()
            wrong = list(_faults(chosen))
            for fault in wrong:
                form.add_error(None, fault)
            preview = not wrong and request.POST.get("do") in ("preview", "send")
            if not wrong and request.POST.get("do") == "send":
                defects = [
                    {name: choice[name] for name in ("kind", "name", "reason", "sample")} for choice in chosen
                ]
                done = self._try(
                    request,
                    form,
                    lambda version: correcting.request_correction(
                        page.application, defects, by=request.user, expected_version=version
                    ),
                )
                if done:
                    return self.go_on(request, f"{done} 已通知补正，期间不计时。")
        return self._decision_page(
            request,
            page,
            "correct",
            "补正",
            form,
            choices=choices,
            chosen=chosen,
            preview=preview and not form.errors,
            phrases=PHRASES,
            due=add_workdays(page.today, page.terms.correction_working_days),
        )

    def _choices(self, page, sent) -> list:
        """Everything of the application that can be called wrong, as filled in so far."""
        asked = {fact.name: fact.label for fact in asked_facts(page.judged)}
        asked |= {name: fact_label(name) for name in page.application.answers if name not in asked}
        wrong = {name for row in page.rows if row["verdict"] == "correct" for name in row["facts"]}
        notes = {name: row["note"] for row in page.rows for name in row["facts"] if row["note"]}
        rows = [("fact", name, label, self._now(page, name)) for name, label in asked.items()]
        rows += [
            ("material", material["name"], material["name"], material.get("note", ""))
            for material in to_upload(page.application.benefit_version)
        ]
        return [
            {
                "key": f"{kind}-{place}",
                "kind": kind,
                "name": name,
                "label": label,
                "now": now,
                "chosen": bool(sent.get(f"chosen-{kind}-{place}")) if sent else name in wrong,
                "reason": sent.get(f"reason-{kind}-{place}", notes.get(name, "") if not sent else "").strip(),
                "sample": sent.get(f"sample-{kind}-{place}", "").strip(),
            }
            for place, (kind, name, label, now) in enumerate(rows)
        ]

    def _now(self, page, name):
        if name in page.application.answers:
            return fact_text(name, page.application.answers[name])
        value = page.judged.found.profile.values.get(name)
        return fact_text(name, None) if value is None else _written(name, value)

    def _page_of(self, request, pk):
        application = self.case(request, pk)
        if application is None:
            raise Http404
        return ApplicationPage(application, request.user)

    def _try(self, request, form, act):
        """The application after ``act(expected version)``, or None with the reason on the form."""
        try:
            return act(version_sent(request))
        except (Refused, Invalid) as problem:
            form.add_error(None, str(problem))
            form.is_refused = isinstance(problem, Refused)
            return None

    def _decision_page(self, request, page, kind, title, form, **more):
        errors = [str(error) for errors in form.errors.values() for error in errors]
        changed = page.changes_since(request.POST.get("seen", "")) if CHANGED_SINCE in errors else []
        return self.show(
            request,
            f"admin/subsidies/review/{kind}.html",
            f"{title}：{page.application}",
            status=(409 if getattr(form, "is_refused", False) else 400) if errors else 200,
            page=page,
            application=page.application,
            form=form,
            errors=errors,
            changed=changed,
            earlier_corrections=len(page.corrections),
            **more,
        )


def _written(name, value):
    from businesses.registry import business_registry

    fact = business_registry()[name]
    return fact_text(name, fact.write(value))


def _faults(chosen):
    if not chosen:
        yield "请至少选一项要补正的内容。"
    for choice in chosen:
        if len(choice["reason"]) < 4:
            yield f"{choice['label']}：请写明哪里不对，至少 4 个字。"
