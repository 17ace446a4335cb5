"""The first question between a shop and somebody who looks for work, and what becomes of it by time."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Department
from accounts.principals import is_program
from businesses.rules import refuse_numbers
from cases.rights.permissions import may_apply
from cases.sweeping import AT_ONCE, each
from cases.transitions import begin, locked, move
from cases.wording import kept_words
from core.errors import Invalid, Refused
from policies.catalogue import catalogue
from policies.models import BenefitVersion

from .models import Contact, ContactCase, JobMatch, Post, Worker
from .pairs import conditions
from .permissions import SHOP, WORKER
from .posting import held
from .procedure import CONTACT
from .settings import figure
from .stopping import PASSED_ON
from .trades import trades

MOST_OPEN = 10  # that one worker waits for
LONGEST = 200
OWN = "这是您自己店里的招工。"
SELF = "他是您店里自己的人，不用在这里问。"
NOT_OPEN = "这条招工现在不招人了，看看别的吧。"
NOT_LOOKING = "他现在不找活了，看看别人吧。"
STRANGER = "这位和您的招工对不上，不能联系。请从“合适的人”里选。"
NO_CARD = "请先写好自己会做什么、什么时候有空，再来问。"


def ask_shop(user, post: Post, words="", *, by=None) -> ContactCase:
    """Somebody who looks for work asks for it: the contact, or the one that is open already."""
    worker = Worker.objects.looking().filter(user=user).select_related("user").first()
    if worker is None:
        raise Refused(NO_CARD, code="no_card")
    if may_apply(user, post.business):
        raise Refused(OWN)
    return _ask(post, worker, WORKER, words, by=user)


def ask_worker(principal, post: Post, worker: Worker, words="") -> ContactCase:
    """A shop asks one of those who fit its post: the contact, or the one that is open already."""
    if not may_apply(principal, post.business):
        raise PermissionDenied
    if not JobMatch.objects.filter(post=post, worker=worker).exists():
        raise Refused(STRANGER)
    if may_apply(worker.user, post.business):
        raise Refused(SELF)
    who = {"client": principal} if is_program(principal) else {"by": principal}
    return _ask(post, worker, SHOP, words, **who)


def _ask(post, worker, side, words, *, by=None, client=None) -> ContactCase:
    text = kept_words(words)
    refuse_numbers("words", text)
    if len(text) > LONGEST:
        raise Invalid.because("words", "too_long", f"最多写 {LONGEST} 个字")
    found = standing(post, worker)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return _begun(post, worker, side, text, by, client)
    except IntegrityError:
        found = standing(post, worker)
        if found is None:
            raise
        return found


def standing(post: Post, worker: Worker) -> ContactCase | None:
    """The open contact of the two."""
    return ContactCase.objects.filter(
        contact__post=post, contact__worker=worker, contact__is_open=True
    ).first()


def _begun(post, worker, side, words, by, client) -> ContactCase:
    """Both rows are held, the post before the worker, so that neither closes meanwhile and the caps are exact."""
    today = timezone.localdate()
    post = held(post)
    worker = Worker.objects.select_for_update(of=("self",)).select_related("user").get(pk=worker.pk)
    _require_open(post, worker, side, today)
    version, business = _version(post, today), post.business
    return begin(
        CONTACT,
        by=by,
        client=client,
        detail=Contact(
            post=post,
            worker=worker,
            asked_by=side,
            words=words,
            until=today + timedelta(days=figure("contact_days")),
        ),
        business=business,
        operator=business.operator,
        asker=worker.user,
        benefit=version.benefit,
        benefit_version=version,
        department=Department.objects.get(code="hrss"),
        district=business.district or "",
        once="",
        channel="api" if client else "web",
        submitter=by,
    )


def _version(post, today) -> BenefitVersion:
    published = catalogue().benefits[benefit_of(post)].in_force_on(today)
    if published is None:
        raise Refused("用工对接现在没有开办，请拨 12345 问一问。")
    return BenefitVersion.objects.select_related("benefit").get(pk=published.pk)


def benefit_of(post: Post) -> str:
    """Which benefit of the city's text it is: work on the land, in a season, or other odd jobs."""
    if trades()[post.trade].farm:
        return "M11b"
    return "M13a" if post.season else "M10a"


def _require_open(post, worker, side, today) -> None:
    if post.state != Post.State.OPEN or post.until_on < today:
        raise Refused(NOT_OPEN)
    if worker.state != Worker.State.LOOKING or worker.looking_until < today:
        raise Refused(NOT_LOOKING)
    if post.business.operator is None:
        raise Refused("这家店还没有登记经营者，暂时不能在这里招人。")
    adult = next(one for one in conditions.CONDITIONS if one.key == "adult")
    if not adult.holds(post, worker):
        raise Refused(f"{adult.lacks(post, worker)}。")
    open_now = Contact.objects.open()
    if open_now.filter(post=post).count() >= figure("most_open"):
        raise Refused("问这份活的人已经很多了，店里回了再来看看。")
    if (
        side == WORKER
        and open_now.filter(worker=worker, asked_by=WORKER, case__state="asked").count() >= MOST_OPEN
    ):
        raise Refused(f"您已经问了 {MOST_OPEN} 家，等回了话再问别家。")


# What time does


def lapse_all(today: date) -> int:
    """Contacts whose last day for an answer is over."""
    rows = ContactCase.objects.filter(contact__is_open=True, contact__until__lt=today)
    rows = rows.filter(state__in=("asked", "talking")).order_by("pk")[:AT_ONCE]
    return each(rows, lambda case: _move(case, "lapse"))


def finish_all(today: date) -> int:
    """Work whose last day was two weeks ago."""
    before = today - timedelta(days=figure("done_days"))
    rows = ContactCase.objects.filter(state="agreed", contact__post__until_on__lt=before).order_by("pk")
    return each(rows[:AT_ONCE], lambda case: _move(case, "done"))


def drop_all(post: Post) -> int:
    """Those who were asked about work that may not be offered any more."""
    return each(_undecided().filter(contact__post=post), lambda case: _move(case, "drop"))


def drop_the_left(today: date) -> int:
    """Those with whom nobody talks any more, because their shop has come to somebody else."""
    rows = _undecided().filter(contact__post__state=Post.State.CLOSED, contact__post__because=PASSED_ON)
    return each(rows[:AT_ONCE], lambda case: _move(case, "drop"))


def _undecided():
    rows = ContactCase.objects.filter(contact__is_open=True, state__in=("asked", "talking"))
    return rows.order_by("pk")


@transaction.atomic
def _move(case, verb) -> bool:
    row = locked(case)
    if row.state not in CONTACT.verbs[verb].moves:
        return False
    move(row, verb)
    return True
