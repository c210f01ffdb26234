// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICompliance} from "../interfaces/ICompliance.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {ComplianceFixture} from "./base/ComplianceFixture.sol";

/// @title A verifier's later number changes what is due, at once, up and down (DOMAIN 2), and the cap law stands.
contract ComplianceAmendmentTest is ComplianceFixture {
    Registering private _first;
    uint64 private _statement = VERIFIED_AT;

    function setUp() external {
        _deployCompliance();
        _assigned();
        _first = _good();
        _give(ACCOUNT, CCER, 3_000);
        _give(ACCOUNT, _quota(YEAR), 60_000);
        _give(ACCOUNT, _quota(YEAR - 1), 1_000);
        _give(ACCOUNT, _quota(YEAR + 1), 60_000);
        vm.warp(begin);
        _take(_registerCall(_first));
    }

    function test_anAmendmentUpCountsFromItsOwnBlock() external {
        _comply(_surrenderCall(CCER, 1_947));
        _comply(_surrenderCall(_quota(YEAR), 36_995));
        _amend(TONNES + 100);
        ICompliance.Position memory p = _position();
        assertEq(p.revision, 2);
        assertEq(p.due, 100);
        assertEq(p.offsetCap, 1_952);
        _refuseComply(_surrenderCall(CCER, 6), _over(ICompliance.OffsetCapExceeded.selector, 6, 5));
        _comply(_surrenderCall(CCER, 5));
        _refuseComply(_surrenderCall(_quota(YEAR), 96), _over(ICompliance.ObligationExceeded.selector, 96, 95));
        _comply(_surrenderCall(_quota(YEAR), 95));
        assertEq(_position().due, 0);
    }

    /// CCER above the new cap stays used but counts no more; units never return.
    function test_anAmendmentBelowWhatIsUsedTakesNothingBack() external {
        _comply(_surrenderCall(CCER, 1_947));
        _amend(20_000);
        ICompliance.Position memory p = _position();
        assertEq(p.offsetCap, 1_000);
        assertEq(p.offsetsUsed, 1_947);
        assertEq(p.offsetsCounted, 1_000);
        assertEq(p.due, 19_000);
        assertEq(_free(CCER), 3_000 - 1_947);
        _refuseComply(_surrenderCall(CCER, 1), _over(ICompliance.OffsetCapExceeded.selector, 1, 0));
        _comply(_surrenderCall(_quota(YEAR), 19_000));
        assertEq(_position().due, 0);
        // What counted no more counts again when the cap is up again.
        _amend(40_000);
        p = _position();
        assertEq(p.offsetsCounted, 1_947);
        assertEq(p.due, 40_000 - 19_000 - 1_947);
        _refuseComply(_surrenderCall(CCER, 54), _over(ICompliance.OffsetCapExceeded.selector, 54, 53));
    }

    /// Excess quota is credit of the next year, once, and no unit moves.
    function test_anAmendmentDownLeavesCreditForTheNextYear() external {
        _comply(_surrenderCall(CCER, 1_947));
        _comply(_surrenderCall(_quota(YEAR), 36_995));
        _refuseComply(_creditCall(YEAR), abi.encodeWithSelector(ICompliance.CreditNone.selector, ACCOUNT, YEAR));
        _amend(38_000);
        // Cap 1,900: of 1,947 used 47 count no more. 36,995 + 1,900 - 38,000 are too many.
        uint64 free = _free(_quota(YEAR + 1));
        bytes memory call = _creditCall(YEAR);
        _comply(call);
        ICompliance.Position memory p = _position();
        assertEq(p.creditOut, 895);
        assertEq(p.due, 0);
        ICompliance.Position memory next = compliance.positionOf(ACCOUNT, YEAR + 1);
        assertEq(next.creditIn, 895);
        assertEq(next.due, 0);
        assertEq(_free(_quota(YEAR + 1)), free);
        _refuseComply(_creditCall(YEAR), abi.encodeWithSelector(ICompliance.CreditNone.selector, ACCOUNT, YEAR));
        // What went out is owed again when the number is up again.
        _amend(TONNES);
        assertEq(_position().due, 895);
        // And in the next year it meets the obligation.
        _openNext();
        _determined(ACCOUNT, YEAR + 1, 1_000);
        assertEq(compliance.positionOf(ACCOUNT, YEAR + 1).due, 105);
        ICompliance.Surrender memory s = _surrender(_quota(YEAR + 1), 106);
        s.year = YEAR + 1;
        bytes4 exceeded = ICompliance.ObligationExceeded.selector;
        _refuseComply(_surrenderCall(s, HOLDER), abi.encodeWithSelector(exceeded, ACCOUNT, YEAR + 1, 106, 105));
    }

    function test_creditIsSaidAndPassesOnFromYearToYear() external {
        _comply(_surrenderCall(_quota(YEAR), 10_000));
        _amend(1_000);
        bytes32 opId = keccak256("credit");
        vm.expectEmit(address(compliance));
        emit ICompliance.Credited(ACCOUNT, YEAR, opId, 9_000, _leaf(ENTRY), ENTRY);
        compliance.credit(opId, ACCOUNT, YEAR, _entry());
        // Its operation is used up, whatever there may be to credit.
        _refuseComply(
            abi.encodeCall(ICompliance.credit, (opId, ACCOUNT, YEAR, _entry())),
            abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, opId)
        );
        bytes4 unknown = ICompliance.TermsUnknown.selector;
        _refuseComply(_creditCall(YEAR + 1), abi.encodeWithSelector(unknown, YEAR + 1));
        _openNext();
        // Nobody knows yet how much of it the next year needs.
        bytes4 none = ICompliance.EmissionsUnknown.selector;
        _refuseComply(_creditCall(YEAR + 1), abi.encodeWithSelector(none, ACCOUNT, YEAR + 1));
        _determined(ACCOUNT, YEAR + 1, 2_000);
        _comply(_creditCall(YEAR + 1));
        assertEq(compliance.positionOf(ACCOUNT, YEAR + 1).creditOut, 7_000);
        assertEq(compliance.positionOf(ACCOUNT, YEAR + 2).creditIn, 7_000);
    }

    /// The difference is due in the amendment's own time, with arrears of later vintages (DOMAIN 5), up to what was
    /// not missed.
    function test_afterTheDeadlineTheDifferenceHasItsOwnTime() external {
        _comply(_priceCall(_nextOp(), FEN));
        _comply(_surrenderCall(_quota(YEAR), TONNES - 20));
        vm.warp(last);
        _comply(_assessCall());
        assertEq(_position().missed, 20);
        vm.warp(last + 5);
        _refuseComply(_surrenderCall(_quota(YEAR), 1), _past(last, last + 5));
        _amend(TONNES + 60);
        uint64 until = last + 5 + AMENDMENT;
        ICompliance.Position memory p = _position();
        assertEq(p.deadline, until);
        assertEq(p.due, 80);
        _refuseComply(_surrenderCall(_quota(YEAR + 1), 61), _over(ICompliance.ObligationExceeded.selector, 61, 60));
        _comply(_surrenderCall(_quota(YEAR + 1), 30));
        _comply(_surrenderCall(CCER, 10));
        bytes4 vintage = ICompliance.VintageNotAccepted.selector;
        _refuseComply(_surrenderCall(_quota(YEAR - 1), 1), abi.encodeWithSelector(vintage, YEAR - 1, YEAR));
        vm.warp(until - 1);
        _comply(_surrenderCall(_quota(YEAR), 15));
        bytes4 early = ICompliance.AssessmentEarly.selector;
        _refuseComply(_assessCall(), abi.encodeWithSelector(early, ACCOUNT, YEAR, until, until - 1));
        vm.warp(until);
        _refuseComply(_surrenderCall(_quota(YEAR), 1), _past(until, until));
        _comply(_assessCall());
        p = _position();
        assertEq(p.missed, 25);
        assertEq(p.chargeFen, 25 * 5 * FEN);
    }

    /// What was missed already stays missed, however far an amendment goes down.
    function test_anAmendmentDownAfterTheAssessmentLowersTheCharge() external {
        _comply(_priceCall(_nextOp(), FEN));
        vm.warp(last);
        _comply(_assessCall());
        assertEq(_position().missed, TONNES);
        _amend(100);
        _refuseComply(_surrenderCall(_quota(YEAR), 1), _over(ICompliance.ObligationExceeded.selector, 1, 0));
        vm.warp(last + AMENDMENT);
        _comply(_assessCall());
        assertEq(_position().missed, 100);
        assertEq(_position().chargeFen, 100 * 5 * FEN);
    }

    /// An amendment shortly before the deadline has its days, too; an early one shortens nothing.
    function test_theDeadlineIsTheLaterOne() external {
        _amend(TONNES + 1);
        assertEq(_position().deadline, last);
        vm.warp(last - 1);
        _amend(TONNES + 3);
        assertEq(_position().deadline, last - 1 + AMENDMENT);
        // Later vintages serve arrears, which begin with the year's deadline (DOMAIN 5).
        bytes4 vintage = ICompliance.VintageNotAccepted.selector;
        _refuseComply(_surrenderCall(_quota(YEAR + 1), 1), abi.encodeWithSelector(vintage, YEAR + 1, YEAR));
        vm.warp(last);
        _comply(_surrenderCall(_quota(YEAR + 1), 1));
        vm.warp(last + 10);
        _refuseComply(_surrenderCall(_quota(YEAR), 2), _over(ICompliance.ObligationExceeded.selector, 2, 1));
        _comply(_surrenderCall(_quota(YEAR), 1));
        assertEq(_position().due, TONNES + 1);
    }

    /// A first number that comes late amends nothing.
    function test_aFirstNumberHasTheYearsDeadline() external {
        vm.warp(last + 1);
        _determined(ALONE, YEAR, 10);
        assertEq(compliance.positionOf(ALONE, YEAR).deadline, last);
    }

    /// The largest numbers: nothing overflows, up or down.
    function test_amendmentsToTheLargestNumberAndToNothing() external {
        _comply(_surrenderCall(CCER, 1_947));
        _comply(_surrenderCall(_quota(YEAR), 36_995));
        _amend(type(uint64).max);
        assertEq(_position().due, type(uint64).max - 36_995 - 1_947);
        _amend(0);
        ICompliance.Position memory p = _position();
        assertEq(p.due, 0);
        assertEq(p.offsetsCounted, 0);
        _comply(_creditCall(YEAR));
        assertEq(_position().creditOut, 36_995);
        _amend(type(uint64).max);
        assertEq(_position().due, type(uint64).max - 1_947);
    }

    /// Two vintages together could be more than fits: refused by its name, and nothing is done.
    function test_aSumBeyondAllUnitsIsRefused() external {
        ICompliance.YearTerms memory t = _terms();
        t.earlierVintages = true;
        _comply(_termsCall(t));
        _give(ACCOUNT, _quota(YEAR - 2), type(uint64).max);
        _amend(type(uint64).max);
        _comply(_surrenderCall(_quota(YEAR - 2), type(uint64).max));
        _amend(0);
        _comply(_creditCall(YEAR));
        _amend(type(uint64).max);
        assertEq(_position().due, type(uint64).max);
        bytes4 large = ICompliance.AmountTooLarge.selector;
        _refuseComply(_surrenderCall(_quota(YEAR - 1), 1), abi.encodeWithSelector(large, uint256(1) << 64));
    }

    function _openNext() private {
        ICompliance.YearTerms memory t = _terms();
        (t.year, t.surrenderDeadline, t.carryOverUntil, t.closesAt) =
        (YEAR + 1, last + 365 days, last + 400 days, last + 400 days);
        _comply(_termsCall(t));
    }

    /// @dev By the assigned verifier, with proofs, as the next revision.
    function _amend(uint64 tonnes) private {
        Registering memory r = _first;
        (, uint32 revision,,,,,) = emissions.emissionsOf(ACCOUNT, YEAR);
        (r.opId, r.v.revision, r.v.tonnes) = (_nextOp(), revision + 1, tonnes);
        (r.v.statementLeaf, r.statement) = (_leaf(++_statement), _proof(_statement, SIZE));
        r.signature = _verify(ASSESSOR_KEY, r.v);
        _take(_registerCall(r));
    }

    function _over(bytes4 selector, uint64 requested, uint64 remaining) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, ACCOUNT, YEAR, requested, remaining);
    }

    function _past(uint64 deadline, uint64 nowAt) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICompliance.SurrenderPast.selector, deadline, nowAt);
    }
}
