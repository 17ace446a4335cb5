"""The owner's verbs: begin, fill in, hand in, withdraw. For people, and for programs with a mandate to apply."""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import ApiClient
from businesses.actions import may as may_for_shop
from businesses.actions import own_words, state_facts
from businesses.assisting import channel_of
from businesses.models import Business, PaymentAccount, account_standing
from businesses.rules import refuse_numbers
from cases.actions.filling import names_of_materials, put_file, read_answers, without
from cases.assessment import Judged, asked_facts, first_of, judge_draft, judged_columns
from cases.models import Evidence
from cases.procedure import DRAFT
from cases.rights import permissions
from cases.terms import terms_of
from cases.transitions import change, is_movable, locked, move, number_of, refuse_if_changed, touch
from cases.wording import kept_words
from core.errors import Invalid, Refused
from eligibility import holdings
from eligibility.models import Holding
from policies.catalogue import catalogue
from policies.models import Benefit, BenefitVersion

from ..checks import risks, rules
from ..models import Application
from ..money import grants
from ..permissions import is_to_be_paid
from ..procedure import State, Verb

NOT_APPLIED_FOR = "这一项不用在这里申请。请看政策页上写的办法。"
ONE_EACH = "这项每人只能申请一次，您已经有一件了。请到“我的办件”看进度。"


def begin(business: Business, benefit: Benefit, *, by=None, client: ApiClient | None = None) -> Application:
    """A draft, or the one that stands: for this shop and benefit there is never a second."""
    return begin_or_find(business, benefit, by=by, client=client)[0]


def begin_or_find(business: Business, benefit: Benefit, *, by=None, client=None) -> tuple[Application, bool]:
    """As ``begin``; and whether it is new, which of two who ask at once is said to one.

    ``by``: the person who applies; ``client``: the program that does, with a mandate.
    """
    _require(by or client, business)
    version = _version_in_force(benefit)
    if version.content["delivery"] != "apply" or version.content.get("amount", {"none": None}).keys() == {
        "none"
    }:
        raise Refused(NOT_APPLIED_FOR)
    if business.operator is None or not business.operator.identity_index:
        raise Refused(rules.NO_IDENTITY)
    standing = Application.objects.standing().filter(business=business, benefit=benefit).first()
    if standing is not None:
        return standing, False
    try:
        with transaction.atomic():
            new = Application.objects.create(
                business=business,
                operator=business.operator,
                person_index=business.operator.identity_index,
                benefit=benefit,
                benefit_version=version,
                department=_department(benefit),
                district=business.district or "",
                once=_once(version),
                period=_period(version),
                begun_by=by,
                client=client,
                channel="api" if client else channel_of(by, business),
                account=account_standing(business.operator_id),
            )
        return new, True
    except IntegrityError:
        again = Application.objects.standing().filter(business=business, benefit=benefit).first()
        if again is None:
            raise Refused(ONE_EACH) from None
        return again, False


def _require(principal, business) -> None:
    if not permissions.may_apply(principal, business):
        raise PermissionDenied


def _version_in_force(benefit) -> BenefitVersion:
    found = catalogue().benefits[benefit.code].in_force_on(timezone.localdate())
    if found is None:
        raise Refused("这一项现在没有生效的政策，不能申请。")
    return BenefitVersion.objects.get(pk=found.pk)


def _department(benefit):
    """The first leading bureau of the measure handles it."""
    return next(iter(benefit.measure.leads), None)


def _own_draft(application, principal, expected_version):
    """The application, locked, still a draft, under the version that is in force today."""
    found = locked(application, expected_version)
    _require(principal, found.business)
    return _still_draft(found)


def _still_draft(found):
    if found.phase != DRAFT:
        raise Refused("这一件已经提交了，不能再改。要改就先撤回，或等通知补正。")
    version = _version_in_force(found.benefit)
    if version.pk != found.benefit_version_id:
        with _one_each():
            touch(found, benefit_version=version, once=_once(version), period=_period(version))
    return found


def _once(version) -> str:
    return "person" if version.content.get("once_per_person") else "shop"


def _period(version):
    """The year that an application filed today is for; 0 where it is once for all."""
    return 0 if version.content.get("once_per_person") else timezone.localdate().year


