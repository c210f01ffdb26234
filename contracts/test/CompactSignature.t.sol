// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {TypedSigner} from "./base/TypedSigner.sol";

/// @title A signature names its key, whoever chose the nonce: Forge (RFC 6979), or the tests' own signer.
contract CompactSignatureTest is TypedSigner {
    function testFuzz_aSignatureNamesItsKeyWhateverTheNonce(uint256 key, bytes32 digest, bool own) external view {
        key = bound(key, 1, type(uint128).max);
        Cosignature memory signature = own ? _signDigest(key, digest) : _signedByForge(key, digest);
        assertEq(this.recover(digest, signature), vm.addr(key));
    }

    /// @dev The library reads call data.
    function recover(bytes32 digest, Cosignature calldata signature) external pure returns (address) {
        return CompactSignature.recover(digest, signature);
    }

    function _signedByForge(uint256 key, bytes32 digest) private pure returns (Cosignature memory) {
        (bytes32 r, bytes32 vs) = vm.signCompact(key, digest);
        return Cosignature(r, vs);
    }
}
