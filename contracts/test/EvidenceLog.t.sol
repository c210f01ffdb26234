// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EvidenceLog} from "../EvidenceLog.sol";
import {IEvidenceLog} from "../interfaces/IEvidenceLog.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {LogProof} from "../libraries/LogProof.sol";
import {TypedDomain} from "../libraries/TypedDomain.sol";
import {LogFixture} from "./base/LogFixture.sol";
import {ReferenceTree} from "./base/ReferenceTree.sol";

contract EvidenceLogTest is LogFixture {
    using ReferenceTree for bytes32[];

    bytes32[] private _none;

    function setUp() external {
        _build();
    }

    function test_headOfAnEmptyLogIsTheEmptyTree() external view {
        (uint64 epoch, uint64 size, bytes32 root) = log.head();
        assertEq(epoch, 0);
        assertEq(size, 0);
        assertEq(root, sha256(""));
        assertEq(log.rootAt(0, 0), 0);
    }

    function test_constructionSaysWhatItWasGiven() external view {
        assertEq(log.deploymentId(), DEPLOYMENT_ID);
        assertEq(log.threshold(), 2);
        assertEq(log.epochDelaySeconds(), DELAY);
        assertEq(log.cosigners().length, 3);
        assertEq(log.bodyOf(vm.addr(parkKey)), PARK);
        assertEq(log.bodyOf(address(this)), 0);
        assertEq(log.domainSeparator(), _separator(address(log), DEPLOYMENT_ID));
        (bytes1 fields, string memory name, string memory version, uint256 chain, address target, bytes32 salt,) =
            log.eip712Domain();
        assertEq(bytes32(fields), bytes32(hex"1f"));
        assertEq(keccak256(bytes(name)), keccak256("Tanlu"));
        assertEq(keccak256(bytes(version)), keccak256("1"));
        assertEq(chain, block.chainid);
        assertEq(target, address(log));
        assertEq(salt, DEPLOYMENT_ID);
    }

    function test_domainFollowsTheChainId() external {
        vm.chainId(block.chainid + 1);
        assertEq(log.domainSeparator(), _separator(address(log), DEPLOYMENT_ID));
    }

    function test_anyoneMayAnchorAndTheEventSaysSo() external {
        bytes32[] memory d = ReferenceTree.leaves(1, 5);
        bytes32 root = d.root(0, 5);
        vm.expectEmit(address(log));
        emit IEvidenceLog.Anchored(0, 5, root);
        vm.prank(address(0xBEEF));
        log.anchor(0, 5, root, _none, _cosign(0, 5, root));
    }

    function test_moreCosignersThanNeededAreWelcome() external {
        bytes32[] memory d = ReferenceTree.leaves(1, 5);
        bytes32 root = d.root(0, 5);
        Cosignature[] memory all = new Cosignature[](3);
        for (uint256 i = 0; i < 3; ++i) {
            all[i] = _sign(cosignerKeys[i], _checkpoint(0, 5, root));
        }
        log.anchor(0, 5, root, _none, all);
        assertEq(log.rootAt(0, 5), root);
    }

    function test_zeroRootIsRefused() external {
        _refuse(_anchorCall(0, 1, 0, _none), IEvidenceLog.RootZero.selector);
    }

    function test_proofForAFirstAnchorIsRefused() external {
        bytes32[] memory d = ReferenceTree.leaves(1, 2);
        _refuse(_anchorCall(0, 2, d.root(0, 2), _none.append(d[0])), LogProof.ProofLengthInvalid.selector);
    }

    function test_highSCosignatureIsRefused() external {
        bytes32[] memory d = ReferenceTree.leaves(1, 1);
        Cosignature[] memory list = _cosign(0, 1, d[0]);
        // The upper half of the group order begins just below 2^255: nearly all of it has no compact form at all.
        list[0].vs = bytes32(uint256(type(int256).max));
        _refuse(
            abi.encodeCall(EvidenceLog.anchor, (0, 1, d[0], _none, list)), CompactSignature.SignatureNotLow.selector
        );
    }

    function test_signatureOfNobodyIsRefused() external {
        bytes32[] memory d = ReferenceTree.leaves(1, 1);
        Cosignature[] memory list = new Cosignature[](2);
        _refuseWith(
            abi.encodeCall(EvidenceLog.anchor, (0, 1, d[0], _none, list)),
            abi.encodeWithSelector(CompactSignature.SignatureInvalid.selector, bytes32(0), bytes32(0))
        );
    }

    function test_sizeOneIndexZeroEmptyProofProvesNothingWhereNothingIsAnchored() external {
        _refuseWith(
            abi.encodeCall(EvidenceLog.verifyInclusion, (0, 1, 0, keccak256("leaf"), _none)),
            abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 0, 1)
        );
        _refuseWith(
            abi.encodeCall(EvidenceLog.verifyEntry, (0, 1, 0, "entry", _none)),
            abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 0, 1)
        );
    }

    function test_backfillIsRefusedOutsideTheLineAndTwice() external {
        bytes32[] memory d = ReferenceTree.leaves(1, 8);
        _anchor(d, 6);
        bytes32[] memory proof = d.consistency(4, 6);
        bytes32 root = d.root(0, 4);
        _refuseWith(
            abi.encodeCall(EvidenceLog.backfill, (1, 4, root, proof, _cosign(1, 4, root))),
            abi.encodeWithSelector(IEvidenceLog.EpochUnknown.selector, 1, 0)
        );
        _refuseWith(
            abi.encodeCall(EvidenceLog.backfill, (0, 0, root, proof, _cosign(0, 0, root))),
            abi.encodeWithSelector(IEvidenceLog.SizeNotSmaller.selector, 0, 6)
        );
        _refuseWith(
            abi.encodeCall(EvidenceLog.backfill, (0, 6, root, proof, _cosign(0, 6, root))),
            abi.encodeWithSelector(IEvidenceLog.SizeNotSmaller.selector, 6, 6)
        );
        _refuseWith(
            abi.encodeCall(EvidenceLog.backfill, (0, 4, root, proof, new Cosignature[](0))),
            abi.encodeWithSelector(IEvidenceLog.CosignaturesTooFew.selector, 0, 2)
        );
        bytes memory call = abi.encodeCall(EvidenceLog.backfill, (0, 4, root, proof, _cosign(0, 4, root)));
        vm.expectEmit(address(log));
        emit IEvidenceLog.Backfilled(0, 4, root);
        _mustSucceed(call);
        _refuseWith(call, abi.encodeWithSelector(IEvidenceLog.SizeAlreadyKnown.selector, 0, 4, root));
    }

    function test_cosignerSetIsReplacedAndNothingAnchoredChanges() external {
        bytes32[] memory d = ReferenceTree.leaves(1, 8);
        _anchor(d, 6);
        address[] memory one = new address[](1);
        one[0] = vm.addr(cosignerKeys[1]);
        vm.expectEmit(address(log));
        emit IEvidenceLog.CosignersChanged(one, 1);
        log.setCosigners(one, 1);
        assertEq(log.threshold(), 1);
        assertEq(log.cosigners().length, 1);
        log.verifyInclusion(0, 6, 3, d[3], d.inclusion(3, 6));
        bytes32 root = d.root(0, 8);
        _refuse(_anchorCall(0, 8, root, d.consistency(6, 8)), IEvidenceLog.CosignerUnknown.selector);
        Cosignature[] memory signed = new Cosignature[](1);
        signed[0] = _sign(cosignerKeys[1], _checkpoint(0, 8, root));
        log.anchor(0, 8, root, d.consistency(6, 8), signed);
        assertEq(log.rootAt(0, 6), d.root(0, 6));
    }

    function test_invalidCosignerSetsAreRefused() external {
        address[] memory set = _cosigners();
        bytes4 threshold = IEvidenceLog.ThresholdInvalid.selector;
        _refuseWith(abi.encodeCall(EvidenceLog.setCosigners, (set, 0)), abi.encodeWithSelector(threshold, 0, 3));
        _refuseWith(abi.encodeCall(EvidenceLog.setCosigners, (set, 4)), abi.encodeWithSelector(threshold, 4, 3));
        address[] memory many = new address[](33);
        for (uint256 i = 0; i < 33; ++i) {
            many[i] = vm.addr(i + 1);
        }
        _refuseWith(abi.encodeCall(EvidenceLog.setCosigners, (many, 2)), abi.encodeWithSelector(threshold, 2, 33));
        set[2] = set[0];
        _refuseWith(
            abi.encodeCall(EvidenceLog.setCosigners, (set, 2)),
            abi.encodeWithSelector(IEvidenceLog.CosignerRepeated.selector, set[0])
        );
        set[2] = address(0);
        _refuse(abi.encodeCall(EvidenceLog.setCosigners, (set, 2)), IEvidenceLog.CosignerZero.selector);
        assertEq(log.cosigners()[2], _cosigners()[2]);
    }

    function test_invalidConstructionIsRefused() external {
        IEvidenceLog.Approver[] memory nobody = new IEvidenceLog.Approver[](0);
        address[] memory set = _cosigners();
        vm.expectRevert(abi.encodeWithSelector(TypedDomain.DeploymentIdZero.selector));
        new EvidenceLog(address(MANAGER), 0, set, 2, DELAY, nobody);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.AuthorityWithoutCode.selector, address(0xBEEF)));
        new EvidenceLog(address(0xBEEF), DEPLOYMENT_ID, set, 2, DELAY, nobody);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.ThresholdInvalid.selector, 4, 3));
        new EvidenceLog(address(MANAGER), DEPLOYMENT_ID, set, 4, DELAY, nobody);
        IEvidenceLog.Approver[] memory two = new IEvidenceLog.Approver[](2);
        two[0] = IEvidenceLog.Approver(address(0xA), PARK);
        two[1] = IEvidenceLog.Approver(address(0xA), REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.ApproverRepeated.selector, address(0xA)));
        new EvidenceLog(address(MANAGER), DEPLOYMENT_ID, set, 2, DELAY, two);
        two[1] = IEvidenceLog.Approver(address(0xB), 0);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.ApproverWithoutBody.selector, address(0xB)));
        new EvidenceLog(address(MANAGER), DEPLOYMENT_ID, set, 2, DELAY, two);
        two[1] = IEvidenceLog.Approver(address(0), PARK);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.ApproverZero.selector));
        new EvidenceLog(address(MANAGER), DEPLOYMENT_ID, set, 2, DELAY, two);
    }
}
