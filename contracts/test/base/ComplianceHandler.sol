// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IFreezes} from "../../interfaces/IFreezes.sol";
import {ICompliance} from "../../interfaces/ICompliance.sol";
import {IOperations} from "../../interfaces/IOperations.sol";
import {ISpeakers} from "../../interfaces/ISpeakers.sol";
import {AssetId} from "../../libraries/AssetId.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {ComplianceTimes} from "./ComplianceTimes.sol";

/// @title Years of obligations, one after the other: what holders, verifiers, persons and the registrar do with them.
/// @notice An action that has nothing to act on now reverts with `NotNow`; any other answer of a contract than the
/// foretold one is kept, and fails the run.
contract ComplianceHandler is ComplianceTimes {
    struct Frozen {
        bytes32 opId;
        uint64 lapsesAt;
    }

    uint64 private _time;
    uint256 private _spreads;
    bytes private _lastTaken;
    bytes32 private _lastOp;
    bytes32 private _lastSigned;
    Frozen[] private _freezes;

    /// @notice Whether a contract answered otherwise than foretold; and with what.
    bool public unforetold;
    bytes public answer;
    /// @notice How often each act was taken since the start, and all of them.
    mapping(bytes4 act => uint256 times) public taken;
    uint256 public takenTogether;

    error NotNow();

    modifier inTime() {
        vm.warp(_time);
        vm.recordLogs();
        _;
        _read();
        ++taken[msg.sig];
        ++takenTogether;
    }

    constructor() {
        _deployCompliance();
        _time = begin;
        vm.warp(_time);
        vm.recordLogs();
        _open();
        _read();
    }

    /// @dev Hours; after the year's end the next one begins.
    function pass(uint256 seed) external inTime {
        _time += uint64(bound(_spread(seed), 1 hours, 3 days));
        if (_time > closing + 5 days) _next();
    }

    function surrenderOffsets(uint256 seed) external inTime {
        (uint256 i, ICompliance.Position memory p) = _meeting(seed);
        uint64 room = p.offsetCap > p.offsetsUsed ? p.offsetCap - p.offsetsUsed : 0;
        _surrender(i, CCER, _least(_least(room, p.due), uint64(held[accounts[i]][CCER].free)), seed);
    }

    function surrenderQuota(uint256 seed) external inTime {
        (uint256 i, ICompliance.Position memory p) = _meeting(seed);
        AssetId asset = _quota(current);
        _surrender(i, asset, _least(p.due, uint64(held[accounts[i]][asset].free)), seed);
    }

    /// @dev Up or down by up to a quarter, on the word of two persons.
    function amend(uint256 seed) external inTime {
        bytes32 account = accounts[_spread(seed) % 3];
        (uint64 tonnes,,,,,,) = emissions.emissionsOf(account, current);
        _number(account, tonnes * 3 / 4 + uint64(_spread(seed) % (tonnes / 2 + 2)));
    }

    function assess(uint256 seed) external inTime {
        bytes32 account = accounts[_spread(seed) % 3];
        ICompliance.Position memory p = compliance.positionOf(account, current);
        if (_time < p.deadline) _mayJump(seed, p.deadline);
        bytes32 opId = _nextOp();
        bytes memory call = abi.encodeCall(ICompliance.assess, (opId, account, current, _entry()));
        (bool succeeded, bytes memory returned) = address(compliance).call(call);
        if (succeeded) (_lastTaken, _lastOp, overdue[account][current]) = (call, opId, Number(0, 0));
        else if (bytes4(returned) == ICompliance.AssessmentRepeated.selector) revert NotNow();
        else _surprise(returned);
    }

    function credit(uint256 seed) external inTime {
        for (uint256 i = 0; i < 6; ++i) {
            bytes32 account = accounts[(i + seed % 3) % 3];
            uint16 year = i < 3 ? current : current - 1;
            ICompliance.Position memory p = compliance.positionOf(account, year);
            uint256 met = uint256(p.quota) + p.creditIn + p.offsetsCounted;
            if (p.revision == 0 || met <= uint256(p.emissions) + p.creditOut) continue;
            bytes32 opId = _nextOp();
            _act(abi.encodeCall(ICompliance.credit, (opId, account, year, _entry())), opId);
            return;
        }
        revert NotNow();
    }

    function carryOver(uint256 seed) external inTime {
        if (_time < last) _mayJump(seed, last);
        if (_time >= carryUntil) revert NotNow();
        uint64 netSold = uint64(_spread(seed) % 50);
        uint256 first = _spread(seed) % 3;
        for (uint256 k = 0; k < 3; ++k) {
            uint256 i = (first + k) % 3;
            uint64 most = _carriable(accounts[i], netSold);
            if (most == 0) continue;
            ICompliance.CarryOver memory c =
                ICompliance.CarryOver(_nextOp(), accounts[i], current, _part(most, seed), _time + 1);
            Cosignature memory signature =
                _sign(holders[i], keccak256(abi.encode(CARRY_OVER, c)), address(compliance), DEPLOYMENT_ID);
            _act(abi.encodeCall(ICompliance.carryOver, (c, signature, netSold, _entry())), c.opId);
            return;
        }
        revert NotNow();
    }

    function close(uint256 seed) external inTime {
        if (_time < closing) _mayJump(seed, closing);
        bytes32[] memory closed = new bytes32[](1 + _spread(seed) % 3);
        for (uint256 i = 0; i < closed.length; ++i) {
            closed[i] = accounts[(i + seed % 3) % 3];
        }
        bytes32 opId = _nextOp();
        _act(abi.encodeCall(ICompliance.close, (opId, current, closed, _entry())), opId);
    }

    function freeze(uint256 seed) external inTime {
        bytes32 account = accounts[_spread(seed) % 3];
        AssetId asset = _spread(seed) % 4 == 0 ? CCER : _quota(current);
        uint64 free = uint64(held[account][asset].free);
        if (free == 0 || _freezes.length > 8) revert NotNow();
        IFreezes.Freeze memory m = IFreezes.Freeze(_nextOp(), account, asset, _part(free, seed) / 16 + 1, DOCUMENT);
        ledger.freezeAtOnce(m, _entry());
        _freezes.push(Frozen(m.opId, _time + 24 hours));
    }

    function lapse(uint256 seed) external inTime {
        if (_freezes.length == 0) revert NotNow();
        uint256 i = seed % _freezes.length;
        if (_time < _freezes[i].lapsesAt) revert NotNow();
        ledger.lapseFreeze(_nextOp(), _freezes[i].opId, _entry());
        _freezes[i] = _freezes[_freezes.length - 1];
        _freezes.pop();
    }

    /// @dev One unit more than the cap or the obligation has room for, of whatever is held: refused by its number.
    function overreach(uint256 seed) external inTime {
        (uint256 i, ICompliance.Position memory p) = _meeting(seed);
        bool offsets = seed % 2 == 0;
        uint64 room = p.offsetCap > p.offsetsUsed ? p.offsetCap - p.offsetsUsed : 0;
        uint64 most = offsets ? room : p.due;
        bytes memory expected = abi.encodeWithSelector(
            offsets ? ICompliance.OffsetCapExceeded.selector : ICompliance.ObligationExceeded.selector,
            accounts[i],
            current,
            most + 1,
            most
        );
        _refused(_signed(i, holders[i], offsets ? CCER : _quota(current), most + 1), expected);
    }

    /// @dev Law 7: another's key, for an account that has the units.
    function forge(uint256 seed) external inTime {
        uint256 i = _spread(seed) % 3;
        uint256 key = _spread(seed) % 2 == 0 ? holders[(i + 1) % 3] : PARK_PERSON;
        bytes memory expected =
            abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, accounts[i], vm.addr(key));
        _refused(_signed(i, key, _quota(current), 1), expected);
    }

    /// @dev Law 6: what was taken is not taken twice.
    function replay() external inTime {
        if (_lastTaken.length == 0) revert NotNow();
        _refused(_lastTaken, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, _lastOp));
    }

    function _surrender(uint256 i, AssetId asset, uint64 most, uint256 seed) private {
        if (most == 0) revert NotNow();
        bytes memory call = _signed(i, holders[i], asset, _part(most, seed));
        _act(call, _lastSigned);
        if (_time >= last) _keepOverdue(accounts[i]);
    }

    function _signed(uint256 i, uint256 key, AssetId asset, uint64 tonnes) private returns (bytes memory) {
        ICompliance.Surrender memory s =
            ICompliance.Surrender(_nextOp(), accounts[i], current, asset, tonnes, _time + 1);
        _lastSigned = s.opId;
        return _surrenderCall(s, key);
    }

    function _act(bytes memory call, bytes32 opId) private {
        (bool succeeded, bytes memory returned) = address(compliance).call(call);
        if (succeeded) (_lastTaken, _lastOp) = (call, opId);
        else _surprise(returned);
    }

    function _refused(bytes memory call, bytes memory expected) private {
        (bool succeeded, bytes memory returned) = address(compliance).call(call);
        if (succeeded || keccak256(returned) != keccak256(expected)) _surprise(returned);
    }

    function _surprise(bytes memory returned) private {
        (unforetold, answer) = (true, returned);
    }

    /// @dev An account that can still surrender for the year; else, now and then, the next year begins.
    function _meeting(uint256 seed) private returns (uint256 i, ICompliance.Position memory p) {
        if (_time >= last && _spread(seed) % 4 == 0) _next();
        i = _spread(seed) % 3;
        p = compliance.positionOf(accounts[i], current);
        if (_time >= p.deadline) revert NotNow();
        if (_time < last) return (i, p);
        p.due = _stillInTime(accounts[i], p);
    }

    function _carriable(bytes32 account, uint64 netSold) private view returns (uint64) {
        ICompliance.Position memory p = compliance.positionOf(account, current);
        uint256 limit = (uint256(p.emissions) * 500 + uint256(netSold) * 15_000) / 10_000;
        if (p.due != 0 || limit <= p.carried) return 0;
        return _least(uint64(limit - p.carried), uint64(held[account][_quota(current)].free));
    }

    function _mayJump(uint256 seed, uint64 to) private {
        if (_spread(seed) % 8 != 0) revert NotNow();
        _time = to;
        vm.warp(_time);
    }

    function _next() private {
        if (_time < closing) _time = closing;
        vm.warp(_time);
        ++current;
        _open();
    }

    /// @dev Terms, a price, numbers and units of the current year.
    function _open() private {
        (last, carryUntil, closing) = (_time + 20 days, _time + 30 days, _time + 30 days);
        ICompliance.YearTerms memory t = _terms();
        (t.year, t.amendmentSeconds) = (current, uint32(EXTRA));
        _comply(_termsCall(t));
        ICompliance.ReferencePrice memory p = ICompliance.ReferencePrice(_nextOp(), current, FEN, DOCUMENT);
        _comply(abi.encodeCall(ICompliance.setPrice, (p, _approved(keccak256(abi.encode(PRICE, p))), _entry())));
        for (uint256 i = 0; i < accounts.length; ++i) {
            uint64 tonnes = uint64(1_000 + _spread(i) % 2_000);
            _number(accounts[i], tonnes);
            _give(accounts[i], _quota(current), tonnes + 700);
            _give(accounts[i], CCER, 60);
        }
    }

    function _part(uint64 most, uint256 seed) private returns (uint64) {
        uint256 spread = _spread(seed);
        return spread % 4 == 0 ? most : uint64(1 + (spread >> 2) % most);
    }

    /// @dev Forge likes values of few kinds.
    function _spread(uint256 seed) private returns (uint256) {
        return uint256(keccak256(abi.encode(seed, ++_spreads)));
    }

    function _least(uint64 a, uint64 b) private pure returns (uint64) {
        return a < b ? a : b;
    }
}
