// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ComplianceHandler} from "./base/ComplianceHandler.sol";
import {TestBase} from "./base/TestBase.sol";

/// @title Laws 3, 4, 6 and 7 over years of surrenders, amendments, credit, carry-over and closing.
contract ComplianceInvariantTest is TestBase {
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
}
