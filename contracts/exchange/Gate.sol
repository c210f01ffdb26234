// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ICashBook} from "../interfaces/ICashBook.sol";

/// @title Who may call, and whether cash moves.
/// @dev Both are one slot: a settlement reads who rules the calls in any case.
abstract contract Gate is AccessManaged {
    bool private _halted;

    /// @param authority AccessManager that rules the restricted calls.
    constructor(address authority) AccessManaged(authority) {}

    function _setHalted(bool halted) internal {
        _halted = halted;
    }

    function _isHalted() internal view returns (bool) {
        return _halted;
    }

    function _requireCashMoves() internal view {
        if (_halted) revert ICashBook.CashHalted();
    }

    /// @dev The contract calls itself for each trade of a batch, whose caller was asked for its right before.
    function _checkCanCall(address caller, bytes calldata data) internal override {
        if (caller != address(this)) super._checkCanCall(caller, data);
    }
}
