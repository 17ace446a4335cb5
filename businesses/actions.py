"""The verbs of owners, their agents, and the staff who answer them. Pages, API and admin call these and nothing else.

Every verb takes ``by=``, writes down who did it, and raises PermissionDenied (not you), Refused (not now) or Invalid
(the input is wrong) in words for the person. Where several rows are locked, the shop comes first, then its operator.
"""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import record, was_done
from accounts.actions import has_agreed
from accounts.models import ApiClient, User
from accounts.phones import normal_phone
from core import limits
from core.errors import Fault, Invalid, Refused
from core.limits import Limit
from core.wording import value_text

from . import assisting, merge, rules, sharing
from .facts import DERIVED, SELF, SOURCES, STAFF
from .identifiers import account_index, fold_name, read_account_number, read_credit_code, read_name
from .models import (
    Binding,
    Business,
    CorrectionRequest,
    Mandate,
    Operator,
    PaymentAccount,
    bound_by,
    entrusted_shops,
)
from .needs import needs
from .proving import prove
from .register import Arrival, Said, known_of, lock, said_about, take_in
from .registry import business_registry
from .signals import account_changed, owner_left

REVEALS = Limit("reveal", 30, 60 * 60)

NO_SUCH_SHOP = "没有查到这家店。刚登记的要等 1–2 天，也可以先自己填。"
HELPED_WITH = ("answer", "apply")  # by a clerk, for somebody at the window or on the phone
PROGRAM_SWITCHED_OFF = "这个程序已经停用。请重新选，或者授权给个人"
NOBODY_AGREES = "收款账户要经营者同意才能存。请店主先用手机号登录、绑定这家店，再来登记账户。"
BOUND_BY_ANOTHER = "这家店已经由另一个手机号绑定。是家人绑定的，请他授权给您。不认识这个手机号，请拨 12345。"


def may(principal, business: Business, scope: str) -> bool:
    """Whether ``principal`` (a User or an ApiClient) may view, answer or apply for a shop: its owner, by mandate, or a
    clerk who fills in for somebody at the window."""
    if scope not in rules.SCOPES:
        raise ValueError(scope)
    if isinstance(principal, ApiClient):
        return bool(
            Mandate.objects.standing().filter(business=business, client=principal).shops_within(scope)
        )
    if not getattr(principal, "is_active", False):
        return False
    if principal.is_staff and scope in HELPED_WITH and assisting.standing(principal, business):
        return True
    return owns(principal, business) or business.pk in entrusted_shops(principal, scope)


def owns(user, business: Business) -> bool:
    """Whether ``user`` has bound this shop."""
    return business.pk in bound_by(user)


def _require(user, business, scope) -> None:
    # A program reads by mandate (``may``), but does not speak for an owner: whoever writes is a person.
    if not isinstance(user, User) or not may(user, business, scope):
        raise PermissionDenied


def _require_owner(user, business) -> None:
    if not owns(user, business):
        raise PermissionDenied


def _locked(business):
    return Business.objects.select_for_update(of=("self",)).get(pk=business.pk)


def _locked_for(user, business, scope):
    """The shop, locked, and still the user's to act for: what let them in may have ended while they waited."""
    locked = _locked(business)
    _require(user, locked, scope)
    return locked


def _of(business) -> str:
    return f"business {business.pk}"


# Binding


def bind(user, credit_code, operator_name, last_six) -> Binding:
    """Show with code, operator's name and the end of the identity number that a shop is one's own.

    A wrong name and wrong digits are not told apart. Only wrong tries count against the limits.
    """
    _require_consent(user)
    given = rules.read_all(
        credit_code=(read_credit_code, credit_code),
        operator_name=(read_name, operator_name),
        last_six=(rules.read_last_six, last_six),
    )
    business = Business.objects.select_related("operator").filter(credit_code=given["credit_code"]).first()
    if business is None:
        raise Refused(NO_SUCH_SHOP)
    if owns(user, business):
        raise Refused("这家店您已经绑定过了，不用再绑。")
    prove(user, business, given["last_six"], name=given["operator_name"], refused="bind_refused")
    return _bound(user, business)


def _require_consent(user) -> None:
    if not has_agreed(user, "sensitive"):
        raise Refused("核对身份要用到身份证号后 6 位。请先勾选同意，再继续。")


@transaction.atomic
def _bound(user, business):
    operator_id = business.operator_id
    business = _locked(business)
    if business.operator_id != operator_id:
        raise Refused("这家店的登记刚有变化，请再试一次。")
    standing = Binding.objects.filter(business=business, ended_at=None).first()
    if standing and standing.user_id != user.pk:
        raise Refused(BOUND_BY_ANOTHER)
    binding = standing or Binding.objects.create(business=business, user=user)
    record(user, "bind", _of(business))
    return binding


