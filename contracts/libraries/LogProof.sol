// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title Inclusion and consistency proofs of an RFC 9162 Merkle tree over SHA-256.
/// @notice Every function reverts on a proof that does not hold; none answers false. The loops are those of RFC 9162,
/// sections 2.1.3.2 and 2.1.4.2; a path that is too short or too long is refused before any root is compared.
library LogProof {
    /// @notice The tree hash of no entries, SHA-256 of the empty string (RFC 9162, 2.1.1).
    bytes32 internal constant EMPTY_ROOT = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /// @notice A log never shrinks: `newSize` is below `oldSize`.
    error LogShrunk(uint64 oldSize, uint64 newSize);

    /// @notice There is no leaf `index` in a tree of `size` leaves.
    error IndexOutOfRange(uint64 index, uint64 size);

    /// @notice The path has too few or too many elements for these sizes.
    error ProofLengthInvalid(uint256 length);

    /// @notice The path does not lead to the known root.
    error RootMismatch(bytes32 computed, bytes32 expected);

    /// @notice The path does not start from the older root: history was rewritten, or the path is of another tree.
    error OldRootMismatch(bytes32 computed, bytes32 expected);

    /// @notice The path does not lead to the newer root.
    error NewRootMismatch(bytes32 computed, bytes32 expected);

    /// @notice The chain does not answer at the SHA-256 precompile.
    error Sha256Unavailable();

    /// @notice Leaf hash of an entry's bytes: SHA-256(0x00 ‖ entry).
    function leafHash(bytes calldata entry) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), entry));
    }

    /// @notice Proves that leaf `index` of the tree (`size`, `root`) has the hash `leaf`, or reverts.
    function verifyInclusion(bytes32 leaf, uint64 index, uint64 size, bytes32[] calldata proof, bytes32 root)
        internal
        view
    {
        if (index >= size) revert IndexOutOfRange(index, size);
        uint256 node = index;
        uint256 last = uint256(size) - 1;
        bytes32 computed = leaf;
        for (uint256 i = 0; i < proof.length; ++i) {
            if (last == 0) revert ProofLengthInvalid(proof.length);
            if (node & 1 == 1 || node == last) {
                computed = _hashNode(proof[i], computed);
                while (node & 1 == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                computed = _hashNode(computed, proof[i]);
            }
            node >>= 1;
            last >>= 1;
        }
        if (last != 0) revert ProofLengthInvalid(proof.length);
        if (computed != root) revert RootMismatch(computed, root);
    }

    /// @notice Proves that the tree (`newSize`, `newRoot`) extends the tree (`oldSize`, `oldRoot`), or reverts.
    /// Every tree extends the empty one, by an empty path.
    /// Warning: a path binds the newer size only as far as its shape; neighbouring sizes can share it. Which size a
    /// root has is what the signers of (size, root) answer for.
    function verifyConsistency(
        uint64 oldSize,
        uint64 newSize,
        bytes32 oldRoot,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) internal view {
        if (newSize < oldSize) revert LogShrunk(oldSize, newSize);
        if (oldSize == 0 && oldRoot != EMPTY_ROOT) revert OldRootMismatch(EMPTY_ROOT, oldRoot);
        if (oldSize == 0 || oldSize == newSize) {
            if (proof.length != 0) revert ProofLengthInvalid(proof.length);
            if (oldSize == newSize && oldRoot != newRoot) revert NewRootMismatch(newRoot, oldRoot);
            return;
        }
        (bytes32 computedOld, bytes32 computedNew) = _walk(oldSize, newSize, oldRoot, proof);
        if (computedOld != oldRoot) revert OldRootMismatch(computedOld, oldRoot);
        if (computedNew != newRoot) revert NewRootMismatch(computedNew, newRoot);
    }

    /// @dev 0 < oldSize < newSize. An old size that is a power of two is a node of the new tree, so its root opens
    /// the path in place of a first element.
    function _walk(uint256 oldSize, uint256 newSize, bytes32 oldRoot, bytes32[] calldata proof)
        private
        view
        returns (bytes32 computedOld, bytes32 computedNew)
    {
        uint256 i = 0;
        computedOld = oldRoot;
        if (oldSize & (oldSize - 1) != 0) {
            if (proof.length == 0) revert ProofLengthInvalid(0);
            computedOld = proof[0];
            i = 1;
        }
        computedNew = computedOld;
        uint256 node = oldSize - 1;
        uint256 last = newSize - 1;
        while (node & 1 == 1) {
            node >>= 1;
            last >>= 1;
        }
        for (; i < proof.length; ++i) {
            if (last == 0) revert ProofLengthInvalid(proof.length);
            if (node & 1 == 1 || node == last) {
                computedOld = _hashNode(proof[i], computedOld);
                computedNew = _hashNode(proof[i], computedNew);
                while (node & 1 == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                computedNew = _hashNode(computedNew, proof[i]);
            }
            node >>= 1;
            last >>= 1;
        }
        if (last != 0) revert ProofLengthInvalid(proof.length);
    }

    /// @dev SHA-256(0x01 ‖ left ‖ right). Assembly because `sha256(abi.encodePacked(...))` claims new memory for each
    /// of some forty nodes: bench/anchor_gas.py measures the whole, the differential tests compare every result.
    // slither-disable-next-line assembly
    function _hashNode(bytes32 left, bytes32 right) private view returns (bytes32 node) {
        bool answered;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 0x01)
            mstore(add(free, 0x01), left)
            mstore(add(free, 0x21), right)
            answered := staticcall(gas(), 0x02, free, 0x41, 0x00, 0x20)
            answered := and(answered, eq(returndatasize(), 0x20))
            node := mload(0x00)
        }
        if (!answered) revert Sha256Unavailable();
    }
}
