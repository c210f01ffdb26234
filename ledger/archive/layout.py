"""Names, order and form of what is in an archive."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from ledger.errors import Malformed

FORMAT: Final = 1
PER_FILE: Final = 1 << 14
"""Entries, headers or receipts in one member: as many entries as an audit's worker takes at once."""
LARGEST_MEMBER: Final = 2 * PER_FILE * 66_000
"""Bytes: a member of nothing but the largest entries, as JSON, is smaller."""
MOST_MEMBERS: Final = 1 << 18
"""More than a log of four thousand million entries has."""
LOG_ENTRIES: Final = "log/entries-"
HEADERS: Final = "chain/headers-"
MANIFEST: Final = "MANIFEST.sha256"
ABOUT: Final = "about.json"
TRUST: Final = "trust.json"
HEADS: Final = "log/heads.jsonl"
EQUIVOCATIONS: Final = "log/equivocations.jsonl"
REFUSED: Final = "chain/refused.jsonl"
_FIXED: Final = ("README.md", "README.zh.md", ABOUT, TRUST, HEADS, EQUIVOCATIONS, REFUSED, MANIFEST)
_NUMBERED: Final = re.compile(r"(log/entries|chain/headers|chain/receipts)-[0-9]{8}\.jsonl", re.ASCII)
_NAMED: Final = re.compile(
    r"(abi/[A-Za-z]{1,40}\.json|schemas/[a-z-]{1,40}\.json"
    r"|tables/(README\.md|[a-z_]{1,40}(-[1-9][0-9]{0,5})?\.(csv|jsonl)))",
    re.ASCII,
)
TABLES: Final = "tables/"
"""Where the views are (``ledger.archive.tables``), which are no evidence."""


def entries_name(number: int) -> str:
    """The member that has the entries from ``number * PER_FILE`` on."""
    return f"log/entries-{number:08}.jsonl"


def headers_name(number: int) -> str:
    """The ``number``-th member of headers, from the deployment's first block on."""
    return f"chain/headers-{number:08}.jsonl"


def receipts_name(number: int) -> str:
    """The ``number``-th member of receipts, ``PER_FILE`` blocks each."""
    return f"chain/receipts-{number:08}.jsonl"


def is_member(name: str) -> bool:
    """Whether an archive may have a member of this name."""
    return name in _FIXED or bool(_NUMBERED.fullmatch(name) or _NAMED.fullmatch(name))


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The block up to which the chain is there: number, and hash as hexadecimal."""

    number: int
    hash: str


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the archive says of itself. ``size``: entries; ``first_block``: of the deployment; addresses by contract, as
    hexadecimal. Nothing of it is believed: the audit has its own trust file."""

    format: int
    log: str
    deployment_id: str
    chain_id: int
    size: int
    first_block: int
    head: Head | None
    contracts: dict[str, str]


class EntryLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry: the compact JWS as text."""

    index: int
    accepted_at: int
    entry: str


class HeadLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One checkpoint that got its cosignatures."""

    epoch: int
    size: int
    note: str


class EquivocationLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A second statement at the place of entry ``index``."""

    index: int
    entry: str


class RefusedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operation that a contract finally refused, on the operator's word."""

    op_id: str
    kind: str
    reason: str


class ReceiptsLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All receipts of one block, as the node gave them."""

    number: int
    receipts: list[dict[str, object]]


def malformed(value: object, expected: str) -> Malformed:
    """The error for what is no archive."""
    return Malformed(
        "This is no archive, or not a whole one.",
        rule="archive.form",
        value=value,
        expected=expected,
        message_zh="不是归档文件，或归档不完整。",
    )
