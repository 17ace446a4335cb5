"""Requests over the API: for the people they are of, and for programs with a mandate to apply. Staff answer them in the
admin, institutions by their legs (legs.py)."""

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404
from rest_framework import generics
from rest_framework.response import Response

from accounts.api.auth import MayAsk, acting, principal_of
from accounts.models import Department
from accounts.principals import is_program
from businesses.api.views import InOrderOfArrival
from cases.actions import general
from cases.api import CaseFilter, Cases, OneCase, business_to_apply_for, case_in
from cases.models import Case, Message
from cases.procedure import CLOSED, OPEN
from cases.rights import permissions
from core.api import operation, refuse_odd_parameters
from core.errors import Fault, Invalid, Refused

from ..finance import tenders
from ..models import Leg, Offering, ServiceCase
from .answers import STATES, MessageLine, RequestOut, RequestRow
from .asking import ask
from .bodies import MessageIn, RequestIn, VerbIn
from .json import TAKES, message_as_json, request_as_json, request_row
from .offerings import KIND_CHOICES, TAG

READ, WRITE = "requests:read", "requests:write"
SUPPLY = "supply"
NO_SUCH_REQUEST = "没有这一件，或者您不能查看它。请核对编号。"
NOT_YOURS = "您不能替这家店办。要办，请店主在“授权”里给您“代办申请”。"
NOT_ASKED = "现在没有人请您补充，不用写。要做别的，看 verbs 里有什么。"
BY_A_PERSON = "接受哪一家的条件，要店主或者替他办事的人来定，程序不能定。"
LEGS = Leg.objects.select_related("receiver", "receiver_user").order_by("position")
RELATED = ("business", "department", "request__offering", "request__slot")


class RequestFilter(CaseFilter):
    kind = django_filters.ChoiceFilter("procedure", choices=KIND_CHOICES, label="种类")
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES], label="状态")
    phase = django_filters.ChoiceFilter(choices=[(OPEN, "没有办完"), (CLOSED, "办完了")], label="阶段")
    offering = django_filters.CharFilter(method="of_offering", label="服务的代码")

    class Meta:
        model = ServiceCase
        fields = []

    def of_offering(self, queryset, name, value):
        if not Offering.objects.known().filter(code=value).exists():
            raise Invalid.because(name, "unknown_offering", "没有这项服务，代码见 /api/v1/offerings/")
        return queryset.filter(request__offering__code=value)


class Requests(Cases):
    """GET the requests one may see; POST asks for a service."""

    queryset = ServiceCase.objects.none()
    filterset_class = RequestFilter

    def get_queryset(self):
        rows = ServiceCase.objects.visible_to(principal_of(self.request))
        return rows.select_related("business", "request__offering").order_by("-pk")

    @operation(
        TAG,
        "您能看的服务办件，新的在前",
        description="店主看自己的；有“代办申请”授权的人和程序看授权的那家店的；部门看本部门的。",
        scope=READ,
        answers={200: RequestRow},
    )
    def get(self, request):
        principal = principal_of(request)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([request_row(row, principal) for row in page])

    @operation(
        TAG,
        "办一项服务",
        description="已经有一件没办完的，答 200，给出那一件。问机构的只发您写的话；"
        "让机构看店铺信息，由店主另外同意（sharings）。要交文件的请在网页上办。",
        scope=WRITE,
        body=RequestIn,
        answers={201: RequestOut, 200: RequestOut},
        refuses=(404, 409, 422),  # 404: the shop that the body names
        key=False,
    )
    def post(self, request, asked):
        principal = principal_of(request)
        business = business_to_apply_for(principal, asked.business, NOT_YOURS)
        case, is_new = ask(asked, business, **acting(principal))
        answer = request_as_json(found(principal, str(case.public_id)), principal)
        return self.begun(request, case, answer, is_new=is_new)


def found(principal, public_id) -> Case:
    """The request of this id, where ``principal`` may see it. Raises Http404."""
    rows = ServiceCase.objects.visible_to(principal).select_related(*RELATED)
    return case_in(
        rows.prefetch_related(Prefetch("request__legs", queryset=LEGS)), public_id, NO_SUCH_REQUEST
    )


