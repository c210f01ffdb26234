"""``tanlu epoch``: what chain, log and witness say about the epoch, and carrying the two over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from eth_utils.address import to_canonical_address

from attestation.typed_data import Domain
from ledger import epochs
from ledger.chain.finality import Finality, finality_from_setting
from ledger.chain.rpc import Rpc
from ledger.db.base import Database
from ledger.epochs import Standing
from ledger.errors import StoreUnavailable
from ledger.trust import parse as parse_trust
from ledger.witness.core import WitnessState
from ledger.witness.service import reset_epoch
from ledger.witness.store import parse_state
from tanlu.cli.console import CommandRefused, console
from tanlu.cli.witness import CONFIG_NAME, read_config
from tanlu.home import DEFAULT_FINALITY, DEFAULT_RPC, database_url, file_of, home_of, setting

_SQLITE = "sqlite:///"

_home = click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
_folder = click.option(
    "--folder", type=click.Path(path_type=Path), help="The witness's folder; default: witness in the home. 见证人目录"
)
_rpc = click.option("--rpc", "rpc_url", metavar="URL", help="JSON-RPC of the chain (TANLU_RPC_URL). 链节点地址")
_finality = click.option("--finality", metavar="RULE", help="When a block is final (TANLU_FINALITY). 最终性规则")


@click.group()
def command() -> None:
    """Carry log and witness into the chain's new epoch. 进入新纪元

    An epoch ends on chain, by two persons of different bodies and after a delay. Log and witness follow by this
    command, each on its own machine, and only as far as the chain has gone.
    """


@command.command()
@_home
@_folder
@_rpc
def status(*, home: Path | None, folder: Path | None, rpc_url: str | None) -> None:
    """Show where chain, log and witness stand. 显示链、日志与见证人的纪元"""
    parts = _Parts.of(home_of(home), folder, rpc_url, None, None)
    with parts.chain() as rpc:
        chain, waiting = epochs.chain_standing(rpc, parts.domain), epochs.pending(rpc, parts.domain)
    data: dict[str, object] = {"chain": _members(chain), "pending": None, "log": None, "witness": None}
    lines = [("chain", "链", chain)]
    if parts.url is not None:
        with _database(parts.url) as database:
            log = epochs.log_standing(database, parts.origin)
        data["log"] = _members(log)
        lines.append(("log", "日志", log))
    state = parts.witness_state()
    if state is not None:
        witness = Standing(state.epoch, state.size, state.root)
        data["witness"] = _members(witness)
        lines.append(("witness", "见证人", witness))
    english = [f"{name}: epoch {each.epoch}, size {each.size}, root {each.root.hex()}" for name, _, each in lines]
    chinese = [f"{name}：纪元 {each.epoch}，大小 {each.size}，根 {each.root.hex()}" for _, name, each in lines]
    if waiting is not None:
        data["pending"] = {
            "epoch": waiting.epoch,
            "size": waiting.size,
            "root": waiting.root.hex(),
            "opens_at": waiting.opens_at,
            "expires_at": waiting.expires_at,
        }
        english.append(f"proposed: epoch {waiting.epoch} from size {waiting.size}, opens at {waiting.opens_at}")
        chinese.append(f"已提议：纪元 {waiting.epoch}，自大小 {waiting.size} 起，可开启于 {waiting.opens_at}")
    console().result(data, "\n".join(english), "\n".join(chinese))


@command.command()
@_home
@_folder
@_rpc
@_finality
@click.option("--only", type=click.Choice(("log", "witness")), help="Carry over one of the two. 只处理其一")
def adopt(
    *, home: Path | None, folder: Path | None, rpc_url: str | None, finality: str | None, only: str | None
) -> None:
    """Carry log and witness into the chain's epoch. 日志与见证人进入链上的新纪元

    Stop the witness first; the service may run, and shows a head of the new epoch at once. Refused where no final block
    holds a later epoch, and where the log does not extend the head that the epoch starts from. Nothing is changed then.
    """
    parts = _Parts.of(home_of(home), folder, rpc_url, finality, only)
    with parts.chain() as rpc:
        chain = epochs.final_standing(rpc, parts.domain, parts.finality)
    state, moved = parts.witness_state(), []
    # Everything is judged before anything is changed.
    witness_behind = state is not None and state.epoch < chain.epoch
    log_behind = False
    if parts.url is not None:
        with _database(parts.url) as database:
            log_behind = epochs.check_log(database, parts.origin, chain)
    if not (witness_behind or log_behind):
        raise epochs.not_open(chain, "witness" if parts.url is None else "log", chain.epoch)
    if witness_behind:
        reset_epoch(parts.state_path, parts.origin, chain.epoch, chain.size, chain.root)
        moved.append("witness")
    if log_behind and parts.url is not None:
        with _database(parts.url) as database:
            epochs.adopt_log(database, parts.origin, chain)
        moved.append("log")
    console().result(
        {**_members(chain), "adopted": moved},
        f"{' and '.join(moved)} entered epoch {chain.epoch}, from size {chain.size}, root {chain.root.hex()}",
        f"{'、'.join(moved)} 已进入纪元 {chain.epoch}，自大小 {chain.size}，根 {chain.root.hex()}",
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What this machine has of an installation. ``url``: the log's database, ``folder``: the witness's, if here."""

    origin: str
    domain: Domain
    finality: Finality
    rpc_url: str
    url: str | None
    folder: Path | None

    @classmethod
    def of(cls, home: Path, folder: Path | None, rpc_url: str | None, finality: str | None, only: str | None) -> _Parts:
        place = folder or home / "witness"
        has_witness = only != "log" and (folder is not None or (place / CONFIG_NAME).is_file())
        trust_path = file_of(home, "TRUST_FILE", "trust.json")
        has_log = only != "witness" and trust_path.is_file()
        if has_log:
            trust = parse_trust(trust_path.read_bytes())
            origin, domain = trust.log, trust.checkpoint_domain
        elif has_witness:
            config = read_config(place)
            contract, deployment = to_canonical_address(config.evidence_log), bytes.fromhex(config.deployment_id)
            origin, domain = config.log, Domain(config.chain_id, contract, deployment)
        else:
            raise CommandRefused(
                "epoch.nothing_here",
                home,
                "a home with trust.json, or the folder of a witness",
                f"There is neither a log nor a witness in {home}; --home or --folder names one.",
                f"{home} 中既没有日志也没有见证人；请用 --home 或 --folder 指定。",
            )
        return cls(
            origin,
            domain,
            _finality_of(home, finality),
            rpc_url or setting(home, "RPC_URL") or DEFAULT_RPC,
            database_url(home) if has_log else None,
            place if has_witness else None,
        )

    @contextmanager
    def chain(self) -> Iterator[Rpc]:
        """The chain's node."""
        rpc = Rpc(self.rpc_url)
        try:
            yield rpc
        finally:
            rpc.close()

    @property
    def state_path(self) -> Path:
        """The witness's state file."""
        if self.folder is None:
            raise RuntimeError("there is no witness here")
        return self.folder / read_config(self.folder).state_file

    def witness_state(self) -> WitnessState | None:
        """What the witness cosigned last, if it is here. Raises CommandRefused, WitnessStateInvalid."""
        if self.folder is None:
            return None
        try:
            state = parse_state(self.state_path.read_bytes())
        except OSError as error:
            raise CommandRefused(
                "epoch.witness_state",
                self.state_path,
                "the witness's state file",
                f"The witness's state cannot be read: {error.strerror}",
                f"无法读取见证人的状态：{error.strerror}",
            ) from error
        if state.origin != self.origin:
            raise CommandRefused(
                "epoch.witness_log",
                state.origin,
                self.origin,
                "This witness watches another log.",
                "该见证人监视的是另一个日志。",
            )
        return state


def _finality_of(home: Path, given: str | None) -> Finality:
    text = given or setting(home, "FINALITY") or DEFAULT_FINALITY
    name, _, argument = text.partition(":")
    try:
        return finality_from_setting(f"{name}:{home / argument}" if name == "anvil-state" else text)
    except ValueError as error:
        raise CommandRefused(
            "epoch.finality",
            text,
            "finalized, confirmations:N or anvil-state:FILE",
            f"{text} is no rule of finality.",
            f"{text} 不是最终性规则。",
        ) from error


@contextmanager
def _database(url: str) -> Iterator[Database]:
    # A file that is not there would be made, empty.
    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).is_file():
        raise StoreUnavailable(
            "There is no database.",
            rule="store.unavailable",
            value=url,
            expected="the log's database (TANLU_DATABASE_URL)",
            message_zh="数据库不存在。",
        )
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _members(standing: Standing) -> Mapping[str, object]:
    return {"epoch": standing.epoch, "size": standing.size, "root": standing.root.hex()}
