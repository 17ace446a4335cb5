"""What always holds of the register."""

from django.db.models import Count

from accounts.models import AccessEvent
from core.bulk import chunks
from core.invariants import invariant

from . import merge
from .facts import DERIVED
from .identifiers import fold_name
from .models import Binding, Business, Mandate, Operator, Sharing
from .registry import business_registry
from .sharing import READ

CHUNK = 2000


@invariant("登记册各列等于各来源合并的结果")
def columns_equal_what_the_sources_say():
    registry = business_registry()
    shops = Business.objects.select_related("record", "operator__record").order_by("pk")
    for chunk in chunks(shops.iterator(CHUNK), CHUNK):
        for shop in chunk:
            held, expected = _held(shop, registry), _expected(shop, registry)
            for name in held.keys() | expected.keys():
                if held.get(name) != expected.get(name):
                    yield f"商户 {shop.pk} 的 {name}"


def _expected(shop, registry) -> dict:
    values = {}
    for subject, scope in ((shop, "business"), (shop.operator, "operator")):
        said = subject.record.said if subject and hasattr(subject, "record") else []
        for name, best in merge.standing(said, registry, scope).items():
            values[name] = merge.inside(registry[name], best.value)
    registry.complete(values, {})
    found = {}
    for name, value in values.items():
        found |= registry.readable(name).stored(value)
    return {name: value for name, value in found.items() if value is not None}


def _held(shop, registry) -> dict:
    held = {}
    for fact in (*registry.values(), *registry.computed.values()):
        if fact.name in DERIVED:
            continue
        for name in (f"{fact.name}_yes", f"{fact.name}_known") if fact.type == "set" else (fact.name,):
            held[name] = getattr(shop, name) if fact.built_in else shop.extra.get(name)
    return {name: value for name, value in held.items() if value is not None}


@invariant("经营者的比对用名等于姓名折叠后的写法")
def folded_names_follow_names():
    for pk, name, folded in Operator.objects.values_list("pk", "name", "folded_name").iterator(CHUNK):
        if fold_name(name) != folded:
            yield f"经营者 {pk}"


@invariant("授权由绑定了这家店的人给出")
def mandates_come_from_whoever_has_bound_the_shop():
    bound = Binding.objects.filter(ended_at=None).values_list("business", "user")
    standing = set(bound)
    for pk, business, user in Mandate.objects.standing().values_list("pk", "business", "given_by"):
        if (business, user) not in standing:
            yield f"授权 {pk}"


@invariant("信息授权看过几次，访问记录里就有几条")
def sharings_are_read_as_often_as_written_down():
    events = AccessEvent.objects.filter(action=READ).order_by().values_list("subject")
    read = dict(events.annotate(times=Count("pk")))
    for pk, used in Sharing.objects.values_list("pk", "used").iterator(CHUNK):
        if read.get(f"sharing {pk}", 0) != used:
            yield f"信息授权 {pk}"
