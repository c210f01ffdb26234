// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICashBook} from "../interfaces/ICashBook.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITradingBook} from "../interfaces/ITradingBook.sol";
import {ITradingDays} from "../interfaces/ITradingDays.sol";
import {CompactSignature} from "../libraries/CompactSignature.sol";
import {ExchangeFixture} from "./base/ExchangeFixture.sol";

/// @title Delivery versus payment, and every reason against it (DOMAIN 12 to 20).
contract ExchangeSettlementTest is ExchangeFixture {
    function setUp() external {
        _deployExchange();
        _opened();
    }

    /// STORY 6: 700 t at 62.50 and 475 t at 62.00 close at 62.30, half-up to the fen.
    function test_theWorkedDayClosesAtItsPrice() external {
        _do(_settleCall(_trade(700, 6_250)));
        _do(_settleCall(_trade(475, 6_200)));
        ITradingDays.Day memory day = exchange.dayOf(QUOTA, DAY);
        assertEq(day.volume, 1_175);
        assertEq(day.valueFen, 7_320_000);
        _do(_closeCall(DAY, 3));
        (uint32 priceFen,) = exchange.referenceOf(QUOTA);
        assertEq(priceFen, 6_230);
    }

    function test_unitsAndCashChangeHandsAndTheEventSaysAll() external {
        ISettlement.Trade memory t = _trade(700, PRICE_FEN);
        vm.expectEmit(address(exchange));
        emit ISettlement.Settled(
            t.opId,
            _hash(t.buy),
            _hash(t.sell),
            BUYER,
            SELLER,
            QUOTA,
            DAY,
            700,
            PRICE_FEN,
            0,
            0,
            true,
            _leaf(101),
            _leaf(102)
        );
        _do(_settleCall(t));
        _trades(BUYER, 700, 700);
        _trades(SELLER, 1_300, 0);
        _has(BUYER, 0, 20_000_000 - 4_375_000, 0);
        _has(SELLER, 0, 4_375_000, 0);
        _holds(_market(), QUOTA, 2_000, 0);
        assertEq(exchange.totalCash(), 20_000_000);
    }

    function test_anOrderIsFilledInPiecesInTheirOrderAndOnce() external {
        ISettlement.Trade memory t = _trade(100, PRICE_FEN);
        t.tonnes = 30;
        bytes memory first = _settleCall(t);
        _do(first);
        bytes memory again = abi.encodeWithSelector(ISettlement.FillOutOfOrder.selector, _hash(t.buy), 0, 30);
        _decline(first, again);
        (t.tonnes, t.buyFilled, t.sellFilled) = (70, 30, 29);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.FillOutOfOrder.selector, _hash(t.sell), 29, 30));
        (t.tonnes, t.sellFilled) = (71, 30);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.FillExceeded.selector, _hash(t.buy), 71, 70));
        t.tonnes = 70;
        _do(_settleCall(t));
        (uint64 filled, bool cancelled) = exchange.filledOf(_hash(t.buy));
        assertEq(filled, 100);
        assertTrue(!cancelled, "not cancelled");
        (t.tonnes, t.buyFilled, t.sellFilled) = (1, 100, 100);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.FillExceeded.selector, _hash(t.buy), 1, 0));
    }

    function test_noPieceIsSmallerThanTheMinimumButTheRest() external {
        ISettlement.Trade memory t = _trade(100, PRICE_FEN);
        t.sell.minimumFill = 60;
        _signed(t);
        t.tonnes = 59;
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.FillTooSmall.selector, _hash(t.sell), 59, 60));
        t.tonnes = 60;
        _do(_settleCall(t));
        (t.tonnes, t.buyFilled, t.sellFilled) = (40, 60, 60);
        _do(_settleCall(t));
        _trades(BUYER, 100, 100);
    }

    function test_nobodyIsSettledWorseThanSigned() external {
        ISettlement.Trade memory t = _trade(10, PRICE_FEN);
        t.sell.priceFen = 6_100;
        _signed(t);
        t.priceFen = 6_251;
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.PriceWorse.selector, 6_251, 6_250, 6_100));
        t.priceFen = 6_099;
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.PriceWorse.selector, 6_099, 6_250, 6_100));
        t.priceFen = 6_100;
        _do(_settleCall(t));
    }

    function test_ordersMustFitEachOther() external {
        ISettlement.Trade memory t = _trade(10, PRICE_FEN);
        t.sell.side = 1;
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.SidesInvalid.selector, 1, 1));
        (t.buy.side, t.sell.side) = (2, 2);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.SidesInvalid.selector, 2, 2));
        t.buy.side = 1;
        t.sell.asset = NEXT_QUOTA;
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.AssetsDiffer.selector, QUOTA, NEXT_QUOTA));
        (t.buy.asset, t.sell.asset) = (CCER, CCER);
        _decline(_settleCall(t), abi.encodeWithSelector(ITradingDays.AssetNotTradable.selector, CCER));
        (t.buy.asset, t.sell.asset) = (CASH, CASH);
        _decline(_settleCall(t), abi.encodeWithSelector(ITradingDays.AssetNotTradable.selector, CASH));
        (t.buy.asset, t.sell.asset) = (QUOTA, QUOTA);
        t.sell.kind = 2;
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.KindsInvalid.selector, 1, 2));
        (t.buy.kind, t.sell.kind) = (5, 5);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.KindsInvalid.selector, 5, 5));
        (t.buy.kind, t.sell.kind) = (0, 0);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.KindsInvalid.selector, 0, 0));
        (t.buy.kind, t.sell.kind) = (1, 1);
        t.sell.account = BUYER;
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.SelfTrade.selector, BUYER));
        t.sell.account = SELLER;
        t.tonnes = 0;
        _decline(_settleCall(t), abi.encodeWithSelector(IExchange.AmountZero.selector));
        (t.tonnes, t.priceFen, t.sell.priceFen) = (10, 0, 0);
        _decline(_settleCall(t), abi.encodeWithSelector(ITradingDays.PriceZero.selector));
    }

    function test_anOrderEndsAtItsDeadline() external {
        ISettlement.Trade memory t = _trade(10, PRICE_FEN);
        t.sell.deadline = uint64(block.timestamp) + 60;
        _signed(t);
        vm.warp(t.sell.deadline);
        bytes memory past = abi.encodeWithSelector(ISettlement.OrderExpired.selector, _hash(t.sell), t.sell.deadline);
        _decline(_settleCall(t), past);
        vm.warp(t.sell.deadline - 1);
        _do(_settleCall(t));
    }

    function test_onlyAnActiveAssetKeyOfTheAccountOrders() external {
        ISettlement.Trade memory t = _trade(10, PRICE_FEN);
        t.buySignature = _signOrder(SELLER_KEY, t.buy);
        _decline(_settleCall(t), _unsigned(t.buy, SELLER_KEY));
        t.buySignature = _signOrder(PARK_PERSON, t.buy);
        _decline(_settleCall(t), _unsigned(t.buy, PARK_PERSON));
        t.buySignature = _highS();
        _decline(
            _settleCall(t),
            abi.encodeWithSelector(CompactSignature.SignatureNotLow.selector, bytes32(uint256(type(int256).max)))
        );
        // For another deployment, whose address and chain may be the same.
        t.buySignature = _sign(BUYER_KEY, keccak256(abi.encode(ORDER, t.buy)), address(exchange), keccak256("other"));
        assertRefused(address(exchange), _settleCall(t), ISettlement.OrderSignatureInvalid.selector);
        _signed(t);
        bytes memory call = _settleCall(t);
        t.buy.tonnes += 1;
        assertRefused(address(exchange), _settleCall(t), ISettlement.OrderSignatureInvalid.selector);
        registry.revoke(_nextOp(), _thumbprint(SELLER_KEY), 1_000);
        _decline(call, _unsigned(t.sell, SELLER_KEY));
    }

    /// An account that nobody has is not spoken for by a key that nobody has.
    function test_theAccountZeroOrdersNothing() external {
        ISettlement.Trade memory t = _trade(10, PRICE_FEN);
        t.buy.account = 0;
        t.buySignature = _signOrder(0x9999, t.buy);
        _decline(_settleCall(t), _unsigned(t.buy, 0x9999));
    }

    function test_theDayMustBeOpenAndNotCutOff() external {
        bytes memory call = _settleCall(_trade(10, PRICE_FEN));
        ISettlement.Trade memory other = _trade(10, PRICE_FEN);
        other.day = DAY + 1;
        _decline(_settleCall(other), _status(DAY + 1, 0));
        _do(_haltCall(DAY, true));
        _decline(call, _status(DAY, 2));
        _do(_haltCall(DAY, false));
        vm.warp(cutOff);
        _decline(call, abi.encodeWithSelector(ITradingDays.DayPast.selector, QUOTA, DAY, cutOff));
        vm.warp(cutOff - 1);
        _do(call);
        _do(_closeCall(DAY, 2));
        _decline(_settleCall(_trade(10, PRICE_FEN)), _status(DAY, 3));
    }

    /// DOMAIN 13, 15: ±10 % of 60.00, both limits within.
    function test_listedPricesAreWithinTheBand() external {
        _decline(
            _settleCall(_trade(10, 6_601)),
            abi.encodeWithSelector(ISettlement.PriceOutOfBand.selector, 6_601, 5_400, 6_600)
        );
        _decline(
            _settleCall(_trade(10, 5_399)),
            abi.encodeWithSelector(ISettlement.PriceOutOfBand.selector, 5_399, 5_400, 6_600)
        );
        _do(_settleCall(_trade(10, 6_600)));
        _do(_settleCall(_trade(10, 5_400)));
    }

    function test_blocksAreLargeNamedWithinTheirBandAndNotCounted() external {
        ISettlement.Trade memory t = _kind(2, 1_000, 7_800);
        _decline(
            _settleCall(t),
            abi.encodeWithSelector(ISettlement.CounterpartyMissing.selector, _hash(t.buy), _hash(t.sell))
        );
        t.sell.counterparty = BUYER;
        _signed(t);
        t.tonnes = 999;
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.BlockTooSmall.selector, 999, 1_000));
        t.tonnes = 1_000;
        _do(_settleCall(t));
        assertEq(exchange.dayOf(QUOTA, DAY).volume, 0);
        t = _kind(2, 1_000, 7_801);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.PriceOutOfBand.selector, 7_801, 4_200, 7_800));
    }

    /// STORY 5: without band, not counted, and bought units are locked like all others.
    function test_auctionsHaveNoBandAndDoNotCount() external {
        _do(_settleCall(_kind(4, 140, 16_000)));
        assertEq(exchange.dayOf(QUOTA, DAY).volume, 0);
        _trades(BUYER, 140, 140);
    }

    function test_counterpartiesThatAreNamedAreKept() external {
        ISettlement.Trade memory t = _trade(10, PRICE_FEN);
        t.buy.counterparty = NEIGHBOUR_ACCOUNT;
        _signed(t);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.CounterpartyInvalid.selector, _hash(t.buy), SELLER));
        (t.buy.counterparty, t.sell.counterparty) = (SELLER, NEIGHBOUR_ACCOUNT);
        _signed(t);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.CounterpartyInvalid.selector, _hash(t.sell), BUYER));
        t.sell.counterparty = BUYER;
        _signed(t);
        _do(_settleCall(t));
    }

    /// DOMAIN 12: no central matching in agreement mode.
    function test_inAgreementModeOneNamesTheOther() external {
        _do(_closeCall(DAY, 2));
        _do(_call(_marketTerms(AGREEMENT)));
        _do(_openCall(DAY + 1));
        ISettlement.Trade memory t = _trade(10, PRICE_FEN);
        t.day = DAY + 1;
        _decline(
            _settleCall(t),
            abi.encodeWithSelector(ISettlement.CounterpartyMissing.selector, _hash(t.buy), _hash(t.sell))
        );
        t.buy.counterparty = SELLER;
        _signed(t);
        _do(_settleCall(t));
        t = _trade(10, PRICE_FEN);
        (t.day, t.sell.counterparty) = (DAY + 1, BUYER);
        _signed(t);
        _do(_settleCall(t));
        assertEq(exchange.dayOf(QUOTA, DAY + 1).volume, 20);
    }

    /// DOMAIN 15: trades within a group make no price.
    function test_tradesWithinAGroupAreNotCounted() external {
        _given(NEIGHBOUR_ACCOUNT, 100);
        _do(_moveCall(_move(NEIGHBOUR_ACCOUNT, QUOTA, 100, true), NEIGHBOUR_KEY));
        ISettlement.Trade memory t = _trade(100, PRICE_FEN);
        t.sell.account = NEIGHBOUR_ACCOUNT;
        t.sellSignature = _signOrder(NEIGHBOUR_KEY, t.sell);
        _do(_settleCall(t));
        assertEq(exchange.dayOf(QUOTA, DAY).volume, 0);
        _trades(BUYER, 100, 100);
    }

    /// DOMAIN 16, 17: sellable from the fifth trading day after.
    function test_whatWasBoughtIsLockedForItsTradingDays() external {
        _do(_settleCall(_trade(700, PRICE_FEN)));
        _funded(SELLER, SELLER_KEY, 1);
        for (uint32 n = 0; n < 5; ++n) {
            _decline(
                _settleCall(_resale(1, DAY + n)),
                abi.encodeWithSelector(ITradingBook.UnitsInsufficient.selector, BUYER, QUOTA, 1, 0)
            );
            _do(_closeCall(DAY + n, 2));
            _do(_openCall(DAY + n + 1));
        }
        _trades(BUYER, 700, 0);
        _do(_settleCall(_resale(700, DAY + 5)));
        _trades(BUYER, 0, 0);
    }

    function test_cashAndUnitsMustBeThere() external {
        ISettlement.Trade memory t = _trade(3_100, 6_600);
        _decline(
            _settleCall(t), abi.encodeWithSelector(ICashBook.CashInsufficient.selector, BUYER, 20_460_000, 20_000_000)
        );
        t = _trade(2_001, 6_000);
        _decline(
            _settleCall(t), abi.encodeWithSelector(ITradingBook.UnitsInsufficient.selector, SELLER, QUOTA, 2_001, 2_000)
        );
        // A price that overflows what anybody has.
        t = _kind(4, type(uint64).max, type(uint32).max);
        _decline(
            _settleCall(t),
            abi.encodeWithSelector(
                ICashBook.CashInsufficient.selector, BUYER, uint256(type(uint64).max) * type(uint32).max, 20_000_000
            )
        );
    }

    function test_theFeeIsHalfUpForEachSideAndWithinBothLimits() external {
        _do(_closeCall(DAY, 2));
        ITradingDays.MarketTerms memory terms = _marketTerms(LICENSED);
        (terms.feeBps, terms.feeAccount) = (30, RESERVE);
        _do(_call(terms));
        _do(_openCall(DAY + 1));
        ISettlement.Trade memory t = _trade(1, 6_250);
        (t.day, t.buy.feeLimitBps, t.sell.feeLimitBps) = (DAY + 1, 30, 29);
        _signed(t);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.FeeExceeded.selector, _hash(t.sell), 30, 29));
        t.sell.feeLimitBps = 30;
        _signed(t);
        // 18.75 fen is 19.
        _do(_settleCall(t));
        _has(BUYER, 0, 20_000_000 - 6_269, 0);
        _has(SELLER, 0, 6_231, 0);
        _has(RESERVE, 38, 0, 0);
        assertEq(exchange.totalCash(), 20_000_000);
    }

    function test_barredAccountsAndPastEpochsAreNotSettled() external {
        ISettlement.Trade memory t = _trade(10, PRICE_FEN);
        _do(_barCall(SELLER, true));
        _decline(_settleCall(t), abi.encodeWithSelector(ITradingBook.AccountBarred.selector, SELLER));
        _do(_barCall(SELLER, false));
        _do(_cancelAllCall(BUYER, 3, BUYER_KEY));
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.OrderEpochInvalid.selector, _hash(t.buy), 0, 3));
        t.buy.epoch = 3;
        _signed(t);
        _do(_settleCall(t));
    }

    function test_whileCashIsHaltedNothingIsSettled() external {
        _do(_reconcileCall(19_999_999));
        bytes memory halted = abi.encodeWithSelector(ICashBook.CashHalted.selector);
        _decline(_settleCall(_trade(10, PRICE_FEN)), halted);
        ISettlement.Trade memory pair = _pairwise(10, PRICE_FEN);
        _decline(abi.encodeCall(ISettlement.settleBilateral, (pair)), halted);
        _do(_reconcileCall(20_000_000));
        _do(_settleCall(_trade(10, PRICE_FEN)));
    }

    /// A counterparty that is named fills the order without the operator, at any price that both signed.
    function test_bilateralTradesNeedNoOperator() external {
        ISettlement.Trade memory t = _pairwise(10, 100);
        bytes memory call = abi.encodeCall(ISettlement.settleBilateral, (t));
        vm.prank(vm.addr(BUYER_KEY));
        _do(call);
        assertEq(exchange.dayOf(QUOTA, DAY).volume, 0);
        _trades(BUYER, 10, 10);
        _decline(call, abi.encodeWithSelector(ISettlement.FillOutOfOrder.selector, _hash(t.buy), 0, 10));
        _decline(
            abi.encodeCall(ISettlement.settleBilateral, (_trade(10, PRICE_FEN))),
            abi.encodeWithSelector(ISettlement.KindsInvalid.selector, 1, 1)
        );
        t = _pairwise(10, 100);
        t.sell.counterparty = 0;
        _signed(t);
        _decline(
            abi.encodeCall(ISettlement.settleBilateral, (t)),
            abi.encodeWithSelector(ISettlement.CounterpartyMissing.selector, _hash(t.buy), _hash(t.sell))
        );
    }

    function test_bilateralTradesAreOfTheLastDayThatIsNotHalted() external {
        ISettlement.Trade memory t = _pairwise(10, 100);
        t.day = DAY - 1;
        _decline(abi.encodeCall(ISettlement.settleBilateral, (t)), _status(DAY - 1, 0));
        _do(_haltCall(DAY, true));
        t.day = DAY;
        _decline(abi.encodeCall(ISettlement.settleBilateral, (t)), _status(DAY, 2));
        _do(_closeCall(DAY, 2));
        vm.warp(cutOff + 1);
        _do(abi.encodeCall(ISettlement.settleBilateral, (t)));
        t = _pairwise(10, 100);
        _do(_openCallUntil(DAY + 1, uint32(block.timestamp) + 1));
        _decline(abi.encodeCall(ISettlement.settleBilateral, (t)), _status(DAY, 3));
    }

    /// The day's sums have 40 and 48 bits.
    function test_sumsOfADayDoNotOverflow() external {
        _do(_closeCall(DAY, 2));
        _do(_call(_reference(type(uint32).max)));
        ITradingDays.MarketTerms memory terms = _marketTerms(LICENSED);
        terms.bandBps = 10_000;
        _do(_call(terms));
        _do(_openCall(DAY + 1));
        _funded(BUYER, BUYER_KEY, 1 << 50);
        ISettlement.Trade memory t = _trade(1, type(uint32).max);
        t.buy.tonnes = t.sell.tonnes = 70_000;
        t.day = DAY + 1;
        _signed(t);
        t.tonnes = 65_537;
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.DaySumsExceeded.selector, QUOTA, DAY + 1));
    }

    function _kind(uint8 kind, uint64 tonnes, uint32 priceFen) private returns (ISettlement.Trade memory t) {
        t = _trade(tonnes, priceFen);
        (t.buy.kind, t.sell.kind) = (kind, kind);
        _signed(t);
    }

    function _pairwise(uint64 tonnes, uint32 priceFen) private returns (ISettlement.Trade memory t) {
        t = _trade(tonnes, priceFen);
        (t.buy.kind, t.sell.kind) = (3, 3);
        (t.buy.counterparty, t.sell.counterparty) = (SELLER, BUYER);
        _signed(t);
    }

    /// @dev Of the buyer to the seller, at the day's reference.
    function _resale(uint64 tonnes, uint32 day) private returns (ISettlement.Trade memory t) {
        (uint32 priceFen,) = exchange.referenceOf(QUOTA);
        t = _trade(tonnes, priceFen);
        t.day = day;
        (t.buy.account, t.sell.account) = (SELLER, BUYER);
        t.buySignature = _signOrder(SELLER_KEY, t.buy);
        t.sellSignature = _signOrder(BUYER_KEY, t.sell);
    }

    function _openCallUntil(uint32 day, uint32 until) private returns (bytes memory) {
        return abi.encodeCall(ITradingDays.openDay, (_nextOp(), QUOTA, day, until, entry));
    }

    function _unsigned(IOrderBook.Order memory o, uint256 key) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISettlement.OrderSignatureInvalid.selector, _hash(o), vm.addr(key));
    }

    function _status(uint32 day, uint8 status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITradingDays.DayStatusInvalid.selector, QUOTA, day, status);
    }
}
