"""Meter files: real intervals, true time order, decimals as text, bad rows named."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.errors import SchemaRefused
from tanlu.errors import InputRefused, ReadingsRefused
from tanlu.readings import PRESETS, Layout, MeterFile, adjusted, read_meter_file

NOW = 1_700_000_000
STEEL = PRESETS["steel"]
PLAIN = PRESETS["plain"]
BERLIN = Layout(
    quantity="kWh",
    end="end",
    time_format="%Y-%m-%d %H:%M",
    zone=ZoneInfo("Europe/Berlin"),
    interval=timedelta(minutes=15),
)


def read(folder: Path, text: str, layout: Layout = STEEL, *, unit: str = "kWh", skip_bad: bool = False) -> MeterFile:
    path = folder / "meter.csv"
    path.write_bytes(text.encode("utf-8"))
    return read_meter_file(path, layout, unit, now=NOW, skip_bad=skip_bad)


def steel_day(day: str, *, first_hour: int = 0) -> str:
    labels = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(first_hour * 60 + 15, 24 * 60, 15)]
    return "".join(f"{day} {label},3.17,x\r\n" for label in [*labels, "00:00"])


STEEL_TEXT = "\ufeffdate,Usage_kWh,Load_Type\r\n" + steel_day("31/12/2017", first_hour=23) + steel_day("01/01/2018")


def test_a_label_is_the_end_of_its_interval_and_midnight_ends_the_day_it_is_filed_under(tmp_path: Path) -> None:
    rows = read(tmp_path, STEEL_TEXT).rows
    assert (rows[0].start, rows[0].end) == ("2017-12-31T23:00:00+09:00", "2017-12-31T23:15:00+09:00")
    # The row labelled "31/12/2017 00:00" is the first instant of 2018.
    assert (rows[3].start, rows[3].end) == ("2017-12-31T23:45:00+09:00", "2018-01-01T00:00:00+09:00")
    assert (rows[4].start, rows[4].end) == ("2018-01-01T00:00:00+09:00", "2018-01-01T00:15:00+09:00")
    assert rows[-1].end == "2018-01-02T00:00:00+09:00"
    assert all(before.end_at == after.start_at for before, after in pairwise(rows))


def test_a_byte_order_mark_line_ends_and_gzip_change_nothing(tmp_path: Path) -> None:
    plain = read(tmp_path, STEEL_TEXT.removeprefix("\ufeff").replace("\r\n", "\n"))
    assert read(tmp_path, STEEL_TEXT) == plain
    packed = tmp_path / "no-suffix"
    packed.write_bytes(gzip.compress(STEEL_TEXT.encode()))
    assert read_meter_file(packed, STEEL, "kWh", now=NOW) == plain


@pytest.mark.steel
def test_the_year_of_a_steel_plant_is_35040_contiguous_quarters_of_959640_31_kwh(steel_csv: Path) -> None:
    file = read_meter_file(steel_csv, STEEL, "kWh", now=NOW)
    assert len(file.rows) == 35_040
    assert file.total == Decimal("959640.31")
    assert {row.end_at - row.start_at for row in file.rows} == {900}
    assert all(before.end_at == after.start_at for before, after in pairwise(file.rows))
    assert (file.rows[0].start, file.rows[-1].end) == ("2018-01-01T00:00:00+09:00", "2019-01-01T00:00:00+09:00")


@given(st.lists(st.from_regex(r"(0|[1-9][0-9]{0,6})(\.[0-9]{1,9})?", fullmatch=True), min_size=1, max_size=20))
def test_quantities_stay_the_text_of_the_file_and_sum_exactly(
    tmp_path_factory: pytest.TempPathFactory, quantities: list[str]
) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    times = [(start + timedelta(hours=hour)).isoformat() for hour in range(len(quantities) + 1)]
    lines = [f"{a},{b},{q}" for (a, b), q in zip(pairwise(times), quantities, strict=True)]
    file = read(tmp_path_factory.mktemp("meter"), "\n".join(["from,to,quantity", *lines]), PLAIN)
    assert [row.quantity for row in file.rows] == quantities
    scaled = sum(int(q.replace(".", "")) * 10 ** (9 - len(q.partition(".")[2])) for q in quantities)
    assert file.total * 10**9 == scaled


def test_the_plain_preset_keeps_the_offsets_of_the_file(tmp_path: Path) -> None:
    text = (
        "to,quantity,from\n"
        "2020-01-01T01:00:00+08:00,1.50,2020-01-01T00:00:00+08:00\n"
        "2019-12-31T18:00:00Z,2,2019-12-31T17:00:00Z\n"
    )
    rows = read(tmp_path, text, PLAIN).rows
    assert [(row.start, row.end, row.quantity) for row in rows] == [
        ("2020-01-01T00:00:00+08:00", "2020-01-01T01:00:00+08:00", "1.50"),
        ("2019-12-31T17:00:00Z", "2019-12-31T18:00:00Z", "2"),
    ]


def test_the_hour_that_the_clock_shows_twice_is_told_apart_by_the_order_of_rows(tmp_path: Path) -> None:
    labels = ["01:45", "02:00", "02:15", "02:30", "02:45", "02:00", "02:15", "02:30", "02:45", "03:00"]
    text = "end,kWh\n" + "".join(f"2021-10-31 {label},1\n" for label in labels)
    rows = read(tmp_path, text, BERLIN).rows
    assert all(before.end_at == after.start_at for before, after in pairwise(rows))
    assert rows[4].end == "2021-10-31T02:45:00+02:00"
    assert rows[5].end == "2021-10-31T02:00:00+01:00"


def test_an_interval_over_the_missing_hour_has_its_real_length(tmp_path: Path) -> None:
    text = "end,kWh\n" + "".join(f"2021-03-28 {label},1\n" for label in ["01:45", "03:00", "03:15"])
    rows = read(tmp_path, text, BERLIN).rows
    assert [(row.start, row.end) for row in rows[1:]] == [
        ("2021-03-28T01:45:00+01:00", "2021-03-28T03:00:00+02:00"),
        ("2021-03-28T03:00:00+02:00", "2021-03-28T03:15:00+02:00"),
    ]
    assert {row.end_at - row.start_at for row in rows} == {900}


def test_a_time_that_no_clock_showed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingsRefused) as caught:
        read(tmp_path, "end,kWh\n2021-03-28 02:30,1\n", BERLIN)
    assert (caught.value.rule, caught.value.rows[0].line) == ("row.time", 2)


@pytest.mark.parametrize(
    ("cells", "rule", "column"),
    [
        ("01/01/2018 00:30,-1,x", "decimal.grammar", "Usage_kWh"),
        ("01/01/2018 00:30,1e3,x", "decimal.grammar", "Usage_kWh"),
        ("01/01/2018 00:30,NaN,x", "decimal.grammar", "Usage_kWh"),
        ('01/01/2018 00:30,"1,000",x', "decimal.grammar", "Usage_kWh"),
        ("01/01/2018 00:30,,x", "decimal.grammar", "Usage_kWh"),
        ("01/01/2018 00:30,1000000001,x", "reading.absurd", "Usage_kWh"),
        ("01/13/2018 00:30,1,x", "row.time", "date"),
        ("2018-01-01 00:30,1,x", "row.time", "date"),
        ("01/01/2018 00:15,1,x", "row.order", "date"),
        ("01/01/2018 00:20,1,x", "row.order", "date"),
        ("01/01/2081 00:30,1,x", "row.future", "date"),
        ("01/01/2018 00:30,1", "row.columns", "*"),
        ("01/01/2018 00:30,1,x,y", "row.columns", "*"),
    ],
)
def test_a_bad_row_is_named_by_line_column_and_value(tmp_path: Path, cells: str, rule: str, column: str) -> None:
    text = f"date,Usage_kWh,Load_Type\n01/01/2018 00:15,1,x\n{cells}\n01/01/2018 00:45,2,x\n"
    with pytest.raises(ReadingsRefused) as caught:
        read(tmp_path, text)
    (bad,) = caught.value.rows
    assert (bad.line, bad.rule, bad.column) == (3, rule, column)
    assert column == "*" or bad.value in text
    assert "line" in caught.value.as_dict()["rows"][0]  # type: ignore[index]  # a list of rows


def test_every_bad_row_is_named_and_skipping_leaves_exactly_those_out(tmp_path: Path) -> None:
    text = (
        "date,Usage_kWh\n01/01/2018 00:15,1\n01/01/2018 00:30,x\n01/01/2018 00:45,2\nnonsense,3\n01/01/2018 01:15,4\n"
    )
    with pytest.raises(ReadingsRefused) as caught:
        read(tmp_path, text)
    assert [bad.line for bad in caught.value.rows] == [3, 5]
    file = read(tmp_path, text, skip_bad=True)
    assert [row.line for row in file.rows] == [2, 4, 6]
    assert [bad.line for bad in file.skipped] == [3, 5]
    assert file.total == 7


def test_a_midnight_label_that_begins_its_day_breaks_the_order_under_the_other_rule(tmp_path: Path) -> None:
    text = "date,Usage_kWh\n01/01/2018 00:00,1\n01/01/2018 00:15,1\n"
    with pytest.raises(ReadingsRefused) as caught:
        read(tmp_path, text)
    assert (caught.value.rule, caught.value.rows[0].line) == ("row.order", 3)
    rows = read(tmp_path, text, replace(STEEL, midnight_next_day=False)).rows
    assert rows[0].end == "2018-01-01T00:00:00+09:00"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "file.columns"),
        ("date,Usage\n", "file.columns"),
        ("date,Usage_kWh,Usage_kWh\n", "file.columns"),
        ("date,Usage_kWh\n", "file.empty"),
        ('date,Usage_kWh\n"01/01/2018 00:15,1\n', "file.csv"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read(tmp_path, text)
    assert caught.value.rule == rule


def test_a_refusal_of_the_wrong_file_shows_none_of_it(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as caught:
        read(tmp_path, "a secret password\n")
    said = caught.value.as_dict()
    assert said["rule"] == "file.columns"
    assert not [name for name, text in said.items() if "secret" in str(text)]
    for name in ("value", "message", "message_zh"):
        assert "date, Usage_kWh" in str(said[name])
    assert "file.columns" not in str(said["message"])


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"date,Usage_kWh\n\xff", "file.encoding"),
        (gzip.compress(b"date,Usage_kWh\n01/01/2018 00:15,1\n", mtime=0)[:-9], "file.unreadable"),
        (b"\x1f\x8bnonsense", "file.unreadable"),
    ],
)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, data: bytes, rule: str) -> None:
    path = tmp_path / "meter.csv"
    path.write_bytes(data)
    with pytest.raises(InputRefused) as caught:
        read_meter_file(path, STEEL, "kWh", now=NOW)
    assert caught.value.rule == rule


def test_an_unknown_unit_is_refused_before_the_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(SchemaRefused) as caught:
        read_meter_file(tmp_path / "absent.csv", STEEL, "kwh", now=NOW)
    assert caught.value.rule == "unit.unknown"


def test_one_named_column_of_times_replaces_the_pair_and_needs_an_interval() -> None:
    with pytest.raises(InputRefused) as caught:
        adjusted(PLAIN, end="until")
    assert caught.value.rule == "layout.interval"
    layout = adjusted(PLAIN, end="until", interval=timedelta(hours=1))
    assert (layout.start, layout.end) == (None, "until")


def test_times_without_an_offset_need_a_zone(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as caught:
        Layout(quantity="q", start="a", end="b", time_format="%H:%M")
    assert caught.value.rule == "layout.zone"
    text = "from,to,quantity\n2020-01-01T00:00:00,2020-01-01T01:00:00,1\n"
    with pytest.raises(ReadingsRefused) as refused:
        read(tmp_path, text, PLAIN)
    assert refused.value.rule == "row.time"
    rows = read(tmp_path, text, replace(PLAIN, zone=ZoneInfo("Asia/Shanghai"))).rows
    assert rows[0].start == "2020-01-01T00:00:00+08:00"


def test_an_interval_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    text = "from,to,quantity\n2020-01-01T01:00:00Z,2020-01-01T00:00:00Z,1\n"
    with pytest.raises(ReadingsRefused) as caught:
        read(tmp_path, text, PLAIN)
    assert caught.value.rule == "row.period"
