// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ITransfers} from "../interfaces/ITransfers.sol";
import {AccountKind} from "../libraries/AccountKind.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {Freezes} from "./Freezes.sol";

/// @title Non-trade transfers and cancellations; see ITransfers. Who may call is decided by the contract that inherits
/// this.
abstract contract Transfers is Freezes, ITransfers {
    bytes32 private constant _TRANSFER_TYPEHASH = keccak256(
        "Transfer(bytes32 opId,bytes32 from,bytes32 to,uint32 asset,uint64 tonnes,uint8 cause,bytes32 freeze,bytes32 documentHash)"
    );
    bytes32 private constant _CANCEL_BY_ORDER_TYPEHASH =
        keccak256("CancelByOrder(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)");
    bytes32 private constant _CANCEL_TYPEHASH =
        keccak256("Cancel(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,uint64 deadline)");

    uint8 private constant _SUCCESSION = 1;
    uint8 private constant _ENFORCEMENT = 2;
    uint8 private constant _RESERVE_GRANT = 4;

    function _transfer(Transfer calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        _requireDocument(m.documentHash);
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_TRANSFER_TYPEHASH, m)), approvals, entry);
        _requireCause(m);
        if (m.from == m.to) revert PartiesInvalid(m.from, m.to);
        _requireHolderKind(m.to);
        if (m.cause != _ENFORCEMENT) _requireUnsuspended(m.from);
        if (m.freeze == 0) {
            _move(m.from, m.to, m.asset, m.tonnes);
        } else {
            _takeFrom(m.freeze, m.from, m.asset, m.tonnes);
            _moveFrozen(m.from, m.to, m.asset, m.tonnes);
        }
        emit Transferred(
            m.from,
            m.to,
            m.asset,
            m.opId,
            m.tonnes,
            m.cause,
            m.freeze,
            m.documentHash,
            approvers,
            entry.leafHash,
            entry.logIndex
        );
    }

    function _cancelByOrder(CancelByOrder calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        internal
    {
        _requireDocument(m.documentHash);
        address[2] memory approvers =
            _decide(m.opId, keccak256(abi.encode(_CANCEL_BY_ORDER_TYPEHASH, m)), approvals, entry);
        _cancelUnits(m.account, m.asset, m.tonnes);
        emit CancelledByOrder(
            m.account, m.asset, m.opId, m.tonnes, m.documentHash, approvers, entry.leafHash, entry.logIndex
        );
    }

    function _cancel(Cancel calldata m, Cosignature calldata signature, Entry calldata entry) internal {
        _begin(m.opId, entry);
        address signer = _checkHolder(m.account, keccak256(abi.encode(_CANCEL_TYPEHASH, m)), m.deadline, signature);
        _requireUnsuspended(m.account);
        _cancelUnits(m.account, m.asset, m.tonnes);
        emit Cancelled(m.account, m.asset, m.opId, m.tonnes, signer, entry.leafHash, entry.logIndex);
    }

    function _requireCause(Transfer calldata m) private view {
        if (m.cause < _SUCCESSION || m.cause > _RESERVE_GRANT || (m.asset.isOffset() && m.cause != _SUCCESSION)) {
            revert CauseInvalid(m.cause, m.asset);
        }
        if (m.cause == _RESERVE_GRANT) {
            uint8 kind = _kindOf(m.from);
            if (kind != AccountKind.PARK) revert KindInvalid(m.from, kind);
        }
    }
}
