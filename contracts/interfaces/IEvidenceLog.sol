// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Cosignature} from "../libraries/CompactSignature.sol";

/// @title The checkpoints of one append-only evidence log.
/// @notice Knows which roots the log had at which sizes, and accepts a new one only where a consistency proof shows
/// that it extends the last and at least `threshold` registered cosigners signed it. Sizes and indices count entries.
///
/// What is proved here: that each accepted root extends the one before it within its epoch, and that the cosigners
/// signed it. What is trusted: that cosigners look at a log before they sign; that the first root (from size 0, where
/// there is nothing to be consistent with) is the log's. Whether the log shows everybody the same tree is what the
/// independence of the cosigners is worth.
///
/// Warning: where operator and cosigners are the same hands, an anchor proves nothing against the operator.
///
/// An epoch is a line of roots that extend each other. A bad anchor (cosigned, consistent, and yet wrong) cannot be
/// taken back; it is answered by a new epoch that starts from a good known root. Roots of the old epoch at or below
/// that size stay known under the old epoch's number; those above it are known no more.
interface IEvidenceLog {
    /// @notice One person who may approve a new epoch, and the body (account id) he or she belongs to.
    struct Approver {
        address account;
        bytes32 body;
    }

    /// @notice A proposed epoch that waits: what was approved, and by which bodies. `expiry` 0: there is none.
    struct EpochProposal {
        uint64 epoch;
        uint64 goodEpoch;
        uint64 goodSize;
        uint64 nonce;
        uint64 expiry;
        bytes32 goodRoot;
        bytes32 reasonHash;
        bytes32 firstBody;
        bytes32 secondBody;
    }

    /// @notice The log grew to `size` with `root`.
    event Anchored(uint64 indexed epoch, uint64 indexed size, bytes32 root);

    /// @notice An earlier size of the same line is known (again).
    event Backfilled(uint64 indexed epoch, uint64 indexed size, bytes32 root);

    /// @notice A new epoch waits until `opensAt` (Unix seconds) and lapses after `proposal.expiry`.
    event EpochProposed(
        uint64 indexed epoch, address firstApprover, address secondApprover, uint64 opensAt, EpochProposal proposal
    );

    /// @notice The proposal of this nonce was withdrawn by `approver`.
    event EpochCancelled(uint64 indexed epoch, uint64 nonce, address approver);

    /// @notice The log goes on from (`goodSize`, `goodRoot`) in `epoch`. In every earlier epoch, sizes above `goodSize`
    /// are known no more.
    event EpochOpened(uint64 indexed epoch, uint64 goodEpoch, uint64 goodSize, bytes32 goodRoot, bytes32 reasonHash);

    /// @notice This set replaces the one before. Nothing that is anchored changes.
    event CosignersChanged(address[] cosigners, uint8 threshold);

    /// @notice `account` approves for `body` from now on; body 0: for none.
    event ApproverChanged(address indexed account, bytes32 indexed body);

