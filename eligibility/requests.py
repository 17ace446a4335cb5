"""Reading the bodies of evaluation requests. Every fault is found and named by its dotted path; nothing is guessed."""

from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from core.errors import Fault, Invalid
from core.facts import LATEST, Misread, Profile, read_date, read_integer
from core.strict_json import shown
from policies.criteria import tax

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


@dataclass
class _Faults:
    """Collects what is wrong, so that the caller hears of everything at once."""

    found: list = field(default_factory=list)

    def add(self, path, code, detail):
        self.found.append(Fault(path, code, detail))

    def attempt(self, where, reader, /, *arguments, **options):
        """What ``reader`` returns, or None with its complaint noted under ``where``."""
        try:
            return reader(*arguments, **options)
        except Misread as problem:
            self.add(where, problem.code, problem.detail)
        except Invalid as problem:
            self.found += problem.faults
        return None

    def strangers(self, body, known, path=""):
        for name in body:
            if name not in known:
                where = f"{path}.{shown(name)}".lstrip(".")
                self.add(where, "unknown_field", f"没有这一项，这里只能写 {'、'.join(known)}")

    def stop(self):
        if self.found:
            raise Invalid(self.found)


@dataclass(frozen=True)
class EvaluationRequest:
    day: date
    profile: Profile
    benefits: frozenset | None
    overrides: dict


def read_evaluation(body, known) -> EvaluationRequest:
    """The body of POST /evaluations/. ``known`` is the catalogue. Raises Invalid."""
    faults = _Faults()
    faults.strangers(body, ("as_of", "profile", "benefits", "parameters"))
    day = _as_of(body, faults)
    profile = None
    if "profile" not in body:
        faults.add("profile", "required", "缺少 profile，请写要查的事实，可以是 {}")
    else:
        profile = faults.attempt("profile", known.registry.read_profile, body["profile"], as_of=day)
    benefits = _benefits(body["benefits"], known, faults) if "benefits" in body else None
    overrides = body.get("parameters", {})
    if not isinstance(overrides, dict):
        faults.add("parameters", "invalid_object", '请写对象，例如 {"M04b": {"income_cap": "1000000"}}')
    faults.stop()
    return EvaluationRequest(day, profile, benefits, overrides)


def _as_of(body, faults):
    if "as_of" not in body:
        return timezone.localdate()
    return faults.attempt("as_of", read_date, body["as_of"]) or timezone.localdate()


def _benefits(raw, known, faults):
    if not isinstance(raw, list) or not raw or len(raw) > 1000:
        faults.add("benefits", "invalid_list", '请写事项编号的列表，例如 ["M05a"]；要全部就不写这一项')
        return None
    for place, code in enumerate(raw):
        if not isinstance(code, str) or code not in known.benefits:
            faults.add(f"benefits.{place}", "unknown_benefit", "没有这个事项，编号见 /api/v1/benefits/")
        elif code in raw[:place]:
            faults.add(f"benefits.{place}", "repeated", "同一个事项不要写两遍")
    return frozenset(code for code in raw if isinstance(code, str))


@dataclass(frozen=True)
class BatchRequest:
    day: date
    profiles: list[tuple[str, Profile]]


def read_batch(body, known) -> BatchRequest:
    """The body of POST /evaluations/batch/. One bad profile refuses the whole, with all faults named."""
    faults = _Faults()
    faults.strangers(body, ("as_of", "profiles"))
    day = _as_of(body, faults)
    rows = body.get("profiles")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_PROFILES:
        faults.add("profiles", "invalid_list", f"请写 1 到 {MOST_PROFILES} 份事实的列表")
        rows = []
    profiles, refs = [], set()
    for place, row in enumerate(rows):
        path = f"profiles.{place}"
        if not isinstance(row, dict):
            faults.add(path, "invalid_object", '请写 {"ref": "a", "profile": {}}')
            continue
        faults.strangers(row, ("ref", "profile"), path)
        ref = _ref(row, path, refs, faults)
        if "profile" not in row:
            faults.add(f"{path}.profile", "required", "缺少 profile，请写要查的事实，可以是 {}")
            continue
        read = known.registry.read_profile
        profile = faults.attempt(path, read, row["profile"], as_of=day, path=f"{path}.profile")
        profiles.append((ref, profile))
    faults.stop()
    return BatchRequest(day, profiles)


def _ref(row, path, refs, faults):
    ref = row.get("ref")
    if not isinstance(ref, str) or not 1 <= len(ref) <= LONGEST_REF:
        faults.add(f"{path}.ref", "invalid_ref", f"ref 是 1 到 {LONGEST_REF} 个字符的文字，用来对应结果")
    elif ref in refs:
        faults.add(f"{path}.ref", "repeated_ref", "ref 在一批里不能重复")
    else:
        refs.add(ref)
    return ref


@dataclass(frozen=True)
class TaxRequest:
    year: int
    profile: Profile
    reliefs: frozenset | None
    parameters: dict


def read_tax(body, known) -> TaxRequest:
    """The body of POST /calculators/tax/. Raises Invalid."""
    faults = _Faults()
    faults.strangers(body, ("year", *TAX_FACTS, "reliefs", "parameters"))
    year = None
    if "year" not in body:
        faults.add("year", "required", "缺少 year，请写要算哪一年，例如 2026")
    else:
        year = faults.attempt("year", read_integer, body["year"])
    facts = {name: body[name] for name in TAX_FACTS if name in body}
    profile = _tax_profile(facts, known.registry, faults)
    parameters = body.get("parameters", {})
    if not isinstance(parameters, dict):
        faults.add("parameters", "invalid_object", '请写对象，例如 {"income_cap": "1000000"}')
    reliefs = _reliefs(body["reliefs"], known, faults) if "reliefs" in body else None
    faults.stop()
    return TaxRequest(year, profile, reliefs, parameters)


def _tax_profile(facts, registry, faults):
    try:
        return registry.read_profile(facts, as_of=LATEST)
    except Invalid as problem:
        for fault in problem.faults:
            faults.add(fault.field.removeprefix("profile."), fault.code, fault.detail)
        return None


def _reliefs(raw, known, faults):
    codes = sorted(
        code for code, benefit in known.benefits.items() if any(v.rule.is_tax for v in benefit.versions)
    )
    if not isinstance(raw, list):
        faults.add("reliefs", "invalid_list", f"请写列表，可以写 {'、'.join(codes)}")
        return None
    for place, code in enumerate(raw):
        if not isinstance(code, str) or code not in codes:
            faults.add(f"reliefs.{place}", "unknown_relief", f"只能写 {'、'.join(codes)}")
        elif code in raw[:place]:
            faults.add(f"reliefs.{place}", "repeated", "同一个事项不要写两遍")
    return frozenset(code for code in raw if isinstance(code, str))
