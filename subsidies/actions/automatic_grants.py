"""免申即享: a bureau finds by departments' data alone who fits, another person confirms the list, and the owner
confirms the account in one step. What is confirmed is an application, filed and approved at once."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from businesses import merge
from businesses.facts import SELF
from businesses.models import Business, BusinessRecord, OperatorRecord, account_standing
from businesses.registry import business_registry
from cases import audit, letters
from cases.assessment import Judged, first_of, judged_columns
from cases.models import Part, people_of
from cases.rights import parts, permissions
from cases.rights.recusal import of_shops
from cases.transitions import CHANGED_SINCE, change, locked, move, number_of, take_turns, watch
from cases.wording import kept_words
from core.errors import Invalid, NotYours, Refused
from core.money import yuan_text
from eligibility import holdings
from eligibility.models import Holding, Match
from notifications import letters as inbox
from notifications.models import Letter
from policies.catalogue import catalogue
from policies.criteria.states import NEEDS_NOTHING, assess_all
from policies.models import Benefit, BenefitVersion

from ..checks import risks, rules
from ..models import Application, Grant, Instalment, Offer, OfferList
from ..money import budgets, grants
from ..procedure import State, Verb
from .applying import ONE_EACH, release_holding
from .approving import needs_second, what_is_approved

CHUNK, MOST_OFFERS, TOLD_AT_ONCE = 500, 5_000, 200
OFFERS_PATH = "/cases/"
NO_LONGER = "部门的数据有变动，这一份要重新核对。核对好会再告诉您。"
NO_MONEY = "今年这一项的资金已经用完。资金补充后，您再来确认。"
Status = OfferList.Status


def _require(user, permission, department_id) -> None:
    own = user.is_superuser or user.department_id == department_id
    if not (user.is_active and user.is_staff and user.has_perm(permission) and own):
        raise PermissionDenied


# Who fits by departments' data alone


def certified(shops: list[Business], version, day: date) -> dict[int, Judged]:
    """Shops that fit ``version`` (of the catalogue) by what departments say, by id: what owners have said themselves,
    and what is only supposed of a shop, does not count. Three queries for all."""
    registry, rule = business_registry(), version.rule
    of_shops = dict(BusinessRecord.objects.filter(pk__in=shops).values_list("pk", "said"))
    operators = [shop.operator_id for shop in shops]
    of_people = dict(OperatorRecord.objects.filter(pk__in=operators).values_list("pk", "said"))
    closed, found = catalogue().closed_documents, {}
    for shop in shops:
        said = [*of_shops.get(shop.pk, ()), *of_people.get(shop.operator_id, ())]
        said = [row for row in said if row["source"] != SELF]
        known = merge.merge(said, registry)
        profile = merge.profile(known, registry, frozenset(registry.defaults))
        one = assess_all([rule], profile, day, closed_documents=closed)[0]
        judged = Judged(rule, one, None, day)
        if one.state in ("now", "auto") and judged.money["amount_fen"]:
            found[shop.pk] = judged
    return found


def _in_force(benefit, day):
    """The version of the catalogue by which it is offered. Refused where it cannot be."""
    found = catalogue().benefits[benefit.code].in_force_on(day)
    if found is None or not found.rule.is_open_on(day) or benefit.code in catalogue().closed_documents:
        raise Refused("这一项现在不在受理时间里，不能编名单。")
    if found.rule.delivery not in NEEDS_NOTHING or not found.rule.is_money or found.rule.is_tax:
        raise Refused("这一项不是免申即享的补贴，不能编名单。")
    return found


def _taken(benefit, shops, day):
    """Ids of shops that have it, have applied, were offered it, or have what cannot be had beside it."""
    codes = {benefit.code, *catalogue().exclusions_on(day)[benefit.code]}
    same = Q(business__in=shops) | Q(operator__in=[shop.operator_id for shop in shops])
    held = Holding.objects.live(day).filter(same, benefit__code__in=codes)
    applied = Application.objects.standing().filter(same, benefit__code__in=codes)
    taken, people = set(), set()
    for business, operator, for_person in held.values_list("business", "operator", "for_person"):
        taken.add(business)
        people.update([operator] if for_person else [])
    for business, operator, once in applied.values_list("business", "operator", "once"):
        taken.add(business)
        people.update([operator] if once == "person" else [])
    return taken | {shop.pk for shop in shops if shop.operator_id in people}


# The list


@transaction.atomic
def prepare_list(benefit: Benefit, period: int, *, by) -> OfferList:
    """编制: a list of everybody who fits today and has an identity number. Refused where nobody does."""
    department = next(iter(benefit.measure.leads), None)
    _require(by, "subsidies.add_offerlist", department.pk)
    today = timezone.localdate()
    if not today.year - 1 <= period <= today.year:
        raise Invalid.because("period", "out_of_range", "年度只能是今年或去年")
    version = _in_force(benefit, today)
    offers = _offers(benefit, version, period, today, by)
    if not offers:
        raise Refused("按部门的数据，现在没有新的店符合这一项。")
    made = OfferList.objects.create(
        department=department,
        benefit=benefit,
        benefit_version_id=version.pk,
        period=period,
        day=today,
        count=len(offers),
        total_fen=sum(offer.amount_fen for offer in offers),
        prepared_by=by,
    )
    for offer in offers:
        offer.offer_list = made
    Offer.objects.bulk_create(offers, batch_size=CHUNK)
    _audit("prepare_offers", made, by)
    return made


def _offers(benefit, version, period, day, by):
    """Without those of whom the one who draws up the list has declared an interest: it is the review of their case."""
    matched = Match.objects.open().filter(benefit=benefit, state=Match.State.AUTO)
    offered = Offer.objects.filter(benefit=benefit, period=period, withdrawn_at=None)
    shops = Business.objects.filter(
        pk__in=matched.values("business"), operator__identity_index__isnull=False
    ).exclude(pk__in=offered.values("business"))
    shops = shops.exclude(of_shops(by))
    ids = list(shops.order_by("pk").values_list("pk", flat=True)[:MOST_OFFERS])
    found, people = [], set()
    for start in range(0, len(ids), CHUNK):
        chunk = list(Business.objects.filter(pk__in=ids[start : start + CHUNK]).order_by("pk"))
        taken, fitting = _taken(benefit, chunk, day), certified(chunk, version, day)
        for shop in chunk:
            once = version.rule.once_per_person and shop.operator_id in people
            if shop.pk in fitting and shop.pk not in taken and not once:
                people.add(shop.operator_id)
                found.append(_offer(benefit, period, shop, fitting[shop.pk]))
    return found


def _offer(benefit, period, shop, judged):
    return Offer(
        business=shop,
        benefit=benefit,
        period=period,
        amount_fen=judged.money["amount_fen"],
        judged=judged.as_json,
    )


def _audit(verb, made, by) -> None:
    audit.record(
        verb,
        f"offer list {made.pk}",
        by=by,
        department_id=made.department_id,
        count=made.count,
        total_fen=made.total_fen,
    )


def _held(offer_list):
    found = OfferList.objects.select_for_update(of=("self",)).get(pk=offer_list.pk)
    if found.status != Status.PREPARED:
        raise Refused(f"这份名单现在是“{found.get_status_display()}”。请刷新页面。")
    return found


@transaction.atomic
def confirm_list(offer_list: OfferList, *, by, expected_total_fen: int | None = None) -> OfferList:
    """确认: another person stands for the list, and its owners see 您符合，确认收款账户."""
    _require(by, "subsidies.change_offerlist", offer_list.department_id)
    found = _held(offer_list)
    if found.prepared_by_id == by.pk:
        raise NotYours("编制名单的人不能自己确认。请换一位同事确认。")
    if found.offers.filter(business__in=Business.objects.filter(of_shops(by))).exists():
        raise NotYours("名单里有您要回避的人。请换一位同事确认。")
    if expected_total_fen not in (None, found.total_fen):
        raise Refused(CHANGED_SINCE)
    found.status, found.confirmed_by, found.confirmed_at = Status.CONFIRMED, by, timezone.now()
    found.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    _audit("confirm_offers", found, by)
    return found


@transaction.atomic
def cancel_list(offer_list: OfferList, *, by) -> OfferList:
    """取消: before it is confirmed; its shops may be on another list."""
    _require(by, "subsidies.add_offerlist", offer_list.department_id)
    found = _held(offer_list)
    found.status = Status.CANCELLED
    found.save(update_fields=["status"])
    found.offers.update(withdrawn_at=timezone.now(), withdrawn_because="名单取消")
    _audit("cancel_offers", found, by)
    return found


def tell_of_offers() -> int:
    """Tell owners of what was confirmed for them, each once; how many were told. To be called again and again."""
    key = Concat(Value("offer "), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    told = Exists(Letter.objects.filter(key=key))
    rows = _open_offers().exclude(told).select_related("business__operator", "benefit")[:TOLD_AT_ONCE]
    for offer in rows:
        inbox.write(
            operator=offer.business.operator,
            business=offer.business,
            key=_key(offer),
            title=f"“{offer.benefit.title}”您符合，不用申请",
            sentence=f"{yuan_text(offer.amount_fen)} 元。请确认收款账户，确认后就转给您。",
            action_label="确认收款账户",
            action_path=OFFERS_PATH,
            sms="您符合一项补贴，不用申请。请到“政策直通车”确认收款账户，或拨12345。",
            needs_action=True,
        )
    return len(rows)


def _key(offer) -> str:
    return f"offer {offer.pk}"


def _open_offers():
    return Offer.objects.filter(
        offer_list__status=Status.CONFIRMED, application=None, withdrawn_at=None
    ).order_by("pk")


# The owner


def offers_of(user):
    """What waits for ``user`` to confirm the account: own shops, and those they may apply for."""
    return offers_to(people_of(user)).select_related(
        "business__operator", "benefit", "offer_list__department"
    )


def offers_to(operators):
    """What waits for these operators, ids."""
    return _open_offers().filter(business__operator__in=operators)


def accept(offer: Offer, *, by) -> Application:
    """确认: one step from the offer to an approved application. Doing it twice gives the same one."""
    try:
        with transaction.atomic():
            return _accept(offer, by)
    except (budgets.Exhausted, budgets.NotSet):
        raise Refused(NO_MONEY) from None
    except IntegrityError:
        again = Offer.objects.get(pk=offer.pk).application
        if again is None:
            raise Refused(ONE_EACH) from None
        return again


def _accept(offer, by):
    today = timezone.localdate()
    found = Offer.objects.select_related("offer_list", "business__operator", "benefit__measure").get(
        pk=offer.pk
    )
    if not permissions.may_apply(by, found.business):
        raise PermissionDenied
    take_turns([found.business.operator_id])
    if found.application_id is not None:
        return found.application
    if found.withdrawn_at is not None or found.offer_list.status != Status.CONFIRMED:
        raise Refused("这一份已经不再有效。有疑问请拨 12345。")
    judged = _still_fits(found, today)
    application = _file(found, judged, today, by)
    open_ones = Offer.objects.filter(pk=found.pk, application=None, withdrawn_at=None)
    if not open_ones.update(application=application):
        raise Refused(CHANGED_SINCE)
    inbox.settle(_key(found))
    return application


def _still_fits(offer, day):
    """The shop judged again: nothing is paid that nobody has confirmed."""
    version = catalogue().benefits[offer.benefit.code].in_force_on(day)
    if version is None or version.pk != offer.offer_list.benefit_version_id:
        raise Refused(NO_LONGER)
    judged = certified([offer.business], version, day).get(offer.business_id)
    taken = offer.business_id in _taken(offer.benefit, [offer.business], day)
    if judged is None or taken or judged.money["amount_fen"] != offer.amount_fen:
        raise Refused(NO_LONGER)
    return judged


def _file(offer, judged, today, by):
    """The application: approved, or, with a sum that two have to approve or something to look into, handed in like any
    other."""
    application, now = _begin(offer, by), timezone.now()
    change(
        application,
        number=number_of(application, today),
        submitter=by,
        submitted_at=now,
        declared_at=now,
        **judged_columns(judged, first_of(today)),
    )
    if needs_second(application) or risks.refresh(application, judged):
        holdings.hold(application.business, application.benefit, Holding.Kind.APPLIED, since=today)
        move(application, Verb.SUBMIT, State.SUBMITTED, by=by)
        return application
    prepared, confirmed = offer.offer_list.prepared_by, offer.offer_list.confirmed_by
    change(application, reviewer=prepared, approver=confirmed, accepted_at=now, decided_at=now)
    change(application, approved_digest=what_is_approved(application))
    parts.write(application, prepared, Part.Kind.REVIEW)
    parts.write(application, confirmed, Part.Kind.DECIDE)
    grants.give(application, by=by, today=today)
    holdings.hold(application.business, application.benefit, Holding.Kind.GRANTED, since=today)
    said = {
        "offer": offer.pk,
        "approved": application.approved_digest,
        "amount_fen": application.amount_fen,
    }
    move(application, Verb.SUBMIT, State.APPROVED, by=by, said=said)
    return application


def _begin(offer, by):
    shop = offer.business
    account = account_standing(shop.operator_id)
    if account is None:
        raise Refused(rules.NO_ACCOUNT)
    version = BenefitVersion.objects.select_related("benefit").get(pk=offer.offer_list.benefit_version_id)
    once = bool(version.content.get("once_per_person"))
    made = Application.objects.create(
        business=shop,
        operator=shop.operator,
        person_index=shop.operator.identity_index,
        benefit=offer.benefit,
        benefit_version=version,
        department=offer.offer_list.department,
        district=shop.district or "",
        lane="confirm",
        once="person" if once else "shop",
        period=0 if once else offer.period,
        begun_by=by,
        account=account,
    )
    return watch(made)


# Taking back


@transaction.atomic
def take_back(offer: Offer, *, because: str, by) -> Offer:
    """收回: it was offered by mistake. What is not paid yet returns to the budget; what is has to come back, and the
    owner is told (stopping.recover)."""
    found = Offer.objects.select_related("offer_list").get(pk=offer.pk)
    _require(by, "subsidies.change_offerlist", found.offer_list.department_id)
    because = kept_words(because)
    if len(because) < 4:
        raise Invalid.because("because", "required", "请写明为什么收回，至少 4 个字")
    application = locked(found.application) if found.application_id else None
    standing = Offer.objects.filter(pk=found.pk, application=found.application_id, withdrawn_at=None)
    found.withdrawn_at, found.withdrawn_because = timezone.now(), because[:200]
    values = {"withdrawn_at": found.withdrawn_at, "withdrawn_because": found.withdrawn_because}
    if not standing.update(**values):
        raise Refused(CHANGED_SINCE)
    inbox.settle(_key(found))
    if application is not None:
        _take_back(application, because, by)
    audit.record(
        "take_back_offer",
        f"offer {found.pk}",
        by=by,
        case=application,
        department_id=found.offer_list.department_id,
        note=because,
    )
    return found


def _take_back(application, because, by) -> None:
    """What is still being reviewed is left to its reviewer."""
    if application.state == State.PAID:
        amount = _to_come_back(application, because, by)
        letters.tell(application, "recover", amount_fen=amount, because=because)
    elif application.state == State.APPROVED:
        grants.void(application, by=by)
        release_holding(application)
        move(application, Verb.WITHDRAW, by=by, note=because, decided_at=timezone.now())


def _to_come_back(application, because, by):
    """Fen that were paid and are not back; what is not paid yet of a monthly grant is stopped."""
    grant = grants.standing_grant(application)
    if grant.status == Grant.Status.ACTIVE:
        grants.stop(grant, on=application.starts_on - timedelta(days=1), because=because, by=by)
    paid = grant.instalments.filter(status=Instalment.Status.PAID)
    return sum(row.amount_fen - row.recovered_fen for row in paid)
