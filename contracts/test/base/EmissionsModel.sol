// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IEmissionsRegistry} from "../../interfaces/IEmissionsRegistry.sol";
import {EmissionsFixture} from "./EmissionsFixture.sol";
import {Vm} from "./Vm.sol";

/// @title Registered emissions as their events tell them, and nothing but their events.
abstract contract EmissionsModel is EmissionsFixture {
    struct Assigned {
        bytes32 verifier;
        uint64 from;
        uint64 until;
        bytes32 leafHash;
        uint64 logIndex;
    }

    struct Number {
        uint64 tonnes;
        uint32 revision;
        bool determined;
        bytes32 verifier;
        bytes32 reportLeaf;
        bytes32 statementLeaf;
        uint64 registeredAt;
    }

    uint16 internal constant YEARS = 2;

    bytes32[3] internal enterprises = [ACCOUNT, ALONE, PARK];
    mapping(bytes32 enterprise => mapping(uint16 year => Assigned)) internal assignedTo;
    mapping(bytes32 enterprise => mapping(uint16 year => Number)) internal numbers;
    mapping(bytes32 a => mapping(bytes32 b => bool)) internal ties;
    mapping(bytes32 statementLeaf => bool) internal spent;
    bytes32[] internal operations;

    error UnknownEvent(bytes32 topic);

    /// @dev Reads what was recorded, in its order.
    function _read() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(emissions)) _readOne(logs[i]);
        }
    }

    function _readOne(Vm.Log memory entry) private {
        bytes32 topic = entry.topics[0];
        bytes32 enterprise = entry.topics[1];
        if (topic == IEmissionsRegistry.TieDeclared.selector) {
            ties[enterprise][entry.topics[2]] = true;
            ties[entry.topics[2]][enterprise] = true;
            operations.push(abi.decode(entry.data, (bytes32)));
            return;
        }
        uint16 year = uint16(uint256(entry.topics[2]));
        if (topic == IEmissionsRegistry.VerifierAssigned.selector) {
            _readAssignment(assignedTo[enterprise][year], entry);
        } else if (topic == IEmissionsRegistry.AssignmentEnded.selector) {
            assertEq(entry.topics[3], assignedTo[enterprise][year].verifier);
            delete assignedTo[enterprise][year];
            (bytes32 opId,,) = abi.decode(entry.data, (bytes32, bytes32, uint64));
            operations.push(opId);
        } else if (topic == IEmissionsRegistry.EmissionsRegistered.selector) {
            _readNumber(numbers[enterprise][year], entry);
        } else if (topic == IEmissionsRegistry.EmissionsDetermined.selector) {
            _readDetermination(numbers[enterprise][year], entry.data);
        } else {
            revert UnknownEvent(topic);
        }
    }

    function _readAssignment(Assigned storage assigned, Vm.Log memory entry) private {
        bytes32 opId;
        (opId, assigned.from, assigned.until, assigned.leafHash, assigned.logIndex) =
            abi.decode(entry.data, (bytes32, uint64, uint64, bytes32, uint64));
        assigned.verifier = entry.topics[3];
        operations.push(opId);
    }

    function _readNumber(Number storage number, Vm.Log memory entry) private {
        bytes32 opId;
        (opId, number.tonnes, number.revision, number.reportLeaf, number.statementLeaf,) =
            abi.decode(entry.data, (bytes32, uint64, uint32, bytes32, bytes32, address));
        number.determined = false;
        number.verifier = entry.topics[3];
        number.registeredAt = uint64(block.timestamp);
        spent[number.statementLeaf] = true;
        operations.push(opId);
    }

    function _readDetermination(Number storage number, bytes memory data) private {
        bytes32 opId;
        (opId, number.tonnes, number.revision,, number.statementLeaf,,,) =
            abi.decode(data, (bytes32, uint64, uint32, bytes32, bytes32, address, address, uint64));
        number.determined = true;
        number.registeredAt = uint64(block.timestamp);
        spent[number.statementLeaf] = true;
        operations.push(opId);
    }

    /// @notice Reverts unless the contract's state is what its events said, to the last field.
    function checkRebuilt() external view {
        for (uint256 i = 0; i < enterprises.length; ++i) {
            for (uint16 year = YEAR; year < YEAR + YEARS; ++year) {
                bytes32 enterprise = enterprises[i];
                _same(_assignmentOf(enterprise, year), abi.encode(assignedTo[enterprise][year]));
                _same(_numberOf(enterprise, year), abi.encode(numbers[enterprise][year]));
            }
            bytes32[3] memory verifiers = [ASSESSOR, SECOND_ASSESSOR, SISTER];
            for (uint256 j = 0; j < 3; ++j) {
                bool tied = ties[enterprises[i]][verifiers[j]];
                assertTrue(emissions.tied(enterprises[i], verifiers[j]) == tied, "tied");
                assertTrue(emissions.tied(verifiers[j], enterprises[i]) == tied, "tied, the other way");
            }
        }
        for (uint256 i = 0; i < operations.length; ++i) {
            assertTrue(emissions.opUsed(operations[i]), "consumed");
        }
    }

    function _same(bytes memory found, bytes memory expected) private pure {
        assertEq(keccak256(found), keccak256(expected));
    }
}
