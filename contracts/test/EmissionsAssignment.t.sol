// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EmissionsRegistry} from "../EmissionsRegistry.sol";
import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {IEvidenceLog} from "../interfaces/IEvidenceLog.sol";
import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {TypedDomain} from "../libraries/TypedDomain.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";

/// @title Who verifies whom (DOMAIN 8, 44): assignments, their ends, and ties.
contract EmissionsAssignmentTest is EmissionsFixture {
    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
    }

    function test_deploymentNamesWhatItReliesOn() external {
        assertEq(emissions.identifierRegistry(), address(registry));
        assertEq(emissions.evidenceLog(), address(evidence));
        assertEq(emissions.deploymentId(), DEPLOYMENT_ID);
        assertEq(emissions.domainSeparator(), _separator(address(emissions), DEPLOYMENT_ID));
        address manager = emissions.authority();
        _refuseDeployment(
            address(1),
            DEPLOYMENT_ID,
            registry,
            evidence,
            abi.encodeWithSelector(IEmissionsRegistry.AuthorityWithoutCode.selector, 1)
        );
        _refuseDeployment(manager, 0, registry, evidence, abi.encodeWithSelector(TypedDomain.DeploymentIdZero.selector));
        _refuseDeployment(
            manager,
            DEPLOYMENT_ID,
            IIdentifierRegistry(address(2)),
            evidence,
            abi.encodeWithSelector(IEmissionsRegistry.IdentifiersWithoutCode.selector, 2)
        );
        _refuseDeployment(
            manager,
            DEPLOYMENT_ID,
            registry,
            IEvidenceLog(address(3)),
            abi.encodeWithSelector(IEmissionsRegistry.EvidenceWithoutCode.selector, 3)
        );
    }

    function test_anAssignmentIsKeptAndSaid() external {
        vm.expectEmit(address(emissions));
        emit IEmissionsRegistry.VerifierAssigned(
            ACCOUNT, YEAR, ASSESSOR, OP, begin, finish, _leaf(ASSIGNED_AT), ASSIGNED_AT
        );
        _take(_call(OP, ACCOUNT, ASSESSOR));
        _standing(ACCOUNT, abi.encode(ASSESSOR, begin, finish, _leaf(ASSIGNED_AT), ASSIGNED_AT));
        assertTrue(emissions.opUsed(OP), "consumed");
        // Another year of the same enterprise, and another enterprise, are cases of their own.
        assertEq(keccak256(_assignmentOf(ACCOUNT, YEAR + 1)), keccak256(new bytes(5 * 32)));
        emissions.assign(keccak256("2"), ACCOUNT, YEAR + 1, SECOND_ASSESSOR, begin, finish, _leaf(15), 15);
        _take(_call(keccak256("3"), PARK, ASSESSOR));
        _standing(ACCOUNT, abi.encode(ASSESSOR, begin, finish, _leaf(ASSIGNED_AT), ASSIGNED_AT));
    }

    function test_anotherVerifierComesOnlyAfterTheEnd() external {
        _assigned();
        bytes memory stands =
            abi.encodeWithSelector(IEmissionsRegistry.AssignmentStands.selector, ACCOUNT, YEAR, ASSESSOR);
        _refuseWith(_call(OP, ACCOUNT, SECOND_ASSESSOR), stands);
        _refuseWith(_call(OP, ACCOUNT, ASSESSOR), stands);
        // Also where its time is over: the log ends what it replaces.
        vm.warp(finish + 1);
        _refuseWith(_call(OP, ACCOUNT, SECOND_ASSESSOR), stands);
        vm.expectEmit(address(emissions));
        emit IEmissionsRegistry.AssignmentEnded(ACCOUNT, YEAR, ASSESSOR, OP, _leaf(15), 15);
        emissions.endAssignment(OP, ACCOUNT, YEAR, _leaf(15), 15);
        _standing(ACCOUNT, new bytes(5 * 32));
        _take(_call(keccak256("2"), ACCOUNT, SECOND_ASSESSOR));
        _standing(ACCOUNT, abi.encode(SECOND_ASSESSOR, begin, finish, _leaf(ASSIGNED_AT), ASSIGNED_AT));
    }

    function test_whatIsNotThereIsNotEnded() external {
        bytes memory none = abi.encodeWithSelector(IEmissionsRegistry.AssignmentNone.selector, ACCOUNT, YEAR);
        _refuseWith(_end(ACCOUNT, YEAR, _leaf(15)), none);
        _assigned();
        _refuseWith(
            _end(ACCOUNT, YEAR + 1, _leaf(15)),
            abi.encodeWithSelector(IEmissionsRegistry.AssignmentNone.selector, ACCOUNT, YEAR + 1)
        );
        _refuse(_end(ACCOUNT, YEAR, 0), IEmissionsRegistry.LeafHashZero.selector);
        _take(_end(ACCOUNT, YEAR, _leaf(15)));
        bytes memory again = abi.encodeCall(IEmissionsRegistry.endAssignment, (keccak256("2"), ACCOUNT, YEAR, OP, 16));
        _refuseWith(again, none);
    }

    function test_anAssignmentBeginsBeforeItEndsAndNamesItsEntry() external {
        uint64[2][3] memory terms = [[begin, begin], [finish, begin], [uint64(0), 0]];
        for (uint256 i = 0; i < terms.length; ++i) {
            (uint64 from, uint64 until) = (terms[i][0], terms[i][1]);
            bytes memory call = abi.encodeCall(
                IEmissionsRegistry.assign, (OP, ACCOUNT, YEAR, ASSESSOR, from, until, _leaf(14), ASSIGNED_AT)
            );
            _refuseWith(call, abi.encodeWithSelector(IEmissionsRegistry.AssignmentTermInvalid.selector, from, until));
        }
        _refuse(
            abi.encodeCall(IEmissionsRegistry.assign, (OP, ACCOUNT, YEAR, ASSESSOR, begin, finish, 0, ASSIGNED_AT)),
            IEmissionsRegistry.LeafHashZero.selector
        );
        emissions.assign(OP, ACCOUNT, YEAR, ASSESSOR, finish - 1, finish, _leaf(14), ASSIGNED_AT);
    }

    function test_onlyVerifiersAreAssignedToThoseWhoEmit() external {
        _enrol("meter", 3, ACCOUNT, ED25519, 31, 1, 18);
        bytes32[5] memory others = [ACCOUNT, PARK, keccak256("regulator"), keccak256("person/a1"), keccak256("meter")];
        uint8[5] memory kinds = [2, 1, 5, 6, 3];
        for (uint256 i = 0; i < others.length; ++i) {
            _refuseWith(_call(OP, ALONE, others[i]), _invalid(others[i], kinds[i]));
            if (kinds[i] > 2) _refuseWith(_call(OP, others[i], ASSESSOR), _noEmitter(others[i], kinds[i]));
        }
        _refuseWith(_call(OP, ACCOUNT, keccak256("nobody")), _invalid(keccak256("nobody"), 0));
        _refuseWith(_call(OP, keccak256("nobody"), ASSESSOR), _noEmitter(keccak256("nobody"), 0));
        // Nobody is both, so nobody verifies itself.
        _refuseWith(_call(OP, ACCOUNT, ACCOUNT), _invalid(ACCOUNT, 2));
        _refuseWith(_call(OP, ASSESSOR, ASSESSOR), _noEmitter(ASSESSOR, 4));
        _refuseWith(_call(OP, PARK, 0), _invalid(0, 0));
    }

    function test_nobodyVerifiesItsOwnGroup() external {
        bytes32 group = keccak256("group");
        bytes memory common = abi.encodeWithSelector(IEmissionsRegistry.GroupCommon.selector, ACCOUNT, SISTER, group);
        _refuseWith(_call(OP, ACCOUNT, SISTER), common);
        _take(_call(OP, ALONE, SISTER));
        // Two without a group have none in common.
        emissions.assign(keccak256("2"), ALONE, YEAR + 1, SECOND_ASSESSOR, begin, finish, _leaf(15), 15);
        _take(_call(keccak256("3"), ACCOUNT, SECOND_ASSESSOR));
    }

    function test_aTieForbidsEitherWay() external {
        assertTrue(!emissions.tied(ACCOUNT, ASSESSOR), "not yet");
        vm.expectEmit(address(emissions));
        emit IEmissionsRegistry.TieDeclared(ACCOUNT, ASSESSOR, OP);
        emissions.declareTie(OP, ACCOUNT, ASSESSOR);
        emissions.declareTie(_nextOp(), SECOND_ASSESSOR, ACCOUNT);
        assertTrue(emissions.tied(ACCOUNT, ASSESSOR) && emissions.tied(ASSESSOR, ACCOUNT), "either way");
        assertTrue(emissions.tied(ACCOUNT, SECOND_ASSESSOR), "either way");
        assertTrue(!emissions.tied(ALONE, ASSESSOR) && !emissions.tied(ASSESSOR, SECOND_ASSESSOR), "nobody else");
        bytes32[2] memory verifiers = [ASSESSOR, SECOND_ASSESSOR];
        for (uint256 i = 0; i < 2; ++i) {
            _refuseWith(
                _call(keccak256("2"), ACCOUNT, verifiers[i]),
                abi.encodeWithSelector(IEmissionsRegistry.VerifierTied.selector, ACCOUNT, verifiers[i])
            );
        }
        _take(_call(keccak256("2"), ALONE, ASSESSOR));
        // Declared again it is the same.
        emissions.declareTie(_nextOp(), ASSESSOR, ACCOUNT);
        assertTrue(emissions.tied(ACCOUNT, ASSESSOR), "for ever");
    }

    function test_aTieIsBetweenTwo() external {
        bytes32[2][4] memory pairs =
            [[ACCOUNT, ACCOUNT], [ACCOUNT, bytes32(0)], [bytes32(0), ASSESSOR], [bytes32(0), 0]];
        for (uint256 i = 0; i < pairs.length; ++i) {
            (bytes32 a, bytes32 b) = (pairs[i][0], pairs[i][1]);
            _refuseWith(
                abi.encodeCall(IEmissionsRegistry.declareTie, (OP, a, b)),
                abi.encodeWithSelector(IEmissionsRegistry.TieInvalid.selector, a, b)
            );
        }
        assertTrue(!emissions.opUsed(OP), "not used up");
    }

    function test_operationsTakeEffectOnce() external {
        _take(_call(OP, ACCOUNT, ASSESSOR));
        bytes[3] memory calls = [
            _call(OP, ALONE, ASSESSOR),
            _end(ACCOUNT, YEAR, _leaf(15)),
            abi.encodeCall(IEmissionsRegistry.declareTie, (OP, ACCOUNT, ASSESSOR))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            _refuseWith(calls[i], abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, OP));
        }
        _refuse(_call(0, ALONE, ASSESSOR), IOperations.OpIdZero.selector);
        _refuse(abi.encodeCall(IEmissionsRegistry.declareTie, (0, ALONE, ASSESSOR)), IOperations.OpIdZero.selector);
        bytes memory end = abi.encodeCall(IEmissionsRegistry.endAssignment, (0, ACCOUNT, YEAR, OP, 16));
        _refuse(end, IOperations.OpIdZero.selector);
    }

    function _call(bytes32 opId, bytes32 enterprise, bytes32 verifier) private view returns (bytes memory) {
        return abi.encodeCall(
            IEmissionsRegistry.assign,
            (opId, enterprise, YEAR, verifier, begin, finish, _leaf(ASSIGNED_AT), ASSIGNED_AT)
        );
    }

    function _end(bytes32 enterprise, uint16 year, bytes32 leafHash) private pure returns (bytes memory) {
        return abi.encodeCall(IEmissionsRegistry.endAssignment, (OP, enterprise, year, leafHash, 15));
    }

    function _invalid(bytes32 verifier, uint8 kind) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEmissionsRegistry.VerifierInvalid.selector, verifier, kind);
    }

    function _noEmitter(bytes32 enterprise, uint8 kind) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEmissionsRegistry.EnterpriseInvalid.selector, enterprise, kind);
    }

    function _standing(bytes32 enterprise, bytes memory expected) private view {
        assertEq(keccak256(_assignmentOf(enterprise, YEAR)), keccak256(expected));
    }

    function _refuseDeployment(
        address manager,
        bytes32 deploymentId,
        IIdentifierRegistry identifiers,
        IEvidenceLog log,
        bytes memory expected
    ) private {
        vm.expectRevert(expected);
        new EmissionsRegistry(manager, deploymentId, identifiers, log);
    }
}
