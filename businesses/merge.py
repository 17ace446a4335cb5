"""What is known of a shop or a person, from what each source said: one rule for page, API, import and generator.

``said`` is a list of statements, as stored in JSON::

    {"source": "registry", "on": "2026-11-20", "facts": {"registered_on": "2026-01-15", "district": "520201"}}

- Inside a source the newer word stands: a fact is in one statement of a source only, that of its newest day. Members
  of a set that were told on an earlier day keep it: ``{"yes": […], "no": […], "on": {"veteran": "2026-01-01"}}``.
- Between sources the order of ``Fact.sources`` decides; sources not listed there come last.
- A staff correction goes before all. It remembers in ``over`` what the other departments said when it was made; when
  one says something else it is dropped, of a set for those members alone. An owner's word never overtakes it.
- A set's members are weighed one by one. A list is the whole answer (an owner's); ``{"yes": […], "no": […]}`` leaves
  the rest open (an import's: an imported veteran is not thereby no graduate).
- ``null`` was asked and is not known.

Facts that the market regulator's own rules write (DERIVED) are not merged.
"""

from typing import NamedTuple

from core.facts import Fact, Members, Profile, Registry, Told
from core.latest import Latest

from .facts import DERIVED, SELF, STAFF


class Best(NamedTuple):
    """What stands for one fact. ``value`` in JSON spelling; of a set ``{"yes": […], "no": […]}``.

    ``members``: of a set, who said so of each: ``{member: (holds, source, on)}``.
    """

    value: object
    source: str
    on: str
    members: dict | None = None


def add(said: list, source: str, on: str, facts: dict, registry: Registry) -> list:
    """``said`` after ``source`` has said ``facts`` as of day ``on``. Older words than it has said are ignored."""
    if source == STAFF:
        return correct(said, on, facts, registry)
    kept, fresh = [], dict(facts)
    for statement in said:
        if statement["source"] != source:
            kept.append(statement)
            continue
        left = dict(statement["facts"])
        for name in facts.keys() & left.keys():
            if statement["on"] > on:
                left[name] = _newest(registry[name], left[name], statement["on"], fresh.pop(name), on)
            else:
                fresh[name] = _newest(registry[name], fresh[name], on, left.pop(name), statement["on"])
        if left:
            kept.append({**statement, "facts": left})
    place = next((i for i, row in enumerate(kept) if row["source"] == source and row["on"] == on), None)
    if place is not None:
        kept[place] = {**kept[place], "facts": {**kept[place]["facts"], **fresh}}
    elif fresh:
        kept.append({"source": source, "on": on, "facts": fresh})
    return _in_order(_without_overtaken(kept, registry))


def _newest(fact, value, on, older, older_on):
    """What a source has said of one fact, by a newer and an older word: of a set, each member's newest."""
    if fact.type != "set" or value is None or older is None:
        return value
    newer, members = _members(fact, value, on), _members(fact, older, older_on)
    for member, (holds, day) in newer.items():
        if member not in members or day >= members[member][1]:
            members[member] = holds, day
    if members == newer:
        return value
    told = [(choice.value, *members[choice.value]) for choice in fact.choices if choice.value in members]
    days = {member: day for member, _, day in told if day != on}
    return {
        "yes": [member for member, holds, _ in told if holds],
        "no": [member for member, holds, _ in told if not holds],
        **({"on": days} if days else {}),
    }


def correct(said: list, on: str, facts: dict, registry: Registry) -> list:
    """``said`` with a staff correction, which stands until the other departments say something else than today."""
    others = _departments_say(said, facts, registry)
    over = {name: others[name].value if name in others else None for name in facts}
    kept = _drop_corrections(said, lambda row: row["facts"].keys() - facts.keys())
    return _with_correction(kept, {"source": STAFF, "on": on, "facts": dict(facts), "over": over})


def _drop_corrections(said, standing):
    """``said`` where of every correction those facts are left that ``standing`` names."""
    kept = []
    for row in said:
        if row["source"] == STAFF:
            left = standing(row)
            row = {
                **row,
                **{part: {name: row[part][name] for name in row[part] if name in left} for part in _PARTS},
            }
        if row["facts"]:
            kept.append(row)
    return kept


_PARTS = ("facts", "over")


def replace(said: list, source: str, on: str, facts: dict) -> list:
    """``said`` where ``source`` says ``facts`` and nothing else; what it had said in the same words keeps its day."""
    before = {
        name: (value, row["on"])
        for row in said
        if row["source"] == source
        for name, value in row["facts"].items()
    }
    by_day: dict = {}
    for name, value in facts.items():
        unchanged = name in before and before[name][0] == value
        by_day.setdefault(before[name][1] if unchanged else on, {})[name] = value
    others = [row for row in said if row["source"] != source]
    fresh = [{"source": source, "on": day, "facts": said_then} for day, said_then in by_day.items()]
    return _in_order([*others, *fresh])


