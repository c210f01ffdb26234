// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";

/// @title Units that must not move, and accounts that nothing may leave (DOMAIN 22, 23).
/// @notice A freeze takes free units of one account and asset out of reach: they are held, and neither surrendered, moved
/// nor cancelled until they are released, or two persons transfer them out of this very freeze. It is named by the
/// operation id of its message. Two persons decide it; in an emergency the registrar freezes at once, and where two
/// persons do not confirm the same message within 24 hours, the freeze lapses.
///
/// From a suspended account nothing leaves by its holder's word or at its expense; what orders demand does (enforcement
/// and cancellation by two persons, returns that are due, the close of a year), and allocations still arrive.
///
/// Warning: units of a freeze that nobody confirmed stay frozen until somebody brings `lapseFreeze`, which only the
/// registrar may; until then everybody sees by `freezeOf` that they are frozen without a right.
///
/// What a suspended account refuses is refused with `AccountSuspended(bytes32 account, uint64 since)` of `Standing`.
interface IFreezes {
    // solhint-disable gas-struct-packing

    /// @notice EIP-712 `Freeze(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)`.
    /// @param opId Names the freeze from then on.
    /// @param documentHash SHA-256 of the order, not zero.
    struct Freeze {
        bytes32 opId;
        bytes32 account;
        AssetId asset;
        uint64 tonnes;
        bytes32 documentHash;
    }

    /// @notice EIP-712 `Release(bytes32 opId,bytes32 freeze,uint64 tonnes,bytes32 documentHash)`.
    struct Release {
        bytes32 opId;
        bytes32 freeze;
        uint64 tonnes;
        bytes32 documentHash;
    }

    /// @notice EIP-712 `Suspension(bytes32 opId,bytes32 account,bool suspended,bytes32 documentHash)`.
    struct Suspension {
        bytes32 opId;
        bytes32 account;
        bool suspended;
        bytes32 documentHash;
    }

    /// @notice Units are frozen; `lapsesAt` 0: by two persons, else at once, by the registrar, and `approvers` are zero.
    event Frozen(
        bytes32 indexed freeze,
        bytes32 indexed account,
        AssetId indexed asset,
        uint64 tonnes,
        bytes32 documentHash,
        uint64 lapsesAt,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Two persons confirmed a freeze that was made at once: it lapses no more.
    event FreezeConfirmed(
        bytes32 indexed freeze, bytes32 indexed opId, address[2] approvers, bytes32 leafHash, uint64 logIndex
    );

    /// @notice Nobody confirmed the freeze in time: its last `tonnes` are free again.
    event FreezeLapsed(
        bytes32 indexed freeze,
        bytes32 indexed account,
        AssetId indexed asset,
        bytes32 opId,
        uint64 tonnes,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice `tonnes` of the freeze are free again, `left` are frozen.
    event Released(
        bytes32 indexed freeze,
        bytes32 indexed account,
        AssetId indexed asset,
        bytes32 opId,
        uint64 tonnes,
        uint64 left,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Nothing leaves the account from now on; its block's time is `suspendedAt`.
    event AccountSuspended(
        bytes32 indexed account,
        bytes32 indexed opId,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The account is suspended no more.
    event AccountResumed(
        bytes32 indexed account,
        bytes32 indexed opId,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice There is no such freeze.
    error FreezeUnknown(bytes32 freeze);
    /// @notice The freeze is one of `account` and `asset`, or was made by another message than the one given.
    error FreezeDiffers(bytes32 freeze, bytes32 account, AssetId asset);
    /// @notice Only `left` of it are still frozen.
    error FreezeInsufficient(bytes32 freeze, uint64 requested, uint64 left);
    /// @notice Two persons approved the freeze: it does not lapse, and needs no confirmation.
    error FreezeApproved(bytes32 freeze);
    /// @notice Its 24 hours are not over.
    error FreezeNotLapsed(bytes32 freeze, uint64 lapsesAt, uint64 nowAt);
    /// @notice Its 24 hours are over, and nobody confirmed it.
    error FreezePast(bytes32 freeze, uint64 lapsesAt, uint64 nowAt);
    /// @notice The account is suspended already, or is not.
    error SuspensionUnchanged(bytes32 account, bool suspended);

    /// @notice Freezes free units of an enterprise or park. Restricted, two persons.
    function freeze(Freeze calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Freezes at once, for 24 hours. Restricted, the registrar alone.
    function freezeAtOnce(Freeze calldata m, Entry calldata entry) external;

    /// @notice Makes a freeze that was made at once lasting, within its 24 hours. Restricted, two persons.
    /// @param opId Of the confirmation.
    /// @param m The message of the freeze, as it was made, and
    /// @param approvals over it, as for `freeze`.
    function confirmFreeze(bytes32 opId, Freeze calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external;

    /// @notice Frees what is left of a freeze that was made at once and not confirmed in 24 hours. Restricted.
    function lapseFreeze(bytes32 opId, bytes32 freezeId, Entry calldata entry) external;

    /// @notice Frees units of a freeze, confirmed or not. Restricted, two persons.
    function release(Release calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Suspends an enterprise's or park's account, or ends its suspension. Restricted, two persons.
    function suspend(Suspension calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice A freeze, with what is left of it; `lapsesAt` 0: approved by two persons. An account of 0: no such freeze. One
    /// that ended stays known with 0 tonnes.
    function freezeOf(bytes32 freezeId)
        external
        view
        returns (bytes32 account, AssetId asset, uint64 tonnes, uint64 lapsesAt);

    /// @notice Since which second (Unix) nothing leaves the account; 0: it is not suspended.
    function suspendedAt(bytes32 account) external view returns (uint64);
}
