"""What has happened to a case and what comes next, as steps of a timeline."""

from datetime import date

from core.workdays import add_workdays, workdays_between

from ..models import Case
from ..procedure import GRANTED, OPEN, REFUSED, WITHDRAWN
from ..terms import terms_of
from ..wording import due_words, local_day, marked, near_day
from .panels import panels_of


def timeline_of(case: Case, corrections: list, today: date) -> list[dict]:
    """``[{key, title, status: done|current|todo|blocked, office, when, due, notes}]`` from filing to the last."""
    steps = [step("submitted", "已提交", case.submitted_at, office="您")]
    office = case.department.name
    steps.append(_accepted(case, office, today))
    steps += [_corrected(row, today) for row in corrections]
    if case.outcome == WITHDRAWN:
        return [*(step for step in steps if step["status"] == "done"), _withdrawn(case)]
    steps.append(_reviewed(case, office, today))
    steps.append(_decided(case, office))
    if case.outcome != REFUSED:
        steps += panels_of(case).last_steps(case)
    return steps


MOST_ON_A_PATH = 6


def path_of(steps: list[dict]) -> list[dict]:
    """The same in five words or so: ``[{title, status}]``, with what is to be mended said at the step it holds up.
    Empty where there are too many for one line."""
    mending = any(step["key"] == "correcting" and step["status"] == "blocked" for step in steps)
    path = []
    for one in steps:
        if one["key"] == "correcting":
            continue
        if one["key"] == "paid" and path and path[-1]["key"] == "paying":
            if path[-1]["status"] != "blocked":
                path[-1] |= {"title": "到账"} | ({"status": "done"} if one["status"] == "done" else {})
            continue
        path.append({"key": one["key"], "title": one["title"].removeprefix("已"), "status": one["status"]})
    if mending:
        held_up = next((one for one in path if one["status"] != "done"), path[-1])
        held_up |= {"title": "等您补材料", "status": "blocked"}
    return path if len(path) <= MOST_ON_A_PATH else []


def step(key, title, moment, *, status=None, office="", due="", notes=()) -> dict:
    return {
        "key": key,
        "title": title,
        "status": status or ("done" if moment else "todo"),
        "office": office,
        "when": local_day(moment),
        "due": due,
        "notes": list(notes),
    }


def _accepted(case, office, today) -> dict:
    terms = terms_of(case.benefit_version)
    status, due, at = None, "", case.stage.step
    if at == "accepted":
        last = add_workdays(local_day(case.submitted_at), terms.acceptance_working_days)
        status = "current"
        due = f"最迟 {near_day(last, today)}{marked(terms, 'acceptance_working_days')}"
    moment = case.accepted_at
    if moment is None and at not in ("accepted", "correcting", "withdrawn"):
        status = "done"
    return step("accepted", "受理", moment, status=status, office=office, due=due)


def _corrected(row, today) -> dict:
    if row.answered_at:
        days = workdays_between(local_day(row.asked_at), local_day(row.answered_at))
        notes = [f"补正用了 {days} 个工作日，不计时"] if days else ["当天补齐，不计时"]
        return step("correcting", "补正", row.answered_at, office="您", notes=notes)
    if row.closed_at:
        return step("correcting", "补正", row.closed_at, office="您", notes=["没有补齐"])
    due = f"最迟 {near_day(row.due_on, today)}"
    return step("correcting", "补正", None, status="blocked", office="您", due=due, notes=["补正期间不计时"])


def _reviewed(case, office, today) -> dict:
    waiting = case.stage.step == "reviewing"
    status = "current" if waiting else "done" if case.outcome else "todo"
    due = due_words(case, today) if waiting else ""
    return step("reviewing", "审核", None, status=status, office=office, due=due)


def _decided(case, office) -> dict:
    notes = []
    if case.outcome == GRANTED:
        notes = ["，".join(filter(None, ["已批准", panels_of(case).amount(case)]))]
    elif case.outcome == REFUSED:
        notes = ["未批准，您已申诉" if case.phase == OPEN else "未批准"]
    moment = case.decided_at if case.outcome else None
    return step("decided", "决定", moment, office=office, notes=notes)


def _withdrawn(case) -> dict:
    return step("withdrawn", "已撤回", case.decided_at, status="done", office="您")
