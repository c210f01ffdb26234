// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IIdentifierRegistry} from "./interfaces/IIdentifierRegistry.sol";
import {AccountKind} from "./libraries/AccountKind.sol";
import {Cosignature} from "./libraries/CompactSignature.sol";
import {TypedDomain} from "./libraries/TypedDomain.sol";
import {KeyRecovery} from "./registry/KeyRecovery.sol";

/// @title Identifiers and their keys; see IIdentifierRegistry.
contract IdentifierRegistry is IIdentifierRegistry, KeyRecovery, AccessManaged {
    uint256 private constant _MAX_IDENTIFIER_BYTES = 255;

    mapping(bytes32 accountId => Account account) private _accounts;

    /// @param authority AccessManager that rules the restricted calls.
    /// @param deploymentId_ Random, not zero: salt of the EIP-712 domain.
    /// @param recoveryDelay How long a holder can object to a recovery, in seconds; not zero.
    constructor(address authority, bytes32 deploymentId_, uint32 recoveryDelay)
        TypedDomain(deploymentId_)
        KeyRecovery(recoveryDelay)
        AccessManaged(authority)
    {
        if (authority.code.length == 0) revert AuthorityWithoutCode(authority);
    }

    /// @inheritdoc IIdentifierRegistry
    function enrol(bytes32 opId, Enrolment calldata enrolment) external restricted {
        _consume(opId);
        bytes32 accountId = _register(enrolment);
        _admit(opId, accountId, enrolment.key);
    }

    /// @inheritdoc IIdentifierRegistry
    function addKey(bytes32 opId, bytes32 accountId, KeyGrant calldata grant, Cosignature calldata consent)
        external
        restricted
    {
        _consume(opId);
        if (_accounts[accountId].kind == 0) revert IdentifierUnknown(accountId);
        _checkConsent(accountId, grant, false, consent);
        _admit(opId, accountId, grant);
    }

    /// @inheritdoc IIdentifierRegistry
    function rotate(bytes32 opId, bytes32 replaces, KeyGrant calldata grant, Cosignature calldata consent)
        external
        restricted
    {
        _consume(opId);
        Key memory replaced = _known(replaces);
        if (grant.purposes != replaced.purposes) revert PurposesDiffer(grant.purposes, replaced.purposes);
        _checkConsent(replaced.accountId, grant, replaced.algorithm == ES256K, consent);
        _admit(opId, replaced.accountId, grant);
        _end(opId, replaces, grant.logIndex);
    }

    /// @inheritdoc IIdentifierRegistry
    function revoke(bytes32 opId, bytes32 thumbprint, uint64 revokedIndex) external restricted {
        _consume(opId);
        _end(opId, thumbprint, revokedIndex);
    }

    /// @inheritdoc IIdentifierRegistry
    function declareCompromised(bytes32 opId, bytes32 thumbprint, uint64 invalidSince, uint64 declaredIndex)
        external
        restricted
    {
        _consume(opId);
        _flag(opId, thumbprint, invalidSince, declaredIndex);
    }

    /// @inheritdoc IIdentifierRegistry
    function proposeRecovery(
        bytes32 opId,
        bytes32 replaces,
        KeyGrant calldata grant,
        bytes32 reasonHash,
        Cosignature[2] calldata approvals
    ) external restricted {
        _consume(opId);
        _propose(opId, replaces, grant, reasonHash, approvals);
    }

    /// @inheritdoc IIdentifierRegistry
    function cancelRecovery(bytes32 opId, bytes32 thumbprint) external restricted {
        _consume(opId);
        _cancel(opId, thumbprint);
    }

    /// @inheritdoc IIdentifierRegistry
    function completeRecovery(
        bytes32 opId,
        bytes32 thumbprint,
        bytes calldata publicKey,
        bytes32 leafHash,
        uint64 logIndex
    ) external restricted {
        _consume(opId);
        _complete(opId, thumbprint, publicKey, leafHash, logIndex);
    }

    /// @inheritdoc IIdentifierRegistry
    function identifierOf(bytes32 accountId) external view returns (Account memory) {
        return _accounts[accountId];
    }

    /// @inheritdoc IIdentifierRegistry
    function accountIdOf(string calldata identifier) external pure returns (bytes32) {
        return keccak256(bytes(identifier));
    }

    function _register(Enrolment calldata enrolment) private returns (bytes32 accountId) {
        uint256 length = bytes(enrolment.identifier).length;
        if (length == 0 || length > _MAX_IDENTIFIER_BYTES) revert IdentifierLengthInvalid(length);
        if (enrolment.kind == 0 || enrolment.kind > AccountKind.PERSON) revert KindInvalid(enrolment.kind);
        accountId = keccak256(bytes(enrolment.identifier));
        Account storage account = _accounts[accountId];
        if (account.kind != 0) revert IdentifierKnown(accountId);
        if (enrolment.kind == AccountKind.DEVICE) {
            uint8 parentKind = _accounts[enrolment.parent].kind;
            if (!AccountKind.emits(parentKind)) {
                revert DeviceParentInvalid(accountId, enrolment.parent, parentKind);
            }
        }
        account.kind = enrolment.kind;
        account.parent = enrolment.parent;
        account.group = enrolment.group;
        emit IdentifierRegistered(accountId, enrolment.identifier, enrolment.kind, enrolment.parent, enrolment.group);
    }

    function _kindAndParentOf(bytes32 accountId) internal view override returns (uint8 kind, bytes32 parent) {
        Account storage account = _accounts[accountId];
        return (account.kind, account.parent);
    }
}
