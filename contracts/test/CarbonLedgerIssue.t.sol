// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAllocations} from "../interfaces/IAllocations.sol";
import {IActs} from "../interfaces/IActs.sol";
import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title A cap is issued, and allocated by runs that two persons approve (DOMAIN 26 to 31).
contract CarbonLedgerIssueTest is LedgerFixture {
    bytes32 private constant _LOW = ACCOUNT < NEIGHBOUR_ACCOUNT ? ACCOUNT : NEIGHBOUR_ACCOUNT;
    bytes32 private constant _HIGH = ACCOUNT < NEIGHBOUR_ACCOUNT ? NEIGHBOUR_ACCOUNT : ACCOUNT;

    function setUp() external {
        _deployLedger();
    }

    function test_issueFillsTheReserveAndSaysSo() external {
        IAllocations.Issue memory m = _issue(CAP);
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit IAllocations.Issued(RESERVE, QUOTA, m.opId, CAP, MINUTES, _approvers(), entry.leafHash, entry.logIndex);
        _perform(call);
        _holds(RESERVE, QUOTA, CAP, 0);
        _supplies(QUOTA, CAP, 0, 0);
        assertTrue(ledger.opUsed(m.opId), "consumed");
    }

    function test_issueTwiceAddsUp() external {
        _perform(_call(_issue(90_000)));
        _perform(_call(_issue(2_000)));
        _holds(RESERVE, QUOTA, CAP, 0);
        _supplies(QUOTA, CAP, 0, 0);
    }

    function test_issueIsForAPark() external {
        IAllocations.Issue memory m = _issue(1);
        m.account = ACCOUNT;
        _refuse(_call(m), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, ACCOUNT, 2));
        m.account = keccak256("nobody");
        _refuse(_call(m), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, m.account, 0));
    }

    function test_issueRestsOnADocument() external {
        IAllocations.Issue memory m = _issue(1);
        m.documentHash = 0;
        _refuse(_call(m), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
    }

    function test_issueIsOfAVintage() external {
        IAllocations.Issue memory m = _issue(1);
        m.vintage = 0;
        _refuse(_call(m), abi.encodeWithSelector(Assets.AssetInvalid.selector, 0x0001_0000));
        m.vintage = type(uint16).max;
        _perform(_call(m));
        _supplies(AssetId.wrap(0x0001_FFFF), 1, 0, 0);
    }

    function test_issueIsOfSomeTonnesAndNoMoreThanCanBeCounted() external {
        _refuse(_call(_issue(0)), abi.encodeWithSelector(IAssetBook.AmountZero.selector));
        _perform(_call(_issue(type(uint64).max - 1)));
        _refuse(_call(_issue(2)), abi.encodeWithSelector(IAssetBook.SupplyExceeded.selector, QUOTA, 2, 1));
        _perform(_call(_issue(1)));
        _holds(RESERVE, QUOTA, type(uint64).max, 0);
    }

    function test_amountsAboveSixtyFourBitsAreNoCall() external {
        bytes memory call = _call(_issue(1));
        // Word 3 of the message.
        call[4 + 3 * 32 + 31 - 12] = 0x01;
        _refuse(call, "");
    }

    function test_runIsApprovedAndSaysSo() external {
        _issued();
        IAllocations.AllocationRun memory m = _run(100, _parts(_items(60, 40)));
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit IAllocations.RunApproved(
            m.opId,
            RESERVE,
            VINTAGE,
            100,
            m.itemsHash,
            INPUTS,
            m.returnDue,
            _approvers(),
            entry.leafHash,
            entry.logIndex
        );
        _perform(call);
        _runIs(m.opId, abi.encode(RESERVE, VINTAGE, 100, 0, m.returnDue, 0, 0));
        _holds(RESERVE, QUOTA, CAP, 0);
    }

    function test_runNamesItsInputsAReserveAndWhatItHas() external {
        _issued();
        IAllocations.AllocationRun memory m = _run(CAP, _parts(_items(CAP, 0)));
        m.inputRoot = 0;
        _refuse(_call(m), abi.encodeWithSelector(IAllocations.InputRootZero.selector));
        m.inputRoot = INPUTS;
        m.reserve = ACCOUNT;
        _refuse(_call(m), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, ACCOUNT, 2));
        m.reserve = RESERVE;
        m.vintage = 0;
        _refuse(_call(m), abi.encodeWithSelector(Assets.AssetInvalid.selector, 0x0001_0000));
        m.vintage = VINTAGE;
        m.tonnes = CAP + 1;
        _refuse(_call(m), abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, RESERVE, QUOTA, CAP + 1, CAP));
        m.tonnes = CAP;
        _perform(_call(m));
    }

    function test_partGivesEachItsShareAndWhatItOwes() external {
        _issued();
        IAllocations.AllocationItem[] memory items = _items(60, 40);
        (items[0].owes, items[1].owes) = (7, 0);
        IAllocations.AllocationRun memory m = _approved(100, _parts(items));
        bytes memory call = _call(m.opId, items);
        bytes32 opId = _opIdOf(call);
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(ledger));
            emit IAllocations.Allocated(
                m.opId,
                items[i].account,
                QUOTA,
                opId,
                items[i].granted,
                items[i].owes,
                0,
                items[i].owes,
                entry.leafHash,
                entry.logIndex
            );
        }
        _perform(call);
        _holds(_LOW, QUOTA, 60, 0);
        _holds(_HIGH, QUOTA, 40, 0);
        _holds(RESERVE, QUOTA, CAP - 100, 0);
        _owes(_LOW, 7, m.returnDue, RESERVE);
        _owes(_HIGH, 0, 0, 0);
        _runIs(m.opId, abi.encode(RESERVE, VINTAGE, 100, 100, m.returnDue, 1, 1));
    }

    function test_partsComeInAnyOrderEachOnce() external {
        _issued();
        (bytes32[] memory parts, IAllocations.AllocationItem[][2] memory tables) = _twoParts(60, 40);
        bytes32 run = _approved(100, parts).opId;
        _perform(_call(run, parts, 1, tables[1]));
        _runIs(run, abi.encode(RESERVE, VINTAGE, 100, 40, uint64(block.timestamp) + 28 days, 1, 2));
        _refuse(_call(run, parts, 1, tables[1]), abi.encodeWithSelector(IAllocations.PartDone.selector, run, 1));
        _perform(_call(run, parts, 0, tables[0]));
        _refuse(_call(run, parts, 0, tables[0]), abi.encodeWithSelector(IAllocations.PartDone.selector, run, 0));
        _runIs(run, abi.encode(RESERVE, VINTAGE, 100, 100, uint64(block.timestamp) + 28 days, 2, 2));
        _holds(_LOW, QUOTA, 60, 0);
        _holds(_HIGH, QUOTA, 40, 0);
    }

    function test_onlyWhatTwoPersonsSignedIsCarriedOut() external {
        _issued();
        (bytes32[] memory parts, IAllocations.AllocationItem[][2] memory tables) = _twoParts(60, 40);
        IAllocations.AllocationRun memory m = _approved(100, parts);
        bytes32 run = m.opId;
        bytes32 other = keccak256("no run");
        _refuse(_call(other, parts, 0, tables[0]), abi.encodeWithSelector(IAllocations.RunUnknown.selector, other));
        bytes32[] memory swapped = new bytes32[](2);
        (swapped[0], swapped[1]) = (parts[1], parts[0]);
        bytes32 found = keccak256(abi.encode(swapped));
        _refuse(
            _call(run, swapped, 0, tables[1]),
            abi.encodeWithSelector(IAllocations.PartsDiffer.selector, run, found, m.itemsHash)
        );
        _refuse(_call(run, parts, 2, tables[0]), abi.encodeWithSelector(IAllocations.PartUnknown.selector, run, 2, 2));
        found = keccak256(abi.encode(tables[1]));
        _refuse(
            _call(run, parts, 0, tables[1]),
            abi.encodeWithSelector(IAllocations.ItemsDiffer.selector, run, 0, found, parts[0])
        );
        tables[0][0].granted = 61;
        found = keccak256(abi.encode(tables[0]));
        _refuse(
            _call(run, parts, 0, tables[0]),
            abi.encodeWithSelector(IAllocations.ItemsDiffer.selector, run, 0, found, parts[0])
        );
    }

    function test_runHasAsManyPartsAsBitsAndItemsAsFitInABlock() external {
        _issued();
        bytes32[] memory many = new bytes32[](257);
        bytes32 run = _approved(0, many).opId;
        bytes32 itemsHash = keccak256(abi.encode(many));
        _refuse(
            _call(run, many, 0, _items(0, 0)),
            abi.encodeWithSelector(IAllocations.PartsDiffer.selector, run, itemsHash, itemsHash)
        );
        many = new bytes32[](256);
        many[255] = keccak256(abi.encode(_items(0, 0)));
        run = _approved(0, many).opId;
        _perform(_call(run, many, 255, _items(0, 0)));
        uint256[2] memory counts = [uint256(0), 65];
        for (uint256 i = 0; i < 2; ++i) {
            IAllocations.AllocationItem[] memory items = new IAllocations.AllocationItem[](counts[i]);
            run = _approved(0, _parts(items)).opId;
            _refuse(_call(run, items), abi.encodeWithSelector(IAllocations.ItemCountInvalid.selector, counts[i]));
        }
    }

    function test_sixtyFourItemsAreAPart() external {
        _issued();
        IAllocations.AllocationItem[] memory items = _many(64);
        bytes32 run = _approved(64, _parts(items)).opId;
        _perform(_call(run, items));
        _holds(RESERVE, QUOTA, CAP - 64, 0);
        _holds(items[63].account, QUOTA, 1, 0);
    }

    function test_accountComesOnceInARunByAscendingId() external {
        _issued();
        IAllocations.AllocationItem[] memory items = _items(60, 40);
        (items[0], items[1]) = (items[1], items[0]);
        bytes32 run = _approved(100, _parts(items)).opId;
        bytes memory expected = abi.encodeWithSelector(IAllocations.AccountRepeated.selector, run, _LOW);
        _refuse(_call(run, items), expected);
        items[0].account = _LOW;
        run = _approved(100, _parts(items)).opId;
        _refuse(_call(run, items), abi.encodeWithSelector(IAllocations.AccountRepeated.selector, run, _LOW));
        (bytes32[] memory parts, IAllocations.AllocationItem[][2] memory tables) = _twoParts(60, 40);
        tables[1][0].account = _LOW;
        parts[1] = keccak256(abi.encode(tables[1]));
        run = _approved(100, parts).opId;
        _perform(_call(run, parts, 0, tables[0]));
        expected = abi.encodeWithSelector(IAllocations.AccountRepeated.selector, run, _LOW);
        _refuse(_call(run, parts, 1, tables[1]), expected);
        // In another run it comes again.
        items = _items(1, 1);
        _perform(_call(_approved(2, _parts(items)).opId, items));
    }

    function test_onlyEnterprisesAreGranted() external {
        _issued();
        IAllocations.AllocationItem[] memory items = new IAllocations.AllocationItem[](1);
        items[0].account = RESERVE;
        bytes32 run = _approved(0, _parts(items)).opId;
        _refuse(_call(run, items), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, RESERVE, 1));
    }

    function test_partsSumToTheRunExactly() external {
        _issued();
        (bytes32[] memory parts, IAllocations.AllocationItem[][2] memory tables) = _twoParts(60, 40);
        bytes32 run = _approved(101, parts).opId;
        _perform(_call(run, parts, 0, tables[0]));
        _refuse(
            _call(run, parts, 1, tables[1]),
            abi.encodeWithSelector(IAllocations.RunTotalDiffers.selector, run, 100, 101)
        );
        run = _approved(59, parts).opId;
        _refuse(
            _call(run, parts, 0, tables[0]), abi.encodeWithSelector(IAllocations.RunTotalDiffers.selector, run, 60, 59)
        );
        // Two amounts whose sum is above 64 bits.
        IAllocations.AllocationItem[] memory items = _items(type(uint64).max, 2);
        run = _approved(1, _parts(items)).opId;
        _refuse(
            _call(run, items),
            abi.encodeWithSelector(IAllocations.RunTotalDiffers.selector, run, uint256(type(uint64).max) + 2, 1)
        );
    }

    function test_reserveThatWasSpentStopsAPartWhole() external {
        _perform(_call(_issue(100)));
        IAllocations.AllocationItem[] memory items = _items(60, 40);
        bytes32 first = _approved(100, _parts(items)).opId;
        IAllocations.AllocationItem[] memory small = _items(0, 1);
        bytes32 second = _approved(1, _parts(small)).opId;
        _perform(_call(second, small));
        _refuse(
            _call(first, items), abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, RESERVE, QUOTA, 40, 39)
        );
        _holds(_LOW, QUOTA, 0, 0);
        _runIs(first, abi.encode(RESERVE, VINTAGE, 100, 0, uint64(block.timestamp) + 28 days, 0, 0));
        _perform(_call(_issue(1)));
        _perform(_call(first, items));
        _holds(RESERVE, QUOTA, 0, 0);
    }

    function test_suspendedAccountsStillGetTheirShare() external {
        _issued();
        _perform(_call(_suspension(true)));
        IAllocations.AllocationItem[] memory items = _items(60, 40);
        _perform(_call(_approved(100, _parts(items)).opId, items));
        _holds(_LOW, QUOTA, 60, 0);
        _holds(_HIGH, QUOTA, 40, 0);
    }

    function test_partNamesItsEntryAndConsumesItsId() external {
        _issued();
        IAllocations.AllocationItem[] memory items = _items(60, 40);
        bytes32 run = _approved(100, _parts(items)).opId;
        bytes memory call = _call(run, items);
        bytes32 leaf = entry.leafHash;
        entry.leafHash = 0;
        _refuse(_call(run, items), abi.encodeWithSelector(IActs.LeafHashZero.selector));
        entry.leafHash = leaf;
        _perform(call);
        assertTrue(ledger.opUsed(_opIdOf(call)), "consumed");
    }

    function _items(uint64 low, uint64 high) private pure returns (IAllocations.AllocationItem[] memory items) {
        items = new IAllocations.AllocationItem[](2);
        items[0] = IAllocations.AllocationItem(_LOW, low, 0, 0);
        items[1] = IAllocations.AllocationItem(_HIGH, high, 0, 0);
    }

    function _twoParts(uint64 low, uint64 high)
        private
        pure
        returns (bytes32[] memory parts, IAllocations.AllocationItem[][2] memory tables)
    {
        parts = new bytes32[](2);
        for (uint256 i = 0; i < 2; ++i) {
            tables[i] = new IAllocations.AllocationItem[](1);
            tables[i][0] = _items(low, high)[i];
            parts[i] = keccak256(abi.encode(tables[i]));
        }
    }

    /// @dev New enterprises by ascending account id, one tonne each.
    function _many(uint256 count) private returns (IAllocations.AllocationItem[] memory items) {
        items = new IAllocations.AllocationItem[](count);
        for (uint256 i = 0; i < count; ++i) {
            string memory identifier = string(abi.encodePacked("88.608.5288/e", i));
            _enrol(identifier, 2, RESERVE, ED25519, 100 + i, 2, 30);
            bytes32 account = keccak256(bytes(identifier));
            uint256 at = i;
            for (; at != 0 && items[at - 1].account > account; --at) {
                items[at] = items[at - 1];
            }
            items[at] = IAllocations.AllocationItem(account, 1, 0, 0);
        }
    }

    function _approved(uint64 tonnes, bytes32[] memory parts) private returns (IAllocations.AllocationRun memory m) {
        m = _run(tonnes, parts);
        _perform(_call(m));
    }

    function _runIs(bytes32 run, bytes memory expected) private view {
        (, bytes memory answer) = address(ledger).staticcall(abi.encodeCall(IAllocations.runOf, (run)));
        assertEq(keccak256(answer), keccak256(expected));
    }
}
