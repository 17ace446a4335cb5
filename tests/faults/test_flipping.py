"""While a policy is pushed its shops go on living: at the end every stored decision is what it would be if made now."""

import json
import os
import random
import subprocess
import sys

from .world import ROOT

SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10_000))
SECONDS = 6


def test_facts_that_flip_while_versions_are_pushed_leave_no_decision_that_is_not_so(world, report):
    world.postgres.create("flips", "empty")
    finished = subprocess.run(
        [sys.executable, "-m", "tests.faults.flipping", str(SECONDS), str(SEED)],
        env=world.environment("flips", REDIS_URL="", PUSH_CHUNK="7"),
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]

    found = json.loads(finished.stdout.splitlines()[-1])

    report(f"SEED={SEED}: {found['done']}")
    assert found["errors"] == []
    assert [shops for shops in found["by statement"].values() if shops] == []
    assert [shops for shops in found["one by one"].values() if shops] == []
    assert found["broken"] == {}
    assert min(found["done"].values()) > 3
