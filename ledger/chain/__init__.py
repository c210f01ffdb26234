"""The chain side of the ledger: compiled contracts, deployment, the durable outbox, the relayer, events and finality."""
