"""The answer to a question: which benefit it is about, and what its rule says to whoever asks.

Every figure comes from the evaluation or from the published text of the benefit. Where nothing fits well enough, the
answer is that there is none here, and who has one.
"""

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

from core.wording import day_text, value_text
from policies.catalogue import Catalogue, PublishedVersion, benefit_url
from policies.criteria.everyday import everyday
from policies.criteria.states import Assessment
from policies.search.elsewhere import Elsewhere
from policies.search.finding import find

from .. import wording
from ..doors import door
from ..evaluation import Evaluation, evaluate
from .words import Asked, read

LONGEST = 80  # characters of an answer, working aside (owner-surface.md K2)
MOST_CONDITIONS, MOST_PAPERS, MOST_REASONS = 3, 4, 2
ALSO = 3


@dataclass(frozen=True)
class Answer:
    """``sentences``: what is answered; ``assumed``: what was taken from the question; ``missing``: the fact that has to
    be answered first, or None; ``action``: what to press."""

    code: str
    title: str
    official: str
    sentences: list[str]
    working: list[dict]
    assumed: list[str]
    clause: str
    url: str
    missing: object | None
    action: dict
    also: list[dict] = field(default_factory=list)


@dataclass(frozen=True)
class NoAnswer:
    """``elsewhere``: who does it, where that is known; ``nearest``: benefits that are not too far off."""

    elsewhere: Elsewhere | None = None
    nearest: list[dict] = field(default_factory=list)


def answer(words: str, known: Catalogue, day: date, book) -> Answer | NoAnswer:
    """``book``: of whoever asks (eligibility/answers.py)."""
    found, asked = find(known, words, day), read(words)
    if asked.is_about_nothing:
        return NoAnswer()
    if not found.is_sure:
        return NoAnswer(found.elsewhere, _links(known, day, found.codes))
    code = found.codes[0]
    version = known.benefits[code].in_force_on(day)
    said = _said(asked, version.rule, book, known.registry)
    profile = book.profile_of({**book.answers, **said}, known.registry, day)
    evaluation = evaluate(profile, day, held=book.held(day))
    assessment = next(row for row in evaluation.assessments if row.rule.code == code)
    reply = _Reply(version, assessment, evaluation, is_told=bool(said or book.answers or book.shop))
    return Answer(
        code=code,
        title=wording.plain_title(version),
        official=version.rule.title if wording.plain_title(version) != version.rule.title else "",
        sentences=reply.to(asked),
        working=wording.working(assessment.amount) if asked.wants == "how_much" and reply.is_told else [],
        assumed=[
            f"{known.registry[name].label}按{_spoken(known.registry[name], profile)}算" for name in said
        ],
        clause=version.content["clause"],
        url=benefit_url(known.benefits[code]),
        missing=reply.missing,
        action=reply.action,
        also=_links(known, day, found.codes[1:]),
    )


def _links(known, day, codes) -> list:
    versions = ((known.benefits[code], known.benefits[code].in_force_on(day)) for code in codes[:ALSO])
    return [{"title": wording.plain_title(version), "url": benefit_url(one)} for one, version in versions]


def _said(asked: Asked, rule, book, registry) -> dict:
    """Facts that the question tells. A sum is meant for what is worked out of it; what else was answered before, or a
    department knows, stands."""
    said = {}
    facts = rule.amount.facts if len(rule.amount.facts) == 1 else (getattr(rule.amount, "wanted", None),)
    if asked.sums and facts[0] and not book.is_settled(registry[facts[0]]):
        said[facts[0]] = f"{asked.sums[0]:.2f}"
    if book.shop is None:
        if asked.opened_on and "registered_on" not in book.answers:
            said["registered_on"] = asked.opened_on.isoformat()
        if asked.groups and "operator_groups" not in book.answers:
            said["operator_groups"] = {"yes": list(asked.groups), "no": []}
    return {name: value for name, value in said.items() if name in registry}


def _spoken(fact, profile) -> str:
    value = profile.values.get(fact.name)
    return "" if value is None else f"“{value_text(fact, value)}”"


