"""Deployment: idempotent, resumable after a kill at any step, the same addresses on every fresh chain, never
another's.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account

from ganache import Engine, development_keys
from ledger.chain import deploy_plan, runtime_code
from ledger.chain.addressbook import read_address_book
from ledger.chain.contracts import (
    ACCESS_MANAGER,
    CARBON_LEDGER,
    COMPLIANCE,
    CREDIT_SCORES,
    EMISSION_NAMES,
    EMISSIONS_REGISTRY,
    EVIDENCE_LOG,
    EXCHANGE,
    FIRST_NAMES,
    IDENTIFIER_REGISTRY,
    NAMES,
    UNIT_NAMES,
    Contract,
    load_artifact,
)
from ledger.chain.deploy import Funding, ensure_deployed, is_deployed
from ledger.chain.deploy_parameters import DeploymentParameters
from ledger.chain.deploy_roles import ADMIN_ROLE, ASSET_CONTRACT_ROLE, CALLS, EXCHANGE_ROLE
from ledger.chain.errors import ChainUnavailable, ContractRefused, DeploymentFailed, DeploymentMismatch, WrongChain
from ledger.chain.outbox import State
from ledger.chain.runtime_code import Release, without_immutables
from ledger.chain.signing import account_address, current_fee, sign

pytestmark = pytest.mark.chain

STEPS = 22
DIRECT = ("settleBilateral", "cancelDirect", "cancelAllDirect", "requestRelease", "completeRelease", "refreshSettler")
"""What is done on the exchange without the market."""


class Killed(Exception):
    """Stands for a kill right after a step's transaction."""


def test_deploying_again_sends_nothing_and_changes_no_byte_of_the_book(world: Any) -> None:
    first = world.deploy()
    book, nonce = world.book.read_bytes(), world.rpc.nonce(account_address(world.deployer))
    steps: list[str] = []
    assert world.deploy(on_step=steps.append) == first
    assert steps == []
    assert world.rpc.nonce(account_address(world.deployer)) == nonce == STEPS
    assert world.book.read_bytes() == book


@pytest.mark.parametrize("killed_after", range(1, STEPS + 1))
def test_a_kill_after_any_step_is_resumed_to_the_same_deployment(world: Any, killed_after: int) -> None:
    done: list[str] = []

    def kill(step: str) -> None:
        done.append(step)
        if len(done) == killed_after:
            raise Killed

    with pytest.raises(Killed):
        world.deploy(on_step=kill)
    assert not world.book.exists()
    deployment = world.deploy(on_step=done.append)
    assert len(done) == len(set(done)) == STEPS
    assert is_deployed(world.rpc, deployment)
    assert read_address_book(world.book) is not None
    assert world.rpc.nonce(account_address(world.deployer)) == STEPS


def test_a_kill_between_sending_and_mining_is_resumed_without_a_second_transaction(world: Any) -> None:
    world.rpc.request("evm_setAutomine", False)
    with pytest.raises(ChainUnavailable, match="not mined"):
        world.deploy(deadline=0.3)
    deployer = account_address(world.deployer)
    assert (world.rpc.nonce(deployer), world.rpc.nonce(deployer, "pending")) == (0, 1)
    world.rpc.request("evm_setAutomine", True)
    world.rpc.request("evm_mine")
    world.deploy()
    assert world.rpc.nonce(deployer) == STEPS


@pytest.mark.parametrize(("kept", "forgotten_after"), [(0, 5), (2, 9), (8, 12), (3, STEPS), (STEPS - 1, STEPS)])
def test_a_chain_that_forgets_while_it_is_deployed_to_gets_what_it_forgot(
    world: Any, kept: int, forgotten_after: int
) -> None:
    done: list[str] = []
    snapshots = [world.snapshot()]

    def forget(step: str) -> None:
        done.append(step)
        snapshots.append(world.snapshot())
        if len(done) == forgotten_after:
            world.revert(snapshots[kept])

    deployment = world.deploy(on_step=forget)
    assert done == done[:forgotten_after] + done[kept:forgotten_after] + done[2 * forgotten_after - kept :]
    assert len(done) == STEPS + forgotten_after - kept
    assert is_deployed(world.rpc, deployment)
    assert world.deploy() == deployment