    /// @notice The manager of roles must be a contract.
    error AuthorityWithoutCode(address authority);
    /// @notice Anchors belong to the current epoch.
    error EpochNotCurrent(uint64 epoch, uint64 current);
    /// @notice This epoch was never opened.
    error EpochUnknown(uint64 epoch, uint64 current);
    /// @notice An anchor is strictly larger than the head.
    error SizeNotLarger(uint64 size, uint64 headSize);
    /// @notice A backfilled size is above 0 and strictly below the end of its epoch's line.
    error SizeNotSmaller(uint64 size, uint64 endSize);
    /// @notice This size is known already, with this root.
    error SizeAlreadyKnown(uint64 epoch, uint64 size, bytes32 root);
    /// @notice The zero word stands for "unknown" and is no root.
    error RootZero();
    /// @notice Nothing is known at this size of this epoch.
    error RootUnknown(uint64 epoch, uint64 size);
    /// @notice Fewer signatures than the threshold.
    error CosignaturesTooFew(uint256 given, uint256 threshold);
    /// @notice Cosigners come in strictly ascending order of address; an equal one is a repetition.
    error CosignersNotAscending(address previous, address next);
    /// @notice The address recovered from a cosignature is not a registered cosigner.
    error CosignerUnknown(address signer);
    /// @notice The zero address is no cosigner.
    error CosignerZero();
    /// @notice A cosigner is named twice.
    error CosignerRepeated(address cosigner);
    /// @notice The threshold is at least 1 and at most the number of cosigners, of which there are at most 32.
    error ThresholdInvalid(uint256 threshold, uint256 cosigners);
    /// @notice The zero address is no approver.
    error ApproverZero();
    /// @notice In the constructor every approver belongs to a body.
    error ApproverWithoutBody(address account);
    /// @notice An approver is named twice in the constructor.
    error ApproverRepeated(address account);
    /// @notice The address recovered from an approval is not a registered approver.
    error ApproverUnknown(address signer);
    /// @notice Two approvals come from two different bodies.
    error ApproversOfOneBody(address first, address second, bytes32 body);
    /// @notice A proposal waits already, until `expiry`.
    error EpochAlreadyPending(uint64 epoch, uint64 expiry);
    /// @notice No proposal waits.
    error EpochNotPending();
    /// @notice The proposal would lapse before it may open.
    error EpochExpiryTooSoon(uint64 expiry, uint64 opensAt);
    /// @notice The delay is not over.
    error EpochNotYetOpen(uint64 opensAt, uint64 nowAt);
    /// @notice The proposal has lapsed.
    error EpochExpired(uint64 expiry, uint64 nowAt);
    /// @notice Only an approver of one of the two proposing bodies cancels.
    error BodyNotProposing(address approver, bytes32 body);

    /// @notice Extends the log. Anybody may call: the cosignatures authorise, not the sender.
    /// @dev Idempotent by nature: a second call with the same arguments reverts with `SizeNotLarger`; whether the first
    /// took effect is what `rootAt(epoch, size)` answers.
    /// @param epoch The current epoch, else `EpochNotCurrent`.
    /// @param size Entries in the new tree, above the head's, else `SizeNotLarger`.
    /// @param root Its RFC 9162 tree hash, not zero, else `RootZero`.
    /// @param consistencyProof From the head to (`size`, `root`), empty where the head's size is 0; else a revert by
    /// `LogProof`: `ProofLengthInvalid`, `OldRootMismatch`, `NewRootMismatch`.
    /// @param cosignatures At least `threshold()` over EIP-712 `Checkpoint(uint64 epoch,uint64 size,bytes32 root)`, in
    /// strictly ascending order of the signers' addresses, all registered; else `CosignaturesTooFew`,
    /// `CosignersNotAscending`, `CosignerUnknown`, `SignatureInvalid`, `SignatureNotLow`.
    function anchor(
        uint64 epoch,
        uint64 size,
        bytes32 root,
        bytes32[] calldata consistencyProof,
        Cosignature[] calldata cosignatures
    ) external;

    /// @notice Makes an earlier size of an epoch's line known, so that receipts which cite it verify (again): a chain
    /// may forget blocks. Anybody may call; the same cosignatures as for `anchor` are due.
    /// @dev Reverts with `SizeAlreadyKnown` the second time. For an epoch that ended, the proof leads to the size and
    /// root the next epoch started from.
    /// @param epoch The current epoch or an earlier one, else `EpochUnknown`.
    /// @param size Above 0 and below the end of that epoch's line (the head's size for the current epoch), else
    /// `SizeNotSmaller`.
    /// @param root The tree hash at `size`, not zero.
    /// @param consistencyProof From (`size`, `root`) to the end of the line.
    /// @param cosignatures As for `anchor`, by cosigners registered now.
    function backfill(
        uint64 epoch,
        uint64 size,
        bytes32 root,
        bytes32[] calldata consistencyProof,
        Cosignature[] calldata cosignatures
    ) external;

