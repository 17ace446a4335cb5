"""Every door a number or a secret comes in by, or could go out by. A door acts in the world and returns its answers."""

import csv
import io
import os
import time
from base64 import b64encode
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from PIL import Image

from accounts import actions
from accounts.models import User
from businesses.models import CorrectionRequest, ImportRun
from notifications import sweep
from notifications.models import Notification
from notifications.outside.preferences import stop_token

from .canaries import CANARIES as CANARY

NAME, CODE, SECOND, THIRD = "演示店主", "92520201MA6E00019C", "92520203MA6E000199", "92520281MA6E000198"
TODAY, UNTIL = "2026-11-24", "2026-12-31"


class Door(NamedTuple):
    """``statuses``: what it answers, one after the other; ``shows``: canaries that these answers are there to show."""

    act: object
    statuses: str
    shows: tuple = ()


DOORS: dict[str, Door] = {}


def door(name, statuses="", *shows):
    def remember(act):
        DOORS[name] = Door(act, statuses, shows)
        return act

    return remember


# Signing in


def _asked(browser):
    return [browser.post("/login/", {"phone": CANARY["phone"]}), browser.get("/login/code/")]


@door("the right code", "302 200 302 200 200")
def right_code(world):
    browser = world.browser()
    asked = _asked(browser)
    entered = browser.post("/login/code/", {"code": CANARY["code"]})
    return [*asked, entered, browser.get("/me/"), browser.get("/me/security/")]


@door("a wrong code, then a call", "302 200 400 400 302 200")
def wrong_code(world):
    browser = world.browser()
    asked = _asked(browser)
    tried = [browser.post("/login/code/", {"code": code}) for code in ("000000", CANARY["code"] + "1")]
    world.clock.shift(61)
    return [*asked, *tried, browser.post("/login/code/", {"voice": "1"}), browser.get("/login/code/")]


@door("a code that the gateway does not take", "400", "phone")  # the field keeps what was typed
def gateway_down(world):
    world.gateway.status = 500
    return [world.browser().post("/login/", {"phone": CANARY["phone"]})]


@door("a code too soon", "302 400 400", "phone")
def too_soon(world):
    browser = world.browser()
    return [browser.post("/login/", {"phone": CANARY["phone"]}) for _ in range(3)]


@door("the right password", "302 200 302")
def right_password(world):
    browser = world.browser()
    sent = {"login": "officer", "password": CANARY["password"]}
    entered = browser.post("/login/staff/", sent)
    again = browser.post("/me/security/prove/password/", {"password": CANARY["password"]})
    return [entered, browser.get("/admin/"), again]


@door("a wrong password", "400 400 400 400 400 400 400 400")
def wrong_password(world):
    sent = {"login": "officer", "password": CANARY["wrong password"]}
    browser = world.browser()
    officer = world.as_officer()
    tried = [browser.post("/login/staff/", sent) for _ in range(7)]
    return [*tried, officer.post("/me/security/prove/password/", {"password": CANARY["wrong password"]})]


# The owner's pages


@door("binding a shop", "409 400 409 400 409 302 200")
def binding(world):
    actions.agree(world.other, "sensitive")
    browser = world.as_user(world.other)
    sent = {"credit_code": CODE, "operator_name": NAME, "last_six": CANARY["last six"], "agree": "1"}
    wrong = [
        browser.post("/me/bind/", {**sent, **change})
        for change in (
            {"last_six": "12345X"},
            {"last_six": CANARY["identity"]},
            {"operator_name": "别人"},
            {"credit_code": "9252"},
        )
    ]
    bound_by_another = browser.post("/me/bind/", sent)
    world.unbind()
    return [*wrong, bound_by_another, browser.post("/me/bind/", sent), browser.get("/me/")]


