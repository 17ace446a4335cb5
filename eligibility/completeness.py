"""What a draft must say beyond what the rule language asks: a clause for every row, a reason for every changed case."""

GROUPS = ("all", "any", "not")
CHANGED, REMOVED, FILLED = "改了", "删掉了", "按算出来的填了"


def rows_without_clause(content) -> list[str]:
    """Ids of the conditions whose clause is stated neither by themselves, nor above them, nor in what they use."""
    return list(_bare(content.get("criteria") or {}, "", False, content.get("conditions") or {}, ()))


def _bare(node, id, covered, conditions, using):
    if not isinstance(node, dict):
        return
    covered = covered or bool(node.get("clause"))
    if "use" in node:
        name = node["use"]
        if (
            name not in using
            and not covered
            and any(True for _ in _bare(conditions.get(name), id, False, conditions, (*using, name)))
        ):
            yield id
        return
    kind = next((kind for kind in GROUPS if kind in node), None)
    if kind is None:
        if not covered:
            yield id
        return
    children = [node["not"]] if kind == "not" else node[kind]
    for place, child in enumerate(children, 1):
        yield from _bare(child, f"{id}.{place}" if id else str(place), covered, conditions, using)


def changed_cases(before, after) -> dict[str, str]:
    """{name: what happened to it} of the golden cases of ``before`` that ``after`` does not hold as they were.

    Both are contents of versions; ``before`` may be None. A case under a new name is a removed one and a new one.
    """
    now = {case["name"]: case for case in after.get("golden") or ()}
    return {
        case["name"]: CHANGED if case["name"] in now else REMOVED
        for case in (before or {}).get("golden") or ()
        if now.get(case["name"]) != case
    }


def cases_without_reason(version) -> list[str]:
    """Names of changed cases of a draft for which nobody has written why."""
    before = version.based_on.content if version.based_on_id else None
    return [
        name
        for name in changed_cases(before, version.content)
        if not version.golden_reasons.get(name, "").strip()
    ]
