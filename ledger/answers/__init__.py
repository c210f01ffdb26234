"""The ledger's answers to ``attestation.facts``, one file per family; ``ledger.context`` puts them together."""
