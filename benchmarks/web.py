"""The whole way over HTTP, against views that do nothing in the same server.

``python -m benchmarks.web [--seconds 2] [--repeat 5] [--workers N]``. One gunicorn, as in production but for HTTPS;
rounds alternate between the cases, ratios are taken round by round. Needs no other program: see benchmarks/load.py.
"""

import argparse
import json
import sys
from datetime import date
from random import Random
from statistics import median

from benchmarks.load import request_bytes, run_load
from benchmarks.report import Goal, print_goals, print_machine, print_table, print_title
from benchmarks.server import default_workers, portal
from businesses.facts import BUILT_IN_REGISTRY
from businesses.synthetic import generate_profile
from policies.measures_file import DEFAULT_PATH, read_file

EVALUATION, PARTLY = "POST /api/v1/evaluations/, every fact known", "the same, 20% of the facts unknown"
BARE_POST = "bare view, same bodies and answer size"
FRESH, NOT_MODIFIED, BARE_GET = (
    "GET /api/v1/measures/ 200",
    "GET /api/v1/measures/ 304",
    "bare view, same bytes",
)
GOALS = ((EVALUATION, BARE_POST, 0.5), (FRESH, BARE_GET, 0.85), (NOT_MODIFIED, BARE_GET, 0.45))
LIST, ANSWER = "/api/v1/measures/", "/api/v1/evaluations/"


def bodies(count, *, unknown_share):
    """What ``count`` different shops send: the facts that the nine money benefits ask, some of them left out."""
    random, day = Random(3), date(2026, 11, 24)
    rules = read_file(DEFAULT_PATH, BUILT_IN_REGISTRY).rules
    asked = {name for rule in rules if rule.is_money for name in rule.program.fact_names}
    for _ in range(count):
        profile = generate_profile(random, day, unknown_share)
        told = {name: value for name, value in profile.items() if name in asked}
        yield json.dumps({"as_of": day.isoformat(), "profile": told}, ensure_ascii=False).encode()


def ask_once(running, method, path, body=None):
    """(headers, body) of an answer that has to be 200."""
    status, headers, answer = running.ask(
        method, path, body, {"Content-Type": "application/json"} if body else None
    )
    if status != 200:
        raise SystemExit(f"{path} answers {status}: {answer[:300].decode()}")
    return headers, answer


def prepare(running, *, profiles=200):
    """Ask once for what the bare views repeat. Returns (messages, expected status) by case, and sizes in bytes."""
    known = list(bodies(profiles, unknown_share=0))
    partly = list(bodies(profiles, unknown_share=0.2))
    answers = sorted((ask_once(running, "POST", ANSWER, body)[1] for body in known), key=len)
    middle = answers[len(answers) // 2]
    headers, listed = ask_once(running, "GET", LIST)
    (running.folder / "answer.json").write_bytes(middle)
    (running.folder / "list.json").write_bytes(listed)

    def posts(path, several):
        return [request_bytes("POST", path, running.port, body) for body in several], 200

    def get(path, expect=200, headers=None):
        return [request_bytes("GET", path, running.port, headers=headers)], expect

    messages = {
        EVALUATION: posts(ANSWER, known),
        PARTLY: posts(ANSWER, partly),
        BARE_POST: posts("/api/bare/answer/", known),
        FRESH: get(LIST),
        NOT_MODIFIED: get(LIST, 304, {"If-None-Match": headers["ETag"]}),
        BARE_GET: get("/api/bare/list/"),
    }
    return messages, {"body": len(known[0]), "answer": len(middle), "list": len(listed)}


def measure(running, messages, *, seconds, repeat, threads):
    """Loads of every round, by case; the first round warms up and is not counted."""
    rounds = {name: [] for name in messages}
    order = list(messages)
    for number in range(repeat + 1):
        for name in order if number % 2 else reversed(order):
            several, expect = messages[name]
            length = seconds if number else min(seconds, 0.5)
            load = run_load(several, running.port, seconds=length, threads=threads, expect=expect)
            if number:
                rounds[name].append(load)
    return rounds


def goals_of(rounds):
    return [
        Goal(
            f"requests/s of {ours} ÷ {bare}",
            median(a.rate / b.rate for a, b in zip(rounds[ours], rounds[bare], strict=True)),
            wanted,
        )
        for ours, bare, wanted in GOALS
    ]


def run(*, seconds=2.0, repeat=5, workers=None):
    """Measure, print, and return the goals."""
    print_title("Over HTTP, against bare views in the same server")
    workers = workers or default_workers()
    with portal(workers=workers) as running:
        messages, sizes = prepare(running)
        rounds = measure(running, messages, seconds=seconds, repeat=repeat, threads=workers + 1)
    print_machine(workers=workers, threads=workers + 1, seconds=seconds, rounds=repeat, bytes=sizes)
    rows = []
    for name, loads in rounds.items():
        rates = [load.rate for load in loads]
        p50, p95 = (median(load.at(share) for load in loads) * 1e3 for share in (0.5, 0.95))
        rows.append((name, f"{median(rates):,.0f}", f"{max(rates):,.0f}", f"{p50:.2f}", f"{p95:.2f}"))
    print_table(("", "requests/s", "best round", "p50 ms", "p95 ms"), rows)
    goals = goals_of(rounds)
    print_goals(goals)
    return goals


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--workers", type=int)
    run(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
