// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {IOrderBook} from "./IOrderBook.sol";

/// @title Delivery versus payment, trade by trade (DOMAIN 18): two signed orders, units and cash in one call.
/// @notice Nobody is settled worse than signed: a buyer pays at most its price and fee limit, a seller gets at least its own,
/// none more than its tonnes, none in smaller pieces than its minimum. Fills of an order come in the order in which they were
/// matched, each once: each says what was filled before.
///
/// By kind: 1 listed trades are within the day's band and count for the close, unless both accounts are of one group; in
/// agreement mode one order names the other's account. 2 blocks have the day's threshold and band, and one names the other. 3
/// bilateral: each names the other, without band. 4 auction: without band. Only listed ones count.
///
/// What is proved: the laws above, the day's status, bands, locks, fee and mode. What is detected by a replay of the log's
/// entries: that the operator matched in the right order, at the resting order's price.
interface ISettlement {
    // Trade is call data only and fills no slots.
    // solhint-disable gas-struct-packing

    /// @notice One fill of two orders.
    /// @param opId Names it in the event; what stops a replay is what was filled before.
    /// @param day Its trading day, YYYYMMDD.
    /// @param buyFilled What of the buy was filled before, and
    /// @param sellFilled of the sell.
    /// @param buyLeaf Leaf hash of the entry that brought the buy, and
    /// @param sellLeaf the sell. Not checked here.
    struct Trade {
        bytes32 opId;
        uint32 day;
        uint64 tonnes;
        uint32 priceFen;
        uint64 buyFilled;
        uint64 sellFilled;
        bytes32 buyLeaf;
        bytes32 sellLeaf;
        IOrderBook.Order buy;
        IOrderBook.Order sell;
        Cosignature buySignature;
        Cosignature sellSignature;
    }

    /// @notice Units went from seller to buyer, and cash back; fees went to the free cash of the fee account. `counted`: in
    /// the day's volume and value.
    event Settled(
        bytes32 indexed opId,
        bytes32 indexed buyHash,
        bytes32 indexed sellHash,
        bytes32 buyer,
        bytes32 seller,
        AssetId asset,
        uint32 day,
        uint64 tonnes,
        uint32 priceFen,
        uint64 buyerFeeFen,
        uint64 sellerFeeFen,
        bool counted,
        bytes32 buyLeaf,
        bytes32 sellLeaf
    );

    /// @notice A trade of a batch did not take effect; `reason` is the error's data.
    event TradeRefused(bytes32 indexed opId, bytes32 indexed buyHash, bytes32 indexed sellHash, bytes reason);

    /// @notice A buy has side 1, a sell 2.
    error SidesInvalid(uint8 buySide, uint8 sellSide);
    /// @notice Both orders are of one asset.
    error AssetsDiffer(AssetId buyAsset, AssetId sellAsset);
    /// @notice Both orders are of one kind, 1 to 4; by the holders themselves 3.
    error KindsInvalid(uint8 buyKind, uint8 sellKind);
    /// @notice Nobody trades with itself.
    error SelfTrade(bytes32 account);
    /// @notice The order is for another counterparty.
    error CounterpartyInvalid(bytes32 orderHash, bytes32 counterparty);
    /// @notice A trade of this kind is with a counterparty that is named (DOMAIN 12, 13).
    error CounterpartyMissing(bytes32 buyHash, bytes32 sellHash);
    /// @notice The price is above the buyer's, or below the seller's.
    error PriceWorse(uint32 priceFen, uint32 buyFen, uint32 sellFen);
    /// @notice The price is outside the day's band.
    error PriceOutOfBand(uint32 priceFen, uint256 lowFen, uint256 highFen);
    /// @notice A block has so many tonnes.
    error BlockTooSmall(uint64 tonnes, uint24 threshold);
    /// @notice Of the order only `remaining` tonnes are left.
    error FillExceeded(bytes32 orderHash, uint64 tonnes, uint64 remaining);
    /// @notice The order is filled in larger pieces.
    error FillTooSmall(bytes32 orderHash, uint64 tonnes, uint64 minimum);
    /// @notice Of the order another sum was filled before than the fill says: it came before, or another comes first.
    error FillOutOfOrder(bytes32 orderHash, uint64 said, uint64 filled);
    /// @notice The order was cancelled.
    error OrderEnded(bytes32 orderHash);
    /// @notice The order was good until before `deadline`.
    error OrderExpired(bytes32 orderHash, uint64 deadline);
    /// @notice The order is of another epoch than its account.
    error OrderEpochInvalid(bytes32 orderHash, uint32 epoch, uint32 current);
    /// @notice The order is not signed by an active asset key of its account.
    error OrderSignatureInvalid(bytes32 orderHash, address signer);
    /// @notice The fee is above what the order agrees to.
    error FeeExceeded(bytes32 orderHash, uint8 feeBps, uint16 limitBps);
    /// @notice The day's sums have no room for the trade.
    error DaySumsExceeded(AssetId asset, uint32 day);
    /// @notice A trade of the batch ended without a reason: it had too little gas.
    error TradeUnanswered(bytes32 opId);

    /// @notice Settles one trade. Restricted.
    function settle(Trade calldata trade) external;

    /// @notice Settles trades, each by itself: one that is refused is told by an event, and the others go on. Restricted.
    function settleBatch(Trade[] calldata trades) external;

    /// @notice Settles a bilateral trade on the asset's last trading day, open or closed. For anybody who has both signatures:
    /// the market need not answer.
    function settleBilateral(Trade calldata trade) external;
}