def _in_order(said) -> list:
    """One order, so that the same words make the same record however they came."""
    return sorted(said, key=lambda row: (row["source"], row["on"]))


def of_source(said: list, source: str) -> list:
    """The statements of one source."""
    return [row for row in said if row["source"] == source]


def put_back(said: list, source: str, before: list) -> list:
    """``said`` with the statements of ``source`` as they were."""
    return _in_order([*(row for row in said if row["source"] != source), *before])


def put_back_corrections(said: list, before: list, stated, registry: Registry) -> list:
    """``said`` with the corrections of ``before`` that have fallen away since, and without those ``stated`` since.

    What staff have corrected in another way since ``before`` stands, and so does what a department has overtaken that
    still says so.
    """
    said = _drop_corrections(said, lambda row: row["facts"].keys() - stated)
    days = {name: row["on"] for row in of_source(said, STAFF) for name in row["facts"]}
    lost = _drop_corrections(
        before, lambda row: {name for name in row["facts"] if days.get(name, row["on"]) == row["on"]}
    )
    for row in of_source(_without_overtaken([*_without_staff(said), *lost], registry), STAFF):
        said = _with_correction(said, row)
    return said


def _without_staff(said) -> list:
    return [row for row in said if row["source"] != STAFF]


def _with_correction(said, correction):
    """One statement holds what staff corrected on one day."""
    same = next((row for row in said if row["source"] == STAFF and row["on"] == correction["on"]), None)
    joined = {part: {**(same[part] if same else {}), **correction[part]} for part in _PARTS}
    return _in_order([*(row for row in said if row is not same), {**correction, **joined}])


def merge(said: list, registry: Registry) -> dict[str, Best]:
    """What stands, by fact name; facts that nobody knows are absent."""
    ranks, set_facts = _ranks(registry)
    best: dict[str, tuple] = {}
    sets: dict[str, list] = {}
    for statement in said:
        source, on = statement["source"], statement["on"]
        places = ranks.get(source, ranks[""])
        for name, value in statement["facts"].items():
            rank = places.get(name)
            if rank is None or value is None:
                continue
            if source == STAFF:
                rank = -1
            if name in set_facts:
                sets.setdefault(name, []).append((rank, source, on, value))
            elif name not in best or rank < best[name][0]:
                best[name] = (rank, value, source, on)
    found = {name: Best(value, source, on) for name, (_, value, source, on) in best.items()}
    for name, candidates in sets.items():
        found[name] = _merged_set(registry[name], candidates)
    return found


def _without_overtaken(said, registry):
    """Corrections whose sources have changed their word are dropped."""
    corrections = of_source(said, STAFF)
    if not corrections:
        return said
    others = _departments_say(said, {name for row in corrections for name in row["facts"]}, registry)
    kept = _without_staff(said)
    for row in corrections:
        standing = {}
        for name, value in row["facts"].items():
            now = others[name].value if name in others else None
            left = _not_overtaken(registry.get(name), value, row["over"].get(name), now)
            if left is not _OVERTAKEN:
                standing[name] = left
        if standing:
            kept.append(
                {**row, "facts": standing, "over": {name: row["over"].get(name) for name in standing}}
            )
    return kept


_OVERTAKEN = object()


def _not_overtaken(fact, value, then, now):
    """What is left of a correction after the departments said ``then`` and say ``now``; _OVERTAKEN where nothing."""
    if then == now:
        return value
    if fact is None or fact.type != "set" or value is None:
        return _OVERTAKEN
    then, now = (_members(fact, told or {}, "") for told in (then, now))
    corrected = _members(fact, value, "")
    left = {member: holds for member, (holds, _) in corrected.items() if then.get(member) == now.get(member)}
    if len(left) == len(corrected):
        return value
    order = [choice.value for choice in fact.choices if choice.value in left]
    yes = [member for member in order if left[member]]
    return {"yes": yes, "no": [member for member in order if not left[member]]} if left else _OVERTAKEN


def _departments_say(said, names, registry):
    """What stands of ``names`` without staff and owner: neither can overtake a correction."""
    others = []
    for row in said:
        if row["source"] not in (STAFF, SELF):
            facts = {name: row["facts"][name] for name in names if name in row["facts"]}
            if facts:
                others.append({**row, "facts": facts})
    return merge(others, registry) if others else {}


def _is_open(value) -> bool:
    return isinstance(value, dict)


def _yes_and_no(fact: Fact, value):
    """Members of a set value that hold, with what they imply, and those known not to, as two lists."""
    if _is_open(value):
        yes = list(value.get("yes", ()))
        yes += [other for member in list(yes) for other in fact.implies.get(member, ())]
        return yes, [member for member in value.get("no", ()) if member not in yes]
    members = fact.whole_answer(value)
    return fact.members(members.yes), fact.members(members.known & ~members.yes)


