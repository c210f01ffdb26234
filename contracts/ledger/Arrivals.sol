// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IArrivals} from "../interfaces/IArrivals.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {Acts} from "./Acts.sol";
import {AssetBook} from "./AssetBook.sol";

/// @title Opening balances and CCER; see IArrivals. Who may call is decided by the contract that inherits this.
abstract contract Arrivals is Acts, AssetBook, IArrivals {
    struct Serials {
        uint64 first;
        uint64 last;
    }

    bytes32 private constant _OPENING_TYPEHASH =
        keccak256("OpeningBalance(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)");
    bytes32 private constant _OFFSET_TYPEHASH = keccak256(
        "OffsetEntry(bytes32 opId,bytes32 account,uint64 tonnes,bytes32 series,uint64 firstSerial,uint64 lastSerial,bytes32 cancellationHash,bytes32 documentHash)"
    );

    mapping(bytes32 account => mapping(AssetId asset => bool opened)) private _opened;
    mapping(bytes32 series => Serials[] entered) private _serials;
    mapping(bytes32 cancellationHash => bool used) private _cancellationUsed;

    function _carryIn(OpeningBalance calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        _requireDocument(m.documentHash);
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_OPENING_TYPEHASH, m)), approvals, entry);
        if (!m.asset.isQuota()) revert Assets.AssetInvalid(m.asset);
        _requireHolderKind(m.account);
        if (_opened[m.account][m.asset]) revert OpeningRepeated(m.account, m.asset);
        _opened[m.account][m.asset] = true;
        _mint(m.account, m.asset, m.tonnes);
        emit CarriedIn(m.account, m.asset, m.opId, m.tonnes, m.documentHash, approvers, entry.leafHash, entry.logIndex);
    }

    function _enterOffset(OffsetEntry calldata m, Cosignature[2] calldata approvals, Entry calldata entry) internal {
        _requireDocument(m.documentHash);
        address[2] memory approvers = _decide(m.opId, keccak256(abi.encode(_OFFSET_TYPEHASH, m)), approvals, entry);
        _requireHolderKind(m.account);
        if (_cancellationUsed[m.cancellationHash]) revert CancellationUsed(m.cancellationHash);
        _cancellationUsed[m.cancellationHash] = true;
        _spend(m);
        _mint(m.account, Assets.CCER, m.tonnes);
        emit OffsetEntered(
            m.account,
            m.opId,
            m.series,
            m.tonnes,
            m.firstSerial,
            m.lastSerial,
            m.cancellationHash,
            m.documentHash,
            approvers,
            entry.leafHash,
            entry.logIndex
        );
    }

    /// @dev The serials, once for ever (DOMAIN 4).
    function _spend(OffsetEntry calldata m) private {
        (uint64 first, uint64 last) = (m.firstSerial, m.lastSerial);
        if (first > last) revert SerialsInvalid(first, last);
        uint256 expected = uint256(last) - first + 1;
        if (m.tonnes != expected) revert TonnesDiffer(m.tonnes, expected);
        Serials[] storage entered = _serials[m.series];
        uint256 count = entered.length;
        for (uint256 i = 0; i < count; ++i) {
            Serials memory other = entered[i];
            if (first <= other.last && other.first <= last) {
                revert SerialsOverlap(m.series, first, last, other.first, other.last);
            }
        }
        entered.push(Serials(first, last));
    }
}
