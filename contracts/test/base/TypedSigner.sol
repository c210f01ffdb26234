// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Cosignature} from "../../libraries/CompactSignature.sol";
import {TestBase} from "./TestBase.sol";

/// @title EIP-712 signatures for one deployment, or for another.
abstract contract TypedSigner is TestBase {
    bytes32 internal constant DEPLOYMENT_ID = keccak256("one deployment");

    /// @dev The separator written out, so that the contract's own is not taken for granted.
    function _separator(address target, bytes32 salt) internal view returns (bytes32) {
        bytes32 kind = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
        );
        return keccak256(abi.encode(kind, keccak256("Tanlu"), keccak256("1"), block.chainid, target, salt));
    }

    /// @dev For the domain of any contract or deployment.
    function _typed(bytes32 structHash, address target, bytes32 salt) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", _separator(target, salt), structHash));
    }

    function _sign(uint256 key, bytes32 structHash, address target, bytes32 salt)
        internal
        view
        returns (Cosignature memory)
    {
        (bytes32 r, bytes32 vs) = vm.signCompact(key, _typed(structHash, target, salt));
        return Cosignature(r, vs);
    }

    /// @dev Whom this signature names for another message than the one it was made for.
    function _signer(bytes32 digest, Cosignature memory signature) internal pure returns (address) {
        uint8 v = 27 + uint8(uint256(signature.vs) >> 255);
        return ecrecover(digest, v, signature.r, bytes32((uint256(signature.vs) << 1) >> 1));
    }
}
