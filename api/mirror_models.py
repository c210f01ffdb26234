"""Answers of the routes that hand out a mirror."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.models import HASH, Answer
from ledger.archive.pages import PAGE_ENTRIES, Standing
from ledger.chain.contracts import Deployment

_ADDRESS = r"^[0-9a-f]{40}$"


class MirrorBlock(Answer):
    """A block of the chain."""

    number: int = Field(ge=0)
    hash: str = Field(pattern=HASH)


class MirrorDeployment(Answer):
    """Where the contracts are, as the service's address book has it; a trust file decides where it says otherwise."""

    deployment_id: str = Field(pattern=HASH)
    chain_id: int = Field(ge=1)
    first_block: int = Field(ge=0, description="The first block with one of them.")
    contracts: dict[str, str] = Field(description="Addresses by name, lowercase hexadecimal.")

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """From the ledger's own."""
        return cls(
            deployment_id=deployment.deployment_id.hex(),
            chain_id=deployment.chain_id,
            first_block=deployment.first_block,
            contracts={name: address.hex() for name, address in sorted(deployment.addresses.items())},
        )


class Mirror(Answer):
    """What can be mirrored now."""

    log: str
    size: int = Field(ge=0, description="Entries in the newest cosigned checkpoint; 0 before the first.")
    page_entries: int = Field(ge=1, description="Entries of a page.")
    final: MirrorBlock | None = Field(description="The block that is final; None while none is.")
    deployment: MirrorDeployment | None

    @classmethod
    def of(cls, log: str, standing: Standing, deployment: Deployment | None) -> Self:
        """From what the ledger says."""
        final = standing.final
        return cls(
            log=log,
            size=standing.size,
            page_entries=PAGE_ENTRIES,
            final=None if final is None else MirrorBlock(number=final.number, hash=final.hash.hex()),
            deployment=None if deployment is None else MirrorDeployment.of(deployment),
        )