@door("a payment account", "409 400 400 302 200 200")
def payment_account(world):
    browser = world.as_owner()
    sent = {"holder": NAME, "bank": "演示银行", "number": CANARY["account"], "agree": "1"}
    grouped = " ".join(CANARY["account"][place : place + 4] for place in range(0, 19, 4))
    return [
        browser.post("/me/account/", {**sent, "holder": "别人"}),
        browser.post("/me/account/", {**sent, "number": CANARY["account"] + "?"}),
        browser.post("/me/account/", {**sent, "bank": ""}),
        browser.post("/me/account/", {**sent, "number": grouped}),
        browser.get("/me/"),
        browser.get("/me/account/"),
    ]


@door(
    "a mandate", "400 302 200 200 200", "agent's phone"
)  # the form keeps what was typed when something else is wrong
def mandate(world):
    browser = world.as_owner()
    sent = {"phone": CANARY["agent's phone"], "until": UNTIL, "scopes": ["answer"]}
    wrong = browser.post("/me/mandates/", {**sent, "until": "2099-01-01"})
    given = browser.post("/me/mandates/", sent)
    agent = world.as_user(User.objects.with_phone(CANARY["agent's phone"]))
    return [wrong, given, browser.get("/me/"), agent.get("/me/"), agent.get("/me/mandates/")]


@door("the list of mandates", "200 200")
def mandates(world):
    browser = world.as_owner()
    browser.post(
        "/me/mandates/",
        {"phone": CANARY["agent's phone"], "until": UNTIL, "scopes": ["apply"]},
    )
    return [browser.get("/me/mandates/"), browser.get("/me/")]


@door("a correction", "302 200 302 200")
def correction(world):
    browser, officer = world.as_owner(), world.as_officer()
    asked = browser.post("/me/correct/district/", {"note": "地方不对"})
    request = CorrectionRequest.objects.get()
    address = f"/admin/businesses/correctionrequest/{request.pk}/decide/"
    decided = officer.post(address, {"accept": "yes", "value": "520203", "answer": "已核实"})
    return [asked, officer.get(address), decided, browser.get("/me/")]


# Each form keeps what was typed and says what to take out.
@door("numbers written where words belong", "400 400 400 200", "phone", "agent's phone", "account")
def free_text(world):
    browser = world.as_owner()
    account = {"holder": NAME, "bank": f"演示银行 {CANARY['account']}", "number": "12345678", "agree": "1"}
    mandate = {"phone": "13700000008", "until": UNTIL, "scopes": ["answer"]}
    address = f"/admin/businesses/operator/reveal/operator/{world.shop.operator_id}/"
    world.as_officer().post(address, {"reason": f"核对 {CANARY['identity']}"})
    return [
        browser.post("/me/correct/district/", {"note": f"请打 {CANARY['phone']}"}),
        browser.post("/me/account/", account),
        browser.post("/me/mandates/", {**mandate, "relation": CANARY["agent's phone"]}),
        world.as_officer().get("/admin/accounts/accessevent/"),
    ]


@door("one's own data", "200", "phone", "account", "e-mail", "identity")
def own_data_file(world):
    world.with_account()
    _given_address(world, world.as_owner())
    return [world.as_owner().post("/me/data/file/", {"last_six": CANARY["last six"]})]


@door("closing an account", "302")
def closing(world):
    world.with_account()
    return [world.as_owner().post("/me/data/close/", {"word": "注销"})]


@door("what an owner is shown", "200 200 200 200 200 200 200 200 200")
def owners_pages(world):
    world.with_account()
    browser = world.as_owner()
    pages = ("/", "/me/", "/me/bind/", "/me/account/", "/me/mandates/", "/me/data/", "/me/security/")
    return [browser.get(page) for page in (*pages, "/me/security/prove/", "/me/unbind/")]


# Messages


def _given_address(world, browser):
    given = browser.post("/inbox/preferences/email/", {"email": CANARY["e-mail"]})
    return [given, browser.post("/inbox/preferences/email/", {"code": CANARY["code"]})]


