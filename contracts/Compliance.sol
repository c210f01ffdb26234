// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Obligations} from "./compliance/Obligations.sol";
import {ICarbonLedger} from "./interfaces/ICarbonLedger.sol";
import {ICompliance} from "./interfaces/ICompliance.sol";
import {IEmissionsRegistry} from "./interfaces/IEmissionsRegistry.sol";
import {IIdentifierRegistry} from "./interfaces/IIdentifierRegistry.sol";
import {Cosignature} from "./libraries/CompactSignature.sol";
import {Entry} from "./libraries/Entry.sol";
import {OffsetCap} from "./libraries/OffsetCap.sol";
import {TypedDomain} from "./libraries/TypedDomain.sol";
import {Speakers} from "./registry/Speakers.sol";

/// @title Obligations and what meets them; see ICompliance.
contract Compliance is Obligations, AccessManaged {
    bytes32 private constant _SURRENDER_TYPEHASH =
        keccak256("Surrender(bytes32 opId,bytes32 account,uint16 year,uint32 asset,uint64 tonnes,uint64 deadline)");
    bytes32 private constant _CARRY_OVER_TYPEHASH =
        keccak256("CarryOver(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,uint64 deadline)");
    uint256 private constant _MAX_ACCOUNTS = 64;

    ICarbonLedger private immutable _ledger;

    /// @param authority AccessManager that rules the restricted calls.
    /// @param deploymentId_ Random, not zero: salt of the EIP-712 domain.
    /// @param identifiers Where accounts and keys are looked up.
    /// @param emissions Whose numbers are the obligations.
    /// @param ledger Whose units are surrendered; it gives this contract the role of asset contracts.
    constructor(
        address authority,
        bytes32 deploymentId_,
        IIdentifierRegistry identifiers,
        IEmissionsRegistry emissions,
        ICarbonLedger ledger
    ) TypedDomain(deploymentId_) Speakers(identifiers) Obligations(emissions) AccessManaged(authority) {
        if (authority.code.length == 0) revert AuthorityWithoutCode(authority);
        if (address(ledger).code.length == 0) revert LedgerWithoutCode(address(ledger));
        _ledger = ledger;
    }

    /// @inheritdoc ICompliance
    function setTerms(YearTerms calldata terms, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _begin(terms.opId, entry);
        _setTerms(terms, approvals, entry);
    }

    /// @inheritdoc ICompliance
    function setPrice(ReferencePrice calldata price, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _begin(price.opId, entry);
        _setPrice(price, approvals, entry);
    }

    /// @inheritdoc ICompliance
    function surrender(Surrender calldata s, Cosignature calldata signature, Entry calldata entry) external restricted {
        _begin(s.opId, entry);
        _checkHolder(s.account, keccak256(abi.encode(_SURRENDER_TYPEHASH, s)), s.deadline, signature);
        if (s.tonnes == 0) revert AmountZero();
        Terms storage terms = _knownTerms(s.year);
        Case memory standing = _knownStanding(s.account, s.year, terms);
        uint64 remaining = _remaining(s.account, s.year, terms, standing);
        Met storage met = _mets[s.account][s.year];
        uint64 offsetsUsed = met.offsetsUsed;
        if (s.asset.isOffset()) {
            uint64 room = OffsetCap.room(offsetsUsed, standing.cap);
            if (s.tonnes > room) revert OffsetCapExceeded(s.account, s.year, s.tonnes, room);
            if (s.tonnes > remaining) revert ObligationExceeded(s.account, s.year, s.tonnes, remaining);
            offsetsUsed += s.tonnes;
            met.offsetsUsed = offsetsUsed;
        } else {
            _requireAccepted(s.asset.vintageOf(), s.year, terms);
            if (s.tonnes > remaining) revert ObligationExceeded(s.account, s.year, s.tonnes, remaining);
            met.quota = _to64(uint256(met.quota) + s.tonnes);
        }
        emit SurrenderRecorded(
            s.account,
            s.year,
            s.opId,
            s.asset,
            s.tonnes,
            standing.due - s.tonnes,
            offsetsUsed,
            entry.leafHash,
            entry.logIndex
        );
        _ledger.surrender(s.account, s.asset, s.tonnes);
    }

    /// @inheritdoc ICompliance
    function carryOver(CarryOver calldata c, Cosignature calldata signature, uint64 netSoldTonnes, Entry calldata entry)
        external
        restricted
    {
        _begin(c.opId, entry);
        _checkHolder(c.account, keccak256(abi.encode(_CARRY_OVER_TYPEHASH, c)), c.deadline, signature);
        if (c.tonnes == 0) revert AmountZero();
        Terms storage terms = _knownTerms(c.vintage);
        uint64 nowAt = uint64(block.timestamp);
        // slither-disable-next-line timestamp
        if (nowAt < terms.surrenderDeadline) revert CarryOverEarly(terms.surrenderDeadline, nowAt);
        // slither-disable-next-line timestamp
        if (nowAt >= terms.carryOverUntil) revert CarryOverPast(terms.carryOverUntil, nowAt);
        Case memory standing = _knownStanding(c.account, c.vintage, terms);
        if (standing.due != 0) revert ObligationOpen(c.account, c.vintage, standing.due);
        Outcome storage outcome = _outcomes[c.account][c.vintage];
        uint256 limit =
            (uint256(standing.emissions) * terms.carryBaseBps + uint256(netSoldTonnes) * terms.carryMultipleBps)
                / OffsetCap.WHOLE_BPS;
        uint256 carried = uint256(outcome.carried) + c.tonnes;
        if (carried > limit) {
            uint256 left = limit < outcome.carried ? 0 : limit - outcome.carried;
            revert CarryOverExceeded(c.account, c.vintage, c.tonnes, uint64(left));
        }
        outcome.carried = _to64(carried);
        emit CarryOverRecorded(c.account, c.vintage, c.opId, c.tonnes, netSoldTonnes, entry.leafHash, entry.logIndex);
        _ledger.carryOver(c.account, c.vintage, c.tonnes);
    }

    /// @inheritdoc ICompliance
    function assess(bytes32 opId, bytes32 account, uint16 year, Entry calldata entry) external restricted {
        _begin(opId, entry);
        Terms storage terms = _knownTerms(year);
        Case memory standing = _knownStanding(account, year, terms);
        uint64 nowAt = uint64(block.timestamp);
        // slither-disable-next-line timestamp
        if (nowAt < standing.deadline) revert AssessmentEarly(account, year, standing.deadline, nowAt);
        Outcome storage outcome = _outcomes[account][year];
        if (outcome.assessedRevision == standing.revision) revert AssessmentRepeated(account, year, standing.revision);
        outcome.assessedRevision = standing.revision;
        outcome.missed = standing.due;
        delete _overdues[account][year];
        uint64 fenPerTonne;
        (fenPerTonne, outcome.chargeFen) = _charge(year, standing.due, terms.chargeMultipleBps);
        _announceAssessed(opId, account, year, standing, fenPerTonne, entry);
    }

    /// @inheritdoc ICompliance
    function credit(bytes32 opId, bytes32 account, uint16 year, Entry calldata entry) external restricted {
        _begin(opId, entry);
        uint256 excess = _knownStanding(account, year, _knownTerms(year)).excess;
        if (excess == 0) revert CreditNone(account, year);
        Met storage met = _mets[account][year];
        Met storage next = _mets[account][year + 1];
        met.creditOut = _to64(uint256(met.creditOut) + excess);
        next.creditIn = _to64(uint256(next.creditIn) + excess);
        emit Credited(account, year, opId, uint64(excess), entry.leafHash, entry.logIndex);
    }

    /// @inheritdoc ICompliance
    function close(bytes32 opId, uint16 year, bytes32[] calldata accounts, Entry calldata entry) external restricted {
        _begin(opId, entry);
        uint64 closesAt = _knownTerms(year).closesAt;
        uint64 nowAt = uint64(block.timestamp);
        // slither-disable-next-line timestamp
        if (nowAt < closesAt) revert CloseEarly(closesAt, nowAt);
        if (accounts.length == 0 || accounts.length > _MAX_ACCOUNTS) revert AccountCountInvalid(accounts.length);
        uint256 tonnes = 0;
        for (uint256 i = 0; i < accounts.length; ++i) {
            // The ledger is part of the deployment, and the number of accounts is bounded.
            // slither-disable-next-line calls-loop
            tonnes += _ledger.expire(accounts[i], year);
        }
        // What the ledger calls is nothing of ours: nobody comes in between.
        // slither-disable-next-line reentrancy-events
        emit YearClosed(year, opId, accounts, _to64(tonnes), entry.leafHash, entry.logIndex);
    }

    /// @inheritdoc ICompliance
    function carbonLedger() external view returns (address) {
        return address(_ledger);
    }

    /// @dev Apart, since so many members at once are too many for the stack.
    function _announceAssessed(
        bytes32 opId,
        bytes32 account,
        uint16 year,
        Case memory standing,
        uint64 fenPerTonne,
        Entry calldata entry
    ) private {
        emit Assessed(
            account,
            year,
            opId,
            standing.emissions,
            standing.revision,
            standing.due,
            fenPerTonne,
            _outcomes[account][year].chargeFen,
            entry.leafHash,
            entry.logIndex
        );
    }

    function _begin(bytes32 opId, Entry calldata entry) private {
        _consume(opId);
        if (entry.leafHash == 0) revert LeafHashZero();
    }

    /// @dev What may still be surrendered: all that is due, and after the year's deadline, what is not overdue.
    function _remaining(bytes32 account, uint16 year, Terms storage terms, Case memory standing)
        private
        returns (uint64)
    {
        uint64 nowAt = uint64(block.timestamp);
        // slither-disable-next-line timestamp
        if (nowAt < terms.surrenderDeadline) return standing.due;
        // slither-disable-next-line timestamp
        if (nowAt >= standing.deadline) revert SurrenderPast(standing.deadline, nowAt);
        uint64 overdue = _overdueOf(account, year, terms, standing);
        _overdues[account][year] = Overdue(overdue, nowAt);
        return standing.due > overdue ? standing.due - overdue : 0;
    }

    /// @dev DOMAIN 5; from the deadline on it is arrears that are met.
    function _requireAccepted(uint16 vintage, uint16 year, Terms storage terms) private view {
        if (vintage == year || (vintage < year && terms.earlierVintages)) return;
        // slither-disable-next-line timestamp
        if (vintage > year && block.timestamp >= terms.surrenderDeadline) return;
        revert VintageNotAccepted(vintage, year);
    }
}
