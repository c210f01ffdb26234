"""Bodies that verifiers and the registrar sign in a case: a verdict, a registration, a draw (DOMAIN 44), a
determination (10)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from attestation.accounting.adjusted import adjusted_report
from attestation.accounting.cems import CemsRules
from attestation.accounting.factor_sets import FactorSet
from attestation.accounting.report import DEFAULT_CEMS
from attestation.bodies import Approval, Body, Determination, Registration, Report, Verification
from attestation.bodies.assignments import DrawVerifier, OpenDraw
from attestation.bodies.verdicts import Adjustment, Resolution
from attestation.draws import choose, commitment_of
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.refusals import refuse
from attestation.typed_data import (
    Domain,
    emissions_determination_digest,
    sign_compact_digest,
    verified_emissions_digest,
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a verifier says beside figures (DOMAIN 45); ``report``, ``initial_report``: statement ids in hex."""

    report: str
    initial_report: str
    boundary: str
    guideline: str
    uncovered: str
    nonconformities: tuple[Resolution, ...] = ()


def approve(report: Report, examined: Examined) -> Verification:
    """The verdict that the report is right as it stands."""
    return _verdict(examined, "approved", (), report)


def correct(
    report: Report,
    examined: Examined,
    adjustments: Sequence[Adjustment],
    factor_set: FactorSet,
    cems: CemsRules = DEFAULT_CEMS,
) -> Verification:
    """The verdict with adjustments; the verified totals are those of the adjusted report, recomputed with the factor
    set that the report names and the year's rules for measured stacks. Raises what recomputation raises."""
    adjusted = adjusted_report(report, adjustments, factor_set, cems)
    return _verdict(examined, "corrected", tuple(adjustments), adjusted)


def reject(examined: Examined) -> Verification:
    """The verdict that the report cannot be verified: the enterprise submits another one."""
    return _verdict(examined, "rejected", (), None)


def differences(report: Report, corrected: Report, reason: str, basis: str) -> tuple[Adjustment, ...]:
    """The adjustments that make of a report's lines those of another one, which was built as it should have been."""
    before = {line.id: line for line in report.lines}
    after = {line.id: line for line in corrected.lines}
    changed = [line for line in corrected.lines if before.get(line.id) != line]
    return (
        *(Adjustment(line=line.id, replacement=line, reason=reason, basis=basis) for line in changed),
        *(Adjustment(line=line.id, reason=reason, basis=basis) for line in report.lines if line.id not in after),
    )


@dataclass(frozen=True, slots=True)
class Leaves:
    """Leaf hashes (32 bytes) of the report's entry and of the verdict's."""

    report: bytes
    verdict: bytes


def register(
    domain: Domain,
    key: PrivateKey,
    verdict: Verification,
    leaves: Leaves,
    verdict_id: str,
    *,
    enterprise: str,
    year: int,
    revision: int,
) -> Registration:
    """The registration of a verdict's figure, with the verifier's word for the contract: an ES256K key's signature over
    ``VerifiedEmissions``. Raises ValueError for a verdict without a figure, KeyRefused for another kind of key."""
    if verdict.verified is None:
        raise ValueError("a rejected report has no figure to register")
    tonnes = verdict.verified.obligation_tonnes
    digest = verified_emissions_digest(
        domain, account_id(enterprise), year, tonnes, leaves.report, leaves.verdict, revision
    )
    return Registration(
        verification=verdict_id,
        enterprise=enterprise,
        year=year,
        tonnes=tonnes,
        revision=revision,
        signature="0x" + sign_compact_digest(digest, key).hex(),
    )


def open_draw(
    enterprise: str, year: int, candidates: Sequence[str], days: tuple[str, str], contribute_until: str
) -> tuple[OpenDraw, bytes]:
    """A draw among verifiers, and the secret (32 bytes) that the registrar keeps until the enterprise has contributed.
    ``days`` (``YYYY-MM-DD``) are the first of the assignment and the first after it."""
    secret = secrets.token_bytes(32)
    opened = OpenDraw(
        enterprise=enterprise,
        year=year,
        candidates=tuple(sorted(candidates, key=str.encode)),
        commitment=commitment_of(secret).hex(),
        start=days[0],
        end=days[1],
        contribute_until=contribute_until,
    )
    return opened, secret


def draw(opened: OpenDraw, statement_id: str, secret: bytes, contribution: bytes | None) -> DrawVerifier:
    """The opening of the secret, and whom it chose; ``contribution`` are the enterprise's 32 bytes, if it gave any."""
    place = choose(bytes.fromhex(statement_id), secret, contribution, len(opened.candidates))
    return DrawVerifier(draw=statement_id, secret=secret.hex(), verifier=opened.candidates[place])


def determine(figure: Determination, approvals: Sequence[Approval]) -> Determination:
    """The determination with the persons' approvals, in the order of their identifiers' bytes."""
    ordered = tuple(sorted(approvals, key=lambda one: one.identifier.encode()))
    return replace(figure, approvals=ordered)


def approve_determination(
    domain: Domain | None, person: str, purposes: Purpose, key: PrivateKey, figure: Determination
) -> Approval:
    """A person's word for the contract over the figure: EIP-712 ``EmissionsDetermination``.

    Raises KeyRefused (``key.algorithm``) for a key that is not ES256K, RecomputationRefused (``approval.purpose``) for
    one that is not for administration, SequenceRefused (``registration.no_registry``) without a contract.
    """
    if domain is None:
        raise refuse("registration.no_registry", figure.enterprise)
    if key.algorithm is not Algorithm.ES256K:
        raise refuse("key.algorithm", key.algorithm.value, Algorithm.ES256K.value)
    if Purpose.ADMINISTRATION not in purposes:
        raise refuse("approval.purpose", ", ".join(purposes.names()), at=person)
    digest = emissions_determination_digest(
        domain,
        account_id(figure.enterprise),
        figure.year,
        figure.tonnes,
        bytes.fromhex(figure.document_hash),
        figure.revision,
    )
    return Approval(identifier=person, signature=f"0x{sign_compact_digest(digest, key).hex()}")


def body_of(entry: str, log: str) -> Body:
    """What a logged entry (compact JWS) of the log of that origin says. Raises AttestationError."""
    return examine(entry.encode("ascii"), log).body


def _verdict(
    examined: Examined, conclusion: str, adjustments: tuple[Adjustment, ...], verified: Report | None
) -> Verification:
    return Verification(
        report=examined.report,
        initial_report=examined.initial_report,
        boundary=examined.boundary,
        guideline=examined.guideline,
        conclusion=conclusion,
        adjustments=adjustments,
        verified=None if verified is None else verified.totals,
        nonconformities=examined.nonconformities,
        uncovered=examined.uncovered,
    )
