// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISettlers} from "../interfaces/ISettlers.sol";
import {ExchangeFixture} from "./base/ExchangeFixture.sol";
import {Vm} from "./base/Vm.sol";

/// @title Whose right to settle is remembered: nobody's but whose the manager says, until somebody has it asked again.
contract ExchangeSettlersTest is ExchangeFixture {
    uint64 private constant _REGISTRAR = 1;
    uint64 private constant _OTHER = 9;
    address private constant _RELAYER = address(0x4E61);
    address private constant _STRANGER = address(0xBEEF);

    function setUp() external {
        _deployExchange();
        _opened();
        _give(manager, ISettlement.settle.selector, _REGISTRAR);
        _give(manager, ISettlement.settleBatch.selector, _REGISTRAR);
        manager.grantRole(_REGISTRAR, _RELAYER, 0);
    }

    function test_aRightIsRememberedOnceAndToldByAnEvent() external {
        assertTrue(!exchange.isSettler(_RELAYER), "nobody asked");
        vm.expectEmit(address(exchange));
        emit ISettlers.SettlerRefreshed(_RELAYER, true);
        vm.prank(_STRANGER);
        exchange.refreshSettler(_RELAYER);
        assertTrue(exchange.isSettler(_RELAYER), "remembered");
        _quiet(_RELAYER);
        _settles(_RELAYER);
    }

    /// A deployment that refreshes nobody works as every other call does.
    function test_whoseRightIsNotRememberedSettlesAllTheSame() external {
        _settles(_RELAYER);
        assertTrue(!exchange.isSettler(_RELAYER), "settling remembers nothing");
    }

    /// The price of remembering, and its end: anybody makes the manager's word hold.
    function test_whoseRoleIsRevokedSettlesUntilAnybodyRefreshes() external {
        exchange.refreshSettler(_RELAYER);
        manager.revokeRole(_REGISTRAR, _RELAYER);
        _settles(_RELAYER);
        _forgets(_RELAYER);
        _isRefused(_RELAYER);
        manager.grantRole(_REGISTRAR, _RELAYER, 0);
        exchange.refreshSettler(_RELAYER);
        _settles(_RELAYER);
    }

    function test_aStrangersRefreshGivesNobodyARight() external {
        _quiet(_STRANGER);
        _isRefused(_STRANGER);
        exchange.refreshSettler(_RELAYER);
        _quiet(_STRANGER);
        _isRefused(_STRANGER);
    }

    /// Nor does it take one away that the manager gives.
    function test_aStrangersRefreshTakesNoRightAway() external {
        exchange.refreshSettler(_RELAYER);
        _quiet(_RELAYER);
        assertTrue(exchange.isSettler(_RELAYER), "still");
    }

    function test_aClosedExchangeSettlesNothingOnceAnybodyRefreshed() external {
        exchange.refreshSettler(_RELAYER);
        manager.setTargetClosed(address(exchange), true);
        _forgets(_RELAYER);
        _isRefused(_RELAYER);
        manager.setTargetClosed(address(exchange), false);
        _settles(_RELAYER);
    }

    function test_callsOfAnotherRoleAreNotSettledOnceAnybodyRefreshed() external {
        exchange.refreshSettler(_RELAYER);
        _give(manager, ISettlement.settle.selector, _OTHER);
        _give(manager, ISettlement.settleBatch.selector, _OTHER);
        _forgets(_RELAYER);
        _isRefused(_RELAYER);
    }

    /// Whoever has to schedule a call first is never remembered: it would wait for nothing.
    function test_aDelayedRightIsNeverRemembered() external {
        manager.grantRole(_REGISTRAR, _STRANGER, 1 hours);
        _quiet(_STRANGER);
        assertTrue(!exchange.isSettler(_STRANGER), "delayed");
        bytes memory call = _settleCall(_trade(10, PRICE_FEN));
        vm.prank(_STRANGER);
        assertRefused(address(exchange), call, IAccessManager.AccessManagerNotScheduled.selector);
        vm.prank(_STRANGER);
        manager.schedule(address(exchange), call, 0);
        vm.warp(block.timestamp + 1 hours);
        _quiet(_STRANGER);
        vm.prank(_STRANGER);
        _do(call);
        _quiet(_STRANGER);
    }

    function test_aRightThatIsDelayedLaterIsForgotten() external {
        exchange.refreshSettler(_RELAYER);
        manager.grantRole(_REGISTRAR, _RELAYER, 1 hours);
        _forgets(_RELAYER);
        bytes memory call = _settleCall(_trade(10, PRICE_FEN));
        vm.prank(_RELAYER);
        assertRefused(address(exchange), call, IAccessManager.AccessManagerNotScheduled.selector);
    }

    /// What is remembered is for both calls, so both must be allowed.
    function test_halfARightIsNotRemembered() external {
        bytes4[2] memory both = [ISettlement.settle.selector, ISettlement.settleBatch.selector];
        for (uint256 i = 0; i < 2; ++i) {
            _give(manager, both[i], _OTHER);
            _quiet(_RELAYER);
            assertTrue(!exchange.isSettler(_RELAYER), "half");
            _give(manager, both[i], _REGISTRAR);
        }
        exchange.refreshSettler(_RELAYER);
        _give(manager, both[1], _OTHER);
        _forgets(_RELAYER);
        _settlesOne(_RELAYER);
    }

    /// Of the manager's answers only these two are remembered.
    function test_allOtherCallsAreAskedAboutEachTime() external {
        exchange.refreshSettler(_RELAYER);
        bytes memory call = _barCall(BUYER, true);
        vm.prank(_RELAYER);
        assertRefusedWith(address(exchange), call, _unauthorised(_RELAYER));
        _give(manager, bytes4(call), _REGISTRAR);
        vm.prank(_RELAYER);
        _do(call);
        manager.revokeRole(_REGISTRAR, _RELAYER);
        call = _barCall(BUYER, false);
        vm.prank(_RELAYER);
        assertRefusedWith(address(exchange), call, _unauthorised(_RELAYER));
    }

    function test_whatOneManagerSaidDoesNotCountUnderAnother() external {
        exchange.refreshSettler(_RELAYER);
        AccessManager other = new AccessManager(address(this));
        vm.expectEmit(address(exchange));
        emit ISettlers.SettlerRefreshed(_RELAYER, false);
        manager.updateAuthority(address(exchange), address(other));
        assertTrue(!exchange.isSettler(_RELAYER), "another manager");
        _isRefused(_RELAYER);
        _quiet(_RELAYER);
        _give(other, ISettlement.settle.selector, _REGISTRAR);
        _give(other, ISettlement.settleBatch.selector, _REGISTRAR);
        other.grantRole(_REGISTRAR, _RELAYER, 0);
        exchange.refreshSettler(_RELAYER);
        _settles(_RELAYER);
        // The first one's word went with it.
        other.updateAuthority(address(exchange), address(manager));
        assertTrue(!exchange.isSettler(_RELAYER), "asked anew");
    }

    /// One is remembered, and stays as long as it may settle, whoever else may too.
    function test_anotherSettlerIsRememberedOnceTheFirstMaySettleNoMore() external {
        exchange.refreshSettler(_RELAYER);
        manager.grantRole(_REGISTRAR, _STRANGER, 0);
        _quiet(_STRANGER);
        _settles(_STRANGER);
        assertTrue(exchange.isSettler(_RELAYER), "the first");
        manager.revokeRole(_REGISTRAR, _RELAYER);
        vm.expectEmit(address(exchange));
        emit ISettlers.SettlerRefreshed(_RELAYER, false);
        vm.expectEmit(address(exchange));
        emit ISettlers.SettlerRefreshed(_STRANGER, true);
        exchange.refreshSettler(_STRANGER);
        _isRefused(_RELAYER);
        _settles(_STRANGER);
    }

    /// Whoever it is refreshed for, a right that was lost ends.
    function test_aLostRightEndsWhoeverIsAskedAbout() external {
        exchange.refreshSettler(_RELAYER);
        manager.revokeRole(_REGISTRAR, _RELAYER);
        vm.prank(_STRANGER);
        exchange.refreshSettler(_STRANGER);
        assertTrue(!exchange.isSettler(_RELAYER), "forgotten");
        _isRefused(_RELAYER);
        _isRefused(_STRANGER);
    }

    /// Also where everybody may: a node asks in its name what a call would do.
    function test_theAddressZeroIsNeverRemembered() external {
        _give(manager, ISettlement.settle.selector, type(uint64).max);
        _give(manager, ISettlement.settleBatch.selector, type(uint64).max);
        _quiet(address(0));
        assertTrue(!exchange.isSettler(address(0)), "nobody");
        _give(manager, ISettlement.settle.selector, _REGISTRAR);
        _give(manager, ISettlement.settleBatch.selector, _REGISTRAR);
        _isRefused(address(0));
    }

    /// Whatever became of its right meanwhile, who is remembered after a refresh may settle, and if anybody asked about may,
    /// somebody is.
    function testFuzz_whoeverIsRememberedMaySettle(address caller, address refresher, uint256 how) external {
        if (how % 2 == 0) manager.grantRole(_REGISTRAR, caller, 0);
        if (how % 3 == 0) exchange.refreshSettler(caller);
        if (how % 5 == 0) manager.revokeRole(_REGISTRAR, caller);
        if (how % 7 == 0) manager.revokeRole(_REGISTRAR, _RELAYER);
        if (how % 11 == 0) manager.setTargetClosed(address(exchange), true);
        if (how % 13 == 0) exchange.refreshSettler(_RELAYER);
        vm.prank(refresher);
        exchange.refreshSettler(caller);
        bool kept = exchange.isSettler(caller);
        bool other = caller != _RELAYER && exchange.isSettler(_RELAYER);
        assertTrue(!(kept && other), "one at a time");
        if (kept) assertTrue(_may(caller), "the caller");
        if (other) assertTrue(_may(_RELAYER), "the other");
        if (!kept && !other) assertTrue(caller == address(0) || !_may(caller), "nobody may");
    }

    function _may(address caller) private view returns (bool) {
        (bool one,) = manager.canCall(caller, address(exchange), ISettlement.settle.selector);
        (bool many,) = manager.canCall(caller, address(exchange), ISettlement.settleBatch.selector);
        return one && many;
    }

    function _give(AccessManager by, bytes4 selector, uint64 role) private {
        bytes4[] memory one = new bytes4[](1);
        one[0] = selector;
        by.setTargetFunctionRole(address(exchange), one, role);
    }

    /// @dev By a stranger, who needs nobody's leave.
    function _forgets(address caller) private {
        vm.expectEmit(address(exchange));
        emit ISettlers.SettlerRefreshed(caller, false);
        vm.prank(_STRANGER);
        exchange.refreshSettler(caller);
        assertTrue(!exchange.isSettler(caller), "forgotten");
    }

    /// @dev A refresh by a stranger that changes nothing and tells nothing.
    function _quiet(address caller) private {
        bool kept = exchange.isSettler(caller);
        vm.recordLogs();
        vm.prank(_STRANGER);
        exchange.refreshSettler(caller);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 0);
        assertTrue(exchange.isSettler(caller) == kept, "unchanged");
    }

    /// @dev Both ways.
    function _settles(address caller) private {
        uint40 before = exchange.dayOf(QUOTA, DAY).volume;
        _settlesOne(caller);
        ISettlement.Trade[] memory trades = new ISettlement.Trade[](1);
        trades[0] = _trade(10, PRICE_FEN);
        vm.prank(caller);
        _do(abi.encodeCall(ISettlement.settleBatch, (trades)));
        assertEq(exchange.dayOf(QUOTA, DAY).volume, before + 20);
    }

    function _settlesOne(address caller) private {
        bytes memory call = _settleCall(_trade(10, PRICE_FEN));
        vm.prank(caller);
        _do(call);
    }

    /// @dev Both ways.
    function _isRefused(address caller) private {
        ISettlement.Trade[] memory trades = new ISettlement.Trade[](1);
        trades[0] = _trade(10, PRICE_FEN);
        vm.prank(caller);
        assertRefusedWith(address(exchange), _settleCall(trades[0]), _unauthorised(caller));
        vm.prank(caller);
        assertRefusedWith(address(exchange), abi.encodeCall(ISettlement.settleBatch, (trades)), _unauthorised(caller));
    }

    function _unauthorised(address caller) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
    }
}
