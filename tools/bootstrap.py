"""Make this folder ready to run: Python environment, hashed dependencies, the project itself, Node.js, npm packages.

    python3 tools/bootstrap.py PROFILE [-- COMMAND ...]

PROFILE is `run` (what `make demo` needs), `dev` (tests and tools too), `lint` or `prove` (and Slither, or the prover,
in an environment of its own). With a COMMAND, that is run afterwards in the environment, and the time to install and
the time to run are printed apart.

Standard library only, and syntax that an old Python can read: it must be able to say that the Python is too old. What
is done is remembered by stamps that carry the hash of the lock, so a second call does nothing. An environment in which
an installation was interrupted is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
VENV = ROOT / ".venv"
SLITHER_VENV = ROOT / ".venv-slither"
PROVE_VENV = ROOT / ".venv-prove"
OLDEST_PYTHON = (3, 11)
PROFILES = {"run": ("run.txt", "build.txt"), "dev": ("dev.txt",), "lint": ("dev.txt",), "prove": ("dev.txt",)}
# The end of pip's output that is worth showing when it fails.
LAST_LINES = 12
NETWORK_WORDS = ("Max retries", "Connection", "Temporary failure", "Name or service", "timed out", "Network", "SSL")


class Refusal(Exception):
    """Something is missing; the message says what, in English and Chinese."""


def say(line: str) -> None:
    print(line, flush=True)


def main(arguments: list[str]) -> int:
    command = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    profiles = arguments[: arguments.index("--")] if command else arguments
    if len(profiles) != 1 or profiles[0] not in PROFILES:
        say(f"usage: bootstrap.py {'|'.join(PROFILES)} [-- COMMAND ...]")
        return 2
    begun = time.monotonic()
    try:
        with Path(__file__).open("rb") as lock:
            # One at a time: two of them would write into the same environment.
            fcntl.flock(lock, fcntl.LOCK_EX)
            changed = prepare(profiles[0])
    except Refusal as refusal:
        say(f"bootstrap: {refusal}")
        return 1
    installed = time.monotonic() - begun
    say(f"installed 安装完成: {installed:.1f} s" if changed else f"already installed 已安装 ({installed:.1f} s)")
    if not command:
        return 0
    begun = time.monotonic()
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    status = subprocess.call(command, cwd=str(ROOT), env=dict(os.environ, PATH=path, VIRTUAL_ENV=str(VENV)))
    say(f"install time 安装用时: {installed:.1f} s · run time 运行用时: {time.monotonic() - begun:.1f} s")
    return status


def prepare(profile: str) -> bool:
    """Do what is not done yet; whether anything was."""
    changed = environment(VENV, PROFILES[profile], profile)
    changed |= project()
    changed |= node()
    changed |= npm(production=profile == "run")
    if profile == "lint":
        changed |= environment(SLITHER_VENV, ("slither.txt",), "slither")
    if profile == "prove":
        changed |= environment(PROVE_VENV, ("prove.txt",), "prover")
    return changed


def environment(venv: Path, locks: tuple[str, ...], profile: str) -> bool:
    """A virtual environment with exactly what the locks name."""
    digest = hashlib.sha256(b"".join((LOCKS / name).read_bytes() for name in locks)).hexdigest()
    stamp, busy = venv / f".tanlu-{profile}", venv / ".tanlu-busy"
    works = pip_works(venv)
    if works and not busy.exists() and read(stamp) == digest:
        return False
    # What the tests need contains what the demo needs.
    dev = hashlib.sha256((LOCKS / "dev.txt").read_bytes()).hexdigest()
    if works and not busy.exists() and profile in ("run", "lint", "prove") and read(venv / ".tanlu-dev") == dev:
        return False
    if not works or busy.exists():
        if venv.exists():
            say(f"{venv.name} is incomplete and is made anew 环境不完整，重新创建")
            shutil.rmtree(str(venv))
        python = find_python()
        say(f"· Python environment {venv.name} with {python} 创建 Python 环境")
        run([python, "-m", "venv", str(venv)], "the virtual environment could not be made 无法创建虚拟环境", venv_hint)
    busy.touch()
    install(venv, locks)
    (venv / f".tanlu-{'dev' if profile in ('lint', 'prove') else profile}").write_text(digest)
    busy.unlink()
    return True


def install(venv: Path, locks: tuple[str, ...]) -> None:
    """`pip install --require-hashes` of each lock, with progress."""
    for name in locks:
        lines = (LOCKS / name).read_text().splitlines()
        count = sum("==" in line and not line.startswith((" ", "#")) for line in lines)
        say(f"· {count} Python packages of requirements/{name} 安装 Python 依赖")
        command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
        command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", str(LOCKS / name)]
        run(command, "pip could not install the locked packages 无法安装 Python 依赖", network_hint, count)


def project() -> bool:
    """The project itself, editable: one path entry and the command `tanlu`. Its build backend is locked too."""
    stamp = VENV / ".tanlu-project"
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if read(stamp) == digest and (VENV / "bin" / "tanlu").exists():
        return False
    say("· the project itself 安装本项目")
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index"]
    command += ["--disable-pip-version-check", "--no-input", "-q", "-e", str(ROOT)]
    run(command, "the project could not be installed 无法安装本项目", network_hint)
    stamp.write_text(digest)
    return True


def node() -> bool:
    """Node.js from PyPI where the machine has none that is recent enough, or one without npm."""
    python = str(VENV / "bin" / "python")
    find = [python, "-c", "from ganache.npm import npm_command; npm_command()"]
    if subprocess.run(find, cwd=str(ROOT), stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return False
    say("· Node.js from PyPI: this machine has none that serves 从 PyPI 安装 Node.js")
    install(VENV, ("node.txt",))
    run(find, "Node.js from PyPI does not run here PyPI 的 Node.js 无法运行", network_hint)
    return True


def npm(production: bool) -> bool:
    """The chain engines, and for development the compiler and the contract tools."""
    command = [str(VENV / "bin" / "python"), "-m", "ganache.install"] + (["--production"] if production else [])
    if subprocess.run([*command, "--check"], cwd=str(ROOT), stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return False
    say("· npm packages: chain engines 安装链节点" + ("" if production else ", compiler, contract tools 及合约工具"))
    run(command, "the npm packages could not be installed 无法安装 npm 依赖", network_hint)
    return True


def find_python() -> str:
    """An interpreter that is recent enough: 3.11, which the tests run on, before newer ones."""
    found = []
    for name in ("python3.11", sys.executable, "python3.12", "python3.13", "python3.14", "python3"):
        path = shutil.which(name)
        if path is None:
            continue
        probe = subprocess.run(
            [path, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=False
        )
        if probe.returncode != 0:
            continue
        version = tuple(int(part) for part in probe.stdout.split())
        if version >= OLDEST_PYTHON:
            return path
        found.append("{} {}.{}".format(name, *version))
    raise Refusal(
        "Python 3.11 or newer is needed; found {}. 需要 Python 3.11 或更新版本".format(", ".join(found) or "none")
    )


def pip_works(venv: Path) -> bool:
    """Whether the environment is there, its interpreter too, and pip in it."""
    python = venv / "bin" / "python"
    if not python.exists():
        return False
    command = [str(python), "-c", "import pip, sys; sys.exit(sys.version_info[:2] < (3, 11))"]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def run(command: list[str], failure: str, hint: Callable[[str], str], packages: int = 0) -> None:
    """Run, showing how many packages pip has collected; on failure say the step, the last lines, and a likely cause."""
    lines = []
    collected = 0
    with subprocess.Popen(
        command, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if line.startswith(("Collecting", "Requirement already")):
                collected += 1
                if collected % 25 == 0 or collected == packages:
                    say(f"    {collected}/{packages}")
            elif line.startswith("Installing collected"):
                say("    downloaded, installing 已下载，正在安装")
    if process.returncode != 0:
        output = "\n".join("    " + line for line in lines[-LAST_LINES:])
        raise Refusal("\n".join(part for part in (failure, output, hint("\n".join(lines))) if part))


def network_hint(output: str) -> str:
    if any(word in output for word in NETWORK_WORDS):
        return "Is the network or the package index reachable? 请检查网络或软件源设置"
    return ""


def venv_hint(output: str) -> str:
    if "ensurepip" in output or "No module named venv" in output:
        return "Python's venv module is incomplete; on Debian: apt-get install python3-venv 缺少 venv 模块"
    return ""


def read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("interrupted; run it again to continue 已中断，可重新运行")
        sys.exit(130)
