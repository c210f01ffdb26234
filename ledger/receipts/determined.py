"""Whether a contract holds exactly the figure that two persons determined (DOMAIN 10).

The steps go on from those of a receipt (:func:`ledger.receipts.verify`), which the determination's receipt has to pass,
the chain's own view included:

10. the entry is a ``determination`` of this case
11. the approvals: two persons signed EIP-712 ``EmissionsDetermination`` over enterprise, year, tonnes, document and
    revision, each by a key that the identifier registry knows as that person's, which had not ended and is not flagged
    where the determination stands
12. the emissions registry of the trusted deployment holds this figure for the case, as determined by this entry:
    tonnes, revision, leaf

That the two are persons, of two different bodies, no node tells: the contract asked it when it took the figure.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.bodies import Approval, Determination
from attestation.bodies.keys import APPROVALS
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.judging.approvals import check_form
from attestation.judging.cases import check_digest
from attestation.typed_data import emissions_determination_digest, recover_key
from ledger.errors import LedgerError, ReceiptRefused, Retryable
from ledger.receipts.chain_view import EmissionsOnChain
from ledger.receipts.format import Receipt
from ledger.receipts.refusal import refusal, refuse_because, require_equal
from ledger.receipts.report import Finding, Report
from ledger.receipts.standing import EmissionsView, check_flag, check_standing, find_registry
from ledger.receipts.verification import verify
from ledger.trust import Trust


@dataclass(frozen=True, slots=True)
class DeterminedFigure:
    """A figure that was not refused: the report of the determination's receipt, its words, what the contract holds, and
    as of which block it was asked. ``checked`` and ``not_checked`` are of steps 10 to 12."""

    report: Report
    words: Determination
    on_chain: EmissionsOnChain
    block: int
    checked: tuple[Finding, ...]
    not_checked: tuple[Finding, ...]


def verify_determined(
    determination: Receipt, enterprise: str, year: int, trust: Trust, chain: EmissionsView
) -> DeterminedFigure:
    """Judge the determined figure of a case; see the steps above.

    Raises ``ReceiptRefused``, and ``ledger.errors.Retryable`` if the chain gives no answer.
    """
    # 1 to 9: the receipt
    report = verify(determination, trust, chain=chain)
    step = 11
    try:
        said = examine(determination.entry, trust.log)
        # 10: a determination of this case; step 6 refused every signer but the registrar
        words = said.body
        if not isinstance(words, Determination):
            raise refusal(
                10,
                "registered.determination",
                said.type,
                "determination",
                why="this entry determines nothing",
                why_zh="该条目不是核定声明",
            )
        require_equal(10, "registered.enterprise", words.enterprise, enterprise)
        require_equal(10, "registered.year", words.year, year)
        find_registry(trust)
        block = chain.head_block()
        # 11: two persons' words
        _check_approvals(chain, block, trust, words, determination.index)
        step = 12
        # 12: what the contract holds
        standing = (("determined", True), ("verifier", None), ("report_leaf", None), ("statement_leaf", said.leaf_hash))
        found = check_standing(chain, block, trust, words, standing)
    except (Retryable, ReceiptRefused):
        raise
    except (AttestationError, LedgerError) as error:
        refuse_because(step, error)
    return DeterminedFigure(report, words, found, block, _checked(words, block), _NOT_CHECKED)


def _check_approvals(chain: EmissionsView, block: int, trust: Trust, words: Determination, at: int) -> None:
    domain = trust.emissions_domain
    if domain is None:
        raise TypeError("a trust file without an emissions registry came this far")
    check_form(words.approvals)
    persons = {approval.identifier for approval in words.approvals}
    require_equal(11, "approval.same_person", len(persons), APPROVALS)
    digest = emissions_determination_digest(
        domain,
        account_id(words.enterprise),
        words.year,
        words.tonnes,
        check_digest(words.document_hash, "body.document_hash"),
        words.revision,
    )
    for approval in words.approvals:
        _check_approval(chain, block, trust, approval, digest, at)


def _check_approval(  # noqa: PLR0917 - a word, and what it is judged by
    chain: EmissionsView, block: int, trust: Trust, approval: Approval, digest: bytes, at: int
) -> None:
    key = recover_key(digest, bytes.fromhex(approval.signature[2:]))
    found = chain.key(trust.identifier_registry, key.thumbprint, block)
    if found is None or found.account != account_id(approval.identifier):
        raise refusal(
            11,
            "approval.signature",
            key.kid_name,
            f"a key of {approval.identifier}",
            why="the determination's words are not signed by a key of the person who approves",
            why_zh="核定内容不是由批准人的密钥签署的",
        )
    if found.revoked_index is not None and found.revoked_index <= at:
        raise refusal(
            11,
            "approval.revoked",
            f"{key.kid_name}, ended by entry {found.revoked_index}",
            f"a key that is active at entry {at}",
            why="the key that approved had ended",
            why_zh="批准所用密钥已失效",
        )
    check_flag(key.kid_name, found, at)


def _checked(words: Determination, block: int) -> tuple[Finding, ...]:
    first, second = (approval.identifier for approval in words.approvals)
    tonnes, revision = words.tonnes, words.revision
    return (
        Finding(10, "a determination of this case, by the registrar", "登记机构对本案的核定声明"),
        Finding(
            11,
            f"approved by {first} and {second}, each by a key that the identifier registry knows as theirs",
            f"由 {first} 与 {second} 批准，密钥均为标识注册合约所知的本人密钥",
        ),
        Finding(
            12,
            f"the contract holds {tonnes} t, revision {revision}, as determined by this entry, as of block {block}",
            f"截至区块 {block}，合约记载本条目核定的 {tonnes} 吨，第 {revision} 版",
        ),
    )


_NOT_CHECKED = (
    Finding(
        11,
        "that the two are persons of two different bodies: the contract asked it when it took the figure",
        "两名批准人属于两个不同机构：由合约在受理时核验",
    ),
    Finding(
        10, "the document whose hash was approved, and whether it bears the figure", "所批准摘要对应的依据文件及其内容"
    ),
)