@door("an e-mail address", "302 409 302 200 302")
def email_address(world):
    browser = world.as_owner()
    given, right = _given_address(world, browser)
    wrong = world.as_other().post("/inbox/preferences/email/", {"code": CANARY["code"]})
    shown = browser.get("/inbox/preferences/")
    return [given, wrong, right, shown, browser.post("/inbox/preferences/email/", {"remove": "1"})]


@door("an e-mail address that is none", "400", "e-mail")  # the field keeps what was typed
def wrong_email_address(world):
    return [world.as_owner().post("/inbox/preferences/email/", {"email": f"{CANARY['e-mail']} 张"})]


@door("the inbox and its messages", "200 200 200 302 302 400")
def inbox(world):
    sweep.relay()
    browser, row = world.as_owner(), Notification.objects.filter(business=world.shop).first()
    address = f"/inbox/{row.pk}/"
    opened = [browser.get(page) for page in ("/inbox/", address, "/inbox/preferences/")]
    acted = [browser.post(f"{address}{verb}/") for verb in ("act", "mute")]
    note = {"reason": "other", "note": "长" * 201}
    return [*opened, *acted, browser.post(f"{address}dismiss/", note)]


@door("a number in a note to a message", "400", "phone")  # and here
def note_to_a_message(world):
    sweep.relay()
    row = Notification.objects.filter(business=world.shop).first()
    sent = {"reason": "other", "note": f"请打 {CANARY['phone']}"}
    return [world.as_owner().post(f"/inbox/{row.pk}/dismiss/", sent)]


@door("messages over the API", "200 200")
def messages_over_the_api(world):
    sweep.relay()
    row = Notification.objects.filter(business=world.shop).first()
    browser = world.as_owner()
    read = browser.post(f"/api/v1/notifications/{row.pk}/read/", {}, content_type="application/json")
    return [browser.get("/api/v1/notifications/"), read]


@door("stopping from a link", "200 200 404")
def stopping(world):
    browser = world.as_owner()
    _given_address(world, browser)
    address = f"/stop/{stop_token(world.owner.pk, 'email')}/"
    stranger = world.browser()
    return [stranger.get(address), stranger.post(address), stranger.post("/stop/wrong/")]


# The admin


@door("revealing an identity number", "200 200", "identity")
def reveal_identity(world):
    address = f"/admin/businesses/operator/reveal/operator/{world.shop.operator_id}/"
    officer = world.as_officer()
    return [officer.get(address), officer.post(address, {"reason": "核对付款户名"})]


@door("revealing an account", "200", "account")
def reveal_account(world):
    address = f"/admin/businesses/operator/reveal/account/{world.with_account().pk}/"
    return [world.as_officer().post(address, {"reason": "核对付款户名"})]


@door("after revealing", "200 200")
def after_revealing(world):
    officer = world.as_officer()
    address = f"/admin/businesses/operator/reveal/operator/{world.shop.operator_id}/"
    officer.post(address, {"reason": "核对付款户名"})
    return [officer.get(address), officer.get("/admin/accounts/accessevent/")]


@door("a new member of staff", "200 302 302 400 302 200")
def new_staff(world):
    officer, browser = world.as_officer(), world.browser()
    wrong = officer.post("/admin/accounts/user/add/", {"username": "clerk"})
    added = officer.post("/admin/accounts/user/add/", {"username": "clerk", "email": "clerk@example.cn"})
    clerk = User.objects.get(username="clerk")
    key = urlsafe_base64_encode(force_bytes(clerk.pk)), default_token_generator.make_token(clerk)
    opened = browser.get(reverse("password-link", args=key))
    twice = {"new_password1": CANARY["password"], "new_password2": CANARY["wrong password"]}
    different = browser.post(opened.headers["Location"], twice)
    right = browser.post(opened.headers["Location"], {**twice, "new_password2": CANARY["password"]})
    return [wrong, added, opened, different, right, officer.get("/admin/accounts/user/")]


