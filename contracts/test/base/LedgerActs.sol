// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CarbonLedger} from "../../CarbonLedger.sol";
import {IAllocations} from "../../interfaces/IAllocations.sol";
import {IFreezes} from "../../interfaces/IFreezes.sol";
import {ITransfers} from "../../interfaces/ITransfers.sol";
import {AssetId} from "../../libraries/AssetId.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {LedgerModel} from "./LedgerModel.sol";

/// @title Accounts, holders and pending work of a ledger whose handler acts, and the count of what was taken and refused.
abstract contract LedgerActs is LedgerModel {
    uint256 public constant ACTIONS = 22;
    bytes32 internal constant THIRD = keccak256("enterprise/third");
    uint256 internal constant THIRD_KEY = 0x7777;
    uint256 private constant _MAX_OPEN = 24;

    struct Plan {
        bytes32 run;
        bytes32[] parts;
        IAllocations.AllocationItem[][2] tables;
        bool[2] done;
    }

    bytes32[4] internal accounts;
    AssetId[4] internal assets;
    mapping(bytes32 account => uint256 key) internal keyOf;
    mapping(bytes32 freeze => IFreezes.Freeze) internal messages;
    mapping(bytes32 account => mapping(AssetId asset => bool)) internal _opened;
    bytes32[] private _open;
    Plan[4] private _plans;
    uint256 private _planned;
    bytes[8] private _sent;
    uint256 private _sentCount;
    uint64 private _time;

    /// @notice Calls of each kind that were taken since the start, and all that were refused, replays and thefts included.
    uint256[22] public taken;
    uint256 public refused;
    /// @notice Calls that were sent since the start.
    uint256 public sent;
    /// @notice Whether a call was answered otherwise than foretold, or units moved by a replay or theft.
    bool public unfounded;

    /// @dev The time is kept here, whatever becomes of `vm.warp` between calls.
    modifier inTime() {
        _time += 40 minutes;
        vm.warp(_time);
        deadline = _time + 1;
        _;
    }

    constructor() {
        _deployLedger();
        _enrol("enterprise/third", 2, RESERVE, ES256K, THIRD_KEY, STATEMENT_AND_ASSET, 20);
        accounts = [ACCOUNT, NEIGHBOUR_ACCOUNT, THIRD, RESERVE];
        assets = [QUOTA, NEXT_QUOTA, AssetId.wrap(AssetId.unwrap(NEXT_QUOTA) + 1), CCER];
        (keyOf[ACCOUNT], keyOf[NEIGHBOUR_ACCOUNT], keyOf[THIRD]) = (HOLDER, NEIGHBOUR_KEY, THIRD_KEY);
        _time = uint64(block.timestamp);
    }

    /// @notice What the events say is what the contract says; called after each action.
    function checkRebuilt() external view {
        for (uint256 i = 0; i < 4; ++i) {
            _checkAsset(assets[i], accounts);
            _checkAccount(accounts[i]);
        }
        // One after the other: all of them each time would be most of a long run's time.
        bytes32 run = _plans[sent % 4].run;
        if (run != 0) _checkRun(run);
        if (_open.length != 0) _checkFreeze(_open[sent % _open.length]);
        // Frozen stays until it is released: no unit is frozen but in a freeze.
        assertEq(frozenInAll, leftInAll);
    }

    /// @notice The same of everything there ever was.
    function checkAll() external view {
        for (uint256 i = 0; i < _open.length; ++i) {
            _checkFreeze(_open[i]);
        }
        for (uint256 i = 0; i < 4; ++i) {
            if (_plans[i].run != 0) _checkRun(_plans[i].run);
        }
        _checkAll();
    }

    /// @dev Whether it was taken.
    function _act(uint256 action, bytes memory call, bool expected) internal returns (bool succeeded) {
        ++sent;
        vm.recordLogs();
        (succeeded,) = address(ledger).call(call);
        if (succeeded != expected) unfounded = true;
        if (!succeeded) {
            ++refused;
            return false;
        }
        ++taken[action];
        if (action < 17) _sent[_sentCount++ % 8] = call;
        _learn(vm.getRecordedLogs());
    }

    function _sendAgain(uint256 which) internal {
        if (_sentCount == 0) return;
        bytes memory call = _sent[which % (_sentCount < 8 ? _sentCount : 8)];
        _mustFail(call);
        assertTrue(ledger.opUsed(_opIdOf(call)), "consumed");
    }

    /// @dev Five ways to get at what others have.
    function _steal(uint256 which, uint256 how) internal {
        (bytes32 account, AssetId asset,) = _holding(which, 3);
        ITransfers.Transfer memory t = _transfer(1, 2);
        (t.from, t.to, t.asset) = (account, accounts[(which >> 128) % 4], asset);
        bytes32 structHash = keccak256(abi.encode(TRANSFER, t));
        Cosignature[2] memory approvals = _two(structHash);
        if (how % 5 == 0) {
            ITransfers.Cancel memory m = _cancel(1);
            (m.account, m.asset) = (account, asset);
            return _mustFail(_cancelBy(m, account == ACCOUNT ? NEIGHBOUR_KEY : HOLDER));
        }
        if (how % 5 == 1) approvals[1] = _sign(OTHER_PARK_PERSON, structHash, address(ledger), DEPLOYMENT_ID);
        if (how % 5 == 2) approvals[1] = _sign(HOLDER, structHash, address(ledger), DEPLOYMENT_ID);
        if (how % 5 == 3) t.tonnes += uint64(bound(how, 1, 1_000));
        if (how % 5 == 4 && _sentCount != 0) {
            // Signed anew, but with an id that was used.
            t.opId = _opIdOf(_sent[which % (_sentCount < 8 ? _sentCount : 8)]);
            return _mustFail(_call(t));
        }
        if (how % 5 == 4) return;
        _mustFail(abi.encodeCall(CarbonLedger.transfer, (t, approvals, entry)));
    }

    /// @dev Six ways to move, freeze or end what an account has.
    function _reach(uint256 how, bytes32 account, AssetId asset, uint64 tonnes) internal {
        if (how % 6 == 0) {
            ITransfers.Transfer memory t = _transfer(tonnes, 2);
            (t.from, t.to, t.asset) = (account, ACCOUNT, asset);
            return _mustFail(_call(t));
        }
        if (how % 6 == 1) {
            ITransfers.CancelByOrder memory c = _cancelByOrder(tonnes);
            (c.account, c.asset) = (account, asset);
            return _mustFail(_call(c));
        }
        if (how % 6 == 2) {
            IFreezes.Freeze memory m = _freeze(tonnes);
            (m.account, m.asset) = (account, asset);
            return _mustFail(how % 12 == 2 ? _call(m) : _atOnce(m));
        }
        if (how % 6 == 3) return _mustFail(abi.encodeCall(CarbonLedger.surrender, (account, asset, tonnes)));
        if (how % 6 == 4) return _mustFail(abi.encodeCall(CarbonLedger.takeCustody, (account, asset, tonnes)));
        _mustFail(abi.encodeCall(CarbonLedger.expire, (account, VINTAGE)));
    }

    function _mustFail(bytes memory call) private {
        ++sent;
        (bool succeeded,) = address(ledger).call(call);
        if (succeeded) unfounded = true;
        ++refused;
    }

    /// @dev Two parts for the three enterprises, whose sums mostly fit.
    function _plan(uint256 amount, uint256 which, uint256 debts) internal {
        uint64 free = holdings[RESERVE][QUOTA].free;
        Plan storage plan = _plans[_planned % 4];
        delete _plans[_planned % 4];
        bytes32[3] memory order = _ordered();
        uint64 sum = 0;
        bytes32[] memory parts = new bytes32[](2);
        for (uint256 i = 0; i < 3; ++i) {
            IAllocations.AllocationItem memory item;
            (item.account, item.granted) = (order[i], uint64(bound(amount >> (64 * i), 0, free / 8)));
            if ((debts >> i) % 2 == 0) item.owes = uint64(bound(debts >> 64, 1, 200));
            if ((debts >> i) % 4 == 3) item.settles = owings[order[i]].tonnes / 2;
            if (debts % 32 == 31) item.settles += 1_000_000;
            plan.tables[i == 0 ? 0 : 1].push(item);
            sum += item.granted;
        }
        for (uint256 i = 0; i < 2; ++i) {
            parts[i] = keccak256(abi.encode(plan.tables[i]));
        }
        IAllocations.AllocationRun memory m = _run(sum, parts);
        if (which % 16 == 1) m.tonnes += 1;
        if (which % 16 == 2) m.tonnes = free + 1;
        m.returnDue = _time + uint64(bound(which >> 8, 1, 2 days));
        (plan.run, plan.parts) = (m.opId, parts);
        if (_act(1, _call(m), m.tonnes <= free)) ++_planned;
        else delete _plans[_planned % 4];
    }

    function _carryOut(uint256 which) internal {
        Plan storage plan = _plans[which % 4];
        uint32 part = uint32((which >> 8) % 2);
        // Again only now and then.
        if (plan.done[part] && (which >> 16) % 8 != 0) part = 1 - part;
        if (plan.run == 0 || (plan.done[part] && (which >> 16) % 8 != 0)) return;
        IAllocations.AllocationItem[] memory items = plan.tables[part];
        Known memory run = runs[plan.run];
        uint64 sum = 0;
        bool fits = !plan.done[part];
        for (uint256 i = 0; i < items.length; ++i) {
            sum += items[i].granted;
            if (items[i].settles > owings[items[i].account].tonnes) fits = false;
        }
        fits = fits && sum <= holdings[RESERVE][QUOTA].free && run.granted + sum <= run.tonnes;
        if (plan.done[1 - part] && run.granted + sum != run.tonnes) fits = false;
        if (_act(2, _call(plan.run, plan.parts, part, items), fits)) plan.done[part] = true;
    }

    /// @dev What to freeze; without an id where enough is frozen.
    function _order(uint256 which, uint256 amount) internal returns (IFreezes.Freeze memory m, bool fits) {
        if (_open.length >= _MAX_OPEN) return (m, false);
        (bytes32 account, AssetId asset, uint64 free) = _holding(which, 4);
        m = _freeze(_about(amount, free / 8 + 1));
        (m.account, m.asset) = (account, asset);
        return (m, m.tonnes <= free);
    }

    function _opened_(IFreezes.Freeze memory m) internal {
        messages[m.opId] = m;
        _open.push(m.opId);
    }

    /// @dev Zero where there is none; those that ended are forgotten by the way.
    function _openFreeze(uint256 which) internal returns (bytes32) {
        while (_open.length != 0) {
            uint256 at = which % _open.length;
            if (stops[_open[at]].left != 0) return _open[at];
            _open[at] = _open[_open.length - 1];
            _open.pop();
        }
        return 0;
    }

    /// @dev One that was made at once, whose day is over or is not; now and then any.
    function _find(uint256 which, bool past) internal returns (bytes32) {
        bytes32 any = _openFreeze(which);
        if (any == 0 || which % 32 == 0) return any;
        for (uint256 i = 0; i < _open.length; ++i) {
            Stop memory stop = stops[_open[i]];
            if (stop.lapsesAt != 0 && stop.left != 0 && _past(stop) == past) return _open[i];
        }
        return 0;
    }

    function _past(Stop memory stop) internal view returns (bool) {
        return stop.lapsesAt != 0 && stop.lapsesAt <= _time;
    }

    /// @dev An account, one of the first `among`, that has something, where one of them has.
    function _holding(uint256 which, uint256 among)
        internal
        view
        returns (bytes32 account, AssetId asset, uint64 free)
    {
        for (uint256 i = 0; i < 4 * among; ++i) {
            uint256 at = (which % (4 * among) + i) % (4 * among);
            (account, asset) = (accounts[at % among], assets[at / among]);
            free = holdings[account][asset].free;
            if (free != 0) break;
        }
    }

    /// @dev Mostly one who owes and has; zero for none.
    function _debtor(uint256 which) internal view returns (bytes32) {
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 account = accounts[(which % 3 + i) % 3];
            if (owings[account].tonnes != 0 && holdings[account][QUOTA].free != 0) return account;
        }
        return which % 8 == 0 ? accounts[which % 3] : bytes32(0);
    }

    /// @dev Mostly what there is, seldom just too much.
    function _about(uint256 amount, uint64 there) internal pure returns (uint64) {
        if (amount % 16 == 0) return there + 1;
        return uint64(bound(amount >> 8, 1, there == 0 ? 1 : there));
    }

    function _unentered(bytes32 series, uint64 first, uint64 last) internal view returns (bool) {
        Range[] storage entered = ranges[series];
        for (uint256 i = 0; i < entered.length; ++i) {
            if (first <= entered[i].last && entered[i].first <= last) return false;
        }
        return true;
    }

    function _cancelBy(ITransfers.Cancel memory m, uint256 key) internal view returns (bytes memory) {
        Cosignature memory signature = _sign(key, keccak256(abi.encode(CANCEL, m)), address(ledger), DEPLOYMENT_ID);
        return abi.encodeCall(CarbonLedger.cancel, (m, signature, entry));
    }

    function _returnBy(IAllocations.Return memory m, uint256 key) internal view returns (bytes memory) {
        Cosignature memory signature = _sign(key, keccak256(abi.encode(RETURN, m)), address(ledger), DEPLOYMENT_ID);
        return abi.encodeCall(CarbonLedger.returnOwed, (m, signature, entry));
    }

    function _ordered() private view returns (bytes32[3] memory order) {
        order = [accounts[0], accounts[1], accounts[2]];
        for (uint256 i = 0; i < 4; ++i) {
            uint256 j = i % 2;
            if (order[j] > order[j + 1]) (order[j], order[j + 1]) = (order[j + 1], order[j]);
        }
    }
}
