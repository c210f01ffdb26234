"""The lines of a report, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from attestation.statements import Statement
from ledger.checkpoint import Checkpoint, SignatureLine
from ledger.receipts.chain_steps import ChainAnswer
from ledger.receipts.format import Anchor, Receipt
from ledger.receipts.report import Finding
from ledger.receipts.status import Status
from ledger.trust import Trust

Findings = tuple[Finding, ...]


def log_findings(
    receipt: Receipt, trust: Trust, checkpoint: Checkpoint, witnesses: int, said: tuple[Statement, Status]
) -> Findings:
    """Steps 1 to 6; ``said``: the statement and the log's word on its keys."""
    statement, status = said
    return (
        Finding(1, "form of the receipt and of the checkpoint", "收据与检查点的格式"),
        Finding(2, f"receipt and checkpoint are of the log {trust.log}", f"收据与检查点属于日志 {trust.log}"),
        Finding(
            3,
            f"checkpoint of size {checkpoint.size}, epoch {checkpoint.epoch}: signed by the log and by {witnesses} of "
            f"{len(trust.witnesses)} trusted witnesses ({trust.witness_quorum} needed)",
            f"大小为 {checkpoint.size}、纪元 {checkpoint.epoch} 的检查点：由日志及 {len(trust.witnesses)} "
            f"个受信见证人中的 {witnesses} 个签署（需要 {trust.witness_quorum} 个）",
        ),
        Finding(
            4,
            f"the entry is number {receipt.index} of the {checkpoint.size} entries",
            f"该条目是 {checkpoint.size} 个条目中的第 {receipt.index} 号（从 0 起）",
        ),
        Finding(
            5,
            f"its key goes back to the registrar by {len(receipt.keys)} entries of the log "
            f"({', '.join(str(one.index) for one in receipt.keys)}), each with proof of possession",
            f"其密钥经日志中 {len(receipt.keys)} 个条目（{'、'.join(str(one.index) for one in receipt.keys)}）"
            "追溯至登记方，每次均附持有证明",
        ),
        Finding(
            6,
            f"the entry is a {statement.type} signed by {statement.iss} with that key, for a purpose the key has",
            f"该条目是 {statement.iss} 用该密钥签署的 {statement.type} 声明，符合密钥用途",
        ),
        Finding(
            6,
            f"no key of it was revoked or called compromised where it signed: by the log's signed word, up to size "
            f"{status.size}",
            f"相关密钥在签署时均未被吊销或宣布失窃：依日志签名的状态声明，截至大小 {status.size}",
        ),
    )


def never_checked(receipt: Receipt, status: Status) -> Findings:
    """What no receipt can show."""
    return (
        Finding(
            5,
            f"whether an entry from {status.size} on declares a key compromised, and whether the log's word about the "
            "entries below is true: a fresh receipt, or the log itself, tells",
            f"第 {status.size} 号及以后的条目是否宣布密钥失窃，以及日志关于此前条目的声明是否属实："
            "须取新收据或阅读日志",
        ),
        Finding(
            6,
            "whether what the entry says is true; sums and citations were recomputed by the service when it accepted "
            "the entry, and can be recomputed from the log",
            "条目内容是否属实；求和与引用在受理时由服务重新计算，也可依日志重新计算",
        ),
    )


def ignored(lines: Sequence[SignatureLine]) -> Findings:
    """Signature lines of strangers, which C2SP signed-note says to ignore."""
    if not lines:
        return ()
    names = ", ".join(sorted({line.name for line in lines}))
    return (
        Finding(
            3,
            f"{len(lines)} signature lines of the checkpoint by keys that the trust file does not name: {names}",
            f"检查点中有 {len(lines)} 行签名的密钥不在信任文件中：{names}",
        ),
    )


def not_anchored() -> Findings:
    """The receipt has no anchor, and none was required."""
    return (
        Finding(
            7,
            "nothing on any chain holds this entry yet: it rests on the word of the log and its witnesses",
            "尚无任何链上记录包含此条目：目前仅凭日志及其见证人的陈述",
        ),
    )


def anchor_findings(trust: Trust, cosigners: int) -> Findings:
    """Steps 7 and 8."""
    return (
        Finding(
            7,
            f"{cosigners} of {len(trust.cosigners)} trusted cosigners signed it for the contract on chain "
            f"{trust.chain_id} ({trust.cosigner_threshold} needed)",
            f"{len(trust.cosigners)} 个受信共签人中有 {cosigners} 个为链 {trust.chain_id} 上的合约签署"
            f"（需要 {trust.cosigner_threshold} 个）",
        ),
        Finding(
            8,
            "the anchor names the trusted chain, contract and deployment, and the checkpoint's epoch, size and root",
            "锚定所列的链、合约与部署为受信者，其纪元、大小与根即检查点的",
        ),
    )


def chain_not_asked(anchor: Anchor) -> Findings:
    """Step 9 was not taken."""
    return (
        Finding(
            9,
            f"the chain was not asked: that transaction 0x{anchor.tx.hex()} in block {anchor.block_number} "
            f"(0x{anchor.block_hash.hex()}) anchored it, and that this is {anchor.state}, is the receipt's own claim",
            f"未查询链：交易 0x{anchor.tx.hex()}（区块 {anchor.block_number}，0x{anchor.block_hash.hex()}）"
            f"已完成锚定且状态为 {anchor.state}，仅为收据自称",
        ),
    )


def chain_findings(anchor: Anchor, answer: ChainAnswer) -> Findings:
    """Step 9."""
    found = [
        Finding(
            9,
            "the contract on chain knows this root and itself verified the entry's inclusion; the named transaction in "
            "the named block anchored it",
            "链上合约知晓此根，并自行验证了条目的包含证明；所列区块中的所列交易完成了锚定",
        )
    ]
    if not answer.unknown:
        found.append(
            Finding(
                9,
                f"the identifier registry on chain knows the keys as their entries bring them, and none was revoked or "
                f"called compromised there where it signed, as of block {answer.block}",
                f"链上标识注册合约所记密钥与其条目一致，且截至区块 {answer.block} 均未在签署前被吊销或宣布失窃",
            )
        )
    if answer.final:
        found.append(Finding(9, f"block {anchor.block_number} is final", f"区块 {anchor.block_number} 已最终确定"))
    return tuple(found)


def chain_open(answer: ChainAnswer) -> Findings:
    """What is left open once the chain was asked: keys that the registry does not know, and finality."""
    found = []
    if answer.unknown:
        whose = ", ".join(sorted(set(answer.unknown)))
        found.append(
            Finding(
                9,
                f"what the identifier registry says of keys of {whose}: it does not know them as of block "
                f"{answer.block}",
                f"标识注册合约对 {whose} 的密钥的记载：截至区块 {answer.block} 尚无记录",
            )
        )
    if answer.final is None:
        found.append(
            Finding(
                9, "whether the block is final: this view of the chain cannot tell", "区块是否最终：此链视图无法判断"
            )
        )
    elif not answer.final:
        found.append(
            Finding(9, "the block is not final yet: the chain may still forget it", "区块尚未最终确定：链仍可能遗忘它")
        )
    return tuple(found)
