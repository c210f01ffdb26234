"""A workbook holds data and nothing that runs; its bytes follow from its rows; what a sheet has no room for goes on."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ledger.archive.tables.columns import Cell, Column, Form, View
from ledger.archive.tables.workbook import workbook

NAMESPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
VIEW = View(
    "words",
    "词",
    "words and numbers",
    (
        Column("text", Form.TEXT, "文本", ""),
        Column("count", Form.COUNT, "整数", ""),
        Column("quantity", Form.QUANTITY, "数量", ""),
        Column("flag", Form.FLAG, "是否", ""),
    ),
)


def written(path: Path, rows: list[tuple[Cell, ...]], **options: int) -> Path:
    with workbook(path, **options) as sheets:
        assert sheets.add(VIEW, rows) == len(rows)
    return path


def cells(path: Path, sheet: int = 1) -> list[list[tuple[str, str]]]:
    """Type (``n`` for a number) and text of each cell, row by row."""
    with zipfile.ZipFile(path) as book:
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    assert not root.findall(".//x:f", NAMESPACE), "a formula"
    assert not root.findall(".//x:hyperlink", NAMESPACE)
    return [
        [
            (cell.get("t", "n"), "".join(part.text or "" for part in cell.iter() if part.tag.endswith(("}v", "}t"))))
            for cell in row.findall("x:c", NAMESPACE)
        ]
        for row in root.findall(".//x:row", NAMESPACE)
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "https://evil.example/", "=HYPERLINK(1)", "＝1", "{=1}", "1e5", "北京"]
)
def test_a_text_stays_a_text(tmp_path: Path, text: str) -> None:
    (_, _, row) = cells(written(tmp_path / "book.xlsx", [(text, 1, "0.5", 1)]))
    kind, shown = row[0]
    assert kind == "inlineStr"
    assert shown.removeprefix("'") == text
    assert shown.startswith("'") == (text[0] in "=+-@＝")


@pytest.mark.parametrize(
    ("count", "quantity", "kinds"),
    [
        (-60, "0.10", ["n", "n"]),
        (10**15 - 1, "123456789012.345", ["n", "n"]),
        (10**15 + 1, "1234567890123.456", ["inlineStr", "inlineStr"]),
        (-(10**18) - 1, "999999999999999999.999999999", ["inlineStr", "inlineStr"]),
    ],
)
def test_a_number_that_would_be_rounded_is_a_text(tmp_path: Path, count: int, quantity: str, kinds: list[str]) -> None:
    (_, _, row) = cells(written(tmp_path / "book.xlsx", [("a", count, quantity, 0)]))
    assert [kind for kind, _ in row[1:3]] == kinds
    assert [Decimal(text) for _, text in row[1:3]] == [Decimal(count), Decimal(quantity)]


def test_heads_are_in_both_languages(tmp_path: Path) -> None:
    english, chinese = cells(written(tmp_path / "book.xlsx", []))
    assert [text for _, text in english] == ["text", "count", "quantity", "flag"]
    assert [text for _, text in chinese] == ["文本", "整数", "数量", "是否"]


def test_the_same_rows_are_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = written(tmp_path / "first.xlsx", [("a", 1, "0.5", 1)]).read_bytes()
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert written(tmp_path / "second.xlsx", [("a", 1, "0.5", 1)]).read_bytes() == first
    assert written(tmp_path / "third.xlsx", [("a", 2, "0.5", 1)]).read_bytes() != first


def test_rows_beyond_a_sheet_are_in_further_ones(tmp_path: Path) -> None:
    path = written(tmp_path / "book.xlsx", [("a", number, "1", 1) for number in range(17)], sheet_rows=10)
    parts = [cells(path, sheet) for sheet in (1, 2, 3)]
    assert [len(rows) for rows in parts] == [10, 10, 3]
    assert [int(row[1][1]) for rows in parts for row in rows[2:]] == list(range(17))
    with zipfile.ZipFile(path) as book:
        names = [
            one.get("name") for one in ElementTree.fromstring(book.read("xl/workbook.xml")).iter() if one.get("sheetId")
        ]
    assert names == ["words", "words-2", "words-3"]
