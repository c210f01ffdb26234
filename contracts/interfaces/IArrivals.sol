// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";

/// @title Units that come from outside: opening balances, and CCER cancelled in the national registry (DOMAIN 4, 24).
/// @notice Warning: what was before is not proved here. Two persons answer for it with a document; the event says so by
/// its name.
interface IArrivals {
    // solhint-disable gas-struct-packing

    /// @notice EIP-712 `OpeningBalance(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)`.
    /// @param asset Quota of any vintage.
    /// @param documentHash SHA-256 of the statement of the former register, not zero.
    struct OpeningBalance {
        bytes32 opId;
        bytes32 account;
        AssetId asset;
        uint64 tonnes;
        bytes32 documentHash;
    }

    /// @notice EIP-712 `OffsetEntry(bytes32 opId,bytes32 account,uint64 tonnes,bytes32 series,uint64 firstSerial,uint64
    /// lastSerial,bytes32 cancellationHash,bytes32 documentHash)`.
    /// @param account The beneficiary that the cancellation names.
    /// @param tonnes lastSerial - firstSerial + 1.
    /// @param series keccak256 of the series' UTF-8.
    /// @param cancellationHash keccak256 of the UTF-8 of the national registry's cancellation id.
    struct OffsetEntry {
        bytes32 opId;
        bytes32 account;
        uint64 tonnes;
        bytes32 series;
        uint64 firstSerial;
        uint64 lastSerial;
        bytes32 cancellationHash;
        bytes32 documentHash;
    }

    /// @notice Units carried in from a former register, not proved here.
    event CarriedIn(
        bytes32 indexed account,
        AssetId indexed asset,
        bytes32 indexed opId,
        uint64 tonnes,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice CCER of these serials, cancelled in the national registry for this beneficiary.
    event OffsetEntered(
        bytes32 indexed account,
        bytes32 indexed opId,
        bytes32 indexed series,
        uint64 tonnes,
        uint64 firstSerial,
        uint64 lastSerial,
        bytes32 cancellationHash,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The account has an opening balance of this asset.
    error OpeningRepeated(bytes32 account, AssetId asset);
    /// @notice A range of serials ends where it begins, or later.
    error SerialsInvalid(uint64 first, uint64 last);
    /// @notice One serial is one tonne.
    error TonnesDiffer(uint64 tonnes, uint256 expected);
    /// @notice Serials of this series entered before.
    error SerialsOverlap(bytes32 series, uint64 first, uint64 last, uint64 otherFirst, uint64 otherLast);
    /// @notice This cancellation entered before.
    error CancellationUsed(bytes32 cancellationHash);

    /// @notice Issues an opening balance, once for an account and asset. Restricted, two persons.
    /// @param approvals Over `m` in this contract's domain, in any order; see ITwoPersons.
    function carryIn(OpeningBalance calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Issues CCER to the beneficiary of a cancellation. Restricted, two persons. It costs about 2,300 gas more for
    /// each range that the series has already.
    /// @param approvals Over `m` in this contract's domain, in any order; see ITwoPersons.
    function enterOffset(OffsetEntry calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;
}
