// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EmissionsHandler} from "./base/EmissionsHandler.sol";
import {TestBase} from "./base/TestBase.sol";

contract EmissionsInvariantTest is TestBase {
    EmissionsHandler private _handler;

    function setUp() external {
        _handler = new EmissionsHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// A number comes by the word of an active key of the assigned, independent verifier or of two persons of two bodies,
    /// and neither changes nor goes otherwise; the handler foretells each answer.
    function invariant_numbersComeByAVerifierOrByTwoPersons() external view {
        assertTrue(!_handler.unfounded(), "a number moved by itself");
    }

    /// Whoever reads the events, and their blocks' times, knows the contract.
    function invariant_eventsAloneRebuildTheEmissions() external view {
        _handler.checkRebuilt();
    }

    /// Each run means something. Forge calls this after a run.
    function afterInvariant() external view {
        assertTrue(_handler.registered() > 0, "no verifier brought a number");
        assertTrue(_handler.determined() > 0, "no two persons brought a number");
        assertTrue(_handler.refused() > 0, "nothing was refused");
    }
}