def test_a_deployment_asks_about_each_call_a_few_times_and_not_after_every_step(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    request = world.rpc.request
    monkeypatch.setattr(world.rpc, "request", lambda method, *given: (asked.append(method), request(method, *given))[1])
    deployment = world.deploy()
    calls = sum(len(selectors) for contracts in CALLS.values() for selectors in contracts.values())
    views = 5 * len(deployment.addresses)
    assert asked.count("eth_call") <= 2 * calls + 2 * views + 4 * STEPS
    assert asked.count("eth_getCode") <= 4 * len(deployment.addresses)


def test_a_chain_back_at_genesis_is_deployed_again_to_the_same_addresses(world: Any) -> None:
    first = world.deploy()
    world.forget_everything()
    assert not is_deployed(world.rpc, first)
    again = world.deploy()
    assert again.addresses == first.addresses
    assert is_deployed(world.rpc, again)


def test_the_book_follows_a_redeployment_in_other_blocks(world: Any) -> None:
    world.deploy()
    world.forget_everything()
    world.rpc.request("anvil_mine", hex(5))
    world.deploy()
    book = read_address_book(world.book)
    assert book is not None
    assert min(entry.block for entry in book.contracts.values()) == 6
    for entry in book.contracts.values():
        assert world.rpc.receipt(entry.tx).contract == entry.address


@pytest.mark.parametrize(
    ("contracts", "steps"),
    [(FIRST_NAMES, 7), (EMISSION_NAMES, 9), (UNIT_NAMES, 17)],
    ids=["before-emissions", "before-units", "before-the-market"],
)
def test_an_older_deployment_is_deployed_as_it_was(world: Any, contracts: tuple[str, ...], steps: int) -> None:
    """Its contracts stand where those of every deployment of this deployer stand; there are fewer."""
    world.parameters = dataclasses.replace(world.parameters, contracts=contracts)
    deployment = world.deploy()
    assert tuple(deployment.addresses) == contracts
    assert (deployment.emissions_domain is None) == (contracts == FIRST_NAMES)
    assert (deployment.ledger_domain is None, deployment.compliance_domain is None) == (contracts != UNIT_NAMES,) * 2
    assert deployment.exchange_domain is None
    assert world.rpc.nonce(account_address(world.deployer)) == steps
    op = world.enrol(world.enterprise())
    world.settle(world.relayer())
    assert world.state(op) is State.MINED
    world.parameters = dataclasses.replace(world.parameters, contracts=NAMES)
    with pytest.raises(DeploymentMismatch, match=r"deployment\.book\.contracts"):
        world.deploy()


def test_what_an_earlier_release_deployed_stands_and_is_gone_on_with(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home whose contracts were compiled by the release before is no other deployment's, book or no book."""
    deployment = world.deploy()
    address, artifact = deployment.addresses[IDENTIFIER_REGISTRY], load_artifact(IDENTIFIER_REGISTRY)
    older = bytearray(world.rpc.code(address))
    older[-1] ^= 1  # never executed: the end of the code
    world.rpc.request("anvil_setCode", "0x" + address.hex(), "0x" + older.hex())
    with pytest.raises(DeploymentMismatch, match=r"deployment\.code"):
        world.deploy()
    code = hashlib.sha256(without_immutables(bytes(older), artifact.immutables)).digest()
    earlier = Release(b"\x0e" * 32, code, artifact.immutables)
    monkeypatch.setattr(runtime_code, "EARLIER", {IDENTIFIER_REGISTRY: (earlier,)})
    monkeypatch.setattr(deploy_plan, "EARLIER", {IDENTIFIER_REGISTRY: (earlier,)})
    for _ in range(2):
        assert world.deploy() == deployment
        book = read_address_book(world.book)
        assert book is not None
        assert book.contracts[IDENTIFIER_REGISTRY].artifact_sha256 == b"\x0e" * 32
    op = world.enrol(world.enterprise())
    world.settle(world.relayer())
    assert world.state(op) is State.MINED
    monkeypatch.setattr(deploy_plan, "EARLIER", {})
    with pytest.raises(DeploymentMismatch, match=r"deployment\.book\.artifacts"):
        world.deploy()


def test_contracts_that_make_no_deployment_are_refused(world: Any) -> None:
    with pytest.raises(ValueError, match="no deployment is"):
        dataclasses.replace(world.parameters, contracts=NAMES[1:])


@pytest.mark.parametrize(
    ("name", "asked", "rule"),
    [
        (EMISSIONS_REGISTRY, IDENTIFIER_REGISTRY, "emissions"),
        (EMISSIONS_REGISTRY, EVIDENCE_LOG, "emissions"),
        (CARBON_LEDGER, IDENTIFIER_REGISTRY, "ledger"),
        (COMPLIANCE, IDENTIFIER_REGISTRY, "compliance"),
        (COMPLIANCE, EMISSIONS_REGISTRY, "compliance"),
        (COMPLIANCE, CARBON_LEDGER, "compliance"),
        (CREDIT_SCORES, IDENTIFIER_REGISTRY, "scores"),
        (EXCHANGE, IDENTIFIER_REGISTRY, "exchange"),
        (EXCHANGE, CARBON_LEDGER, "exchange"),
    ],
)
def test_a_contract_that_asks_another_deployments_is_refused(world: Any, name: str, asked: str, rule: str) -> None:
    """Its code is ours; what it was made to read is in its immutables."""
    deployment = world.deploy()
    artifact, address = load_artifact(name), deployment.addresses[name]
    code = world.rpc.code(address)
    other = code.replace(deployment.addresses[asked], deployment.addresses[ACCESS_MANAGER][::-1])
    assert other != code
    assert artifact.runs_at(other)
    world.rpc.request("anvil_setCode", "0x" + address.hex(), "0x" + other.hex())
    with pytest.raises(DeploymentMismatch, match=rf"deployment\.{rule}\b"):
        world.deploy()


def test_only_the_book_of_obligations_moves_units_by_itself(world: Any) -> None:
    """Calls of role 2 are nobody's but ``Compliance``'s; all others of the ledger of units are the registrar's."""
    addresses = world.deploy().addresses
    manager = Contract(world.rpc, ACCESS_MANAGER, addresses[ACCESS_MANAGER])
    assert manager.view("hasRole", ASSET_CONTRACT_ROLE, addresses[COMPLIANCE]) == (True, 0)
    for account in (world.parameters.registrar, world.parameters.governor, account_address(world.deployer)):
        assert manager.view("hasRole", ASSET_CONTRACT_ROLE, account) == (False, 0)
    ledger = Contract(world.rpc, CARBON_LEDGER, addresses[CARBON_LEDGER])
    account_id = b"\x01" * 32
    calls = (("surrender", account_id, 0x12025, 1), ("carryOver", account_id, 2025, 1), ("expire", account_id, 2025))
    for call in calls:
        for sender in (world.parameters.registrar, world.parameters.governor):
            with pytest.raises(ContractRefused, match="AccessManagedUnauthorized"):
                ledger.try_call(ledger.data(*call), sender=sender)
    assert ledger.try_call(ledger.data("expire", account_id, 2025), sender=addresses[COMPLIANCE]) == bytes(32)


def test_only_the_exchange_keeps_units_of_others(world: Any) -> None:
    """Calls of role 3 are nobody's but ``Exchange``'s."""
    addresses = world.deploy().addresses
    manager = Contract(world.rpc, ACCESS_MANAGER, addresses[ACCESS_MANAGER])
    assert manager.view("hasRole", EXCHANGE_ROLE, addresses[EXCHANGE]) == (True, 0)
    accounts = (world.parameters.registrar, world.parameters.governor, account_address(world.deployer))
    for account in (*accounts, addresses[COMPLIANCE]):
        assert manager.view("hasRole", EXCHANGE_ROLE, account) == (False, 0)
    ledger = Contract(world.rpc, CARBON_LEDGER, addresses[CARBON_LEDGER])
    for call in ("takeCustody", "giveBack"):
        for sender in accounts:
            with pytest.raises(ContractRefused, match="AccessManagedUnauthorized"):
                ledger.try_call(ledger.data(call, b"\x01" * 32, 0x12025, 1), sender=sender)


def test_the_exchange_remembers_that_the_registrar_settles_and_nobody_else(world: Any) -> None:
    """By a step of the deployment, also after the chain forgot it (P5)."""
    for _ in range(2):
        exchange = Contract(world.rpc, EXCHANGE, world.deploy().addresses[EXCHANGE])
        assert exchange.view("isSettler", world.parameters.registrar)[0] is True
        for account in (world.parameters.governor, account_address(world.deployer)):
            assert exchange.view("isSettler", account)[0] is False
        world.forget_everything()


def test_every_restricted_call_of_a_deployment_has_a_role(world: Any) -> None:
    """A restricted call that no step gives to anybody would be the administrator's alone."""
    addresses = world.deploy().addresses
    manager = Contract(world.rpc, ACCESS_MANAGER, addresses[ACCESS_MANAGER])
    for name in (CARBON_LEDGER, COMPLIANCE, CREDIT_SCORES, EXCHANGE):
        abi = load_artifact(name).abi
        calls = [entry["name"] for entry in abi.entries if entry["type"] == "function"]
        writes = {
            entry["name"]
            for entry in abi.entries
            if entry["type"] == "function" and entry["stateMutability"] == "nonpayable"
        }
        # What everybody may call, or the manager alone.
        writes -= {"setAuthority", *DIRECT}
        given = {
            call
            for call in calls
            if manager.view("getTargetFunctionRole", addresses[name], abi.selector(call))[0] != ADMIN_ROLE
        }
        assert given == writes, name


def test_another_chain_id_is_refused(world: Any) -> None:
    world.parameters = dataclasses.replace(world.parameters, chain_id=1)
    with pytest.raises(WrongChain, match="31337"):
        world.deploy()


def test_another_deployment_id_at_our_addresses_is_refused_with_and_without_a_book(world: Any) -> None:
    world.deploy()
    world.parameters = dataclasses.replace(world.parameters, deployment_id=secrets.token_bytes(32))
    with pytest.raises(DeploymentMismatch, match=r"deployment\.book\.id"):
        world.deploy()
    world.book.unlink()
    with pytest.raises(DeploymentMismatch, match=r"deployment\.id"):
        world.deploy()
    assert not world.book.exists()


@pytest.mark.parametrize("name", NAMES)
def test_other_code_at_an_expected_address_is_refused(world: Any, name: str) -> None:
    deployment = world.deploy()
    address = "0x" + deployment.addresses[name].hex()
    code = bytearray(world.rpc.code(deployment.addresses[name]))
    code[-1] ^= 1
    world.rpc.request("anvil_setCode", address, "0x" + code.hex())
    with pytest.raises(DeploymentMismatch, match=r"deployment\.code"):
        world.deploy()


def test_immutables_are_the_only_difference_between_artifact_and_chain(world: Any) -> None:
    deployment = world.deploy()
    for name in NAMES:
        code, artifact = world.rpc.code(deployment.addresses[name]), load_artifact(name)
        assert artifact.runs_at(code)
        assert (code == artifact.runtime_code) == (not artifact.immutables)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("threshold", 1, r"deployment\.threshold"),
        ("cosigners", (b"\x07" * 20, b"\x08" * 20), r"deployment\.cosigners"),
        ("epoch_delay", 61, r"deployment\.epoch-delay"),
        ("recovery_delay", 101, r"deployment\.recovery-delay"),
        ("approvers", ((b"\x01" * 20, b"\x0b" * 32),), r"deployment\.approver"),
    ],
)
def test_parameters_that_the_contract_does_not_hold_are_refused(
    world: Any, field: str, value: object, rule: str
) -> None:
    world.deploy()
    world.book.unlink()
    world.parameters = dataclasses.replace(world.parameters, **{field: value})
    with pytest.raises(DeploymentMismatch, match=rule):
        world.deploy()


