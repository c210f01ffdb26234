"""The page beside the tables: every column in English and Chinese."""

from __future__ import annotations

from ledger.archive.tables.views import views_of

_HEAD = """# Tables · 数据表

Views, no evidence: each row follows from entries and recorded logs, and `tanlu audit` computes all of them again and
names a row that is another. Each table is there twice, as `.csv` (RFC 4180, UTF-8 with a byte order mark) and as
`.jsonl`, with the same rows in the same order; 1,000,000 rows a file, then `-2`, `-3` …

本目录为视图而非证据：各行均可由条目与链上记录重算，`tanlu audit` 会逐行重算并指明不符之处。
每个表有 CSV 与 JSONL 两种，行与次序相同；每文件至多 1,000,000 行。

* **integer** · 整数: exact; tonnes are tonnes of CO2e, fen are CNY 0.01. In JSONL one beyond 2^53 - 1 is a text.
  A spreadsheet rounds numbers of more than 15 digits of a CSV; in XLSX they are texts.
* **text**, **account** · 文本、账户: in CSV and XLSX, one that begins with `=`, `+`, `-`, `@`, a tab, a line's end, or
  the full-width forms of these signs, gets an apostrophe in front, so that no spreadsheet takes it for a formula;
  control characters are shown by their pictures (␊). JSONL has it as it was signed.
  以 = + - @ 等开头的文本前加单引号，防止被当作公式；控制字符以符号显示。
* **hexadecimal** · 十六进制, **time** · 时间 (UTC), **day** · 交易日, **decimal** · 小数 (digit by digit as signed),
  **asset** · 资产 (`quota-2025`, `ccer`), **true or false** · 是否. An empty cell (`null`): there is none. 空：无。
"""


def dictionary(*, chain: bool) -> str:
    """The page's text; without ``chain`` only the tables that need none."""
    parts = [_HEAD]
    for view in views_of(chain=chain):
        parts.append(f"\n## {view.name} · {view.zh}\n\n{view.meaning[:1].upper()}{view.meaning[1:]}.\n\n")
        parts.append("| column | 列 | form | meaning |\n|---|---|---|---|\n")
        parts += [f"| `{one.name}` | {one.zh} | {one.form.value} | {one.meaning} |\n" for one in view.columns]
    return "".join(parts)