class OneRequest(OneCase):
    def found(self, principal, id) -> Case:
        return found(principal, id)

    def answer(self) -> RequestOut:
        return request_as_json(found(self.principal, str(self.case.public_id)), self.principal)


class RequestDetail(OneRequest):
    @operation(
        TAG,
        "一件服务的全部内容",
        description="verbs 是您现在可以做的；needs 是要一起写的项。",
        scope=READ,
        answers={200: RequestOut},
    )
    def get(self, request, id):
        return request_as_json(self.case, self.principal)


class DoVerb(OneRequest):
    """POST: one of the owner's verbs of its procedure."""

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            self._admit(kwargs["verb"])

    def _admit(self, verb) -> None:
        what = self.case.life.verbs.get(verb)
        if what is None or not what.owner or (what.own_door and verb not in TAKES):
            raise Http404("这一件没有这个动作，能做的见 verbs。")
        if not permissions.owns(self.principal, self.case):
            raise PermissionDenied(NOT_YOURS)
        if verb == tenders.ACCEPT and is_program(self.principal):
            raise PermissionDenied(BY_A_PERSON)

    @operation(
        TAG,
        "撤回、确认、补充、请假：做一件店主的事",
        description="verb 和要写的项见 verbs。写上读到的 version，别人改过时答 409。",
        scope=WRITE,
        body=VerbIn,
        answers={200: RequestOut},
        refuses=(409, 422),
        key=True,
    )
    def post(self, request, asked, id, verb):
        needs = TAKES.get(verb) or self.case.life.verbs[verb].needs
        sent = [name for name in type(asked).model_fields if name in asked.model_fields_set - {"version"}]
        typed = {name: getattr(asked, name) for name in sent}
        _refuse_others(typed, needs)
        how = {**self.hand, "expected_version": asked.version}
        if verb == tenders.PASS_ON:
            tenders.pass_on(self.case, departments(typed["receivers"]), {}, **how)
        elif verb == tenders.ACCEPT:
            tenders.accept(self.case, Leg(pk=typed["leg"]), **how)
        else:
            general.do(self.case, verb, typed, **how)
        return self.answer()


def _refuse_others(typed, needs) -> None:
    """Invalid, naming what the verb does not take, and what of its own door is missing."""
    faults = [
        Fault(name, "unknown_field", "这个动作不用写这一项，请去掉") for name in typed if name not in needs
    ]
    doors = [name for name in needs if name in ("leg", "receivers") and name not in typed]
    faults += [Fault(name, "required", f"缺少 {name}，请补上") for name in doors]
    if faults:
        raise Invalid(faults)


def departments(codes) -> list[int]:
    """Their ids; 0 for what is none, which nobody can be asked by."""
    known = dict(Department.objects.filter(code__in=codes).values_list("code", "pk"))
    return [known.get(code, 0) for code in codes]


class Messages(generics.ListAPIView):
    """GET the thread of a request; POST what its owner was asked to supply."""

    permission_classes = (MayAsk,)
    queryset = Message.objects.none()
    pagination_class = InOrderOfArrival

    @operation(
        TAG,
        "一件服务的往来，先写的在前",
        description="office 是哪个单位，不写是谁。",
        scope=READ,
        answers={200: MessageLine},
    )
    def get(self, request, id):
        case = found(principal_of(request), id)
        page = self.paginate_queryset(self.filter_queryset(case.messages.order_by("pk")))
        return self.get_paginated_response([message_as_json(row) for row in page])

    def admit(self, request, id) -> None:
        refuse_odd_parameters(request, ())
        self.case = found(principal_of(request), id)
        if not permissions.owns(principal_of(request), self.case):
            raise PermissionDenied(NOT_YOURS)

    @operation(
        TAG,
        "补充",
        description="单位请您补充时才能写；其余时候答 409。",
        scope=WRITE,
        body=MessageIn,
        answers={201: MessageLine},
        refuses=(409, 422),
        key=False,
    )
    def post(self, request, asked, id):
        if SUPPLY not in self.case.life.allowed(self.case.state):
            raise Refused(NOT_ASKED)
        typed, principal = {"words": asked.words}, principal_of(request)
        general.do(self.case, SUPPLY, typed, expected_version=asked.version, **acting(principal))
        return Response(message_as_json(self.case.messages.order_by("pk").last()), status=201)
