"""What answers cost, and that they leave nothing behind."""

import pytest
from django.apps import apps

from .test_evaluations import TEA_SHOP

ASKED = {
    "evaluations/": {"profile": TEA_SHOP, "parameters": {"M04b": {"income_cap": "1000000"}}},
    "evaluations/batch/": {"profiles": [{"ref": str(n), "profile": TEA_SHOP} for n in range(20)]},
    "calculators/tax/": {
        "year": 2026,
        "annual_vat": "5000",
        "parameters": {"annual_deduction_limit": "20000"},
    },
}


@pytest.mark.parametrize("path", ASKED)
def test_an_answer_needs_no_query_once_the_catalogue_is_in_memory(post, django_assert_num_queries, path):
    first = post(path, ASKED[path])

    with django_assert_num_queries(0):
        second = post(path, ASKED[path])

    assert (first.status_code, second.content) == (200, first.content)


@pytest.mark.parametrize("path", ASKED)
def test_an_answer_changes_nothing_in_the_database(post, path):
    before = _everything()

    assert post(path, ASKED[path]).status_code == 200
    assert post(path, {"profile": 1}).status_code == 400

    assert _everything() == before


def _everything():
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in ("accounts", "businesses", "policies", "core", "sessions")
    }


def test_a_cookie_is_not_looked_at(client, post, admin_user):
    before = post("evaluations/", {"profile": {}}).content
    client.force_login(admin_user)

    response = post("evaluations/", {"profile": {}})

    assert response.content == before
    assert "Cookie" not in response.headers.get("Vary", "")
