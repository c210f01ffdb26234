// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";

/// @title What stands behind orders: units that the ledger keeps in this contract's custody, and cash, both in trading.
/// @notice Units and cash come into trading by their holder's signature. They leave by it too, where the market brings it at
/// once (nothing runs away from a resting order unseen), or without the market after a delay, by the holder's own calls.
/// For all assets: what is in trading of all accounts is what the ledger keeps for this contract.
///
/// Units that were bought are locked for as many trading days of the asset as the terms said (DOMAIN 16, 17): they leave
/// trading and are surrendered, but are not sold. What leaves is what is not locked, first: moving out and in again unlocks
/// nothing.
///
/// Cash is asset 0x00030000.
interface ITradingBook {
    // Structs that are signed have the order of what is signed: they are call data only and fill no slots.
    // solhint-disable gas-struct-packing

    /// @notice What a holder signs: EIP-712 `TradingMove(bytes32 opId,bytes32 account,uint32 asset,uint64 amount,bool
    /// inward,uint64 deadline)`. Quota: between registry and trading, in tonnes; cash: between free and trading, in fen.
    struct TradingMove {
        bytes32 opId;
        bytes32 account;
        AssetId asset;
        uint64 amount;
        bool inward;
        uint64 deadline;
    }

    /// @notice Came into trading, or left it.
    event Moved(
        bytes32 indexed account,
        AssetId indexed asset,
        bytes32 indexed opId,
        uint64 amount,
        bool inward,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Left trading by the registrar's word, to the same account.
    event Swept(
        bytes32 indexed account,
        AssetId indexed asset,
        bytes32 indexed opId,
        uint64 amount,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The holder takes so much out from the second `at` on, without the market. `amount` 0: nothing any more.
    event ReleaseRequested(bytes32 indexed account, AssetId indexed asset, uint64 amount, uint64 at);

    /// @notice Left trading without the market, at `at`.
    event Released(bytes32 indexed account, AssetId indexed asset, uint64 amount, uint64 at);

    /// @notice The account trades, brings and withdraws no more (`barred`), or may again.
    event Barred(bytes32 indexed account, bytes32 indexed opId, bool barred, bytes32 leafHash, uint64 logIndex);

    /// @notice The account is barred from trading.
    error AccountBarred(bytes32 account);
    /// @notice The account is barred, or is not, as asked.
    error BarUnchanged(bytes32 account, bool barred);
    /// @notice Of the asset in trading the account has only `available` that may be used so; locked ones are not sold.
    error UnitsInsufficient(bytes32 account, AssetId asset, uint64 requested, uint64 available);
    /// @notice Of an asset one account buys less than 2^32 tonnes in a trading day.
    error PurchaseExceeded(bytes32 account, AssetId asset, uint64 tonnes);
    /// @notice So many accounts brought units or cash already (DOMAIN 12).
    error HoldersExceeded(bytes32 account, uint16 maximum);
    /// @notice Nothing was asked for.
    error ReleaseUnknown(bytes32 account, AssetId asset);
    /// @notice The market has until `at` to release it.
    error ReleaseEarly(bytes32 account, AssetId asset, uint64 at);

    /// @notice Moves into trading or out of it by the holder's signature. Restricted.
    function move(TradingMove calldata m, Cosignature calldata signature, Entry calldata entry) external;

    /// @notice Gives back to the account itself what it has in trading: units to the registry, cash to its free cash; for the
    /// end of a year. Restricted.
    function sweep(bytes32 opId, bytes32 account, AssetId asset, uint64 amount, Entry calldata entry) external;

    /// @notice Bars an account, or lets it again. Restricted.
    function bar(bytes32 opId, bytes32 account, bool barred, Entry calldata entry) external;

    /// @notice Asks for a release to the account whose asset key calls; replaces what was asked before. For anybody.
    function requestRelease(AssetId asset, uint64 amount) external;

    /// @notice Releases what was asked for, at most what is there, once its time has come. The caller's address is an asset
    /// key's of the account. For anybody.
    function completeRelease(bytes32 account, AssetId asset) external;

    /// @notice What the account has of the asset in trading, and how much of it is locked on the asset's last trading day.
    function tradingOf(bytes32 account, AssetId asset) external view returns (uint64 trading, uint64 locked);

    /// @notice What was asked to be released, 0 for nothing, and from when on it is.
    function releaseOf(bytes32 account, AssetId asset) external view returns (uint64 amount, uint64 at);

    /// @notice Whether the account is barred.
    function isBarred(bytes32 account) external view returns (bool);

    /// @notice How many accounts ever brought units or cash.
    function holderCount() external view returns (uint32);
}
