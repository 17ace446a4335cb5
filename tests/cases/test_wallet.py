"""The evidence wallet: uploaded once, used again, seen by whom it concerns, and never half there."""

import io
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import AccessEvent, ApiClient
from businesses.actions import give_mandate
from cases.evidence import wallet
from cases.models import CaseFile, Evidence
from core.errors import Invalid, Refused
from subsidies.actions import applying
from tests.notifications.register import open_shop
from tests.uploads.clamd import EICAR, Scanner
from tests.uploads.documents import pdf
from tests.uploads.pictures import MARK, exif, noise, saved, seen

from ..subsidies import world

pytestmark = pytest.mark.django_db
CONTRACT = "租赁合同"
TODAY = timezone.localdate


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path), ""
    return tmp_path / "evidence"


@pytest.fixture
def scanner(settings):
    found = Scanner()
    settings.UPLOAD_SCANNER = found.url
    yield found
    found.close()


@pytest.fixture
def shop(db):
    return open_shop(1)


@pytest.fixture
def owner(shop):
    return world.owner_of(shop)


def file(content=None, name="合同.jpg"):
    return SimpleUploadedFile(name, content or saved(seen(), exif=exif(gps=True)))


def kept(shop, owner, **how):
    return wallet.keep(shop.operator, CONTRACT, file(how.pop("content", None)), by=owner, **how)


def files_in(folder: Path):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def grown_old(path):
    then = time.time() - 2 * wallet.LEFT_ALONE
    os.utime(path, (then, then))


def agent_of(shop, owner, *scopes):
    phone = f"1370000{len(scopes):04}"
    mandate = give_mandate(shop, phone=phone, scopes=["view", *scopes], until=TODAY(), by=owner)
    return mandate.agent


def filed_with(shop, owner, evidence):
    application = applying.begin(shop, world.grant_of_money(), by=owner)
    applying.use(application, CONTRACT, evidence, by=owner)
    applying.declare(application, by=owner)
    return applying.submit(application, by=owner)


# Keeping


def test_what_is_kept_is_the_picture_written_anew(shop, owner, folder):
    row = kept(shop, owner)

    content = wallet.read(row)
    assert (row.status, row.media_type, row.original_name) == ("clean", "image/jpeg", "合同.jpg")
    assert files_in(folder) == [row.stored_name]
    assert (folder / row.stored_name[:2] / row.stored_name).read_bytes() == content
    assert b"canary" not in content
    assert dict(Image.open(io.BytesIO(content)).getexif()) == {}
    assert (folder / row.stored_name[:2] / row.stored_name).stat().st_mode & 0o777 == 0o600


def test_the_same_file_again_is_the_same_row(shop, owner, folder, django_capture_on_commit_callbacks):
    first = kept(shop, owner)

    with django_capture_on_commit_callbacks(execute=True):
        second = kept(shop, owner, expires_on=TODAY())

    assert (first.pk, second.expires_on) == (second.pk, TODAY())
    assert Evidence.objects.count() == len(files_in(folder)) == 1


def test_nobody_else_fills_a_wallet(shop, owner):
    stranger = world.owner_of(open_shop(2))

    for person in (stranger, agent_of(shop, owner), world.bureau().reviewer):
        with pytest.raises(PermissionDenied):
            kept(shop, person)

    assert kept(shop, agent_of(shop, owner, "apply")).operator == shop.operator


def test_a_program_with_a_mandate_to_apply_fills_it(shop, owner):
    client = ApiClient.objects.create(name="代账", client_id="books")
    with pytest.raises(PermissionDenied):
        wallet.keep(shop.operator, CONTRACT, file(), client=client)
    give_mandate(shop, client=client, scopes=["view", "apply"], until=TODAY(), by=owner)

    row = wallet.keep(shop.operator, CONTRACT, file(), client=client)

    event = AccessEvent.objects.get(action="upload_evidence")
    assert (row.uploaded_by, event.detail) == (None, {"evidence": row.pk, "client": "books"})


