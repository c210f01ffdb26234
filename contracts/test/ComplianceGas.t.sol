// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CreditScores} from "../CreditScores.sol";
import {ICompliance} from "../interfaces/ICompliance.sol";
import {ICreditScores} from "../interfaces/ICreditScores.sol";
import {ComplianceFixture} from "./base/ComplianceFixture.sol";

/// @title What terms, surrenders and the end of a year cost; measured as in GasTest.
contract ComplianceGasTest is ComplianceFixture {
    uint256 private constant _LIMIT = 180_000;
    address private constant _RELAYER = address(0x4E61);

    CreditScores private _scores;
    bytes private _first;
    bytes private _second;
    bytes private _offsets;
    bytes private _year;
    bytes private _price;
    bytes private _assessment;
    bytes private _met;
    bytes private _carried;
    bytes private _closed;
    bytes private _proposal;
    bytes private _published;

    /// @dev Everything is made here, so that the tests do nothing but call; the relayer has the registrar's role.
    function setUp() external {
        _deployCompliance();
        _scores = new CreditScores(address(manager), DEPLOYMENT_ID, registry);
        _role(address(compliance), ICompliance.setTerms.selector);
        _role(address(compliance), ICompliance.setPrice.selector);
        _role(address(compliance), ICompliance.surrender.selector);
        _role(address(compliance), ICompliance.carryOver.selector);
        _role(address(compliance), ICompliance.assess.selector);
        _role(address(compliance), ICompliance.close.selector);
        _role(address(_scores), ICreditScores.propose.selector);
        _role(address(_scores), ICreditScores.publish.selector);
        manager.grantRole(1, _RELAYER, 0);
        _determined(ACCOUNT, YEAR, TONNES);
        _give(ACCOUNT, CCER, 3_000);
        _give(ACCOUNT, _quota(YEAR), 40_000);
        ICompliance.YearTerms memory t = _terms();
        t.year = YEAR + 1;
        (_year, _price) = (_termsCall(t), _priceCall(_nextOp(), FEN));
        (_first, _second) = (_surrenderCall(_quota(YEAR), 36_000), _surrenderCall(_quota(YEAR), 900));
        (_offsets, _met) = (_surrenderCall(CCER, 1_947), _surrenderCall(_quota(YEAR), 95));
        _assessment = _assessCall();
        vm.warp(last);
        _carried = _carryCall(1_000, 0);
        vm.warp(begin);
        bytes32[] memory accounts = new bytes32[](1);
        accounts[0] = ACCOUNT;
        _closed = _closeCall(accounts);
        ICreditScores.Score memory s = ICreditScores.Score(ACCOUNT, YEAR, 8_125, 2, DOCUMENT, DOCUMENT);
        _proposal = abi.encodeCall(ICreditScores.propose, (_nextOp(), s, last, _entry()));
        _published = abi.encodeCall(ICreditScores.publish, (_nextOp(), s, _entry()));
        vm.warp(begin - 1 days);
    }

    function test_setTerms() external {
        _send(_year);
    }

    function test_setPrice() external {
        _send(_price);
    }

    /// The first of an account and year, through the relayer, the whole transaction: 21,000, call data, execution; with a
    /// little more for the call itself, which a transaction does not have.
    function test_surrenderFirst() external {
        bytes memory call = _first;
        vm.prank(_RELAYER);
        uint256 before = gasleft();
        (bool succeeded,) = address(compliance).call(call);
        uint256 execution = before - gasleft();
        assertTrue(succeeded, "taken");
        assertTrue(21_000 + _callDataGas(call) + execution <= _LIMIT, "a first surrender costs too much");
    }

    function test_surrenderFirstThenQuota() external {
        _send(_first);
        _send(_second);
    }

    function test_surrenderFirstThenOffsets() external {
        _send(_first);
        _send(_offsets);
    }

    function test_setPriceThenAssess() external {
        _send(_price);
        vm.warp(last);
        _send(_assessment);
    }

    function test_surrenderThreeThenCarryOverThenClose() external {
        _send(_first);
        _send(_second);
        _send(_offsets);
        _send(_met);
        vm.warp(last);
        _send(_carried);
        vm.warp(closing);
        _send(_closed);
    }

    function test_proposeThenPublishScore() external {
        _sendTo(address(_scores), _proposal);
        vm.warp(last);
        _sendTo(address(_scores), _published);
    }

    function _role(address target, bytes4 selector) private {
        bytes4[] memory one = new bytes4[](1);
        one[0] = selector;
        manager.setTargetFunctionRole(target, one, 1);
    }

    function _send(bytes memory call) private {
        _sendTo(address(compliance), call);
    }

    function _sendTo(address target, bytes memory call) private {
        vm.prank(_RELAYER);
        (bool succeeded, bytes memory returned) = target.call(call);
        if (!succeeded) revert RefusedOtherwise(returned, 0);
    }

    /// @dev EIP-2028.
    function _callDataGas(bytes memory call) private pure returns (uint256 gas) {
        for (uint256 i = 0; i < call.length; ++i) {
            gas += call[i] == 0 ? 4 : 16;
        }
    }
}
