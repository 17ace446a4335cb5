"""Who may open what: every address of the site, for every role, read and written.

A cell is one of OPEN (answered, even if only to say what is missing), LOGIN (asked to sign in), FORBIDDEN (403), HIDDEN
(404, or the admin's "no such row": as if it did not exist) or ABSENT (the address does not know the verb). An address
names its rows by what they are in world.py; ``own`` is the labour bureau's, ``market`` the market regulator's.
"""

from .world import ROLES, STAFF

OPEN, LOGIN, FORBIDDEN, HIDDEN, ABSENT = "open", "login", "forbidden", "hidden", "absent"
CLOSED = "closed"  # forbidden or hidden

OWNERS = ["owner", "other", "agent"]
OFFICERS = ["hr_policy"]
REVIEWERS = ["hr_reviewer", "market_reviewer"]
APPROVERS = ["hr_approver", "market_approver"]
HR_CASE = ["hr_reviewer", "hr_approver"]
HR = [role for role in STAFF if role.startswith("hr_")]
HR_OTHERS = [role for role in HR if role not in OFFICERS]
MARKET = ["market_reviewer", "market_approver"]
READERS = ["admin", "auditor"]
CASE_WORKERS = [*REVIEWERS, *APPROVERS]
WATCHERS = [*READERS, *OFFICERS]  # of pushes


def everybody(cell):
    return dict.fromkeys(ROLES, cell)


def cells(others, **given):
    """The row of a table: ``others`` for whom nothing else is said; ``open=[…], login=[…]`` and so on name the rest."""
    row = everybody(others)
    for cell, roles in given.items():
        row |= dict.fromkeys(roles, cell)
    return row


def both(get, post=None):
    return {"GET": get, "POST": get if post is None else post}


READ_ONLY = both(everybody(OPEN), everybody(ABSENT))
ANYONE = both(everybody(OPEN))
WRITE_ONLY = both(everybody(ABSENT), everybody(OPEN))
NOWHERE = both(everybody(HIDDEN))

STRANGERS = ["anonymous", "program"]


def personal(get=OPEN, post=None, **given):
    """A page for whoever has signed in."""
    get = cells(get, login=STRANGERS, **given)
    return both(get, None if post is None else cells(post, login=STRANGERS, **given))


def staff(open_to, others=FORBIDDEN, **given):
    """A page of the admin: people who are no staff are asked to sign in as such."""
    return cells(others, open=open_to, login=[*STRANGERS, *OWNERS], **given)


ALL_STAFF = staff(STAFF)
FACTOR = both(cells(HIDDEN, login=STRANGERS, forbidden=OWNERS))
FACTOR_OPEN = both(cells(OPEN, login=STRANGERS, forbidden=OWNERS))

PAGES = {
    "": ANYONE,
    "policies/": ANYONE,
    "policies/M05/": ANYONE,
    "check/": ANYONE,
    "check/q/identity/": ANYONE,
    "check/results/": ANYONE,
    "check/clear/": WRITE_ONLY,
    "calc/": ANYONE,
    "calc/tax/": ANYONE,
    "help/": READ_ONLY,
    "privacy/": READ_ONLY,
    "a11y/": READ_ONLY,
    "a11y/prefs/": ANYONE,
    "prefs/": WRITE_ONLY,
    "dev/": ANYONE,
    "dev/outbox/": NOWHERE,  # only where DEBUG is on
    "robots.txt": READ_ONLY,
    "livez": ANYONE,
    "readyz": ANYONE,
    # Signing in
    "login/": ANYONE,
    "login/code/": both(everybody(LOGIN)),  # nobody here has asked for a code
    "login/staff/": ANYONE,
    "login/staff/code/": both(cells(OPEN, login=STRANGERS)),
    "login/inactive/": both(everybody(FORBIDDEN)),
    "logout/": WRITE_ONLY,
    "me/security/": personal(),
    "me/security/prove/": personal(),
    "me/security/prove/password/": FACTOR_OPEN,
    "me/security/prove/factor/": FACTOR_OPEN,
    "me/security/factor/": ANYONE,
    "me/security/factor/on/": FACTOR_OPEN,
    "me/security/factor/off/": FACTOR,  # nobody here has one
    "me/security/factor/codes/": both(
        cells(HIDDEN, login=STRANGERS, forbidden=OWNERS), cells(ABSENT, login=STRANGERS, forbidden=OWNERS)
    ),
    "me/security/factor/codes/new/": FACTOR_OPEN,
    "me/security/factor/codes/file/": FACTOR,
    "me/data/": personal(post=HIDDEN),  # nothing named to withdraw
    "me/data/file/": both(cells(OPEN, login=STRANGERS), everybody(ABSENT)),
    "me/data/close/": personal(),
    # A shop of one's own, or by mandate
    "me/": personal(),
    "me/bind/": personal(),
    "me/unbind/": personal(hidden=["agent"]),
    "me/switch/": personal(post=HIDDEN),  # no shop named
    "me/check/": personal(),
    "me/correct/district/": personal(forbidden=["agent"]),
    "me/account/": personal(forbidden=["agent"]),
    "me/mandates/": personal(),
    "me/mandates/{mandate}/revoke/": both(
        cells(OPEN, login=STRANGERS),  # leads back to the list
        cells(
            HIDDEN,
            open=["owner", "agent", "admin", *MARKET],
            login=STRANGERS,
            forbidden=[*HR_CASE, "auditor"],
        ),
    ),
}


