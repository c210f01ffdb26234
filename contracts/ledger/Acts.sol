// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IActs} from "../interfaces/IActs.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {Operations} from "../registry/Operations.sol";
import {Speakers} from "../registry/Speakers.sol";

/// @title How an act begins; see IActs.
abstract contract Acts is IActs, Operations, Speakers {
    /// @dev On nobody's word but the caller's.
    function _begin(bytes32 opId, Entry calldata entry) internal {
        _consume(opId);
        if (entry.leafHash == 0) revert LeafHashZero();
    }

    /// @dev On the word of two persons over this message.
    function _decide(bytes32 opId, bytes32 structHash, Cosignature[2] calldata approvals, Entry calldata entry)
        internal
        returns (address[2] memory approvers)
    {
        _begin(opId, entry);
        approvers = _checkApprovals(structHash, approvals);
    }

    function _requireDocument(bytes32 documentHash) internal pure {
        if (documentHash == 0) revert DocumentHashZero();
    }
}
