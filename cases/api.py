"""Cases over the API: what the addresses of every procedure have in common."""

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.auth import MayAsk, acting, principal_of
from businesses.api.views import business_for
from businesses.models import Business
from core.api import StrictQueryMixin, refuse_odd_parameters
from core.api.spelling import read_uuid
from core.errors import Invalid
from notifications.api import NewestFirst

from .models import Case
from .rights import permissions


def case_in(rows: QuerySet, public_id: str, no_such: str) -> Case:
    """The one of this id among the ``rows`` that somebody may see. Raises Http404 saying ``no_such``."""
    wanted = read_uuid(public_id)
    found = rows.filter(public_id=wanted).first() if wanted else None
    if found is None:
        raise Http404(no_such)
    return found


def business_to_apply_for(principal, public_id: str, words: str) -> Business:
    """Raises Http404, and PermissionDenied saying ``words`` for whoever sees the shop and may not apply for it."""
    business = business_for(principal, public_id, "operator")
    if not permissions.may_apply(principal, business):
        raise PermissionDenied(words)
    return business


class CaseFilter(django_filters.FilterSet):
    business = django_filters.CharFilter(method="of_business", label="商户编号")

    def of_business(self, queryset, name, value) -> QuerySet:
        if read_uuid(value) is None:
            raise Invalid.because(name, "invalid", "请写商户的编号，见 /api/v1/businesses/")
        return queryset.filter(business__public_id=value)


class Cases(generics.ListAPIView):
    """A list, the newest first, at whose address POST begins one, or gives the one that stands."""

    permission_classes = (MayAsk,)
    pagination_class = NewestFirst

    def admit(self, request) -> None:
        refuse_odd_parameters(request, ())

    def begun(self, request, case: Case, answer, *, is_new: bool) -> Response:
        location = request.build_absolute_uri(f"{request.path}{case.public_id}/")
        return Response(answer, status=201 if is_new else 200, headers={"Location": location})


class OneCase(StrictQueryMixin, APIView):
    """Finds it before anything is read: what is not theirs is a 404, whatever was sent. ``found(principal, id)``, and
    what it answers with, are the room's own."""

    permission_classes = (MayAsk,)

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        self.principal = principal_of(request)
        self.case = self.found(self.principal, kwargs["id"])

    @property
    def hand(self) -> dict:
        """``by`` or ``client``, as actions take whoever asks."""
        return acting(self.principal)
