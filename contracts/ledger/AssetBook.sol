// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {AssetId} from "../libraries/AssetId.sol";

/// @title Balances and supplies, and the only ways in which they change; see IAssetBook.
/// @dev Each function keeps law 3: what it adds to one place it takes from another, or counts as issued, surrendered or
/// cancelled. No sum overflows, since nobody holds more than was issued.
abstract contract AssetBook is IAssetBook {
    /// @dev One slot.
    struct Balance {
        uint64 registry;
        uint64 frozen;
    }

    struct Supply {
        uint64 issued;
        uint64 surrendered;
        uint64 cancelled;
    }

    mapping(bytes32 account => mapping(AssetId asset => Balance balance)) private _balances;
    mapping(AssetId asset => Supply supply) private _supplies;

    /// @inheritdoc IAssetBook
    function balanceOf(bytes32 account, AssetId asset) external view returns (uint64 registry, uint64 frozen) {
        Balance storage balance = _balances[account][asset];
        return (balance.registry, balance.frozen);
    }

    /// @inheritdoc IAssetBook
    function supplyOf(AssetId asset) external view returns (uint64 issued, uint64 surrendered, uint64 cancelled) {
        Supply storage supply = _supplies[asset];
        return (supply.issued, supply.surrendered, supply.cancelled);
    }

    function _mint(bytes32 account, AssetId asset, uint64 tonnes) internal {
        _requireAmount(asset, tonnes);
        Supply storage supply = _supplies[asset];
        uint64 room = type(uint64).max - supply.issued;
        if (tonnes > room) revert SupplyExceeded(asset, tonnes, room);
        supply.issued += tonnes;
        _balances[account][asset].registry += tonnes;
    }

    function _surrenderUnits(bytes32 account, AssetId asset, uint64 tonnes) internal {
        _take(account, asset, tonnes);
        _supplies[asset].surrendered += tonnes;
    }

    function _cancelUnits(bytes32 account, AssetId asset, uint64 tonnes) internal {
        _take(account, asset, tonnes);
        _supplies[asset].cancelled += tonnes;
    }

    /// @dev All free ones.
    function _cancelAll(bytes32 account, AssetId asset) internal returns (uint64 tonnes) {
        _requireOwn(account);
        Balance storage balance = _balances[account][asset];
        tonnes = balance.registry;
        balance.registry = 0;
        _supplies[asset].cancelled += tonnes;
    }

    function _move(bytes32 from, bytes32 to, AssetId asset, uint64 tonnes) internal {
        _take(from, asset, tonnes);
        _balances[to][asset].registry += tonnes;
    }

    /// @dev Out of custody.
    function _moveOut(bytes32 custodian, bytes32 to, AssetId asset, uint64 tonnes) internal {
        _lower(custodian, asset, tonnes);
        _balances[to][asset].registry += tonnes;
    }

    function _freezeUnits(bytes32 account, AssetId asset, uint64 tonnes) internal {
        _take(account, asset, tonnes);
        _balances[account][asset].frozen += tonnes;
    }

    /// @dev Whether so many are frozen is known by their freeze.
    function _moveFrozen(bytes32 from, bytes32 to, AssetId asset, uint64 tonnes) internal {
        _balances[from][asset].frozen -= tonnes;
        _balances[to][asset].registry += tonnes;
    }

    function _freeOf(bytes32 account, AssetId asset) internal view returns (uint64) {
        return _balances[account][asset].registry;
    }

    function _requireFree(bytes32 account, AssetId asset, uint64 tonnes) internal view {
        uint64 available = _freeOf(account, asset);
        if (tonnes > available) revert BalanceInsufficient(account, asset, tonnes, available);
    }

    function _requireAmount(AssetId asset, uint64 tonnes) internal pure {
        asset.requireKnown();
        if (tonnes == 0) revert AmountZero();
    }

    function _take(bytes32 account, AssetId asset, uint64 tonnes) private {
        _requireOwn(account);
        _lower(account, asset, tonnes);
    }

    function _lower(bytes32 account, AssetId asset, uint64 tonnes) private {
        _requireAmount(asset, tonnes);
        _requireFree(account, asset, tonnes);
        _balances[account][asset].registry -= tonnes;
    }

    /// @dev A custodian's account is its address.
    function _requireOwn(bytes32 account) private pure {
        if (uint256(account) <= type(uint160).max) revert AccountInCustody(account);
    }
}
