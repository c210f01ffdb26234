// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {IEvidenceLog} from "../interfaces/IEvidenceLog.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {LogProof} from "../libraries/LogProof.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";

/// @title A number enters by the signature of the assigned verifier (DOMAIN 2, 8, 44), and what is refused.
contract EmissionsRegisterTest is EmissionsFixture {
    Registering private _r;

    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(SIZE);
        _assigned();
        _r = _good();
        vm.warp(begin + 30 days);
    }

    function test_theVerifiersNumberIsKeptAndSaid() external {
        vm.expectEmit(address(emissions));
        emit IEmissionsRegistry.EmissionsRegistered(
            ACCOUNT, YEAR, ASSESSOR, _r.opId, TONNES, 1, _leaf(REPORTED_AT), _leaf(VERIFIED_AT), vm.addr(ASSESSOR_KEY)
        );
        _take(_registerCall(_r));
        _stands(ACCOUNT, TONNES, 1);
        _noNumber(ACCOUNT, YEAR + 1);
        _noNumber(NEIGHBOUR_ACCOUNT, YEAR);
        assertTrue(emissions.opUsed(_r.opId), "consumed");
    }

    /// DOMAIN 2: an amendment is one more version, up or down, to nothing or to the largest number.
    function test_anAmendmentIsTheNextRevision() external {
        _take(_registerCall(_r));
        uint64[3] memory tonnes = [TONNES + 163, uint64(0), type(uint64).max];
        for (uint32 i = 0; i < tonnes.length; ++i) {
            _r.opId = keccak256(abi.encode("amendment", i));
            _r.v.tonnes = tonnes[i];
            _place(21, 26 + i);
            for (uint32 wrong = 0; wrong < 6; ++wrong) {
                if (wrong == i + 2) continue;
                _r.v.revision = wrong;
                _refuseSigned(
                    ASSESSOR_KEY, abi.encodeWithSelector(IEmissionsRegistry.RevisionUnexpected.selector, wrong, i + 2)
                );
            }
            _r.v.revision = i + 2;
            _r.signature = _verify(ASSESSOR_KEY, _r.v);
            _take(_registerCall(_r));
            _stands(ACCOUNT, tonnes[i], i + 2);
        }
    }

    function test_operationTakesEffectOnce() external {
        _take(_registerCall(_r));
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, _r.opId));
        _r.opId = keccak256("2");
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(IEmissionsRegistry.RevisionUnexpected.selector, 1, 2));
        _r.opId = 0;
        _refuse(_registerCall(_r), IOperations.OpIdZero.selector);
    }

    /// The word of a verifier counts from the first second of its assignment, and no more in the last.
    function test_anAssignmentBeginsAndPasses() external {
        vm.warp(begin - 1);
        _refuseWith(
            _registerCall(_r), abi.encodeWithSelector(IEmissionsRegistry.AssignmentNotBegun.selector, begin, begin - 1)
        );
        vm.warp(finish);
        _refuseWith(
            _registerCall(_r), abi.encodeWithSelector(IEmissionsRegistry.AssignmentPast.selector, finish, finish)
        );
        vm.warp(finish + 100);
        _refuseWith(
            _registerCall(_r), abi.encodeWithSelector(IEmissionsRegistry.AssignmentPast.selector, finish, finish + 100)
        );
        vm.warp(finish - 1);
        _take(_registerCall(_r));
    }

    function test_anAssignmentBeginsInItsFirstSecond() external {
        vm.warp(begin);
        _take(_registerCall(_r));
    }

    function test_withoutAnAssignmentNobodysWordCounts() external {
        emissions.endAssignment(_nextOp(), ACCOUNT, YEAR, _leaf(26), 26);
        bytes memory none = abi.encodeWithSelector(IEmissionsRegistry.AssignmentNone.selector, ACCOUNT, YEAR);
        _refuseWith(_registerCall(_r), none);
        _r.v.year = YEAR + 1;
        _refuseSigned(
            ASSESSOR_KEY, abi.encodeWithSelector(IEmissionsRegistry.AssignmentNone.selector, ACCOUNT, YEAR + 1)
        );
    }

    /// DOMAIN 44: only the current assignee's verdict counts.
    function test_theReplacedVerifiersWordCountsNoMore() external {
        emissions.endAssignment(_nextOp(), ACCOUNT, YEAR, _leaf(26), 26);
        emissions.assign(_nextOp(), ACCOUNT, YEAR, SECOND_ASSESSOR, begin, finish, _leaf(27), 27);
        _refuseWith(_registerCall(_r), _invalid(SECOND_ASSESSOR, ASSESSOR_KEY));
        _r.signature = _verify(SECOND_KEY, _r.v);
        _take(_registerCall(_r));
    }

    /// DOMAIN 8. The assignment was made before the tie was known.
    function test_aTieThatIsDeclaredLaterStopsTheNumber() external {
        Registering memory second = _r;
        emissions.declareTie(_nextOp(), ACCOUNT, ASSESSOR);
        bytes memory tied = abi.encodeWithSelector(IEmissionsRegistry.VerifierTied.selector, ACCOUNT, ASSESSOR);
        _refuseWith(_registerCall(second), tied);
    }

    function test_aTieThatIsDeclaredAfterwardsUndoesNothing() external {
        _take(_registerCall(_r));
        emissions.declareTie(_nextOp(), ASSESSOR, ACCOUNT);
        _stands(ACCOUNT, TONNES, 1);
        emissions.endAssignment(_nextOp(), ACCOUNT, YEAR, _leaf(26), 26);
        _stands(ACCOUNT, TONNES, 1);
    }

    function test_onlyAnActiveStatementKeyOfTheVerifierSigns() external {
        _addKey(ASSESSOR, 0x9101, 1, ASSESSOR_KEY);
        _addKey(ASSESSOR, 0x9102, 4, ASSESSOR_KEY);
        _addKey(ASSESSOR, 0x9103, 8, ASSESSOR_KEY);
        _addKey(ASSESSOR, 0x9104, 13, ASSESSOR_KEY);
        uint256[10] memory others = [
            0x9101,
            0x9102,
            0x9103,
            0x9104,
            SECOND_KEY,
            SISTER_KEY,
            HOLDER,
            PARK_PERSON,
            VERIFIER_PERSON,
            uint256(0xBEEF)
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            _refuseSigned(others[i], _invalid(ASSESSOR, others[i]));
        }
        _r.signature = _verify(ASSESSOR_OTHER_KEY, _r.v);
        _take(_registerCall(_r));
    }

    function test_anEndedKeySignsNoMore() external {
        registry.revoke(_nextOp(), _thumbprint(ASSESSOR_KEY), 26);
        _refuseSigned(ASSESSOR_KEY, _invalid(ASSESSOR, ASSESSOR_KEY));
        registry.declareCompromised(_nextOp(), _thumbprint(ASSESSOR_OTHER_KEY), 19, 26);
        _refuseSigned(ASSESSOR_OTHER_KEY, _invalid(ASSESSOR, ASSESSOR_OTHER_KEY));
    }

    /// For this enterprise, year, number, report, statement, revision, contract, deployment and chain.
    function test_aSignatureIsForAllOfIt() external {
        bytes32 meant = _typed(_verifiedHash(_r.v), address(emissions), DEPLOYMENT_ID);
        bytes32 other = _verifiedHash(_r.v);
        Cosignature memory good = _r.signature;
        Cosignature[4] memory signatures = [
            _sign(ASSESSOR_KEY, other, address(registry), DEPLOYMENT_ID),
            _sign(ASSESSOR_KEY, other, address(emissions), keccak256("another deployment")),
            _sign(ASSESSOR_KEY, keccak256(abi.encode(DETERMINATION, other)), address(emissions), DEPLOYMENT_ID),
            Cosignature(good.r, good.vs ^ bytes32(uint256(1) << 255))
        ];
        for (uint256 i = 0; i < signatures.length; ++i) {
            _r.signature = signatures[i];
            _refuseWith(
                _registerCall(_r),
                abi.encodeWithSelector(
                    IEmissionsRegistry.VerifierSignatureInvalid.selector, ASSESSOR, _signer(meant, signatures[i])
                )
            );
        }
        vm.chainId(block.chainid + 1);
        _r.signature = good;
        _refuse(_registerCall(_r), IEmissionsRegistry.VerifierSignatureInvalid.selector);
        vm.chainId(block.chainid - 1);
        _take(_registerCall(_r));
    }

    function test_signaturesWithoutASignerAreRefused() external {
        _r.signature = _nothing();
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(CompactSignature.SignatureInvalid.selector, 0, 0));
        _r.signature = _highS();
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(CompactSignature.SignatureNotLow.selector, _highS().vs));
    }

    /// One verification statement brings one number, of whatever case and revision.
    function test_aStatementIsUsedOnce() external {
        _take(_registerCall(_r));
        bytes memory used = abi.encodeWithSelector(IEmissionsRegistry.StatementUsed.selector, _leaf(VERIFIED_AT));
        _r.opId = keccak256("2");
        _r.v.revision = 2;
        _refuseSigned(ASSESSOR_KEY, used);
        emissions.assign(_nextOp(), ALONE, YEAR, ASSESSOR, begin, finish, _leaf(26), 26);
        (_r.v.enterprise, _r.v.revision) = (ALONE, 1);
        _refuseSigned(ASSESSOR_KEY, used);
        _noNumber(ALONE, YEAR);
    }

    function test_theReportStandsBeforeItsVerification() external {
        _place(VERIFIED_AT, REPORTED_AT);
        bytes4 order = IEmissionsRegistry.StatementNotAfterReport.selector;
        _refuseSigned(ASSESSOR_KEY, abi.encodeWithSelector(order, VERIFIED_AT, REPORTED_AT));
        _place(REPORTED_AT, REPORTED_AT);
        _refuseSigned(ASSESSOR_KEY, abi.encodeWithSelector(order, REPORTED_AT, REPORTED_AT));
        _place(REPORTED_AT, REPORTED_AT + 1);
        _r.signature = _verify(ASSESSOR_KEY, _r.v);
        _take(_registerCall(_r));
    }

    function test_bothLeavesStandUnderAKnownRoot() external {
        bytes4 unknown = IEvidenceLog.RootUnknown.selector;
        _r.epoch = 1;
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(unknown, 1, SIZE));
        (_r.epoch, _r.size) = (0, SIZE + 1);
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(unknown, 0, SIZE + 1));
        _r.size = 0;
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(unknown, 0, 0));
        _r.size = SIZE;
        _r.statement.index = SIZE;
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(LogProof.IndexOutOfRange.selector, SIZE, SIZE));
        _r.statement = _proof(VERIFIED_AT + 1, SIZE);
        _refuse(_registerCall(_r), LogProof.RootMismatch.selector);
        _r.statement = _proof(VERIFIED_AT, SIZE);
        _r.report = _proof(REPORTED_AT - 1, SIZE);
        _refuse(_registerCall(_r), LogProof.RootMismatch.selector);
        _r.report = _proof(REPORTED_AT, SIZE);
        _r.report.path.pop();
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(LogProof.ProofLengthInvalid.selector, 4));
        _r.report.path.push(0);
        _refuse(_registerCall(_r), LogProof.RootMismatch.selector);
        _noNumber(ACCOUNT, YEAR);
        assertTrue(!emissions.opUsed(_r.opId), "not used up");
    }

    /// Two leaves of a later tree, as good as those of an earlier one.
    function test_anyKnownSizeThatHoldsBothWillDo() external {
        _anchor(SIZE + 11);
        _r.size = SIZE + 11;
        _refuse(_registerCall(_r), LogProof.ProofLengthInvalid.selector);
        _r.report = _proof(REPORTED_AT, SIZE + 11);
        _r.statement = _proof(VERIFIED_AT, SIZE + 11);
        _take(_registerCall(_r));
    }

    /// @dev The report and the statement are these entries of the log; unsigned.
    function _place(uint64 report, uint64 statement) private {
        (_r.v.reportLeaf, _r.v.statementLeaf) = (_leaf(report), _leaf(statement));
        (_r.report, _r.statement) = (_proof(report, SIZE), _proof(statement, SIZE));
    }

    function _refuseSigned(uint256 key, bytes memory expected) private {
        bytes memory before = _numberOf(_r.v.enterprise, _r.v.year);
        _r.signature = _verify(key, _r.v);
        _refuseWith(_registerCall(_r), expected);
        assertEq(keccak256(_numberOf(_r.v.enterprise, _r.v.year)), keccak256(before));
    }

    function _invalid(bytes32 verifier, uint256 key) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEmissionsRegistry.VerifierSignatureInvalid.selector, verifier, vm.addr(key));
    }

    function _stands(bytes32 enterprise, uint64 tonnes, uint32 revision) private view {
        (uint64 t, uint32 r, bool determined, bytes32 verifier,,, uint64 at) = emissions.emissionsOf(enterprise, YEAR);
        assertTrue(!determined, "verified");
        assertEq(verifier, ASSESSOR);
        assertEq(at, block.timestamp);
        assertEq(t, tonnes);
        assertEq(r, revision);
        (,,,, bytes32 reportLeaf, bytes32 statementLeaf,) = emissions.emissionsOf(enterprise, YEAR);
        assertEq(reportLeaf, _r.v.reportLeaf);
        assertEq(statementLeaf, _r.v.statementLeaf);
    }
}
