"""The editor without scripts: every tab shows what is stored, and saves what was changed and nothing else."""

import pytest

from policies.models import Benefit, BenefitVersion

from .forms import Page

TABS = ("basics", "criteria", "amounts", "materials", "process", "basis", "texts", "golden", "advanced")


def editor(client, version, tab):
    return Page(client, f"/admin/policies/benefitversion/{version.pk}/change/?tab={tab}")


@pytest.mark.parametrize("tab", TABS)
def test_saving_a_tab_unchanged_changes_nothing_for_any_benefit(signed_in, tab):
    client, wrong = signed_in("admin"), {}

    for benefit in Benefit.objects.prefetch_related("versions"):
        published = benefit.versions.get()
        draft = BenefitVersion.objects.create(
            benefit=benefit, number=2, content=published.content, based_on=published
        )
        page = editor(client, draft, tab).press("save")
        draft.refresh_from_db()
        if draft.content != published.content or page.response.redirect_chain == []:
            wrong[benefit.code] = page.errors or "changed"

    assert wrong == {}
