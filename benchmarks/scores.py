"""One line of Lighthouse scores for a page: the median of its reports, and what failed. Exits with 1 below a floor.

``python -m benchmarks.scores PAGE REPORT.json …`` (benchmarks/lighthouse.sh).
"""

import json
import sys
from pathlib import Path
from statistics import median

FLOORS = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 0}


def scores(reports):
    """The median score of each category, 0 to 100."""
    return {
        name: median(round(report["categories"][name]["score"] * 100) for report in reports)
        for name in FLOORS
    }


def failures(report, category):
    """Titles of the audits that cost points in a category."""
    for reference in report["categories"][category]["auditRefs"]:
        audit = report["audits"][reference["id"]]
        if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
            yield f"{audit['id']} ({audit.get('displayValue') or audit['title']})"


def main(arguments):
    page, *paths = arguments
    reports = [json.loads(Path(path).read_text("utf-8")) for path in paths]
    found = scores(reports)
    low = [name for name, floor in FLOORS.items() if found[name] < floor]
    print(f"{page:36}" + "  ".join(f"{name} {score:3.0f}" for name, score in found.items()))
    for name in found:
        if found[name] < 100 and (missed := list(failures(reports[-1], name))):
            print(f"    {name}: {'; '.join(missed)}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
