// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IArrivals} from "../../interfaces/IArrivals.sol";
import {ICarbonLedger} from "../../interfaces/ICarbonLedger.sol";
import {ICompliance} from "../../interfaces/ICompliance.sol";
import {IFreezes} from "../../interfaces/IFreezes.sol";
import {AssetId} from "../../libraries/AssetId.sol";
import {ComplianceFixture} from "./ComplianceFixture.sol";
import {Vm} from "./Vm.sol";

/// @title Units and obligations as events tell them, and nothing but events.
abstract contract ComplianceModel is ComplianceFixture {
    struct Held {
        uint256 free;
        uint256 frozen;
    }

    struct Supply {
        uint256 issued;
        uint256 surrendered;
        uint256 cancelled;
    }

    struct Case {
        uint64 quota;
        uint64 offsets;
        uint64 creditIn;
        uint64 creditOut;
        uint64 carried;
        uint64 missed;
        uint64 chargeFen;
        bool assessed;
    }

    bytes32[3] internal accounts = [ACCOUNT, NEIGHBOUR_ACCOUNT, ALONE];
    uint256[3] internal holders = [HOLDER, NEIGHBOUR_KEY, ALONE_KEY];
    /// @dev The year whose obligations are met now.
    uint16 internal current = YEAR;
    mapping(bytes32 account => mapping(AssetId asset => Held)) internal held;
    mapping(AssetId asset => Supply) internal supplies;
    mapping(bytes32 account => mapping(uint16 year => Case)) internal cases;
    /// @dev What Compliance says of all that was surrendered; the ledger says the same by its own events.
    mapping(AssetId asset => uint256 tonnes) internal surrendered;
    uint256 internal creditsOut;
    uint256 internal creditsIn;

    /// @dev Reads what was recorded, in its order.
    function _read() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(ledger)) _readLedger(logs[i]);
            if (logs[i].emitter == address(compliance)) _readCompliance(logs[i]);
        }
    }

    function _readLedger(Vm.Log memory log) private {
        bytes32 topic = log.topics[0];
        bytes32 account = log.topics[1];
        AssetId asset = AssetId.wrap(uint32(uint256(log.topics[2])));
        if (topic == ICarbonLedger.Surrendered.selector) {
            uint64 tonnes = abi.decode(log.data, (uint64));
            held[account][asset].free -= tonnes;
            supplies[asset].surrendered += tonnes;
        } else if (topic == ICarbonLedger.Expired.selector) {
            uint64 tonnes = abi.decode(log.data, (uint64));
            assertEq(held[account][asset].free, tonnes);
            held[account][asset].free = 0;
            supplies[asset].cancelled += tonnes;
        } else if (topic == ICarbonLedger.CarriedOver.selector) {
            uint64 tonnes = abi.decode(log.data, (uint64));
            AssetId next = AssetId.wrap(uint32(uint256(log.topics[3])));
            held[account][asset].free -= tonnes;
            supplies[asset].cancelled += tonnes;
            held[account][next].free += tonnes;
            supplies[next].issued += tonnes;
        } else if (topic == IArrivals.CarriedIn.selector) {
            (uint64 tonnes,,,,) = abi.decode(log.data, (uint64, bytes32, address[2], bytes32, uint64));
            held[account][asset].free += tonnes;
            supplies[asset].issued += tonnes;
        } else if (topic == IArrivals.OffsetEntered.selector) {
            uint64 tonnes = uint64(uint256(bytes32(log.data)));
            held[account][CCER].free += tonnes;
            supplies[CCER].issued += tonnes;
        } else {
            _readFreeze(log);
        }
    }

    function _readFreeze(Vm.Log memory log) private {
        AssetId asset = AssetId.wrap(uint32(uint256(log.topics[3])));
        Held storage its = held[log.topics[2]][asset];
        if (log.topics[0] == IFreezes.Frozen.selector) {
            uint64 tonnes = uint64(uint256(bytes32(log.data)));
            (its.free, its.frozen) = (its.free - tonnes, its.frozen + tonnes);
        } else {
            assertEq(log.topics[0], IFreezes.FreezeLapsed.selector);
            (, uint64 tonnes,,) = abi.decode(log.data, (bytes32, uint64, bytes32, uint64));
            (its.free, its.frozen) = (its.free + tonnes, its.frozen - tonnes);
        }
    }

    function _readCompliance(Vm.Log memory log) private {
        bytes32 topic = log.topics[0];
        if (
            topic == ICompliance.TermsSet.selector || topic == ICompliance.PriceSet.selector
                || topic == ICompliance.YearClosed.selector
        ) return;
        bytes32 account = log.topics[1];
        uint16 year = uint16(uint256(log.topics[2]));
        Case storage its = cases[account][year];
        if (topic == ICompliance.SurrenderRecorded.selector) {
            (AssetId asset, uint64 tonnes,,,,) =
                abi.decode(log.data, (AssetId, uint64, uint64, uint64, bytes32, uint64));
            if (asset == CCER) its.offsets += tonnes;
            else its.quota += tonnes;
            surrendered[asset] += tonnes;
        } else if (topic == ICompliance.CarryOverRecorded.selector) {
            its.carried += uint64(uint256(bytes32(log.data)));
        } else if (topic == ICompliance.Credited.selector) {
            uint64 tonnes = uint64(uint256(bytes32(log.data)));
            its.creditOut += tonnes;
            cases[account][year + 1].creditIn += tonnes;
            creditsOut += tonnes;
            creditsIn += tonnes;
        } else {
            assertEq(topic, ICompliance.Assessed.selector);
            (,, its.missed,, its.chargeFen,,) =
                abi.decode(log.data, (uint64, uint32, uint64, uint64, uint64, bytes32, uint64));
            its.assessed = true;
        }
    }

    /// @notice Reverts unless both contracts are what their events said, of this year, the last and the next, and the
    /// laws hold: 3 for each asset, 4 for each case.
    function checkRebuilt() external view {
        for (uint16 year = current - 1; year <= current + 1; ++year) {
            for (uint256 i = 0; i < accounts.length; ++i) {
                _checkCase(accounts[i], year);
            }
            _checkAsset(_quota(year));
        }
        _checkAsset(CCER);
    }

    function _checkCase(bytes32 account, uint16 year) private view {
        Case storage its = cases[account][year];
        ICompliance.Position memory p = compliance.positionOf(account, year);
        (uint64 tonnes,,,,,,) = emissions.emissionsOf(account, year);
        uint256 cap = uint256(tonnes) * compliance.termsOf(year).offsetCapBps / 10_000;
        uint256 counted = its.offsets < cap ? its.offsets : cap;
        assertEq(p.emissions, tonnes);
        assertEq(p.offsetCap, cap);
        assertEq(p.offsetsCounted, counted);
        assertTrue(p.offsetsCounted <= cap, "law 4");
        assertEq(p.offsetsUsed, its.offsets);
        assertEq(p.quota, its.quota);
        assertEq(p.creditIn, its.creditIn);
        assertEq(p.creditOut, its.creditOut);
        assertEq(p.carried, its.carried);
        assertEq(p.missed, its.missed);
        assertEq(p.chargeFen, its.chargeFen);
        assertTrue(p.assessed == its.assessed, "assessed");
        uint256 owed = uint256(tonnes) + its.creditOut;
        uint256 met = uint256(its.quota) + its.creditIn + counted;
        assertEq(p.due, owed > met ? owed - met : 0);
        assertTrue(p.due <= tonnes, "no more than the emissions is due");
        assertTrue(its.creditOut <= uint256(its.quota) + its.creditIn, "credit without quota");
    }

    function _checkAsset(AssetId asset) private view {
        uint256 sum = 0;
        for (uint256 i = 0; i < accounts.length; ++i) {
            (uint64 free, uint64 frozen) = ledger.balanceOf(accounts[i], asset);
            Held storage its = held[accounts[i]][asset];
            assertEq(free, its.free);
            assertEq(frozen, its.frozen);
            sum += uint256(free) + frozen;
        }
        (uint64 issued, uint64 gone, uint64 cancelled) = ledger.supplyOf(asset);
        Supply storage supply = supplies[asset];
        assertEq(issued, supply.issued);
        assertEq(gone, supply.surrendered);
        assertEq(cancelled, supply.cancelled);
        assertEq(gone, surrendered[asset]);
        assertEq(issued, sum + gone + cancelled);
    }
}
