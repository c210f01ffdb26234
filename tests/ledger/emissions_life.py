"""What a log says of verifiers and figures of one enterprise, signed by those who must, over a real log's leaves."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from attestation.identifiers import account_id
from attestation.keys import PrivateKey
from attestation.typed_data import emissions_determination_digest, sign_compact_digest, verified_emissions_digest
from ledger.chain.contracts import EMISSIONS_REGISTRY
from ledger.chain.emission_intents import (
    AssignIntent,
    DetermineIntent,
    EndAssignmentIntent,
    RegisterIntent,
    TieIntent,
)
from ledger.chain.emissions_registry import EmissionsRegistry
from ledger.chain.intents import EnrolIntent

from .registry_life import AUDITOR, BOTH, VERIFIER, WORKS, Life, key

YEAR = 2025
DAY = 86_400
VERIFIERS_KEY, AUDITORS_KEY = key(30), key(31)


class Cases:
    """Intents about the works' case, each of an entry of its own; the figures' leaves are those that the world grew."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.life = Life(world.registry_domain)

    def everybody(self) -> list[EnrolIntent]:
        """The park's, and the verifiers."""
        return [*self.life.everybody(), *self.verifiers()]

    def verifiers(self) -> list[EnrolIntent]:
        """Two of them."""
        return [self.life.enrol(VERIFIER, VERIFIERS_KEY, BOTH), self.life.enrol(AUDITOR, AUDITORS_KEY, BOTH)]

    def assign(self, verifier: str = VERIFIER, *, begins: int | None = None) -> AssignIntent:
        now = int(time.time())
        return AssignIntent(
            *self.life.entry(), WORKS, YEAR, verifier, now - DAY if begins is None else begins, now + 30 * DAY
        )

    def end(self) -> EndAssignmentIntent:
        return EndAssignmentIntent(*self.life.entry(), WORKS, YEAR)

    def tie(self, a: str = WORKS, b: str = VERIFIER) -> TieIntent:
        return TieIntent(*self.life.entry(), a, b)

    def register(
        self, tonnes: int, at: tuple[int, int], *, revision: int = 1, by: PrivateKey = VERIFIERS_KEY
    ) -> RegisterIntent:
        """``at``: where report and verification statement stand in the world's log."""
        leaves = [hashlib.sha256(b"%d" % index).digest() for index in at]
        digest = verified_emissions_digest(
            self.world.emissions_domain, account_id(WORKS), YEAR, tonnes, leaves[0], leaves[1], revision
        )
        signature = sign_compact_digest(digest, by)
        places = (leaves[0], at[0], leaves[1], at[1])
        return RegisterIntent(*self.life.entry(), WORKS, YEAR, tonnes, revision, *places, signature)

    def determine(self, tonnes: int, *, revision: int = 1) -> DetermineIntent:
        """Approved by a person of the park and one of the bureau."""
        document = hashlib.sha256(b"decision").digest()
        digest = emissions_determination_digest(
            self.world.emissions_domain, account_id(WORKS), YEAR, tonnes, document, revision
        )
        approvals = tuple(sign_compact_digest(digest, person) for person in (key(4), key(5)))
        return DetermineIntent(*self.life.entry(), WORKS, YEAR, tonnes, revision, document, approvals)

    def contract(self) -> EmissionsRegistry:
        return EmissionsRegistry(self.world.rpc, self.world.deploy().addresses[EMISSIONS_REGISTRY])

    def standing(self) -> tuple[int, int, bool] | None:
        """Tonnes, revision and whether determined, as the contract has it."""
        found = self.contract().emissions_of(account_id(WORKS), YEAR)
        return None if found is None else (found.tonnes, found.revision, found.determined)
