// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAllocations} from "./interfaces/IAllocations.sol";
import {IArrivals} from "./interfaces/IArrivals.sol";
import {ICarbonLedger} from "./interfaces/ICarbonLedger.sol";
import {ICustody} from "./interfaces/ICustody.sol";
import {IFreezes} from "./interfaces/IFreezes.sol";
import {IIdentifierRegistry} from "./interfaces/IIdentifierRegistry.sol";
import {ITransfers} from "./interfaces/ITransfers.sol";
import {Allocations} from "./ledger/Allocations.sol";
import {Arrivals} from "./ledger/Arrivals.sol";
import {Custody} from "./ledger/Custody.sol";
import {Transfers} from "./ledger/Transfers.sol";
import {AssetId, Assets} from "./libraries/AssetId.sol";
import {Cosignature} from "./libraries/CompactSignature.sol";
import {Entry} from "./libraries/Entry.sol";
import {TypedDomain} from "./libraries/TypedDomain.sol";
import {Speakers} from "./registry/Speakers.sol";

/// @title Quota and CCER of enterprises and parks; see ICarbonLedger.
contract CarbonLedger is ICarbonLedger, Allocations, Transfers, Arrivals, Custody, AccessManaged {
    /// @param authority AccessManager that rules the restricted calls.
    /// @param deploymentId_ Random, not zero: salt of the EIP-712 domain.
    /// @param identifiers Where accounts and keys are looked up.
    constructor(address authority, bytes32 deploymentId_, IIdentifierRegistry identifiers)
        TypedDomain(deploymentId_)
        Speakers(identifiers)
        AccessManaged(authority)
    {
        if (authority.code.length == 0) revert AuthorityWithoutCode(authority);
    }

    /// @inheritdoc IAllocations
    function issue(Issue calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external restricted {
        _issue(m, approvals, entry);
    }

    /// @inheritdoc IAllocations
    function approveRun(AllocationRun calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _approveRun(m, approvals, entry);
    }

    /// @inheritdoc IAllocations
    function allocate(
        bytes32 opId,
        bytes32 run,
        bytes32[] calldata parts,
        uint32 part,
        AllocationItem[] calldata items,
        Entry calldata entry
    ) external restricted {
        _allocate(opId, run, parts, part, items, entry);
    }

    /// @inheritdoc IAllocations
    function returnOwed(Return calldata m, Cosignature calldata signature, Entry calldata entry) external restricted {
        _returnOwed(m, signature, entry);
    }

    /// @inheritdoc IAllocations
    function collectOwed(bytes32 opId, bytes32 account, uint16 vintage, Entry calldata entry) external restricted {
        _collectOwed(opId, account, vintage, entry);
    }

    /// @inheritdoc IArrivals
    function carryIn(OpeningBalance calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _carryIn(m, approvals, entry);
    }

    /// @inheritdoc IArrivals
    function enterOffset(OffsetEntry calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _enterOffset(m, approvals, entry);
    }

    /// @inheritdoc IFreezes
    function freeze(Freeze calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external restricted {
        _freeze(m, approvals, entry);
    }

    /// @inheritdoc IFreezes
    function freezeAtOnce(Freeze calldata m, Entry calldata entry) external restricted {
        _freezeAtOnce(m, entry);
    }

    /// @inheritdoc IFreezes
    function confirmFreeze(bytes32 opId, Freeze calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _confirmFreeze(opId, m, approvals, entry);
    }

    /// @inheritdoc IFreezes
    function lapseFreeze(bytes32 opId, bytes32 freezeId, Entry calldata entry) external restricted {
        _lapseFreeze(opId, freezeId, entry);
    }

    /// @inheritdoc IFreezes
    function release(Release calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external restricted {
        _release(m, approvals, entry);
    }

    /// @inheritdoc IFreezes
    function suspend(Suspension calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _suspend(m, approvals, entry);
    }

    /// @inheritdoc ITransfers
    function transfer(Transfer calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _transfer(m, approvals, entry);
    }

    /// @inheritdoc ITransfers
    function cancelByOrder(CancelByOrder calldata m, Cosignature[2] calldata approvals, Entry calldata entry)
        external
        restricted
    {
        _cancelByOrder(m, approvals, entry);
    }

    /// @inheritdoc ITransfers
    function cancel(Cancel calldata m, Cosignature calldata signature, Entry calldata entry) external restricted {
        _cancel(m, signature, entry);
    }

    /// @inheritdoc ICustody
    function takeCustody(bytes32 account, AssetId asset, uint64 tonnes) external restricted {
        _takeCustody(account, asset, tonnes);
    }

    /// @inheritdoc ICustody
    function giveBack(bytes32 account, AssetId asset, uint64 tonnes) external restricted {
        _giveBack(account, asset, tonnes);
    }

    /// @inheritdoc ICarbonLedger
    function surrender(bytes32 account, AssetId asset, uint64 tonnes) external restricted {
        _requireUnsuspended(account);
        _surrenderUnits(account, asset, tonnes);
        emit Surrendered(account, asset, tonnes);
    }

    /// @inheritdoc ICarbonLedger
    function carryOver(bytes32 account, uint16 vintage, uint64 tonnes) external restricted {
        _requireUnsuspended(account);
        AssetId asset = Assets.quotaOf(vintage);
        AssetId next = Assets.quotaOf(vintage + 1);
        _cancelUnits(account, asset, tonnes);
        _mint(account, next, tonnes);
        emit CarriedOver(account, asset, next, tonnes);
    }

    /// @inheritdoc ICarbonLedger
    function expire(bytes32 account, uint16 vintage) external restricted returns (uint64 tonnes) {
        AssetId asset = Assets.quotaOf(vintage);
        tonnes = _cancelAll(account, asset);
        if (tonnes != 0) emit Expired(account, asset, tonnes);
    }
}
