"""All that is said of a state or a verb is said in its procedure, and none is without a word of any kind."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from cases.inputs import input_of
from cases.pages.view import status_of
from cases.procedure import CLOSED, DECIDE, DRAFT, OPEN, OUTCOMES, PHASES, REVIEW, RUNS, STANDS, SYSTEM
from cases.procedure import PROCEDURES as registered
from subsidies.procedure import MOVES, SUBSIDY, State, Verb
from tests.state.cases import Cases

from .toy import TOY

PROCEDURES = (*registered.values(), TOY)
STATES = [(procedure, key) for procedure in PROCEDURES for key in procedure.states]
VERBS = [(procedure, key) for procedure in PROCEDURES for key in procedure.verbs]
TONES = {"may", "soon", "ok", "no"}


def named(pair):
    return f"{pair[0].key}-{pair[1]}"


@pytest.mark.parametrize(("procedure", "key"), STATES, ids=map(named, STATES))
def test_a_state_says_everything_that_is_asked_of_it(procedure, key):
    says = procedure.states[key]

    assert says.owner
    assert says.staff
    assert callable(says.tone) or says.tone in TONES
    assert says.sentence
    assert says.phase in PHASES
    assert says.clock in ("", RUNS, STANDS)
    assert says.turn in ("", REVIEW, DECIDE)
    assert bool(says.turn) == bool(says.button)
    assert says.outcome in ("", *OUTCOMES)


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda one: one.key)
def test_no_two_states_are_called_the_same(procedure):
    for words in ("owner", "staff"):
        said = [getattr(says, words) for says in procedure.states.values()]
        assert sorted(said) == sorted(set(said))


@pytest.mark.django_db
def test_every_state_has_a_headline_of_its_own():
    """Whose turn it is inside the bureau is not said to the owner: there three states read the same."""
    cases, today = Cases(), timezone.localdate()
    said = {state: status_of(cases.fresh(state), today)["sentence"] for state in State}

    inside = [said.pop(state) for state in (State.RECOMMENDED, State.COUNTERSIGNING)]
    assert all(said.values())
    assert sorted(said.values()) == sorted(set(said.values()))
    assert set(inside) == {said[State.REVIEWING]}


@pytest.mark.parametrize(("procedure", "key"), STATES, ids=map(named, STATES))
def test_what_is_closed_has_an_outcome_and_what_is_a_draft_has_none(procedure, key):
    says = procedure.states[key]

    assert says.outcome or says.phase != CLOSED
    assert not says.outcome or says.phase != DRAFT
    assert says.stands or says.phase == CLOSED


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda one: one.key)
def test_every_state_is_reached(procedure):
    reached, before = set(procedure.beginnings), set()
    while reached != before:
        before = set(reached)
        reached |= {
            end for moves in procedure.moves.values() for start in before for end in moves.get(start, ())
        }

    assert reached == set(procedure.states)


@pytest.mark.parametrize(("procedure", "key"), STATES, ids=map(named, STATES))
def test_what_is_open_has_a_way_out_by_somebody(procedure, key):
    ways = [procedure.verbs[verb] for verb in procedure.allowed(key)]

    assert procedure.states[key].phase != OPEN or any(verb.who is not SYSTEM for verb in ways)


@pytest.mark.parametrize(("procedure", "key"), VERBS, ids=map(named, VERBS))
def test_a_verb_says_everything_that_is_asked_of_it(procedure, key):
    verb = procedure.verbs[key]

    assert verb.name
    assert verb.done
    assert bool(verb.tell) != bool(verb.silent)
    ends = {state for several in verb.moves.values() for state in several}
    assert {*verb.moves, *ends} <= set(procedure.states)


# Nobody presses a button for what time does, nor for what the bank does.
PAID = ("subsidy", "pay")


@pytest.mark.parametrize(("procedure", "key"), VERBS, ids=map(named, VERBS))
def test_a_verb_has_a_button_of_one_side_or_nobody_presses_it(procedure, key):
    verb = procedure.verbs[key]

    assert (not (verb.owner or verb.staff)) == (verb.who is SYSTEM or (procedure.key, key) == PAID)
    assert not (verb.owner and verb.staff)


@pytest.mark.parametrize(("procedure", "key"), VERBS, ids=map(named, VERBS))
def test_what_a_verb_needs_has_a_label(procedure, key):
    labels = [input_of(name).label for name in procedure.verbs[key].needs]

    assert all(label and not label.isascii() for label in labels)


def test_the_bare_names_are_those_of_the_procedure():
    assert list(State) == list(SUBSIDY.states)
    assert list(Verb) == list(SUBSIDY.verbs) == list(MOVES)


def test_states_are_counted_by_what_is_said_of_them():
    assert SUBSIDY.where(phase=OPEN, outcome="") == (
        *("submitted", "reviewing", "correcting", "recommended", "countersigning"),
    )
    assert SUBSIDY.runs == ("submitted", "reviewing", "recommended", "countersigning")
    assert SUBSIDY.where(outcome="granted") == ("approved", "paid")
    assert SUBSIDY.where(stands=False) == ("refused", "withdrawn")


def test_nothing_else_keeps_a_dictionary_of_states():
    """A dict literal keyed by states says something of them: that belongs into the procedure."""
    rooms = [
        Path(settings.BASE_DIR) / room
        for room in ("cases", "subsidies", "services", "needs", "visits", "portal")
    ]
    found = [
        f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}"
        for room in rooms
        for path in room.rglob("*.py")
        if path.name != "procedure.py" and not {"migrations", "kinds"} & set(path.parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict) and sum(map(_is_state, node.keys)) > 1
    ]

    assert found == []


def _is_state(node):
    """``State.PAID``, or its bare name."""
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and node.value.id == "State"
    return isinstance(node, ast.Constant) and node.value in set(SUBSIDY.states) - {"submitted", "draft"}


def test_a_procedure_made_from_another_loses_verbs_whose_ends_are_gone():
    shorter = TOY.extended("shorter", "短的", without=("answered", "solved"))

    assert set(shorter.states) == set(TOY.states) - {"answered", "solved"}
    assert set(shorter.verbs) == set(TOY.verbs) - {"answer", "solve"}
    assert TOY.verbs.keys() >= {"answer", "solve"}
