// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ISettlement} from "../interfaces/ISettlement.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {ITradingBook} from "../interfaces/ITradingBook.sol";
import {ExchangeFixture} from "./base/ExchangeFixture.sol";
import {Reentrant} from "./base/Reentrant.sol";
import {Vm} from "./base/Vm.sol";

/// @title Trades of a batch stand by themselves: what is refused says why, leaves nothing behind, and stops no other.
contract ExchangeBatchTest is ExchangeFixture {
    function setUp() external {
        _deployExchange();
        _opened();
    }

    function test_oneBadTradeDoesNotStopTheOthers() external {
        ISettlement.Trade[] memory trades = new ISettlement.Trade[](3);
        for (uint256 i = 0; i < 3; ++i) {
            trades[i] = _trade(100, PRICE_FEN);
        }
        trades[1].sellSignature = trades[0].sellSignature;
        bytes memory reason = abi.encodeWithSelector(
            ISettlement.OrderSignatureInvalid.selector,
            _hash(trades[1].sell),
            _signer(_hash(trades[1].sell), trades[1].sellSignature)
        );
        vm.expectEmit(address(exchange));
        emit ISettlement.TradeRefused(trades[1].opId, _hash(trades[1].buy), _hash(trades[1].sell), reason);
        _do(abi.encodeCall(ISettlement.settleBatch, (trades)));
        _trades(BUYER, 200, 200);
        // The buyer's fill of the refused trade was undone with the rest of it.
        (uint64 filled,) = exchange.filledOf(_hash(trades[1].buy));
        assertEq(filled, 0);
        assertEq(exchange.dayOf(QUOTA, DAY).volume, 200);
    }

    function test_aBatchSentAgainSettlesNothing() external {
        ISettlement.Trade[] memory trades = new ISettlement.Trade[](2);
        (trades[0], trades[1]) = (_trade(100, PRICE_FEN), _trade(50, PRICE_FEN));
        bytes memory call = abi.encodeCall(ISettlement.settleBatch, (trades));
        _do(call);
        vm.recordLogs();
        _do(call);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        for (uint256 i = 0; i < 2; ++i) {
            assertEq(logs[i].topics[0], ISettlement.TradeRefused.selector);
        }
        _trades(BUYER, 150, 150);
    }

    function test_fillsOfOneOrderInOneBatchComeInTheirOrder() external {
        ISettlement.Trade[] memory trades = new ISettlement.Trade[](2);
        trades[0] = _trade(100, PRICE_FEN);
        trades[1] = _trade(100, PRICE_FEN);
        trades[1].buy = trades[0].buy;
        trades[1].buySignature = trades[0].buySignature;
        (trades[0].tonnes, trades[1].tonnes, trades[1].buyFilled) = (40, 60, 40);
        _do(abi.encodeCall(ISettlement.settleBatch, (trades)));
        (uint64 filled,) = exchange.filledOf(_hash(trades[0].buy));
        assertEq(filled, 100);
        _trades(BUYER, 100, 100);
    }

    function test_anEmptyBatchIsNone() external {
        _do(abi.encodeCall(ISettlement.settleBatch, (new ISettlement.Trade[](0))));
    }

    /// A trade that runs out of gas is not told as refused: nothing of the batch took effect.
    function test_tooLittleGasRefusesTheWholeBatch() external {
        ISettlement.Trade[] memory trades = new ISettlement.Trade[](2);
        (trades[0], trades[1]) = (_trade(100, PRICE_FEN), _trade(50, PRICE_FEN));
        bytes memory call = abi.encodeCall(ISettlement.settleBatch, (trades));
        (bool succeeded, bytes memory returned) = address(exchange).call{gas: 150_000}(call);
        assertTrue(!succeeded, "taken");
        assertEq(
            keccak256(returned), keccak256(abi.encodeWithSelector(ISettlement.TradeUnanswered.selector, trades[1].opId))
        );
        _trades(BUYER, 0, 0);
    }

    /// The exchange calls itself with its own right; nobody else has it.
    function test_strangersSettleNothing() external {
        ISettlement.Trade[] memory trades = new ISettlement.Trade[](1);
        trades[0] = _trade(100, PRICE_FEN);
        vm.prank(address(0xBEEF));
        (bool succeeded,) = address(exchange).call(abi.encodeCall(ISettlement.settleBatch, (trades)));
        assertTrue(!succeeded, "a batch by anybody");
        vm.prank(address(0xBEEF));
        (succeeded,) = address(exchange).call(_settleCall(trades[0]));
        assertTrue(!succeeded, "a trade by anybody");
        vm.prank(address(ledger));
        (succeeded,) = address(exchange).call(_settleCall(trades[0]));
        assertTrue(!succeeded, "a trade by the ledger");
    }

    /// A ledger or registry that called back would find the move done: it takes nothing twice.
    function test_movesAreDoneBeforeTheLedgerIsCalled() external {
        Reentrant hostile = new Reentrant(address(ledger));
        exchange = IExchange(_createExchange(abi.encode(manager, DEPLOYMENT_ID, registry, hostile)));
        _do(_call(_marketTerms(LICENSED)));
        manager.grantRole(0, address(hostile), 0);
        ITradingBook.TradingMove memory m = _move(BUYER, QUOTA, 10, true);
        bytes memory inward = _moveCall(m, BUYER_KEY);
        hostile.arm(address(exchange), inward);
        // Its answer to a change is none: the call is refused as a whole, and the second entry with it.
        (bool succeeded,) = address(exchange).call(inward);
        (uint64 trading,) = exchange.tradingOf(BUYER, QUOTA);
        assertTrue(!succeeded ? trading == 0 : trading == 10, "moved twice");
        assertTrue(exchange.opUsed(m.opId) == succeeded, "consumed");
    }
}
