"""All benchmarks, small, one after the other, and one summary. ``make bench`` runs it.

Exits with 0 even where a goal is missed: a figure on a busy machine is no verdict. Each runs in a process of its own.
"""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.report import Goal, print_goals, print_title

ROOT = Path(__file__).resolve().parent.parent
SMALL = {
    "single": {"profiles": 100, "repeat": 5},
    "web": {"seconds": 1.0, "repeat": 5},
    "catalogue": {"measures": [1, 21, 2100], "repeat": 3},
}
MARK = "goals as JSON: "


def goals_of(name, options):
    """Run one benchmark, let it print, and return its goals; None where it failed."""
    code = (
        "import json, sys\n"
        f"from benchmarks.{name} import run\n"
        "goals = run(**json.loads(sys.argv[1]))\n"
        f"print({MARK!r} + json.dumps([[*vars(goal).values()] for goal in goals]))"
    )
    command = [sys.executable, "-u", "-c", code, json.dumps(options)]
    goals = None
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith(MARK):
                goals = [Goal(*goal) for goal in json.loads(line.removeprefix(MARK))]
            else:
                print(line, end="", flush=True)
    return goals


def main():
    found = {name: goals_of(name, options) for name, options in SMALL.items()}
    print_title("Summary")
    for name, goals in found.items():
        print(name if goals is not None else f"{name}: did not finish, see above")
        print_goals(goals or [])
    goals = [goal for several in found.values() for goal in several or []]
    unfinished = [name for name, several in found.items() if several is None]
    print(f"\n{sum(goal.is_held for goal in goals)} of {len(goals)} goals held.")
    if unfinished:
        print(f"Not finished: {', '.join(unfinished)}.")


if __name__ == "__main__":
    main()
