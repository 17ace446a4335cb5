"""The life of a case as data: all that is said of a state and of a verb, said once.

A procedure names its states and the verbs that lead from one to another. Pages, letters, API, audit, figures and the
queue read what is written there; none of them keeps a dictionary of states.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Q

# Where in its life a case is, whatever its procedure.
PHASES = DRAFT, OPEN, CLOSED = "draft", "open", "closed"
# What a case came to. Nothing is closed without one.
OUTCOMES = {
    "granted": "已批准",
    "refused": "未批准",
    "helped": "办成了",
    "answered": "已答复",
    "no_help": "没能帮上",
    "unreachable": "联系不上",
    "withdrawn": "本人撤回",
    "expired": "到期没有结果",
}
GRANTED, REFUSED, WITHDRAWN = "granted", "refused", "withdrawn"
RUNS, STANDS = "runs", "stands"
CORRECTING = "correcting"  # the step while a correction waits for the owner
# Whose turn it is in the bureau: who looks into a case, and who decides on it.
REVIEW, DECIDE = "review", "decide"


@dataclass(frozen=True)
class State:
    """One state. ``sentence``: the headline of the owner's page, with ``{due}``, ``{department}`` and ``{reason}``
    filled in, or a function of the case and today; ``yours``: the same for whoever it waits for, where that may be
    either of two.

    ``clock``: whether the bureau's time ``runs`` or ``stands`` while it lasts; entering it does the rest. ``outcome``
    is written on entering. While a case is ``standing`` the same is not asked again: by default until it is closed.
    ``turn``: from whose queue it is taken, and ``button`` what they press to take it on; ``reached``: what whoever
    brought it here is told; ``view``: what staff call the list of them. ``step``: the part of the owner's timeline
    that is under way. ``rates``: the step of its procedure's ``rated`` that the owner may rate once it is reached.
    """

    owner: str
    staff: str
    tone: str | Callable  # may soon ok no, or (case) → one of them
    sentence: str | Callable
    phase: str = OPEN
    clock: str = ""
    outcome: str = ""
    standing: bool | None = None
    turn: str = ""
    button: str = ""
    reached: str = ""
    view: str = ""
    step: str = "reviewing"
    rates: str = ""
    yours: str | Callable = ""

    @property
    def stands(self) -> bool:
        return self.phase != CLOSED if self.standing is None else self.standing

    @property
    def is_owners_turn(self) -> bool:
        """Whether it waits for whoever asked."""
        return self.phase == OPEN and self.tone == "may"

    @property
    def columns(self) -> dict:
        """What a row in this state says beside the state itself."""
        return {"phase": self.phase, "outcome": self.outcome, "standing": self.stands}


def nobody(principal, case) -> bool:
    return False


SYSTEM = nobody  # who: time alone, or the database; nobody by hand


@dataclass(frozen=True)
class Verb:
    """One thing that can be done. ``moves``: from which state to which; the first of several is the usual one.

    ``name``: as one says that it cannot be done, and in the audit; ``done``: in the owner's history. ``owner``,
    ``staff``: words of their buttons, empty where they have none. ``own_door``: it has pages of its own; others
    share one (cases/actions/general.py). ``needs``: what has to be filled in (cases/inputs.py). ``tell``: a function
    of the case and details that gives what the owner is told; else ``silent`` says why nobody is. ``also``: what
    else it changes, a function of the case, ``by``, ``client`` and ``words``, in the same transaction. ``part``:
    which part in the case whoever does it has had, or a function of the state before. ``anew``: the bureau's time
    begins from the start. ``keeps_claim``: whoever does it goes on with the case. ``note_is_shown``: what is noted
    with it is written for the owner. ``by_link``: it may also be done by the link in a message, without signing in.
    ``leads``: of a case and whoever does it, to which of several ends.
    """

    name: str
    moves: Mapping[str, tuple[str, ...]]
    who: Callable
    done: str
    owner: str = ""
    staff: str = ""
    needs: tuple[str, ...] = ()
    tell: Callable | None = None
    silent: str = ""
    also: Callable | None = None
    part: str | Callable | None = None
    anew: bool = False
    keeps_claim: bool = False
    own_door: bool = False
    note_is_shown: bool = False
    by_link: bool = False
    leads: Callable | None = None

    def part_after(self, before: str) -> str | None:
        return self.part(before) if callable(self.part) else self.part


def nothing_promised(case) -> tuple[int | None, int | None]:
    return None, None


def title_of_benefit(case) -> str:
    return case.benefit_version.content["title"]


def no_locks(case) -> None:
    pass


def nobody_else(principal) -> Q:
    return Q(pk__in=[])


@dataclass(frozen=True)
class Procedure:
    """``promise``: of a case, the working days promised and those of the law; None where nothing is. ``called``: the
    word for one in the audit. ``events``: what is told of things that move nothing, as ``Verb.tell``; ``parts``: which
    part whoever did such a thing has had; ``rated``: the words of the steps that owners rate.

    ``detail``: related name of the row that has the columns its cases need besides. ``starts``: where a case may
    begin if not in ``start``; ``begun``: what the history says of that. ``titled``: what a case is about. ``sees``:
    of somebody of the staff, which cases of other departments they see, as a condition; ``right``: without which
    nobody of the staff sees any. ``locks`` takes, of a case, the locks that come before its own. ``scope``: what a
    program needs to hear of its cases.
    """

    key: str
    title: str
    start: str
    states: Mapping[str, State]
    verbs: Mapping[str, Verb]
    promise: Callable = nothing_promised
    called: str = "case"
    events: Mapping[str, Callable] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    rated: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    starts: tuple[str, ...] = ()
    begun: str = "已提交"
    titled: Callable = title_of_benefit
    sees: Callable = nobody_else
    right: str = "cases.view_case"
    locks: Callable = no_locks
    scope: str = "requests:read"

    @property
    def beginnings(self) -> tuple[str, ...]:
        """The states in which a case may begin."""
        return self.starts or (self.start,)

    @property
    def moves(self) -> dict[str, Mapping[str, tuple[str, ...]]]:
        """``{verb: {from: to}}``. Nothing else moves a case."""
        return {key: verb.moves for key, verb in self.verbs.items()}

    def allowed(self, state: str) -> list[str]:
        """The verbs that lead on from ``state``."""
        return [key for key, verb in self.verbs.items() if state in verb.moves]

    def where(self, **said) -> tuple[str, ...]:
        """The states of which all this is so: ``where(clock="runs")``, ``where(phase=OPEN, outcome="")``."""
        return tuple(
            key
            for key, state in self.states.items()
            if all(getattr(state, name) == value for name, value in said.items())
        )

    @property
    def runs(self) -> tuple[str, ...]:
        """Where the bureau's time runs."""
        return self.where(clock=RUNS)

    def extended(self, key: str, title: str, *, without=(), states=None, verbs=None, **more) -> "Procedure":
        """Another procedure: this one without some states and verbs, with others. Verbs whose ends are gone go too."""
        kept = {name: state for name, state in self.states.items() if name not in without} | (states or {})
        found = {name: verb for name, verb in self.verbs.items() if name not in without} | (verbs or {})
        cut = {name: replace(verb, moves=_within(verb.moves, kept)) for name, verb in found.items()}
        return replace(
            self,
            key=key,
            title=title,
            states=kept,
            verbs={name: verb for name, verb in cut.items() if verb.moves},
            **more,
        )


def _within(moves, states) -> dict:
    ends = {start: tuple(end for end in several if end in states) for start, several in moves.items()}
    return {start: several for start, several in ends.items() if start in states and several}


PROCEDURES: dict[str, Procedure] = {}


def register(procedure: Procedure) -> Procedure:
    """Make a procedure known, in ``ready`` of its room."""
    PROCEDURES[procedure.key] = procedure
    return procedure