def test_a_registrar_without_the_role_is_refused_once_the_deployer_has_no_power(world: Any) -> None:
    world.deploy()
    world.parameters = dataclasses.replace(world.parameters, registrar=b"\x33" * 20)
    with pytest.raises(DeploymentMismatch, match=r"deployment\.registrar"):
        world.deploy()


def test_a_deployer_used_for_something_else_is_refused(world: Any) -> None:
    signed = sign(
        world.deployer,
        chain_id=world.engine.chain_id,
        nonce=0,
        fee=current_fee(world.rpc),
        gas=21_000,
        to=b"\x09" * 20,
        value=1,
    )
    world.rpc.send_raw(signed.raw)
    world.rpc.wait_for_receipt(signed.hash, deadline=10.0)
    with pytest.raises(DeploymentFailed, match="something else"):
        world.deploy()


def test_a_constructor_that_reverts_is_named_before_anything_is_spent(world: Any) -> None:
    world.parameters = dataclasses.replace(
        world.parameters, approvers=((b"\x01" * 20, bytes(32)), (b"\x02" * 20, b"\x0b" * 32))
    )
    with pytest.raises(DeploymentFailed, match="ApproverWithoutBody"):
        world.deploy()
    assert world.rpc.nonce(account_address(world.deployer)) == 2


