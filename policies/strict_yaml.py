"""YAML as officers and files may write it: nothing that quietly turns into something else.

Refused, each naming its line: anchors and aliases, tags, floats, timestamps, words such as ``yes`` or ``off`` without
quotes as values, duplicate keys, more than one document. What remains is text, whole numbers, true, false and null.
"""

import re

import yaml

DEEPEST = 40
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # The C one reads the measures in a tenth of the time.
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
WORDS = ("on", "off", "yes", "no")  # as values they would be read as true and false
_PREFIX = "tag:yaml.org,2002:"


class YamlError(ValueError):
    """``line`` counts from 1."""

    def __init__(self, line, detail) -> None:
        super().__init__(f"第 {line} 行：{detail}")
        self.line = line
        self.detail = detail


class Located:
    """Read content, and the line of every place in it. ``lines`` is keyed by the path of keys and positions."""

    def __init__(self, data, lines) -> None:
        self.data = data
        self.lines = lines

    def line_of(self, path):
        """The line of a path, or of the nearest place above it."""
        path = tuple(path)
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def load(text: str) -> Located:
    """Read one document. Raises YamlError."""
    try:
        _refuse_unbounded(text)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise YamlError(mark.line + 1 if mark else 1, "写法不对，请检查缩进、冒号和引号") from None
    except yaml.YAMLError:
        raise YamlError(1, "文件里有不能用的字符") from None
    except RecursionError:
        raise YamlError(1, "套得太深，请减少层数") from None
    lines = {}
    return Located(None if node is None else _value(node, (), lines, 0), lines)


def _refuse_unbounded(text) -> None:
    """Look at the text event by event, so that nothing is built that is too deep or means something else."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError(line, "不要用 & 和 * 引用，请把内容写全")
        if getattr(event, "tag", None) is not None:
            raise YamlError(line, "不要写 ! 开头的类型标记，请删掉")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise YamlError(line, "套得太深，请减少层数")


def _value(node, path, lines, depth):
    line = node.start_mark.line + 1
    lines[path] = line
    if depth > DEEPEST:
        raise YamlError(line, "套得太深，请减少层数")
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, place), lines, depth + 1) for place, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, depth)
    return _scalar(node, line)


def _mapping(node, path, lines, depth):
    mapping = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = _key(key_node, line) if isinstance(key_node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise YamlError(line, "键要是文字")
        if key in mapping:
            raise YamlError(line, f"“{key}”写了两次，请留一个")
        mapping[key] = _value(value_node, (*path, key), lines, depth + 1)
        lines[(*path, key)] = line
    return mapping


def _key(node, line):
    """A key is text whatever it is: ``on`` and ``no`` can be nothing else there."""
    return node.value if node.tag == f"{_PREFIX}bool" and node.value in WORDS else _scalar(node, line)


def _scalar(node, line):
    kind, text = node.tag.removeprefix(_PREFIX), node.value
    if kind == "str":
        return text
    if kind == "null" and text in ("null", ""):
        return None
    if kind == "bool" and text in ("true", "false"):
        return text == "true"
    if kind == "int" and _INTEGER.fullmatch(text):
        return int(text)
    raise YamlError(line, f"“{text}”会被读成别的东西，请加上引号")


def dump(data) -> str:
    """Content as YAML text that ``load`` reads back unchanged."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data) -> bool:
        return True
