// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {TestBase} from "./TestBase.sol";

/// @title The exchange as it is deployed: its committed artifact, which has compiler settings of its own.
abstract contract ExchangeArtifact is TestBase {
    function _createExchange(bytes memory arguments) internal returns (address created) {
        string memory artifact = vm.readFile("ledger/chain/artifacts/Exchange.json");
        bytes memory code = bytes.concat(vm.parseJsonBytes(artifact, ".bytecode"), arguments);
        bytes memory returned;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
            if iszero(created) {
                returned := mload(0x40)
                mstore(0x40, add(returned, add(returndatasize(), 0x20)))
                mstore(returned, returndatasize())
                returndatacopy(add(returned, 0x20), 0, returndatasize())
            }
        }
        if (created == address(0)) revert RefusedOtherwise(returned, 0);
    }
}
