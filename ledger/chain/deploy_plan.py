"""The steps of a deployment, and what the chain must show for each to be done (see ``ledger.chain.deploy``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from ledger.chain.addressbook import AddressBook, Entry
from ledger.chain.contracts import (
    ACCESS_MANAGER,
    EVIDENCE_LOG,
    EXCHANGE,
    IDENTIFIER_REGISTRY,
    Contract,
    load_artifact,
)
from ledger.chain.deploy_parameters import DeploymentParameters
from ledger.chain.deploy_roles import (
    ADMIN_ROLE,
    APPOINTED,
    CALLS,
    HOLDERS,
    REFERENCE_RULES,
    REFERENCES,
    REGISTRAR_ROLE,
    SHORT_NAMES,
)
from ledger.chain.errors import DeploymentFailed, DeploymentMismatch
from ledger.chain.rpc import Rpc, address_text
from ledger.chain.runtime_code import EARLIER


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction of the plan. ``nonce`` is set for creations, whose address depends on it."""

    name: str
    to: bytes | None
    data: bytes
    nonce: int | None = None


class Plan:
    """The plan for one deployer account on one chain. What the chain showed is not asked again while the deployer's
    nonce does not fall (who forgets a transaction forgets its nonce); before the plan is complete, all is read anew."""

    def __init__(self, rpc: Rpc, parameters: DeploymentParameters, deployer: bytes) -> None:
        if deployer in {parameters.registrar, parameters.governor}:
            raise ValueError("the deployer account does nothing else: registrar and governor are other accounts")
        self._rpc = rpc
        self.parameters = parameters
        self.deployer = deployer
        self.addresses = {name: created_address(deployer, nonce) for nonce, name in enumerate(parameters.contracts)}
        self._manager = self._contract(ACCESS_MANAGER)
        self._registry = self._contract(IDENTIFIER_REGISTRY)
        self._log = self._contract(EVIDENCE_LOG)
        self._seen: set[bytes | tuple[bytes, bytes, int]] = set()
        self._nonce = 0

    def next_step(self) -> Step | None:
        """The first step that is not done; ``None`` when the deployment is complete.

        Raises
        ------
        DeploymentMismatch
            Another contract stands at one of our addresses.
        """
        nonce = self._rpc.nonce(self.deployer)
        if nonce < self._nonce:
            self._seen.clear()
        self._nonce = nonce
        remembered = bool(self._seen)
        step = self._first_not_done()
        if step is not None or not remembered:
            return step
        self._seen.clear()
        return self._first_not_done()

    def _first_not_done(self) -> Step | None:
        for nonce, (name, address) in enumerate(self.addresses.items()):
            if address in self._seen:
                continue
            code = self._rpc.code(address)
            if not code:
                return Step(f"create {name}", None, self._creation(name), nonce)
            if load_artifact(name).release_at(code) is None:
                raise mismatch("deployment.code", f"another contract at {address_text(address)}", name)
            if name != ACCESS_MANAGER:
                self._require_own(name)
            self._seen.add(address)
        return self._next_role_step()

    def check_book(self, book: AddressBook) -> None:
        """Raise :class:`DeploymentMismatch` unless the book is of this deployment."""
        given = self.parameters
        _same("deployment.book.id", book.deployment_id, given.deployment_id)
        _same("deployment.book.chain", book.chain_id, given.chain_id)
        _same("deployment.book.deployer", book.deployer, self.deployer)
        _same("deployment.book.contracts", {n: e.address for n, e in book.contracts.items()}, self.addresses)
        for name, entry in book.contracts.items():
            releases = [load_artifact(name).sha256, *(each.artifact_sha256 for each in EARLIER.get(name, ()))]
            if entry.artifact_sha256 not in releases:
                raise mismatch("deployment.book.artifacts", f"{name} 0x{entry.artifact_sha256.hex()}", _text(releases))
        _same("deployment.book.cosigners", (book.cosigners, book.threshold), (given.cosigners, given.threshold))
        _same("deployment.book.approvers", book.approvers, given.approvers)

    def check_parameters(self) -> None:
        """Raise :class:`DeploymentMismatch` unless the contracts hold what the parameters say."""
        given = self.parameters
        found = tuple(_raw(address) for address in self._log.view("cosigners")[0])
        _same("deployment.cosigners", found, given.cosigners)
        _same("deployment.threshold", self._log.view("threshold")[0], given.threshold)
        _same("deployment.epoch-delay", self._log.view("epochDelaySeconds")[0], given.epoch_delay)
        _same("deployment.recovery-delay", self._registry.view("recoveryDelaySeconds")[0], given.recovery_delay)
        for account, body in given.approvers:
            _same("deployment.approver", bytes(self._log.view("bodyOf", account)[0]), body)

    def book(self, known: AddressBook | None) -> AddressBook:
        """The address book of the complete deployment; what ``known`` says of transactions is kept if still true."""
        given = self.parameters
        return AddressBook(
            deployment_id=given.deployment_id,
            chain_id=given.chain_id,
            deployer=self.deployer,
            contracts={name: self._entry(name, known) for name in self.addresses},
            cosigners=given.cosigners,
            threshold=given.threshold,
            approvers=given.approvers,
        )

    def _entry(self, name: str, known: AddressBook | None) -> Entry:
        address = self.addresses[name]
        release = load_artifact(name).release_at(self._rpc.code(address))
        if release is None:
            raise mismatch("deployment.code", f"another contract at {address_text(address)}", name)
        if known is not None:
            entry, receipt = known.contracts[name], self._rpc.receipt(known.contracts[name].tx)
            place = None if receipt is None else (receipt.contract, receipt.block_number)
            if (place, entry.artifact_sha256) == ((address, entry.block), release):
                return entry
        # Every constructor emits an event (its authority or first administrator), so the first one names the creation.
        logs = self._rpc.logs([address], 0, self._rpc.head().number)
        return Entry(address, release, logs[0].tx_hash, logs[0].block_number)

    def _creation(self, name: str) -> bytes:
        given = self.parameters
        manager = self.addresses[ACCESS_MANAGER]
        arguments: tuple[Any, ...]
        if name == ACCESS_MANAGER:
            arguments = (self.deployer,)
        elif name == IDENTIFIER_REGISTRY:
            arguments = (manager, given.deployment_id, given.recovery_delay)
        elif name == EVIDENCE_LOG:
            own = (given.cosigners, given.threshold, given.epoch_delay, given.approvers)
            arguments = (manager, given.deployment_id, *own)
        else:
            asked = [self.addresses[other] for other in REFERENCES[name].values()]
            arguments = (manager, given.deployment_id, *asked)
        artifact = load_artifact(name)
        return artifact.creation_code + artifact.abi.constructor_arguments(*arguments)

    def _require_own(self, name: str) -> None:
        contract = self._contract(name)
        _same("deployment.id", bytes(contract.view("deploymentId")[0]), self.parameters.deployment_id)
        _same("deployment.authority", _raw(contract.view("authority")[0]), self.addresses[ACCESS_MANAGER])
        for view, other in REFERENCES.get(name, {}).items():
            _same(REFERENCE_RULES[name], _raw(contract.view(view)[0]), self.addresses[other])

    def _next_role_step(self) -> Step | None:
        given = self.parameters
        if not self._has_role(ADMIN_ROLE, self.deployer):
            # The plan is behind us; from here on the governor decides, and we only say what does not fit.
            if not self._has_role(REGISTRAR_ROLE, given.registrar):
                raise mismatch("deployment.registrar", "no registrar's role", address_text(given.registrar))
            return None
        held = {role: self.addresses.get(holder) for role, (holder, _) in APPOINTED.items()}
        for name, target in self.addresses.items():
            for role, calls in CALLS.items():
                if role in held and held[role] is None:
                    continue
                selectors = [load_artifact(name).abi.selector(call) for call in calls.get(name, ())]
                if not all(self._is_of(target, selector, role) for selector in selectors):
                    step = f"give the {SHORT_NAMES[name]}'s calls to {HOLDERS[role]}"
                    return self._role_step(step, "setTargetFunctionRole", target, selectors, role)
        if not self._has_role(REGISTRAR_ROLE, given.registrar):
            return self._role_step("appoint the registrar", "grantRole", REGISTRAR_ROLE, given.registrar, 0)
        for role, (_, name) in APPOINTED.items():
            holder = held[role]
            if holder is not None and not self._has_role(role, holder):
                return self._role_step(name, "grantRole", role, holder, 0)
        return self._last_step()

    def _last_step(self) -> Step:
        """What is left once contracts and registrar have their roles."""
        given, exchange = self.parameters, self.addresses.get(EXCHANGE)
        if exchange is not None and not self._contract(EXCHANGE).view("isSettler", given.registrar)[0]:
            # Nobody's right changes by it, only its price: whoever moves the role later has it done again (ISettlers).
            data = self._contract(EXCHANGE).data("refreshSettler", given.registrar)
            return Step("let the exchange remember who settles", exchange, data)
        if not self._has_role(ADMIN_ROLE, given.governor):
            return self._role_step("appoint the governor", "grantRole", ADMIN_ROLE, given.governor, given.epoch_delay)
        return self._role_step("give up the deployer's administration", "renounceRole", ADMIN_ROLE, self.deployer)

    def _role_step(self, name: str, function: str, *arguments: Any) -> Step:
        return Step(name, self._manager.address, self._manager.data(function, *arguments))

    def _is_of(self, target: bytes, selector: bytes, role: int) -> bool:
        place = (target, selector, role)
        if place not in self._seen and self._manager.view("getTargetFunctionRole", target, selector)[0] == role:
            self._seen.add(place)
        return place in self._seen

    def _has_role(self, role: int, account: bytes) -> bool:
        return bool(self._manager.view("hasRole", role, account)[0])

    def _contract(self, name: str) -> Contract:
        return Contract(self._rpc, name, self.addresses[name])


def created_address(deployer: bytes, nonce: int) -> bytes:
    """The address of a contract created at a nonce below 128: keccak-256 of RLP(deployer, nonce), last 20 bytes."""
    if not 0 <= nonce < 0x80:
        raise DeploymentFailed(
            "a creation's nonce", rule="deployment.nonce", value=nonce, expected="0 to 127", message_zh="部署序号"
        )
    return keccak(b"\xd6\x94" + deployer + bytes([nonce or 0x80]))[-20:]


def mismatch(rule: str, found: object, expected: object) -> DeploymentMismatch:
    """The error for something that is another deployment's."""
    return DeploymentMismatch(
        "this is another deployment",
        rule=rule,
        value=found,
        expected=expected,
        message_zh="这是另一个部署",
    )


def _same(rule: str, found: object, expected: object) -> None:
    if found != expected:
        raise mismatch(rule, _text(found), _text(expected))


def _raw(address: str) -> bytes:
    return bytes.fromhex(address.removeprefix("0x"))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, dict):
        return ", ".join(f"{key}={_text(item)}" for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_text(item) for item in value)
    return str(value)
