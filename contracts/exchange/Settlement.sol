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
    uint8 internal constant _BILATERAL = 3;
    uint8 private constant _AUCTION = 4;
    uint256 private constant _OUTCOME_BYTES = 352;
    uint256 private constant _TRADE_BYTES = 1_152;

    /// @inheritdoc ISettlement
    function settleBilateral(Trade calldata trade) external {
        if (trade.buy.kind != _BILATERAL) revert KindsInvalid(trade.buy.kind, trade.sell.kind);
        _settle(trade);
    }

    /// @dev The trade as call data has it: all its members have a fixed size.
    function _words(Trade calldata trade) internal pure returns (bytes calldata words) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            words.offset := trade
            words.length := _TRADE_BYTES
        }
    }

    function _settle(Trade calldata t) internal {
        _requireCashMoves();
        _requireShape(t);
        DayWord day = _requireDay(t);
        _requirePrice(t, day);
        uint256 feeBps = day.feeBps();
        (bytes32 buyHash, Purse buyer) = _use(t.buy, t.buySignature, t.buyFilled, t.tonnes, feeBps);
        (bytes32 sellHash, Purse seller) = _use(t.sell, t.sellSignature, t.sellFilled, t.tonnes, feeBps);
        _requireCounterparties(t, day, buyHash, sellHash);
        uint256 value = uint256(t.tonnes) * t.priceFen;
        uint256 fee = (value * feeBps + 5_000) / 10_000;
        bool counted = t.buy.kind == _LISTED && (buyer.group() == 0 || buyer.group() != seller.group());
        if (counted) _count(t, day, value);
        _pay(t, buyer, seller, value, fee);
        _deliver(t, day);
        _announce(t, buyHash, sellHash, uint64(fee), counted);
    }

    /// @dev What the two orders must have in common, and what each allows.
    function _requireShape(Trade calldata t) private pure {
        if (t.tonnes == 0) revert IExchange.AmountZero();
        if (t.buy.side != _BUY || t.sell.side != _SELL) revert SidesInvalid(t.buy.side, t.sell.side);
        if (!(t.buy.asset == t.sell.asset)) revert AssetsDiffer(t.buy.asset, t.sell.asset);
        _requireTradable(t.buy.asset);
        uint8 kind = t.buy.kind;
        if (kind != t.sell.kind || kind < _LISTED || kind > _AUCTION) revert KindsInvalid(kind, t.sell.kind);
        if (t.buy.account == t.sell.account) revert SelfTrade(t.buy.account);
        if (t.priceFen == 0) revert PriceZero();
        if (t.priceFen > t.buy.priceFen || t.priceFen < t.sell.priceFen) {
            revert PriceWorse(t.priceFen, t.buy.priceFen, t.sell.priceFen);
        }
    }

    /// @dev The trade's day, which is open and not cut off; of a bilateral trade the last one, open or closed.
    function _requireDay(Trade calldata t) private view returns (DayWord day) {
        AssetId asset = t.buy.asset;
        day = _days[asset][t.day];
        uint8 status = day.status();
        if (t.buy.kind == _BILATERAL) {
            if (t.day != _markets[asset].lastDay || (status != DayWords.OPEN && status != DayWords.CLOSED)) {
                revert DayStatusInvalid(asset, t.day, status);
            }
        } else {
            if (status != DayWords.OPEN) revert DayStatusInvalid(asset, t.day, status);
            // A cut-off is hours away: the seconds by which a block's maker may be off do not matter.
            // slither-disable-next-line timestamp
            if (block.timestamp >= day.cutOff()) revert DayPast(asset, t.day, day.cutOff());
        }
    }

    function _requirePrice(Trade calldata t, DayWord day) private pure {
        uint256 bps = day.bandBps();
        if (t.buy.kind == _BLOCK) {
            if (t.tonnes < day.blockThreshold()) revert BlockTooSmall(t.tonnes, day.blockThreshold());
            bps = day.blockBandBps();
        } else if (t.buy.kind != _LISTED) {
            return;
        }
        (uint256 low, uint256 high) = DayWords.limits(day.referenceFen(), bps);
        if (t.priceFen < low || t.priceFen > high) revert PriceOutOfBand(t.priceFen, low, high);
    }

    /// @dev Reverts unless the order is its holder's, good now, and has this fill next; counts the fill.
    function _use(Order calldata order, Cosignature calldata signature, uint64 said, uint64 tonnes, uint256 feeBps)
        private
        returns (bytes32 orderHash, Purse purse)
    {
        orderHash = _hash(order);
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
        uint64 remaining = order.tonnes - said;
        if (tonnes > remaining) revert FillExceeded(orderHash, tonnes, remaining);
        if (tonnes < order.minimumFill && tonnes != remaining) {
            revert FillTooSmall(orderHash, tonnes, order.minimumFill);
        }
        _filled[orderHash] = filled + tonnes;
    }

    function _requireCounterparties(Trade calldata t, DayWord day, bytes32 buyHash, bytes32 sellHash) private pure {
        bytes32 wanted = t.buy.counterparty;
        bool buyNames = wanted == t.sell.account;
        if (!buyNames && wanted != 0) revert CounterpartyInvalid(buyHash, t.sell.account);
        wanted = t.sell.counterparty;
        bool sellNames = wanted == t.buy.account;
        if (!sellNames && wanted != 0) revert CounterpartyInvalid(sellHash, t.buy.account);
        uint8 kind = t.buy.kind;
        bool oneNames = kind == _BLOCK || (kind == _LISTED && day.mode() == _AGREEMENT);
        if ((oneNames && !buyNames && !sellNames) || (kind == _BILATERAL && !(buyNames && sellNames))) {
            revert CounterpartyMissing(buyHash, sellHash);
        }
    }

    function _count(Trade calldata t, DayWord day, uint256 value) private {
        (DayWord changed, bool fits) = day.withTrade(t.tonnes, value);
        if (!fits) revert DaySumsExceeded(t.buy.asset, t.day);
        _days[t.buy.asset][t.day] = changed;
    }

    /// @dev Cash of all accounts is the same before and after (ICashBook).
    function _pay(Trade calldata t, Purse buyer, Purse seller, uint256 value, uint256 fee) private {
        uint64 there = buyer.trading();
        if (value + fee > there) revert CashInsufficient(t.buy.account, value + fee, there);
        _purses[t.buy.account] = buyer.withTrading(0, value + fee);
        _purses[t.sell.account] = seller.withTrading(value, fee);
        if (fee != 0) {
            bytes32 account = _terms.feeAccount;
            _purses[account] = _purses[account].withFree(2 * fee, 0);
        }
    }

    /// @dev Units in trading of all accounts are the same before and after (ITradingBook).
    function _deliver(Trade calldata t, DayWord day) private {
        AssetId asset = t.buy.asset;
        Stock stock = _stocks[t.sell.account][asset];
        uint256 there = stock.trading();
        uint256 locked = stock.locked(day.index(), day.lockDays());
        uint256 sellable = locked < there ? there - locked : 0;
        if (t.tonnes > sellable) revert UnitsInsufficient(t.sell.account, asset, t.tonnes, uint64(sellable));
        _stocks[t.sell.account][asset] = stock.withTrading(0, t.tonnes);
        (Stock bought, bool fits) = _stocks[t.buy.account][asset].withPurchase(day.index(), t.tonnes);
        if (!fits) revert PurchaseExceeded(t.buy.account, asset, t.tonnes);
        _stocks[t.buy.account][asset] = bought;
    }

    function _announce(Trade calldata t, bytes32 buyHash, bytes32 sellHash, uint64 fee, bool counted) private {
        Outcome memory said = Outcome(
            t.buy.account,
            t.sell.account,
            t.buy.asset,
            t.day,
            t.tonnes,
            t.priceFen,
            fee,
            fee,
            counted,
            t.buyLeaf,
            t.sellLeaf
        );
        (bytes32 topic, bytes32 opId) = (Settled.selector, t.opId);
        // An emit of so many values is too deep for the stack. In memory they are as the event's data has them.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            log4(said, _OUTCOME_BYTES, topic, opId, buyHash, sellHash)
        }
    }
}
