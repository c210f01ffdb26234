// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {CarbonLedger} from "../CarbonLedger.sol";
import {Compliance} from "../Compliance.sol";
import {CreditScores} from "../CreditScores.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";
import {ExchangeArtifact} from "./base/ExchangeArtifact.sol";

/// @title Who may call what of the four contracts about units, once the deployer has renounced: docs/contracts.md.
contract AssetRolesTest is EmissionsFixture, ExchangeArtifact {
    uint64 private constant _ADMIN = 0;
    uint64 private constant _REGISTRAR = 1;
    uint64 private constant _ASSET_CONTRACT = 2;
    uint64 private constant _EXCHANGE = 3;
    uint32 private constant _DELAY = 2 days;
    address private constant _REGISTRAR_ACCOUNT = address(0x4E61);
    address private constant _GOVERNOR = address(0x60F);
    address private constant _STRANGER = address(0xBEEF);
    uint256 private constant _ROWS = 48;

    struct Row {
        address target;
        bytes4 selector;
        uint64 role;
    }

    AccessManager private _manager;
    CarbonLedger private _ledger;
    Compliance private _compliance;
    CreditScores private _scores;
    IExchange private _exchange;
    Row[_ROWS] private _table;
    uint256 private _rows;

    function setUp() external {
        _deployEmissions();
        _manager = new AccessManager(address(this));
        _ledger = new CarbonLedger(address(_manager), DEPLOYMENT_ID, registry);
        _compliance = new Compliance(address(_manager), DEPLOYMENT_ID, registry, emissions, _ledger);
        _scores = new CreditScores(address(_manager), DEPLOYMENT_ID, registry);
        _exchange = IExchange(_createExchange(abi.encode(_manager, DEPLOYMENT_ID, registry, _ledger)));
        _fill();
        bytes4[] memory one = new bytes4[](1);
        for (uint256 i = 0; i < _ROWS; ++i) {
            one[0] = _table[i].selector;
            _manager.setTargetFunctionRole(_table[i].target, one, _table[i].role);
        }
        _manager.grantRole(_REGISTRAR, _REGISTRAR_ACCOUNT, 0);
        _manager.grantRole(_ASSET_CONTRACT, address(_compliance), 0);
        _manager.grantRole(_EXCHANGE, address(_exchange), 0);
        _manager.grantRole(_ADMIN, _GOVERNOR, _DELAY);
        _manager.renounceRole(_ADMIN, address(this));
    }

    function test_everyRestrictedSelectorHasItsRole() external view {
        assertEq(_rows, _ROWS);
        for (uint256 i = 0; i < _ROWS; ++i) {
            Row memory row = _table[i];
            assertEq(_manager.getTargetFunctionRole(row.target, row.selector), row.role);
            assertEq(_manager.getTargetAdminDelay(row.target), 0);
            assertEq(_manager.getRoleAdmin(row.role), _ADMIN);
            _check(_STRANGER, row, false);
            _check(address(this), row, false);
            _check(_GOVERNOR, row, false);
            _check(_REGISTRAR_ACCOUNT, row, row.role == _REGISTRAR);
            _check(address(_compliance), row, row.role == _ASSET_CONTRACT);
            _check(address(_exchange), row, row.role == _EXCHANGE);
        }
    }

    /// Neither the registrar surrenders by itself, nor does Compliance decide what two persons decide.
    function test_restrictedCallsRefuseEverybodyElse() external {
        address[6] memory callers =
            [_STRANGER, address(this), _GOVERNOR, _REGISTRAR_ACCOUNT, address(_compliance), address(_exchange)];
        for (uint256 i = 0; i < _ROWS; ++i) {
            for (uint256 j = 0; j < callers.length; ++j) {
                uint64 role = _table[i].role;
                vm.prank(callers[j]);
                (bool succeeded, bytes memory returned) = _table[i].target.call(_sample(_table[i].selector));
                // No trade at all is settled without a word.
                bool taken = j == 3 || j == 5;
                bool none = taken && _table[i].selector == _exchange.settleBatch.selector;
                assertTrue(succeeded == none, "an empty call is refused");
                bool allowed = (j == 3 && role == _REGISTRAR) || (j == 4 && role == _ASSET_CONTRACT)
                    || (j == 5 && role == _EXCHANGE);
                // The exchange settles each trade of a batch by a call to itself, whose words are the trade's.
                if (j == 5 && _table[i].target == address(_exchange)) allowed = true;
                bytes memory unauthorised =
                    abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, callers[j]);
                // Whoever is let in is refused by the contract itself, for what the call says.
                assertTrue((keccak256(returned) == keccak256(unauthorised)) != allowed, "for its sender or not");
            }
        }
    }

    function test_authorityIsMovedByTheManagerOnly() external {
        address[4] memory callers = [_STRANGER, _GOVERNOR, _REGISTRAR_ACCOUNT, address(_compliance)];
        address[4] memory contracts = [address(_ledger), address(_compliance), address(_scores), address(_exchange)];
        for (uint256 i = 0; i < 16; ++i) {
            (address caller, address target) = (callers[i % 4], contracts[i / 4]);
            bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
            vm.prank(caller);
            assertRefusedWith(target, abi.encodeCall(IAccessManaged.setAuthority, (caller)), expected);
            vm.prank(caller);
            assertRefused(
                address(_manager),
                abi.encodeCall(AccessManager.updateAuthority, (target, caller)),
                IAccessManager.AccessManagerUnauthorizedAccount.selector,
                IAccessManager.AccessManagerNotScheduled.selector
            );
        }
    }

    /// Another contract gets the role of units by the governor's delayed order only.
    function test_roleOfUnitsIsGrantedThroughTheDelayOnly() external {
        bytes memory call = abi.encodeCall(AccessManager.grantRole, (_ASSET_CONTRACT, _STRANGER, 0));
        vm.prank(_GOVERNOR);
        assertRefused(address(_manager), call, IAccessManager.AccessManagerNotScheduled.selector);
        vm.prank(_GOVERNOR);
        _manager.schedule(address(_manager), call, 0);
        vm.warp(block.timestamp + _DELAY);
        vm.prank(_GOVERNOR);
        _manager.grantRole(_ASSET_CONTRACT, _STRANGER, 0);
        (bool member,) = _manager.hasRole(_ASSET_CONTRACT, _STRANGER);
        assertTrue(member, "granted");
    }

    function _fill() private {
        bytes4[16] memory acts = [
            CarbonLedger.issue.selector,
            CarbonLedger.approveRun.selector,
            CarbonLedger.allocate.selector,
            CarbonLedger.returnOwed.selector,
            CarbonLedger.collectOwed.selector,
            CarbonLedger.carryIn.selector,
            CarbonLedger.enterOffset.selector,
            CarbonLedger.freeze.selector,
            CarbonLedger.freezeAtOnce.selector,
            CarbonLedger.confirmFreeze.selector,
            CarbonLedger.lapseFreeze.selector,
            CarbonLedger.release.selector,
            CarbonLedger.suspend.selector,
            CarbonLedger.transfer.selector,
            CarbonLedger.cancelByOrder.selector,
            CarbonLedger.cancel.selector
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            _add(address(_ledger), acts[i], _REGISTRAR);
        }
        _add(address(_ledger), CarbonLedger.surrender.selector, _ASSET_CONTRACT);
        _add(address(_ledger), CarbonLedger.carryOver.selector, _ASSET_CONTRACT);
        _add(address(_ledger), CarbonLedger.expire.selector, _ASSET_CONTRACT);
        _add(address(_ledger), CarbonLedger.takeCustody.selector, _EXCHANGE);
        _add(address(_ledger), CarbonLedger.giveBack.selector, _EXCHANGE);
        bytes4[7] memory duties = [
            Compliance.setTerms.selector,
            Compliance.setPrice.selector,
            Compliance.surrender.selector,
            Compliance.carryOver.selector,
            Compliance.assess.selector,
            Compliance.credit.selector,
            Compliance.close.selector
        ];
        for (uint256 i = 0; i < duties.length; ++i) {
            _add(address(_compliance), duties[i], _REGISTRAR);
        }
        _fillExchange();
        _add(address(_scores), CreditScores.propose.selector, _REGISTRAR);
        _add(address(_scores), CreditScores.publish.selector, _REGISTRAR);
        _add(address(_scores), CreditScores.withdraw.selector, _REGISTRAR);
    }

    function _fillExchange() private {
        bytes4[17] memory acts = [
            _exchange.setTerms.selector,
            _exchange.setReference.selector,
            _exchange.openDay.selector,
            _exchange.haltDay.selector,
            _exchange.closeDay.selector,
            _exchange.bind.selector,
            _exchange.deposit.selector,
            _exchange.withdraw.selector,
            _exchange.payout.selector,
            _exchange.reconcile.selector,
            _exchange.move.selector,
            _exchange.sweep.selector,
            _exchange.bar.selector,
            _exchange.cancel.selector,
            _exchange.cancelAll.selector,
            _exchange.settle.selector,
            _exchange.settleBatch.selector
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            _add(address(_exchange), acts[i], _REGISTRAR);
        }
    }

    function _add(address target, bytes4 selector, uint64 role) private {
        _table[_rows++] = Row(target, selector, role);
    }

    /// @dev All words zero: empty arrays, and messages that say nothing.
    function _sample(bytes4 selector) private pure returns (bytes memory) {
        return bytes.concat(selector, new bytes(2048));
    }

    function _check(address caller, Row memory row, bool immediate) private view {
        (bool allowed, uint32 wait) = _manager.canCall(caller, row.target, row.selector);
        assertTrue(allowed == immediate, "allowed at once");
        assertEq(wait, 0);
    }
}
