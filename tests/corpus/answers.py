"""The file of answers, and the world they were given in."""

import json
from contextlib import contextmanager
from pathlib import Path

from .asking import NOW, Request

PATH = Path(__file__).with_name("answers.jsonl")


def known():
    """[(Request, answer)]."""
    lines = map(json.loads, PATH.read_text("utf-8").splitlines())
    return [(Request(**line["request"]), line["answer"]) for line in lines]


@contextmanager
def world():
    """(rows, browsers) on the day of the corpus, undone afterwards."""
    import time_machine

    from tests.fuzz.world import standing

    with time_machine.travel(NOW, tick=False), standing() as built:
        yield built
