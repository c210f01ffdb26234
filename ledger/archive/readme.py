"""The two pages in an archive that say what it is, and how to check it by other means than ours."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.archive.layout import PER_FILE, About

_ENGLISH = """# Archive of a carbon evidence ledger

Log `{log}`, {size} entries; chain {chain_id}{head}.

Nothing in here is to be believed because it is in here. Bring your own trust file (the log's and witnesses' keys, the
registrar's key, the contracts' addresses), from somebody other than who gave you this archive. `trust.json` is the
operator's copy, for comparison.

Check everything, without any network:

    tanlu audit ARCHIVE.tar --trust your-trust.json

Without our program:

* `tar -xf ARCHIVE.tar && sha256sum -c MANIFEST.sha256`: the files are those that were written.
* `log/entries-NNNNNNNN.jsonl`: {per_file} entries each; `entry` is a JWS in compact form (RFC 7515), signed by its
  issuer. The leaf hash of one is the SHA-256 of a zero byte and the entry. For the first line of a file:

      python3 -c 'import hashlib, json, sys
      line = json.loads(sys.stdin.readline())
      print(hashlib.sha256(bytes(1) + line["entry"].encode()).hexdigest())' < log/entries-00000000.jsonl

* `log/heads.jsonl`: checkpoints (C2SP tlog-checkpoint) with the signatures of log and witnesses. The root is that of
  the RFC 9162 tree over the leaf hashes of its first `size` entries.
* `chain/headers-*.jsonl`, `chain/receipts-*.jsonl`: what a node answered to eth_getBlockByNumber for every block, and
  to eth_getBlockReceipts for those with events of the contracts. Each header has the hash of the one before; the
  receipts of a block give its receiptsRoot.
* `chain/refused.jsonl`: operations that a contract finally refused, on the operator's word: no event says so.
* `log/equivocations.jsonl`: second statements at a place that was taken, kept as evidence.
* `schemas/`, `abi/`: the forms of statements and events.
* `tables/`, if it is there: views of the above for a spreadsheet, no evidence; its README.md has the columns.
"""
_CHINESE = """# 碳证据账本归档

日志 `{log}`，{size} 条；链 {chain_id}{head}。

归档内容不因其在归档中而可信。请使用从其他渠道获得的信任文件（日志与见证人公钥、登记机构公钥、合约地址）；
`trust.json` 仅为运营方副本，供比对。

无需任何网络即可全量核验：

    tanlu audit ARCHIVE.tar --trust 你的信任文件.json

不用本程序：

* `tar -xf ARCHIVE.tar && sha256sum -c MANIFEST.sha256`：核对文件完整性。
* `log/entries-NNNNNNNN.jsonl`：每个文件 {per_file} 条；`entry` 为签发者签名的 JWS 紧凑格式（RFC 7515）。
  叶哈希为一个零字节加条目的 SHA-256。
* `log/heads.jsonl`：检查点（C2SP tlog-checkpoint），含日志与见证人签名；根为前 `size` 条叶哈希的 RFC 9162 树根。
* `chain/headers-*.jsonl`、`chain/receipts-*.jsonl`：节点给出的全部区块头，以及含合约事件区块的全部收据；
  每个区块头含前一区块的哈希，收据可重算 receiptsRoot。
* `chain/refused.jsonl`：合约最终拒绝的操作，仅为运营方声明。
* `log/equivocations.jsonl`：在已占用位置上的第二份声明，作为证据保留。
* `schemas/`、`abi/`：声明与事件格式。
* `tables/`（如有）：供电子表格使用的视图，并非证据；各列含义见其中 README.md。
"""


def texts(about: About) -> Iterator[tuple[str, str]]:
    """Name and text of each page."""
    head = "" if about.head is None else f", block {about.head.number} 0x{about.head.hash}"
    for name, text in (("README.md", _ENGLISH), ("README.zh.md", _CHINESE)):
        yield (
            name,
            text.format(log=about.log, size=about.size, chain_id=about.chain_id, head=head, per_file=PER_FILE),
        )