def test_a_wallet_that_is_full_says_so(shop, owner, folder):
    for _ in range(wallet.MOST_FILES - 1):
        world.evidence(shop.operator)
    kept(shop, owner)

    with pytest.raises(Refused, match="放不下了"):
        kept(shop, owner, content=saved(noise()))

    assert len(files_in(folder)) == wallet.MOST_FILES


def test_the_record_holds_no_name(shop, owner):
    row = kept(shop, owner)

    event = AccessEvent.objects.get(action="upload_evidence")
    assert (event.subject, event.detail) == (f"operator {shop.operator_id}", {"evidence": row.pk})


# File and row together


def test_when_the_row_cannot_be_written_no_file_is_left(shop, owner, folder):
    with pytest.raises(ValidationError):
        kept(shop, owner, expires_on="some day")

    assert (files_in(folder), Evidence.objects.count()) == ([], 0)


def test_a_disk_that_takes_nothing_is_told_in_words(shop, owner, folder):
    folder.write_text("no folder")

    with pytest.raises(Refused, match="其他内容都已保存"):
        kept(shop, owner)


def test_what_a_crash_left_is_found_from_both_sides(shop, owner, folder):
    row, lost = kept(shop, owner), kept(shop, owner, content=saved(noise()))
    for name, age in (("a" * 32, grown_old), ("ab" + "b" * 30 + ".part", grown_old), ("a" * 31 + "c", None)):
        path = folder / name[:2] / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left")
        if age:
            age(path)
    grown_old(folder / row.stored_name[:2] / row.stored_name)
    (folder / lost.stored_name[:2] / lost.stored_name).unlink()

    swept = wallet.sweep_orphans()

    assert swept == (2, [lost.pk])
    assert files_in(folder) == sorted([row.stored_name, "a" * 31 + "c"])


def test_a_file_that_was_altered_is_not_read(shop, owner, folder, client):
    row = kept(shop, owner)
    (folder / row.stored_name[:2] / row.stored_name).write_bytes(b"other")
    client.force_login(owner)

    with pytest.raises(Refused, match="重新上传"):
        wallet.read(row)

    assert client.get(f"/evidence/{row.public_id}/").status_code == 404


# Turning and deleting


def test_a_picture_is_turned_and_the_old_file_goes(shop, owner, folder, django_capture_on_commit_callbacks):
    row = kept(shop, owner)

    with django_capture_on_commit_callbacks(execute=True):
        turned = wallet.rotate(row, 90, by=owner)

    image = Image.open(io.BytesIO(wallet.read(turned)))
    assert (image.size, files_in(folder)) == ((48, 64), [turned.stored_name])
    assert all(abs(one - other) < 40 for one, other in zip(image.getpixel((40, 8)), MARK, strict=True))


@pytest.mark.parametrize("left", [b"", b"no picture", None], ids=["empty", "another", "half"])
def test_a_picture_that_the_disk_has_damaged_is_told_and_not_turned(shop, owner, folder, left):
    row = kept(shop, owner)
    place = folder / row.stored_name[:2] / row.stored_name
    place.write_bytes(place.read_bytes()[:-200] if left is None else left)

    with pytest.raises(Refused, match="读不出来了。请重新上传一份"):
        wallet.rotate(row, 90, by=owner)
    client = Client()
    client.force_login(owner)
    assert client.get(f"/evidence/{row.public_id}/thumbnail/").status_code == 404


def test_what_is_deleted_is_gone_from_drafts_and_from_the_disk(
    shop, owner, folder, django_capture_on_commit_callbacks
):
    row = kept(shop, owner)
    application = applying.begin(shop, world.grant_of_money(), by=owner)
    applying.use(application, CONTRACT, row, by=owner)

    with django_capture_on_commit_callbacks(execute=True):
        wallet.delete(row, by=owner)

    assert (CaseFile.objects.count(), files_in(folder)) == (0, [])
    assert list(wallet.offered(shop.operator, CONTRACT, TODAY())) == []
    with pytest.raises(Refused, match="已经删掉"):
        wallet.delete(row, by=owner)


