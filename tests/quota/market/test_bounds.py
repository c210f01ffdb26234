from __future__ import annotations

import pytest

from quota.market.bounds import above, at_least, at_most, between, both, whole
from quota.refusals import refuse


@pytest.mark.parametrize(
    ("said", "english", "chinese"),
    [
        (at_most(5, "t"), "at most 5 t", "至多 5 吨"),
        (at_most(5), "at most 5", "至多 5"),
        (at_least(5, "fen"), "5 fen or more", "不少于 5 分"),
        (at_least(5), "5 or more", "不少于 5"),
        (above(5), "above 5", "大于 5"),
        (between(5_400, 6_600, "fen per tonne"), "5400 to 6600 fen per tonne", "5400 至 6600 分/吨"),
        (whole(0, 9), "a whole number from 0 to 9", "0 至 9 的整数"),
        (both("open", "未结"), "open", "未结"),
    ],
)
def test_what_would_have_passed_is_said_in_both_languages(said: dict[str, str], english: str, chinese: str) -> None:
    refusal = refuse("market.unknown", "x", **said)
    assert (refusal.expected, refusal.expected_zh) == (english, chinese)
    assert refusal.message_zh.endswith(f"应为：{chinese}")
