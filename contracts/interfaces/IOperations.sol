// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title Calls that take effect once, however often they are sent: each carries an id and consumes it.
interface IOperations {
    /// @notice An operation id is never zero.
    error OpIdZero();
    /// @notice The operation took effect before.
    error OpAlreadyApplied(bytes32 opId);

    /// @notice Whether the operation took effect.
    function opUsed(bytes32 opId) external view returns (bool);
}
