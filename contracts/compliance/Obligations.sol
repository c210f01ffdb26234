// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICompliance} from "../interfaces/ICompliance.sol";
import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {OffsetCap} from "../libraries/OffsetCap.sol";
import {YearBook} from "./YearBook.sol";

/// @title What is due of an account and year, and what met it; see ICompliance.
abstract contract Obligations is YearBook {
    /// @dev One slot: all that a surrender in time writes.
    struct Met {
        uint64 quota;
        uint64 offsetsUsed;
        uint64 creditIn;
        uint64 creditOut;
    }

    struct Outcome {
        uint64 missed;
        uint64 chargeFen;
        uint64 carried;
        uint32 assessedRevision;
    }

    /// @dev What was overdue when something was surrendered after the year's deadline, and when that was.
    struct Overdue {
        uint64 tonnes;
        uint64 at;
    }

    /// @dev A case as it stands in this block.
    struct Case {
        uint64 emissions;
        uint32 revision;
        uint64 deadline;
        uint64 cap;
        uint64 due;
        uint256 excess;
    }

    IEmissionsRegistry internal immutable _emissions;

    mapping(bytes32 account => mapping(uint16 year => Met met)) internal _mets;
    mapping(bytes32 account => mapping(uint16 year => Outcome outcome)) internal _outcomes;
    mapping(bytes32 account => mapping(uint16 year => Overdue overdue)) internal _overdues;

    constructor(IEmissionsRegistry emissions) {
        if (address(emissions).code.length == 0) revert EmissionsWithoutCode(address(emissions));
        _emissions = emissions;
    }

    /// @inheritdoc ICompliance
    function positionOf(bytes32 account, uint16 year) external view returns (Position memory position) {
        Terms storage terms = _termsOrNone(year);
        Met storage met = _mets[account][year];
        Outcome storage outcome = _outcomes[account][year];
        Case memory standing = _standing(account, year, terms, met);
        position.emissions = standing.emissions;
        position.revision = standing.revision;
        position.offsetCap = standing.cap;
        position.quota = met.quota;
        position.offsetsUsed = met.offsetsUsed;
        position.offsetsCounted = OffsetCap.counted(met.offsetsUsed, standing.cap);
        position.creditIn = met.creditIn;
        position.creditOut = met.creditOut;
        position.due = standing.due;
        position.missed = outcome.missed;
        position.chargeFen = outcome.chargeFen;
        position.carried = outcome.carried;
        position.deadline = standing.deadline;
        position.assessed = outcome.assessedRevision != 0;
    }

    /// @inheritdoc ICompliance
    function emissionsRegistry() external view returns (address) {
        return address(_emissions);
    }

    /// @dev Of a case that has terms and a number.
    function _knownStanding(bytes32 account, uint16 year, Terms storage terms)
        internal
        view
        returns (Case memory standing)
    {
        standing = _standing(account, year, terms, _mets[account][year]);
        // slither-disable-next-line timestamp
        if (standing.revision == 0) revert EmissionsUnknown(account, year);
    }

    /// @dev What of the due tonnes no time is left for, after the year's deadline: all but what amendments brought whose own
    /// time runs (DOMAIN 2). Of a surrender since then it is known that it met the rest, and nothing that was overdue.
    function _overdueOf(bytes32 account, uint16 year, Terms storage terms, Case memory standing)
        internal
        view
        returns (uint64 tonnes)
    {
        uint64 extra = terms.amendmentSeconds;
        uint64 nowAt = uint64(block.timestamp);
        // slither-disable-next-line timestamp
        tonnes = _dueSince(account, year, nowAt > extra ? nowAt - extra : 0, standing);
        Overdue storage found = _overdues[account][year];
        uint64 earlier = found.tonnes;
        if (earlier != 0) {
            // A number that was lower in between took from it.
            uint64 left = _dueSince(account, year, found.at, standing);
            if (left < earlier) earlier = left;
        }
        uint64 missed = _outcomes[account][year].missed;
        if (earlier < missed) earlier = missed;
        if (tonnes < earlier) tonnes = earlier;
    }

    function _to64(uint256 tonnes) internal pure returns (uint64) {
        if (tonnes > type(uint64).max) revert AmountTooLarge(tonnes);
        return uint64(tonnes);
    }

    /// @dev Due, without what the number rose by since then.
    function _dueSince(bytes32 account, uint16 year, uint64 since, Case memory standing) private view returns (uint64) {
        uint64 rise = standing.emissions - _emissions.lowestSince(account, year, since);
        // Slither takes all of a case for a time, because it holds one.
        // slither-disable-next-line timestamp
        return standing.due > rise ? standing.due - rise : 0;
    }

    function _standing(bytes32 account, uint16 year, Terms storage terms, Met storage met)
        private
        view
        returns (Case memory standing)
    {
        uint64 registeredAt;
        // The number and its revision are all that an obligation has.
        // slither-disable-next-line unused-return
        (standing.emissions, standing.revision,,,,, registeredAt) = _emissions.emissionsOf(account, year);
        standing.deadline = terms.surrenderDeadline;
        // An amendment's difference has its own time (DOMAIN 2).
        // slither-disable-next-line timestamp
        if (standing.revision > 1 && standing.deadline != 0) {
            uint256 extended = uint256(registeredAt) + terms.amendmentSeconds;
            // slither-disable-next-line timestamp
            if (extended > standing.deadline) standing.deadline = uint64(extended);
        }
        standing.cap = OffsetCap.capDown(standing.emissions, terms.offsetCapBps);
        (standing.due, standing.excess) = OffsetCap.balance(
            standing.emissions, met.creditOut, met.quota, met.creditIn, OffsetCap.counted(met.offsetsUsed, standing.cap)
        );
    }
}
