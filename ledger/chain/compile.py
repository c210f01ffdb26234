"""Compile the contracts to the artifacts that are committed as package data, and prove them equal to a fresh compile.

``python -m ledger.chain.compile`` writes ``ledger/chain/artifacts/*.json``; ``--check`` compiles afresh and compares.
Running the ledger needs no compiler. This module needs one, and a checkout with ``ganache/node_modules``: OpenZeppelin.

An artifact holds ``contractName``, ``sourceName``, ``abi``, ``bytecode`` and ``deployedBytecode`` (0x hexadecimal),
``immutableReferences`` (byte ranges in the deployed bytecode that the constructor fills in, one list per immutable),
``compiler`` (version and settings) and ``sources`` (SHA-256 of every file that was compiled). It names no path outside
the project and no platform: the same sources give the same bytes everywhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import posixpath
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import solcx
from packaging.version import Version
from solcx.exceptions import SolcError
from solcx.wrapper import get_solc_version

__all__ = [
    "ARTIFACTS",
    "CONTRACTS",
    "SETTINGS",
    "CompileError",
    "Stale",
    "build",
    "check",
    "find_compiler",
    "main",
    "settings_of",
]

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = Path(__file__).resolve().parent / "artifacts"
COMPILER_VERSION = "0.8.30"

_OPENZEPPELIN = "@openzeppelin/contracts/"
_OPENZEPPELIN_HOME = "ganache/node_modules/@openzeppelin/contracts/"

CONTRACTS: Mapping[str, str] = {
    "AccessManager": _OPENZEPPELIN_HOME + "access/manager/AccessManager.sol",
    "CarbonLedger": "contracts/CarbonLedger.sol",
    "Compliance": "contracts/Compliance.sol",
    "CreditScores": "contracts/CreditScores.sol",
    "EmissionsRegistry": "contracts/EmissionsRegistry.sol",
    "EvidenceLog": "contracts/EvidenceLog.sol",
    "Exchange": "contracts/Exchange.sol",
    "IdentifierRegistry": "contracts/IdentifierRegistry.sol",
}
"""Contract name → source unit, as Forge names it too: relative to the project."""

SETTINGS: Mapping[str, Any] = {
    "evmVersion": "paris",
    "metadata": {"appendCBOR": False, "bytecodeHash": "none"},
    "optimizer": {"enabled": True, "runs": 20000},
    "remappings": [f"{_OPENZEPPELIN}={_OPENZEPPELIN_HOME}"],
}
"""Standard JSON settings; ``foundry.toml`` says the same in its own words."""

_OWN_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "Exchange": {"optimizer": {"enabled": True, "runs": 800}, "viaIR": True},
}
"""What a contract is compiled with besides. The exchange would be above EIP-170's 24,576 bytes by the shorter way."""

_OUTPUT = ("abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences")
_IMPORT = re.compile(r"^\s*import\s[^;]*?\"([^\"]+)\"\s*;", re.MULTILINE)


