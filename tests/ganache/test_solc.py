from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import solcx

from ganache import npm

pytestmark = pytest.mark.node

SOLC = Path(npm.__file__).parent / "solc"
DEADLINE_SECONDS = 60


def compile_source(source: str, folder: Path) -> dict[str, Any]:
    request = {
        "language": "Solidity",
        "sources": {"Subject.sol": {"content": f"// SPDX-License-Identifier: MIT\npragma solidity 0.8.30;\n{source}"}},
        "settings": {"evmVersion": "paris", "outputSelection": {"*": {"*": ["evm.bytecode.object"]}}},
    }
    # Flags that the native compiler knows and callers pass: they change nothing here.
    command = [str(SOLC), "--standard-json", "--allow-paths", ".", "--base-path", str(folder)]
    done = subprocess.run(
        command,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=DEADLINE_SECONDS,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def messages(answer: dict[str, Any]) -> str:
    return " ".join(error["message"] for error in answer.get("errors", []))


def test_py_solc_x_finds_the_pinned_version_and_compiles_with_it() -> None:
    assert str(solcx.wrapper.get_solc_version(SOLC)) == "0.8.30"
    request = {
        "language": "Solidity",
        "sources": {"A.sol": {"content": "pragma solidity 0.8.30; contract A {}"}},
        "settings": {"outputSelection": {"*": {"*": ["abi"]}}},
    }
    assert solcx.compile_standard(request, solc_binary=str(SOLC))["contracts"]["A.sol"]["A"]["abi"] == []


def test_imports_come_from_the_npm_tree_and_from_contracts(tmp_path: Path) -> None:
    answer = compile_source(
        'import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol"; contract Subject {}', tmp_path
    )
    assert messages(answer) == ""
    assert "@openzeppelin/contracts/utils/cryptography/ECDSA.sol" in answer["contracts"]


def test_an_import_from_outside_is_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "Outside.sol"
    outside.write_text("// SPDX-License-Identifier: MIT\npragma solidity 0.8.30; contract Outside {}")
    up = os.path.relpath(outside, SOLC.parent / "node_modules")
    for name in (str(outside), up):
        answer = compile_source(f'import "{name}"; contract Subject {{}}', tmp_path)
        assert "not found below" in messages(answer)


def test_an_output_larger_than_a_pipe_arrives_whole(tmp_path: Path) -> None:
    body = " ".join(
        f"function f{n}(uint256 a) external pure returns (uint256) {{ return a + {n}; }}" for n in range(400)
    )
    answer = compile_source(f"contract Subject {{ {body} }}", tmp_path)
    assert len(answer["contracts"]["Subject.sol"]["Subject"]["evm"]["bytecode"]["object"]) > 65_536


def test_another_call_is_refused_with_what_it_can_do() -> None:
    done = subprocess.run(
        [str(SOLC), "--bin", "A.sol"], capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False
    )
    assert done.returncode == 2
    assert "--version and --standard-json only" in done.stderr


def test_it_says_so_when_there_is_no_node(tmp_path: Path) -> None:
    alone = tmp_path / "ganache"
    alone.mkdir()
    (alone / "solc").write_bytes(SOLC.read_bytes())
    (alone / "solc").chmod(0o755)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "dirname", "readlink"):
        (tools / tool).symlink_to(f"/bin/{tool}")
    done = subprocess.run(
        [str(alone / "solc"), "--version"],
        env={"PATH": str(tools)},
        check=False,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    assert done.returncode == 127
    assert "no Node.js >= 18" in done.stderr