def message(owner, agent, others):
    """A page about a message of the owner that the agent may read: what posting means for each of them."""
    return both(
        cells(HIDDEN, open=["owner", "agent"], login=STRANGERS, forbidden=STAFF),
        cells(others, login=STRANGERS, forbidden=STAFF) | {"owner": owner, "agent": agent},
    )


INBOX = {
    "inbox/": personal(post=ABSENT, forbidden=STAFF),
    "inbox/{message}/": message(ABSENT, ABSENT, ABSENT),
    "inbox/{message}/act/": message(OPEN, OPEN, HIDDEN),
    "inbox/{message}/dismiss/": message(OPEN, FORBIDDEN, HIDDEN),
    "inbox/{message}/mute/": message(OPEN, FORBIDDEN, HIDDEN),
    "inbox/{message}/calendar.ics": message(ABSENT, ABSENT, ABSENT),
    "inbox/preferences/": personal(forbidden=STAFF),
    "inbox/preferences/email/": personal(forbidden=STAFF),
    "inbox/preferences/consent/": personal(forbidden=STAFF),
    "inbox/preferences/stop/": personal(forbidden=STAFF),
    "inbox/preferences/restore/{silence}/": both(
        cells(OPEN, login=STRANGERS, forbidden=STAFF),  # leads back to the list
        cells(HIDDEN, open=["owner"], login=STRANGERS, forbidden=STAFF),
    ),
    "stop/wrong/": NOWHERE,
}

CASE_STAFF = {
    "hrss": ["owner", *READERS, *HR_CASE, "hr_finance"],
    "market": ["other", *READERS, *MARKET],
}


def of_case(cell, bureau="hrss"):
    """What an address about a case answers: ``cell`` to whom sees it, to others as if there were none."""
    return cells(HIDDEN, login=["anonymous"]) | dict.fromkeys(CASE_STAFF[bureau], cell)


SEES_SHOP = ["owner", "agent", "program", *READERS, *CASE_WORKERS]
API = {
    "api": NOWHERE,
    "api/": NOWHERE,
    "api/schema/": READ_ONLY,
    "api/docs/": READ_ONLY,
    "api/v1/evaluations/": WRITE_ONLY,
    "api/v1/evaluations/batch/": WRITE_ONLY,
    "api/v1/calculators/tax/": WRITE_ONLY,
    "api/v1/auth/token/": WRITE_ONLY,
    "api/v1/auth/revoke/": WRITE_ONLY,
    "api/v1/measures/": READ_ONLY,
    "api/v1/measures/M05/": READ_ONLY,
    "api/v1/benefits/": READ_ONLY,
    "api/v1/benefits/M05a/": READ_ONLY,
    "api/v1/benefits/M05a/versions/": READ_ONLY,
    "api/v1/departments/": READ_ONLY,
    "api/v1/facts/": READ_ONLY,
    "api/v1/businesses/": both(
        cells(OPEN, login=["anonymous"]), cells(FORBIDDEN, login=["anonymous"], open=["program"])
    ),
    "api/v1/businesses/{shop}/": both(
        cells(HIDDEN, login=["anonymous"], open=SEES_SHOP), cells(ABSENT, login=["anonymous"])
    ),
    "api/v1/businesses/{nobody}/": both(
        cells(HIDDEN, login=["anonymous"]), cells(ABSENT, login=["anonymous"])
    ),
    "api/v1/businesses/{shop}/matches/": both(
        cells(HIDDEN, login=["anonymous"], open=SEES_SHOP), cells(ABSENT, login=["anonymous"])
    ),
    "api/v1/notifications/": both(
        cells(OPEN, login=["anonymous"]), cells(ABSENT, login=["anonymous"])
    ),  # one's own
    "api/v1/notifications/{message_id}/read/": both(
        cells(ABSENT, login=["anonymous"]),
        cells(HIDDEN, open=["owner"], login=["anonymous"], forbidden=["agent", "program"]),
    ),
    "api/v1/applications/": both(cells(OPEN, login=["anonymous"])),  # one's own; posting says what is missing
    "api/v1/applications/{application}/": both(of_case(OPEN), of_case(ABSENT)),
    "api/v1/applications/{nobody}/": both(cells(HIDDEN, login=["anonymous"])),
    "api/v1/applications/{market_application}/": both(of_case(OPEN, "market"), of_case(ABSENT, "market")),
    "api/v1/applications/{application}/events/": both(of_case(OPEN), cells(ABSENT, login=["anonymous"])),
    **{
        f"api/v1/applications/{{application}}/{verb}/": both(
            of_case(ABSENT), of_case(FORBIDDEN) | {"owner": OPEN}
        )
        for verb in ("submit", "withdraw", "correct", "appeal", "files")
    },
    "api/v1/applications/{application}/files/{evidence}/": both(of_case(ABSENT)),
}

