"""Posts over the API: anybody reads what is open; owners, and programs with a mandate to apply, write their own."""

import django_filters
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404
from django.utils import timezone
from rest_framework import generics
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.auth import MayAsk, principal_of, scopes_of
from businesses.api.views import InOrderOfArrival, business_for
from cases.rights.permissions import may_apply
from core.api import StrictQueryMixin, operation, refuse_odd_parameters
from core.api.spelling import read_uuid
from core.errors import Invalid
from core.money import in_fen
from notifications.api import NewestFirst

from .. import posting
from ..models import Contact, JobMatch, Post
from ..trades import counties, trades
from .answers import MatchOut, PostOut, PostRow
from .bodies import PostChange, PostIn, PostVerbIn
from .json import matches_as_json, post_as_json, post_row
from .vocabularies import TAG

READ, WRITE = "posts:read", "posts:write"
NO_SUCH_POST = "没有这条招工，或者您不能查看它。请核对编号。"
NOT_YOURS = "您不能替这家店招工。要办，请店主在“授权”里给您“代办申请”。"
NO_SUCH_VERB = "招工没有这个动作，能做的见 verbs。"
VERBS = {"pause": posting.pause, "resume": posting.resume, "close": posting.close}


class AnybodyLooks:
    """Reading is for everybody; whoever writes has to be somebody."""

    permission_classes = (AllowAny,)

    def get_permissions(self) -> list:
        looks = self.request.method in SAFE_METHODS
        return super().get_permissions() if looks else [MayAsk()]  # type: ignore[misc]  # of the view

    @property
    def looker(self):
        """Whoever looks. A program whose token is not for posts sees what nobody in particular sees."""
        token = self.request.auth
        if token is not None and READ not in scopes_of(token):
            return AnonymousUser()
        return principal_of(self.request)


class PostFilter(django_filters.FilterSet):
    trade = django_filters.ChoiceFilter(
        choices=[(row.key, row.label) for row in trades().values()], label="工种"
    )
    county = django_filters.ChoiceFilter(
        choices=[(row.code, row.label) for row in counties().values()], label="县区"
    )
    farm = django_filters.BooleanFilter(method="on_the_land", label="true 只看地里的活，false 只看别的")
    day = django_filters.DateFilter(method="of_day", label="这一天要人的")
    day_pay_from = django_filters.NumberFilter(method="paid", label="一天至少多少元")
    state = django_filters.ChoiceFilter(choices=Post.State.choices, label="状态；不写只看招人中的")
    business = django_filters.CharFilter(method="of_business", label="商户编号")

    class Meta:
        model = Post
        fields = []

    def on_the_land(self, queryset, name, value: bool):
        return queryset.filter(trade__in=[row.key for row in trades().values() if row.farm == value])

    def of_day(self, queryset, name, value):
        wanted = queryset.filter(from_on__lte=value, until_on__gte=value)
        return wanted.annotate(on_day=F("days").bitand(1 << value.weekday())).filter(on_day__gt=0)

    def paid(self, queryset, name, value):
        return queryset.filter(day_fen__gte=min(in_fen(value), 2**63 - 1))

    def of_business(self, queryset, name, value):
        if read_uuid(value) is None:
            raise Invalid.because(name, "invalid", "请写商户的编号，见 /api/v1/businesses/")
        return queryset.filter(business__public_id=value)


