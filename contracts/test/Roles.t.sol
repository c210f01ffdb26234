// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {EmissionsRegistry} from "../EmissionsRegistry.sol";
import {EvidenceLog} from "../EvidenceLog.sol";
import {IdentifierRegistry} from "../IdentifierRegistry.sol";
import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {IKeyRecovery} from "../interfaces/IKeyRecovery.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {LogFixture} from "./base/LogFixture.sol";

/// @title Who may call what, once the deployer has renounced: the table of docs/contracts.md.
contract RolesTest is LogFixture {
    uint64 private constant _ADMIN = 0;
    uint64 private constant _REGISTRAR = 1;
    address private constant _REGISTRAR_ACCOUNT = address(0x4E61);
    address private constant _GOVERNOR = address(0x60F);
    address private constant _STRANGER = address(0xBEEF);

    IdentifierRegistry private _registry;
    EmissionsRegistry private _emissions;

    struct Row {
        address target;
        bytes4 selector;
        uint64 role;
    }

    function setUp() external {
        _build();
        _registry = new IdentifierRegistry(address(MANAGER), DEPLOYMENT_ID, DELAY);
        _emissions = new EmissionsRegistry(address(MANAGER), DEPLOYMENT_ID, _registry, log);
        bytes4[] memory one = new bytes4[](1);
        Row[13] memory registrars = _registrars();
        for (uint256 i = 0; i < registrars.length; ++i) {
            one[0] = registrars[i].selector;
            MANAGER.setTargetFunctionRole(registrars[i].target, one, _REGISTRAR);
        }
        MANAGER.grantRole(_REGISTRAR, _REGISTRAR_ACCOUNT, 0);
        MANAGER.grantRole(_ADMIN, _GOVERNOR, DELAY);
        MANAGER.renounceRole(_ADMIN, address(this));
    }

    function test_everyRestrictedSelectorHasItsRole() external view {
        Row[15] memory table = _table();
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
        Row[15] memory table = _table();
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

    /// The registrar reaches the contracts' own checks: what the table gives it is not only the manager's word.
    function test_registrarIsRefusedByTheContractsThemselvesOnly() external {
        Row[13] memory registrars = _registrars();
        for (uint256 i = 0; i < registrars.length; ++i) {
            vm.prank(_REGISTRAR_ACCOUNT);
            (bool succeeded, bytes memory returned) = registrars[i].target.call(_sample(registrars[i].selector));
            assertTrue(!succeeded, "an empty call is refused");
            assertTrue(bytes4(returned) != IAccessManaged.AccessManagedUnauthorized.selector, "but not for its sender");
        }
    }

    /// The holder's objection needs nobody's leave, least of all the registrar's.
    function test_anybodyMayBringAVeto() external {
        bytes32 thumbprint = keccak256("nobody proposed it");
        bytes memory call = abi.encodeCall(IKeyRecovery.vetoRecovery, (thumbprint, Cosignature(0, 0)));
        bytes memory expected = abi.encodeWithSelector(
            IKeyRecovery.RecoveryNotPending.selector, thumbprint, IKeyRecovery.RecoveryState.NONE
        );
        address[4] memory callers = [_STRANGER, _REGISTRAR_ACCOUNT, _GOVERNOR, address(this)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            assertRefusedWith(address(_registry), call, expected);
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
        address[3] memory contracts = [address(log), address(_registry), address(_emissions)];
        for (uint256 i = 0; i < 9; ++i) {
            (address caller, address target) = (others[i % 3], contracts[i / 3]);
            bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
            vm.prank(caller);
            assertRefusedWith(target, abi.encodeCall(IAccessManaged.setAuthority, (caller)), expected);
            vm.prank(caller);
            assertRefused(
                address(MANAGER),
                abi.encodeCall(AccessManager.updateAuthority, (target, caller)),
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
        return _ofEmissions(selector) ? _emissionsSample(selector) : _registrySample(selector);
    }

    function _ofEmissions(bytes4 selector) private view returns (bool) {
        Row[13] memory registrars = _registrars();
        for (uint256 i = 8; i < registrars.length; ++i) {
            if (registrars[i].selector == selector) return true;
        }
        return false;
    }

    function _emissionsSample(bytes4 selector) private pure returns (bytes memory) {
        bytes32 word = bytes32(uint256(1));
        Cosignature memory signature;
        if (selector == EmissionsRegistry.assign.selector) {
            return abi.encodeCall(EmissionsRegistry.assign, (word, word, 2026, word, 1, 2, word, 1));
        }
        if (selector == EmissionsRegistry.endAssignment.selector) {
            return abi.encodeCall(EmissionsRegistry.endAssignment, (word, word, 2026, word, 1));
        }
        if (selector == EmissionsRegistry.declareTie.selector) {
            return abi.encodeCall(EmissionsRegistry.declareTie, (word, word, word));
        }
        if (selector == EmissionsRegistry.register.selector) {
            IEmissionsRegistry.VerifiedEmissions memory v;
            IEmissionsRegistry.Proof memory proof;
            return abi.encodeCall(EmissionsRegistry.register, (word, v, signature, 0, 1, proof, proof));
        }
        IEmissionsRegistry.Determination memory d;
        return abi.encodeCall(EmissionsRegistry.determine, (word, d, [signature, signature], word, 1));
    }

    function _registrySample(bytes4 selector) private pure returns (bytes memory) {
        bytes32 word = bytes32(uint256(1));
        IIdentifierRegistry.Enrolment memory enrolment;
        Cosignature memory signature;
        if (selector == IdentifierRegistry.enrol.selector) {
            return abi.encodeCall(IdentifierRegistry.enrol, (word, enrolment));
        }
        if (selector == IdentifierRegistry.addKey.selector) {
            return abi.encodeCall(IdentifierRegistry.addKey, (word, word, enrolment.key, signature));
        }
        if (selector == IdentifierRegistry.rotate.selector) {
            return abi.encodeCall(IdentifierRegistry.rotate, (word, word, enrolment.key, signature));
        }
        if (selector == IdentifierRegistry.revoke.selector) {
            return abi.encodeCall(IdentifierRegistry.revoke, (word, word, 1));
        }
        if (selector == IdentifierRegistry.declareCompromised.selector) {
            return abi.encodeCall(IdentifierRegistry.declareCompromised, (word, word, 1, 2));
        }
        if (selector == IdentifierRegistry.proposeRecovery.selector) {
            return abi.encodeCall(
                IdentifierRegistry.proposeRecovery, (word, word, enrolment.key, word, [signature, signature])
            );
        }
        if (selector == IdentifierRegistry.cancelRecovery.selector) {
            return abi.encodeCall(IdentifierRegistry.cancelRecovery, (word, word));
        }
        return abi.encodeCall(IdentifierRegistry.completeRecovery, (word, word, "", word, 1));
    }

    /// @dev All restricted calls of the two registries.
    function _registrars() private view returns (Row[13] memory rows) {
        bytes4[13] memory selectors = [
            IdentifierRegistry.enrol.selector,
            IdentifierRegistry.addKey.selector,
            IdentifierRegistry.rotate.selector,
            IdentifierRegistry.revoke.selector,
            IdentifierRegistry.declareCompromised.selector,
            IdentifierRegistry.proposeRecovery.selector,
            IdentifierRegistry.cancelRecovery.selector,
            IdentifierRegistry.completeRecovery.selector,
            EmissionsRegistry.assign.selector,
            EmissionsRegistry.endAssignment.selector,
            EmissionsRegistry.declareTie.selector,
            EmissionsRegistry.register.selector,
            EmissionsRegistry.determine.selector
        ];
        for (uint256 i = 0; i < rows.length; ++i) {
            rows[i] = Row(i < 8 ? address(_registry) : address(_emissions), selectors[i], _REGISTRAR);
        }
    }

    function _table() private view returns (Row[15] memory table) {
        table[0] = Row(address(log), EvidenceLog.setCosigners.selector, _ADMIN);
        table[1] = Row(address(log), EvidenceLog.setApprover.selector, _ADMIN);
        Row[13] memory registrars = _registrars();
        for (uint256 i = 0; i < registrars.length; ++i) {
            table[2 + i] = registrars[i];
        }
    }

    function _check(address caller, Row memory row, bool immediate, uint32 delay) private view {
        (bool allowed, uint32 wait) = MANAGER.canCall(caller, row.target, row.selector);
        assertTrue(allowed == immediate, "allowed at once");
        assertEq(wait, delay);
    }
}
