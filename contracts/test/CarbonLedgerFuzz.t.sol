// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CarbonLedger} from "../CarbonLedger.sol";
import {IAllocations} from "../interfaces/IAllocations.sol";
import {IArrivals} from "../interfaces/IArrivals.sol";
import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {IFreezes} from "../interfaces/IFreezes.sol";
import {ITransfers} from "../interfaces/ITransfers.sol";
import {AssetId} from "../libraries/AssetId.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title Issued = held + surrendered + cancelled (law 3), and no more goes than there is, for whatever amounts.
contract CarbonLedgerFuzzTest is LedgerFixture {
    function setUp() external {
        _deployLedger();
    }

    /// Whatever is held and asked for: exactly what is free goes, and nothing of a larger demand.
    function testFuzz_noMoreGoesThanIsFree(uint8 which, uint64 held, uint64 frozen, uint64 asked) external {
        held = uint64(bound(held, 2, type(uint64).max - 1));
        _given(ACCOUNT, held);
        frozen = uint64(bound(frozen, 1, held - 1));
        _perform(_call(_freeze(frozen)));
        uint64 free = held - frozen;
        // Half of the demands are about what there is.
        if (asked % 2 == 0) asked = uint64(bound(asked, 1, uint256(free) + 1));
        if (asked == 0) asked = 1;
        bytes memory call = _demand(which % 6, asked);
        if (asked > free) {
            bytes4 selector = IAssetBook.BalanceInsufficient.selector;
            _refuse(call, abi.encodeWithSelector(selector, ACCOUNT, QUOTA, asked, free));
            _holds(ACCOUNT, QUOTA, free, frozen);
        } else {
            _perform(call);
            (uint64 left, uint64 stays) = ledger.balanceOf(ACCOUNT, QUOTA);
            assertEq(left, free - asked);
            assertEq(stays, which % 6 == 5 ? frozen + asked : frozen);
        }
        _lawHolds(QUOTA);
        _lawHolds(NEXT_QUOTA);
    }

    /// Two ranges of a series enter both exactly where they have no serial in common.
    function testFuzz_serialsEnterOnce(uint64 first, uint64 length, uint64 otherFirst, uint64 otherLength) external {
        first = uint64(bound(first, 0, 1000));
        otherFirst = uint64(bound(otherFirst, 0, 1000));
        uint64 last = first + uint64(bound(length, 0, 300));
        uint64 otherLast = otherFirst + uint64(bound(otherLength, 0, 300));
        _perform(_call(_offset(otherFirst, otherLast)));
        bytes memory call = _call(_offset(first, last));
        bool common = false;
        for (uint64 serial = first; serial <= last && !common; ++serial) {
            common = otherFirst <= serial && serial <= otherLast;
        }
        if (common) {
            bytes4 selector = IArrivals.SerialsOverlap.selector;
            _refuse(call, abi.encodeWithSelector(selector, SERIES, first, last, otherFirst, otherLast));
        } else {
            _perform(call);
        }
        _lawHolds(CCER);
    }

    /// A freeze ends with exactly what it began with, however it is released, moved and lapsed.
    function testFuzz_freezeGivesBackWhatItTook(uint64 tonnes, uint64 released, uint64 moved, bool atOnce) external {
        _given(ACCOUNT, type(uint64).max);
        IFreezes.Freeze memory m = _freeze(uint64(bound(tonnes, 3, type(uint64).max)));
        _perform(atOnce ? _atOnce(m) : _call(m));
        released = uint64(bound(released, 1, m.tonnes - 2));
        _perform(_call(_release(m.opId, released)));
        uint64 left = m.tonnes - released;
        moved = uint64(bound(moved, 1, left - 1));
        _perform(_outOf(m.opId, moved));
        left -= moved;
        _holds(ACCOUNT, QUOTA, type(uint64).max - moved - left, left);
        _holds(NEIGHBOUR_ACCOUNT, QUOTA, moved, 0);
        bytes memory call = _call(_release(m.opId, left + 1));
        _refuse(call, abi.encodeWithSelector(IFreezes.FreezeInsufficient.selector, m.opId, left + 1, left));
        vm.warp(block.timestamp + 24 hours);
        _perform(atOnce ? _lapse(m.opId) : _call(_release(m.opId, left)));
        _holds(ACCOUNT, QUOTA, type(uint64).max - moved, 0);
        _lawHolds(QUOTA);
    }

    /// A run gives exactly what two persons signed, in whatever parts: all of it, or the last part is refused.
    function testFuzz_runGivesWhatWasSigned(uint64 first, uint64 second, uint64 signed, bool swapped) external {
        uint64 total = type(uint64).max / 2;
        first = uint64(bound(first, 0, total / 2));
        second = uint64(bound(second, 0, total / 2));
        if (signed % 2 == 0) signed = first + second;
        else signed = uint64(bound(signed, 0, total));
        _perform(_call(_issue(total)));
        bytes32[] memory parts = new bytes32[](2);
        IAllocations.AllocationItem[][2] memory tables;
        for (uint256 i = 0; i < 2; ++i) {
            tables[i] = new IAllocations.AllocationItem[](1);
            (tables[i][0].account, tables[i][0].granted) = i == 0 ? (ACCOUNT, first) : (NEIGHBOUR_ACCOUNT, second);
            parts[i] = keccak256(abi.encode(tables[i]));
        }
        IAllocations.AllocationRun memory m = _run(signed, parts);
        _perform(_call(m));
        uint64 given = 0;
        uint256 done = 0;
        for (uint32 i = 0; i < 2; ++i) {
            uint32 part = swapped ? 1 - i : i;
            uint64 sum = given + tables[part][0].granted;
            bool expected = done == 0 ? sum <= signed : sum == signed;
            (bool taken,) = address(ledger).call(_call(m.opId, parts, part, tables[part]));
            assertTrue(taken == expected, "as signed");
            if (taken) (given, done) = (sum, done + 1);
        }
        _holds(RESERVE, QUOTA, total - given, 0);
        _lawHolds(QUOTA);
    }

    function _demand(uint256 which, uint64 asked) private returns (bytes memory) {
        if (which == 0) return abi.encodeCall(CarbonLedger.surrender, (ACCOUNT, QUOTA, asked));
        if (which == 1) return abi.encodeCall(CarbonLedger.carryOver, (ACCOUNT, VINTAGE, asked));
        if (which == 2) return _call(_cancel(asked));
        if (which == 3) return _call(_cancelByOrder(asked));
        if (which == 4) return _call(_transfer(asked, 1));
        return _call(_freeze(asked));
    }

    function _outOf(bytes32 freeze, uint64 tonnes) private returns (bytes memory) {
        ITransfers.Transfer memory m = _transfer(tonnes, 2);
        m.freeze = freeze;
        return _call(m);
    }

    /// @dev The three accounts are all that hold.
    function _lawHolds(AssetId asset) private view {
        uint256 held = 0;
        for (uint256 i = 0; i < 3; ++i) {
            (uint64 free, uint64 frozen) = ledger.balanceOf([ACCOUNT, NEIGHBOUR_ACCOUNT, RESERVE][i], asset);
            held += uint256(free) + frozen;
        }
        (uint64 issued, uint64 surrendered, uint64 cancelled) = ledger.supplyOf(asset);
        assertEq(issued, held + surrendered + cancelled);
    }
}
