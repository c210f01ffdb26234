// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICashBook} from "../interfaces/ICashBook.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {Gate} from "./Gate.sol";
import {Holdings} from "./Holdings.sol";
import {Purse} from "./Purse.sol";

/// @title Cash that comes, goes and is compared; see ICashBook. Who may call is decided by the contract that inherits this.
abstract contract CashBook is Holdings, Gate, ICashBook {
    struct Way {
        bytes32 account;
        uint64 fen;
        bool pending;
    }

    bytes32 private constant _BINDING_TYPEHASH =
        keccak256("BankBinding(bytes32 opId,bytes32 account,bytes32 bankAccount,bytes32 documentHash)");
    bytes32 private constant _DEPOSIT_TYPEHASH =
        keccak256("Deposit(bytes32 opId,bytes32 account,uint64 fen,bytes32 bankReference)");
    bytes32 private constant _WITHDRAWAL_TYPEHASH =
        keccak256("Withdrawal(bytes32 opId,bytes32 account,uint64 fen,bytes32 bankAccount,uint64 deadline)");
    bytes32 private constant _PAYOUT_TYPEHASH =
        keccak256("Payout(bytes32 opId,bytes32 withdrawal,bool paid,bytes32 bankReference)");
    uint64 private constant _MAX_CASH = uint64(type(int64).max);

    uint64 private _total;
    mapping(bytes32 account => bytes32 bankAccount) private _bankAccounts;
    mapping(bytes32 bankReference => bool counted) private _counted;
    mapping(bytes32 opId => Way way) private _ways;

    /// @inheritdoc ICashBook
    function cashOf(bytes32 account) external view returns (uint64 free, uint64 trading, uint64 withdrawing) {
        Purse purse = _purses[account];
        return (purse.free(), purse.trading(), purse.withdrawing());
    }

    /// @inheritdoc ICashBook
    function totalCash() external view returns (uint64) {
        return _total;
    }

    /// @inheritdoc ICashBook
    function cashHalted() external view returns (bool) {
        return _isHalted();
    }

    /// @inheritdoc ICashBook
    function bankAccountOf(bytes32 account) external view returns (bytes32) {
        return _bankAccounts[account];
    }

    /// @inheritdoc ICashBook
    function withdrawalOf(bytes32 opId) external view returns (bytes32 account, uint64 fen, bool pending) {
        Way storage way = _ways[opId];
        return (way.account, way.fen, way.pending);
    }

    function _bind(BankBinding calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        _requireDocument(m.documentHash);
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_BINDING_TYPEHASH, m)), approvals, entry);
        _requireHolderKind(m.account);
        if (m.bankAccount == 0) revert BankAccountInvalid(m.account, 0, 0);
        _bankAccounts[m.account] = m.bankAccount;
        emit BankBound(m.account, m.opId, m.bankAccount, m.documentHash, approvers, entry.leafHash, entry.logIndex);
    }

    function _deposit(Deposit calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_DEPOSIT_TYPEHASH, m)), approvals, entry);
        if (m.fen == 0) revert IExchange.AmountZero();
        _count(m.bankReference);
        uint64 room = _MAX_CASH - _total;
        if (m.fen > room) revert CashExceeded(m.fen, room);
        _total += m.fen;
        _purses[m.account] = _admit(m.account).withFree(m.fen, 0);
        emit Deposited(m.account, m.opId, m.bankReference, m.fen, approvers, entry.leafHash, entry.logIndex);
    }

    function _withdraw(Withdrawal calldata m, Cosignature calldata signature, Entry calldata entry) internal {
        _requireCashMoves();
        _begin(m.opId, entry);
        _checkHolder(m.account, keccak256(abi.encode(_WITHDRAWAL_TYPEHASH, m)), m.deadline, signature);
        if (m.fen == 0) revert IExchange.AmountZero();
        bytes32 bound = _bankAccounts[m.account];
        if (bound == 0 || m.bankAccount != bound) revert BankAccountInvalid(m.account, m.bankAccount, bound);
        Purse purse = _purses[m.account];
        _requireLet(m.account, purse);
        if (m.fen > purse.free()) revert CashInsufficient(m.account, m.fen, purse.free());
        _purses[m.account] = purse.withFree(0, m.fen).withWithdrawing(m.fen, 0);
        _ways[m.opId] = Way(m.account, m.fen, true);
        emit Withdrawn(m.account, m.opId, m.fen, m.bankAccount, entry.leafHash, entry.logIndex);
    }

    function _payout(Payout calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_PAYOUT_TYPEHASH, m)), approvals, entry);
        Way storage way = _ways[m.withdrawal];
        if (!way.pending) revert WithdrawalNotPending(m.withdrawal);
        way.pending = false;
        (bytes32 account, uint64 fen) = (way.account, way.fen);
        Purse purse = _purses[account].withWithdrawing(0, fen);
        if (m.paid) {
            _count(m.bankReference);
            _total -= fen;
        } else {
            purse = purse.withFree(fen, 0);
        }
        _purses[account] = purse;
        emit PaidOut(
            account, m.opId, m.withdrawal, fen, m.paid, m.bankReference, approvers, entry.leafHash, entry.logIndex
        );
    }

    function _reconcile(bytes32 opId, uint32 day, uint64 bankFen, Entry calldata entry) internal {
        _begin(opId, entry);
        uint64 total = _total;
        _setHalted(bankFen != total);
        emit Reconciled(day, opId, bankFen, total, entry.leafHash, entry.logIndex);
    }

    function _count(bytes32 bankReference) private {
        if (bankReference == 0 || _counted[bankReference]) revert BankReferenceInvalid(bankReference);
        _counted[bankReference] = true;
    }
}
