"""One truth: what the results page shows is what the API and the command answer, for made-up owners."""

import json
import os
from html.parser import HTMLParser
from io import StringIO
from random import Random

import pytest
from django.core.management import call_command
from django.utils import timezone

from businesses.synthetic import generate_profile
from eligibility.pages.questions import page_of
from tests.markup import markup

from .owners import answers_cookie

MONEY = ("M01a", "M01b", "M01c", "M04a", "M04b", "M04c", "M05a", "M05b", "M05c")
# The long form is run with SAME_ANSWERS=10000.
FEW, MANY = 10, int(os.environ.get("SAME_ANSWERS", 60))


class Cards(HTMLParser):
    """The data attributes of a results page, by benefit."""

    def __init__(self, page):
        super().__init__()
        self.cards, self.groups, self.headings = {}, [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "data-item" in given:
            self.card = self.cards[given["data-item"]] = {
                **{
                    name: given[f"data-{name}"]
                    for name in ("state", "amount", "unit", "max", "from", "version")
                },
                "criteria": {},
                "alternatives": {},
            }
        elif "data-criterion" in given:
            self.card["criteria"][given["data-criterion"]] = (given["data-result"], given["data-source"])
        elif "data-alternative" in given:
            self.card["alternatives"][given["data-alternative"]] = given["data-result"]


def as_the_page_says(result):
    amount = result["amount"]
    return {
        "state": result["state"],
        "amount": amount["value"] or "",
        "unit": amount["unit"] or "",
        "max": amount["maximum"] or "",
        "from": result["eligible_from"] or "",
        "version": str(result["version"]),
        "criteria": {row["id"]: (row["result"], row["source"] or "") for row in result["criteria"]},
        "alternatives": {
            row["id"]: row["result"] for group in result["criteria"] for row in group.get("alternatives", ())
        },
    }


@pytest.mark.parametrize("seed", range(6))
def test_the_results_page_and_the_api_give_the_same_answer(client, catalogue_loaded, seed):
    random, today = Random(seed), timezone.localdate()
    seen = set()

    for _ in range(10):
        owner = generate_profile(random, today)
        client.cookies["answers"] = answers_cookie(owner)
        page = markup(client.get("/check/results/"))
        answer = client.post(
            "/api/v1/evaluations/", json.dumps({"profile": owner}), "application/json"
        ).json()

        expected = {
            row["benefit"]: as_the_page_says(row) for row in answer["results"] if row["benefit"] in MONEY
        }
        shown = Cards(page).cards
        assert {code: shown[code] for code in sorted(shown)} == expected, owner
        ready = sum(card["state"] in ("now", "auto") for card in expected.values())
        assert (f"您现在可以享受 {ready} 项政策" in page) == (ready > 0), owner
        question = answer["next_question"]
        assert ("继续回答" in page) == (question is not None), owner
        if question:
            address = f"/check/q/{page_of(catalogue_fact(question['fact'])).key}/"
            assert f'href="{address}">继续回答' in page, owner
        seen |= {card["state"] for card in shown.values()}

    assert len(seen) >= 5  # owners differ enough to mean something


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_page_api_and_command_agree_on_state_sum_and_dates(client, catalogue_loaded, tmp_path, count):
    random, today, profile = Random(count), timezone.localdate(), tmp_path / "profile.json"

    for _ in range(count):
        owner = generate_profile(random, today)
        client.cookies["answers"] = answers_cookie(owner)
        said, told = client.get("/check/results/"), StringIO()
        answer = client.post("/api/v1/evaluations/", json.dumps({"profile": owner}), "application/json")
        profile.write_text(json.dumps(owner), encoding="utf-8")
        call_command("evaluate", str(profile), stdout=told)

        assert json.loads(told.getvalue()) == answer.json(), owner
        expected = {row["benefit"]: as_the_page_says(row) for row in answer.json()["results"]}
        shown = Cards(said.content.decode()).cards
        assert shown == {code: expected[code] for code in shown}, owner
        assert sorted(shown) == list(MONEY), owner


def catalogue_fact(name):
    from policies.catalogue import catalogue

    return catalogue().registry[name]
