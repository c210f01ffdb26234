// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CarbonLedger} from "../CarbonLedger.sol";
import {Compliance} from "../Compliance.sol";
import {EmissionsRegistry} from "../EmissionsRegistry.sol";
import {IdentifierRegistry} from "../IdentifierRegistry.sol";
import {ICompliance} from "../interfaces/ICompliance.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {ITwoPersons} from "../interfaces/ITwoPersons.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {TypedDomain} from "../libraries/TypedDomain.sol";
import {ComplianceFixture} from "./base/ComplianceFixture.sol";

/// @title Terms and prices of a year come by two persons of two bodies (DOMAIN 23), and when they are fixed.
contract ComplianceTermsTest is ComplianceFixture {
    function setUp() external {
        _deployCompliance();
    }

    function test_theTermsAreKeptAndSaid() external {
        ICompliance.YearTerms memory t = _terms();
        (t.year, t.offsetCapBps, t.earlierVintages, t.closesAt) = (YEAR + 1, 10_000, true, closing + 5);
        vm.expectEmit(address(compliance));
        emit ICompliance.TermsSet(
            YEAR + 1, t.opId, t, [vm.addr(PARK_PERSON), vm.addr(REGULATOR_PERSON)], _leaf(ENTRY), ENTRY
        );
        _comply(_termsCall(t));
        ICompliance.Terms memory kept =
            ICompliance.Terms(last, AMENDMENT, 10_000, true, 500, 15_000, 50_000, carryUntil, closing + 5);
        _same(YEAR + 1, kept);
        kept = ICompliance.Terms(last, AMENDMENT, CAP_BPS, false, 500, 15_000, 50_000, carryUntil, closing);
        _same(YEAR, kept);
        _same(YEAR + 2, ICompliance.Terms(0, 0, 0, false, 0, 0, 0, 0, 0));
    }

    function test_termsAreRefusedThatMakeNoYear() external {
        ICompliance.YearTerms memory t = _terms();
        t.year = 0;
        _refuseComply(_termsCall(t), abi.encodeWithSelector(ICompliance.YearInvalid.selector, 0));
        t.year = type(uint16).max;
        _refuseComply(_termsCall(t), abi.encodeWithSelector(ICompliance.YearInvalid.selector, type(uint16).max));
        t.year = YEAR;
        t.offsetCapBps = 10_001;
        _refuseComply(_termsCall(t), abi.encodeWithSelector(ICompliance.OffsetCapInvalid.selector, 10_001));
        t.offsetCapBps = CAP_BPS;
        t.documentHash = 0;
        _refuseComply(_termsCall(t), abi.encodeWithSelector(ICompliance.DocumentHashZero.selector));
        t.documentHash = DOCUMENT;
        t.opId = 0;
        _refuseComply(_termsCall(t), abi.encodeWithSelector(IOperations.OpIdZero.selector));
    }

    function test_aYearsInstantsHaveTheirOrder() external {
        uint64[3][4] memory wrong = [
            [uint64(0), carryUntil, closing],
            [carryUntil, carryUntil, closing],
            [carryUntil + 1, carryUntil, closing],
            [last, closing + 1, closing]
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            ICompliance.YearTerms memory t = _terms();
            (t.surrenderDeadline, t.carryOverUntil, t.closesAt) = (wrong[i][0], wrong[i][1], wrong[i][2]);
            _refuseComply(
                _termsCall(t),
                abi.encodeWithSelector(ICompliance.TermsOrderInvalid.selector, wrong[i][0], wrong[i][1], wrong[i][2])
            );
        }
    }

    function test_termsChangeUntilTheirOwnDeadlineOnly() external {
        ICompliance.YearTerms memory t = _terms();
        (t.surrenderDeadline, t.offsetCapBps) = (last + 10, 1_000);
        bytes memory call = _termsCall(t);
        vm.warp(last);
        bytes memory refusal = abi.encodeWithSelector(ICompliance.TermsFixed.selector, YEAR, last);
        _refuseComply(call, refusal);
        vm.warp(last - 1);
        _comply(call);
        assertEq(compliance.termsOf(YEAR).surrenderDeadline, last + 10);
        assertEq(compliance.termsOf(YEAR).offsetCapBps, 1_000);
        vm.warp(last + 10);
        t.opId = _nextOp();
        _refuseComply(_termsCall(t), abi.encodeWithSelector(ICompliance.TermsFixed.selector, YEAR, last + 10));
    }

    function test_thePriceIsKeptAndSaidAndChangesUntilItCharged() external {
        (uint64 fen, bool charged) = compliance.priceOf(YEAR);
        assertEq(fen, 0);
        vm.expectEmit(address(compliance));
        emit ICompliance.PriceSet(
            YEAR, OP, FEN, DOCUMENT, [vm.addr(PARK_PERSON), vm.addr(REGULATOR_PERSON)], _leaf(ENTRY), ENTRY
        );
        _comply(_priceCall(OP, FEN));
        _refuseComply(_priceCall(_nextOp(), 0), abi.encodeWithSelector(ICompliance.PriceZero.selector, YEAR));
        _comply(_priceCall(_nextOp(), FEN + 1));
        _determined(ACCOUNT, YEAR, 20);
        vm.warp(last);
        _comply(_assessCall());
        (fen, charged) = compliance.priceOf(YEAR);
        assertEq(fen, FEN + 1);
        assertTrue(charged, "charged");
        _refuseComply(
            _priceCall(_nextOp(), FEN), abi.encodeWithSelector(ICompliance.PriceFixed.selector, YEAR, FEN + 1)
        );
        ICompliance.ReferencePrice memory p = ICompliance.ReferencePrice(_nextOp(), YEAR + 1, FEN, 0);
        _refuseComply(
            abi.encodeCall(ICompliance.setPrice, (p, _approved(keccak256(abi.encode(PRICE, p))), _entry())),
            abi.encodeWithSelector(ICompliance.DocumentHashZero.selector)
        );
    }

    /// DOMAIN 23: one approval, one person twice, two of one body, others' keys, another message or deployment.
    function test_twoPersonsOfTwoBodiesDecide() external {
        ICompliance.YearTerms memory t = _terms();
        bytes32 structHash = keccak256(abi.encode(TERMS, t));
        bytes memory oneBody = abi.encodeWithSelector(ITwoPersons.ApproversOfOneBody.selector, PARK);
        _refuseTerms(t, PARK_PERSON, OTHER_PARK_PERSON, oneBody);
        _refuseTerms(t, PARK_PERSON, PARK_PERSON, oneBody);
        uint256[4] memory none = [ENTERPRISE_PERSON, HOLDER, ALONE_KEY, uint256(0xBEEF)];
        for (uint256 i = 0; i < none.length; ++i) {
            bytes memory invalid = abi.encodeWithSelector(ITwoPersons.ApproverInvalid.selector, vm.addr(none[i]));
            _refuseTerms(t, none[i], REGULATOR_PERSON, invalid);
            _refuseTerms(t, PARK_PERSON, none[i], invalid);
        }
        Cosignature[2] memory approvals = _approvedFor(structHash, address(ledger));
        assertRefused(
            address(compliance),
            abi.encodeCall(ICompliance.setTerms, (t, approvals, _entry())),
            ITwoPersons.ApproverInvalid.selector
        );
        approvals = _approved(structHash);
        t.offsetCapBps = 10_000;
        assertRefused(
            address(compliance),
            abi.encodeCall(ICompliance.setTerms, (t, approvals, _entry())),
            ITwoPersons.ApproverInvalid.selector
        );
        ICompliance.ReferencePrice memory p = ICompliance.ReferencePrice(OP, YEAR, FEN, DOCUMENT);
        structHash = keccak256(abi.encode(PRICE, p));
        approvals = [
            _sign(PARK_PERSON, structHash, address(compliance), DEPLOYMENT_ID),
            _sign(OTHER_PARK_PERSON, structHash, address(compliance), DEPLOYMENT_ID)
        ];
        _refuseComply(abi.encodeCall(ICompliance.setPrice, (p, approvals, _entry())), oneBody);
    }

    function test_anActNamesItsEntryAndIsDoneOnce() external {
        ICompliance.YearTerms memory t = _terms();
        Cosignature[2] memory approvals = _approved(keccak256(abi.encode(TERMS, t)));
        bytes memory unnamed =
            abi.encodePacked(ICompliance.setTerms.selector, abi.encode(t, approvals, bytes32(0), ENTRY));
        _refuseComply(unnamed, abi.encodeWithSelector(ICompliance.LeafHashZero.selector));
        bytes memory call = _termsCall(t);
        _comply(call);
        _refuseComply(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, t.opId));
        call = _priceCall(OP, FEN);
        _comply(call);
        _refuseComply(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, OP));
    }

    function test_whatItStandsOnMustBeThere() external {
        address nobody = address(0xBEEF);
        address authority = address(manager);
        vm.expectRevert(abi.encodeWithSelector(ICompliance.AuthorityWithoutCode.selector, nobody));
        new Compliance(nobody, DEPLOYMENT_ID, registry, emissions, ledger);
        vm.expectRevert(abi.encodeWithSelector(TypedDomain.DeploymentIdZero.selector));
        new Compliance(authority, 0, registry, emissions, ledger);
        vm.expectRevert(abi.encodeWithSelector(ISpeakers.IdentifiersWithoutCode.selector, nobody));
        new Compliance(authority, DEPLOYMENT_ID, IdentifierRegistry(nobody), emissions, ledger);
        vm.expectRevert(abi.encodeWithSelector(ICompliance.EmissionsWithoutCode.selector, nobody));
        new Compliance(authority, DEPLOYMENT_ID, registry, EmissionsRegistry(nobody), ledger);
        vm.expectRevert(abi.encodeWithSelector(ICompliance.LedgerWithoutCode.selector, nobody));
        new Compliance(authority, DEPLOYMENT_ID, registry, emissions, CarbonLedger(nobody));
        assertEq(compliance.identifierRegistry(), address(registry));
        assertEq(compliance.emissionsRegistry(), address(emissions));
        assertEq(compliance.carbonLedger(), address(ledger));
        assertEq(compliance.deploymentId(), DEPLOYMENT_ID);
        assertEq(compliance.domainSeparator(), _separator(address(compliance), DEPLOYMENT_ID));
    }

    function _refuseTerms(ICompliance.YearTerms memory t, uint256 first, uint256 second, bytes memory expected)
        private
    {
        bytes32 structHash = keccak256(abi.encode(TERMS, t));
        Cosignature[2] memory approvals = [
            _sign(first, structHash, address(compliance), DEPLOYMENT_ID),
            _sign(second, structHash, address(compliance), DEPLOYMENT_ID)
        ];
        _refuseComply(abi.encodeCall(ICompliance.setTerms, (t, approvals, _entry())), expected);
    }

    function _same(uint16 year, ICompliance.Terms memory expected) private view {
        assertEq(keccak256(abi.encode(compliance.termsOf(year))), keccak256(abi.encode(expected)));
    }
}
