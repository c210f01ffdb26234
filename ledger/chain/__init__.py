"""The chain side of the ledger: contracts, deployment, the durable outbox, the relayer, events and finality."""
