"""As matrix.py: every page of the admin."""

from .cells import (
    ABSENT,
    ADMIN,
    ALL_STAFF,
    APPROVERS,
    CASE_READERS,
    CASE_WORKERS,
    CITY_ADMIN,
    CLERK,
    CLOSED,
    FINANCE,
    FORBIDDEN,
    HIDDEN,
    HR,
    HR_CASE,
    HR_OTHERS,
    INSTITUTIONS,
    LABOUR,
    MARKET,
    OFFICERS,
    OPEN,
    OWNERS,
    PEOPLES,
    READERS,
    REVIEWERS,
    SERVICES,
    STRANGERS,
    WATCHERS,
    both,
    cells,
    staff,
)
from .world import STAFF

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
    "admin/auth/": both(staff([*ADMIN, *PEOPLES], HIDDEN)),
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
    "admin/accounts/user/{user}/password/": both(staff(ADMIN, hidden=PEOPLES)),  # an owner
    "admin/accounts/user/{clerk}/password/": both(staff([*ADMIN, *PEOPLES])),
    "admin/accounts/user/{market_clerk}/password/": both(staff([*ADMIN, *CITY_ADMIN], hidden=["hr_admin"])),
    "admin/accounts/user/{city_clerk}/password/": both(staff(ADMIN, hidden=["hr_admin"])),
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
    # Only the labour bureau has a case of this person.
    "admin/businesses/operator/reveal/operator/{operator}/": both(
        staff(["admin", *HR_CASE], HIDDEN, forbidden=["auditor", *FINANCE, *MARKET])
    ),
    "admin/businesses/operator/reveal/account/{account}/": both(
        staff(["admin", *HR_CASE], HIDDEN, forbidden=["auditor", *FINANCE, *MARKET])
    ),
    "admin/businesses/distinctivelisting/{listing}/extend/": both(
        staff(["admin", *MARKET], HIDDEN, forbidden=["auditor"])
    ),
    "admin/businesses/distinctivelisting/{listing}/remove/": both(
        staff(["admin", *MARKET], HIDDEN, forbidden=["auditor"])
    ),
    "admin/visits/inspectiondraw/{draw}/result.csv": both(staff([*READERS, *MARKET], HIDDEN)),
    "admin/visits/inspectiondraw/{draw}/list.csv": both(staff([*READERS, *MARKET], HIDDEN)),
    "admin/visits/inspectiondraw/{draw}/verify/": both(staff([*READERS, *MARKET], HIDDEN)),
}


def verb(open_to, seen, forbidden_to_others=False):
    """A button: for ``open_to``; whoever sees the row and may not press it is forbidden, to others it is not there."""
    return both(
        staff([], ABSENT),
        staff(open_to, FORBIDDEN if forbidden_to_others else HIDDEN, forbidden=set(seen) - set(open_to)),
    )


def form(open_to, seen):
    """A page that asks before it does something: as ``verb``."""
    return both(staff(open_to, HIDDEN, forbidden=set(seen) - set(open_to)))


