// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IExchange} from "../interfaces/IExchange.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {AssetId} from "../libraries/AssetId.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {DayWord, DayWords} from "./DayWord.sol";
import {OrderBook} from "./OrderBook.sol";
import {Purse} from "./Purse.sol";
import {Stock} from "./Stock.sol";
import {TradingBook} from "./TradingBook.sol";

/// @title Trades; see ISettlement. Who may call is decided by the contract that inherits this.
abstract contract Settlement is OrderBook, TradingBook, ISettlement {
    using CompactSignature for bytes32;

    /// @dev What Settled says besides its topics, in its order.
    struct Outcome {
        bytes32 buyer;
        bytes32 seller;
        AssetId asset;
        uint32 day;
        uint64 tonnes;
        uint32 priceFen;
        uint64 buyerFeeFen;
        uint64 sellerFeeFen;
        bool counted;
        bytes32 buyLeaf;
        bytes32 sellLeaf;
    }

    uint8 private constant _BUY = 1;
    uint8 private constant _SELL = 2;
    uint8 private constant _LISTED = 1;
    uint8 private constant _BLOCK = 2;
    uint8 private constant _BILATERAL = 3;
    uint8 private constant _AUCTION = 4;
    uint256 private constant _OUTCOME_BYTES = 352;
    uint256 private constant _TRADE_BYTES = 1_152;

    /// @inheritdoc ISettlement
    function settleBilateral(Trade calldata trade) external {
        if (trade.buy.kind != _BILATERAL) revert KindsInvalid(trade.buy.kind, trade.sell.kind);
        _settle(trade);
    }

    // slither-disable-next-line assembly
    function _settle(Trade calldata t) internal {
        _requireCashMoves();
        (Order memory buy, bytes32 buyHash) = _read(t.buy);
        (Order memory sell, bytes32 sellHash) = _read(t.sell);
        Outcome memory said = _outcome(t, buy, sell);
        _requireAgreement(buy, sell, said.tonnes, said.priceFen);
        DayWord day = _requireDay(said, buy.kind);
        _requirePrice(said, buy.kind, day);
        _requireCounterparties(buy, sell, buyHash, sellHash, day);
        uint256 feeBps = day.feeBps();
        Purse buyer = _use(buy, buyHash, t.buySignature, t.buyFilled, said.tonnes, feeBps);
        Purse seller = _use(sell, sellHash, t.sellSignature, t.sellFilled, said.tonnes, feeBps);
        uint256 value = _valueOf(said);
        said.counted = buy.kind == _LISTED && (buyer.group() == 0 || buyer.group() != seller.group());
        if (said.counted) _count(said, day, value);
        _pay(said, buyer, seller, value, feeBps);
        _deliver(said, day);
        (bytes32 topic, bytes32 opId) = (Settled.selector, t.opId);
        // An emit of so many values is too deep for the stack. In memory they are as the event's data has them.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            log4(said, _OUTCOME_BYTES, topic, opId, buyHash, sellHash)
        }
    }

    /// @dev The trade as call data has it: all its members have a fixed size.
    // Offset and length are two parts of one value.
    // slither-disable-next-line assembly,write-after-write
    function _words(Trade calldata trade) internal pure returns (bytes calldata words) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            words.offset := trade
            words.length := _TRADE_BYTES
        }
    }

    /// @dev The trade as the event says it, before fees and what counts.
    function _outcome(Trade calldata t, Order memory buy, Order memory sell)
        private
        pure
        returns (Outcome memory said)
    {
        said.buyer = buy.account;
        said.seller = sell.account;
        said.asset = buy.asset;
        said.day = t.day;
        said.tonnes = t.tonnes;
        said.priceFen = t.priceFen;
        said.buyLeaf = t.buyLeaf;
        said.sellLeaf = t.sellLeaf;
    }

    /// @dev Below 2^96.
    function _valueOf(Outcome memory said) private pure returns (uint256) {
        unchecked {
            return uint256(said.tonnes) * said.priceFen;
        }
    }

    /// @dev What the two orders must have in common, and what each allows.
    function _requireAgreement(Order memory buy, Order memory sell, uint64 tonnes, uint32 priceFen) private pure {
        if (tonnes == 0) revert IExchange.AmountZero();
        if (buy.side != _BUY || sell.side != _SELL) revert SidesInvalid(buy.side, sell.side);
        if (!(buy.asset == sell.asset)) revert AssetsDiffer(buy.asset, sell.asset);
        _requireTradable(buy.asset);
        uint8 kind = buy.kind;
        if (kind != sell.kind || kind < _LISTED || kind > _AUCTION) revert KindsInvalid(kind, sell.kind);
        if (buy.account == sell.account) revert SelfTrade(buy.account);
        if (priceFen == 0) revert PriceZero();
        if (priceFen > buy.priceFen || priceFen < sell.priceFen) {
            revert PriceWorse(priceFen, buy.priceFen, sell.priceFen);
        }
    }

    /// @dev The trade's day, which is open and not cut off; of a bilateral trade the last one, open or closed.
    function _requireDay(Outcome memory said, uint8 kind) private view returns (DayWord day) {
        (AssetId asset, uint32 number) = (said.asset, said.day);
        day = _days[asset][number];
        uint8 status = day.status();
        if (kind == _BILATERAL) {
            if (number != _markets[asset].lastDay || (status != DayWords.OPEN && status != DayWords.CLOSED)) {
                revert DayStatusInvalid(asset, number, status);
            }
        } else {
            if (status != DayWords.OPEN) revert DayStatusInvalid(asset, number, status);
            // A cut-off is hours away: the seconds by which a block's maker may be off do not matter.
            // slither-disable-next-line timestamp
            if (block.timestamp >= day.cutOff()) revert DayPast(asset, number, day.cutOff());
        }
    }

    function _requirePrice(Outcome memory said, uint8 kind, DayWord day) private pure {
        uint256 bps = day.bandBps();
        if (kind == _BLOCK) {
            if (said.tonnes < day.blockThreshold()) revert BlockTooSmall(said.tonnes, day.blockThreshold());
            bps = day.blockBandBps();
        } else if (kind != _LISTED) {
            return;
        }
        (uint256 low, uint256 high) = DayWords.limits(day.referenceFen(), bps);
        if (said.priceFen < low || said.priceFen > high) revert PriceOutOfBand(said.priceFen, low, high);
    }

    function _requireCounterparties(Order memory buy, Order memory sell, bytes32 buyHash, bytes32 sellHash, DayWord day)
        private
        pure
    {
        bytes32 wanted = buy.counterparty;
        bool buyNames = wanted == sell.account;
        if (!buyNames && wanted != 0) revert CounterpartyInvalid(buyHash, sell.account);
        wanted = sell.counterparty;
        bool sellNames = wanted == buy.account;
        if (!sellNames && wanted != 0) revert CounterpartyInvalid(sellHash, buy.account);
        if (buyNames && sellNames) return;
        uint8 kind = buy.kind;
        bool oneNames = kind == _BLOCK || (kind == _LISTED && day.mode() == _AGREEMENT);
        if (kind == _BILATERAL || (oneNames && !buyNames && !sellNames)) revert CounterpartyMissing(buyHash, sellHash);
    }

    /// @dev Reverts unless the order is its holder's, good now, and has this fill next; counts the fill.
    function _use(
        Order memory order,
        bytes32 orderHash,
        Cosignature calldata signature,
        uint64 said,
        uint64 tonnes,
        uint256 feeBps
    ) private returns (Purse purse) {
        // Holders choose deadlines of minutes and more: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (block.timestamp >= order.deadline) revert OrderExpired(orderHash, order.deadline);
        if (feeBps > order.feeLimitBps) revert FeeExceeded(orderHash, uint8(feeBps), order.feeLimitBps);
        bytes32 account = order.account;
        address signer = orderHash.recover(signature);
        // A key that nobody has moves what the account id zero has, which is nothing and nobody's.
        if (account == 0 || _holderOf(signer) != account) revert OrderSignatureInvalid(orderHash, signer);
        purse = _purses[account];
        _requireLet(account, purse);
        if (order.epoch != purse.epoch()) revert OrderEpochInvalid(orderHash, order.epoch, purse.epoch());
        uint256 filled = _filled[orderHash];
        if (filled & _CANCELLED != 0) revert OrderEnded(orderHash);
        if (filled != said) revert FillOutOfOrder(orderHash, said, uint64(filled));
        // No order was filled beyond its tonnes.
        uint256 remaining = order.tonnes - filled;
        if (tonnes > remaining) revert FillExceeded(orderHash, tonnes, uint64(remaining));
        if (tonnes < order.minimumFill && tonnes != remaining) {
            revert FillTooSmall(orderHash, tonnes, order.minimumFill);
        }
        _filled[orderHash] = filled + tonnes;
    }

    function _count(Outcome memory said, DayWord day, uint256 value) private {
        (DayWord changed, bool fits) = day.withTrade(said.tonnes, value);
        if (!fits) revert DaySumsExceeded(said.asset, said.day);
        _days[said.asset][said.day] = changed;
    }

    /// @dev Cash of all accounts is the same before and after (ICashBook).
    function _pay(Outcome memory said, Purse buyer, Purse seller, uint256 value, uint256 feeBps) private {
        uint256 fee = feeBps == 0 ? 0 : (value * feeBps + 5_000) / 10_000;
        uint256 cost = value + fee;
        uint64 there = buyer.trading();
        if (cost > there) revert CashInsufficient(said.buyer, cost, there);
        _purses[said.buyer] = buyer.withTrading(0, cost);
        _purses[said.seller] = seller.withTrading(value, fee);
        if (fee != 0) {
            (said.buyerFeeFen, said.sellerFeeFen) = (uint64(fee), uint64(fee));
            bytes32 account = _terms.feeAccount;
            // Two fees, each rounded by itself.
            // slither-disable-next-line divide-before-multiply
            _purses[account] = _purses[account].withFree(2 * fee, 0);
        }
    }

    /// @dev Units in trading of all accounts are the same before and after (ITradingBook).
    function _deliver(Outcome memory said, DayWord day) private {
        AssetId asset = said.asset;
        uint64 tonnes = said.tonnes;
        uint256 index = day.index();
        Stock stock = _stocks[said.seller][asset];
        uint256 there = stock.trading();
        uint256 locked = stock.locked(index, day.lockDays());
        uint256 sellable = locked < there ? there - locked : 0;
        if (tonnes > sellable) revert UnitsInsufficient(said.seller, asset, tonnes, uint64(sellable));
        _stocks[said.seller][asset] = stock.withTrading(0, tonnes);
        (Stock bought, bool fits) = _stocks[said.buyer][asset].withPurchase(index, tonnes);
        if (!fits) revert PurchaseExceeded(said.buyer, asset, tonnes);
        _stocks[said.buyer][asset] = bought;
    }
}
