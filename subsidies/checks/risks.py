"""风险提示: what a person has to look at before a case goes on, found by one gate for every door.

``refresh`` finds what is so now and writes it down; what was looked at stays looked at. Each kind says what it asks
and what may come of it (KINDS), so that a kind is added here and nowhere else. Who recommends, approves or passes
several at once asks in the transaction in which they do it: what turned up meanwhile stops them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, QuerySet, When
from django.utils import timezone

from cases import audit
from cases.assessment import Judged, judge_each, received_facts
from cases.procedure import DECIDE, REVIEW, WITHDRAWN
from cases.rights import permissions
from cases.transitions import locked, touch
from cases.wording import kept_words
from core.errors import Invalid, Refused
from core.prepared import prepared

from ..models import Application, RiskFlag
from ..permissions import is_paid
from . import duplicates

Kind = RiskFlag.Kind
SAME_PERSON_FOR = timedelta(days=366)
LEAST_NOTE = 4
PASSED, TURNED = ("pass", "staff"), ("fail", "unknown", "wait")
JUDGED, GOES_ON = "judged", "goes_on"


@dataclass(frozen=True)
class KindOfRisk:
    """``asks``: what to look at; ``outcomes``: words by key; ``clears``: those after which the case may go on;
    ``twice``: an approver looks as well."""

    asks: str
    outcomes: dict[str, str]
    clears: frozenset
    twice: bool = False


KINDS = {
    Kind.ACCOUNT: KindOfRisk(
        "另一个人也登记了这个收款账号。",
        {"family": "同住家人", "mistyped": "录错了，要补正", "borrowed": "疑似借用，转核查"},
        frozenset({"family"}),
        twice=True,
    ),
    Kind.ADDRESS: KindOfRisk(
        "另一个人在同一个地址申请这一项。",
        {"shared": "一址多户", "same_shop": "其实是同一家店，不通过"},
        frozenset({"shared"}),
    ),
    Kind.PERSON: KindOfRisk(
        "同一个人一年内申请过这一项。",
        {"looked": "看过，不影响", "repeated": "重复申请，不通过"},
        frozenset({"looked"}),
    ),
    Kind.CHANGED: KindOfRisk(
        "有一条提交时符合，现在不符合了。请在条件里给出结论。",
        {JUDGED: "已重新判断", GOES_ON: "核对过，后面的继续拨"},
        frozenset({JUDGED, GOES_ON}),
    ),
}


# Finding


@dataclass(frozen=True)
class _Found:
    kind: str
    other: str
    case: Application | None = None


def _find(application: Application, judged: Judged) -> Iterator[_Found]:
    account = duplicates.payee(application)
    holders = duplicates.on_same_account(account).filter(ended_at=None)
    people = sorted({row.operator_id for row in holders})
    # Of another bureau nobody is shown a case, only that there is somebody.
    cases = Application.objects.filed().filter(department=application.department_id, operator__in=people)
    latest = {case.operator_id: case for case in cases.order_by("id")} if people else {}
    for operator in people:
        yield _Found(Kind.ACCOUNT, f"operator {operator} account {account.pk}", latest.get(operator))
    for case in duplicates.at_same_address(application):
        yield _Found(Kind.ADDRESS, f"application {case.pk}", case)
    since = timezone.now() - SAME_PERSON_FOR
    again = duplicates.of_same_person(application).filter(benefit=application.benefit_id)
    for case in again.filter(submitted_at__gte=since).exclude(outcome=WITHDRAWN):
        yield _Found(Kind.PERSON, f"application {case.pk}", case)
    for name in turned(application, judged):
        yield _Found(Kind.CHANGED, f"criterion {name}")


def turned(application: Application, judged: Judged) -> list[str]:
    """Ids of the criteria that held when it was judged last and do not now. To have received it is no news once the
    first part is paid."""
    received = {fact.name for fact in received_facts(judged.rule)} if application.paid_at else set()
    now = {row["id"]: row["result"] for row in judged.criteria}
    return [
        row["id"]
        for row in application.judged.get("criteria", ())
        if row["result"] in PASSED and now.get(row["id"]) in TURNED and not received & set(row["facts"])
    ]


def refresh(application: Application, judged: Judged) -> list[RiskFlag]:
    """What is so of a filed case now, written down. What nobody has looked at and is so no more goes; what was looked
    at stays. A fixed number of queries, however many cases there are."""
    found = {(one.kind, one.other): one for one in _find(application, judged)}
    known = {(row.kind, row.other): row for row in flags_of(application)}
    gone = [row.pk for key, row in known.items() if key not in found and row.is_open]
    if gone:
        RiskFlag.objects.filter(pk__in=gone, cleared_at=None).delete()  # somebody may have looked meanwhile
    moved = [row.pk for key, row in known.items() if not row.is_open and row.stands != (key in found)]
    if moved:
        there = [row.pk for key, row in known.items() if key in found]
        stands = Case(When(pk__in=there, then=True), default=False)
        RiskFlag.objects.filter(pk__in=moved).update(stands=stands)
    if application.stage.turn == DECIDE:
        # What was judged was kept when it was recommended: whatever differs from that is news.
        moved += _open_again([row for key, row in known.items() if key in found and row.kind == Kind.CHANGED])
    fresh = [
        RiskFlag(application=application, kind=one.kind, other=one.other, other_case=one.case)
        for key, one in found.items()
        if key not in known
    ]
    if fresh:
        RiskFlag.objects.bulk_create(fresh, ignore_conflicts=True)  # two may look at once
    if gone or fresh or moved:
        return flags_of(application)
    return list(known.values())


def _open_again(flags):
    """Nobody has looked at it as it is now."""
    ids = [flag.pk for flag in flags if not flag.is_open]
    looked = dict(outcome="", note="", cleared_by=None, cleared_at=None, confirmed_by=None, confirmed_at=None)
    RiskFlag.objects.filter(pk__in=ids).update(**looked)
    return ids


def flags_of(application: Application) -> list[RiskFlag]:
    """Everything that was ever flagged of a case, with the case it points to."""
    return _flags_of(application.pk)


@prepared
def _flags_of(application) -> QuerySet:
    flags = RiskFlag.objects.filter(application=application)
    return flags.select_related("other_case__business", "other_case__operator", "cleared_by")


def stops(flag: RiskFlag) -> bool:
    """Whether the case may not go on as it stands. What is so no more stops nothing, whatever came of it."""
    return flag.stands and (flag.is_open or flag.outcome not in KINDS[flag.kind].clears)


def unmet(flags: list[RiskFlag]) -> Iterator[str]:
    """Why a reviewer cannot recommend approval yet. What changed since filing is told with its criterion."""
    for flag in flags:
        kind = KINDS[flag.kind]
        if flag.kind == Kind.CHANGED:
            continue
        if flag.is_open:
            yield f"“{flag.get_kind_display()}”还没有核对：{kind.asks}请看过再选结论，写明理由。"
        elif stops(flag):
            yield f"“{flag.get_kind_display()}”的结论是“{kind.outcomes[flag.outcome]}”，不能建议批准。"


def unconfirmed(flags: list[RiskFlag]) -> list[RiskFlag]:
    """Those that an approver has to look at as well, and has not."""
    twice = [flag for flag in flags if flag.stands and KINDS[flag.kind].twice]
    return [flag for flag in twice if not stops(flag) and not flag.confirmed_by_id]


def refuse_unless_looked_at(flags: list[RiskFlag]) -> None:
    """For who approves: Refused where something turned up since it was recommended, or was not looked at twice."""
    if any(stops(flag) for flag in flags):
        raise Refused("建议批准以后出现了新的风险提示，还没有人核对。请退回审核。")
    if waiting := unconfirmed(flags):
        names = "、".join(dict.fromkeys(flag.get_kind_display() for flag in waiting))
        raise Refused(f"“{names}”要审批人也核对一遍，请看过再勾选。")


# After the first payment


def flag_turned(applications: list[Application]) -> None:
    """What turned in cases of which a part is paid already: their next part waits for somebody to look."""
    paid = [row for row in applications if row.paid_at]
    judged = judge_each(paid) if paid else {}
    found = [
        RiskFlag(application=row, kind=Kind.CHANGED, other=f"criterion {name}")
        for row in {row.pk: row for row in paid}.values()
        for name in turned(row, judged[row.pk])
    ]
    if found:
        RiskFlag.objects.bulk_create(
            found,
            update_conflicts=True,
            unique_fields=["application", "kind", "other"],
            update_fields=["stands"],
        )


def going_on(turned_cases: list[tuple[Application, list[str]]]) -> set[int]:
    """Ids of the cases, paid in part, of which somebody looked at everything that turned and said that it goes on."""
    wanted = {row.pk: {f"criterion {name}" for name in names} for row, names in turned_cases if row.paid_at}
    if not wanted:
        return set()
    looked = RiskFlag.objects.filter(application__in=wanted, kind=Kind.CHANGED, outcome=GOES_ON)
    for pk, other in looked.values_list("application", "other"):
        wanted[pk].discard(other)
    return {pk for pk, left in wanted.items() if not left}


def said_to_go_on(applications: list[Application]) -> dict[int, str]:
    """``{id: why}`` of the cases of which a reviewer said that they go on although something turned."""
    rows = RiskFlag.objects.filter(application__in=applications, outcome=GOES_ON, stands=True)
    return dict(rows.order_by("pk").values_list("application", "note"))


def may_go_on(user, application: Application) -> bool:
    """Whether ``user`` may say of a case, paid in part, that what turned stops nothing."""
    return is_paid(application) and permissions.may_review(user, application)


# Looking


@transaction.atomic
def clear(
    application: Application,
    flag_id: int,
    outcome: str,
    note: str,
    *,
    by,
    expected_version: int | None = None,
) -> RiskFlag:
    """核对: a reviewer has looked at it and says what came of it, with a reason. Of a case paid in part, that it goes
    on; the second person is who approves the payment."""
    found = locked(application, expected_version)
    if not permissions.may_review(by, found):
        raise PermissionDenied
    goes_on = is_paid(found)
    if not goes_on and found.stage.turn != REVIEW:
        raise Refused("这一件现在不在审核中，不能改风险结论。请刷新页面。")
    flag = found.risks.select_for_update(of=("self",)).filter(pk=flag_id).first()
    if flag is None:
        raise Refused("这条风险提示已经不在了。请刷新页面。")
    note = kept_words(note)[:300]
    if outcome not in outcomes_of(flag, goes_on):
        raise Invalid.because(f"risk-{flag.pk}", "required", "请选一个结论")
    if len(note) < LEAST_NOTE:
        raise Invalid.because(f"risk-{flag.pk}-note", "required", f"请写明怎么核对的，至少 {LEAST_NOTE} 个字")
    before = flag.outcome
    flag.outcome, flag.note, flag.cleared_by, flag.cleared_at = outcome, note, by, timezone.now()
    flag.confirmed_by = flag.confirmed_at = None
    flag.save()
    touch(found)
    _record("clear_risk", found, flag, by, note=note, outcome=outcome, was=before)
    return flag


def outcomes_of(flag: RiskFlag, goes_on: bool) -> dict[str, str]:
    """What may come of looking at it, in words by key. ``goes_on``: a part is paid already."""
    outcomes = KINDS[flag.kind].outcomes
    if flag.kind == Kind.CHANGED:
        return {GOES_ON: outcomes[GOES_ON]} if goes_on else {}
    return {} if goes_on else outcomes


def _record(verb, application, flag, by, note="", **detail) -> None:
    other = flag.other_case_id
    audit.record(
        verb,
        f"risk {flag.pk}",
        by=by,
        case=application,
        note=note,
        kind=flag.kind,
        other=other,
        **detail,
    )


def confirm(application: Application, flag_ids, *, by) -> None:
    """复核: an approver, who did not clear it, has looked at it as well. The application is locked."""
    for flag in unconfirmed(list(application.risks.select_for_update(of=("self",)))):
        if flag.pk in flag_ids and flag.cleared_by_id != by.pk:
            flag.confirmed_by, flag.confirmed_at = by, timezone.now()
            flag.save(update_fields=["confirmed_by", "confirmed_at"])
            _record("confirm_risk", application, flag, by, outcome=flag.outcome)


def judge_changed(application: Application, verdicts: dict, by) -> None:
    """What changed since filing is looked at with the verdict on its criterion; without one it is open again."""
    for flag in application.risks.filter(kind=Kind.CHANGED):
        said = verdicts.get(flag.other.removeprefix("criterion "))
        if said and flag.is_open:
            flag.outcome, flag.note = JUDGED, said.get("note") or "在条件里给了结论"
            flag.cleared_by, flag.cleared_at = by, timezone.now()
            flag.save()
        elif not said and flag.stands:
            _open_again([flag])


def forget_confirmations(application: Application) -> None:
    """It goes back to review: an approver looks again."""
    application.risks.update(confirmed_by=None, confirmed_at=None)


def forget_all(application: Application) -> None:
    """Others look into the case from the start. What was found and said before stays in the audit chain."""
    application.risks.all().delete()
