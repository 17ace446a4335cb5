"""The home page: the way in for a visitor; for whoever acts for a shop, what is theirs."""

from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from cases.pages.listing import unfinished_cases, waiting_for
from core.data_files import read_yaml
from core.wording import value_text
from eligibility import answers, wording
from eligibility.evaluation import evaluate
from eligibility.pages.questions import page_of
from eligibility.pages.reminding import remind_url
from eligibility.pages.results import sums_of
from eligibility.pages.standing import benefit_row
from notifications.inbox.cards import page_of as page_of_inbox
from policies.catalogue import benefit_url, catalogue, measure_count, popular_codes
from services.pages.cards import booked_by, next_for_all

WORDS = read_yaml(Path(__file__).parent / "data" / "home.yaml")
MOST_TODO = MOST_DRAFTS = MOST_NEWS = MOST_DATES = 2
MOST_UNFINISHED = 8
DAYS_AHEAD = 365


def home(request) -> HttpResponse:
    shop = None if getattr(request.user, "is_staff", False) else answers.chosen_shop(request)
    if shop is not None:
        return render(request, "home_own.html", _own(request, shop))
    today, known = timezone.localdate(), catalogue()
    context = {
        "query": "",
        "groups": [],
        "subjects": [_subject(row, known, today) for row in WORDS["subjects"]],
        "popular": [benefit_row(known.benefits[code], None, today) for code in popular_codes(today)],
        "dates": next_for_all(MOST_DATES),
        "measure_count": measure_count(),
        "has_answers": answers.has_answers(request),
        "waiting": waiting_for(request),
    }
    return render(request, "home.html", context)


def _subject(row, known, today) -> dict:
    """A tile: ``benefit`` of the row gives its figure while it can be had."""
    address = reverse(row["page"])
    version = known.in_force_on(today).get(row.get("benefit"))
    label = version and wording.standing_label(version, today)
    return {
        "title": row["title"],
        "icon": row["icon"],
        "url": f"{address}?{row['query']}" if "query" in row else address,
        "text": f"{label['prefix']} {label['figure']} {label['unit']}".strip() if label else row["words"],
    }


# Of one's own


def _own(request, shop) -> dict[str, Any]:
    today, book = timezone.localdate(), answers.ShopBook(shop, request.user)
    registry = catalogue().registry
    profile = book.profile_of(book.answers, registry, today)
    evaluation = evaluate(profile, today, held=book.held(today))
    cards = unfinished_cases(request.user, MOST_UNFINISHED)
    todo = [card for card in cards if card["group"] == "mine"][:MOST_TODO]
    question = evaluation.next_question if book.may_answer else None
    waiting = waiting_for(request)
    return {
        "shop": {"name": shop.name, "public_id": shop.public_id},
        "name": request.user.shown_name,
        "waiting": waiting,
        "todo": todo,
        "others": waiting - len(todo),
        "drafts": [card for card in cards if card["group"] == "draft"][:MOST_DRAFTS],
        "money": sums_of(evaluation),
        "question_page": page_of(question).key if question else "",
        "news": page_of_inbox(request.user, unread=True, size=MOST_NEWS).cards,
        "dates": [*booked_by(request.user, today), *_days(evaluation)][:MOST_DATES],
        "facts": [
            {"label": label, "value": value_text(registry[name], profile.values[name])}
            for name, label in WORDS["facts"].items()
            if name in profile.values
        ],
    }


def _days(evaluation) -> list[dict]:
    """The next days on which something can be had, as rows of a calendar."""
    soon = [one for one in evaluation.assessments if one.state == "soon" and one.rule.is_money]
    rows = []
    for one in sorted(soon, key=lambda one: one.eligible_from):
        day, benefit = one.eligible_from, evaluation.catalogue.benefits[one.rule.code]
        if (day - evaluation.day).days <= DAYS_AHEAD:
            rows.append(
                {
                    "url": benefit_url(benefit),
                    "title": f"可以领{wording.plain_title(benefit.in_force_on(day))}",
                    "day": {"month": f"{day.month}月", "day": day.day},
                    "date": f"{day.month} 月 {day.day} 日",
                    "when": f"{day.year} 年",
                    "label": f"还有 {(day - evaluation.day).days} 天",
                    "remind_url": remind_url(one.rule.code, day),
                }
            )
    return rows
