// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IOperations} from "./IOperations.sol";
import {ISpeakers} from "./ISpeakers.sol";

/// @title What each call that an entry of the log asks for has in common: it takes effect once, and names the entry.
interface IActs is IOperations, ISpeakers {
    /// @notice Every act names its log entry.
    error LeafHashZero();
    /// @notice Every decision cites a document.
    error DocumentHashZero();
}
