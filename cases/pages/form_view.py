"""What the pages of a case show and read, as plain data: its steps, its facts as fields, its materials."""

from datetime import date

from django.urls import reverse
from django.utils import timezone

from businesses import merge
from businesses.actions import owns
from businesses.facts import SELF, SOURCES
from businesses.industries import industry_text
from businesses.models import account_paid
from businesses.registry import business_registry
from core import uploads
from core.facts import Fact, Misread
from core.once import once
from core.wording import day_text, value_text
from eligibility.pages.questions import ABSENT, NOT_KNOWN, NOTHING_CHOSEN, field_of, page_of, read_field
from eligibility.wording import amount_label, answer_rows, working
from notifications.inbox.reasons import own_value
from policies.catalogue import catalogue

from ..assessment import Judged, asked_facts, judge
from ..evidence.pages import expiry_text
from ..materials import Need, wanted
from ..models import Case, Evidence

PAGES = ("facts", "materials", "account", "check")
SAID_HERE = "您在这次申请里填的"


def whose(about, user) -> str:
    """For whoever acts for somebody else: whose case, or offer, this is. Empty for the owner, and who asks
    themselves."""
    if getattr(about, "asker_id", None) == user.pk:
        return ""
    return "" if owns(user, about.business) else f"您在替“{about.business.name}”的店主办这一件。"


def header_of(case: Case, user) -> dict:
    """What every page of a case says of it above its heading."""
    return {
        "public_id": case.public_id,
        "title": case.title,
        "shop_name": case.business.name,
        "whose": whose(case, user),
        "version": case.version,
        "saved_at": timezone.localtime(case.saved_at),
    }


def account_of(about, user) -> dict | None:
    """Where the operator of a shop or a case is paid, masked; None where nothing is registered."""
    row = account_paid(user, about.operator_id)
    return {"pk": row.pk, "bank": row.bank, "last_four": row.last_four} if row else None


# Facts


def known_lines(judged: Judged) -> list[dict]:
    """What departments know of the facts that the rule reads: ``[{label, value, source, on, url}]``."""
    registry, lines = business_registry(), []
    for name in dict.fromkeys([*judged.rule.program.fact_names, *judged.rule.amount.facts]):
        best = judged.book.known(name)
        if best is None or name not in registry:
            continue
        lines += [
            {
                "label": registry[name].label,
                "value": _text(registry[name], part.value),
                "source": SOURCES[part.source],
                "on": part.on,
                "url": reverse("me-correct", args=[name]),
            }
            for part in merge.parts(best)
        ]
    return lines


def _text(fact, value) -> str:
    return industry_text(value) if fact.type == "code" else value_text(fact, merge.inside(fact, value))


def said_text(name: str, value) -> str:
    """A fact in JSON spelling as an owner reads it; a list of files by how many there are."""
    fact = business_registry().get(name)
    if value is None or value == []:
        return "没有填" if fact else "没有文件"
    if fact is None:
        return f"{len(value)} 个文件"
    return industry_text(value) if fact.type == "code" else value_text(fact, fact.read(value))


def said_lines(said: dict) -> list[dict]:
    """Answers as ``[{label, value}]``."""
    return [{"label": label_of(name), "value": said_text(name, value)} for name, value in said.items()]


def label_of(name: str) -> str:
    fact = business_registry().get(name)
    return fact.label if fact else name


def said_by(case: Case, judged: Judged) -> dict:
    """What the owner has said, here or before, of the facts that may be asked."""
    return {**judged.book.answers, **case.answers}


def form_facts(case: Case, judged: Judged) -> list[Fact]:
    """What the form asks: that without which nothing can be decided, and what the owner may want to change."""
    said = said_by(case, judged)
    return [
        fact for fact in asked_facts(judged) if said.get(fact.name) is not None or fact.name in judged.missing
    ]


def said_when(judged: Judged, name: str, said: dict) -> str:
    """Where what an owner said of a fact is from, and since when it stands."""
    best = judged.book.found.get(name)
    if best is None or best.source != SELF or said.get(name) != judged.book.answers.get(name):
        return SAID_HERE
    return f"您 {day_text(date.fromisoformat(best.on))}填的"


def said_now(case: Case, judged: Judged) -> dict:
    """What was said before and shown on the check page: it is kept with what is handed in, whatever is said later.
    A set stays in the register, where it may be known in part."""
    said = said_by(case, judged)
    return {
        fact.name: said[fact.name]
        for fact in form_facts(case, judged)
        if said.get(fact.name) is not None and fact.type != "set"
    }


