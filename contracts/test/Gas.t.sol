// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EvidenceLog} from "../EvidenceLog.sol";
import {LogFixture} from "./base/LogFixture.sol";
import {TwoToneTree} from "./base/TwoToneTree.sol";

/// @title What the calls of every day cost. No fuzzing: the snapshot (contracts/.gas-snapshot) holds to the last unit.
/// @notice A test's figure is the call with its call data, less the start of a transaction and what the test itself does
/// (so it compares builds with each other); bench/anchor_gas.py measures whole transactions on a real node.
contract GasTest is LogFixture {
    uint64 private constant _OLD = 999_999;
    uint64 private constant _NEW = 1_009_999;
    uint64 private constant _INDEX = 524_287;

    bytes private _first;
    bytes private _growth;
    bytes private _earlier;
    bytes private _included;

    /// @dev Everything is made here, so that the tests do nothing but call.
    function setUp() external {
        _build();
        TwoToneTree.Tones memory tones = TwoToneTree.make();
        tones.edge = _OLD;
        bytes32 oldRoot = TwoToneTree.root(tones, 0, _OLD);
        bytes32 newRoot = TwoToneTree.root(tones, 0, _NEW);
        _first = _anchorCall(0, _OLD, oldRoot, new bytes32[](0));
        _growth = _anchorCall(0, _NEW, newRoot, TwoToneTree.consistency(tones, _OLD, 0, _NEW, true));
        uint64 between = _OLD - 1;
        bytes32 betweenRoot = TwoToneTree.root(tones, 0, between);
        _earlier = abi.encodeCall(
            EvidenceLog.backfill,
            (
                0,
                between,
                betweenRoot,
                TwoToneTree.consistency(tones, between, 0, _OLD, true),
                _cosign(0, between, betweenRoot)
            )
        );
        _included = abi.encodeCall(
            EvidenceLog.verifyInclusion, (0, _OLD, _INDEX, TwoToneTree.A, TwoToneTree.inclusion(tones, _INDEX, 0, _OLD))
        );
    }

    function test_anchorFirst() external {
        _mustSucceed(_first);
    }

    function test_anchorFirstThenTenThousandOnAMillion() external {
        _mustSucceed(_first);
        _mustSucceed(_growth);
    }

    function test_anchorFirstThenBackfill() external {
        _mustSucceed(_first);
        _mustSucceed(_earlier);
    }

    function test_anchorFirstThenVerifyInclusion() external {
        _mustSucceed(_first);
        _mustSucceed(_included);
    }
}
