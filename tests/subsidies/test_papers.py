"""Letters: what they say, the same as page and PDF, for the owner and the bureau alone."""

import io

import pikepdf
import pytest
from django.urls import reverse

from cases.actions import correcting
from cases.papers import fonts, typesetting
from core.wording import day_text
from subsidies import papers
from subsidies.models import Application
from tests.notifications.register import open_shop

from . import world


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def filed(people):
    benefit, shop = world.grant_of_money(criteria=world.IN_DISTRICT), open_shop(1)
    world.envelope(benefit)
    return world.filed(benefit, shop, world.owner_of(shop))


def _text(paper):
    return "\n".join([paper.title, paper.opening, *(line for _, lines in paper.blocks for line in lines)])


def _pages(content):
    with pikepdf.open(io.BytesIO(content)) as document:
        return len(document.pages)


def test_a_receipt_names_number_bureau_and_day(filed):
    paper = papers.receipt_paper(filed)

    assert (paper.number, paper.signed, paper.to) == (filed.number, "试验局", "演示人")
    assert f"最迟 {day_text(filed.due_on)}有结果" in _text(paper)
    assert "5 个工作日（待核实）内" in _text(paper)
    assert "已收到：租赁合同" in _text(paper)


def test_a_receipt_stays_as_it_was_when_the_clock_stops(filed, people):
    before = papers.receipt(filed)
    defects = [{"kind": "material", "name": "租赁合同", "reason": "照片模糊看不清"}]

    stopped = correcting.request_correction(filed, defects, by=people.reviewer)

    assert papers.receipt(Application.objects.get(pk=stopped.pk)) == before


def test_where_nothing_is_promised_the_receipt_says_so(people):
    benefit, shop = world.grant_of_money(promised_working_days=None), open_shop(1)

    paper = papers.receipt_paper(world.filed(benefit, shop, world.owner_of(shop)))

    assert "时限待公布。" in _text(paper)


def test_a_correction_says_everything_at_once(filed, people):
    defects = [
        {"kind": "material", "name": "租赁合同", "reason": "照片模糊看不清", "sample": "四个角都拍进去"}
    ]
    application = correcting.request_correction(filed, defects, by=people.reviewer)
    correction = application.corrections.get()

    text = _text(papers.correction_paper(application, correction))

    assert "哪里不对：照片模糊看不清" in text
    assert "怎样才对：四个角都拍进去" in text
    assert f"请在 {day_text(correction.due_on)}前补上（待核实）" in text


def test_a_refusal_names_criterion_reason_clause_and_remedy(filed, people):
    application = world.refused(filed, people)

    text = _text(papers.decision_paper(application))

    assert application.judged["criteria"][0]["sentence"] in text
    assert world.REASON in text
    assert "《试行办法》第一条" in text
    assert "60 日内（待核实），可以申请行政复议；6 个月内（待核实），可以向法院提起行政诉讼" in text
    assert f"最迟 {day_text(application.remedy_until)}" in text


def test_an_approval_names_amount_and_account_by_its_end(filed, people):
    application = world.approved(filed, people)

    text = _text(papers.decision_paper(application))

    assert "5,000 元" in text
    assert f"尾号 {application.account.last_four}" in text
    assert world.ACCOUNT[:-4] not in text


def test_a_pdf_is_the_same_to_the_byte_each_time(filed):
    first, second = papers.receipt(filed), papers.receipt(Application.objects.get(pk=filed.pk))

    assert first == second
    assert first.startswith(b"%PDF-")
    assert _pages(first) == 1
    assert len(first) < 200_000  # only the characters that are used are embedded


def test_a_name_with_a_rare_character_is_set_all_the_same(filed):
    filed.operator.name = "王䶮𬭎"

    content = papers.receipt(filed)

    assert _pages(content) == 1


def test_characters_that_a_font_lacks_are_replaced_and_remembered():
    glyphs = typesetting._Glyphs({ord("王"): "g1", ord("〓"): "g2"})

    assert glyphs("王䶮") == "王〓"
    assert glyphs.lacks is True


def test_a_machine_without_a_font_for_chinese_is_known(tmp_path):
    (tmp_path / "DejaVuSans.ttf").touch()

    assert fonts.find([tmp_path, tmp_path / "nowhere"]) is None


def test_fonts_are_found_by_their_names_in_folders_below(tmp_path):
    (tmp_path / "noto").mkdir()
    (tmp_path / "noto" / "NotoSansCJK-Regular.ttc").touch()
    (tmp_path / "wqy-microhei.ttc").touch()

    assert fonts.find([tmp_path]) == (tmp_path / "noto" / "NotoSansCJK-Regular.ttc", 2)


def test_a_letter_is_for_its_owner_and_its_bureau(client, filed, people):
    other_bureau = world.bureau("others", "别的局")
    who = {
        "owner": (filed.submitter, 200),
        "reviewer": (people.reviewer, 200),
        "other owner": (world.owner_of(open_shop(2)), 404),
        "other bureau": (other_bureau.reviewer, 404),
    }

    found = {}
    for name, (user, _) in who.items():
        client.force_login(user)
        addresses = [reverse(route, args=[filed.public_id, "receipt"]) for route in ROUTES]
        found[name] = {client.get(address).status_code for address in addresses}

    assert found == {name: {status} for name, (_, status) in who.items()}


ROUTES = ("case-letter", "case-letter-pdf")


def test_a_letter_that_is_not_written_yet_is_not_there(client, filed):
    client.force_login(filed.submitter)

    found = [
        client.get(reverse("case-letter", args=[filed.public_id, kind])).status_code
        for kind in ("decision", "correction", "other")
    ]

    assert found == [404, 404, 404]


def test_the_page_to_print_says_what_the_pdf_says(client, filed, people):
    application = world.refused(filed, people)
    client.force_login(application.submitter)

    page = client.get(reverse("case-letter", args=[application.public_id, "decision"])).content.decode()

    assert world.REASON in page
    assert "不予批准决定书" in page
    assert reverse("case-letter-pdf", args=[application.public_id, "decision"]) in page
