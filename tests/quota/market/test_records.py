from __future__ import annotations

import hashlib

from quota.market import replay
from tests.quota.market.examples import ASSET, order_id
from tests.quota.market.story import DAY


def test_a_sessions_root_is_the_sha_256_of_the_documented_text() -> None:
    session = replay(DAY)
    # `{"asset":67561,"orders":[]}`: no order was open when the day closed.
    book = hashlib.sha256(b'{"asset":%d,"orders":[]}' % ASSET).hexdigest()
    buys, sells = [order_id(index).hex() for index in (34, 37)], [order_id(index).hex() for index in (31, 32)]
    text = (
        f'{{"asset":67561,"book":"{book}",'
        '"close":{"groups":4,"price_fen":"6230","stands":false,"value_fen":"7320000","volume":"1175"},'
        '"day":20251103,"fills":['
        f'{{"buy":"{buys[0]}","buy_filled":"0","cause":34,"counted":true,"kind":1,"number":0,"price_fen":"6250",'
        f'"sell":"{sells[0]}","sell_filled":"0","tonnes":"700"}},'
        f'{{"buy":"{buys[1]}","buy_filled":"0","cause":37,"counted":true,"kind":1,"number":1,"price_fen":"6200",'
        f'"sell":"{sells[1]}","sell_filled":"0","tonnes":"475"}}],'
        '"first":30,"last":37,"reference":"6000"}'
    )
    assert session.record == text.encode()
    assert session.root == hashlib.sha256(text.encode()).digest()
    # The same text through `sha256sum`.
    assert session.root.hex() == "11204f5a7ccefc7c9c936ad810b552cbfe7d052e0eaaff9fc58a81a0e4f15d42"
