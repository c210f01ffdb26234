// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAllocations} from "../interfaces/IAllocations.sol";
import {AccountKind} from "../libraries/AccountKind.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {Debts} from "./Debts.sol";

/// @title Issue and runs; see IAllocations. Who may call is decided by the contract that inherits this.
abstract contract Allocations is Debts {
    struct Run {
        bytes32 reserve;
        bytes32 itemsHash;
        uint16 vintage;
        uint32 partsDone;
        uint32 parts;
        uint64 tonnes;
        uint64 granted;
        uint64 returnDue;
        /// @dev A bit for each part that was carried out.
        uint256 done;
    }

    bytes32 private constant _ISSUE_TYPEHASH =
        keccak256("Issue(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,bytes32 documentHash)");
    bytes32 private constant _RUN_TYPEHASH = keccak256(
        "AllocationRun(bytes32 opId,bytes32 reserve,uint16 vintage,uint64 tonnes,bytes32 itemsHash,bytes32 inputRoot,uint64 returnDue)"
    );
    uint256 private constant _MAX_PARTS = 256;
    uint256 private constant _MAX_ITEMS = 64;

    mapping(bytes32 run => Run record) private _runs;
    mapping(bytes32 run => mapping(bytes32 account => bool seen)) private _seen;

    /// @inheritdoc IAllocations
    function runOf(bytes32 run)
        external
        view
        returns (
            bytes32 reserve,
            uint16 vintage,
            uint64 tonnes,
            uint64 granted,
            uint64 returnDue,
            uint32 partsDone,
            uint32 parts
        )
    {
        Run storage found = _runs[run];
        return
            (found.reserve, found.vintage, found.tonnes, found.granted, found.returnDue, found.partsDone, found.parts);
    }

    function _issue(Issue calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        _requireDocument(m.documentHash);
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_ISSUE_TYPEHASH, m)), approvals, entry);
        _requireReserve(m.account);
        AssetId asset = Assets.quotaOf(m.vintage);
        _mint(m.account, asset, m.tonnes);
        emit Issued(m.account, asset, m.opId, m.tonnes, m.documentHash, approvers, entry.leafHash, entry.logIndex);
    }

    function _approveRun(AllocationRun calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        if (m.inputRoot == 0) revert InputRootZero();
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_RUN_TYPEHASH, m)), approvals, entry);
        _requireReserve(m.reserve);
        _requireFree(m.reserve, Assets.quotaOf(m.vintage), m.tonnes);
        Run storage run = _runs[m.opId];
        run.reserve = m.reserve;
        run.itemsHash = m.itemsHash;
        run.vintage = m.vintage;
        run.tonnes = m.tonnes;
        run.returnDue = m.returnDue;
        emit RunApproved(
            m.opId,
            m.reserve,
            m.vintage,
            m.tonnes,
            m.itemsHash,
            m.inputRoot,
            m.returnDue,
            approvers,
            entry.leafHash,
            entry.logIndex
        );
    }

    function _allocate(
        bytes32 opId,
        bytes32 runId,
        bytes32[] calldata parts,
        uint32 part,
        AllocationItem[] calldata items,
        Entry calldata entry
    ) internal {
        _begin(opId, entry);
        Run storage run = _runs[runId];
        if (run.reserve == 0) revert RunUnknown(runId);
        _requirePart(runId, run.itemsHash, parts, part, items);
        _count(runId, run, parts.length, part, items);
        for (uint256 i = 0; i < items.length; ++i) {
            if (i != 0 && items[i].account <= items[i - 1].account) revert AccountRepeated(runId, items[i].account);
            _grant(opId, runId, run, items[i], entry);
        }
    }

    function _grant(bytes32 opId, bytes32 runId, Run storage run, AllocationItem calldata item, Entry calldata entry)
        private
    {
        uint8 kind = _kindOf(item.account);
        if (kind != AccountKind.ENTERPRISE) revert KindInvalid(item.account, kind);
        if (_seen[runId][item.account]) revert AccountRepeated(runId, item.account);
        _seen[runId][item.account] = true;
        AssetId asset = Assets.quotaOf(run.vintage);
        if (item.granted != 0) _move(run.reserve, item.account, asset, item.granted);
        uint64 owed = _owe(item, run.reserve, run.returnDue);
        emit Allocated(
            runId,
            item.account,
            asset,
            opId,
            item.granted,
            item.owes,
            item.settles,
            owed,
            entry.leafHash,
            entry.logIndex
        );
    }

    /// @dev Marks the part as done, and holds the sum of all parts to what two persons signed.
    function _count(bytes32 runId, Run storage run, uint256 parts, uint32 part, AllocationItem[] calldata items)
        private
    {
        uint256 mark = 1 << part;
        if (run.done & mark != 0) revert PartDone(runId, part);
        run.done |= mark;
        ++run.partsDone;
        run.parts = uint32(parts);
        uint256 granted = run.granted;
        for (uint256 i = 0; i < items.length; ++i) {
            granted += items[i].granted;
        }
        bool complete = run.partsDone == parts;
        if (granted > run.tonnes || (complete && granted != run.tonnes)) {
            revert RunTotalDiffers(runId, granted, run.tonnes);
        }
        run.granted = uint64(granted);
    }

    function _requireReserve(bytes32 account) private view {
        uint8 kind = _kindOf(account);
        if (kind != AccountKind.PARK) revert KindInvalid(account, kind);
    }

    function _requirePart(
        bytes32 runId,
        bytes32 itemsHash,
        bytes32[] calldata parts,
        uint32 part,
        AllocationItem[] calldata items
    ) private pure {
        bytes32 found = keccak256(abi.encode(parts));
        if (found != itemsHash || parts.length > _MAX_PARTS) revert PartsDiffer(runId, found, itemsHash);
        if (part >= parts.length) revert PartUnknown(runId, part, parts.length);
        if (items.length == 0 || items.length > _MAX_ITEMS) revert ItemCountInvalid(items.length);
        found = keccak256(abi.encode(items));
        if (found != parts[part]) revert ItemsDiffer(runId, part, found, parts[part]);
    }
}
