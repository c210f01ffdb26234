// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {EmissionsRegistry} from "../../EmissionsRegistry.sol";
import {EvidenceLog} from "../../EvidenceLog.sol";
import {IEmissionsRegistry} from "../../interfaces/IEmissionsRegistry.sol";
import {IEvidenceLog} from "../../interfaces/IEvidenceLog.sol";
import {IKeyBook} from "../../interfaces/IKeyBook.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {ReferenceTree} from "./ReferenceTree.sol";
import {RegistryFixture} from "./RegistryFixture.sol";

/// @title A log of thirty entries, enterprises, verifiers and persons, and the registry of emissions over them.
/// @notice Entry i of the log has the leaf hash `_leaf(i)`. The test is the registrar.
abstract contract EmissionsFixture is RegistryFixture {
    using ReferenceTree for bytes32[];

    /// @dev All that `register` is given, so that a test can change one thing of it.
    struct Registering {
        bytes32 opId;
        IEmissionsRegistry.VerifiedEmissions v;
        Cosignature signature;
        uint64 epoch;
        uint64 size;
        IEmissionsRegistry.Proof report;
        IEmissionsRegistry.Proof statement;
    }

    bytes32 internal constant VERIFIED = keccak256(
        "VerifiedEmissions(bytes32 enterprise,uint16 year,uint64 tonnes,bytes32 reportLeaf,bytes32 statementLeaf,uint32 revision)"
    );
    bytes32 internal constant DETERMINATION = keccak256(
        "EmissionsDetermination(bytes32 enterprise,uint16 year,uint64 tonnes,bytes32 documentHash,uint32 revision)"
    );
    bytes32 internal constant DOCUMENT = keccak256("the reasoned decision");
    bytes32 internal constant PARK = keccak256("park");
    bytes32 internal constant ALONE = keccak256("enterprise/alone");
    bytes32 internal constant ASSESSOR = keccak256("verifier/assessor");
    bytes32 internal constant SECOND_ASSESSOR = keccak256("verifier/second");
    bytes32 internal constant SISTER = keccak256("verifier/sister");
    uint8 internal constant STATEMENT = 2;
    uint8 internal constant STATEMENT_AND_ADMINISTRATION = 10;

    uint256 internal constant ASSESSOR_KEY = 0x9001;
    uint256 internal constant ASSESSOR_OTHER_KEY = 0x9002;
    uint256 internal constant SECOND_KEY = 0x9003;
    uint256 internal constant SISTER_KEY = 0x9004;
    uint256 internal constant ALONE_KEY = 0x9005;
    uint256 private constant _COSIGNER = 0xC0051;

    uint16 internal constant YEAR = 2026;
    uint64 internal constant TONNES = 38_942;
    uint64 internal constant ASSIGNED_AT = 14;
    uint64 internal constant REPORTED_AT = 20;
    uint64 internal constant VERIFIED_AT = 25;
    uint64 internal constant SIZE = 30;
    uint64 internal constant TERM = 90 days;

    EvidenceLog internal evidence;
    EmissionsRegistry internal emissions;
    uint64 internal begin;
    uint64 internal finish;

    function _deployEmissions() internal {
        _deploy();
        IEvidenceLog.Approver[] memory approvers = new IEvidenceLog.Approver[](2);
        approvers[0] = IEvidenceLog.Approver(vm.addr(PARK_PERSON), keccak256("park"));
        approvers[1] = IEvidenceLog.Approver(vm.addr(REGULATOR_PERSON), keccak256("regulator"));
        address[] memory cosigners = new address[](1);
        cosigners[0] = vm.addr(_COSIGNER);
        address manager = address(new AccessManager(address(this)));
        evidence = new EvidenceLog(manager, DEPLOYMENT_ID, cosigners, 1, 1 days, approvers);
        emissions = new EmissionsRegistry(manager, DEPLOYMENT_ID, registry, evidence);
        begin = uint64(block.timestamp) + 1 days;
        finish = begin + TERM;
    }

    /// @dev The assessor has two keys that state, and one that does not. The sister is of the enterprises' group; the
    /// enterprise that is alone is of none, and so is the second assessor.
    function _verifiers() internal {
        _enrolIn(
            keccak256("assessors"), "verifier/assessor", 4, 0, _grant(ASSESSOR, ES256K, ASSESSOR_KEY, STATEMENT, 13)
        );
        _addKey(ASSESSOR, ASSESSOR_OTHER_KEY, STATEMENT_AND_ADMINISTRATION, ASSESSOR_KEY);
        _enrolIn(0, "verifier/second", 4, 0, _grant(SECOND_ASSESSOR, ES256K, SECOND_KEY, 15, 15));
        _enrol("verifier/sister", 4, 0, ES256K, SISTER_KEY, STATEMENT, 16);
        _enrolIn(0, "enterprise/alone", 2, PARK, _grant(ALONE, ES256K, ALONE_KEY, 15, 17));
    }

    function _addKey(bytes32 accountId, uint256 key, uint8 purposes, uint256 consents) internal {
        IKeyBook.KeyGrant memory grant = _grant(accountId, ES256K, key, purposes, 18);
        registry.addKey(_nextOp(), accountId, grant, _consent(consents, accountId, grant));
    }

    function _anchor(uint64 size) internal {
        _anchorLeaves(_leaves(size), size);
    }

    function _anchorLeaves(bytes32[] memory d, uint64 size) internal {
        (uint64 epoch, uint64 known,) = evidence.head();
        bytes32 root = d.root(0, size);
        bytes32 checkpoint = keccak256("Checkpoint(uint64 epoch,uint64 size,bytes32 root)");
        bytes32 structHash = keccak256(abi.encode(checkpoint, epoch, size, root));
        Cosignature[] memory cosignatures = new Cosignature[](1);
        cosignatures[0] = _sign(_COSIGNER, structHash, address(evidence), DEPLOYMENT_ID);
        evidence.anchor(epoch, size, root, d.consistency(known, size), cosignatures);
    }

    function _leaves(uint64 size) internal pure returns (bytes32[] memory made) {
        made = new bytes32[](size);
        for (uint64 i = 0; i < size; ++i) {
            made[i] = _leaf(i);
        }
    }

    function _proof(uint64 index, uint64 size) internal pure returns (IEmissionsRegistry.Proof memory) {
        return IEmissionsRegistry.Proof(index, _leaves(size).inclusion(index, size));
    }

    /// @dev Of the enterprise's year, by the assessor, until `finish`.
    function _assigned() internal {
        emissions.assign(_nextOp(), ACCOUNT, YEAR, ASSESSOR, begin, finish, _leaf(ASSIGNED_AT), ASSIGNED_AT);
    }

    /// @dev With everything in order, where the enterprise's year has the assessor and no number.
    function _good() internal returns (Registering memory good) {
        good.opId = _nextOp();
        good.v = IEmissionsRegistry.VerifiedEmissions(ACCOUNT, YEAR, TONNES, _leaf(REPORTED_AT), _leaf(VERIFIED_AT), 1);
        good.signature = _verify(ASSESSOR_KEY, good.v);
        good.size = SIZE;
        good.report = _proof(REPORTED_AT, SIZE);
        good.statement = _proof(VERIFIED_AT, SIZE);
    }

    function _verify(uint256 key, IEmissionsRegistry.VerifiedEmissions memory v)
        internal
        view
        returns (Cosignature memory)
    {
        return _sign(key, _verifiedHash(v), address(emissions), DEPLOYMENT_ID);
    }

    function _verifiedHash(IEmissionsRegistry.VerifiedEmissions memory v) internal pure returns (bytes32) {
        return
            keccak256(abi.encode(VERIFIED, v.enterprise, v.year, v.tonnes, v.reportLeaf, v.statementLeaf, v.revision));
    }

    function _registerCall(Registering memory r) internal pure returns (bytes memory) {
        return
            abi.encodeCall(
                IEmissionsRegistry.register, (r.opId, r.v, r.signature, r.epoch, r.size, r.report, r.statement)
            );
    }

    function _decision() internal pure returns (IEmissionsRegistry.Determination memory) {
        return IEmissionsRegistry.Determination(ACCOUNT, YEAR, TONNES, DOCUMENT, 1);
    }

    function _decisionHash(IEmissionsRegistry.Determination memory d) internal pure returns (bytes32) {
        return keccak256(abi.encode(DETERMINATION, d.enterprise, d.year, d.tonnes, d.documentHash, d.revision));
    }

    /// @dev Of these two persons, for this decision.
    function _decide(IEmissionsRegistry.Determination memory d, uint256 first, uint256 second)
        internal
        view
        returns (Cosignature[2] memory)
    {
        bytes32 structHash = _decisionHash(d);
        return [
            _sign(first, structHash, address(emissions), DEPLOYMENT_ID),
            _sign(second, structHash, address(emissions), DEPLOYMENT_ID)
        ];
    }

    function _determineCall(
        bytes32 opId,
        IEmissionsRegistry.Determination memory d,
        Cosignature[2] memory approvals,
        uint64 logIndex
    ) internal pure returns (bytes memory) {
        return abi.encodeCall(IEmissionsRegistry.determine, (opId, d, approvals, _leaf(logIndex), logIndex));
    }

    function _take(bytes memory call) internal {
        (bool succeeded, bytes memory returned) = address(emissions).call(call);
        if (!succeeded) revert RefusedOtherwise(returned, 0);
    }

    function _refuse(bytes memory call, bytes4 selector) internal {
        assertRefused(address(emissions), call, selector);
    }

    function _refuseWith(bytes memory call, bytes memory expected) internal {
        assertRefusedWith(address(emissions), call, expected);
    }

    function _noNumber(bytes32 enterprise, uint16 year) internal view {
        assertEq(keccak256(_numberOf(enterprise, year)), keccak256(new bytes(7 * 32)));
    }

    /// @dev What `emissionsOf` answers, to the last byte.
    function _numberOf(bytes32 enterprise, uint16 year) internal view returns (bytes memory answer) {
        bytes memory call = abi.encodeCall(IEmissionsRegistry.emissionsOf, (enterprise, year));
        (, answer) = address(emissions).staticcall(call);
    }

    function _assignmentOf(bytes32 enterprise, uint16 year) internal view returns (bytes memory answer) {
        bytes memory call = abi.encodeCall(IEmissionsRegistry.assignmentOf, (enterprise, year));
        (, answer) = address(emissions).staticcall(call);
    }
}
