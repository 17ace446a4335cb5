"""What the case page shows of one application: who asks, what proves it, what each criterion says, what may be done.

Read only, and a fixed number of queries; the verbs are in review.py and decisions.py.
"""

from functools import cached_property

from businesses.facts import SELF, SOURCES
from businesses.merge import parts
from businesses.registry import business_registry
from businesses.visibility import may_see_fact
from cases.admin.case_page import CasePage, required_text
from cases.materials import proving
from cases.procedure import REVIEW
from cases.transitions import is_movable
from core.money import yuan_text
from eligibility.wording import answer_rows, working
from notifications.inbox.reasons import own_value

from ..actions.approving import granted_lately_fen, needs_second
from ..checks import risks, rules
from ..models import Application
from ..permissions import is_paid, may_send_back
from ..procedure import Verb
from .same_person import SamePerson

HIDDEN = "由税务部门掌握，这里不显示"
VERDICTS = (("pass", "符合", "1"), ("fail", "不符合", "2"), ("correct", "要补正", "3"))
VERDICT_WORDS = {key: label for key, label, _ in VERDICTS}


class ApplicationPage(SamePerson, CasePage):
    """One application as ``user`` sees it. ``typed``: what was filled in and could not be kept, by field name."""

    @property
    def application(self) -> Application:
        return self.case

    # What may be done

    @cached_property
    def sends_back(self):
        waits = is_movable(self.application, Verb.SEND_BACK)
        return waits and may_send_back(self.user, self.application)

    @property
    def pass_words(self):
        return self.application.stage.button

    @property
    def verdict_choices(self):
        return VERDICTS

    @property
    def override_note(self):
        return self.typed.get("override_note", "")

    @cached_property
    def lets_go_on(self):
        """Whether they may say of a case, paid in part, that what turned stops nothing."""
        return risks.may_go_on(self.user, self.application)

    # Criteria

    @cached_property
    def rows(self) -> list:
        """The criteria as on the owner's pages, each with value, source, day, proof, and the reviewer's word."""
        said = self.application.verdicts
        return [self._row(row, said.get(row["id"]) or {}) for row in answer_rows(self.judged.found)]

    def _row(self, row, said) -> dict:
        names = row["facts"]
        registry = business_registry()
        shown = all(may_see_fact(self.user, registry[name]) for name in names if name in registry)
        best = self.judged.book.found.get(names[0]) if names else None
        verdict = self.typed.get(f"verdict-{row['id']}", said.get("verdict"))
        own = row["source"] == SELF
        return {
            **row,
            "required": required_text(row),
            "own": (own_value({**row, "source": None}) or "没有记录") if shown else HIDDEN,
            "from": "店主填写" if own else SOURCES.get(row["source"], ""),
            "on": next((part.on for part in parts(best) if part.source == row["source"]), "") if best else "",
            "proof": self._proof_of(names),
            "verdict": verdict,
            "verdict_label": VERDICT_WORDS.get(verdict, ""),
            "note": self.typed.get(f"note-{row['id']}", said.get("note", "")),
        }

    def _proof_of(self, names):
        """The first of the files handed in that proves something of these facts."""
        anchors = {group["name"]: group["anchor"] for group in self.materials if group["files"]}
        version = self.application.benefit_version
        wanted = [material for name in names for material in proving(version, name)]
        return next(({"name": name, "anchor": anchors[name]} for name in wanted if name in anchors), None)

    @cached_property
    def unmet(self) -> list:
        return [
            *rules.unmet_for_recommendation(self.application, self.judged),
            *risks.unmet(self.flags),
        ]

    @cached_property
    def overridden(self):
        return rules.overridden(self.application, self.judged)

    @property
    def is_clean(self) -> bool:
        return not self.unmet and not self.overridden

    @cached_property
    def needs_second(self):
        return self.application.amount_fen is not None and needs_second(self.application, self._lately_fen)

    @cached_property
    def _lately_fen(self):
        return granted_lately_fen(self.application, self.today)

    @cached_property
    def with_lately(self):
        """What the person was granted in twelve months, and that with this one, in yuan; None where it is nothing."""
        row = self.application
        waits = row.stage.turn and row.amount_fen is not None
        lately = self._lately_fen if waits else 0
        return {"before": yuan_text(lately), "with": yuan_text(lately + row.amount_fen)} if lately else None

    # Risks

    @cached_property
    def flags(self):
        """Found anew for whoever has to look at them; for others what was found."""
        if self.reviews or self.approves:
            return risks.refresh(self.application, self.judged)
        return risks.flags_of(self.application)

    @cached_property
    def risks(self) -> list:
        """Every flag with what to look at, the case it points to, and what came of it: ``[{flag, asks, about, link,
        outcomes, outcome, outcome_label, note, may_clear, to_confirm}]``."""
        waiting = {flag.pk for flag in risks.unconfirmed(self.flags)} if self.approves else ()
        return [self._risk(flag, waiting) for flag in self.flags]

    def _risk(self, flag, waiting) -> dict:
        kind, other = risks.KINDS[flag.kind], flag.other_case
        outcome = self.typed.get(f"risk-{flag.pk}", flag.outcome)
        outcomes = risks.outcomes_of(flag, is_paid(self.application))
        return {
            "flag": flag,
            "asks": kind.asks,
            "about": self._about(flag),
            "link": other if other and self._is_own(other) else None,
            "row": self._place_of(flag),
            "outcomes": list(outcomes.items()),
            "outcome": outcome,
            "outcome_label": kind.outcomes.get(flag.outcome, ""),
            "note": self.typed.get(f"risk-{flag.pk}-note", flag.note),
            "may_clear": bool(outcomes) and (self.reviews or self.lets_go_on),
            "to_confirm": flag.pk in waiting,
            "stops": risks.stops(flag),
        }

    def _about(self, flag):
        other = flag.other_case
        if other and not self._is_own(other):
            return other.operator.name
        if other:
            where = other.stage.staff
            return f"{other.number} {other.business.name}，{other.operator.name}，{where}"
        holders = {f"operator {row.operator_id}": row.operator.name for row in self.same_account}
        return holders.get(flag.other.partition(" account")[0], "")

    def _place_of(self, flag):
        """Which row of the criteria a change is about; 0 for none."""
        ids = [f"criterion {row['id']}" for row in self.rows]
        return ids.index(flag.other) + 1 if flag.other in ids else 0

    # Money and time

    @cached_property
    def amount(self) -> dict:
        """{yuan, lines}: what would be paid, and how it comes about."""
        row, money = self.application, self.judged.money
        decided = row.stage.turn != REVIEW
        fen = row.amount_fen if decided else money["amount_fen"]
        if fen is None:
            return {"yuan": None, "lines": []}
        return {"yuan": yuan_text(fen), "lines": working(self.judged.amount)}

    @property
    def changed_amount(self):
        """What it came to when it was filed, where it comes to something else now."""
        row, now = self.application, self.judged.money["amount_fen"]
        if row.stage.turn != REVIEW or row.amount_fen in (None, now):
            return ""
        return yuan_text(row.amount_fen)

    def snapshot(self):
        return super().snapshot() | {"risks": {str(flag.pk): flag.outcome for flag in self.flags}}

    def differences(self, before, now):
        yield from super().differences(before, now)
        if before["risks"] != now["risks"]:
            yield "风险提示有变动。"
