"""The import screen of the admin, from the file to its taking back, and who may use it."""

import csv
import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AccessEvent, Department, User
from businesses.importing import runs, working
from businesses.models import Business, ImportRun, Source
from tests.markup import markup

from .conftest import receive
from .made_up import HEADINGS, identity_number, registry_row, write_csv

pytestmark = pytest.mark.django_db
RIGHTS = ("view_importrun", "view_source", "run_import")


@pytest.fixture
def clerk(sources):
    """A browser of a clerk of one department: ``clerk("market")``."""

    def sign_in(code, *, rights=RIGHTS):
        department, _ = Department.objects.get_or_create(code=code, defaults={"name": f"演示部门 {code}"})
        user = User.objects.create_user(f"clerk-{code}-{len(rights)}", is_staff=True, department=department)
        user.user_permissions.set(
            Permission.objects.filter(codename__in=rights, content_type__app_label="businesses")
        )
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def upload(tmp_path):
    def send(client, rows, source="registry", as_of="2026-11-01"):
        path = write_csv(tmp_path / "upload.csv", rows)
        file = SimpleUploadedFile("registry.csv", path.read_bytes())
        return client.post(
            "/admin/businesses/importrun/add/", {"source": source, "as_of": as_of, "file": file}
        )

    return send


def page_of(run):
    return f"/admin/businesses/importrun/{run.pk}/change/"


def shown(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_file_goes_from_upload_to_taking_back(clerk, upload, django_capture_on_commit_callbacks):
    client = clerk("market")
    rows = [registry_row(number) for number in range(20)]
    rows[3]["县区"] = "=cmd()"

    sent = upload(client, rows)
    run = ImportRun.objects.get()
    columns = client.get(sent["Location"])
    with django_capture_on_commit_callbacks(execute=True):
        checked = client.post(
            sent["Location"],
            {f"column-{place}": run.columns.get(heading, "") for place, heading in enumerate(HEADINGS)},
        )
    result = client.get(checked["Location"])
    run.refresh_from_db()
    mark = run.checked["mark"]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/admin/businesses/importrun/{run.pk}/act/confirm/", {"expected": mark})
    done = client.get(page_of(run))
    in_register = Business.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/admin/businesses/importrun/{run.pk}/act/roll_back/")
    taken_back = client.get(page_of(run))

    assert sent["Location"] == f"/admin/businesses/importrun/{run.pk}/columns/"
    assert len(re.findall(r"\sselected\s*>", columns.content.decode())) == len(HEADINGS)
    assert "已检查，等待确认" in shown(result)
    assert "这一格以 = + - @ 开头，像公式" in shown(result)
    assert "已完成" in shown(done)
    assert in_register == 19
    assert "已撤回" in shown(taken_back)
    assert "恢复 0，删去 38，保留 0" in shown(taken_back)
    assert Business.objects.count() == 0


def test_samples_show_what_a_column_holds_but_no_identity_number(clerk, upload):
    client = clerk("market")

    page = client.get(upload(client, [registry_row(7)])["Location"]).content.decode()

    number = identity_number(7)
    assert number not in page
    assert f"{number[:6]}********{number[-4:]}" in page
    assert "演示店7" in page


def test_wrong_rows_are_downloaded_as_a_safe_file_without_identity_numbers(clerk, tmp_path, sources):
    row = registry_row(0) | {"县区": identity_number(0)}
    run = receive(tmp_path, [row | {"=列名": "1"}], sources["registry"])
    runs.check_at_once(run, by=None)
    working.check(run)

    response = clerk("market").get(f"/admin/businesses/importrun/{run.pk}/wrong-rows.csv")

    content = b"".join(response.streaming_content).decode("utf-8")
    assert content.startswith("\ufeff")
    assert identity_number(0) not in content
    assert list(csv.reader(io.StringIO(content.removeprefix("\ufeff")))) == [
        ["数据行", "文件行", "列", "代码", "问题"],
        ["1", "2", "县区", "invalid_choice", "请从这些里选一个：钟山区、六枝特区、水城区、盘州市"],
    ]
    assert AccessEvent.objects.filter(action="import_findings_exported").count() == 1


def test_another_department_finds_nothing_there(clerk, tmp_path, sources):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    client = clerk("tax")

    answers = {
        address: client.get(address).status_code
        for address in (
            page_of(run),
            page_of(run).replace("change", "columns"),
            page_of(run).replace("change/", "wrong-rows.csv"),
        )
    }
    pressed = client.post(f"/admin/businesses/importrun/{run.pk}/act/confirm/").status_code
    listed = client.get("/admin/businesses/importrun/").content.decode()

    assert (set(answers.values()), pressed) == ({404}, 404)
    assert run.file_name not in listed
    assert "registry" not in client.get("/admin/businesses/importrun/add/").content.decode()


def test_who_may_only_look_gets_no_buttons_and_is_refused(clerk, tmp_path, sources):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    client = clerk("market", rights=("view_importrun", "view_source"))

    page = client.get(page_of(run))

    assert "取消" not in page.content.decode()
    assert client.get("/admin/businesses/importrun/add/").status_code == 403
    assert client.get(page_of(run).replace("change", "columns")).status_code == 403
    assert client.post(f"/admin/businesses/importrun/{run.pk}/act/cancel/").status_code == 403


def test_a_verb_is_pressed_never_followed(clerk, tmp_path, sources):
    run = receive(tmp_path, [registry_row(0)], sources["registry"])
    client = clerk("market")

    assert client.get(f"/admin/businesses/importrun/{run.pk}/act/cancel/").status_code == 405
    assert client.post(f"/admin/businesses/importrun/{run.pk}/act/delete/").status_code == 404


def test_a_bad_file_is_told_beside_its_field_and_kept_nowhere(clerk, sources, private_folder):
    file = SimpleUploadedFile("half.csv", '统一社会信用代码,名称\n"92'.encode())

    response = clerk("market").post(
        "/admin/businesses/importrun/add/", {"source": "registry", "as_of": "2026-11-01", "file": file}
    )

    assert "文件像是只传了一半：引号没有配对。" in shown(response)
    assert (ImportRun.objects.count(), list(private_folder.iterdir())) == (0, [])


def test_the_same_file_leads_to_the_import_it_is(clerk, upload):
    client = clerk("market")
    upload(client, [registry_row(0)])

    again = upload(client, [registry_row(0)])

    assert again["Location"] == page_of(ImportRun.objects.get())


def test_a_mapping_without_a_key_is_refused_in_words(clerk, upload):
    client = clerk("market")
    address = upload(client, [registry_row(0)])["Location"]

    response = client.post(address, {"column-1": "name"})

    assert "表头里缺少“统一社会信用代码、经营者姓名”" in shown(response)
    assert ImportRun.objects.get().status == "uploaded"


def test_a_run_at_work_shows_how_far_it_is_and_refreshes_itself(clerk, tmp_path, sources):
    run = receive(tmp_path, [registry_row(number) for number in range(10)], sources["registry"])
    ImportRun.objects.filter(pk=run.pk).update(status="applying", row=4)

    response = clerk("market").get(page_of(run))

    assert response["Refresh"] == "2"
    assert '<progress max="10" value="4">40%</progress>' in markup(response)
    assert "暂停" in response.content.decode()


def test_the_sources_show_their_columns(clerk):
    page = clerk("market").get("/admin/businesses/source/registry/change/")

    assert "成立日期 → 登记日期" in shown(page)
    assert Source.objects.count() == 7
