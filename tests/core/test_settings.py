import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import environment
from portal.environment import ROOT, SETTINGS, setting

KEY = "A" * 43 + "="  # 32 bytes
GOOD = {
    "SECRET_KEY": "0123456789" * 5,
    "ALLOWED_HOSTS": "zc.example.cn",
    "DEBUG": "off",
    "ENCRYPTION_KEYS": f"k1:{KEY}",
    "BLIND_INDEX_KEY": KEY,
}


def start(**changes):
    """Start the product in a process of its own; what it says on the way."""
    values = {row.name: "" for row in SETTINGS} | GOOD | changes  # empty: whatever .env says does not count
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import portal.settings as s; print(s.DATABASES['default']['ENGINE'])"],
        cwd=ROOT,
        env=keep | values | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
    )


def test_a_good_environment_starts():
    assert start().stdout == "django.db.backends.sqlite3\n"
    assert start(DATABASE_URL="postgres://u:p@db:5432/zc").stdout == "django.db.backends.postgresql\n"


@pytest.mark.crawl
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "export SECRET_KEY="),
        ({"SECRET_KEY": "short"}, "至少 32 个随机字符"),
        ({"ALLOWED_HOSTS": ""}, "export ALLOWED_HOSTS="),
        ({"ENCRYPTION_KEYS": ""}, "export ENCRYPTION_KEYS="),
        ({"BLIND_INDEX_KEY": ""}, "export BLIND_INDEX_KEY="),
        ({"ENCRYPTION_KEYS": KEY}, "ENCRYPTION_KEYS 要写成 名称:base64"),
        ({"ENCRYPTION_KEYS": f"k1:{KEY},k1:{KEY}"}, "名称不能重复"),
        ({"ENCRYPTION_KEYS": "k1:short"}, "不是 base64 的 32 字节"),
        ({"BLIND_INDEX_KEY": "short"}, "不是 base64 的 32 字节"),
        ({"DEBUG": "maybe"}, "环境变量 DEBUG 的值“maybe”不对"),
        ({"DATABASE_URL": "nonsense://x"}, "DATABASE_URL 看不懂"),
        ({"DATABASE_URL": "zc.sqlite3"}, "DATABASE_URL 看不懂"),
        ({"DATABASE_URL": "postgres://u:p@db:port/zc"}, "DATABASE_URL 看不懂"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL 看不懂"),
        ({"ANONYMOUS_REQUESTS_PER_SECOND": "many"}, "环境变量 ANONYMOUS_REQUESTS_PER_SECOND 的值“many”不对"),
        ({"ANONYMOUS_REQUESTS_PER_SECOND": "99"}, "不能低于 100"),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN 太短"),
        ({"LOG_LEVEL": "loud"}, "环境变量 LOG_LEVEL 的值“loud”不对"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence_that_helps(changes, sentence):
    finished = start(**changes)

    assert finished.returncode != 0
    assert "ImproperlyConfigured" in finished.stderr.splitlines()[-1]
    assert sentence in finished.stderr.splitlines()[-1]


def test_development_derives_its_keys_from_the_secret_key_and_production_never_does():
    keys, index_key = environment.encryption_keys(True, GOOD["SECRET_KEY"])

    assert list(keys) == ["tests"]  # what is configured wins
    assert len(index_key) == 32


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.name)
def test_an_absent_or_empty_setting_is_its_default(row, monkeypatch):
    monkeypatch.delenv(row.name, raising=False)
    assert setting(row.name) == row.default

    monkeypatch.setenv(row.name, "")
    assert setting(row.name) == row.default


def test_values_are_read_as_their_type(monkeypatch):
    monkeypatch.setenv("DEBUG", "On")
    monkeypatch.setenv("ALLOWED_HOSTS", "a.cn,b.cn")
    monkeypatch.setenv("ANONYMOUS_REQUESTS_PER_SECOND", "300")

    assert setting("DEBUG") is True
    assert setting("ALLOWED_HOSTS") == ["a.cn", "b.cn"]
    assert setting("ANONYMOUS_REQUESTS_PER_SECOND") == 300


def test_a_wrong_value_names_what_may_be_written(monkeypatch):
    monkeypatch.setenv("HTTPS", "ja")

    with pytest.raises(ImproperlyConfigured, match="可以写 on、off"):
        setting("HTTPS")


def test_the_table_in_the_docs_is_the_one_in_the_code():
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert written == environment.table(), "python -m portal.environment > docs/settings.md"
