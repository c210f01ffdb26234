"""What the service promised, checked against one's own bytes and the trust file's log key.

1. The leaf hash in the answer is the hash of the bytes that were sent (RFC 9162 §2.1.1).
2. The promise is signed by the log key, for this log.
3. It covers the index in the answer.
4. Its ``leaves_root`` is the tree hash over the leaf hashes, from the bytes that were sent.

Without a trust file only step 1 is possible: a promise proves nothing unless one knows whose word it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from attestation.errors import AttestationError
from attestation.jws import split_compact
from attestation.keys import PublicKey
from ledger import promises
from ledger.errors import LedgerError
from ledger.merkle import leaf_hash, tree_root
from tanlu.errors import PromiseBroken


def statement_id(entry: bytes) -> str:
    """SHA-256 of the signing input, lowercase hex (docs/design.md §2). Raises StatementMalformed."""
    header, payload, _ = split_compact(entry)
    return hashlib.sha256(header + b"." + payload).hexdigest()


def entry_leaf(entry: bytes) -> str:
    """The leaf hash of an entry's bytes, lowercase hex."""
    return leaf_hash(entry).hex()


class PromiseChecker:
    """Steps 1 to 4 for one log; `key` and `origin` come from the trust file."""

    def __init__(self, key: PublicKey, origin: str) -> None:
        self._key = key
        self._origin = origin

    def check(self, token: str, leaves: Mapping[int, bytes]) -> promises.Promise:
        """The promise in `token` if it covers exactly the entries of `leaves` (index to 32-byte leaf hash, from one's
        own bytes). Raises PromiseBroken: ``promise.format``, ``promise.signature``, ``promise.log``,
        ``promise.range``, ``promise.leaves_root``."""
        try:
            promise = promises.verify(token, self._key, self._origin)
        except (LedgerError, AttestationError) as error:
            raise PromiseBroken(
                rule=error.rule,
                value=error.value,
                expected=error.expected,
                message=error.message,
                message_zh=error.message_zh,
            ) from error
        covered = range(promise.first_index, promise.first_index + promise.count)
        if sorted(leaves) != list(covered):
            raise PromiseBroken(
                rule="promise.range",
                value=f"{promise.count} entries from index {promise.first_index}",
                expected=f"exactly the indexes answered: {_span(sorted(leaves))}",
                message="The promise covers other entries than the answer named",
                message_zh="承诺涵盖的记录与应答不一致",
            )
        root = tree_root([leaves[index] for index in covered])
        if root != promise.leaves_root:
            raise PromiseBroken(
                rule="promise.leaves_root",
                value=promise.leaves_root.hex(),
                expected=root.hex(),
                message="The promise is for other bytes than those that were sent",
                message_zh="承诺对应的数据与发送的数据不一致",
            )
        return promise


def check_leaf(entry: bytes, claimed: str | None) -> bytes:
    """Step 1: the 32-byte leaf hash of `entry`. Raises PromiseBroken (``answer.leaf_hash``) if another was claimed."""
    own = leaf_hash(entry)
    if claimed != own.hex():
        raise PromiseBroken(
            rule="answer.leaf_hash",
            value=claimed,
            expected=own.hex(),
            message="The service recorded other bytes than those that were sent",
            message_zh="服务记录的数据与发送的数据不一致",
        )
    return own


def _span(indexes: Sequence[int]) -> str:
    return "none" if not indexes else f"{len(indexes)} from {indexes[0]} to {indexes[-1]}"
