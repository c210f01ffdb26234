// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {LogProof} from "../../libraries/LogProof.sol";

/// @title LogProof behind external calls, as its proofs come in calldata.
contract LogProofHarness {
    function inclusion(bytes32 leaf, uint64 index, uint64 size, bytes32[] calldata proof, bytes32 root) external view {
        LogProof.verifyInclusion(leaf, index, size, proof, root);
    }

    function consistency(uint64 oldSize, uint64 newSize, bytes32 oldRoot, bytes32 newRoot, bytes32[] calldata proof)
        external
        view
    {
        LogProof.verifyConsistency(oldSize, newSize, oldRoot, newRoot, proof);
    }

    function leafHash(bytes calldata entry) external pure returns (bytes32) {
        return LogProof.leafHash(entry);
    }
}