def _members(fact, value, on) -> dict:
    """What a set value told on day ``on`` says of each member: ``{member: (holds, day)}``."""
    days = value.get("on", {}) if _is_open(value) else {}
    yes, no = _yes_and_no(fact, value)
    return {
        member: (holds, days.get(member, on))
        for holds, members in ((False, no), (True, yes))
        for member in members
    }


def _merged_set(fact, candidates):
    members = {}
    for _, source, on, value in sorted(candidates, key=lambda row: row[0]):
        for member, (holds, day) in _members(fact, value, on).items():
            members.setdefault(member, (holds, source, day))
    order = [choice.value for choice in fact.choices if choice.value in members]
    yes = [member for member in order if members[member][0]]
    no = [member for member in order if not members[member][0]]
    telling = members[yes[0]] if yes else members[no[0]] if no else (False, SELF, "")
    return Best({"yes": yes, "no": no}, telling[1], telling[2], members)


_ranks_of_the_latest: Latest[tuple, tuple] = Latest()


def _ranks(registry):
    """``{source: {fact: place in Fact.sources}}``, "" for any other source, and the names of sets. Kept by edition."""
    return _ranks_of_the_latest.of((registry.edition, len(registry)), lambda: _ranked(registry))


def _ranked(registry) -> tuple:
    last = dict.fromkeys(registry, 90)
    ranks = {"": last}
    for fact in registry.values():
        for place, source in enumerate(() if fact.name in DERIVED else fact.sources):
            ranks.setdefault(source, dict(last))[fact.name] = place
    return ranks, frozenset(fact.name for fact in registry.values() if fact.type == "set")


def inside(fact: Fact, value):
    """A merged JSON value in the shape rules read."""
    if fact.type == "set":
        yes, no = fact.mask(value["yes"]), fact.mask(value["no"])
        return Members(yes, yes | no)
    return fact.read(value)


def asked(said: list) -> frozenset:
    """Facts that the owner was asked for and did not know."""
    return frozenset(
        name for row in said if row["source"] == SELF for name, value in row["facts"].items() if value is None
    )


def standing(said: list, registry: Registry, scope: str) -> dict[str, Best]:
    """What stands of a shop (``scope`` business) or a person (operator), with the default of what has one.

    What the owner was asked for and does not know is unknown, not the default.
    """
    found = merge(said, registry)
    for name, default in registry.defaults.items():
        if registry[name].scope == scope and name not in found and name not in asked(said):
            found[name] = Best(default, "default", "")
    return found


class Part(NamedTuple):
    """What one source told of a fact: its ``value`` like ``Best.value``, of a set the members that are its own."""

    value: object
    source: str
    on: str


def parts(best: Best) -> list[Part]:
    """What stands, one row for each source and day, so that nobody is named for what another said.

    Of a set where members hold, those that told of these; where none does, those that told so.
    """
    if not best.members:
        return [Part(best.value, best.source, best.on)]
    told: dict[tuple, dict] = {}
    for member, (holds, source, on) in best.members.items():
        if holds or not best.value["yes"]:
            lists = told.setdefault((source, on), {"yes": [], "no": []})
            lists["yes" if holds else "no"].append(member)
    return [Part(value, source, on) for (source, on), value in told.items()]


def overruled_by(fact: Fact, value, best: Best | None) -> set[str]:
    """By whose word ``value``, as somebody has just stated it, does not stand; empty where it does."""
    if best is None:
        return set()
    if fact.type != "set":
        return set() if best.value == value else {best.source}
    told = best.members or {}
    if value is None:
        return {source for _, source, _ in told.values()}
    stated = _members(fact, value, "")
    return {told[name][1] for name, (holds, _) in stated.items() if name in told and told[name][0] != holds}


def _source_of(fact, best):
    """Who told: one source; of a set that several told of, each with its members."""
    told: dict[str, list] = {}
    for member, (holds, source, _) in (best.members or {}).items():
        told.setdefault(source, []).append((member, holds))
    if len(told) < 2:
        return best.source
    return Told(
        tuple(
            (
                source,
                Members(
                    fact.mask(member for member, holds in members if holds),
                    fact.mask(member for member, _ in members),
                ),
            )
            for source, members in told.items()
        )
    )


def profile(found: dict[str, Best], registry: Registry, asked_in_vain=frozenset()) -> Profile:
    """What stands as a Profile, with the default of what has one."""
    values = {name: inside(registry[name], best.value) for name, best in found.items() if name in registry}
    sources = {name: _source_of(registry[name], found[name]) for name in values}
    for name, default in registry.defaults.items():
        if name not in values and name not in asked_in_vain:
            values[name], sources[name] = default, "default"
    # Of a set departments may know some members: an owner who does not know the rest is not asked again either.
    asked = (
        name for name in asked_in_vain if name in registry and not registry[name].is_settled(values.get(name))
    )
    registry.complete(values, sources)
    return Profile(values, sources, frozenset(asked))
