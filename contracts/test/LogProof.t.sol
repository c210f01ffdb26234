// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {LogProof} from "../libraries/LogProof.sol";
import {LogProofHarness} from "./base/LogProofHarness.sol";
import {ReferenceTree} from "./base/ReferenceTree.sol";
import {TestBase} from "./base/TestBase.sol";
import {TwoToneTree} from "./base/TwoToneTree.sol";

contract LogProofTest is TestBase {
    using ReferenceTree for bytes32[];

    uint256 private constant _MOST = 40;
    LogProofHarness private immutable _HARNESS = new LogProofHarness();
    /// @dev Once for all runs.
    TwoToneTree.Tones private _tones;

    function setUp() external {
        _tones = TwoToneTree.make();
    }

    // Inclusion

    function testFuzz_inclusionOfEveryLeafHolds(uint256 seed, uint256 size, uint256 index) external view {
        (bytes32[] memory d, uint64 n, uint64 i) = _tree(seed, size, index);
        _HARNESS.inclusion(d[i], i, n, d.inclusion(i, n), d.root(0, n));
    }

    function testFuzz_inclusionRefusesEachElementMutated(uint256 seed, uint256 size, uint256 index) external {
        (bytes32[] memory d, uint64 n, uint64 i) = _tree(seed, size, index);
        bytes32[] memory proof = d.inclusion(i, n);
        bytes32 root = d.root(0, n);
        for (uint256 j = 0; j < proof.length; ++j) {
            proof[j] ^= _bit(seed);
            _refuseInclusion(d[i], i, n, proof, root, LogProof.RootMismatch.selector);
            proof[j] ^= _bit(seed);
        }
    }

    function testFuzz_inclusionRefusesTruncatedAndExtendedProofs(uint256 seed, uint256 size, uint256 index) external {
        (bytes32[] memory d, uint64 n, uint64 i) = _tree(seed, size, index);
        bytes32[] memory proof = d.inclusion(i, n);
        bytes32 root = d.root(0, n);
        bytes4 length = LogProof.ProofLengthInvalid.selector;
        for (uint256 j = 0; j < proof.length; ++j) {
            _refuseInclusion(d[i], i, n, proof.without(j), root, length);
        }
        _refuseInclusion(d[i], i, n, proof.append(bytes32(seed)), root, length);
        _refuseInclusion(d[i], i, n, proof.append(root), root, length);
    }

    function testFuzz_inclusionRefusesWrongLeafIndexAndRoot(uint256 seed, uint256 size, uint256 index, uint64 other)
        external
    {
        (bytes32[] memory d, uint64 n, uint64 i) = _tree(seed, size, index);
        bytes32[] memory proof = d.inclusion(i, n);
        bytes32 root = d.root(0, n);
        bytes4 mismatch = LogProof.RootMismatch.selector;
        _refuseInclusion(d[i] ^ _bit(seed), i, n, proof, root, mismatch);
        _refuseInclusion(d[i], i, n, proof, root ^ _bit(seed), mismatch);
        _refuseInclusion(d[i], n, n, proof, root, LogProof.IndexOutOfRange.selector);
        _refuseInclusion(d[i], i, 0, proof, root, LogProof.IndexOutOfRange.selector);
        for (uint64 j = 0; j < n; ++j) {
            if (j == i) continue;
            bytes memory call = abi.encodeCall(LogProofHarness.inclusion, (d[i], j, n, proof, root));
            assertRefused(address(_HARNESS), call, mismatch, LogProof.ProofLengthInvalid.selector);
        }
        if (other >= n) _refuseInclusion(d[i], other, n, proof, root, LogProof.IndexOutOfRange.selector);
    }

    function testFuzz_inclusionHoldsInTreesOfAnySize(uint256 size, uint256 index, uint256 edge) external {
        uint256 n = bound(size, 1, 1 << bound(size >> 128, 0, 62));
        uint256 i = bound(index, 0, n - 1);
        TwoToneTree.Tones memory tones = _tones;
        tones.edge = bound(edge, 0, n);
        bytes32[] memory proof = TwoToneTree.inclusion(tones, i, 0, n);
        bytes32 leaf = i < tones.edge ? TwoToneTree.A : TwoToneTree.B;
        bytes32 root = TwoToneTree.root(tones, 0, n);
        _HARNESS.inclusion(leaf, _u64(i), _u64(n), proof, root);
        _refuseInclusion(leaf ^ _bit(index), _u64(i), _u64(n), proof, root, LogProof.RootMismatch.selector);
    }

    // Consistency

    function testFuzz_consistencyOfEveryPrefixHolds(uint256 seed, uint256 size, uint256 old) external view {
        (bytes32[] memory d, uint64 n, uint64 m) = _prefix(seed, size, old);
        _HARNESS.consistency(m, n, d.root(0, m), d.root(0, n), d.consistency(m, n));
    }

    function testFuzz_consistencyRefusesEachElementMutated(uint256 seed, uint256 size, uint256 old) external {
        (bytes32[] memory d, uint64 n, uint64 m) = _prefix(seed, size, old);
        bytes32[] memory proof = d.consistency(m, n);
        (bytes32 oldRoot, bytes32 newRoot) = (d.root(0, m), d.root(0, n));
        for (uint256 j = 0; j < proof.length; ++j) {
            proof[j] ^= _bit(seed);
            _refuseRoots(m, n, oldRoot, newRoot, proof);
            proof[j] ^= _bit(seed);
        }
    }

    function testFuzz_consistencyRefusesTruncatedAndExtendedProofs(uint256 seed, uint256 size, uint256 old) external {
        (bytes32[] memory d, uint64 n, uint64 m) = _prefix(seed, size, old);
        bytes32[] memory proof = d.consistency(m, n);
        (bytes32 oldRoot, bytes32 newRoot) = (d.root(0, m), d.root(0, n));
        for (uint256 j = 0; j < proof.length; ++j) {
            _refuseLength(m, n, oldRoot, newRoot, proof.without(j));
        }
        _refuseLength(m, n, oldRoot, newRoot, proof.append(bytes32(seed)));
        _refuseLength(m, n, oldRoot, newRoot, proof.append(newRoot));
    }

    function testFuzz_consistencyRefusesOtherRoots(uint256 seed, uint256 size, uint256 old) external {
        (bytes32[] memory d, uint64 n, uint64 m) = _prefix(seed, size, old);
        bytes32[] memory proof = d.consistency(m, n);
        (bytes32 oldRoot, bytes32 newRoot) = (d.root(0, m), d.root(0, n));
        _refuseRoots(m, n, oldRoot ^ _bit(seed), newRoot, proof);
        _refuseRoots(m, n, oldRoot, newRoot ^ _bit(seed), proof);
        bytes memory shrunk = abi.encodeCall(LogProofHarness.consistency, (n, m, newRoot, oldRoot, proof));
        assertRefusedWith(address(_HARNESS), shrunk, abi.encodeWithSelector(LogProof.LogShrunk.selector, n, m));
    }

    /// Whatever leaf below the old size differs, no proof that the new tree gives connects it with the old root.
    function testFuzz_consistencyRefusesARewrittenLog(uint256 seed, uint256 size, uint256 old, uint256 place) external {
        (bytes32[] memory d, uint64 n, uint64 m) = _prefix(seed, size, old);
        bytes32 oldRoot = d.root(0, m);
        d[place % m] ^= _bit(seed);
        _refuseRoots(m, n, oldRoot, d.root(0, n), d.consistency(m, n));
    }

    function testFuzz_consistencyHoldsBetweenTreesOfAnySize(uint256 size, uint256 old, uint256 edge) external {
        uint256 n = bound(size, 2, 1 << bound(size >> 128, 1, 62));
        uint256 m = bound(old, 1, n - 1);
        TwoToneTree.Tones memory tones = _tones;
        tones.edge = bound(edge, 0, n);
        bytes32[] memory proof = TwoToneTree.consistency(tones, m, 0, n, true);
        (bytes32 oldRoot, bytes32 newRoot) = (TwoToneTree.root(tones, 0, m), TwoToneTree.root(tones, 0, n));
        _HARNESS.consistency(_u64(m), _u64(n), oldRoot, newRoot, proof);
        _refuseRoots(_u64(m), _u64(n), oldRoot ^ _bit(edge), newRoot, proof);
    }

    function testFuzz_everyTreeExtendsTheEmptyOneByAnEmptyProof(uint64 size, bytes32 root, bytes32 element) external {
        size = size == 0 ? 1 : size;
        bytes32[] memory none = new bytes32[](0);
        _HARNESS.consistency(0, size, LogProof.EMPTY_ROOT, root, none);
        _refuseLength(0, size, LogProof.EMPTY_ROOT, root, none.append(element));
        bytes32 wrong = element == LogProof.EMPTY_ROOT ? bytes32(0) : element;
        _refuseRoots(0, size, wrong, root, none);
    }

    function testFuzz_aTreeExtendsItselfByAnEmptyProofOnly(uint64 size, bytes32 root, bytes32 element) external {
        size = size == 0 ? 1 : size;
        bytes32[] memory none = new bytes32[](0);
        _HARNESS.consistency(size, size, root, root, none);
        _refuseLength(size, size, root, root, none.append(element));
        _refuseRoots(size, size, root, root ^ _bit(uint256(element)), none);
    }

    // Hashes

    function test_emptyRootIsTheHashOfNothing() external pure {
        assertEq(LogProof.EMPTY_ROOT, sha256(""));
    }

    function testFuzz_leafHashPrefixesAZeroByte(bytes calldata entry) external view {
        assertEq(_HARNESS.leafHash(entry), sha256(abi.encodePacked(bytes1(0), entry)));
    }

    function _tree(uint256 seed, uint256 size, uint256 index)
        private
        pure
        returns (bytes32[] memory d, uint64 n, uint64 i)
    {
        n = _u64(bound(size, 1, _MOST));
        i = _u64(bound(index, 0, n - 1));
        d = ReferenceTree.leaves(seed, n);
    }

    /// @dev 0 < m < n.
    function _prefix(uint256 seed, uint256 size, uint256 old)
        private
        pure
        returns (bytes32[] memory d, uint64 n, uint64 m)
    {
        n = _u64(bound(size, 2, _MOST));
        m = _u64(bound(old, 1, n - 1));
        d = ReferenceTree.leaves(seed, n);
    }

    function _refuseInclusion(bytes32 leaf, uint64 i, uint64 n, bytes32[] memory proof, bytes32 root, bytes4 selector)
        private
    {
        assertRefused(address(_HARNESS), abi.encodeCall(LogProofHarness.inclusion, (leaf, i, n, proof, root)), selector);
    }

    function _refuseLength(uint64 m, uint64 n, bytes32 oldRoot, bytes32 newRoot, bytes32[] memory proof) private {
        bytes memory call = abi.encodeCall(LogProofHarness.consistency, (m, n, oldRoot, newRoot, proof));
        bytes memory expected = abi.encodeWithSelector(LogProof.ProofLengthInvalid.selector, proof.length);
        assertRefusedWith(address(_HARNESS), call, expected);
    }

    function _refuseRoots(uint64 m, uint64 n, bytes32 oldRoot, bytes32 newRoot, bytes32[] memory proof) private {
        bytes memory call = abi.encodeCall(LogProofHarness.consistency, (m, n, oldRoot, newRoot, proof));
        assertRefused(address(_HARNESS), call, LogProof.OldRootMismatch.selector, LogProof.NewRootMismatch.selector);
    }

    function _bit(uint256 seed) private pure returns (bytes32) {
        return bytes32(uint256(1) << (seed % 256));
    }

    function _u64(uint256 value) private pure returns (uint64) {
        return uint64(value);
    }
}
