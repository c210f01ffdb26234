// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IIdentifierRegistry} from "./interfaces/IIdentifierRegistry.sol";
import {CompactSignature} from "./libraries/CompactSignature.sol";
import {KeyThumbprint} from "./libraries/KeyThumbprint.sol";
import {TypedDomain} from "./libraries/TypedDomain.sol";

/// @title Identifiers and their keys; see IIdentifierRegistry.
contract IdentifierRegistry is IIdentifierRegistry, TypedDomain, AccessManaged {
    using CompactSignature for bytes32;

    bytes32 private constant _POSSESSION_TYPEHASH =
        keccak256("KeyPossession(bytes32 accountId,bytes32 thumbprint,uint8 purposes)");
    uint256 private constant _MAX_IDENTIFIER_BYTES = 255;
    uint8 private constant _LAST_KIND = 6;
    uint8 private constant _KIND_PARK = 1;
    uint8 private constant _KIND_ENTERPRISE = 2;
    uint8 private constant _KIND_DEVICE = 3;
    uint8 private constant _ALL_PURPOSES = 15;
    uint8 private constant _ED25519 = 1;
    uint8 private constant _ES256K = 2;
    uint8 private constant _ES256 = 3;

    mapping(bytes32 accountId => Account account) private _accounts;
    mapping(bytes32 thumbprint => Key key) private _keys;
    mapping(address evmAddress => bytes32 thumbprint) private _thumbprints;
    mapping(bytes32 opId => bool used) private _opUsed;

    /// @param authority AccessManager that rules the restricted calls.
    /// @param deploymentId_ Random, not zero: salt of the EIP-712 domain.
    constructor(address authority, bytes32 deploymentId_) TypedDomain(deploymentId_) AccessManaged(authority) {
        if (authority.code.length == 0) revert AuthorityWithoutCode(authority);
    }

    /// @inheritdoc IIdentifierRegistry
    function enrol(bytes32 opId, Enrolment calldata enrolment) external restricted {
        _consume(opId);
        bytes32 accountId = _register(enrolment);
        _addKey(opId, accountId, enrolment);
    }

    /// @inheritdoc IIdentifierRegistry
    function revoke(bytes32 opId, bytes32 thumbprint, uint64 revokedIndex) external restricted {
        _consume(opId);
        Key storage key = _keys[thumbprint];
        if (key.accountId == 0) revert KeyUnknown(thumbprint);
        if (key.revokedAt != 0) revert KeyAlreadyRevoked(thumbprint, key.revokedAt);
        if (revokedIndex <= key.logIndex) revert RevocationIndexInvalid(revokedIndex, key.logIndex);
        key.revokedAt = uint64(block.timestamp);
        key.revokedIndex = revokedIndex;
        emit KeyRevoked(key.accountId, thumbprint, opId, revokedIndex);
    }

    /// @inheritdoc IIdentifierRegistry
    function identifierOf(bytes32 accountId) external view returns (Account memory) {
        return _accounts[accountId];
    }

    /// @inheritdoc IIdentifierRegistry
    function keyOf(bytes32 thumbprint) external view returns (Key memory) {
        return _keys[thumbprint];
    }

    /// @inheritdoc IIdentifierRegistry
    function thumbprintOf(address evmAddress) external view returns (bytes32) {
        return _thumbprints[evmAddress];
    }

    /// @inheritdoc IIdentifierRegistry
    function isActive(bytes32 thumbprint) external view returns (bool) {
        Key storage key = _keys[thumbprint];
        return key.accountId != 0 && key.revokedAt == 0;
    }

    /// @inheritdoc IIdentifierRegistry
    function opUsed(bytes32 opId) external view returns (bool) {
        return _opUsed[opId];
    }

    /// @inheritdoc IIdentifierRegistry
    function accountIdOf(string calldata identifier) external pure returns (bytes32) {
        return keccak256(bytes(identifier));
    }

    /// @inheritdoc IIdentifierRegistry
    function computeThumbprint(uint8 algorithm, bytes calldata publicKey) external pure returns (bytes32) {
        return _thumbprint(algorithm, publicKey);
    }

    function _consume(bytes32 opId) private {
        if (opId == 0) revert OpIdZero();
        if (_opUsed[opId]) revert OpAlreadyApplied(opId);
        _opUsed[opId] = true;
    }

    /// @dev An identifier keeps the kind, parent and group it was registered with, whoever adds keys to it.
    function _register(Enrolment calldata enrolment) private returns (bytes32 accountId) {
        uint256 length = bytes(enrolment.identifier).length;
        if (length == 0 || length > _MAX_IDENTIFIER_BYTES) revert IdentifierLengthInvalid(length);
        if (enrolment.kind == 0 || enrolment.kind > _LAST_KIND) revert KindInvalid(enrolment.kind);
        accountId = keccak256(bytes(enrolment.identifier));
        Account storage account = _accounts[accountId];
        if (account.kind != 0) {
            bool same = account.kind == enrolment.kind && account.parent == enrolment.parent
                && account.group == enrolment.group;
            if (!same) revert IdentifierDiffers(accountId, account.kind, account.parent, account.group);
            return accountId;
        }
        if (enrolment.kind == _KIND_DEVICE) {
            uint8 parentKind = _accounts[enrolment.parent].kind;
            if (parentKind != _KIND_ENTERPRISE && parentKind != _KIND_PARK) {
                revert DeviceParentInvalid(accountId, enrolment.parent, parentKind);
            }
        }
        account.kind = enrolment.kind;
        account.parent = enrolment.parent;
        account.group = enrolment.group;
        emit IdentifierRegistered(accountId, enrolment.identifier, enrolment.kind, enrolment.parent, enrolment.group);
    }

    function _addKey(bytes32 opId, bytes32 accountId, Enrolment calldata enrolment) private {
        if (enrolment.purposes == 0 || enrolment.purposes > _ALL_PURPOSES) revert PurposesInvalid(enrolment.purposes);
        if (enrolment.leafHash == 0) revert LeafHashZero();
        bytes32 thumbprint = _thumbprint(enrolment.algorithm, enrolment.publicKey);
        Key storage key = _keys[thumbprint];
        if (key.accountId != 0) revert KeyAlreadyEnrolled(thumbprint, key.accountId);
        address evmAddress = _checkPossession(accountId, thumbprint, enrolment);
        key.accountId = accountId;
        key.leafHash = enrolment.leafHash;
        key.evmAddress = evmAddress;
        key.algorithm = enrolment.algorithm;
        key.purposes = enrolment.purposes;
        key.logIndex = enrolment.logIndex;
        key.enrolledAt = uint64(block.timestamp);
        if (evmAddress != address(0)) _thumbprints[evmAddress] = thumbprint;
        emit KeyEnrolled(
            accountId,
            thumbprint,
            opId,
            enrolment.algorithm,
            enrolment.purposes,
            enrolment.publicKey,
            evmAddress,
            enrolment.leafHash,
            enrolment.logIndex
        );
    }

    /// @dev Recovery to the address of (x, y) also proves that (x, y) is a point of the curve.
    function _checkPossession(bytes32 accountId, bytes32 thumbprint, Enrolment calldata enrolment)
        private
        view
        returns (address evmAddress)
    {
        if (enrolment.algorithm != _ES256K) {
            if (enrolment.possession.r != 0 || enrolment.possession.vs != 0) {
                revert PossessionUnexpected(enrolment.possession.r, enrolment.possession.vs);
            }
            return address(0);
        }
        evmAddress = address(uint160(uint256(keccak256(enrolment.publicKey))));
        bytes32 structHash = keccak256(abi.encode(_POSSESSION_TYPEHASH, accountId, thumbprint, enrolment.purposes));
        address signer = _typedDigest(structHash).recover(enrolment.possession);
        if (signer != evmAddress) revert PossessionInvalid(signer, evmAddress);
    }

    function _thumbprint(uint8 algorithm, bytes calldata publicKey) private pure returns (bytes32) {
        if (algorithm == _ED25519) {
            if (publicKey.length != 32) revert PublicKeyLengthInvalid(algorithm, publicKey.length);
            return KeyThumbprint.ed25519(publicKey);
        }
        if (algorithm == _ES256K) {
            if (publicKey.length != 64) revert PublicKeyLengthInvalid(algorithm, publicKey.length);
            return KeyThumbprint.secp256k1(publicKey);
        }
        if (algorithm == _ES256) {
            if (publicKey.length != 64) revert PublicKeyLengthInvalid(algorithm, publicKey.length);
            return KeyThumbprint.p256(publicKey);
        }
        revert AlgorithmInvalid(algorithm);
    }
}
