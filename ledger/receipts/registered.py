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

from attestation.bodies.verdicts import Verification
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.statements import Report as ReportBody
from attestation.statements import Statement
from attestation.typed_data import recover_key, verified_emissions_digest
from ledger.errors import LedgerError, ReceiptRefused, Retryable
from ledger.receipts.chain_view import EmissionsOnChain
from ledger.receipts.format import Receipt
from ledger.receipts.refusal import refusal, refuse_because, require_equal
from ledger.receipts.report import Report
from ledger.receipts.standing import EmissionsView, check_flag, check_standing, find_registry
from ledger.receipts.verification import verify
from ledger.trust import Trust


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
        find_registry(trust)
        block = chain.head_block()
        # 11: the verifier's word
        _check_signer(chain, block, trust, words, (said, verdict), verification.index)
        # 12: what the contract holds
        standing = (
            ("determined", False),
            ("verifier", account_id(verdict.iss)),
            ("report_leaf", said.leaf_hash),
            ("statement_leaf", verdict.leaf_hash),
        )
        found = check_standing(chain, block, trust, words, standing)
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
    check_flag(key.kid_name, found, verified_at)


def _other(rule: str, value: object, expected: object) -> ReceiptRefused:
    return refusal(
        10,
        rule,
        value,
        expected,
        why="report, verification and figure do not belong together",
        why_zh="报告、核查声明与登记数值不相符",
    )
