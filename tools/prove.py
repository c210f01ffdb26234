"""The laws of contracts/test/prove for all inputs, and the truth about whether they were looked for.

Halmos executes each `check_` function with symbols as arguments; an assertion that can fail gives a counterexample. A
run is good only if every law is proved, none timed out, and the functions named `check_refuted…`, which are false, are
refuted.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ganache import foundry_binary
from ledger.chain.compile import find_compiler

ROOT = Path(__file__).resolve().parent.parent
PROOFS = ROOT / "contracts" / "test" / "prove"
BIN = ROOT / ".venv-prove" / "bin"
DEADLINE_SECONDS = 900
QUERY_MILLISECONDS = 120_000
IMPORT = re.compile(r"\./libraries/(\w+\.sol)\"")
LAW = re.compile(r"function (check_\w+)\(")
OUTCOME = re.compile(r"\[(PASS|FAIL|TIMEOUT|ERROR)\]\S*\s+(check_\w+)\(")
SETTINGS = """\
[profile.default]
src = "contracts"
test = "contracts/test"
solc = "{compiler}"
offline = true
evm_version = "paris"
optimizer = true
optimizer_runs = 20000
[lint]
lint_on_build = false
"""


def main() -> int:
    """0 when each law is proved and each falsehood refuted."""
    if not (BIN / "halmos").exists():
        print("the prover is not installed; run `make prove` 未安装证明工具，请运行 make prove")
        return 1
    laws = {name for path in PROOFS.glob("*.sol") for name in LAW.findall(path.read_text(encoding="utf-8"))}
    with tempfile.TemporaryDirectory() as folder:
        output = prove(Path(folder))
    print(output)
    found = {name: outcome for outcome, name in OUTCOME.findall(output)}
    wrong = [
        f"{name}: {found.get(name, 'not run')}"
        for name in sorted(laws)
        if found.get(name) != ("FAIL" if name.startswith("check_refuted") else "PASS")
    ]
    if wrong or not laws:
        print(f"not proved 未能证明: {', '.join(wrong) or 'there are no laws 没有定律'}")
        return 1
    print(f"{len(laws)} laws: proved, and what is false refuted 全部证明")
    return 0


def prove(folder: Path) -> str:
    """Run Halmos over the proofs and the libraries that they are about: the other contracts are not its business."""
    shutil.copytree(PROOFS, folder / "contracts" / "test" / "prove")
    (folder / "contracts" / "libraries").mkdir()
    for name in {each for path in PROOFS.glob("*.sol") for each in IMPORT.findall(path.read_text(encoding="utf-8"))}:
        shutil.copy(ROOT / "contracts" / "libraries" / name, folder / "contracts" / "libraries")
    (folder / "foundry.toml").write_text(SETTINGS.format(compiler=find_compiler()), encoding="utf-8")
    solver = f"{BIN / 'python'} {ROOT / 'tools' / 'integer_solver.py'}"
    command = [str(BIN / "halmos"), "--root", str(folder), "--match-contract", "Proof$", "--no-status"]
    command += ["--solver-command", solver, "--solver-timeout-assertion", str(QUERY_MILLISECONDS)]
    forge = str(foundry_binary("forge").parent)
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": f"{forge}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


if __name__ == "__main__":
    sys.exit(main())
