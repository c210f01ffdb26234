// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";

/// @title Cash of accounts at the custody bank, in fen (DOMAIN 21).
/// @notice All cash of all accounts together is what was deposited less what was paid out, and never above 2^63 - 1 fen. An
/// account's cash is free, in trading, or on its way out. It comes by two persons who saw it at the bank, changes hands by
/// settlement alone, and leaves to the bound account alone, by its holder's signature and two persons who say that it was
/// paid; where it was not, it is free again.
///
/// Once a day the bank's balance is compared: while they differ, no cash is withdrawn, moved into or out of trading, or
/// settled.
///
/// What is trusted: that the two persons of a deposit, payout or binding say what the bank says; that the registrar brings the
/// bank's balance.
interface ICashBook {
    // Structs that are signed have the order of what is signed: they are call data only and fill no slots.
    // solhint-disable gas-struct-packing

    /// @notice What two persons sign: EIP-712 `BankBinding(bytes32 opId,bytes32 account,bytes32 bankAccount,bytes32
    /// documentHash)`. `bankAccount` is a hash that names the account of the same name at a bank; not zero.
    struct BankBinding {
        bytes32 opId;
        bytes32 account;
        bytes32 bankAccount;
        bytes32 documentHash;
    }

    /// @notice What two persons sign: EIP-712 `Deposit(bytes32 opId,bytes32 account,uint64 fen,bytes32 bankReference)`.
    /// `bankReference` is a hash of the bank's name for what came; it counts once.
    struct Deposit {
        bytes32 opId;
        bytes32 account;
        uint64 fen;
        bytes32 bankReference;
    }

    /// @notice What a holder signs: EIP-712 `Withdrawal(bytes32 opId,bytes32 account,uint64 fen,bytes32 bankAccount,uint64
    /// deadline)`.
    struct Withdrawal {
        bytes32 opId;
        bytes32 account;
        uint64 fen;
        bytes32 bankAccount;
        uint64 deadline;
    }

    /// @notice What two persons sign: EIP-712 `Payout(bytes32 opId,bytes32 withdrawal,bool paid,bytes32 bankReference)`.
    /// @param withdrawal The `opId` of the withdrawal.
    /// @param paid False: the bank did not pay, and the cash is free again.
    /// @param bankReference As of a deposit; one that paid counts once.
    struct Payout {
        bytes32 opId;
        bytes32 withdrawal;
        bool paid;
        bytes32 bankReference;
    }

    /// @notice Withdrawals go to this bank account from now on.
    event BankBound(
        bytes32 indexed account,
        bytes32 indexed opId,
        bytes32 bankAccount,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Cash came to be, free.
    event Deposited(
        bytes32 indexed account,
        bytes32 indexed opId,
        bytes32 indexed bankReference,
        uint64 fen,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Free cash is on its way out.
    event Withdrawn(
        bytes32 indexed account,
        bytes32 indexed opId,
        uint64 fen,
        bytes32 bankAccount,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice What was on its way out is gone (`paid`), or free again.
    event PaidOut(
        bytes32 indexed account,
        bytes32 indexed opId,
        bytes32 indexed withdrawal,
        uint64 fen,
        bool paid,
        bytes32 bankReference,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The bank's balance at the end of a day, and all cash here; cash moves from now on where they are equal.
    event Reconciled(
        uint32 indexed day, bytes32 indexed opId, uint64 bankFen, uint64 ledgerFen, bytes32 leafHash, uint64 logIndex
    );

    /// @notice Cash does not move while the bank's balance differs.
    error CashHalted();
    /// @notice The account has only `available` fen of the kind that is asked for.
    error CashInsufficient(bytes32 account, uint256 requested, uint64 available);
    /// @notice All cash together is at most 2^63 - 1 fen; there is `room` for so much.
    error CashExceeded(uint64 requested, uint64 room);
    /// @notice The bank's reference is zero, or counted before.
    error BankReferenceInvalid(bytes32 bankReference);
    /// @notice Withdrawals go to the bound account; `bound` 0: none is.
    error BankAccountInvalid(bytes32 account, bytes32 requested, bytes32 bound);
    /// @notice There is no such withdrawal, or it was answered before.
    error WithdrawalNotPending(bytes32 withdrawal);

    /// @notice Binds the account's bank account. Restricted, two persons.
    function bind(BankBinding calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Enters cash that came to the bank. Restricted, two persons.
    function deposit(Deposit calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Sends free cash on its way out by its holder's signature. Restricted.
    function withdraw(Withdrawal calldata m, Cosignature calldata signature, Entry calldata entry) external;

    /// @notice Answers a withdrawal. Restricted, two persons.
    function payout(Payout calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Compares with the bank's balance. Restricted.
    /// @param day YYYYMMDD.
    function reconcile(bytes32 opId, uint32 day, uint64 bankFen, Entry calldata entry) external;

    /// @notice The account's cash in fen.
    function cashOf(bytes32 account) external view returns (uint64 free, uint64 trading, uint64 withdrawing);

    /// @notice All cash of all accounts in fen.
    function totalCash() external view returns (uint64);

    /// @notice Whether cash stands still.
    function cashHalted() external view returns (bool);

    /// @notice The bound bank account, 0 for none.
    function bankAccountOf(bytes32 account) external view returns (bytes32);

    /// @notice A withdrawal; `fen` 0: there is none. `pending`: it is on its way out.
    function withdrawalOf(bytes32 opId) external view returns (bytes32 account, uint64 fen, bool pending);
}
