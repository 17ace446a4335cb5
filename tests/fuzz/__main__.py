"""``python -m tests.fuzz --n 20000 --engine postgresql``: prints the share that got past validation, by operation."""

import argparse
import sys
import time

from tests.servers import empty_database


def main():
    reader = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    reader.add_argument("--n", type=int, default=20_000)
    reader.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long")
    asked = reader.parse_args()
    with empty_database(asked.engine):
        from . import world
        from .requests import Fuzz

        with world.standing() as (rows, browsers):
            fuzz, begun = Fuzz(rows, browsers, asked.seed), time.monotonic()
            fuzz.run(asked.n, asked.minutes * 60)
            return _report(fuzz, asked, time.monotonic() - begun)


def _report(fuzz, asked, seconds):
    shares = fuzz.shares()
    for name, share in sorted(shares.items(), key=lambda row: row[1]):
        print(f"{share:6.1%} of {fuzz.asked[name]:5}  {name}  {dict(fuzz.statuses[name])}")
    few = [name for name, share in shares.items() if share < 0.3]
    print(
        f"\n{sum(fuzz.asked.values()):,} requests on {asked.engine} in {seconds:,.0f} s, seed {asked.seed}."
    )
    print(
        f"{len(shares)} operations that somebody is let into, {len(few)} with less than 30 % past validation."
    )
    kinds = {}
    for fault in fuzz.faults:
        kinds.setdefault(fault.strip().rpartition("\n")[2][:160], []).append(fault)
    print(f"{len(fuzz.faults)} faults of the server, of {len(kinds)} kinds.")
    for kind, faults in kinds.items():
        print(f"\n== {len(faults)} x {kind}\n{faults[0][:300]}\n…\n{faults[0][-1800:]}")
    return 1 if fuzz.faults else 0


if __name__ == "__main__":
    sys.exit(main())
