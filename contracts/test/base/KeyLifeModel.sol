// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IIdentifierRegistry} from "../../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../../interfaces/IKeyBook.sol";
import {IKeyRecovery} from "../../interfaces/IKeyRecovery.sol";
import {RegistryFixture} from "./RegistryFixture.sol";
import {Vm} from "./Vm.sol";

/// @title The registry as its events tell it, and nothing but its events.
abstract contract KeyLifeModel is RegistryFixture {
    bytes32[] internal accountIds;
    mapping(bytes32 accountId => IIdentifierRegistry.Account) internal accounts;
    mapping(bytes32 accountId => bool) internal hadEvmKey;
    bytes32[] internal thumbprints;
    mapping(bytes32 thumbprint => IKeyBook.Key) internal keys;
    mapping(address evmAddress => bytes32 thumbprint) internal thumbprintOf;
    bytes32[] internal proposed;
    mapping(bytes32 thumbprint => IKeyRecovery.Recovery) internal recoveries;

    /// @dev Whether what is being done has the consent or the recovery that a further ES256K key needs.
    bool internal sanctioned;
    /// @notice ES256K keys that came to an account beside or after another one without being sanctioned.
    uint256 public uninvited;

    error UnknownEvent(bytes32 topic);

    /// @dev Reads what was recorded, in its order.
    function _read() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(registry)) _readOne(logs[i]);
        }
    }

    function _readOne(Vm.Log memory entry) private {
        bytes32 topic = entry.topics[0];
        bytes32 thumbprint = entry.topics[2];
        if (topic == IIdentifierRegistry.IdentifierRegistered.selector) {
            (, uint8 kind) = abi.decode(entry.data, (string, uint8));
            accounts[entry.topics[1]] = IIdentifierRegistry.Account(kind, entry.topics[2], entry.topics[3]);
            accountIds.push(entry.topics[1]);
        } else if (topic == IKeyBook.KeyEnrolled.selector) {
            _readKey(entry.topics[1], thumbprint, entry.data);
        } else if (topic == IKeyBook.KeyRevoked.selector) {
            keys[thumbprint].revokedAt = uint64(block.timestamp);
            keys[thumbprint].revokedIndex = abi.decode(entry.data, (uint64));
        } else if (topic == IKeyBook.KeyCompromised.selector) {
            (keys[thumbprint].invalidSince,) = abi.decode(entry.data, (uint64, uint64));
        } else if (topic == IKeyRecovery.RecoveryProposed.selector) {
            _readProposal(entry.topics[1], thumbprint, entry.data);
        } else if (topic == IKeyRecovery.RecoveryVetoed.selector || topic == IKeyRecovery.RecoveryCancelled.selector) {
            recoveries[thumbprint].state = IKeyRecovery.RecoveryState.WITHDRAWN;
        } else if (topic == IKeyRecovery.RecoveryCompleted.selector) {
            recoveries[thumbprint].state = IKeyRecovery.RecoveryState.COMPLETED;
        } else {
            revert UnknownEvent(topic);
        }
    }

    function _readKey(bytes32 accountId, bytes32 thumbprint, bytes memory data) private {
        IKeyBook.Key storage key = keys[thumbprint];
        (key.algorithm, key.purposes,, key.evmAddress, key.leafHash, key.logIndex) =
            abi.decode(data, (uint8, uint8, bytes, address, bytes32, uint64));
        key.accountId = accountId;
        key.enrolledAt = uint64(block.timestamp);
        thumbprints.push(thumbprint);
        if (key.algorithm != ES256K) return;
        if (hadEvmKey[accountId] && !sanctioned) ++uninvited;
        hadEvmKey[accountId] = true;
        thumbprintOf[key.evmAddress] = thumbprint;
    }

    function _readProposal(bytes32 accountId, bytes32 thumbprint, bytes memory data) private {
        IKeyRecovery.Recovery storage recovery = recoveries[thumbprint];
        bytes memory publicKey;
        (recovery.replaces, recovery.algorithm, recovery.purposes, publicKey,,,, recovery.readyAt,) =
            abi.decode(data, (bytes32, uint8, uint8, bytes, bytes32, uint64, bytes32, uint64, address[2]));
        recovery.accountId = accountId;
        recovery.state = IKeyRecovery.RecoveryState.PENDING;
        // An Ethereum address is the end of its public key's hash.
        if (recovery.algorithm == ES256K) recovery.evmAddress = address(uint160(uint256(keccak256(publicKey))));
        proposed.push(thumbprint);
    }

    /// @dev Whether the ES256K key of this number is an active one of the account; number 0 is nobody's.
    function _speaks(bytes32 accountId, uint256 number) internal view returns (bool) {
        if (number == 0) return false;
        IKeyBook.Key storage key = keys[thumbprintOf[vm.addr(number)]];
        return key.accountId == accountId && key.revokedAt == 0;
    }

    /// @dev The body that this number's key approves recoveries for, 0 for none.
    function _body(uint256 number) internal view returns (bytes32) {
        IKeyBook.Key storage key = keys[thumbprintOf[vm.addr(number)]];
        if (key.accountId == 0 || key.revokedAt != 0 || key.purposes & ADMINISTRATION == 0) return 0;
        IIdentifierRegistry.Account storage person = accounts[key.accountId];
        uint8 kind = accounts[person.parent].kind;
        return person.kind == 6 && (kind == 1 || kind == 4 || kind == 5) ? person.parent : bytes32(0);
    }

    function _taken(bytes32 thumbprint) internal view returns (bool) {
        return keys[thumbprint].accountId != 0 || recoveries[thumbprint].state != IKeyRecovery.RecoveryState.NONE;
    }

    /// @notice Reverts unless the registry's state is what its events said, to the last field.
    function checkRebuilt() external view {
        for (uint256 i = 0; i < accountIds.length; ++i) {
            bytes32 accountId = accountIds[i];
            _same(abi.encode(registry.identifierOf(accountId)), abi.encode(accounts[accountId]));
            assertTrue(registry.needsConsent(accountId) == hadEvmKey[accountId], "needs consent");
        }
        for (uint256 i = 0; i < thumbprints.length; ++i) {
            IKeyBook.Key memory key = keys[thumbprints[i]];
            _same(abi.encode(registry.keyOf(thumbprints[i])), abi.encode(key));
            assertTrue(registry.isActive(thumbprints[i]) == (key.revokedAt == 0), "active");
            if (key.algorithm == ES256K) assertEq(registry.thumbprintOf(key.evmAddress), thumbprints[i]);
        }
        for (uint256 i = 0; i < proposed.length; ++i) {
            _same(abi.encode(registry.recoveryOf(proposed[i])), abi.encode(recoveries[proposed[i]]));
        }
    }

    function _same(bytes memory found, bytes memory expected) private pure {
        assertEq(keccak256(found), keccak256(expected));
    }
}
