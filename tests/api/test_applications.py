"""Applications over the API: begun, filled in, handed in, mended, taken back, contested, and whose they are."""

import io
import json
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts.models import User
from businesses.models import Mandate
from cases.actions import correcting
from cases.audit import verify
from cases.models import AuditEntry, Evidence
from subsidies.actions import applying, reviewing
from subsidies.models import Application
from tests.notifications.register import open_shop
from tests.standing import stands
from tests.subsidies import world

from .conftest import faults

pytestmark = pytest.mark.django_db
LIST = "/api/v1/applications/"
SCOPES = "businesses:read applications:read applications:write"
MATERIAL = world.MATERIAL["name"]
ROW = [
    *("id", "number", "benefit", "benefit_version", "business", "state", "version", "total"),
    *("due_on", "submitted_at", "decided_at", "paid_at"),
]


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_FOLDER = str(tmp_path)


def _begin():
    """A grant, the bureau that gives it, and the owner of a shop."""
    staff, benefit, shop = world.bureau(), world.grant_of_money(), open_shop(1)
    return SimpleNamespace(staff=staff, benefit=benefit, shop=shop, owner=world.owner_of(shop))


_begun = stands(_begin)


@pytest.fixture
def staff(begun):
    return begun.staff


@pytest.fixture
def benefit(begun):
    return begun.benefit


@pytest.fixture
def shop(begun):
    return begun.shop


@pytest.fixture
def owner(begun):
    return begun.owner


@pytest.fixture
def browser(owner, signed_in):
    return signed_in(owner)


@pytest.fixture
def bank(owner, shop, program, with_token):
    """A program with a mandate to apply for the shop, and its browser."""
    client, secret = program(scopes=SCOPES)
    give(shop, owner, client=client)
    return with_token(client, secret)


def give(shop, owner, *scopes, **holder):
    until = timezone.localdate() + timedelta(days=30)
    scopes = list(scopes or ("view", "apply"))
    return Mandate.objects.create(business=shop, given_by=owner, scopes=scopes, until=until, **holder)


def address(application, *rest):
    return "/".join([f"{LIST}{getattr(application, 'public_id', application)}", *map(str, rest)]) + "/"


def send(browser, path, body, *, key=None, method="post"):
    headers = {"Idempotency-Key": key} if key else {}
    return getattr(browser, method)(path, json.dumps(body), content_type="application/json", headers=headers)


def sent(browser, application, verb, body, key="1"):
    return send(browser, address(application, verb), body, key=key)


def upload(browser, application, material=MATERIAL, colour="white", **more):
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(picture, "JPEG")
    picture.seek(0)
    picture.name = "照片.jpg"
    return browser.post(address(application, "files"), {"material": material, "file": picture, **more})


def begin(browser, shop, benefit, **more):
    return send(browser, LIST, {"business": str(shop.public_id), "benefit": benefit.code, **more})


def stored(response):
    return Application.objects.get(public_id=response.json()["id"])


def problem(response):
    assert response.headers["Content-Type"] == "application/problem+json", response.content.decode()
    return response.status_code, response.json()["detail"]


# The whole way


@pytest.mark.parametrize("who", ["browser", "bank"])
def test_an_application_is_begun_filled_and_handed_in(who, benefit, shop, request):
    browser = request.getfixturevalue(who)
    first = begin(browser, shop, benefit)
    assert first.status_code == 201, first.content.decode()
    assert first.headers["Location"].endswith(address(first.json()["id"]))
    assert first.json()["unmet"] == [f"还没有上传“{MATERIAL}”。"]

    piece = upload(browser, first.json()["id"])
    assert piece.status_code == 201, piece.content.decode()
    draft = browser.get(first.headers["Location"]).json()
    assert draft["materials"] == [
        {
            "name": MATERIAL,
            "required": True,
            "files": [{k: v for k, v in piece.json().items() if k != "material"}],
        }
    ]
    assert draft["unmet"] == []
    answer = sent(browser, draft["id"], "submit", {"version": draft["version"], "declared": True})

    assert answer.status_code == 200, answer.content.decode()
    done = answer.json()
    assert (done["state"], done["total"], done["promised_working_days"]) == ("submitted", "5000.00", 15)
    assert done["number"] == stored(answer).number
    assert done["due_on"] is not None
    assert done["account"] == {"bank": "演示银行", "last_four": done["account"]["last_four"]}
    assert done["amount"]["value"] == "5000.00"
    assert (stored(answer).client_id is not None) == (who == "bank")
    assert list(verify()) == []


