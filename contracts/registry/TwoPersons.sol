// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ITwoPersons} from "../interfaces/ITwoPersons.sol";
import {AccountKind} from "../libraries/AccountKind.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {TypedDomain} from "../libraries/TypedDomain.sol";

/// @title Approvals by two persons of two bodies; see ITwoPersons. Where keys and accounts are looked up is decided by
/// the contract that inherits this.
abstract contract TwoPersons is ITwoPersons, TypedDomain {
    using CompactSignature for bytes32;

    uint8 private constant _ADMINISTRATION = 8;

    /// @dev Reverts unless both approve the message under this contract's domain, in any order.
    function _checkApprovals(bytes32 structHash, Cosignature[2] calldata approvals)
        internal
        view
        returns (address[2] memory approvers)
    {
        bytes32 digest = _typedDigest(structHash);
        bytes32 firstBody;
        bytes32 secondBody;
        (approvers[0], firstBody) = _approver(digest, approvals[0]);
        (approvers[1], secondBody) = _approver(digest, approvals[1]);
        // Two persons of two bodies are two persons. Slither takes a body for a time, because keys hold times.
        // slither-disable-next-line incorrect-equality
        if (firstBody == secondBody) revert ApproversOfOneBody(firstBody);
    }

    /// @dev Whom the active ES256K key with this address speaks for, and its purposes; zeros for none.
    function _speakerOf(address evmAddress) internal view virtual returns (bytes32 accountId, uint8 purposes);

    /// @dev What is known of an account; kind 0: nothing.
    function _kindAndParentOf(bytes32 accountId) internal view virtual returns (uint8 kind, bytes32 parent);

    function _approver(bytes32 digest, Cosignature calldata approval)
        private
        view
        returns (address signer, bytes32 body)
    {
        signer = digest.recover(approval);
        (bytes32 personId, uint8 purposes) = _speakerOf(signer);
        body = _bodyOf(personId);
        if (body == 0 || purposes & _ADMINISTRATION == 0) revert ApproverInvalid(signer);
    }

    /// @dev The account id of the park, verifier or regulator that this account is a person of, 0 if it is not.
    function _bodyOf(bytes32 personId) private view returns (bytes32) {
        (uint8 kind, bytes32 parent) = _kindAndParentOf(personId);
        if (kind != AccountKind.PERSON) return 0;
        (uint8 parentKind,) = _kindAndParentOf(parent);
        return AccountKind.sendsApprovers(parentKind) ? parent : bytes32(0);
    }
}
