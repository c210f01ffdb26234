// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CarbonLedger} from "../../CarbonLedger.sol";
import {IAllocations} from "../../interfaces/IAllocations.sol";
import {IArrivals} from "../../interfaces/IArrivals.sol";
import {IFreezes} from "../../interfaces/IFreezes.sol";
import {ITransfers} from "../../interfaces/ITransfers.sol";
import {AssetId} from "../../libraries/AssetId.sol";
import {LedgerActs} from "./LedgerActs.sol";

/// @title What two persons, holders, the registrar and Compliance do with units, honestly or not: each call of the ledger.
/// @notice Before each call it is said, from the events so far, whether the contract must take it: any other answer fails.
contract LedgerHandler is LedgerActs {
    function issue(uint256 amount, uint256 which) external inTime {
        IAllocations.Issue memory m = _issue(uint64(bound(amount, 1, 100_000)));
        m.vintage = VINTAGE + uint16(which % 2);
        bool fair = which % 16 != 15;
        if (!fair) m.account = ACCOUNT;
        _act(0, _call(m), fair);
    }

    function approveRun(uint256 amount, uint256 which, uint256 debts) external inTime {
        _plan(amount, which, debts);
    }

    function allocate(uint256 which) external inTime {
        _carryOut(which);
    }

    function returnOwed(uint256 which, uint256 amount) external inTime {
        bytes32 account = _debtor(which);
        if (account == 0) return;
        (uint64 owed, uint64 free) = (owings[account].tonnes, holdings[account][QUOTA].free);
        uint64 tonnes = _about(amount, owed < free ? owed : free);
        IAllocations.Return memory m = _return(tonnes);
        m.account = account;
        _act(3, _returnBy(m, keyOf[account]), tonnes <= owed && tonnes <= free && stoppedAt[account] == 0);
    }

    function collectOwed(uint256 which) external inTime {
        bytes32 account = _debtor(which);
        if (account == 0) return;
        uint64 dueAt = owings[account].dueAt;
        // Mostly when it is time.
        if (dueAt > block.timestamp && which % 4 != 0) return;
        bool fits = owings[account].tonnes != 0 && holdings[account][QUOTA].free != 0;
        _act(4, _collect(account), fits && dueAt <= block.timestamp);
    }

    /// @dev Of vintages of their own, since it is once for each.
    function carryIn(uint256 which, uint256 vintage, uint256 amount) external inTime {
        IArrivals.OpeningBalance memory m = _opening(uint64(bound(amount, 1, 1_000)));
        m.account = accounts[which % 4];
        m.asset = AssetId.wrap(0x0001_0000 + uint32(bound(vintage, 1, 1_900)));
        bool first = !_opened[m.account][m.asset];
        _opened[m.account][m.asset] = true;
        _act(5, _call(m), first);
        _checkPair(m.account, m.asset);
    }

    function enterOffset(uint256 which, uint256 first, uint256 length) external inTime {
        uint64 from = uint64(bound(first, 0, 200_000));
        uint64 to = from + uint64(bound(length, 0, 200));
        IArrivals.OffsetEntry memory m = _offset(from, to);
        m.account = accounts[which % 3];
        m.series = bytes32(bound(first >> 64, 1, 64));
        _act(6, _call(m), _unentered(m.series, from, to));
    }

    function cancel(uint256 which, uint256 amount) external inTime {
        (bytes32 account, AssetId asset, uint64 free) = _holding(which, 3);
        ITransfers.Cancel memory m = _cancel(_about(amount, free / 4 + 1));
        (m.account, m.asset) = (account, asset);
        _act(7, _cancelBy(m, keyOf[account]), m.tonnes <= free && stoppedAt[account] == 0);
    }

    function cancelByOrder(uint256 which, uint256 amount) external inTime {
        (bytes32 account, AssetId asset, uint64 free) = _holding(which, 4);
        ITransfers.CancelByOrder memory m = _cancelByOrder(_about(amount, free / 4 + 1));
        (m.account, m.asset) = (account, asset);
        _act(8, _call(m), m.tonnes <= free);
    }

    function transfer(uint256 which, uint256 amount, uint256 cause) external inTime {
        (bytes32 from, AssetId asset, uint64 free) = _holding(which, 4);
        ITransfers.Transfer memory m = _transfer(_about(amount, free), uint8(bound(cause, 1, 4)));
        (m.from, m.to, m.asset) = (from, accounts[(which >> 128) % 4], asset);
        if (asset == CCER && cause % 8 != 0) m.cause = 1;
        if (from != RESERVE && m.cause == 4 && cause % 8 != 0) m.cause = 2;
        bool fits = from != m.to && m.tonnes <= free && (m.cause == 2 || stoppedAt[from] == 0);
        fits = fits && (m.cause != 4 || from == RESERVE) && (!(asset == CCER) || m.cause == 1);
        _act(9, _call(m), fits);
    }

    function transferFrozen(uint256 which, uint256 amount) external inTime {
        bytes32 found = _openFreeze(which);
        if (found == 0) return;
        Stop memory stop = stops[found];
        uint8 cause = stop.asset == CCER ? 1 : 2;
        ITransfers.Transfer memory m = _transfer(_about(amount, stop.left), cause);
        bytes32 to = accounts[(which >> 128) % 4];
        (m.from, m.to, m.asset, m.freeze) = (stop.account, to, stop.asset, found);
        bool fits = m.from != to && m.tonnes <= stop.left && (cause == 2 || stoppedAt[m.from] == 0);
        _act(10, _call(m), fits && !_past(stop));
    }

    function freeze(uint256 which, uint256 amount) external inTime {
        (IFreezes.Freeze memory m, bool fits) = _order(which, amount);
        if (m.opId == 0) return;
        if (_act(11, _call(m), fits)) _opened_(m);
    }

    function freezeAtOnce(uint256 which, uint256 amount) external inTime {
        (IFreezes.Freeze memory m, bool fits) = _order(which, amount);
        if (m.opId == 0) return;
        if (_act(12, _atOnce(m), fits)) _opened_(m);
    }

    /// @dev One that may still be confirmed, if there is one.
    function confirmFreeze(uint256 which) external inTime {
        bytes32 found = _find(which, false);
        // Else none would be left to lapse.
        if (found == 0 || (which >> 64) % 2 == 0) return;
        Stop memory stop = stops[found];
        _act(13, _confirm(messages[found]), stop.lapsesAt != 0 && !_past(stop));
    }

    /// @dev One whose day is over, if there is one.
    function lapseFreeze(uint256 which) external inTime {
        bytes32 found = _find(which, true);
        if (found == 0) return;
        Stop memory stop = stops[found];
        _act(14, _lapse(found), _past(stop) && stop.left != 0);
    }

    function release(uint256 which, uint256 amount) external inTime {
        bytes32 found = _openFreeze(which);
        if (found == 0) return;
        uint64 left = stops[found].left;
        uint64 tonnes = amount % 2 == 0 ? left : _about(amount, left);
        _act(15, _call(_release(found, tonnes)), tonnes <= left);
    }

    function suspend(uint256 which) external inTime {
        IFreezes.Suspension memory m = _suspension(true);
        m.account = accounts[which % 4];
        // Who is suspended is soon let go, so that something happens.
        for (uint256 i = 0; i < 4; ++i) {
            if (stoppedAt[accounts[i]] != 0) (m.account, m.suspended) = (accounts[i], false);
        }
        if (which % 16 == 0) m.suspended = !m.suspended;
        _act(16, _call(m), m.suspended == (stoppedAt[m.account] == 0));
    }

    function surrender(uint256 which, uint256 amount) external inTime {
        (bytes32 account, AssetId asset, uint64 free) = _holding(which, 3);
        uint64 tonnes = _about(amount, free / 4 + 1);
        bytes memory call = abi.encodeCall(CarbonLedger.surrender, (account, asset, tonnes));
        _act(17, call, tonnes <= free && stoppedAt[account] == 0);
    }

    function carryOver(uint256 which, uint256 amount) external inTime {
        bytes32 account = accounts[which % 3];
        uint16 vintage = VINTAGE + uint16((which >> 8) % 2);
        uint64 free = holdings[account][AssetId.wrap(0x0001_0000 + uint32(vintage))].free;
        uint64 tonnes = _about(amount, free / 4 + 1);
        bytes memory call = abi.encodeCall(CarbonLedger.carryOver, (account, vintage, tonnes));
        _act(18, call, tonnes <= free && stoppedAt[account] == 0);
    }

    function expire(uint256 which) external inTime {
        if (which % 2 != 0) return;
        bytes32 account = accounts[(which >> 8) % 3];
        uint16 vintage = VINTAGE + uint16((which >> 16) % 3);
        _act(19, abi.encodeCall(CarbonLedger.expire, (account, vintage)), true);
        (uint64 free,) = ledger.balanceOf(account, AssetId.wrap(0x0001_0000 + uint32(vintage)));
        assertEq(free, 0);
    }

    function takeCustody(uint256 which, uint256 amount) external inTime {
        (bytes32 account, AssetId asset, uint64 free) = _holding(which, 3);
        uint64 tonnes = _about(amount, free / 4 + 1);
        bytes memory call = abi.encodeCall(CarbonLedger.takeCustody, (account, asset, tonnes));
        _act(20, call, tonnes <= free && stoppedAt[account] == 0);
    }

    /// @dev To whomever: whose they are is the custodian's to know.
    function giveBack(uint256 which, uint256 amount) external inTime {
        AssetId asset = assets[which % 4];
        uint64 kept = holdings[_custodian()][asset].free;
        uint64 tonnes = _about(amount, kept);
        bytes memory call = abi.encodeCall(CarbonLedger.giveBack, (accounts[(which >> 8) % 3], asset, tonnes));
        _act(21, call, tonnes <= kept);
    }

    /// @dev What is in custody is out of everybody's reach, whoever signs.
    function seize(uint256 which, uint256 amount) external inTime {
        AssetId asset = assets[which % 4];
        uint64 tonnes = uint64(bound(amount, 1, uint256(holdings[_custodian()][asset].free) + 1));
        _reach(which >> 8, _custodian(), asset, tonnes);
    }

    /// @dev What was taken is not taken twice (law 6).
    function replay(uint256 which) external inTime {
        _sendAgain(which);
    }

    /// @dev Units of others, by whoever has no right to them (law 7).
    function forge(uint256 which, uint256 how) external inTime {
        _steal(which, how);
    }
}
