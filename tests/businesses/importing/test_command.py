"""``manage.py import_businesses``: what it says of a file."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from .made_up import registry_row, write_csv

pytestmark = pytest.mark.django_db


def say(file):
    """What the command writes."""
    written = StringIO()
    call_command("import_businesses", str(file), "--as-of", "2026-11-01", stdout=written)
    return written.getvalue()


@pytest.fixture
def file(sources, tmp_path):
    """Three hundred rows; every hundredth is wrong."""
    rows = [registry_row(number) for number in range(300)]
    for number in range(0, 300, 100):
        rows[number]["县区"] = "贵阳市"
    return write_csv(tmp_path / "registry.csv", rows)


def test_it_says_what_has_come_of_a_file_and_what_is_wrong_in_which_line(file):
    said = say(file)

    assert "导入完了：新增 297，更新 0，跳过 0，错误 3。" in said
    assert "第 2 行，县区：请从这些里选一个：钟山区、六枝特区、水城区、盘州市" in said


def test_a_file_that_is_there_already_changes_nothing(file):
    say(file)

    said = say(file)

    assert "现在是“已完成”" in said
    assert "没有改动任何数据。" in said


def test_half_a_file_is_refused(file):
    file.write_bytes(file.read_bytes()[:5_000])

    with pytest.raises(CommandError, match="文件像是只传了一半"):
        say(file)


def test_a_file_that_is_not_there_is_told_by_its_name(sources, tmp_path):
    missing = tmp_path / "nowhere.csv"

    with pytest.raises(CommandError, match=f"^读不了文件 {missing}："):
        say(missing)
