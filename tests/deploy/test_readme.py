"""Both manuals name every variable that production needs, and the command for the first account."""

import re

import pytest

from portal.environment import NEEDED, SETTINGS
from tests.processes import ROOT, production, run

MANUALS = ("README.md", "README.zh-CN.md")


def block(manual):
    """The commands of the part on production."""
    return next(
        text for text in re.findall("```\n(.*?)```", (ROOT / manual).read_text(), re.S) if "export" in text
    )


@pytest.mark.parametrize("manual", MANUALS)
def test_the_environment_of_the_manual_is_whole(manual):
    exported = " ".join(line for line in block(manual).splitlines() if line.startswith("export"))
    named = set(re.findall(r"([A-Z_]+)=", exported))

    assert set(NEEDED) - named == set()
    assert named - {row.name for row in SETTINGS} == set()
    assert "manage.py first_admin" in block(manual)


@pytest.mark.crawl
@pytest.mark.parametrize("name", NEEDED)
def test_without_one_that_is_needed_production_does_not_start(tmp_path, name):
    done = run(
        ["manage.py", "check"], production(tmp_path, **{name: ""})
    )  # also beside an .env that names it

    assert done.returncode == 1
    assert name in done.stderr.splitlines()[-1]


def test_what_is_needed_is_enough(tmp_path):
    environment = production(tmp_path)
    asked = {row.name for row in SETTINGS} & set(environment)
    usual = {
        "DEBUG",
        "SMS_PROVIDER",
        "SMS_URL",
        "SMS_TOKEN",
        "PRIVATE_FOLDER",
        "DATABASE_URL",
        "REDIS_URL",
        "LOG_LEVEL",
    }

    done = run(["manage.py", "check"], environment)

    assert done.returncode == 0, done.stderr
    assert asked == {*NEEDED, *usual}
