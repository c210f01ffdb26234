// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IHolders} from "../interfaces/IHolders.sol";
import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {KeyThumbprint} from "../libraries/KeyThumbprint.sol";
import {TypedDomain} from "../libraries/TypedDomain.sol";
import {Operations} from "./Operations.sol";

/// @title Keys by thumbprint; see IKeyBook. Who may call is decided by the contract that inherits this.
abstract contract KeyBook is IKeyBook, IHolders, Operations, TypedDomain {
    using CompactSignature for bytes32;

    uint8 internal constant ED25519 = 1;
    uint8 internal constant ES256K = 2;
    uint8 internal constant ES256 = 3;

    bytes32 private constant _POSSESSION_TYPEHASH =
        keccak256("KeyPossession(bytes32 accountId,bytes32 thumbprint,uint8 purposes)");
    bytes32 private constant _CONSENT_TYPEHASH =
        keccak256("KeyConsent(bytes32 accountId,bytes32 thumbprint,uint8 purposes)");
    uint8 private constant _ASSET = 4;
    uint8 private constant _ALL_PURPOSES = 15;

    mapping(bytes32 thumbprint => Key key) private _keys;
    mapping(address evmAddress => bytes32 thumbprint) private _thumbprints;
    mapping(bytes32 accountId => bool had) private _hadEvmKey;
    /// @dev Apart from the keys: who settles a trade reads one slot for each signature.
    mapping(address evmAddress => bytes32 accountId) private _holders;

    /// @inheritdoc IKeyBook
    function keyOf(bytes32 thumbprint) external view returns (Key memory) {
        return _keys[thumbprint];
    }

    /// @inheritdoc IKeyBook
    function thumbprintOf(address evmAddress) external view returns (bytes32) {
        return _thumbprints[evmAddress];
    }

    /// @inheritdoc IHolders
    function holderOf(address evmAddress) external view returns (bytes32) {
        return _holders[evmAddress];
    }

    /// @inheritdoc IKeyBook
    function isActive(bytes32 thumbprint) external view returns (bool) {
        Key storage key = _keys[thumbprint];
        return key.accountId != 0 && key.revokedAt == 0;
    }

    /// @inheritdoc IKeyBook
    function needsConsent(bytes32 accountId) external view returns (bool) {
        return _hadEvmKey[accountId];
    }

    /// @inheritdoc IKeyBook
    function computeThumbprint(uint8 algorithm, bytes calldata publicKey) external pure returns (bytes32) {
        return _thumbprint(algorithm, publicKey);
    }

    /// @dev Checks the newcomer and its possession; changes nothing.
    function _examine(bytes32 accountId, KeyGrant calldata grant)
        internal
        view
        returns (bytes32 thumbprint, address evmAddress)
    {
        if (grant.purposes == 0 || grant.purposes > _ALL_PURPOSES) revert PurposesInvalid(grant.purposes);
        if (grant.leafHash == 0) revert LeafHashZero();
        thumbprint = _thumbprint(grant.algorithm, grant.publicKey);
        Key storage known = _keys[thumbprint];
        if (known.accountId != 0) revert KeyAlreadyEnrolled(thumbprint, known.accountId);
        evmAddress = _checkPossession(accountId, thumbprint, grant);
    }

    /// @dev A key that was examined before speaks from `entry.logIndex` on.
    function _enter(bytes32 opId, bytes32 thumbprint, Key memory entry, bytes calldata publicKey) internal {
        entry.enrolledAt = uint64(block.timestamp);
        _keys[thumbprint] = entry;
        // Slither takes all of a key for a time, because it holds one.
        // slither-disable-next-line timestamp
        if (entry.evmAddress != address(0)) {
            _thumbprints[entry.evmAddress] = thumbprint;
            _hadEvmKey[entry.accountId] = true;
            if (entry.purposes & _ASSET != 0) _holders[entry.evmAddress] = entry.accountId;
        }
        emit KeyEnrolled(
            entry.accountId,
            thumbprint,
            opId,
            entry.algorithm,
            entry.purposes,
            publicKey,
            entry.evmAddress,
            entry.leafHash,
            entry.logIndex
        );
    }

    /// @dev Examines a key that no recovery proposed, and enters it.
    function _admit(bytes32 opId, bytes32 accountId, KeyGrant calldata grant) internal returns (bytes32 thumbprint) {
        address evmAddress;
        (thumbprint, evmAddress) = _examine(accountId, grant);
        _requireNotProposed(thumbprint);
        // Memory begins as zeros, and so many members at once are too many for the stack.
        // slither-disable-next-line uninitialized-local
        Key memory entry;
        entry.accountId = accountId;
        entry.leafHash = grant.leafHash;
        entry.evmAddress = evmAddress;
        entry.algorithm = grant.algorithm;
        entry.purposes = grant.purposes;
        entry.logIndex = grant.logIndex;
        _enter(opId, thumbprint, entry, grant.publicKey);
    }

    /// @dev Asked before the newcomer is entered: it cannot consent to itself.
    function _checkConsent(
        bytes32 accountId,
        KeyGrant calldata grant,
        bool replacesEvmKey,
        Cosignature calldata consent
    ) internal view {
        bool needed = replacesEvmKey || (grant.algorithm == ES256K && _hadEvmKey[accountId]);
        if (!needed) {
            if (consent.r != 0 || consent.vs != 0) revert ConsentUnexpected(consent.r, consent.vs);
            return;
        }
        bytes32 thumbprint = _thumbprint(grant.algorithm, grant.publicKey);
        bytes32 structHash = keccak256(abi.encode(_CONSENT_TYPEHASH, accountId, thumbprint, grant.purposes));
        address signer = _typedDigest(structHash).recover(consent);
        if (!_speaksFor(accountId, signer)) revert ConsentInvalid(accountId, signer);
    }

    function _end(bytes32 opId, bytes32 thumbprint, uint64 revokedIndex) internal {
        Key storage key = _known(thumbprint);
        if (key.revokedAt != 0) revert KeyAlreadyRevoked(thumbprint, key.revokedAt);
        if (revokedIndex <= key.logIndex) revert RevocationIndexInvalid(revokedIndex, key.logIndex);
        key.revokedAt = uint64(block.timestamp);
        key.revokedIndex = revokedIndex;
        // Slither takes all of a key for a time, because it holds one.
        // slither-disable-next-line timestamp
        if (key.purposes & _ASSET != 0) delete _holders[key.evmAddress];
        emit KeyRevoked(key.accountId, thumbprint, opId, revokedIndex);
    }

    function _flag(bytes32 opId, bytes32 thumbprint, uint64 invalidSince, uint64 declaredIndex) internal {
        Key storage key = _known(thumbprint);
        // A key that a compromised one brought is invalid from its own entry on, which itself is not its word.
        if (invalidSince == 0 || invalidSince < key.logIndex || invalidSince > declaredIndex) {
            revert InvalidSinceOutOfRange(invalidSince, key.logIndex, declaredIndex);
        }
        if (key.invalidSince != 0 && key.invalidSince <= invalidSince) {
            revert CompromiseNotEarlier(thumbprint, key.invalidSince);
        }
        if (key.revokedAt == 0) _end(opId, thumbprint, declaredIndex);
        key.invalidSince = invalidSince;
        emit KeyCompromised(key.accountId, thumbprint, opId, invalidSince, declaredIndex);
    }

    function _known(bytes32 thumbprint) internal view returns (Key storage key) {
        key = _keys[thumbprint];
        if (key.accountId == 0) revert KeyUnknown(thumbprint);
    }

    /// @dev The active ES256K key with this address; `accountId` 0 for none.
    function _activeKey(address evmAddress) internal view returns (Key memory key) {
        Key storage found = _keys[_thumbprints[evmAddress]];
        if (found.revokedAt == 0) key = found;
    }

    function _speaksFor(bytes32 accountId, address evmAddress) internal view returns (bool) {
        return accountId != 0 && _activeKey(evmAddress).accountId == accountId;
    }

    /// @dev Recovery to the address of (x, y) also proves that (x, y) is a point of the curve.
    function _checkPossession(bytes32 accountId, bytes32 thumbprint, KeyGrant calldata grant)
        private
        view
        returns (address evmAddress)
    {
        if (grant.algorithm != ES256K) {
            if (grant.possession.r != 0 || grant.possession.vs != 0) {
                revert PossessionUnexpected(grant.possession.r, grant.possession.vs);
            }
            return address(0);
        }
        evmAddress = address(uint160(uint256(keccak256(grant.publicKey))));
        bytes32 structHash = keccak256(abi.encode(_POSSESSION_TYPEHASH, accountId, thumbprint, grant.purposes));
        address signer = _typedDigest(structHash).recover(grant.possession);
        if (signer != evmAddress) revert PossessionInvalid(signer, evmAddress);
    }

    function _requireNotProposed(bytes32 thumbprint) internal view virtual;

    function _thumbprint(uint8 algorithm, bytes calldata publicKey) internal pure returns (bytes32) {
        if (algorithm == ED25519) {
            if (publicKey.length != 32) revert PublicKeyLengthInvalid(algorithm, publicKey.length);
            return KeyThumbprint.ed25519(publicKey);
        }
        if (algorithm == ES256K) {
            if (publicKey.length != 64) revert PublicKeyLengthInvalid(algorithm, publicKey.length);
            return KeyThumbprint.secp256k1(publicKey);
        }
        if (algorithm == ES256) {
            if (publicKey.length != 64) revert PublicKeyLengthInvalid(algorithm, publicKey.length);
            return KeyThumbprint.p256(publicKey);
        }
        revert AlgorithmInvalid(algorithm);
    }
}
