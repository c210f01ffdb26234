// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {ITwoPersons} from "../interfaces/ITwoPersons.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";

/// @title No number without a verifier but by two persons of two bodies, over exactly that number (DOMAIN 10).
contract EmissionsDeterminationFuzzTest is EmissionsFixture {
    uint64 private constant _AT = 26;

    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(SIZE);
        vm.warp(begin);
    }

    /// Of all pairs of those who have keys, whether these speak still or not, exactly the persons of two bodies.
    function testFuzz_exactlyPersonsOfTwoBodiesDetermine(uint8 first, uint8 second, uint8 ended, uint8 verified)
        external
    {
        uint256[9] memory keys = [
            PARK_PERSON,
            OTHER_PARK_PERSON,
            REGULATOR_PERSON,
            VERIFIER_PERSON,
            ENTERPRISE_PERSON,
            ASSESSOR_OTHER_KEY,
            HOLDER,
            ALONE_KEY,
            uint256(0xBEEF)
        ];
        bytes32[9] memory bodies;
        (bodies[0], bodies[1], bodies[2], bodies[3]) = (PARK, PARK, keccak256("regulator"), keccak256("verifier"));
        (first, second) = (first % 9, second % 9);
        if (ended < 8) registry.revoke(_nextOp(), _thumbprint(keys[ended]), 26);
        if (ended < 8) bodies[ended] = 0;
        IEmissionsRegistry.Determination memory d = _decision();
        if (verified % 8 == 0) {
            _assigned();
            _take(_registerCall(_good()));
            d.revision = 2;
        }
        bytes memory before = _numberOf(ACCOUNT, YEAR);
        bytes memory call = _determineCall(OP, d, _decide(d, keys[first], keys[second]), _AT);
        if (verified % 8 == 0) {
            _refuseWith(call, abi.encodeWithSelector(IEmissionsRegistry.EmissionsVerified.selector, ACCOUNT, YEAR, 1));
        } else if (bodies[first] == 0 || bodies[second] == 0) {
            address invalid = vm.addr(keys[bodies[first] == 0 ? first : second]);
            _refuseWith(call, abi.encodeWithSelector(ITwoPersons.ApproverInvalid.selector, invalid));
        } else if (bodies[first] == bodies[second]) {
            _refuseWith(call, abi.encodeWithSelector(ITwoPersons.ApproversOfOneBody.selector, bodies[first]));
        } else {
            _take(call);
            before = abi.encode(TONNES, 1, true, bytes32(0), bytes32(0), _leaf(_AT), block.timestamp);
        }
        assertEq(keccak256(_numberOf(ACCOUNT, YEAR)), keccak256(before));
    }

    /// One change of what was approved, or of an approval, is too many.
    function testFuzz_oneChangeOfADeterminationIsRefused(uint8 what, uint256 how) external {
        IEmissionsRegistry.Determination memory d = _decision();
        Cosignature[2] memory approvals = _decide(d, PARK_PERSON, REGULATOR_PERSON);
        bytes memory good = _determineCall(OP, d, approvals, _AT);
        what = what % 9;
        if (what == 0) d.enterprise ^= bytes32(_bit(how, 256));
        if (what == 1) d.year ^= uint16(_bit(how, 16));
        if (what == 2) d.tonnes ^= uint64(_bit(how, 64));
        if (what == 3) d.documentHash ^= bytes32(_bit(how, 256));
        if (what == 4) d.revision ^= uint32(_bit(how, 32));
        Cosignature memory changed = approvals[how % 2];
        if (what == 5) changed.r ^= bytes32(_bit(how >> 1, 256));
        if (what == 6) changed.vs ^= bytes32(_bit(how >> 1, 256));
        uint256 stranger = bound(how, 0x10000, type(uint128).max);
        if (what == 7) approvals[how % 2] = _decide(d, stranger, stranger)[0];
        // The same word twice.
        if (what == 8) approvals[how % 2] = approvals[1 - how % 2];
        bytes memory call = _determineCall(OP, d, approvals, _AT);
        (bool taken, bytes memory returned) = address(emissions).call(call);
        if (taken) revert NotRefused(call);
        bytes4 expected = ITwoPersons.ApproverInvalid.selector;
        if (what == 0) expected = IEmissionsRegistry.EnterpriseInvalid.selector;
        if (what == 4) expected = IEmissionsRegistry.RevisionUnexpected.selector;
        if (what == 8) expected = ITwoPersons.ApproversOfOneBody.selector;
        bool unsigned = what == 5 || what == 6;
        bytes4 found = bytes4(returned);
        bool names =
            found == CompactSignature.SignatureInvalid.selector || found == CompactSignature.SignatureNotLow.selector;
        if (found != expected && !(unsigned && names)) revert RefusedOtherwise(returned, expected);
        _noNumber(d.enterprise, d.year);
        assertTrue(!emissions.opUsed(OP), "applied or nothing");
        _take(good);
    }

    function _bit(uint256 how, uint256 bits) private pure returns (uint256) {
        return 1 << (how % bits);
    }
}
