"""Asking for an address as every role, and what the answers mean. The matrix is in two files, so that two workers
share it.

Of those who are answered alike the short run takes a few, drawn for each address and verb, and the long run the others.
"""

import copy
import random

import pytest
from django.db import transaction

from . import matrix, staff_matrix
from .cells import ABSENT, CLOSED, FORBIDDEN, HIDDEN, LOGIN, OPEN
from .world import ROLES

FOR_EVERYBODY = {**matrix.PAGES, **matrix.INBOX, **matrix.CASES, **matrix.JOBS, **matrix.API}
FOR_STAFF = {**staff_matrix.ADMIN_PAGES, **staff_matrix.CASE_PAGES, **staff_matrix.model_pages()}


A_FEW = 2
WHO = ["a_few_alike", pytest.param("the_others", marks=pytest.mark.long)]


def asked(address, expected, who):
    """(verb, role) of the requests of this run."""
    for verb, cells in expected.items():
        drawn = random.Random(f"{verb} {address}")
        others = set()
        for alike in dict.fromkeys(cells.values()):
            roles = [role for role in ROLES if cells[role] == alike]
            others |= set(drawn.sample(roles, max(len(roles) - A_FEW, 0)))
        yield from ((verb, role) for role in ROLES if (role in others) == (who == "the_others"))


def cell(path, response):
    """What an answer means for the one who asked."""
    if response.status_code in (301, 302):
        where = response.headers["Location"]
        if where.startswith(("/login/", "/admin/login/")):
            return LOGIN
        return HIDDEN if where == "/admin/" and path.startswith("/admin/") else OPEN
    assert response.status_code < 500, (path, response.status_code)
    assert response.status_code != 429, path
    return {401: LOGIN, 403: FORBIDDEN, 404: HIDDEN, 405: ABSENT}.get(response.status_code, OPEN)


def ask(browser, verb, path, body=None):
    """One request in a browser of its own, undone afterwards."""
    browser, jar = copy.copy(browser), copy.deepcopy(browser.cookies)
    browser.cookies = jar
    with transaction.atomic():
        response = browser.get(path) if verb == "GET" else browser.post(path, body)
        if response.streaming:
            response.getvalue()  # to its end, so that its file is closed
        transaction.set_rollback(True)
    return cell(path, response)


def other_than_said(address, expected, world, who):
    """What roles get that the table does not say."""
    rows, browsers = world
    path, wrong = matrix.filled(address, rows), []
    for verb, role in asked(address, expected, who):
        said = expected[verb][role]
        found = ask(browsers[role], verb, path, staff_matrix.BODIES.get(address))
        if found not in ((FORBIDDEN, HIDDEN, ABSENT) if said == CLOSED else (said,)):
            wrong.append(f"{verb} {path} {role}: {found}, not {said}")
    return wrong
