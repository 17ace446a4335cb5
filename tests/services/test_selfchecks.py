"""Lists to check oneself against, and 个转企 both ways beside each other."""

import os
import re
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from django.utils import timezone

from core.data_files import read_yaml
from core.facts import Profile
from policies.criteria.sentence import sentence
from policies.criteria.tree import leaves
from portal.demo_services import load_mentor
from services.catalogue.loading import load_offerings
from services.checklists.conversion import taxes_compared, ways
from services.models import Offering
from services.selfchecks import PATH, selfchecks
from tests.measures import load_catalogue
from tests.pages.test_copy import BANNED, HALF_WIDTH, LONGEST_SENTENCE

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 30)
SAID = Path(__file__).with_name("selfchecks.txt")


EVERYTHING = {
    "conversion": dict.fromkeys(
        (
            *("taxes_settled", "debts_disposed", "staff_agreed"),
            *("name_chosen", "capital_decided", "permits_listed"),
        ),
        True,
    ),
    "rights": {"minor": True, "corrected": True, "harm": "none", "first_time": True, "faultless": True},
}


def judged(key, **answers):
    check = selfchecks()[key]
    return check.judge(check.registry.read_profile(answers, as_of=timezone.localdate()))


def answer_of(key, **answers):
    """The key of what a check comes to; ``open`` or ``unmet`` where it is none."""
    found = judged(key, **answers)
    if found.answer:
        return found.answer.key
    return "open" if found.is_open else "unmet"


def combinations(key):
    """Every combination of what can be answered to a check, ``None`` for nothing; of days those at the edge."""
    values = {
        fact.name: [None, *(choice.value for choice in fact.choices)]
        if fact.choices
        else [None, True, False]
        if fact.type == "bool"
        else [None, 0, 30, 31]
        for fact in selfchecks()[key].registry.values()
    }
    for row in product(*values.values()):
        yield {name: value for name, value in zip(values, row, strict=True) if value is not None}


# What each comes to


def test_a_list_says_what_is_lacking_for_each_of_its_criteria():
    everything = EVERYTHING["conversion"]

    assert answer_of("conversion", **everything) == "ready"
    assert answer_of("conversion") == "open"
    for name in everything:
        found = judged("conversion", **{**everything, name: False})
        [lacking] = found.lacking
        assert (found.answer, found.is_open) == (None, False)
        assert [(row["facts"], row["result"]) for row in lacking.rows] == [([name], "fail")]
        assert all(row["advice"] and row["clause"] for row in lacking.rows)


def may_be_fined(minor=None, corrected=None, harm=None, first_time=None, faultless=None):
    """行政处罚法第三十三条, as plain Python: what answers come to, and whether more of them could change it."""
    surest = [minor, corrected, None if harm is None else harm == "none"]
    ways = [
        ("minor", surest),
        ("faultless", [faultless]),
        ("first", [first_time, None if harm is None else harm != "serious", corrected]),
    ]
    reached = next((key for key, way in ways if all(one is True for one in way)), None)
    return reached or ("open" if any(False not in way for _, way in ways) else "unmet")


def test_whoever_may_not_be_fined_hears_it_whatever_the_answers():
    for answers in combinations("rights"):
        assert answer_of("rights", **answers) == may_be_fined(**answers), answers


@pytest.mark.parametrize(
    ("changed", "comes_to"),
    [
        ({}, "minor"),
        ({"minor": False}, "faultless"),
        ({"minor": False, "faultless": False}, "first"),
        ({"harm": "slight", "faultless": False}, "first"),
        ({"harm": "serious", "faultless": False}, "unmet"),
        ({"harm": "serious"}, "faultless"),
        ({"corrected": False, "faultless": False}, "unmet"),
        ({"first_time": False, "minor": False, "faultless": False}, "unmet"),
        ({"first_time": False}, "minor"),
    ],
)
def test_the_surest_way_of_not_being_fined_goes_first(changed, comes_to):
    assert answer_of("rights", **{**EVERYTHING["rights"], **changed}) == comes_to


def test_whoever_may_be_fined_hears_what_every_way_lacks_and_what_to_do():
    found = judged("rights", minor=True, corrected=False, harm="slight", first_time=False, faultless=False)

    assert [(one.answer.key, [row["facts"] for row in one.rows]) for one in found.lacking] == [
        ("minor", [["corrected"], ["harm"]]),
        ("faultless", [["faultless"]]),
        ("first", [["first_time"], ["corrected"]]),
    ]
    assert all(row["advice"] and row["clause"] for one in found.lacking for row in one.rows)


def test_whoever_is_let_off_by_grace_reads_what_the_surer_ways_lack():
    found = judged("rights", minor=True, corrected=True, harm="slight", first_time=True)

    assert found.answer.key == "first"
    assert [(one.answer.key, [row["facts"] for row in one.rows]) for one in found.lacking] == [
        ("minor", [["harm"]]),
        ("faultless", [["faultless"]]),
    ]
    assert judged("eia", project="workshop").lacking == []  # answers that are only told apart


