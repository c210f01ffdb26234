// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CarbonLedger} from "../CarbonLedger.sol";
import {IAllocations} from "../interfaces/IAllocations.sol";
import {IFreezes} from "../interfaces/IFreezes.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title What each act of the ledger costs; measured as in GasTest.
contract CarbonLedgerGasTest is LedgerFixture {
    bytes[16] private _calls;

    /// @dev Everything is made here, so that the tests do nothing but call.
    function setUp() external {
        _deployLedger();
        _issued();
        _given(ACCOUNT, 1_000);
        IFreezes.Freeze memory m = _freeze(50);
        _perform(_atOnce(m));
        IAllocations.AllocationItem[] memory items = new IAllocations.AllocationItem[](1);
        items[0] = IAllocations.AllocationItem(ACCOUNT, 5, 20, 0);
        IAllocations.AllocationRun memory run = _run(5, _parts(items));
        _perform(_call(run));
        _perform(_call(run.opId, items));
        run = _run(5, _parts(items));
        _calls[0] = _call(_issue(1));
        _calls[1] = _call(run);
        _calls[2] = _call(run.opId, items);
        _calls[3] = _call(_return(5));
        _calls[4] = _collect(ACCOUNT);
        _calls[5] = _call(_offset(1, 1_947));
        _calls[6] = _call(_freeze(5));
        _calls[7] = _atOnce(_freeze(5));
        _calls[8] = _confirm(m);
        _calls[9] = _lapse(m.opId);
        _calls[10] = _call(_release(m.opId, 5));
        _calls[11] = _call(_suspension(true));
        _calls[12] = _call(_transfer(5, 1));
        _calls[13] = _call(_cancelByOrder(5));
        _calls[14] = _call(_cancel(5));
        _calls[15] = abi.encodeCall(CarbonLedger.carryOver, (ACCOUNT, VINTAGE, 5));
    }

    function test_issue() external {
        _perform(_calls[0]);
    }

    function test_approveRun() external {
        _perform(_calls[1]);
    }

    function test_approveRunThenAllocateOne() external {
        _perform(_calls[1]);
        _perform(_calls[2]);
    }

    function test_returnOwed() external {
        _perform(_calls[3]);
    }

    function test_collectOwed() external {
        vm.warp(block.timestamp + 28 days);
        _perform(_calls[4]);
    }

    function test_enterOffset() external {
        _perform(_calls[5]);
    }

    function test_freeze() external {
        _perform(_calls[6]);
    }

    function test_freezeAtOnce() external {
        _perform(_calls[7]);
    }

    function test_confirmFreeze() external {
        _perform(_calls[8]);
    }

    function test_lapseFreeze() external {
        vm.warp(block.timestamp + 1 days);
        _perform(_calls[9]);
    }

    function test_release() external {
        _perform(_calls[10]);
    }

    function test_suspend() external {
        _perform(_calls[11]);
    }

    function test_transfer() external {
        _perform(_calls[12]);
    }

    function test_cancelByOrder() external {
        _perform(_calls[13]);
    }

    function test_cancel() external {
        _perform(_calls[14]);
    }

    function test_carryOver() external {
        _perform(_calls[15]);
    }

    function test_surrender() external {
        ledger.surrender(ACCOUNT, QUOTA, 5);
    }

    function test_expire() external {
        ledger.expire(ACCOUNT, VINTAGE);
    }
}