@transaction.atomic
def unbind(binding: Binding, *, by, reason="店主解除") -> None:
    """End a binding, its mandates and its sharings. By its owner, or by staff who may change bindings."""
    if by.pk != binding.user_id and not _staff_with(by, "businesses.change_binding"):
        raise PermissionDenied
    _locked(binding.business)
    now = timezone.now()
    ended = Binding.objects.filter(pk=binding.pk, ended_at=None).update(ended_at=now, ended_because=reason)
    if not ended:
        raise Refused("这个绑定已经解除了，不用再解。")
    _mandates_given(binding).update(revoked_at=now)
    sharing.end_all(business=binding.business, given_by=binding.user_id)
    record(by, "unbind", _of(binding.business), reason=reason)
    owner_left.send(Binding, shops=[binding.business_id], passed_on=False)


def _mandates_given(binding):
    return Mandate.objects.filter(business=binding.business, given_by=binding.user_id, revoked_at=None)


def _staff_with(user, permission):
    return user.is_active and user.is_staff and user.has_perm(permission)


# Mandates


def give_mandate(
    business: Business, *, scopes, until: date, by, phone=None, client: ApiClient | None = None, relation=""
) -> Mandate:
    """Let a person (by phone) or a program act for a shop, at most a year. It replaces what they hold already.

    ``view`` comes with every mandate. A person who has never signed in may be given one: it waits for their phone.
    """
    _require_owner(by, business)
    rules.refuse_numbers("relation", relation)
    faults = []
    if client is None:
        try:
            phone = normal_phone(phone or "")
        except Refused as refusal:
            faults.append(Fault("phone", "invalid_phone", str(refusal)))
    elif client.disabled_at:
        faults.append(Fault("client", "disabled_client", PROGRAM_SWITCHED_OFF))
    unknown = [scope for scope in scopes if scope not in rules.SCOPES]
    if unknown or not scopes:
        faults.append(Fault("scopes", "invalid_choice", "请选可以做什么，至少选一项"))
    today, latest = timezone.localdate(), rules.last_day_of_a_mandate(timezone.localdate())
    if not today <= until <= latest:
        detail = f"有效期从今天起最长 1 年，最晚到 {latest.isoformat()}"
        faults.append(Fault("until", "out_of_range", detail))
    if len(relation) > 20:
        faults.append(Fault("relation", "too_long", "关系最多写 20 个字"))
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        _require_owner(by, _locked(business))  # unbound while waiting: nothing is theirs to give
        agent = None if client else User.objects.begin_with_phone(phone)
        if agent == by:
            raise Invalid.because("phone", "own_phone", "这是您自己的手机号，请填要授权的人的手机号")
        holder = {"client": client} if client else {"agent": agent}
        earlier = Mandate.objects.filter(business=business, revoked_at=None, **holder)
        earlier.update(revoked_at=timezone.now())
        mandate = Mandate.objects.create(
            business=business,
            given_by=by,
            relation=relation.strip(),
            scopes=[scope for scope in rules.SCOPES if scope == "view" or scope in scopes],
            until=until,
            **holder,
        )
        record(by, "give_mandate", _of(business), mandate=mandate.pk, scopes=mandate.scopes)
    return mandate


def revoke_mandate(mandate: Mandate, *, by) -> None:
    """End a mandate at once: by the shop's owner, by whoever gave it, or by its agent."""
    either_side = by.pk in (mandate.given_by_id, mandate.agent_id) or owns(by, mandate.business)
    if not either_side and not _staff_with(by, "businesses.change_mandate"):
        raise PermissionDenied
    with transaction.atomic():
        _locked(mandate.business)
        if not Mandate.objects.filter(pk=mandate.pk, revoked_at=None).update(revoked_at=timezone.now()):
            raise Refused("这个授权已经撤销了。")
        record(by, "revoke_mandate", _of(mandate.business), mandate=mandate.pk)


# What owners say


def own_words(business: Business, said: Said | None = None) -> dict:
    """What the owner has said of a shop and of themself until now: ``{fact: value}`` in JSON spelling."""
    said = said or said_about(business)
    own = merge.of_source([*said.business, *said.operator], SELF)
    return {name: value for statement in own for name, value in statement["facts"].items()}


def state_facts(
    business: Business, facts: dict, *, by, expected_version: int | None = None, withdraw=()
) -> Business:
    """An owner's answers, in JSON spelling; null is 不清楚. What else they have said stays, save ``withdraw``.

    ``expected_version``: the shop's version that the answers were given to; Refused where it has changed since.
    Returns the shop as it stands now.
    """
    _require(by, business, "answer")
    today = timezone.localdate()
    facts = read_own_words(facts, today)
    with transaction.atomic():
        # What a person said of themself stands in one record for all their shops.
        lock([business.pk])
        locked = Business.objects.get(pk=business.pk)
        _require(by, locked, "answer")
        if expected_version is not None and locked.version != expected_version:
            raise Refused("这家店的信息刚刚有更新。请看过新的信息，再填一次。")
        kept = {name: value for name, value in own_words(locked).items() if name not in withdraw}
        take_in([Arrival({SELF: {**kept, **facts}}, business_id=locked.pk, whole=True)], on=today, by=by)
        record(by, "state_facts", _of(locked), facts=sorted({*facts, *withdraw}))
    return Business.objects.get(pk=business.pk)


