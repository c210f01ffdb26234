"""Receipts for entries: gathered from the log, the tree, the checkpoint that was anchored, and the chain projection."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from attestation.examination import examine
from attestation.keys import PrivateKey
from attestation.statements import AddKey, CompleteRecovery, RotateKey
from attestation.typed_data import Domain
from ledger.anchors import AnchorRecord, anchor_for
from ledger.context import LogParameters
from ledger.db.checkpoints import CheckpointRepository
from ledger.db.entries import EntryRepository
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Entry, KeyRow
from ledger.db.tiles import SqlTileStore
from ledger.merkle import Tree
from ledger.receipts import Anchor, Inclusion, KeyEvidence, KeyStatus, Receipt, build_receipt, sign_status
from ledger.receipts.format import MAX_KEYS


def issue(
    session: Session, parameters: LogParameters, domain: Domain, log_key: PrivateKey, entry: Entry
) -> Receipt | None:
    """The receipt of ``entry`` under the smallest anchored checkpoint that holds it; ``None`` while there is none.

    ``domain``: that of the evidence log contract; ``log_key`` signs what the log says of the keys. All proofs are of
    that one size; the key status is of all that is accepted.
    """
    entries = EntryRepository(session)
    state = entries.state()
    anchor = anchor_for(session, state.epoch, entry.index)
    if anchor is None:
        return None
    head = CheckpointRepository(session).get(anchor.epoch, anchor.size)
    if head is None or head.note is None or not head.cosigned:
        return None
    tree = Tree(SqlTileStore(session), state.tree_size)
    statement = examine(entry.entry, parameters.origin)
    identities = IdentityRepository(session)
    chain = _chain(entries, identities, parameters, statement.kid_key)

    def evidence(of: Entry) -> KeyEvidence:
        return KeyEvidence(of.entry, of.index, inclusion(of.index))

    def inclusion(index: int) -> Inclusion:
        return Inclusion(anchor.size, tuple(tree.inclusion_proof(index, anchor.size)))

    keys = [link.key for link in chain]
    ends = {index for key in keys for index in (key.revoked_index, key.compromised_index) if index is not None}
    listed = {link.entry.index for link in chain}
    notices = [entries.require(index) for index in sorted(ends - listed) if index < anchor.size]
    return build_receipt(
        log=parameters.origin,
        entry=entry.entry,
        index=entry.index,
        inclusion=inclusion(entry.index),
        keys=[evidence(link.entry) for link in chain],
        status=sign_status(parameters.origin, state.next_index, [_status(key) for key in keys], log_key),
        notices=[evidence(notice) for notice in notices[:MAX_KEYS]],
        checkpoint=head.note.encode(),
        anchor=_anchor(anchor, domain),
    )


@dataclass(frozen=True, slots=True)
class _Link:
    """A ``key`` entry and the key that it brought."""

    entry: Entry
    key: KeyRow


def _chain(
    entries: EntryRepository, identities: IdentityRepository, parameters: LogParameters, thumbprint: str
) -> list[_Link]:
    """From the signer's key up to the enrolment that the root key signed."""
    found: list[_Link] = []
    key: KeyRow | None = identities.require_key(thumbprint)
    while key is not None:
        link = _Link(entries.require(key.activated_index), key)
        found.append(link)
        brought = examine(link.entry.entry, parameters.origin)
        if isinstance(brought.body, AddKey | RotateKey):
            key = identities.require_key(brought.kid_key)
        elif isinstance(brought.body, CompleteRecovery):
            # The completion names no kind; the identifier's enrolment does.
            first = identities.require_identifier(key.identifier).enrolled_index
            key = next(each for each in identities.keys_of(key.identifier) if each.activated_index == first)
        else:
            key = None
    return found


def _status(key: KeyRow) -> KeyStatus:
    return KeyStatus(
        kid=key.thumbprint, revoked=key.revoked_index, invalid_since=key.compromised_since, by=key.compromised_index
    )


def _anchor(record: AnchorRecord, domain: Domain) -> Anchor:
    return Anchor(
        chain_id=domain.chain_id,
        contract=domain.verifying_contract,
        deployment_id=domain.salt,
        epoch=record.epoch,
        size=record.size,
        root=record.root,
        tx=record.tx_hash,
        block_number=record.block.number,
        block_hash=record.block.hash,
        state=record.state,
    )