def test_beginning_again_gives_the_one_that_stands(benefit, shop, browser):
    first, second = begin(browser, shop, benefit), begin(browser, shop, benefit)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_answers_of_a_draft_are_kept_and_taken_back(staff, browser, owner):
    benefit, shop = world.grant_of_rent(), world.shop_with_rent(1, "380")
    first = begin(browser, shop, benefit, answers={"monthly_rent": "420"}).json()
    assert (first["answers"], first["amount"]["value"]) == ({"monthly_rent": "420.00"}, "420.00")

    body = {"version": first["version"], "answers": {"monthly_rent": None}}
    second = send(browser, address(first["id"]), body, method="patch")

    assert second.status_code == 200, second.content.decode()
    assert (second.json()["answers"], second.json()["amount"]["value"]) == ({}, "380.00")
    assert second.json()["version"] == first["version"] + 1


def test_a_file_is_taken_out_of_a_draft_and_stays_in_the_wallet(benefit, shop, browser):
    draft = begin(browser, shop, benefit).json()["id"]
    piece = upload(browser, draft).json()["id"]

    gone = browser.delete(address(draft, "files", piece))
    again = browser.delete(address(draft, "files", piece))

    assert (gone.status_code, gone.content, again.status_code) == (204, b"", 404)
    assert Evidence.objects.kept().filter(public_id=piece).exists()


def test_a_correction_names_everything_and_is_mended_in_one_request(staff, benefit, shop, owner, browser):
    filed = world.filed(benefit, shop, owner)
    defect = {"kind": "material", "name": MATERIAL, "reason": "照片看不清", "sample": "拍全"}
    correcting.request_correction(filed, [defect], by=staff.reviewer)
    asked = browser.get(address(filed)).json()
    assert [row["name"] for row in asked["correction"]["defects"]] == [MATERIAL]
    piece = upload(browser, filed, colour="red").json()["id"]

    answer = sent(browser, filed, "correct", {"version": asked["version"], "files": {MATERIAL: [piece]}})

    assert answer.status_code == 200, answer.content.decode()
    done = answer.json()
    assert (done["state"], done["correction"]) == ("reviewing", None)
    assert [row["id"] for row in done["materials"][0]["files"]] == [piece]


def test_a_correction_that_leaves_something_out_changes_nothing(staff, benefit, shop, owner, browser):
    filed = world.filed(benefit, shop, owner)
    defect = {"kind": "material", "name": MATERIAL, "reason": "照片看不清"}
    correcting.request_correction(filed, [defect], by=staff.reviewer)

    nothing = sent(browser, filed, "correct", {})
    unknown = sent(browser, filed, "correct", {"files": {MATERIAL: [str(uuid.uuid4())]}}, key="2")
    elsewhere = sent(browser, filed, "correct", {"facts": {"monthly_rent": "1"}}, key="3")

    assert problem(nothing) == (409, f"还有 1 项没有补：{MATERIAL}。")
    assert faults(unknown) == [("files", "not_found")]
    assert faults(elsewhere) == [("fact", "not_asked")]
    assert Application.objects.get().state == "correcting"


