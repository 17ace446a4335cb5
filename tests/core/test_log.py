import io
import logging
import os
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.log import MaskNumbers, MaskSearches, RefusalsAreALine, masked


@pytest.fixture
def written():
    """A logger as settings make it, and what it has written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(MaskNumbers())
    logger = logging.Logger("tests.log")  # noqa: LOG001 - none that others know
    logger.addHandler(handler)
    return logger, stream.getvalue


@pytest.mark.parametrize(
    "secret",
    [
        "13800000001",
        "+8613800000001",
        "138 0000 0001",
        "138-0000-0001",
        "520201199001011234",
        "52020119900101123X",
        "52020119900101123x",
        "6222021234567890123",
        "123456789012",
        "1" * 32,
    ],
)
def test_a_number_is_masked_wherever_it_stands(written, secret):
    logger, text = written

    logger.warning(f"phone={secret},")
    logger.warning("手机%s号", secret)
    logger.warning("%(phone)s", {"phone": secret})
    logger.warning({"phone": secret})
    try:
        raise ValueError(f"bad {secret}")
    except ValueError:
        logger.exception("failed for %r", [secret])

    assert secret not in text()
    assert text().count("***") == 6
    assert "ValueError: bad ***" in text()
    assert text().startswith("phone=***,\n手机***号\n***\n")


@pytest.mark.parametrize(
    "harmless",
    ["GET /policies/M05/ 200 in 12 ms", "2026-11-24 10:00:00,123", "1234567890", "12800000001", "1" * 33],
)
def test_what_is_no_such_number_stays(harmless):
    assert masked(harmless) == harmless


@given(st.text(alphabet="0123456789Xx -+a手", max_size=60))
def test_masking_leaves_nothing_to_mask(text):
    assert masked(masked(text)) == masked(text)


def test_arguments_that_do_not_fit_stop_nothing(written):
    logger, text = written

    logger.warning("%d people", "13800000001")

    assert "13800000001" not in text()
    assert "people" in text()


def test_no_logger_of_the_product_writes_past_the_filter():
    program = """
import logging, django
django.setup()
for name in ("accounts", "django", "django.request", "django.server", "celery", "elsewhere"):
    logging.getLogger(name).error("%s 13800000001", name)
"""
    finished = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )

    lines = [line.partition("ERROR ")[2] for line in finished.stderr.splitlines()]
    names = ("accounts", "django", "django.request", "django.server", "celery", "elsewhere")
    assert lines == [f"{name} {name} ***" for name in names]


@pytest.mark.parametrize(
    "line",
    [
        'GET /admin/businesses/business/?q=520201+1980 HTTP/1.1" 200',
        "Not Found: /policies/?topic=rent&q=%EF%BC%91%EF%BC%93%EF%BC%98",
        "GET /admin/autocomplete/?term=138%200000%200001&app=a",
    ],
)
def test_what_was_typed_into_a_search_stands_in_no_line_of_addresses(settings, line):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    for kind in (MaskSearches, MaskNumbers):
        handler.addFilter(kind())
    record = logging.LogRecord("gunicorn.access", logging.INFO, "", 1, "%(r)s", ({"r": line},), None)

    handler.handle(record)

    assert re.search("(q|term)=[*]{3}", stream.getvalue())
    assert not re.search("(520201|138|%EF)", stream.getvalue())
    for name in ("gunicorn.access", "django.server", "django.request"):
        assert settings.LOGGING["loggers"][name]["handlers"] == ["addresses"]
    filters = settings.LOGGING["handlers"]["addresses"]["filters"]
    assert filters == ["refusals_are_a_line", "mask_searches", "mask_numbers"]


@pytest.mark.parametrize(("level", "says_where"), [(logging.WARNING, False), (logging.ERROR, True)])
def test_what_is_refused_is_a_line_and_a_fault_says_where_it_is(level, says_where):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RefusalsAreALine())
    logger = logging.Logger("tests.requests")  # noqa: LOG001 - none that others know
    logger.addHandler(handler)

    try:
        raise PermissionError("no")
    except PermissionError:
        logger.log(level, "Forbidden: %s", "/admin/", exc_info=True)

    assert stream.getvalue().startswith("Forbidden: /admin/\n")
    assert ("PermissionError: no" in stream.getvalue()) == says_where


def test_requests_that_are_refused_pass_that_filter(settings):
    assert settings.LOGGING["handlers"]["addresses"]["filters"][0] == "refusals_are_a_line"
