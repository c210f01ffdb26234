"""What a deployment is made with."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.chain.contracts import EMISSION_NAMES, FIRST_NAMES, NAMES, UNIT_NAMES


@dataclass(frozen=True, slots=True)
class DeploymentParameters:
    """What a deployment is made with.

    Attributes
    ----------
    chain_id
        EIP-155 id of the chain that this belongs to.
    deployment_id
        32 random bytes (law 9).
    cosigners, threshold
        Addresses whose signatures an anchor needs, and how many of them.
    epoch_delay
        Seconds between the proposal of an epoch and its opening; also the governor's delay.
    recovery_delay
        Seconds in which a holder can object to the recovery of a key.
    approvers
        (address, body) of the persons who may approve an epoch; ``body`` is 32 bytes.
    registrar
        The relayer's address: it tells the registries what the log says.
    governor
        Administers roles and cosigners after deployment, with the delay.
    contracts
        What is created, in this order. A deployment from before there were emissions on chain has the first three, one
        from before there were units the first four, one from before there was a market the first seven.
    """

    chain_id: int
    deployment_id: bytes
    cosigners: tuple[bytes, ...]
    threshold: int
    epoch_delay: int
    recovery_delay: int
    approvers: tuple[tuple[bytes, bytes], ...]
    registrar: bytes
    governor: bytes
    contracts: tuple[str, ...] = NAMES

    def __post_init__(self) -> None:
        if self.contracts not in {FIRST_NAMES, EMISSION_NAMES, UNIT_NAMES, NAMES}:
            raise ValueError(f"no deployment is {', '.join(self.contracts)}")
        if len(self.deployment_id) != 32 or not any(self.deployment_id):
            raise ValueError("a deployment id is 32 random bytes")
        if not 1 <= self.threshold <= len(set(self.cosigners)) == len(self.cosigners):
            raise ValueError(f"{self.threshold} of {len(self.cosigners)} cosigners is no threshold, or one repeats")
        addresses = [*self.cosigners, *(account for account, _ in self.approvers), self.registrar, self.governor]
        if any(len(address) != 20 for address in addresses):
            raise ValueError("an address has 20 bytes")
