"""/services/{code}/institutions/: ask several institutions. Who gets it; what each is sent, and what it may read of the
shop if its operator agrees, box by box; then it goes out.

What was filled in waits in the session while the owner shows by a code that it is they.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from accounts.signing_in.sessions import is_fresh_owner
from cases.pages.owners import NO_MANDATE, for_owners, status_for
from cases.rights.permissions import may_apply
from core.errors import Invalid, Refused
from eligibility.pages.shop import for_a_shop

from ..asking import MOST_ASKED, read_asked
from ..catalogue.questions import questions_of
from ..catalogue.terms import lines_of_terms
from ..finance import tenders
from ..finance.institutions import Institution, chosen, institutions_of
from ..kinds import KINDS
from .consenting import agreed_in, consents, ids_in, must_prove, prove
from .form import PREFIX, Sent, anchored, form_of
from .offering import offering_or_404

ALREADY = "这一件您已经在问了，不用再发一遍。"


# Asking


@for_owners
@for_a_shop
def institutions(request, shop, code) -> HttpResponse:
    """Two steps at one address: who is asked what, then (``?step=send``) what each may read."""
    offering = offering_or_404(code)
    if KINDS[offering.kind].legs != "several":
        raise Http404
    if not may_apply(request.user, shop):
        raise PermissionDenied(NO_MANDATE)
    standing = tenders.standing_tender(offering, shop)
    if standing is not None:
        messages.info(request, ALREADY)
        return redirect("case", public_id=standing.public_id)
    rows = institutions_of(offering, shop)
    if other := _another_that_fits(offering, rows):
        return redirect("service-institutions", code=other)
    if request.POST.get("do") == "choose":
        return _choose(request, shop, offering, rows)
    draft = request.session.get(_key(offering), {})
    several = [one for one in rows if one.pk in draft.get("receivers", ()) and one.may_be_asked]
    if several and (request.method == "POST" or request.GET.get("step") == "send"):
        faults = _faults_of(offering, shop, rows, draft["typed"], [one.pk for one in several])
        if not faults:
            return _send(request, shop, offering, several, draft)
        return _form(request, shop, offering, rows, draft["typed"], draft["receivers"], faults)
    return _form(request, shop, offering, rows, draft.get("typed", {}), draft.get("receivers", ()))


def _key(offering) -> str:
    return f"tender {offering.code}"


def _another_that_fits(offering, rows) -> str:
    """Where this one cannot be asked for and another of the same kind can: its code."""
    here = any(one.offering == offering and one.may_be_asked for one in rows)
    return "" if here else next((one.offering.code for one in rows if one.may_be_asked), "")


def _choose(request, shop, offering, rows) -> HttpResponse:
    typed = {key: text for key, text in request.POST.items() if key.startswith(PREFIX) or key == "words"}
    wanted = ids_in(request.POST.getlist("receivers"))
    faults = _faults_of(offering, shop, rows, typed, wanted)
    if faults:
        return _form(request, shop, offering, rows, typed, wanted, faults)
    request.session[_key(offering)] = {"typed": typed, "receivers": wanted}
    return redirect(f"{request.path}?step=send")


def _faults_of(offering, shop, rows, typed, wanted) -> list:
    faults, several = [], []
    try:
        several = chosen(rows, wanted)
    except Invalid as problem:
        faults += problem.faults
    try:
        receivers = tuple(one.department for one in several)
        read_asked(KINDS[offering.kind], offering, shop, Sent(typed).asked(offering, receivers=receivers))
    except Invalid as problem:
        faults += [fault for fault in problem.faults if fault.field != "receivers" or not faults]
    return faults


def _form(request, shop, offering, rows, typed, wanted, faults=()) -> HttpResponse:
    said = {fault.field: fault.detail for fault in faults}
    context = {
        "offering": offering,
        "shop": shop,
        "form": form_of(offering, shop, Sent(typed), faults),
        "words": typed.get("words", ""),
        "words_error": said.get("words", ""),
        "receivers_error": said.get("receivers", ""),
        "askable": [_choice(one, wanted) for one in rows if one.may_be_asked],
        "others": [_choice(one, ()) for one in rows if not one.may_be_asked],
        "most": MOST_ASKED,
        "errors": anchored(faults, offering),
    }
    return render(request, "services/institutions.html", context, status=400 if faults else 200)


def _choice(one: Institution, wanted) -> dict:
    terms = "；".join(f"{line['label']}{line['value']}" for line in lines_of_terms(one.offering))
    why = [one.closed] if one.closed else [row["sentence"] for row in one.fit.failing]
    return {
        "pk": str(one.pk),
        "name": one.department.name,
        "gloss": f"{one.offering.title}。{terms}" if terms else one.offering.title,
        "why": why,
        "checked": one.pk in wanted,
    }


def _send(request, shop, offering, several, draft) -> HttpResponse:
    problem = None
    if request.method == "POST":
        agreed = agreed_in(request, several)
        request.session[_key(offering)] = draft = {
            **draft,
            "agreed": {str(pk): said for pk, said in agreed.items()},
        }
        if must_prove(request, agreed):
            return prove(request, f"{request.path}?step=send")
        try:
            case, is_new = tenders.ask_institutions(
                offering,
                shop,
                Sent(draft["typed"]).asked(offering),
                [one.pk for one in several],
                agreed,
                by=request.user,
                is_fresh=is_fresh_owner(request),
            )
            del request.session[_key(offering)]
            messages.success(
                request, f"已发给 {len(several)} 家，编号 {case.number}。" if is_new else ALREADY
            )
            return redirect("case", public_id=case.public_id)
        except (Invalid, Refused) as refusal:
            problem = refusal
    context = {
        "offering": offering,
        "shop": shop,
        "lines": _said_lines(offering, shop, draft["typed"]),
        "words": draft["typed"].get("words", ""),
        "back": request.path,
        **consents(request, shop, several, draft.get("agreed", {}), problem),
    }
    return render(request, "services/consent.html", context, status=status_for(problem))


def _said_lines(offering, shop, typed) -> list[dict]:
    """What is sent of what was typed, as an institution reads it."""
    said, _ = read_asked(
        KINDS[offering.kind], offering, shop, Sent(typed).asked(offering, receivers=(offering.provider,))
    )
    rows = [row for row in questions_of(offering) if row.key in said and not row.fact]
    return [{"label": row.label, "value": row.say(said[row.key])} for row in rows]


urlpatterns = [path("services/<slug:code>/institutions/", institutions, name="service-institutions")]
