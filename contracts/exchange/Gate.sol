// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {AuthorityUtils} from "@openzeppelin/contracts/access/manager/AuthorityUtils.sol";
import {ICashBook} from "../interfaces/ICashBook.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISettlers} from "../interfaces/ISettlers.sol";

/// @title Who may call, and whether cash moves; see ISettlers.
/// @dev The authority and the halt are one slot: a settlement reads both in any case.
abstract contract Gate is AccessManaged, ISettlers {
    bool private _halted;

    /// @dev The authority that said so; what one said does not count under another.
    mapping(address caller => address saidBy) private _settlers;

    /// @param authority AccessManager that rules the restricted calls.
    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc ISettlers
    function refreshSettler(address caller) external {
        bool kept = _isSettler(caller);
        // While the manager executes a scheduled call it answers for itself with that one alone: never with both.
        bool allowed =
            _maySettle(caller, ISettlement.settle.selector) && _maySettle(caller, ISettlement.settleBatch.selector);
        if (allowed == kept) return;
        _settlers[caller] = allowed ? authority() : address(0);
        emit SettlerRefreshed(caller, allowed);
    }

    /// @inheritdoc ISettlers
    function isSettler(address caller) external view returns (bool) {
        return _isSettler(caller);
    }

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
        if (caller == address(this)) return;
        bytes4 call = bytes4(data);
        bool settles = call == ISettlement.settle.selector || call == ISettlement.settleBatch.selector;
        if (settles && _isSettler(caller)) return;
        super._checkCanCall(caller, data);
    }

    function _isSettler(address caller) private view returns (bool) {
        // No authority is the address zero: each has code.
        return _settlers[caller] == authority();
    }

    /// @dev At once: whoever has to schedule it first is asked each time.
    function _maySettle(address caller, bytes4 selector) private view returns (bool immediate) {
        (immediate,) = AuthorityUtils.canCallWithDelay(authority(), caller, address(this), selector);
    }
}
