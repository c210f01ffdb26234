// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Cosignature} from "../libraries/CompactSignature.sol";

/// @title Identifiers, their kind and place, and the keys that speak for them.
/// @notice The registrar (the park's administration) enters what the log's `key` statements say. The account id of an
/// identifier is keccak256 of its UTF-8; balances and duties belong to account ids, keys only speak for them.
///
/// What is proved here: that whoever holds a secp256k1 key agreed to speak for this account with these purposes; that
/// a thumbprint and an address belong to the key; that one key speaks for one account. What is trusted: that the
/// registrar enters what the log says, and that a key belongs to whom the identifier names.
///
/// Warning: possession of an Ed25519 or P-256 key is not checked by the contract, nor that a P-256 key is a point of the
/// curve. The proof is in the log entry that `leafHash` and `logIndex` name; whoever relies on such a key checks it.
/// Warning: the leaf hash and index are as the registrar gives them; compare them with `EvidenceLog`.
/// Warning: identifiers are public for ever. A person's identifier must say nothing about the person.
///
/// Kinds: 1 park, 2 enterprise, 3 device, 4 verifier, 5 regulator, 6 person. Algorithms: 1 Ed25519, 2 ES256K
/// (secp256k1), 3 ES256 (P-256). Purposes, a bitmap: 1 device, 2 statement, 4 asset, 8 administration.
interface IIdentifierRegistry {
    // Enrolment has the order of a `key` statement: it is call data only and fills no slots.
    // solhint-disable gas-struct-packing

    /// @notice One call registers the identifier, if it is new, and adds one key to it.
    /// @param identifier 1 to 255 bytes of UTF-8, e.g. `88.608.5288/META_x`. Warning: that it is UTF-8 is not checked.
    /// @param kind 1 to 6.
    /// @param parent Account id of the identifier this one belongs to, 0 for none. A device's parent is a registered
    /// enterprise or park; other parents are not looked up.
    /// @param group keccak256 of the UTF-8 of the group of companies, 0 for none.
    /// @param algorithm 1, 2 or 3.
    /// @param purposes 1 to 15.
    /// @param publicKey Ed25519: 32 bytes; ES256K and ES256: 64 bytes, x then y, big endian.
    /// @param leafHash RFC 9162 leaf hash of the log's `key` entry.
    /// @param logIndex Index of that entry: the key signs entries above it.
    /// @param possession ES256K: over EIP-712 `KeyPossession(bytes32 accountId,bytes32 thumbprint,uint8 purposes)` by the
    /// new key. Others: two zero words.
    struct Enrolment {
        string identifier;
        uint8 kind;
        bytes32 parent;
        bytes32 group;
        uint8 algorithm;
        uint8 purposes;
        bytes publicKey;
        bytes32 leafHash;
        uint64 logIndex;
        Cosignature possession;
    }

    /// @notice What is known of an identifier; `kind` 0: nothing.
    struct Account {
        uint8 kind;
        bytes32 parent;
        bytes32 group;
    }

    /// @notice What is known of a key; `accountId` 0: nothing. `evmAddress` is zero but for ES256K. Instants are Unix
    /// seconds of the block; `revokedAt` 0: not revoked. `revokedIndex`: the key signs no log entry from there on.
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
    }

    /// @notice A new identifier; keccak256 of its bytes is `accountId`.
    event IdentifierRegistered(
        bytes32 indexed accountId, string identifier, uint8 kind, bytes32 indexed parent, bytes32 indexed group
    );

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

    /// @notice The manager of roles must be a contract.
    error AuthorityWithoutCode(address authority);
    /// @notice An operation id is never zero.
    error OpIdZero();
    /// @notice The operation took effect before.
    error OpAlreadyApplied(bytes32 opId);
    /// @notice An identifier has 1 to 255 bytes.
    error IdentifierLengthInvalid(uint256 length);
    /// @notice There is no such kind.
    error KindInvalid(uint8 kind);
    /// @notice The identifier is registered with another kind, parent or group: these are the registered ones.
    error IdentifierDiffers(bytes32 accountId, uint8 kind, bytes32 parent, bytes32 group);
    /// @notice A device's parent is a registered enterprise or park; `kind` is what is registered there, 0 for nothing.
    error DeviceParentInvalid(bytes32 accountId, bytes32 parent, uint8 kind);
    /// @notice There is no such algorithm.
    error AlgorithmInvalid(uint8 algorithm);
    /// @notice Purposes are a bitmap of 1, 2, 4 and 8, not empty.
    error PurposesInvalid(uint8 purposes);
    /// @notice A key of this algorithm has another length, in bytes.
    error PublicKeyLengthInvalid(uint8 algorithm, uint256 length);
    /// @notice Every enrolment names its log entry.
    error LeafHashZero();
    /// @notice This key speaks for an account already, or did so before it was revoked.
    error KeyAlreadyEnrolled(bytes32 thumbprint, bytes32 accountId);
    /// @notice The possession proof is by another key than the one enrolled.
    error PossessionInvalid(address signer, address expected);
    /// @notice An enrolment of another algorithm than ES256K carries no EVM signature.
    error PossessionUnexpected(bytes32 r, bytes32 vs);
    /// @notice No such key.
    error KeyUnknown(bytes32 thumbprint);
    /// @notice The key was revoked before.
    error KeyAlreadyRevoked(bytes32 thumbprint, uint64 revokedAt);
    /// @notice A key is revoked at a position above that of its enrolment.
    error RevocationIndexInvalid(uint64 revokedIndex, uint64 logIndex);

    /// @notice Registers and enrols, by the rules on `Enrolment`. Restricted to the registrar's role
    /// (`AccessManagedUnauthorized`).
    /// @dev Not idempotent: `opId` is consumed, so that a call sent twice takes effect once; the second reverts with
    /// `OpAlreadyApplied`. The same key under another `opId` reverts with `KeyAlreadyEnrolled`. A key enrols once for
    /// ever: a revoked one does not come back.
    function enrol(bytes32 opId, Enrolment calldata enrolment) external;

    /// @notice Revokes a key from log position `revokedIndex` on. Restricted. Nothing is deleted.
    /// @dev Not idempotent: `opId` is consumed. Warning: final; there is no recovery here.
    function revoke(bytes32 opId, bytes32 thumbprint, uint64 revokedIndex) external;

    /// @notice What is known of an account id; `kind` 0: nothing.
    function identifierOf(bytes32 accountId) external view returns (Account memory);

    /// @notice What is known of a key; `accountId` 0: nothing.
    function keyOf(bytes32 thumbprint) external view returns (Key memory);

    /// @notice Thumbprint of the enrolled ES256K key with this address, zero for none.
    function thumbprintOf(address evmAddress) external view returns (bytes32);

    /// @notice Whether the key is enrolled and not revoked now.
    /// Warning: validity of a log entry is judged by its index (`logIndex`, `revokedIndex`), not by this.
    function isActive(bytes32 thumbprint) external view returns (bool);

    /// @notice Whether the operation took effect.
    function opUsed(bytes32 opId) external view returns (bool);

    /// @notice keccak256 of the identifier's UTF-8.
    function accountIdOf(string calldata identifier) external pure returns (bytes32);

    /// @notice RFC 7638 thumbprint (SHA-256 of the canonical JWK) of a key of this algorithm, or reverts with
    /// `AlgorithmInvalid` or `PublicKeyLengthInvalid`.
    function computeThumbprint(uint8 algorithm, bytes calldata publicKey) external pure returns (bytes32);
}
