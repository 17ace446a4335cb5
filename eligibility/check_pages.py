"""The questionnaire and its results. Plain GET and POST; answers live in a book (answers.py): a cookie, or the shop."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from businesses import merge
from businesses.facts import DERIVED, SELF, SOURCES
from core.errors import Invalid, Refused
from core.facts import Misread
from core.wording import bool_text, value_text
from policies.criteria.verdict import STAFF, UNKNOWN

from . import wording
from .answers import (
    OTHER_SHOP,
    AnonymousBook,
    book_of,
    chosen_shop,
    forget,
    has_answers,
    is_for,
    share_token,
    shared_answers,
)
from .calculator_pages import calculator_url
from .catalogue import benefit_url, catalogue
from .evaluation import evaluate
from .package import totals
from .question_pages import (
    ABSENT,
    NOT_REGISTERED,
    NOTHING_CHOSEN,
    field_of,
    page_by_key,
    page_of,
    read_field,
)
from .questions import amount_companions, useful_facts

MOST_SERVICES = 8
PAGES_TYPICAL = (
    "3 到 5 页简单的问题"  # `manage.py measure_questionnaire`: half need 3 pages, nine in ten at most 5.
)


def start(request):
    """Before the first question. POST begins, with earlier answers kept; ``nobody`` leaves the shop out of it."""
    if request.method == "POST":
        if request.user.is_authenticated and "nobody" in request.POST:
            request.session.pop("checking_shop", None)
        return redirect(next_url(book_of(request)))
    context = {
        "pages_typical": PAGES_TYPICAL,
        "has_answers": has_answers(request),
        "shop": chosen_shop(request),
    }
    return render(request, "check/start.html", context)


def _evaluation(book, answers=None):
    """What the book's shop or person can have; with other ``answers`` where given."""
    known, today = catalogue(), timezone.localdate()
    answers = book.answers if answers is None else answers
    return evaluate(book.profile_of(answers, known.registry, today), today, held=book.held(today))


def next_url(book, answers=None):
    """The page of the question most worth asking; the results when none is left."""
    question = _evaluation(book, answers).next_question if book.may_answer else None
    return reverse("question", args=[page_of(question).key]) if question else reverse("results")


def question(request, key):
    """One page of questions."""
    known = catalogue()
    page = page_by_key(key, known.registry)
    if page is None:
        raise Http404
    book = book_of(request)
    if request.method == "POST" and not is_for(request, book.shop):
        messages.error(request, OTHER_SHOP)
        return redirect("me" if request.user.is_authenticated else "check")
    if _has_lost_its_shop(request, book):
        return redirect("me")
    if not book.may_answer:
        messages.error(request, "店主只让您查看，没有让您代填。要代填，请店主改授权。")
        return redirect("results")
    if request.method == "POST":
        return _answered(request, page, book)
    return _question_page(request, page, book, _shown_facts(page, book))


def _has_lost_its_shop(request, book):
    """Whether this would go on without the shop it was begun with; /me/ says so and lets the person choose."""
    return book.shop is None and request.user.is_authenticated and "checking_shop" in request.session


def _shown_facts(page, book):
    """The facts of a page that can still matter, were answered before, or set an amount; none that is settled."""
    answers = book.answers
    evaluation = _evaluation(book, {name: value for name, value in answers.items() if name not in page.facts})
    registry = evaluation.catalogue.registry
    useful = {fact.name for fact in useful_facts(evaluation.assessments, registry)}
    useful |= amount_companions(evaluation.assessments, registry) | set(answers)
    open_to_answers = [
        registry[name] for name in page.facts if name in registry and not book.is_settled(registry[name])
    ]
    return [fact for fact in open_to_answers if fact.name in useful] or open_to_answers


def _question_page(request, page, book, facts, errors=None, posted=None):
    errors = errors or {}
    fields = [_field(fact, page, book, errors.get(fact.name, ""), posted) for fact in facts]
    context = {
        "page": {"key": page.key, "title": page.title, "why": page.why, "fields": fields},
        "errors": [{"anchor": name, "message": message} for name, message in errors.items()],
        "remaining": _remaining(book, page),
        "back_url": reverse("check"),
        "results_url": reverse("results"),
        "dropped": _dropped(request),
        "shop": book.shop,
        "known": _known_lines(book, page.facts),
    }
    return render(request, "check/question.html", context, status=400 if errors else 200)


