// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAllocations} from "../interfaces/IAllocations.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {Freezes} from "./Freezes.sol";

/// @title Units that have to come back to the reserve (DOMAIN 31); see IAllocations. Who may call is decided by the
/// contract that inherits this.
abstract contract Debts is Freezes, IAllocations {
    struct Debt {
        bytes32 reserve;
        uint64 tonnes;
        uint64 dueAt;
    }

    bytes32 private constant _RETURN_TYPEHASH =
        keccak256("Return(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,uint64 deadline)");

    mapping(bytes32 account => Debt debt) private _debts;

    /// @inheritdoc IAllocations
    function owedOf(bytes32 account) external view returns (uint64 tonnes, uint64 dueAt, bytes32 reserve) {
        Debt storage debt = _debts[account];
        return (debt.tonnes, debt.dueAt, debt.reserve);
    }

    /// @dev What was settled goes first, then what is new comes.
    function _owe(AllocationItem calldata item, bytes32 reserve, uint64 dueAt) internal returns (uint64 owed) {
        owed = _settle(item.account, item.settles);
        if (item.owes == 0) return owed;
        Debt storage debt = _debts[item.account];
        if (owed != 0 && debt.reserve != reserve) revert ReserveDiffers(item.account, reserve, debt.reserve);
        if (item.owes > type(uint64).max - owed) revert OwedTooMuch(item.account, item.owes, owed);
        owed += item.owes;
        debt.reserve = reserve;
        debt.tonnes = owed;
        debt.dueAt = dueAt;
    }

    function _returnOwed(Return calldata m, Cosignature calldata signature, Entry calldata entry) internal {
        _begin(m.opId, entry);
        _checkHolder(m.account, keccak256(abi.encode(_RETURN_TYPEHASH, m)), m.deadline, signature);
        _requireUnsuspended(m.account);
        _giveBack(m.opId, m.account, Assets.quotaOf(m.vintage), m.tonnes, false, entry);
    }

    function _collectOwed(bytes32 opId, bytes32 account, uint16 vintage, Entry calldata entry) internal {
        _begin(opId, entry);
        Debt storage debt = _debts[account];
        uint64 owed = debt.tonnes;
        if (owed == 0) revert OwedNone(account);
        uint64 nowAt = uint64(block.timestamp);
        // Days: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (nowAt < debt.dueAt) revert OwedNotDue(account, debt.dueAt, nowAt);
        AssetId asset = Assets.quotaOf(vintage);
        uint64 free = _freeOf(account, asset);
        if (free == 0) revert BalanceInsufficient(account, asset, owed, 0);
        _giveBack(opId, account, asset, free < owed ? free : owed, true, entry);
    }

    function _giveBack(
        bytes32 opId,
        bytes32 account,
        AssetId asset,
        uint64 tonnes,
        bool collected,
        Entry calldata entry
    ) private {
        bytes32 reserve = _debts[account].reserve;
        uint64 owed = _settle(account, tonnes);
        _move(account, reserve, asset, tonnes);
        emit Returned(account, reserve, asset, opId, tonnes, owed, collected, entry.leafHash, entry.logIndex);
    }

    /// @dev A debt that is paid is forgotten.
    function _settle(bytes32 account, uint64 tonnes) private returns (uint64 owed) {
        Debt storage debt = _debts[account];
        owed = debt.tonnes;
        if (tonnes == 0) return owed;
        if (tonnes > owed) revert OwedExceeded(account, tonnes, owed);
        owed -= tonnes;
        if (owed == 0) delete _debts[account];
        else debt.tonnes = owed;
    }
}
