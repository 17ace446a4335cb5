"""Contacts over the API: for the two they are of, and for programs with a mandate to apply, which never agree."""

import django_filters
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.api.auth import principal_of
from accounts.principals import is_program
from cases.actions import general
from cases.api import CaseFilter, Cases, OneCase, case_in
from cases.models import Case
from cases.procedure import CLOSED, OPEN
from cases.rights.permissions import may_apply
from core.api import operation
from core.api.spelling import read_uuid
from core.errors import Invalid, Refused

from .. import contacting
from ..effects import BY_THEMSELVES
from ..models import ContactCase, Post, Worker
from ..permissions import may_agree, side_of
from .answers import STATES, ContactOut, ContactRow
from .bodies import ContactIn, ContactVerbIn
from .json import AGREE, contact_as_json, contact_row
from .posts import NOT_YOURS, READ, WRITE, post_for
from .vocabularies import TAG

NO_SUCH_CONTACT = "没有这一件，或者您不能查看它。请核对编号。"
NO_SUCH_VERB = "这一件没有这个动作，能做的见 verbs。"
NOT_ONE_OF_TWO = "这是店里和找活的人两边的事，您不能替他们办。"
BY_A_PERSON = "找活要本人登录后自己问，程序不能替人找活。替店里问合适的人，请写 worker。"
NOT_STAFF = "工作人员不在这里找活。"
RELATED = ("business", "department", "contact__post__business", "contact__worker")


class ContactFilter(CaseFilter):
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES], label="状态")
    phase = django_filters.ChoiceFilter(choices=[(OPEN, "没有结束"), (CLOSED, "结束了")], label="阶段")
    post = django_filters.CharFilter(method="of_post", label="招工的编号")

    class Meta:
        model = ContactCase
        fields = []

    def of_post(self, queryset, name, value):
        if read_uuid(value) is None:
            raise Invalid.because(name, "invalid", "请写招工的编号，见 /api/v1/posts/")
        return queryset.filter(contact__post__public_id=value)


def found(principal, public_id) -> Case:
    """The contact of this id, where ``principal`` may see it. Raises Http404."""
    rows = ContactCase.objects.visible_to(principal).select_related(*RELATED)
    return case_in(rows, public_id, NO_SUCH_CONTACT)


class Contacts(Cases):
    """GET the contacts one may see, the newest first; POST asks for work, or asks somebody who fits."""

    queryset = ContactCase.objects.none()
    filterset_class = ContactFilter

    def get_queryset(self):
        rows = ContactCase.objects.visible_to(principal_of(self.request)).order_by("-pk")
        return rows.select_related(*RELATED)

    @operation(
        TAG,
        "您能看的用工对接，新的在前",
        description="两边各看自己的；有“代办申请”授权的人和程序看授权的那家店的。没有电话。",
        scope=READ,
        answers={200: ContactRow},
    )
    def get(self, request):
        principal = principal_of(request)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([contact_row(row, principal) for row in page])

    @operation(
        TAG,
        "问店里要不要人，或问合适的人来不来",
        description="已经有一件没结束的，答 200，给出那一件。程序只能替店里问，写 worker。",
        scope=WRITE,
        body=ContactIn,
        answers={201: ContactOut, 200: ContactOut},
        refuses=(404, 409, 422),  # 404: the post that the body names
        key=False,
    )
    def post(self, request, asked):
        principal = principal_of(request)
        post = post_for(principal, asked.post)
        case, is_new = _ask(principal, post, asked)
        answer = contact_as_json(found(principal, str(case.public_id)), principal)
        return self.begun(request, case, answer, is_new=is_new)


def _ask(principal, post: Post, asked: ContactIn) -> tuple[ContactCase, bool]:
    """The contact, and whether it is new."""
    words = asked.words or ""
    if asked.worker is None:
        card = _card_of(principal)
        before = card and contacting.standing(post, card)
        case = contacting.ask_shop(principal, post, words)
    else:
        if not may_apply(principal, post.business):
            raise PermissionDenied(NOT_YOURS)
        worker = Worker.objects.filter(matches__post=post, pk=asked.worker).select_related("user").first()
        if worker is None:
            raise Refused(contacting.STRANGER)
        before = contacting.standing(post, worker)
        case = contacting.ask_worker(principal, post, worker, words)
    return case, before is None


def _card_of(principal) -> Worker | None:
    """Of somebody who looks for work. Raises PermissionDenied for whoever does not."""
    if is_program(principal):
        raise PermissionDenied(BY_A_PERSON)
    if principal.is_staff:
        raise PermissionDenied(NOT_STAFF)
    return Worker.objects.visible_to(principal).first()


class OneContact(OneCase):
    def found(self, principal, id) -> Case:
        return found(principal, id)


class ContactDetail(OneContact):
    @operation(
        TAG,
        "一件用工对接的全部内容",
        description="verbs 是您现在可以做的；needs 是要一起写的项。没有电话：两边都愿意谈了，双方在网页上看。",
        scope=READ,
        answers={200: ContactOut},
    )
    def get(self, request, id):
        return contact_as_json(self.case, self.principal)


class DoContactVerb(OneContact):
    """POST: one of the verbs of the two."""

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            self._admit(kwargs["verb"])

    def _admit(self, verb) -> None:
        what = self.case.life.verbs.get(verb)
        if what is None or not what.owner:
            raise Http404(NO_SUCH_VERB)
        if side_of(self.principal, self.case) == "":
            raise PermissionDenied(NOT_ONE_OF_TWO)
        if verb == AGREE and not may_agree(self.principal, self.case):
            raise PermissionDenied(BY_THEMSELVES)

    @operation(
        TAG,
        "可以谈、说定了、不合适、招满了、收回、干完了",
        description="verb 和要写的项见 verbs。写上读到的 version，别人改过时答 409。agree 只有店主和找活的人本人能做。",
        scope=WRITE,
        body=ContactVerbIn,
        answers={200: ContactOut},
        refuses=(409, 422),
        key=True,
    )
    def post(self, request, asked, id, verb):
        typed = {} if asked.reason is None else {"reason": asked.reason}
        if typed and "reason" not in self.case.life.verbs[verb].needs:
            raise Invalid.because("reason", "unknown_field", "这个动作不用写这一项，请去掉")
        general.do(self.case, verb, typed, **self.hand, expected_version=asked.version)
        return contact_as_json(found(self.principal, id), self.principal)
