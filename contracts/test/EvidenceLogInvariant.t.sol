// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EvidenceLog} from "../EvidenceLog.sol";
import {LogHandler} from "./base/LogHandler.sol";
import {TestBase} from "./base/TestBase.sol";

contract EvidenceLogInvariantTest is TestBase {
    LogHandler private _handler;

    function setUp() external {
        _handler = new LogHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Law 2: within an epoch the head only grows.
    function invariant_headOnlyGrowsWithinAnEpoch() external view {
        assertTrue(!_handler.shrank(), "the head shrank");
        (uint64 epoch, uint64 size, bytes32 root) = _handler.evidenceLog().head();
        assertEq(epoch, _handler.epoch());
        if (size > 0) assertEq(root, _handler.signed(epoch, size));
    }

    /// Every root that the log knows was cosigned in its epoch (or is what the epoch started from), and every one that
    /// was is known, unless a later epoch cut it off.
    function invariant_knownRootsAreTheCosignedOnes() external view {
        EvidenceLog log = _handler.evidenceLog();
        uint64 last = _handler.epoch();
        for (uint64 epoch = 0; epoch <= last + 1; ++epoch) {
            bytes32[] memory expected = _handler.expectedRoots(epoch);
            for (uint64 size = 0; size < expected.length; ++size) {
                assertEq(log.rootAt(epoch, size), expected[size]);
            }
        }
    }

    /// The run means something: each kind of call is reached. Forge calls this after a run.
    function afterInvariant() external view {
        assertTrue(_handler.accepted() + _handler.epoch() > 0, "nothing was accepted");
        assertTrue(_handler.refused() > 0, "nothing was refused");
    }
}
