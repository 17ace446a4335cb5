"""What the case page shows of one application: who asks, what proves it, what each criterion says, what may be done.

Read only, and a fixed number of queries; the verbs are in review.py and decisions.py.
"""

from functools import cached_property
from itertools import groupby

from django.core import signing
from django.utils import timezone

from accounts.models import User
from businesses.facts import DISTRICTS, SELF, SOURCES
from businesses.identifiers import mask_identity
from businesses.merge import parts
from businesses.needs import needs
from businesses.registry import business_registry
from businesses.visibility import may_see_fact
from cases import clock, materials, permissions
from cases.actions import general
from cases.assessment import judge_filed
from cases.materials import proving
from cases.models import AuditEntry, Defect, Evidence
from cases.procedure import DECIDE, REVIEW
from cases.recusal import has_interest
from cases.terms import terms_of
from cases.transitions import is_movable
from core.errors import Invalid
from core.facts import Misread
from core.money import yuan_text
from core.wording import value_text
from eligibility.wording import answer_rows, working
from notifications.reasons import own_value

from .. import risks, rules
from ..actions.approving import granted_lately_fen, needs_second
from ..models import Application
from ..permissions import is_paid, may_send_back
from ..procedure import STATES, Verb
from .same_person import SamePerson

SEEN_SALT = "subsidies.case-page"
PDF = "application/pdf"
HIDDEN = "由税务部门掌握，这里不显示"
DISTRICT_NAMES = {row.value: row.label for row in DISTRICTS}
VERDICTS = (("pass", "符合", "1"), ("fail", "不符合", "2"), ("correct", "要补正", "3"))
VERDICT_WORDS = {key: label for key, label, _ in VERDICTS}


