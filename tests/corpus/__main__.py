"""Chooses the requests by a seed and writes down the answers."""

import json
import random
from dataclasses import asdict

from tests.servers import empty_database

SEED = 20261130
# How many requests, and over which operations: a part of their address. What came later is drawn by itself, so that the
# answers before it stay as they were.
FIRST = 300
LATER = (
    (60, ("/trades/", "/counties/", "/posts/", "/workers/", "/contacts/")),
    (8, ("/visits/",)),
)
# A value of each parameter that has no list of its own.
TAKEN = {
    "as_of": "2026-12-01", "benefit": "M05c", "business": "{shop}", "credit_code": "92520201MA6E00019C",
    "district": "520201", "industry": "F", "lead": "hrss", "measure": "M05", "page_size": "1", "q": "补贴",
    "registered_on_from": "2020-01-01", "registered_on_to": "2026-01-01", "unread": "true",
    "day": "2026-12-01", "farm": "true", "day_pay_from": "150.00", "post": "{post}",
    "offering": "demo-ask", "updated_since": "2026-11-01T00:00:00%2B08:00",
}  # fmt: skip
WRONG = ("", "0", "-1", "M99z", "2026-02-30", "maybe", "a" * 40)


def main():
    with empty_database("sqlite"):
        from . import answers
        from .asking import Site

        with answers.world() as (rows, browsers):
            site = Site(rows, browsers)
            chosen = [request for drawn in draws() for request in requests(*drawn, rows, site)]
            lines = [{"request": asdict(request), "answer": site.ask(request)} for request in chosen]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        answers.PATH.write_text(text, "utf-8")
        print(f"{len(lines)} requests, {len(text):,} characters.")


def draws():
    """``[(how many, seed, [(operation, a value for each of its parameters)])]``."""
    from tests.fuzz.operations import operations_of_api, schema

    document = schema()
    operations = [(row, _taken(document, row)) for row in operations_of_api(document)]
    later = [
        [pair for pair in operations if any(part in f"/{pair[0].address}" for part in parts)]
        for _, parts in LATER
    ]
    first = [pair for pair in operations if not any(pair in found for found in later)]
    counts = [FIRST, *(count for count, _ in LATER)]
    return [
        (count, SEED + place, found)
        for place, (count, found) in enumerate(zip(counts, [first, *later], strict=True))
    ]


def requests(count, seed, operations, rows, site):
    """``count`` of them: each operation in turn, as it fits, by somebody else, and with something wrong."""
    found, chance = {}, random.Random(seed)
    for turn in range(200):
        for operation, taken in operations:
            if len(found) == count:
                return list(found)
            found.setdefault(_request(operation, taken, turn, rows, site, chance))
    raise SystemExit(f"Only {len(found)} different requests.")


def _taken(document, operation) -> dict[str, str]:
    """A value for each parameter that an operation takes after its address."""
    rows = document["paths"][f"/{operation.address}"][operation.method.lower()].get("parameters", ())
    queries = {row["name"]: row["schema"] for row in rows if row["in"] == "query"}
    values = {name: told["enum"][0] if "enum" in told else TAKEN.get(name) for name, told in queries.items()}
    return {name: value for name, value in values.items() if value}


def _query(taken, chance):
    names = chance.sample(list(taken), min(len(taken), chance.choice((0, 1, 1, 2))))
    values = [(name, chance.choice((*[taken[name]] * 6, chance.choice(WRONG)))) for name in names]
    if chance.random() < 0.1:
        values.append(("stranger", "1"))
    return "?" + "&".join(f"{name}={value}" for name, value in values) if values else ""


def _request(operation, taken, turn, rows, site, chance):
    from portal import demo
    from tests.fuzz.operations import NUMBERED, body_of, names_in_path
    from tests.fuzz.values import hostile, spoiled_json

    from .asking import Request

    role = operation.roles[turn % len(operation.roles)]
    if turn % 4 == 1:
        role = chance.choice(("anonymous", "other", "agent", "helper", "hr_reviewer", "program"))
    names, sent = names_in_path(operation, rows), {}
    numbered = next((row for part, row in NUMBERED.items() if part in operation.address), None)
    if turn % 5 == 4:
        names["code"] = "M99z"
        names["id"] = str(rows["nobody"]) if numbered is None else "999999999"
    elif numbered is not None:
        names["id"] = f"{{{numbered}}}"
    path = site.named(f"/{operation.address.format(**names)}")
    if operation.method == "GET":
        path += _query(taken, chance)
    elif operation.address.startswith("api/v1/auth/"):
        known = turn % 2 == 0
        given = (demo.CLIENT_ID, demo.CLIENT_SECRET) if known else ("nobody", "wrong")
        sent = {
            "body": "grant_type=client_credentials&token=nothing&client_id={}&client_secret={}".format(*given)
        }
        sent["content_type"] = "application/x-www-form-urlencoded"
    elif operation.address.endswith("/files/") and operation.method == "POST":
        material = rows["wrong"][0] if turn % 3 != 2 else hostile(chance).replace("\x00", "")
        sent = {"body": json.dumps({"material": material}), "file": True}
    elif operation.method != "DELETE":
        body = body_of(operation, rows, chance)
        body = spoiled_json(body, chance) if turn % 3 == 2 else body
        text = site.named(json.dumps(body))
        text = text.replace(f'"leg": {rows["other_leg"].pk}', '"leg": {other_leg}')
        sent = {"body": text.replace(f'"worker": {rows["worker"].pk}', '"worker": {worker}')}
    return Request(role, operation.method, path, **sent)


if __name__ == "__main__":
    main()
