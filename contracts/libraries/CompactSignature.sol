// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice An EIP-2098 signature: `vs` is s with the parity of the recovered point in its highest bit.
struct Cosignature {
    bytes32 r;
    bytes32 vs;
}

/// @title Recovery of the signer of a compact signature, with a refusal for everything that names no signer.
library CompactSignature {
    /// @notice `s` is in the upper half of the group order: the same signature has a second form (EIP-2).
    error SignatureNotLow(bytes32 s);

    /// @notice ecrecover names no signer for this pair.
    error SignatureInvalid(bytes32 r, bytes32 vs);

    /// @notice The address whose key signed `digest`. Never zero.
    function recover(bytes32 digest, Cosignature calldata signature) internal pure returns (address signer) {
        ECDSA.RecoverError problem;
        bytes32 detail;
        (signer, problem, detail) = ECDSA.tryRecover(digest, signature.r, signature.vs);
        if (problem == ECDSA.RecoverError.InvalidSignatureS) revert SignatureNotLow(detail);
        if (problem != ECDSA.RecoverError.NoError) revert SignatureInvalid(signature.r, signature.vs);
    }
}