@pytest.mark.parametrize("verb", [wallet.delete, lambda row, by: wallet.rotate(row, 90, by=by)])
def test_what_was_filed_stays_as_it_was_filed(shop, owner, verb):
    world.bureau()
    row = kept(shop, owner)
    filed_with(shop, owner, row)

    with pytest.raises(Refused, match="要留档"):
        verb(row, by=owner)

    assert wallet.read(Evidence.objects.get(deleted_at=None)) == wallet.read(row)


def test_nobody_else_turns_or_deletes(shop, owner):
    row, stranger = kept(shop, owner), world.owner_of(open_shop(2))

    with pytest.raises(PermissionDenied):
        wallet.rotate(row, 90, by=stranger)
    with pytest.raises(PermissionDenied):
        wallet.delete(row, by=stranger)


@pytest.mark.django_db(databases=["default", "postgres"])
def test_a_file_lives_and_dies_alike_on_either_engine(engine, folder, django_capture_on_commit_callbacks):
    bureau, shop = world.bureau(), open_shop(1)
    owner = world.owner_of(shop)
    loose, filed = kept(shop, owner), kept(shop, owner, content=saved(noise()))
    filed_with(shop, owner, filed)

    with django_capture_on_commit_callbacks(execute=True):
        wallet.rotate(loose, 180, by=owner)
        wallet.delete(loose, by=owner)
    with pytest.raises(Refused, match="要留档"):
        wallet.delete(filed, by=owner)

    assert list(Evidence.objects.visible_to(bureau.reviewer).usable()) == [filed]
    assert list(Evidence.objects.visible_to(owner).usable()) == [filed]
    assert wallet.sweep_orphans() == (0, [])


# Using again


def test_what_still_holds_is_offered_the_newest_first(shop, owner):
    rows = [kept(shop, owner, content=saved(noise())) for _ in range(3)]
    today = TODAY()
    kept(shop, owner, content=saved(noise()), expires_on=today - timedelta(days=1))
    wallet.keep(shop.operator, "身份证", file(), by=owner)

    assert list(wallet.offered(shop.operator, CONTRACT, today)) == rows[::-1]


def test_what_expires_is_warned_of_a_month_ahead(shop, owner):
    days = {ahead: TODAY() + timedelta(days=ahead) for ahead in (-1, 5, 30, 31)}
    rows = {ahead: kept(shop, owner, content=saved(noise()), expires_on=day) for ahead, day in days.items()}
    kept(shop, owner)

    assert list(wallet.expiring(shop.operator, TODAY())) == [rows[-1], rows[5], rows[30]]


# The scanner


def test_an_infected_file_is_not_kept(shop, owner, folder, scanner):
    scanner.says(b"stream: Eicar-Test-Signature FOUND")

    with pytest.raises(Invalid, match="有病毒"):
        kept(shop, owner)

    assert (files_in(folder), Evidence.objects.count()) == ([], 0)
    assert AccessEvent.objects.get(action="infected_upload").detail == {"found": "Eicar-Test-Signature"}


def test_while_the_scanner_is_down_a_file_waits_and_nobody_sees_it(shop, owner, client, settings):
    settings.UPLOAD_SCANNER = "clamd://127.0.0.1:1"
    client.force_login(owner)

    row = kept(shop, owner)

    assert (row.status, client.get(f"/evidence/{row.public_id}/").status_code) == ("pending", 404)
    assert (wallet.rescan(), Evidence.objects.get().status) == (0, "pending")
    settings.UPLOAD_SCANNER = ""
    assert (wallet.rescan(), client.get(f"/evidence/{row.public_id}/").status_code) == (1, 200)