    /// @notice Starts the delay of a new epoch that goes on from a known root. Anybody may call: two approvals by
    /// registered approvers of different bodies authorise, each over EIP-712 `EpochProposal(uint64 epoch,uint64
    /// goodEpoch,uint64 goodSize,bytes32 goodRoot,bytes32 reasonHash,uint64 nonce,uint64 expiry)` with `epoch` = current
    /// epoch + 1, `goodRoot` = `rootAt(goodEpoch, goodSize)` (zero for size 0), `nonce` = `proposalNonce()`.
    /// @dev Anchors of the current epoch go on during the delay; cosigners who know better stop signing.
    /// @param goodEpoch An opened epoch under which `goodSize` is known, else `EpochUnknown` or `RootUnknown`.
    /// @param goodSize The last good size; 0 starts the log anew.
    /// @param reasonHash Hash of the reasoned decision, kept off chain.
    /// @param expiry Unix seconds after which the proposal lapses, not before now + delay, else `EpochExpiryTooSoon`.
    /// @param approvals In any order; else `ApproverUnknown` or `ApproversOfOneBody`.
    function proposeEpoch(
        uint64 goodEpoch,
        uint64 goodSize,
        bytes32 reasonHash,
        uint64 expiry,
        Cosignature[2] calldata approvals
    ) external;

    /// @notice Opens the waiting epoch after its delay and before its expiry. Anybody may call.
    function openEpoch() external;

    /// @notice Withdraws the waiting proposal. Anybody may call: one approval by a registered approver of either
    /// proposing body authorises, over EIP-712 `EpochCancellation(uint64 epoch,uint64 nonce)` of the waiting proposal.
    function cancelEpoch(Cosignature calldata approval) external;

    /// @notice Replaces the cosigner set. Restricted (`AccessManagedUnauthorized`), meant for a role with a delay. What is
    /// anchored stays anchored. Cosignatures are judged by the set at the time of the call.
    /// Warning: a set that signs for an old set's checkpoint signs it anew; `backfill` takes no retired signatures.
    function setCosigners(address[] calldata cosigners_, uint8 threshold_) external;

    /// @notice Registers `account` as approver of `body`, or removes it (`body` 0). Restricted, meant for a role with a
    /// delay. Warning: with approvers of fewer than two bodies no epoch can be opened.
    function setApprover(address account, bytes32 body) external;

    /// @notice Current epoch and the last size with its root. At size 0 the root is that of the empty tree.
    function head() external view returns (uint64 epoch, uint64 size, bytes32 root);

    /// @notice The root known at exactly this size of this epoch; zero where none is known: size 0, a size never
    /// anchored or backfilled, an epoch not opened, or a size above the point from which a later epoch went on. The
    /// size an epoch starts from is known under it too.
    function rootAt(uint64 epoch, uint64 size) external view returns (bytes32 root);

    /// @notice Proves that leaf `index` of the known tree has the hash `leafHash`, or reverts: `RootUnknown`,
    /// `IndexOutOfRange`, `ProofLengthInvalid`, `RootMismatch`.
    /// Warning: nothing says here that `leafHash` is the hash of any entry; `verifyEntry` hashes the bytes itself.
    function verifyInclusion(uint64 epoch, uint64 size, uint64 index, bytes32 leafHash, bytes32[] calldata proof)
        external
        view;

    /// @notice Proves that entry `index` of the known tree has these bytes, or reverts as `verifyInclusion` does.
    /// Warning: inclusion says that the log holds the entry, not that the entry is true or its signature valid.
    function verifyEntry(uint64 epoch, uint64 size, uint64 index, bytes calldata entry, bytes32[] calldata proof)
        external
        view;

    /// @notice Registered cosigners, in the order they were set.
    function cosigners() external view returns (address[] memory);

    /// @notice Signatures that an anchor needs at least.
    function threshold() external view returns (uint8);

    /// @notice Seconds between the proposal of an epoch and the earliest moment it may open.
    function epochDelaySeconds() external view returns (uint32);

    /// @notice Body of an approver, zero for others.
    function bodyOf(address account) external view returns (bytes32);

    /// @notice The waiting proposal, or one with `expiry` 0, and the Unix second from which it may open. A lapsed one
    /// stays visible until the next.
    function pendingEpoch() external view returns (EpochProposal memory proposal, uint64 opensAt);

    /// @notice Number that the next proposal's approvals must carry: approvals are used once.
    function proposalNonce() external view returns (uint64);
}