@contextmanager
def _one_each():
    """Within: what the database keeps to one a person, or one a year, is Refused in words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Refused(ONE_EACH) from None


@transaction.atomic
def save(
    application: Application, answers: dict, *, by=None, client=None, expected_version: int | None = None
) -> Application:
    """Keep answers (facts in JSON spelling) in the draft; null takes one back. Raises Invalid naming every fault."""
    found = _own_draft(application, by or client, expected_version)
    read_answers(answers)
    kept = {**found.answers, **answers}
    said = {name: value for name, value in kept.items() if value is not None}
    touch(found, answers=said, saved_at=timezone.now())
    return found


@transaction.atomic
def use(
    application: Application,
    material: str,
    evidence: Evidence,
    *,
    by=None,
    client=None,
    expected_version: int | None = None,
) -> Application:
    """Put a piece of the operator's evidence to a material of the draft."""
    found = _own_draft(application, by or client, expected_version)
    put_file(found, material, evidence)
    touch(found)
    return found


@transaction.atomic
def drop(application: Application, evidence: Evidence, *, by=None, client=None) -> Application:
    """Take a piece of evidence out of the draft; it stays in the wallet."""
    found = _own_draft(application, by or client, None)
    found.files.filter(evidence=evidence).delete()
    touch(found)
    return found


SHORTEST_EXCUSE, LONGEST_EXCUSE = 4, 200


@transaction.atomic
def excuse(
    application: Application,
    material: str,
    reason: str | None,
    *,
    by=None,
    client=None,
    expected_version: int | None = None,
) -> Application:
    """不适用: why a material of the draft is not handed in, in words that the reviewer sees; None takes it back."""
    found = _own_draft(application, by or client, expected_version)
    if material not in names_of_materials(found):
        raise Invalid.because("material", "unknown_material", "这一项不要这种材料，请按清单上传")
    excused = without(found.excused, material)
    if reason is not None:
        words = kept_words(reason)
        if not SHORTEST_EXCUSE <= len(words) <= LONGEST_EXCUSE:
            detail = f"请写为什么不用交，{SHORTEST_EXCUSE} 到 {LONGEST_EXCUSE} 个字"
            raise Invalid.because("reason", "required", detail)
        refuse_numbers("reason", words)
        excused[material] = words
    touch(found, excused=excused, saved_at=timezone.now())
    return found


@transaction.atomic
def declare(
    application: Application, *, by=None, client=None, account: PaymentAccount | None = None
) -> Application:
    """The owner stands for what is said, and confirms where the money goes (the standing account of the operator)."""
    found = _own_draft(application, by or client, None)
    touch(found, account=account or account_standing(found.operator_id), declared_at=timezone.now())
    return found


def submit(
    application: Application, *, by=None, client: ApiClient | None = None, expected_version: int | None = None
) -> Application:
    """Hand in. Handing in twice gives the same receipt. Raises Refused with every reason why not yet."""
    with transaction.atomic():
        found = locked(application)
        _require(by or client, found.business)
        if found.phase != DRAFT and found.submitter_id == (by.pk if by else None):
            return found  # a double click, or a page sent again
        refuse_if_changed(found, expected_version)
        found = _still_draft(found)
        today = timezone.localdate()
        _refresh(found, today)
        judged = judge_draft(found, today)
        if unmet := list(rules.unmet_for_submission(found, judged, today=today)):
            raise Refused(" ".join(unmet), code="requirements_unmet", unmet=[one.fault for one in unmet])
        _remember_words(found, by)
        _keep_prefilled(found, judged)
        _fill_in(found, judged, today)
        change(found, submitter=by, client=client)
        holdings.hold(found.business, found.benefit, Holding.Kind.APPLIED, since=today)
        with _one_each():
            move(found, Verb.SUBMIT, State.SUBMITTED, by=by, client=client)
        risks.refresh(found, judged)
    return found


def _refresh(application, today) -> None:
    """Who stands behind the shop and where they are paid, as it is today."""
    business = application.business
    if business.operator_id != application.operator_id:
        raise Refused("这家店的经营者变了，这份草稿不能再用。请重新申请。")
    change(
        application,
        person_index=business.operator.identity_index,
        district=business.district or "",
        period=_period(application.benefit_version),  # begun in December, filed in January
        account=account_standing(business.operator_id),
    )


