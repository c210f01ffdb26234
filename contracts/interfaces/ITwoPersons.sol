// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title What two persons of two bodies decide together: each signs the same message.
/// @notice A person approves with an active ES256K key with purpose administration; the body is the person's parent, a
/// park, verifier or regulator.
/// Warning: bodies and their persons are as the registrar enrolled them.
interface ITwoPersons {
    /// @notice An approval is by an active ES256K key with purpose administration, of a person of a park, verifier or
    /// regulator.
    error ApproverInvalid(address signer);
    /// @notice The two persons are of one body.
    error ApproversOfOneBody(bytes32 body);
}
