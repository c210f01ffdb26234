// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title A caller whose right to settle the exchange remembers.
/// @notice The AccessManager decides who may call `settle` and `settleBatch`, as for every restricted call. Since it is dear to
/// ask for each trade, its answer is remembered for one caller that somebody had refreshed: about that one the manager is not
/// asked again before somebody refreshes. All others are asked about each time, as for all other calls.
///
/// So whatever takes the right from that caller (its role revoked or delayed, the calls given to another role, the exchange
/// closed) takes effect in two steps: in the manager, and here by `refreshSettler`, which anybody calls, in the same block if
/// it likes. Until then the caller settles what two holders signed and the day allows, and does nothing else by it. What one
/// manager said does not count under another.
interface ISettlers {
    /// @notice From now on the right of `caller` to settle is remembered, or is no more: then the manager is asked.
    event SettlerRefreshed(address indexed caller, bool kept);

    /// @notice Asks the manager anew about the caller that is remembered, and forgets it unless it may call both `settle` and
    /// `settleBatch` at once; if none is remembered then, remembers `caller` where the manager says this of it. For anybody:
    /// nobody gets a right or loses one that the manager does not say so of.
    function refreshSettler(address caller) external;

    /// @notice Whether the right of `caller` to settle is remembered. Whose is not may have it all the same.
    function isSettler(address caller) external view returns (bool);
}
