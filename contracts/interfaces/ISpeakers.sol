// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ITwoPersons} from "./ITwoPersons.sol";

/// @title Who speaks for an account: the holder of its asset key, or two persons, as IIdentifierRegistry knows them.
/// @notice A holder speaks by an active ES256K key of the account with purpose asset, over a message that names the
/// account and a deadline. Keys come and go; balances and duties stay with the account id.
///
/// Warning: whether a key is active is asked now, by the block that brings the message.
interface ISpeakers is ITwoPersons {
    /// @notice The registry of identifiers must be a contract.
    error IdentifiersWithoutCode(address identifiers);
    /// @notice The signature is not by an active ES256K key of the account with purpose asset.
    error HolderSignatureInvalid(bytes32 account, address signer);
    /// @notice The message was good until before `deadline` (Unix seconds).
    error IntentExpired(uint64 deadline);
    /// @notice Not for an account of this kind; `kind` is what is registered there, 0 for nothing.
    error KindInvalid(bytes32 account, uint8 kind);

    /// @notice The registry of identifiers and keys that signatures are judged by.
    function identifierRegistry() external view returns (address);
}
