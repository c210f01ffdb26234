// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {IEvidenceLog} from "../interfaces/IEvidenceLog.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {LogProof} from "../libraries/LogProof.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";
import {ReferenceTree} from "./base/ReferenceTree.sol";

/// @title Where a report and its verification stand: in which tree, at which place, in which epoch of the log.
contract EmissionsProofTest is EmissionsFixture {
    using ReferenceTree for bytes32[];

    uint64 private constant _EARLIER = 22;

    Registering private _r;

    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(_EARLIER);
        _anchor(SIZE);
        _assigned();
        _r = _good();
        vm.warp(begin);
    }

    /// A tree of one leaf holds no two; one of two leaves does.
    function test_theSmallestTreeHasTwoLeaves() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(1);
        _assigned();
        vm.warp(begin);
        _r.size = 1;
        (_r.v.reportLeaf, _r.v.statementLeaf) = (_leaf(0), _leaf(0));
        (_r.report, _r.statement) = (_proof(0, 1), _proof(0, 1));
        _refuseSigned(abi.encodeWithSelector(IEmissionsRegistry.StatementNotAfterReport.selector, 0, 0));
        _r.statement.index = 1;
        _refuseSigned(abi.encodeWithSelector(LogProof.IndexOutOfRange.selector, 1, 1));
        _anchor(2);
        (_r.size, _r.v.statementLeaf) = (2, _leaf(1));
        (_r.report, _r.statement) = (_proof(0, 2), _proof(1, 2));
        _r.signature = _verify(ASSESSOR_KEY, _r.v);
        _take(_registerCall(_r));
    }

    function test_noLeafStandsBeyondTheTree() external {
        uint64[3] memory beyond = [SIZE, SIZE + 1, type(uint64).max];
        for (uint256 i = 0; i < beyond.length; ++i) {
            _r.statement.index = beyond[i];
            _refuseWith(_registerCall(_r), abi.encodeWithSelector(LogProof.IndexOutOfRange.selector, beyond[i], SIZE));
        }
    }

    /// One entry is not a report and its own verification.
    function test_oneLeafIsNotBoth() external {
        _r.v.statementLeaf = _r.v.reportLeaf;
        _refuseSigned(LogProof.RootMismatch.selector);
        _r.statement.path = _r.report.path;
        _refuseSigned(LogProof.RootMismatch.selector);
        _r.statement.index = REPORTED_AT;
        _refuseSigned(
            abi.encodeWithSelector(IEmissionsRegistry.StatementNotAfterReport.selector, REPORTED_AT, REPORTED_AT)
        );
    }

    /// A hash inside of the tree is no entry: neither the node above two leaves, nor the root.
    function test_aNodeIsNoLeaf() external {
        bytes32[] memory d = _leaves(SIZE);
        bytes32[] memory whole = d.inclusion(VERIFIED_AT, SIZE);
        bytes32[] memory above = whole.without(0);
        _r.v.statementLeaf = ReferenceTree.node(d[VERIFIED_AT - 1], d[VERIFIED_AT]);
        for (uint64 index = REPORTED_AT + 1; index < SIZE; ++index) {
            _r.statement = IEmissionsRegistry.Proof(index, above);
            _refuseProof();
            _r.statement.path = whole;
            _refuseProof();
        }
        // As a leaf of the tree of half as many, which is no tree of the log.
        (_r.size, _r.report.index, _r.statement) = (SIZE / 2, 0, IEmissionsRegistry.Proof(VERIFIED_AT / 2, above));
        _refuseSigned(abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 0, SIZE / 2));
        _r.size = SIZE;
        _r.report = _proof(REPORTED_AT, SIZE);
        _r.v.statementLeaf = d.root(0, SIZE);
        _r.statement = IEmissionsRegistry.Proof(VERIFIED_AT, new bytes32[](0));
        _refuseSigned(abi.encodeWithSelector(LogProof.ProofLengthInvalid.selector, 0));
    }

    /// What a later epoch cut off the log brings no number any more; what it kept does, by either epoch's root.
    function test_anEntryThatWasCutOffBringsNoNumber() external {
        _newEpoch(0, _EARLIER);
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 0, SIZE));
        _r.epoch = 1;
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 1, SIZE));
        // The log goes on otherwise: another root of the same size.
        _anchorOtherwise();
        _refuse(_registerCall(_r), LogProof.RootMismatch.selector);
        _r.epoch = 0;
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 0, SIZE));
        _noNumber(ACCOUNT, YEAR);
        (_r.size, _r.v.reportLeaf, _r.v.statementLeaf) = (_EARLIER, _leaf(19), _leaf(21));
        (_r.report, _r.statement) = (_proof(19, _EARLIER), _proof(21, _EARLIER));
        _r.signature = _verify(ASSESSOR_KEY, _r.v);
        _take(_registerCall(_r));
        (_r.opId, _r.epoch, _r.v.revision) = (keccak256("2"), 1, 2);
        (_r.v.statementLeaf, _r.statement) = (_leaf(20), _proof(20, _EARLIER));
        _r.signature = _verify(ASSESSOR_KEY, _r.v);
        _take(_registerCall(_r));
    }

    /// An epoch that was ended before the entry: its line goes no further, in whichever epoch it is looked for.
    function test_anEpochThatWasPassedOverKeepsNothing() external {
        _newEpoch(0, _EARLIER);
        _anchor(SIZE);
        _r.epoch = 1;
        _newEpoch(0, _EARLIER);
        for (uint64 epoch = 0; epoch < 4; ++epoch) {
            _r.epoch = epoch;
            _refuseWith(_registerCall(_r), abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, epoch, SIZE));
        }
        // The line that goes on holds the entries again.
        _anchor(SIZE);
        _r.epoch = 2;
        _take(_registerCall(_r));
    }

    /// A number is not taken back with the root that it was proved by, and its statement is spent.
    function test_aNumberOutlivesItsRoot() external {
        _take(_registerCall(_r));
        bytes memory before = _numberOf(ACCOUNT, YEAR);
        _newEpoch(0, _EARLIER);
        assertEq(keccak256(_numberOf(ACCOUNT, YEAR)), keccak256(before));
        _anchor(SIZE);
        (_r.opId, _r.epoch, _r.v.revision) = (keccak256("2"), 1, 2);
        _refuseSigned(abi.encodeWithSelector(IEmissionsRegistry.StatementUsed.selector, _leaf(VERIFIED_AT)));
    }

    function _newEpoch(uint64 goodEpoch, uint64 goodSize) private {
        (uint64 current,,) = evidence.head();
        uint64 expiry = uint64(block.timestamp) + 2 days;
        bytes32 kind = keccak256(
            "EpochProposal(uint64 epoch,uint64 goodEpoch,uint64 goodSize,bytes32 goodRoot,bytes32 reasonHash,uint64 nonce,uint64 expiry)"
        );
        bytes32 root = evidence.rootAt(goodEpoch, goodSize);
        uint64 nonce = evidence.proposalNonce();
        bytes32 structHash = keccak256(abi.encode(kind, current + 1, goodEpoch, goodSize, root, REASON, nonce, expiry));
        Cosignature[2] memory approvals = [
            _sign(PARK_PERSON, structHash, address(evidence), DEPLOYMENT_ID),
            _sign(REGULATOR_PERSON, structHash, address(evidence), DEPLOYMENT_ID)
        ];
        evidence.proposeEpoch(goodEpoch, goodSize, REASON, expiry, approvals);
        vm.warp(block.timestamp + 1 days);
        evidence.openEpoch();
    }

    /// @dev The verification is another entry now.
    function _anchorOtherwise() private {
        bytes32[] memory d = _leaves(SIZE);
        d[VERIFIED_AT] = keccak256("another verification");
        _anchorLeaves(d, SIZE);
    }

    function _refuseSigned(bytes4 selector) private {
        _r.signature = _verify(ASSESSOR_KEY, _r.v);
        _refuse(_registerCall(_r), selector);
    }

    function _refuseSigned(bytes memory expected) private {
        _r.signature = _verify(ASSESSOR_KEY, _r.v);
        _refuseWith(_registerCall(_r), expected);
    }

    function _refuseProof() private {
        _r.signature = _verify(ASSESSOR_KEY, _r.v);
        assertRefused(
            address(emissions), _registerCall(_r), LogProof.RootMismatch.selector, LogProof.ProofLengthInvalid.selector
        );
    }
}
