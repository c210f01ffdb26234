"""Deployment as a plan that can be run again at any time, after a kill at any step, on a chain that forgot it.

The deployer account does nothing else, so that its first nonces create the contracts: the same addresses on every fresh
chain. What is left to do is read from the chain each time (code, roles), never from a file:

1. AccessManager, administered by the deployer
2. IdentifierRegistry
3. EvidenceLog
4. EmissionsRegistry, which reads both
5. CarbonLedger, Compliance, which moves its units and reads emissions, and CreditScores
6. Exchange, which keeps units and knows whose they are
7. what the contracts are told belongs to the registrar's role, what moves units by itself to the role of contracts,
   what keeps them to the market's
8. the registrar holds the first, Compliance the second, Exchange the third
9. the exchange remembers that the registrar settles, which makes settling cheaper
10. the governor administers, with a delay
11. the deployer gives up its administration

Whatever is found to be another deployment's stops with :class:`~ledger.chain.errors.DeploymentMismatch`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eth_account.signers.local import LocalAccount

from ledger.chain.addressbook import AddressBook, read_address_book, write_address_book
from ledger.chain.contracts import Deployment, known_errors
from ledger.chain.deploy_parameters import DeploymentParameters
from ledger.chain.deploy_plan import Plan, Step
from ledger.chain.errors import ChainUnavailable, DeploymentFailed, RequestRefused
from ledger.chain.rpc import Rpc, address_text
from ledger.chain.signing import SignedTransaction, account_address, current_fee, sign

__all__ = ["DeploymentParameters", "ensure_deployed", "is_deployed", "top_up"]

_LOG = logging.getLogger(__name__)
_TRANSFER_GAS = 21_000
_POLL = 0.05
DEADLINE = 120.0
"""Seconds for a whole deployment."""


@dataclass(frozen=True, slots=True)
class Funding:
    """Who pays for accounts that have nothing, on chains where gas costs: each is topped up to ``amount`` wei."""

    account: LocalAccount
    amount: int = 10**20


def ensure_deployed(
    rpc: Rpc,
    parameters: DeploymentParameters,
    deployer: LocalAccount,
    book_path: Path,
    *,
    funding: Funding | None = None,
    deadline: float = DEADLINE,
    on_step: Callable[[str], None] | None = None,
) -> Deployment:
    """Make the chain hold this deployment, and say where it stands.

    Parameters
    ----------
    parameters
        Deployment id, chain id, cosigners, approvers, registrar, governor.
    deployer
        An account used for nothing else.
    book_path
        The address book; written when complete, checked if there.
    funding
        Pays for deployer and registrar on development chains.
    deadline
        Seconds for everything.
    on_step
        Told the name of each step when its transaction is on chain.

    Raises
    ------
    WrongChain
        Another chain id.
    DeploymentMismatch
        The book or the chain holds another deployment.
    DeploymentFailed
        A step reverted, or the deployer account was used for something else.
    ChainUnavailable
        No answer, or not done within the deadline; call again.
    """
    rpc.require_chain(parameters.chain_id)
    plan = Plan(rpc, parameters, account_address(deployer))
    book = read_address_book(book_path)
    if book is not None:
        plan.check_book(book)
    until = time.monotonic() + deadline
    if funding is not None:
        for address in (plan.deployer, parameters.registrar):
            top_up(rpc, funding, parameters.chain_id, address, until=until)
    while True:
        _settle(rpc, plan.deployer, until)
        step = plan.next_step()
        if step is None:
            break
        _run(rpc, plan, step, deployer, until)
        _LOG.info("deployment: %s", step.name)
        if on_step is not None:
            on_step(step.name)
    plan.check_parameters()
    complete: AddressBook = plan.book(book)
    if complete != book:
        write_address_book(book_path, complete)
    return complete.deployment()


def is_deployed(rpc: Rpc, deployment: Deployment) -> bool:
    """Whether all contracts of a deployment are still there; cheap, for every round of the relayer."""
    return all(rpc.code(address) for address in deployment.addresses.values())


def _run(rpc: Rpc, plan: Plan, step: Step, deployer: LocalAccount, until: float) -> None:
    nonce = rpc.nonce(plan.deployer)
    if step.nonce is not None and nonce != step.nonce:
        raise DeploymentFailed(
            f"the deployer account cannot make {step.name}: it was used for something else",
            rule="deployment.nonce",
            value=f"nonce {nonce} of {address_text(plan.deployer)}",
            expected=f"nonce {step.nonce}",
            message_zh="部署账户曾用于其他用途",
        )
    try:
        gas = rpc.estimate_gas(plan.deployer, step.to, step.data)
    except RequestRefused as error:
        reason = known_errors().decoded(error)
        raise _failed(step, reason.reason) from reason
    signed = sign(
        deployer,
        chain_id=plan.parameters.chain_id,
        nonce=nonce,
        fee=current_fee(rpc),
        gas=gas * 5 // 4,
        to=step.to,
        data=step.data,
    )
    if not _send(rpc, signed, until):
        return
    receipt = rpc.wait_for_receipt(signed.hash, deadline=max(0.0, until - time.monotonic()))
    if not receipt.succeeded:
        raise _failed(step, f"reverted in block {receipt.block_number}")


def _send(rpc: Rpc, signed: SignedTransaction, until: float) -> bool:
    """Hand over a transaction; ``False`` if another run of this deployment was faster with this nonce."""
    try:
        rpc.send_raw(signed.raw)
    except RequestRefused as error:
        if not (error.is_nonce_used or error.is_underpriced):
            raise
        if time.monotonic() >= until:
            raise
        time.sleep(_POLL)
        return False
    return True


def _settle(rpc: Rpc, address: bytes, until: float) -> None:
    """Wait for transactions that an earlier run left on their way: they are steps of the same plan."""
    while rpc.nonce(address) < rpc.nonce(address, "pending"):
        if time.monotonic() >= until:
            raise ChainUnavailable(
                "the chain does not mine the deployment's transactions",
                rule="deployment.deadline",
                value=address_text(address),
                expected="a block before the deadline",
                message_zh="链未在期限内打包部署交易",
            )
        time.sleep(_POLL)


def top_up(rpc: Rpc, funding: Funding, chain_id: int, address: bytes, *, until: float | None = None) -> None:
    """Give ``address`` what it lacks, if that is more than half of ``funding.amount``; on chain when this returns.

    ``until`` (``time.monotonic``): when to give up, ``DEADLINE`` from now by default. Raises ``ChainUnavailable``.
    """
    until = time.monotonic() + DEADLINE if until is None else until
    payer = account_address(funding.account)
    missing = funding.amount - rpc.balance(address)
    # Half is plenty: topping up the last wei before every start would be a transaction each time.
    if address == payer or missing <= funding.amount // 2:
        return
    while True:
        signed = sign(
            funding.account,
            chain_id=chain_id,
            nonce=rpc.nonce(payer, "pending"),
            fee=current_fee(rpc),
            gas=_TRANSFER_GAS,
            to=address,
            value=missing,
        )
        if _send(rpc, signed, until):
            rpc.wait_for_receipt(signed.hash, deadline=max(0.0, until - time.monotonic()))
            return


def _failed(step: Step, reason: str) -> DeploymentFailed:
    return DeploymentFailed(
        f"deployment step failed: {step.name}",
        rule="deployment.step",
        value=reason,
        expected="a transaction that succeeds",
        message_zh="部署步骤失败",
    )