def answer_lines(case: Case, judged: Judged) -> list[dict]:
    """The facts asked for, with what was said and since when: ``[{name, label, value, note}]``."""
    said = said_by(case, judged)
    return [
        {
            "name": fact.name,
            "label": fact.label,
            "value": said_text(fact.name, said.get(fact.name)),
            "note": said_when(judged, fact.name, said) if said.get(fact.name) is not None else "",
        }
        for fact in form_facts(case, judged)
    ]


def fields_of(facts, judged: Judged, said: dict, errors=None, posted=None) -> list[dict]:
    """Facts as the form component takes them, with what was said before filled in."""
    errors = errors or {}
    return [_field(fact, judged, said, errors.get(fact.name, ""), posted) for fact in facts]


def _field(fact, judged, said, error, posted) -> dict:
    field, best = (
        field_of(fact, page_of(fact), said, error=error, posted=posted),
        judged.book.known(fact.name),
    )
    if best and best.members:
        field["options"] = [option for option in field["options"] if option["value"] not in best.members]
    if said.get(fact.name) is not None:
        # Nobody un-knows what they have said: 不清楚 is no answer to it any more.
        for rows in ("options", "others"):
            field[rows] = [option for option in field[rows] if option["value"] != NOT_KNOWN]
        field["hint"] = f"{said_when(judged, fact.name, said)}，不对就改。"
    return field


def read_fields(facts, posted) -> tuple[dict, dict, list]:
    """What a form says: ``(answers in JSON spelling, {name: error}, names left blank)``."""
    given, errors, blank = {}, {}, []
    for fact in facts:
        try:
            read = read_field(fact, posted)
        except Misread as problem:
            errors[fact.name] = f"{fact.label}：{problem.detail}"
            continue
        given |= {name: value for name, value in read.items() if value is not ABSENT}
        if not read:
            blank.append(fact.name)
    return given, errors, blank


def still_missing(case: Case, given: dict, blank: list, day: date) -> dict:
    """Errors of those left blank without which nothing can be decided, once the rest is known."""
    if not blank:
        return {}
    judged = judge(case.business, case.benefit_version, {**case.answers, **given}, day)
    return {name: f"{label_of(name)}：{NOTHING_CHOSEN}" for name in blank if name in judged.missing}


def faults_by_fact(problem) -> dict:
    """Faults of an Invalid about ``answers.…`` by fact."""
    return {fault.field.split(".")[1]: fault.detail for fault in problem.faults if "." in fault.field}


def own_rows(judged: Judged) -> list[dict]:
    """The criteria with verdict, own value, clause and reading: the same rows as on every page."""
    return [{**row, "own": own_value(row)} for row in answer_rows(judged.found)]


def judged_rows(judged: dict) -> list[dict]:
    """The same of what was judged before and is kept (Case.judged)."""
    return [{**row, "own": own_value(row)} for row in judged.get("criteria", ())]


def amount_of(judged: Judged) -> dict:
    """What it comes to: ``{label, working}``."""
    return {
        "label": amount_label(judged.found, _content(judged)),
        "working": working(judged.found.amount),
    }


def _content(judged) -> dict:
    version = catalogue().benefits[judged.rule.code].in_force_on(judged.day)
    return version.content if version else {}


# Materials


def materials_of(case: Case, user, judged: Judged, *, error_at="", error="") -> list[dict]:
    """Every material, with what is wanted of its owner, its files and what the wallet offers for it: ``[{name, anchor,
    place, note, need, reason, instead, files, offered, is_done, is_waiting, is_missing, error}]``."""
    uses, wallet = _uses_in(case), _wallet_of(user, case.operator_id)
    rows: list[dict] = []
    for material in wanted(case.benefit_version, judged, case.excused):
        name, files = material.name, uses.get(material.name, [])
        offered = [row for row in wallet if row.material == name and row not in files]
        statuses = {row.status for row in files}
        rows.append(
            {
                "name": name,
                "anchor": f"material-{material.place}",
                "place": material.place,
                "note": material.note,
                "need": material.need.value,
                "reason": material.reason,
                "instead": [other for other in material.instead if other != name],
                "files": [file_of(row) for row in files],
                "offered": [file_of(row) for row in offered[:3]],
                "is_done": Evidence.Status.CLEAN in statuses,
                "is_waiting": Evidence.Status.PENDING in statuses and Evidence.Status.CLEAN not in statuses,
                "error": error if error_at == name else "",
            }
        )
    there = {row["name"] for row in rows if row["is_done"] or row["is_waiting"]}
    for row in rows:
        row["is_missing"] = row["need"] == Need.NEEDED and there.isdisjoint([row["name"], *row["instead"]])
    return rows


