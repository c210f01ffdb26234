// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ReferenceTree} from "./ReferenceTree.sol";

/// @title Trees of any size up to 2^63 leaves: `A` below `edge`, `B` from there on.
/// @notice A subtree of one tone has the same hash wherever it stands, so a root costs a few hundred hashes.
library TwoToneTree {
    bytes32 internal constant A = keccak256("A");
    bytes32 internal constant B = keccak256("B");

    struct Tones {
        uint256 edge;
        bytes32[64] a;
        bytes32[64] b;
    }

    /// @dev With the edge at 0.
    function make() internal pure returns (Tones memory tones) {
        (tones.a[0], tones.b[0]) = (A, B);
        for (uint256 i = 1; i < 64; ++i) {
            tones.a[i] = ReferenceTree.node(tones.a[i - 1], tones.a[i - 1]);
            tones.b[i] = ReferenceTree.node(tones.b[i - 1], tones.b[i - 1]);
        }
    }

    function root(Tones memory tones, uint256 low, uint256 high) internal pure returns (bytes32) {
        uint256 n = high - low;
        bool even = n & (n - 1) == 0;
        if (even && high <= tones.edge) return tones.a[_log2(n)];
        if (even && low >= tones.edge) return tones.b[_log2(n)];
        uint256 k = ReferenceTree.split(n);
        return ReferenceTree.node(root(tones, low, low + k), root(tones, low + k, high));
    }

    function inclusion(Tones memory tones, uint256 index, uint256 low, uint256 high)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (high - low == 1) return new bytes32[](0);
        uint256 middle = low + ReferenceTree.split(high - low);
        if (index < middle) {
            return ReferenceTree.append(inclusion(tones, index, low, middle), root(tones, middle, high));
        }
        return ReferenceTree.append(inclusion(tones, index, middle, high), root(tones, low, middle));
    }

    /// @dev From the tree [low, old) to the tree [low, high).
    function consistency(Tones memory tones, uint256 old, uint256 low, uint256 high, bool complete)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (old == high) {
            if (complete) return new bytes32[](0);
            return ReferenceTree.append(new bytes32[](0), root(tones, low, high));
        }
        uint256 middle = low + ReferenceTree.split(high - low);
        if (old <= middle) {
            return ReferenceTree.append(consistency(tones, old, low, middle, complete), root(tones, middle, high));
        }
        return ReferenceTree.append(consistency(tones, old, middle, high, false), root(tones, low, middle));
    }

    function _log2(uint256 n) private pure returns (uint256 bits) {
        while (n > 1) {
            n >>= 1;
            ++bits;
        }
    }
}
