// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICompliance} from "../interfaces/ICompliance.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {AssetId} from "../libraries/AssetId.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {ComplianceFixture} from "./base/ComplianceFixture.sol";

/// @title Obligations, caps, deadlines and charges for whatever numbers, in every order and split of calls.
contract ComplianceFuzzTest is ComplianceFixture {
    uint256 private constant _STEPS = 6;
    uint64 private constant _PLENTY = uint64(1) << 62;

    /// @dev What the calls so far must have made of the case.
    struct Model {
        uint64 emissions;
        uint16 capBps;
        uint64 used;
        uint64 quota;
        uint64 creditOut;
    }

    function setUp() external {
        _deployCompliance();
        _give(ACCOUNT, CCER, _PLENTY);
        _give(ACCOUNT, _quota(YEAR), _PLENTY);
    }

    /// Law 4 and the obligation: however surrenders are ordered and split, with amendments up and down in between, no
    /// unit beyond the cap or the obligation is taken, and none that fits is refused. DOMAIN 2, 3.
    function testFuzz_capAndObligationHoldInEveryOrderAndSplit(uint64 tonnes, uint16 capBps, uint256 seed) external {
        Model memory m;
        m.capBps = seed % 4 == 0 ? uint16(bound(capBps, 0, 10_000)) : CAP_BPS;
        ICompliance.YearTerms memory t = _terms();
        t.offsetCapBps = m.capBps;
        _comply(_termsCall(t));
        m.emissions = _emissionsFrom(tonnes, seed);
        _determined(ACCOUNT, YEAR, m.emissions);
        for (uint256 i = 0; i < _STEPS; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 what = seed % 8;
            if (what < 3) _tryOffsets(m, seed >> 8);
            else if (what < 6) _tryQuota(m, seed >> 8);
            else if (what < 7) _amend(m, seed >> 8);
            else _tryCredit(m);
            _check(m);
        }
    }

    /// DOMAIN 7: half up to the fen, or no charge at all.
    function testFuzz_aChargeIsHalfUpToTheFen(uint64 missed, uint64 fen, uint32 multipleBps) external {
        fen = fen == 0 ? 1 : fen;
        ICompliance.YearTerms memory t = _terms();
        t.chargeMultipleBps = multipleBps;
        _comply(_termsCall(t));
        _comply(_priceCall(_nextOp(), fen));
        _determined(ACCOUNT, YEAR, missed);
        vm.warp(last);
        uint256 exact = uint256(missed) * fen * multipleBps;
        uint256 charge = exact / 10_000 + (exact % 10_000 >= 5_000 ? 1 : 0);
        if (charge > type(uint64).max) {
            _deny(_assessCall(), abi.encodeWithSelector(ICompliance.ChargeTooLarge.selector, charge));
            return;
        }
        _comply(_assessCall());
        ICompliance.Position memory p = _position();
        assertEq(p.missed, missed);
        assertEq(p.chargeFen, charge);
    }

    /// DOMAIN 6: all carry-overs of a vintage together stay within the rule.
    function testFuzz_carriedTogetherStaysWithinTheRule(uint32 tonnes, uint32 netSold, uint16 baseBps, uint256 seed)
        external
    {
        ICompliance.YearTerms memory t = _terms();
        t.carryBaseBps = baseBps;
        _comply(_termsCall(t));
        _determined(ACCOUNT, YEAR, tonnes);
        if (tonnes != 0) _comply(_surrenderCall(_quota(YEAR), tonnes));
        vm.warp(last + bound(seed, 0, carryUntil - last - 1));
        uint256 limit = (uint256(tonnes) * baseBps + uint256(netSold) * 15_000) / 10_000;
        uint256 carried = 0;
        for (uint256 i = 0; i < 4; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint64 more = uint64(_near(limit - carried, seed));
            if (more == 0) continue;
            if (carried + more <= limit) {
                _comply(_carryCall(more, netSold));
                carried += more;
            } else {
                _deny(
                    _carryCall(more, netSold),
                    abi.encodeWithSelector(ICompliance.CarryOverExceeded.selector, ACCOUNT, YEAR, more, limit - carried)
                );
            }
        }
        assertEq(_position().carried, carried);
        assertEq(_free(_quota(YEAR + 1)), carried);
    }

    /// One change of what a holder signed, or of the signature, is too many (laws 7, 9).
    function testFuzz_oneChangeOfASurrenderIsRefused(uint8 what, uint256 how) external {
        _determined(ACCOUNT, YEAR, TONNES);
        ICompliance.Surrender memory s = _surrender(_quota(YEAR), 10);
        Cosignature memory signature = _sign(HOLDER, _surrenderHash(s), address(compliance), DEPLOYMENT_ID);
        bytes memory good = abi.encodeCall(ICompliance.surrender, (s, signature, _entry()));
        bytes32 before = _all();
        what = what % 9;
        if (what == 0) s.opId ^= bytes32(_bit(how, 256));
        if (what == 1) s.account ^= bytes32(_bit(how, 256));
        if (what == 2) s.year ^= uint16(_bit(how, 16));
        if (what == 3) s.asset = AssetId.wrap(AssetId.unwrap(s.asset) ^ uint32(_bit(how, 32)));
        if (what == 4) s.tonnes ^= uint64(_bit(how, 64));
        if (what == 5) s.deadline |= uint64(1) << uint8(32 + how % 32);
        if (what == 6) signature.r ^= bytes32(_bit(how, 256));
        if (what == 7) signature.vs ^= bytes32(_bit(how, 256));
        if (what == 8) {
            signature =
                _sign(bound(how, 0x10000, type(uint128).max), _surrenderHash(s), address(compliance), DEPLOYMENT_ID);
        }
        (bool taken, bytes memory returned) =
            address(compliance).call(abi.encodeCall(ICompliance.surrender, (s, signature, _entry())));
        if (taken) revert NotRefused(good);
        bytes4 found = bytes4(returned);
        bool unsigned = what == 6 || what == 7;
        bool names =
            found == CompactSignature.SignatureInvalid.selector || found == CompactSignature.SignatureNotLow.selector;
        if (found != ISpeakers.HolderSignatureInvalid.selector && !(unsigned && names)) {
            revert RefusedOtherwise(returned, ISpeakers.HolderSignatureInvalid.selector);
        }
        assertEq(_all(), before);
        _comply(good);
    }

    /// A surrender counts in every second before the account's deadline, and in none from it on.
    function testFuzz_theDeadlineDivides(uint64 at, uint64 amendedAt, uint32 extra) external {
        ICompliance.YearTerms memory t = _terms();
        t.amendmentSeconds = extra;
        _comply(_termsCall(t));
        _determined(ACCOUNT, YEAR, TONNES);
        uint64 deadline = last;
        vm.warp(bound(amendedAt, block.timestamp, last + 10 days));
        if (amendedAt % 4 != 0) {
            _determined(ACCOUNT, YEAR, TONNES + 1);
            uint64 extended = uint64(block.timestamp) + extra;
            deadline = extended > last ? extended : last;
        }
        uint64 nowAt = uint64(block.timestamp);
        uint64 edge = deadline < nowAt ? nowAt : deadline;
        at = at % 3 == 0 ? edge : uint64(bound(at, nowAt, uint256(edge) + 40 days));
        if (at % 5 == 1 && edge > nowAt) at = edge - 1;
        vm.warp(at);
        if (at < deadline) {
            _comply(_surrenderCall(_quota(YEAR), 1));
        } else {
            _deny(
                _surrenderCall(_quota(YEAR), 1),
                abi.encodeWithSelector(ICompliance.SurrenderPast.selector, deadline, at)
            );
        }
        assertEq(_position().deadline, deadline);
    }

    /// @dev What it left is checked by the model.
    function _deny(bytes memory call, bytes memory expected) private {
        assertRefusedWith(address(compliance), call, expected);
    }

    function _tryOffsets(Model memory m, uint256 seed) private {
        uint64 cap = _cap(m);
        uint64 room = m.used < cap ? cap - m.used : 0;
        uint64 due = _due(m);
        uint64 tonnes = _amount(seed % 4 == 0 ? due : room, seed);
        bytes memory call = _surrenderCall(CCER, tonnes);
        if (tonnes > room) {
            _deny(call, _refusal(ICompliance.OffsetCapExceeded.selector, tonnes, room));
        } else if (tonnes > due) {
            _deny(call, _refusal(ICompliance.ObligationExceeded.selector, tonnes, due));
        } else {
            _comply(call);
            m.used += tonnes;
        }
    }

    function _tryQuota(Model memory m, uint256 seed) private {
        uint64 due = _due(m);
        uint64 tonnes = _amount(due, seed);
        bytes memory call = _surrenderCall(_quota(YEAR), tonnes);
        if (tonnes > due) {
            _deny(call, _refusal(ICompliance.ObligationExceeded.selector, tonnes, due));
        } else {
            _comply(call);
            m.quota += tonnes;
        }
    }

    function _tryCredit(Model memory m) private {
        uint256 met = uint256(m.quota) + _counted(m);
        uint256 owed = uint256(m.emissions) + m.creditOut;
        if (met > owed) {
            _comply(_creditCall(YEAR));
            m.creditOut += uint64(met - owed);
        } else {
            _deny(_creditCall(YEAR), abi.encodeWithSelector(ICompliance.CreditNone.selector, ACCOUNT, YEAR));
        }
    }

    function _amend(Model memory m, uint256 seed) private {
        m.emissions = seed % 2 == 0 ? uint64(_near(m.emissions, seed >> 1)) : _emissionsFrom(uint64(seed >> 32), seed);
        _determined(ACCOUNT, YEAR, m.emissions);
    }

    function _check(Model memory m) private view {
        ICompliance.Position memory p = _position();
        assertTrue(uint256(p.offsetsCounted) * 10_000 <= uint256(m.capBps) * m.emissions, "law 4");
        assertEq(p.offsetsCounted, _counted(m));
        assertEq(p.offsetsUsed, m.used);
        assertEq(p.quota, m.quota);
        assertEq(p.creditOut, m.creditOut);
        assertEq(p.due, _due(m));
        assertTrue(p.due <= m.emissions, "no more than the emissions is due");
        assertEq(compliance.positionOf(ACCOUNT, YEAR + 1).creditIn, m.creditOut);
        assertEq(_free(CCER), _PLENTY - m.used);
        assertEq(_free(_quota(YEAR)), _PLENTY - m.quota);
    }

    function _counted(Model memory m) private pure returns (uint64) {
        uint64 cap = _cap(m);
        return m.used < cap ? m.used : cap;
    }

    function _cap(Model memory m) private pure returns (uint64) {
        return uint64(uint256(m.emissions) * m.capBps / 10_000);
    }

    function _due(Model memory m) private pure returns (uint64) {
        uint256 owed = uint256(m.emissions) + m.creditOut;
        uint256 met = uint256(m.quota) + _counted(m);
        return owed > met ? uint64(owed - met) : 0;
    }

    /// @dev From a few tonnes, where floors show, up to more than anyone holds, at most 2^60.
    function _emissionsFrom(uint64 tonnes, uint256 seed) private pure returns (uint64) {
        return tonnes >> uint8(4 + (seed >> 16) % 60);
    }

    /// @dev At least 1, mostly at an edge of `limit`, else a part of it.
    function _amount(uint64 limit, uint256 seed) private pure returns (uint64) {
        uint64 near = uint64(_near(limit, seed));
        return near == 0 ? 1 : near;
    }

    function _near(uint256 limit, uint256 seed) private pure returns (uint256) {
        uint256 which = seed % 8;
        if (which == 0) return limit;
        if (which == 1) return limit + 1;
        if (which == 2) return limit == 0 ? 0 : limit - 1;
        return (seed >> 3) % (limit + limit / 4 + 2);
    }

    function _refusal(bytes4 selector, uint64 requested, uint64 remaining) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, ACCOUNT, YEAR, requested, remaining);
    }

    function _bit(uint256 how, uint256 bits) private pure returns (uint256) {
        return 1 << (how % bits);
    }
}
