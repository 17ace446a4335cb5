"""The scanner hook: asked in clamd's protocol, and never taken for clean when it does not say so."""

import os

import pytest

from core.scanning import Result, Verdict, scan

from .clamd import EICAR, Scanner

CLEAN, UNAVAILABLE = Verdict(Result.CLEAN), Verdict(Result.UNAVAILABLE)


@pytest.fixture(params=["over the network", "on a socket"])
def scanner(request, settings, tmp_path):
    found = Scanner(str(tmp_path / "clamd") if request.param == "on a socket" else None)
    settings.UPLOAD_SCANNER = found.url
    yield found
    found.close()


def test_the_whole_file_is_sent_in_blocks(scanner):
    content = os.urandom(300_000)

    assert scan(content) == CLEAN
    assert scanner.asked == [(b"zINSTREAM\0", content)]


def test_what_is_infected_is_named(scanner):
    assert scan(EICAR) == Verdict(Result.INFECTED, "Eicar-Test-Signature")


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR", b"stream: OK\nmore", b"", b"\xff\xfe", b"x" * 10_000]
)
def test_any_other_answer_is_no_verdict(scanner, answer):
    scanner.says(answer or b"\0")

    assert scan(b"a") == UNAVAILABLE


def test_a_scanner_that_is_not_there_is_no_verdict(scanner):
    scanner.close()

    assert scan(b"a") == UNAVAILABLE


def test_without_a_scanner_everything_is_clean(settings):
    settings.UPLOAD_SCANNER = ""

    assert scan(EICAR) == CLEAN