def test_a_refusal_is_told_with_its_remedy_and_contested(staff, benefit, shop, owner, browser):
    filed = world.accepted(world.filed(benefit, shop, owner), staff)
    failed = [row["id"] for row in filed.judged["criteria"]][:1] or ["1"]
    Application.objects.filter(pk=filed.pk).update(
        judged={**filed.judged, "criteria": filed.judged["criteria"] or [criterion("1")]}
    )
    reviewing.refuse(filed, by=staff.reviewer, failed=failed, reason="登记的地址和实际经营的地址不一样")
    decision = browser.get(address(filed)).json()["decision"]
    assert decision["reason"] == "登记的地址和实际经营的地址不一样"
    assert (decision["state"], decision["failed"]) == ("refused", failed)

    answer = sent(browser, filed, "appeal", {"words": "登记地址上个月已经变更，请再核对一次。"})

    assert answer.status_code == 200, answer.content.decode()
    assert (answer.json()["state"], filed.appeals.count()) == ("appealed", 1)


def criterion(name):
    return {"id": name, "changeable": False, "result": "pass", "sentence": "在本市登记", "facts": []}


def test_it_is_taken_back_and_begun_anew(benefit, shop, owner, browser):
    filed = world.filed(benefit, shop, owner)

    answer = sent(browser, filed, "withdraw", {"reason": "先不办了"})
    again = begin(browser, shop, benefit)

    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert (again.status_code, again.json()["id"] != answer.json()["id"]) == (201, True)


def test_events_tell_what_happened_without_naming_staff(staff, benefit, shop, owner, browser):
    approved = world.recommended(world.filed(benefit, shop, owner), staff)
    approved = reviewing.send_back(approved, by=staff.approver, note="请再看一下合同的日期")

    rows = browser.get(address(approved, "events")).json()["results"]

    assert [(row["verb"], row["from"], row["to"], row["office"]) for row in rows] == [
        ("submit", "draft", "submitted", None),
        ("accept", "submitted", "reviewing", "试验局"),
        ("recommend", "reviewing", "recommended", "试验局"),
        ("return", "recommended", "reviewing", "试验局"),
    ]
    assert {row["note"] for row in rows} == {""}  # what one of the staff wrote to another
    assert "tests_" not in json.dumps(rows)
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


def test_a_grant_shows_what_is_paid_when(staff, browser, owner):
    benefit, shop = world.grant_of_rent(), world.shop_with_rent(1, "380")
    world.envelope(benefit)
    approved = world.approved(world.filed(benefit, shop, owner), staff)

    shown = browser.get(address(approved)).json()

    assert (shown["state"], shown["decision"]["state"]) == ("approved", "approved")
    assert shown["total"] == "13680.00"
    assert shown["instalments"][0]["status"] == "due"
    assert sum(row["months"] for row in shown["instalments"]) == 36


# Once, whatever is sent


def test_a_key_sent_twice_has_one_effect_and_one_answer(benefit, shop, owner, browser):
    draft = world.draft(benefit, shop, owner)
    body = {"version": draft.version, "declared": True}

    first, second = (sent(browser, draft, "submit", body, key="same") for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert AuditEntry.objects.filter(verb="submit").count() == 1


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("submit", {"version": 1, "declared": True}),
        ("withdraw", {}),
        ("appeal", {"words": "请再核对一次登记的地址。"}),
    ],
)
def test_verbs_that_must_happen_once_want_a_key(benefit, shop, owner, browser, verb, body):
    draft = world.draft(benefit, shop, owner)

    response = send(browser, address(draft, verb), body)

    assert faults(response) == [("", "idempotency_key_required")]


def test_a_key_for_another_body_is_refused(benefit, shop, owner, browser):
    filed = world.filed(benefit, shop, owner)
    sent(browser, filed, "withdraw", {"reason": "先不办了"}, key="same")

    response = sent(browser, filed, "withdraw", {"reason": "店要搬"}, key="same")

    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"


# Not now