def _field(fact, page, book, error, posted):
    """A field without the members of a set that departments know already: those are shown beside it."""
    field, best = field_of(fact, page, book.answers, error=error, posted=posted), book.known(fact.name)
    if best and best.members:
        field["options"] = [option for option in field["options"] if option["value"] not in best.members]
    return field


def _known_lines(book, names):
    """What departments know of some facts, as lines with value, source and day."""
    registry, lines = catalogue().registry, []
    for name in names:
        best = book.known(name)
        if best is None or name not in registry:
            continue
        fact = registry[name]
        lines.append(
            {
                "label": fact.label,
                "value": value_text(fact, merge.inside(fact, best.value)),
                "source": SOURCES[best.source],
                "on": best.on,
                "url": reverse("me-correct", args=[name]),
            }
        )
    return lines


def _dropped(request):
    """Labels of the answers that a change has just made meaningless."""
    labels = {fact.label for fact in catalogue().registry.values()}
    return [label for label in request.GET.getlist("dropped") if label in labels]


def _remaining(book, page):
    """How many pages may still come, this one included."""
    evaluation = _evaluation(book)
    registry = evaluation.catalogue.registry
    missing = {
        name
        for found in evaluation.assessments
        for name in found.missing_facts
        if registry[name].ask != "never" and name not in evaluation.profile.asked
    }
    pages = {page_of(registry[name]).key for name in missing} | {page.key}
    return f"大约还有 1–{len(pages)} 个问题" if len(pages) > 1 else "这是最后一个问题"


def _answered(request, page, book):
    facts, answers = _shown_facts(page, book), book.answers
    given, errors, blank = {}, {}, []
    for fact in facts:
        try:
            read = read_field(fact, request.POST)
        except Misread as problem:
            errors[fact.name] = f"{fact.label}：{problem.detail}"
            continue
        given |= read
        if not read:
            blank.append(fact.name)
    asked = {fact.name for fact in facts}
    changed = _merged({name: value for name, value in answers.items() if name not in asked}, given)
    if not errors:
        errors = _refusals(changed) | _unanswered(book, changed, blank)
    if errors:
        return _question_page(request, page, book, facts, errors, request.POST)
    was_changed = any(name in answers and answers[name] != changed.get(name) for name in page.facts)
    # A stored shop keeps what its owner said: it may matter for the next policy.
    dropped = _drop_irrelevant(book, changed, page) if was_changed and book.shop is None else []
    target = next_url(book, changed)
    if dropped:
        target += f"?{urlencode({'dropped': dropped}, doseq=True)}"
    try:
        return book.keep(redirect(target), changed)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("results")


def _merged(answers, given):
    merged = {**answers, **given}
    return {name: value for name, value in merged.items() if value is not ABSENT}


def _refusals(answers):
    """Answers that are well formed but cannot be, such as leaving school in the future."""
    registry = catalogue().registry
    try:
        registry.read_profile(answers, as_of=timezone.localdate())
    except Invalid as problem:
        return {fault.field.split(".")[1]: fault.detail for fault in problem.faults}
    return {}


def _unanswered(book, answers, blank):
    """Blank facts that still matter once the rest of the page is known."""
    if not blank:
        return {}
    evaluation = _evaluation(book, answers)
    useful = {fact.name for fact in useful_facts(evaluation.assessments, evaluation.catalogue.registry)}
    return {name: NOTHING_CHOSEN for name in blank if name in useful}


def _drop_irrelevant(book, answers, page):
    """Forget answers that the change has made meaningless, and say which by label."""
    registry = catalogue().registry
    before, dropped = _outcome(book, answers), []
    for name in [name for name in answers if name in registry and name not in page.facts]:
        if registry[name].ask == "never" or answers[name] is None:
            continue
        without = {other: value for other, value in answers.items() if other != name}
        if _outcome(book, without) == before:
            del answers[name]
            dropped.append(registry[name].label)
    return dropped


