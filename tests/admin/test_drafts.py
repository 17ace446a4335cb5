"""Writing a rule: a draft from a published version, checked as it is saved, deciding nothing yet."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from eligibility.publishing import part_mark
from policies import strict_yaml
from policies.models import BenefitVersion

from .conftest import messages


def page_of(version, tab=""):
    return f"/admin/policies/benefitversion/{version.pk}/change/{tab and f'?tab={tab}'}"


def errors_in(response):
    return list(response.context["tab"].head.errors.get("text", ()))


def save(client, version, text, **more):
    seen = part_mark(version.content, ())
    return client.post(page_of(version, "advanced"), {"t-text": text, "seen": seen, "do": "save", **more})


def text_of(version):
    return strict_yaml.dump(version.content)


# Starting


def test_an_officer_starts_a_draft_from_what_is_published(signed_in, published):
    response = signed_in("hr_policy").post(
        f"/admin/policies/benefitversion/{published.pk}/draft/", follow=True
    )

    draft = BenefitVersion.objects.get(benefit=published.benefit, number=2)
    assert (draft.status, draft.content, draft.published_by) == ("draft", published.content, "")
    assert response.redirect_chain == [(page_of(draft), 302)]
    assert messages(response) == ["已起草 M05a 第 2 版。改好后保存，正式版本不受影响。"]


def test_a_draft_is_started_by_post_alone(signed_in, published):
    response = signed_in("hr_policy").get(f"/admin/policies/benefitversion/{published.pk}/draft/")

    assert (response.status_code, BenefitVersion.objects.filter(status="draft").count()) == (403, 0)


@pytest.mark.parametrize("username", ["auditor", ""])
def test_nobody_else_starts_a_draft(signed_in, published, username):
    client = signed_in(username) if username else Client()

    status = client.post(f"/admin/policies/benefitversion/{published.pk}/draft/").status_code

    assert (status, BenefitVersion.objects.filter(status="draft").count()) == (403 if username else 302, 0)


def test_a_draft_is_not_started_from_another_site(demo_accounts, signed_in, published):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in("hr_policy").cookies

    assert strict.post(f"/admin/policies/benefitversion/{published.pk}/draft/").status_code == 403


def test_the_page_offers_to_start_a_draft_to_those_who_may(signed_in, published):
    assert "用这一版起草" in signed_in("hr_policy").get(page_of(published)).content.decode()


# Who may write


def test_a_published_version_is_read_only_for_everybody(signed_in, published):
    for username in ("admin", "hr_policy", "auditor"):
        client = signed_in(username)
        page = client.get(page_of(published, "criteria")).content.decode()

        assert ("<textarea" in page, '<input type="text"' in page) == (False, False), username
        assert "首次从事个体经营" in page, username
        assert save(client, published, text_of(published)).status_code == 403, username


def test_a_published_version_cannot_be_changed_from_code_either(published):
    published.content = {}

    with pytest.raises(ValidationError, match="不能修改"):
        published.save()
    with pytest.raises(ValidationError, match="不能修改"):
        BenefitVersion.objects.filter(pk=published.pk).update(number=9)
    with pytest.raises(ValidationError, match="不能删除"):
        published.delete()


def test_an_auditor_reads_a_draft_and_cannot_change_it(signed_in, draft):
    client = signed_in("auditor")

    assert "<textarea" not in client.get(page_of(draft)).content.decode()
    assert save(client, draft, text_of(draft)).status_code == 403


def test_an_officer_writes_a_draft_and_nothing_but_its_content(signed_in, draft):
    changed = faulty(text_of(draft), "'5000'", "'6000'")

    response = save(signed_in("hr_policy"), draft, changed, number="9", status="published")

    draft.refresh_from_db()
    assert response.status_code == 302
    assert (draft.number, draft.status) == (2, "draft")
    assert draft.content["parameters"]["grant"][0]["value"] == "6000"


def test_saving_without_a_change_changes_nothing(signed_in, draft):
    before = draft.content

    assert save(signed_in("hr_policy"), draft, text_of(draft)).status_code == 302

    draft.refresh_from_db()
    assert draft.content == before


# What is checked


def faulty(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def line_of_node(text, piece):
    """Where the list item begins that holds a piece of the text. Its keys may come in any order."""
    lines = text[: text.index(piece)].split("\n")
    return max(number for number, line in enumerate(lines, 1) if line.lstrip().startswith("- "))


def test_a_word_that_is_no_operator_is_refused_with_its_line(signed_in, draft):
    text = faulty(text_of(draft), "op: at_least_ago", "op: since")

    (error,) = errors_in(save(signed_in("hr_policy"), draft, text))

    assert error.startswith(f"第 {line_of_node(text, 'op: since')} 行：条件 5：")


def test_an_unknown_fact_is_refused_with_its_node(signed_in, draft):
    text = faulty(text_of(draft), "fact: first_time_business", "fact: first_business")

    (error,) = errors_in(save(signed_in("hr_policy"), draft, text))

    line = line_of_node(text, "fact: first_business")
    assert error == f"第 {line} 行：条件 2：没有“first_business”这个事实"


def test_text_that_is_not_yaml_is_refused_with_its_line(signed_in, draft):
    text = text_of(draft) + "amount: [1\n"

    (error,) = errors_in(save(signed_in("hr_policy"), draft, text))

    assert "行" in error


def test_a_missing_part_is_refused_by_name(signed_in, draft):
    text = re.sub(r"(?m)^summary:.*\n", "", text_of(draft))

    (error,) = errors_in(save(signed_in("hr_policy"), draft, text))

    assert "summary" in error


@pytest.mark.parametrize(
    "text", ["", "a: &x 1\nb: *x\n", "on: yes\n", "[" * 500, "x: 1.5\n", "!!python/name:os.system\n"]
)
def test_whatever_is_pasted_is_refused_and_never_breaks(signed_in, draft, text):
    response = save(signed_in("hr_policy"), draft, text)

    assert response.status_code == 200
    assert errors_in(response) != []


def test_refused_text_stays_in_the_form_and_the_draft_stays_as_it_was(signed_in, draft):
    before, text = draft.content, faulty(text_of(draft), "op: at_least_ago", "op: since")

    page = save(signed_in("hr_policy"), draft, text).content.decode()

    draft.refresh_from_db()
    assert "op: since" in page
    assert draft.content == before


# What is shown


def test_the_rule_stands_beside_its_text_in_chinese(signed_in, draft):
    client, cases = signed_in("hr_policy"), len(draft.content["golden"])
    page = client.get(page_of(draft, "criteria")).content.decode()

    assert "登记满 1 年" in page
    assert "没有领过一次性创业补贴" in page
    assert f"{cases} 个样例，{cases} 个通过。" in client.get(page_of(draft)).content.decode()


def test_a_case_that_no_longer_holds_is_named(signed_in, draft):
    text = faulty(text_of(draft), "years: 1", "years: 2")

    save(signed_in("hr_policy"), draft, text)
    page = signed_in("hr_policy").get(page_of(draft)).content.decode()
    criteria = signed_in("hr_policy").get(page_of(draft, "criteria")).content.decode()

    cases, passed = map(int, re.search(r"(\d+) 个样例，(\d+) 个通过。", page).groups())
    assert passed < cases
    assert "登记满 2 年" in criteria


def test_a_rule_is_shown_as_text_never_as_markup(signed_in, draft):
    text = faulty(text_of(draft), "summary: ", "summary: <script>alert(1)</script> ")

    save(signed_in("hr_policy"), draft, text)
    page = signed_in("auditor").get(page_of(draft, "texts")).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


# Drafts decide nothing


def test_a_draft_decides_nothing(signed_in, draft, client):
    profile = {"operator_groups": ["veteran"], "registered_on": "2024-01-15", "first_time_business": True,
               "startup_subsidy_received": False, "operating_status": "operating"}  # fmt: skip
    body = {"profile": profile, "benefits": ["M05a"]}
    before = client.post("/api/v1/evaluations/", body, content_type="application/json").content

    changed = faulty(text_of(draft), "'5000'", "'6000'")
    assert save(signed_in("hr_policy"), draft, changed).status_code == 302

    assert client.post("/api/v1/evaluations/", body, content_type="application/json").content == before
    assert [row["version"] for row in client.get("/api/v1/benefits/M05a/versions/").json()["results"]] == [1]
