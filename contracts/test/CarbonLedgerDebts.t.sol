// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAllocations} from "../interfaces/IAllocations.sol";
import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {Standing} from "../libraries/Standing.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title What has to come back, comes back: given, collected, or settled by a smaller grant (DOMAIN 31).
contract CarbonLedgerDebtsTest is LedgerFixture {
    string private constant _SECOND_PARK = "park/second";
    bytes32 private constant _SECOND_RESERVE = keccak256("park/second");

    uint64 private _due;

    function setUp() external {
        _deployLedger();
        _issued();
        _enrol(_SECOND_PARK, 1, 0, ED25519, 40, 15, 31);
        _due = uint64(block.timestamp) + 28 days;
    }

    function test_holderGivesBackAPartAndThenTheRest() external {
        _table(RESERVE, 50, 20, 0);
        IAllocations.Return memory m = _return(15);
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit IAllocations.Returned(ACCOUNT, RESERVE, QUOTA, m.opId, 15, 5, false, entry.leafHash, entry.logIndex);
        _perform(call);
        _owes(ACCOUNT, 5, _due, RESERVE);
        _perform(_call(_return(5)));
        _owes(ACCOUNT, 0, 0, 0);
        _holds(ACCOUNT, QUOTA, 30, 0);
        _holds(RESERVE, QUOTA, CAP - 30, 0);
        _supplies(QUOTA, CAP, 0, 0);
    }

    function test_holderGivesBackNoMoreThanItOwesOrHas() external {
        _table(RESERVE, 10, 20, 0);
        _refuse(_call(_return(21)), abi.encodeWithSelector(IAllocations.OwedExceeded.selector, ACCOUNT, 21, 20));
        _refuse(
            _call(_return(11)), abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, ACCOUNT, QUOTA, 11, 10)
        );
        _refuse(_call(_return(0)), abi.encodeWithSelector(IAssetBook.AmountZero.selector));
        _perform(_call(_return(10)));
        _owes(ACCOUNT, 10, _due, RESERVE);
    }

    function test_returnIsOfAnyVintageButIsTheHoldersWordInTime() external {
        _table(RESERVE, 10, 5, 0);
        IAllocations.Return memory m = _return(1);
        m.vintage = 0;
        _refuse(_call(m), abi.encodeWithSelector(Assets.AssetInvalid.selector, 0x0001_0000));
        m.vintage = VINTAGE;
        m.deadline = uint64(block.timestamp);
        _refuse(_call(m), abi.encodeWithSelector(ISpeakers.IntentExpired.selector, m.deadline));
        m.deadline += 1;
        _perform(_call(m));
        m = _return(1);
        m.account = NEIGHBOUR_ACCOUNT;
        _refuse(
            _call(m),
            abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, NEIGHBOUR_ACCOUNT, vm.addr(HOLDER))
        );
        _perform(_call(_suspension(true)));
        _refuse(_call(_return(1)), abi.encodeWithSelector(Standing.AccountSuspended.selector, ACCOUNT, block.timestamp));
    }

    function test_whatIsDueIsCollectedAsFarAsThereIs() external {
        _table(RESERVE, 10, 25, 0);
        bytes memory call = _collect(ACCOUNT);
        vm.warp(_due - 1);
        _refuse(call, abi.encodeWithSelector(IAllocations.OwedNotDue.selector, ACCOUNT, _due, _due - 1));
        vm.warp(_due);
        vm.expectEmit(address(ledger));
        emit IAllocations.Returned(ACCOUNT, RESERVE, QUOTA, _opIdOf(call), 10, 15, true, entry.leafHash, entry.logIndex);
        _perform(call);
        _owes(ACCOUNT, 15, _due, RESERVE);
        _holds(ACCOUNT, QUOTA, 0, 0);
        _refuse(
            _collect(ACCOUNT), abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, ACCOUNT, QUOTA, 15, 0)
        );
        _given(ACCOUNT, 40);
        _perform(_collect(ACCOUNT));
        _holds(ACCOUNT, QUOTA, 25, 0);
        _owes(ACCOUNT, 0, 0, 0);
        _refuse(_collect(ACCOUNT), abi.encodeWithSelector(IAllocations.OwedNone.selector, ACCOUNT));
    }

    function test_whatIsDueIsCollectedFromASuspendedAccountToo() external {
        _table(RESERVE, 10, 5, 0);
        _perform(_call(_suspension(true)));
        vm.warp(_due);
        _perform(_collect(ACCOUNT));
        _holds(ACCOUNT, QUOTA, 5, 0);
    }

    function test_frozenUnitsAreNotCollected() external {
        _table(RESERVE, 10, 25, 0);
        _perform(_call(_freeze(4)));
        vm.warp(_due);
        _perform(_collect(ACCOUNT));
        _holds(ACCOUNT, QUOTA, 0, 4);
        _owes(ACCOUNT, 19, _due, RESERVE);
    }

    function test_laterRunSettlesWhatAnEarlierOneMadeOwed() external {
        _table(RESERVE, 0, 20, 0);
        vm.warp(block.timestamp + 1 days);
        _table(RESERVE, 5, 0, 8);
        _owes(ACCOUNT, 12, _due, RESERVE);
        _table(RESERVE, 5, 3, 2);
        // What is new is due later, and all of it then.
        _owes(ACCOUNT, 13, _due + 1 days, RESERVE);
        _table(RESERVE, 0, 0, 13);
        _owes(ACCOUNT, 0, 0, 0);
    }

    function test_noRunSettlesMoreThanIsOwedNorOwesBeyondCounting() external {
        _table(RESERVE, 0, 20, 0);
        _refuse(_part(RESERVE, 0, 0, 21), abi.encodeWithSelector(IAllocations.OwedExceeded.selector, ACCOUNT, 21, 20));
        _refuse(
            _part(RESERVE, 0, type(uint64).max - 18, 1),
            abi.encodeWithSelector(IAllocations.OwedTooMuch.selector, ACCOUNT, type(uint64).max - 18, 19)
        );
        _table(RESERVE, 0, type(uint64).max - 19, 1);
        _owes(ACCOUNT, type(uint64).max, _due, RESERVE);
    }

    function test_oneAccountOwesToOneReserveAtATime() external {
        IAllocations.Issue memory m = _issue(9);
        m.account = _SECOND_RESERVE;
        _perform(_call(m));
        _table(RESERVE, 10, 20, 0);
        _refuse(
            _part(_SECOND_RESERVE, 1, 1, 0),
            abi.encodeWithSelector(IAllocations.ReserveDiffers.selector, ACCOUNT, _SECOND_RESERVE, RESERVE)
        );
        _table(_SECOND_RESERVE, 1, 0, 0);
        _table(_SECOND_RESERVE, 1, 2, 20);
        _owes(ACCOUNT, 2, _due, _SECOND_RESERVE);
        _perform(_call(_return(2)));
        _holds(_SECOND_RESERVE, QUOTA, 9, 0);
    }

    function _table(bytes32 reserve, uint64 granted, uint64 owes, uint64 settles) private {
        _perform(_part(reserve, granted, owes, settles));
    }

    /// @dev Of a run with one row, for the enterprise, which is approved.
    function _part(bytes32 reserve, uint64 granted, uint64 owes, uint64 settles) private returns (bytes memory) {
        IAllocations.AllocationItem[] memory items = new IAllocations.AllocationItem[](1);
        items[0] = IAllocations.AllocationItem(ACCOUNT, granted, owes, settles);
        IAllocations.AllocationRun memory m = _run(granted, _parts(items));
        m.reserve = reserve;
        _perform(_call(m));
        return _call(m.opId, items);
    }
}
