"""Ways to alter a store or an archive behind everybody's back, each with the place that is to be named.

A store is altered by plain SQL, without constraints. An archive is written anew with the manifest that fits, as
somebody would who knows its form.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tanlu.drill.rewriting import Edit, dropped, edited, rewrite, without_last_line

_Apply = Callable[[Path], bool]
"""Alters the file at a path; False where it has nothing of the kind."""


class Target(StrEnum):
    """What is altered."""

    STORE = "store"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Alteration:
    """One alteration. ``places``: beginnings of the place that must be named, one of them."""

    name: str
    name_zh: str
    target: Target
    apply: _Apply
    places: tuple[str, ...]


def _sql(statement: str) -> _Apply:
    def apply(path: Path) -> bool:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("PRAGMA ignore_check_constraints=ON")
            before = connection.total_changes
            connection.execute(statement)
            changed = connection.total_changes > before
        connection.close()
        return changed

    return apply


# Names of tables and columns, and conditions, are this module's own throughout.
# ruff: noqa: S608
def _flip(table: str, column: str, where: str, at: int) -> _Apply:
    """Another byte at one place of a binary value."""

    def apply(path: Path) -> bool:
        with sqlite3.connect(path) as connection:
            row = connection.execute(f"SELECT rowid, {column} FROM {table} WHERE {where} LIMIT 1").fetchone()
            if row is None:
                return False
            data = bytearray(row[1])
            data[at] ^= 1
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (bytes(data), row[0]))
        connection.close()
        return True

    return apply


def _store(name: str, name_zh: str, apply: _Apply, *places: str) -> Alteration:
    return Alteration(name, name_zh, Target.STORE, apply, places)


def _archive(name: str, name_zh: str, edit: Edit, *places: str, manifest: bool = True) -> Alteration:
    return Alteration(name, name_zh, Target.ARCHIVE, lambda path: rewrite(path, edit, manifest=manifest), places)


_READING = "idx = (SELECT max(idx) / 2 FROM entries)"
_FIRST = "rowid = (SELECT min(rowid) FROM {0})"


def _change(table: str, column: str, value: str) -> _Apply:
    return _sql(f"UPDATE {table} SET {column} = {value} WHERE {_FIRST.format(table)}")


def _remove(table: str) -> _Apply:
    return _sql(f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")


ALTERATIONS: tuple[Alteration, ...] = (
    _store("a byte of an entry", "条目的一个字节", _flip("entries", "entry", _READING, -40), "entry "),
    _store("an entry that is gone", "删除条目", _sql(f"DELETE FROM entries WHERE {_READING}"), "entry "),
    _store(
        "two entries that changed places",
        "互换两条条目",
        _sql(
            "UPDATE entries SET (entry, leaf_hash) = (SELECT other.entry, other.leaf_hash FROM entries other WHERE"
            " other.idx = CASE entries.idx WHEN 20 THEN 21 ELSE 20 END) WHERE idx IN (20, 21)"
        ),
        "entry ",
        "entries ",
    ),
    _store("a leaf hash", "叶哈希", _flip("entries", "leaf_hash", _READING, 3), "entries "),
    _store(
        "when an entry was accepted", "受理时间", _sql(f"UPDATE entries SET accepted_at = 5 WHERE {_READING}"), "entry "
    ),
    _store("a node of the tree", "树节点", _flip("tiles", "blob", "level = 0", 300 * 32), "tiles "),
    _store("a tile that is gone", "删除树块", _remove("tiles"), "tiles "),
    _store("a checkpoint's root", "检查点的根", _flip("checkpoints", "root", "1", 1), "checkpoints "),
    _store(
        "a checkpoint's cosignature",
        "检查点联署",
        _sql(
            "UPDATE checkpoints SET note = substr(note, 1, length(note) - 12) || 'AAAAAAAAAAA' || char(10)"
            " WHERE cosigned AND size = (SELECT min(size) FROM checkpoints WHERE cosigned)"
        ),
        "size ",
    ),
    _store("how far the log goes", "日志长度", _sql("UPDATE log_state SET next_index = next_index - 1"), "log_state "),
    _store("a stream's count", "数据流计数", _change("streams", "count", "count + 1"), "streams "),
    _store(
        "an identifier's parent", "标识的上级", _change("identifiers", "parent", "'88.608.1/NOBODY'"), "identifiers "
    ),
    _store("when a key began", "密钥生效位置", _change("keys", "activated_index", "activated_index + 1"), "keys "),
    _store("what a key may sign", "密钥用途", _change("keys", "purposes", "15"), "keys "),
    _store(
        "a key that ended, made good again",
        "恢复已撤销密钥",
        _sql("UPDATE keys SET revoked_index = NULL WHERE revoked_index IS NOT NULL"),
        "keys ",
    ),
    _store("a factor set", "排放因子", _change("policies", "document", "replace(document, '0', '1')"), "policies "),
    _store("a report's year", "报告年度", _change("reports", "year", "year + 1"), "reports "),
    _store("a meter's event", "计量设备事件", _change("device_events", "event", "'remove'"), "device_events "),
    _store("who verifies", "核查指派", _change("assignments", "verifier", "'88.608.1/NOBODY'"), "assignments "),
    _store("a verdict that is gone", "删除核查结论", _remove("verdicts"), "verdicts "),
    _store(
        "a registered figure", "登记的排放量", _change("chain_emissions", "tonnes", "tonnes - 1"), "chain_emissions "
    ),
    _store("an allocation", "配额分配", _change("chain_allocations", "granted", "granted + 1"), "chain_allocations "),
    _store("a balance", "余额", _change("chain_movements", "registry", "registry + 1"), "chain_movements "),
    _store(
        "units that nobody issued",
        "凭空增加配额",
        _sql(
            "INSERT INTO chain_movements SELECT block_number, log_index + 1000, part, tx_hash, kind, account, asset,"
            " registry, trading, frozen, issued, surrendered, cancelled, counterparty, freeze, op_id, entry_index"
            " FROM chain_movements ORDER BY block_number LIMIT 1"
        ),
        "chain_movements ",
    ),
    _store("a surrender that is gone", "删除清缴", _remove("chain_surrenders"), "chain_surrenders "),
    _store("a trade's price", "成交价格", _change("chain_trades", "price_fen", "price_fen + 1"), "chain_trades "),
    _store("somebody's cash", "资金", _change("chain_cash", "free", "free + 1"), "chain_cash "),
    _store("an order's price", "委托价格", _change("market_orders", "price_fen", "price_fen + 1"), "market_orders "),
    _store("a fill's tonnes", "成交数量", _change("market_fills", "tonnes", "tonnes + 1"), "market_fills "),
    _store("a trading day", "交易日", _change("market_days", "reference_fen", "reference_fen + 1"), "market_days "),
    _store(
        "a sealed bid",
        "密封报价",
        _change("market_commitments", "maximum_fen", "maximum_fen + 1"),
        "market_commitments ",
    ),
    _store(
        "what a fill came to",
        "成交的结果",
        _sql("UPDATE market_outcomes SET state = 'undone' WHERE number = (SELECT max(number) FROM market_outcomes)"),
        "market_outcomes ",
    ),
    _store(
        "that a fill was settled, taken out of the record",
        "删除成交结算记录",
        _sql(
            "DELETE FROM market_outcomes WHERE number = (SELECT max(number) FROM market_outcomes"
            " WHERE state = 'settled')"
        ),
        "market_outcomes ",
    ),
    _store(
        "a deposit that is said to undo a trade",
        "谎称入金为冲正成交",
        _sql(
            "UPDATE market_operations SET details = json_set(coalesce(details, '{}'), '$.reverses', (SELECT"
            " lower(hex(op_id)) FROM market_fills LIMIT 1)) WHERE op_id = (SELECT op_id FROM market_operations"
            " WHERE kind = 'deposit' ORDER BY entry_index DESC LIMIT 1)"
        ),
        "market_operations ",
    ),
    _store("an approved admission", "准入批准", _remove("admission_approvals"), "admission_approvals "),
    _store(
        "until when a verifier is accredited",
        "核查机构资质期限",
        _change("accreditations", "until_at", "until_at + 1"),
        "accreditations ",
    ),
    _store(
        "a gap that nobody left",
        "凭空出现的缺口",
        _sql("INSERT INTO gaps (stream_id, first_seq, last_seq) SELECT id, 1, 1 FROM streams LIMIT 1"),
        "gaps ",
    ),
    _store("a year's terms", "年度规则", _change("chain_terms", "offset_cap_bps", "1000"), "chain_terms "),
    _store(
        "an event of the chain", "链上事件", _change("chain_events", "args", "replace(args, '1', '2')"), "chain_events "
    ),
    _store("a root that the chain knows", "链上锚定的根", _flip("chain_anchors", "root", "1", 1), "chain_anchors "),
    _store(
        "a wish that is said to be on chain",
        "谎称未上链",
        _sql("UPDATE outbox SET state = 'pending' WHERE id = (SELECT max(id) FROM outbox WHERE kind <> 'anchor')"),
        "outbox ",
    ),
    _store(
        "what is wished for",
        "待上链内容",
        _sql(
            "UPDATE outbox SET payload = replace(payload, '1', '2') WHERE id = (SELECT min(id) FROM outbox"
            " WHERE kind <> 'anchor')"
        ),
        "outbox ",
    ),
    _store(
        "a second statement that nobody signed",
        "伪造的矛盾声明",
        _sql(
            "INSERT INTO equivocations (entry_index, statement_id, entry, refused_at)"
            " SELECT idx, zeroblob(32), zeroblob(40), 1 FROM entries LIMIT 1"
        ),
        "equivocations ",
    ),
    _archive(
        "a byte of an entry, with its manifest",
        "归档条目及清单",
        edited("log/entries", b'"entry":"ey', b'"entry":"ex'),
        "entry ",
    ),
    _archive(
        "a file's byte, without its manifest",
        "归档文件字节",
        edited("log/entries", b"index", b"indey"),
        "log/entries",
        manifest=False,
    ),
    _archive("a file of entries that is gone", "删除归档条目文件", dropped("log/entries"), "entry "),
    _archive(
        "a checkpoint in the archive",
        "归档检查点",
        edited("log/heads", b"\xe2\x80\x94 ", b"\xe2\x80\x94  "),
        "size ",
        "log/heads",
    ),
    _archive(
        "a receipt's status", "收据状态", edited("chain/receipts", b'"status":"0x1"', b'"status":"0x0"'), "block "
    ),
    _archive("an event's data", "事件数据", edited("chain/receipts", b'"data":"0x00', b'"data":"0x01'), "block "),
    _archive(
        "a block that is gone", "删除区块", edited("chain/headers", b'"number":"0x20"', b'"number":"0x21"'), "block "
    ),
    _archive(
        "a header's time", "区块时间", edited("chain/headers", b'"timestamp":"0x6', b'"timestamp":"0x7'), "block "
    ),
    _archive(
        "the first header's sender",
        "首个区块的出块者",
        edited("chain/headers", b'"miner":"0x0', b'"miner":"0x1'),
        "block ",
    ),
    _archive("receipts that are gone", "删除收据", dropped("chain/receipts"), "block ", "chain", "size "),
    _archive(
        "a balance in a table",
        "数据表中的余额",
        edited(
            "tables/balances.csv",
            b",quota-",
            b",quota-2",
        ),
        "tables/balances.csv row ",
    ),
    _archive(
        "a trade that is gone from a table",
        "数据表中删除成交",
        without_last_line("tables/trades.jsonl"),
        "tables/trades.jsonl row ",
    ),
    _archive("a table that is gone", "删除数据表", dropped("tables/obligations.csv"), "tables/obligations.csv"),
)
