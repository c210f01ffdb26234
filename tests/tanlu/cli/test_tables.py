"""Tables for people: columns stand under each other, in Chinese too."""

from __future__ import annotations

from tanlu.cli.tables import table


def test_words_stand_left_numbers_right_and_chinese_counts_twice() -> None:
    assert table(("stream", "open"), [("a", 7), ("longer-one", 1234)]).splitlines() == [
        "stream      open",
        "a              7",
        "longer-one  1234",
    ]
    assert table(("数据流", "缺口"), [("a", 7), ("流", 12345)]).splitlines() == [
        "数据流   缺口",
        "a           7",
        "流      12345",
    ]


def test_a_column_of_numbers_and_words_stands_left_and_no_line_ends_in_blanks() -> None:
    assert table(("entry", "reason"), [("12", "x"), ("-", "a long one")]).splitlines() == [
        "entry  reason",
        "12     x",
        "-      a long one",
    ]
    assert table(("a", "b"), []) == "a  b"