class CasePage(SamePerson):
    """One application as ``user`` sees it. ``typed``: what was filled in and could not be kept, by field name."""

    def __init__(self, application: Application, user, typed=None):
        self.application, self.user, self.typed = application, user, typed or {}
        self.today = timezone.localdate()

    # What may be done

    @cached_property
    def reviews(self):
        waits = self.application.stage.turn == REVIEW
        return waits and permissions.may_review(self.user, self.application)

    @cached_property
    def approves(self):
        waits = self.application.stage.turn == DECIDE
        return waits and permissions.may_approve(self.user, self.application)

    @cached_property
    def sends_back(self):
        waits = is_movable(self.application, Verb.SEND_BACK)
        return waits and may_send_back(self.user, self.application)

    @cached_property
    def verbs(self):
        """What else may be done, on the page of all such verbs: ``{key: verb}``."""
        return general.offered(self.user, self.application, general.STAFF)

    @property
    def others_claim(self):
        """Who else holds it, or None."""
        row = self.application
        held = row.claimed_until and row.claimed_until > timezone.now()
        return row.claimed_by if held and row.claimed_by_id != self.user.pk else None

    @property
    def holds(self):
        return self.application.claimed_by_id == self.user.pk and self.others_claim is None

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
    def interested(self):
        """Whether the person must keep away, and so may only look."""
        return not (self.reviews or self.approves) and has_interest(self.user, self.application)

    @cached_property
    def lets_go_on(self):
        """Whether they may say of a case, paid in part, that what turned stops nothing."""
        return risks.may_go_on(self.user, self.application)

    # Criteria

    @cached_property
    def judged(self):
        return judge_filed(self.application)

    @cached_property
    def rows(self):
        """The criteria as on the owner's pages, each with value, source, day, proof, and the reviewer's word."""
        said = self.application.verdicts
        return [self._row(row, said.get(row["id"]) or {}) for row in answer_rows(self.judged.found)]

    def _row(self, row, said):
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
    def unmet(self):
        return [
            *rules.unmet_for_recommendation(self.application, self.judged),
            *risks.unmet(self.flags),
        ]

    @cached_property
    def overridden(self):
        return rules.overridden(self.application, self.judged)

    @property
    def is_clean(self):
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
    def risks(self):
        """Every flag with what to look at, the case it points to, and what came of it: ``[{flag, asks, about, link,
        outcomes, outcome, outcome_label, note, may_clear, to_confirm}]``."""
        waiting = {flag.pk for flag in risks.unconfirmed(self.flags)} if self.approves else ()
        return [self._risk(flag, waiting) for flag in self.flags]

    def _risk(self, flag, waiting):
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
    def amount(self):
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

    @property
    def time_left(self):
        return days_left_text(self.application, self.today)

    @property
    def terms(self):
        return terms_of(self.application.benefit_version)

    # Who asks

    @cached_property
    def person(self):
        operator, shop, account = (
            self.application.operator,
            self.application.business,
            self.application.account,
        )
        return {
            "identity": mask_identity(operator.identity.reveal()) if operator.identity else "未登记",
            "may_reveal": self.user.has_perm("accounts.unmask")
            and self.user.has_perm("businesses.view_operator")
            and needs(self.user, operator),
            "district": DISTRICT_NAMES.get(shop.district, ""),
            "account": account,
            "other_holder": bool(account) and account.holder != operator.name,
            "account_ended": bool(account) and account.ended_at is not None,
        }

    # Files and corrections

    @cached_property
    def files(self):
        """Every file there is or was, the newest of a material last."""
        return list(self.application.files.select_related("evidence").order_by("material", "id"))

    @cached_property
    def materials(self):
        """The materials of the version with their files and why there are none: ``[{name, anchor, files, need,
        reason}]``; each file knows its place and those before and after it, 0 for none."""
        standing, row = [file for file in self.files if file.removed_at is None], self.application
        groups = [
            {
                "name": material.name,
                "anchor": f"material-{material.place}",
                "files": [shown_file(one.evidence) for one in standing if one.material == material.name],
                "need": material.need.value,
                "reason": material.reason,
            }
            for material in materials.wanted(row.benefit_version, self.judged, row.excused)
        ]
        groups = [group for group in groups if group["files"] or group["need"] != materials.Need.OTHER]
        found = [file for group in groups for file in group["files"]]
        for place, file in enumerate(found, 1):
            file |= {"place": place, "before": place - 1, "after": place + 1 if place < len(found) else 0}
        return groups

    @cached_property
    def corrections(self):
        """Every 补正 with what was there before and what is there now, in words."""
        files = {str(row.evidence.public_id): shown_file(row.evidence) for row in self.files}
        defects = Defect.objects.filter(correction__case=self.application)
        rows = defects.select_related("correction").order_by("correction__number", "pk")
        return [
            {"row": row, "defects": [self._defect(defect, files) for defect in several]}
            for row, several in groupby(rows, key=lambda defect: defect.correction)
        ]

    def _defect(self, defect, files):
        if defect.kind == "material":
            before = [files[key] for key in defect.before or () if key in files]
            after = [files[key] for key in defect.after or () if key in files]
            return {"row": defect, "label": defect.name, "old_files": before, "new_files": after}
        return {
            "row": defect,
            "label": fact_label(defect.name),
            "old": fact_text(defect.name, defect.before),
            "new": fact_text(defect.name, defect.after),
        }

    # History and what was seen

    @cached_property
    def history(self):
        """What was done, by whom; the newest first."""
        entries = list(AuditEntry.objects.visible_to(self.user).filter(case=self.application.pk)[:50])
        people = User.objects.in_bulk({entry.actor for entry in entries if entry.actor})
        verbs = self.application.life.verbs
        return [
            {
                "at": entry.at,
                "verb": verbs[entry.verb].name if entry.verb in verbs else entry.verb,
                "who": _name_of(people.get(entry.actor), entry),
                "note": entry.note,
            }
            for entry in entries
        ]

    @property
    def seen(self):
        """What this page shows, signed, so that a form sent later can be told what has changed since."""
        return signing.dumps(snapshot(self), salt=SEEN_SALT, compress=True)

    def changes_since(self, seen: str) -> list[str]:
        """A sentence for everything that is no longer as the page with ``seen`` showed it."""
        try:
            before = signing.loads(seen, salt=SEEN_SALT)
        except signing.BadSignature:
            return []
        return list(differences(before, snapshot(self)))


