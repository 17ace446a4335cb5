"""One profile against the nine money benefits, with reasons: ours, OpenFisca, zen-engine.

``python -m benchmarks.single [--profiles 200] [--repeat 7]``. All answers have to agree on every profile first: the
outcome of each leaf, the verdict of each benefit, the amounts a peer can work out. A wrong answer gets no time.
"""

import argparse
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.database import install
from benchmarks.report import (
    Goal,
    alternate,
    print_goals,
    print_machine,
    print_times,
    print_title,
    ratio,
)

OURS = "ours: states, dates, amounts, every leaf"
LEAVES = "ours: every leaf and the verdict alone"
ANSWER = "ours: whole API answer as bytes"
OPENFISCA = "OpenFisca: every leaf, verdict, amount"
TRACED = "OpenFisca with trace"
ZEN = "zen leaf by leaf, whole profile"
ZEN_NARROW = "zen leaf by leaf, own facts cut out before"
ZEN_RULE = "zen by rule, no reasons"
OPENFISCA_GOAL, ZEN_GOAL = 60, 8


class Ours:
    """The product's own engine on the nine rules of the measures file."""

    def __init__(self, day):
        from businesses.facts import BUILT_IN_REGISTRY
        from policies.measures_file import DEFAULT_PATH, read_file

        self.day = day
        self.rules = [rule for rule in read_file(DEFAULT_PATH, BUILT_IN_REGISTRY).rules if rule.is_money]

    def assess(self, profile):
        from policies.criteria.states import assess_all

        return assess_all(self.rules, profile, self.day)

    def leaves(self, profile):
        """(levels by leaf, level) of every rule."""
        found = []
        for rule in self.rules:
            levels = rule.program.levels_on(profile, self.day)
            found.append((levels, rule.program.level(levels)))
        return found

    def answer(self, profile):
        import orjson

        from eligibility.evaluation import evaluate

        return orjson.dumps(evaluate(profile, self.day).as_json())

    def outcomes(self, profile):
        """(leaf outcomes, verdicts, amounts in fen of what can be had), to compare with a peer's."""
        from policies.criteria.states import OPEN_STATES
        from policies.criteria.verdict import STAFF

        leaves, verdicts, amounts = {}, {}, {}
        for found in self.assess(profile):
            code, program = found.rule.code, found.rule.program
            for place, leaf in enumerate(program.leaves):
                leaves[code, leaf.id] = found.moments[0].levels[place] >= STAFF
            verdicts[code] = found.state in OPEN_STATES
            value = found.amount.value if verdicts[code] else None
            amounts[code] = 0 if value is None else int(value * 100)
        return leaves, verdicts, amounts


def openfisca_faults(peer, raw, ours):
    """Where OpenFisca and we differ on one profile."""
    leaves, verdicts, amounts = peer.answer(peer.prepare(raw))
    own_leaves, own_verdicts, own_amounts = ours
    for key, value in leaves.items():
        if bool(value[0]) != own_leaves[key]:
            yield f"leaf {key}"
    for code, value in verdicts.items():
        if bool(value[0]) != own_verdicts[code]:
            yield f"verdict {code}"
    for code, value in amounts.items():
        if int(value[0]) != own_amounts[code]:
            yield f"amount {code}: {int(value[0])} and {own_amounts[code]}"
    if set(leaves) != set(own_leaves):
        yield f"leaves {set(leaves) ^ set(own_leaves)}"


def zen_faults(peer, raw, ours):
    """Where zen and we differ on one profile."""
    context = peer.prepare(raw)
    own_leaves, own_verdicts, _ = ours
    for outcomes, verdicts in (peer.by_leaf(context), peer.by_leaf_narrow(peer.narrow(context))):
        leaves = {(code, leaf): met for code, found in outcomes.items() for leaf, met in found.items()}
        yield from (f"leaf {key}" for key in own_leaves if leaves.get(key) is not own_leaves[key])
        yield from (f"verdict {code}" for code in own_verdicts if verdicts[code] is not own_verdicts[code])
    by_rule = peer.by_rule(context)
    yield from (f"rule {code}" for code in own_verdicts if by_rule[code] is not own_verdicts[code])


