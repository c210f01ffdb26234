// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ExchangeHandler} from "./base/ExchangeHandler.sol";
import {TestBase} from "./base/TestBase.sol";

/// @title Laws 3, 6 and 7 after every call of an exchange: units = custody, all cash = deposited - paid, fills, locks.
/// @notice `make invariants` runs it for a million calls in a hundred runs.
contract ExchangeInvariantTest is TestBase {
    uint256 private constant _LONG = 5_000;
    uint256 private constant _OFTEN = 20;

    ExchangeHandler private _handler;

    function setUp() external {
        _handler = new ExchangeHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Every tonne in trading is in custody, every fen was deposited, no order is filled beyond its tonnes, what was bought
    /// is locked, nobody's is moved without a right, and the events alone say all of it.
    function invariant_everyUnitAndFenIsAccountedFor() external view {
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
        if (sent > _LONG) assertTrue(2 * _handler.refused() <= sent, "mostly refused");
    }
}