class Posts(AnybodyLooks, generics.ListAPIView):
    """GET what is open, the newest first; POST offers work."""

    queryset = Post.objects.none()
    pagination_class = NewestFirst
    filterset_class = PostFilter

    def get_queryset(self):
        rows = Post.objects.visible_to(self.looker).select_related("business").order_by("-pk")
        if "state" in self.request.query_params:
            return rows
        return rows.open().filter(until_on__gte=timezone.localdate())

    @operation(
        TAG,
        "在招的活，新的在前",
        description="谁都能看。停着、结束的，只有这家店的店主和有“代办申请”授权的人和程序看得到，写 state。",
        scope=READ,
        answers={200: PostRow},
        refuses=(401,),
    )
    def get(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([post_row(row) for row in page])

    def admit(self, request) -> None:
        refuse_odd_parameters(request, ())

    @operation(
        TAG,
        "发一条招工",
        description="有些词要工作人员看过才发布，state 是 held。要求写成规则的条件。可以问 born_on、experience。"
        "还可以问 certificates、has_tools。",
        scope=WRITE,
        body=PostIn,
        answers={201: PostOut},
        refuses=(404, 409, 422),  # 404: the shop that the body names
        key=True,
    )
    def post(self, request, asked):
        principal = principal_of(request)
        business = business_for(principal, asked.business)
        if not may_apply(principal, business):
            raise PermissionDenied(NOT_YOURS)
        row = posting.publish(business, asked.typed, by=principal)
        location = request.build_absolute_uri(f"{request.path}{row.public_id}/")
        return Response(post_as_json(row, True), status=201, headers={"Location": location})


def post_for(principal, public_id: str) -> Post:
    """The post of this id, where ``principal`` may see it. Raises Http404."""
    wanted = read_uuid(public_id)
    rows = Post.objects.visible_to(principal).select_related("business")
    row = rows.filter(public_id=wanted).first() if wanted else None
    if row is None:
        raise Http404(NO_SUCH_POST)
    return row


def own_post_for(principal, public_id: str) -> Post:
    """The same, where ``principal`` acts for its shop. Raises PermissionDenied besides."""
    row = post_for(principal, public_id)
    if not may_apply(principal, row.business):
        raise PermissionDenied(NOT_YOURS)
    return row


class PostDetail(AnybodyLooks, StrictQueryMixin, APIView):
    @operation(
        TAG,
        "一条招工的全部内容",
        description="verbs 是您现在可以做的。没有电话：两边都愿意谈了，双方在网页上看。",
        scope=READ,
        answers={200: PostOut},
        refuses=(401,),
    )
    def get(self, request, id):
        row = post_for(self.looker, id)
        return post_as_json(row, may_apply(self.looker, row.business))

    def admit(self, request, id) -> None:
        self.row = own_post_for(principal_of(request), id)

    @operation(
        TAG,
        "改一条招工",
        description="写全部内容和读到的 version，别人改过时答 409。改了重新找合适的人。",
        scope=WRITE,
        body=PostChange,
        answers={200: PostOut},
        refuses=(409,),
    )
    def put(self, request, asked, id):
        how = {"by": principal_of(request), "expected_version": asked.version}
        return post_as_json(posting.change(self.row, asked.typed, **how), True)


class OwnPost(StrictQueryMixin, APIView):
    """Finds it before anything is read: what is not theirs is a 404, whatever was sent."""

    permission_classes = (MayAsk,)

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        self.principal = principal_of(request)
        self.row = own_post_for(self.principal, kwargs["id"])


class DoPostVerb(OwnPost):
    """POST: pause it, open it again, close it."""

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and kwargs["verb"] not in VERBS:
            raise Http404(NO_SUCH_VERB)

    @operation(
        TAG,
        "停一停、接着招、结束",
        description="pause 先停，resume 接着招，close 结束。正在谈的不受影响。",
        scope=WRITE,
        body=PostVerbIn,
        answers={200: PostOut},
        refuses=(409, 422),
        key=True,
    )
    def post(self, request, asked, id, verb):
        row = VERBS[verb](self.row, by=self.principal, expected_version=asked.version)
        return post_as_json(row, True)


class AskingLeast(InOrderOfArrival):
    """Pages of those who fit, who ask the least first."""

    ordering = ("wants_fen", "worker_id")


class PostMatches(generics.ListAPIView):
    """GET who fits a post of one's own best, and why."""

    permission_classes = (MayAsk,)
    queryset = JobMatch.objects.none()
    pagination_class = AskingLeast
    filter_backends = ()

    @operation(
        TAG,
        "和自己的一条招工合适的人",
        description="最多 20 个。只有称呼和理由，没有分数，也没有电话。问他，写 contacts。",
        scope=READ,
        answers={200: MatchOut},
    )
    def get(self, request, id):
        refuse_odd_parameters(request, ("cursor", "page_size"))
        post = own_post_for(principal_of(request), id)
        rows = JobMatch.objects.filter(post=post, for_post=True).select_related("worker")
        page = self.paginate_queryset(rows)
        found = [row.worker_id for row in page]
        open_now = Contact.objects.open().filter(post=post, worker__in=found)
        contacts = {pk: str(case) for pk, case in open_now.values_list("worker", "case__public_id")}
        return self.get_paginated_response(matches_as_json(post, page, contacts))
