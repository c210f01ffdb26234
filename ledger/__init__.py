"""What is recorded: Merkle tree, checkpoints, witness, log, receipts, chain and the projection.

Import what you need from the module that owns it (``ledger.merkle``, ``ledger.receipts``, …). This package
imports nothing itself, so that a verifier of receipts loads no database and no chain client.
"""
