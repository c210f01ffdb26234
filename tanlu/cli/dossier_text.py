"""How ``tanlu audit --complete`` prints an enterprise's year."""

from __future__ import annotations

from ledger.audit.completeness import Dossier, Line, WholeStream
from tanlu.cli.tables import table

_WHAT_ZH = {"report": "报告", "verification": "核查", "figure": "登记量", "trade": "成交", "surrender": "清缴"}
_KEPT_ZH = {
    "both": "双向一致",
    "waits": "未上链",
    "refused": "合约拒绝",
    "no-event": "缺少事件",
    "no-entry": "缺少条目",
}


def dossier_text(dossier: Dossier) -> tuple[str, str]:
    """The year in English and in Chinese: what was said and done, the streams, what is missing."""
    lines, streams = dossier.lines, dossier.streams
    english = [f"{dossier.enterprise} {dossier.year}: {'whole' if dossier.whole else 'not whole'}"]
    chinese = [f"{dossier.enterprise} {dossier.year}：{'完整' if dossier.whole else '不完整'}"]
    if lines:
        english.append(table(("what", "entry", "block", "tonnes", "chain"), [_row(one) for one in lines]))
        chinese.append(table(("事项", "条目", "区块", "吨", "链上核对"), [_row_zh(one) for one in lines]))
    if streams:
        rows = [_stream(one) for one in streams]
        english.append(table(("issuer", "stream", "last", "logged", "lost", "open"), rows))
        chinese.append(table(("标识", "数据流", "最高序号", "已记录", "已声明缺失", "缺口"), rows))
    missing = ", ".join(str(one) for one in dossier.revisions_missing)
    if missing:
        english.append(f"missing revisions of the figure: {missing}")
        chinese.append(f"缺少的登记版本：{missing}")
    return "\n".join(english), "\n".join(chinese)


def _row(line: Line) -> list[object]:
    return [line.what, *_numbers(line), "-" if line.kept is None else line.kept.value]


def _row_zh(line: Line) -> list[object]:
    return [_WHAT_ZH[line.what], *_numbers(line), "-" if line.kept is None else _KEPT_ZH[line.kept.value]]


def _numbers(line: Line) -> list[object]:
    place = None if line.place is None else line.place[0]
    return ["-" if number is None else str(number) for number in (line.index, place, line.tonnes)]


def _stream(stream: WholeStream) -> list[object]:
    return [stream.issuer, stream.stream, stream.last_seq, stream.logged, stream.lost, stream.open]
