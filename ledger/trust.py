"""The trust file: what somebody believes before looking at any receipt (docs/receipts.md).

It comes from elsewhere than the receipts it judges: from the park's administration, a regulator, a contract on paper.
Whoever takes both from one hand believes that hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from eth_utils.address import to_checksum_address

from attestation.encoding import MAX_INTEGER, strict_object
from attestation.errors import AttestationError
from attestation.identifiers import parse_identifier
from attestation.keys import Algorithm, PublicKey
from attestation.typed_data import Domain
from ledger.checkpoint import SignatureKind, VerifierKey
from ledger.errors import LedgerError, TrustMalformed

MAX_TRUST_BYTES: Final = 65_536
MAX_COSIGNERS: Final = 32
VERSION: Final = 1
_TYPE: Final = "trust"
_MEMBERS: Final = (
    "v", "type", "log", "log_key", "witnesses", "witness_quorum", "registrar", "deployment_id", "chain_id", "contracts",
    "cosigners", "cosigner_threshold",
)  # fmt: skip
_CONTRACTS: Final = {"evidence_log": "EvidenceLog", "identifier_registry": "IdentifierRegistry"}
_LATER_CONTRACTS: Final = {
    "emissions_registry": "EmissionsRegistry",
    "carbon_ledger": "CarbonLedger",
    "compliance": "Compliance",
    "credit_scores": "CreditScores",
    "exchange": "Exchange",
}
"""Trust files from before there were emissions, units and obligations, or a market on chain name none of these, the
first, or all but the last."""
_ORIGIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9./:_-]{0,180}/log/([0-9a-f]{64})", re.ASCII)
_HEX32: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ADDRESS: Final = re.compile(r"0x[0-9A-Fa-f]{40}", re.ASCII)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe about one log.

    ``log``: its origin ``<name>/log/<deployment id in hex>``. ``log_key``: Ed25519 (0x01), named like the origin.
    ``witnesses``: cosignature/v1 keys (0x04), of which ``witness_quorum`` must sign. ``registrar``: the root key, of
    ``registrar_identifier``. ``deployment_id``: 32 bytes. ``evidence_log``, ``identifier_registry``,
    ``emissions_registry``, ``carbon_ledger``, ``compliance``, ``credit_scores``, ``exchange``: contract addresses, 20
    bytes, on ``chain_id``; the last is ``None`` for a deployment without a market on chain, the three before it too for
    one without units, the one before those too for one without emissions. ``cosigners``: addresses of which
    ``cosigner_threshold`` must sign.

    Raises ``TrustMalformed`` where these cannot hold together.
    """

    log: str
    log_key: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    witness_quorum: int
    registrar_identifier: str
    registrar: PublicKey
    deployment_id: bytes
    chain_id: int
    evidence_log: bytes
    identifier_registry: bytes
    cosigners: tuple[bytes, ...]
    cosigner_threshold: int
    emissions_registry: bytes | None = None
    carbon_ledger: bytes | None = None
    compliance: bytes | None = None
    credit_scores: bytes | None = None
    exchange: bytes | None = None

    def __post_init__(self) -> None:
        origin = _ORIGIN.fullmatch(self.log)
        _require(origin is not None, "trust.log", self.log, "<name>/log/<64 lowercase hex digits>")
        _require(self.log.endswith(self.deployment_id.hex()), "trust.deployment-id", self.deployment_id, self.log)
        _require(self.log_key.kind is SignatureKind.ED25519, "trust.log-key", self.log_key, "an Ed25519 key (0x01)")
        _require(self.log_key.name == self.log, "trust.log-key", self.log_key.name, self.log)
        for key in self.witnesses:
            _require(key.kind is SignatureKind.COSIGNATURE, "trust.witnesses", key, "cosignature/v1 keys (0x04)")
        for key in (self.log_key, *self.witnesses):
            _point(key)
        materials = [key.material for key in self.witnesses]
        _distinct("trust.witnesses", materials)
        # A log that witnesses itself is a quorum of nobody else.
        _require(self.log_key.material not in materials, "trust.witnesses", self.log_key, "keys other than the log's")
        _quorum("trust.witness-quorum", self.witness_quorum, len(materials))
        _named("trust.registrar", parse_identifier, self.registrar_identifier)
        _require(0 < self.chain_id <= MAX_INTEGER, "trust.chain-id", self.chain_id, f"1 to {MAX_INTEGER}")
        known = [name for name in _LATER_CONTRACTS if getattr(self, name) is not None]
        _require_contracts(known)
        contracts = list(self._addresses().values())
        for address in (*contracts, *self.cosigners):
            _require(len(address) == 20 and any(address), "trust.address", address, "20 bytes, not all zero")
        _distinct("trust.contracts", contracts)
        _require(len(self.cosigners) <= MAX_COSIGNERS, "trust.cosigners", len(self.cosigners), f"up to {MAX_COSIGNERS}")
        _distinct("trust.cosigners", self.cosigners)
        _quorum("trust.cosigner-threshold", self.cosigner_threshold, len(self.cosigners))

    @property
    def checkpoint_domain(self) -> Domain:
        """EIP-712 domain of the chain's cosignatures."""
        return Domain(self.chain_id, self.evidence_log, self.deployment_id)

    @property
    def registry_domain(self) -> Domain:
        """EIP-712 domain of the possession proofs for the identifier registry."""
        return Domain(self.chain_id, self.identifier_registry, self.deployment_id)

    @property
    def emissions_domain(self) -> Domain | None:
        """EIP-712 domain of registered emissions, ``None`` where there is no such contract."""
        return self._domain(self.emissions_registry)

    @property
    def ledger_domain(self) -> Domain | None:
        """EIP-712 domain of what moves units, ``None`` where there is no such contract."""
        return self._domain(self.carbon_ledger)

    @property
    def compliance_domain(self) -> Domain | None:
        """EIP-712 domain of what meets obligations, ``None`` where there is no such contract."""
        return self._domain(self.compliance)

    @property
    def exchange_domain(self) -> Domain | None:
        """EIP-712 domain of orders and of what moves cash, ``None`` where there is no such contract."""
        return self._domain(self.exchange)

    def _domain(self, contract: bytes | None) -> Domain | None:
        return None if contract is None else Domain(self.chain_id, contract, self.deployment_id)

    def _addresses(self) -> dict[str, bytes]:
        """The contracts that there are, by their names in the file."""
        named = {name: getattr(self, name) for name in (*_CONTRACTS, *_LATER_CONTRACTS)}
        return {name: address for name, address in named.items() if address is not None}

    @property
    def contracts(self) -> dict[str, bytes]:
        """Address of each contract that there is, by the contract's own name."""
        names = _CONTRACTS | _LATER_CONTRACTS
        return {names[member]: address for member, address in self._addresses().items()}

    def format(self) -> bytes:
        """The file's bytes, the same for the same beliefs."""
        document = {
            "v": VERSION,
            "type": _TYPE,
            "log": self.log,
            "log_key": str(self.log_key),
            "witnesses": [str(key) for key in self.witnesses],
            "witness_quorum": self.witness_quorum,
            "registrar": {"identifier": self.registrar_identifier, "jwk": self.registrar.to_jwk()},
            "deployment_id": self.deployment_id.hex(),
            "chain_id": self.chain_id,
            "contracts": {name: to_checksum_address(address) for name, address in self._addresses().items()},
            "cosigners": [to_checksum_address(address) for address in self.cosigners],
            "cosigner_threshold": self.cosigner_threshold,
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def parse(data: bytes) -> Trust:
    """The trust file in ``data``. Raises ``TrustMalformed`` for unknown, missing or repeated members, other types,
    other spellings, and beliefs that cannot hold together."""
    _require(len(data) <= MAX_TRUST_BYTES, "trust.size", f"{len(data)} bytes", f"at most {MAX_TRUST_BYTES} bytes")
    members = _members("trust", _named("trust.json", strict_object, data), _MEMBERS)
    _require(
        (_int("trust.v", members["v"]), members["type"]) == (VERSION, _TYPE),
        "trust.type",
        f"{members['type']} v{members['v']}",
        f"{_TYPE} v{VERSION}",
    )
    registrar = _members("trust.registrar", members["registrar"], ("identifier", "jwk"))
    jwk = registrar["jwk"]
    if not isinstance(jwk, Mapping):
        raise _malformed("trust.registrar", jwk, "a JWK")
    given = members["contracts"]
    later = tuple(name for name in _LATER_CONTRACTS if isinstance(given, dict) and name in given)
    contracts = _members("trust.contracts", given, (*_CONTRACTS, *later))
    return Trust(
        log=_text("trust.log", members["log"]),
        log_key=_vkey("trust.log-key", members["log_key"]),
        witnesses=tuple(_vkey("trust.witnesses", each) for each in _list("trust.witnesses", members["witnesses"])),
        witness_quorum=_int("trust.witness-quorum", members["witness_quorum"]),
        registrar_identifier=_text("trust.registrar", registrar["identifier"]),
        registrar=_named("trust.registrar", PublicKey.from_jwk, jwk),
        deployment_id=_hash("trust.deployment-id", members["deployment_id"]),
        chain_id=_int("trust.chain-id", members["chain_id"]),
        evidence_log=_address("trust.contracts", contracts["evidence_log"]),
        identifier_registry=_address("trust.contracts", contracts["identifier_registry"]),
        cosigners=tuple(_address("trust.cosigners", each) for each in _list("trust.cosigners", members["cosigners"])),
        cosigner_threshold=_int("trust.cosigner-threshold", members["cosigner_threshold"]),
        **{name: _address("trust.contracts", contracts[name]) for name in later},
    )


def parse_address(text: str) -> bytes | None:
    """The 20 bytes of an address in its EIP-55 spelling, None for any other text."""
    if not _ADDRESS.fullmatch(text) or to_checksum_address(text) != text:
        return None
    return bytes.fromhex(text[2:])


def _require_contracts(later: list[str]) -> None:
    """What obligations and the market rest on is there, and units, obligations and scores are there together."""
    every = tuple(_LATER_CONTRACTS)
    steps = ((), every[:1], every[:-1], every)
    expected = "none of emissions_registry, carbon_ledger, compliance, credit_scores and exchange, the first one, the"
    expected += " first four, or all of them"
    _require(tuple(later) in steps, "trust.contracts", ", ".join(later), expected)


def _members(rule: str, value: object, names: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(value, dict) or set(value) != set(names):
        found = ", ".join(value) if isinstance(value, dict) else value
        raise _malformed(rule, found, f"exactly the members {', '.join(names)}")
    return value


def _text(rule: str, value: object) -> str:
    if not isinstance(value, str):
        raise _malformed(rule, value, "text")
    return value


def _int(rule: str, value: object) -> int:
    if type(value) is not int:
        raise _malformed(rule, value, "a whole number")
    return value


def _list(rule: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise _malformed(rule, value, "a list")
    return value


def _hash(rule: str, value: object) -> bytes:
    text = _text(rule, value)
    _require(_HEX32.fullmatch(text) is not None, rule, text, "64 lowercase hex digits")
    return bytes.fromhex(text)


def _address(rule: str, value: object) -> bytes:
    address = parse_address(_text(rule, value))
    if address is None:
        raise _malformed(rule, value, "an address in its EIP-55 spelling")
    return address


def _vkey(rule: str, value: object) -> VerifierKey:
    return _named(rule, VerifierKey.parse, _text(rule, value))


def _point(key: VerifierKey) -> None:
    _named("trust.key-point", PublicKey, Algorithm.ED25519, key.material)


def _distinct(rule: str, values: list[bytes] | tuple[bytes, ...]) -> None:
    _require(len(set(values)) == len(values), rule, "a value twice", "each once")


def _quorum(rule: str, quorum: int, count: int) -> None:
    _require(1 <= quorum <= count, rule, quorum, f"1 to {count}")


def _named(rule: str, call: Callable[..., _T], *arguments: object) -> _T:
    """``call``'s result, its refusal as one of this file under ``rule``."""
    try:
        return call(*arguments)
    except (AttestationError, LedgerError) as error:
        raise _malformed(rule, error.value, error.expected) from error


def _require(holds: bool, rule: str, value: object, expected: object) -> None:
    if not holds:
        raise _malformed(rule, value, expected)


def _malformed(rule: str, value: object, expected: object) -> TrustMalformed:
    return TrustMalformed(
        "The trust file breaks its format.",
        rule=rule,
        value=value,
        expected=expected,
        message_zh="信任文件不符合格式。",
    )
