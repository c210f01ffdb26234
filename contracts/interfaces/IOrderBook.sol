// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";

/// @title Signed orders: what was filled of each, and how their holder ends them.
/// @notice An order is known by its hash, its EIP-712 digest in this contract's domain. It is good for what is not filled of
/// it, until its deadline, until it is cancelled, and as long as the account's epoch is its own.
interface IOrderBook {
    // Structs that are signed have the order of what is signed: they are call data only and fill no slots.
    // solhint-disable gas-struct-packing

    /// @notice What a holder signs: EIP-712 `Order(bytes32 account,uint32 asset,uint8 side,uint64 tonnes,uint32
    /// priceFen,uint8 kind,bytes32 counterparty,uint64 minimumFill,uint16 feeLimitBps,uint64 deadline,uint32 epoch,bytes32
    /// salt)`.
    /// @param asset Quota of a vintage.
    /// @param side 1 buy, 2 sell.
    /// @param tonnes All that may be filled, in as many fills as it takes.
    /// @param priceFen Per tonne: a buyer's highest, a seller's lowest.
    /// @param kind 1 listed, 2 block, 3 bilateral, 4 auction.
    /// @param counterparty With whom alone, 0: anybody.
    /// @param minimumFill No fill is smaller, but the last one may be.
    /// @param feeLimitBps The highest fee that is agreed to.
    /// @param deadline The first second in which the order is worth nothing.
    /// @param epoch The account's, see `epochOf`.
    /// @param salt Random: tells equal orders apart.
    struct Order {
        bytes32 account;
        AssetId asset;
        uint8 side;
        uint64 tonnes;
        uint32 priceFen;
        uint8 kind;
        bytes32 counterparty;
        uint64 minimumFill;
        uint16 feeLimitBps;
        uint64 deadline;
        uint32 epoch;
        bytes32 salt;
    }

    /// @notice What a holder signs: EIP-712 `CancelOrder(bytes32 opId,bytes32 account,bytes32 orderHash,uint64 deadline)`.
    struct CancelOrder {
        bytes32 opId;
        bytes32 account;
        bytes32 orderHash;
        uint64 deadline;
    }

    /// @notice What a holder signs: EIP-712 `CancelAll(bytes32 opId,bytes32 account,uint32 epoch,uint64 deadline)`.
    struct CancelAll {
        bytes32 opId;
        bytes32 account;
        uint32 epoch;
        uint64 deadline;
    }

    /// @notice Nothing more is filled of the order. `opId` 0: its holder called directly.
    event OrderCancelled(bytes32 indexed orderHash, bytes32 indexed account, bytes32 indexed opId);

    /// @notice Orders of earlier epochs are filled no more. `opId` 0: their holder called directly.
    event AllCancelled(bytes32 indexed account, bytes32 indexed opId, uint32 epoch);

    /// @notice The order is not the one that was named, or not the account's.
    error OrderDiffers(bytes32 orderHash, bytes32 account);
    /// @notice An epoch is above `current` and below 2^24.
    error EpochInvalid(uint32 epoch, uint32 current);
    /// @notice The caller's address is no active asset key's, or not of the account that is meant.
    error CallerUnknown(address caller);

    /// @notice Cancels an order by its holder's signature, filled or cancelled before or not. Restricted.
    function cancel(CancelOrder calldata m, Order calldata order, Cosignature calldata signature, Entry calldata entry)
        external;

    /// @notice Cancels all orders of epochs below `m.epoch` by their holder's signature. Restricted.
    function cancelAll(CancelAll calldata m, Cosignature calldata signature, Entry calldata entry) external;

    /// @notice Cancels an order of the account whose asset key calls. For anybody: the market need not answer.
    function cancelDirect(Order calldata order) external;

    /// @notice Cancels all orders of the account whose asset key calls: its epoch goes up by one. For anybody.
    function cancelAllDirect() external;

    /// @notice The order's hash: what is signed.
    function hashOrder(Order calldata order) external view returns (bytes32);

    /// @notice How many tonnes of the order were filled, and whether it was cancelled.
    function filledOf(bytes32 orderHash) external view returns (uint64 tonnes, bool cancelled);

    /// @notice The account's epoch.
    function epochOf(bytes32 account) external view returns (uint32);
}
