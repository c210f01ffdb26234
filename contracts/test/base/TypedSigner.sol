// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Cosignature} from "../../libraries/CompactSignature.sol";
import {TestBase} from "./TestBase.sol";

/// @title EIP-712 signatures for one deployment, or for another.
abstract contract TypedSigner is TestBase {
    bytes32 internal constant DEPLOYMENT_ID = keccak256("one deployment");
    /// @dev Order of the group of secp256k1, and x of its generator, whose y is even (SEC 2, 2.4.1).
    uint256 private constant _ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant _GENERATOR_X = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798;

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
        return _signDigest(key, _typed(structHash, target, salt));
    }

    /// @dev ECDSA with the nonce 1, whose point is the generator: good to whoever verifies, and two multiplications
    /// where `vm.signCompact` takes as long as all the rest of a fuzzed run. It gives the key away; these keep nothing.
    function _signDigest(uint256 key, bytes32 digest) internal pure returns (Cosignature memory) {
        uint256 s = addmod(uint256(digest), mulmod(_GENERATOR_X, key, _ORDER), _ORDER);
        bool high = s > _ORDER / 2;
        return Cosignature(bytes32(_GENERATOR_X), bytes32(high ? (_ORDER - s) | (1 << 255) : s));
    }

    /// @dev Whom this signature names for another message than the one it was made for.
    function _signer(bytes32 digest, Cosignature memory signature) internal pure returns (address) {
        uint8 v = 27 + uint8(uint256(signature.vs) >> 255);
        return ecrecover(digest, v, signature.r, bytes32((uint256(signature.vs) << 1) >> 1));
    }
}
