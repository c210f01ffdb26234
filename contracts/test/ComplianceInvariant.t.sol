// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ComplianceHandler} from "./base/ComplianceHandler.sol";
import {TestBase} from "./base/TestBase.sol";

/// @title Laws 3, 4, 6 and 7 over years of surrenders, amendments, credit, carry-over and closing.
contract ComplianceInvariantTest is TestBase {
    /// @dev Above this many calls that were taken a run is a long one, in which every act was taken so often at least.
    uint256 private constant _LONG = 4_000;
    uint256 private constant _OFTEN = 10;

    ComplianceHandler private _handler;

    function setUp() external {
        _handler = new ComplianceHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// After every call each case is what its events say and keeps law 4, each asset keeps law 3, and no call was
    /// answered otherwise than foretold: taken twice (law 6), or on another's word (law 7).
    /// forge-config: default.invariant.fail-on-revert = false
    function invariant_obligationsAndUnitsAreWhatEventsSay() external view {
        assertTrue(!_handler.unforetold(), "answered otherwise than foretold");
        _handler.checkRebuilt();
    }

    /// A long run means something: each act was taken, in the hundred runs of `make invariants` a thousand times and more.
    /// Forge calls this after a run.
    function afterInvariant() external view {
        if (_handler.takenTogether() < _LONG) return;
        bytes4[13] memory acts = [
            ComplianceHandler.pass.selector,
            ComplianceHandler.surrenderOffsets.selector,
            ComplianceHandler.surrenderQuota.selector,
            ComplianceHandler.amend.selector,
            ComplianceHandler.assess.selector,
            ComplianceHandler.credit.selector,
            ComplianceHandler.carryOver.selector,
            ComplianceHandler.close.selector,
            ComplianceHandler.freeze.selector,
            ComplianceHandler.lapse.selector,
            ComplianceHandler.overreach.selector,
            ComplianceHandler.forge.selector,
            ComplianceHandler.replay.selector
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            assertTrue(
                _handler.taken(acts[i]) >= _OFTEN, string(abi.encodePacked("seldom taken: act ", bytes1(uint8(65 + i))))
            );
        }
    }
}
