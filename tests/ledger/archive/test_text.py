"""A cell is data, whatever opens it: no text becomes a formula, no row becomes two, nothing is lost on the way."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.archive.tables.columns import Column, Form, Row, View
from ledger.archive.tables.text import BYTE_ORDER_MARK, Lines, csv_head, harmless
from ledger.archive.tables.views import VIEWS

TEXTS = View("words", "词", "words", (Column("a", Form.TEXT, "甲", ""), Column("b", Form.TEXT, "乙", "")))
EVERY = View("every", "全", "every form", tuple(Column(form.name.lower(), form, "列", "") for form in Form))


def csv_line(view: View, row: Row) -> bytes:
    return Lines(view).both(row)[0]


def json_line(view: View, row: Row) -> bytes:
    return Lines(view).both(row)[1]


def read_csv(line: bytes) -> list[str]:
    rows = list(csv.reader(io.StringIO(line.decode(), newline="")))
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_takes_for_a_formula_is_a_text(first: str) -> None:
    shown = harmless(f"{first}cmd|' /C calc'!A0")
    assert shown.startswith("'")
    assert shown.endswith("cmd|' /C calc'!A0")


def test_a_negative_number_is_a_number() -> None:
    view = View("n", "数", "numbers", (Column("tonnes", Form.COUNT, "吨", ""),))
    assert csv_line(view, (-60,)) == b"-60\r\n"
    assert json_line(view, (-60,)) == b'{"tonnes":-60}\n'


@given(st.text(), st.text())
def test_a_row_is_one_line_and_comes_back(a: str, b: str) -> None:
    line = csv_line(TEXTS, (a, b))
    assert line.endswith(b"\r\n")
    assert len(line.decode().splitlines()) == 1
    assert read_csv(line) == [harmless(a), harmless(b)]
    assert json_line(TEXTS, (a, b)).count(b"\n") == 1
    assert json.loads(json_line(TEXTS, (a, b))) == {"a": a, "b": b}


@given(st.text(min_size=1))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert harmless(text)[0] not in "=+-@\t\r\n＝＋－＠"


def test_each_form_is_written_in_its_own_way() -> None:
    row = {
        Form.COUNT: 2**60, Form.TEXT: "北京, A", Form.ACCOUNT: "88.608.1/A", Form.HASH: b"\x0f\xf0",
        Form.TIME: 1_000_000_000, Form.DAY: 20260105, Form.FLAG: 1, Form.ASSET: 0x000107E9, Form.QUANTITY: "0.10",
        Form.SIDE: 2, Form.KIND: 4, Form.MODE: 1,
    }  # fmt: skip
    line = csv_line(EVERY, [row[form] for form in Form])
    expected = {
        "count": "1152921504606846976", "text": "北京, A", "account": "88.608.1/A", "hash": "0ff0",
        "time": "2001-09-09T01:46:40Z", "day": "2026-01-05", "flag": "true", "asset": "quota-2025", "quantity": "0.10",
        "side": "sell", "kind": "auction", "mode": "agreement",
    }  # fmt: skip
    assert dict(zip((one.name for one in EVERY.columns), read_csv(line), strict=True)) == expected
    # Beyond 2^53 - 1 a reader of JSON may round: it gets a text.
    assert json.loads(json_line(EVERY, [row[form] for form in Form])) == expected | {"flag": True}


def test_what_is_not_there_is_empty_and_what_has_no_name_is_its_number() -> None:
    assert csv_line(EVERY, [None] * len(Form)) == b"," * (len(Form) - 1) + b"\r\n"
    assert set(json.loads(json_line(EVERY, [None] * len(Form))).values()) == {None}
    names = [one.name for one in EVERY.columns]
    row = [None if form not in {Form.ASSET, Form.SIDE, Form.TIME} else 7 for form in Form]
    found = dict(zip(names, read_csv(csv_line(EVERY, row)), strict=True))
    assert (found["asset"], found["side"], found["time"]) == ("0x00000007", "7", "1970-01-01T00:00:07Z")


def test_a_file_says_that_it_is_utf_8() -> None:
    assert csv_head(TEXTS) == BYTE_ORDER_MARK + b"a,b\r\n"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_columns_have_names_of_their_own_in_both_languages(view: View) -> None:
    assert len({one.name for one in view.columns}) == len(view.columns)
    assert all((one.zh and not one.zh.isascii()) or one.zh == "CCER" for one in view.columns)
