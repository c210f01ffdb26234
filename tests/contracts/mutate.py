"""Mutants of the contracts about units and the market against their unit tests: what no test notices is a gap, or is
explained.

``python -m tests.contracts.mutate`` (``make mutants``) changes one place of one source at a time, compiles the contract
and runs the tests named ``test_*`` of `CarbonLedger`, `Compliance`, `CreditScores` and `Exchange` on it, in a folder of
its own. A mutant is killed when a test fails, stillborn when it does not compile, and survives otherwise. Each survivor
must stand in the table of docs/contracts.md by its key; else the exit status is 1, as it is for a row whose mutant was
killed.

The tests are compiled once, without optimizer, and deploy what lies in ``mutant/``. Constructors are left alone: their
refusals are tests of their own, which deploy directly.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import solcx
from solcx.exceptions import SolcError

from ganache import foundry_binary
from ledger.chain import compile as compiling

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "contracts.md"
DEADLINE_SECONDS = 600.0
TARGETS = {
    "CarbonLedger": ("contracts/CarbonLedger.sol", "contracts/ledger", "contracts/libraries/AssetId.sol"),
    "Compliance": ("contracts/Compliance.sol", "contracts/compliance", "contracts/libraries/OffsetCap.sol"),
    "CreditScores": ("contracts/CreditScores.sol",),
    "Exchange": ("contracts/Exchange.sol", "contracts/exchange"),
}
"""Contract → the files and folders whose places are changed."""
_TESTS = re.compile(r"(CarbonLedger|Compliance|CreditScore|Exchange|AssetRoles)(?!\w*(Fuzz|Invariant|Gas))")
_SWAPS = {
    " < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " == ": " != ", " != ": " == ",
    " && ": " || ", " || ": " && ", " += ": " -= ", " -= ": " += ", " + ": " - ", " - ": " + ",
    " * ": " / ", " / ": " * ", " restricted": "",
}  # fmt: skip
_STATEMENT = re.compile(r"^        +(?:_\w+\(|\w[\w.\[\]]* (?:=|\+=|-=|\|=) |delete |\+\+|emit )")
_BODY = re.compile(r"^    (?:function|constructor|modifier)\b")


@dataclass(frozen=True)
class Mutant:
    """``source``: the whole changed text of ``path``; ``key``: file, function, and what became of which code."""

    contract: str
    path: str
    key: str
    source: str


def mutants(contract: str, root: Path = ROOT) -> Iterator[Mutant]:
    """All mutants of a contract, in the order of its sources."""
    for place in TARGETS[contract]:
        for path in sorted((root / place).glob("*.sol")) if (root / place).is_dir() else [root / place]:
            name = path.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            seen: dict[str, int] = {}
            for start, end, replacement, function in _changes(text):
                before = " ".join(text[start:end].split())
                line = " ".join(text[text.rfind("\n", 0, start) + 1 : text.find("\n", start)].split())
                what = f"{path.stem}.{function}: `{before}` → `{replacement.strip() or 'nothing'}` in `{line}`"
                seen[what] = seen.get(what, 0) + 1
                key = what if seen[what] == 1 else f"{what} ({seen[what]})"
                yield Mutant(contract, name, key.replace("|", "¦"), text[:start] + replacement + text[end:])


def _changes(text: str) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, what stands there instead, name of the function)."""
    function, offset = "", 0
    for line in text.splitlines(keepends=True):
        begin, offset = offset, offset + len(line)
        if _BODY.match(line):
            named = re.match(r"\s+function (\w+)", line)
            function = named[1] if named else "constructor"
        if function in ("", "constructor") or line.lstrip().startswith(("//", "/*", "*")):
            continue
        swaps = {" restricted": ""} if line.lstrip().startswith("function") else _SWAPS
        if condition := re.match(r"\s+(?:\} else )?if \((.*)\) (?:revert\b|\{\s*$)", line):
            yield begin + condition.start(1), begin + condition.end(1), "false", function
        for found, instead in swaps.items():
            for at in re.finditer(re.escape(found), line):
                yield begin + at.start(), begin + at.end(), instead, function
        if _STATEMENT.match(line):
            yield begin, text.index(";\n", begin) + 2, "\n", function


def prepare(workspace: Path) -> None:
    """Copy what is needed, and let the tests deploy what lies in ``mutant/``."""
    shutil.copytree(ROOT / "contracts", workspace / "contracts")
    (workspace / "ganache").symlink_to(ROOT / "ganache")
    (workspace / "mutant").mkdir()
    settings = (ROOT / "foundry.toml").read_text(encoding="utf-8")
    (workspace / "foundry.toml").write_text(settings.replace("./tests/vectors", "./mutant"), encoding="utf-8")
    for path in (workspace / "contracts" / "test").rglob("*.sol"):
        if path.name.endswith(".t.sol") and not _TESTS.match(path.stem.removesuffix(".t")):
            path.unlink()
            continue
        text = path.read_text(encoding="utf-8")
        text = re.sub(
            r"= new (CarbonLedger|Compliance|CreditScores)\((.*?)\);",
            r'= \1(vm.deployCode("mutant/\1.json", abi.encode(\2)));',
            text,
            flags=re.DOTALL,
        )
        if path.name == "ExchangeArtifact.sol":
            text = text.replace("ledger/chain/artifacts/Exchange.json", "mutant/Exchange.json")
            text = text.replace('".bytecode"', '".bytecode.object"')
        if path.name == "Vm.sol":
            declared = (
                "    function deployCode(string calldata path, bytes calldata arguments) external returns (address);\n"
            )
            text = text.replace("interface Vm {\n", f"interface Vm {{\n{declared}", 1)
        path.write_text(text, encoding="utf-8")


