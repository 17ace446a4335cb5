"""Who is asked, in which order, and what became of each: the legs of a request. Written by whoever holds its case."""

from collections.abc import Callable, Iterable

from django.db.models import F, Max
from django.utils import timezone

from accounts.models import Department
from businesses.models import Sharing
from businesses.rules import refuse_numbers
from cases.models import Case
from cases.procedure import OPEN
from cases.transitions import change, locked, move, touch
from core.workdays import add_workdays

from .models import Leg
from .permissions import own_leg

State = Leg.State


def send(
    case: Case, receivers: Iterable[Department], *, sharings: dict[int, Sharing] | None = None
) -> list[Leg]:
    """Ask each of ``receivers`` at once, after those that were asked before. ``sharings``: by the receiver's id."""
    request, now = case.request, timezone.now()
    last = request.legs.aggregate(last=Max("position"))["last"] or 0
    legs = [
        Leg(
            request=request,
            receiver=receiver,
            position=last + place,
            sent_at=now,
            sharing=(sharings or {}).get(receiver.pk),
            due_on=due_on(request.offering),
        )
        for place, receiver in enumerate(receivers, 1)
    ]
    return Leg.objects.bulk_create(legs)


def lay_out(case: Case, steps: list[dict], departments: dict[str, Department]) -> list[Leg]:
    """One leg a step of a checklist, in order; the first is sent. ``departments``: by code."""
    now = timezone.now()
    return Leg.objects.bulk_create(
        Leg(
            request=case.request,
            receiver=departments[step["department"]],
            position=place,
            step=step["key"],
            title=step["title"],
            state=State.WAITING if place > 1 else State.SENT,
            sent_at=None if place > 1 else now,
            due_on=None if place > 1 else due_on(case.request.offering),
        )
        for place, step in enumerate(steps, 1)
    )


def due_on(offering) -> object:
    """The last working day of what the offering promises, None where it promises none."""
    days = offering.promise_days
    return None if days is None else add_workdays(timezone.localdate(), days)


def begin(leg: Leg, case: Case) -> None:
    """It is its turn."""
    now = timezone.now()
    _set(
        leg,
        **dict.fromkeys(("closed_at", "closed_by", "taken_at", "taken_by", "rung_at")),
        state=State.SENT,
        sent_at=now,
        waits_since=now,
        due_on=due_on(case.request.offering),
        rung=0,
        is_last=False,
    )


def wait(leg: Leg) -> None:
    """It is not its turn any more."""
    _set(leg, state=State.WAITING, sent_at=None, taken_at=None, taken_by=None, due_on=None)


# What becomes of them: functions for ``Verb.also``.


def taken(case: Case, *, by=None, client=None, **more) -> None:
    """Whoever was asked has begun."""
    leg = own_leg(by or client, case)
    if leg is not None and leg.state == State.SENT:
        now = timezone.now()
        _set(leg, state=State.TAKEN, taken_at=now, taken_by=by, waits_since=now, rung=0)


def supplied(case: Case, **more) -> None:
    """What was asked back has come: from now on the receiver owes an answer again."""
    rows = Leg.objects.open().filter(request=case.pk)
    rows.update(waits_since=timezone.now(), rung=0, version=F("version") + 1)


def ends(state: str) -> Callable:
    """A function for ``Verb.also``: the leg of whoever does it ends so, with the case's reason."""

    def ended(case: Case, *, by=None, client=None, words="", **more) -> None:
        leg = own_leg(by or client, case) or open_leg(case)
        if leg is not None:
            close(leg, state, by=by, reason=case.reason, terms=words if state == State.DONE else "")

    return ended


def close(leg: Leg, state: str, *, by=None, reason="", terms="") -> None:
    """It has come to its end."""
    _set(leg, state=state, closed_at=timezone.now(), closed_by=by, reason=reason, terms=terms[:1_000])


def answered(case: Case, *, by=None, client=None, words="", **more) -> None:
    """The leg is done; whoever waits for the same answer gets it. Raises Invalid where such words hold a number."""
    change(case, decided_at=timezone.now())
    ends(State.DONE)(case, by=by, client=client, words=words)
    _end_all(case, State.DROPPED, by)
    likes = alike(case)
    if likes:
        refuse_numbers("words", words)
    for like in likes:
        if like.state in case.life.verbs["answer"].moves:
            move(like, "answer", words=words)
        else:
            _on_its_own(like)


def alike(case: Case) -> list[Case]:
    """The cases that wait for the answer to this one, locked. One that has had an answer waits no more."""
    rows = Case.objects.filter(request__same_as=case.pk, phase=OPEN, decided_at=None).order_by("pk")
    return [locked(row) for row in rows]