def test_files_that_waited_are_settled_one_by_one(shop, owner, folder, settings, scanner):
    settings.UPLOAD_SCANNER = "clamd://127.0.0.1:1"
    bad = file(pdf() + b"%" + EICAR + b"\n%%EOF\n", "合同.pdf")
    infected = wallet.keep(shop.operator, CONTRACT, bad, by=owner)
    clean, lost = (kept(shop, owner, content=saved(noise())) for _ in range(2))
    (folder / lost.stored_name[:2] / lost.stored_name).unlink()
    settings.UPLOAD_SCANNER = scanner.url

    assert wallet.rescan() == 3

    states = {row.pk: (row.status, row.problem) for row in Evidence.objects.all()}
    assert states == {
        infected.pk: ("infected", "Eicar-Test-Signature"),
        clean.pk: ("clean", ""),
        lost.pk: ("error", wallet.LOST),
    }


def test_a_picture_that_is_turned_while_it_is_scanned_waits_for_another_scan(
    shop, owner, folder, settings, monkeypatch
):
    settings.UPLOAD_SCANNER = "clamd://127.0.0.1:1"
    row = kept(shop, owner)
    settings.UPLOAD_SCANNER = ""
    scan = wallet.scan

    def turned_meanwhile(content):
        Evidence.objects.filter(pk=row.pk).update(sha256="0" * 64)
        return scan(content)

    monkeypatch.setattr(wallet, "scan", turned_meanwhile)

    assert (wallet.rescan(), Evidence.objects.get().status) == (0, "pending")


# Who sees it


def test_a_file_is_served_to_whom_it_concerns_and_is_nowhere_for_others(shop, owner):
    bureau, elsewhere = world.bureau(), world.bureau("other", "别的局")
    row = kept(shop, owner)
    filed_with(shop, owner, row)
    people = {
        "owner": (owner, 200),
        "agent who applies": (agent_of(shop, owner, "apply"), 200),
        "agent who looks": (agent_of(shop, owner), 404),
        "another owner": (world.owner_of(open_shop(2)), 404),
        "reviewer": (bureau.reviewer, 200),
        "approver": (bureau.approver, 200),
        "reviewer elsewhere": (elsewhere.reviewer, 404),
        "nobody": (None, 404),
    }

    found = {}
    for name, (user, _) in people.items():
        browser = Client()
        if user:
            browser.force_login(user)
        found[name] = {
            browser.get(f"/evidence/{row.public_id}/{variant}").status_code for variant in ("", "thumbnail/")
        }

    assert found == {name: {status} for name, (_, status) in people.items()}


def test_staff_do_not_see_what_was_not_filed_with_them(shop, owner, client):
    bureau = world.bureau()
    row = kept(shop, owner)
    application = applying.begin(shop, world.grant_of_money(), by=owner)
    applying.use(application, CONTRACT, row, by=owner)
    client.force_login(bureau.reviewer)

    assert client.get(f"/evidence/{row.public_id}/").status_code == 404


def test_what_staff_look_at_is_written_down(shop, owner, client):
    bureau, row = world.bureau(), kept(shop, owner)
    filed_with(shop, owner, row)
    for user in (owner, bureau.reviewer):
        client.force_login(user)
        client.get(f"/evidence/{row.public_id}/")

    (event,) = AccessEvent.objects.filter(action="see_evidence")
    assert (event.user, event.department, event.subject) == (
        bureau.reviewer,
        bureau.department,
        f"evidence {row.pk}",
    )


def test_a_browser_neither_runs_nor_guesses_nor_stores_a_file(shop, owner, client):
    row = wallet.keep(shop.operator, CONTRACT, file(pdf(), '合同";\r\n.pdf'), by=owner)
    client.force_login(owner)

    response = client.get(f"/evidence/{row.public_id}/")

    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert response.content == wallet.read(row)
    assert client.get(f"/evidence/{row.public_id}/thumbnail/").status_code == 404
    assert client.post(f"/evidence/{row.public_id}/").status_code == 405


HEADERS = {
    "Content-Type": "application/pdf",
    "Content-Disposition": "attachment; filename*=UTF-8''%E5%90%88%E5%90%8C%22%3B.pdf",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "no-store",
}
