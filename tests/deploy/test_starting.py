"""A production that is set up wrongly does not start: status 1 and one sentence that says what to do, at once."""

import resource
import tempfile
from functools import cache
from pathlib import Path

import pytest

from tests.processes import KEYS, production, run

# Of the processor time that reading the program takes: on one machine it is one second, on another three.
TIMES_AS_LONG = 3
WEB = ["-m", "gunicorn", "portal.wsgi", "--no-control-socket", "--workers", "1", "--bind"]
WORKER = ["-m", "celery", "-A", "portal", "worker", "--pool", "solo"]
BEAT = ["-m", "celery", "-A", "portal", "beat", "--pidfile", ""]
COMMAND = ["manage.py", "check_invariants"]


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def refusal(command, environment):
    """The sentence; everything else about the end of the process is as it has to be."""
    done, seconds = timed(command, environment)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert seconds <= TIMES_AS_LONG * to_read_the_program(), seconds
    return done.stderr.splitlines()[-1]


def timed(command, environment):
    """(what came of it, seconds of processor time)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run(command, environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@cache
def to_read_the_program():
    """Seconds of processor time of a process that reads all of it and ends."""
    with tempfile.TemporaryDirectory() as folder:
        done, seconds = timed(["-c", "import django; django.setup()"], production(Path(folder)))
    assert done.returncode == 0, done.stderr
    return seconds


WRONG = {
    "no address": ({"SITE_URL": None}, "没有写 SITE_URL。"),
    "an address without https": ({"SITE_URL": "http://zc.example.cn"}, "要以 https:// 开头。"),
    "an address of this machine": ({"SITE_URL": "https://localhost:8000"}, "别人打不开。"),
    "an address of others": ({"SITE_URL": "https://other.example.cn"}, "不在 ALLOWED_HOSTS 里"),
    "nothing said of a proxy": ({"TRUSTED_PROXY": None}, "没有写 TRUSTED_PROXY。"),
    "text messages in the clear": ({"SMS_URL": "http://sms.example.cn"}, "SMS_URL 要以 https:// 开头"),
    "mail from nowhere": ({"EMAIL_URL": "smtp://mail.example.cn:25"}, "还要写 EMAIL_FROM"),
    "no place for files": ({"PRIVATE_FOLDER": "/dev/null/private"}, "写不进去。"),
    "files for everybody": ({"PRIVATE_FOLDER": "static-root/private"}, "谁都能下载。"),
}


@pytest.mark.crawl
@pytest.mark.parametrize("wrong", WRONG)
def test_a_setting_that_is_wrong_stops_a_command(folder, wrong):
    changes, sentence = WRONG[wrong]

    assert sentence in refusal(COMMAND, production(folder, **changes))


@pytest.mark.crawl
@pytest.mark.parametrize("process", ["web", "worker", "beat"])
def test_a_setting_that_is_wrong_stops_web_worker_and_beat(folder, process):
    command = {"web": [*WEB, f"unix:{folder}/web"], "worker": WORKER, "beat": BEAT}[process]

    assert "没有写 SITE_URL。" in refusal(command, production(folder, SITE_URL=None))


def test_what_is_right_starts(server, folder):
    done = run(COMMAND, production(folder, DATABASE_URL=server.url("zc_worker")))

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.crawl
@pytest.mark.parametrize("role", ["postgres", "zc_owner"])
def test_a_database_role_that_may_too_much_stops_the_start(server, folder, role):
    environment = production(folder, DATABASE_URL=server.url(role))

    assert f"数据库用户 {role} 权限太大" in refusal(COMMAND, environment)
    assert run(COMMAND, environment | {"DATABASE_ROLES": "off"}).returncode == 0


def test_a_role_that_may_only_empty_a_table_stops_the_start(server, folder):
    server.run(
        "postgres", "CREATE ROLE emptying LOGIN IN ROLE zc_app; GRANT TRUNCATE ON core_tally TO emptying"
    )

    environment = production(folder, DATABASE_URL=server.url("emptying"))

    assert "数据库用户 emptying 权限太大" in refusal(COMMAND, environment)


@pytest.mark.crawl
@pytest.mark.parametrize("process", ["web", "worker", "command"])
@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"ENCRYPTION_KEYS": f"k1:{'C' * 43}="}, "数据是用密钥 k1 加密的"),
        ({"ENCRYPTION_KEYS": f"k2:{'C' * 43}="}, "数据是用密钥 k1 加密的"),
        ({"BLIND_INDEX_KEY": f"{'C' * 43}="}, "BLIND_INDEX_KEY 不是建库时用的那个"),
    ],
    ids=["another key", "no such key", "another index"],
)
def test_other_keys_than_those_of_the_data_stop_the_start(server, folder, keys, sentence, process):
    command = {"web": [*WEB, f"unix:{folder}/web"], "worker": WORKER, "command": COMMAND}[process]

    assert sentence in refusal(command, production(folder, DATABASE_URL=server.url("zc_web"), **keys))


@pytest.fixture
def canaries(server):
    """What is known of the keys is, for other tests, as it was."""
    rows = server.run("zc_owner", "SELECT name, text FROM core_keycanary")
    yield
    server.run("zc_owner", "DELETE FROM core_keycanary")
    for row in rows:
        server.run("zc_owner", "INSERT INTO core_keycanary (name, text) VALUES (%s, %s)", *row)


@pytest.mark.usefixtures("canaries")
def test_a_key_that_is_put_in_front_is_known_from_the_rotation_on(server, folder):
    both = {"ENCRYPTION_KEYS": f"k2:{'C' * 43}=,{KEYS['ENCRYPTION_KEYS']}"}
    environment = production(folder, DATABASE_URL=server.url("zc_worker"))

    rotated = run(["manage.py", "rotate_keys"], environment | both)
    rows = server.run("zc_owner", "SELECT name FROM core_keycanary ORDER BY name")
    alone = run(COMMAND, environment | {"ENCRYPTION_KEYS": f"k2:{'C' * 43}="})

    assert (rotated.returncode, rows, alone.returncode) == (0, [("index",), ("key k2",)], 0), rotated.stderr
