// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IIdentifierRegistry} from "../../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../../interfaces/IKeyBook.sol";
import {IKeyRecovery} from "../../interfaces/IKeyRecovery.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {RegistryFixture} from "./RegistryFixture.sol";

/// @title A holder's key is lost, and another is to come in its place.
abstract contract RecoveryFixture is RegistryFixture {
    uint64 internal constant PROPOSED_AT = 20;
    uint64 internal constant COMPLETED_AT = 30;

    bytes32 internal lost;
    bytes32 internal found;
    IKeyBook.KeyGrant internal proposal;
    /// @dev Of what is proposed in this second.
    uint64 internal readyAt;

    function setUp() external {
        _deploy();
        _enterprises();
        _people();
        lost = _thumbprint(HOLDER);
        found = _thumbprint(NEWCOMER);
        proposal = _grant(ACCOUNT, ES256K, NEWCOMER, STATEMENT_AND_ASSET, PROPOSED_AT);
        vm.warp(block.timestamp + 100);
        readyAt = uint64(block.timestamp) + RECOVERY_DELAY;
    }

    function _proposeCall(bytes32 opId) internal view returns (bytes memory) {
        Cosignature[2] memory approvals = _approve(ACCOUNT, lost, proposal, PARK_PERSON, REGULATOR_PERSON);
        return abi.encodeCall(IIdentifierRegistry.proposeRecovery, (opId, lost, proposal, REASON, approvals));
    }

    function _completeCall(bytes32 opId) internal view returns (bytes memory) {
        return abi.encodeCall(
            IIdentifierRegistry.completeRecovery, (opId, found, proposal.publicKey, _leaf(COMPLETED_AT), COMPLETED_AT)
        );
    }

    function _vetoCall(uint256 key) internal view returns (bytes memory) {
        return abi.encodeCall(IKeyRecovery.vetoRecovery, (found, _veto(key, ACCOUNT, found)));
    }

    function _cancelCall(bytes32 opId) internal view returns (bytes memory) {
        return abi.encodeCall(IIdentifierRegistry.cancelRecovery, (opId, found));
    }

    function _notPending(IKeyRecovery.RecoveryState state) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IKeyRecovery.RecoveryNotPending.selector, found, state);
    }

    function _checkRecovery(IKeyRecovery.RecoveryState state) internal view {
        IKeyRecovery.Recovery memory expected =
            IKeyRecovery.Recovery(ACCOUNT, lost, vm.addr(NEWCOMER), ES256K, STATEMENT_AND_ASSET, readyAt, state);
        assertEq(keccak256(abi.encode(registry.recoveryOf(found))), keccak256(abi.encode(expected)));
    }
}
