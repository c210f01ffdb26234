// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IActs} from "../interfaces/IActs.sol";
import {IArrivals} from "../interfaces/IArrivals.sol";
import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {Assets} from "../libraries/AssetId.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title Units come from outside once, and say that they do (DOMAIN 4, 24).
contract CarbonLedgerArrivalsTest is LedgerFixture {
    function setUp() external {
        _deployLedger();
    }

    function test_openingBalanceIsMarkedAsCarriedIn() external {
        IArrivals.OpeningBalance memory m = _opening(500);
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit IArrivals.CarriedIn(ACCOUNT, QUOTA, m.opId, 500, MINUTES, _approvers(), entry.leafHash, entry.logIndex);
        _perform(call);
        _holds(ACCOUNT, QUOTA, 500, 0);
        _supplies(QUOTA, 500, 0, 0);
    }

    function test_openingBalanceComesOnceForAnAccountAndAsset() external {
        _perform(_call(_opening(500)));
        IArrivals.OpeningBalance memory m = _opening(1);
        _refuse(_call(m), abi.encodeWithSelector(IArrivals.OpeningRepeated.selector, ACCOUNT, QUOTA));
        m.asset = NEXT_QUOTA;
        _perform(_call(m));
        m = _opening(1);
        m.account = NEIGHBOUR_ACCOUNT;
        _perform(_call(m));
        _supplies(QUOTA, 501, 0, 0);
    }

    function test_openingBalanceIsQuotaOfAHolderWithADocument() external {
        IArrivals.OpeningBalance memory m = _opening(1);
        m.asset = CCER;
        _refuse(_call(m), abi.encodeWithSelector(Assets.AssetInvalid.selector, CCER));
        m.asset = QUOTA;
        m.account = keccak256("verifier");
        _refuse(_call(m), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, m.account, 4));
        m.account = RESERVE;
        m.documentHash = 0;
        _refuse(_call(m), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
        m.documentHash = MINUTES;
        m.tonnes = 0;
        _refuse(_call(m), abi.encodeWithSelector(IAssetBook.AmountZero.selector));
        m.tonnes = 1;
        _perform(_call(m));
        _holds(RESERVE, QUOTA, 1, 0);
    }

    function test_offsetEntersForItsBeneficiary() external {
        IArrivals.OffsetEntry memory m = _offset(1_000, 2_946);
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit IArrivals.OffsetEntered(
            ACCOUNT,
            m.opId,
            SERIES,
            1_947,
            1_000,
            2_946,
            m.cancellationHash,
            MINUTES,
            _approvers(),
            entry.leafHash,
            entry.logIndex
        );
        _perform(call);
        _holds(ACCOUNT, CCER, 1_947, 0);
        _supplies(CCER, 1_947, 0, 0);
    }

    function test_serialsEnterOnce() external {
        _perform(_call(_offset(10, 19)));
        _perform(_call(_offset(30, 39)));
        uint64[2][7] memory overlaps = [
            [uint64(10), 19],
            [uint64(0), 10],
            [uint64(19), 25],
            [uint64(12), 13],
            [uint64(0), 29],
            [uint64(19), 30],
            [uint64(19), 19]
        ];
        for (uint256 i = 0; i < overlaps.length; ++i) {
            (uint64 first, uint64 last) = (overlaps[i][0], overlaps[i][1]);
            _refuse(
                _call(_offset(first, last)),
                abi.encodeWithSelector(IArrivals.SerialsOverlap.selector, SERIES, first, last, 10, 19)
            );
        }
        _refuse(
            _call(_offset(39, 50)), abi.encodeWithSelector(IArrivals.SerialsOverlap.selector, SERIES, 39, 50, 30, 39)
        );
        _perform(_call(_offset(20, 29)));
        _perform(_call(_offset(0, 9)));
        _perform(_call(_offset(40, 40)));
        IArrivals.OffsetEntry memory other = _offset(10, 19);
        other.series = keccak256("another series");
        _perform(_call(other));
        _holds(ACCOUNT, CCER, 51, 0);
    }

    function test_cancellationEntersOnce() external {
        IArrivals.OffsetEntry memory m = _offset(10, 19);
        _perform(_call(m));
        IArrivals.OffsetEntry memory again = _offset(20, 29);
        again.cancellationHash = m.cancellationHash;
        _refuse(_call(again), abi.encodeWithSelector(IArrivals.CancellationUsed.selector, m.cancellationHash));
    }

    function test_oneSerialIsOneTonne() external {
        IArrivals.OffsetEntry memory m = _offset(10, 19);
        m.tonnes = 11;
        _refuse(_call(m), abi.encodeWithSelector(IArrivals.TonnesDiffer.selector, 11, 10));
        m.tonnes = 9;
        _refuse(_call(m), abi.encodeWithSelector(IArrivals.TonnesDiffer.selector, 9, 10));
        (m.firstSerial, m.lastSerial) = (20, 19);
        _refuse(_call(m), abi.encodeWithSelector(IArrivals.SerialsInvalid.selector, 20, 19));
        (m.firstSerial, m.lastSerial) = (0, type(uint64).max);
        _refuse(_call(m), abi.encodeWithSelector(IArrivals.TonnesDiffer.selector, 9, uint256(1) << 64));
        (m.firstSerial, m.lastSerial, m.tonnes) = (1, type(uint64).max, type(uint64).max);
        _perform(_call(m));
        _holds(ACCOUNT, CCER, type(uint64).max, 0);
    }

    function test_offsetIsAHoldersAndHasADocument() external {
        IArrivals.OffsetEntry memory m = _offset(1, 1);
        m.account = keccak256("regulator");
        _refuse(_call(m), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, m.account, 5));
        m.account = ACCOUNT;
        m.documentHash = 0;
        _refuse(_call(m), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
    }
}
