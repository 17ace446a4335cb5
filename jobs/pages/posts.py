"""/jobs/posts/…: work that one's shop offers, one post, who fits it, and asking for it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from businesses.actions import may
from cases.pages.case import version_seen
from cases.pages.owners import NO_MANDATE, for_owners, status_for, words_of
from core.errors import Invalid, Refused
from eligibility.answers import chosen_shop

from .. import contacting, moderation, posting
from ..models import Contact, JobMatch, Post, Worker
from ..pairs import conditions
from ..pairs.requirements import parted, sentences
from . import fields
from .cards import pay_of, post_card, worker_card
from .market import own_card

ACTS = {
    "pause": (posting.pause, "先停了，别人看不到了。"),
    "resume": (posting.resume, "接着招了。"),
    "close": (posting.close, "结束了。正在谈的不受影响。"),
}
# What is said once a post is saved that does not take people on.
SAVED = {Post.State.HELD: "工作人员看过就发布。", Post.State.PAUSED: "改好了，还停着。"}


def _shop(request):
    """The shop that is acted for. Redirect-worthy None where there is none; PermissionDenied without a mandate."""
    shop = chosen_shop(request)
    if shop is not None and not may(request.user, shop, "apply"):
        raise PermissionDenied(NO_MANDATE)
    return shop


def _post(request, public_id) -> Post:
    rows = Post.objects.visible_to(request.user).select_related("business")
    return get_object_or_404(rows, public_id=public_id)


@for_owners
@require_safe
def own_posts(request) -> HttpResponse:
    """What one's shops offer, the newest first."""
    today = timezone.localdate()
    rows = Post.objects.of_shops_of(request.user).select_related("business").order_by("-pk")[:100]
    context = {"cards": [post_card(row, None, today) for row in rows], "shop": chosen_shop(request)}
    return render(request, "jobs/own_posts.html", context)


@for_owners
def new_post(request) -> HttpResponse:
    shop = _shop(request)
    if shop is None:
        messages.info(request, "先绑定您的店，再来招人。")
        return redirect("me")
    return _edit(request, None, lambda: posting.publish(shop, request.POST, by=request.user), shop)


@for_owners
def change_post(request, public_id) -> HttpResponse:
    post = _own(request, public_id)

    def save() -> Post:
        how = {"by": request.user, "expected_version": version_seen(request)}
        return posting.change(post, request.POST, by_form=True, **how)

    return _edit(request, post, save, post.business)


def _own(request, public_id) -> Post:
    post = _post(request, public_id)
    if not may(request.user, post.business, "apply"):
        raise Http404
    return post


def _edit(request, post, save, shop) -> HttpResponse:
    problem, typed = None, fields.typed_post(post) if post else {"hours": 8, "people": 1, "unit": "day"}
    if request.method == "POST":
        typed = request.POST
        try:
            row = save()
        except (Invalid, Refused) as refusal:
            problem = refusal
        else:
            done = SAVED.get(row.state) or ("改好了。" if post else "发布了，下面是合适的人。")
            messages.success(request, done)
            return redirect("post", public_id=row.public_id)
    context = _form(post, typed, problem) | {"shop": shop, "version": _version(post, problem)}
    return render(request, "jobs/form.html", context, status=status_for(problem))


def _form(post, typed, problem) -> dict:
    """What the form shows of a post, None for a new one, and what is wrong with what was typed."""
    form = fields.Form(typed, getattr(problem, "faults", ()))
    others = parted(post.requirements)[1] if post else []
    return {
        "heading": "改招工" if post else "我要招人",
        "button": "保存" if post else "发布",
        "post": post,
        "sections": fields.post_sections(form),
        "kept": sentences({"all": others}, timezone.localdate()),
        "errors": form.errors or ([{"anchor": "main", "message": words_of(problem)}] if problem else []),
    }


def _version(post, problem) -> int | str:
    if post is None:
        return ""
    return Post.objects.get(pk=post.pk).version if isinstance(problem, Refused) else post.version


