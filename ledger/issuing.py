"""Receipts for entries: gathered from the log, the tree, the checkpoint that was anchored, and the chain projection."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.examination import examine
from attestation.typed_data import Domain
from ledger import projection
from ledger.context import LogParameters
from ledger.db.checkpoints import CheckpointRepository
from ledger.db.entries import EntryRepository
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Entry
from ledger.db.tiles import SqlTileStore
from ledger.merkle import Tree
from ledger.projection import AnchorRecord
from ledger.receipts import Anchor, Inclusion, KeyEvidence, Receipt, build_receipt


def issue(session: Session, parameters: LogParameters, domain: Domain, entry: Entry) -> Receipt | None:
    """The receipt of ``entry`` under the smallest anchored checkpoint that holds it; ``None`` while there is none.

    ``domain``: that of the evidence log contract. Both proofs, the entry's and its key's, are of that one size.
    """
    entries = EntryRepository(session)
    state = entries.state()
    anchor = projection.anchor_for(session, state.epoch, entry.index)
    if anchor is None:
        return None
    head = CheckpointRepository(session).get(anchor.epoch, anchor.size)
    if head is None or head.note is None or not head.cosigned:
        return None
    tree = Tree(SqlTileStore(session), state.tree_size)
    statement = examine(entry.entry, parameters.origin)
    enrolled = entries.require(IdentityRepository(session).require_key(statement.kid_key).activated_index)

    def inclusion(index: int) -> Inclusion:
        return Inclusion(anchor.size, tuple(tree.inclusion_proof(index, anchor.size)))

    return build_receipt(
        log=parameters.origin,
        entry=entry.entry,
        index=entry.index,
        inclusion=inclusion(entry.index),
        key=KeyEvidence(enrolled.entry, enrolled.index, inclusion(enrolled.index)),
        checkpoint=head.note.encode(),
        anchor=_anchor(anchor, domain),
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
