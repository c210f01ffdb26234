// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";

/// @title The market's terms, its reference prices, and each trading day of an asset (DOMAIN 12 to 16).
/// @notice A trading day begins under the terms and the reference price as they are then, and keeps them: a fill names its
/// day. Days of an asset follow each other; the next opens when the one before is closed. The contract adds up what is
/// traded by listed orders and makes the close from its own sums, half-up to the fen; nobody posts it. Below the terms'
/// volume or groups the reference stands. The reference of a vintage that has none is that of the vintage before.
///
/// What is trusted: when days open, halt and close; of how many groups the traders were; the session's root, which a replay
/// of the log's entries gives.
interface ITradingDays {
    // Structs that are signed have the order of what is signed: they are call data only and fill no slots.
    // solhint-disable gas-struct-packing

    /// @notice What two persons sign: EIP-712 `MarketTerms(bytes32 opId,uint8 mode,uint16 bandBps,uint16 blockBandBps,uint24
    /// blockThreshold,uint8 lockDays,uint8 feeBps,bytes32 feeAccount,uint40 minimumVolume,uint16 minimumGroups,uint16
    /// maximumHolders,uint32 releaseDelay,bytes32 documentHash)`.
    /// @param mode 1 agreement (a listed trade is with a named counterparty), 2 licensed (DOMAIN 12).
    /// @param bandBps How far a listed price may be from the reference, at most 10,000; limits are rounded inward.
    /// @param blockBandBps The same for block trades, which have
    /// @param blockThreshold tonnes or more.
    /// @param lockDays Bought on trading day n of the asset, sellable from n + lockDays; 0 to 5.
    /// @param feeBps Of the value, for each side, half-up to the fen.
    /// @param feeAccount An enterprise's or park's account where there is a fee, else zero.
    /// @param minimumVolume, with
    /// @param minimumGroups: below either the reference stands at the close (DOMAIN 15).
    /// @param maximumHolders How many accounts may ever bring units or cash, 0: any number.
    /// @param releaseDelay Seconds after which units and cash leave trading without the market.
    /// @param documentHash SHA-256 of the document; in licensed mode the approval's. Not zero.
    struct MarketTerms {
        bytes32 opId;
        uint8 mode;
        uint16 bandBps;
        uint16 blockBandBps;
        uint24 blockThreshold;
        uint8 lockDays;
        uint8 feeBps;
        bytes32 feeAccount;
        uint40 minimumVolume;
        uint16 minimumGroups;
        uint16 maximumHolders;
        uint32 releaseDelay;
        bytes32 documentHash;
    }

    /// @notice What two persons sign: EIP-712 `MarketReference(bytes32 opId,uint32 asset,uint32 priceFen,bytes32
    /// documentHash)`: the opening price, or a reasoned override of a close (DOMAIN 15, 23).
    struct MarketReference {
        bytes32 opId;
        AssetId asset;
        uint32 priceFen;
        bytes32 documentHash;
    }

    /// @notice A trading day as it stands, with the terms it began under.
    /// @param status 0 never opened, 1 open, 2 halted, 3 closed.
    /// @param index Which trading day of the asset it is, from 1.
    /// @param referenceFen What its bands are made of.
    /// @param volume Tonnes of listed trades between different groups, and
    /// @param valueFen their value.
    /// @param cutOff The first second in which its fills are too late.
    struct Day {
        uint8 status;
        uint8 mode;
        uint16 index;
        uint32 referenceFen;
        uint40 volume;
        uint48 valueFen;
        uint8 lockDays;
        uint16 bandBps;
        uint16 blockBandBps;
        uint8 feeBps;
        uint24 blockThreshold;
        uint32 cutOff;
    }

    /// @notice These hold for days that open from now on; the fee account and the delay hold at once.
    event TermsSet(bytes32 indexed opId, MarketTerms terms, address[2] approvers, bytes32 leafHash, uint64 logIndex);

    /// @notice Two persons set the reference price.
    event ReferenceSet(
        AssetId indexed asset,
        bytes32 indexed opId,
        uint32 priceFen,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice A trading day began. Listed prices are from `lowFen` to `highFen`; the rest is in the terms.
    event DayOpened(
        AssetId indexed asset,
        uint32 indexed day,
        bytes32 indexed opId,
        uint16 index,
        uint32 priceFen,
        uint32 lowFen,
        uint32 highFen,
        uint32 cutOff,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The day was halted, or goes on.
    event DayHalted(
        AssetId indexed asset, uint32 indexed day, bytes32 indexed opId, bool halted, bytes32 leafHash, uint64 logIndex
    );

    /// @notice The day is over; `closeFen` is the reference from now on, by its trades or as it was.
    event DayClosed(
        AssetId indexed asset,
        uint32 indexed day,
        bytes32 indexed opId,
        uint40 volume,
        uint48 valueFen,
        uint32 closeFen,
        uint16 groups,
        bytes32 sessionRoot,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice There is no such mode.
    error ModeInvalid(uint8 mode);
    /// @notice A band is at most the whole price.
    error BandInvalid(uint16 bandBps);
    /// @notice Purchases are remembered for five trading days.
    error LockInvalid(uint8 lockDays);
    /// @notice Nothing is free of charge as a reference: prices are 1 fen and more.
    error PriceZero();
    /// @notice No terms were set.
    error TermsUnknown();
    /// @notice Only quota is traded.
    error AssetNotTradable(AssetId asset);
    /// @notice The asset has no reference price: its market is closed (DOMAIN 15).
    error ReferenceUnknown(AssetId asset);
    /// @notice A trading day comes after `last`, the asset's last one.
    error DayNotLater(AssetId asset, uint32 day, uint32 last);
    /// @notice The day has another `status` than the call needs (see Day).
    error DayStatusInvalid(AssetId asset, uint32 day, uint8 status);
    /// @notice The cut-off is over, or no second of a day.
    error DayPast(AssetId asset, uint32 day, uint32 cutOff);

    /// @notice Sets the market's terms. Restricted, two persons.
    function setTerms(MarketTerms calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Sets an asset's reference price; a day that is open keeps its own. Restricted, two persons.
    function setReference(MarketReference calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Opens a trading day, `day` as YYYYMMDD. Restricted.
    function openDay(bytes32 opId, AssetId asset, uint32 day, uint32 cutOff, Entry calldata entry) external;

    /// @notice Halts an open day, or lets a halted one go on. Restricted.
    function haltDay(bytes32 opId, AssetId asset, uint32 day, bool halted, Entry calldata entry) external;

    /// @notice Closes an open or halted day. Restricted.
    function closeDay(bytes32 opId, AssetId asset, uint32 day, uint16 groups, bytes32 sessionRoot, Entry calldata entry)
        external;

    /// @notice The terms as they were set last; `mode` 0: never.
    function terms() external view returns (MarketTerms memory);

    /// @notice The asset's reference price, 0 for none of its own, and its last trading day, 0 for none.
    function referenceOf(AssetId asset) external view returns (uint32 priceFen, uint32 lastDay);

    /// @notice A trading day; `status` 0: there is none.
    function dayOf(AssetId asset, uint32 day) external view returns (Day memory);
}
