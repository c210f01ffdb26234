"""The parts of the port that verification asks, one file per family; ``attestation.context`` puts them together."""
