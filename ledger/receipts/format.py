"""The receipt file: strict JSON in, canonical bytes out (docs/receipts.md). Nothing is judged here but the form."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eth_utils.address import to_checksum_address

from attestation.encoding import MAX_INTEGER, strict_object
from attestation.errors import AttestationError
from attestation.jws import MAX_ENTRY_BYTES
from ledger.errors import NoteMalformed, ReceiptRefused
from ledger.merkle.proofs import MAX_PROOF_HASHES
from ledger.notes.note import Note
from ledger.receipts.status import MAX_STATUS_BYTES
from ledger.trust import parse_address

MAX_RECEIPT_BYTES: Final = 524_288
MAX_KEYS: Final = 32
"""Most entries in ``keys`` or ``notices``; a chain of keys has at most 17 (attestation: 16 and a recovery)."""
VERSION: Final = 1
_TYPE: Final = "receipt"
_STATES: Final = ("anchored", "final")
_HEX32: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_STEP: Final = 1


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Tree size and the path from the leaf upwards (32 bytes each)."""

    size: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class KeyEvidence:
    """A ``key`` entry that brought a key or ended one, where it stands, and its inclusion."""

    entry: bytes
    index: int
    inclusion: Inclusion


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the checkpoint stands on chain. ``contract``: 20 bytes; ``deployment_id``, ``root``, ``tx`` and
    ``block_hash``: 32 bytes; ``state``: ``anchored`` or ``final``, as the service saw it."""

    chain_id: int
    contract: bytes
    deployment_id: bytes
    epoch: int
    size: int
    root: bytes
    tx: bytes
    block_number: int
    block_hash: bytes
    state: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt whose form is good. ``entry``: the compact JWS's bytes; ``checkpoint``: the signed note's bytes;
    ``anchor``: None while nothing on chain covers the entry."""

    log: str
    entry: bytes
    index: int
    inclusion: Inclusion
    keys: tuple[KeyEvidence, ...]
    status: str
    notices: tuple[KeyEvidence, ...]
    checkpoint: bytes
    anchor: Anchor | None

    def format(self) -> bytes:
        """Canonical bytes: UTF-8 JSON, members in the order of the format, one space of indent, a final newline."""
        document = {
            "v": VERSION,
            "type": _TYPE,
            "log": self.log,
            "entry": self.entry.decode("ascii"),
            "index": self.index,
            "inclusion": _inclusion_out(self.inclusion),
            "keys": [_evidence_out(evidence) for evidence in self.keys],
            "status": self.status,
            "notices": [_evidence_out(evidence) for evidence in self.notices],
            "checkpoint": self.checkpoint.decode(),
            "anchor": None if self.anchor is None else _anchor_out(self.anchor),
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def build_receipt(
    *,
    log: str,
    entry: bytes,
    index: int,
    inclusion: Inclusion,
    keys: Sequence[KeyEvidence],
    status: str,
    notices: Sequence[KeyEvidence],
    checkpoint: bytes,
    anchor: Anchor | None,
) -> Receipt:
    """A receipt from its parts, of good form or refused (``ReceiptRefused``, step 1). Whether it proves anything is
    for ``verify`` to say."""
    try:
        made = Receipt(log, entry, index, inclusion, tuple(keys), status, tuple(notices), checkpoint, anchor).format()
    except UnicodeDecodeError as error:
        raise _malformed("receipt.text", error.object, "ASCII entries and a UTF-8 note") from error
    return parse(made)


def parse(data: bytes) -> Receipt:
    """The receipt in ``data``: step 1 of the verification.

    Raises ``ReceiptRefused`` for unknown, missing or repeated members, other types, other spellings of hashes and
    addresses, and sizes beyond the format's limits.
    """
    if len(data) > MAX_RECEIPT_BYTES:
        raise _malformed("receipt.size", f"{len(data)} bytes", f"at most {MAX_RECEIPT_BYTES} bytes")
    try:
        document = strict_object(data, nulls=True)
    except AttestationError as error:
        raise _malformed(f"receipt.{error.rule}", error.value, error.expected) from error
    members = _members(
        "receipt",
        document,
        ("v", "type", "log", "entry", "index", "inclusion", "keys", "status", "notices", "checkpoint", "anchor"),
    )
    if (_int("receipt.v", members["v"]), members["type"]) != (VERSION, _TYPE):
        raise _malformed("receipt.type", f"{members['type']} v{members['v']}", f"{_TYPE} v{VERSION}")
    return Receipt(
        log=_text("receipt.log", members["log"]),
        entry=_entry("receipt.entry", members["entry"]),
        index=_int("receipt.index", members["index"]),
        inclusion=_inclusion("receipt.inclusion", members["inclusion"]),
        keys=_evidence("receipt.keys", members["keys"], 1),
        status=_status(members["status"]),
        notices=_evidence("receipt.notices", members["notices"], 0),
        checkpoint=_note(members["checkpoint"]),
        anchor=None if members["anchor"] is None else _anchor(members["anchor"]),
    )


def _evidence_out(evidence: KeyEvidence) -> dict[str, object]:
    return {
        "entry": evidence.entry.decode("ascii"),
        "index": evidence.index,
        "inclusion": _inclusion_out(evidence.inclusion),
    }


def _inclusion_out(inclusion: Inclusion) -> dict[str, object]:
    return {"size": inclusion.size, "proof": [each.hex() for each in inclusion.proof]}


def _anchor_out(anchor: Anchor) -> dict[str, object]:
    return {
        "chain_id": anchor.chain_id,
        "contract": to_checksum_address(anchor.contract),
        "deployment_id": anchor.deployment_id.hex(),
        "epoch": anchor.epoch,
        "size": anchor.size,
        "root": anchor.root.hex(),
        "tx": f"0x{anchor.tx.hex()}",
        "block_number": anchor.block_number,
        "block_hash": f"0x{anchor.block_hash.hex()}",
        "state": anchor.state,
    }


def _evidence(rule: str, value: object, least: int) -> tuple[KeyEvidence, ...]:
    if not isinstance(value, list) or not least <= len(value) <= MAX_KEYS:
        raise _malformed(rule, value, f"a list of {least} to {MAX_KEYS} entries")
    found = []
    for each in value:
        members = _members(rule, each, ("entry", "index", "inclusion"))
        found.append(
            KeyEvidence(
                _entry(f"{rule}.entry", members["entry"]),
                _int(f"{rule}.index", members["index"]),
                _inclusion(f"{rule}.inclusion", members["inclusion"]),
            )
        )
    return tuple(found)


def _status(value: object) -> str:
    text = _text("receipt.status", value)
    if not text.isascii() or not 0 < len(text) <= MAX_STATUS_BYTES:
        raise _malformed("receipt.status", value, f"a compact JWS of at most {MAX_STATUS_BYTES} ASCII characters")
    return text


def _inclusion(rule: str, value: object) -> Inclusion:
    members = _members(rule, value, ("size", "proof"))
    proof = members["proof"]
    if not isinstance(proof, list) or len(proof) > MAX_PROOF_HASHES:
        raise _malformed(f"{rule}.proof", value, f"a list of at most {MAX_PROOF_HASHES} hashes")
    return Inclusion(_int(f"{rule}.size", members["size"]), tuple(_hash(f"{rule}.proof", each) for each in proof))


def _anchor(value: object) -> Anchor:
    members = _members(
        "receipt.anchor",
        value,
        (
            "chain_id", "contract", "deployment_id", "epoch", "size", "root", "tx", "block_number", "block_hash",
            "state",
        ),
    )  # fmt: skip
    contract = parse_address(_text("receipt.anchor.contract", members["contract"]))
    if contract is None:
        raise _malformed("receipt.anchor.contract", members["contract"], "an address in its EIP-55 spelling")
    if members["state"] not in _STATES:
        raise _malformed("receipt.anchor.state", members["state"], " or ".join(_STATES))
    return Anchor(
        chain_id=_int("receipt.anchor.chain_id", members["chain_id"]),
        contract=contract,
        deployment_id=_hash("receipt.anchor.deployment_id", members["deployment_id"]),
        epoch=_int("receipt.anchor.epoch", members["epoch"]),
        size=_int("receipt.anchor.size", members["size"]),
        root=_hash("receipt.anchor.root", members["root"]),
        tx=_hash("receipt.anchor.tx", members["tx"], prefix="0x"),
        block_number=_int("receipt.anchor.block_number", members["block_number"]),
        block_hash=_hash("receipt.anchor.block_hash", members["block_hash"], prefix="0x"),
        state=str(members["state"]),
    )


def _note(value: object) -> bytes:
    text = _text("receipt.checkpoint", value)
    data = text.encode()
    try:
        Note.parse(data)
    except NoteMalformed as error:
        raise _malformed(f"receipt.checkpoint.{error.rule}", error.value, error.expected) from error
    return data


def _entry(rule: str, value: object) -> bytes:
    text = _text(rule, value)
    if not text.isascii() or not 0 < len(text) <= MAX_ENTRY_BYTES:
        raise _malformed(rule, value, f"a compact JWS of at most {MAX_ENTRY_BYTES} ASCII characters")
    return text.encode("ascii")


def _members(rule: str, value: object, names: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(value, dict) or set(value) != set(names):
        found = ", ".join(value) if isinstance(value, dict) else value
        raise _malformed(f"{rule}.members", found, f"exactly {', '.join(names)}")
    return value


def _text(rule: str, value: object) -> str:
    if not isinstance(value, str):
        raise _malformed(rule, value, "text")
    return value


def _int(rule: str, value: object) -> int:
    # JSON numbers: beyond 2^53 not every reader sees the same one.
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise _malformed(rule, value, f"a whole number from 0 to {MAX_INTEGER}")
    return value


def _hash(rule: str, value: object, *, prefix: str = "") -> bytes:
    text = _text(rule, value)
    digits = text.removeprefix(prefix)
    if not text.startswith(prefix) or not _HEX32.fullmatch(digits):
        raise _malformed(rule, value, f"{prefix}<64 lowercase hex digits>")
    return bytes.fromhex(digits)


def _malformed(rule: str, value: object, expected: str) -> ReceiptRefused:
    return ReceiptRefused(
        "The receipt breaks its format.",
        step=_STEP,
        rule=rule,
        value=value,
        expected=expected,
        message_zh="收据不符合格式。",
    )
