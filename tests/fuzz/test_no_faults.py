"""A seeded sample of what ``python -m tests.fuzz`` asks at length: none of it is a fault of the server."""

import re

import pytest

from . import world
from .forms import forms_of
from .operations import BODIES, operations_of_api, schema
from .requests import Fuzz

REQUESTS = 500  # on each engine


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("requests", [REQUESTS // 2, pytest.param(REQUESTS, marks=pytest.mark.long)])
def test_no_request_is_a_fault_of_the_server(engine, requests):
    with world.standing() as (rows, browsers):
        fuzz = Fuzz(rows, browsers, seed={"default": 20261129, "postgres": 20261130}[engine])
        fuzz.run(requests)

    assert fuzz.faults == []
    assert sum(fuzz.asked.values()) == requests
    assert sum(fuzz.passed.values()) > 0.3 * requests


@pytest.mark.django_db
def test_every_address_of_the_api_is_filled_in():
    named = {name for row in operations_of_api(schema()) for name in re.findall("{([a-z_]+)}", row.address)}

    assert named == {"id", "code", "file", "kind", "verb"}


@pytest.mark.django_db
def test_every_operation_that_takes_a_body_has_one_that_fits():
    found = {
        str(row)
        for row in operations_of_api(schema())
        if row.method in ("POST", "PATCH", "PUT")
        and not row.address.startswith("api/v1/auth/")
        and not row.address.endswith("/files/")
    }

    assert found == BODIES.keys()


def test_a_form_is_filled_in_as_its_page_shows_it():
    page = """<form method="post" action="/a/"><input type="hidden" name="v" value="3"><input name="phone">
    <select name="s"><option value="">—</option><option value="x" selected>X</option></select>
    <input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>
    <textarea name="note">写过的</textarea>
    <input type="file" name="file"><button name="do" value="go">去</button></form>"""

    (form,) = forms_of(page)

    assert (form.method, form.action, form.files) == ("post", "/a/", ["file"])
    assert form.fields == {"v": ["3"], "s": ["x"], "r": ["2"], "note": ["写过的"]}
    assert (form.choices, form.buttons, form.blank) == (
        {"s": ["x"], "r": ["1", "2"]},
        {"do": ["go"]},
        [("phone", "text")],
    )