def test_what_has_changed_underneath_is_refused(benefit, shop, owner, browser):
    draft = world.draft(benefit, shop, owner)
    seen = draft.version
    applying.save(draft, {}, by=owner)

    saved = send(browser, address(draft), {"version": seen, "answers": {}}, method="patch")
    submitted = sent(browser, draft, "submit", {"version": seen, "declared": True})
    withdrawn = sent(browser, draft, "withdraw", {"version": seen})

    assert [problem(one)[0] for one in (saved, submitted, withdrawn)] == [409, 409, 409]
    assert Application.objects.get().state == "draft"


def test_everything_that_is_missing_is_said_at_once_and_nothing_is_kept(benefit, shop, owner, browser):
    draft = begin(browser, shop, benefit).json()

    response = sent(browser, draft["id"], "submit", {"version": draft["version"], "declared": True})

    assert problem(response) == (409, f"还没有上传“{MATERIAL}”。")
    row = Application.objects.get()
    assert (row.state, row.version, row.declared_at) == ("draft", draft["version"], None)


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("submit", {"version": 3, "declared": True}),
        ("correct", {}),
        ("appeal", {"words": "请再核对一次登记的地址。"}),
    ],
)
def test_moves_that_lead_nowhere_are_refused(benefit, shop, owner, browser, verb, body):
    filed = world.filed(benefit, shop, owner)
    body = {**body, "version": filed.version} if "version" in body else body

    response = sent(browser, filed, verb, body)

    assert problem(response)[0] == 409
    assert Application.objects.get().state == "submitted"


def test_nothing_is_uploaded_to_what_is_handed_in(benefit, shop, owner, browser):
    filed = world.filed(benefit, shop, owner)
    before = Evidence.objects.count()

    response = upload(browser, filed)

    assert problem(response)[0] == 409
    assert Evidence.objects.count() == before


# Bad input


@pytest.mark.crawl
@pytest.mark.parametrize("name", ["status", "amount", "owner", "department", "state", "amount_fen"])
@pytest.mark.parametrize("verb", ["", "submit", "withdraw", "correct", "appeal"])
def test_fields_of_the_server_are_refused(benefit, shop, owner, browser, name, verb):
    draft = world.draft(benefit, shop, owner)
    body = {name: "approved"}

    response = (
        sent(browser, draft, verb, body) if verb else send(browser, address(draft), body, method="patch")
    )

    assert (name, "unknown_field") in faults(response)
    assert Application.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, [("business", "required"), ("benefit", "required")]),
        ({"business": 1, "benefit": "T01a"}, [("business", "invalid_id")]),
        ({"business": str(uuid.uuid4()), "benefit": "T99z"}, [("benefit", "unknown_benefit")]),
        ({"business": str(uuid.uuid4()), "benefit": ["T01a"]}, [("benefit", "unknown_benefit")]),
        (
            {"business": str(uuid.uuid4()), "benefit": "T01a", "answers": []},
            [("answers", "invalid_object")],
        ),
    ],
)
def test_a_beginning_that_is_wrong_is_named(benefit, browser, body, found):
    assert faults(send(browser, LIST, body)) == found


def test_answers_that_are_wrong_leave_no_draft(benefit, shop, browser):
    response = begin(
        browser, shop, benefit, answers={"monthly_rent": "多", "abnormal_listed": False, "colour": 1}
    )

    assert response.status_code == 400
    assert {field for field, _ in faults(response)} == {
        "answers.monthly_rent",
        "answers.abnormal_listed",
        "answers.colour",
    }
    assert Application.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"version": 0, "declared": True}, [("version", "out_of_range")]),
        ({"version": 1, "declared": False}, [("declared", "not_declared")]),
        ({"version": 1, "declared": "true"}, [("declared", "not_declared")]),
        ({"declared": True}, [("version", "required")]),
    ],
)
def test_a_submission_says_what_was_seen_and_promised(benefit, shop, owner, browser, body, found):
    assert faults(sent(browser, world.draft(benefit, shop, owner), "submit", body)) == found


