// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {KeyLifeHandler} from "./base/KeyLifeHandler.sol";
import {TestBase} from "./base/TestBase.sol";

contract KeyLifeInvariantTest is TestBase {
    KeyLifeHandler private _handler;

    function setUp() external {
        _handler = new KeyLifeHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Law 7: an account's further ES256K key came with the consent of one that spoke for it then, or by a recovery;
    /// a key that ended never speaks again, nor is its end or its flag moved on; a recovery once withdrawn never comes.
    function invariant_keysComeByTheirHoldersOrByRecoveryAndEndForGood() external view {
        assertEq(_handler.uninvited(), 0);
        assertTrue(!_handler.revived(), "an ended key came back");
        assertTrue(!_handler.resumed(), "a withdrawn recovery came back");
    }

    /// Whoever reads the events, and their blocks' times, knows the registry.
    function invariant_eventsAloneRebuildTheRegistry() external view {
        _handler.checkRebuilt();
    }

    /// The run means something. Forge calls this after a run.
    function afterInvariant() external view {
        assertTrue(_handler.accepted() > 0, "nothing was accepted");
        assertTrue(_handler.refused() > 0, "nothing was refused");
    }
}
