"""A fact that staff add without code: known to the API at once, asked once a published rule uses it."""

import copy

import pytest
from django.utils import timezone

from businesses.models import AddedFact
from policies.models import BenefitVersion
from tests.notifications.register import by_two_people

NEW = {
    "name": "fire_proof",
    "type": "bool",
    "label": "有消防验收证明",
    "no": "没有消防验收证明",
    "question": "您有消防验收证明吗？",
    "why": "新规定要看这一项。",
    "choices": "",
    "unit": "",
    "scope": "business",
    "ask": "question",
    "source": "self",
}
OWNER = {
    "operator_groups": ["self_employed_veteran"],
    "registered_on": "2024-06-01",
    "first_time_business": True,
    "startup_subsidy_received": False,
    "rents_premises": False,
    "deduction_months_used": 0,
    "unit_insured": False,
}


@pytest.fixture
def added(signed_in):
    response = signed_in("hr_policy").post("/admin/businesses/addedfact/add/", NEW)
    assert response.status_code == 302, response.context["adminform"].form.errors
    return AddedFact.objects.get()


@pytest.fixture
def asked_for(added, published):
    """M05a as of today also wants the new fact, published by its own author's colleague."""
    content = copy.deepcopy(published.content)
    content["criteria"]["all"].append(
        {"fact": "fire_proof", "op": "eq", "value": True, "clause": "措施一（五）"}
    )
    return BenefitVersion.objects.create(
        benefit=published.benefit,
        number=2,
        content=content,
        status="published",
        effective_from=timezone.localdate(),
        **by_two_people("hr_policy", "hr_policy_2"),
    )


def evaluate(client, profile):
    answer = client.post("/api/v1/evaluations/", {"profile": profile}, content_type="application/json")
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def subsidy(answer):
    return next(row for row in answer["results"] if row["benefit"] == "M05a")


def test_an_added_fact_is_in_the_fact_list_at_once(added, client):
    names = [row["name"] for row in client.get("/api/v1/facts/?page_size=100").json()["results"]]

    assert names[-1] == "fire_proof"
    assert evaluate(client, {"fire_proof": True})["as_of"]


def test_an_added_fact_is_not_asked_before_a_published_rule_wants_it(added, client):
    assert subsidy(evaluate(client, OWNER))["state"] == "now"
    assert evaluate(client, OWNER)["next_question"] is None


def test_a_published_rule_with_an_added_fact_asks_for_it(asked_for, client):
    answer = evaluate(client, OWNER)

    assert (subsidy(answer)["version"], subsidy(answer)["state"]) == (2, "unknown")
    assert subsidy(answer)["missing_facts"] == ["fire_proof"]
    assert answer["next_question"] == {
        "fact": "fire_proof",
        "question": "您有消防验收证明吗？",
        "type": "bool",
        "choices": None,
    }
    assert subsidy(evaluate(client, {**OWNER, "fire_proof": True}))["state"] == "now"
    assert subsidy(evaluate(client, {**OWNER, "fire_proof": False}))["state"] == "no"


def test_the_questionnaire_asks_for_an_added_fact_on_a_page_of_its_own(asked_for, client):
    from tests.pages.owners import answers_cookie

    client.cookies["answers"] = answers_cookie(OWNER)

    page = client.get("/check/q/fire-proof/").content.decode()
    response = client.post("/check/q/fire-proof/", {"fire_proof": "false"})
    results = client.get("/check/results/").content.decode()

    assert "<h1>您有消防验收证明吗？</h1>" in page
    assert (response.status_code, response.headers["Location"]) == (302, "/check/results/")
    assert "没有消防验收证明" in results


def test_the_version_before_stays_as_it_was_for_the_days_before(asked_for, client):
    yesterday = {"as_of": "2026-01-01", "profile": OWNER, "benefits": ["M05a"]}

    (result,) = client.post("/api/v1/evaluations/", yesterday, content_type="application/json").json()[
        "results"
    ]

    assert result["version"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Fire"}, "name"),
        ({"name": "registered_on"}, "name"),
        ({"name": "a b"}, "name"),
        ({"question": ""}, "question"),
        ({"type": "choice", "choices": ""}, "choices"),
        ({"type": "choice", "choices": "一:二"}, "choices"),
        ({"type": "set", "choices": "a:甲\na:乙"}, "choices"),
        ({"type": "float"}, "type"),
        ({"source": "default"}, "source"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_at_its_field(signed_in, change, field):
    response = signed_in("hr_policy").post("/admin/businesses/addedfact/add/", {**NEW, **change})

    assert list(response.context["adminform"].form.errors) == [field]
    assert AddedFact.objects.count() == 0


def test_name_and_type_of_a_fact_are_settled_once_it_exists(signed_in, added):
    address = f"/admin/businesses/addedfact/{added.pk}/change/"

    response = signed_in("hr_policy").post(address, {**NEW, "type": "integer"})
    relabelled = signed_in("hr_policy").post(address, {**NEW, "label": "消防验收合格"})

    assert "英文名和类型定下后不能再改" in str(response.context["adminform"].form.errors)
    assert relabelled.status_code == 302
    added.refresh_from_db()
    assert (added.type, added.label) == ("bool", "消防验收合格")
