"""Proofs of possession that somebody hands over in a file: checked before anybody signs on the strength of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from attestation.bodies import Introduction
from attestation.context import Context
from attestation.judging.newcomers import read_newcomer
from attestation.judging.possession import check_proofs
from attestation.typed_data import Domain

SKEW_SECONDS = 300


def check_newcomer(body: Introduction, identifier: str, log: str, domain: Domain | None, *, now: int) -> None:
    """The holder of the body's new key wants it to be this identifier's, in this log; ``now`` is unix seconds.

    Raises the refusals of steps 9 and 12 for key and proofs (``key.*``, ``purposes.*``, ``possession.*``).
    """
    # The checks ask the port for these facts only, none of which needs the log.
    facts = cast(Context, _Facts(log, now, SKEW_SECONDS, domain))
    check_proofs(body, identifier, read_newcomer(body), facts)


@dataclass(frozen=True, slots=True)
class _Facts:
    origin: str
    now: int
    skew: int
    registry_domain: Domain | None