@require_safe
def one_post(request, public_id) -> HttpResponse:
    """One post. Its shop sees who fits and what can be done to it; whoever looks for work, why it fits or what
    lacks."""
    post, today = _post(request, public_id), timezone.localdate()
    is_own = request.user.is_authenticated and may(request.user, post.business, "apply")
    worker = None if is_own else own_card(request)
    context = {
        "post": post,
        "card": post_card(post, worker, today),
        "pay": pay_of(post),
        "is_own": is_own,
        "worker": worker,
        "reasons": conditions.reasons(post, worker, today) if worker else [],
        "asked": _contact_of(post, worker),
        "requirements": sentences(post.requirements, today),
        "waiting": _waiting(post) if is_own else [],
        "matches": _matches(post, today) if is_own else [],
        "may": posting.possible(post) if is_own else [],
    }
    return render(request, "jobs/post.html", context)


def _contact_of(post, worker) -> Contact | None:
    if worker is None:
        return None
    return Contact.objects.open().filter(post=post, worker=worker).select_related("case").first()


def _waiting(post) -> list[Contact]:
    """Who has asked for it and has no answer yet, the longest first."""
    rows = Contact.objects.open().filter(post=post, asked_by=Contact.Side.WORKER, case__state="asked")
    return list(rows.select_related("case", "worker").order_by("pk"))


def _matches(post, today) -> list[dict]:
    """Those who fit best, and whether they have been asked; two queries."""
    rows = JobMatch.objects.filter(post=post, for_post=True).select_related("worker")
    found = [row.worker for row in rows.order_by("wants_fen", "worker")]
    asked = dict(
        Contact.objects.open().filter(post=post, worker__in=found).values_list("worker", "case__public_id")
    )
    return [worker_card(worker, post, today) | {"asked": asked.get(worker.pk)} for worker in found]


@for_owners
@require_POST
def act(request, public_id, verb) -> HttpResponse:
    """Pause, open again, close."""
    post = _own(request, public_id)
    if verb not in ACTS:
        raise Http404
    do, done = ACTS[verb]
    try:
        do(post, by=request.user, expected_version=version_seen(request))
        messages.success(request, done)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("post", public_id=public_id)


@for_owners
def ask(request, public_id) -> HttpResponse:
    """Somebody asks for the work."""
    post, problem = _post(request, public_id), None
    if own_card(request) is None:
        messages.info(request, contacting.NO_CARD)
        return redirect("work")
    if request.method == "POST":
        try:
            case = contacting.ask_shop(request.user, post, request.POST.get("words", ""))
            return redirect("receipt", public_id=case.public_id)
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _words_page(
        request, problem, post, f"问一问：{post.title}", "words", "想说的（可以不填）", "问店里", contacting.LONGEST,
        "不用写电话。两边都愿意谈了，才看得到电话。",
    )  # fmt: skip


@for_owners
def ask_worker(request, public_id, pk) -> HttpResponse:
    """The shop asks one of those who fit."""
    post, problem = _own(request, public_id), None
    worker = get_object_or_404(Worker.objects.filter(matches__post=post), pk=pk)
    if request.method == "POST":
        try:
            case = contacting.ask_worker(request.user, post, worker, request.POST.get("words", ""))
            return redirect("receipt", public_id=case.public_id)
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _words_page(
        request, problem, post, f"请{worker.shown_name}：{post.title}", "words", "想说的（可以不填）", "问他来不来",
        contacting.LONGEST, "不用写电话。两边都愿意谈了，才看得到电话。",
    )  # fmt: skip


@for_owners
def report(request, public_id) -> HttpResponse:
    """Something is not right with a post."""
    post, problem = _post(request, public_id), None
    if request.method == "POST":
        try:
            moderation.report(request.user, post, request.POST.get("words", ""))
            messages.success(request, "记下了，工作人员会看。")
            return redirect("jobs")
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _words_page(
        request, problem, post, "这条招工不对", "words", "哪里不对", "告诉工作人员", 200,
        "例如：要先交押金，说的和写的不一样。",
    )  # fmt: skip


def _words_page(request, problem, post, heading, name, label, button, longest, hint) -> HttpResponse:
    error = words_of(problem)
    context = {
        "post": post,
        "heading": heading,
        "name": name,
        "label": label,
        "button": button,
        "longest": longest,
        "hint": hint,
        "words": request.POST.get(name, ""),
        "error": error if isinstance(problem, Invalid) else "",
        "errors": [{"anchor": name if isinstance(problem, Invalid) else "main", "message": error}]
        if problem
        else [],
    }
    return render(request, "jobs/words.html", context, status=status_for(problem))