def compiled(contract: str, mutant: Mutant | None = None) -> str:
    """The contract as the tests deploy it. Raises ``SolcError`` where it does not compile."""
    unit = compiling.CONTRACTS[contract]
    sources = {name: (ROOT / name).read_text(encoding="utf-8") for name in _closure(contract)}
    if mutant is not None:
        sources[mutant.path] = mutant.source
    answer = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in sources.items()},
            "settings": {
                **compiling.SETTINGS,
                # Without it the exchange is too deep for the stack; the others compile faster.
                "optimizer": {"enabled": contract == "Exchange", "runs": 200},
                "outputSelection": {unit: {contract: ["evm.bytecode.object", "evm.deployedBytecode.object"]}},
            },
        },
        solc_binary=_compiler(),
    )
    code = answer["contracts"][unit][contract]["evm"]
    artifact = {
        "abi": [],
        **{part: {"object": "0x" + code[part]["object"]} for part in ("bytecode", "deployedBytecode")},
    }
    return json.dumps(artifact)


@cache
def _compiler() -> Path:
    """Looked for once: asking it for its version takes as long as a test run."""
    return compiling.find_compiler()


@cache
def _closure(contract: str) -> list[str]:
    artifact = json.loads((compiling.ARTIFACTS / f"{contract}.json").read_text(encoding="utf-8"))
    return list(artifact["sources"])


def tests_pass(workspace: Path) -> bool:
    """Whether no unit test notices anything."""
    environment = {
        **os.environ,
        "FOUNDRY_SOLC": str(_compiler()),
        "FOUNDRY_OPTIMIZER": "false",
        "FOUNDRY_DISABLE_NIGHTLY_WARNING": "1",
    }
    command = [str(foundry_binary("forge")), "test", "--match-test", "^test_", "--fail-fast"]
    done = subprocess.run(
        command, check=False, cwd=workspace, env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS
    )
    if "Ran " not in done.stdout:
        raise RuntimeError(f"forge ran no test:\n{done.stdout}\n{done.stderr}")
    return done.returncode == 0


def explained() -> set[str]:
    """Keys of the table of survivors in docs/contracts.md."""
    rows = re.findall(r"^\| (\w+\.\w+: `.*) \| [^|]+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return set(rows)


def main() -> int:
    """0 where the survivors are exactly those that the page explains."""
    parser = argparse.ArgumentParser(prog="python -m tests.contracts.mutate", description="Mutants of the contracts.")
    parser.add_argument("--contract", choices=sorted(TARGETS), action="append", help="only this one's mutants")
    parser.add_argument("--only", default="", metavar="REGEX", help="only mutants whose key has a match")
    parser.add_argument("--sample", type=int, metavar="N", help="N of them, always the same")
    parser.add_argument("--list", action="store_true", help="name the mutants, run nothing")
    options = parser.parse_args()
    chosen = [
        each for name in options.contract or TARGETS for each in mutants(name) if re.search(options.only, each.key)
    ]
    if options.sample is not None:
        chosen = sorted(chosen, key=lambda each: hashlib.sha256(each.key.encode()).digest())[: options.sample]
    if options.list:
        print(*(each.key for each in chosen), sep="\n")
        return 0
    counts = {"killed": 0, "stillborn": 0, "survived": 0}
    survivors, killed = set[str](), set[str]()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        prepare(workspace)
        originals = {name: compiled(name) for name in TARGETS}
        for name, original in originals.items():
            (workspace / "mutant" / f"{name}.json").write_text(original, encoding="utf-8")
        if not tests_pass(workspace):
            print("the tests do not pass without a mutant")
            return 1
        for number, mutant in enumerate(chosen):
            began = time.monotonic()
            place = workspace / "mutant" / f"{mutant.contract}.json"
            try:
                place.write_text(compiled(mutant.contract, mutant), encoding="utf-8")
                fate = "survived" if tests_pass(workspace) else "killed"
            except SolcError:
                fate = "stillborn"
            place.write_text(originals[mutant.contract], encoding="utf-8")
            counts[fate] += 1
            {"survived": survivors, "killed": killed}.get(fate, set()).add(mutant.key)
            print(f"{number + 1}/{len(chosen)} {fate} {time.monotonic() - began:.0f} s {mutant.key}", flush=True)
    print(counts)
    known = explained()
    for key in sorted(survivors - known):
        print(f"not explained: {key}")
    for key in sorted(known & killed):
        print(f"explained, but killed: {key}")
    return 1 if survivors - known or known & killed else 0


if __name__ == "__main__":
    sys.exit(main())
