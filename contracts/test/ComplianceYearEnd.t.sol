// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {ICompliance} from "../interfaces/ICompliance.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {ComplianceFixture} from "./base/ComplianceFixture.sol";

/// @title After the deadline: what is missing is charged (DOMAIN 7), what is left is carried over (6), the year closes (11).
contract ComplianceYearEndTest is ComplianceFixture {
    function setUp() external {
        _deployCompliance();
        _determined(ACCOUNT, YEAR, 4_620);
        _give(ACCOUNT, _quota(YEAR), 6_000);
    }

    /// 20 missing tonnes at CNY 62.30, five times: CNY 6,230.00.
    function test_theWorkedShortfallIsCharged() external {
        _comply(_priceCall(OP, FEN));
        _comply(_surrenderCall(_quota(YEAR), 4_600));
        vm.warp(last - 1);
        bytes4 early = ICompliance.AssessmentEarly.selector;
        _refuseComply(_assessCall(), abi.encodeWithSelector(early, ACCOUNT, YEAR, last, last - 1));
        vm.warp(last);
        bytes32 opId = keccak256("assess");
        vm.expectEmit(address(compliance));
        emit ICompliance.Assessed(ACCOUNT, YEAR, opId, 4_620, 1, 20, FEN, 623_000, _leaf(ENTRY), ENTRY);
        compliance.assess(opId, ACCOUNT, YEAR, _entry());
        ICompliance.Position memory p = _position();
        assertEq(p.missed, 20);
        assertEq(p.chargeFen, 623_000);
        assertTrue(p.assessed, "assessed");
        bytes4 repeated = ICompliance.AssessmentRepeated.selector;
        _refuseComply(_assessCall(), abi.encodeWithSelector(repeated, ACCOUNT, YEAR, 1));
    }

    function test_withoutAShortfallNoPriceIsNeeded() external {
        _comply(_surrenderCall(_quota(YEAR), 4_620));
        vm.warp(last);
        _comply(_assessCall());
        assertTrue(_position().assessed, "assessed");
        (, bool charged) = compliance.priceOf(YEAR);
        assertTrue(!charged, "nothing was charged");
    }

    function test_anAssessmentNeedsWhatItIsMadeOf() external {
        vm.warp(last);
        _refuseComply(_assessCall(), abi.encodeWithSelector(ICompliance.PriceUnknown.selector, YEAR));
        _refuseComply(
            abi.encodeCall(ICompliance.assess, (OP, ALONE, YEAR, _entry())),
            abi.encodeWithSelector(ICompliance.EmissionsUnknown.selector, ALONE, YEAR)
        );
        _refuseComply(
            abi.encodeCall(ICompliance.assess, (OP, ACCOUNT, YEAR - 1, _entry())),
            abi.encodeWithSelector(ICompliance.TermsUnknown.selector, YEAR - 1)
        );
        _refuseComply(
            abi.encodePacked(ICompliance.assess.selector, abi.encode(OP, ACCOUNT, YEAR, bytes32(0), ENTRY)),
            abi.encodeWithSelector(ICompliance.LeafHashZero.selector)
        );
        _comply(_priceCall(OP, type(uint64).max));
        _refuseComply(
            _assessCall(),
            abi.encodeWithSelector(ICompliance.ChargeTooLarge.selector, uint256(type(uint64).max) * 4_620 * 5)
        );
    }

    /// One fen more would be too large.
    function test_theLargestChargeIsACharge() external {
        ICompliance.YearTerms memory t = _terms();
        t.chargeMultipleBps = 10_000;
        _comply(_termsCall(t));
        _comply(_priceCall(OP, type(uint64).max));
        _determined(ALONE, YEAR, 1);
        vm.warp(last);
        _comply(abi.encodeCall(ICompliance.assess, (_nextOp(), ALONE, YEAR, _entry())));
        assertEq(compliance.positionOf(ALONE, YEAR).chargeFen, type(uint64).max);
    }

    /// Where a year has no terms, no deadline is known, amended or not.
    function test_withoutTermsThereIsNoDeadline() external {
        _determined(ALONE, YEAR + 1, 1);
        _determined(ALONE, YEAR + 1, 2);
        assertEq(compliance.positionOf(ALONE, YEAR + 1).deadline, 0);
        assertEq(compliance.positionOf(ALONE, YEAR + 1).due, 2);
    }

    /// 5 % of 4,620 is 231; what was sold net adds one and a half times (DOMAIN 6).
    function test_whatIsLeftIsCarriedOverUpToTheRule() external {
        _comply(_surrenderCall(_quota(YEAR), 4_620));
        bytes memory early = _carryCall(1, 0);
        _refuseComply(early, abi.encodeWithSelector(ICompliance.CarryOverEarly.selector, last, block.timestamp));
        vm.warp(last);
        _refuseComply(_carryCall(232, 0), _overCarry(232, 231));
        _comply(_carryCall(200, 0));
        _refuseComply(_carryCall(32, 0), _overCarry(32, 31));
        // floor((4,620 * 500 + 3 * 15,000) / 10,000) = 235.
        _refuseComply(_carryCall(36, 3), _overCarry(36, 35));
        _comply(_carryCall(35, 3));
        _refuseComply(_carryCall(1, 0), _overCarry(1, 0));
        assertEq(_position().carried, 235);
        assertEq(_free(_quota(YEAR)), 6_000 - 4_620 - 235);
        assertEq(_free(_quota(YEAR + 1)), 235);
        _refuseComply(
            _carryCall(2_000, 10_000),
            abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, ACCOUNT, _quota(YEAR), 2_000, 1_145)
        );
        vm.warp(carryUntil);
        _refuseComply(
            _carryCall(1, 100), abi.encodeWithSelector(ICompliance.CarryOverPast.selector, carryUntil, carryUntil)
        );
        vm.warp(carryUntil - 1);
        _comply(_carryCall(1, 100));
    }

    function test_whatIsDueComesBeforeWhatIsCarriedOver() external {
        _comply(_surrenderCall(_quota(YEAR), 4_619));
        vm.warp(last);
        bytes4 open = ICompliance.ObligationOpen.selector;
        _refuseComply(_carryCall(1, 0), abi.encodeWithSelector(open, ACCOUNT, YEAR, 1));
    }

    function test_aCarryOverIsTheHoldersOwnAndOnce() external {
        _comply(_surrenderCall(_quota(YEAR), 4_620));
        vm.warp(last);
        ICompliance.CarryOver memory c = ICompliance.CarryOver(OP, ACCOUNT, YEAR, 10, last + 9);
        bytes32 structHash = keccak256(abi.encode(CARRY_OVER, c));
        Cosignature memory foreign = _sign(NEIGHBOUR_KEY, structHash, address(compliance), DEPLOYMENT_ID);
        _refuseComply(
            abi.encodeCall(ICompliance.carryOver, (c, foreign, 0, _entry())),
            abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, ACCOUNT, vm.addr(NEIGHBOUR_KEY))
        );
        Cosignature memory signature = _sign(HOLDER, structHash, address(compliance), DEPLOYMENT_ID);
        bytes memory call = abi.encodeCall(ICompliance.carryOver, (c, signature, 0, _entry()));
        _refuseComply(
            abi.encodePacked(ICompliance.carryOver.selector, abi.encode(c, signature, 0, bytes32(0), ENTRY)),
            abi.encodeWithSelector(ICompliance.LeafHashZero.selector)
        );
        vm.warp(last + 9);
        _refuseComply(call, abi.encodeWithSelector(ISpeakers.IntentExpired.selector, last + 9));
        vm.warp(last + 8);
        vm.expectEmit(address(compliance));
        emit ICompliance.CarryOverRecorded(ACCOUNT, YEAR, OP, 10, 0, _leaf(ENTRY), ENTRY);
        _comply(call);
        _refuseComply(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, OP));
        _refuseComply(_carryCall(0, 0), abi.encodeWithSelector(ICompliance.AmountZero.selector));
    }

    function test_aCarryOverNeedsTermsAndANumber() external {
        vm.warp(last);
        ICompliance.CarryOver memory c = ICompliance.CarryOver(OP, ACCOUNT, YEAR + 1, 10, last + 9);
        Cosignature memory signature =
            _sign(HOLDER, keccak256(abi.encode(CARRY_OVER, c)), address(compliance), DEPLOYMENT_ID);
        _refuseComply(
            abi.encodeCall(ICompliance.carryOver, (c, signature, 0, _entry())),
            abi.encodeWithSelector(ICompliance.TermsUnknown.selector, YEAR + 1)
        );
        (c.account, c.vintage) = (NEIGHBOUR_ACCOUNT, YEAR);
        signature = _sign(NEIGHBOUR_KEY, keccak256(abi.encode(CARRY_OVER, c)), address(compliance), DEPLOYMENT_ID);
        _refuseComply(
            abi.encodeCall(ICompliance.carryOver, (c, signature, 0, _entry())),
            abi.encodeWithSelector(ICompliance.EmissionsUnknown.selector, NEIGHBOUR_ACCOUNT, YEAR)
        );
    }

    /// The rest of the vintage ends with its year; nothing of other vintages does.
    function test_theYearCloses() external {
        _give(NEIGHBOUR_ACCOUNT, _quota(YEAR), 5);
        _give(ACCOUNT, _quota(YEAR + 1), 7);
        bytes32[] memory accounts = new bytes32[](2);
        (accounts[0], accounts[1]) = (ACCOUNT, NEIGHBOUR_ACCOUNT);
        vm.warp(closing - 1);
        bytes4 early = ICompliance.CloseEarly.selector;
        _refuseComply(_closeCall(accounts), abi.encodeWithSelector(early, closing, closing - 1));
        vm.warp(closing);
        vm.expectEmit(address(compliance));
        emit ICompliance.YearClosed(YEAR, OP, accounts, 6_005, _leaf(ENTRY), ENTRY);
        compliance.close(OP, YEAR, accounts, _entry());
        assertEq(_free(_quota(YEAR)), 0);
        assertEq(_free(_quota(YEAR + 1)), 7);
        _refuseComply(
            abi.encodeCall(ICompliance.close, (OP, YEAR, accounts, _entry())),
            abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, OP)
        );
        // What a release brings back is closed by another call.
        _comply(_closeCall(accounts));
    }

    function test_aCallClosesOneToSixtyFourAccounts() external {
        vm.warp(closing);
        _refuseComply(_closeCall(new bytes32[](0)), abi.encodeWithSelector(ICompliance.AccountCountInvalid.selector, 0));
        _refuseComply(
            _closeCall(new bytes32[](65)), abi.encodeWithSelector(ICompliance.AccountCountInvalid.selector, 65)
        );
        bytes32[] memory most = new bytes32[](64);
        for (uint256 i = 0; i < 64; ++i) {
            most[i] = keccak256(abi.encode("enterprise", i));
        }
        _comply(_closeCall(most));
        _refuseComply(
            abi.encodeCall(ICompliance.close, (OP, YEAR + 1, new bytes32[](1), _entry())),
            abi.encodeWithSelector(ICompliance.TermsUnknown.selector, YEAR + 1)
        );
    }

    function _overCarry(uint64 requested, uint64 remaining) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICompliance.CarryOverExceeded.selector, ACCOUNT, YEAR, requested, remaining);
    }
}
