// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";

/// @title Units that change their account or end without a trade (DOMAIN 22 to 24).
/// @notice There is no free transfer: two persons move units, for a cause and with a document; a holder can only end its
/// own. A settled error is not undone: another transfer compensates it.
interface ITransfers {
    // solhint-disable gas-struct-packing

    /// @notice EIP-712 `Transfer(bytes32 opId,bytes32 from,bytes32 to,uint32 asset,uint64 tonnes,uint8 cause,bytes32
    /// freeze,bytes32 documentHash)`.
    /// @param cause 1 succession, 2 enforcement, 3 correction, 4 grant from a park's reserve. CCER moves by succession only.
    /// @param freeze The freeze of `from` and `asset` that the units are taken out of; 0: free units.
    /// @param documentHash SHA-256 of the decision, not zero.
    struct Transfer {
        bytes32 opId;
        bytes32 from;
        bytes32 to;
        AssetId asset;
        uint64 tonnes;
        uint8 cause;
        bytes32 freeze;
        bytes32 documentHash;
    }

    /// @notice EIP-712 `CancelByOrder(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)`.
    struct CancelByOrder {
        bytes32 opId;
        bytes32 account;
        AssetId asset;
        uint64 tonnes;
        bytes32 documentHash;
    }

    /// @notice EIP-712 `Cancel(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,uint64 deadline)`.
    struct Cancel {
        bytes32 opId;
        bytes32 account;
        AssetId asset;
        uint64 tonnes;
        uint64 deadline;
    }

    /// @notice Units moved between the free units of two accounts, or, where `freeze` is not 0, out of that freeze.
    event Transferred(
        bytes32 indexed from,
        bytes32 indexed to,
        AssetId indexed asset,
        bytes32 opId,
        uint64 tonnes,
        uint8 cause,
        bytes32 freeze,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Free units ended by an order of two persons.
    event CancelledByOrder(
        bytes32 indexed account,
        AssetId indexed asset,
        bytes32 indexed opId,
        uint64 tonnes,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Free units ended by the word of their holder, whose key has the address `signer`.
    event Cancelled(
        bytes32 indexed account,
        AssetId indexed asset,
        bytes32 indexed opId,
        uint64 tonnes,
        address signer,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice There is no such cause, or not for this asset or sender.
    error CauseInvalid(uint8 cause, AssetId asset);
    /// @notice A transfer is between two accounts.
    error PartiesInvalid(bytes32 from, bytes32 to);

    /// @notice Moves units between accounts of enterprises and parks. Restricted, two persons. A suspended sender gives for
    /// cause 2 only.
    /// @param approvals Over `m` in this contract's domain, in any order; see ITwoPersons.
    function transfer(Transfer calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Ends free units, also of a suspended account. Restricted, two persons.
    function cancelByOrder(CancelByOrder calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Ends free units of the holder who signed. Restricted.
    /// @param signature Over `m` in this contract's domain, by an active ES256K key of the account with purpose asset.
    function cancel(Cancel calldata m, Cosignature calldata signature, Entry calldata entry) external;
}
