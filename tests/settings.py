"""The product's settings with what tests need changed. The environment is set before the product reads it.

``DATABASE_URL`` runs the whole suite on that server instead of SQLite. ``postgres`` is a second alias for tests
that compare both engines: ``TEST_DATABASE_URL``, else a throw-away server (tests/servers.py).
"""

import atexit
import os
import shutil
import sys
import tempfile

os.environ.update(
    {
        "DEBUG": "off",
        "HTTPS": "off",
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 4,
        "ENCRYPTION_KEYS": "tests:" + "A" * 43 + "=",
        "BLIND_INDEX_KEY": "B" * 43 + "=",
        "SMS_PROVIDER": "",
        "SMS_URL": "",
        "SMS_TOKEN": "",
        "SITE_URL": "https://zc.example.cn",
        "EMAIL_URL": "",
        "EMAIL_FROM": "",
        "QUIET_HOURS": "",
        "WEBHOOK_ALLOW_NETS": "",
        "STAFF_SECOND_FACTOR": "off",  # tests of it switch it on
        "PUSH_CHUNK": "",
        "RELAY_SECONDS": "",
        "IMPORT_FOLDER": "",
        "METRICS_TOKEN": "",
        "UPLOAD_SCANNER": "",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1,zc.example.cn",
        "REDIS_URL": "",
        "TRUSTED_PROXY": "",
        "UNVERIFIED_PARAMETERS": "",
        "ANONYMOUS_REQUESTS_PER_SECOND": "",
        "LOG_LEVEL": "WARNING",
    }
)
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")

from portal.settings import *  # noqa: F403
from portal.settings import BASE_DIR, DATABASES, STORAGES, TEMPLATES, environ

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A list without an order comes back in another one than the one that happened to pass.
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA reverse_unordered_selects=ON;"
DATABASES["postgres"] = environ.Env.db_url_config(
    os.environ.get("TEST_DATABASE_URL") or "postgres:///postgres"
)
DATABASES["postgres"]["TEST"] = {"NAME": "test_second_engine"}

PRIVATE_FOLDER = tempfile.mkdtemp(prefix="policy-express-")
atexit.register(shutil.rmtree, PRIVATE_FOLDER, ignore_errors=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True


class UndefinedVariable(str):
    """Fails the page where one of our templates names a variable that is not there; Django's own may."""

    def __contains__(self, part):
        return part == "%s"

    def __mod__(self, variable):
        frame = sys._getframe(1)
        while frame and not hasattr(frame.f_locals.get("self"), "origin"):
            frame = frame.f_back
        template = frame.f_locals["self"].origin.name if frame else "?"
        if template.startswith(str(BASE_DIR)) and "site-packages" not in template:
            raise AssertionError(f"{template} uses {variable}, which is not defined.")
        return ""


TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable("%s")

# A test that is slow for a moment must not see a query more.
EDITION_SECONDS = 600.0
TASKS_IN_THREADS = False
