"""A calculator shows what comes out above its form, as a figure, a bar and lines; what is known need not be typed."""

import re

import pytest

from eligibility.answers import COOKIE
from tests.markup import markup
from tests.pages.owners import answers_cookie
from tests.pages.shops import browser_of, day, owner_of, store, tea_shop, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_loaded", "on_a_day_of_2026")]
TAXES = {"annual_taxable_income": "200000", "annual_vat": "0", "place": "city"}


@pytest.fixture
def on_a_day_of_2026(time_machine):
    time_machine.move_to("2026-11-29T10:00:00+08:00")


def heading(page):
    words = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]
    return " ".join(re.sub("<[^>]+>", "", words).split())


def lines(page):
    """``{label: sum}`` of the lines below the bar."""
    rows = re.findall(
        r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page.split('class="worked"')[1].split("</dl>")[0], re.DOTALL
    )
    return {re.sub("<[^>]+>|\n", " ", label).split()[0]: text for label, text in rows}


def test_the_figure_stands_in_the_heading_and_the_form_below_it(client):
    given = {**TAXES, "operator_groups": "self_employed_veteran", "registered_on": "2026-03-01"}
    page = client.get("/calc/tax/", given).content.decode()

    assert heading(page) == "2026 年，您的税费少交 24,750 元"
    assert "扣减从 2026 年 3 月到 2029 年 2 月" in page
    assert page.index('id="result"') < page.index('action="#result"')
    assert lines(page) == {
        "本来要交": "29,500 元",
        "先扣减": "− 20,000 元",
        "剩下的减半": "− 4,750 元",
        "还要交": "4,750 元",
    }


def test_the_parts_of_the_bar_are_as_long_as_their_sums_and_are_said(client):
    page = client.get("/calc/rent/", {"monthly_rent": "800"}).content.decode()

    parts = re.findall(r'<rect class="(\w+)" x="(\d+)" width="(\d+)"', page)
    assert parts == [("first", "0", "621"), ("remains", "625", "371")]
    assert 'aria-label="每月补贴 500 元，您自己付 300 元"' in page


@pytest.mark.parametrize(
    ("address", "given", "said"),
    [
        ("rent", {"monthly_rent": "380"}, "房租每月补 380 元，最多 13,680 元"),
        (
            "rent",
            {"monthly_rent": "800", "rent_subsidy_months_received": "36"},
            "房租补贴已经领满，不能再领",
        ),
        (
            "refund",
            {"unemployment_insurance_paid_last_year": "2000"},
            "失业保险费现在不能退，以前能退 1,200 元",
        ),
        ("loan", {"amount": "300000", "years": "3", "rate": "4.5"}, "贷款最高 30 万元，利息您付 20,250 元"),
        ("tax", {**TAXES, "year": "2028"}, "2028 年没有能享受的减免"),
        ("tax", {**TAXES, "annual_taxable_income": "0"}, "2026 年您本来就不用交，没有可以少交的"),
        (
            "startup",
            {"operator_groups": "veteran", "registered_on": "2026-01-15", "first_time_business": "true"},
            "2027 年 1 月 15 日起能领创业补贴 5,000 元",
        ),
        (
            "startup",
            {"operator_groups": "none-of-them", "registered_on": "2026-01-15"},
            "创业补贴，按您填的还不能领",
        ),
    ],
)
def test_the_heading_says_what_comes_out_and_never_nought_alone(client, address, given, said):
    assert heading(client.get(f"/calc/{address}/", given).content.decode()) == said


def test_what_was_answered_before_signing_in_is_filled_in_and_said(client):
    client.cookies[COOKIE] = answers_cookie({"operator_groups": ["veteran"], "registered_on": "2026-03-01"})

    page = text_of(client.get("/calc/tax/"))

    assert "已经知道的，改" in page
    assert "退役军人 登记日期 2026 年 3 月 1 日" in page


def test_for_the_shop_of_who_is_signed_in_what_departments_know_is_filled_in_with_its_source():
    said = tea_shop()
    said["tax"] |= {"annual_taxable_income": "120000", "annual_vat": "5000"}
    browser = browser_of(owner_of(store(said)))

    response = browser.get("/calc/tax/")

    today = day()
    assert 'name="annual_taxable_income" value="120000"' in markup(response)
    assert f"已按税务 {today.year} 年 {today.month} 月 {today.day} 日的数带出来。" in text_of(response)
    assert "自主就业退役士兵" in text_of(response)


@pytest.mark.parametrize("key", ["annual_taxable_income", "annual_vat"])
def test_each_figure_says_where_it_is_found(client, key):
    page = markup(client.get("/calc/tax/"))

    assert "申报表" in page.split(f'id="{key}-hint"')[1].split("</p>")[0]


def test_a_must_that_is_missing_is_shown_open_with_its_error(client):
    response = client.get("/calc/tax/", {"annual_taxable_income": "200000"})

    page = markup(response)
    assert (response.status_code, "请填写店在哪里" in page) == (400, True)
    assert page.index('name="place"') < page.index("<summary>再填")


@pytest.mark.parametrize(
    "known", [{"monthly_rent": "380"}, {"monthly_rent": "800", "rent_subsidy_months_received": 36}]
)
def test_what_is_known_is_worked_out_without_being_asked(client, known):
    asked = client.get("/calc/rent/", known).content.decode()
    client.cookies[COOKIE] = answers_cookie(known)

    assert heading(client.get("/calc/rent/").content.decode()) == heading(asked)


def test_where_a_must_is_not_known_nothing_is_worked_out(client):
    client.cookies[COOKIE] = answers_cookie({"rent_subsidy_months_received": 3})

    assert 'id="result"' not in client.get("/calc/rent/").content.decode()