@door("a new program, after its secret was shown", "200 200")
def new_program(world):
    officer, address = world.as_officer(), "/admin/accounts/apiclient/"
    sent = {"name": "演示程序", "client_id": "bank", "source": "", "scopes": ["evaluations"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("accounts.clients.generate_client_secret", lambda: CANARY["secret"])
        shown = officer.post(f"{address}add/", sent, follow=True)
    assert CANARY["secret"] in shown.content.decode()
    return [officer.get(address), officer.get(f"{address}{world.client_id('bank')}/change/")]


# Files


HEADINGS = ("统一社会信用代码", "名称", "经营者姓名", "身份证号", "联系电话", "县区")


def registry_file(*rows, headings=HEADINGS) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows] if headings else rows)
    return text.getvalue().encode()


def good_row(**change):
    row = dict(
        zip(
            HEADINGS,
            (SECOND, "演示店", "演示人", CANARY["imported identity"], CANARY["phone"], "钟山区"),
            strict=True,
        )
    )
    return tuple({**row, **change}.values())


def bad_rows():
    return [
        good_row(身份证号=CANARY["wrong identity"]),
        good_row(县区=CANARY["imported identity"]),
        good_row(统一社会信用代码=CANARY["imported identity"]),
        good_row(身份证号=f"={CANARY['imported identity']}"),
    ]


UNREADABLE = {
    "with an empty byte": registry_file(good_row()) + b"\0" + CANARY["imported identity"].encode(),
    "cut off": registry_file(good_row(名称="a\nb"))[:-40],
    "no text": CANARY["imported identity"].encode() + b"\xff\xfe\x80",
    "no table": b"PK\x03\x04" + CANARY["imported identity"].encode() * 9,
    "one heading twice": registry_file(good_row(), headings=(*HEADINGS[:5], "名称")),
}


def _upload(officer, content, name="registry.csv"):
    file = SimpleUploadedFile(name, content)
    sent = {"source": "registry", "as_of": "2026-11-01", "file": file}
    return officer.post("/admin/businesses/importrun/add/", sent)


def _through_the_screen(world, content, *verbs):
    officer = world.as_officer()
    sent = _upload(officer, content)
    run = ImportRun.objects.get()
    page = f"/admin/businesses/importrun/{run.pk}"
    columns = {
        f"column-{place}": run.columns.get(heading, "")
        for place, heading in enumerate(run.checked["headings"])
    }
    answers = [sent, officer.get(f"{page}/columns/")]
    with world.committed():
        answers.append(officer.post(f"{page}/columns/", columns))
    answers += [officer.get(f"{page}/change/"), officer.get(f"{page}/wrong-rows.csv")]
    for verb in verbs:
        run.refresh_from_db()
        with world.committed():
            answers.append(officer.post(f"{page}/act/{verb}/", {"expected": run.checked.get("mark", "")}))
        answers += [officer.get(f"{page}/change/"), officer.get(f"{page}/wrong-rows.csv")]
    shop = [officer.get("/admin/businesses/operator/"), officer.get("/admin/businesses/business/")]
    return [*answers, *shop, officer.get("/admin/businesses/importrun/")]


@door("a file through the screen", "302 200 302 200 200 302 200 200 200 200 200")
def import_screen(world):
    return _through_the_screen(world, registry_file(good_row(), *bad_rows()), "confirm")


@door("a file given up", "302 200 302 200 200 302 200 200 200 200 200")
def import_cancelled(world):
    return _through_the_screen(world, registry_file(good_row(), *bad_rows()), "cancel")


@door("a file taken back", "302 200 302 200 200 302 200 200 302 200 200 200 200 200")
def import_taken_back(world):
    return _through_the_screen(world, registry_file(good_row(), *bad_rows()), "confirm", "roll_back")


