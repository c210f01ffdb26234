// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICompliance} from "../interfaces/ICompliance.sol";
import {AssetId} from "../libraries/AssetId.sol";
import {ComplianceFixture} from "./base/ComplianceFixture.sol";

/// @title After the year's deadline an amendment gives time for its difference, and for nothing else (DOMAIN 2, 5).
contract ComplianceExtensionTest is ComplianceFixture {
    uint64 private constant _MET = 900;

    /// @dev Of 1,000 tonnes 100 are missing when the deadline comes.
    function setUp() external {
        _deployCompliance();
        _determined(ACCOUNT, YEAR, 1_000);
        _give(ACCOUNT, _quota(YEAR), 5_000);
        _give(ACCOUNT, _quota(YEAR + 1), 5_000);
        _give(ACCOUNT, CCER, 500);
        _comply(_priceCall(_nextOp(), FEN));
        _comply(_surrenderCall(_quota(YEAR), _MET));
    }

    /// Whoever can get any other number, or the same again, would have had the next vintage for what it missed.
    function test_theSameNumberAgainGivesNoTime() external {
        vm.warp(last + 5);
        _determined(ACCOUNT, YEAR, 1_000);
        _refuse(_quota(YEAR + 1), 1, 0);
        _refuse(_quota(YEAR), 1, 0);
        _refuse(CCER, 1, 0);
        assertEq(_position().due, 100);
    }

    function test_aLowerNumberGivesNoTime() external {
        vm.warp(last - 1);
        _determined(ACCOUNT, YEAR, 999);
        vm.warp(last);
        _refuse(_quota(YEAR + 1), 1, 0);
        _refuse(_quota(YEAR), 1, 0);
        assertEq(_position().due, 99);
    }

    /// However it is split, and with what it is met.
    function test_theDifferenceHasTimeAndWhatWasMissedHasNone() external {
        vm.warp(last + 5);
        _determined(ACCOUNT, YEAR, 1_060);
        _refuse(_quota(YEAR), 61, 60);
        _comply(_surrenderCall(_quota(YEAR + 1), 30));
        _refuse(_quota(YEAR), 31, 30);
        _comply(_surrenderCall(CCER, 10));
        vm.warp(last + 5 + AMENDMENT - 1);
        _comply(_surrenderCall(_quota(YEAR), 20));
        _refuse(_quota(YEAR), 1, 0);
        _refuse(CCER, 1, 0);
        vm.warp(last + 5 + AMENDMENT);
        _comply(_assessCall());
        assertEq(_position().missed, 100);
    }

    /// In time everything is met by what is at hand; the deadline divides what was known before from what came late.
    function test_anAmendmentBeforeTheDeadlineExtendsItsDifferenceOnly() external {
        vm.warp(last - 1 days);
        _determined(ACCOUNT, YEAR, 1_060);
        _comply(_surrenderCall(_quota(YEAR), 20));
        vm.warp(last);
        _refuse(_quota(YEAR), 61, 60);
        _comply(_surrenderCall(_quota(YEAR + 1), 60));
        _refuse(_quota(YEAR), 1, 0);
        assertEq(_position().due, 80);
    }

    /// Nothing of it is left where the last tonnes of what was due before were given with it.
    function test_whatWasMetInTimeLeavesTheDifference() external {
        _comply(_surrenderCall(_quota(YEAR), 100));
        vm.warp(last - 1 days);
        _determined(ACCOUNT, YEAR, 1_060);
        _comply(_surrenderCall(_quota(YEAR), 25));
        vm.warp(last + 1);
        _refuse(_quota(YEAR), 36, 35);
        _comply(_surrenderCall(_quota(YEAR), 35));
        assertEq(_position().due, 0);
    }

    function test_eachAmendmentHasATimeOfItsOwn() external {
        vm.warp(last + 5);
        _determined(ACCOUNT, YEAR, 1_060);
        _comply(_surrenderCall(_quota(YEAR), 40));
        vm.warp(last + 5 + AMENDMENT - 1);
        _determined(ACCOUNT, YEAR, 1_070);
        _refuse(_quota(YEAR), 31, 30);
        vm.warp(last + 5 + AMENDMENT);
        // 20 of the first difference are over now.
        _refuse(_quota(YEAR), 11, 10);
        _comply(_surrenderCall(_quota(YEAR), 10));
        _refuse(_quota(YEAR), 1, 0);
        assertEq(_position().due, 120);
    }

    /// What a lower number took from what was overdue is not overdue when it comes back.
    function test_downAndUpAgainIsADifference() external {
        vm.warp(last + 5);
        _determined(ACCOUNT, YEAR, 1_060);
        _comply(_surrenderCall(_quota(YEAR), 60));
        _determined(ACCOUNT, YEAR, 950);
        assertEq(_position().due, 0);
        _comply(_creditCall(YEAR));
        assertEq(_position().creditOut, 10);
        vm.warp(last + 6);
        _determined(ACCOUNT, YEAR, 970);
        _refuse(_quota(YEAR), 21, 20);
        _comply(_surrenderCall(_quota(YEAR), 20));
        assertEq(_position().due, 0);
    }

    /// An assessment says anew what was missed, and nothing older stays.
    function test_anAssessmentTakesThePlaceOfWhatWasOverdue() external {
        vm.warp(last + 5);
        _determined(ACCOUNT, YEAR, 1_010);
        _comply(_surrenderCall(_quota(YEAR), 10));
        vm.warp(last + 6);
        _determined(ACCOUNT, YEAR, 910);
        vm.warp(last + 6 + AMENDMENT);
        _comply(_assessCall());
        assertEq(_position().missed, 0);
        _determined(ACCOUNT, YEAR, 1_000);
        _refuse(_quota(YEAR), 91, 90);
        _comply(_surrenderCall(_quota(YEAR), 90));
    }

    /// The terms may give amendments no time at all, or more than there was before.
    function test_theWholeLifeOfACaseIsNoEarlierThanItsFirstNumber() external {
        ICompliance.YearTerms memory t = _terms();
        t.amendmentSeconds = type(uint32).max;
        _comply(_termsCall(t));
        vm.warp(last);
        _determined(ACCOUNT, YEAR, 1_060);
        _refuse(_quota(YEAR), 61, 60);
        _comply(_surrenderCall(_quota(YEAR), 60));
    }

    /// However the number goes up and down and however it is tried, no more is taken late than came late, and of a single
    /// difference each tonne is.
    function testFuzz_noMoreIsTakenLateThanCameLate(uint256 seed) external {
        uint64 number = 1_000;
        uint256 came = 0;
        uint256 taken = 0;
        uint64 nowAt = last - 3 days;
        for (uint256 i = 0; i < 8; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            nowAt += uint64((seed >> 8) % 12 days);
            vm.warp(nowAt);
            if (seed % 2 == 0) {
                uint64 next = 850 + uint64((seed >> 64) % 400);
                if (next > number) came += next - number;
                number = next;
                _determined(ACCOUNT, YEAR, number);
            } else {
                uint64 tonnes = 1 + uint64((seed >> 64) % 120);
                (bool succeeded,) = address(compliance).call(_surrenderCall(_quota(YEAR + 1), tonnes));
                if (succeeded) taken += tonnes;
            }
            assertTrue(taken <= came, "more was taken late than came late");
        }
    }

    function _refuse(AssetId asset, uint64 tonnes, uint64 remaining) private {
        bytes4 exceeded = ICompliance.ObligationExceeded.selector;
        _refuseComply(_surrenderCall(asset, tonnes), abi.encodeWithSelector(exceeded, ACCOUNT, YEAR, tonnes, remaining));
    }
}
