// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {ICashBook} from "../interfaces/ICashBook.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {IFreezes} from "../interfaces/IFreezes.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {ITradingBook} from "../interfaces/ITradingBook.sol";
import {ITradingDays} from "../interfaces/ITradingDays.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Standing} from "../libraries/Standing.sol";
import {ExchangeFixture} from "./base/ExchangeFixture.sol";

/// @title What comes into trading and leaves it, with the market and without (DOMAIN 16, 22).
contract ExchangeTradingTest is ExchangeFixture {
    function setUp() external {
        _deployExchange();
        _opened();
    }

    function test_unitsMoveBetweenRegistryAndTradingByTheirHoldersWord() external {
        ITradingBook.TradingMove memory m = _move(SELLER, QUOTA, 300, false);
        bytes memory call = _moveCall(m, SELLER_KEY);
        vm.expectEmit(address(exchange));
        emit ITradingBook.Moved(SELLER, QUOTA, m.opId, 300, false, entry.leafHash, entry.logIndex);
        _do(call);
        _trades(SELLER, 1_700, 0);
        _holds(SELLER, QUOTA, 1_300, 0);
        _holds(_market(), QUOTA, 1_700, 0);
        _decline(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, m.opId));
        _do(_moveCall(_move(SELLER, QUOTA, 1_300, true), SELLER_KEY));
        _trades(SELLER, 3_000, 0);
        _holds(_market(), QUOTA, 3_000, 0);
    }

    function test_noMoreMovesThanIsThere() external {
        _decline(
            _moveCall(_move(SELLER, QUOTA, 1_001, true), SELLER_KEY),
            abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, SELLER, QUOTA, 1_001, 1_000)
        );
        _decline(
            _moveCall(_move(SELLER, QUOTA, 2_001, false), SELLER_KEY),
            abi.encodeWithSelector(ITradingBook.UnitsInsufficient.selector, SELLER, QUOTA, 2_001, 2_000)
        );
        // A sum that would run over into what is beside it.
        assertRefused(
            address(exchange),
            _moveCall(_move(SELLER, QUOTA, type(uint64).max, true), SELLER_KEY),
            IAssetBook.BalanceInsufficient.selector
        );
        _decline(
            _moveCall(_move(BUYER, CASH, 20_000_001, false), BUYER_KEY),
            abi.encodeWithSelector(ICashBook.CashInsufficient.selector, BUYER, 20_000_001, 20_000_000)
        );
        _decline(
            _moveCall(_move(BUYER, CASH, 1, true), BUYER_KEY),
            abi.encodeWithSelector(ICashBook.CashInsufficient.selector, BUYER, 1, 0)
        );
        _decline(
            _moveCall(_move(BUYER, QUOTA, 0, true), BUYER_KEY), abi.encodeWithSelector(IExchange.AmountZero.selector)
        );
        _decline(
            _moveCall(_move(BUYER, CCER, 1, true), BUYER_KEY),
            abi.encodeWithSelector(ITradingDays.AssetNotTradable.selector, CCER)
        );
    }

    function test_onlyTheHolderMovesAndInTime() external {
        _decline(
            _moveCall(_move(SELLER, QUOTA, 1, false), BUYER_KEY),
            abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, SELLER, vm.addr(BUYER_KEY))
        );
        vm.warp(deadline);
        _decline(
            _moveCall(_move(SELLER, QUOTA, 1, false), SELLER_KEY),
            abi.encodeWithSelector(ISpeakers.IntentExpired.selector, deadline)
        );
    }

    /// DOMAIN 16: locked units may be surrendered, so they may leave; what leaves is what is not locked, first.
    function test_movingOutAndInUnlocksNothing() external {
        _do(_settleCall(_trade(100, PRICE_FEN)));
        _given(BUYER, 50);
        _do(_moveCall(_move(BUYER, QUOTA, 50, true), BUYER_KEY));
        _trades(BUYER, 150, 100);
        _do(_moveCall(_move(BUYER, QUOTA, 120, false), BUYER_KEY));
        _trades(BUYER, 30, 30);
        _do(_moveCall(_move(BUYER, QUOTA, 100, true), BUYER_KEY));
        _trades(BUYER, 130, 100);
    }

    function test_whoIsBarredBringsNothingButGetsItsOwnBack() external {
        bytes memory call = _barCall(SELLER, true);
        vm.expectEmit(address(exchange));
        emit ITradingBook.Barred(SELLER, _opIdOf(call), true, entry.leafHash, entry.logIndex);
        _do(call);
        assertTrue(exchange.isBarred(SELLER), "barred");
        _decline(_barCall(SELLER, true), abi.encodeWithSelector(ITradingBook.BarUnchanged.selector, SELLER, true));
        _decline(
            _moveCall(_move(SELLER, QUOTA, 1, true), SELLER_KEY),
            abi.encodeWithSelector(ITradingBook.AccountBarred.selector, SELLER)
        );
        _do(_moveCall(_move(SELLER, QUOTA, 2_000, false), SELLER_KEY));
        _do(_barCall(SELLER, false));
        _decline(_barCall(SELLER, false), abi.encodeWithSelector(ITradingBook.BarUnchanged.selector, SELLER, false));
        _do(_moveCall(_move(SELLER, QUOTA, 1, true), SELLER_KEY));
    }

    function test_whoIsSuspendedByTheLedgerBringsNothing() external {
        _do(_moveCall(_move(SELLER, QUOTA, 1, false), SELLER_KEY));
        _perform(_suspended(SELLER));
        _decline(
            _moveCall(_move(SELLER, QUOTA, 1, true), SELLER_KEY),
            abi.encodeWithSelector(Standing.AccountSuspended.selector, SELLER, uint64(block.timestamp))
        );
    }

    /// The registrar alone gives back only to the account itself.
    function test_sweepsGoHome() external {
        bytes memory call = _sweepCall(SELLER, QUOTA, 2_000);
        vm.expectEmit(address(exchange));
        emit ITradingBook.Swept(SELLER, QUOTA, _opIdOf(call), 2_000, entry.leafHash, entry.logIndex);
        _do(call);
        _holds(SELLER, QUOTA, 3_000, 0);
        _holds(_market(), QUOTA, 0, 0);
        _decline(
            _sweepCall(SELLER, QUOTA, 1),
            abi.encodeWithSelector(ITradingBook.UnitsInsufficient.selector, SELLER, QUOTA, 1, 0)
        );
        _do(_sweepCall(BUYER, CASH, 20_000_000));
        _has(BUYER, 20_000_000, 0, 0);
        _decline(_sweepCall(BUYER, CASH, 0), abi.encodeWithSelector(IExchange.AmountZero.selector));
        _decline(_sweepCall(BUYER, CCER, 1), abi.encodeWithSelector(ITradingDays.AssetNotTradable.selector, CCER));
    }

    function test_afterTheDelayUnitsLeaveWithoutTheMarket() external {
        uint64 at = uint64(block.timestamp) + RELEASE_DELAY;
        vm.prank(vm.addr(SELLER_KEY));
        vm.expectEmit(address(exchange));
        emit ITradingBook.ReleaseRequested(SELLER, QUOTA, 1_500, at);
        exchange.requestRelease(QUOTA, 1_500);
        (uint64 amount, uint64 from) = exchange.releaseOf(SELLER, QUOTA);
        assertEq(amount, 1_500);
        assertEq(from, at);
        bytes memory call = abi.encodeCall(ITradingBook.completeRelease, (SELLER, QUOTA));
        vm.warp(at - 1);
        vm.prank(vm.addr(SELLER_KEY));
        _decline(call, abi.encodeWithSelector(ITradingBook.ReleaseEarly.selector, SELLER, QUOTA, at));
        vm.warp(at);
        vm.prank(vm.addr(BUYER_KEY));
        _decline(call, abi.encodeWithSelector(IOrderBook.CallerUnknown.selector, vm.addr(BUYER_KEY)));
        // At most what is there.
        _do(_sweepCall(SELLER, QUOTA, 800));
        vm.prank(vm.addr(SELLER_KEY));
        vm.expectEmit(address(exchange));
        emit ITradingBook.Released(SELLER, QUOTA, 1_200, at);
        exchange.completeRelease(SELLER, QUOTA);
        _holds(SELLER, QUOTA, 3_000, 0);
        vm.prank(vm.addr(SELLER_KEY));
        _decline(call, abi.encodeWithSelector(ITradingBook.ReleaseUnknown.selector, SELLER, QUOTA));
    }

    function test_afterTheDelayCashIsFreeWithoutTheMarket() external {
        vm.prank(vm.addr(BUYER_KEY));
        exchange.requestRelease(CASH, 5_000);
        vm.warp(block.timestamp + RELEASE_DELAY);
        vm.prank(vm.addr(BUYER_KEY));
        exchange.completeRelease(BUYER, CASH);
        _has(BUYER, 5_000, 19_995_000, 0);
        vm.prank(address(0xBEEF));
        _decline(
            abi.encodeCall(ITradingBook.requestRelease, (CASH, 1)),
            abi.encodeWithSelector(IOrderBook.CallerUnknown.selector, address(0xBEEF))
        );
        vm.prank(vm.addr(BUYER_KEY));
        _decline(
            abi.encodeCall(ITradingBook.requestRelease, (CCER, 1)),
            abi.encodeWithSelector(ITradingDays.AssetNotTradable.selector, CCER)
        );
    }

    /// A delay that is made longer afterwards does not hold what was asked for before.
    function test_aRequestKeepsItsDelay() external {
        vm.prank(vm.addr(BUYER_KEY));
        exchange.requestRelease(CASH, 5_000);
        ITradingDays.MarketTerms memory t = _marketTerms(LICENSED);
        t.releaseDelay = type(uint32).max;
        _do(_call(t));
        vm.warp(block.timestamp + RELEASE_DELAY);
        vm.prank(vm.addr(BUYER_KEY));
        exchange.completeRelease(BUYER, CASH);
        _has(BUYER, 5_000, 19_995_000, 0);
    }

    /// A purchase of a day has 32 bits in its account's word.
    function test_aPurchaseThatIsTooLargeIsRefused() external {
        _given(NEIGHBOUR_ACCOUNT, 1 << 33);
        _do(_moveCall(_move(NEIGHBOUR_ACCOUNT, QUOTA, 1 << 33, true), NEIGHBOUR_KEY));
        ISettlement.Trade memory t = _trade(1 << 32, 1);
        (t.buy.kind, t.sell.kind) = (4, 4);
        t.sell.account = NEIGHBOUR_ACCOUNT;
        _funded(BUYER, BUYER_KEY, 1 << 33);
        t.buySignature = _signOrder(BUYER_KEY, t.buy);
        t.sellSignature = _signOrder(NEIGHBOUR_KEY, t.sell);
        _decline(_settleCall(t), abi.encodeWithSelector(ITradingBook.PurchaseExceeded.selector, BUYER, QUOTA, 1 << 32));
        t.tonnes = (1 << 32) - 1;
        _do(_settleCall(t));
        _trades(BUYER, (1 << 32) - 1, (1 << 32) - 1);
        (t.tonnes, t.buyFilled, t.sellFilled) = (1, t.tonnes, t.tonnes);
        _decline(_settleCall(t), abi.encodeWithSelector(ITradingBook.PurchaseExceeded.selector, BUYER, QUOTA, 1));
    }

    function _suspended(bytes32 account) private returns (bytes memory) {
        IFreezes.Suspension memory m = _suspension(true);
        m.account = account;
        return _call(m);
    }
}