@door("a file whose columns have slipped", "302 200 302 200 200 302 200 200 200 200 200")
def import_slipped(world):
    slipped = (
        good_row(经营者姓名=CANARY["imported identity"]),
        good_row(统一社会信用代码=THIRD, 名称=CANARY["phone"], 身份证号=""),
    )
    return _through_the_screen(world, registry_file(*slipped), "confirm")


@door("a file named after a person", "302 200 200")
def import_named(world):
    name = f"{CANARY['identity']}-{CANARY['phone']}.csv"
    return [_upload(world.as_officer(), registry_file(good_row()), name), *_given_up(world)]


@door("a file without headings", "200 200 200")
def import_without_headings(world):
    content = registry_file(good_row(), good_row(统一社会信用代码=THIRD), headings=None)
    answers = [_upload(world.as_officer(), content)]
    return [*answers, *_given_up(world)]


def _given_up(world):
    """What has been kept of a file after nobody wanted it."""
    officer = world.as_officer()
    for run in ImportRun.objects.filter(status__in=("uploaded", "checked")):
        officer.post(f"/admin/businesses/importrun/{run.pk}/act/cancel/")
    return [
        officer.get("/admin/businesses/importrun/"),
        officer.get("/admin/businesses/source/registry/change/"),
    ]


@door("files that cannot be read", "200 200 200 200 200")
def import_unreadable(world):
    officer = world.as_officer()
    return [_upload(officer, content) for content in UNREADABLE.values()]


@door("files through the command")
def import_command(world):
    contents = {"good and bad": registry_file(good_row(), *bad_rows()), **UNREADABLE}
    for name, content in contents.items():
        path = world.folder / f"{name}.csv"
        path.write_bytes(content)
        try:
            with world.committed():
                call_command("import_businesses", str(path))
        except CommandError as problem:
            print(problem)
        path.unlink()
    assert ImportRun.objects.get().status == "done"
    return []


@door("files through the folder", "200 200")
def import_folder(world):
    directory = world.folder / "incoming" / "registry"
    directory.mkdir(parents=True)
    world.settings.IMPORT_FOLDER = str(directory.parent)
    for name, content in {"good": registry_file(good_row(), *bad_rows()), **UNREADABLE}.items():
        path = directory / f"{name}.csv"
        path.write_bytes(content)
        os.utime(path, (time.time() - 120,) * 2)
    with world.committed():
        call_command("poll_imports")
    # What a department has put there is its own; of what we add, only the reasons.
    world.written += [path.read_text("utf-8") for path in directory.rglob("*.txt")]
    return _given_up(world)


@door("exports")
def exports(world):
    for source in ("register", "registry", "employment"):
        path = world.folder / f"{source}.csv"
        call_command("export_businesses", str(path), source=source)
        world.written.append(path.read_text("utf-8"))
    assert "演示茶叶店" in world.written[0]
    return []


# Programs


def ask_token(world, secret, *, basic=False, **form):
    sent = {"grant_type": "client_credentials", **form}
    headers = {}
    if basic:
        headers["Authorization"] = f"Basic {b64encode(f'bureau:{secret}'.encode()).decode()}"
    else:
        sent |= {"client_id": "bureau", "client_secret": secret}
    return world.browser().post(
        "/api/v1/auth/token/",
        urlencode(sent),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )


@door("a token", "200", "token")
def right_secret(world):
    by_form = ask_token(world, CANARY["secret"])
    world.canaries["token"] = by_form.json()["access_token"]
    return [by_form]


@door("a token by its header", "400")
def by_header(world):
    ask_token(world, CANARY["secret"], basic=True)
    return [ask_token(world, CANARY["secret"], basic=True, scope="nothing")]