def on_their_own(case: Case) -> None:
    """This one will not be answered: whoever waited for its answer is answered for themselves."""
    for like in alike(case):
        _on_its_own(like)


def _on_its_own(like) -> None:
    touch(like, same_as=None)
    send(like, [like.department])


def ends_all(state: str) -> Callable:
    """As ``ends``, and nobody else has to answer any more."""

    def ended(case: Case, **more) -> None:
        ends(state)(case, **more)
        drop(case, **more)

    return ended


def solved(case: Case, **more) -> None:
    """It is said to be solved, or taken for it."""
    change(case, ended_at=timezone.now())


def refused(case: Case, *, by=None, **more) -> None:
    """A step says no, and no other is asked."""
    change(case, decided_at=timezone.now())
    ends(State.NO_HELP)(case, by=by)
    drop(case, by=by)


def has_offer(case: Case) -> bool:
    """Whether one of those asked has offered something."""
    return Leg.objects.filter(request=case.pk, state=State.DONE).exists()


def accept(leg: Leg) -> None:
    """The owner takes what it offers."""
    _set(leg, accepted_at=timezone.now())


def drop(case: Case, *, by=None, **more) -> None:
    """Nobody has to answer any more: what is open ends without a fault of anybody's."""
    _end_all(case, State.DROPPED, by)
    on_their_own(case)


def unanswered(case: Case, *, by=None, **more) -> None:
    """Nobody has answered in all the time there was."""
    _end_all(case, State.NO_ANSWER, by)
    on_their_own(case)


def _end_all(case, state, by) -> None:
    rows = Leg.objects.filter(request=case.pk, state__in=[*Leg.OPEN, State.WAITING])
    rows.update(state=state, closed_at=timezone.now(), closed_by=by, version=F("version") + 1)


def _set(leg, **values) -> None:
    Leg.objects.filter(pk=leg.pk).update(**values, version=F("version") + 1)
    for name, value in values.items():
        setattr(leg, name, value)


def open_leg(case: Case) -> Leg | None:
    """The first that somebody has to answer."""
    return Leg.objects.open().filter(request=case.pk).order_by("position").first()


def others_are_open(case: Case, principal) -> bool:
    """Whether somebody besides ``principal`` has still to answer."""
    leg = own_leg(principal, case)
    return Leg.objects.open().filter(request=case.pk).exclude(pk=leg.pk if leg else 0).exists()


def legs_of(case: Case) -> list[Leg]:
    """All of a request, with who was asked, in their order."""
    rows = Leg.objects.filter(request=case.pk).select_related("receiver", "receiver_user", "sharing")
    return list(rows.order_by("position"))


def latest_end(case: Case) -> Leg | None:
    """The one that ended last."""
    rows = Leg.objects.filter(request=case.pk, closed_at__isnull=False)
    return rows.select_related("receiver", "receiver_user").order_by("-closed_at", "-position").first()


def hand_on(case: Case, *, by=None, **more) -> None:
    """转办: the one asked says it is not theirs; the case's new department is asked instead, unless it is already."""
    leg = own_leg(by, case) or open_leg(case)
    if leg is not None:
        close(leg, State.NOT_FOR_ME, by=by, reason=f"转给{case.department.name}")
    change(case, same_as=None)
    if not Leg.objects.open().filter(request=case.pk, receiver=case.department).exists():
        send(case, [case.department])


def ask_again(case: Case, *, by=None, **more) -> None:
    """The owner says it is not solved: the same are asked again; from the second time on, the service centre as
    well."""
    again = [case.department]
    if case.request.reopened:
        centre = service_centre()
        again += [centre] if centre and centre != case.department else []
    change(case, reopened=case.request.reopened + 1, same_as=None, ended_at=None, checked_at=None)
    send(case, again)


SERVICE_CENTRE = "govservice"


def service_centre() -> Department | None:
    """市政务服务中心, which looks after what nobody answers."""
    return Department.objects.filter(code=SERVICE_CENTRE).first()


def send_on(case: Case, receiver: Department) -> Leg:
    """Nobody has answered: once more somebody else is asked, and nobody after them."""
    (leg,) = send(case, [receiver])
    _set(leg, is_last=True)
    return leg


def watched(leg: Leg) -> None:
    """Nobody has answered, and nobody else can do this step: they are asked once more, and others watch."""
    now = timezone.now()
    _set(leg, is_last=True, rung=3, rung_at=now, waits_since=now)
