"""The page of one case in the admin, in rooms where opening it does nothing but show and record it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse

from accounts.access import record
from core.addresses import whole_number

from ..models import Case
from .case_page import CasePage
from .queue import CaseAdmin


class OneCaseAdmin(CaseAdmin):
    """``page``: what is shown of a case, by ``page_template``, which reads ``page_related`` besides."""

    page: type[CasePage]
    page_template: str
    page_related: tuple[str, ...]

    def case(self, request, pk) -> Case | None:
        rows = self.get_queryset(request).select_related(
            *("business", "operator", "benefit", "benefit_version__benefit", "department", "account"),
            *("claimed_by", *self.page_related),
        )
        return rows.filter(pk=pk).first()

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        case = self.case(request, whole_number(object_id))
        if case is None:
            raise Http404
        if request.method != "GET":
            raise PermissionDenied
        record(request.user, "see_case", case.subject)
        title, page = f"{case.number} {case.title}", self.page(case, request.user)
        return self.show(request, self.page_template, title, page=page, case=case)