@door("a wrong secret", "401 401 400")
def wrong_secret(world):
    answers = [ask_token(world, CANARY["wrong secret"], basic=basic) for basic in (True, False)]
    broken = world.browser().post(
        "/api/v1/auth/token/",
        f"grant_type=client_credentials&client_secret={CANARY['wrong secret']}&client_secret=",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": f"Basic {CANARY['wrong secret']}"},
    )
    return [*answers, broken]


@door("a token shown, ended and shown again", "200 200 401")
def token_used(world):
    program = world.as_program()
    seen = program.get("/api/v1/businesses/")
    ended = world.browser().post(
        "/api/v1/auth/revoke/",
        urlencode(
            {"token": world.canaries["token"], "client_id": "bureau", "client_secret": CANARY["secret"]}
        ),
        content_type="application/x-www-form-urlencoded",
    )
    return [seen, ended, program.get("/api/v1/businesses/")]


@door("shops over the API", "200 200 200 200 200 200 400 404")
def api_reads(world):
    world.with_account()
    one = f"/api/v1/businesses/{world.shop.public_id}/"
    program, owner = world.as_program(), world.as_owner()
    asked = f"/api/v1/businesses/?credit_code={CANARY['identity']}"
    return [
        *(
            who.get(where)
            for who in (program, owner)
            for where in ("/api/v1/businesses/", one, f"{one}matches/")
        ),
        program.get(asked),
        program.get(f"/api/v1/businesses/{CANARY['identity']}/"),
    ]


@door("shops written over the API", "400 400 400 400 201 409 400 400 400 200 400")
def api_writes(world):
    program, owner = world.as_program(), world.as_owner()
    one = f"/api/v1/businesses/{world.shop.public_id}/"
    shop = {
        "credit_code": SECOND,
        "name": "演示店",
        "operator_name": "演示人",
        "identity_number": CANARY["imported identity"],
        "facts": {"district": "520203"},
    }

    def post(**change):
        return program.post("/api/v1/businesses/", {**shop, **change}, content_type="application/json")

    def patch(who, body):
        return who.patch(one, body, content_type="application/json")

    return [
        post(identity_number=CANARY["wrong identity"]),
        post(identity_number=int(CANARY["wrong identity"])),
        post(identity_number={"number": CANARY["imported identity"]}),
        post(facts={"district": CANARY["imported identity"]}),
        post(),
        post(),
        patch(program, {"facts": {"district": CANARY["identity"]}}),
        patch(program, {"facts": {"district": "520203"}, "version": int(CANARY["account"][:15])}),
        patch(owner, {"facts": {"monthly_rent": CANARY["account"]}}),
        patch(owner, {"facts": {"monthly_rent": "900.00"}}),
        program.post(
            "/api/v1/businesses/",
            f'{{"identity_number": "{CANARY["imported identity"]}", "identity_number": ',
            content_type="application/json",
        ),
    ]


@door("an application over the API", "400 400 201 201 400 400 200 200 200 409 400 400 400 204 200")
def application_over_the_api(world):
    world.with_account()
    owner, address = world.as_owner(), "/api/v1/applications/"
    key = {"Idempotency-Key": "canary"}

    def send(path, body, method="post"):
        sent = {"content_type": "application/json", "headers": key if method == "post" else {}}
        return getattr(owner, method)(address + path, body, **sent)

    def upload(name):
        file = SimpleUploadedFile(name, picture(), "image/jpeg")
        return owner.post(f"{one}files/", {"material": "租赁合同", "file": file})

    begin = {"business": str(world.shop.public_id), "benefit": "M05c"}
    wrong = [
        send("", {**begin, "business": CANARY["identity"]}),
        send("", {**begin, "answers": {"monthly_rent": CANARY["account"]}}),
    ]
    begun = send("", begin)
    one = begun.headers["Location"].removeprefix("http://testserver")
    path = one.removeprefix(address)
    uploaded = upload("合同.jpg")
    return [
        *wrong,
        begun,
        uploaded,
        owner.post(f"{one}files/", {"material": CANARY["phone"], "file": "—"}),
        send(path, {"version": 2, "answers": {"monthly_rent": CANARY["identity"]}}, "patch"),
        owner.get(one),
        owner.get(address),
        owner.get(f"{one}events/"),
        send(f"{path}submit/", {"version": 2, "declared": True}),
        send(f"{path}withdraw/", {"reason": f"请打 {CANARY['phone']}"}),
        send(f"{path}appeal/", {"words": f"我的账号是 {CANARY['account']}，请再看一次。"}),
        send(f"{path}correct/", {"files": {"租赁合同": [CANARY["identity"]]}}),
        owner.delete(f"{one}files/{uploaded.json()['id']}/"),
        world.as_officer().get("/admin/cases/auditentry/"),
    ]