def what_the_list_says(listed=None, project=None):
    """What the list says counts before what kind of business it is."""
    if listed is not None:
        return listed
    dropped = ("catering", "storage", "eggs", "reclamation")
    return "dropped" if project in dropped else "workshop" if project == "workshop" else None


def test_an_assessment_is_what_the_list_says_and_no_guess():
    for answers in combinations("eia"):
        found = answer_of("eia", **answers)
        settled = what_the_list_says(**answers)
        assert found == settled or (settled is None and found in ("open", "unmet")), answers
    assert answer_of("eia") == answer_of("eia", project="factory") == "open"


def test_every_answer_about_assessments_says_its_law_and_what_to_do():
    said = {answer.key: answer for answer in selfchecks()["eia"].answers}

    assert [key for key, answer in said.items() if answer.doubt] == ["none", "dropped", "workshop"]
    assert [step["words"] for step in said["report_book"].steps][1:3] == [
        "批下来以前不要开工。",
        "交上去以后，60 天内给结果。审批不收费。",
    ]
    assert "30 天内给结果" in said["report_form"].steps[2]["words"]
    assert all("开工" not in step["words"] for step in said["registration"].steps)


@pytest.mark.parametrize("relation", ["staff", "hourly"])
@pytest.mark.parametrize(
    ("insured", "days", "comes_to"),
    [
        (True, None, "insured"),
        (True, 400, "insured"),
        (False, 0, "due"),
        (False, 29, "due"),
        (False, 30, "due"),
        (False, 31, "late"),
        (False, None, "open"),
        (None, 30, "open"),
    ],
)
def test_whoever_works_under_the_shop_is_insured_within_thirty_days(relation, insured, days, comes_to):
    answers = {"relation": relation, "insured": insured, "days": days}

    assert answer_of("injury", **answers) == comes_to


@pytest.mark.parametrize("relation", ["gig", "retired", "family", "nobody"])
def test_of_others_the_relation_alone_decides_and_what_is_not_clear_is_said(relation):
    found = {answer_of("injury", **answers) for answers in combinations("injury")
             if answers.get("relation") == relation}  # fmt: skip

    assert found == {relation}
    assert bool(judged("injury", relation=relation).answer.doubt) == (relation != "nobody")


def test_whoever_is_to_insure_reads_what_to_bring_and_who_pays():
    for days in (30, 31):
        steps = [
            step["words"]
            for step in judged("injury", relation="staff", insured=False, days=days).answer.steps
        ]

        assert any(words.startswith("带营业执照") for words in steps)
        assert any("身份证号" in words for words in steps)
        assert any("员工个人不交" in words for words in steps)
        assert any("30 天内申请认定工伤" in words for words in steps)


# Their words


def spoken():
    """All that checks say: each question, each answer with its steps, each condition and its opposite."""
    for key, check in selfchecks().items():
        yield from (f"{key} {check.title}", check.intro, check.unmet, check.open, f"依据：{check.basis}")
        yield from check.doubts
        for fact in check.registry.values():
            labels = " / ".join(choice.label for choice in fact.choices)
            yield f"问 {fact.question}{fact.why}{labels and f'（{labels}）'}"
        for answer in check.answers:
            yield f"答 {answer.title}{answer.words}（{answer.clause}）{answer.doubt}"
            yield from (f"  · {step['words']}（{step['clause']}）" for step in answer.steps)
            for leaf in leaves(answer.rule.criteria):
                yield f"  ✓ {sentence(leaf, DAY)}（{leaf.notes.clause}）"
                yield f"  ✕ {sentence(leaf.negated(), DAY)}（{leaf.notes.clause}）{leaf.notes.advice}"


def test_all_that_checks_say_is_what_was_read_and_found_right():
    """WRITE=1 writes it anew after words were changed; read what changed before you commit it."""
    said = "\n".join(spoken()) + "\n"
    if os.environ.get("WRITE"):
        SAID.write_text(said, "utf-8")

    assert said == SAID.read_text("utf-8")


def test_checks_speak_short_plain_sentences():
    texts = [text for value in read_yaml(PATH).values() for text in _texts(value)]
    sentences = [part for text in texts for part in re.split("[。？！；，]", text)]

    assert len(texts) > 100
    assert [part for part in sentences if len(re.sub(r"\s", "", part)) > LONGEST_SENTENCE] == []
    assert [text for text in texts if HALF_WIDTH.search(text) or BANNED.search(text)] == []


def _texts(node):
    if isinstance(node, str):
        yield from [node] if re.search("[\u4e00-\u9fff]", node) else []
    elif isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _texts(value)


def test_everything_said_names_its_law():
    for check in selfchecks().values():
        for answer in check.answers:
            assert all(leaf.notes.clause for leaf in leaves(answer.rule.criteria))
            assert all(step["words"] and step["clause"] for step in answer.steps)
            assert answer.clause or check.key == "conversion"
        if check.lacking:  # whoever reads what fails reads what to do
            found = [leaf for answer in check.answers for leaf in leaves(answer.rule.criteria)]
            assert all(leaf.notes.advice for leaf in found)


