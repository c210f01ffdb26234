// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title The EIP-712 domain of one deployment: name Tanlu, version 1, chain id, contract, salt = deployment id.
/// @notice A signature for one deployment is worth nothing in another, whatever chain id and address they share
/// (development chains share both).
abstract contract TypedDomain is IERC5267 {
    bytes32 private constant _DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)");
    string private constant _NAME = "Tanlu";
    string private constant _VERSION = "1";

    bytes32 private immutable _deploymentId;
    uint256 private immutable _cachedChainId;
    bytes32 private immutable _cachedSeparator;

    /// @notice A deployment id is 32 random bytes; zero is none.
    error DeploymentIdZero();

    constructor(bytes32 deploymentId_) {
        if (deploymentId_ == 0) revert DeploymentIdZero();
        _deploymentId = deploymentId_;
        _cachedChainId = block.chainid;
        _cachedSeparator = _separator(deploymentId_);
    }

    /// @notice The random id of this deployment: the salt of the domain and part of the log's origin.
    function deploymentId() external view returns (bytes32) {
        return _deploymentId;
    }

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory)
    {
        return (hex"1f", _NAME, _VERSION, block.chainid, address(this), _deploymentId, new uint256[](0));
    }

    /// @notice The separator for the chain this runs on now. It is computed anew where the chain id changed since
    /// deployment, so that both sides of a fork do not accept the same signature.
    function domainSeparator() public view returns (bytes32) {
        return block.chainid == _cachedChainId ? _cachedSeparator : _separator(_deploymentId);
    }

    function _typedDigest(bytes32 structHash) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domainSeparator(), structHash);
    }

    function _separator(bytes32 salt) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                _DOMAIN_TYPEHASH,
                keccak256(bytes(_NAME)),
                keccak256(bytes(_VERSION)),
                block.chainid,
                address(this),
                salt
            )
        );
    }
}
