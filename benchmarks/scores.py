"""One line of Lighthouse scores for a page: the median of its reports, and what is beyond a limit. Exits with 1 then.

``python -m benchmarks.scores PAGE REPORT.json …`` (benchmarks/lighthouse.sh).
"""

import json
import sys
from pathlib import Path
from statistics import median

FLOORS = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 98}
# Largest paint in milliseconds, and by how much the page shifts (owner-surface.md §10).
CEILINGS = {"largest-contentful-paint": 1500, "cumulative-layout-shift": 0.02}
SHORT = {"largest-contentful-paint": "LCP", "cumulative-layout-shift": "CLS"}


def scores(reports):
    """The median score of each category, 0 to 100."""
    return {
        name: median(round(report["categories"][name]["score"] * 100) for report in reports)
        for name in FLOORS
    }


def measures(reports):
    """The median of what has a ceiling."""
    return {name: median(report["audits"][name]["numericValue"] for report in reports) for name in CEILINGS}


def failures(report, category):
    """Titles of the audits that cost points in a category."""
    for reference in report["categories"][category]["auditRefs"]:
        audit = report["audits"][reference["id"]]
        if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
            yield f"{audit['id']} ({audit.get('displayValue') or audit['title']})"


def missed(found, measured):
    """The names of the limits that are not kept."""
    low = [name for name, floor in FLOORS.items() if found[name] < floor]
    return low + [SHORT[name] for name, most in CEILINGS.items() if measured[name] > most]


def main(arguments):
    page, *paths = arguments
    reports = [json.loads(Path(path).read_text("utf-8")) for path in paths]
    found, measured = scores(reports), measures(reports)
    wrong = missed(found, measured)
    paint, shift = measured.values()
    print(
        f"{page:36}"
        + "  ".join(f"{name} {score:3.0f}" for name, score in found.items())
        + f"  LCP {paint / 1000:.2f} s  CLS {shift:.3f}"
        + (f"  ! {', '.join(wrong)}" if wrong else "")
    )
    for name in found:
        if found[name] < 100 and (cost := list(failures(reports[-1], name))):
            print(f"    {name}: {'; '.join(cost)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
