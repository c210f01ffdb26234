// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Cosignature} from "../libraries/CompactSignature.sol";
import {IKeyBook} from "./IKeyBook.sol";
import {IKeyRecovery} from "./IKeyRecovery.sol";

/// @title Identifiers, their kind and place, and the keys that speak for them.
/// @notice The registrar (the park's administration) enters what the log's `key` statements say. The account id of an
/// identifier is keccak256 of its UTF-8; balances and duties belong to account ids, keys only speak for them.
///
/// What is proved here: that whoever holds a secp256k1 key agreed to speak for this account with these purposes; that
/// a thumbprint and an address belong to the key; that one key speaks for one account; that a further secp256k1 key has
/// the consent of one of the account's own, or of two persons after a delay. What is trusted: that the registrar enters
/// what the log says, and that the first key belongs to whom the identifier names.
///
/// Warning: possession of an Ed25519 or P-256 key is not checked by the contract, nor that a P-256 key is a point of the
/// curve. The proof is in the log entry that `leafHash` and `logIndex` name; whoever relies on such a key checks it.
/// Warning: the leaf hash and index are as the registrar gives them; compare them with `EvidenceLog`.
/// Warning: identifiers are public for ever. A person's identifier must say nothing about the person.
///
/// Kinds: 1 park, 2 enterprise, 3 device, 4 verifier, 5 regulator, 6 person.
///
/// Restricted calls are the registrar's (`AccessManagedUnauthorized` for others). Each consumes its `opId`, so that a
/// call sent twice takes effect once: the second reverts with `OpAlreadyApplied`.
interface IIdentifierRegistry is IKeyBook, IKeyRecovery {
    // solhint-disable gas-struct-packing

    /// @notice A new identifier and its first key.
    /// @param identifier 1 to 255 bytes of UTF-8, e.g. `88.608.5288/META_x`. Warning: that it is UTF-8 is not checked.
    /// @param kind 1 to 6.
    /// @param parent Account id of the identifier this one belongs to, 0 for none. A device's parent is a registered
    /// enterprise or park; other parents are not looked up.
    /// @param group keccak256 of the UTF-8 of the group of companies, 0 for none.
    /// @param key The key.
    struct Enrolment {
        string identifier;
        uint8 kind;
        bytes32 parent;
        bytes32 group;
        KeyGrant key;
    }

    /// @notice What is known of an identifier; `kind` 0: nothing.
    struct Account {
        uint8 kind;
        bytes32 parent;
        bytes32 group;
    }

    /// @notice A new identifier; keccak256 of its bytes is `accountId`.
    event IdentifierRegistered(
        bytes32 indexed accountId, string identifier, uint8 kind, bytes32 indexed parent, bytes32 indexed group
    );

    /// @notice The manager of roles must be a contract.
    error AuthorityWithoutCode(address authority);
    /// @notice An identifier has 1 to 255 bytes.
    error IdentifierLengthInvalid(uint256 length);
    /// @notice There is no such kind.
    error KindInvalid(uint8 kind);
    /// @notice The identifier is registered: its keys change by its own consent or by recovery.
    error IdentifierKnown(bytes32 accountId);
    /// @notice No such identifier.
    error IdentifierUnknown(bytes32 accountId);
    /// @notice A device's parent is a registered enterprise or park; `kind` is what is registered there, 0 for nothing.
    error DeviceParentInvalid(bytes32 accountId, bytes32 parent, uint8 kind);

    /// @notice Registers an identifier with its first key. Restricted.
    function enrol(bytes32 opId, Enrolment calldata enrolment) external;

    /// @notice One more key. Restricted.
    /// @param consent Over EIP-712 `KeyConsent(bytes32 accountId,bytes32 thumbprint,uint8 purposes)` by an active ES256K
    /// key of the account, where the new key is ES256K and `needsConsent`; else two zero words.
    function addKey(bytes32 opId, bytes32 accountId, KeyGrant calldata grant, Cosignature calldata consent) external;

    /// @notice A key in the place of an active one of the same purposes, which ends at `grant.logIndex`. Restricted.
    /// @param consent As for `addKey`, and always where the replaced key is ES256K.
    function rotate(bytes32 opId, bytes32 replaces, KeyGrant calldata grant, Cosignature calldata consent) external;

    /// @notice Ends a key from log position `revokedIndex` on. Restricted. Nothing is deleted, and it is final.
    function revoke(bytes32 opId, bytes32 thumbprint, uint64 revokedIndex) external;

    /// @notice Flags what a key signed from `invalidSince` on, by the log entry at `declaredIndex`, where the key ends if
    /// it had not ended. Restricted. A later call may only flag more.
    function declareCompromised(bytes32 opId, bytes32 thumbprint, uint64 invalidSince, uint64 declaredIndex) external;

    /// @notice Two persons propose a key in the place of `replaces`, active or not, with the same purposes. Restricted.
    /// @param reasonHash keccak256 of the reason's UTF-8.
    /// @param approvals Each over EIP-712
    /// `KeyRecovery(bytes32 accountId,bytes32 replaces,bytes32 thumbprint,uint8 purposes,bytes32 reasonHash)` by an active
    /// ES256K key with purpose administration, of a person whose parent is a park, verifier or regulator; two parents.
    function proposeRecovery(
        bytes32 opId,
        bytes32 replaces,
        KeyGrant calldata grant,
        bytes32 reasonHash,
        Cosignature[2] calldata approvals
    ) external;

    /// @notice Withdraws a proposal, on the holder's veto in the log; does no harm after a veto here. Restricted.
    function cancelRecovery(bytes32 opId, bytes32 thumbprint) external;

    /// @notice After the delay the proposed key speaks for the account from log position `logIndex` on, and the replaced
    /// one ends there, if it had not ended. Restricted.
    /// @param publicKey The proposed key, as in its proposal.
    /// @param leafHash Leaf hash of the log's entry that completes the recovery.
    function completeRecovery(
        bytes32 opId,
        bytes32 thumbprint,
        bytes calldata publicKey,
        bytes32 leafHash,
        uint64 logIndex
    ) external;

    /// @notice What is known of an account id; `kind` 0: nothing.
    function identifierOf(bytes32 accountId) external view returns (Account memory);

    /// @notice keccak256 of the identifier's UTF-8.
    function accountIdOf(string calldata identifier) external pure returns (bytes32);
}
