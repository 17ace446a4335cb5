"""The admin shows people and accounts by masked forms only: in every list, form, history and confirmation."""

import re

import pytest
from django.contrib import admin
from django.utils.html import strip_tags

from businesses.models import ImportRun

from .canaries import found_in
from .doors import DOORS

pytestmark = pytest.mark.django_db
MASKED = re.compile(r"1[0-9]{2}\*{4}[0-9]{4}|[0-9]{6}\*{8}[0-9]{3}[0-9X]|尾号 [0-9]{4}|已登记|未登记")
# What stands for a number, by list and by the pages of its rows.
SHOWN = {
    "accounts.accessevent": (["135****6891"], ["135****6891"]),
    "accounts.user": ([], ["135****6891", "137****0009", "139****5702"]),
    "businesses.binding": (["135****6891"], ["135****6891"]),
    "businesses.mandate": (["139****5702"], ["135****6891", "139****5702"]),
    "businesses.operator": (["已登记"], ["尾号 5973", "已登记"]),
}


@pytest.fixture
def officer(world):
    """A browser of somebody who may see everything, after every kind of row has come about."""
    for name in (
        "a file through the screen",
        "a payment account",
        "a mandate",
        "a correction",
        "the right code",
    ):
        world.go_through(DOORS[name])
    assert ImportRun.objects.get().status == "done"
    return world.as_officer()


@pytest.mark.parametrize("most", [5, pytest.param(20, marks=pytest.mark.long)])
def test_no_page_of_the_admin_shows_a_number(officer, most):
    leaks, shown = [], {}
    for model in admin.site._registry:
        label = model._meta.label_lower
        address = f"/admin/{label.replace('.', '/')}/"
        pages = {address: officer.get(address)}
        for row in model._default_manager.all()[:most]:
            for page in ("change", "history", "delete"):
                pages[f"{address}{row.pk}/{page}/"] = officer.get(f"{address}{row.pk}/{page}/")
        texts = {where: response.content.decode() for where, response in pages.items()}
        leaks += [(where, name) for where, text in texts.items() for name in found_in(text)]
        listed, rows = texts.pop(address), "".join(texts.values())
        if "accounts." in label or "businesses." in label:
            masked = [sorted(set(MASKED.findall(strip_tags(text)))) for text in (listed, rows)]
            shown |= {label: tuple(masked)} if any(masked) else {}

    assert leaks == []
    assert shown == SHOWN
