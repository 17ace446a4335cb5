"""What somebody typed stays text: markup in every text of every row, on every page of staff and owners, in letters and
in files. A template with ``|safe``, or ``mark_safe``, shows up here, whichever field it was for."""

import csv
import io
import re

import openpyxl
import pytest
from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from cases.models import Correction, Defect
from cases.papers import sheet, typesetting
from core import guards
from subsidies import papers
from subsidies.models import Application, Payment, RiskFlag
from visits.models import Visit

from . import matrix, staff_matrix
from . import world as made
from .cells import OPEN

pytestmark = pytest.mark.django_db

ROOMS = ("accounts", "businesses", "notifications", "cases", "subsidies", "services", "needs", "visits")
SHORTEST = 20  # a shorter text holds a code
# Words for programs, which no form takes as they are typed.
CODES = {
    *("password", "phone_index", "notice", "action", "subject", "source", "scopes", "redirect_uris"),
    *("post_logout_redirect_uris", "allowed_origins", "code", "key", "sha256", "seed", "fingerprint", "path"),
    *("identity_index", "number_index", "person_index", "abnormal_reason", "credit_code", "fact", "scope"),
    *("digest", "approved_digest", "stored_name", "media_type", "left_at", "category", "stage", "other"),
    *("outcome", "cause", "url", "number", "action_path", "ended_by", "procedure", "state", "phase"),
    *("kind", "asker_key", "step"),
}
GUARDED = {"cases.AuditEntry", "subsidies.LedgerEntry", "accounts.AccessEvent"}  # the database keeps them
REASONS = {
    "businesses.TypeVerdict",
    "businesses.TypeChange",
    "notifications.Withheld",
}  # ``reason`` is a code there
# For long texts and for short ones; in a table of figures each would be a formula.
MARKUP = ("=<b onmouseover=alert(1)>甲{}&amp;\"'", "@<b x>甲{}\"'")
# A title that was cut short may end within the number.
LOOSE = re.compile(r"<b (?:onmouseover=alert\(1\)|x)>甲(\d{3,4})|甲(\d{3,4})(?:&amp;)?\"'")
# Pages of the admin whose words stand nowhere else.
ALONE = re.compile("/(mandate|rating)/|/application/.*/change/")
SPOKEN = re.compile(r"&lt;b (?:onmouseover=alert\(1\)|x)&gt;甲(\d{3,4})")


def texts():
    """Every text of the rooms that somebody may have typed, as (model, field)."""
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            if model._meta.proxy:
                continue
            for field in model._meta.concrete_fields:
                if type(field) not in (models.CharField, models.TextField) or field.choices or field.unique:
                    continue
                is_code = field.name in CODES or (field.max_length or SHORTEST) < SHORTEST
                is_reason = field.name == "reason" and model._meta.label in REASONS
                if not is_code and not is_reason and model._meta.label not in GUARDED:
                    yield model, field


FIELDS = list(texts())
# Texts inside of what is kept as JSON.
INSIDE = {997: "visits.Visit.items", 998: "cases.Case.excused", 999: "cases.Case.verdicts"}


def type_in():
    """Fill each text of every row; which field it was stands in it as a number."""
    long, short = MARKUP
    guards.drop(tables=["cases_message"])
    for number, (model, field) in enumerate(FIELDS, 1000):
        text = long if (field.max_length or 100) >= 40 else short
        model.objects.update(**{field.name: text.format(number)})
    for case in Application.objects.all():
        [name] = [row["id"] for row in case.judged.get("criteria", ())][:1] or ["1"]
        case.excused = {"租赁合同": long.format(998)}
        case.verdicts = {name: {"verdict": "pass", "note": long.format(999)}}
        case.save()
    Visit.objects.update(items=[long.format(997)])
    guards.create(tables=["cases_message"])


def add_rows(rows):
    """What the world of the matrix has none of: a correction with a defect, a risk that was looked at, a payment."""
    case, by = rows["application"], User.objects.get(username="hr_reviewer")
    correction = Correction.objects.create(
        case=case, number=1, asked_by=by, due_on=timezone.localdate(), answered_at=timezone.now()
    )
    Defect.objects.create(
        correction=correction,
        kind="material",
        name="租赁合同",
        reason="不清楚",
        sample="重拍",
        before=[],
        after=[],
    )
    looked = {"outcome": "looked", "note": "看过", "cleared_by": by, "cleared_at": timezone.now()}
    RiskFlag.objects.create(application=case, kind="person", other="application 0", **looked)
    account = case.operator.payment_accounts.first()
    Payment.objects.create(
        instalment=rows["instalment"],
        batch=rows["batch"],
        reference="PF-demo-0001",
        amount_fen=1,
        account=account,
        reason="户名不符",
        status="returned",
        settled_at=timezone.now(),
        prepared_by=User.objects.get(username="hr_finance"),
    )


