"""Slither over the contracts, and the truth about whether it ran.

Slither prints `ERROR:` and "0 results" where it could not compile, and ends as if all were well: here that is a failure
as is a run that names no analysed contract. It needs Foundry's real `forge` on PATH and `node_modules` in its root.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEADLINE_SECONDS = 900


def main() -> int:
    """0 when contracts were analysed and nothing was found."""
    slither = ROOT / ".venv-slither" / "bin" / "slither"
    if not slither.exists():
        print("slither is not installed; run `make lint` 未安装 slither，请运行 make lint")
        return 1
    done = subprocess.run(
        [str(slither), ".", "--config-file", "slither.config.json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    print(done.stdout)
    summary = re.search(r"analyzed \((\d+) contracts? with \d+ detectors?\), (\d+) result\(s\) found", done.stdout)
    if "ERROR:" in done.stdout or summary is None or summary[1] == "0":
        print("slither did not analyse the contracts slither 未能分析合约")
        return 1
    if done.returncode != 0 or summary[2] != "0":
        print(f"slither: {summary[2]} results, exit {done.returncode} slither 发现问题")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
