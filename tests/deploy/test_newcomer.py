"""The changes that CONTRIBUTING.md shows still apply, and do what they promise."""

import os
import shutil
import subprocess
import sys

import pytest

from tests import snapshots
from tests.processes import ROOT

PATCHES = ("fact", "verb", "channel")
# What Python has read already it need not read anew.
NOT_COPIED = (
    *(".git", ".venv*", ".cache", ".hypothesis", ".*_cache", "db.sqlite3*", "private"),
    "static-*",
)


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A copy of the portal with every patch applied."""
    copy = tmp_path_factory.mktemp("newcomer") / "portal"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    apply = ["git", "apply"] if shutil.which("git") else ["patch", "-p1", "-i"]
    for name in PATCHES:
        patch = ROOT / "docs" / "newcomer" / f"{name}.patch"
        subprocess.run([*apply, str(patch)], cwd=copy, check=True)
    snapshots.begin_with(copy)
    return copy


def run_in(copy, *words):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.run(
        [sys.executable, *words], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )


def test_a_fact_a_verb_and_a_channel_are_as_little_work_as_we_say(changed):
    done = run_in(changed, "-m", "pytest", "tests/newcomer", "-q", "-p", "no:cacheprovider")

    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout[-3_000:]


def test_every_patch_is_shown_in_the_manual():
    manual = (ROOT / "CONTRIBUTING.md").read_text()
    patches = {path.name for path in (ROOT / "docs" / "newcomer").iterdir()}

    assert patches == {f"{name}.patch" for name in PATCHES}
    assert {name for name in patches if f"`{name}`" in manual} == patches
