"""What runs by the clock runs by hand too, so that nothing depends on a second program."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import User
from portal.celery import app


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


@pytest.mark.django_db
def test_one_command_runs_them_all(time_machine):
    time_machine.move_to("2026-11-20T10:00:00+08:00")
    User.objects.begin_with_phone("13900000009")  # asks for a code and never comes back
    time_machine.move_to("2026-11-24T10:00:00+08:00")
    out = StringIO()

    call_command("run_scheduled", stdout=out)

    assert out.getvalue().count("已运行") == len(settings.CELERY_BEAT_SCHEDULE)
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_a_task_that_fails_does_not_keep_the_next_from_running(monkeypatch):
    first = next(iter(settings.CELERY_BEAT_SCHEDULE))
    task = app.tasks[settings.CELERY_BEAT_SCHEDULE[first]["task"]]

    def broken():
        raise OSError("no such folder")

    monkeypatch.setattr(task, "run", broken)
    out = StringIO()

    with pytest.raises(CommandError) as failed:
        call_command("run_scheduled", stdout=out)

    assert str(failed.value) == f"没有运行完：{first}。原因在日志里，其余的都已运行。"
    assert out.getvalue().count("已运行") == len(settings.CELERY_BEAT_SCHEDULE) - 1