def test_files_that_are_none_are_refused_by_field(benefit, shop, browser):
    draft = begin(browser, shop, benefit).json()["id"]
    path = address(draft, "files")
    text = io.BytesIO(b"not a picture")
    text.name = "照片.jpg"

    assert faults(browser.post(path, {"material": MATERIAL, "file": text})) == [("file", "unreadable")]
    assert faults(browser.post(path, {"material": MATERIAL})) == [("file", "required")]
    assert faults(upload(browser, draft, "户口本")) == [("material", "unknown_material")]
    assert faults(upload(browser, draft, owner="1")) == [("owner", "unknown_field")]
    assert send(browser, path, {"material": MATERIAL}).status_code == 415
    assert faults(browser.post(path, b"--x", content_type="multipart/form-data; boundary=y")) != []
    assert Evidence.objects.count() == 0


def test_a_picture_that_is_too_large_is_told_its_size(benefit, shop, browser):
    draft = begin(browser, shop, benefit).json()["id"]
    large = io.BytesIO(b"\xff\xd8\xff" + bytes(24 << 20))
    large.name = "照片.jpg"

    response = browser.post(address(draft, "files"), {"material": MATERIAL, "file": large})

    assert faults(response) == [("file", "too_large")]
    assert (
        "24 MB" in response.json()["errors"][0]["detail"] or "25 MB" in response.json()["errors"][0]["detail"]
    )


# Whose they are


@pytest.fixture
def others(signed_in, program, with_token, shop, owner, staff):
    """Browsers of those who have no part in the application."""
    other_shop = open_shop(2)
    agent = User.objects.begin_with_phone("13700000001")
    give(shop, owner, "view", "answer", agent=agent)
    client, secret = program(scopes=SCOPES, client_id="other")
    give(shop, owner, "view", client=client)
    elsewhere = world.bureau("other", "别的局")
    return {
        "another owner": signed_in(world.owner_of(other_shop)),
        "an agent who may only look": signed_in(agent),
        "a program that may only look": with_token(client, secret),
        "another bureau": signed_in(elsewhere.reviewer),
    }


def test_what_is_not_yours_answers_like_what_does_not_exist(others, benefit, shop, owner):
    filed = world.filed(benefit, shop, owner)
    requests = [("get", ""), ("patch", ""), ("get", "events"), ("post", "files")]
    requests += [("post", verb) for verb in ("submit", "withdraw", "correct", "appeal")]

    for name, browser in others.items():
        for method, rest in requests:
            path = [rest] if rest else []
            theirs = send(browser, address(filed, *path), {}, method=method) if method != "get" else None
            missing = (
                send(browser, address(uuid.uuid4(), *path), {}, method=method) if method != "get" else None
            )
            theirs = theirs or browser.get(address(filed, *path))
            missing = missing or browser.get(address(uuid.uuid4(), *path))
            assert (theirs.status_code, theirs.content) == (404, missing.content), (name, method, rest)
        assert browser.get(LIST).json()["results"] == [], name


def test_staff_read_what_their_bureau_has_and_change_nothing(staff, benefit, shop, owner, signed_in):
    filed = world.filed(benefit, shop, owner)
    browser = signed_in(staff.reviewer)

    seen = browser.get(address(filed))
    withdrawn = sent(browser, filed, "withdraw", {})
    refused = begin(browser, shop, benefit)

    assert (seen.status_code, withdrawn.status_code, refused.status_code) == (200, 403, 403)


def test_an_agent_with_a_mandate_to_apply_does_what_the_owner_does(benefit, shop, owner, signed_in):
    agent = User.objects.begin_with_phone("13700000001")
    give(shop, owner, agent=agent)
    draft = world.draft(benefit, shop, owner)

    answer = sent(signed_in(agent), draft, "submit", {"version": draft.version, "declared": True})

    assert answer.status_code == 200, answer.content.decode()
    assert Application.objects.get().submitter == agent


