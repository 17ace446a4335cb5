"""Known holes in the locked packages, by pip-audit (`make audit`).

Red where a version without the hole is there. What nobody has mended yet is printed; where no index tells of holes,
that is said, and it is no fault of ours.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / ".venv-audit" / "bin" / "pip-audit"
LOCKED = ROOT / "requirements-test.txt"  # holds requirements.txt too
SKIPPED = "没有查依赖的安全漏洞：这里连不上能回答的软件源。有网络时再运行 make audit。"


def main() -> int:
    pins = [line.split()[0] for line in LOCKED.read_text("utf-8").splitlines() if "==" in line.split("#")[0]]
    probe = [pin for pin in pins if pin.startswith("django==")]
    if not PROGRAM.exists() or not _answers(_ask(probe)):  # one question first, not a hundred to no purpose
        print(SKIPPED)
        return 0
    code, lines = verdict(_ask(pins))
    print("\n".join(lines))
    return code


def verdict(packages: list[dict]) -> tuple[int, list[str]]:
    """(1 where something can be mended, what to say) of what pip-audit found."""
    if not _answers(packages):
        return 0, [SKIPPED]
    holes = [(one, hole) for one in packages for hole in one.get("vulns", ())]
    mended, open_ = [], []
    for one, hole in holes:
        named = f"{one['name']} {one['version']} 有漏洞 {hole['id']}"
        if hole["fix_versions"]:
            mended.append(f"{named}，请升到 {hole['fix_versions'][-1]}。")
        else:
            open_.append(f"{named}，还没有修好的版本。")
    untold = [one["name"] for one in packages if "skip_reason" in one]
    if untold:
        open_.append(f"没有查到：{'、'.join(untold)}。")
    return int(bool(mended)), [*mended, *open_, f"查了 {len(packages) - len(untold)} 个依赖的安全漏洞。"]


def _answers(packages) -> bool:
    return any("vulns" in one for one in packages)


def _ask(pins) -> list[dict]:
    """What pip-audit says of each package; nothing where nobody can be reached."""
    with TemporaryDirectory() as folder:
        asked, answer = Path(folder) / "asked.txt", Path(folder) / "answer.json"
        asked.write_text("\n".join(pins), "utf-8")
        options = ("--no-deps", "--disable-pip", "--progress-spinner=off", "--timeout=10", "--format=json")
        try:
            subprocess.run(
                [PROGRAM, *options, f"--requirement={asked}", f"--output={answer}"],
                capture_output=True,
                timeout=300,
                check=False,
            )
            return json.loads(answer.read_text("utf-8"))["dependencies"]
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return []


if __name__ == "__main__":
    sys.exit(main())