@once
def _uses_in(case) -> dict[str, list[Evidence]]:
    uses: dict[str, list[Evidence]] = {}
    for use in case.files.filter(removed_at=None).select_related("evidence"):
        uses.setdefault(use.material, []).append(use.evidence)
    return uses


@once
def _wallet_of(user, operator) -> list[Evidence]:
    """What ``user`` may use of the wallet of an operator, an id."""
    usable = Evidence.objects.visible_to(user).usable().filter(operator=operator)
    return list(usable.exclude(expires_on__lt=timezone.localdate()))


def file_of(row: Evidence) -> dict:
    """One file as components/case_file.html shows it."""
    is_usable = row.status == Evidence.Status.CLEAN and row.deleted_at is None
    return {
        "public_id": row.public_id,
        "name": row.original_name,
        "is_picture": row.media_type == uploads.JPEG,
        "is_usable": is_usable,
        "trouble": "" if is_usable else row.get_status_display(),
        "expiry": expiry_text(row.expires_on, timezone.localdate()),
        "uploaded_at": row.uploaded_at,
    }


# Steps


def steps_of(case: Case, judged: Judged, materials: list, account) -> list[dict]:
    """The task list: ``[{key, title, text, status: done|todo|blocked, label, url}]``."""
    failing = judged.failing()
    needs_account = judged.found.amount.category != "loan"
    facts_text = "都带出来了，不用再填。"
    if judged.missing:
        facts_text = f"还差 {len(judged.missing)} 个答案。"
    elif failing:
        facts_text = f"有 {len(failing)} 条不符合，请核对。"
    rows = [
        ("facts", "您的情况", facts_text, not judged.missing and not failing),
        ("materials", "材料", _materials_text(materials), not any(row["is_missing"] for row in materials)),
    ]
    if needs_account:
        text = f"{account['bank']}，尾号 {account['last_four']}" if account else "还没有登记收款账户。"
        rows.append(("account", "收款账户", text, account is not None))
    ready = all(done for *_, done in rows)
    steps = [_step(case, key, title, text, "done" if done else "todo") for key, title, text, done in rows]
    last = "核对一遍，勾选承诺，就能提交。" if ready else "上面都填好了才能提交。"
    steps.append(_step(case, "check", "检查并提交", last, "todo" if ready else "blocked"))
    return steps


LABELS = {"done": "已完成", "todo": "去填写", "blocked": "还不能交"}
INVITATIONS = {"materials": "去上传", "account": "去登记", "check": "去提交"}


def _step(case, key, title, text, status) -> dict:
    return {
        "key": key,
        "title": title,
        "text": text,
        "status": status,
        "label": INVITATIONS.get(key, LABELS[status]) if status == "todo" else LABELS[status],
        "url": reverse(f"apply-{key}", args=[case.public_id]) if status != "blocked" else "",
    }


def missing_of(materials: list[dict]) -> list[str]:
    """What is still to be handed in, in words; of several of which one does, once."""
    return list(
        dict.fromkeys(
            "或".join(other["name"] for other in materials if other["name"] in {row["name"], *row["instead"]})
            for row in materials
            if row["is_missing"]
        )
    )


def _materials_text(materials) -> str:
    if missing := missing_of(materials):
        return f"还差 {len(missing)} 份：{'、'.join(missing)}"
    there = sum(bool(row["files"]) for row in materials)
    return f"{there} 份都齐了。" if there else "您这次不用上传材料。"


def resume_url(case: Case) -> str:
    """Where a draft was left: the page, and of several materials the one that was in hand."""
    page, _, anchor = case.left_at.partition("#")
    if page not in PAGES:
        return reverse("apply-tasks", args=[case.public_id])
    address = reverse(f"apply-{page}", args=[case.public_id])
    return f"{address}#{anchor}" if anchor else address


def next_url(steps: list[dict]) -> str:
    """The first step that waits to be done."""
    return next(step["url"] for step in steps if step["status"] == "todo")