def picture():
    """A photograph with where it was taken in it, as phones write it."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(made, "JPEG", comment=CANARY["phone"].encode())
    return made.getvalue()


@door("keys rotated")
def rotation(world):
    world.with_account()
    world.settings.ENCRYPTION_KEYS = {"new": b"n" * 32, **world.settings.ENCRYPTION_KEYS}
    call_command("rotate_keys")
    assert User.objects.get(pk=world.owner.pk).phone.key_id == "new"
    return []


# Something breaks while a view has the numbers in its hands


def _breaks(name, target, act, statuses="500"):
    """The door ``act`` while what stands at ``target`` raises."""

    def broken(world):
        def fail(*args, **kwargs):
            raise RuntimeError("broken on purpose")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(target, fail)
            answers = act(world)
        assert world.reports.made, "nothing broke"
        return answers

    DOORS[f"{name}, which breaks"] = Door(broken, statuses)


def _post(address, who, **sent):
    return lambda world: [getattr(world, who)().post(address, sent)]


_breaks("asking for a code", "core.sms.send", _post("/login/", "browser", phone=CANARY["phone"]))
_breaks("trying a code", "accounts.signing_in.codes.constant_time_compare", right_code, "302 200 500 302 302")
_breaks(
    "a password",
    "accounts.signing_in.limits.password_was_right",
    _post("/login/staff/", "browser", login="officer", password=CANARY["password"]),
)
_breaks(
    "a password again",
    "accounts.signing_in.sessions.prove",
    _post("/me/security/prove/password/", "as_officer", password=CANARY["password"]),
)
_breaks(
    "binding",
    "businesses.actions.prove",
    _post(
        "/me/bind/",
        "as_other",
        credit_code=CODE,
        operator_name=NAME,
        last_six=CANARY["last six"],
        agree="1",
    ),
)
_breaks(
    "an account",
    "businesses.actions.account_index",
    _post("/me/account/", "as_owner", holder=NAME, bank="演示银行", number=CANARY["account"], agree="1"),
)
_breaks(
    "a mandate",
    "businesses.actions.record",
    _post(
        "/me/mandates/",
        "as_owner",
        phone=CANARY["agent's phone"],
        until=UNTIL,
        scopes="answer",
    ),
)
_breaks("revealing", "businesses.admin.register.render", reveal_identity, "500 500")
_breaks("a token", "core.limits.forget", lambda world: [ask_token(world, CANARY["secret"])])
_breaks("one's own data", "businesses.own_data._mandate", lambda world: own_data_with_mandate(world))
_breaks(
    "a shop over the API",
    "businesses.providing.take_in",
    api_writes,
    "400 400 400 400 500 500 400 400 400 200 400",
)
_breaks(
    "a file",
    "businesses.importing.files.read_headings",
    lambda world: [_upload(world.as_officer(), registry_file(good_row()))],
)


def own_data_with_mandate(world):
    world.with_account()
    world.as_owner().post(
        "/me/mandates/",
        {"phone": CANARY["agent's phone"], "until": UNTIL, "scopes": ["apply"]},
    )
    return [world.as_owner().post("/me/data/file/", {"last_six": CANARY["last six"]})]
