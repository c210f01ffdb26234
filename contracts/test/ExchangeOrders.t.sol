// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IActs} from "../interfaces/IActs.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {Entry} from "../libraries/Entry.sol";
import {ExchangeFixture} from "./base/ExchangeFixture.sol";

/// @title Orders end by their holder's word, with the operator or without.
contract ExchangeOrdersTest is ExchangeFixture {
    function setUp() external {
        _deployExchange();
        _opened();
    }

    function testFuzz_theHashIsTheDigestOfWhatIsSigned(IOrderBook.Order calldata o) external view {
        assertEq(exchange.hashOrder(o), _hash(o));
    }

    function test_aCancelledOrderIsFilledNoMore() external {
        ISettlement.Trade memory t = _trade(100, PRICE_FEN);
        t.tonnes = 30;
        _do(_settleCall(t));
        bytes memory call = _cancelCall(t.sell, SELLER_KEY);
        bytes32 opId = _opIdOf(call);
        vm.expectEmit(address(exchange));
        emit IOrderBook.OrderCancelled(_hash(t.sell), SELLER, opId);
        _do(call);
        (uint64 filled, bool cancelled) = exchange.filledOf(_hash(t.sell));
        assertEq(filled, 30);
        assertTrue(cancelled, "cancelled");
        (t.buyFilled, t.sellFilled) = (30, 30);
        _decline(_settleCall(t), abi.encodeWithSelector(ISettlement.OrderEnded.selector, _hash(t.sell)));
        _decline(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, opId));
        // The log's word may come after the holder's own: both say the same.
        _do(_cancelCall(t.sell, SELLER_KEY));
        (filled,) = exchange.filledOf(_hash(t.sell));
        assertEq(filled, 30);
    }

    function test_onlyItsHolderCancelsAnOrderAndOnlyTheOneThatIsNamed() external {
        IOrderBook.Order memory o = _order(1, 10, PRICE_FEN);
        _decline(
            _cancelCall(o, SELLER_KEY),
            abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, BUYER, vm.addr(SELLER_KEY))
        );
        IOrderBook.CancelOrder memory m = IOrderBook.CancelOrder(_nextOp(), SELLER, _hash(o), deadline);
        _decline(
            abi.encodeCall(IOrderBook.cancel, (m, o, _word(SELLER_KEY, keccak256(abi.encode(CANCEL_ORDER, m))), entry)),
            abi.encodeWithSelector(IOrderBook.OrderDiffers.selector, _hash(o), BUYER)
        );
        m = IOrderBook.CancelOrder(_nextOp(), BUYER, _hash(o), deadline);
        IOrderBook.Order memory other = _order(1, 10, PRICE_FEN);
        _decline(
            abi.encodeCall(
                IOrderBook.cancel, (m, other, _word(BUYER_KEY, keccak256(abi.encode(CANCEL_ORDER, m))), entry)
            ),
            abi.encodeWithSelector(IOrderBook.OrderDiffers.selector, _hash(other), BUYER)
        );
        vm.warp(deadline);
        _decline(_cancelCall(o, BUYER_KEY), abi.encodeWithSelector(ISpeakers.IntentExpired.selector, deadline));
    }

    function test_aHolderCancelsDirectly() external {
        IOrderBook.Order memory o = _order(1, 10, PRICE_FEN);
        bytes memory call = abi.encodeCall(IOrderBook.cancelDirect, (o));
        vm.prank(vm.addr(SELLER_KEY));
        _decline(call, abi.encodeWithSelector(IOrderBook.OrderDiffers.selector, _hash(o), BUYER));
        vm.prank(vm.addr(PARK_PERSON));
        _decline(call, abi.encodeWithSelector(IOrderBook.CallerUnknown.selector, vm.addr(PARK_PERSON)));
        vm.prank(vm.addr(BUYER_KEY));
        vm.expectEmit(address(exchange));
        emit IOrderBook.OrderCancelled(_hash(o), BUYER, 0);
        _do(call);
        (, bool cancelled) = exchange.filledOf(_hash(o));
        assertTrue(cancelled, "cancelled");
    }

    function test_anEpochEndsAllOrdersBeforeIt() external {
        bytes memory call = _cancelAllCall(BUYER, 7, BUYER_KEY);
        vm.expectEmit(address(exchange));
        emit IOrderBook.AllCancelled(BUYER, _opIdOf(call), 7);
        _do(call);
        assertEq(exchange.epochOf(BUYER), 7);
        assertEq(exchange.epochOf(SELLER), 0);
        _decline(_cancelAllCall(BUYER, 7, BUYER_KEY), abi.encodeWithSelector(IOrderBook.EpochInvalid.selector, 7, 7));
        _decline(
            _cancelAllCall(BUYER, 1 << 24, BUYER_KEY),
            abi.encodeWithSelector(IOrderBook.EpochInvalid.selector, 1 << 24, 7)
        );
        _decline(
            _cancelAllCall(BUYER, 8, SELLER_KEY),
            abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, BUYER, vm.addr(SELLER_KEY))
        );
        vm.prank(vm.addr(BUYER_KEY));
        exchange.cancelAllDirect();
        assertEq(exchange.epochOf(BUYER), 8);
        // What is beside the epoch in its word is as it was.
        _has(BUYER, 0, 20_000_000, 0);
        vm.prank(address(0xBEEF));
        _decline(
            abi.encodeCall(IOrderBook.cancelAllDirect, ()),
            abi.encodeWithSelector(IOrderBook.CallerUnknown.selector, address(0xBEEF))
        );
    }

    function test_theLastEpochIsTheLast() external {
        _do(_cancelAllCall(BUYER, (1 << 24) - 1, BUYER_KEY));
        vm.prank(vm.addr(BUYER_KEY));
        _decline(
            abi.encodeCall(IOrderBook.cancelAllDirect, ()),
            abi.encodeWithSelector(IOrderBook.EpochInvalid.selector, 1 << 24, (1 << 24) - 1)
        );
    }

    function test_everyActNamesItsEntry() external {
        entry = Entry(0, LOG_INDEX);
        _decline(_cancelAllCall(BUYER, 7, BUYER_KEY), abi.encodeWithSelector(IActs.LeafHashZero.selector));
    }
}
