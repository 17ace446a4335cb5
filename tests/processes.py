"""Processes as production starts them: a machine with its settings and nothing of the tests'."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEYS = {"ENCRYPTION_KEYS": f"k1:{'A' * 43}=", "BLIND_INDEX_KEY": f"{'B' * 43}="}


def production(folder, **more):
    """The environment of a production that starts; None takes a name away."""
    whole = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "PYTHONUTF8": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DEBUG": "off",
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 4,
        "ALLOWED_HOSTS": "zc.example.cn",
        "SITE_URL": "https://zc.example.cn",
        "TRUSTED_PROXY": "on",
        "SMS_PROVIDER": "http",
        "SMS_URL": "https://sms.example.cn/send",
        "SMS_TOKEN": "token",
        "PRIVATE_FOLDER": str(folder / "private"),
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
        "REDIS_URL": "",
        "LOG_LEVEL": "WARNING",
        **KEYS,
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def run(command, environment):
    return subprocess.run(
        [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
