"""What staff see of a case whatever its procedure: who asks, files, corrections, history, who works on it.

Read only, and a fixed number of queries. A room adds what is its own in a class built on CasePage.
"""

from collections.abc import Iterator
from functools import cached_property
from itertools import groupby

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from businesses.facts import DISTRICTS
from businesses.identifiers import mask_identity
from businesses.needs import needs
from businesses.registry import business_registry
from core.errors import Invalid
from core.facts import Misread
from core.wording import value_text

from .. import clock, materials
from ..actions import general
from ..assessment import Judged, judge_filed
from ..models import AuditEntry, Case, Defect, Evidence
from ..procedure import DECIDE, REVIEW
from ..rights import permissions
from ..rights.recusal import has_interest
from ..terms import Terms, terms_of

SEEN_SALT = "cases.case-page"
PDF = "application/pdf"
DISTRICT_NAMES = {row.value: row.label for row in DISTRICTS}


class CasePage:
    """One case as ``user`` sees it. ``typed``: what was filled in and could not be kept, by field name."""

    def __init__(self, case: Case, user, typed=None) -> None:
        self.case, self.user, self.typed = case, user, typed or {}
        self.today = timezone.localdate()

    # What may be done

    @cached_property
    def reviews(self) -> bool:
        waits = self.case.stage.turn == REVIEW
        return waits and permissions.may_review(self.user, self.case)

    @cached_property
    def approves(self) -> bool:
        waits = self.case.stage.turn == DECIDE
        return waits and permissions.may_approve(self.user, self.case)

    @cached_property
    def verbs(self) -> dict:
        """What else may be done, on the page of all such verbs: ``{key: verb}``."""
        return general.offered(self.user, self.case, general.STAFF)

    @property
    def verb_links(self) -> list[dict]:
        """``[{words, url}]`` of these verbs."""
        name = f"admin:{self.case._meta.model_name}-do"
        return [
            {"words": verb.staff, "url": reverse(name, args=[self.case.pk, key])}
            for key, verb in self.verbs.items()
        ]

    @property
    def others_claim(self) -> User | None:
        """Who else holds it, or None."""
        row = self.case
        held = row.claimed_until and row.claimed_until > timezone.now()
        return row.claimed_by if held and row.claimed_by_id != self.user.pk else None

    @property
    def holds(self) -> bool:
        return self.case.claimed_by_id == self.user.pk and self.others_claim is None

    @cached_property
    def interested(self) -> bool:
        """Whether the person must keep away, and so may only look."""
        return not (self.reviews or self.approves) and has_interest(self.user, self.case)

    # Judged and in time

    @cached_property
    def judged(self) -> Judged:
        return judge_filed(self.case)

    @property
    def time_left(self) -> str:
        return days_left_text(self.case, self.today)

    @property
    def terms(self) -> Terms:
        return terms_of(self.case.benefit_version)

    # Who asks

    @cached_property
    def person(self) -> dict:
        operator, shop, account = (
            self.case.operator,
            self.case.business,
            self.case.account,
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
    def files(self) -> list:
        """Every file there is or was, the newest of a material last."""
        return list(self.case.files.select_related("evidence").order_by("material", "id"))

    @cached_property
    def materials(self) -> list[dict]:
        """The materials of the version with their files and why there are none: ``[{name, anchor, files, need,
        reason}]``; each file knows its place and those before and after it, 0 for none."""
        standing, row = [file for file in self.files if file.removed_at is None], self.case
        groups: list[dict] = [
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
        found: list[dict] = [file for group in groups for file in group["files"]]
        for place, file in enumerate(found, 1):
            file |= {"place": place, "before": place - 1, "after": place + 1 if place < len(found) else 0}
        return groups

    @cached_property
    def corrections(self) -> list:
        """Every 补正 with what was there before and what is there now, in words."""
        files = {str(row.evidence.public_id): shown_file(row.evidence) for row in self.files}
        defects = Defect.objects.filter(correction__case=self.case)
        rows = defects.select_related("correction").order_by("correction__number", "pk")
        return [
            {"row": row, "defects": [self._defect(defect, files) for defect in several]}
            for row, several in groupby(rows, key=lambda defect: defect.correction)
        ]

    def _defect(self, defect, files) -> dict:
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
    def history(self) -> list:
        """What was done, by whom; the newest first."""
        entries = list(AuditEntry.objects.visible_to(self.user).filter(case=self.case.pk)[:50])
        people = User.objects.in_bulk({entry.actor for entry in entries if entry.actor})
        verbs = self.case.life.verbs
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
    def seen(self) -> str:
        """What this page shows, signed, so that a form sent later can be told what has changed since."""
        return signing.dumps(self.snapshot(), salt=SEEN_SALT, compress=True)

    def changes_since(self, seen: str) -> list[str]:
        """A sentence for everything that is no longer as the page with ``seen`` showed it."""
        try:
            before = signing.loads(seen, salt=SEEN_SALT)
        except signing.BadSignature:
            return []
        return list(self.differences(before, self.snapshot()))

    def snapshot(self) -> dict:
        """What the page shows that somebody may change meanwhile."""
        row = self.case
        return {
            "state": row.state,
            "answers": row.answers,
            "verdicts": {name: said["verdict"] for name, said in row.verdicts.items()},
            "files": sorted(
                [file.material, str(file.evidence.public_id)]
                for file in self.files
                if file.removed_at is None
            ),
        }

    def differences(self, before: dict, now: dict) -> Iterator[str]:
        """A sentence for everything that differs between two snapshots."""
        states = self.case.life.states
        if before["state"] != now["state"]:
            was, is_now = (states[told["state"]].staff for told in (before, now))
            yield f"状态：原来是“{was}”，现在是“{is_now}”。"
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


def _name_of(person, entry) -> str:
    if person is None:
        return "接口" if entry.client else "系统"
    return person.shown_name if person.is_staff else "店主"


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


def days_left_text(case: Case, today) -> str:
    """Working days left in words; both sides of the desk see the same day."""
    if not case.stage.clock:
        return "—"
    left = clock.days_left(case, today)
    if left is None:
        return "时限待公布"
    words = f"还有 {left} 天" if left > 0 else "今天到期" if left == 0 else f"已超 {-left} 天"
    return f"{words}（停表）" if case.stopped_on else words


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
