// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";

/// @title Units that a contract keeps for their holders: the market's (DOMAIN 22).
/// @notice A custodian holds units as free ones of an account id of its own, `bytes32(uint256(uint160(custodian)))`. No
/// identifier has such an id (it would need a keccak256 hash that begins with twelve zero bytes). Whose they are is known
/// by the custodian; law 3 counts them like all others. Nobody else moves, freezes, surrenders or ends them: every other
/// call refuses such an account with `AccountInCustody`.
interface ICustody {
    /// @notice Free units of the account became the custodian's.
    event CustodyTaken(bytes32 indexed account, AssetId indexed asset, bytes32 indexed custodian, uint64 tonnes);

    /// @notice Units of the custodian became free ones of the account.
    event CustodyGiven(bytes32 indexed account, AssetId indexed asset, bytes32 indexed custodian, uint64 tonnes);

    /// @notice Takes free units of an account that is not suspended into the caller's custody. Role 3 only: the caller has
    /// the holder's word.
    function takeCustody(bytes32 account, AssetId asset, uint64 tonnes) external;

    /// @notice Gives units from the caller's custody to an account, suspended or not. Role 3 only.
    /// Warning: whose units they were is the caller's to know.
    function giveBack(bytes32 account, AssetId asset, uint64 tonnes) external;
}
