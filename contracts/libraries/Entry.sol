// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @notice The entry of the log that asks for a call.
/// @param leafHash Its RFC 9162 leaf hash, not zero.
/// @param logIndex Its index.
struct Entry {
    bytes32 leafHash;
    uint64 logIndex;
}