def peers(day):
    """(peer or None) by name, with a word about those that are not installed."""
    found = {"openfisca": None, "zen": None}
    if find_spec("openfisca_core"):
        from benchmarks.peers.openfisca_rules import OpenFisca

        found["openfisca"] = OpenFisca(day)
    if find_spec("zen"):
        from benchmarks.peers.zen_rules import Zen

        found["zen"] = Zen(day)
    for name, package in (("openfisca", "openfisca-core"), ("zen", "zen-engine")):
        if found[name] is None:
            print(f"  {package} is not installed (requirements-bench.txt): not compared")
    return found


def agree(found, ours, raws, profiles):
    """Drop every peer that gives another answer than ours."""
    for name, faults_of in (("openfisca", openfisca_faults), ("zen", zen_faults)):
        if found[name] is None:
            continue
        faults = [
            f"profile {number}: {fault}"
            for number, (raw, profile) in enumerate(zip(raws, profiles, strict=True))
            for fault in faults_of(found[name], raw, ours.outcomes(profile))
        ]
        if faults:
            print(
                f"  {name} answers differently, so it gets no time; {len(faults)} differences, first {faults[:3]}"
            )
            found[name] = None
        else:
            print(f"  {name} agrees on {len(raws)} profiles: every leaf, verdict and comparable amount")


def cases(found, ours, raws, profiles):
    """What one round runs: each case over all profiles."""

    def over(function, inputs):
        def run():
            for one in inputs:
                function(one)

        return run

    chosen = {
        OURS: over(ours.assess, profiles),
        LEAVES: over(ours.leaves, profiles),
        ANSWER: over(ours.answer, profiles),
    }
    if openfisca := found["openfisca"]:
        inputs = [openfisca.prepare(raw) for raw in raws]
        chosen[OPENFISCA] = over(openfisca.answer, inputs)
        chosen[TRACED] = over(lambda one: openfisca.answer(one, trace=True), inputs)
    if zen := found["zen"]:
        contexts = [zen.prepare(raw) for raw in raws]
        chosen[ZEN] = over(zen.by_leaf, contexts)
        chosen[ZEN_NARROW] = over(zen.by_leaf_narrow, [zen.narrow(context) for context in contexts])
        chosen[ZEN_RULE] = over(zen.by_rule, contexts)
    return chosen


def goals_of(rounds):
    """Against like: leaves and verdict. What the whole assessment costs beside them is printed, without a goal."""
    pairs = ((OPENFISCA, OPENFISCA_GOAL), (ZEN, ZEN_GOAL))
    for peer, _ in pairs:
        if peer in rounds:
            print(
                f"  with later days, states and taxes, which the peer does not work out: {peer} "
                f"takes {ratio(rounds, peer, OURS):.1f} times as long"
            )
    return [
        Goal(f"times faster than {peer}; {LEAVES}", ratio(rounds, peer, LEAVES), wanted)
        for peer, wanted in pairs
        if peer in rounds
    ]


def run(*, profiles=200, repeat=7):
    """Measure, print, and return the goals."""
    print_title("One profile, nine money benefits")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        install(Path(folder))
        from benchmarks.profiles import DAY, as_profile, full_profiles

        raws = full_profiles(profiles)
        read = [as_profile(raw) for raw in raws]
        ours = Ours(DAY)
        found = peers(DAY)
        agree(found, ours, raws, read)
        rounds = alternate(cases(found, ours, raws, read), repeat=repeat, per=profiles)
        size = median(len(ours.answer(profile)) for profile in read)
    leaves = sum(len(rule.program.leaves) for rule in ours.rules)
    print_machine(profiles=profiles, rounds=repeat, as_of=DAY, leaves=leaves, answer_bytes=int(size))
    print_times(rounds, baseline=OURS)
    goals = goals_of(rounds)
    print_goals(goals)
    return goals


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.single", description=__doc__)
    parser.add_argument("--profiles", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=7)
    run(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
