// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICompliance} from "../interfaces/ICompliance.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {OffsetCap} from "../libraries/OffsetCap.sol";
import {Operations} from "../registry/Operations.sol";
import {Speakers} from "../registry/Speakers.sol";

/// @title What holds for a compliance year: terms and price; see ICompliance. Who may call is decided by the contract that
/// inherits this.
abstract contract YearBook is ICompliance, Operations, Speakers {
    struct Price {
        uint64 fenPerTonne;
        bool charged;
    }

    bytes32 private constant _TERMS_TYPEHASH = keccak256(
        "YearTerms(bytes32 opId,uint16 year,uint16 offsetCapBps,uint64 surrenderDeadline,uint64 carryOverUntil,uint64 closesAt,uint16 carryBaseBps,uint32 carryMultipleBps,uint32 chargeMultipleBps,uint32 amendmentSeconds,bool earlierVintages,bytes32 documentHash)"
    );
    bytes32 private constant _PRICE_TYPEHASH =
        keccak256("ReferencePrice(bytes32 opId,uint16 year,uint64 fenPerTonne,bytes32 documentHash)");

    mapping(uint16 year => Terms terms) private _terms;
    mapping(uint16 year => Price price) private _prices;

    /// @inheritdoc ICompliance
    function termsOf(uint16 year) external view returns (Terms memory) {
        return _terms[year];
    }

    /// @inheritdoc ICompliance
    function priceOf(uint16 year) external view returns (uint64 fenPerTonne, bool charged) {
        Price storage price = _prices[year];
        return (price.fenPerTonne, price.charged);
    }

    function _setTerms(YearTerms calldata t, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        if (t.year == 0 || t.year == type(uint16).max) revert YearInvalid(t.year);
        if (t.documentHash == 0) revert DocumentHashZero();
        if (t.offsetCapBps > OffsetCap.WHOLE_BPS) revert OffsetCapInvalid(t.offsetCapBps);
        bool ordered =
            t.surrenderDeadline != 0 && t.surrenderDeadline < t.carryOverUntil && t.carryOverUntil <= t.closesAt;
        if (!ordered) revert TermsOrderInvalid(t.surrenderDeadline, t.carryOverUntil, t.closesAt);
        Terms storage terms = _terms[t.year];
        uint64 standing = terms.surrenderDeadline;
        // Deadlines are days: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (standing != 0 && block.timestamp >= standing) revert TermsFixed(t.year, standing);
        // Each member fills a word of call data, as `abi.encode` of the struct has them.
        address[2] memory approvers = _checkApprovals(keccak256(abi.encode(_TERMS_TYPEHASH, t)), approvals);
        terms.surrenderDeadline = t.surrenderDeadline;
        terms.amendmentSeconds = t.amendmentSeconds;
        terms.offsetCapBps = t.offsetCapBps;
        terms.earlierVintages = t.earlierVintages;
        terms.carryBaseBps = t.carryBaseBps;
        terms.carryMultipleBps = t.carryMultipleBps;
        terms.chargeMultipleBps = t.chargeMultipleBps;
        terms.carryOverUntil = t.carryOverUntil;
        terms.closesAt = t.closesAt;
        emit TermsSet(t.year, t.opId, t, approvers, entry.leafHash, entry.logIndex);
    }

    function _setPrice(ReferencePrice calldata p, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        if (p.documentHash == 0) revert DocumentHashZero();
        if (p.fenPerTonne == 0) revert PriceZero(p.year);
        Price storage price = _prices[p.year];
        if (price.charged) revert PriceFixed(p.year, price.fenPerTonne);
        address[2] memory approvers = _checkApprovals(keccak256(abi.encode(_PRICE_TYPEHASH, p)), approvals);
        price.fenPerTonne = p.fenPerTonne;
        emit PriceSet(p.year, p.opId, p.fenPerTonne, p.documentHash, approvers, entry.leafHash, entry.logIndex);
    }

    /// @dev From then on the price is not changed any more.
    function _charge(uint16 year, uint64 missed, uint32 multipleBps)
        internal
        returns (uint64 fenPerTonne, uint64 chargeFen)
    {
        Price storage price = _prices[year];
        fenPerTonne = price.fenPerTonne;
        if (missed == 0) return (fenPerTonne, 0);
        if (fenPerTonne == 0) revert PriceUnknown(year);
        price.charged = true;
        uint256 scaled = uint256(missed) * fenPerTonne * multipleBps;
        uint256 fenHalfUp = (scaled + OffsetCap.WHOLE_BPS / 2) / OffsetCap.WHOLE_BPS;
        if (fenHalfUp > type(uint64).max) revert ChargeTooLarge(fenHalfUp);
        chargeFen = uint64(fenHalfUp);
    }

    function _knownTerms(uint16 year) internal view returns (Terms storage terms) {
        terms = _terms[year];
        // slither-disable-next-line timestamp
        if (terms.surrenderDeadline == 0) revert TermsUnknown(year);
    }

    function _termsOrNone(uint16 year) internal view returns (Terms storage) {
        return _terms[year];
    }
}
