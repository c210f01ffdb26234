// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title RFC 9162 trees by their recursive definitions, without a thought for gas: what LogProof is compared with.
library ReferenceTree {
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @dev `count` different leaf hashes.
    function leaves(uint256 seed, uint256 count) internal pure returns (bytes32[] memory made) {
        made = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            made[i] = keccak256(abi.encode(seed, i));
        }
    }

    /// @dev MTH(D[low:high]), section 2.1.1.
    function root(bytes32[] memory d, uint256 low, uint256 high) internal pure returns (bytes32) {
        if (low == high) return sha256("");
        if (high - low == 1) return d[low];
        uint256 k = split(high - low);
        return node(root(d, low, low + k), root(d, low + k, high));
    }

    /// @dev PATH(m, D[0:size]), section 2.1.3.1.
    function inclusion(bytes32[] memory d, uint256 index, uint256 size) internal pure returns (bytes32[] memory) {
        return _path(d, index, 0, size);
    }

    /// @dev PROOF(m, D[0:size]), section 2.1.4.1.
    function consistency(bytes32[] memory d, uint256 m, uint256 size) internal pure returns (bytes32[] memory) {
        if (m == 0) return new bytes32[](0);
        return _subproof(d, m, 0, size, true);
    }

    /// @dev The largest power of two below `n`, n > 1.
    function split(uint256 n) internal pure returns (uint256 k) {
        k = 1;
        while (k * 2 < n) {
            k *= 2;
        }
    }

    function append(bytes32[] memory items, bytes32 item) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](items.length + 1);
        for (uint256 i = 0; i < items.length; ++i) {
            longer[i] = items[i];
        }
        longer[items.length] = item;
    }

    /// @dev Without the element at `place`.
    function without(bytes32[] memory items, uint256 place) internal pure returns (bytes32[] memory shorter) {
        shorter = new bytes32[](items.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) {
            shorter[i] = items[i < place ? i : i + 1];
        }
    }

    function _path(bytes32[] memory d, uint256 index, uint256 low, uint256 high)
        private
        pure
        returns (bytes32[] memory)
    {
        if (high - low == 1) return new bytes32[](0);
        uint256 k = split(high - low);
        if (index < k) return append(_path(d, index, low, low + k), root(d, low + k, high));
        return append(_path(d, index - k, low + k, high), root(d, low, low + k));
    }

    function _subproof(bytes32[] memory d, uint256 m, uint256 low, uint256 high, bool complete)
        private
        pure
        returns (bytes32[] memory)
    {
        uint256 n = high - low;
        if (m == n) {
            if (complete) return new bytes32[](0);
            return append(new bytes32[](0), root(d, low, high));
        }
        uint256 k = split(n);
        if (m <= k) return append(_subproof(d, m, low, low + k, complete), root(d, low + k, high));
        return append(_subproof(d, m - k, low + k, high, false), root(d, low, low + k));
    }
}
