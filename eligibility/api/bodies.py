"""The bodies of evaluations and calculators. Every fault is found and named by its dotted path; nothing is guessed."""

from datetime import date
from typing import Annotated, Any, ClassVar

from django.utils import timezone
from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, create_model
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from businesses.api.bodies import facts_shape
from businesses.facts import BUILT_IN_REGISTRY
from core.api import Body
from core.api.facts import field_of
from core.api.lists import Many
from core.api.models import Missing
from core.api.spelling import TEXT, WHOLE, Day, Spelling
from core.facts import Misread, Profile, read_integer
from policies.catalogue import Catalogue, catalogue
from policies.criteria import tax

from ..calculators import LAST_YEAR, NO_SUCH_YEAR

MOST_PROFILES = 1000
LONGEST_REF = 64
TAX_FACTS = (
    "registered_on",
    "operator_groups",
    "annual_taxable_income",
    "other_income_tax_relief",
    *(tax.due_fact(name) for name in tax.LINES[:-1]),
    "deduction_months_used",
)
# What one field of a body tells those after it, and what the whole keeps.
DAY, REFS, KNOWN = "day", "refs", "known"
NO_SUCH_BENEFIT = "没有这个事项，编号见 /api/v1/benefits/"
ONCE = "同一个事项不要写两遍"
NO_REF = f"ref 是 1 到 {LONGEST_REF} 个字符的文字，用来对应结果"
NO_ROWS = f"请写 1 到 {MOST_PROFILES} 份事实的列表"


# Kinds of values


def _noted(value, info: ValidationInfo):
    info.context[DAY] = value
    return value


AsOf = Annotated[Day, AfterValidator(_noted)]


def _read_profile(raw, info: ValidationInfo) -> Profile:
    """Facts as a Profile of rules. What lies ahead is told by ``as_of`` of the body, today where it has none."""
    if KNOWN not in info.context:
        info.context[KNOWN] = catalogue()
    day = info.context.get(DAY) or timezone.localdate()
    return info.context[KNOWN].registry.read_profile(raw, as_of=day)


Facts = TypeAliasType("Facts", Annotated[Any, Spelling(facts_shape, _read_profile, told=True)])
AskedFacts = Annotated[Facts, Missing("缺少 profile，请写要查的事实，可以是 {}")]


def _read_benefit(raw):
    if not isinstance(raw, str) or raw not in catalogue().benefits:
        raise Misread("unknown_benefit", NO_SUCH_BENEFIT)
    return raw


def benefit_codes() -> dict:
    return {"type": "string", "enum": sorted(catalogue().benefits), "description": "事项编号"}


BenefitCode = TypeAliasType("BenefitCode", Annotated[str, Spelling(benefit_codes, _read_benefit)])


def relief_codes() -> list[str]:
    """The benefits that a year's taxes know."""
    benefits = catalogue().benefits.items()
    return sorted(code for code, benefit in benefits if any(v.rule.is_tax for v in benefit.versions))


def _read_relief(raw):
    if not isinstance(raw, str) or raw not in relief_codes():
        raise Misread("unknown_relief", f"只能写 {'、'.join(relief_codes())}")
    return raw


ReliefCode = Annotated[str, Spelling(lambda: {"type": "string", "enum": relief_codes()}, _read_relief)]


def _read_ref(raw):
    if not isinstance(raw, str) or not 1 <= len(raw) <= LONGEST_REF:
        raise Misread("invalid_ref", NO_REF)
    return raw


def _only_once(ref, info: ValidationInfo):
    known = info.context.setdefault(REFS, set())
    if ref in known:
        raise PydanticCustomError("repeated_ref", "ref 在一批里不能重复")
    known.add(ref)
    return ref


def _object(detail):
    def read(raw):
        if not isinstance(raw, dict):
            raise Misread("invalid_object", detail)
        return raw

    return read


def _read_year(raw):
    year = read_integer(raw)
    if not tax.FIRST_YEAR <= year <= LAST_YEAR:
        raise Misread("out_of_range", NO_SUCH_YEAR)
    return year


