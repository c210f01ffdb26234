// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Cosignature} from "../libraries/CompactSignature.sol";
import {IOperations} from "./IOperations.sol";

/// @title Keys that speak for accounts: since when, until when, and from where on they are not to be believed.
/// @notice Positions are indices of the log. A key signs entries above `logIndex` and below `revokedIndex`; what it
/// signed from `invalidSince` on is flagged.
///
/// An account that ever had a secp256k1 key takes another one only with the consent of an active one, signed for this
/// very key; where none is active any more, only a recovery (IKeyRecovery) brings one. So nobody, the registrar
/// included, puts an asset key beside the holder's without either; what a recovery is worth is said there.
///
/// Warning: Ed25519 and P-256 signatures are not checked here. Keys of these algorithms come and go on the registrar's
/// word; the proof is in the log entry that `leafHash` and `logIndex` name. No balance can be moved by such a key.
interface IKeyBook is IOperations {
    // KeyGrant has the order of a `key` statement: it is call data only and fills no slots.
    // solhint-disable gas-struct-packing

    /// @notice A key that becomes an account's.
    /// @param algorithm 1 Ed25519, 2 ES256K (secp256k1), 3 ES256 (P-256).
    /// @param purposes Bitmap, 1 to 15: 1 device, 2 statement, 4 asset, 8 administration.
    /// @param publicKey Ed25519: 32 bytes; ES256K and ES256: 64 bytes, x then y, big endian.
    /// @param leafHash RFC 9162 leaf hash of the log's `key` entry; of a recovery: of its proposal.
    /// @param logIndex Index of that entry.
    /// @param possession ES256K: over EIP-712 `KeyPossession(bytes32 accountId,bytes32 thumbprint,uint8 purposes)` by the
    /// new key. Others: two zero words.
    struct KeyGrant {
        uint8 algorithm;
        uint8 purposes;
        bytes publicKey;
        bytes32 leafHash;
        uint64 logIndex;
        Cosignature possession;
    }

    /// @notice What is known of a key; `accountId` 0: nothing. `evmAddress` is zero but for ES256K. Instants are Unix
    /// seconds of the block; `revokedAt` 0: not revoked. `revokedIndex`: the key signs no log entry from there on.
    /// `invalidSince`, 0 for none: what it signed from that index on is flagged.
    struct Key {
        bytes32 accountId;
        bytes32 leafHash;
        address evmAddress;
        uint8 algorithm;
        uint8 purposes;
        uint64 logIndex;
        uint64 enrolledAt;
        uint64 revokedAt;
        uint64 revokedIndex;
        uint64 invalidSince;
    }

    /// @notice A key speaks for the account. The block's time is its `enrolledAt`.
    event KeyEnrolled(
        bytes32 indexed accountId,
        bytes32 indexed thumbprint,
        bytes32 indexed opId,
        uint8 algorithm,
        uint8 purposes,
        bytes publicKey,
        address evmAddress,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice A key speaks no more. The block's time is its `revokedAt`.
    event KeyRevoked(bytes32 indexed accountId, bytes32 indexed thumbprint, bytes32 indexed opId, uint64 revokedIndex);

    /// @notice What the key signed from log position `invalidSince` on is flagged, by the entry at `declaredIndex`.
    event KeyCompromised(
        bytes32 indexed accountId,
        bytes32 indexed thumbprint,
        bytes32 indexed opId,
        uint64 invalidSince,
        uint64 declaredIndex
    );

    /// @notice There is no such algorithm.
    error AlgorithmInvalid(uint8 algorithm);
    /// @notice Purposes are a bitmap of 1, 2, 4 and 8, not empty.
    error PurposesInvalid(uint8 purposes);
    /// @notice A key that takes the place of another has that one's purposes.
    error PurposesDiffer(uint8 purposes, uint8 expected);
    /// @notice A key of this algorithm has another length, in bytes.
    error PublicKeyLengthInvalid(uint8 algorithm, uint256 length);
    /// @notice Every key names its log entry.
    error LeafHashZero();
    /// @notice This key speaks for an account already, or did so before it was revoked.
    error KeyAlreadyEnrolled(bytes32 thumbprint, bytes32 accountId);
    /// @notice This key was proposed for a recovery: it comes by that or never.
    error KeyAlreadyProposed(bytes32 thumbprint);
    /// @notice The possession proof is by another key than the one enrolled.
    error PossessionInvalid(address signer, address expected);
    /// @notice A key of another algorithm than ES256K carries no EVM signature.
    error PossessionUnexpected(bytes32 r, bytes32 vs);
    /// @notice The consent is not by an active ES256K key of the account.
    error ConsentInvalid(bytes32 accountId, address signer);
    /// @notice No consent is asked for here.
    error ConsentUnexpected(bytes32 r, bytes32 vs);
    /// @notice No such key.
    error KeyUnknown(bytes32 thumbprint);
    /// @notice The key was revoked before.
    error KeyAlreadyRevoked(bytes32 thumbprint, uint64 revokedAt);
    /// @notice A key ends at a position above that of its enrolment.
    error RevocationIndexInvalid(uint64 revokedIndex, uint64 logIndex);
    /// @notice A key is invalid from its own entry at the earliest, and from the declaring entry at the latest.
    error InvalidSinceOutOfRange(uint64 invalidSince, uint64 first, uint64 last);
    /// @notice The key is flagged from that position on, or from an earlier one.
    error CompromiseNotEarlier(bytes32 thumbprint, uint64 invalidSince);

    /// @notice What is known of a key; `accountId` 0: nothing.
    function keyOf(bytes32 thumbprint) external view returns (Key memory);

    /// @notice Thumbprint of the enrolled ES256K key with this address, zero for none.
    function thumbprintOf(address evmAddress) external view returns (bytes32);

    /// @notice Whether the key is enrolled and not revoked now.
    /// Warning: validity of a log entry is judged by its index (`logIndex`, `revokedIndex`), not by this.
    function isActive(bytes32 thumbprint) external view returns (bool);

    /// @notice Whether the account ever had an ES256K key, so that another one needs consent or a recovery.
    function needsConsent(bytes32 accountId) external view returns (bool);

    /// @notice RFC 7638 thumbprint (SHA-256 of the canonical JWK) of a key of this algorithm, or reverts with
    /// `AlgorithmInvalid` or `PublicKeyLengthInvalid`.
    function computeThumbprint(uint8 algorithm, bytes calldata publicKey) external pure returns (bytes32);
}
