// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {LedgerHandler} from "./base/LedgerHandler.sol";
import {TestBase} from "./base/TestBase.sol";

/// @title Laws 3, 6 and 7 after every call of a ledger under honest and dishonest persons, holders and contracts.
/// @notice `make invariants` runs it for a million calls in a hundred runs: each act is taken often enough in each of
/// them to be taken a thousand times and more in all.
contract CarbonLedgerInvariantTest is TestBase {
    uint256 private constant _LONG = 5_000;
    uint256 private constant _OFTEN = 20;

    LedgerHandler private _handler;

    function setUp() external {
        _handler = new LedgerHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Issued = held + surrendered + cancelled per asset, each operation takes effect once, nobody's units move without a
    /// right, frozen ones stay, and the events alone say all of it. One law, since each costs a run of its own.
    function invariant_everyUnitIsAccountedFor() external view {
        assertTrue(!_handler.unfounded(), "answered otherwise than foretold");
        _handler.checkRebuilt();
    }

    /// Each run means something. Forge calls this after a run.
    function afterInvariant() external view {
        uint256 all = 0;
        uint256 sent = _handler.sent();
        for (uint256 i = 0; i < _handler.ACTIONS(); ++i) {
            uint256 taken = _handler.taken(i);
            if (sent > _LONG) {
                assertTrue(taken >= _OFTEN, string(abi.encodePacked("seldom taken: action ", bytes1(uint8(65 + i)))));
            }
            all += taken;
        }
        assertTrue(all != 0, "nothing was taken");
        // A short run may begin with little to move.
        if (sent > _LONG) assertTrue(2 * _handler.refused() <= sent, "mostly refused");
        _handler.checkAll();
    }
}
