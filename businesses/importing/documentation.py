"""The shipped mappings in docs/imports.md; ``python -m businesses.importing.documentation`` writes them anew."""

from pathlib import Path

from ..facts import BUILT_IN_REGISTRY
from .mapping import fields_of, shipped_sources

DOCUMENT = Path(__file__).parents[2] / "docs" / "imports.md"
START, END = "<!-- 下面由 data/sources.yaml 生成 -->\n\n", "\n<!-- 到这里 -->\n"


def tables() -> str:
    """One table a source: heading, what it is, field."""
    parts = []
    for code, row in shipped_sources().items():
        fields = fields_of(code, BUILT_IN_REGISTRY)
        parts.append(f"### {row['label']}（`{code}`，负责部门 `{row['department']}`）\n")
        if not row["columns"]:
            parts.append("表头就是本平台导出的表头，例如 `tax:annual_vat`，不用另外对应。\n")
            continue
        lines = ["| 文件里的表头 | 内容 | 字段 |", "|---|---|---|"]
        lines += [f"| {heading} | {fields[field]} | `{field}` |" for heading, field in row["columns"].items()]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def rewritten(text: str) -> str:
    """The document with today's tables in it."""
    before, _, rest = text.partition(START)
    return f"{before}{START}{tables()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text("utf-8")), "utf-8")
