"""办件进度: rooms to the right tell the person behind a shop how their own case goes, in the inbox and outside.

Such a message is no push (models.Letter). It is sent by itself, never in a digest, as soon as it is written; at night
only where it is urgent.
"""

from django.db import transaction
from django.utils import timezone

from businesses.models import Binding
from core.background import start_after_commit

from . import hearing, tasks
from .models import Delivery, Letter
from .outside import channels
from .outside.delivery_terms import after_quiet_hours
from .outside.digests import LONGEST_LETTER_SMS
from .wording import Words

USUAL_SMS = "您的申请有新进展。请到“政策直通车”查看，或拨12345。"


@transaction.atomic
def write(
    *,
    operator=None,
    business=None,
    user=None,
    key: str,
    title: str,
    sentence: str,
    action_label: str,
    action_path: str,
    rate_path: str = "",
    sms: str | tuple[str, ...] = "",
    urgent: bool = False,
    needs_action: bool = False,
) -> Letter:
    """Tell ``operator`` of their case about ``business``, or ``user`` of what waits for them, in the caller's
    transaction; with the same ``key`` only once.

    ``action_path``: an address of this site; ``rate_path``: likewise, where what was done may be rated. ``sms``:
    clauses without greeting and link, the fullest first; empty for no short message. Raises ValueError for an address
    elsewhere.
    """
    for path in (action_path, rate_path or "/"):
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError(f"{path!r} leads elsewhere")
    clauses = (sms,) if isinstance(sms, str) else sms
    letter, is_new = Letter.objects.get_or_create(
        key=key,
        defaults={
            "operator": operator,
            "business": business,
            "user": user,
            "title": title,
            "sentence": sentence,
            "action_label": action_label,
            "action_path": action_path,
            "rate_path": rate_path,
            "sms": _fitting(clauses),
            "urgent": urgent,
            "needs_action": needs_action,
        },
    )
    if is_new:
        _tell_outside(letter)
    return letter


def settle(*keys: str) -> None:
    """What the letters ``keys`` wanted of the owner is done, or wanted no more. Settling twice changes nothing."""
    Letter.objects.filter(key__in=keys).update(needs_action=False)


def words_of(letter: Letter) -> Words:
    """The words of a letter as channels take them."""
    return Words(
        title=letter.title,
        sentence=letter.sentence,
        amount_text="",
        action_label=letter.action_label,
        action_url_path=letter.action_path,
        rate_url_path=letter.rate_path,
        subject=letter.title,
        sms=(letter.sms,),
    )


def _fitting(clauses):
    """A benefit's title may be too long for a short message: then it says where to look."""
    if not any(clauses):
        return ""
    return next((clause for clause in clauses if len(clause) <= LONGEST_LETTER_SMS), USUAL_SMS)


def _tell_outside(letter) -> None:
    """A delivery for each person and channel on which they can be reached now."""
    users = _people_of(letter)
    usable, now = channels.usable(), timezone.now()
    against = hearing.reasons(((user, letter.pk) for user in users), usable, of=Letter)
    made = Delivery.objects.bulk_create(
        Delivery(
            user_id=user,
            channel=channel,
            letter=letter,
            critical=letter.urgent,
            due_at=now if letter.urgent else after_quiet_hours(now),
        )
        for user in sorted(users)
        for channel in usable
        if (channel != "sms" or letter.sms) and not against[user, letter.pk, channel]
    )
    if made:
        start_after_commit(tasks.deliver)


def _people_of(letter) -> set[int]:
    """Ids of whoever is told."""
    if letter.user_id is not None:
        return {letter.user_id}
    bound = Binding.objects.filter(operator=letter.operator_id, ended_at=None)
    return set(bound.values_list("user", flat=True))
