"""The questionnaire and its results. Plain GET and POST; answers live in a signed cookie and nowhere else."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.errors import Invalid
from core.facts import Misread
from policies.criteria.sentence import bool_text, value_text
from policies.criteria.verdict import STAFF, UNKNOWN

from . import wording
from .answers import answers_of, forget, has_answers, keep, profile_of, share_token, shared_answers
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
    """Before the first question. POST begins, with earlier answers kept."""
    if request.method == "POST":
        return redirect(_next_url(answers_of(request)))
    return render(
        request, "check/start.html", {"pages_typical": PAGES_TYPICAL, "has_answers": has_answers(request)}
    )


def _evaluation(answers):
    known, today = catalogue(), timezone.localdate()
    return evaluate(profile_of(answers, known.registry, today), today)


def _next_url(answers):
    """The page of the question most worth asking; the results when none is left."""
    question = _evaluation(answers).next_question
    return reverse("question", args=[page_of(question).key]) if question else reverse("results")


def question(request, key):
    """One page of questions."""
    known = catalogue()
    page = page_by_key(key, known.registry)
    if page is None:
        raise Http404
    answers = answers_of(request)
    if request.method == "POST":
        return _answered(request, page, answers)
    return _question_page(request, page, answers, _shown_facts(page, answers))


def _shown_facts(page, answers):
    """The facts of a page that can still matter, were answered before, or set an amount."""
    evaluation = _evaluation({name: value for name, value in answers.items() if name not in page.facts})
    registry = evaluation.catalogue.registry
    useful = {fact.name for fact in useful_facts(evaluation.assessments, registry)}
    useful |= amount_companions(evaluation.assessments, registry) | set(answers)
    shown = [registry[name] for name in page.facts if name in useful and name in registry]
    return shown or [registry[name] for name in page.facts if name in registry]


def _question_page(request, page, answers, facts, errors=None, posted=None):
    errors = errors or {}
    fields = [field_of(fact, page, answers, error=errors.get(fact.name, ""), posted=posted) for fact in facts]
    context = {
        "page": {"key": page.key, "title": page.title, "why": page.why, "fields": fields},
        "errors": [{"anchor": name, "message": message} for name, message in errors.items()],
        "remaining": _remaining(answers, page),
        "back_url": reverse("check"),
        "results_url": reverse("results"),
        "dropped": _dropped(request),
    }
    return render(request, "check/question.html", context, status=400 if errors else 200)


def _dropped(request):
    """Labels of the answers that a change has just made meaningless."""
    labels = {fact.label for fact in catalogue().registry.values()}
    return [label for label in request.GET.getlist("dropped") if label in labels]


def _remaining(answers, page):
    """How many pages may still come, this one included."""
    evaluation = _evaluation(answers)
    registry = evaluation.catalogue.registry
    missing = {
        name
        for found in evaluation.assessments
        for name in found.missing_facts
        if registry[name].ask != "never" and name not in evaluation.profile.asked
    }
    pages = {page_of(registry[name]).key for name in missing} | {page.key}
    return f"大约还有 1–{len(pages)} 个问题" if len(pages) > 1 else "这是最后一个问题"


def _answered(request, page, answers):
    facts = _shown_facts(page, answers)
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
    changed = _merged({name: value for name, value in answers.items() if name not in page.facts}, given)
    if not errors:
        errors = _refusals(changed) | _unanswered(changed, blank)
    if errors:
        return _question_page(request, page, answers, facts, errors, request.POST)
    was_changed = any(name in answers and answers[name] != changed.get(name) for name in page.facts)
    dropped = _drop_irrelevant(changed, page) if was_changed else []
    target = _next_url(changed)
    if dropped:
        target += f"?{urlencode({'dropped': dropped}, doseq=True)}"
    return keep(redirect(target), changed)


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


def _unanswered(answers, blank):
    """Blank facts that still matter once the rest of the page is known."""
    if not blank:
        return {}
    evaluation = _evaluation(answers)
    useful = {fact.name for fact in useful_facts(evaluation.assessments, evaluation.catalogue.registry)}
    return {name: NOTHING_CHOSEN for name in blank if name in useful}


def _drop_irrelevant(answers, page):
    """Forget answers that the change has made meaningless, and say which by label."""
    registry = catalogue().registry
    before, dropped = _outcome(answers), []
    for name in [name for name in answers if name in registry and name not in page.facts]:
        if registry[name].ask == "never" or answers[name] is None:
            continue
        without = {other: value for other, value in answers.items() if other != name}
        if _outcome(without) == before:
            del answers[name]
            dropped.append(registry[name].label)
    return dropped


def _outcome(answers):
    evaluation = _evaluation(answers)
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
        answers = shared_answers(shared)
        if not answers:
            return render(request, "check/expired.html", status=404)
    else:
        answers = answers_of(request)
    evaluation = _evaluation(answers)
    money = [found for found in evaluation.assessments if found.rule.is_money]
    ready = [found for found in money if found.state in ("now", "auto")]
    question = evaluation.next_question
    sums = totals(evaluation.taken)
    context = {
        "headline": f"您现在可以享受 {len(ready)} 项政策" if ready else "按现在的情况，还没有能领钱的政策",
        "answers": _answer_lines(answers, evaluation),
        "totals_rows": wording.money_rows(sums),
        "groups": _groups(evaluation, money),
        "services": _services(evaluation),
        "share_url": f"{reverse('results')}?{urlencode({'shared': share_token(answers)})}",
        "next_question_url": reverse("question", args=[page_of(question).key]) if question else None,
        "as_of": evaluation.day.isoformat(),
        "empty_note": "" if ready else _empty_note(money),
        "dropped": _dropped(request),
    }
    return render(request, "check/results.html", context)


def _empty_note(money):
    count = sum(found.state in ("soon", "if") for found in money)
    return f"下面 {count} 项满足条件后可以。" if count else "下面写明了每一项为什么，以及人人都能用的服务。"


def _answer_lines(answers, evaluation):
    registry, profile = evaluation.catalogue.registry, evaluation.profile
    lines = []
    for name in answers:
        if name not in registry or name == "operating_status":
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
        "note": _note(found, version),
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


def _note(found, version):
    if found.state == "closed":
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
    calculator = calculator_url(found.rule.code)
    if calculator and found.state in ("now", "auto", "soon"):
        actions.append({"label": "算一算", "url": calculator, "primary": False})
    guide = benefit_url(evaluation.catalogue.benefits[found.rule.code])
    actions.append({"label": "看办事指南", "url": guide, "primary": found.state == "now"})
    return actions


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
