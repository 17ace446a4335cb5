"""What an audit of the locked packages comes to (tests/audit.py)."""

from tests.audit import SKIPPED, verdict

CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
HOLED = {"name": "pillow", "version": "13.0", "vulns": [{"id": "CVE-1", "fix_versions": ["13.0.1", "13.1"]}]}
UNMENDED = {"name": "celery", "version": "5.7.0", "vulns": [{"id": "CVE-2", "fix_versions": []}]}
UNKNOWN = {"name": "own", "skip_reason": "Dependency not found"}


def test_a_hole_that_can_be_mended_is_red_and_says_how():
    assert verdict([CLEAN, HOLED]) == (
        1,
        ["pillow 13.0 有漏洞 CVE-1，请升到 13.1。", "查了 2 个依赖的安全漏洞。"],
    )


def test_a_hole_that_nobody_has_mended_is_told_and_not_red():
    assert verdict([CLEAN, UNMENDED]) == (
        0,
        ["celery 5.7.0 有漏洞 CVE-2，还没有修好的版本。", "查了 2 个依赖的安全漏洞。"],
    )


def test_what_was_not_found_is_named():
    assert verdict([CLEAN, UNKNOWN]) == (0, ["没有查到：own。", "查了 1 个依赖的安全漏洞。"])


def test_an_index_that_tells_of_no_package_leaves_a_sentence_and_no_fault():
    assert verdict([UNKNOWN]) == (0, [SKIPPED])
    assert verdict([]) == (0, [SKIPPED])
