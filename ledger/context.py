"""The log as verification meets it: ``attestation.context.Context`` over the tables, inside one write transaction.

Who signs and what was established is answered here, what concerns streams in ``ledger.stream_answers``. A bulk
transaction accepts thousands of readings: what the store was asked for once is kept while the transaction runs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from attestation.accounting.factor_sets import FactorSet
from attestation.context import (
    EntryRef,
    IdentifierRecord,
    KeyRecord,
    RecoveryOnChain,
    RecoveryRecord,
)
from attestation.keys import PublicKey
from attestation.policies import FACTOR_SET
from attestation.statements import Statement
from attestation.typed_data import Domain
from ledger.answers.admissions import AdmissionAnswers
from ledger.answers.assets import AssetAnswers
from ledger.answers.cases import CaseAnswers
from ledger.answers.devices import DeviceAnswers
from ledger.answers.labels import LabelAnswers
from ledger.answers.market import MarketAnswers, SeenOnChain
from ledger.answers.policies import PolicyAnswers
from ledger.answers.quotas import QuotaAnswers
from ledger.citations import Sums
from ledger.db.admissions import AdmissionRepository
from ledger.db.asset_operations import AssetOperationRepository
from ledger.db.assets import AssetRepository
from ledger.db.cases import CaseRepository
from ledger.db.devices import DeviceRepository
from ledger.db.exchange import ExchangeRepository
from ledger.db.identities import IdentityRepository
from ledger.db.labels import LabelRepository
from ledger.db.log_models import LogState
from ledger.db.market import MarketRepository
from ledger.db.market_operations import MarketOperationRepository
from ledger.db.policies import PolicyRepository
from ledger.db.quotas import QuotaRepository
from ledger.records import identifier_record, key_record, recovery_on_chain, recovery_record
from ledger.stream_answers import StreamAnswers
from ledger.trust import Trust


@dataclass(frozen=True, slots=True)
class LogParameters:
    """What binds a log: its origin, the registrar that signs ``key`` and ``policy`` statements, and the EIP-712 domains
    of the contracts (``None`` without a chain).

    ``skew``: seconds a signer's clock may be ahead. ``integrate_within``: seconds a promise allows until integration.
    ``recovery_delay``: seconds from a proposed recovery to its completion.
    """

    origin: str
    deployment_id: bytes
    registrar_identifier: str
    registrar: PublicKey
    registry_domain: Domain | None
    checkpoint_domain: Domain | None = None
    emissions_domain: Domain | None = None
    ledger_domain: Domain | None = None
    compliance_domain: Domain | None = None
    exchange_domain: Domain | None = None
    skew: int = 300
    integrate_within: int = 60
    recovery_delay: int = 604_800


def parameters_of(trust: Trust) -> LogParameters:
    """What binds the log that a trust file names; seconds as they are by default."""
    return LogParameters(
        origin=trust.log,
        deployment_id=trust.deployment_id,
        registrar_identifier=trust.registrar_identifier,
        registrar=trust.registrar,
        registry_domain=trust.registry_domain,
        checkpoint_domain=trust.checkpoint_domain,
        emissions_domain=trust.emissions_domain,
        ledger_domain=trust.ledger_domain,
        compliance_domain=trust.compliance_domain,
        exchange_domain=trust.exchange_domain,
    )


class LedgerContext(
    StreamAnswers,
    DeviceAnswers,
    CaseAnswers,
    AdmissionAnswers,
    PolicyAnswers,
    LabelAnswers,
    AssetAnswers,
    QuotaAnswers,
    MarketAnswers,
):
    """Answers verification's questions as of ``next_index`` and takes in what was judged good."""

    def __init__(
        self, session: Session, parameters: LogParameters, state: LogState, now: int, sums: Sums | None = None
    ) -> None:
        super().__init__(session, state, sums or {})
        self.session = session
        self.identities = IdentityRepository(session)
        self.admissions = AdmissionRepository(session)
        self.cases = CaseRepository(session)
        self.devices = DeviceRepository(session)
        self.labels = LabelRepository(session)
        self.operations = AssetOperationRepository(session)
        self.units = AssetRepository(session)
        self.published = PolicyRepository(session)
        self.quotas = QuotaRepository(session)
        self.market = MarketRepository(session)
        self.market_operations = MarketOperationRepository(session)
        self.exchange = ExchangeRepository(session)
        self.seen = SeenOnChain()
        self.parameters = parameters
        self._now = now
        self._known_identifiers: dict[str, IdentifierRecord] = {}
        self._known_keys: dict[tuple[str, str], KeyRecord] = {}

    def read_ahead(self, statements: Collection[Statement]) -> None:
        """Read in a few queries what judging these statements will surely ask: signers, keys, heads of streams."""
        signers = {(statement.iss, statement.kid_key) for statement in statements}
        self._heads.read_ahead({(statement.iss, statement.stream) for statement in statements})
        for identifier in self.identities.identifiers({issuer for issuer, _ in signers}):
            self._known_identifiers[identifier.identifier] = identifier_record(identifier)
        for row in self.identities.keys({thumbprint for _, thumbprint in signers}):
            self._known_keys[row.identifier, row.thumbprint] = key_record(row)

    @property
    def origin(self) -> str:
        """The log's origin."""
        return self.parameters.origin

    @property
    def now(self) -> int:
        """Acceptance time, unix seconds."""
        return self._now

    @property
    def skew(self) -> int:
        """Seconds that a claimed time may be ahead."""
        return self.parameters.skew

    @property
    def registrar(self) -> PublicKey:
        """The root key."""
        return self.parameters.registrar

    @property
    def registrar_identifier(self) -> str:
        """The root key's holder."""
        return self.parameters.registrar_identifier

    @property
    def registry_domain(self) -> Domain | None:
        """EIP-712 domain of the identifier registry."""
        return self.parameters.registry_domain

    @property
    def emissions_domain(self) -> Domain | None:
        """EIP-712 domain of the emissions registry."""
        return self.parameters.emissions_domain

    @property
    def recovery_delay(self) -> int:
        """Seconds from a proposed recovery to its completion."""
        return self.parameters.recovery_delay

    def identifier(self, identifier: str, /) -> IdentifierRecord | None:
        """See ``Context``."""
        known = self._known_identifiers.get(identifier)
        if known is None and (row := self.identities.identifier(identifier)) is not None:
            known = identifier_record(row)
            self._known_identifiers[identifier] = known
        return known

    def key(self, identifier: str, thumbprint_b64: str, /) -> KeyRecord | None:
        """See ``Context``."""
        known = self._known_keys.get((identifier, thumbprint_b64))
        if known is None:
            row = self.identities.key(thumbprint_b64)
            if row is None or row.identifier != identifier:
                return None
            known = key_record(row)
            self._known_keys[identifier, thumbprint_b64] = known
        return known

    def key_owner(self, thumbprint_b64: str, /) -> str | None:
        """See ``Context``."""
        row = self.identities.key(thumbprint_b64)
        return None if row is None else row.identifier

    def keys_of(self, identifier: str, /) -> Sequence[KeyRecord]:
        """See ``Context``."""
        self.flush()
        return [key_record(row) for row in self.identities.keys_of(identifier)]

    def recovery(self, statement_id: bytes, /) -> RecoveryRecord | None:
        """See ``Context``."""
        row = self.identities.recovery(statement_id)
        return None if row is None else recovery_record(row)

    def recovery_of(self, thumbprint_b64: str, /) -> RecoveryRecord | None:
        """See ``Context``."""
        row = self.identities.recovery_of(thumbprint_b64)
        return None if row is None else recovery_record(row)

    def recovery_on_chain(self, thumbprint_b64: str, /) -> RecoveryOnChain | None:
        """See ``Context``."""
        row = self.identities.recovery_on_chain(thumbprint_b64)
        return None if row is None else recovery_on_chain(row, self.identities.chain_read_at())

    def factor_set(self, factor_set_id: str, version: str, /) -> FactorSet | None:
        """See ``Context``."""
        row = self.identities.policy(FACTOR_SET, factor_set_id, version)
        return None if row is None else FactorSet.from_document(row.document)

    def policy(self, policy: str, policy_id: str, version: str, /) -> EntryRef | None:
        """See ``Context``."""
        row = self.identities.policy(policy, policy_id, version)
        if row is None:
            return None
        entry = self.entries.require(row.entry_index)
        return EntryRef(entry.index, entry.statement_id, entry.leaf_hash)

    def forget_keys(self) -> None:
        """Read keys anew: an entry changed what is known of them."""
        self.identities.send()
        self._known_keys.clear()
