// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @notice What is held and moved: the park's quota of one vintage, or CCER.
type AssetId is uint32;

using {sameAsset as ==} for AssetId global;
using Assets for AssetId global;

/// @dev Apart from the library, since operators are defined by free functions only.
function sameAsset(AssetId a, AssetId b) pure returns (bool) {
    return AssetId.unwrap(a) == AssetId.unwrap(b);
}

/// @title The ids of assets: quota of vintage Y is 0x00010000 + Y, CCER is 0x00020000.
library Assets {
    uint32 private constant _QUOTA = 0x0001_0000;
    AssetId internal constant CCER = AssetId.wrap(0x0002_0000);

    /// @notice There is no such asset.
    error AssetInvalid(AssetId asset);

    /// @notice Quota of this vintage. The year 0 is no vintage.
    function quotaOf(uint16 vintage) internal pure returns (AssetId asset) {
        asset = AssetId.wrap(_QUOTA + vintage);
        if (vintage == 0) revert AssetInvalid(asset);
    }

    function isQuota(AssetId asset) internal pure returns (bool) {
        uint32 id = AssetId.unwrap(asset);
        return id > _QUOTA && id <= _QUOTA + type(uint16).max;
    }

    function isOffset(AssetId asset) internal pure returns (bool) {
        return asset == CCER;
    }

    /// @notice The vintage of a quota; reverts for everything else.
    function vintageOf(AssetId asset) internal pure returns (uint16) {
        if (!isQuota(asset)) revert AssetInvalid(asset);
        return uint16(AssetId.unwrap(asset));
    }

    /// @notice Reverts unless it is quota or CCER.
    function requireKnown(AssetId asset) internal pure {
        if (!isQuota(asset) && !isOffset(asset)) revert AssetInvalid(asset);
    }
}
