"""What two persons of two bodies sign: the park's first officer and the regulator's inspector (DOMAIN 23)."""

from __future__ import annotations

from attestation.bodies import Approval
from attestation.typed_data import sign_compact_digest
from tanlu.demo import inputs
from tanlu.demo.actors import Actors, Holder


def approvers(actors: Actors) -> tuple[Holder, Holder]:
    """Both, each with a key of their own."""
    return actors.holders[inputs.OFFICERS[0]], actors.holders[inputs.INSPECTOR]


def approve(actors: Actors, digest: bytes) -> tuple[Approval, ...]:
    """The signatures of both over one EIP-712 digest."""
    return tuple(
        Approval(identifier=person.identifier, signature=f"0x{sign_compact_digest(digest, person.key).hex()}")
        for person in approvers(actors)
    )
