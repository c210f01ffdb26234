// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {IActs} from "./IActs.sol";
import {IAllocations} from "./IAllocations.sol";
import {IArrivals} from "./IArrivals.sol";
import {IAssetBook} from "./IAssetBook.sol";
import {ICustody} from "./ICustody.sol";
import {IFreezes} from "./IFreezes.sol";
import {ITransfers} from "./ITransfers.sol";

/// @title What enterprises and parks hold: the park's quota by vintage, and CCER; whole tonnes.
/// @notice Balances belong to account ids (keccak256 of the identifier's UTF-8), never to keys or addresses: a key that is
/// lost and recovered leaves them untouched. The quota is the park's own instrument.
///
/// Nobody's units move, freeze or end without one of three words: the holder's signature, two persons' of two bodies over
/// exactly this message (see ITwoPersons), or a contract with role 2 (Compliance) or 3 (Exchange), which asks for the holder's
/// signature itself. The registrar carries the calls; alone it can only carry out parts of an approved run, collect what is owed and
/// due, freeze for 24 hours, and end such a freeze.
///
/// From the events alone every balance, supply, freeze, suspension, run and debt is rebuilt, with their blocks' times.
///
/// What is trusted: that documents say what their hashes stand for, that CCER was cancelled in the national registry, and
/// persons, bodies and kinds as the registrar enrolled them.
///
/// Amounts are uint64: a larger one is no call of this contract, and reverts without data. The id of every signed message
/// (`opId`) is its nonce too: sent twice, the second reverts with `OpAlreadyApplied`. Each act names its log entry.
interface ICarbonLedger is IActs, IAssetBook, IFreezes, IAllocations, ITransfers, IArrivals, ICustody {
    /// @notice Units surrendered for an obligation; the same transaction's event of the calling contract says for which.
    event Surrendered(bytes32 indexed account, AssetId indexed asset, uint64 tonnes);

    /// @notice Free units of a vintage ended, and as many of the next came to be in the same account.
    event CarriedOver(bytes32 indexed account, AssetId indexed fromAsset, AssetId indexed toAsset, uint64 tonnes);

    /// @notice All free units of the account and asset ended with their year; it has none now.
    event Expired(bytes32 indexed account, AssetId indexed asset, uint64 tonnes);

    /// @notice The manager of roles must be a contract.
    error AuthorityWithoutCode(address authority);

    /// @notice Surrenders free units, for good. Role 2 only: the caller has the holder's word.
    function surrender(bytes32 account, AssetId asset, uint64 tonnes) external;

    /// @notice Ends free units of `vintage` and issues as many of the next to the account. Role 2 only: the caller has the
    /// holder's word.
    function carryOver(bytes32 account, uint16 vintage, uint64 tonnes) external;

    /// @notice Ends what the account has free of `vintage`; frozen units and those in custody stay. Role 2 only. None is no
    /// error.
    /// @return tonnes What ended.
    function expire(bytes32 account, uint16 vintage) external returns (uint64 tonnes);
}
