from __future__ import annotations

from attestation.judging.bounds import at_least_fen, at_most, at_most_fen, before, prices, since, within


def test_what_would_have_passed_is_said_in_both_languages() -> None:
    assert before(0) == ("before 1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z 之前")
    assert since(60) == ("from 1970-01-01T00:01:00Z on", "自 1970-01-01T00:01:00Z 起")
    assert at_most(50) == ("at most 50 t", "至多 50 吨")
    assert at_most(0, "2023") == ("at most 0 t of 2023", "至多 0 吨（2023）")


def test_money_is_said_in_yuan_and_in_the_fen_that_statements_write() -> None:
    assert at_most_fen(7_000_000, "A") == (
        "at most CNY 70000.00 (7000000 fen) of A",
        "至多 70000.00 元（7000000 分）（A）",
    )
    assert at_least_fen(6_005) == ("CNY 60.05 (6005 fen) or more", "不低于 60.05 元（6005 分）")
    assert prices(5_400, 6_600).zh == "每吨 54.00 至 66.00 元（5400 至 6600 分）"


def test_hours_of_the_market_are_said_by_its_clock() -> None:
    """DOMAIN 13: Asia/Shanghai."""
    said = within([(1_762_133_400, 1_762_140_600)])
    assert said.en == "from 2025-11-03T09:30:00+08:00 to before 2025-11-03T11:30:00+08:00"
