"""What a department's program tells the register: shops it registers, and facts of its own source.

The program answers for its source alone: it can neither speak for another department nor for the owner.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import record
from accounts.models import ApiClient
from core.errors import Fault, Invalid, Refused
from core.facts import Misread

from .facts import DERIVED, REGISTRY, SOURCES
from .models import Business
from .register import Arrival, lock, take_in
from .registry import business_registry
from .rules import before_birth

# Only who registers shops may add one; other departments learn of it from there.
MAY_REGISTER = frozenset({REGISTRY})

KNOWN_ALREADY = "登记里已经有这个统一社会信用代码的店。要改它的信息，请先查到它，再用 PATCH。"
CHANGED_SINCE = "这家店的信息刚刚有更新。请重新读取，再提交。"
GIVES_NOTHING = "这个客户端没有登记提供哪一来源的信息，不能写入。需要时请找管理员开通。"
REGISTERS_NOTHING = "只有市场监管登记的客户端能新增商户。别的部门请写入已有商户的信息。"


def register_business(*, credit_code, name, operator_name, identity=None, address=None, facts, by: ApiClient):
    """Add a shop, and its operator where the identity number is new. Returns the Business.

    ``facts`` as ``read_facts`` gives them. Refused where the code is known: a second call never changes the first.
    """
    if by.source not in MAY_REGISTER:
        raise PermissionDenied(REGISTERS_NOTHING)
    if fault := before_birth(facts, identity):
        raise Invalid([fault])
    if Business.objects.filter(credit_code=credit_code).exists():
        raise Refused(KNOWN_ALREADY)
    arrival = Arrival(
        {by.source: facts},
        credit_code=credit_code,
        name=name,
        operator_name=operator_name,
        identity=identity,
        address=address,
    )
    with transaction.atomic():
        taken = take_in([arrival], on=timezone.localdate())
        if not taken.created:  # another call was faster
            raise Refused(KNOWN_ALREADY)
        business = Business.objects.get(credit_code=credit_code)
        record(None, "api_register", f"business {business.pk}", client=by.client_id, facts=sorted(facts))
    return business


def provide_facts(business: Business, facts: dict, *, by: ApiClient, expected_version=None) -> Business:
    """The program's source says ``facts`` of a shop; what else it has said stays. Returns the shop as it is now.

    ``expected_version``: Refused where the shop has changed since.
    """
    if not by.source:
        raise PermissionDenied(GIVES_NOTHING)
    with transaction.atomic():
        lock([business.pk])
        locked = Business.objects.get(pk=business.pk)
        if expected_version is not None and locked.version != expected_version:
            raise Refused(CHANGED_SINCE)
        take_in([Arrival({by.source: facts}, business_id=locked.pk)], on=timezone.localdate())
        record(None, "api_provide", f"business {locked.pk}", client=by.client_id, facts=sorted(facts))
    return Business.objects.get(pk=business.pk)


def read_facts(raw, source: str) -> dict:
    """Facts that ``source`` may state, strictly read, in the JSON spelling that the register keeps.

    Of a set a department knows some members only: its list says that these hold and leaves the others open;
    ``{"yes": […], "no": […]}`` also says which do not. Raises Invalid with every fault, each under ``facts.…``.
    """
    if not isinstance(raw, dict):
        raise Invalid.because("facts", "invalid_object", '请填对象，例如 {"monthly_rent": "800.00"}')
    registry = business_registry()
    faults, plain, partial = [], {}, {}
    for name, value in raw.items():
        fact = registry.get(name)
        if fact is None or (source in fact.sources and name not in DERIVED):
            if value is None and fact is not None:
                faults.append(_not_null(fact))
            elif isinstance(value, dict) and fact is not None and fact.type == "set":
                partial[name] = value
            else:
                plain[name] = value
        else:
            faults.append(_not_of(source, fact))
    try:
        read = registry.read_profile(plain, as_of=timezone.localdate(), path="facts", kept=True).values
    except Invalid as problem:
        faults += problem.faults
    sets = {name: _partial_set(registry[name], value, faults) for name, value in partial.items()}
    if faults:
        raise Invalid(faults)
    facts = {name: _kept(registry[name], read[name], plain[name]) for name in plain}
    return {**facts, **sets}


def _kept(fact, value, raw):
    return {"yes": raw, "no": []} if fact.type == "set" else fact.write(value)


def _not_null(fact):
    detail = f"{fact.label}：部门提供的信息要写值。不知道就不写这一项"
    return Fault(f"facts.{fact.name}", "null_not_allowed", detail)


def _not_of(source, fact):
    if fact.name in DERIVED:
        detail = f"{fact.label}：由市场监管部门按规则判定，不能写入"
    else:
        whose = "、".join(SOURCES[name] for name in fact.sources)
        detail = f"{fact.label}：来源只能是{whose}，这个客户端的来源不在里面"
    return Fault(f"facts.{fact.name}", "wrong_source", detail)


def _partial_set(fact, raw, faults) -> dict | None:
    path = f"facts.{fact.name}"
    if not raw or not raw.keys() <= {"yes", "no"}:
        faults.append(Fault(path, "invalid_set", '请写列表，或 {"yes": [], "no": []}'))
        return None
    read = {}
    for part, members in raw.items():
        try:
            fact.read(members)
            read[part] = members
        except Misread as problem:
            faults.append(Fault(f"{path}.{part}", problem.code, f"{fact.label}：{problem.detail}"))
    if set(read.get("yes", ())) & set(read.get("no", ())):
        faults.append(Fault(path, "contradiction", f"{fact.label}：同一个值不能又是又不是"))
    return {"yes": read.get("yes", []), "no": read.get("no", [])}
