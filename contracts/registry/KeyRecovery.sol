// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IKeyRecovery} from "../interfaces/IKeyRecovery.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {KeyBook} from "./KeyBook.sol";
import {TwoPersons} from "./TwoPersons.sol";

/// @title Proposals of new keys for accounts that lost one; see IKeyRecovery. Who may call is decided by the contract
/// that inherits this.
abstract contract KeyRecovery is KeyBook, IKeyRecovery, TwoPersons {
    using CompactSignature for bytes32;

    bytes32 private constant _RECOVERY_TYPEHASH = keccak256(
        "KeyRecovery(bytes32 accountId,bytes32 replaces,bytes32 thumbprint,uint8 purposes,bytes32 reasonHash)"
    );
    bytes32 private constant _VETO_TYPEHASH = keccak256("RecoveryVeto(bytes32 accountId,bytes32 thumbprint)");

    uint32 private immutable _delay;
    mapping(bytes32 thumbprint => Recovery recovery) private _recoveries;

    /// @param delaySeconds How long a holder can object.
    constructor(uint32 delaySeconds) {
        if (delaySeconds == 0) revert RecoveryDelayZero();
        _delay = delaySeconds;
    }

    /// @inheritdoc IKeyRecovery
    function vetoRecovery(bytes32 thumbprint, Cosignature calldata veto) external {
        Recovery storage recovery = _pending(thumbprint);
        bytes32 accountId = recovery.accountId;
        // From then on a completion may be on its way, and whoever orders a block must not choose between the two. A
        // later objection goes to the log, which takes it until its own completion, and the registrar withdraws.
        // slither-disable-next-line timestamp
        if (block.timestamp >= recovery.readyAt) revert RecoveryVetoLate(recovery.readyAt);
        address signer = _typedDigest(keccak256(abi.encode(_VETO_TYPEHASH, accountId, thumbprint))).recover(veto);
        if (!_speaksFor(accountId, signer)) revert VetoInvalid(accountId, signer);
        recovery.state = RecoveryState.WITHDRAWN;
        emit RecoveryVetoed(accountId, thumbprint, signer);
    }

    /// @inheritdoc IKeyRecovery
    function recoveryOf(bytes32 thumbprint) external view returns (Recovery memory) {
        return _recoveries[thumbprint];
    }

    /// @inheritdoc IKeyRecovery
    function recoveryDelaySeconds() external view returns (uint32) {
        return _delay;
    }

    function _propose(
        bytes32 opId,
        bytes32 replaces,
        KeyGrant calldata grant,
        bytes32 reasonHash,
        Cosignature[2] calldata approvals
    ) internal {
        Key storage replaced = _known(replaces);
        if (grant.purposes != replaced.purposes) revert PurposesDiffer(grant.purposes, replaced.purposes);
        // Memory begins as zeros, and so many members at once are too many for the stack.
        // slither-disable-next-line uninitialized-local
        Recovery memory recovery;
        recovery.accountId = replaced.accountId;
        recovery.replaces = replaces;
        recovery.algorithm = grant.algorithm;
        recovery.purposes = grant.purposes;
        recovery.readyAt = uint64(block.timestamp) + _delay;
        recovery.state = RecoveryState.PENDING;
        bytes32 thumbprint;
        (thumbprint, recovery.evmAddress) = _examine(recovery.accountId, grant);
        _requireNotProposed(thumbprint);
        bytes32 structHash = keccak256(
            abi.encode(
                _RECOVERY_TYPEHASH, recovery.accountId, recovery.replaces, thumbprint, recovery.purposes, reasonHash
            )
        );
        address[2] memory approvers = _checkApprovals(structHash, approvals);
        _recoveries[thumbprint] = recovery;
        _announce(opId, thumbprint, recovery, grant, reasonHash, approvers);
    }

    function _cancel(bytes32 opId, bytes32 thumbprint) internal {
        Recovery storage recovery = _recoveries[thumbprint];
        // The log's veto may come after the chain's: both say the same.
        if (recovery.state != RecoveryState.PENDING && recovery.state != RecoveryState.WITHDRAWN) {
            revert RecoveryNotPending(thumbprint, recovery.state);
        }
        recovery.state = RecoveryState.WITHDRAWN;
        emit RecoveryCancelled(recovery.accountId, thumbprint, opId);
    }

    function _complete(bytes32 opId, bytes32 thumbprint, bytes calldata publicKey, bytes32 leafHash, uint64 logIndex)
        internal
    {
        Recovery storage recovery = _pending(thumbprint);
        // The delay is days: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (block.timestamp < recovery.readyAt) revert RecoveryNotReady(recovery.readyAt);
        if (leafHash == 0) revert LeafHashZero();
        bytes32 given = _thumbprint(recovery.algorithm, publicKey);
        if (given != thumbprint) revert RecoveryKeyDiffers(given, thumbprint);
        recovery.state = RecoveryState.COMPLETED;
        // Memory begins as zeros, and so many members at once are too many for the stack.
        // slither-disable-next-line uninitialized-local
        Key memory entry;
        entry.accountId = recovery.accountId;
        entry.leafHash = leafHash;
        entry.evmAddress = recovery.evmAddress;
        entry.algorithm = recovery.algorithm;
        entry.purposes = recovery.purposes;
        entry.logIndex = logIndex;
        _enter(opId, thumbprint, entry, publicKey);
        if (_known(recovery.replaces).revokedAt == 0) _end(opId, recovery.replaces, logIndex);
        emit RecoveryCompleted(recovery.accountId, thumbprint, opId, recovery.replaces);
    }

    function _requireNotProposed(bytes32 thumbprint) internal view override {
        // Slither takes all of a proposal for a time, because it holds one.
        // slither-disable-next-line timestamp
        if (_recoveries[thumbprint].state != RecoveryState.NONE) revert KeyAlreadyProposed(thumbprint);
    }

    function _speakerOf(address evmAddress) internal view override returns (bytes32 accountId, uint8 purposes) {
        Key memory key = _activeKey(evmAddress);
        return (key.accountId, key.purposes);
    }

    function _announce(
        bytes32 opId,
        bytes32 thumbprint,
        Recovery memory recovery,
        KeyGrant calldata grant,
        bytes32 reasonHash,
        address[2] memory approvers
    ) private {
        emit RecoveryProposed(
            recovery.accountId,
            thumbprint,
            opId,
            recovery.replaces,
            recovery.algorithm,
            recovery.purposes,
            grant.publicKey,
            grant.leafHash,
            grant.logIndex,
            reasonHash,
            recovery.readyAt,
            approvers
        );
    }

    function _pending(bytes32 thumbprint) private view returns (Recovery storage recovery) {
        recovery = _recoveries[thumbprint];
        if (recovery.state != RecoveryState.PENDING) revert RecoveryNotPending(thumbprint, recovery.state);
    }
}
