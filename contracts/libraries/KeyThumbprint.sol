// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";

/// @title RFC 7638 thumbprints: SHA-256 of a key's JWK with its required members only, in lexicographic order.
// JSON is full of double quotes.
// solhint-disable quotes
library KeyThumbprint {
    /// @notice RFC 8037, section 2: members crv, kty, x. `publicKey` has 32 bytes.
    function ed25519(bytes calldata publicKey) internal pure returns (bytes32) {
        return sha256(abi.encodePacked('{"crv":"Ed25519","kty":"OKP","x":"', Base64.encodeURL(publicKey), '"}'));
    }

    /// @notice RFC 8812, section 3.1: members crv, kty, x, y. `publicKey` has 64 bytes, x then y.
    function secp256k1(bytes calldata publicKey) internal pure returns (bytes32) {
        return _ec("secp256k1", publicKey);
    }

    /// @notice RFC 7518, section 6.2.1: members crv, kty, x, y. `publicKey` has 64 bytes, x then y.
    function p256(bytes calldata publicKey) internal pure returns (bytes32) {
        return _ec("P-256", publicKey);
    }

    function _ec(string memory curve, bytes calldata publicKey) private pure returns (bytes32) {
        return sha256(
            abi.encodePacked(
                '{"crv":"',
                curve,
                '","kty":"EC","x":"',
                Base64.encodeURL(publicKey[:32]),
                '","y":"',
                Base64.encodeURL(publicKey[32:]),
                '"}'
            )
        );
    }
}
