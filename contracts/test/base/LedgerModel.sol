// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAllocations} from "../../interfaces/IAllocations.sol";
import {IArrivals} from "../../interfaces/IArrivals.sol";
import {ICarbonLedger} from "../../interfaces/ICarbonLedger.sol";
import {ICustody} from "../../interfaces/ICustody.sol";
import {IFreezes} from "../../interfaces/IFreezes.sol";
import {ITransfers} from "../../interfaces/ITransfers.sol";
import {AssetId, Assets} from "../../libraries/AssetId.sol";
import {LedgerFixture} from "./LedgerFixture.sol";
import {Vm} from "./Vm.sol";

/// @title What a reader knows of a ledger from its events and their blocks' times, and nothing else.
abstract contract LedgerModel is LedgerFixture {
    struct Holding {
        uint64 free;
        uint64 frozen;
    }

    struct Total {
        uint64 issued;
        uint64 held;
        uint64 surrendered;
        uint64 cancelled;
    }

    struct Owing {
        uint64 tonnes;
        uint64 dueAt;
        bytes32 reserve;
    }

    struct Stop {
        bytes32 account;
        AssetId asset;
        uint64 left;
        uint64 lapsesAt;
    }

    struct Known {
        bytes32 reserve;
        uint16 vintage;
        uint64 tonnes;
        uint64 granted;
        uint64 returnDue;
        uint32 partsDone;
    }

    struct Range {
        uint64 first;
        uint64 last;
    }

    mapping(bytes32 account => mapping(AssetId asset => Holding)) internal holdings;
    mapping(AssetId asset => Total) internal totals;
    mapping(bytes32 account => Owing) internal owings;
    mapping(bytes32 freeze => Stop) internal stops;
    mapping(bytes32 account => uint64) internal stoppedAt;
    mapping(bytes32 run => Known) internal runs;
    mapping(bytes32 series => Range[]) internal ranges;
    /// @dev What two kinds of events say of the same: units frozen in balances, and in freezes.
    uint256 internal frozenInAll;
    uint256 internal leftInAll;
    uint256 internal heldInAll;

    /// @notice Every account and asset that an event named.
    bytes32[] internal pairsAccount;
    AssetId[] internal pairsAsset;
    mapping(bytes32 account => mapping(AssetId asset => bool)) private _paired;

    function _learn(Vm.Log[] memory logs) internal {
        bytes32 lastRun = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(ledger)) continue;
            if (logs[i].topics[0] == IAllocations.Allocated.selector) {
                // One part, whatever the number of its rows.
                if (lastRun == 0) ++runs[logs[i].topics[1]].partsDone;
                lastRun = logs[i].topics[1];
            }
            _learnOne(logs[i].topics, logs[i].data);
        }
    }

    function _learnOne(bytes32[] memory t, bytes memory d) private {
        if (t[0] == IAllocations.Issued.selector || t[0] == IArrivals.CarriedIn.selector) {
            _came(t[1], _asset(t[2]), _number(d, 0));
        } else if (t[0] == IArrivals.OffsetEntered.selector) {
            _came(t[1], CCER, _number(d, 0));
            ranges[t[3]].push(Range(_number(d, 1), _number(d, 2)));
        } else if (t[0] == IAllocations.RunApproved.selector) {
            runs[t[1]] = Known(t[2], uint16(uint256(t[3])), _number(d, 0), 0, _number(d, 3), 0);
        } else if (t[0] == IAllocations.Allocated.selector) {
            _granted(t, d);
        } else if (t[0] == IAllocations.Returned.selector) {
            _went(t[1], t[2], _asset(t[3]), _number(d, 1));
            _owing(t[1], _number(d, 2));
        } else if (t[0] == ITransfers.Transferred.selector) {
            _transferred(t, d);
        } else if (t[0] == ITransfers.CancelledByOrder.selector || t[0] == ITransfers.Cancelled.selector) {
            _ended(t[1], _asset(t[2]), _number(d, 0));
        } else if (t[0] == ICarbonLedger.Surrendered.selector) {
            _leave(t[1], _asset(t[2]), _number(d, 0));
            totals[_asset(t[2])].surrendered += _number(d, 0);
        } else if (t[0] == ICarbonLedger.CarriedOver.selector) {
            _ended(t[1], _asset(t[2]), _number(d, 0));
            _came(t[1], _asset(t[3]), _number(d, 0));
        } else if (t[0] == ICarbonLedger.Expired.selector) {
            _ended(t[1], _asset(t[2]), _number(d, 0));
        } else {
            _learnStop(t, d);
        }
    }

    function _learnStop(bytes32[] memory t, bytes memory d) private {
        if (t[0] == IFreezes.Frozen.selector) {
            uint64 tonnes = _number(d, 0);
            _free(t[2], _asset(t[3]), tonnes, false);
            stops[t[1]] = Stop(t[2], _asset(t[3]), tonnes, _number(d, 2));
            leftInAll += tonnes;
        } else if (t[0] == IFreezes.FreezeConfirmed.selector) {
            stops[t[1]].lapsesAt = 0;
        } else if (t[0] == IFreezes.FreezeLapsed.selector || t[0] == IFreezes.Released.selector) {
            _free(t[2], _asset(t[3]), _number(d, 1), true);
            _shrink(t[1], _number(d, 1));
            if (t[0] == IFreezes.Released.selector) assertEq(_number(d, 2), stops[t[1]].left);
        } else if (t[0] == ICustody.CustodyTaken.selector) {
            _went(t[1], t[3], _asset(t[2]), _number(d, 0));
        } else if (t[0] == ICustody.CustodyGiven.selector) {
            _went(t[3], t[1], _asset(t[2]), _number(d, 0));
        } else if (t[0] == IFreezes.AccountSuspended.selector) {
            stoppedAt[t[1]] = uint64(block.timestamp);
        } else if (t[0] == IFreezes.AccountResumed.selector) {
            stoppedAt[t[1]] = 0;
        } else {
            revert NotTrue("an event that says nothing");
        }
    }

    function _granted(bytes32[] memory t, bytes memory d) private {
        Known storage run = runs[t[1]];
        uint64 granted = _number(d, 1);
        run.granted += granted;
        _went(run.reserve, t[2], _asset(t[3]), granted);
        if (_number(d, 2) != 0) (owings[t[2]].dueAt, owings[t[2]].reserve) = (run.returnDue, run.reserve);
        _owing(t[2], _number(d, 4));
    }

    function _transferred(bytes32[] memory t, bytes memory d) private {
        bytes32 freeze = bytes32(_word(d, 3));
        if (freeze != 0) {
            _free(t[1], _asset(t[3]), _number(d, 1), true);
            _shrink(freeze, _number(d, 1));
        }
        _went(t[1], t[2], _asset(t[3]), _number(d, 1));
    }

    function _came(bytes32 account, AssetId asset, uint64 tonnes) private {
        totals[asset].issued += tonnes;
        totals[asset].held += tonnes;
        heldInAll += tonnes;
        holdings[account][asset].free += tonnes;
        _pair(account, asset);
    }

    function _went(bytes32 from, bytes32 to, AssetId asset, uint64 tonnes) private {
        holdings[from][asset].free -= tonnes;
        holdings[to][asset].free += tonnes;
        _pair(to, asset);
    }

    function _leave(bytes32 account, AssetId asset, uint64 tonnes) private {
        holdings[account][asset].free -= tonnes;
        totals[asset].held -= tonnes;
        heldInAll -= tonnes;
    }

    function _ended(bytes32 account, AssetId asset, uint64 tonnes) private {
        _leave(account, asset, tonnes);
        totals[asset].cancelled += tonnes;
    }

    function _free(bytes32 account, AssetId asset, uint64 tonnes, bool freed) private {
        Holding storage holding = holdings[account][asset];
        if (freed) {
            (holding.free, holding.frozen) = (holding.free + tonnes, holding.frozen - tonnes);
            frozenInAll -= tonnes;
        } else {
            (holding.free, holding.frozen) = (holding.free - tonnes, holding.frozen + tonnes);
            frozenInAll += tonnes;
        }
    }

    function _shrink(bytes32 freeze, uint64 tonnes) private {
        stops[freeze].left -= tonnes;
        leftInAll -= tonnes;
    }

    function _owing(bytes32 account, uint64 tonnes) private {
        owings[account].tonnes = tonnes;
        if (tonnes == 0) delete owings[account];
    }

    function _pair(bytes32 account, AssetId asset) private {
        if (_paired[account][asset]) return;
        _paired[account][asset] = true;
        pairsAccount.push(account);
        pairsAsset.push(asset);
    }

    /// @dev Of one account and asset: the balance, and law 3 by what the contract counts and what the events held.
    function _checkPair(bytes32 account, AssetId asset) internal view {
        _holds(account, asset, holdings[account][asset].free, holdings[account][asset].frozen);
        _checkTotal(asset);
    }

    /// @dev Law 3 by what these hold in the contract, who are all that hold the asset.
    function _checkAsset(AssetId asset, bytes32[4] memory holders) internal view {
        uint256 sum = 0;
        for (uint256 i = 0; i < holders.length; ++i) {
            (uint64 free, uint64 frozen) = ledger.balanceOf(holders[i], asset);
            Holding storage holding = holdings[holders[i]][asset];
            assertEq(free, holding.free);
            assertEq(frozen, holding.frozen);
            sum += uint256(free) + frozen;
        }
        (uint64 kept, uint64 never) = ledger.balanceOf(_custodian(), asset);
        assertEq(kept, holdings[_custodian()][asset].free);
        assertEq(never, 0);
        assertEq(sum + kept, totals[asset].held);
        _checkTotal(asset);
    }

    function _checkTotal(AssetId asset) private view {
        Total storage total = totals[asset];
        _supplies(asset, total.issued, total.surrendered, total.cancelled);
        assertEq(total.issued, uint256(total.held) + total.surrendered + total.cancelled);
    }

    function _checkAccount(bytes32 account) internal view {
        _owes(account, owings[account].tonnes, owings[account].dueAt, owings[account].reserve);
        assertEq(ledger.suspendedAt(account), stoppedAt[account]);
    }

    function _checkFreeze(bytes32 freeze) internal view {
        Stop storage stop = stops[freeze];
        (bytes32 account, AssetId asset, uint64 left, uint64 lapsesAt) = ledger.freezeOf(freeze);
        assertEq(account, stop.account);
        assertTrue(asset == stop.asset, "of another asset");
        assertEq(left, stop.left);
        assertEq(lapsesAt, stop.lapsesAt);
    }

    function _checkRun(bytes32 id) internal view {
        Known storage run = runs[id];
        (bytes32 reserve, uint16 vintage, uint64 tonnes, uint64 granted, uint64 due, uint32 done,) = ledger.runOf(id);
        assertEq(
            keccak256(abi.encode(reserve, vintage, tonnes, granted, due, done)),
            keccak256(abi.encode(run.reserve, run.vintage, run.tonnes, run.granted, run.returnDue, run.partsDone))
        );
    }

    /// @dev Every balance of every account that ever had one.
    function _checkAll() internal view {
        uint256 held = 0;
        for (uint256 i = 0; i < pairsAccount.length; ++i) {
            _checkPair(pairsAccount[i], pairsAsset[i]);
            Holding storage holding = holdings[pairsAccount[i]][pairsAsset[i]];
            held += uint256(holding.free) + holding.frozen;
        }
        assertEq(held, heldInAll);
    }

    function _asset(bytes32 topic) private pure returns (AssetId) {
        return AssetId.wrap(uint32(uint256(topic)));
    }

    function _number(bytes memory data, uint256 index) private pure returns (uint64) {
        return uint64(_word(data, index));
    }

    function _word(bytes memory data, uint256 index) private pure returns (uint256 word) {
        for (uint256 i = 0; i < 32; ++i) {
            word = (word << 8) | uint8(data[32 * index + i]);
        }
    }
}
