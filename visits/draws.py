"""双随机: which shops are checked and who goes there, drawn by a seed (core/sampling.py).

Heavier classes are drawn more often (国市监信发〔2024〕72号: the credit class decides how often).
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access import record
from businesses.models import Business
from core.errors import Refused
from core.exports import csv_lines
from core.sampling import PER_SHOP, Candidate, fingerprint, sample, who_goes

from .models import InspectionDraw, InspectionPick

# How often a class is drawn, beside A. Our own figures: the state fixes none (domain-facts §5). "": not rated yet.
DEFAULT_WEIGHTS = {"A": 1, "B": 2, "C": 5, "D": 10, "": 2}
HEAVIEST = 1_000


def population(weights: Mapping[str, int], district: str, industry: str, *, by) -> list[Candidate]:
    """The list that is drawn from: shops in operation that ``by`` may see."""
    shops = Business.objects.visible_to(by).filter(operating_status="operating", credit_code__isnull=False)
    if district:
        shops = shops.filter(district=district)
    if industry:
        shops = shops.filter(industry__startswith=industry)
    rows = shops.order_by("pk").values_list("pk", "credit_code", "credit_rating__rated")
    return [
        Candidate(code, weights.get(rated or "", 0), pk, rated or "") for pk, code, rated in rows.iterator()
    ]


def _refuse_faulty(seed, size, weights, inspectors) -> None:
    problems = []
    if not seed.strip():
        problems.append("请填种子，例如当天公布的一串数字。")
    if size < 1:
        problems.append("抽取户数至少 1 户。")
    if weights.keys() - DEFAULT_WEIGHTS.keys() or not all(
        type(weight) is int and 0 <= weight <= HEAVIEST for weight in weights.values()
    ):
        problems.append(f"权重请填 0 到 {HEAVIEST} 的整数，只有 A、B、C、D 和未评定五项。")
    if inspectors and len(set(inspectors)) < PER_SHOP:
        problems.append(f"检查人员至少选 {PER_SHOP} 人，或者一个都不选。")
    if problems:
        raise Refused("".join(problems))


@transaction.atomic
def draw(
    name: str,
    seed: str,
    size: int,
    weights: Mapping[str, int] | None = None,
    district="",
    industry="",
    inspectors=(),
    *,
    by,
) -> InspectionDraw:
    """Draw and keep ``size`` shops, with two of ``inspectors`` (Users) for each where any are given.

    Raises Refused where a figure is off, or the list is shorter than ``size``.
    """
    if not by.has_perm("visits.add_inspectiondraw"):
        raise PermissionDenied
    weights = dict(DEFAULT_WEIGHTS if weights is None else weights)
    usernames = sorted(person.username for person in inspectors)
    _refuse_faulty(seed, size, weights, usernames)
    candidates = population(weights, district, industry, by=by)
    drawable = sum(candidate.weight > 0 for candidate in candidates)
    if size > drawable:
        raise Refused(f"名单里只有 {drawable} 户可以抽，请减少户数或放宽范围。")
    drawn = InspectionDraw.objects.create(
        name=name,
        seed=seed,
        size=size,
        weights=weights,
        district=district,
        industry=industry,
        population=len(candidates),
        fingerprint=fingerprint(candidates),
        drawn_by=by,
    )
    drawn.inspectors.set(inspectors)
    InspectionPick.objects.bulk_create(
        (
            InspectionPick(
                draw=drawn,
                place=place,
                business_id=chosen.business,
                rated=chosen.rated,
                inspectors=who_goes(seed, chosen.code, usernames),
            )
            for place, chosen in enumerate(sample(seed, size, candidates), 1)
        ),
        batch_size=1_000,
    )
    record(by, "inspection-draw", f"draw {drawn.pk}", size=size, population=len(candidates))
    return drawn


class Verification(NamedTuple):
    """``same_list``: the list of today has the fingerprint of then. ``same_draw``: what is drawn is the same."""

    same_list: bool
    same_draw: bool

    def __str__(self) -> str:
        if self.same_draw and self.same_list:
            return "名单和抽取结果都与当时一致。"
        if self.same_draw:
            return "名单后来有变化，但抽取结果与当时一致。"
        if self.same_list:
            return "名单与当时一致，但抽取结果不同，记录可能被改动过。请核查。"
        return "名单后来有变化（新增、注销或重新评定），不能用今天的名单复核。请用当时导出的名单。"


def verify(drawn: InspectionDraw, *, by) -> Verification:
    """Draw again from the list of today and compare, inspectors too."""
    candidates = population(drawn.weights, drawn.district, drawn.industry, by=by)
    usernames = sorted(drawn.inspectors.values_list("username", flat=True))
    again = [
        (place, chosen.business, who_goes(drawn.seed, chosen.code, usernames))
        for place, chosen in enumerate(sample(drawn.seed, drawn.size, candidates), 1)
    ]
    kept = list(drawn.picks.order_by("place").values_list("place", "business", "inspectors"))
    return Verification(fingerprint(candidates) == drawn.fingerprint, again == kept)


def as_csv(drawn: InspectionDraw) -> Iterator[str]:
    """The picks for those who go out. The credit class stays inside."""
    names = {person.username: person.shown_name for person in drawn.inspectors.all()}
    picks = drawn.picks.order_by("place").select_related("business")
    rows = (
        (
            pick.place,
            pick.business.credit_code,
            pick.business.name,
            pick.business.address,
            "、".join(names.get(username, username) for username in pick.inspectors),
        )
        for pick in picks.iterator(chunk_size=1_000)
    )
    return csv_lines(("序号", "统一社会信用代码", "名称", "经营场所", "检查人员"), rows)


def list_as_csv(drawn: InspectionDraw, *, by) -> Iterator[str]:
    """The list as it is today, code and weight, sorted: with the seed it is all that drawing again takes."""
    candidates = population(drawn.weights, drawn.district, drawn.industry, by=by)
    return csv_lines(("统一社会信用代码", "权重"), sorted((row.code, row.weight) for row in candidates))
