"""What the pages of owners share: they are for people who are no staff, and say what an action refuses."""

from collections.abc import Callable, Mapping
from functools import wraps
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from businesses.models import Assistance
from core.errors import Invalid
from core.prepared import prepared

from ..models import Case, Evidence, people_of

NO_MANDATE = "您的授权里没有代为申请。请店主在授权里加上，再来申请。"
NOT_FOR_STAFF = "这是店主的页面。工作人员请在管理后台看办件。"


def for_owners(page) -> Callable:
    """A page for somebody signed in who is no staff: those work in the admin, where what they look at is written
    down."""

    @wraps(page)
    def inside(request, *args, **kwargs) -> HttpResponse:
        if request.user.is_staff:
            raise PermissionDenied(NOT_FOR_STAFF)
        return page(request, *args, **kwargs)

    return login_required(inside)


def for_applicants(page) -> Callable:
    """The same, and for a clerk while they fill in for whoever is at the window or on the phone."""

    @wraps(page)
    def inside(request, *args, **kwargs) -> HttpResponse:
        if request.user.is_staff and not Assistance.objects.standing().filter(clerk=request.user).exists():
            raise PermissionDenied(NOT_FOR_STAFF)
        return page(request, *args, **kwargs)

    return login_required(inside)


def finder(rows: Callable[[], QuerySet]) -> Callable[..., Case]:
    """``find(user, public_id)``: of ``rows`` that of an owner or agent, as ``visible_to`` has it, or of whoever a clerk
    fills in for now, with what is known of its shop. 404 for any other."""

    @prepared
    def found(operators, user, public_id) -> QuerySet:
        own = rows().of_person(operators, user).filter(public_id=public_id)
        return own.select_related("business__type_verdict")

    def find(user, public_id: UUID) -> Case:
        if user.is_staff:
            return get_object_or_404(rows().helped_with_by(user), public_id=public_id)
        case = next(iter(found(people_of(user), user.pk, public_id)), None)
        if case is None:
            raise Http404
        return case

    return find


def own_evidence(request, case: Case) -> Evidence:
    """The piece of this operator's wallet that the form names. 404 for any other."""
    try:
        wanted = UUID(request.POST.get("evidence", ""))
    except ValueError:
        raise Http404 from None
    rows = Evidence.objects.visible_to(request.user).kept().select_related("operator")
    return get_object_or_404(rows, operator=case.operator_id, public_id=wanted)


def words_of(problem) -> str:
    """What an Invalid or a Refused says, in one line; empty for None."""
    if isinstance(problem, Invalid):
        return "；".join(fault.detail for fault in problem.faults)
    return str(problem or "")


def errors_of(problem, said: Mapping[str, str] | None = None) -> list[dict]:
    """``[{anchor, message}]`` above a form: what is ``said`` of its boxes, else ``problem`` in one line."""
    if said:
        return [{"anchor": name, "message": message} for name, message in said.items()]
    return [{"anchor": "main", "message": words_of(problem)}] if problem else []


def status_for(problem) -> int:
    """The status of a page that says ``problem``."""
    return 200 if problem is None else 400 if isinstance(problem, Invalid) else 409
