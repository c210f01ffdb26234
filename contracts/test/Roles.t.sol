// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {EvidenceLog} from "../EvidenceLog.sol";
import {IdentifierRegistry} from "../IdentifierRegistry.sol";
import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {LogFixture} from "./base/LogFixture.sol";

/// @title Who may call what, once the deployer has renounced: the table of docs/contracts.md.
contract RolesTest is LogFixture {
    uint64 private constant _ADMIN = 0;
    uint64 private constant _REGISTRAR = 1;
    address private constant _REGISTRAR_ACCOUNT = address(0x4E61);
    address private constant _GOVERNOR = address(0x60F);
    address private constant _STRANGER = address(0xBEEF);

    IdentifierRegistry private _registry;

    struct Row {
        address target;
        bytes4 selector;
        uint64 role;
    }

    function setUp() external {
        _build();
        _registry = new IdentifierRegistry(address(MANAGER), DEPLOYMENT_ID);
        bytes4[] memory calls = new bytes4[](2);
        calls[0] = IdentifierRegistry.enrol.selector;
        calls[1] = IdentifierRegistry.revoke.selector;
        MANAGER.setTargetFunctionRole(address(_registry), calls, _REGISTRAR);
        MANAGER.grantRole(_REGISTRAR, _REGISTRAR_ACCOUNT, 0);
        MANAGER.grantRole(_ADMIN, _GOVERNOR, DELAY);
        MANAGER.renounceRole(_ADMIN, address(this));
    }

    function test_everyRestrictedSelectorHasItsRole() external view {
        Row[4] memory table = _table();
        for (uint256 i = 0; i < table.length; ++i) {
            Row memory row = table[i];
            assertEq(MANAGER.getTargetFunctionRole(row.target, row.selector), row.role);
            _check(_STRANGER, row, false, 0);
            _check(address(this), row, false, 0);
            _check(_REGISTRAR_ACCOUNT, row, row.role == _REGISTRAR, 0);
            // The administrator acts only after the delay.
            _check(_GOVERNOR, row, false, row.role == _ADMIN ? DELAY : 0);
        }
    }

    function test_restrictedCallsRefuseEverybodyElse() external {
        Row[4] memory table = _table();
        address[2] memory others = [_STRANGER, address(this)];
        for (uint256 i = 0; i < table.length; ++i) {
            for (uint256 j = 0; j < others.length; ++j) {
                bytes memory expected =
                    abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[j]);
                vm.prank(others[j]);
                assertRefusedWith(table[i].target, _sample(table[i].selector), expected);
            }
        }
    }

    function test_governorActsThroughTheDelayOnly() external {
        bytes memory call = abi.encodeCall(EvidenceLog.setApprover, (_STRANGER, PARK));
        vm.prank(_GOVERNOR);
        assertRefused(
            address(MANAGER),
            abi.encodeCall(AccessManager.execute, (address(log), call)),
            IAccessManager.AccessManagerNotScheduled.selector
        );
        vm.prank(_GOVERNOR);
        MANAGER.schedule(address(log), call, 0);
        vm.warp(_now() + DELAY - 1);
        vm.prank(_GOVERNOR);
        assertRefused(
            address(MANAGER),
            abi.encodeCall(AccessManager.execute, (address(log), call)),
            IAccessManager.AccessManagerNotReady.selector
        );
        vm.warp(_now() + 1);
        vm.prank(_GOVERNOR);
        MANAGER.execute(address(log), call);
        assertEq(log.bodyOf(_STRANGER), PARK);
    }

    /// Not under the table: only the manager itself may move a contract to another, at its administrator's delayed order.
    function test_authorityIsMovedByTheManagerOnly() external {
        address[3] memory others = [_STRANGER, _REGISTRAR_ACCOUNT, _GOVERNOR];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]);
            vm.prank(others[i]);
            assertRefusedWith(address(log), abi.encodeCall(IAccessManaged.setAuthority, (others[i])), expected);
            vm.prank(others[i]);
            assertRefused(
                address(MANAGER),
                abi.encodeCall(AccessManager.updateAuthority, (address(log), others[i])),
                IAccessManager.AccessManagerUnauthorizedAccount.selector,
                IAccessManager.AccessManagerNotScheduled.selector
            );
        }
    }

    function _sample(bytes4 selector) private view returns (bytes memory) {
        if (selector == EvidenceLog.setCosigners.selector) {
            return abi.encodeCall(EvidenceLog.setCosigners, (_cosigners(), 1));
        }
        if (selector == EvidenceLog.setApprover.selector) {
            return abi.encodeCall(EvidenceLog.setApprover, (_STRANGER, PARK));
        }
        if (selector == IdentifierRegistry.revoke.selector) {
            return abi.encodeCall(IdentifierRegistry.revoke, (bytes32(uint256(1)), bytes32(0), 1));
        }
        IIdentifierRegistry.Enrolment memory enrolment;
        return abi.encodeCall(IdentifierRegistry.enrol, (bytes32(uint256(1)), enrolment));
    }

    function _table() private view returns (Row[4] memory) {
        return [
            Row(address(log), EvidenceLog.setCosigners.selector, _ADMIN),
            Row(address(log), EvidenceLog.setApprover.selector, _ADMIN),
            Row(address(_registry), IdentifierRegistry.enrol.selector, _REGISTRAR),
            Row(address(_registry), IdentifierRegistry.revoke.selector, _REGISTRAR)
        ];
    }

    function _check(address caller, Row memory row, bool immediate, uint32 delay) private view {
        (bool allowed, uint32 wait) = MANAGER.canCall(caller, row.target, row.selector);
        assertTrue(allowed == immediate, "allowed at once");
        assertEq(wait, delay);
    }
}