OF_HR = [*READERS, *HR_CASE]  # who sees what belongs to the labour bureau
OF_HR_CASE = [*OF_HR, *FINANCE]  # and its cases
REVIEW, APPROVE, PAY = ([*ADMIN, role] for role in ("hr_reviewer", "hr_approver", "hr_finance"))
# The rooms of cases and money. Who did something before does not do the next thing: the case that waits for approval
# was reviewed by hr_reviewer.
CASE_PAGES = {
    "admin/cases/": both(staff([*CASE_READERS, *INSTITUTIONS, *CLERK], HIDDEN)),
    "admin/subsidies/": both(staff(CASE_READERS, HIDDEN)),
    "admin/core/": both(staff([*ADMIN, *PEOPLES], HIDDEN)),
    "admin/subsidies/application/next/": verb([*ADMIN, *CASE_WORKERS], [], forbidden_to_others=True),
    # Both wait for a reviewer: nobody else takes them.
    "admin/subsidies/application/{application}/act/": verb(REVIEW, OF_HR_CASE),
    "admin/subsidies/application/{market_application}/act/": verb(
        [*ADMIN, "market_reviewer"], [*READERS, *MARKET]
    ),
    "admin/subsidies/application/{application}/refuse/": form(REVIEW, OF_HR_CASE),
    "admin/subsidies/application/{recommended}/refuse/": form(APPROVE, OF_HR_CASE),
    "admin/subsidies/application/{application}/correct/": form(REVIEW, OF_HR_CASE),
    "admin/subsidies/application/{recommended}/correct/": form([], OF_HR_CASE),
    "admin/subsidies/application/{application}/send-back/": form([], OF_HR_CASE),
    "admin/subsidies/application/{recommended}/send-back/": form(APPROVE, OF_HR_CASE),
    "admin/subsidies/application/{application}/do/refuse/": form([], OF_HR_CASE),  # it has a page of its own
    **{
        f"admin/cases/appeal/{{appeal}}/{name}/": form(APPROVE, OF_HR_CASE)
        for name in ("take", "uphold", "overturn")
    },
    **{
        f"admin/cases/rating/{{case_rating}}/{name}/": form(REVIEW, OF_HR_CASE)
        for name in ("contacted", "mend")
    },
    **{
        f"admin/subsidies/recheck/{{recheck}}/{name}": both(staff(OF_HR, HIDDEN))
        for name in ("list.csv", "result.csv", "verify/")
    },
    "admin/subsidies/recheck/picks/{pick}/": form(REVIEW, OF_HR),
    "admin/cases/interest/{interest}/end/": both(
        staff([*READERS, "hr_reviewer"], HIDDEN),
        staff([*ADMIN, "hr_reviewer"], HIDDEN, forbidden=["auditor"]),
    ),
    **{
        f"admin/subsidies/application/{page}": both(staff(CASE_READERS), staff([], ABSENT))
        for page in ("dashboard/", "dashboard/pace.csv", "dashboard/refusals.xlsx", "export.csv")
    },
    "admin/subsidies/application/dashboard/money.csv": both(
        staff([*READERS, *APPROVERS, *FINANCE]), staff([], ABSENT)
    ),
    "admin/businesses/assistance/end/": both(staff([*READERS, *CLERK])),
    # Services: a bank works on what was sent to it, and has no other page
    "admin/services/": both(staff([*CASE_READERS, *INSTITUTIONS, *CLERK], HIDDEN)),
    **{
        f"admin/services/offering/{{hour}}/do/{act}/": form([*ADMIN, "hr_approver"], OF_HR)
        for act in ("publish", "take_back", "close", "pause", "reopen")
    },
    **{
        f"admin/jobs/post/{{post}}/do/{act}/": both(staff([*ADMIN, *LABOUR]))
        for act in ("release", "hold", "remove")
    },
    "admin/jobs/post/season/": both(staff([*READERS, *LABOUR, *CLERK])),
    "admin/services/offering/{hour}/series/": form(ADMIN, OF_HR),
    **{f"admin/services/slot/{{slot}}/{act}/": form(ADMIN, OF_HR) for act in ("edit", "cancel")},
    "admin/services/slot/{slot}/roll/": both(
        staff(OF_HR, HIDDEN), staff([*ADMIN, *HR_CASE], HIDDEN, forbidden=["auditor"])
    ),
    "admin/services/slot/{slot}/roll.pdf": both(staff(OF_HR, HIDDEN)),
    "admin/services/servicecase/next/": verb([*ADMIN, *SERVICES], [], forbidden_to_others=True),
    "admin/services/servicecase/{tender}/do/withdraw/": form([], OF_HR_CASE),  # its owner's
    "admin/services/servicecase/{tender}/do/take/": form([], OF_HR_CASE),  # theirs whom it was sent to
    "admin/services/offering/{centre_draft}/do/publish/": both(
        staff([*ADMIN, *CLERK], HIDDEN, forbidden=["auditor"]),
        staff(ADMIN, HIDDEN, forbidden=["auditor", *CLERK]),  # who writes does not publish
    ),
    "admin/services/offering/{centre_draft}/do/close/": form([*ADMIN, *CLERK], READERS),
    "admin/services/offering/{centre_draft}/series/": form([*ADMIN, *CLERK], READERS),
    **{
        f"admin/services/slot/{{centre_slot}}/{act}/": form([*ADMIN, *CLERK], READERS)
        for act in ("edit", "cancel")
    },
    "admin/services/slot/{centre_slot}/roll/": both(
        staff([*READERS, *CLERK], HIDDEN), staff([*ADMIN, *CLERK], HIDDEN, forbidden=["auditor"])
    ),
    "admin/services/servicecase/{centre_case}/do/answer/": form([*ADMIN, *CLERK], READERS),
    "admin/services/servicecase/{centre_case}/do/solve/": form([], [*READERS, *CLERK]),  # its owner's
    "admin/services/leg/{leg}/do/take/": form(["bank_officer"], READERS),
    "admin/services/leg/{other_leg}/do/take/": form(["bank_officer_2"], READERS),
    "admin/services/leg/{insurers_leg}/do/take/": form(["insurer_officer"], READERS),
    "admin/services/leg/{centre_leg}/do/take/": form([], [*READERS, *CLERK]),  # a bureau works on the case
    "admin/services/leg/{insurers_leg}/sharing/": verb([], [*READERS, "insurer_officer"]),
    "admin/services/leg/{leg}/sharing/": verb(["bank_officer"], READERS),
    "admin/services/leg/{other_leg}/sharing/": verb(
        [], [*READERS, "bank_officer_2"]
    ),  # nothing was agreed to
    **{
        f"admin/needs/answer/{{draft_answer}}/{name}/": verb([*ADMIN, *APPROVERS], [*READERS, *SERVICES])
        for name in ("publish", "withdraw")
    },
    # Visits: the labour bureau's, which nobody of its people plans
    "admin/visits/": both(staff([*CASE_READERS, *CLERK, *MARKET], HIDDEN)),
    "admin/visits/visitcase/plan/": both(staff(CLERK)),
    "admin/visits/visitcase/next/": verb([], [], forbidden_to_others=True),
    "admin/visits/visitcase/{visit}/do/move/": form([], OF_HR_CASE),
    "admin/visits/visitcase/{visit}/do/arrive/": form([], OF_HR_CASE),  # it is done at the door
    # Money
    **{
        f"admin/subsidies/envelope/{page}": both(
            staff([*READERS, *OFFICERS, *APPROVERS, *FINANCE]), staff([], ABSENT)
        )
        for page in ("forecast/", "forecast.csv")
    },
    "admin/subsidies/envelope/cap/": verb(PAY, [], forbidden_to_others=True),
    "admin/subsidies/instalment/{instalment}/check/": verb(REVIEW, OF_HR_CASE),
    "admin/subsidies/instalment/{instalment}/recover/": verb(PAY, OF_HR_CASE),
    "admin/subsidies/paymentbatch/prepare/": verb(FINANCE, [], forbidden_to_others=True),  # of the own bureau
    **{
        f"admin/subsidies/paymentbatch/{{batch}}/{name}/": verb(PAY, [*READERS, *FINANCE])
        for name in ("approve", "cancel", "file", "result")
    },
    "admin/subsidies/offerlist/prepare/": verb([*ADMIN, *REVIEWERS], [], forbidden_to_others=True),
    "admin/subsidies/offerlist/{offers}/confirm/": verb(APPROVE, OF_HR),
    "admin/subsidies/offerlist/{offers}/cancel/": verb(REVIEW, OF_HR),
    "admin/subsidies/offerlist/{offers}/back/{offer}/": verb(APPROVE, OF_HR),
    "admin/subsidies/publicnotice/publish/": verb(
        APPROVERS, [], forbidden_to_others=True
    ),  # of the own bureau
}
# What a button sends, where nothing at all would be turned down as such before it is asked who may.
BODIES = {
    "admin/subsidies/application/{application}/act/": {"do": "claim"},
    "admin/subsidies/application/{market_application}/act/": {"do": "claim"},
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


MODELS = {
    "auth/group": Model({"group": STAFF}, [*ADMIN, *PEOPLES], ADMIN, ADMIN, ADMIN),
    "accounts/user": Model(
        {
            "user": ADMIN,  # an owner
            "clerk": [*ADMIN, *PEOPLES],
            "market_clerk": [*ADMIN, *CITY_ADMIN],
            "city_clerk": [*ADMIN, *CITY_ADMIN],
        },
        [*ADMIN, *PEOPLES],
        add=[*ADMIN, *PEOPLES],
        change={
            "user": ADMIN,
            "clerk": [*ADMIN, *PEOPLES],
            "market_clerk": [*ADMIN, *CITY_ADMIN],
            "city_clerk": ADMIN,  # nobody changes themselves
        },
        delete=ADMIN,
    ),
    "accounts/department": Model({"department": STAFF}, STAFF, ADMIN, [*ADMIN, *CITY_ADMIN], ADMIN),
    "accounts/apiclient": Model({"client": STAFF}, ADMIN, ADMIN, ADMIN),
    "accounts/accessevent": Model(
        {"own_event": [*READERS, *HR_CASE, "hr_admin"], "market_event": [*READERS, *MARKET]},
        [*READERS, *CASE_WORKERS, *PEOPLES],
    ),
    "businesses/addedfact": Model({"fact": STAFF}, STAFF, [*ADMIN, *OFFICERS], [*ADMIN, *OFFICERS]),
    "businesses/business": Model({"business": STAFF}, CASE_READERS),
    "businesses/operator": Model({"operator": STAFF}, CASE_READERS),
    "businesses/binding": Model({"binding": STAFF}, [*READERS, *CASE_WORKERS]),
    "businesses/mandate": Model({"mandate": STAFF}, [*READERS, *CASE_WORKERS]),
    "businesses/assistance": Model(
        {"assistance": READERS, "clerks_assistance": [*READERS, *CLERK]},
        [*READERS, *CLERK],
        add=[*ADMIN, *CLERK],
    ),
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
    "visits/inspectiondraw": Model({"draw": STAFF}, [*READERS, *MARKET], [*ADMIN, *MARKET]),
    "notifications/pushrun": Model({"push_run": STAFF}, WATCHERS, posts_are_views=True),
    "notifications/delivery": Model({"delivery": STAFF}, WATCHERS),
    "notifications/webhookendpoint": Model({"endpoint": STAFF}, ADMIN, ADMIN),
    "notifications/webhookdelivery": Model({"webhook": STAFF}, ADMIN),
    "core/calendarday": Model({"calendar_day": STAFF}, [*ADMIN, *PEOPLES], *[[*ADMIN, *CITY_ADMIN]] * 3),
    "subsidies/application": Model(
        {
            "application": [*READERS, *HR_CASE, *FINANCE],
            "market_application": [*READERS, *MARKET],
            "draft": [],
        },
        CASE_READERS,
    ),
    "cases/interest": Model(
        {"interest": [*READERS, "hr_reviewer"]},
        [*CASE_READERS, *INSTITUTIONS, *CLERK],
        [*ADMIN, *CASE_WORKERS, *FINANCE, *INSTITUTIONS, *CLERK],
    ),
    "services/offering": Model(
        {"hour": OF_HR, "centre_draft": [*READERS, *CLERK]},
        [*READERS, *SERVICES],
        add=[*ADMIN, *CLERK],
        change={"centre_draft": [*ADMIN, *CLERK]},
    ),
    "services/slot": Model(
        {"slot": OF_HR, "centre_slot": [*READERS, *CLERK]}, [*READERS, *SERVICES], add=[*ADMIN, *CLERK]
    ),
    "services/servicecase": Model(
        {"tender": OF_HR_CASE, "centre_case": [*READERS, *CLERK]}, [*CASE_READERS, *CLERK]
    ),
    "services/leg": Model(
        {
            "leg": [*READERS, "bank_officer"],
            "other_leg": [*READERS, "bank_officer_2"],
            "insurers_leg": [*READERS, "insurer_officer"],
            "centre_leg": [*READERS, *CLERK],
        },
        [*READERS, *SERVICES, *INSTITUTIONS],
    ),
    "needs/answer": Model(
        {"answer": STAFF, "draft_answer": [*READERS, *SERVICES]},
        [*READERS, *SERVICES],
        [*ADMIN, *REVIEWERS, *CLERK],
    ),
    "jobs/post": Model({"post": STAFF}, [*READERS, *LABOUR, *CLERK]),
    "jobs/contactcase": Model({"contact": STAFF}, [*READERS, *LABOUR]),
    "visits/visitcase": Model({"visit": OF_HR_CASE}, [*CASE_READERS, *CLERK]),
    "subsidies/envelope": Model(
        {"envelope": [*READERS, "hr_approver", *FINANCE]},
        [*READERS, *APPROVERS, *FINANCE],
        posts_are_views=True,
    ),
    "subsidies/instalment": Model(
        {"instalment": [*READERS, *HR_CASE, *FINANCE]}, CASE_READERS, posts_are_views=True
    ),
    "subsidies/paymentbatch": Model(
        {"batch": [*READERS, *FINANCE]}, [*READERS, *FINANCE], posts_are_views=True
    ),
    "subsidies/offerlist": Model(
        {"offers": [*READERS, *HR_CASE]}, [*READERS, *CASE_WORKERS], posts_are_views=True
    ),
    "subsidies/publicnotice": Model(
        {"notice": [*READERS, *HR_CASE, *FINANCE]}, CASE_READERS, posts_are_views=True
    ),
    "cases/appeal": Model({"appeal": [*READERS, *HR_CASE]}, [*READERS, *CASE_WORKERS]),
    "cases/rating": Model({"case_rating": [*READERS, *HR_CASE]}, [*READERS, *CASE_WORKERS]),
    "subsidies/recheck": Model({"recheck": [*READERS, *HR_CASE]}, [*READERS, *CASE_WORKERS], add=READERS),
    "cases/auditentry": Model(
        {"own_entry": [*READERS, *HR_CASE], "market_entry": [*READERS, *MARKET]}, [*READERS, *CASE_WORKERS]
    ),
    "policies/policydocument": Model({"document": STAFF}, STAFF, change=[*ADMIN, *OFFICERS]),
    "policies/topic": Model({"topic": STAFF}, STAFF),
    "policies/searchword": Model(
        {"search_word": STAFF, "market_word": STAFF},
        STAFF,
        add=[*ADMIN, *OFFICERS],
        change={"search_word": [*ADMIN, *OFFICERS], "market_word": ADMIN},
    ),
    "policies/missedsearch": Model({"missed_search": [*READERS, *OFFICERS]}, [*READERS, *OFFICERS]),
    "policies/desk": Model(
        {"desk": STAFF, "market_desk": STAFF},
        STAFF,
        add=[*ADMIN, *OFFICERS],
        change={"desk": [*ADMIN, *OFFICERS], "market_desk": ADMIN},
        delete={"desk": [*ADMIN, *OFFICERS], "market_desk": ADMIN},
    ),
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
