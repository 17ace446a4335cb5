"""Every public address, as phones and desktops show it."""

import pytest
from django.urls import get_resolver

from .addresses import FILLED, FOR_PROGRAMMERS, PAGES
from .conftest import DESKTOP, NARROW, PHONE
from .owners import answers_cookie, typical_owners

MAIN = [
    "/",
    "/policies/",
    "/policies/M05/",
    "/policies/M05c/",
    "/policies/?q=房租",
    "/ask/?q=房租补贴要带什么",
    "/check/",
    "/check/q/identity/",
    "/check/q/premises/",
    "/check/results/",
    "/services/",
    f"/calc/tax/?{FILLED['tax']}",
    "/help/",
    "/a11y/prefs/",
    "/dev/",
]


def test_no_public_page_is_left_out_of_the_crawl():
    named = {row.name for row in get_resolver().url_patterns if getattr(row, "name", None)}
    named |= {row.name for row in get_resolver("eligibility.urls").url_patterns}
    named |= {row.name for row in get_resolver("accounts.urls").url_patterns}
    named |= {row.name for row in get_resolver("portal.me.urls").url_patterns}
    named |= {row.name for row in get_resolver("notifications.urls").url_patterns}
    named |= {row.name for row in get_resolver("cases.urls").url_patterns}
    named |= {row.name for row in get_resolver("subsidies.urls").url_patterns}
    named |= {row.name for row in get_resolver("services.urls").url_patterns}
    named |= {row.name for row in get_resolver("needs.urls").url_patterns}
    named |= {row.name for row in get_resolver("visits.urls").url_patterns}
    named |= {row.name for row in get_resolver("jobs.urls").url_patterns}
    named |= {row.name for row in get_resolver("portal.effect.pages").url_patterns}

    assert named == {
        *(
            "home",
            "policy-list",
            "measure",
            "remind",
            "ask",
            "check",
            "question",
            "results",
            "calculators",
            "calculator",
        ),
        *("effect", "help", "offline", "privacy", "accessibility", "preferences", "developers"),
        *("me", "me-bind", "me-unbind", "me-account", "me-mandates", "me-correct"),  # test_me_in_browser.py
        # test_inbox_in_browser.py
        *("inbox", "inbox-message", "inbox-letter", "inbox-preferences", "inbox-calendar", "stop"),
        *("inbox-calendar-feed", "calendar-feed"),
        *("inbox-act", "inbox-letter-act", "inbox-dismiss", "inbox-mute", "inbox-email"),  # POST only
        *("inbox-consent", "inbox-stop", "inbox-undo"),
        # test_apply_in_browser.py
        *("apply", "apply-tasks", "apply-facts", "apply-materials", "apply-account", "apply-check"),
        "family",  # there too
        *("apply-discard", "cases", "case", "receipt", "case-correct", "case-withdraw", "case-appeal"),
        *("case-claim", "offer", "case-letter", "case-letter-pdf"),
        "case-account",  # POST only
        "case-do",  # tests/cases/test_general_verbs.py
        "case-appeal-withdraw",  # POST only
        # test_wallet_in_browser.py
        *("evidence", "evidence-thumbnail", "me-evidence", "me-evidence-rotate", "me-evidence-delete"),
        *("selfcheck", "conversion"),  # addresses.py
        *("services", "service", "service-ask"),  # tests/services/test_owner_in_browser.py
        *("needs-similar", "needs-send", "needs-answer"),  # tests/needs/test_needs_in_browser.py
        *("need", "needs-answers", "services-board", "one-tap"),
        "service-institutions",  # tests/services/test_finance_in_browser.py
        *("case-pass-on", "case-accept", "case-accept-leg", "case-share", "case-share-leg"),  # there too
        *("me-sharing", "me-sharing-revoke"),
        # tests/visits/test_visits_in_browser.py
        *("me-visits", "me-visit-calendar", "me-visit-complain", "me-code", "at-the-door"),
        *("jobs", "season", "contracts", "contract-blank", "contract-blank-pdf"),  # addresses.py
        # tests/jobs/test_market_in_browser.py
        *("own-posts", "new-post", "post", "change-post", "ask-post", "ask-worker", "report-post"),
        *("work", "work-card", "contact-phone"),
        *("post-act", "work-looking"),  # POST only
        # tests/jobs/test_contracts_in_browser.py
        *("contract", "contract-fill", "contract-confirm", "contract-file", "contract-pdf", "contract-begin"),
        *("requests", "request"),  # lead to the cases
        *("asked", "asked-do", "asked-cancel"),  # tests/services/test_seats_in_browser.py
        *("case-certificate", "case-certificate-pdf", "case-calendar"),  # there too
        *("notices", "notice", "rate"),  # addresses.py, test_rating_pages.py
        *("login", "staff-login", "account_login", "account_inactive", "outbox", "password-link"),
        "first-admin",  # tests/accounts/test_first_admin.py
        *("login-code", "mfa_authenticate"),  # in the middle of signing in: test_signing_in.py
        *(
            "security",
            "prove",
            "my-data",
            "my-data-file",
            "my-files",
            "close-account",
        ),  # for who is signed in: there too
        *("account_reauthenticate", "mfa_reauthenticate", "mfa_index", "mfa_activate_totp"),
        *("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
        "mfa_download_recovery_codes",
        *("live", "ready", "metrics"),  # for machines
        *(
            "set-preferences",
            "clear-answers",
            "undo-answers",
            "me-switch",
            "me-check",
            "me-revoke",
            "logout",
        ),  # POST only
        *("robots", "security-txt", "favicon", "service-worker"),
    }


@pytest.mark.crawl
@pytest.mark.parametrize("address", PAGES | FOR_PROGRAMMERS)
def test_a_page_is_accessible_and_fits_any_width(open_browser, faults, address):
    page = open_browser()

    response = page.goto(address)

    assert response.status == (PAGES | FOR_PROGRAMMERS)[address]
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert faults(page, [PHONE, DESKTOP, NARROW]) == []


@pytest.mark.parametrize("owner", typical_owners())
def test_results_are_accessible_and_fit_any_width(open_browser, faults, owner):
    page = open_browser(cookies={"answers": answers_cookie(typical_owners()[owner])})

    assert page.goto("/check/results/").status == 200
    assert page.locator("h1").count() == 1
    assert faults(page, [PHONE, DESKTOP, NARROW]) == []


@pytest.mark.crawl
@pytest.mark.parametrize("address", MAIN)
def test_a_page_is_accessible_in_the_largest_letters_on_dark(open_browser, faults, address):
    answers = answers_cookie(next(iter(typical_owners().values())))
    page = open_browser(cookies={"answers": answers, "display-size": "largest", "display-theme": "dark"})

    page.goto(address)

    assert page.evaluate("getComputedStyle(document.body).fontSize") == "25px"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 22, 20)"
    assert faults(page, [PHONE, DESKTOP, NARROW]) == []
