// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITradingDays} from "../interfaces/ITradingDays.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {Purse} from "../exchange/Purse.sol";
import {Stock} from "../exchange/Stock.sol";
import {ExchangeFixture} from "./base/ExchangeFixture.sol";

/// @title Whatever two orders say: nobody is settled worse than signed, and nothing is made or lost.
contract ExchangeFuzzTest is ExchangeFixture {
    struct Before {
        uint64 buyerCash;
        uint64 sellerCash;
        uint64 buyerUnits;
        uint64 sellerUnits;
        uint64 fees;
    }

    uint8 private constant _FEE_BPS = 25;

    function setUp() external {
        _deployExchange();
        ITradingDays.MarketTerms memory t = _marketTerms(LICENSED);
        (t.feeBps, t.feeAccount) = (_FEE_BPS, RESERVE);
        _opened(t);
    }

    /// Taken or not: it is taken exactly where every rule holds, and then each side has what it signed for, or better.
    function testFuzz_nobodyIsSettledWorseThanSigned(
        uint64 tonnes,
        uint32 priceFen,
        uint64[4] memory wanted,
        uint32[2] memory prices,
        uint8 kind,
        uint16[2] memory feeLimits,
        uint8 names
    ) external {
        ISettlement.Trade memory t = _made(wanted, prices, kind, feeLimits, names);
        t.tonnes = uint64(bound(tonnes, 0, 2_200));
        t.priceFen = uint32(bound(priceFen, 5_000, 7_000));
        Before memory b = _before();
        (bool taken,) = address(exchange).call(_settleCall(t));
        assertTrue(taken == _fair(t), "answered otherwise than foretold");
        Before memory a = _before();
        // Conservation: fen and tonnes.
        assertEq(uint256(a.buyerCash) + a.sellerCash + a.fees, uint256(b.buyerCash) + b.sellerCash + b.fees);
        assertEq(uint256(a.buyerUnits) + a.sellerUnits, uint256(b.buyerUnits) + b.sellerUnits);
        _holds(_market(), QUOTA, a.buyerUnits + a.sellerUnits, 0);
        assertEq(exchange.totalCash(), uint256(a.buyerCash) + a.sellerCash + a.fees);
        if (!taken) {
            assertEq(keccak256(abi.encode(a)), keccak256(abi.encode(b)));
            return;
        }
        uint256 limit = uint256(t.tonnes) * t.buy.priceFen;
        assertTrue(b.buyerCash - a.buyerCash <= limit + (limit * t.buy.feeLimitBps + 5_000) / 10_000, "dearer");
        limit = uint256(t.tonnes) * t.sell.priceFen;
        assertTrue(a.sellerCash - b.sellerCash >= limit - (limit * t.sell.feeLimitBps + 5_000) / 10_000, "cheaper");
        assertEq(a.buyerUnits - b.buyerUnits, t.tonnes);
    }

    /// An order is filled up to its tonnes by whatever pieces, and by none of them twice.
    function testFuzz_fillsAddUpToTheOrder(uint64[5] memory pieces, uint64[5] memory said) external {
        ISettlement.Trade memory t = _trade(1_000, PRICE_FEN);
        (t.buy.feeLimitBps, t.sell.feeLimitBps) = (_FEE_BPS, _FEE_BPS);
        _signed(t);
        uint64 filled = 0;
        for (uint256 i = 0; i < 5; ++i) {
            t.tonnes = uint64(bound(pieces[i], 1, 500));
            t.buyFilled = said[i] % 4 == 0 ? uint64(bound(said[i], 0, 1_000)) : filled;
            t.sellFilled = filled;
            (bool taken,) = address(exchange).call(_settleCall(t));
            assertTrue(taken == (t.buyFilled == filled && t.tonnes <= 1_000 - filled), "by its rule");
            if (taken) filled += t.tonnes;
            (uint64 counted,) = exchange.filledOf(_hash(t.buy));
            assertEq(counted, filled);
        }
        _trades(BUYER, filled, filled);
    }

    /// DOMAIN 16: of each day's purchases exactly those of the last `lockDays` trading days are locked.
    function testFuzz_locksAreExact(uint32[8] memory bought, uint8[8] memory steps, uint8 lockDays, uint64 first)
        external
        pure
    {
        lockDays = uint8(bound(lockDays, 0, 5));
        Stock stock = Stock.wrap(bound(first, 0, 1 << 40));
        uint64 trading = stock.trading();
        uint256[8] memory at;
        uint256 index = 1;
        for (uint256 i = 0; i < 8; ++i) {
            index += bound(steps[i], 0, 3);
            bool fits;
            uint256 tonnes = bound(bought[i], 0, 1 << 28);
            (stock, fits) = stock.withPurchase(index, tonnes);
            assertTrue(fits, "fits");
            trading += uint64(tonnes);
            bought[i] = uint32(tonnes);
            at[i] = index;
        }
        for (uint256 now_ = index; now_ < index + 7; ++now_) {
            uint256 locked = 0;
            for (uint256 i = 0; i < 8; ++i) {
                if (at[i] + lockDays > now_) locked += bought[i];
            }
            assertEq(stock.locked(now_, lockDays), locked);
        }
        assertEq(stock.trading(), trading);
    }

    /// The parts of a purse do not touch each other.
    function testFuzz_partsOfAPurseStayApart(uint64[3] memory fen, uint24 epoch, bool barred, bytes32 group)
        external
        pure
    {
        for (uint256 i = 0; i < 3; ++i) {
            fen[i] = uint64(bound(fen[i], 0, uint64(type(int64).max)));
        }
        Purse purse = Purse.wrap(0).withBar(barred).asHolder(group).withFree(fen[0], 0).withEpoch(epoch);
        purse = purse.withTrading(fen[1], 0).withWithdrawing(fen[2], 0).withEpoch(~epoch).withBar(!barred);
        purse = purse.withEpoch(epoch).withBar(barred).asHolder(group);
        assertEq(purse.free(), fen[0]);
        assertEq(purse.trading(), fen[1]);
        assertEq(purse.withdrawing(), fen[2]);
        assertEq(purse.epoch(), epoch);
        assertEq(purse.group(), uint256(group) >> 224);
        assertTrue(purse.isKnown() && purse.isBarred() == barred, "flags");
        purse = purse.withFree(0, fen[0]).withTrading(0, fen[1]).withWithdrawing(0, fen[2]);
        assertEq(uint256(purse.free()) + purse.trading() + purse.withdrawing(), 0);
        assertEq(purse.epoch(), epoch);
    }

    function _made(
        uint64[4] memory wanted,
        uint32[2] memory prices,
        uint8 kind,
        uint16[2] memory feeLimits,
        uint8 names
    ) private returns (ISettlement.Trade memory t) {
        t = _trade(1, 1);
        (t.buy.tonnes, t.sell.tonnes) = (uint64(bound(wanted[0], 0, 2_500)), uint64(bound(wanted[1], 0, 2_500)));
        (t.buy.minimumFill, t.sell.minimumFill) = (_minimum(wanted[2]), _minimum(wanted[3]));
        (t.buy.priceFen, t.sell.priceFen) =
        (uint32(bound(prices[0], 5_000, 7_000)), uint32(bound(prices[1], 5_000, 7_000)));
        (t.buy.kind, t.sell.kind) = (uint8(bound(kind, 1, 2)), uint8(bound(kind, 1, 2)));
        if (kind > 128) (t.buy.kind, t.sell.kind) = (4, 4);
        t.buy.feeLimitBps = uint16(bound(feeLimits[0], _FEE_BPS - (names % 8 == 0 ? 1 : 0), 300));
        t.sell.feeLimitBps = uint16(bound(feeLimits[1], _FEE_BPS, 300));
        if (names & 16 != 0) t.buy.counterparty = SELLER;
        if (names & 32 != 0) t.sell.counterparty = BUYER;
        if (names & 192 == 192) t.sell.counterparty = NEIGHBOUR_ACCOUNT;
        _signed(t);
    }

    function _minimum(uint64 of_) private pure returns (uint64) {
        return of_ % 2 == 0 ? 0 : uint64(bound(of_, 1, 1_500));
    }

    /// @dev The rules once more, in their own words.
    function _fair(ISettlement.Trade memory t) private pure returns (bool) {
        (IOrderBook.Order memory b, IOrderBook.Order memory s) = (t.buy, t.sell);
        if (t.tonnes == 0 || t.priceFen > b.priceFen || t.priceFen < s.priceFen) return false;
        if (t.tonnes > b.tonnes || t.tonnes > s.tonnes || t.tonnes > 2_000) return false;
        if (t.tonnes < b.minimumFill && t.tonnes < b.tonnes) return false;
        if (t.tonnes < s.minimumFill && t.tonnes < s.tonnes) return false;
        if (b.feeLimitBps < _FEE_BPS || s.feeLimitBps < _FEE_BPS) return false;
        if (s.counterparty == NEIGHBOUR_ACCOUNT) return false;
        if (b.kind == 1 && (t.priceFen < 5_400 || t.priceFen > 6_600)) return false;
        if (b.kind == 2 && (t.tonnes < 1_000 || (b.counterparty == 0 && s.counterparty == 0))) return false;
        uint256 value = uint256(t.tonnes) * t.priceFen;
        return value + (value * _FEE_BPS + 5_000) / 10_000 <= 20_000_000;
    }

    function _before() private view returns (Before memory b) {
        (, b.buyerCash,) = exchange.cashOf(BUYER);
        (, b.sellerCash,) = exchange.cashOf(SELLER);
        (b.fees,,) = exchange.cashOf(RESERVE);
        (b.buyerUnits,) = exchange.tradingOf(BUYER, QUOTA);
        (b.sellerUnits,) = exchange.tradingOf(SELLER, QUOTA);
    }
}
