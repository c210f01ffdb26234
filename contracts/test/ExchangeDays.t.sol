// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IActs} from "../interfaces/IActs.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {ITradingDays} from "../interfaces/ITradingDays.sol";
import {ITwoPersons} from "../interfaces/ITwoPersons.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {ExchangeFixture} from "./base/ExchangeFixture.sol";

/// @title Terms, references and the days under them (DOMAIN 12 to 16).
contract ExchangeDaysTest is ExchangeFixture {
    function setUp() external {
        _deployExchange();
    }

    function test_termsAreOfTwoBodiesAndWithinTheirBounds() external {
        ITradingDays.MarketTerms memory t = _marketTerms(AGREEMENT);
        bytes32 structHash = keccak256(abi.encode(TERMS, t));
        Cosignature[2] memory approvals = [_word(PARK_PERSON, structHash), _word(OTHER_PARK_PERSON, structHash)];
        _decline(
            abi.encodeCall(ITradingDays.setTerms, (t, approvals, entry)),
            abi.encodeWithSelector(ITwoPersons.ApproversOfOneBody.selector, RESERVE)
        );
        t.mode = 3;
        _decline(_call(t), abi.encodeWithSelector(ITradingDays.ModeInvalid.selector, 3));
        t.mode = 0;
        _decline(_call(t), abi.encodeWithSelector(ITradingDays.ModeInvalid.selector, 0));
        (t.mode, t.bandBps) = (2, 10_001);
        _decline(_call(t), abi.encodeWithSelector(ITradingDays.BandInvalid.selector, 10_001));
        (t.bandBps, t.blockBandBps) = (10_000, 10_001);
        _decline(_call(t), abi.encodeWithSelector(ITradingDays.BandInvalid.selector, 10_001));
        (t.blockBandBps, t.lockDays) = (10_000, 6);
        _decline(_call(t), abi.encodeWithSelector(ITradingDays.LockInvalid.selector, 6));
        (t.lockDays, t.feeBps, t.feeAccount) = (5, 1, keccak256("regulator"));
        _decline(_call(t), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, t.feeAccount, 5));
        (t.feeAccount, t.documentHash) = (RESERVE, 0);
        _decline(_call(t), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
        t.documentHash = MINUTES;
        bytes memory call = _call(t);
        vm.expectEmit(address(exchange));
        emit ITradingDays.TermsSet(t.opId, t, _approvers(), entry.leafHash, entry.logIndex);
        _do(call);
        assertEq(keccak256(abi.encode(exchange.terms())), keccak256(abi.encode(t)));
        _decline(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, t.opId));
    }

    function test_aDayNeedsTermsAReferenceAndTime() external {
        _decline(_openCall(DAY), abi.encodeWithSelector(ITradingDays.TermsUnknown.selector));
        _do(_call(_marketTerms(AGREEMENT)));
        _decline(_openCall(DAY), abi.encodeWithSelector(ITradingDays.ReferenceUnknown.selector, QUOTA));
        ITradingDays.MarketReference memory r = _reference(0);
        _decline(_call(r), abi.encodeWithSelector(ITradingDays.PriceZero.selector));
        r = _reference(1);
        r.asset = CCER;
        _decline(_call(r), abi.encodeWithSelector(ITradingDays.AssetNotTradable.selector, CCER));
        r = _reference(OPENING_FEN);
        r.documentHash = 0;
        _decline(_call(r), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
        r = _reference(OPENING_FEN);
        bytes memory call = _call(r);
        vm.expectEmit(address(exchange));
        emit ITradingDays.ReferenceSet(
            QUOTA, r.opId, OPENING_FEN, MINUTES, _approvers(), entry.leafHash, entry.logIndex
        );
        _do(call);
        uint32 later = cutOff;
        cutOff = uint32(block.timestamp);
        _decline(_openCall(DAY), abi.encodeWithSelector(ITradingDays.DayPast.selector, QUOTA, DAY, cutOff));
        cutOff = later;
        _do(_openCall(DAY));
    }

    /// DOMAIN 15: limits are rounded inward to the fen.
    function test_aDayBeginsUnderTheTermsAndKeepsThem() external {
        ITradingDays.MarketTerms memory t = _marketTerms(AGREEMENT);
        (t.feeBps, t.feeAccount) = (7, RESERVE);
        _do(_call(t));
        _do(_call(_reference(6_233)));
        bytes memory call = _openCall(DAY);
        vm.expectEmit(address(exchange));
        emit ITradingDays.DayOpened(
            QUOTA, DAY, _opIdOf(call), 1, 6_233, 5_610, 6_856, cutOff, entry.leafHash, entry.logIndex
        );
        _do(call);
        _do(_call(_marketTerms(LICENSED)));
        _do(_call(_reference(9_999)));
        ITradingDays.Day memory day = exchange.dayOf(QUOTA, DAY);
        ITradingDays.Day memory expected =
            ITradingDays.Day(1, AGREEMENT, 1, 6_233, 0, 0, 5, 1_000, 3_000, 7, 1_000, cutOff);
        assertEq(keccak256(abi.encode(day)), keccak256(abi.encode(expected)));
        _decline(_openCall(DAY), abi.encodeWithSelector(ITradingDays.DayNotLater.selector, QUOTA, DAY, DAY));
        _decline(_openCall(DAY + 1), abi.encodeWithSelector(ITradingDays.DayStatusInvalid.selector, QUOTA, DAY, 1));
    }

    function test_theHighestPriceHasABandThatEndsWithPrices() external {
        _do(_call(_marketTerms(AGREEMENT)));
        _do(_call(_reference(type(uint32).max)));
        bytes memory call = _openCall(DAY);
        vm.expectEmit(address(exchange));
        emit ITradingDays.DayOpened(
            QUOTA,
            DAY,
            _opIdOf(call),
            1,
            type(uint32).max,
            3_865_470_566,
            type(uint32).max,
            cutOff,
            entry.leafHash,
            entry.logIndex
        );
        _do(call);
    }

    function test_daysAreHaltedAndGoOnAndClose() external {
        _opened();
        _decline(_haltCall(DAY, false), abi.encodeWithSelector(ITradingDays.DayStatusInvalid.selector, QUOTA, DAY, 1));
        bytes memory call = _haltCall(DAY, true);
        vm.expectEmit(address(exchange));
        emit ITradingDays.DayHalted(QUOTA, DAY, _opIdOf(call), true, entry.leafHash, entry.logIndex);
        _do(call);
        _decline(_haltCall(DAY, true), abi.encodeWithSelector(ITradingDays.DayStatusInvalid.selector, QUOTA, DAY, 2));
        _do(_haltCall(DAY, false));
        _do(_haltCall(DAY, true));
        _do(_closeCall(DAY, 0));
        _decline(_closeCall(DAY, 0), abi.encodeWithSelector(ITradingDays.DayStatusInvalid.selector, QUOTA, DAY, 3));
        _decline(_haltCall(DAY, true), abi.encodeWithSelector(ITradingDays.DayStatusInvalid.selector, QUOTA, DAY, 3));
        _decline(
            _closeCall(DAY + 1, 0), abi.encodeWithSelector(ITradingDays.DayStatusInvalid.selector, QUOTA, DAY + 1, 0)
        );
    }

    /// DOMAIN 15: below the volume or the groups the reference stands.
    function test_aCloseNeedsVolumeAndGroups() external {
        _opened();
        _do(_settleCall(_trade(9, PRICE_FEN)));
        _closesAt(DAY, 2, 9, OPENING_FEN);
        _do(_openCall(DAY + 1));
        _settleOn(DAY + 1, 10);
        _closesAt(DAY + 1, 1, 10, OPENING_FEN);
        _do(_openCall(DAY + 2));
        _settleOn(DAY + 2, 10);
        _closesAt(DAY + 2, 2, 10, PRICE_FEN);
        _do(_openCall(DAY + 3));
        _closesAt(DAY + 3, 9, 0, PRICE_FEN);
        assertEq(exchange.dayOf(QUOTA, DAY + 3).index, 4);
    }

    /// A market whose terms ask for nothing has no close of no trade.
    function test_withoutTradesTheReferenceStands() external {
        ITradingDays.MarketTerms memory t = _marketTerms(LICENSED);
        (t.minimumVolume, t.minimumGroups) = (0, 0);
        _opened(t);
        _closesAt(DAY, 0, 0, OPENING_FEN);
    }

    /// DOMAIN 15: a new vintage inherits the last.
    function test_aNewVintageInheritsTheReferenceOfTheLast() external {
        _opened();
        bytes memory call = abi.encodeCall(ITradingDays.openDay, (_nextOp(), NEXT_QUOTA, DAY, cutOff, entry));
        _do(call);
        assertEq(exchange.dayOf(NEXT_QUOTA, DAY).referenceFen, OPENING_FEN);
        (uint32 priceFen, uint32 lastDay) = exchange.referenceOf(NEXT_QUOTA);
        assertEq(priceFen, OPENING_FEN);
        assertEq(lastDay, DAY);
    }

    function test_constructionNeedsContracts() external {
        bytes memory arguments = abi.encode(address(0xBEEF), DEPLOYMENT_ID, registry, ledger);
        _notMade(arguments, abi.encodeWithSelector(IExchange.AuthorityWithoutCode.selector, address(0xBEEF)));
        arguments = abi.encode(manager, DEPLOYMENT_ID, registry, address(0xBEEF));
        _notMade(arguments, abi.encodeWithSelector(IExchange.LedgerWithoutCode.selector, address(0xBEEF)));
        arguments = abi.encode(manager, DEPLOYMENT_ID, address(0xBEEF), ledger);
        _notMade(arguments, abi.encodeWithSelector(ISpeakers.IdentifiersWithoutCode.selector, address(0xBEEF)));
        assertEq(exchange.carbonLedger(), address(ledger));
        assertEq(exchange.identifierRegistry(), address(registry));
    }

    /// @dev Called by itself, so that what it reverts with is seen.
    function make(bytes calldata arguments) external returns (address) {
        return _createExchange(arguments);
    }

    function _notMade(bytes memory arguments, bytes memory reason) private {
        assertRefusedWith(
            address(this),
            abi.encodeCall(this.make, (arguments)),
            abi.encodeWithSelector(RefusedOtherwise.selector, reason, bytes4(0))
        );
    }

    function _settleOn(uint32 day, uint64 tonnes) private {
        ISettlement.Trade memory t = _trade(tonnes, PRICE_FEN);
        t.day = day;
        _do(_settleCall(t));
    }

    function _closesAt(uint32 day, uint16 groups, uint40 volume, uint32 closeFen) private {
        bytes memory call = _closeCall(day, groups);
        vm.expectEmit(address(exchange));
        emit ITradingDays.DayClosed(
            QUOTA,
            day,
            _opIdOf(call),
            volume,
            uint48(volume) * PRICE_FEN,
            closeFen,
            groups,
            keccak256("session"),
            entry.leafHash,
            entry.logIndex
        );
        _do(call);
        (uint32 priceFen,) = exchange.referenceOf(QUOTA);
        assertEq(priceFen, closeFen);
    }
}