def name_of(number):
    if int(number) in INSIDE:
        return INSIDE[int(number)]
    model, field = FIELDS[int(number) - 1000]
    return f"{model._meta.label}.{field.name}"


def addresses(one_in):
    """Every page and file of ours, and some or all of those that the admin has for every model: in any case those
    that are ALONE in what they say."""
    stock = staff_matrix.model_pages()
    chosen = {
        address for place, address in enumerate(sorted(stock)) if not place % one_in or ALONE.search(address)
    }
    return {
        **matrix.PAGES,
        **matrix.INBOX,
        **matrix.CASES,
        **matrix.JOBS,
        **staff_matrix.ADMIN_PAGES,
        **staff_matrix.CASE_PAGES,
        **{address: stock[address] for address in chosen},
    }


def answers(world, table):
    """(address, kind, content) of every page and file, for somebody who is shown it."""
    rows, browsers = world
    for address, verbs in table.items():
        for role in [role for role in made.ROLES if verbs["GET"][role] == OPEN][-1:]:
            with transaction.atomic():
                response = browsers[role].get(matrix.filled(address, rows))
                yield address, response.headers.get("Content-Type", ""), b"".join(response)
                transaction.set_rollback(True)


def cells(kind, content):
    if "csv" in kind:
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]


@pytest.fixture(scope="module", params=[10, pytest.param(1, marks=pytest.mark.long)])
def said(request, world, django_db_blocker):
    """[(address, kind, content)] of every page and file, where everything that somebody may have typed is MARKUP."""
    with django_db_blocker.unblock(), transaction.atomic():
        add_rows(world[0])
        type_in()
        found = list(answers(world, addresses(request.param)))
        transaction.set_rollback(True)
    return found


def test_markup_is_text_on_every_page(said):
    loose, spoken = set(), set()
    for address, kind, content in said:
        if kind.startswith("text/html"):
            page = content.decode()
            loose |= {(address, name_of(one or other)) for one, other in LOOSE.findall(page)}
            spoken |= set(map(name_of, SPOKEN.findall(page)))

    assert loose == set()
    # What the test is about was on pages at all: what owners write, and what answers them.
    assert {
        "businesses.CorrectionRequest.note",
        "businesses.Mandate.relation",
        "businesses.PaymentAccount.bank",
        "businesses.Business.name",
        "businesses.Business.address",
        "businesses.Operator.name",
        "cases.Appeal.words",
        "cases.Rating.words",
        "cases.Evidence.original_name",
        "cases.CaseFile.material",
        "cases.Defect.reason",
        "cases.Message.words",
        "services.Offering.title",
        "subsidies.RiskFlag.note",
        "subsidies.Payment.reason",
        *INSIDE.values(),
    } - spoken == set()


def test_no_cell_of_a_file_is_run_as_a_formula(said):
    files, loose = set(), set()
    for address, kind, content in said:
        if "csv" in kind or "spreadsheet" in kind:
            files.add(address)
            found = [str(cell) for cell in cells(kind, content)]
            loose |= {(address, cell) for cell in found if cell.startswith(("=", "@", "+", "＝"))}

    assert loose == set()
    assert len(files) > 5


def test_a_letter_says_markup_as_it_was_typed(world, monkeypatch):
    type_in()
    set_, line = [], typesetting._Sheet.multi_cell
    monkeypatch.setattr(
        typesetting._Sheet,
        "multi_cell",
        lambda sheet, *given, **named: set_.append((given, named)) or line(sheet, *given, **named),
    )
    case = world[0]["application"]
    case.refresh_from_db()

    sheet.pdf(papers.receipt_paper(case))

    said = "".join(str(given) for given, _ in set_)
    assert "<b onmouseover=alert(1)>甲" in said
    assert [named for _, named in set_ if named.get("markdown")] == []