ADMIN_PAGES = {
    "admin/": both(ALL_STAFF),
    "admin/login/": both(
        cells(HIDDEN, login=STRANGERS, forbidden=OWNERS)
    ),  # staff are led on to where they may go
    "admin/logout/": both(
        cells(ABSENT, hidden=[*STRANGERS, *OWNERS]), cells(OPEN, hidden=[*STRANGERS, *OWNERS])
    ),
    "admin/password_change/": both(ALL_STAFF),
    "admin/password_change/done/": both(ALL_STAFF, staff([], ABSENT)),
    "admin/jsi18n/": both(ALL_STAFF, staff([], ABSENT)),
    "admin/autocomplete/": both(staff([]), staff([], ABSENT)),  # no field named
    "admin/r/1/1/": both(staff([], HIDDEN)),
    "admin/accounts/": both(ALL_STAFF),
    "admin/auth/": both(staff(["admin"], HIDDEN)),
    "admin/businesses/": both(ALL_STAFF),
    "admin/policies/": both(ALL_STAFF),
    "admin/notifications/": both(staff(WATCHERS, HIDDEN)),
    "admin/notifications/pushrun/switch/": both(staff(WATCHERS), staff(["admin", *OFFICERS])),
    "admin/notifications/pushrun/uptake/": both(staff(WATCHERS)),
    "admin/notifications/pushrun/uptake.csv": both(staff(WATCHERS)),
    "admin/notifications/pushrun/funnels/": both(staff(WATCHERS)),
    "admin/notifications/pushrun/version/{version}/": both(staff(WATCHERS)),
    "admin/notifications/pushrun/audience/{own_draft}/": both(staff(WATCHERS)),
    "admin/notifications/pushrun/audience/{market_draft}/": both(staff(READERS, hidden=OFFICERS)),
    "admin/notifications/pushrun/{push_run}/act/pause/": both(
        staff([], ABSENT), staff(["admin", *OFFICERS], HIDDEN, forbidden=["auditor"])
    ),
    "admin/notifications/delivery/{delivery}/redrive/": both(
        staff([], ABSENT), staff(["admin", *OFFICERS], HIDDEN, forbidden=["auditor"])
    ),
    "admin/nothing": both(staff([], HIDDEN)),
    "admin/accounts/user/{user}/password/": both(staff(["admin"])),
    "admin/policies/benefitversion/{own_draft}/draft/": both(staff([]), staff(["admin", *OFFICERS])),
    "admin/policies/benefitversion/{market_draft}/draft/": both(
        staff([]), staff(["admin"], hidden=["hr_policy"])
    ),
    "admin/policies/benefitversion/{own_draft}/impact/": both(
        staff([*READERS, *HR], HIDDEN), staff(["admin", *OFFICERS], HIDDEN, forbidden=["auditor", *HR_OTHERS])
    ),
    "admin/policies/benefitversion/{market_draft}/impact/": both(
        staff([*READERS, *MARKET], HIDDEN), staff(["admin"], HIDDEN, forbidden=["auditor", *MARKET])
    ),
    **{
        f"admin/policies/benefitversion/{row}/{page}/": both(staff(seen, HIDDEN), staff([], ABSENT))
        for row, seen in (("{own_draft}", [*READERS, *HR]), ("{market_draft}", [*READERS, *MARKET]))
        for page in ("publish", "compare")
    },
    **{
        f"admin/policies/benefitversion/{{own_draft}}/act/{verb}/": both(
            staff([], ABSENT), staff(["admin", *OFFICERS], HIDDEN, forbidden=["auditor", *HR_OTHERS])
        )
        for verb in ("propose", "take_back", "publish", "withdraw")
    },
    "admin/policies/benefitversion/{market_draft}/act/propose/": both(
        staff([], ABSENT), staff(["admin"], HIDDEN, forbidden=["auditor", *MARKET])
    ),
    "admin/policies/measure/{own_measure}/benefit/": both(staff(["admin", *OFFICERS])),
    "admin/policies/measure/{market_measure}/benefit/": both(staff(["admin"])),
    "admin/businesses/importrun/{own_run}/columns/": both(
        staff(["admin", "hr_reviewer"], HIDDEN, forbidden=["auditor"])
    ),
    "admin/businesses/importrun/{market_run}/columns/": both(
        staff(["admin", "market_reviewer"], HIDDEN, forbidden=["auditor"])
    ),
    "admin/businesses/importrun/{own_run}/wrong-rows.csv": both(staff([*READERS, "hr_reviewer"], HIDDEN)),
    "admin/businesses/importrun/{market_run}/wrong-rows.csv": both(
        staff([*READERS, "market_reviewer"], HIDDEN)
    ),
    "admin/businesses/importrun/{own_run}/act/cancel/": both(
        staff([], ABSENT), staff(["admin", "hr_reviewer"], HIDDEN, forbidden=["auditor"])
    ),
    "admin/businesses/importrun/{market_run}/act/cancel/": both(
        staff([], ABSENT), staff(["admin", "market_reviewer"], HIDDEN, forbidden=["auditor"])
    ),
    "admin/businesses/correctionrequest/{own_request}/decide/": both(
        staff(["admin", "hr_reviewer"], FORBIDDEN, hidden=["market_reviewer"])
    ),
    "admin/businesses/correctionrequest/{market_request}/decide/": both(
        staff(["admin", "market_reviewer"], FORBIDDEN, hidden=["hr_reviewer"])
    ),
    "admin/businesses/operator/reveal/operator/{operator}/": both(
        staff(["admin", *CASE_WORKERS], HIDDEN, forbidden=["auditor"])
    ),
    "admin/businesses/operator/reveal/account/{account}/": both(
        staff(["admin", *CASE_WORKERS], HIDDEN, forbidden=["auditor"])
    ),
    "admin/businesses/distinctivelisting/{listing}/extend/": both(
        staff(["admin", *MARKET], HIDDEN, forbidden=["auditor"])
    ),
    "admin/businesses/distinctivelisting/{listing}/remove/": both(
        staff(["admin", *MARKET], HIDDEN, forbidden=["auditor"])
    ),
    "admin/businesses/inspectiondraw/{draw}/result.csv": both(staff([*READERS, *MARKET], HIDDEN)),
    "admin/businesses/inspectiondraw/{draw}/list.csv": both(staff([*READERS, *MARKET], HIDDEN)),
    "admin/businesses/inspectiondraw/{draw}/verify/": both(staff([*READERS, *MARKET], HIDDEN)),
}


