// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Cosignature} from "../libraries/CompactSignature.sol";
import {ITwoPersons} from "./ITwoPersons.sol";

/// @title A new key for an account whose holder lost one: two persons of different bodies, a delay, a veto.
/// @notice A proposal stands from its block until `readyAt`. Until then an active ES256K key of the account may veto it;
/// from then on it may be completed. Until it is completed the registrar may cancel it. A key that was proposed comes by
/// that proposal or never.
///
/// Warning: a thief of an active key can veto as well. Such a key is declared compromised first, which ends it.
/// Warning: bodies and their persons are as the registrar enrolled them. A registrar who invents two bodies, and ends the
/// keys that could veto, is held up by the delay only, in which everybody sees it.
interface IKeyRecovery is ITwoPersons {
    /// @notice How a proposal stands. `NONE`: there was none.
    enum RecoveryState {
        NONE,
        PENDING,
        WITHDRAWN,
        COMPLETED
    }

    /// @notice What is known of a proposal; `state` NONE: nothing. `readyAt`: Unix seconds.
    struct Recovery {
        bytes32 accountId;
        bytes32 replaces;
        address evmAddress;
        uint8 algorithm;
        uint8 purposes;
        uint64 readyAt;
        RecoveryState state;
    }

    /// @notice Two persons want `thumbprint` to take the place of `replaces` at `readyAt`. `reasonHash`: keccak256 of the
    /// reason's UTF-8. `approvers`: EVM addresses of the two persons' keys.
    event RecoveryProposed(
        bytes32 indexed accountId,
        bytes32 indexed thumbprint,
        bytes32 indexed opId,
        bytes32 replaces,
        uint8 algorithm,
        uint8 purposes,
        bytes publicKey,
        bytes32 leafHash,
        uint64 logIndex,
        bytes32 reasonHash,
        uint64 readyAt,
        address[2] approvers
    );

    /// @notice The holder refused, by the active key with this address.
    event RecoveryVetoed(bytes32 indexed accountId, bytes32 indexed thumbprint, address signer);

    /// @notice The registrar withdrew it, on a veto in the log.
    event RecoveryCancelled(bytes32 indexed accountId, bytes32 indexed thumbprint, bytes32 indexed opId);

    /// @notice The key speaks for the account (`KeyEnrolled`), the replaced one no more (`KeyRevoked`, if it still did).
    event RecoveryCompleted(
        bytes32 indexed accountId, bytes32 indexed thumbprint, bytes32 indexed opId, bytes32 replaces
    );

    /// @notice A holder has time to object.
    error RecoveryDelayZero();
    /// @notice The proposal does not stand (any more).
    error RecoveryNotPending(bytes32 thumbprint, RecoveryState state);
    /// @notice The delay is not over.
    error RecoveryNotReady(uint64 readyAt);
    /// @notice The time to object is over.
    error RecoveryVetoLate(uint64 readyAt);
    /// @notice The veto is not by an active ES256K key of the account.
    error VetoInvalid(bytes32 accountId, address signer);
    /// @notice This is not the key that was proposed.
    error RecoveryKeyDiffers(bytes32 thumbprint, bytes32 proposed);

    /// @notice Anybody brings the veto of an active ES256K key of the account, signed over EIP-712
    /// `RecoveryVeto(bytes32 accountId,bytes32 thumbprint)`; `thumbprint` is the proposed key's.
    /// @dev Not idempotent by nature: the second reverts with `RecoveryNotPending`.
    function vetoRecovery(bytes32 thumbprint, Cosignature calldata veto) external;

    /// @notice What is known of the recovery that proposes this key.
    function recoveryOf(bytes32 thumbprint) external view returns (Recovery memory);

    /// @notice How long a holder can object, in seconds.
    function recoveryDelaySeconds() external view returns (uint32);
}
