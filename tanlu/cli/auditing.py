"""What auditing and exporting share: trust file and deployment of a home, and how far the work is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ledger.chain.addressbook import AddressBook
from ledger.chain.contracts import Deployment
from ledger.trust import Trust
from ledger.trust import parse as parse_trust
from tanlu.cli.console import CommandRefused, Console, is_terminal
from tanlu.home import file_of

_STEPS = {
    "tables": ("tables", "数据表"),
    "log": ("entries", "条目"),
    "blocks": ("blocks", "区块"),
    "chain": ("blocks projected", "区块（投影）"),
    "write": ("steps of writing", "写入步骤"),
}


def trust_at(path: Path) -> Trust:
    """The trust file at a path. Raises ``CommandRefused`` where there is none."""
    try:
        return parse_trust(path.read_bytes())
    except OSError as error:
        raise CommandRefused(
            "audit.trust",
            path,
            "a trust file; --trust names it, --home the folder of an installation (of the demo's: build/demo/home)",
            f"There is no trust file at {path}: {error.strerror}",
            f"{path} 处没有信任文件：{error.strerror}",
            expected_zh="信任文件；用 --trust 指定，或用 --home 指定安装目录（演示的目录为 build/demo/home）",
        ) from error


def deployment_at(home: Path) -> Deployment | None:
    """The address book of a home, if it has one."""
    path = file_of(home, "DEPLOYMENT_FILE", "deployment.json")
    return AddressBook.from_json(path.read_text()).deployment() if path.is_file() else None


def said_progress(out: Console) -> Callable[[str, int, int], None]:
    """Says how far the work is: each percent to a person who watches, each tenth to a file."""
    step = 1 if is_terminal() else 10
    said: dict[str, int] = {}

    def progress(name: str, done: int, every: int) -> None:
        percent = 100 if every == 0 else done * 100 // every
        if percent // step > said.get(name, -1):
            said[name] = percent // step
            english, chinese = _STEPS.get(name, (name, name))
            out.note(f"{done} of {every} {english}", f"已核对 {done}/{every} {chinese}")

    return progress
