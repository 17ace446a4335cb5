"""The policy editor with scripts on: a rule is built without leaving the page, and every tab is accessible."""

import pytest
from django.conf import settings

from .conftest import DESKTOP, PHONE, WIDTHS, sideways, violations

TABS = ("basics", "criteria", "amounts", "materials", "process", "basis", "texts", "golden", "advanced")


@pytest.fixture(scope="module")
def editor(site, django_db_blocker):
    """(cookies of somebody who may everything, address of a draft of M05a, the draft)."""
    from django.test import Client

    from accounts.models import User
    from policies.models import BenefitVersion

    with django_db_blocker.unblock():
        client, user = Client(), User.objects.create_superuser("writer", password="only-in-tests")
        client.force_login(user)
        published = BenefitVersion.objects.get(benefit__code="M05a")
        draft = BenefitVersion.objects.create(
            benefit=published.benefit, number=2, content=published.content, based_on=published
        )
        cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        yield cookies, f"/admin/policies/benefitversion/{draft.pk}/", draft
        draft.delete()
        user.delete()


@pytest.mark.crawl
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_rule_is_built_with_scripts_on(open_browser, editor, django_db_blocker, width):
    cookies, address, draft = editor
    before = draft.content["criteria"]["all"]
    page = open_browser(width=width, cookies=cookies)
    page.goto(f"{address}change/?tab=criteria")

    page.get_by_role("button", name="在谁能享受里加一个条件").click()
    row = page.get_by_role("group", name="条件 8", exact=True)
    row.get_by_label("看什么").select_option("employees")
    row.get_by_label("怎么比").select_option(label="不少于")
    row.get_by_label("值（人）").fill("3")
    row.get_by_label("条款").fill("措施一（五）")
    # What is typed is looked at beside the form by itself: the shops of the cases do not say how many they are.
    page.locator("[data-editor-preview]").get_by_text("还差 2 个答案").wait_for()
    assert page.evaluate("location.search") == "?tab=criteria"
    page.get_by_role("button", name="保存", exact=True).click()
    page.locator(".messagelist").get_by_text("“条件”已保存。").wait_for()

    with django_db_blocker.unblock():
        draft.refresh_from_db()
        content = draft.content
        type(draft).objects.filter(pk=draft.pk).update(content={**content, "criteria": {"all": before}})
        draft.refresh_from_db()
    row = {"fact": "employees", "op": "gte", "value": 3, "clause": "措施一（五）"}
    assert content["criteria"]["all"] == [*before, row]


def test_the_new_row_has_the_focus_and_so_has_the_choice_that_was_changed(open_browser, editor):
    cookies, address, _ = editor
    page = open_browser(width=DESKTOP, cookies=cookies)
    page.goto(f"{address}change/?tab=criteria")

    page.get_by_role("button", name="在谁能享受里加一个条件").press("Enter")
    page.locator('[name="t.criteria.8-fact"]:focus').wait_for()
    page.get_by_label("看什么").last.select_option("employees")
    page.get_by_role("group", name="条件 8", exact=True).get_by_label("看什么").select_option("district")

    page.locator('[name="t.criteria.8-op"] option[value="in"]').wait_for(state="attached")
    assert page.evaluate("document.activeElement.name") == "t.criteria.8-fact"


@pytest.mark.crawl
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_is_accessible_and_fits(open_browser, editor, tab, width):
    cookies, address, _ = editor
    page = open_browser(width=width, cookies=cookies)

    page.goto(f"{address}change/?tab={tab}")

    assert (violations(page), sideways(page)) == ([], 0)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["publish", "compare"])
def test_the_pages_of_publishing_are_accessible_and_fit(open_browser, editor, name, width):
    cookies, address, _ = editor
    page = open_browser(width=width, cookies=cookies)

    page.goto(f"{address}{name}/")

    assert (violations(page), sideways(page)) == ([], 0)
