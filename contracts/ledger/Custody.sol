// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICustody} from "../interfaces/ICustody.sol";
import {AssetId} from "../libraries/AssetId.sol";
import {Freezes} from "./Freezes.sol";

/// @title Units in custody of the contract that calls; see ICustody. Who may call is decided by the contract that inherits
/// this.
abstract contract Custody is Freezes, ICustody {
    function _takeCustody(bytes32 account, AssetId asset, uint64 tonnes) internal {
        _requireUnsuspended(account);
        bytes32 custodian = _custodian();
        _move(account, custodian, asset, tonnes);
        emit CustodyTaken(account, asset, custodian, tonnes);
    }

    function _giveBack(bytes32 account, AssetId asset, uint64 tonnes) internal {
        bytes32 custodian = _custodian();
        _moveOut(custodian, account, asset, tonnes);
        emit CustodyGiven(account, asset, custodian, tonnes);
    }

    function _custodian() private view returns (bytes32) {
        return bytes32(uint256(uint160(msg.sender)));
    }
}