def _outcome(book, answers):
    evaluation = _evaluation(book, answers)
    return [
        (found.state, found.eligible_from, found.apply_before, found.amount[:2], tuple(found.missing_facts))
        for found in evaluation.assessments
    ]


@require_POST
def clear(request):
    """清除我的答案."""
    return forget(redirect("check"))


def results(request):
    """Every benefit in its state with amount, reasons and dates. ``shared`` opens answers that were sent on."""
    shared = request.GET.get("shared", "")
    if shared:
        book = AnonymousBook(shared_answers(shared))
        if not book.answers:
            return render(request, "check/expired.html", status=404)
    else:
        book = book_of(request)
        if _has_lost_its_shop(request, book):
            return redirect("me")
    evaluation = _evaluation(book)
    money = [found for found in evaluation.assessments if found.rule.is_money]
    ready = [found for found in money if found.state in ("now", "auto")]
    question = evaluation.next_question if book.may_answer else None
    sums = totals(evaluation.taken)
    context = {
        "headline": f"您现在可以享受 {len(ready)} 项政策" if ready else "按现在的情况，还没有能领钱的政策",
        "answers": _answer_lines(book, evaluation),
        "shop": book.shop,
        "data_dates": _data_dates(book),
        "known": _known_lines(book, [name for name in evaluation.profile.values if name not in DERIVED]),
        "totals_rows": wording.money_rows(sums),
        "groups": _groups(evaluation, money),
        "services": _services(evaluation),
        "share_url": _share_url(book),
        "next_question_url": reverse("question", args=[page_of(question).key]) if question else None,
        "as_of": evaluation.day.isoformat(),
        "empty_note": "" if ready else _empty_note(money),
        "dropped": _dropped(request),
    }
    return render(request, "check/results.html", context)


def _share_url(book):
    """None for a stored shop: what departments know of it is not passed on by an address."""
    if book.shop is not None:
        return None
    return f"{reverse('results')}?{urlencode({'shared': share_token(book.answers)})}"


def _data_dates(book):
    """Which day each source speaks of: what a result for a stored shop rests on."""
    if book.shop is None:
        return []
    return [
        {"source": SOURCES[source], "on": on, "own": source == SELF}
        for source, on in sorted(book.dates.items(), key=lambda row: list(SOURCES).index(row[0]))
        if on
    ]


def _empty_note(money):
    count = sum(found.state in ("soon", "if") for found in money)
    return f"下面 {count} 项满足条件后可以。" if count else "下面写明了每一项为什么，以及人人都能用的服务。"


def _answer_lines(book, evaluation):
    registry, profile, answers = evaluation.catalogue.registry, evaluation.profile, book.answers
    lines = []
    for name in answers:
        if name not in registry or name == "operating_status" or book.is_settled(registry[name]):
            continue
        fact = registry[name]
        if name in profile.values:
            value = value_text(fact, profile.values[name])
        elif name == "registered_on" and answers.get("operating_status") == NOT_REGISTERED:
            value = "还没登记"
        else:
            value = "不清楚"
        told = name in profile.values and fact.type == "bool"
        text = bool_text(fact, profile.values[name]) if told else f"{fact.label}：{value}"
        lines.append(
            {
                "label": fact.label,
                "value": value,
                "text": text,
                "url": reverse("question", args=[page_of(fact).key]),
            }
        )
    return lines


def _groups(evaluation, money):
    groups = []
    for state in wording.GROUP_ORDER:
        members = [
            found for found in money if found.state == state or (state == "now" and found.state == "auto")
        ]
        if members:
            cards = [_card(evaluation, found) for found in sorted(members, key=_card_order)]
            heading = wording.STATE_HEADINGS[state]
            groups.append({"state": state, "heading": heading, "count": len(cards), "cards": cards})
    return groups


def _card_order(found):
    """Cash first, then the nearer deadline, then the larger amount."""
    cash = found.amount.category != "cash"
    return (cash, found.apply_before or found.day.max, -(found.amount.maximum or 0), found.rule.code)


