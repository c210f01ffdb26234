// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IActs} from "./IActs.sol";
import {ICashBook} from "./ICashBook.sol";
import {IOrderBook} from "./IOrderBook.sol";
import {ISettlement} from "./ISettlement.sol";
import {ISettlers} from "./ISettlers.sol";
import {ITradingBook} from "./ITradingBook.sol";
import {ITradingDays} from "./ITradingDays.sol";

/// @title The park's market: signed orders, settled unit against fen, under terms that two persons set (DOMAIN B).
/// @notice The market of quota alone, between accounts of enterprises and parks. Orders are logged before they act, matched
/// outside by a rule that anybody can replay, and settled here. The registrar carries the calls; by itself it can neither
/// move what an account has to another account nor fill an order worse than signed. It decides when days open, halt and
/// close, and which of matching orders meet.
///
/// From the events alone all is rebuilt: balances, locks, cash, fills, epochs, days and references, with their blocks' times.
///
/// Amounts are whole tonnes or fen, prices fen per tonne, instants Unix seconds, shares basis points. Each restricted call
/// consumes its `opId`; sent twice, the second reverts with `OpAlreadyApplied`. Trades need none: an order's fills come in
/// one order only.
interface IExchange is IActs, ITradingDays, IOrderBook, ISettlers, ICashBook, ITradingBook, ISettlement {
    /// @notice The manager of roles must be a contract.
    error AuthorityWithoutCode(address authority);
    /// @notice The ledger of units must be a contract.
    error LedgerWithoutCode(address ledger);
    /// @notice Amounts are counted from 1.
    error AmountZero();

    /// @notice The ledger that keeps the units.
    function carbonLedger() external view returns (address);
}