def test_after_deployment_only_the_governor_administers(world: Any) -> None:
    deployment = world.deploy()
    manager = Contract(world.rpc, "AccessManager", deployment.addresses["AccessManager"])
    assert manager.view("hasRole", ADMIN_ROLE, account_address(world.deployer)) == (False, 0)
    assert manager.view("hasRole", ADMIN_ROLE, world.parameters.governor) == (True, world.parameters.epoch_delay)
    log = Contract(world.rpc, "EvidenceLog", deployment.addresses["EvidenceLog"])
    call = log.data("setCosigners", [account_address(world.stranger)], 1)
    for sender in (account_address(world.deployer), world.parameters.registrar):
        with pytest.raises(ContractRefused, match="AccessManagedUnauthorized"):
            log.try_call(call, sender=sender)


def test_a_damaged_book_is_refused(world: Any) -> None:
    world.deploy()
    raw = json.loads(world.book.read_text())
    for damage in ({**raw, "v": 2}, {**raw, "deployment_id": "00"}, {k: v for k, v in raw.items() if k != "cosigners"}):
        world.book.write_text(json.dumps(damage))
        with pytest.raises(DeploymentMismatch, match=r"deployment\.book"):
            world.deploy()
    world.book.write_text("{")
    with pytest.raises(DeploymentMismatch, match=r"deployment\.book"):
        world.deploy()


