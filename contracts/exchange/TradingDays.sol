// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ITradingDays} from "../interfaces/ITradingDays.sol";
import {Acts} from "../ledger/Acts.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {DayWord, DayWords} from "./DayWord.sol";

/// @title Terms, reference prices and trading days; see ITradingDays. Who may call is decided by the contract that inherits
/// this.
abstract contract TradingDays is Acts, ITradingDays {
    struct Market {
        uint32 priceFen;
        uint32 lastDay;
    }

    bytes32 private constant _TERMS_TYPEHASH = keccak256(
        "MarketTerms(bytes32 opId,uint8 mode,uint16 bandBps,uint16 blockBandBps,uint24 blockThreshold,uint8 lockDays,uint8 feeBps,bytes32 feeAccount,uint40 minimumVolume,uint16 minimumGroups,uint16 maximumHolders,uint32 releaseDelay,bytes32 documentHash)"
    );
    bytes32 private constant _REFERENCE_TYPEHASH =
        keccak256("MarketReference(bytes32 opId,uint32 asset,uint32 priceFen,bytes32 documentHash)");
    uint8 internal constant _AGREEMENT = 1;
    uint8 private constant _LICENSED = 2;
    uint16 private constant _WHOLE_BPS = 10_000;
    uint8 private constant _MAX_LOCK = 5;

    MarketTerms internal _terms;
    mapping(AssetId asset => Market market) internal _markets;
    mapping(AssetId asset => mapping(uint32 day => DayWord word)) internal _days;

    /// @inheritdoc ITradingDays
    function terms() external view returns (MarketTerms memory) {
        return _terms;
    }

    /// @inheritdoc ITradingDays
    function referenceOf(AssetId asset) external view returns (uint32 priceFen, uint32 lastDay) {
        Market storage market = _markets[asset];
        return (market.priceFen, market.lastDay);
    }

    /// @inheritdoc ITradingDays
    function dayOf(AssetId asset, uint32 day) external view returns (Day memory) {
        return _days[asset][day].shown();
    }

    function _setTerms(MarketTerms calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        _requireDocument(m.documentHash);
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_TERMS_TYPEHASH, m)), approvals, entry);
        if (m.mode != _AGREEMENT && m.mode != _LICENSED) revert ModeInvalid(m.mode);
        if (m.bandBps > _WHOLE_BPS) revert BandInvalid(m.bandBps);
        if (m.blockBandBps > _WHOLE_BPS) revert BandInvalid(m.blockBandBps);
        if (m.lockDays > _MAX_LOCK) revert LockInvalid(m.lockDays);
        if (m.feeBps != 0) _requireHolderKind(m.feeAccount);
        _terms = m;
        emit TermsSet(m.opId, m, approvers, entry.leafHash, entry.logIndex);
    }

    function _setReference(MarketReference calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        internal
    {
        _requireDocument(m.documentHash);
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_REFERENCE_TYPEHASH, m)), approvals, entry);
        _requireTradable(m.asset);
        if (m.priceFen == 0) revert PriceZero();
        _markets[m.asset].priceFen = m.priceFen;
        emit ReferenceSet(m.asset, m.opId, m.priceFen, m.documentHash, approvers, entry.leafHash, entry.logIndex);
    }

    function _openDay(bytes32 opId, AssetId asset, uint32 day, uint32 cutOff, Entry calldata entry) internal {
        _begin(opId, entry);
        _requireTradable(asset);
        if (_terms.mode == 0) revert TermsUnknown();
        Market storage market = _markets[asset];
        DayWord last = _days[asset][market.lastDay];
        if (day <= market.lastDay) revert DayNotLater(asset, day, market.lastDay);
        if (market.lastDay != 0 && last.status() != DayWords.CLOSED) {
            revert DayStatusInvalid(asset, market.lastDay, last.status());
        }
        // A cut-off is hours away: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (cutOff <= block.timestamp) revert DayPast(asset, day, cutOff);
        uint32 priceFen = _inherited(asset);
        if (priceFen == 0) revert ReferenceUnknown(asset);
        market.priceFen = priceFen;
        market.lastDay = day;
        DayWord word = DayWords.opened(_terms, last.index() + 1, priceFen, cutOff);
        _days[asset][day] = word;
        _announceOpening(opId, asset, day, word, entry);
    }

    function _haltDay(bytes32 opId, AssetId asset, uint32 day, bool halted, Entry calldata entry) internal {
        _begin(opId, entry);
        DayWord word = _days[asset][day];
        if (word.status() != (halted ? DayWords.OPEN : DayWords.HALTED)) {
            revert DayStatusInvalid(asset, day, word.status());
        }
        _days[asset][day] = word.withStatus(halted ? DayWords.HALTED : DayWords.OPEN);
        emit DayHalted(asset, day, opId, halted, entry.leafHash, entry.logIndex);
    }

    function _closeDay(
        bytes32 opId,
        AssetId asset,
        uint32 day,
        uint16 groups,
        bytes32 sessionRoot,
        Entry calldata entry
    ) internal {
        _begin(opId, entry);
        DayWord word = _days[asset][day];
        uint8 status = word.status();
        if (status != DayWords.OPEN && status != DayWords.HALTED) revert DayStatusInvalid(asset, day, status);
        _days[asset][day] = word.withStatus(DayWords.CLOSED);
        uint256 volume = word.volume();
        // One price of trades at 1 fen and more is at least 1 fen, and none is above the highest of them.
        if (volume != 0 && volume >= _terms.minimumVolume && groups >= _terms.minimumGroups) {
            _markets[asset].priceFen = uint32((2 * uint256(word.valueFen()) + volume) / (2 * volume));
        }
        emit DayClosed(
            asset,
            day,
            opId,
            word.volume(),
            word.valueFen(),
            _markets[asset].priceFen,
            groups,
            sessionRoot,
            entry.leafHash,
            entry.logIndex
        );
    }

    function _requireTradable(AssetId asset) internal pure {
        if (!asset.isQuota()) revert AssetNotTradable(asset);
    }

    function _announceOpening(bytes32 opId, AssetId asset, uint32 day, DayWord word, Entry calldata entry) private {
        (uint256 low, uint256 high) = DayWords.limits(word.referenceFen(), word.bandBps());
        // The band of the highest prices ends where prices do.
        if (high > type(uint32).max) high = type(uint32).max;
        emit DayOpened(
            asset,
            day,
            opId,
            word.index(),
            word.referenceFen(),
            uint32(low),
            uint32(high),
            word.cutOff(),
            entry.leafHash,
            entry.logIndex
        );
    }

    /// @dev The asset's own, else that of the vintage before (DOMAIN 15).
    function _inherited(AssetId asset) private view returns (uint32 priceFen) {
        priceFen = _markets[asset].priceFen;
        uint16 vintage = asset.vintageOf();
        if (priceFen == 0 && vintage > 1) priceFen = _markets[Assets.quotaOf(vintage - 1)].priceFen;
    }
}
