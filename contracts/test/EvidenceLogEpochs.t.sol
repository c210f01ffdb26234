// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EvidenceLog} from "../EvidenceLog.sol";
import {IEvidenceLog} from "../interfaces/IEvidenceLog.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {LogProof} from "../libraries/LogProof.sol";
import {LogFixture} from "./base/LogFixture.sol";
import {ReferenceTree} from "./base/ReferenceTree.sol";

/// @title A bad anchor is answered by two persons of two bodies, a delay, and a new epoch from a good root.
contract EvidenceLogEpochsTest is LogFixture {
    using ReferenceTree for bytes32[];

    bytes32[] private _good;
    bytes32[] private _bad;

    /// @dev Good up to 10, then anchors at 14 and 20 that nobody should have cosigned.
    function setUp() external {
        _build();
        bytes32[] memory d = ReferenceTree.leaves(1, 24);
        _good = d;
        d = ReferenceTree.leaves(1, 24);
        for (uint256 i = 10; i < 24; ++i) {
            d[i] = keccak256(abi.encode("bad", i));
        }
        _bad = d;
        _anchor(_bad, 6);
        _anchor(_bad, 10);
        _anchor(_bad, 14);
        _anchor(_bad, 20);
    }

    function test_newEpochGoesOnFromTheGoodRoot() external {
        bytes32[] memory good = _good;
        bytes32 root = good.root(0, 10);
        _propose(0, 10);
        _refuse(abi.encodeCall(EvidenceLog.openEpoch, ()), IEvidenceLog.EpochNotYetOpen.selector);
        vm.warp(_now() + DELAY);
        vm.expectEmit(address(log));
        emit IEvidenceLog.EpochOpened(1, 0, 10, root, REASON);
        vm.prank(address(0xBEEF));
        log.openEpoch();
        (uint64 epoch, uint64 size, bytes32 headRoot) = log.head();
        assertEq(epoch, 1);
        assertEq(size, 10);
        assertEq(headRoot, root);
        (IEvidenceLog.EpochProposal memory proposal, uint64 opensAt) = log.pendingEpoch();
        assertEq(proposal.expiry, 0);
        assertEq(opensAt, 0);
        _anchor(good, 20);
        assertEq(log.rootAt(1, 20), good.root(0, 20));
    }

    function test_oldEpochKeepsWhatIsGoodAndForgetsTheRest() external {
        _newEpoch(0, 10);
        bytes32[] memory good = _good;
        assertEq(log.rootAt(0, 6), good.root(0, 6));
        assertEq(log.rootAt(0, 10), good.root(0, 10));
        assertEq(log.rootAt(1, 10), good.root(0, 10));
        assertEq(log.rootAt(0, 14), 0);
        assertEq(log.rootAt(0, 20), 0);
        assertEq(log.rootAt(1, 6), 0);
        log.verifyInclusion(0, 6, 5, good[5], good.inclusion(5, 6));
        bytes32[] memory bad = _bad;
        _refuseWith(
            abi.encodeCall(EvidenceLog.verifyInclusion, (0, 14, 12, bad[12], bad.inclusion(12, 14))),
            abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 0, 14)
        );
    }

    /// The new epoch's line does not extend the bad one: it is refused without a new epoch, and taken with it.
    function test_goodLineIsNoExtensionOfTheBadOne() external {
        bytes32[] memory good = _good;
        bytes32 root = good.root(0, 24);
        bytes memory call = _anchorCall(0, 24, root, good.consistency(20, 24));
        assertRefused(address(log), call, LogProof.OldRootMismatch.selector, LogProof.NewRootMismatch.selector);
        _newEpoch(0, 10);
        _anchor(good, 24);
        assertEq(log.rootAt(1, 24), root);
    }

    function test_endedEpochIsBackfilledUpToItsEnd() external {
        _newEpoch(0, 10);
        _anchor(_good, 20);
        bytes32[] memory good = _good;
        bytes32 root = good.root(0, 8);
        bytes memory late = abi.encodeCall(
            EvidenceLog.backfill, (0, 12, good.root(0, 12), good.consistency(12, 20), _cosign(0, 12, good.root(0, 12)))
        );
        _refuseWith(late, abi.encodeWithSelector(IEvidenceLog.SizeNotSmaller.selector, 12, 10));
        log.backfill(0, 8, root, good.consistency(8, 10), _cosign(0, 8, root));
        assertEq(log.rootAt(0, 8), root);
        log.backfill(1, 8, root, good.consistency(8, 20), _cosign(1, 8, root));
        assertEq(log.rootAt(1, 8), root);
    }

    /// Going back behind an earlier epoch's start cuts every epoch in between.
    function test_laterEpochMayGoBackFurther() external {
        _newEpoch(0, 10);
        _anchor(_good, 20);
        _newEpoch(1, 20);
        _newEpoch(0, 6);
        assertEq(log.rootAt(0, 6), _root(6));
        assertEq(log.rootAt(0, 10), 0);
        assertEq(log.rootAt(1, 10), 0);
        assertEq(log.rootAt(1, 20), 0);
        assertEq(log.rootAt(2, 20), 0);
        assertEq(log.rootAt(3, 6), _root(6));
        bytes32[] memory good = _good;
        _anchor(good, 7);
        bytes32 root = _root(3);
        log.backfill(1, 3, root, good.consistency(3, 6), _cosign(1, 3, root));
        assertEq(log.rootAt(1, 3), root);
    }

    function test_logMayStartAnew() external {
        _newEpoch(0, 0);
        (, uint64 size, bytes32 headRoot) = log.head();
        assertEq(size, 0);
        assertEq(headRoot, sha256(""));
        assertEq(log.rootAt(0, 6), 0);
        assertEq(log.rootAt(1, 0), 0);
        _anchor(_good, 3);
        assertEq(log.rootAt(1, 3), _root(3));
    }

    function test_approvalsComeFromTwoBodies() external {
        uint64 expiry = _now() + DELAY;
        _refuseWith(
            _proposeCall(0, 10, expiry, parkKey, otherParkKey),
            abi.encodeWithSelector(
                IEvidenceLog.ApproversOfOneBody.selector, vm.addr(parkKey), vm.addr(otherParkKey), PARK
            )
        );
        _refuse(_proposeCall(0, 10, expiry, parkKey, parkKey), IEvidenceLog.ApproversOfOneBody.selector);
        _refuseWith(
            _proposeCall(0, 10, expiry, parkKey, 0xD1),
            abi.encodeWithSelector(IEvidenceLog.ApproverUnknown.selector, vm.addr(0xD1))
        );
        _refuse(_proposeCall(0, 10, expiry, cosignerKeys[0], parkKey), IEvidenceLog.ApproverUnknown.selector);
        _mustSucceed(_proposeCall(0, 10, expiry, regulatorKey, otherParkKey));
    }

    function test_approvalsForAnotherProposalAreRefused() external {
        uint64 expiry = _now() + DELAY;
        bytes32 structHash = _proposal(1, 0, 10, _root(10), 0, expiry);
        Cosignature[2] memory approvals = [_sign(parkKey, structHash), _sign(regulatorKey, structHash)];
        bytes4 unknown = IEvidenceLog.ApproverUnknown.selector;
        _refuse(abi.encodeCall(EvidenceLog.proposeEpoch, (0, 6, REASON, expiry, approvals)), unknown);
        _refuse(abi.encodeCall(EvidenceLog.proposeEpoch, (0, 10, keccak256("x"), expiry, approvals)), unknown);
        _refuse(abi.encodeCall(EvidenceLog.proposeEpoch, (0, 10, REASON, expiry + 1, approvals)), unknown);
    }

    function test_onlyKnownRootsAreGood() external {
        uint64 expiry = _now() + DELAY;
        _refuseWith(
            _proposeCall(0, 9, expiry, parkKey, regulatorKey),
            abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 0, 9)
        );
        _refuseWith(
            _proposeCall(1, 6, expiry, parkKey, regulatorKey),
            abi.encodeWithSelector(IEvidenceLog.EpochUnknown.selector, 1, 0)
        );
        _newEpoch(0, 10);
        expiry = _now() + DELAY;
        _refuseWith(
            _proposeCall(0, 14, expiry, parkKey, regulatorKey),
            abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 0, 14)
        );
    }

    function test_oneProposalWaitsAtATimeUntilItLapses() external {
        uint64 expiry = _now() + DELAY + 1 days;
        _propose(0, 10);
        _refuseWith(
            _proposeCall(0, 6, expiry, parkKey, regulatorKey),
            abi.encodeWithSelector(IEvidenceLog.EpochAlreadyPending.selector, 1, expiry)
        );
        vm.warp(expiry + 1);
        _refuseWith(
            abi.encodeCall(EvidenceLog.openEpoch, ()),
            abi.encodeWithSelector(IEvidenceLog.EpochExpired.selector, expiry, expiry + 1)
        );
        _propose(0, 6);
        (IEvidenceLog.EpochProposal memory proposal, uint64 opensAt) = log.pendingEpoch();
        assertEq(proposal.goodSize, 6);
        assertEq(proposal.nonce, 1);
        assertEq(opensAt, _now() + DELAY);
    }

    function test_proposalThatLapsesBeforeItOpensIsRefused() external {
        uint64 expiry = _now() + DELAY - 1;
        _refuseWith(
            _proposeCall(0, 10, expiry, parkKey, regulatorKey),
            abi.encodeWithSelector(IEvidenceLog.EpochExpiryTooSoon.selector, expiry, expiry + 1)
        );
    }

    function test_eitherBodyCancelsAndTheApprovalsAreSpent() external {
        uint64 expiry = _now() + DELAY + 1 days;
        bytes memory call = _proposeCall(0, 10, expiry, parkKey, regulatorKey);
        _mustSucceed(call);
        bytes32 structHash = keccak256(abi.encode(CANCELLATION, uint64(1), uint64(0)));
        _refuseWith(
            abi.encodeCall(EvidenceLog.cancelEpoch, (_sign(verifierKey, structHash))),
            abi.encodeWithSelector(IEvidenceLog.BodyNotProposing.selector, vm.addr(verifierKey), VERIFIER)
        );
        _refuse(
            abi.encodeCall(EvidenceLog.cancelEpoch, (_sign(0xD1, structHash))), IEvidenceLog.ApproverUnknown.selector
        );
        Cosignature memory withdrawal = _sign(otherParkKey, structHash);
        vm.expectEmit(address(log));
        emit IEvidenceLog.EpochCancelled(1, 0, vm.addr(otherParkKey));
        vm.prank(address(0xBEEF));
        log.cancelEpoch(withdrawal);
        _refuse(abi.encodeCall(EvidenceLog.openEpoch, ()), IEvidenceLog.EpochNotPending.selector);
        _refuse(abi.encodeCall(EvidenceLog.cancelEpoch, (withdrawal)), IEvidenceLog.EpochNotPending.selector);
        _refuse(call, IEvidenceLog.ApproverUnknown.selector);
        _propose(0, 10);
        _refuse(abi.encodeCall(EvidenceLog.cancelEpoch, (withdrawal)), IEvidenceLog.ApproverUnknown.selector);
    }

    function test_approversAreRegisteredAndRemoved() external {
        address person = vm.addr(0xD1);
        vm.expectEmit(address(log));
        emit IEvidenceLog.ApproverChanged(person, VERIFIER);
        log.setApprover(person, VERIFIER);
        uint64 expiry = _now() + DELAY;
        bytes memory call = _proposeCall(0, 10, expiry, parkKey, 0xD1);
        log.setApprover(person, 0);
        _refuseWith(call, abi.encodeWithSelector(IEvidenceLog.ApproverUnknown.selector, person));
        log.setApprover(person, VERIFIER);
        _mustSucceed(call);
        _refuse(abi.encodeCall(EvidenceLog.setApprover, (address(0), PARK)), IEvidenceLog.ApproverZero.selector);
    }

    function test_anchorsGoOnDuringTheDelay() external {
        _propose(0, 10);
        _anchor(_bad, 24);
        vm.warp(_now() + DELAY);
        log.openEpoch();
        assertEq(log.rootAt(0, 24), 0);
    }

    function _root(uint256 size) private view returns (bytes32) {
        bytes32[] memory good = _good;
        return good.root(0, size);
    }
}
