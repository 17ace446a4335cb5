"""The part of `make run` that another process builds: left to it, said, made up for where it failed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import runserver

from accounts.models import User
from businesses.models import Business
from core.errors import Invalid
from portal import demo, demo_services
from portal.management.commands import demo as command
from services.models import Offering, Request

pytestmark = pytest.mark.django_db
CITY = 20


def make(**options):
    said = StringIO()
    call_command("demo", city=CITY, stdout=said, **options)
    return said.getvalue()


class Processes:
    """The outside: other processes, which are written down and not started."""

    def __init__(self):
        self.begun = []

    def Popen(self, command, **options):
        self.begun.append(command[1:])


@pytest.fixture
def processes(monkeypatch, settings, _measures):
    settings.DEBUG = True
    found = Processes()
    monkeypatch.setattr(command.subprocess, "Popen", found.Popen)
    return found


def test_what_takes_long_is_left_to_another_process_and_said(processes):
    said = make(later=True)

    assert processes.begun == [["manage.py", "demo", f"--city={CITY}", "--verbosity=0"]]
    assert f"演示城市的 {CITY} 家店和演示服务正在后台生成" in said
    assert (Request.objects.count(), Business.objects.count()) == (0, len(demo.SHOPS))


def test_a_part_that_fails_says_so_and_leaves_nothing_half_done(processes, monkeypatch):
    """The next run makes up for it."""
    wrong = Invalid.because("offerings", "invalid", "第 3 行（loan）：没有 M99")

    def fail(*args, **kwargs):
        raise wrong

    with monkeypatch.context() as patch:
        patch.setattr(demo_services, "load_offerings", fail)
        with pytest.raises(
            CommandError, match="演示服务没有建成：第 3 行（loan）：没有 M99。改好后再运行一次"
        ):
            make()
    assert (Offering.objects.count(), User.objects.filter(username="service_clerk").count()) == (0, 0)
    assert not demo_services.are_there()

    make()

    assert demo_services.are_there()


@pytest.mark.parametrize(
    ("name", "said"), [("demo", "只能在 DEBUG 打开时建立"), ("prepare", "这个命令是试用的")]
)
def test_it_is_for_trying_alone(settings, name, said):
    settings.DEBUG = False

    with pytest.raises(CommandError, match=said):
        call_command(name)


def test_prepare_makes_all_of_it_and_opens_the_site(processes, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(runserver.Command, "execute", lambda self, *args, **options: opened.append(options))
    said = StringIO()

    call_command("prepare", "127.0.0.1:8123", stdout=said)

    assert [(one["addrport"], one["use_reloader"]) for one in opened] == [("127.0.0.1:8123", False)]
    assert "打开 http://127.0.0.1:8123/ ，按 Ctrl+C 停止。" in said.getvalue()
    assert processes.begun == [["manage.py", "demo", "--city=300", "--verbosity=0"]]
    assert User.objects.filter(username="hr_reviewer").exists()
