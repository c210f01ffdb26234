// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {EvidenceLog} from "../../EvidenceLog.sol";
import {IEvidenceLog} from "../../interfaces/IEvidenceLog.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {ReferenceTree} from "./ReferenceTree.sol";
import {TypedSigner} from "./TypedSigner.sol";

/// @title A deployed log with three cosigners, two of whom must sign, and four approvers of three bodies.
abstract contract LogFixture is TypedSigner {
    using ReferenceTree for bytes32[];

    bytes32 internal constant CHECKPOINT = keccak256("Checkpoint(uint64 epoch,uint64 size,bytes32 root)");
    bytes32 internal constant PROPOSAL = keccak256(
        "EpochProposal(uint64 epoch,uint64 goodEpoch,uint64 goodSize,bytes32 goodRoot,bytes32 reasonHash,uint64 nonce,uint64 expiry)"
    );
    bytes32 internal constant CANCELLATION = keccak256("EpochCancellation(uint64 epoch,uint64 nonce)");
    uint32 internal constant DELAY = 2 days;
    bytes32 internal constant PARK = keccak256("park");
    bytes32 internal constant REGULATOR = keccak256("regulator");
    bytes32 internal constant VERIFIER = keccak256("verifier");

    AccessManager internal immutable MANAGER = new AccessManager(address(this));
    EvidenceLog internal log;

    /// @dev In ascending order of address.
    uint256[3] internal cosignerKeys;
    uint256 internal parkKey = 0xA1;
    uint256 internal otherParkKey = 0xA2;
    uint256 internal regulatorKey = 0xB1;
    uint256 internal verifierKey = 0xC1;

    function _build() internal {
        vm.warp(1_790_000_000);
        cosignerKeys = _sorted([uint256(0xC0051), 0xC0052, 0xC0053]);
        log = _deploy(DEPLOYMENT_ID);
    }

    function _deploy(bytes32 deploymentId) internal returns (EvidenceLog) {
        IEvidenceLog.Approver[] memory approvers = new IEvidenceLog.Approver[](4);
        approvers[0] = IEvidenceLog.Approver(vm.addr(parkKey), PARK);
        approvers[1] = IEvidenceLog.Approver(vm.addr(otherParkKey), PARK);
        approvers[2] = IEvidenceLog.Approver(vm.addr(regulatorKey), REGULATOR);
        approvers[3] = IEvidenceLog.Approver(vm.addr(verifierKey), VERIFIER);
        return new EvidenceLog(address(MANAGER), deploymentId, _cosigners(), 2, DELAY, approvers);
    }

    function _cosigners() internal view returns (address[] memory accounts) {
        accounts = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            accounts[i] = vm.addr(cosignerKeys[i]);
        }
    }

    function _sorted(uint256[3] memory keys) internal pure returns (uint256[3] memory) {
        for (uint256 i = 0; i < 2; ++i) {
            for (uint256 j = 0; j < 2; ++j) {
                if (vm.addr(keys[j]) > vm.addr(keys[j + 1])) (keys[j], keys[j + 1]) = (keys[j + 1], keys[j]);
            }
        }
        return keys;
    }

    function _typed(bytes32 structHash) internal view returns (bytes32) {
        return _typed(structHash, address(log), DEPLOYMENT_ID);
    }

    function _sign(uint256 key, bytes32 structHash) internal view returns (Cosignature memory) {
        return _sign(key, structHash, address(log), DEPLOYMENT_ID);
    }

    function _checkpoint(uint64 epoch, uint64 size, bytes32 root) internal pure returns (bytes32) {
        return keccak256(abi.encode(CHECKPOINT, epoch, size, root));
    }

    /// @dev By the first and the last cosigner, as the contract wants it.
    function _cosign(uint64 epoch, uint64 size, bytes32 root) internal view returns (Cosignature[] memory list) {
        list = new Cosignature[](2);
        list[0] = _sign(cosignerKeys[0], _checkpoint(epoch, size, root));
        list[1] = _sign(cosignerKeys[2], _checkpoint(epoch, size, root));
    }

    function _anchorCall(uint64 epoch, uint64 size, bytes32 root, bytes32[] memory proof)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodeCall(EvidenceLog.anchor, (epoch, size, root, proof, _cosign(epoch, size, root)));
    }

    /// @dev Anchors the first `size` leaves with everything in order.
    function _anchor(bytes32[] memory d, uint64 size) internal {
        (uint64 epoch, uint64 known,) = log.head();
        bytes32 root = d.root(0, size);
        log.anchor(epoch, size, root, d.consistency(known, size), _cosign(epoch, size, root));
    }

    function _proposal(uint64 epoch, uint64 goodEpoch, uint64 goodSize, bytes32 goodRoot, uint64 nonce, uint64 expiry)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(PROPOSAL, epoch, goodEpoch, goodSize, goodRoot, REASON, nonce, expiry));
    }

    bytes32 internal constant REASON = keccak256("minutes of the meeting");

    /// @dev With everything in order; `firstKey` and `secondKey` approve.
    function _proposeCall(uint64 goodEpoch, uint64 goodSize, uint64 expiry, uint256 firstKey, uint256 secondKey)
        internal
        view
        returns (bytes memory)
    {
        (uint64 epoch,,) = log.head();
        bytes32 structHash =
            _proposal(epoch + 1, goodEpoch, goodSize, log.rootAt(goodEpoch, goodSize), log.proposalNonce(), expiry);
        Cosignature[2] memory approvals = [_sign(firstKey, structHash), _sign(secondKey, structHash)];
        return abi.encodeCall(EvidenceLog.proposeEpoch, (goodEpoch, goodSize, REASON, expiry, approvals));
    }

    function _propose(uint64 goodEpoch, uint64 goodSize) internal {
        uint64 expiry = _now() + DELAY + 1 days;
        _mustSucceed(_proposeCall(goodEpoch, goodSize, expiry, parkKey, regulatorKey));
    }

    /// @dev Proposes, waits and opens.
    function _newEpoch(uint64 goodEpoch, uint64 goodSize) internal {
        _propose(goodEpoch, goodSize);
        vm.warp(_now() + DELAY);
        log.openEpoch();
    }

    function _mustSucceed(bytes memory call) internal {
        (bool succeeded, bytes memory returned) = address(log).call(call);
        if (!succeeded) revert RefusedOtherwise(returned, 0);
    }

    function _refuse(bytes memory call, bytes4 selector) internal {
        assertRefused(address(log), call, selector);
    }

    function _refuseWith(bytes memory call, bytes memory expected) internal {
        assertRefusedWith(address(log), call, expected);
    }

    function _now() internal view returns (uint64) {
        return uint64(block.timestamp);
    }
}
