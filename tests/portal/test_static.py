"""What is served beside pages: files with the site's policy, no list of them, and where to report a hole."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tests.processes import production, run


@pytest.mark.django_db
def test_static_files_carry_the_policy_of_pages(settings, client):
    settings.WHITENOISE_USE_FINDERS = True  # nothing has been collected
    file, page = client.get("/static/app.css"), client.get("/help/")
    file.close()

    assert (file.status_code, page.status_code) == (200, 200)
    assert file.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]


def test_the_list_of_all_files_is_kept_beside_what_is_served(tmp_path):
    shown = """
import portal.settings as s
print(s.STORAGES["staticfiles"]["OPTIONS"]["manifest_storage"].location)
print(s.STATIC_ROOT)
"""
    place, served = run(["-c", shown], production(tmp_path)).stdout.split()

    assert place == str(settings.BASE_DIR / "static-manifest")
    assert served == str(settings.BASE_DIR / "static-root")


def test_collecting_writes_no_list_among_what_is_served(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path / "served")
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder"
    ]  # our own are enough
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {
            "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
            "OPTIONS": {"manifest_storage": FileSystemStorage(location=tmp_path / "kept")},
        }
    }
    call_command("collectstatic", "--noinput", verbosity=0)

    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["staticfiles.json"]
    assert not (tmp_path / "served" / "staticfiles.json").exists()
    assert list((tmp_path / "served").glob("app.*.css")) != []


@pytest.mark.django_db
def test_who_finds_a_hole_is_told_where_to_report_it(client):
    answer = client.get("/.well-known/security.txt")

    rows = dict(reversed(line.split(": ", 1)) for line in answer.content.decode().splitlines())
    expires = next(parse_datetime(value) for value, name in rows.items() if name == "Expires")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert rows["https://zc.example.cn/.well-known/security.txt"] == "Canonical"
    assert rows["tel:12345"] == rows["https://zc.example.cn/help/"] == "Contact"
    assert timedelta(days=30) < expires - timezone.now() < timedelta(days=366)


@pytest.mark.django_db
def test_a_browser_that_asks_for_an_icon_is_led_to_it(client):
    answer = client.get("/favicon.ico")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/static/icon.svg")
