"""What the answers come to: every benefit in its state, with amount, reasons, dates and what to do next."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from businesses.facts import DERIVED, SELF, SOURCES
from core.wording import bool_text, day_text, value_text
from policies.catalogue import benefit_url
from policies.criteria.verdict import STAFF, UNKNOWN

from .. import wording
from ..answers import AnonymousBook, book_of, share_token, shared_answers
from ..doors import door
from ..evaluation import Evaluation
from ..package import totals
from .calculators import calculator_url
from .check import change_of, evaluation_of, has_lost_its_shop, known_lines
from .questions import NOT_REGISTERED, field_of, page_of
from .reminding import remind_url, remind_url_of_last_day

MOST_SERVICES = 2


def results(request) -> HttpResponse:
    """Every benefit in its state with amount, reasons and dates. ``shared`` opens answers that were sent on."""
    shared = request.GET.get("shared", "")
    if shared:
        book = AnonymousBook(shared_answers(shared))
        if not book.answers:
            return render(request, "check/expired.html", status=404)
    else:
        book = book_of(request)
        if has_lost_its_shop(request, book):
            return redirect("me")
    evaluation = evaluation_of(book)
    money = [assessment for assessment in evaluation.assessments if assessment.rule.is_money]
    ready = [assessment for assessment in money if assessment.state in ("now", "auto")]
    question = evaluation.next_question if book.may_answer else None
    answers, known = _answer_lines(book, evaluation), _known_lines(book, evaluation)
    context = {
        "headline": _headline(len(ready), sum(one.state == "soon" for one in money)),
        "basis": _basis(len(answers), len(known)),
        "answers": answers,
        "shop": book.shop,
        "shop_id": str(book.shop.public_id) if book.shop else "",
        "data_dates": _data_dates(book),
        "known": known,
        "totals_rows": sums_of(evaluation),
        "groups": _groups(evaluation, money),
        "services": _services(evaluation),
        "share_url": _share_url(book),
        "may_be_kept": not shared and (book.shop is not None or bool(book.answers)),
        "next_question_url": reverse("question", args=[page_of(question).key]) if question else None,
        "estimated": f"{day_text(evaluation.day)}的估算，以审核为准。",
        "empty_note": "" if ready else _empty_note(money),
        "changed": None if shared else change_of(request, book),
    }
    return render(request, "check/results.html", context)


def sums_of(evaluation: Evaluation) -> list[dict]:
    """The three sums of what can be had together, each with the names of what it is made of."""
    rows = wording.money_rows(totals(evaluation.taken), evaluation.profile)
    return [{**row, "names": _names(evaluation, row["category"])} for row in rows]


def _names(evaluation, category) -> str:
    benefits, day = evaluation.catalogue.benefits, evaluation.day
    return "、".join(
        wording.plain_title(benefits[one.rule.code].in_force_on(day))
        for one in evaluation.taken
        if one.amount.category == category
    )


def _headline(ready: int, soon: int) -> str:
    later = f"，还有 {soon} 项再等等" if soon else ""
    return f"您现在可以享受 {ready} 项政策{later}" if ready else f"按现在的情况，还没有能领钱的政策{later}"


def _share_url(book) -> str | None:
    """None for a stored shop: what departments know of it is not passed on by an address."""
    if book.shop is not None:
        return None
    return f"{reverse('results')}?{urlencode({'shared': share_token(book.answers)})}"


def _data_dates(book) -> list:
    """Which day each source speaks of: what a result for a stored shop rests on."""
    if book.shop is None:
        return []
    return [
        {"source": SOURCES[source], "on": on, "own": source == SELF}
        for source, on in sorted(book.dates.items(), key=lambda row: list(SOURCES).index(row[0]))
        if on
    ]


def _empty_note(money) -> str:
    count = sum(assessment.state in ("soon", "if") for assessment in money)
    return f"下面 {count} 项满足条件后可以。" if count else "下面写明了每一项为什么，以及您能用的服务。"


def _known_lines(book, evaluation) -> list:
    return known_lines(book, [name for name in evaluation.profile.values if name not in DERIVED])


def _basis(answers: int, known: int) -> str:
    """What the results rest on, in a line that unfolds to it; empty where there is nothing."""
    if not known:
        return f"按您的 {answers} 个回答，修改我的回答" if answers else ""
    own = f"您的 {answers} 个回答和" if answers else ""
    return f"按{own}政府知道的 {known} 项"


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


# What can be done first, then what comes by itself, then what has to wait. Others are said in a line.
_HEADINGS = {"now": "现在可以申请", "auto": "不用申请，自动享受", "no": "现在不行"}
_SHOWN_AS = {"closed": "no"}
_LINES = ("auto", "have", "closed", "no")


def _groups(evaluation, money) -> list:
    groups = []
    for state in wording.GROUP_ORDER:
        members = [one for one in money if _SHOWN_AS.get(one.state, one.state) == state]
        if members:
            cards = [_card(evaluation, assessment) for assessment in sorted(members, key=_card_order)]
            heading = _HEADINGS.get(state, wording.STATE_HEADINGS[state])
            groups.append(
                {
                    "state": state,
                    "heading": heading,
                    "count": len(cards),
                    "cards": cards,
                    "is_told": state in _LINES,
                }
            )
    return groups


def _card_order(assessment):
    """Cash first, then the nearer deadline, then the larger amount."""
    cash = assessment.amount.category != "cash"
    return (
        cash,
        assessment.apply_before or assessment.day.max,
        -(assessment.amount.maximum or 0),
        assessment.rule.code,
    )


def _card(evaluation, assessment) -> dict:
    """One sentence, one day, one button; everything else is the answer to 为什么."""
    known, rule = evaluation.catalogue, assessment.rule
    benefit = known.benefits[rule.code]
    version = benefit.in_force_on(assessment.day)
    title, rows = wording.plain_title(version), wording.answer_rows(assessment)
    note, action = wording.note(assessment, version, benefit.exhausted), _action(evaluation, assessment)
    return {
        **evaluation.result_of(assessment),
        "url": benefit_url(benefit),
        "icon": wording.subject_icon(rule),
        "title": title,
        "official": rule.title if title != rule.title else "",
        "is_line": assessment.state in _LINES,
        "amount_label": wording.amount_label(assessment, version.content),
        "sentences": [text for text in _sentences(assessment, version, rows, note, action) if text],
        "state_label": wording.state_label(assessment),
        # Of what is had already failing is no fault.
        "rows": [{**row, "had": assessment.state == "have" and row["result"] == "fail"} for row in rows],
        "unclear": sum(bool(row["interpretation"]) for row in rows),
        "last_day": wording.last_day(assessment),
        "remind_url": remind_url_of_last_day(assessment),
        "note": note if assessment.state != "closed" else "",
        "excluded": [
            wording.plain_title(known.benefits[code].in_force_on(assessment.day))
            for code in evaluation.excluded_by(rule)
        ],
        "action": action,
        "calculator_url": calculator_url(rule.code) if assessment.state in ("now", "auto", "soon") else None,
    }


def _sentences(assessment, version, rows, note, action) -> list:
    """What stands on the card beside the amount: mostly one sentence."""
    state = assessment.state
    if state == "closed":
        return [note]
    if state == "soon":
        first = assessment.eligible_from
        return [f"{day_text(first)}起可以，还有 {(first - assessment.day).days} 天。"]
    if state == "unknown":
        return [] if action.get("asks") else [f"还差 {len(assessment.missing_facts)} 个答案。"]
    if state in ("if", "no", "have"):
        failing = [row for row in rows if row["result"] in ("fail", "wait")][:1]
        return [
            text for row in failing for text in (f"{row['text']}。", row["advice"] if state == "if" else "")
        ]
    if state == "auto":
        return []
    return [wording.own_sum(assessment.amount) or version.content["summary"]]


def _action(evaluation, assessment) -> dict:
    """The one button: what brings an owner on from this state."""
    rule, guide = assessment.rule, benefit_url(evaluation.catalogue.benefits[assessment.rule.code])
    if assessment.state == "unknown":
        registry = evaluation.catalogue.registry
        askable = [registry[name] for name in assessment.missing_facts if registry[name].ask != "never"]
        if askable:
            fact = askable[0]
            page = page_of(fact)
            is_the_last = len(assessment.missing_facts) == 1 and fact.type == "bool"
            field = field_of(fact, page, {}) if is_the_last else None
            return {
                "label": f"回答 {len(askable)} 个问题",
                "url": reverse("question", args=[page.key]),
                "primary": True,
                "asks": True,
                "field": field and {**field, "name": fact.name, "id": f"{rule.code}-{fact.name}"},
            }
    if assessment.state == "now" and (way := door(rule)):
        return {"label": way.label, "url": way.url, "primary": True}
    if assessment.state == "soon":
        return {
            "label": "到时提醒我",
            "url": remind_url(rule.code, assessment.eligible_from),
            "primary": False,
        }
    return {"label": "看办事指南", "url": guide, "primary": assessment.state == "now"}


def _services(evaluation) -> list:
    known = evaluation.catalogue
    services = [one for one in evaluation.assessments if not one.rule.is_money and one.state == "now"]
    profile, day = evaluation.profile, evaluation.day
    relevant = sorted(
        services, key=lambda service: (-_relevance(service.rule, profile, day), service.rule.code)
    )
    return [_service(known, service) for service in relevant[:MOST_SERVICES]]


def _service(known, service) -> dict:
    """A tile: leads to what can be done here, else to the guide."""
    benefit, way = known.benefits[service.rule.code], door(service.rule)
    return {
        "code": service.rule.code,
        "icon": wording.subject_icon(service.rule),
        "title": service.rule.title,
        "summary": benefit.in_force_on(service.day).content["summary"],
        "url": way.url if way else benefit_url(benefit),
    }


def _relevance(rule, profile, day):
    """How well a service fits: its relevance rule is met, may be met (or there is none), or is not met."""
    relevance = rule.relevance
    if relevance is None:
        return UNKNOWN
    return min(relevance.level(relevance.levels_on(profile, day)), STAFF)
