// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IFreezes} from "../interfaces/IFreezes.sol";
import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {Standing} from "../libraries/Standing.sol";
import {Acts} from "./Acts.sol";
import {AssetBook} from "./AssetBook.sol";

/// @title Frozen units and suspended accounts; see IFreezes. Who may call is decided by the contract that inherits this.
abstract contract Freezes is Acts, AssetBook, IFreezes {
    struct Held {
        bytes32 account;
        bytes32 messageHash;
        AssetId asset;
        uint64 tonnes;
        uint64 lapsesAt;
    }

    bytes32 private constant _FREEZE_TYPEHASH =
        keccak256("Freeze(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)");
    bytes32 private constant _RELEASE_TYPEHASH =
        keccak256("Release(bytes32 opId,bytes32 freeze,uint64 tonnes,bytes32 documentHash)");
    bytes32 private constant _SUSPENSION_TYPEHASH =
        keccak256("Suspension(bytes32 opId,bytes32 account,bool suspended,bytes32 documentHash)");
    /// @dev DOMAIN 23.
    uint64 private constant _EMERGENCY = 24 hours;

    mapping(bytes32 freezeId => Held held) private _freezes;
    mapping(bytes32 account => uint64 since) private _suspendedAt;

    /// @inheritdoc IFreezes
    function freezeOf(bytes32 freezeId)
        external
        view
        returns (bytes32 account, AssetId asset, uint64 tonnes, uint64 lapsesAt)
    {
        Held storage held = _freezes[freezeId];
        return (held.account, held.asset, held.tonnes, held.lapsesAt);
    }

    /// @inheritdoc IFreezes
    function suspendedAt(bytes32 account) external view returns (uint64) {
        return _suspendedAt[account];
    }

    function _freeze(Freeze calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        bytes32 structHash = _freezeHash(m);
        address[2] memory approvers = _decide(m.opId, structHash, approvals, entry);
        _hold(m, structHash, 0, approvers, entry);
    }

    function _freezeAtOnce(Freeze calldata m, Entry calldata entry) internal {
        _begin(m.opId, entry);
        // Memory begins as zeros, which are nobody's.
        // slither-disable-next-line uninitialized-local
        address[2] memory nobody;
        _hold(m, _freezeHash(m), uint64(block.timestamp) + _EMERGENCY, nobody, entry);
    }

    function _confirmFreeze(bytes32 opId, Freeze calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        internal
    {
        bytes32 structHash = _freezeHash(m);
        address[2] memory approvers = _decide(opId, structHash, approvals, entry);
        Held storage held = _standing(m.opId);
        if (held.messageHash != structHash) revert FreezeDiffers(m.opId, held.account, held.asset);
        if (held.lapsesAt == 0) revert FreezeApproved(m.opId);
        held.lapsesAt = 0;
        emit FreezeConfirmed(m.opId, opId, approvers, entry.leafHash, entry.logIndex);
    }

    function _lapseFreeze(bytes32 opId, bytes32 freezeId, Entry calldata entry) internal {
        _begin(opId, entry);
        Held storage held = _known(freezeId);
        uint64 lapsesAt = held.lapsesAt;
        if (lapsesAt == 0) revert FreezeApproved(freezeId);
        uint64 nowAt = uint64(block.timestamp);
        // A day more or less by the seconds that a block's maker may be off.
        // slither-disable-next-line timestamp
        if (nowAt < lapsesAt) revert FreezeNotLapsed(freezeId, lapsesAt, nowAt);
        uint64 tonnes = held.tonnes;
        if (tonnes == 0) revert FreezeInsufficient(freezeId, 1, 0);
        held.tonnes = 0;
        (bytes32 account, AssetId asset) = (held.account, held.asset);
        _moveFrozen(account, account, asset, tonnes);
        emit FreezeLapsed(freezeId, account, asset, opId, tonnes, entry.leafHash, entry.logIndex);
    }

    function _release(Release calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        _requireDocument(m.documentHash);
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_RELEASE_TYPEHASH, m)), approvals, entry);
        Held storage held = _known(m.freeze);
        uint64 left = _unhold(m.freeze, held, m.tonnes);
        _moveFrozen(held.account, held.account, held.asset, m.tonnes);
        emit Released(
            m.freeze,
            held.account,
            held.asset,
            m.opId,
            m.tonnes,
            left,
            m.documentHash,
            approvers,
            entry.leafHash,
            entry.logIndex
        );
    }

    function _suspend(Suspension calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        _requireDocument(m.documentHash);
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_SUSPENSION_TYPEHASH, m)), approvals, entry);
        _requireHolderKind(m.account);
        if ((_suspendedAt[m.account] != 0) == m.suspended) revert SuspensionUnchanged(m.account, m.suspended);
        if (m.suspended) {
            _suspendedAt[m.account] = uint64(block.timestamp);
            emit AccountSuspended(m.account, m.opId, m.documentHash, approvers, entry.leafHash, entry.logIndex);
        } else {
            _suspendedAt[m.account] = 0;
            emit AccountResumed(m.account, m.opId, m.documentHash, approvers, entry.leafHash, entry.logIndex);
        }
    }

    /// @dev Takes units out of a freeze of this account and asset, whose time is not over.
    function _takeFrom(bytes32 freezeId, bytes32 account, AssetId asset, uint64 tonnes) internal {
        Held storage held = _standing(freezeId);
        if (held.account != account || !(held.asset == asset)) {
            revert FreezeDiffers(freezeId, held.account, held.asset);
        }
        _unhold(freezeId, held, tonnes);
    }

    function _requireUnsuspended(bytes32 account) internal view {
        Standing.requireFree(account, _suspendedAt[account]);
    }

    function _hold(
        Freeze calldata m,
        bytes32 structHash,
        uint64 lapsesAt,
        address[2] memory approvers,
        Entry calldata entry
    ) private {
        _requireDocument(m.documentHash);
        _freezeUnits(m.account, m.asset, m.tonnes);
        _freezes[m.opId] = Held(m.account, structHash, m.asset, m.tonnes, lapsesAt);
        emit Frozen(
            m.opId, m.account, m.asset, m.tonnes, m.documentHash, lapsesAt, approvers, entry.leafHash, entry.logIndex
        );
    }

    function _unhold(bytes32 freezeId, Held storage held, uint64 tonnes) private returns (uint64 left) {
        if (tonnes == 0) revert AmountZero();
        left = held.tonnes;
        if (tonnes > left) revert FreezeInsufficient(freezeId, tonnes, left);
        left -= tonnes;
        held.tonnes = left;
    }

    function _known(bytes32 freezeId) private view returns (Held storage held) {
        held = _freezes[freezeId];
        if (held.account == 0) revert FreezeUnknown(freezeId);
    }

    /// @dev A freeze that was approved, or may still be.
    function _standing(bytes32 freezeId) private view returns (Held storage held) {
        held = _known(freezeId);
        uint64 nowAt = uint64(block.timestamp);
        // slither-disable-next-line timestamp
        if (held.lapsesAt != 0 && nowAt >= held.lapsesAt) revert FreezePast(freezeId, held.lapsesAt, nowAt);
    }

    function _freezeHash(Freeze calldata m) private pure returns (bytes32) {
        return keccak256(abi.encode(_FREEZE_TYPEHASH, m));
    }
}
