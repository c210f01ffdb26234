// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITradingBook} from "../interfaces/ITradingBook.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {ExchangeFixture} from "./base/ExchangeFixture.sol";

/// @title What each act of the market costs; measured as in GasTest.
contract ExchangeGasTest is ExchangeFixture {
    bytes[20] private _calls;

    /// @dev Everything is made here, as a deployment makes it, so that the tests do nothing but call. Both sides have something of everything: fresh
    /// is what an order's first fill writes.
    function setUp() external {
        _deployExchange();
        exchange.refreshSettler(address(this));
        _opened();
        _funded(SELLER, SELLER_KEY, 1_000);
        _stocked(BUYER, BUYER_KEY, 5);
        _do(_call(_binding()));
        ISettlement.Trade memory first = _trade(10, PRICE_FEN);
        first.tonnes = 4;
        _do(_settleCall(first));
        (first.buyFilled, first.sellFilled) = (4, 4);
        _calls[0] = _settleCall(_trade(10, PRICE_FEN));
        _calls[1] = _settleCall(first);
        _calls[2] = abi.encodeCall(ISettlement.settleBatch, (_ten()));
        ISettlement.Trade memory pair = _trade(10, PRICE_FEN);
        (pair.buy.kind, pair.sell.kind) = (3, 3);
        (pair.buy.counterparty, pair.sell.counterparty) = (SELLER, BUYER);
        _signed(pair);
        _calls[3] = abi.encodeCall(ISettlement.settleBilateral, (pair));
        IOrderBook.Order memory o = _order(1, 10, PRICE_FEN);
        _calls[4] = _cancelCall(o, BUYER_KEY);
        _calls[5] = abi.encodeCall(IOrderBook.cancelDirect, (o));
        _calls[6] = _cancelAllCall(BUYER, 1, BUYER_KEY);
        _calls[7] = _moveCall(_move(SELLER, QUOTA, 5, true), SELLER_KEY);
        _calls[8] = _moveCall(_move(SELLER, QUOTA, 5, false), SELLER_KEY);
        _calls[9] = _call(_deposit(5));
        _calls[10] = _moveCall(_move(BUYER, CASH, 5, false), BUYER_KEY);
        _do(_moveCall(_move(BUYER, CASH, 50, false), BUYER_KEY));
        _calls[11] = _call(_withdrawal(5));
        _calls[12] = abi.encodeCall(ITradingBook.requestRelease, (QUOTA, 5));
    }

    function test_settleFresh() external {
        _do(_calls[0]);
    }

    function test_settleWarm() external {
        _do(_calls[1]);
    }

    function test_settleBatchOfTen() external {
        _do(_calls[2]);
    }

    function test_settleBilateral() external {
        _do(_calls[3]);
    }

    function test_cancel() external {
        _do(_calls[4]);
    }

    function test_cancelDirect() external {
        vm.prank(vm.addr(BUYER_KEY));
        _do(_calls[5]);
    }

    function test_cancelAll() external {
        _do(_calls[6]);
    }

    function test_cancelAllDirect() external {
        vm.prank(vm.addr(BUYER_KEY));
        exchange.cancelAllDirect();
    }

    function test_moveUnitsIn() external {
        _do(_calls[7]);
    }

    function test_moveUnitsOut() external {
        _do(_calls[8]);
    }

    function test_deposit() external {
        _do(_calls[9]);
    }

    function test_moveCashOut() external {
        _do(_calls[10]);
    }

    function test_withdraw() external {
        _do(_calls[11]);
    }

    function test_requestRelease() external {
        vm.prank(vm.addr(SELLER_KEY));
        _do(_calls[12]);
    }

    /// P5: a trade of ten costs at most three quarters of one alone, whole transactions.
    function test_aTradeOfTenCostsLessThanOneAlone() external {
        uint256 single = _whole(_settleCall(_trade(10, PRICE_FEN)));
        assertTrue(_whole(abi.encodeCall(ISettlement.settleBatch, (_ten()))) * 4 <= single * 30, "ten");
    }

    /// @dev Of a transaction that does nothing else: base, call data (EIP-2028) and execution.
    function _whole(bytes memory call) private returns (uint256 gas) {
        gas = 21_000;
        for (uint256 i = 0; i < call.length; ++i) {
            gas += call[i] == 0 ? 4 : 16;
        }
        uint256 before = gasleft();
        (bool succeeded,) = address(exchange).call(call);
        // A transaction finds its receiver's account warm (EIP-2929).
        gas += before - gasleft() - 2_500;
        assertTrue(succeeded, "settled");
    }

    function _ten() private returns (ISettlement.Trade[] memory trades) {
        trades = new ISettlement.Trade[](10);
        for (uint256 i = 0; i < 10; ++i) {
            trades[i] = _trade(10, PRICE_FEN);
        }
    }
}
