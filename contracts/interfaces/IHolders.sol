// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title Whose assets an address moves.
interface IHolders {
    /// @notice The account whose active ES256K key with purpose asset has this address, 0 for none: an address is one key's,
    /// and a key one account's.
    function holderOf(address evmAddress) external view returns (bytes32 accountId);
}