def read_own_words(facts, today) -> dict:
    """``facts`` in their one spelling. Raises Invalid naming every fault."""
    registry, read = business_registry(), None
    faults = []
    try:
        read = registry.read_profile(facts, as_of=today, path="facts", kept=True)
    except Invalid as problem:
        faults += problem.faults
    for name in facts:
        if name in registry and not rules.may_state(registry[name]):
            label, source = registry[name].label, SOURCES[registry[name].sources[0]]
            detail = f"{label}：由“{source}”提供，不能自己填。觉得不对，请提出更正"
            faults.append(Fault(f"facts.{name}", "not_yours_to_state", detail))
    if faults:
        raise Invalid(faults)
    return {
        # An owner's list stays a list: it is the whole answer.
        name: value
        if value is None or registry[name].type == "set"
        else registry[name].write(read.values[name])
        for name, value in facts.items()
    }


# Corrections


def ask_for_correction(business: Business, fact: str, note: str, *, by) -> CorrectionRequest:
    """不对？: ask the department that a fact came from to look into it. Once at a time for each fact."""
    _require(by, business, "answer")
    registry, note = business_registry(), note.strip()
    if not note:
        raise Invalid.because("note", "required", "请写清楚哪里不对，应该是什么")
    rules.refuse_numbers("note", note)
    if len(note) > rules.LONGEST_NOTE:
        raise Invalid.because("note", "too_long", f"说明最多 {rules.LONGEST_NOTE} 个字")
    with transaction.atomic():
        found = known_of(_locked_for(by, business, "answer"))[0].get(fact)
        if fact not in registry or found is None:
            raise Invalid.because("fact", "unknown_fact", "这家店没有这一项信息，请从店铺页面重新选")
        source = rules.answering_source(registry[fact], found)
        if source is None:
            raise Refused("这一项是您自己填的，直接改就行，不用申请更正。")
        if CorrectionRequest.objects.open().filter(business=business, fact=fact).exists():
            raise Refused("这一项已经在核实了，有结果会在这里告诉您。")
        request = CorrectionRequest.objects.create(
            business=business,
            fact=fact,
            shown=value_text(registry[fact], merge.inside(registry[fact], found.value))[:200],
            source=source,
            note=note,
            asked_by=by,
        )
        record(by, "ask_for_correction", _of(business), fact=fact)
    return request


@transaction.atomic
def decide_correction(
    request: CorrectionRequest, *, accept: bool, by, value=None, answer=""
) -> CorrectionRequest:
    """The department's answer. Accepting states ``value`` (JSON spelling) against the sources; refusing needs words."""
    allowed = _staff_with(by, "businesses.change_correctionrequest")
    if not allowed or not CorrectionRequest.objects.visible_to(by).filter(pk=request.pk).exists():
        raise PermissionDenied
    lock([request.business_id])
    request = CorrectionRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.status != "open":
        raise Refused("这一件已经答复过了，请刷新页面。")
    answer = answer.strip()
    rules.refuse_numbers("answer", answer)
    if len(answer) > rules.LONGEST_NOTE:
        raise Invalid.because("answer", "too_long", f"答复最多 {rules.LONGEST_NOTE} 个字")
    if accept:
        _correct(request, value, by)
    elif not answer:
        raise Invalid.because("answer", "required", "不更正时，请写明核实的结果和理由")
    request.status = "accepted" if accept else "refused"
    request.answer, request.decided_by, request.decided_at = answer, by, timezone.now()
    request.save(update_fields=["status", "answer", "decided_by", "decided_at"])
    record(by, "decide_correction", _of(request.business), fact=request.fact, accepted=accept)
    return request


def _correct(request, value, by) -> None:
    if request.fact in DERIVED:
        raise Refused("这一项由规则算出来，不能直接改。请更正它依据的信息，再答复店主。")
    registry, today = business_registry(), timezone.localdate()
    if value is None:
        raise Invalid.because("value", "required", "更正时，请填写核实后的内容")
    try:
        registry.read_profile({request.fact: value}, as_of=today, kept=True)
    except Invalid as problem:
        raise Invalid([Fault("value", fault.code, fault.detail) for fault in problem.faults]) from None
    arrival = Arrival({STAFF: {request.fact: value}}, business_id=request.business_id, corrects=True)
    take_in([arrival], on=today, by=by)


