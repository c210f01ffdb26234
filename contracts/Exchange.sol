// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Gate} from "./exchange/Gate.sol";
import {Holdings} from "./exchange/Holdings.sol";
import {Settlement} from "./exchange/Settlement.sol";
import {TradingBook} from "./exchange/TradingBook.sol";
import {ICarbonLedger} from "./interfaces/ICarbonLedger.sol";
import {ICashBook} from "./interfaces/ICashBook.sol";
import {IExchange} from "./interfaces/IExchange.sol";
import {IIdentifierRegistry} from "./interfaces/IIdentifierRegistry.sol";
import {IOrderBook} from "./interfaces/IOrderBook.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {ITradingBook} from "./interfaces/ITradingBook.sol";
import {ITradingDays} from "./interfaces/ITradingDays.sol";
import {AssetId} from "./libraries/AssetId.sol";
import {Cosignature} from "./libraries/CompactSignature.sol";
import {Entry} from "./libraries/Entry.sol";
import {TypedDomain} from "./libraries/TypedDomain.sol";

/// @title The park's market; see IExchange.
contract Exchange is IExchange, Settlement {
    /// @param authority AccessManager that rules the restricted calls.
    /// @param deploymentId_ Random, not zero: salt of the EIP-712 domain.
    /// @param identifiers Where accounts and keys are looked up.
    /// @param ledger That keeps the units; it gives this contract the role of exchanges.
    constructor(address authority, bytes32 deploymentId_, IIdentifierRegistry identifiers, ICarbonLedger ledger)
        TypedDomain(deploymentId_)
        Holdings(identifiers)
        Gate(authority)
        TradingBook(ledger)
    {
        if (authority.code.length == 0) revert AuthorityWithoutCode(authority);
    }

    /// @inheritdoc ITradingDays
    function setTerms(MarketTerms calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _setTerms(m, approvals, entry);
    }

    /// @inheritdoc ITradingDays
    function setReference(MarketReference calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _setReference(m, approvals, entry);
    }

    /// @inheritdoc ITradingDays
    function openDay(bytes32 opId, AssetId asset, uint32 day, uint32 cutOff, Entry calldata entry) external restricted {
        _openDay(opId, asset, day, cutOff, entry);
    }

    /// @inheritdoc ITradingDays
    function haltDay(bytes32 opId, AssetId asset, uint32 day, bool halted, Entry calldata entry) external restricted {
        _haltDay(opId, asset, day, halted, entry);
    }

    /// @inheritdoc ITradingDays
    function closeDay(bytes32 opId, AssetId asset, uint32 day, uint16 groups, bytes32 sessionRoot, Entry calldata entry)
        external
        restricted
    {
        _closeDay(opId, asset, day, groups, sessionRoot, entry);
    }

    /// @inheritdoc ICashBook
    function bind(BankBinding calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external restricted {
        _bind(m, approvals, entry);
    }

    /// @inheritdoc ICashBook
    function deposit(Deposit calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external restricted {
        _deposit(m, approvals, entry);
    }

    /// @inheritdoc ICashBook
    function withdraw(Withdrawal calldata m, Cosignature calldata signature, Entry calldata entry) external restricted {
        _withdraw(m, signature, entry);
    }

    /// @inheritdoc ICashBook
    function payout(Payout calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external restricted {
        _payout(m, approvals, entry);
    }

    /// @inheritdoc ICashBook
    function reconcile(bytes32 opId, uint32 day, uint64 bankFen, Entry calldata entry) external restricted {
        _reconcile(opId, day, bankFen, entry);
    }

    /// @inheritdoc ITradingBook
    function move(TradingMove calldata m, Cosignature calldata signature, Entry calldata entry) external restricted {
        _moveTrading(m, signature, entry);
    }

    /// @inheritdoc ITradingBook
    function sweep(bytes32 opId, bytes32 account, AssetId asset, uint64 amount, Entry calldata entry)
        external
        restricted
    {
        _sweep(opId, account, asset, amount, entry);
    }

    /// @inheritdoc ITradingBook
    function bar(bytes32 opId, bytes32 account, bool barred, Entry calldata entry) external restricted {
        _bar(opId, account, barred, entry);
    }

    /// @inheritdoc IOrderBook
    function cancel(CancelOrder calldata m, Order calldata order, Cosignature calldata signature, Entry calldata entry)
        external
        restricted
    {
        _cancelOrder(m, order, signature, entry);
    }

    /// @inheritdoc IOrderBook
    function cancelAll(CancelAll calldata m, Cosignature calldata signature, Entry calldata entry) external restricted {
        _cancelAll(m, signature, entry);
    }

    /// @inheritdoc ISettlement
    function settle(Trade calldata trade) external restricted {
        _settle(trade);
    }

    /// @inheritdoc ISettlement
    function settleBatch(Trade[] calldata trades) external restricted {
        for (uint256 i = 0; i < trades.length; ++i) {
            Trade calldata trade = trades[i];
            // A call of its own, so that what is refused leaves nothing behind. The trade is passed on as it came.
            bytes calldata words = _words(trade);
            // solhint-disable avoid-low-level-calls
            // slither-disable-next-line calls-loop,low-level-calls
            (bool settled, bytes memory reason) = address(this).call(bytes.concat(this.settle.selector, words));
            // solhint-enable avoid-low-level-calls
            if (settled) continue;
            if (reason.length == 0) revert TradeUnanswered(trade.opId);
            emit TradeRefused(trade.opId, _hash(trade.buy), _hash(trade.sell), reason);
        }
    }

    /// @inheritdoc IExchange
    function carbonLedger() external view returns (address) {
        return address(_ledger);
    }
}