def _remember_words(application, by) -> None:
    """What the owner said here is their word everywhere: nobody is asked twice."""
    said = dict(application.answers)
    if by is None or not said or not may_for_shop(by, application.business, "answer"):
        return
    kept = own_words(application.business)
    new = {name: value for name, value in said.items() if kept.get(name) != value}
    if new:
        state_facts(application.business, new, by=by)


def _keep_prefilled(application, judged: Judged) -> None:
    """What the form was filled in with, and the owner let stand, is part of what is handed in."""
    known = judged.book.answers
    prefilled = {
        fact.name: known[fact.name]
        for fact in asked_facts(judged)
        if fact.type != "set" and known.get(fact.name) is not None
    }
    change(application, answers={**prefilled, **application.answers})


def _fill_in(application, judged, today) -> None:
    """What is judged and what it comes to, as of the day it is handed in."""
    change(
        application,
        number=number_of(application, today),
        submitted_at=timezone.now(),
        verdicts={},
        **judged_columns(judged, first_of(today)),
    )


@transaction.atomic
def withdraw(
    application: Application, *, by=None, client=None, expected_version: int | None = None, note=""
) -> Application:
    """Take an application back before it is paid; what was promised for it returns."""
    found = locked(application, expected_version)
    _require(by or client, found.business)  # the bureau takes back what it offered by a verb of its own
    _take_back(found, by=by, client=client, note=note)
    return found


def may_withdraw(application: Application) -> bool:
    """Whether it can still be taken back: money that is on its way is not called back."""
    if not is_movable(application, Verb.WITHDRAW):
        return False
    return not is_to_be_paid(application) or not grants.is_on_its_way(application)


def _take_back(found, *, by, client=None, note="") -> None:
    if found.phase == DRAFT:
        raise Refused("这一件还没有提交。不想办了，删掉草稿就行。")
    if is_to_be_paid(found):
        grants.void(found, by=by)
    found.corrections.filter(answered_at=None, closed_at=None).update(closed_at=timezone.now())
    release_holding(found)
    move(found, Verb.WITHDRAW, by=by, client=client, note=note, decided_at=timezone.now())


def release_holding(application: Application) -> None:
    """The application is no longer something its shop has."""
    held = Holding.objects.live().filter(business=application.business, benefit=application.benefit)
    for holding in held.filter(kind__in=[Holding.Kind.APPLIED, Holding.Kind.GRANTED]):
        holdings.release(holding)


@transaction.atomic
def lapse(application: Application, today: date) -> bool:
    """A correction was not answered in time: the application ends as if withdrawn. Whether it did."""
    found = locked(application)
    open_one = found.open_correction
    if open_one is None or open_one.due_on >= today:
        return False
    _take_back(found, by=None, note=f"到 {open_one.due_on.isoformat()} 没有补正，按撤回处理")
    return True


@transaction.atomic
def discard(application: Application, *, by=None, client=None) -> None:
    """Throw a draft away. Its evidence stays in the wallet."""
    found = locked(application)
    _require(by or client, found.business)
    if found.phase != DRAFT:
        raise Refused("这一件已经提交了，不能删除。不想办了，可以撤回。")
    found.delete()


def purge_drafts(today: date) -> int:
    """Drafts that nobody has touched for so long are thrown away; how many."""
    drafts, gone = Application.objects.filter(phase=DRAFT), 0
    for version in BenefitVersion.objects.filter(pk__in=drafts.values("benefit_version")):
        kept_since = today - timedelta(days=terms_of(version).draft_days)
        before = timezone.make_aware(datetime.combine(kept_since, time.min))
        old = drafts.filter(benefit_version=version, saved_at__lt=before).order_by("pk")
        if not old.exists():
            continue
        with transaction.atomic():
            # Held first: one that is handed in at this moment is a draft no more.
            held = list(old.select_for_update(of=("self",)).values_list("pk", flat=True))
            _, removed = Application.objects.filter(pk__in=held).delete()
        gone += removed.get("subsidies.Application", 0)
    return gone