# As a page


@pytest.fixture
def city():
    load_catalogue()
    load_mentor()
    load_offerings(demo=True)


def test_the_page_asks_shows_what_is_lacking_and_keeps_nothing(client):
    asked = client.get("/selfcheck/conversion/")
    answered = client.get("/selfcheck/conversion/", {"taxes_settled": "false", "debts_disposed": "true"})
    unknown = client.get("/selfcheck/nothing/")

    assert (asked.status_code, answered.status_code, unknown.status_code) == (200, 200, 404)
    assert "先到税务局把税报清" in answered.content.decode()
    assert "先到税务局把税报清" not in asked.content.decode()
    assert "answers" not in client.cookies


@pytest.mark.parametrize(
    ("key", "answers", "says", "leads_to"),
    [
        (
            "rights",
            {"minor": "true", "corrected": "true", "harm": "none"},
            "这样的，应当不罚。",
            "penalty-ask",
        ),
        ("rights", {"corrected": "false", "faultless": "false"}, "按您说的情况，可能要罚。", "penalty-ask"),
        ("rights", {"faultless": "unknown"}, "还有没答的，答完再看", "penalty-ask"),
        ("eia", {"listed": "none"}, "不用办环评。", "eia-ask"),
        ("eia", {"listed": "unknown", "project": "other"}, "要先查名录里有没有您这一行。", "eia-ask"),
        ("injury", {"relation": "staff", "insured": "false", "days": "30"}, "30 天内办好", "injury-ask"),
        ("injury", {"relation": "staff", "insured": "false", "days": "31"}, "已经过了 30 天", "injury-ask"),
    ],
)
def test_a_page_says_what_it_comes_to_and_leads_to_whoever_answers(
    city, client, key, answers, says, leads_to
):
    page = client.get(f"/selfcheck/{key}/", answers).content.decode()

    result = page.partition('id="result"')[2].partition("</section>")[0]
    assert says in result
    assert f"/services/{leads_to}/" in result


def test_what_is_not_clear_is_said_once(city, client):
    page = client.get("/selfcheck/rights/", {"first_time": "true", "harm": "slight", "corrected": "true"})

    text = page.content.decode()
    assert text.count("口径待明确") == 1
    assert "隔多久算第一次" in text
    assert "本省的免罚清单还没有查到" in text
    assert "口径待明确" not in client.get("/selfcheck/rights/").content.decode()


def test_what_cannot_be_read_stays_in_the_form(client):
    page = client.get("/selfcheck/injury/", {"relation": "staff", "days": "三十天"})

    assert page.status_code == 400
    assert 'value="三十天"' in page.content.decode()
    assert 'id="result"' not in page.content.decode()


@pytest.mark.parametrize(
    ("offering", "check"),
    [
        ("penalty-rights", "rights"),
        ("penalty-ask", "rights"),
        ("eia-need", "eia"),
        ("eia-review", "eia"),
        ("injury-list", "injury"),
        ("conversion", "conversion"),
    ],
)
def test_a_service_leads_to_the_check_about_it(city, client, offering, check):
    page = client.get(f"/services/{offering}/").content.decode()

    assert f'href="/selfcheck/{check}/"' in page
    assert "/selfcheck/" not in client.get("/services/mentor/").content.decode()


def test_every_check_leads_to_a_service_of_the_benefit_that_it_is_about(city):
    offered = dict(Offering.objects.values_list("code", "benefit__code"))

    assert {check.key: offered[check.offering] for check in selfchecks().values()} == {
        check.key: check.benefit for check in selfchecks().values()
    }


def test_a_year_of_taxes_before_and_after_to_the_fen():
    """200,000 yuan: the schedule takes 20 % less 10,500, halved; a small firm pays 5 %; dividends 20 % of the rest."""
    load_catalogue()
    profile = Profile({"annual_taxable_income": Decimal("200000.00"), "entity_type": "individual_business"})

    found = taxes_compared(profile, 2026)

    assert [row.total for row in found] == [Decimal("14750.00"), Decimal("10000.00"), Decimal("48000.00")]


@pytest.mark.parametrize(
    ("profit", "year", "count"), [("3000000", 2027, 3), ("3000000.01", 2027, 0), ("1", 2028, 0)]
)
def test_what_holds_for_small_firms_only_is_not_said_of_others(profit, year, count):
    load_catalogue()

    assert len(taxes_compared(Profile({"annual_taxable_income": Decimal(profit)}), year)) == count


def test_both_ways_stand_beside_each_other_with_the_taxes(client):
    load_catalogue()

    page = client.get("/services/conversion/compare/", {"profit": "200000"}).content.decode()
    wrong = client.get("/services/conversion/compare/", {"profit": "20万"})

    assert all(row["what"] in page and row["direct"] in page and row["renew"] in page for row in ways())
    assert all(figure in page for figure in ("14,750 元", "10,000 元", "48,000 元"))
    assert wrong.status_code == 400
    assert 'value="20万"' in wrong.content.decode()