def test_fresh_accounts_are_funded_where_somebody_pays_for_them(engine: Engine, make_world: Callable[..., Any]) -> None:
    world = make_world(engine)
    world.deployer, registrar = Account.create(), Account.create()
    world.parameters = dataclasses.replace(world.parameters, registrar=account_address(registrar))
    funder = Account.from_key(development_keys(engine.rpc_url, engine.chain_id)[9])
    world.deploy(funding=Funding(funder, amount=10**18))
    assert world.rpc.balance(account_address(registrar)) == 10**18
    spent = world.rpc.nonce(account_address(funder))
    world.deploy(funding=Funding(funder, amount=10**18))
    assert world.rpc.nonce(account_address(funder)) == spent


@pytest.mark.parametrize(
    "change",
    [
        {"deployment_id": bytes(32)},
        {"threshold": 0},
        {"threshold": 3},
        {"cosigners": (b"\x01" * 20, b"\x01" * 20)},
        {"registrar": b"\x01"},
    ],
)
def test_parameters_that_make_no_sense_are_refused_before_any_call(change: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "chain_id": 31337,
        "deployment_id": b"\x01" * 32,
        "cosigners": (b"\x01" * 20, b"\x02" * 20),
        "threshold": 2,
        "epoch_delay": 60,
        "recovery_delay": 100,
        "approvers": (),
        "registrar": b"\x03" * 20,
        "governor": b"\x04" * 20,
    }
    DeploymentParameters(**good)
    with pytest.raises(ValueError, match=r"deployment id|threshold|20 bytes"):
        DeploymentParameters(**{**good, **change})


def test_the_deployer_is_neither_registrar_nor_governor(world: Any) -> None:
    world.parameters = dataclasses.replace(world.parameters, governor=account_address(world.deployer))
    with pytest.raises(ValueError, match="does nothing else"):
        ensure_deployed(world.rpc, world.parameters, world.deployer, world.book)
