// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CarbonLedger} from "../CarbonLedger.sol";
import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {ICarbonLedger} from "../interfaces/ICarbonLedger.sol";
import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {TypedDomain} from "../libraries/TypedDomain.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title What the contract is made of, and what another contract asks of it: surrender, carry-over, the end of a year.
contract CarbonLedgerTest is LedgerFixture {
    function setUp() external {
        _deployLedger();
        _given(ACCOUNT, 100);
    }

    function test_constructorWantsContractsAndADeploymentId() external {
        vm.expectRevert(abi.encodeWithSelector(ICarbonLedger.AuthorityWithoutCode.selector, address(0xBEEF)));
        new CarbonLedger(address(0xBEEF), DEPLOYMENT_ID, registry);
        vm.expectRevert(abi.encodeWithSelector(ISpeakers.IdentifiersWithoutCode.selector, address(0xBEEF)));
        new CarbonLedger(address(manager), DEPLOYMENT_ID, IIdentifierRegistry(address(0xBEEF)));
        vm.expectRevert(abi.encodeWithSelector(TypedDomain.DeploymentIdZero.selector));
        new CarbonLedger(address(manager), 0, registry);
        assertEq(ledger.identifierRegistry(), address(registry));
        assertEq(ledger.authority(), address(manager));
        assertEq(ledger.deploymentId(), DEPLOYMENT_ID);
        assertEq(ledger.domainSeparator(), _separator(address(ledger), DEPLOYMENT_ID));
    }

    function test_surrenderIsForGood() external {
        vm.expectEmit(address(ledger));
        emit ICarbonLedger.Surrendered(ACCOUNT, QUOTA, 60);
        ledger.surrender(ACCOUNT, QUOTA, 60);
        _holds(ACCOUNT, QUOTA, 40, 0);
        _supplies(QUOTA, 100, 60, 0);
        bytes4 selector = IAssetBook.BalanceInsufficient.selector;
        _refuse(
            abi.encodeCall(CarbonLedger.surrender, (ACCOUNT, QUOTA, 41)),
            abi.encodeWithSelector(selector, ACCOUNT, QUOTA, 41, 40)
        );
        _refuse(
            abi.encodeCall(CarbonLedger.surrender, (ACCOUNT, CCER, 1)),
            abi.encodeWithSelector(selector, ACCOUNT, CCER, 1, 0)
        );
        _refuse(
            abi.encodeCall(CarbonLedger.surrender, (ACCOUNT, QUOTA, 0)),
            abi.encodeWithSelector(IAssetBook.AmountZero.selector)
        );
        AssetId cash = AssetId.wrap(0x0003_0000);
        _refuse(
            abi.encodeCall(CarbonLedger.surrender, (ACCOUNT, cash, 1)),
            abi.encodeWithSelector(Assets.AssetInvalid.selector, cash)
        );
    }

    function test_carryOverEndsTheOldVintageAndMakesTheNext() external {
        vm.expectEmit(address(ledger));
        emit ICarbonLedger.CarriedOver(ACCOUNT, QUOTA, NEXT_QUOTA, 60);
        ledger.carryOver(ACCOUNT, VINTAGE, 60);
        _holds(ACCOUNT, QUOTA, 40, 0);
        _holds(ACCOUNT, NEXT_QUOTA, 60, 0);
        _supplies(QUOTA, 100, 0, 60);
        _supplies(NEXT_QUOTA, 60, 0, 0);
        _refuse(
            abi.encodeCall(CarbonLedger.carryOver, (ACCOUNT, VINTAGE, 41)),
            abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, ACCOUNT, QUOTA, 41, 40)
        );
        _refuse(
            abi.encodeCall(CarbonLedger.carryOver, (ACCOUNT, 0, 1)),
            abi.encodeWithSelector(Assets.AssetInvalid.selector, 0x0001_0000)
        );
    }

    function test_lastVintageHasNoNext() external {
        assertRefused(
            address(ledger),
            abi.encodeCall(CarbonLedger.carryOver, (ACCOUNT, type(uint16).max, 1)),
            bytes4(keccak256("Panic(uint256)"))
        );
    }

    function test_yearEndsWhatIsFreeAndLeavesWhatIsFrozen() external {
        _perform(_call(_freeze(30)));
        vm.expectEmit(address(ledger));
        emit ICarbonLedger.Expired(ACCOUNT, QUOTA, 70);
        assertEq(ledger.expire(ACCOUNT, VINTAGE), 70);
        _holds(ACCOUNT, QUOTA, 0, 30);
        _supplies(QUOTA, 100, 0, 70);
        vm.recordLogs();
        assertEq(ledger.expire(ACCOUNT, VINTAGE), 0);
        assertEq(ledger.expire(NEIGHBOUR_ACCOUNT, VINTAGE), 0);
        assertEq(vm.getRecordedLogs().length, 0);
        _supplies(QUOTA, 100, 0, 70);
        _refuse(
            abi.encodeCall(CarbonLedger.expire, (ACCOUNT, 0)),
            abi.encodeWithSelector(Assets.AssetInvalid.selector, 0x0001_0000)
        );
    }

    function test_nothingIsHeldOfWhatIsNoAsset() external view {
        _holds(ACCOUNT, AssetId.wrap(7), 0, 0);
        _supplies(AssetId.wrap(7), 0, 0, 0);
        _holds(keccak256("nobody"), QUOTA, 0, 0);
        _owes(ACCOUNT, 0, 0, 0);
    }
}