class _Reply:
    """What a rule says of one profile, by what was wanted."""

    def __init__(
        self, version: PublishedVersion, assessment: Assessment, evaluation: Evaluation, *, is_told
    ) -> None:
        self.version, self.rule, self.content = version, version.rule, version.content
        self.assessment, self.evaluation, self.is_told = assessment, evaluation, is_told
        self.benefit = evaluation.catalogue.benefits[version.rule.code]
        self.rows = wording.answer_rows(assessment)

    def to(self, asked: Asked) -> list[str]:
        """Sentences, as many as are short enough together."""
        wanted = getattr(self, f"_{asked.wants}")
        kept, length = [], 0
        for text in dict.fromkeys(filter(None, wanted())):
            length += len(text)
            if kept and length > LONGEST:
                break
            kept.append(text)
        return kept or [self._standing()]

    # What was wanted

    def _what(self):
        yield self._standing()
        yield self.content["summary"]

    def _how_much(self):
        label = wording.amount_label(self.assessment, self.content)
        if label:
            by = "按您说的，" if self.is_told and self.assessment.amount.value is not None else ""
            told = " ".join(filter(None, (label.get("prefix"), label["figure"], label["unit"])))
            yield f"{by}{told}。"
        elif self.content.get("amount_open"):
            yield f"{self.content['amount_open']}。".replace("。。", "。")
        elif not self.rule.is_money:
            yield f"{wording.plain_title(self.version)}不发钱。"
            yield f"{self.content['fee']}。" if self.content.get("fee") else "收不收费，还没有公布。"
        yield self._closed()
        yield self.content["summary"]

    def _when(self):
        state, last = self.assessment.state, wording.last_day(self.assessment)
        if state == "soon":
            yield f"您 {day_text(self.assessment.eligible_from)}起就可以。"
        yield self._closed()
        yield f"{last}。" if last else ""
        yield self.content.get("window_note") or ""
        if not self.rule.window.closes_on and state != "closed":
            yield "没有写截止的日子，现在就能办。" if door(self.rule) else "没有写截止的日子。"
        days = self.content.get("promised_working_days")
        yield f"交上去 {days} 个工作日内有结果。" if days else "多久有结果，还没有公布。"

    def _why_not(self):
        reasons = [row["why"] for row in self.rows if row["why"]]
        yield from (f"{reason}。" for reason in reasons[:MOST_REASONS])
        if not reasons:
            yield self._closed()
            children = self.rule.criteria.children[:MOST_CONDITIONS]
            conditions = "；".join(everyday(node, self.assessment.day) for node in children)
            yield f"要这些都满足：{conditions}。" if conditions else ""
        yield "觉得判断得不对，可以提诉求，或者打 12345。"

    def _how(self):
        yield self._closed()
        if self.rule.delivery == "automatic":
            yield "不用申请，报税或缴费时自动享受。"
        elif self.rule.delivery == "no_application":
            yield "不用申请，主管部门比对后直接办。"
        way = door(self.rule)
        papers = [row["name"] for row in self.content.get("materials") or () if row["how"] == "upload"]
        if way and papers:
            yield f"在这里填，带上{'、'.join(papers[:MOST_PAPERS])}{'等' if len(papers) > MOST_PAPERS else ''}。"
        elif way:
            yield "在这里就能办，不用交材料。" if self.rule.is_money else "在这里填几句就行。"
        yield from (row["note"] for row in self.content.get("steps") or () if row.get("note"))

    def _where(self):
        yield "在这里就能办，不用跑。" if door(self.rule) else ""
        leads = self.evaluation.catalogue.measures[self.benefit.measure].lead
        yield f"归{'、'.join(lead.name for lead in leads)}管。" if leads else ""
        yield "窗口和电话还没有公布，可以打 12345 问。"

    # What stands

    def _standing(self):
        state = self.assessment.state
        if state == "closed":
            return self._closed()
        if state == "have":
            return "您已经享受，或者正在办。"
        if state == "soon":
            return f"您 {day_text(self.assessment.eligible_from)}起就可以。"
        reasons = [row["why"] for row in self.rows if row["why"]]
        if state in ("no", "if") and reasons:
            return f"{'还差一点' if state == 'if' else '现在不行'}：{reasons[0]}。"
        if state == "unknown" and self.is_told:
            return "还差几个答案，才知道您行不行。"
        if self.is_told and self.rule.is_money:
            return "按您说的，现在就可以。"
        return f"这是给{self.content['who']}的。"

    def _closed(self):
        if self.assessment.state != "closed":
            return ""
        return wording.note(self.assessment, self.version, self.benefit.exhausted)

    @property
    def missing(self):
        """The Fact to ask first, where an answer would decide; None else."""
        registry = self.evaluation.catalogue.registry
        names = self.assessment.missing_facts if self.is_told else ()
        return next((registry[name] for name in names if registry[name].ask != "never"), None)

    @property
    def action(self) -> dict:
        way = door(self.rule) if self.assessment.state in ("now", "auto") else None
        if way and (self.is_told or not self.rule.is_money):
            return {"label": way.label, "url": way.url}
        if self.rule.is_money and self.assessment.state != "closed":
            return {"label": "查查我能不能享受", "url": reverse("check")}
        return {"label": "看办事指南", "url": benefit_url(self.benefit)}
