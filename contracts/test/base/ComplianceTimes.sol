// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICompliance} from "../../interfaces/ICompliance.sol";
import {ComplianceModel} from "./ComplianceModel.sol";

/// @title What of an obligation still has time after the year's deadline (DOMAIN 2), from the numbers in their order.
abstract contract ComplianceTimes is ComplianceModel {
    /// @dev `at`: from which second on, or in which.
    struct Number {
        uint64 tonnes;
        uint64 at;
    }

    /// @dev An amendment's own time.
    uint64 internal constant EXTRA = 3 days;

    mapping(bytes32 account => mapping(uint16 year => Number[] numbers)) private _numbers;
    /// @dev What was overdue at the last surrender after the year's deadline.
    mapping(bytes32 account => mapping(uint16 year => Number overdue)) internal overdue;
    uint64 private _overdue;

    function _number(bytes32 account, uint64 tonnes) internal {
        _determined(account, current, tonnes);
        _numbers[account][current].push(Number(tonnes, uint64(block.timestamp)));
    }

    /// @dev Tonnes that amendments brought whose time runs, without what was surrendered of them.
    function _stillInTime(bytes32 account, ICompliance.Position memory p) internal returns (uint64) {
        Number storage known = overdue[account][current];
        uint64 before = _dueAt(account, p, uint64(block.timestamp) - EXTRA);
        uint64 kept = _dueAt(account, p, known.at);
        if (known.tonnes < kept) kept = known.tonnes;
        _overdue = before > kept ? before : kept;
        if (p.missed > _overdue) _overdue = p.missed;
        return p.due > _overdue ? p.due - _overdue : 0;
    }

    /// @dev Of the case that was looked at last.
    function _keepOverdue(bytes32 account) internal {
        overdue[account][current] = Number(_overdue, uint64(block.timestamp));
    }

    /// @dev What would be due of the lowest number that stood then or later.
    function _dueAt(bytes32 account, ICompliance.Position memory p, uint64 since) private view returns (uint64) {
        Number[] storage numbers = _numbers[account][current];
        uint64 lowest = p.emissions;
        for (uint256 i = 0; i < numbers.length; ++i) {
            bool replaced = i + 1 < numbers.length && numbers[i + 1].at <= since;
            if (!replaced && numbers[i].tonnes < lowest) lowest = numbers[i].tonnes;
        }
        uint64 rise = p.emissions - lowest;
        return p.due > rise ? p.due - rise : 0;
    }
}
