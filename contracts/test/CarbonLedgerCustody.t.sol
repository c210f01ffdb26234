// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CarbonLedger} from "../CarbonLedger.sol";
import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {ICustody} from "../interfaces/ICustody.sol";
import {IFreezes} from "../interfaces/IFreezes.sol";
import {ITransfers} from "../interfaces/ITransfers.sol";
import {Standing} from "../libraries/Standing.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title Units in custody are the custodian's to give back and nobody's else to touch; the test is the custodian.
contract CarbonLedgerCustodyTest is LedgerFixture {
    function setUp() external {
        _deployLedger();
        _issued();
        _given(ACCOUNT, 100);
    }

    function test_custodyMovesFreeUnitsThereAndBackAndSaysSo() external {
        vm.expectEmit(address(ledger));
        emit ICustody.CustodyTaken(ACCOUNT, QUOTA, _custodian(), 60);
        ledger.takeCustody(ACCOUNT, QUOTA, 60);
        _holds(ACCOUNT, QUOTA, 40, 0);
        _holds(_custodian(), QUOTA, 60, 0);
        vm.expectEmit(address(ledger));
        emit ICustody.CustodyGiven(NEIGHBOUR_ACCOUNT, QUOTA, _custodian(), 25);
        ledger.giveBack(NEIGHBOUR_ACCOUNT, QUOTA, 25);
        _holds(NEIGHBOUR_ACCOUNT, QUOTA, 25, 0);
        _holds(_custodian(), QUOTA, 35, 0);
        _supplies(QUOTA, CAP + 100, 0, 0);
    }

    function test_onlyFreeUnitsGoIntoCustody() external {
        _perform(_call(_freeze(30)));
        bytes memory tooMuch = abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, ACCOUNT, QUOTA, 71, 70);
        _refuse(_take(ACCOUNT, 71), tooMuch);
        _refuse(_take(ACCOUNT, 0), abi.encodeWithSelector(IAssetBook.AmountZero.selector));
        ledger.takeCustody(ACCOUNT, QUOTA, 70);
        _holds(ACCOUNT, QUOTA, 0, 30);
    }

    function test_noMoreIsGivenBackThanIsKept() external {
        ledger.takeCustody(ACCOUNT, QUOTA, 60);
        bytes memory expected =
            abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, _custodian(), QUOTA, 61, 60);
        _refuse(_give(ACCOUNT, 61), expected);
        _refuse(_give(ACCOUNT, 0), abi.encodeWithSelector(IAssetBook.AmountZero.selector));
        ledger.giveBack(ACCOUNT, QUOTA, 60);
        _holds(ACCOUNT, QUOTA, 100, 0);
    }

    function test_eachCustodianHasItsOwn() external {
        ledger.takeCustody(ACCOUNT, QUOTA, 60);
        manager.grantRole(0, address(0xC0), 0);
        bytes32 other = bytes32(uint256(0xC0));
        vm.prank(address(0xC0));
        _refuse(
            _give(NEIGHBOUR_ACCOUNT, 1),
            abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, other, QUOTA, 1, 0)
        );
    }

    /// Units arrive at whoever is suspended, and leave no more.
    function test_suspendedAccountGetsBackButGivesNothing() external {
        ledger.takeCustody(ACCOUNT, QUOTA, 60);
        _perform(_call(_suspension(true)));
        uint64 since = ledger.suspendedAt(ACCOUNT);
        _refuse(_take(ACCOUNT, 1), abi.encodeWithSelector(Standing.AccountSuspended.selector, ACCOUNT, since));
        ledger.giveBack(ACCOUNT, QUOTA, 60);
        _holds(ACCOUNT, QUOTA, 100, 0);
    }

    /// DOMAIN 22: not two persons, not the holder's own contract, not the end of a year.
    function test_nobodyElseReachesUnitsInCustody() external {
        ledger.takeCustody(ACCOUNT, QUOTA, 60);
        bytes memory expected = abi.encodeWithSelector(IAssetBook.AccountInCustody.selector, _custodian());
        ITransfers.Transfer memory moved = _transfer(1, 2);
        moved.from = _custodian();
        _refuse(_call(moved), expected);
        ITransfers.CancelByOrder memory ended = _cancelByOrder(1);
        ended.account = _custodian();
        _refuse(_call(ended), expected);
        IFreezes.Freeze memory frozen = _freeze(1);
        frozen.account = _custodian();
        _refuse(_call(frozen), expected);
        _refuse(_atOnce(frozen), expected);
        _refuse(abi.encodeCall(CarbonLedger.surrender, (_custodian(), QUOTA, 1)), expected);
        _refuse(abi.encodeCall(CarbonLedger.carryOver, (_custodian(), VINTAGE, 1)), expected);
        _refuse(abi.encodeCall(CarbonLedger.expire, (_custodian(), VINTAGE)), expected);
        _refuse(_take(_custodian(), 1), expected);
        _holds(_custodian(), QUOTA, 60, 0);
    }

    /// The highest address is a custodian's; the next id is not, and is told so by its balance.
    function test_custodiansAreTheIdsThatAreAddresses() external {
        bytes32 highest = bytes32(uint256(type(uint160).max));
        bytes32 next = bytes32(uint256(type(uint160).max) + 1);
        _refuse(_take(highest, 1), abi.encodeWithSelector(IAssetBook.AccountInCustody.selector, highest));
        _refuse(_take(next, 1), abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, next, QUOTA, 1, 0));
    }

    /// What the market keeps stays when the year of its holder ends; it is brought back before.
    function test_endOfAYearLeavesWhatIsInCustody() external {
        ledger.takeCustody(ACCOUNT, QUOTA, 60);
        assertEq(ledger.expire(ACCOUNT, VINTAGE), 40);
        _holds(_custodian(), QUOTA, 60, 0);
        _supplies(QUOTA, CAP + 100, 0, 40);
    }

    function _take(bytes32 account, uint64 tonnes) private pure returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.takeCustody, (account, QUOTA, tonnes));
    }

    function _give(bytes32 account, uint64 tonnes) private pure returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.giveBack, (account, QUOTA, tonnes));
    }
}
