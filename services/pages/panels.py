"""What requests add to their owner's list and page: the time and place, who has been asked, what is to be done."""

from datetime import date

from django.db.models import Prefetch, Q
from django.urls import reverse

from businesses import sharing
from cases.actions import general
from cases.models import Case
from cases.pages.panels import Button, Panels
from cases.pages.timeline import step
from cases.procedure import CLOSED, OPEN, RUNS, WITHDRAWN, Verb
from cases.rights.permissions import owns
from cases.wording import NO_PROMISE, due_words, local_day, near_day

from ..catalogue.questions import said_lines
from ..finance import tenders
from ..kinds import Kind
from ..models import Leg, Request
from .times import day_of, span_of

# Pages of verbs that have one of their own: the name of its address by verb.
OWN_PAGES = {"pass_on": "case-pass-on", "accept": "case-accept", "share": "case-share"}
LINE = Request.objects.filter(seat=Request.Seat.QUEUED).only("pk", "slot_id", "seat")
LEGS = Leg.objects.select_related("receiver", "receiver_user", "sharing").order_by("position")
LEG_TONES = ((Leg.State.DONE, "ok"), (Leg.State.TAKEN, "soon"), (Leg.State.SENT, "soon"))


class ServicePanels(Panels):
    """Of every kind that has a case."""

    template = "services/case.html"
    receipt_template = "services/receipt.html"
    joined = ("request__offering__provider", "request__offering__mentor", "request__slot")
    prefetch = (
        Prefetch("request__slot__requests", queryset=LINE, to_attr="line"),
        Prefetch("request__legs", queryset=LEGS),
    )

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def todo(self, case: Case, today: date) -> dict | None:
        """The verb that leads on; where there is something to be read first, the case."""
        if case.stage.is_owners_turn:
            key, verb = next(iter(self.onward(case).items()), (None, None))
            address = key and _address(case, key, verb)
            return {"label": verb.owner, "url": address} if address else None
        waits = case.phase == OPEN and case.stage.clock != RUNS and self.onward(case)
        if waits or self.group(case, today):
            return {"label": "看答复", "url": reverse("case", args=[case.public_id])}
        return None

    def buttons(self, case: Case, user) -> list[Button]:
        """What leads on first, and the first of these stands out; what gives it up last, as a link."""
        offered, onward = general.offered(user, case, general.OWNER), self.onward(case)
        may = [key for key, verb in onward.items() if key in offered or _has_own_page(key, verb, user, case)]
        rows = [_button(case, key, onward[key], first=key == may[0]) for key in may]
        return rows + [_button(case, key, verb) for key, verb in offered.items() if key not in onward]

    def onward(self, case: Case) -> dict[str, Verb]:
        """The verbs of the owner from here that do not give it up, the most wanted first."""
        verbs = {key: case.life.verbs[key] for key in case.life.allowed(case.state)}
        return {key: verb for key, verb in verbs.items() if verb.owner and not _gives_up(case, verb)}

    def steps(self, case: Case, today: date) -> list[dict]:
        """From what was sent to how it ended: whoever was asked in between, or the time that was booked."""
        steps = [step("begun", case.life.begun, case.submitted_at, office="您")]
        steps += [_leg_step(leg, case, today) for leg in case.request.legs.all()]
        if case.request.slot_id:
            steps.append(_slot_step(case))
        if case.stage.is_owners_turn:
            steps.append(step("yours", case.stage.owner, None, status="blocked", office="您"))
        return [*steps, _last_step(case)]

    def answers(self, case: Case) -> list[dict]:
        return said_lines(case.request.offering, case.request.said)

    def parts(self, case: Case, user, today: date) -> dict:
        request = case.request
        return {
            "offering": request.offering,
            "slot": _slot_of(case),
            "calendar_url": reverse("case-calendar", args=[case.public_id]),
            "legs": [leg_row(leg, today) for leg in request.legs.all()]
            if self.kind.legs == "several"
            else [],
            "certificate": request.certificate,
        }

    def receipt(self, case: Case) -> dict:
        """What comes next, as ``{lines: [{title, text}]}``."""
        return {"next": _next_lines(case, self.kind), "slot": _slot_of(case)}


class SeveralPanels(ServicePanels):
    """Of what several are asked: their offers wait for the owner though others still look at it."""

    def waits(self) -> Q:
        with_offer = Leg.objects.filter(state=Leg.State.DONE).values("request")
        return Q(procedure=self.kind.key, phase=OPEN, pk__in=with_offer)

    def group(self, case: Case, today: date) -> str:
        return "mine" if case.phase == OPEN and _has_offer(case) else ""

    def onward(self, case: Case) -> dict[str, Verb]:
        """An offer is taken first, and only where there is one."""
        verbs = super().onward(case)
        accept = {"accept": verbs.pop("accept")} if "accept" in verbs else {}
        if not any(tenders.waits_for_consent(leg) for leg in case.request.legs.all()):
            verbs.pop(tenders.SHARE, None)
        return (accept if _has_offer(case) else {}) | verbs

    def parts(self, case: Case, user, today: date) -> dict:
        """With the way to each offer, and what each of those asked may read."""
        found, open_now = super().parts(case, user, today), tenders.ACCEPT in case.life.allowed(case.state)
        for row, leg in zip(found["legs"], case.request.legs.all(), strict=True):
            row["shared"] = _shared_words(leg)
            if open_now and leg.state == Leg.State.DONE and owns(user, case):
                row["accept_url"] = reverse("case-accept-leg", args=[case.public_id, leg.pk])
        return found