def _name_of(person, entry):
    if person is None:
        return "接口" if entry.client else "系统"
    return person.shown_name if person.is_staff else "店主"


def snapshot(page: CasePage) -> dict:
    row = page.application
    return {
        "state": row.state,
        "answers": row.answers,
        "verdicts": {name: said["verdict"] for name, said in row.verdicts.items()},
        "risks": {str(flag.pk): flag.outcome for flag in page.flags},
        "files": sorted(
            [file.material, str(file.evidence.public_id)] for file in page.files if file.removed_at is None
        ),
    }


def differences(before: dict, now: dict):
    if before["state"] != now["state"]:
        was, now_is = (STATES[told["state"]].staff for told in (before, now))
        yield f"状态：原来是“{was}”，现在是“{now_is}”。"
    for name in sorted({*before["answers"], *now["answers"]}):
        old, new = before["answers"].get(name), now["answers"].get(name)
        if old != new:
            yield f"{fact_label(name)}：原来是“{fact_text(name, old)}”，现在是“{fact_text(name, new)}”。"
    old_files, new_files = ({tuple(row) for row in told["files"]} for told in (before, now))
    for material in sorted({name for name, _ in old_files ^ new_files}):
        yield f"“{material}”的文件换过。"
    changed = {
        name
        for name in {*before["verdicts"], *now["verdicts"]}
        if before["verdicts"].get(name) != now["verdicts"].get(name)
    }
    if changed:
        yield f"有 {len(changed)} 条结论改过。"
    if before["risks"] != now["risks"]:
        yield "风险提示有变动。"


def shown_file(evidence: Evidence) -> dict:
    return {
        "address": f"/evidence/{evidence.public_id}/",
        "name": evidence.original_name,
        "material": evidence.material,
        "is_pdf": evidence.media_type == PDF,
        "pages": evidence.pages,
        "usable": evidence.status == Evidence.Status.CLEAN and evidence.deleted_at is None,
        "status": evidence.get_status_display(),
        "expires_on": evidence.expires_on,
    }


# Words


def days_left_text(application: Application, today) -> str:
    """Working days left in words; both sides of the desk see the same day."""
    if not application.stage.clock:
        return "—"
    left = clock.days_left(application, today)
    if left is None:
        return "时限待公布"
    words = f"还有 {left} 天" if left > 0 else "今天到期" if left == 0 else f"已超 {-left} 天"
    return f"{words}（停表）" if application.stopped_on else words


def fact_label(name: str) -> str:
    fact = business_registry().get(name)
    return fact.label if fact else name


def fact_text(name: str, value) -> str:
    """An answer in JSON spelling as people read it."""
    fact = business_registry().get(name)
    if value is None or fact is None:
        return "没有填"
    try:
        return value_text(fact, fact.read(value))
    except (Misread, Invalid):
        return str(value)


def required_text(row: dict) -> str:
    """The rule's own value, where it is one that can be said apart from the sentence."""
    value, facts = row["required"], [business_registry().get(name) for name in row["facts"]]
    if value is None or len(facts) != 1 or facts[0] is None:
        return ""
    if isinstance(value, list):
        labels = {choice.value: choice.label for choice in facts[0].choices}
        return "、".join(str(labels.get(one, one)) for one in value)
    if isinstance(value, dict):
        units = {"years": "年", "months": "个月", "days": "天"}
        return " ".join(f"{number} {units.get(unit, unit)}" for unit, number in value.items())
    return fact_text(row["facts"][0], value)