# Bodies

PARAMETERS = {
    "type": "object",
    "additionalProperties": {"type": "object"},
    "description": "假设的参数值：事项编号、参数名、数值",
}
EXAMPLE_FACTS = {
    "operator_groups": ["veteran"],
    "registered_on": "2026-01-15",
    "rents_premises": True,
    "monthly_rent": "800.00",
}


class _OnADay(Body):
    as_of: AsOf = None
    _known: Catalogue = PrivateAttr()

    def model_post_init(self, context) -> None:
        self._known = context[KNOWN]

    @property
    def known(self) -> Catalogue:
        """The catalogue of which the body was read: what is answered is of the same edition."""
        return self._known

    @property
    def day(self) -> date:
        return self.as_of or timezone.localdate()


class EvaluationIn(_OnADay):
    """一份事实，问它能得到什么。"""

    profile: AskedFacts
    benefits: Annotated[
        list[BenefitCode],
        Many('请写事项编号的列表，例如 ["M05a"]；要全部就不写这一项', least=1, most=1000, repeated=ONCE),
        Field(description="只看这些事项"),
    ] = None
    parameters: Annotated[
        dict,
        Spelling(PARAMETERS, _object('请写对象，例如 {"M04b": {"income_cap": "1000000"}}')),
    ] = None

    example: ClassVar = {"as_of": "2026-11-24", "profile": EXAMPLE_FACTS, "benefits": ["M05a"]}


class BatchRow(Body):
    """一批里的一份。"""

    not_an_object: ClassVar = '请写 {"ref": "a", "profile": {}}'

    ref: Annotated[
        str,
        Spelling({**TEXT, "minLength": 1, "maxLength": LONGEST_REF}, _read_ref),
        AfterValidator(_only_once),
        Missing(NO_REF, "invalid_ref"),
    ]
    profile: AskedFacts


class BatchIn(_OnADay):
    """一批事实。"""

    profiles: Annotated[
        list[BatchRow], Many(NO_ROWS, least=1, most=MOST_PROFILES), Missing(NO_ROWS, "invalid_list")
    ]

    example: ClassVar = {"as_of": "2026-11-24", "profiles": [{"ref": "a", "profile": EXAMPLE_FACTS}]}


class _TaxBody(Body):
    @property
    def profile(self) -> Profile:
        """The facts among the fields."""
        values = {name: value for name in TAX_FACTS if (value := getattr(self, name)) is not None}
        asked = {name for name in TAX_FACTS if name in self.model_fields_set and name not in values}
        return catalogue().registry.profile_of(values, asked)


_TAX_PARAMETERS = {
    "type": "object",
    "properties": {
        "annual_deduction_limit": TEXT,
        "income_cap": TEXT,
        "halve_surcharges_first": {"type": "boolean"},
    },
    "additionalProperties": False,
}
_YEAR = {**WHOLE, "minimum": tax.FIRST_YEAR, "maximum": LAST_YEAR}

TaxIn = create_model(
    "TaxIn",
    __base__=_TaxBody,
    __doc__="一年的税。没写的金额是 0。",
    year=Annotated[int, Spelling(_YEAR, _read_year), Missing("缺少 year，请写要算哪一年，例如 2026")],
    **{name: (field_of(BUILT_IN_REGISTRY[name]), None) for name in TAX_FACTS},
    reliefs=(
        Annotated[
            list[ReliefCode],
            Many(lambda: f"请写列表，可以写 {'、'.join(relief_codes())}", repeated=ONCE),
        ],
        None,
    ),
    parameters=(
        Annotated[dict, Spelling(_TAX_PARAMETERS, _object('请写对象，例如 {"income_cap": "1000000"}'))],
        None,
    ),
)
TaxIn.example = {
    "year": 2026,
    "annual_vat": "1200.00",
    "registered_on": "2026-01-15",
    "operator_groups": ["veteran"],
}
