"""A signed transaction that several intents share is held to its hash, as one of a single intent is."""

from __future__ import annotations

from eth_utils.crypto import keccak

from .stores import Made

RAW = b"a signed transaction of several intents"


def share(made: Made, stored: bytes) -> list[int]:
    """Two intents went out as one transaction; its bytes are stored apart."""
    ids = [row[0] for row in made.sql("SELECT id FROM outbox ORDER BY id LIMIT 2")]
    made.sql("INSERT INTO sent_batches (tx_hash, raw_tx) VALUES (?, ?)", keccak(RAW), stored)
    for row_id in ids:
        made.sql("UPDATE outbox SET raw_tx = x'', tx_hash = ? WHERE id = ?", keccak(RAW), row_id)
    return ids


def test_a_shared_transaction_of_that_hash_is_no_fault(made: Made) -> None:
    share(made, RAW)
    assert made.faults() == []


def test_another_transaction_under_the_hash_is_a_fault_of_each_intent(made: Made) -> None:
    ids = share(made, RAW + b"!")
    found = [(fault.table, fault.key, fault.column) for fault in made.faults()]
    assert found == [("outbox", str(row_id), "tx_hash") for row_id in ids]


def test_a_shared_transaction_that_is_gone_is_a_fault_of_each_intent(made: Made) -> None:
    ids = share(made, RAW)
    made.sql("DELETE FROM sent_batches")
    assert [fault.key for fault in made.faults()] == [str(row_id) for row_id in ids]
