"""The catalogue with 1, 21 and 2,100 measures: the list over the API and the page /policies/.

``python -m benchmarks.catalogue [--measures 1 21 2100] [--repeat 20]``. In one process through Django's test client.
Three cases: the first request after something was published, the same again (kept bytes, kept catalogue), and 304.
The number of queries must not grow with the measures; two more are allowed, because the counters of what was published
are asked again after a second. Beyond 21 the measures are copies under codes of their own.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.database import install
from benchmarks.report import Goal, print_goals, print_machine, print_table, print_title

API, SEARCH, PAGE = "/api/v1/measures/?page_size=50", "/api/v1/measures/?q=补贴", "/policies/"
LIMIT = 50.0
FIRST, AGAIN, UNCHANGED = "first after publishing", "again", "304"


def fill(count, folder):
    """Bring the catalogue up to ``count`` measures."""
    from eligibility.loading import load_measures
    from policies import strict_yaml
    from policies.measures_file import DEFAULT_PATH
    from policies.models import Measure

    data = strict_yaml.load(DEFAULT_PATH.read_text("utf-8")).data
    if count < len(data["measures"]):
        first = dict(list(data["measures"].items())[:count])
        part = folder / "part.yaml"  # JSON is YAML
        part.write_text(json.dumps(data | {"measures": first}, ensure_ascii=False), "utf-8")
        load_measures(part)
        return
    load_measures(DEFAULT_PATH)
    copy_measures(count - Measure.objects.count())


def copy_measures(count):
    """``count`` more measures, each with a copy of the benefits, versions, topics and departments of a real one."""
    from policies.models import Benefit, BenefitVersion, Measure

    if count <= 0:
        return
    originals = list(Measure.objects.prefetch_related("lead", "responsible", "topics", "benefits__versions"))
    sources = [originals[place % len(originals)] for place in range(count)]
    copies = Measure.objects.bulk_create(
        [_copy(source, code=f"X{place:05}") for place, source in enumerate(sources)], batch_size=200
    )
    pairs = list(zip(sources, copies, strict=True))
    for field in ("lead", "responsible", "topics"):
        _copy_links(Measure, field, pairs)
    benefits = [
        (old, _copy(old, code=f"{measure.code}{old.code[-1]}", measure=measure))
        for source, measure in pairs
        for old in source.benefits.all()
    ]
    made = Benefit.objects.bulk_create([new for _, new in benefits], batch_size=200)
    benefits = [(old, new) for (old, _), new in zip(benefits, made, strict=True)]
    versions = [_copy(version, benefit=new) for old, new in benefits for version in old.versions.all()]
    BenefitVersion.objects.bulk_create(versions, batch_size=100)


def _copy(row, **changes):
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    fresh = type(row)(**values)
    fresh.pk = None
    for name, value in changes.items():
        setattr(fresh, name, value)
    return fresh


def _copy_links(model, field, pairs):
    through = model._meta.get_field(field).remote_field.through
    own = model._meta.get_field(field).m2m_field_name()
    other = model._meta.get_field(field).m2m_reverse_field_name()
    links = [
        through(**{f"{own}_id": new.pk, f"{other}_id": target.pk})
        for old, new in pairs
        for target in getattr(old, field).all()
    ]
    through.objects.bulk_create(links, batch_size=400)


class Asked:
    """One request: milliseconds, number of queries, bytes."""

    def __init__(self, client, path, **headers):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            start = time.perf_counter()
            self.response = client.get(path, headers=headers)
            self.milliseconds = (time.perf_counter() - start) * 1e3
        self.queries = len(captured)
        self.bytes = len(self.response.content)


def publish():
    """What publishing does to everything kept in memory."""
    from core.models import Edition
    from policies.models import CATALOGUE_EDITION

    Edition.objects.bump(CATALOGUE_EDITION)


def measure(path, *, repeat):
    """(case, milliseconds, queries, bytes) of one address, or the reason why there are none."""
    from django.test import Client

    client = Client()
    try:
        status = client.get(path).status_code
    except Exception as problem:  # noqa: BLE001 - whatever an unfinished page raises
        status = f"{type(problem).__name__}: {problem}"
    if status != 200:
        return f"{path} is not measured, as it does not answer yet: {status}"
    found = {FIRST: [], AGAIN: [], UNCHANGED: []}
    for _ in range(repeat):
        publish()
        found[FIRST].append(Asked(client, path))
        found[AGAIN].append(Asked(client, path))
        etag = found[AGAIN][-1].response.headers.get("ETag")
        if etag:
            found[UNCHANGED].append(Asked(client, path, if_none_match=etag))
    return [
        (case, median(one.milliseconds for one in all_), max(one.queries for one in all_), all_[-1].bytes)
        for case, all_ in found.items()
        if all_
    ]


def run(*, measures=(1, 21, 2100), repeat=10):
    """Measure, print, and return the goals."""
    print_title("The catalogue as it grows")
    rows, queries, took, (least, *_, most) = [], {}, {}, sorted(measures)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        install(Path(name), load=False, static=True)
        for count in sorted(measures):
            fill(count, Path(name))
            for path in (API, SEARCH, PAGE):
                found = measure(path, repeat=repeat)
                if isinstance(found, str):
                    print(f"  {found}")
                    continue
                for case, milliseconds, number, size in found:
                    rows.append((path, case, f"{count:,}", f"{milliseconds:.2f}", number, f"{size:,}"))
                    queries.setdefault((path, case), []).append(number)
                    took[path, case] = milliseconds
    print_machine(rounds=repeat)
    print_table(
        ("address", "case", "measures", "median ms", "queries", "bytes"), sorted(rows, key=lambda r: r[:2])
    )
    goals = [
        Goal(
            f"more queries of {path}, {case}, at {most:,} measures than at {least:,}",
            counts[-1] - counts[0],
            2,
            True,
        )
        for (path, case), counts in queries.items()
    ]
    if (PAGE, AGAIN) in took:
        goals.append(Goal(f"ms of {PAGE}, {AGAIN}, at {most:,} measures", took[PAGE, AGAIN], LIMIT, True))
    print_goals(goals)
    return goals


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catalogue", description=__doc__)
    parser.add_argument("--measures", type=int, nargs="+", default=[1, 21, 2100])
    parser.add_argument("--repeat", type=int, default=10)
    run(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