# Money


def changes_account(business: Business) -> bool:
    """Whether money was to go to some account of the operator before, also one that is erased by now."""
    known = PaymentAccount.objects.filter(operator=business.operator_id)
    return known.exists() or was_done("set_payment_account", f"operator {business.operator_id}")


def set_payment_account(
    business: Business, *, holder, bank, number, by, last_six="", is_fresh=False
) -> PaymentAccount:
    """Where the operator of a shop is paid. The holder must be the operator; a change ends the account before it.

    The owner agrees to the number being kept, whoever types it in. Phones come to somebody else: a change takes the end
    of the operator's identity number, and ``is_fresh`` (accounts.signing_in.sessions.is_fresh_owner); it is told, and
    waits.
    """
    _require(by, business, "apply")
    given = rules.read_all(
        holder=(lambda raw: read_name(raw, label="户名"), holder),
        bank=(lambda raw: read_name(raw, label="开户银行"), bank),
        number=(read_account_number, number),
    )
    index = account_index(given["number"])
    binding, operator = _payee(business, given["holder"])
    is_change = changes_account(business)
    if is_change and _current_account(business, index, given["bank"]) is None:
        _prove_for_a_change(business, last_six, is_fresh, by)
    with transaction.atomic():
        locked = _locked_for(by, business, "apply")
        Operator.objects.select_for_update(of=("self",)).get(pk=operator.pk)
        if locked.operator_id != operator.pk or changes_account(locked) != is_change:
            raise Refused("这家店的登记或账户刚有变化，请再试一次。")
        binding, _ = _payee(locked, given["holder"])
        if current := _current_account(locked, index, given["bank"]):
            return current
        PaymentAccount.objects.standing().filter(operator=operator).update(ended_at=timezone.now())
        account = PaymentAccount.objects.create(
            operator=operator,
            **given,
            number_index=index,
            last_four=given["number"][-4:],
            owner=binding.user,
            added_by=by,
            is_change=is_change,
        )
        detail = {"account": account.pk, "by_mandate": by.pk != binding.user_id}
        record(by, "set_payment_account", f"operator {operator.pk}", **detail)
        if is_change:
            account_changed.send(PaymentAccount, account=account, business=locked)
    return account


def _payee(business, holder):
    """The binding whose owner agrees to the number being kept, and the operator, if that is the ``holder``."""
    if business.operator is None:
        raise Refused("登记信息里还没有经营者，暂时不能登记收款账户。请拨 12345。")
    binding = Binding.objects.select_related("user").filter(business=business, ended_at=None).first()
    if binding is None:  # a clerk helps somebody who has never signed in: nobody could take the consent back
        raise Refused(NOBODY_AGREES)
    _require_consent(binding.user)
    if fold_name(holder) != fold_name(business.operator.name):
        raise Refused("户名要和登记的经营者同名，补贴只发给本人。请填经营者自己的账户。")
    return binding, business.operator


def _current_account(business, index, bank):
    """The account that stands, where it is this one."""
    standing = PaymentAccount.objects.standing().filter(operator=business.operator_id)
    return standing.filter(number_index=index, bank=bank).first()


def _prove_for_a_change(business, last_six, is_fresh, by) -> None:
    if not is_fresh:
        raise Refused("改收款账户前，要先确认是您本人。请再收一次验证码，15 分钟内改好。")
    given = rules.read_all(last_six=(rules.read_last_six, last_six))
    prove(by, business, given["last_six"], refused="account_refused")


def reveal(subject, field: str, *, by, reason: str) -> str:
    """An operator's identity number or an account number in clear, for staff who may, whose open case needs it, and
    who say why.

    ``subject`` and ``field``: an Operator and ``identity``, or a PaymentAccount and ``number``.
    """
    if (type(subject), field) not in ((Operator, "identity"), (PaymentAccount, "number")):
        raise ValueError(field)
    visible = type(subject).objects.visible_to(by).filter(pk=subject.pk).exists()
    if not _staff_with(by, "accounts.unmask") or not visible or not needs(by, subject):
        raise PermissionDenied
    reason = reason.strip()
    if not 4 <= len(reason) <= 200:
        raise Invalid.because("reason", "required", "请写明查看的理由，4 到 200 个字")
    rules.refuse_numbers("reason", reason)
    sealed = getattr(subject, field)
    if not sealed:
        raise Refused("这里没有登记号码。")
    if not limits.try_once(REVEALS, f"user {by.pk}").allowed:
        raise Refused(f"1 小时最多查看 {REVEALS.times} 次，请稍后再看。")
    record(by, "unmask", f"{subject._meta.model_name} {subject.pk}", reason=reason, field=field)
    return sealed if isinstance(sealed, str) else sealed.reveal()