class CompileError(Exception):
    """No usable compiler or source, or the compiler refused. ``rule``: a stable dotted code."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(f"{rule}: {message}")
        self.rule = rule


class Stale(CompileError):
    """A committed artifact is not what a fresh compile gives."""


def find_compiler(environment: Mapping[str, str] = os.environ) -> Path:
    """The solc 0.8.30 to use: ``$SOLC``, else one that py-solc-x has, else the pinned npm one (``ganache/solc``).

    Raises
    ------
    CompileError
        None of them is there, or the chosen one is of another version.
    """
    named = environment.get("SOLC")
    if named:
        compiler = Path(named)
    elif Version(COMPILER_VERSION) in solcx.get_installed_solc_versions():
        compiler = Path(solcx.install.get_executable(COMPILER_VERSION))
    else:
        compiler = ROOT / "ganache" / "solc"
    _version(compiler)
    return compiler


def settings_of(contract: str) -> dict[str, Any]:
    """The standard JSON settings that a contract is compiled with."""
    return {**SETTINGS, **_OWN_SETTINGS.get(contract, {})}


def build(compiler: Path | None = None) -> dict[str, str]:
    """Compile all contracts. Answers file name → the text the artifact must have.

    Raises
    ------
    CompileError
        No compiler, an import that is not there, or errors or warnings of the compiler.
    """
    compiler = compiler or find_compiler()
    version = _version(compiler)
    shared = {contract: unit for contract, unit in CONTRACTS.items() if contract not in _OWN_SETTINGS}
    alone = [{contract: CONTRACTS[contract]} for contract in CONTRACTS if contract in _OWN_SETTINGS]
    return {name: text for each in (shared, *alone) for name, text in _compiled(each, compiler, version)}


def _compiled(contracts: Mapping[str, str], compiler: Path, version: str) -> Iterator[tuple[str, str]]:
    """File name and text of artifacts of contracts with the same settings."""
    sources = _closure(contracts.values())
    settings = settings_of(next(iter(contracts)))
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**settings, "outputSelection": {unit: {name: list(_OUTPUT)} for name, unit in contracts.items()}},
    }
    try:
        answer = solcx.compile_standard(request, solc_binary=compiler)
    except SolcError as error:
        raise CompileError("compile.refused", error.message) from error
    # A warning that everybody has learnt to overlook hides the next one.
    if answer.get("errors"):
        raise CompileError("compile.warnings", "\n".join(item["formattedMessage"] for item in answer["errors"]))
    for contract, unit in contracts.items():
        yield f"{contract}.json", _artifact(contract, unit, answer["contracts"][unit][contract], version, sources)


def check(artifacts: Path = ARTIFACTS, compiler: Path | None = None) -> None:
    """Prove that the files in ``artifacts`` are exactly what a fresh compile gives.

    Raises
    ------
    Stale
        Names the first file that differs, is missing, or does not belong there.
    """
    fresh = build(compiler)
    present = {path.name for path in artifacts.glob("*.json")}
    for name in sorted(present - set(fresh)):
        raise Stale("compile.stray", f"{name} belongs to no contract")
    for name, text in sorted(fresh.items()):
        path = artifacts / name
        if name not in present or path.read_bytes() != text.encode():
            raise Stale("compile.stale", f"{name} is not what the sources give; run python -m ledger.chain.compile")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; the exit status is 1 for a stale artifact or a failed compile."""
    parser = argparse.ArgumentParser(prog="python -m ledger.chain.compile", description="Compile the contracts.")
    parser.add_argument("--check", action="store_true", help="compile afresh and compare, write nothing")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            check()
        else:
            ARTIFACTS.mkdir(exist_ok=True)
            for name, text in build().items():
                (ARTIFACTS / name).write_bytes(text.encode())
    except CompileError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{len(CONTRACTS)} artifacts {'are what the sources give' if options.check else 'written'}\n")
    return 0


def _version(compiler: Path) -> str:
    """Version with commit, without the platform, which does not change the output."""
    try:
        version = str(get_solc_version(compiler, with_commit_hash=True))
    except (SolcError, OSError, ValueError) as error:
        raise CompileError("compile.compiler", f"{compiler} is no Solidity compiler: {error}") from error
    if Version(version).base_version != COMPILER_VERSION:
        raise CompileError("compile.compiler-version", f"{compiler} is {version}; expected {COMPILER_VERSION}")
    return version


def _closure(roots: Iterable[str]) -> dict[str, str]:
    """Source unit → text of the roots and everything they import, in order of name."""
    waiting, sources = list(roots), dict[str, str]()
    while waiting:
        unit = waiting.pop()
        if unit in sources:
            continue
        try:
            sources[unit] = (ROOT / unit).read_text(encoding="utf-8")
        except OSError as error:
            raise CompileError("compile.source", f"{unit}: {error.strerror}") from error
        waiting += [_resolve(name, unit) for name in _IMPORT.findall(sources[unit])]
    return dict(sorted(sources.items()))


def _resolve(name: str, importer: str) -> str:
    if name.startswith("."):
        return posixpath.normpath(posixpath.join(posixpath.dirname(importer), name))
    return name.replace(_OPENZEPPELIN, _OPENZEPPELIN_HOME, 1) if name.startswith(_OPENZEPPELIN) else name


def _artifact(contract: str, unit: str, output: Mapping[str, Any], version: str, sources: Mapping[str, str]) -> str:
    deployed = output["evm"]["deployedBytecode"]
    # The compiler keys immutables by AST id, which says nothing outside its own run.
    immutables = sorted(
        sorted(([place["start"], place["length"]] for place in places), key=tuple)
        for places in deployed.get("immutableReferences", {}).values()
    )
    document = {
        "abi": output["abi"],
        "bytecode": "0x" + output["evm"]["bytecode"]["object"],
        "compiler": {"settings": settings_of(contract), "version": version},
        "contractName": contract,
        "deployedBytecode": "0x" + deployed["object"],
        "immutableReferences": immutables,
        "sourceName": unit,
        "sources": {name: hashlib.sha256(sources[name].encode()).hexdigest() for name in _closure([unit])},
    }
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
