"""Who may open what: every address of the site, for every role, read and written.

A cell is one of OPEN (answered, even if only to say what is missing), LOGIN (asked to sign in), FORBIDDEN (403), HIDDEN
(404, or the admin's "no such row": as if it did not exist) or ABSENT (the address does not know the verb). An address
names its rows by what they are in world.py; ``own`` is the labour bureau's, ``market`` the market regulator's.
"""

import re

from .cells import (
    ABSENT,
    ANYONE,
    APPLIES,
    CASE_READERS,
    CLERK,
    FACTOR,
    FACTOR_OPEN,
    FINANCE,
    FORBIDDEN,
    HIDDEN,
    HR_CASE,
    LABOUR,
    LOGIN,
    MARKET,
    NOWHERE,
    OF_SHOP,
    OPEN,
    OWNERS,
    READ_ONLY,
    READERS,
    STRANGERS,
    WRITE_ONLY,
    both,
    cells,
    everybody,
    personal,
)
from .world import OTHER_BANK, STAFF

PAGES = {
    "": ANYONE,
    "policies/": ANYONE,
    "policies/M05/": ANYONE,
    "policies/M05c/": ANYONE,
    "policies/M05c/remind.ics": ANYONE,
    "ask/": ANYONE,
    "check/": ANYONE,
    "check/q/identity/": ANYONE,
    "check/results/": ANYONE,
    "check/clear/": WRITE_ONLY,
    "check/undo/": WRITE_ONLY,
    "calc/": ANYONE,
    "calc/tax/": ANYONE,
    "effect/": READ_ONLY,
    "help/": READ_ONLY,
    "privacy/": READ_ONLY,
    "a11y/": READ_ONLY,
    "a11y/prefs/": ANYONE,
    "prefs/": WRITE_ONLY,
    "dev/": ANYONE,
    "dev/outbox/": NOWHERE,  # only where DEBUG is on
    "robots.txt": READ_ONLY,
    ".well-known/security.txt": READ_ONLY,
    "favicon.ico": READ_ONLY,
    "sw.js": READ_ONLY,
    "offline/": READ_ONLY,
    "livez": ANYONE,
    "readyz": ANYONE,
    "metrics": both(everybody(HIDDEN), everybody(ABSENT)),  # asks for a token of its own
    # Signing in
    "login/": ANYONE,
    "login/first/nothing/": NOWHERE,  # a link that was never given
    "login/code/": both(everybody(LOGIN)),  # nobody here has asked for a code
    "login/staff/": ANYONE,
    "login/staff/code/": both(cells(OPEN, login=STRANGERS)),
    "login/inactive/": both(everybody(FORBIDDEN)),
    "login/staff/password/MQ/wrong/": NOWHERE,
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
    "me/data/file/": personal(),
    "me/data/files/": personal(),
    "me/data/close/": personal(),
    # A shop of one's own, or by mandate
    "me/": personal(),
    "me/bind/": personal(),
    "me/unbind/": personal(hidden=["agent", "helper"]),
    "me/switch/": personal(post=HIDDEN),  # no shop named
    "me/check/": personal(),
    "me/correct/district/": personal(forbidden=["agent", "helper"]),
    "me/account/": personal(forbidden=["agent"]),
    "me/mandates/": personal(),
    "me/sharing/": personal(forbidden=STAFF),
    "me/sharing/{sharing}/revoke/": both(
        cells(HIDDEN, open=["owner"], login=STRANGERS, forbidden=STAFF)  # not whoever holds a mandate
    ),
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


NO_CLERKS = [role for role in STAFF if role not in CLERK]


def message(owner, agent, others):
    """A page about a message of the owner that agents may read: what posting means for each of them."""
    return both(
        cells(HIDDEN, open=OF_SHOP, login=STRANGERS, forbidden=STAFF),
        cells(others, login=STRANGERS, forbidden=STAFF) | {"owner": owner, "agent": agent, "helper": agent},
    )


INBOX = {
    "inbox/": personal(post=ABSENT, forbidden=STAFF),
    "inbox/{message}/": message(ABSENT, ABSENT, ABSENT),
    "inbox/{message}/act/": message(OPEN, OPEN, HIDDEN),
    "inbox/{message}/dismiss/": message(OPEN, FORBIDDEN, HIDDEN),
    "inbox/{message}/mute/": message(OPEN, FORBIDDEN, HIDDEN),
    "inbox/{message}/calendar.ics": message(ABSENT, ABSENT, ABSENT),
    "inbox/letters/{letter}/": message(ABSENT, ABSENT, ABSENT),
    "inbox/letters/{letter}/act/": message(OPEN, OPEN, HIDDEN),
    "inbox/calendar/": personal(forbidden=STAFF),
    "calendar/wrong.ics": both(everybody(HIDDEN), everybody(ABSENT)),
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


def of_owner(get, post=OPEN, *, bureau="hrss", staff=FORBIDDEN, clerk=FORBIDDEN):
    """A page of an owner's case: for who may apply for their shop; to others as if there were none. Staff have pages
    of their own, where what they look at is written down. ``clerk``: who files for somebody else."""
    mine = APPLIES if bureau == "hrss" else ["other"]
    hidden = cells(HIDDEN, login=STRANGERS) | dict.fromkeys(STAFF, staff) | dict.fromkeys(CLERK, clerk)
    return both(hidden | dict.fromkeys(mine, get), hidden | dict.fromkeys(mine, post))


NO_POSTS = cells(ABSENT, login=STRANGERS, forbidden=STAFF)  # of pages of owners that are only looked at


def of_mentor(get, post=None):
    """A page of whoever gives their time: of the helper, who is the mentor here."""
    hidden = cells(HIDDEN, login=STRANGERS, forbidden=STAFF)
    posted = NO_POSTS if post == ABSENT else hidden | {"helper": get}
    return both(hidden | {"helper": get}, posted)


def of_wallet(get, post):
    """A page about a piece of the owner's wallet. Staff have none, and are led to where one binds a shop."""
    return both(cells(get, login=STRANGERS, open=STAFF, forbidden=["agent"]), post)


LETTER = both(
    cells(HIDDEN, open=[*APPLIES, *READERS, *HR_CASE, *FINANCE], login=STRANGERS), everybody(ABSENT)
)
FILE = both(cells(HIDDEN, open=[*APPLIES, *READERS, *HR_CASE, *FINANCE]), everybody(ABSENT))


def of_two(post, get=OPEN, **given):
    """A page about a contract of the owner with the other; whoever may only look at the shop sees none."""
    return both(
        cells(get, login=STRANGERS, forbidden=STAFF, hidden=["agent"] if get == OPEN else []),
        cells(post, login=STRANGERS, forbidden=STAFF, hidden=["agent"] if post == OPEN else []) | given,
    )


NEEDS_LOGIN = {"login": STRANGERS, "forbidden": STAFF}
OF_POST = cells(HIDDEN, **NEEDS_LOGIN)  # for whoever offers it and acts for the shop
JOBS = {
    "jobs/": READ_ONLY,
    "jobs/season/": READ_ONLY,
    "jobs/posts/": both(cells(OPEN, **NEEDS_LOGIN), NO_POSTS),
    "jobs/posts/new/": personal(forbidden=["agent", *STAFF]),
    "jobs/posts/{post_id}/": READ_ONLY,
    "jobs/posts/{paused_post_id}/": both(
        cells(HIDDEN, open=[*OF_SHOP, *READERS, *LABOUR, *CLERK]), everybody(ABSENT)
    ),
    "jobs/posts/{nobody}/": both(everybody(HIDDEN), everybody(ABSENT)),
    "jobs/posts/{post_id}/change/": both(OF_POST | dict.fromkeys(APPLIES, OPEN)),
    "jobs/posts/{post_id}/ask/": personal(forbidden=STAFF),
    "jobs/posts/{post_id}/ask/{worker}/": both(OF_POST | dict.fromkeys(APPLIES, OPEN)),
    "jobs/posts/{post_id}/report/": both(
        cells(OPEN, **NEEDS_LOGIN), cells(OPEN, login=STRANGERS, forbidden=[*APPLIES, *STAFF])
    ),
    "jobs/posts/{post_id}/close/": both(NO_POSTS, OF_POST | dict.fromkeys(APPLIES, OPEN)),
    "jobs/posts/{post_id}/burn/": both(NO_POSTS, OF_POST),
    "jobs/work/": both(cells(OPEN, **NEEDS_LOGIN), NO_POSTS),
    "jobs/work/card/": personal(forbidden=STAFF),
    "jobs/work/looking/": both(NO_POSTS, cells(HIDDEN, open=["other"], **NEEDS_LOGIN)),
    "jobs/contacts/{contact_id}/phone/": both(  # to the owner and the other, who do not talk yet, it is said
        NO_POSTS, cells(HIDDEN, open=["owner", "other"], login=STRANGERS, forbidden=["helper", *STAFF])
    ),
    "cases/{contact_id}/": both(*(cells(cell, hidden=["agent"], **NEEDS_LOGIN) for cell in (OPEN, ABSENT))),
}
CASES = {
    "apply/M05c/": both(
        cells(OPEN, login=STRANGERS, forbidden=["agent"]),  # staff, who have no shop, are led to the policy
        cells(OPEN, login=STRANGERS),  # no shop named: led back
    ),
    "apply/{draft_id}/": of_owner(OPEN, clerk=HIDDEN),
    **{
        f"apply/{{draft_id}}/{step}/": of_owner(OPEN, clerk=HIDDEN)
        for step in ("facts", "materials", "account", "check", "discard")
    },
    "apply/{application_id}/": of_owner(OPEN, clerk=HIDDEN),  # leads to the case
    "cases/": both(
        cells(OPEN, login=STRANGERS, forbidden=STAFF), cells(ABSENT, login=STRANGERS, forbidden=STAFF)
    ),
    "cases/{application_id}/": of_owner(OPEN, ABSENT),
    "cases/{market_application_id}/": of_owner(OPEN, ABSENT, bureau="market"),
    "cases/{draft_id}/": of_owner(OPEN),  # leads to the draft
    "cases/{centre_case_id}/": of_owner(OPEN, ABSENT),
    "cases/{nobody}/": both(cells(HIDDEN, login=STRANGERS, forbidden=STAFF)),
    "cases/{application_id}/receipt/": of_owner(OPEN, ABSENT),
    **{
        f"cases/{{application_id}}/{page}/": of_owner(OPEN)
        for page in ("correct", "withdraw", "appeal", "appeal/withdraw", "instalments/{instalment}")
    },
    "cases/{application_id}/do/withdraw/": both(  # it has a page of its own
        cells(HIDDEN, login=STRANGERS, forbidden=STAFF)
    ),
    "cases/{application_id}/account/": of_owner(ABSENT, OPEN),  # leads to the account and back
    "cases/{market_application_id}/instalments/{instalment}/": both(
        cells(HIDDEN, login=STRANGERS, forbidden=STAFF)  # of another case
    ),
    "cases/{application_id}/letter/receipt/": LETTER,
    "cases/{application_id}/letter/receipt.pdf": LETTER,
    "cases/{nobody}/letter/receipt/": both(cells(HIDDEN, login=STRANGERS), everybody(ABSENT)),
    "offers/{offer}/": of_owner(OPEN),
    "services/loan-a/institutions/": personal(forbidden=["agent", *STAFF]),
    **{f"cases/{{tender_id}}/{page}/": of_owner(OPEN) for page in ("pass-on", "accept", "accept/{leg}")},
    **{
        f"cases/{{tender_id}}/{page}/": both(  # nobody agrees for the operator
            of_owner(OPEN)["GET"] | {"helper": FORBIDDEN}
        )
        for page in ("share", "share/{leg}", "share/{other_leg}")
    },
    "cases/{booking_id}/calendar.ics": both(of_owner(OPEN)["GET"], NO_POSTS),
    **{
        f"cases/{{booking_id}}/certificate{end}": both(  # there is none yet, and it is for nobody else
            of_owner(HIDDEN)["GET"] | {"helper": FORBIDDEN}, NO_POSTS
        )
        for end in ("/", ".pdf")
    },
    "me/visits/": both(personal(forbidden=STAFF)["GET"], NO_POSTS),
    "me/visits/{visit_id}/calendar.ics": both(of_owner(OPEN)["GET"], NO_POSTS),
    "me/visits/{visit_id}/complain/": both(NO_POSTS, of_owner(OPEN)["POST"]),
    "me/code/": both(personal(forbidden=STAFF)["GET"], NO_POSTS),
    # Nobody here has a visit to this shop: whoever plans none is to sign in as somebody who does.
    "s/{door}/": both(cells(OPEN, hidden=CLERK), cells(FORBIDDEN, hidden=CLERK)),
    "s/wrong/": NOWHERE,
    "me/asked/": of_mentor(OPEN, ABSENT),
    **{f"me/asked/{{booking_id}}/{verb}/": of_mentor(OPEN) for verb in ("attend", "no_show", "revoke")},
    "me/asked/{booking_id}/excuse/": of_mentor(HIDDEN),  # its owner's
    "me/asked/{tender_id}/revoke/": of_mentor(HIDDEN),
    "me/asked/slots/{slot}/cancel/": of_mentor(OPEN),
    "evidence/{evidence_id}/": FILE,
    "evidence/{evidence_id}/thumbnail/": FILE,
    "me/evidence/": personal(forbidden=["agent"]),
    "me/evidence/{evidence_id}/rotate/": of_wallet(
        OPEN,  # leads back to the list
        cells(OPEN, hidden=["other"], login=STRANGERS, forbidden=["agent"]),
    ),
    "me/evidence/{evidence_id}/delete/": both(
        cells(OPEN, hidden=["other"], login=STRANGERS, forbidden=["agent"])
    ),
    "notices/": READ_ONLY,
    "notices/{notice_number}/": READ_ONLY,
    "notices/GS-none/": both(everybody(HIDDEN), everybody(ABSENT)),
    "services/": READ_ONLY,
    "services/{offering_code}/": READ_ONLY,
    "services/none/": both(everybody(HIDDEN), everybody(ABSENT)),
    "services/{offering_code}/ask/": personal(forbidden=["agent", *NO_CLERKS]),
    "services/none/ask/": both(cells(HIDDEN, login=STRANGERS, forbidden=NO_CLERKS)),
    "services/board/": READ_ONLY,
    "services/conversion/compare/": READ_ONLY,
    **{f"selfcheck/{key}/": READ_ONLY for key in ("conversion", "rights", "eia", "injury")},
    "jobs/contracts/": READ_ONLY,
    "jobs/contracts/labour/": READ_ONLY,
    "jobs/contracts/labour/blank.pdf": READ_ONLY,
    "jobs/contracts/marriage/": both(everybody(HIDDEN), everybody(ABSENT)),
    "jobs/contracts/{contract}/": of_two(ABSENT),
    "jobs/contracts/{contract}/contract.pdf": of_two(ABSENT),
    "jobs/contracts/{contract}/fill/": of_two(OPEN),
    "jobs/contracts/{contract}/confirm/": of_two(OPEN, get=ABSENT),
    "jobs/contracts/{contract}/file/": of_two(OPEN, get=ABSENT, other=FORBIDDEN),  # the shop's
    "jobs/contracts/with/{talk_id}/": of_two(OPEN, get=ABSENT),
    "needs/": ANYONE,
    "needs/similar/": ANYONE,  # nothing was typed: leads back
    "needs/send/": ANYONE,
    "needs/answers/": READ_ONLY,
    "needs/answers/{answer}/": READ_ONLY,
    "needs/answers/{draft_answer}/": both(everybody(HIDDEN), everybody(ABSENT)),
    "a/wrong/": NOWHERE,
    "f/wrong/": NOWHERE,
    "requests/": ANYONE,  # leads to the cases
    "requests/{application_id}/": ANYONE,
    "rate/{token}/": ANYONE,
    "rate/{nobody}/": NOWHERE,
}

CASE_STAFF = {
    "hrss": [*APPLIES, "program", *READERS, *HR_CASE, *FINANCE],
    "market": ["other", *READERS, *MARKET],
    "centre": [*APPLIES, "program", *READERS, *CLERK],
}


def of_case(cell, bureau="hrss"):
    """What an address about a case answers: ``cell`` to whom sees it, to others as if there were none."""
    return cells(HIDDEN, login=["anonymous"]) | dict.fromkeys(CASE_STAFF[bureau], cell)


def of_leg(cell, own, post=ABSENT):
    """An address about a leg: ``cell`` to whom it was sent and to who reads all; ``post`` to whom it was sent."""
    get = cells(HIDDEN, login=["anonymous"]) | dict.fromkeys([*own, *READERS], cell)
    written = cells(HIDDEN, login=["anonymous"]) | dict.fromkeys(READERS, FORBIDDEN)
    if post == ABSENT:
        return both(get | {"program": FORBIDDEN}, get | dict.fromkeys([*own, *READERS], ABSENT))
    return both(get, written | dict.fromkeys(own, post) | {"program": FORBIDDEN})


SEES_CONTACT = [*APPLIES, "other", "program", *READERS, *LABOUR]
ACTS_IN_CONTACT = [*APPLIES, "program", "other"]


def of_post(cell, others=FORBIDDEN, *, seen=None):
    """An address about a post: ``cell`` to whom acts for its shop, ``others`` to who sees it besides. ``seen``: who
    sees one that is not open."""
    row = cells(others if seen is None else HIDDEN, login=["anonymous"])
    return row | dict.fromkeys(seen or (), others) | dict.fromkeys([*APPLIES, "program"], cell)


def of_contact(cell, **others):
    """An address about a contact, as ``of_case``."""
    return cells(HIDDEN, login=["anonymous"]) | dict.fromkeys(SEES_CONTACT, cell) | others


SEES_PAUSED = ["agent", *READERS, *LABOUR, *CLERK]
SEES_SHOP = [*OF_SHOP, "program", *CASE_READERS]
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
    # One's own, and never for a program.
    "api/v1/me/data/": both(
        cells(ABSENT, login=["anonymous"]), cells(OPEN, login=["anonymous"], forbidden=["program"])
    ),
    "api/v1/me/consents/push/": both(cells(ABSENT, login=["anonymous"]), cells(ABSENT, login=["anonymous"])),
    "api/v1/businesses/{shop}/matches/": both(
        cells(HIDDEN, login=["anonymous"], open=SEES_SHOP), cells(ABSENT, login=["anonymous"])
    ),
    "api/v1/notifications/": both(
        cells(OPEN, login=["anonymous"]), cells(ABSENT, login=["anonymous"])
    ),  # one's own
    "api/v1/notifications/{message_id}/read/": both(
        cells(ABSENT, login=["anonymous"]),
        cells(HIDDEN, open=["owner"], login=["anonymous"], forbidden=["agent", "helper", "program"]),
    ),
    "api/v1/applications/": both(cells(OPEN, login=["anonymous"])),  # one's own; posting says what is missing
    "api/v1/applications/{application}/": both(of_case(OPEN), of_case(ABSENT)),
    "api/v1/applications/{draft}/": both(
        *(
            cells(HIDDEN, login=["anonymous"]) | dict.fromkeys([*APPLIES, "program"], cell)
            for cell in (OPEN, ABSENT)
        )
    ),
    "api/v1/applications/{nobody}/": both(cells(HIDDEN, login=["anonymous"])),
    "api/v1/applications/{market_application}/": both(of_case(OPEN, "market"), of_case(ABSENT, "market")),
    "api/v1/applications/{application}/events/": both(of_case(OPEN), cells(ABSENT, login=["anonymous"])),
    **{
        f"api/v1/applications/{{application}}/{verb}/": both(
            of_case(ABSENT), of_case(FORBIDDEN) | dict.fromkeys([*APPLIES, "program"], OPEN)
        )
        for verb in ("submit", "withdraw", "correct", "appeal", "files")
    },
    "api/v1/applications/{application}/files/{evidence}/": both(of_case(ABSENT)),
    "api/v1/offerings/": READ_ONLY,
    "api/v1/offerings/{offering_code}/": READ_ONLY,
    "api/v1/offerings/{offering_code}/slots/": READ_ONLY,
    "api/v1/requests/": both(cells(OPEN, login=["anonymous"])),  # one's own; posting says what is missing
    "api/v1/requests/{nobody}/": both(cells(HIDDEN, login=["anonymous"])),
    "api/v1/requests/{application}/": both(cells(HIDDEN, login=["anonymous"])),  # of another room
    **{
        row: table
        for name in ("enquiry", "tender")  # of a bank's own request its officers see their leg alone
        for row, table in {
            f"api/v1/requests/{{{name}}}/": both(of_case(OPEN), of_case(ABSENT)),
            f"api/v1/requests/{{{name}}}/messages/": both(
                of_case(OPEN), of_case(FORBIDDEN) | dict.fromkeys([*APPLIES, "program"], OPEN)
            ),
            f"api/v1/requests/{{{name}}}/withdraw/": both(
                of_case(ABSENT), of_case(FORBIDDEN) | dict.fromkeys([*APPLIES, "program"], OPEN)
            ),
        }.items()
    },
    "api/v1/requests/{centre_case}/": both(of_case(OPEN, "centre"), of_case(ABSENT, "centre")),
    "api/v1/requests/{enquiry}/answer/": both(of_case(ABSENT), of_case(HIDDEN)),  # no owner's
    # The clerk of services alone plans visits, and the program has no scope for them.
    "api/v1/visits/": both(
        cells(OPEN, login=["anonymous"], forbidden=["program"]),
        cells(FORBIDDEN, login=["anonymous"], open=CLERK),
    ),
    # The program of this world has no scope for legs.
    "api/v1/legs/": both(
        cells(OPEN, login=["anonymous"], forbidden=["program"]), cells(ABSENT, login=["anonymous"])
    ),
    "api/v1/legs/{leg}/": of_leg(OPEN, ["bank_officer"]),
    "api/v1/legs/{other_leg}/": of_leg(OPEN, [OTHER_BANK]),
    "api/v1/legs/{own_leg}/": of_leg(OPEN, HR_CASE),
    "api/v1/legs/{insurers_leg}/": of_leg(OPEN, ["insurer_officer"]),
    "api/v1/legs/{centre_leg}/": of_leg(OPEN, CLERK),
    "api/v1/legs/{insurers_leg}/take/": of_leg(ABSENT, ["insurer_officer"], post=OPEN),
    "api/v1/legs/{centre_leg}/take/": of_leg(ABSENT, CLERK, post=OPEN),
    "api/v1/legs/{leg}/take/": of_leg(ABSENT, ["bank_officer"], post=OPEN),
    "api/v1/legs/{own_leg}/take/": of_leg(ABSENT, HR_CASE, post=OPEN),
    "api/v1/sharings/": both(cells(OPEN, login=["anonymous"], forbidden=["program"])),
    "api/v1/sharings/{sharing}/revoke/": both(
        cells(ABSENT, login=["anonymous"]),
        cells(HIDDEN, open=["owner"], login=["anonymous"], forbidden=["program"]),
    ),
    "api/v1/trades/": READ_ONLY,
    "api/v1/counties/": READ_ONLY,
    "api/v1/posts/": both(everybody(OPEN), cells(OPEN, login=["anonymous"])),  # posting says what is missing
    "api/v1/posts/{post}/": both(everybody(OPEN), cells(ABSENT, login=["anonymous"])),
    "api/v1/posts/{paused_post}/": both(
        of_post(OPEN, OPEN, seen=SEES_PAUSED) | {"anonymous": HIDDEN}, cells(ABSENT, login=["anonymous"])
    ),
    "api/v1/posts/{nobody}/": both(everybody(HIDDEN), cells(ABSENT, login=["anonymous"])),
    "api/v1/posts/{post}/matches/": both(of_post(OPEN), cells(ABSENT, login=["anonymous"])),
    "api/v1/posts/{paused_post}/matches/": both(
        of_post(OPEN, seen=SEES_PAUSED), cells(ABSENT, login=["anonymous"])
    ),
    "api/v1/posts/{post}/pause/": both(of_post(ABSENT), of_post(OPEN)),
    "api/v1/posts/{paused_post}/resume/": both(
        of_post(ABSENT, seen=SEES_PAUSED), of_post(OPEN, seen=SEES_PAUSED)
    ),
    "api/v1/posts/{post}/burn/": both(of_post(ABSENT), of_post(HIDDEN)),
    # One's own, and never for a program; posting says what is missing.
    "api/v1/workers/me/": both(
        cells(HIDDEN, open=["other"], login=["anonymous"], forbidden=["program"]),
        cells(ABSENT, login=["anonymous"]),
    ),
    "api/v1/workers/me/stop/": both(
        cells(ABSENT, login=["anonymous"]), cells(OPEN, login=["anonymous"], forbidden=["program"])
    ),
    "api/v1/contacts/": both(cells(OPEN, login=["anonymous"])),
    "api/v1/contacts/{contact}/": both(of_contact(OPEN), of_contact(ABSENT)),
    "api/v1/contacts/{nobody}/": both(cells(HIDDEN, login=["anonymous"])),
    "api/v1/contacts/{enquiry}/": both(cells(HIDDEN, login=["anonymous"])),  # of another room
    "api/v1/requests/{contact}/": both(cells(HIDDEN, login=["anonymous"])),
    **{
        f"api/v1/contacts/{{contact}}/{verb}/": both(
            of_contact(ABSENT), of_contact(FORBIDDEN, **dict.fromkeys(who, OPEN))
        )
        for verb, who in (
            ("refuse", ACTS_IN_CONTACT),
            ("agree", ["owner", "other"]),  # nobody agrees by mandate
        )
    },
    "api/v1/contacts/{contact}/lapse/": both(of_contact(ABSENT), of_contact(HIDDEN)),  # time's
}


def filled(address, rows):
    """The path of an address, for the rows that world.py has made."""
    keys = {name: getattr(row, "public_id", getattr(row, "pk", row)) for name, row in rows.items()}
    for name in re.findall(r"{(\w+)}", address):
        row = rows[name]
        key = keys[name] if address.startswith("api/") else getattr(row, "pk", row)
        address = address.replace(f"{{{name}}}", str(key))
    return f"/{address}"


def pages_of(role):
    """The addresses of the pages that ``role`` is shown."""
    table = {**PAGES, **INBOX, **CASES, **JOBS}
    return [address for address, verbs in table.items() if verbs["GET"][role] == OPEN]
