// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";

/// @title What an assignment, a number and its amendment cost; measured as in GasTest.
contract EmissionsGasTest is EmissionsFixture {
    bytes private _assignment;
    bytes private _ended;
    bytes private _number;
    bytes private _amendment;
    bytes private _determination;

    /// @dev Everything is made here, so that the tests do nothing but call.
    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(SIZE);
        _assignment = abi.encodeCall(
            IEmissionsRegistry.assign,
            (_nextOp(), ACCOUNT, YEAR, ASSESSOR, begin, finish, _leaf(ASSIGNED_AT), ASSIGNED_AT)
        );
        _ended = abi.encodeCall(IEmissionsRegistry.endAssignment, (_nextOp(), ACCOUNT, YEAR, _leaf(15), 15));
        Registering memory r = _good();
        _number = _registerCall(r);
        (r.opId, r.v.revision, r.v.tonnes) = (_nextOp(), 2, TONNES + 1);
        (r.v.statementLeaf, r.statement) = (_leaf(VERIFIED_AT + 1), _proof(VERIFIED_AT + 1, SIZE));
        r.signature = _verify(ASSESSOR_KEY, r.v);
        _amendment = _registerCall(r);
        IEmissionsRegistry.Determination memory d = _decision();
        _determination = _determineCall(_nextOp(), d, _decide(d, PARK_PERSON, REGULATOR_PERSON), 26);
        vm.warp(begin);
    }

    function test_assign() external {
        _take(_assignment);
    }

    function test_assignThenEnd() external {
        _take(_assignment);
        _take(_ended);
    }

    function test_assignThenRegister() external {
        _take(_assignment);
        _take(_number);
    }

    function test_assignThenRegisterThenAmend() external {
        _take(_assignment);
        _take(_number);
        _take(_amendment);
    }

    function test_determine() external {
        _take(_determination);
    }
}
