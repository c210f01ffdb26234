// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";

/// @title What accounts hold of each asset, and what became of all that was issued, in whole tonnes.
/// @notice The law, at every block and for each asset (law 3): issued = held by all accounts + surrendered + cancelled,
/// where an account holds its registry and frozen units. No unit comes or goes but by the calls of
/// ICarbonLedger, and surrendered or cancelled units never return.
interface IAssetBook {
    /// @notice Tonnes are counted from 1.
    error AmountZero();
    /// @notice The account has only `available` free units in the registry; frozen ones are not among them.
    error BalanceInsufficient(bytes32 account, AssetId asset, uint64 requested, uint64 available);
    /// @notice The account is a contract's that keeps units for others (see ICustody); it alone gives them back.
    error AccountInCustody(bytes32 account);
    /// @notice Of one asset no more than 2^64 - 1 tonnes are ever issued; `room` are left.
    error SupplyExceeded(AssetId asset, uint64 requested, uint64 room);

    /// @notice What the account holds: `registry` is free, `frozen` is in freezes (see IFreezes). What a contract keeps for
    /// others (see ICustody) is its own account's.
    /// Warning: an account that nobody knows holds nothing, and so does an asset that is none; neither reverts.
    function balanceOf(bytes32 account, AssetId asset) external view returns (uint64 registry, uint64 frozen);

    /// @notice What was issued since the beginning, and what of it was surrendered and cancelled; accounts hold the rest.
    function supplyOf(AssetId asset) external view returns (uint64 issued, uint64 surrendered, uint64 cancelled);
}
