"""Whether a contract holds exactly the figure that a report and its verification led to (DOMAIN 2, 44, 45).

The steps go on from those of a receipt (:func:`ledger.receipts.verify`), which both receipts have to pass, the chain's
own view included:

10. the two entries belong together: a ``report``, and a ``verification`` of it which did not reject it, both by whom
    the words name, for that year, with these tonnes
11. the words: signed, as EIP-712 ``VerifiedEmissions`` over both leaves, by a key that the identifier registry knows as
    the verifier's and that is not flagged where the verification stands
12. the emissions registry of the trusted deployment holds this figure for the case: tonnes, revision, verifier, leaves
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from attestation.bodies.verdicts import Verification
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.statements import Report as ReportBody
from attestation.statements import Statement
from attestation.typed_data import recover_key, verified_emissions_digest
from ledger.errors import LedgerError, ReceiptRefused, Retryable
from ledger.receipts.chain_view import ChainView, EmissionsOnChain
from ledger.receipts.format import Receipt
from ledger.receipts.refusal import refusal, refuse_because, require_equal
from ledger.receipts.report import Report
from ledger.receipts.verification import verify
from ledger.trust import Trust


class EmissionsView(ChainView, Protocol):
    """A chain as one node shows it, with registered emissions."""

    def emissions(self, registry: bytes, account: bytes, year: int, block: int) -> EmissionsOnChain | None:
        """The figure that the emissions registry at that address holds for a case as of that block; None if none."""
        ...


@dataclass(frozen=True, slots=True)
class FigureWords:
    """What a ``registration`` says: whole tCO2e, the revision from 1, the EIP-2098 signature (64 bytes)."""

    enterprise: str
    year: int
    tonnes: int
    revision: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class RegisteredFigure:
    """A figure that was not refused: the reports of both receipts, who verified it, what the contract holds, and as of
    which block it was asked."""

    report: Report
    verification: Report
    verifier: str
    on_chain: EmissionsOnChain
    block: int


def verify_registered(
    report: Receipt, verification: Receipt, words: FigureWords, trust: Trust, chain: EmissionsView
) -> RegisteredFigure:
    """Judge a registered figure; see the steps above.

    Raises ``ReceiptRefused``, and ``ledger.errors.Retryable`` if the chain gives no answer.
    """
    # 1 to 9: both receipts
    reported, verified = (verify(receipt, trust, chain=chain) for receipt in (report, verification))
    try:
        # 10: they belong together, and to these words
        said, verdict = (examine(receipt.entry, trust.log) for receipt in (report, verification))
        _check_together(said, verdict, words)
        registry = _registry(trust)
        block = chain.head_block()
        # 11: the verifier's word
        _check_signer(chain, block, trust, words, (said, verdict), verification.index)
        # 12: what the contract holds
        found = _check_standing(chain, block, registry, trust, words, (said, verdict))
    except (Retryable, ReceiptRefused):
        raise
    except AttestationError as error:
        refuse_because(11, error)
    except LedgerError as error:
        refuse_because(12, error)
    return RegisteredFigure(reported, verified, verdict.iss, found, block)


def _check_together(said: Statement, verdict: Statement, words: FigureWords) -> None:
    body, judged = said.body, verdict.body
    if not isinstance(body, ReportBody):
        raise _other("registered.report", said.type, "report")
    if not isinstance(judged, Verification):
        raise _other("registered.verification", verdict.type, "verification")
    require_equal(10, "registered.verification.report", judged.report, said.statement_id.hex())
    require_equal(10, "registered.enterprise", words.enterprise, said.iss)
    require_equal(10, "registered.year", words.year, body.year)
    if judged.verified is None:
        raise _other("registered.conclusion", judged.conclusion, "approved or corrected")
    require_equal(10, "registered.tonnes", words.tonnes, judged.verified.obligation_tonnes)


def _registry(trust: Trust) -> bytes:
    if trust.emissions_registry is None:
        raise refusal(
            12,
            "trust.contracts",
            "no emissions_registry",
            "its address",
            why="the trust file names no emissions registry",
            why_zh="信任文件未给出排放登记合约",
        )
    return trust.emissions_registry


def _check_signer(  # noqa: PLR0917 - a word, and what it is judged by
    chain: EmissionsView,
    block: int,
    trust: Trust,
    words: FigureWords,
    entries: tuple[Statement, Statement],
    verified_at: int,
) -> None:
    said, verdict = entries
    domain = trust.emissions_domain
    if domain is None:
        raise TypeError("a trust file without an emissions registry came this far")
    digest = verified_emissions_digest(
        domain,
        account_id(words.enterprise),
        words.year,
        words.tonnes,
        said.leaf_hash,
        verdict.leaf_hash,
        words.revision,
    )
    key = recover_key(digest, words.signature)
    found = chain.key(trust.identifier_registry, key.thumbprint, block)
    if found is None or found.account != account_id(verdict.iss):
        raise refusal(
            11,
            "registered.signature",
            key.kid_name,
            f"a key of {verdict.iss}",
            why="the registration's words are not signed by a key of the verifier",
            why_zh="登记内容不是由核查机构的密钥签署的",
        )
    if found.invalid_since is not None and found.invalid_since <= verified_at:
        raise refusal(
            11,
            "receipt.key.compromised",
            f"{key.kid_name}, from entry {found.invalid_since}",
            f"a key that is not flagged at entry {verified_at}",
            why="the key that signed was called compromised",
            why_zh="签署所用密钥已被宣布失窃",
        )


def _check_standing(  # noqa: PLR0917 - a figure, and where it should stand
    chain: EmissionsView,
    block: int,
    registry: bytes,
    trust: Trust,
    words: FigureWords,
    entries: tuple[Statement, Statement],
) -> EmissionsOnChain:
    require_equal(12, "chain.deployment-id", chain.deployment_id(registry), trust.deployment_id)
    said, verdict = entries
    found = chain.emissions(registry, account_id(words.enterprise), words.year, block)
    if found is None:
        raise refusal(
            12,
            "chain.emissions",
            "none",
            f"{words.tonnes} t",
            why=f"the contract holds no figure of {words.enterprise} for {words.year}",
            why_zh=f"合约中没有 {words.enterprise} {words.year} 年度的登记数值",
        )
    if found.revision > words.revision:
        raise refusal(
            12,
            "chain.emissions.revision",
            f"{found.revision}, of {found.tonnes} t",
            words.revision,
            why="a later version of the figure took its place",
            why_zh="该数值已被更新的版本取代",
        )
    for name, value, expected in (
        ("revision", found.revision, words.revision),
        ("determined", found.determined, False),
        ("tonnes", found.tonnes, words.tonnes),
        ("verifier", found.verifier, account_id(verdict.iss)),
        ("report", found.report_leaf, said.leaf_hash),
        ("statement", found.statement_leaf, verdict.leaf_hash),
    ):
        require_equal(12, f"chain.emissions.{name}", value, expected)
    return found


def _other(rule: str, value: object, expected: object) -> ReceiptRefused:
    return refusal(
        10,
        rule,
        value,
        expected,
        why="report, verification and figure do not belong together",
        why_zh="报告、核查声明与登记数值不相符",
    )