class Model:
    """Who may do what with the rows of one model in the admin.

    ``rows``: who of the viewers sees which row; ``change``, ``delete``: who may do so, by row where rows differ;
    ``posts_are_views``: the form is a page of its own that changes nothing by itself.
    """

    def __init__(self, rows, view, add=(), change=(), delete=(), posts_are_views=False):
        self.view, self.add, self.change, self.delete = list(view), list(add), change, delete
        self.rows = {name: [role for role in seen if role in self.view] for name, seen in rows.items()}
        self.posts_are_views = posts_are_views

    def who(self, verb, row):
        """The roles that may ``change`` or ``delete`` a row they see."""
        roles = getattr(self, verb)
        roles = roles.get(row, []) if isinstance(roles, dict) else roles
        return [role for role in roles if role in self.rows[row]]


ADMIN = ["admin"]
MODELS = {
    "auth/group": Model({"group": STAFF}, ADMIN, ADMIN, ADMIN, ADMIN),
    "accounts/user": Model({"user": STAFF}, ADMIN, ADMIN, ADMIN, ADMIN),
    "accounts/department": Model({"department": STAFF}, STAFF, ADMIN, ADMIN, ADMIN),
    "accounts/apiclient": Model({"client": STAFF}, ADMIN, ADMIN, ADMIN),
    "accounts/accessevent": Model(
        {"own_event": [*READERS, *HR_CASE], "market_event": [*READERS, *MARKET]}, [*READERS, *CASE_WORKERS]
    ),
    "businesses/addedfact": Model({"fact": STAFF}, STAFF, [*ADMIN, *OFFICERS], [*ADMIN, *OFFICERS]),
    "businesses/business": Model({"business": STAFF}, [*READERS, *CASE_WORKERS]),
    "businesses/operator": Model({"operator": STAFF}, [*READERS, *CASE_WORKERS]),
    "businesses/binding": Model({"binding": STAFF}, [*READERS, *CASE_WORKERS]),
    "businesses/mandate": Model({"mandate": STAFF}, [*READERS, *CASE_WORKERS]),
    "businesses/correctionrequest": Model(
        {"own_request": [*READERS, *HR_CASE], "market_request": [*READERS, *MARKET]},
        [*READERS, *CASE_WORKERS],
    ),
    "businesses/source": Model(
        {"own_source": [*READERS, "hr_reviewer"], "market_source": [*READERS, "market_reviewer"]},
        [*READERS, *REVIEWERS],
    ),
    "businesses/importrun": Model(
        {"own_run": [*READERS, "hr_reviewer"], "market_run": [*READERS, "market_reviewer"]},
        [*READERS, *REVIEWERS],
        add=[*ADMIN, *REVIEWERS],
        posts_are_views=True,
    ),
    "businesses/typethresholds": Model({"thresholds": STAFF}, [*READERS, *MARKET], [*ADMIN, *MARKET]),
    "businesses/distinctivelisting": Model({"listing": STAFF}, [*READERS, *MARKET], [*ADMIN, *MARKET]),
    "businesses/creditrating": Model({"rating": STAFF}, [*READERS, *MARKET]),
    "businesses/repaircase": Model({"case": STAFF}, [*READERS, *MARKET]),
    "businesses/inspectiondraw": Model({"draw": STAFF}, [*READERS, *MARKET], [*ADMIN, *MARKET]),
    "notifications/pushrun": Model({"push_run": STAFF}, WATCHERS, posts_are_views=True),
    "notifications/delivery": Model({"delivery": STAFF}, WATCHERS),
    "notifications/webhookendpoint": Model({"endpoint": STAFF}, ADMIN, ADMIN),
    "notifications/webhookdelivery": Model({"webhook": STAFF}, ADMIN),
    "subsidies/auditentry": Model(
        {"own_entry": [*READERS, *HR_CASE], "market_entry": [*READERS, *MARKET]}, [*READERS, *CASE_WORKERS]
    ),
    "policies/policydocument": Model({"document": STAFF}, STAFF, change=[*ADMIN, *OFFICERS]),
    "policies/topic": Model({"topic": STAFF}, STAFF),
    "policies/measure": Model({"measure": STAFF}, STAFF),
    "policies/benefit": Model({"benefit": STAFF}, STAFF),
    "policies/benefitversion": Model(
        {
            "version": STAFF,
            "own_draft": [*READERS, *HR],
            "market_draft": [*READERS, *MARKET],
        },
        STAFF,
        change={"own_draft": [*ADMIN, *OFFICERS], "market_draft": ADMIN},
        delete={"own_draft": ADMIN, "market_draft": ADMIN},
    ),
}


def model_pages():
    """{address: {verb: cells}} of every list, form, history and row that the stock admin has for a model.

    CLOSED: where the admin says no, it matters little whether as "not you" or as "no such row".
    """
    pages = {}
    for name, model in MODELS.items():
        pages[f"admin/{name}/"] = both(staff(model.view, CLOSED))
        pages[f"admin/{name}/add/"] = both(staff(model.add, CLOSED))
        for row, seen in model.rows.items():
            address = f"admin/{name}/{{{row}}}"
            changes, deletes = model.who("change", row), model.who("delete", row)
            pages[f"{address}/"] = both(ALL_STAFF)  # only leads on to the form
            pages[f"{address}/change/"] = both(
                staff(seen, CLOSED), staff(seen if model.posts_are_views else changes, CLOSED)
            )
            pages[f"{address}/history/"] = both(staff(seen, CLOSED))
            pages[f"{address}/delete/"] = both(staff(deletes, CLOSED))
    return pages