def test_a_program_needs_the_scope_and_the_mandate(benefit, shop, owner, program, with_token):
    client, secret = program(scopes="businesses:read applications:read")
    mandate = give(shop, owner, client=client)
    filed, browser = world.filed(benefit, shop, owner), with_token(client, secret)

    assert browser.get(address(filed)).status_code == 200
    assert sent(browser, filed, "withdraw", {}).status_code == 403
    mandate.revoked_at = timezone.now()
    mandate.save()
    assert browser.get(address(filed)).status_code == 404


def test_nobody_in_particular_is_asked_to_sign_in(client, benefit, shop, owner):
    filed = world.filed(benefit, shop, owner)

    assert client.get(LIST).status_code == 401
    assert client.get(address(filed)).status_code == 401
    assert client.post(address(filed, "submit"), headers={"Idempotency-Key": "1"}).status_code == 401


def test_answers_of_another_operators_evidence_are_not_found(staff, benefit, shop, owner, browser):
    filed = world.filed(benefit, shop, owner)
    defect = {"kind": "material", "name": MATERIAL, "reason": "照片看不清"}
    correcting.request_correction(filed, [defect], by=staff.reviewer)
    foreign = world.evidence(open_shop(2).operator)

    response = sent(browser, filed, "correct", {"files": {MATERIAL: [str(foreign.public_id)]}})

    assert faults(response) == [("files", "not_found")]


# Lists


def test_lists_are_filtered_and_paged_the_newest_first(benefit, owner, shop, browser):
    filed, draft = world.filed(benefit, shop, owner), world.draft(world.grant_of_money("T01b"), shop, owner)

    whole = browser.get(LIST).json()
    assert [row["id"] for row in whole["results"]] == [str(draft.public_id), str(filed.public_id)]
    assert [list(row) for row in whole["results"]] == [ROW, ROW]

    def ids(**query):
        return [row["id"] for row in browser.get(LIST, query).json()["results"]]

    assert ids(state="draft") == [str(draft.public_id)]
    assert ids(benefit="T01a") == [str(filed.public_id)]
    assert len(ids(business=str(shop.public_id))) == 2
    assert ids(business=str(uuid.uuid4())) == []
    page = browser.get(LIST, {"page_size": "1"}).json()
    assert [row["id"] for row in browser.get(page["next"]).json()["results"]] == [str(filed.public_id)]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"state": "lost"}, ("state", "invalid_choice")),
        ({"benefit": "T99z"}, ("benefit", "unknown_benefit")),
        ({"business": "1"}, ("business", "invalid")),
        ({"owner": "1"}, ("owner", "unknown")),
        ({"page_size": "101"}, ("page_size", "invalid")),
    ],
)
def test_what_is_asked_for_wrongly_is_named(browser, query, fault):
    assert faults(browser.get(LIST, query)) == [fault]


def test_a_list_of_three_costs_as_many_queries_as_one_of_one(benefit, owner, shop, browser):
    world.draft(benefit, shop, owner)
    browser.get(LIST)
    with CaptureQueriesContext(connection) as one:
        browser.get(LIST)
    for code in ("T01b", "T01c"):
        world.draft(world.grant_of_money(code), shop, owner)
    browser.get(LIST)

    with CaptureQueriesContext(connection) as three:
        browser.get(LIST)

    assert len(three) == len(one)


def test_what_has_not_changed_is_not_sent_again(benefit, shop, owner, browser):
    path = address(world.draft(benefit, shop, owner))
    etag = browser.get(path).headers["ETag"]

    assert browser.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_of_two_who_begin_the_same_draft_at_once_one_is_told_that_it_is_new(
    browser, shop, benefit, monkeypatch
):
    find, answers = applying._version_in_force, []

    def overtaken(*arguments):
        """After the request has begun, and before its draft is there, somebody else begins it."""
        monkeypatch.setattr(applying, "_version_in_force", find)
        answers.append(begin(browser, shop, benefit))
        return find(*arguments)

    monkeypatch.setattr(applying, "_version_in_force", overtaken)
    answers.append(begin(browser, shop, benefit))

    assert [answer.status_code for answer in answers] == [201, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Application.objects.count() == 1
