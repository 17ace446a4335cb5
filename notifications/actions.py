"""What somebody does with their messages. Only the person a message is for: who acts for a shop may read, no more.

Every verb takes ``by=`` and raises PermissionDenied (not you) or Refused (not now, with what to do).
"""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import actions as accounts
from accounts.access import record
from accounts.models import Consent
from businesses.models import operators_of
from businesses.rules import refuse_numbers
from core.errors import Invalid, Refused
from core.prepared import prepared

from .models import Choice, Letter, Notification, OptOut
from .outside.addresses import places_of
from .outside.preferences import choices_of, set_choice

REASONS = dict(OptOut.REASONS)
LONGEST_NOTE = 200


def is_for(user, notification: Notification | Letter) -> bool:
    """Whether ``user`` has shown to be the person this message is for."""
    if getattr(notification, "user_id", None) is not None:
        return notification.user_id == user.pk
    return notification.operator_id in operators_of(user)


def require(user, notification) -> None:
    """Raises PermissionDenied for everybody but the person the message is for."""
    if not is_for(user, notification):
        raise PermissionDenied("只有店主本人能这样办。")


def open_message(notification: Notification | Letter, *, by) -> bool:
    """Note when the person first saw it; whether that was now. Opening again changes nothing."""
    require(by, notification)
    return _set_once(notification, "opened_at")


def act(notification: Notification | Letter, *, by) -> bool:
    """Note when the person first went on from it to do something; whether that was now."""
    require(by, notification)
    _set_once(notification, "opened_at")
    return _set_once(notification, "acted_at")


def _set_once(notification, name) -> bool:
    now = timezone.now()
    changed = type(notification).objects.filter(pk=notification.pk, **{name: None}).update(**{name: now})
    if changed:
        setattr(notification, name, now)
    return bool(changed)


# Silences


@transaction.atomic
def dismiss(notification: Notification, reason: str, note: str = "", *, by) -> OptOut:
    """不感兴趣: nothing is told of this benefit any more. Raises Invalid."""
    require(by, notification)
    if reason not in REASONS:
        raise Invalid.because("reason", "invalid_choice", "请选一个原因，我们好少发没用的。")
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise Invalid.because("note", "too_long", f"说明最多 {LONGEST_NOTE} 个字，您写了 {len(note)} 个")
    refuse_numbers("note", note)
    _set_once(notification, "opened_at")
    return _silence(
        notification.operator_id, by, benefit_id=notification.benefit_id, kind=None, reason=reason, note=note
    )


@transaction.atomic
def mute(notification: Notification, *, by) -> OptOut:
    """不再提醒这类消息: nothing is told any more of this kind of change, whatever the benefit."""
    require(by, notification)
    _set_once(notification, "opened_at")
    return _silence(notification.operator_id, by, benefit_id=None, kind=notification.kind)


def _silence(operator_id, by, *, benefit_id, kind, reason="", note=""):
    """The one that stands, or a new one. Two clicks leave one row: a constraint sees to it."""
    standing = OptOut.objects.filter(operator=operator_id, benefit=benefit_id, kind=kind, ended_at=None)
    if silence := standing.first():
        return silence
    try:
        with transaction.atomic():
            return OptOut.objects.create(
                operator_id=operator_id, benefit_id=benefit_id, kind=kind, reason=reason, note=note, by=by
            )
    except IntegrityError:
        return standing.get()


def silences_of(user):
    """What the person does not want to be told of, the newest first."""
    rows = OptOut.objects.filter(operator__in=operators_of(user), ended_at=None)
    return rows.select_related("benefit").order_by("-pk")


@transaction.atomic
def undo(silence: OptOut, *, by) -> None:
    """Be told again from now on. What was left out meanwhile is not told after the event."""
    if not silences_of(by).filter(pk=silence.pk).exists():
        raise PermissionDenied("只有店主本人能这样办。")
    if silence.benefit_id is None and silence.kind is None:
        raise Refused("要重新接收，请点“重新打开推送”。")
    OptOut.objects.filter(pk=silence.pk, ended_at=None).update(ended_at=timezone.now())


# Pushes as a whole


def has_answered(user) -> bool:
    """Whether the person has said yes or no to pushes, at any time."""
    return bool(_first_answer(user.pk, operators_of(user)))


@prepared
def _first_answer(user, operators) -> QuerySet:
    consents = Consent.objects.filter(user=user, kind="push")
    silences = OptOut.objects.filter(operator__in=operators, ended_at=None, benefit=None, kind=None)
    answers = [
        rows.order_by().values_list("pk") for rows in (consents, Choice.objects.filter(user=user), silences)
    ]
    return answers[0].union(*answers[1:], all=True)[:1]


@transaction.atomic
def decline(user) -> None:
    """Say no when asked: nothing goes out of the portal, the inbox stays. Raises Refused where pushes are on."""
    if accounts.has_agreed(user, "push"):
        raise Refused("推送已经打开了。要停，请点“停掉全部推送”。")
    for (channel, kind), wanted in choices_of(user).items():
        if channel == "sms" and wanted:
            set_choice(user, channel, kind, False)


@transaction.atomic
def turn_on(user) -> None:
    """Agree to pushes; what stopped all of them is ended."""
    accounts.agree(user, "push")
    end_silence(None, user, "push")  # also of whoever had agreed all along
    # Who had said no to everything would otherwise agree and hear nothing.
    reached = {place.channel for place in places_of(user) if place.is_reachable}
    if not any(wanted for (channel, _), wanted in choices_of(user).items() if channel in reached):
        Choice.objects.filter(user=user, wanted=False).delete()


@transaction.atomic
def stop_all(user) -> None:
    """Take back the agreement to pushes, and with it messages in the inbox. Stopping twice changes nothing."""
    if Consent.objects.standing(user, "push").exists():
        accounts.withdraw(user, "push")  # silence_everything follows
    else:
        silence_everything(None, user, "push")
        record(user, "pushes_stopped", f"user {user.pk}")


def end_silence(sender, user, kind, **kwargs) -> None:
    """Who agrees to pushes wants to hear of them again, wherever they say so."""
    if kind == "push":
        standing = OptOut.objects.filter(
            operator__in=operators_of(user), benefit=None, kind=None, ended_at=None
        )
        standing.update(ended_at=timezone.now())


def silence_everything(sender, user, kind, **kwargs) -> None:
    """Who no longer agrees to pushes is told nothing, in the portal neither (个人信息保护法 §24)."""
    if kind == "push":
        for operator_id in operators_of(user):
            _silence(operator_id, user, benefit_id=None, kind=None)


def is_stopped(user) -> bool:
    """Whether everything is silenced for somebody the person has shown to be."""
    return silences_of(user).filter(benefit=None, kind=None).exists()
