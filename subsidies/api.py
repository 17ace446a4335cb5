"""Applications over the API: for the people they are of, and for programs with a mandate to apply.

Whoever may see a shop's application reads it; writing takes the right to apply. Approving and paying is not offered
here: staff do that in the admin, with the whole file before their eyes.
"""

import uuid

import django_filters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from rest_framework import exceptions, generics
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import MayAsk, principal_of
from accounts.models import ApiClient
from businesses.api import Body, business_for
from businesses.registry import business_registry
from businesses.rules import refuse_numbers
from cases import permissions
from cases.actions import appealing, correcting
from cases.evidence import wallet
from cases.materials import to_upload
from cases.models import AuditEntry, Evidence
from cases.procedure import DRAFT
from cases.transitions import locked
from core import uploads
from core.api import StrictQueryMixin, refuse_odd_parameters
from core.errors import Invalid, Refused
from core.facts import Misread, read_integer
from core.idempotency import idempotent
from eligibility.catalogue import catalogue
from notifications.api import NewestFirst
from policies.models import Benefit

from . import schema
from .actions import applying
from .api_json import application_as_json, event_as_json, file_as_json, row_as_json
from .models import Application
from .procedure import STATES

NO_SUCH_APPLICATION = "没有这一件，或者您不能查看它。请核对编号。"
NO_SUCH_FILE = "这一件里没有这份材料。请核对编号。"
NOT_YOURS_TO_APPLY = "您不能替这家店办申请。要办，请店主在“授权”里给您“代办申请”。"
READ, WRITE = "applications:read", "applications:write"
STATE_CHOICES = [(state.value, says.staff) for state, says in STATES.items()]


def application_for(principal, public_id: str, *related) -> Application:
    """The application of this id, where ``principal`` may see it. Raises Http404."""
    wanted = read_uuid(public_id)
    rows = Application.objects.visible_to(principal).select_related(*related)
    found = rows.filter(public_id=wanted).first() if wanted else None
    if found is None:
        raise Http404(NO_SUCH_APPLICATION)
    return found


def read_uuid(raw) -> uuid.UUID | None:
    """An id in its one spelling, else None."""
    try:
        wanted = uuid.UUID(raw)
    except (ValueError, AttributeError, TypeError):
        return None
    return wanted if str(wanted) == raw else None


def acting(principal) -> dict:
    """Whose hand it is, as the verbs take it."""
    return {"client": principal} if isinstance(principal, ApiClient) else {"by": principal}


# Reading bodies


def _version(raw):
    value = read_integer(raw)
    if value < 1:
        raise Misread("out_of_range", "version 从 1 开始，请写读到的那个数")
    return value


def _text(raw):
    if not isinstance(raw, str) or "\x00" in raw:
        raise Misread("invalid_text", "请写文字，用双引号括起来")
    return raw.strip()


def _words(field):
    """A reader of what a person says. It is kept readable, so it is no place for a number of theirs."""

    def read(raw):
        text = _text(raw)
        refuse_numbers(field, text)
        return text

    return read


def _declared(raw):
    if raw is not True:
        raise Misread("not_declared", "请先让店主承诺：所填内容和材料真实，再写 true")
    return raw


def _business_id(raw):
    if read_uuid(raw) is None:
        raise Misread("invalid_id", "请写商户的编号，见 /api/v1/businesses/")
    return raw


def _benefit(raw):
    known = catalogue().benefits.get(raw) if isinstance(raw, str) else None
    if known is None:
        raise Misread("unknown_benefit", "没有这个事项，编号见 /api/v1/benefits/")
    return Benefit.objects.select_related("measure").get(pk=known.pk)


def _facts(field):
    """A reader of facts in the spelling the register keeps. What cannot be read is left for the verb to refuse."""

    def read(raw):
        if not isinstance(raw, dict):
            raise Invalid.because(field, "invalid_object", '请填对象，例如 {"monthly_rent": "800.00"}')
        registry, words = business_registry(), {}
        for name, value in raw.items():
            try:
                words[name] = registry[name].write(registry[name].read(value)) if value is not None else None
            except (KeyError, Misread):
                words[name] = value
        return words

    return read


def _files(raw):
    whole = isinstance(raw, dict) and all(
        isinstance(ids, list) and ids and all(read_uuid(one) for one in ids) for ids in raw.values()
    )
    if not whole:
        raise Misread("invalid_object", '请填对象，例如 {"租赁合同": ["材料编号"]}，编号上传时会返回')
    return raw


def _excuses(raw):
    if not isinstance(raw, dict) or not all(isinstance(why, str | None) for why in raw.values()):
        raise Misread("invalid_object", '请填对象，例如 {"毕业证": "证书丢了，正在补办"}，收回写 null')
    return raw


# The list


class ApplicationFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=STATE_CHOICES, label="状态")
    benefit = django_filters.CharFilter(method="of_benefit", label="事项编号，例如 M05c")
    business = django_filters.CharFilter(method="of_business", label="商户编号")

    class Meta:
        model = Application
        fields = []

    def of_benefit(self, queryset, name, value):
        found = catalogue().benefits.get(value)
        if found is None:
            raise Invalid.because(name, "unknown_benefit", "没有这个事项，编号见 /api/v1/benefits/")
        return queryset.filter(benefit=found.pk)

    def of_business(self, queryset, name, value):
        if read_uuid(value) is None:
            raise Invalid.because(name, "invalid", "请写商户的编号，见 /api/v1/businesses/")
        return queryset.filter(business__public_id=value)


class Applications(generics.ListAPIView):
    """GET the applications one may see, the newest first; POST begins one, or gives the one that stands."""

    schema = schema.ApplicationListSchema()
    permission_classes = (MayAsk,)
    scopes = {"GET": READ, "POST": WRITE}
    problem_statuses = {"POST": (404, 409, 422)}  # 404: the shop that the body names
    queryset = Application.objects.none()
    pagination_class = NewestFirst
    filterset_class = ApplicationFilter

    def get_queryset(self):
        rows = Application.objects.visible_to(principal_of(self.request))
        return rows.select_related("benefit", "business", "benefit_version").order_by("-pk")

    def list(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([row_as_json(row) for row in page])

    @idempotent(required=False)
    def post(self, request):
        refuse_odd_parameters(request, ())
        principal = principal_of(request)
        body = Body(request.data, ("business", "benefit", "answers"))
        shop = body.read("business", _business_id)
        benefit = body.read("benefit", _benefit)
        answers = body.read("answers", _facts("answers"), required=False)
        body.stop()
        business = business_for(principal, shop, "operator")
        if not permissions.may_apply(principal, business):
            raise PermissionDenied(NOT_YOURS_TO_APPLY)
        with transaction.atomic():
            found, is_new = applying.begin_or_find(business, benefit, **acting(principal))
            if answers:
                found = applying.save(found, answers, **acting(principal))
        location = request.build_absolute_uri(f"{request.path}{found.public_id}/")
        answer = application_as_json(principal, found)
        return Response(answer, status=201 if is_new else 200, headers={"Location": location})


# One application


class OneApplication(StrictQueryMixin, APIView):
    """Finds the application before anything is read: what is not theirs is a 404, whatever was sent."""

    permission_classes = (MayAsk,)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.principal = principal_of(request)
        self.application = application_for(self.principal, kwargs["id"], "business", "benefit_version")
        writes = request.method in self.allowed_methods and request.method not in SAFE_METHODS
        if writes and not permissions.may_apply(self.principal, self.application.business):
            raise PermissionDenied(NOT_YOURS_TO_APPLY)

    @property
    def hand(self):
        return acting(self.principal)

    def answer(self, status=200):
        return Response(application_as_json(self.principal, self.application), status=status)


class ApplicationDetail(OneApplication):
    """GET the whole of it; PATCH answers of a draft, and why a material is not handed in."""

    schema = schema.ApplicationSchema()
    scopes = {"GET": READ, "PATCH": WRITE}
    problem_statuses = {"PATCH": (409,)}

    def get(self, request, id):
        return self.answer()

    def patch(self, request, id):
        body = Body(request.data, ("version", "answers", "excused"))
        version = body.read("version", _version)
        answers = body.read("answers", _facts("answers"), required="excused" not in request.data)
        excused = body.read("excused", _excuses, required=False) or {}
        body.stop()
        with transaction.atomic():
            found = locked(self.application, version)
            if answers is not None:
                found = applying.save(found, answers, **self.hand)
            for material, reason in excused.items():
                found = applying.excuse(found, material, reason, **self.hand)
        return self.answer()


class Submit(OneApplication):
    """POST: the owner stands for what is said, and it is handed in."""

    schema = schema.SubmitSchema()
    scopes = {"POST": WRITE}
    problem_statuses = {"POST": (409, 422)}

    @idempotent(required=True)
    def post(self, request, id):
        body = Body(request.data, ("version", "declared"))
        version = body.read("version", _version)
        body.read("declared", _declared)
        body.stop()
        with transaction.atomic():
            # Declaring is a change of its own; what was seen is compared before it.
            found = applying.declare(locked(self.application, version), **self.hand)
            applying.submit(found, **self.hand)
        return self.answer()


class Withdraw(OneApplication):
    """POST: taken back before it is paid."""

    schema = schema.WithdrawSchema()
    scopes = {"POST": WRITE}
    problem_statuses = {"POST": (409, 422)}

    @idempotent(required=True)
    def post(self, request, id):
        body = Body(request.data, ("version", "reason"))
        version = body.read("version", _version, required=False)
        reason = body.read("reason", _words("reason"), required=False) or ""
        body.stop()
        applying.withdraw(self.application, expected_version=version, note=reason[:500], **self.hand)
        return self.answer()


class Correct(OneApplication):
    """POST: everything that was called wrong, mended and handed in at once."""

    schema = schema.CorrectSchema()
    scopes = {"POST": WRITE}
    problem_statuses = {"POST": (409, 422)}

    @idempotent(required=False)
    def post(self, request, id):
        body = Body(request.data, ("version", "facts", "files"))
        version = body.read("version", _version, required=False)
        facts = body.read("facts", _facts("facts"), required=False) or {}
        files = body.read("files", _files, required=False) or {}
        body.stop()
        with transaction.atomic():
            found = locked(self.application, version)
            for name, value in facts.items():
                correcting.mend_fact(found, name, value, **self.hand)
            pieces = self._pieces(files)
            for material, ids in files.items():
                correcting.mend_material(found, material, [pieces[one] for one in ids], **self.hand)
            correcting.correct(found, **self.hand)
        return self.answer()

    def _pieces(self, files):
        """{id: Evidence} of the operator's own; whoever may apply for a shop may use them."""
        wanted = {one for ids in files.values() for one in ids}
        rows = Evidence.objects.kept().filter(operator=self.application.operator_id, public_id__in=wanted)
        found = {str(row.public_id): row for row in rows}
        if wanted - found.keys():
            raise Invalid.because("files", "not_found", "有材料编号找不到。请先上传，再写返回的编号")
        return found


class Appeal(OneApplication):
    """POST: the owner does not agree with a refusal; other staff look at it again."""

    schema = schema.AppealSchema()
    scopes = {"POST": WRITE}
    problem_statuses = {"POST": (409, 422)}

    @idempotent(required=True)
    def post(self, request, id):
        body = Body(request.data, ("words",))
        words = body.read("words", _words("words"))
        body.stop()
        appealing.appeal(self.application, words, **self.hand)
        return self.answer()


# Files


class Files(OneApplication):
    """POST a file for a material: put to the draft, or kept for a correction."""

    schema = schema.FilesSchema()
    scopes = {"POST": WRITE}
    problem_statuses = {"POST": (409,)}
    parser_classes = (MultiPartParser,)

    def initialize_request(self, request, *args, **kwargs):
        request.upload_handlers.insert(0, uploads.UpToTheLimit(request))  # before anything reads the form
        return super().initialize_request(request, *args, **kwargs)

    def post(self, request, id):
        material, file = self._sent(request)
        is_draft = self.application.phase == DRAFT
        if not is_draft and self.application.open_correction is None:
            raise Refused("这一件现在不收材料。要改就先撤回，或等通知补正。")
        if material not in {row["name"] for row in to_upload(self.application.benefit_version)}:
            raise Invalid.because("material", "unknown_material", "这一项不要这种材料，请按清单上传")
        piece = wallet.keep(self.application.operator, material, file, **self.hand)
        if is_draft:
            applying.use(self.application, material, piece, **self.hand)
        return Response({"material": material, **file_as_json(piece)}, status=201)

    def _sent(self, request):
        """(material, file). An upload that is over the limit or broken off is one that was not sent."""
        try:
            form = request.data
        except exceptions.ParseError:
            raise Invalid.because("file", "cut_off", uploads.CUT_OFF) from None
        values = {name: form.get(name) for name in form if name not in request.FILES}
        body = Body({**values, **dict.fromkeys(request.FILES)}, ("material", "file"))
        material = body.read("material", _text)
        body.stop()
        return material, uploads.sent(request._request)


class File(OneApplication):
    """DELETE: a file taken out of the draft. It stays in the owner's wallet."""

    schema = schema.FileSchema()
    scopes = {"DELETE": WRITE}
    problem_statuses = {"DELETE": (409,)}

    def delete(self, request, id, file):
        wanted = read_uuid(file)
        rows = self.application.files.filter(removed_at=None).select_related("evidence")
        used = rows.filter(evidence__public_id=wanted).first() if wanted else None
        if used is None:
            raise Http404(NO_SUCH_FILE)
        applying.drop(self.application, used.evidence, **self.hand)
        return Response(status=204)


# What happened


class InTimeOrder(NewestFirst):
    """Pages from the first event on."""

    ordering = "sequence"


class Events(generics.ListAPIView):
    """GET what moved the application, in time order. Offices, never members of staff."""

    schema = schema.EventsSchema()
    permission_classes = (MayAsk,)
    scopes = {"GET": READ}
    queryset = AuditEntry.objects.none()
    pagination_class = InTimeOrder

    def list(self, request, id):
        found = application_for(principal_of(request), id)
        # Reached through the application: who may see it may know what became of it.
        rows = AuditEntry.objects.filter(case=found.pk).exclude(after="").select_related("department")
        page = self.paginate_queryset(self.filter_queryset(rows.order_by("sequence")))
        return self.get_paginated_response([event_as_json(row) for row in page])
