"""The file of answers, and the world they were given in."""

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

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
    from django.db import transaction
    from django.test import override_settings

    from eligibility.loading import load_measures
    from policies.measures_file import DEFAULT_PATH
    from tests.fuzz import world as fuzzed

    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        changed = {"PRIVATE_FOLDER": folder, "ANONYMOUS_REQUESTS_PER_SECOND": 10**6}
        with override_settings(**changed), patch("core.sms.send"), transaction.atomic():
            load_measures(DEFAULT_PATH)
            with override_settings(DEBUG=True):  # the demo's people are for development
                built = fuzzed.build()
            yield built
            transaction.set_rollback(True)
