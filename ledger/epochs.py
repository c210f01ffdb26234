"""From one epoch to the next: what the chain says in a final block, and the log that is carried over.

Two persons of different bodies decide on chain (``EvidenceLog``); nothing here can. What is carried over must extend
the head that the chain's epoch stands at, whatever became of the epoch before.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from attestation.typed_data import Domain
from ledger.chain.contracts import EvidenceLog
from ledger.chain.errors import DeploymentMismatch
from ledger.chain.finality import Finality
from ledger.chain.rpc import BlockTag, Rpc, address_text
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.db.log_models import LogState
from ledger.errors import ChainUnavailable, EpochNotOpen, StoreRefused
from ledger.held_heads import HeldHead, require_extends
from ledger.merkle import EMPTY_ROOT
from ledger.view import integrated_tree


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: epoch, size in leaves, root (32 bytes)."""

    epoch: int
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Pending:
    """An epoch that two persons proposed. Times are unix seconds by the chain's blocks."""

    epoch: int
    size: int
    root: bytes
    opens_at: int
    expires_at: int


def chain_standing(rpc: Rpc, domain: Domain, block: BlockTag = "latest") -> Standing:
    """The contract's head in a block.

    Raises ``WrongChain``, ``DeploymentMismatch`` for a contract of another deployment or none, ``ChainUnavailable``.
    """
    rpc.require_chain(domain.chain_id)
    log = EvidenceLog(rpc, domain.verifying_contract)
    found = log.deployment_id() if rpc.code(domain.verifying_contract) else b""
    if found != domain.salt:
        raise DeploymentMismatch(
            "the contract at the address of the evidence log is another one, or none",
            rule="epoch.contract",
            value=f"{address_text(domain.verifying_contract)}: deployment {found.hex() or 'none'}",
            expected=f"deployment {domain.salt.hex()}",
            message_zh="证据日志地址处的合约属于其他部署或不存在",
        )
    epoch, size, root = log.view("head", block=block)
    return Standing(int(epoch), int(size), bytes(root) if size else EMPTY_ROOT)


def final_standing(rpc: Rpc, domain: Domain, finality: Finality) -> Standing:
    """The contract's head in the newest final block: an epoch that a reorg could take back is not entered.

    Raises as ``chain_standing``, and ``ChainUnavailable`` while nothing is final.
    """
    rpc.require_chain(domain.chain_id)
    final = finality.final_block(rpc)
    if final is None:
        raise ChainUnavailable(
            "No block of the chain is final yet.",
            rule="epoch.final",
            value="nothing",
            expected="a final block that holds the new epoch",
            message_zh="链上尚无最终区块。",
        )
    return chain_standing(rpc, domain, final.number)


def pending(rpc: Rpc, domain: Domain) -> Pending | None:
    """The proposed epoch that waits for its delay, if there is one."""
    (epoch, _, size, _, expiry, root, *_), opens_at = EvidenceLog(rpc, domain.verifying_contract).view("pendingEpoch")
    return Pending(epoch, size, bytes(root) if size else EMPTY_ROOT, opens_at, expiry) if expiry else None


def log_standing(database: Database, origin: str) -> Standing:
    """The log's epoch and integrated tree. Raises ``StoreRefused`` for another log's database."""
    with database.read() as session:
        state = _state(session, origin, lock=False)
        return Standing(state.epoch, state.tree_size, integrated_tree(session).root())


def check_log(database: Database, origin: str, chain: Standing) -> bool:
    """Whether the log is behind ``chain`` and may be carried over.

    Raises ``EpochNotOpen`` where the log is in a later epoch than the chain, ``HistoryDiverged`` where it does not
    extend the head that the epoch stands at, ``StoreRefused`` for another log's database.
    """
    with database.read() as session:
        return _is_behind(session, _state(session, origin, lock=False), chain)


def adopt_log(database: Database, origin: str, chain: Standing) -> bool:
    """Carry the log into the chain's epoch; whether it was behind. Raises as ``check_log``; nothing is changed then."""
    with database.write() as session:
        state = _state(session, origin, lock=True)
        behind = _is_behind(session, state, chain)
        if behind:
            state.epoch = chain.epoch
        return behind


def not_open(chain: Standing, holder: str, epoch: int) -> EpochNotOpen:
    """The refusal where the chain says nothing that would carry ``holder`` further."""
    return EpochNotOpen(
        "The chain has no later epoch in a final block; only two persons of different bodies can open one there.",
        rule="epoch.not_open",
        value=f"{holder} in epoch {epoch}, chain in epoch {chain.epoch}",
        expected=f"a chain in epoch {epoch + 1} or later",
        message_zh="链的最终区块中没有更新的纪元；只有两个不同机构的人员可以在链上开启。",
    )


def _state(session: Session, origin: str, *, lock: bool) -> LogState:
    state = EntryRepository(session).state(lock=lock)
    if state.origin != origin:
        raise StoreRefused(
            "The database holds another log.",
            rule="epoch.origin",
            value=state.origin,
            expected=origin,
            message_zh="数据库中是另一个日志。",
        )
    return state


def _is_behind(session: Session, state: LogState, chain: Standing) -> bool:
    if state.epoch > chain.epoch:
        raise not_open(chain, "log", state.epoch)
    if state.epoch == chain.epoch:
        return False
    require_extends(HeldHead("chain", chain.size, chain.root), session, state)
    return True
