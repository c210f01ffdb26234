// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {ITwoPersons} from "../interfaces/ITwoPersons.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";

/// @title A number without a verifier: two persons of two bodies, a document, and only where none was verified (DOMAIN 10,
/// 23).
contract EmissionsDeterminationTest is EmissionsFixture {
    uint64 private constant _AT = 26;

    IEmissionsRegistry.Determination private _d;

    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(SIZE);
        _d = _decision();
        vm.warp(begin + 30 days);
    }

    function test_aDeterminationIsKeptMarkedAndSaid() external {
        vm.expectEmit(address(emissions));
        emit IEmissionsRegistry.EmissionsDetermined(
            ACCOUNT, YEAR, OP, TONNES, 1, DOCUMENT, _leaf(_AT), vm.addr(PARK_PERSON), vm.addr(REGULATOR_PERSON), _AT
        );
        _take(_by(PARK_PERSON, REGULATOR_PERSON));
        _determined(TONNES, 1, _leaf(_AT));
        _noNumber(ACCOUNT, YEAR + 1);
        assertTrue(emissions.opUsed(OP), "consumed");
    }

    function test_anyTwoBodiesInAnyOrder() external {
        uint256[2][4] memory pairs = [
            [PARK_PERSON, REGULATOR_PERSON],
            [REGULATOR_PERSON, VERIFIER_PERSON],
            [VERIFIER_PERSON, OTHER_PARK_PERSON],
            [REGULATOR_PERSON, PARK_PERSON]
        ];
        for (uint32 i = 0; i < pairs.length; ++i) {
            (_d.revision, _d.tonnes) = (i + 1, TONNES + i);
            Cosignature[2] memory approvals = _decide(_d, pairs[i][0], pairs[i][1]);
            _take(_determineCall(keccak256(abi.encode(i)), _d, approvals, _AT + i));
            _determined(TONNES + i, i + 1, _leaf(_AT + i));
        }
    }

    function test_onePersonIsNotTwoNorAreTwoOfOneBody() external {
        bytes memory expected = abi.encodeWithSelector(ITwoPersons.ApproversOfOneBody.selector, PARK);
        _refusedBy(PARK_PERSON, PARK_PERSON, expected);
        _refusedBy(PARK_PERSON, OTHER_PARK_PERSON, expected);
        _addKey(keccak256("person/a1"), 0xA3, ADMINISTRATION, PARK_PERSON);
        _refusedBy(PARK_PERSON, 0xA3, expected);
    }

    /// A person of an enterprise, a verifier, an enterprise, a person without that purpose, nobody.
    function test_onlyAdministratingPersonsOfABodyApprove() external {
        _enrol("person/f1", 6, keccak256("regulator"), ES256K, 0xF1, 7, 18);
        uint256[7] memory others =
            [ENTERPRISE_PERSON, ASSESSOR_OTHER_KEY, SECOND_KEY, HOLDER, ALONE_KEY, uint256(0xF1), 0xBEEF];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = _invalid(others[i]);
            _refusedBy(PARK_PERSON, others[i], expected);
            _refusedBy(others[i], PARK_PERSON, expected);
        }
    }

    function test_anEndedKeyApprovesNoMore() external {
        registry.revoke(_nextOp(), _thumbprint(REGULATOR_PERSON), 15);
        _refusedBy(PARK_PERSON, REGULATOR_PERSON, _invalid(REGULATOR_PERSON));
        registry.declareCompromised(_nextOp(), _thumbprint(VERIFIER_PERSON), 12, 15);
        _refusedBy(VERIFIER_PERSON, PARK_PERSON, _invalid(VERIFIER_PERSON));
    }

    function test_anApprovalIsForAllOfIt() external {
        bytes32 meant = _typed(_decisionHash(_d), address(emissions), DEPLOYMENT_ID);
        bytes32 structHash = _decisionHash(_d);
        Cosignature[2] memory good = _decide(_d, PARK_PERSON, REGULATOR_PERSON);
        Cosignature[4] memory others = [
            _sign(PARK_PERSON, structHash, address(registry), DEPLOYMENT_ID),
            _sign(PARK_PERSON, structHash, address(emissions), keccak256("another deployment")),
            _sign(PARK_PERSON, keccak256(abi.encode(VERIFIED, structHash)), address(emissions), DEPLOYMENT_ID),
            Cosignature(good[0].r, good[0].vs ^ bytes32(uint256(1) << 255))
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected =
                abi.encodeWithSelector(ITwoPersons.ApproverInvalid.selector, _signer(meant, others[i]));
            _refuseWith(_determineCall(OP, _d, [others[i], good[1]], _AT), expected);
            _refuseWith(_determineCall(OP, _d, [good[1], others[i]], _AT), expected);
        }
        bytes memory none = abi.encodeWithSelector(CompactSignature.SignatureInvalid.selector, 0, 0);
        _refuseWith(_determineCall(OP, _d, [good[0], _nothing()], _AT), none);
        _refuse(_determineCall(OP, _d, [_highS(), good[1]], _AT), CompactSignature.SignatureNotLow.selector);
        _take(_determineCall(OP, _d, good, _AT));
    }

    function test_aDeterminationCitesADocumentAndItsEntry() external {
        bytes memory call =
            abi.encodeCall(IEmissionsRegistry.determine, (OP, _d, _decide(_d, PARK_PERSON, REGULATOR_PERSON), 0, _AT));
        _refuse(call, IEmissionsRegistry.LeafHashZero.selector);
        _d.documentHash = 0;
        _refusedBy(PARK_PERSON, REGULATOR_PERSON, abi.encodeWithSelector(IEmissionsRegistry.DocumentHashZero.selector));
    }

    function test_onlyWhoEmitsIsDetermined() external {
        bytes32[3] memory others = [ASSESSOR, keccak256("person/a1"), keccak256("nobody")];
        uint8[3] memory kinds = [4, 6, 0];
        for (uint256 i = 0; i < others.length; ++i) {
            _d.enterprise = others[i];
            bytes memory expected =
                abi.encodeWithSelector(IEmissionsRegistry.EnterpriseInvalid.selector, others[i], kinds[i]);
            _refusedBy(PARK_PERSON, REGULATOR_PERSON, expected);
        }
    }

    function test_revisionsAreNumberedWithoutGaps() external {
        for (uint32 wrong = 0; wrong < 4; ++wrong) {
            if (wrong == 1) continue;
            _d.revision = wrong;
            bytes memory expected = abi.encodeWithSelector(IEmissionsRegistry.RevisionUnexpected.selector, wrong, 1);
            _refusedBy(PARK_PERSON, REGULATOR_PERSON, expected);
        }
    }

    function test_oneEntryDeterminesOnceAndOneOperationAppliesOnce() external {
        _take(_by(PARK_PERSON, REGULATOR_PERSON));
        bytes memory applied = abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, OP);
        _refuseWith(_by(PARK_PERSON, REGULATOR_PERSON), applied);
        _d.revision = 2;
        Cosignature[2] memory approvals = _decide(_d, PARK_PERSON, REGULATOR_PERSON);
        _refuseWith(
            _determineCall(keccak256("2"), _d, approvals, _AT),
            abi.encodeWithSelector(IEmissionsRegistry.StatementUsed.selector, _leaf(_AT))
        );
        _refuse(_determineCall(0, _d, approvals, _AT + 1), IOperations.OpIdZero.selector);
    }

    /// DOMAIN 10: amendable by a later verification, after which no two persons go back.
    function test_aVerifiedNumberReplacesADeterminationAndIsNotReplacedByOne() external {
        _take(_by(PARK_PERSON, REGULATOR_PERSON));
        emissions.assign(_nextOp(), ACCOUNT, YEAR, ASSESSOR, begin, finish, _leaf(ASSIGNED_AT), ASSIGNED_AT);
        Registering memory r = _good();
        r.v.revision = 2;
        r.v.tonnes = TONNES - 1;
        r.signature = _verify(ASSESSOR_KEY, r.v);
        _take(_registerCall(r));
        (uint64 tonnes, uint32 revision, bool determined, bytes32 verifier,,,) = emissions.emissionsOf(ACCOUNT, YEAR);
        assertTrue(!determined && verifier == ASSESSOR && revision == 2 && tonnes == TONNES - 1, "verified");
        _d.revision = 3;
        bytes memory before = _numberOf(ACCOUNT, YEAR);
        _refuseWith(
            _determineCall(keccak256("2"), _d, _decide(_d, PARK_PERSON, REGULATOR_PERSON), _AT + 1),
            abi.encodeWithSelector(IEmissionsRegistry.EmissionsVerified.selector, ACCOUNT, YEAR, 2)
        );
        assertEq(keccak256(_numberOf(ACCOUNT, YEAR)), keccak256(before));
    }

    function _by(uint256 first, uint256 second) private view returns (bytes memory) {
        return _determineCall(OP, _d, _decide(_d, first, second), _AT);
    }

    function _refusedBy(uint256 first, uint256 second, bytes memory expected) private {
        _refuseWith(_by(first, second), expected);
        _noNumber(_d.enterprise, _d.year);
        assertTrue(!emissions.opUsed(OP), "not used up");
    }

    function _invalid(uint256 key) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITwoPersons.ApproverInvalid.selector, vm.addr(key));
    }

    function _determined(uint64 tonnes, uint32 revision, bytes32 leaf) private view {
        bytes memory expected = abi.encode(tonnes, revision, true, bytes32(0), bytes32(0), leaf, block.timestamp);
        assertEq(keccak256(_numberOf(ACCOUNT, YEAR)), keccak256(expected));
    }
}
