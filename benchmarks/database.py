"""A throw-away installation: its own SQLite file, settings as in production, catalogue loaded."""

import io
import os
import secrets
from pathlib import Path

SETTINGS = "benchmarks.settings"


def environment(folder: Path) -> dict:
    """The environment of a production-like process that keeps everything in ``folder``."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "DEBUG": "off",
        "HTTPS": "off",
        "SECRET_KEY": os.environ.get("BENCHMARK_SECRET_KEY") or secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver,zc.example.cn",
        "SITE_URL": "https://zc.example.cn",
        "PRIVATE_FOLDER": str(folder / "private"),
        "DATABASE_URL": os.environ.get("BENCHMARK_DATABASE_URL")
        or f"sqlite:///{folder / 'benchmark.sqlite3'}",
        # Made up: nothing that a benchmark writes outlives it.
        "ENCRYPTION_KEYS": f"benchmark:{'A' * 43}=",
        "BLIND_INDEX_KEY": "B" * 43 + "=",
        "REDIS_URL": "",
        "LOG_LEVEL": "ERROR",
        # Counted as always, never reached: every request of a benchmark comes from one address.
        "ANONYMOUS_REQUESTS_PER_SECOND": "1000000000",
        "BENCHMARK_FOLDER": str(folder),
    }


def install(folder: Path, *, load=True, static=False):
    """Set up Django in this process on a fresh database in ``folder``, once per process. ``static``: pages work too."""
    os.environ.update(environment(folder))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    if static:
        call_command("collectstatic", verbosity=0, interactive=False)
    if load:
        call_command("load_measures", stdout=io.StringIO())
