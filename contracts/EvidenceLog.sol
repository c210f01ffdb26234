// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IEvidenceLog} from "./interfaces/IEvidenceLog.sol";
import {CompactSignature, Cosignature} from "./libraries/CompactSignature.sol";
import {LogProof} from "./libraries/LogProof.sol";
import {TypedDomain} from "./libraries/TypedDomain.sol";

/// @title The checkpoints of one append-only evidence log; see IEvidenceLog.
contract EvidenceLog is IEvidenceLog, TypedDomain, AccessManaged {
    using CompactSignature for bytes32;

    /// @dev One slot, so that an anchor reads and writes it once.
    struct Head {
        uint64 epoch;
        uint64 size;
        uint8 threshold;
    }

    struct Checkpoint {
        uint64 size;
        bytes32 root;
    }

    bytes32 private constant _CHECKPOINT_TYPEHASH = keccak256("Checkpoint(uint64 epoch,uint64 size,bytes32 root)");
    bytes32 private constant _PROPOSAL_TYPEHASH = keccak256(
        "EpochProposal(uint64 epoch,uint64 goodEpoch,uint64 goodSize,bytes32 goodRoot,bytes32 reasonHash,uint64 nonce,uint64 expiry)"
    );
    bytes32 private constant _CANCELLATION_TYPEHASH = keccak256("EpochCancellation(uint64 epoch,uint64 nonce)");
    uint256 private constant _MAX_COSIGNERS = 32;

    uint32 private immutable _epochDelaySeconds;

    Head private _head;
    uint64 private _proposalNonce;
    mapping(uint64 epoch => mapping(uint64 size => bytes32 root)) private _roots;
    /// @dev Where an ended epoch's line stops to be valid. Never grows with a later epoch, and an earlier epoch's end
    /// is never above a later one's.
    mapping(uint64 epoch => Checkpoint end) private _ends;
    mapping(address account => bool registered) private _isCosigner;
    address[] private _cosigners;
    mapping(address account => bytes32 body) private _bodies;
    EpochProposal private _pending;
    /// @dev Apart from the proposal: nobody signed it.
    uint64 private _opensAt;

    /// @param authority AccessManager that rules the restricted calls.
    /// @param deploymentId_ Random, not zero: salt of the EIP-712 domain.
    /// @param cosigners_ Distinct addresses, 1 to 32.
    /// @param threshold_ 1 to the number of cosigners.
    /// @param epochDelaySeconds_ Seconds a proposed epoch waits.
    /// @param approvers Persons who may approve a new epoch; may be empty.
    constructor(
        address authority,
        bytes32 deploymentId_,
        address[] memory cosigners_,
        uint8 threshold_,
        uint32 epochDelaySeconds_,
        Approver[] memory approvers
    ) TypedDomain(deploymentId_) AccessManaged(authority) {
        if (authority.code.length == 0) revert AuthorityWithoutCode(authority);
        _epochDelaySeconds = epochDelaySeconds_;
        _setCosigners(cosigners_, threshold_);
        for (uint256 i = 0; i < approvers.length; ++i) {
            Approver memory approver = approvers[i];
            if (approver.body == 0) revert ApproverWithoutBody(approver.account);
            if (_bodies[approver.account] != 0) revert ApproverRepeated(approver.account);
            _setApprover(approver.account, approver.body);
        }
    }

    /// @inheritdoc IEvidenceLog
    function setCosigners(address[] calldata cosigners_, uint8 threshold_) external restricted {
        _setCosigners(cosigners_, threshold_);
    }

    /// @inheritdoc IEvidenceLog
    function setApprover(address account, bytes32 body) external restricted {
        _setApprover(account, body);
    }

    /// @inheritdoc IEvidenceLog
    function anchor(
        uint64 epoch,
        uint64 size,
        bytes32 root,
        bytes32[] calldata consistencyProof,
        Cosignature[] calldata cosignatures
    ) external {
        Head memory current = _head;
        if (epoch != current.epoch) revert EpochNotCurrent(epoch, current.epoch);
        if (size <= current.size) revert SizeNotLarger(size, current.size);
        _checkCosignatures(epoch, size, root, cosignatures, current.threshold);
        mapping(uint64 => bytes32) storage roots = _roots[epoch];
        bytes32 headRoot = current.size == 0 ? LogProof.EMPTY_ROOT : roots[current.size];
        LogProof.verifyConsistency(current.size, size, headRoot, root, consistencyProof);
        roots[size] = root;
        _head.size = size;
        emit Anchored(epoch, size, root);
    }

    /// @inheritdoc IEvidenceLog
    function backfill(
        uint64 epoch,
        uint64 size,
        bytes32 root,
        bytes32[] calldata consistencyProof,
        Cosignature[] calldata cosignatures
    ) external {
        Checkpoint memory end = _endOf(epoch);
        if (size == 0 || size >= end.size) revert SizeNotSmaller(size, end.size);
        bytes32 known = _roots[epoch][size];
        if (known != 0) revert SizeAlreadyKnown(epoch, size, known);
        _checkCosignatures(epoch, size, root, cosignatures, _head.threshold);
        LogProof.verifyConsistency(size, end.size, root, end.root, consistencyProof);
        _roots[epoch][size] = root;
        emit Backfilled(epoch, size, root);
    }

    /// @inheritdoc IEvidenceLog
    function proposeEpoch(
        uint64 goodEpoch,
        uint64 goodSize,
        bytes32 reasonHash,
        uint64 expiry,
        Cosignature[2] calldata approvals
    ) external {
        uint64 opensAt = _requireRoomFor(expiry);
        EpochProposal memory proposal = EpochProposal({
            epoch: _head.epoch + 1,
            goodEpoch: goodEpoch,
            goodSize: goodSize,
            nonce: _proposalNonce,
            expiry: expiry,
            goodRoot: _goodRoot(goodEpoch, goodSize),
            reasonHash: reasonHash,
            firstBody: 0,
            secondBody: 0
        });
        bytes32 digest = _proposalDigest(proposal);
        address first = digest.recover(approvals[0]);
        address second = digest.recover(approvals[1]);
        proposal.firstBody = _requireBody(first);
        proposal.secondBody = _requireBody(second);
        if (proposal.firstBody == proposal.secondBody) revert ApproversOfOneBody(first, second, proposal.firstBody);
        _pending = proposal;
        _opensAt = opensAt;
        _proposalNonce = proposal.nonce + 1;
        emit EpochProposed(proposal.epoch, first, second, opensAt, proposal);
    }

    /// @inheritdoc IEvidenceLog
    function openEpoch() external {
        EpochProposal memory proposal = _pending;
        uint64 nowAt = uint64(block.timestamp);
        if (proposal.expiry == 0) revert EpochNotPending();
        // Delay and expiry are hours: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (nowAt < _opensAt) revert EpochNotYetOpen(_opensAt, nowAt);
        // slither-disable-next-line timestamp
        if (nowAt > proposal.expiry) revert EpochExpired(proposal.expiry, nowAt);
        Checkpoint memory good = Checkpoint({size: proposal.goodSize, root: proposal.goodRoot});
        uint64 ended = _head.epoch;
        _ends[ended] = good;
        // Ends never fall from one epoch to the next, so the first that is low enough vouches for all before it.
        while (ended > 0 && _ends[ended - 1].size > good.size) {
            --ended;
            _ends[ended] = good;
        }
        _roots[proposal.epoch][good.size] = good.root;
        _head.epoch = proposal.epoch;
        _head.size = good.size;
        delete _pending;
        delete _opensAt;
        emit EpochOpened(proposal.epoch, proposal.goodEpoch, good.size, good.root, proposal.reasonHash);
    }

    /// @inheritdoc IEvidenceLog
    function cancelEpoch(Cosignature calldata approval) external {
        EpochProposal memory proposal = _pending;
        if (proposal.expiry == 0) revert EpochNotPending();
        bytes32 structHash = keccak256(abi.encode(_CANCELLATION_TYPEHASH, proposal.epoch, proposal.nonce));
        address approver = _typedDigest(structHash).recover(approval);
        bytes32 body = _requireBody(approver);
        if (body != proposal.firstBody && body != proposal.secondBody) revert BodyNotProposing(approver, body);
        delete _pending;
        delete _opensAt;
        emit EpochCancelled(proposal.epoch, proposal.nonce, approver);
    }

    /// @inheritdoc IEvidenceLog
    function head() external view returns (uint64 epoch, uint64 size, bytes32 root) {
        epoch = _head.epoch;
        size = _head.size;
        root = size == 0 ? LogProof.EMPTY_ROOT : _roots[epoch][size];
    }

    /// @inheritdoc IEvidenceLog
    function verifyInclusion(uint64 epoch, uint64 size, uint64 index, bytes32 leafHash, bytes32[] calldata proof)
        external
        view
    {
        LogProof.verifyInclusion(leafHash, index, size, proof, _requireRoot(epoch, size));
    }

    /// @inheritdoc IEvidenceLog
    function verifyEntry(uint64 epoch, uint64 size, uint64 index, bytes calldata entry, bytes32[] calldata proof)
        external
        view
    {
        LogProof.verifyInclusion(LogProof.leafHash(entry), index, size, proof, _requireRoot(epoch, size));
    }

    /// @inheritdoc IEvidenceLog
    function cosigners() external view returns (address[] memory) {
        return _cosigners;
    }

    /// @inheritdoc IEvidenceLog
    function threshold() external view returns (uint8) {
        return _head.threshold;
    }

    /// @inheritdoc IEvidenceLog
    function epochDelaySeconds() external view returns (uint32) {
        return _epochDelaySeconds;
    }

    /// @inheritdoc IEvidenceLog
    function bodyOf(address account) external view returns (bytes32) {
        return _bodies[account];
    }

    /// @inheritdoc IEvidenceLog
    function pendingEpoch() external view returns (EpochProposal memory proposal, uint64 opensAt) {
        return (_pending, _opensAt);
    }

    /// @inheritdoc IEvidenceLog
    function proposalNonce() external view returns (uint64) {
        return _proposalNonce;
    }

    /// @inheritdoc IEvidenceLog
    function rootAt(uint64 epoch, uint64 size) public view returns (bytes32) {
        if (epoch < _head.epoch && size > _ends[epoch].size) return 0;
        return _roots[epoch][size];
    }

    function _setCosigners(address[] memory cosigners_, uint8 threshold_) private {
        uint256 count = cosigners_.length;
        if (threshold_ == 0 || threshold_ > count || count > _MAX_COSIGNERS) {
            revert ThresholdInvalid(threshold_, count);
        }
        address[] memory retired = _cosigners;
        for (uint256 i = 0; i < retired.length; ++i) {
            delete _isCosigner[retired[i]];
        }
        for (uint256 i = 0; i < count; ++i) {
            address cosigner = cosigners_[i];
            if (cosigner == address(0)) revert CosignerZero();
            if (_isCosigner[cosigner]) revert CosignerRepeated(cosigner);
            _isCosigner[cosigner] = true;
        }
        _cosigners = cosigners_;
        _head.threshold = threshold_;
        emit CosignersChanged(cosigners_, threshold_);
    }

    function _setApprover(address account, bytes32 body) private {
        if (account == address(0)) revert ApproverZero();
        _bodies[account] = body;
        emit ApproverChanged(account, body);
    }

    function _checkCosignatures(
        uint64 epoch,
        uint64 size,
        bytes32 root,
        Cosignature[] calldata cosignatures,
        uint256 required
    ) private view {
        if (root == 0) revert RootZero();
        if (cosignatures.length < required) revert CosignaturesTooFew(cosignatures.length, required);
        bytes32 digest = _typedDigest(keccak256(abi.encode(_CHECKPOINT_TYPEHASH, epoch, size, root)));
        address previous = address(0);
        for (uint256 i = 0; i < cosignatures.length; ++i) {
            address signer = digest.recover(cosignatures[i]);
            if (signer <= previous) revert CosignersNotAscending(previous, signer);
            if (!_isCosigner[signer]) revert CosignerUnknown(signer);
            previous = signer;
        }
    }

    function _endOf(uint64 epoch) private view returns (Checkpoint memory end) {
        Head memory current = _head;
        if (epoch > current.epoch) revert EpochUnknown(epoch, current.epoch);
        if (epoch < current.epoch) return _ends[epoch];
        end.size = current.size;
        end.root = _roots[epoch][current.size];
    }

    /// @dev When a proposal made now may open. A lapsed one makes room by itself: nobody has to sign its end.
    function _requireRoomFor(uint64 expiry) private view returns (uint64 opensAt) {
        uint64 nowAt = uint64(block.timestamp);
        // Delay and expiry are hours: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (nowAt <= _pending.expiry) revert EpochAlreadyPending(_pending.epoch, _pending.expiry);
        opensAt = nowAt + _epochDelaySeconds;
        // slither-disable-next-line timestamp
        if (expiry < opensAt) revert EpochExpiryTooSoon(expiry, opensAt);
    }

    function _goodRoot(uint64 goodEpoch, uint64 goodSize) private view returns (bytes32) {
        if (goodEpoch > _head.epoch) revert EpochUnknown(goodEpoch, _head.epoch);
        return goodSize == 0 ? bytes32(0) : _requireRoot(goodEpoch, goodSize);
    }

    function _requireRoot(uint64 epoch, uint64 size) private view returns (bytes32 root) {
        root = rootAt(epoch, size);
        if (root == 0) revert RootUnknown(epoch, size);
    }

    function _requireBody(address signer) private view returns (bytes32 body) {
        body = _bodies[signer];
        if (body == 0) revert ApproverUnknown(signer);
    }

    function _proposalDigest(EpochProposal memory proposal) private view returns (bytes32) {
        return _typedDigest(
            keccak256(
                abi.encode(
                    _PROPOSAL_TYPEHASH,
                    proposal.epoch,
                    proposal.goodEpoch,
                    proposal.goodSize,
                    proposal.goodRoot,
                    proposal.reasonHash,
                    proposal.nonce,
                    proposal.expiry
                )
            )
        );
    }
}