def _shared_words(leg) -> str:
    given = leg.sharing
    if given is None:
        return "只发了您写的内容。"
    ended = sharing.ended_because(given)
    return f"{ended}。" if ended else f"您同意它看 {len(given.facts)} 项，已看 {given.used} 次。"


def _has_offer(case) -> bool:
    return any(leg.state == Leg.State.DONE for leg in case.request.legs.all())


def panels_for(kind: Kind) -> ServicePanels:
    return (SeveralPanels if kind.legs == "several" else ServicePanels)(kind)


# Buttons


def _gives_up(case, verb) -> bool:
    ends = verb.moves.get(case.state, ())
    return bool(ends) and all(case.life.states[end].outcome == WITHDRAWN for end in ends)


def _has_own_page(key, verb, user, case) -> bool:
    return key in OWN_PAGES and verb.who(user, case)


def _address(case, key, verb) -> str:
    """Empty where the verb's own page is not there."""
    if not verb.own_door:
        return reverse("case-do", args=[case.public_id, key])
    return reverse(OWN_PAGES[key], args=[case.public_id]) if key in OWN_PAGES else ""


def _button(case, key, verb, *, first=False) -> Button:
    posts = not verb.needs and not verb.own_door and not _gives_up(case, verb)
    look = "" if first else "quiet" if _gives_up(case, verb) else "alt"
    return Button(verb.owner, _address(case, key, verb), look, posts)


# The timeline


def _leg_step(leg, case, today) -> dict:
    ended = leg.state in Leg.ENDED
    status = "done" if ended else "todo" if leg.state == Leg.State.WAITING else "current"
    title = leg.title or f"{leg.receiver_name}答复"
    notes = [] if leg.state in (Leg.State.DONE, Leg.State.WAITING) else [leg.get_state_display()]
    notes += [leg.reason] if leg.reason else []
    moment = leg.closed_at or leg.taken_at or leg.sent_at
    due = _leg_due(leg, case, today) if status == "current" else ""
    return step(
        f"leg-{leg.position}", title, moment, status=status, office=leg.receiver_name, due=due, notes=notes
    )


def _leg_due(leg, case, today) -> str:
    if leg.due_on is None:
        return NO_PROMISE
    return f"最迟 {near_day(leg.due_on, today)}" if leg.due_on >= today else due_words(case, today)


def _slot_step(case) -> dict:
    status = "done" if case.phase == CLOSED else "todo"
    due = case.request.slot.when
    return step("slot", "到场", None, status=status, office=case.request.offering.given_by, due=due)


def _last_step(case) -> dict:
    if case.phase != CLOSED:
        return step("end", "办结", None)
    return step("end", case.stage.owner, case.decided_at, status="done")


# The rest of the page


def _slot_of(case) -> dict | None:
    slot = case.request.slot
    if slot is None:
        return None
    offering = case.request.offering
    return {
        "day": day_of(slot.starts_at),
        "span": span_of(slot),
        "place": slot.place or offering.place,
        "contact": offering.contact,
        "holds": case.request.seat == Request.Seat.HELD,
        "is_ahead": case.phase == OPEN,
    }


def leg_row(leg: Leg, today: date) -> dict:
    """Of several that were asked, what became of one: ``{name, label, tone, words, due, state, pk, shared,
    accept_url}``."""
    return {
        "pk": leg.pk,
        "name": leg.receiver_name,
        "label": leg.get_state_display(),
        "tone": dict(LEG_TONES).get(leg.state, ""),
        "words": leg.terms or leg.reason,
        "due": f"最迟 {near_day(leg.due_on, today)}" if leg.due_on and leg.state in Leg.OPEN else "",
        "state": leg.state,
        "shared": "",
        "accept_url": "",
    }


def _next_lines(case, kind) -> list[dict]:
    if kind.seats:
        offering = case.request.offering
        contact = f"或打电话：{offering.contact}。" if offering.contact else ""
        return [
            {"title": "到时候去", "text": "头一天会再提醒您。"},
            {"title": "来不了就请假", "text": f"开始前 24 小时可以在这里请假。{contact}"},
        ]
    by = (
        NO_PROMISE
        if case.due_on is None
        else f"最迟 {near_day(case.due_on, local_day(case.submitted_at))}有结果"
    )
    return [
        {"title": f"{case.department.name}来办", "text": f"{by}。没有人接，我们会催。"},
        {"title": "要问您什么，会告诉您", "text": "您补充以前不计时。"},
        {"title": "有答复马上告诉您", "text": "没解决，可以说一声，接着办。"},
    ]
