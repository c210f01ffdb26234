// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title Whether anything may leave an account.
/// @dev Apart, since an interface cannot hold an event and an error of one name.
library Standing {
    /// @notice Nothing leaves the account since `since` (Unix seconds).
    error AccountSuspended(bytes32 account, uint64 since);

    /// @param since 0: it is not suspended.
    function requireFree(bytes32 account, uint64 since) internal pure {
        if (since != 0) revert AccountSuspended(account, since);
    }
}