# Which rows stand open on a card: those that explain its state. The others are folded away beneath.
_TELLING = {
    "now": ("staff",),
    "auto": (),
    "soon": ("wait",),
    "unknown": ("unknown", "wait"),
    "if": ("fail",),
    "no": ("fail",),
    "have": ("fail",),
    "closed": (),
}


def _card(evaluation, found):
    known = evaluation.catalogue
    version = known.benefits[found.rule.code].in_force_on(found.day)
    rows = wording.answer_rows(found)
    telling = [row for row in rows if row["result"] in _TELLING[found.state]]
    folded = [row for row in rows if row not in telling]
    return {
        **evaluation.result_of(found),
        "url": benefit_url(known.benefits[found.rule.code]),
        "amount_label": wording.amount_label(found, version.content),
        "state_label": wording.state_label(found),
        "tag": _tag(found),
        "open_rows": telling,
        "folded_label": _folded_label(folded, bool(telling)),
        "folded_rows": folded,
        "note": _note(evaluation, found, version),
        "excluded": [
            known.benefits[code].in_force_on(found.day).rule.title
            for code in evaluation.excluded_by(found.rule)
        ],
        "actions": _actions(evaluation, found),
    }


def _folded_label(rows, others_stand_open):
    if not rows:
        return ""
    clauses = "、".join(dict.fromkeys(row["clause"] for row in rows if row["clause"]))
    verdict = "符合" if all(row["result"] == "pass" for row in rows) else ""
    which = "其余 " if others_stand_open and not verdict else ""
    return f"{which}{len(rows)} 项条件{verdict}，看原文依据：{clauses}"


def _tag(found):
    label = wording.state_label(found)
    return label if found.state == "auto" or label != wording.STATE_HEADINGS[found.state] else ""


def _note(evaluation, found, version):
    if found.state == "closed":
        if (
            version.rule.window.is_open_on(found.day)
            and evaluation.catalogue.benefits[found.rule.code].exhausted
        ):
            return "今年的资金已经用完。补充后会重新开放，到时告诉您。"
        return version.content.get("window_note") or "现在不在办理期限内。"
    if found.state == "auto":
        return "不用申请，报税或缴费时自动享受。"
    if found.amount.category == "loan" and found.state == "now":
        return "贷款要还，能不能贷、贷多少由银行审批。"
    return ""


def _actions(evaluation, found):
    actions = []
    if found.state == "unknown":
        registry = evaluation.catalogue.registry
        askable = (name for name in found.missing_facts if registry[name].ask != "never")
        name = next(askable, None)
        if name:
            url = reverse("question", args=[page_of(registry[name]).key])
            actions.append({"label": "回答", "url": url, "primary": True})
    application = application_url(found)
    if application:
        actions.append({"label": "去申请", "url": application, "primary": True})
    calculator = calculator_url(found.rule.code)
    if calculator and found.state in ("now", "auto", "soon"):
        actions.append({"label": "算一算", "url": calculator, "primary": False})
    guide = benefit_url(evaluation.catalogue.benefits[found.rule.code])
    actions.append({"label": "看办事指南", "url": guide, "primary": found.state == "now" and not application})
    return actions


def application_url(found):
    """Where what somebody fits is applied for; empty where it is not applied for here, or not yet."""
    applies = found.rule.is_money and found.rule.delivery == "apply" and found.state == "now"
    return f"/apply/{found.rule.code}/" if applies else ""


def _services(evaluation):
    known = evaluation.catalogue
    found = [found for found in evaluation.assessments if not found.rule.is_money and found.state == "now"]
    profile, day = evaluation.profile, evaluation.day
    relevant = sorted(found, key=lambda service: (-_relevance(service.rule, profile, day), service.rule.code))
    return [
        {
            "code": service.rule.code,
            "title": service.rule.title,
            "summary": known.benefits[service.rule.code].in_force_on(service.day).content["summary"],
            "url": benefit_url(known.benefits[service.rule.code]),
        }
        for service in relevant[:MOST_SERVICES]
    ]


def _relevance(rule, profile, day):
    """How well a service fits: its relevance rule is met, may be met (or there is none), or is not met."""
    relevance = rule.relevance
    if relevance is None:
        return UNKNOWN
    return min(relevance.level(relevance.levels_on(profile, day)), STAFF)
