// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IActs} from "../interfaces/IActs.sol";
import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {IFreezes} from "../interfaces/IFreezes.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {ITransfers} from "../interfaces/ITransfers.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {Standing} from "../libraries/Standing.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title Frozen units stay until they are released, and nothing leaves a suspended account (DOMAIN 22, 23).
contract CarbonLedgerFreezesTest is LedgerFixture {
    uint64 private constant _HELD = 100;
    address[2] private _nobody;

    function setUp() external {
        _deployLedger();
        _given(ACCOUNT, _HELD);
    }

    function test_freezeByTwoPersonsLasts() external {
        IFreezes.Freeze memory m = _freeze(60);
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit IFreezes.Frozen(m.opId, ACCOUNT, QUOTA, 60, MINUTES, 0, _approvers(), entry.leafHash, entry.logIndex);
        _perform(call);
        _holds(ACCOUNT, QUOTA, 40, 60);
        _freezeIs(m.opId, ACCOUNT, QUOTA, 60, 0);
        vm.warp(block.timestamp + 365 days);
        _refuse(_lapse(m.opId), abi.encodeWithSelector(IFreezes.FreezeApproved.selector, m.opId));
        _refuse(_confirm(m), abi.encodeWithSelector(IFreezes.FreezeApproved.selector, m.opId));
    }

    function test_freezeOfMoreThanIsFreeIsRefused() external {
        _perform(_call(_freeze(60)));
        bytes4 selector = IAssetBook.BalanceInsufficient.selector;
        _refuse(_call(_freeze(41)), abi.encodeWithSelector(selector, ACCOUNT, QUOTA, 41, 40));
        _refuse(_atOnce(_freeze(41)), abi.encodeWithSelector(selector, ACCOUNT, QUOTA, 41, 40));
        _perform(_atOnce(_freeze(40)));
        _holds(ACCOUNT, QUOTA, 0, 100);
    }

    function test_freezeNamesADocumentAnAssetAndSomeTonnes() external {
        IFreezes.Freeze memory m = _freeze(1);
        m.documentHash = 0;
        _refuse(_call(m), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
        _refuse(_atOnce(m), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
        m = _freeze(0);
        _refuse(_call(m), abi.encodeWithSelector(IAssetBook.AmountZero.selector));
        m.asset = AssetId.wrap(0x0003_0000);
        _refuse(_call(m), abi.encodeWithSelector(Assets.AssetInvalid.selector, m.asset));
        m.asset = AssetId.wrap(0x0001_0000);
        _refuse(_call(m), abi.encodeWithSelector(Assets.AssetInvalid.selector, m.asset));
        m.asset = AssetId.wrap(0x0002_0001);
        _refuse(_call(m), abi.encodeWithSelector(Assets.AssetInvalid.selector, m.asset));
    }

    function test_freezeAtOnceStandsForADayAndThenLapses() external {
        IFreezes.Freeze memory m = _freeze(60);
        uint64 lapsesAt = uint64(block.timestamp) + 24 hours;
        bytes memory call = _atOnce(m);
        vm.expectEmit(address(ledger));
        emit IFreezes.Frozen(m.opId, ACCOUNT, QUOTA, 60, MINUTES, lapsesAt, _nobody, entry.leafHash, entry.logIndex);
        _perform(call);
        _freezeIs(m.opId, ACCOUNT, QUOTA, 60, lapsesAt);
        vm.warp(lapsesAt - 1);
        call = _lapse(m.opId);
        _refuse(call, abi.encodeWithSelector(IFreezes.FreezeNotLapsed.selector, m.opId, lapsesAt, lapsesAt - 1));
        vm.warp(lapsesAt);
        _refuse(_confirm(m), abi.encodeWithSelector(IFreezes.FreezePast.selector, m.opId, lapsesAt, lapsesAt));
        vm.expectEmit(address(ledger));
        emit IFreezes.FreezeLapsed(m.opId, ACCOUNT, QUOTA, _opIdOf(call), 60, entry.leafHash, entry.logIndex);
        _perform(call);
        _holds(ACCOUNT, QUOTA, _HELD, 0);
        _freezeIs(m.opId, ACCOUNT, QUOTA, 0, lapsesAt);
        _refuse(_lapse(m.opId), abi.encodeWithSelector(IFreezes.FreezeInsufficient.selector, m.opId, 1, 0));
    }

    function test_freezeAtOnceLastsOnceTwoPersonsConfirmIt() external {
        IFreezes.Freeze memory m = _freeze(60);
        _perform(_atOnce(m));
        uint64 lapsesAt = uint64(block.timestamp) + 24 hours;
        vm.warp(lapsesAt - 1);
        bytes memory call = _confirm(m);
        vm.expectEmit(address(ledger));
        emit IFreezes.FreezeConfirmed(m.opId, _opIdOf(call), _approvers(), entry.leafHash, entry.logIndex);
        _perform(call);
        _freezeIs(m.opId, ACCOUNT, QUOTA, 60, 0);
        vm.warp(lapsesAt);
        _refuse(_lapse(m.opId), abi.encodeWithSelector(IFreezes.FreezeApproved.selector, m.opId));
        _refuse(_confirm(m), abi.encodeWithSelector(IFreezes.FreezeApproved.selector, m.opId));
    }

    function test_confirmationIsOfTheVeryFreeze() external {
        IFreezes.Freeze memory m = _freeze(60);
        _perform(_atOnce(m));
        m.tonnes = 61;
        bytes memory differs = abi.encodeWithSelector(IFreezes.FreezeDiffers.selector, m.opId, ACCOUNT, QUOTA);
        _refuse(_confirm(m), differs);
        m.tonnes = 60;
        m.documentHash = keccak256("another");
        _refuse(_confirm(m), differs);
        m = _freeze(60);
        _refuse(_confirm(m), abi.encodeWithSelector(IFreezes.FreezeUnknown.selector, m.opId));
    }

    function test_releaseFreesAPartAndThenTheRest() external {
        IFreezes.Freeze memory m = _freeze(60);
        _perform(_call(m));
        IFreezes.Release memory release = _release(m.opId, 20);
        bytes memory call = _call(release);
        vm.expectEmit(address(ledger));
        emit IFreezes.Released(
            m.opId, ACCOUNT, QUOTA, release.opId, 20, 40, MINUTES, _approvers(), entry.leafHash, entry.logIndex
        );
        _perform(call);
        _holds(ACCOUNT, QUOTA, 60, 40);
        _refuse(
            _call(_release(m.opId, 41)), abi.encodeWithSelector(IFreezes.FreezeInsufficient.selector, m.opId, 41, 40)
        );
        _refuse(_call(_release(m.opId, 0)), abi.encodeWithSelector(IAssetBook.AmountZero.selector));
        _perform(_call(_release(m.opId, 40)));
        _holds(ACCOUNT, QUOTA, _HELD, 0);
        _freezeIs(m.opId, ACCOUNT, QUOTA, 0, 0);
        _refuse(_call(_release(m.opId, 1)), abi.encodeWithSelector(IFreezes.FreezeInsufficient.selector, m.opId, 1, 0));
        bytes32 other = keccak256("no freeze");
        _refuse(_call(_release(other, 1)), abi.encodeWithSelector(IFreezes.FreezeUnknown.selector, other));
        _refuse(_lapse(other), abi.encodeWithSelector(IFreezes.FreezeUnknown.selector, other));
        release = _release(m.opId, 1);
        release.documentHash = 0;
        _refuse(_call(release), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
    }

    function test_releaseOfAFreezeAtOnceNeedsNoConfirmationNorHaste() external {
        IFreezes.Freeze memory m = _freeze(60);
        _perform(_atOnce(m));
        _perform(_call(_release(m.opId, 10)));
        vm.warp(block.timestamp + 2 days);
        _perform(_call(_release(m.opId, 20)));
        _holds(ACCOUNT, QUOTA, 70, 30);
        _perform(_lapse(m.opId));
        _holds(ACCOUNT, QUOTA, _HELD, 0);
    }

    function test_releaseTakesFromItsOwnFreezeOnly() external {
        (IFreezes.Freeze memory first, IFreezes.Freeze memory second) = (_freeze(60), _freeze(40));
        _perform(_call(first));
        _perform(_call(second));
        _refuse(
            _call(_release(second.opId, 41)),
            abi.encodeWithSelector(IFreezes.FreezeInsufficient.selector, second.opId, 41, 40)
        );
        _perform(_call(_release(second.opId, 40)));
        _freezeIs(first.opId, ACCOUNT, QUOTA, 60, 0);
        _holds(ACCOUNT, QUOTA, 40, 60);
    }

    function test_nothingButItsReleaseMovesWhatIsFrozen() external {
        _perform(_call(_freeze(_HELD)));
        bytes memory expected = abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, ACCOUNT, QUOTA, 1, 0);
        _refuse(_call(_cancel(1)), expected);
        _refuse(_call(_cancelByOrder(1)), expected);
        _refuse(_call(_transfer(1, 2)), expected);
        _refuse(abi.encodeCall(ledger.surrender, (ACCOUNT, QUOTA, 1)), expected);
        _refuse(abi.encodeCall(ledger.carryOver, (ACCOUNT, VINTAGE, 1)), expected);
        ledger.expire(ACCOUNT, VINTAGE);
        _holds(ACCOUNT, QUOTA, 0, _HELD);
    }

    function test_transferTakesUnitsOutOfTheirFreeze() external {
        IFreezes.Freeze memory m = _freeze(60);
        _perform(_call(m));
        ITransfers.Transfer memory t = _transfer(25, 2);
        t.freeze = m.opId;
        _perform(_call(t));
        _holds(ACCOUNT, QUOTA, 40, 35);
        _holds(NEIGHBOUR_ACCOUNT, QUOTA, 25, 0);
        _freezeIs(m.opId, ACCOUNT, QUOTA, 35, 0);
        (t.opId, t.tonnes) = (_nextOp(), 36);
        _refuse(_call(t), abi.encodeWithSelector(IFreezes.FreezeInsufficient.selector, m.opId, 36, 35));
        t.tonnes = 0;
        _refuse(_call(t), abi.encodeWithSelector(IAssetBook.AmountZero.selector));
    }

    function test_transferNamesAFreezeOfItsSenderAndAsset() external {
        IFreezes.Freeze memory m = _freeze(60);
        _perform(_call(m));
        bytes memory differs = abi.encodeWithSelector(IFreezes.FreezeDiffers.selector, m.opId, ACCOUNT, QUOTA);
        ITransfers.Transfer memory t = _transfer(1, 2);
        (t.freeze, t.asset) = (m.opId, NEXT_QUOTA);
        _refuse(_call(t), differs);
        (t.asset, t.from, t.to) = (QUOTA, NEIGHBOUR_ACCOUNT, ACCOUNT);
        _refuse(_call(t), differs);
        t.freeze = keccak256("no freeze");
        _refuse(_call(t), abi.encodeWithSelector(IFreezes.FreezeUnknown.selector, t.freeze));
    }

    function test_transferOutOfAFreezeThatNobodyConfirmedEndsWithItsDay() external {
        IFreezes.Freeze memory m = _freeze(60);
        _perform(_atOnce(m));
        uint64 lapsesAt = uint64(block.timestamp) + 24 hours;
        ITransfers.Transfer memory t = _transfer(1, 2);
        t.freeze = m.opId;
        vm.warp(lapsesAt);
        _refuse(_call(t), abi.encodeWithSelector(IFreezes.FreezePast.selector, m.opId, lapsesAt, lapsesAt));
        vm.warp(lapsesAt - 1);
        _perform(_call(t));
        _holds(NEIGHBOUR_ACCOUNT, QUOTA, 1, 0);
    }

    function test_suspensionStopsTheHolderUntilItEnds() external {
        IFreezes.Suspension memory m = _suspension(true);
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit IFreezes.AccountSuspended(ACCOUNT, m.opId, MINUTES, _approvers(), entry.leafHash, entry.logIndex);
        _perform(call);
        assertEq(ledger.suspendedAt(ACCOUNT), block.timestamp);
        bytes memory expected = abi.encodeWithSelector(Standing.AccountSuspended.selector, ACCOUNT, block.timestamp);
        _refuse(_call(_cancel(1)), expected);
        _refuse(abi.encodeCall(ledger.surrender, (ACCOUNT, QUOTA, 1)), expected);
        _refuse(abi.encodeCall(ledger.carryOver, (ACCOUNT, VINTAGE, 1)), expected);
        _refuse(_call(_transfer(1, 1)), expected);
        _refuse(_call(_transfer(1, 3)), expected);
        m = _suspension(false);
        call = _call(m);
        vm.expectEmit(address(ledger));
        emit IFreezes.AccountResumed(ACCOUNT, m.opId, MINUTES, _approvers(), entry.leafHash, entry.logIndex);
        _perform(call);
        assertEq(ledger.suspendedAt(ACCOUNT), 0);
        _perform(_call(_cancel(1)));
    }

    function test_ordersReachASuspendedAccount() external {
        _perform(_call(_suspension(true)));
        _perform(_call(_transfer(10, 2)));
        _perform(_call(_cancelByOrder(10)));
        _perform(_call(_freeze(10)));
        ledger.expire(ACCOUNT, VINTAGE);
        _holds(ACCOUNT, QUOTA, 0, 10);
        _holds(NEIGHBOUR_ACCOUNT, QUOTA, 10, 0);
    }

    function test_unitsArriveInASuspendedAccount() external {
        _given(NEIGHBOUR_ACCOUNT, 5);
        _perform(_call(_suspension(true)));
        ITransfers.Transfer memory t = _transfer(5, 1);
        (t.from, t.to) = (NEIGHBOUR_ACCOUNT, ACCOUNT);
        _perform(_call(t));
        _perform(_call(_offset(1, 7)));
        _holds(ACCOUNT, QUOTA, _HELD + 5, 0);
        _holds(ACCOUNT, CCER, 7, 0);
    }

    function test_suspensionChangesSomethingOfAnAccountWithADocument() external {
        _refuse(
            _call(_suspension(false)), abi.encodeWithSelector(IFreezes.SuspensionUnchanged.selector, ACCOUNT, false)
        );
        _perform(_call(_suspension(true)));
        _refuse(_call(_suspension(true)), abi.encodeWithSelector(IFreezes.SuspensionUnchanged.selector, ACCOUNT, true));
        IFreezes.Suspension memory m = _suspension(true);
        m.account = keccak256("person/a1");
        _refuse(_call(m), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, m.account, 6));
        m.account = RESERVE;
        m.documentHash = 0;
        _refuse(_call(m), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
        m.documentHash = MINUTES;
        _perform(_call(m));
        assertEq(ledger.suspendedAt(RESERVE), block.timestamp);
    }

    function _freezeIs(bytes32 freeze, bytes32 account, AssetId asset, uint64 tonnes, uint64 lapsesAt) private view {
        (bytes32 owner, AssetId what, uint64 left, uint64 until) = ledger.freezeOf(freeze);
        assertEq(owner, account);
        assertEq(AssetId.unwrap(what), AssetId.unwrap(asset));
        assertEq(left, tonnes);
        assertEq(until, lapsesAt);
    }
}
