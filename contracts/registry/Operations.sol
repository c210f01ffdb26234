// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IOperations} from "../interfaces/IOperations.sol";

/// @title Operation ids that were consumed; see IOperations.
abstract contract Operations is IOperations {
    mapping(bytes32 opId => bool used) private _opUsed;

    /// @inheritdoc IOperations
    function opUsed(bytes32 opId) external view returns (bool) {
        return _opUsed[opId];
    }

    function _consume(bytes32 opId) internal {
        if (opId == 0) revert OpIdZero();
        if (_opUsed[opId]) revert OpAlreadyApplied(opId);
        _opUsed[opId] = true;
    }
}
