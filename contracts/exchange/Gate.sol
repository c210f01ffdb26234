// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {AuthorityUtils} from "@openzeppelin/contracts/access/manager/AuthorityUtils.sol";
import {ICashBook} from "../interfaces/ICashBook.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISettlers} from "../interfaces/ISettlers.sol";

/// @title Who may call, and whether cash moves; see ISettlers.
/// @dev Who settles and whether cash moves are one slot: a settlement reads nothing else of either (P5).
abstract contract Gate is AccessManaged, ISettlers {
    address private _settler;
    bool private _halted;

    /// @param authority AccessManager that rules the restricted calls.
    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc ISettlers
    function refreshSettler(address caller) external {
        address kept = _settler;
        if (kept != address(0)) {
            if (_maySettle(kept)) return;
            _forget(kept);
        }
        if (caller == address(0) || !_maySettle(caller)) return;
        _settler = caller;
        emit SettlerRefreshed(caller, true);
    }

    /// @inheritdoc ISettlers
    function isSettler(address caller) external view returns (bool) {
        return caller != address(0) && caller == _settler;
    }

    function _setHalted(bool halted) internal {
        _halted = halted;
    }

    /// @dev What one manager said does not count under another.
    function _setAuthority(address newAuthority) internal override {
        super._setAuthority(newAuthority);
        address kept = _settler;
        if (kept != address(0)) _forget(kept);
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
        // Nobody calls from the address zero, but a node that is asked what a call would do may say so.
        if (settles && caller == _settler && caller != address(0)) return;
        super._checkCanCall(caller, data);
    }

    function _forget(address kept) private {
        _settler = address(0);
        emit SettlerRefreshed(kept, false);
    }

    /// @dev Both calls, at once: whoever has to schedule them first is asked each time. While the manager executes what was
    /// scheduled it answers for itself with that one call alone, never with both.
    function _maySettle(address caller) private view returns (bool) {
        address manager = authority();
        bytes4 one = ISettlement.settle.selector;
        bytes4 many = ISettlement.settleBatch.selector;
        // A delay goes with an answer that is no: of whoever has one nothing is remembered.
        // slither-disable-next-line unused-return
        (bool mayOne,) = AuthorityUtils.canCallWithDelay(manager, caller, address(this), one);
        // slither-disable-next-line unused-return
        (bool mayMany,) = AuthorityUtils.canCallWithDelay(manager, caller, address(this), many);
        return mayOne && mayMany;
    }
}
