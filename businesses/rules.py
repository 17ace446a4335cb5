"""What must be so before an owner's verb may run, and whose word a fact is. Verbs, pages and admin ask here alike."""

import re
import unicodedata
from datetime import date

from core.errors import Fault, Invalid
from core.facts import Fact, Misread
from core.log import masked

from .facts import DERIVED, REGISTRY, SELF, SOURCES, STAFF
from .identifiers import born_on
from .merge import Best
from .models import Binding, CorrectionRequest, Mandate

SCOPES = tuple(scope for scope, _ in Mandate.SCOPES)
LONGEST_NOTE = 500


def may_state(fact: Fact) -> bool:
    """Whether an owner's own word counts for this fact."""
    return SELF in fact.sources and fact.name not in DERIVED


def answering_source(fact: Fact, best: Best) -> str | None:
    """The source whose department answers for what stands; None where it is the owner's own word.

    A correction by staff, and what the market regulator's rules derive, go to the department the fact is at home in.
    """
    if best.members:
        said = [(not holds, source) for holds, source, _ in best.members.values() if source != SELF]
        source = min(said)[1] if said else SELF
    else:
        source = best.source
    if source == SELF:
        return None
    if source in SOURCES and source not in (STAFF, "default"):
        return source
    departments = [name for name in fact.sources if name not in (SELF, STAFF)]
    return departments[0] if departments else REGISTRY


def may_read_words(user, request: CorrectionRequest) -> bool:
    """Whether ``user``, who acts for the shop, may read what was written: by themself, or under today's owner."""
    today = Binding.objects.filter(
        business=request.business_id, ended_at=None, bound_at__lte=request.asked_at
    )
    return request.asked_by_id == user.pk or today.exists()


def last_day_of_a_mandate(today: date) -> date:
    """One year from today: the corresponding day, or 28 February."""
    try:
        return today.replace(year=today.year + 1)
    except ValueError:
        return today.replace(year=today.year + 1, day=28)


def refuse_numbers(field: str, text: str) -> None:
    """Words that people write are kept readable: they are no place for somebody's number. Raises Invalid."""
    plain = unicodedata.normalize("NFKC", text)
    if masked(plain) != plain:
        raise Invalid.because(field, "number_in_text", "这里不要写身份证号、手机号或账号，请删去号码再提交")


def before_birth(facts, identity: str | None) -> Fault | None:
    """What is wrong with facts of a message, in JSON spelling, that also names the person: a shop older than they."""
    day = facts.get("registered_on")
    if not identity or not isinstance(day, str) or day >= born_on(identity).isoformat():
        return None
    return Fault("facts.registered_on", "too_early", "登记日期：不能早于身份证号里的出生日期，请核对")


def read_last_six(raw) -> str:
    """The last six characters of an identity number. Raises Misread."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(raw))).upper()
    if not re.fullmatch("[0-9]{5}[0-9X]", text):
        raise Misread("invalid_last_six", "请填身份证号的最后 6 位，末位可以是 X")
    return text


def read_all(**readers) -> dict:
    """Each ``name=(reader, raw)`` read; raises Invalid with every fault, none of which holds what was typed."""
    found, faults = {}, []
    for name, (reader, raw) in readers.items():
        try:
            found[name] = reader(raw)
        except Misread as problem:
            faults.append(Fault(name, problem.code, problem.detail))
    if faults:
        raise Invalid(faults)
    return found
