"""The portal's settings for benchmarks: static files and bare answers live in the benchmark's own folder."""

import os
from pathlib import Path

from portal.settings import *  # noqa: F403

BENCHMARK_FOLDER = Path(os.environ["BENCHMARK_FOLDER"])
STATIC_ROOT = BENCHMARK_FOLDER / "static"
ROOT_URLCONF = "benchmarks.bare"
