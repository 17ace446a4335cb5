"""好差评: whoever has the address rates once; what is bad is answered, mended, and may be rated once more."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from core.errors import Fault, Invalid, Refused
from core.workdays import add_workdays

from .. import audit, letters
from ..models import Rating
from ..terms import terms_of
from ..wording import kept_words

LEVELS = dict(Rating.LEVELS)
MOST_WORDS = 500
GOOD_TAGS = ("办得快", "说得清楚", "态度好", "材料少", "不用跑腿")
BAD_TAGS = ("等得太久", "说不清楚", "态度不好", "材料太多", "来回跑", "钱数不对")
RATED = "这次服务已经评过了，谢谢您。"
NOT_RATED = "还没有人评这次服务。"
ONLY_BAD = "只有差评要联系和整改。"


def stage_text(rating: Rating) -> str:
    """Which step of the case is rated, in words."""
    kind, _, number = rating.stage.partition(" ")
    return rating.case.life.rated.get(kind, rating.stage).format(number=number)


def tags_for(level: int) -> tuple[str, ...]:
    """What may be ticked beside a level; both kinds in the middle."""
    if level <= Rating.BAD:
        return BAD_TAGS
    return GOOD_TAGS + BAD_TAGS if level == Rating.BAD + 1 else GOOD_TAGS


def _locked(rating) -> Rating:
    return (
        Rating.objects.select_for_update(of=("self",))
        .select_related("case__benefit_version", "case__department")
        .get(pk=rating.pk)
    )


def _level(level) -> int:
    if level not in LEVELS:
        raise Invalid.because("level", "required", "请选一项评价")
    return level


@transaction.atomic
def rate(rating: Rating, level: int, tags=(), words="") -> Rating:
    """Rate once, by the address alone. Below the middle, the days to answer and to mend begin."""
    row = _locked(rating)
    if row.level is not None:
        raise Refused(RATED)
    _level(level)
    words, faults = kept_words(words), []
    if not set(tags) <= set(tags_for(level)):
        faults.append(Fault("tags", "invalid_choice", "选的原因和评价对不上，请重新选"))
    if len(words) > MOST_WORDS:
        faults.append(Fault("words", "too_long", f"想说的话最多 {MOST_WORDS} 个字"))
    if faults:
        raise Invalid(faults)
    today, terms = timezone.localdate(), terms_of(row.case.benefit_version)
    row.level, row.tags, row.words = level, list(dict.fromkeys(tags)), words
    row.rated_at = timezone.now()
    if row.is_bad:
        row.contact_by = add_workdays(today, terms.rating_contact_working_days)
        row.mend_by = add_workdays(today, terms.rating_mend_working_days)
    row.save(update_fields=["level", "tags", "words", "rated_at", "contact_by", "mend_by"])
    return row


@transaction.atomic
def rate_again(rating: Rating, level: int) -> Rating:
    """追评: once, after what was bad has been mended."""
    row = _locked(rating)
    if row.second is not None or not may_rate_again(row):
        raise Refused(RATED if row.level is not None else NOT_RATED)
    row.second = _level(level)
    row.save(update_fields=["second"])
    return row


def may_rate_again(rating: Rating) -> bool:
    return rating.mended_at is not None and rating.second is None


# The bureau. What it does is written down without the case: its history is read by whoever handled it.


def may_answer(user, rating: Rating) -> bool:
    return (
        user.has_perm("cases.change_rating") and Rating.objects.visible_to(user).filter(pk=rating.pk).exists()
    )


def _to_answer(rating, by) -> Rating:
    if not may_answer(by, rating):
        raise PermissionDenied
    row = _locked(rating)
    if not row.is_bad:
        raise Refused(ONLY_BAD)
    return row


@transaction.atomic
def contacted(rating: Rating, *, by) -> Rating:
    """已联系: somebody has called. Saying so twice changes nothing."""
    row = _to_answer(rating, by)
    if row.contacted_at is None:
        row.contacted_at = timezone.now()
        row.save(update_fields=["contacted_at"])
        audit.record("contact_rater", f"rating {row.pk}", by=by, department_id=row.department_id)
    return row


@transaction.atomic
def mend(rating: Rating, how: str, *, by) -> Rating:
    """整改结果: what has been done about it; the owner is told and may rate once more."""
    row, how = _to_answer(rating, by), kept_words(how)
    if row.mended_at is not None:
        raise Refused("这条评价已经写过整改结果。请刷新页面。")
    if row.contacted_at is None:
        raise Refused("请先联系店主，点“已联系”，再写整改结果。")
    if not 8 <= len(how) <= MOST_WORDS:
        raise Invalid.because("how", "required", f"请写做了什么改进，8 到 {MOST_WORDS} 个字")
    row.mended_at, row.mended_by, row.mended_how = timezone.now(), by, how
    row.save(update_fields=["mended_at", "mended_by", "mended_how"])
    letters.tell(row.case, "mended", rating=row)
    audit.record("mend_rating", f"rating {row.pk}", by=by, department_id=row.department_id)
    return row
