"""Reading data/measures.yaml: its shape, its rules, its golden cases. Every fault names its line."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from core.facts import Registry

from . import strict_yaml
from .content import ContentFault, check_content, check_shape
from .criteria.golden import failures
from .criteria.rules import Rule

DEFAULT_PATH = Path(__file__).parent / "data" / "measures.yaml"


class BrokenFile(ValueError):
    """A file that cannot be loaded. ``faults`` are sentences, each with its line."""

    def __init__(self, faults) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass
class MeasuresFile:
    """A file that has passed every check. ``contents``: what each benefit's version will hold, by code.

    ``documents``: all of them, the file's own first; ``rests_on``: the code of each benefit's, by the benefit's.
    """

    documents: list[dict]
    rests_on: dict[str, str]
    departments: list
    topics: list
    measures: dict
    contents: dict
    rules: list[Rule]


def read_file(path: Path, registry: Registry) -> MeasuresFile:
    """Read and check. Raises BrokenFile with every fault found at the first stage that finds any."""
    try:
        located = strict_yaml.load(Path(path).read_text("utf-8"))
    except UnicodeDecodeError:
        raise BrokenFile(["第 1 行：文件不是 UTF-8 编码，请另存为 UTF-8"]) from None
    except strict_yaml.YamlError as problem:
        raise BrokenFile([str(problem)]) from None
    _stop_on(located, check_shape(located.data))
    data = located.data
    _stop_on(located, _dangling_names(data))
    contents, homes, rests_on = {}, {}, {}
    for measure_code, measure in data["measures"].items():
        for code, benefit in measure["benefits"].items():
            content = {key: value for key, value in benefit.items() if key != "document"}
            contents[code] = {**content, "conditions": used_conditions(benefit, data["conditions"])}
            rests_on[code] = benefit.get("document", data["document"]["code"])
            homes[code] = measure_code
    rules, faults = [], []
    for code, content in contents.items():
        rule, found = check_content(content, registry=registry, code=code, measure=homes[code], number=1)
        base = ("measures", homes[code], "benefits", code)
        faults += [ContentFault((*base, *fault.path), f"{code} {fault.detail}") for fault in found]
        rules.append(rule)
    _stop_on(located, faults)
    _stop_on(located, _golden_faults(contents, homes, rules, registry))
    documents = [data["document"], *data.get("documents", ())]
    return MeasuresFile(
        documents, rests_on, data["departments"], data["topics"], data["measures"], contents, rules
    )


def _stop_on(located, faults) -> None:
    faults = list(faults)
    if faults:
        raise BrokenFile([f"第 {located.line_of(fault.path)} 行：{fault.detail}" for fault in faults])


def _dangling_names(data):
    departments = {row["code"] for row in data["departments"]}
    topics = {row["code"] for row in data["topics"]}
    benefits = {code for measure in data["measures"].values() for code in measure["benefits"]}
    documents = {row["code"] for row in (data["document"], *data.get("documents", ()))}
    for code, measure in data["measures"].items():
        path = ("measures", code)
        for role in ("lead", "responsible"):
            for name in set(measure[role]) - departments:
                yield ContentFault((*path, role), f"{code} 的单位“{name}”没有写在 departments 里")
        for name in set(measure["topics"]) - topics:
            yield ContentFault((*path, "topics"), f"{code} 的主题“{name}”没有写在 topics 里")
        for benefit, content in measure["benefits"].items():
            inner = (*path, "benefits", benefit)
            if (name := content.get("document")) and name not in documents:
                yield ContentFault((*inner, "document"), f"{benefit} 依据的文件“{name}”没有写在 documents 里")
            for name in set(content.get("topics") or ()) - topics:
                yield ContentFault((*inner, "topics"), f"{benefit} 的主题“{name}”没有写在 topics 里")
            for name in set(content.get("excludes") or ()) - benefits:
                yield ContentFault((*inner, "excludes"), f"{benefit} 排斥的事项“{name}”不存在")


def used_conditions(content, conditions) -> dict:
    """The named conditions that a benefit's trees use, those inside other conditions included."""
    used, waiting = {}, [content.get("criteria"), content.get("relevance")]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            name = node.get("use")
            if isinstance(name, str) and name in conditions and name not in used:
                used[name] = conditions[name]
                waiting.append(conditions[name])
            waiting.extend(node.get(key) for key in ("all", "any", "not"))
    return dict(sorted(used.items()))


def digest(content) -> str:
    """A fingerprint of a version's content."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _golden_faults(contents, homes, rules, registry):
    for code, content in contents.items():
        for place, detail in failures(code, content.get("golden") or (), rules, registry):
            path = ("measures", homes[code], "benefits", code, "golden", place)
            yield ContentFault(path, f"{code} {detail}")
