"""Posts that want reading: reported by people, or held back for their words. Staff decide, with a reason."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access import record
from businesses.models import Binding
from businesses.rules import refuse_numbers
from cases.rights.permissions import may_apply
from cases.transitions import CHANGED_SINCE
from cases.wording import kept_words
from core.errors import Invalid, Refused

from . import contacting, telling
from .models import JobMatch, Post, Report
from .posting import SUSPENDED, held, match_after
from .settings import figure
from .stopping import UNBOUND, is_left

State = Post.State
RIGHT = "jobs.moderate_post"
REPORTED = "有人说这条招工不对，工作人员看过再发。"
HELD_BACK = "先不发布"


def report(user, post: Post, words: str) -> Report:
    """Somebody says what is not right, once. The third holds the post back."""
    if not getattr(user, "is_active", False) or user.is_staff or may_apply(user, post.business):
        raise PermissionDenied
    text = kept_words(words)
    refuse_numbers("words", text)
    if not 4 <= len(text) <= 200:
        raise Invalid.because("words", "required", "请写哪里不对，4 到 200 个字")
    try:
        with transaction.atomic():
            row = Report.objects.create(post=held(post), by=user, words=text)
            _hold_if_enough(row.post)
    except IntegrityError:
        raise Refused("您已经说过了，工作人员会看。") from None
    return row


def _hold_if_enough(post) -> None:
    if post.state == State.OPEN and post.reports.count() >= figure("reporters"):
        _set(post, State.HELD, REPORTED)
        record(None, "post_held", post.subject, reason=REPORTED)
        telling.of_post(post, HELD_BACK, REPORTED)


def release(post: Post, *, by, expected_version: int | None = None) -> Post:
    """Nothing is wrong with it. Its reports are done with."""
    with transaction.atomic():
        row = _locked(post, by, expected_version, (State.HELD,))
        row.reports.all().delete()
        state, because, then = _after_release(row.business)
        _set(row, state, because, by)
        record(by, "post_released", row.subject)
        telling.of_post(row, "可以招人了", f"工作人员看过了，{then}。")
        match_after(row)
    return row


def _after_release(shop) -> tuple[str, str, str]:
    """Where a post stands then, why, and in the words of its shop."""
    if is_left(shop):
        return State.PAUSED, UNBOUND, "再绑定这家店就可以接着招"
    if shop.operating_status not in (None, "operating"):
        return State.PAUSED, SUSPENDED, "店恢复经营后就发布"
    return State.OPEN, "", "现在大家都能看到"


def hold(post: Post, reason: str, *, by, expected_version: int | None = None) -> Post:
    """Nobody sees it until it has been mended and released. Its shop is told why."""
    text = _read(reason, HELD_BACK)
    with transaction.atomic():
        row = _locked(post, by, expected_version, (State.OPEN,))
        _set(row, State.HELD, text, by)
        record(by, "post_held", row.subject, reason=text)
        telling.of_post(row, HELD_BACK, f"原因：{text.rstrip('。')}。改好了，工作人员看过就发布。")
    return row


def remove(post: Post, reason: str, *, by, expected_version: int | None = None) -> Post:
    """It may not stand. Its shop is told why."""
    text = _read(reason, "下架")
    with transaction.atomic():
        row = _locked(post, by, expected_version, (State.OPEN, State.HELD, State.PAUSED))
        _set(row, State.REMOVED, text, by)
        record(by, "post_removed", row.subject, reason=text)
        contacting.drop_all(row)
        telling.of_post(row, "被下架了", f"原因：{text.rstrip('。')}。改好了可以另发一条。")
    return row


def _read(reason, what) -> str:
    text = kept_words(reason)
    if not 4 <= len(text) <= 200:
        raise Invalid.because("reason", "required", f"请写{what}的原因，4 到 200 个字")
    return text


def may_moderate(user, post: Post) -> bool:
    """Staff with the right to, whose own shop it is not."""
    if not (user.is_active and user.is_staff and user.has_perm(RIGHT)):
        return False
    return not Binding.objects.filter(user=user, business=post.business_id, ended_at=None).exists()


def _locked(post, by, expected_version, before) -> Post:
    row = held(post)
    if not may_moderate(by, row):
        raise PermissionDenied
    if expected_version is not None and row.version != expected_version:
        raise Refused(CHANGED_SINCE.replace("这一件", "这条招工"))
    if row.state not in before:
        raise Refused(f"这条招工现在是“{row.get_state_display()}”，不能这样办。请刷新页面。")
    return row


def _set(row, state, because, by=None) -> None:
    row.state, row.because, row.handled_by = state, because, by
    row.version += 1
    row.save()
    if state != State.OPEN:
        JobMatch.objects.filter(post=row).delete()
