// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {AccountKind} from "../libraries/AccountKind.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {TwoPersons} from "./TwoPersons.sol";

/// @title Keys and accounts, looked up in another contract; see ISpeakers.
abstract contract Speakers is ISpeakers, TwoPersons {
    using CompactSignature for bytes32;

    uint8 private constant _ASSET = 4;

    IIdentifierRegistry private immutable _identifiers;

    /// @param identifiers Where accounts and keys are looked up.
    constructor(IIdentifierRegistry identifiers) {
        if (address(identifiers).code.length == 0) revert IdentifiersWithoutCode(address(identifiers));
        _identifiers = identifiers;
    }

    /// @inheritdoc ISpeakers
    function identifierRegistry() external view returns (address) {
        return address(_identifiers);
    }

    /// @dev Reverts unless the account's holder signed the message under this contract's domain, for a block as early as
    /// this one.
    function _checkHolder(bytes32 account, bytes32 structHash, uint64 deadline, Cosignature calldata signature)
        internal
        view
        returns (address signer)
    {
        // Holders choose deadlines of minutes and more: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (block.timestamp >= deadline) revert IntentExpired(deadline);
        signer = _typedDigest(structHash).recover(signature);
        (bytes32 accountId, uint8 purposes) = _speakerOf(signer);
        // A key that nobody has speaks for the account id zero, which nobody has either: it has no purpose.
        if (accountId != account || purposes & _ASSET == 0) revert HolderSignatureInvalid(account, signer);
    }

    function _kindOf(bytes32 account) internal view returns (uint8 kind) {
        (kind,) = _kindAndParentOf(account);
    }

    /// @dev Enterprises and parks hold assets; nobody else does (DOMAIN 8).
    function _requireHolderKind(bytes32 account) internal view {
        uint8 kind = _kindOf(account);
        if (!AccountKind.emits(kind)) revert KindInvalid(account, kind);
    }

    function _speakerOf(address evmAddress) internal view override returns (bytes32 accountId, uint8 purposes) {
        IKeyBook.Key memory key = _identifiers.keyOf(_identifiers.thumbprintOf(evmAddress));
        return key.revokedAt == 0 ? (key.accountId, key.purposes) : (bytes32(0), uint8(0));
    }

    function _kindAndParentOf(bytes32 accountId) internal view override returns (uint8 kind, bytes32 parent) {
        // For each row of an allocation too: the registry is the deployment's own, and answers whatever it is asked.
        // slither-disable-next-line calls-loop
        IIdentifierRegistry.Account memory account = _identifiers.identifierOf(accountId);
        return (account.kind, account.parent);
    }
}
