// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IActs} from "../interfaces/IActs.sol";
import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {ITransfers} from "../interfaces/ITransfers.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title There is no free transfer: units move for a cause, by two persons, and end by their holder's word or an order.
contract CarbonLedgerTransfersTest is LedgerFixture {
    function setUp() external {
        _deployLedger();
        _issued();
        _given(ACCOUNT, 100);
        _perform(_call(_offset(1, 50)));
    }

    function test_transferMovesUnitsAndSaysWhy() external {
        ITransfers.Transfer memory m = _transfer(30, 3);
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit ITransfers.Transferred(
            ACCOUNT, NEIGHBOUR_ACCOUNT, QUOTA, m.opId, 30, 3, 0, MINUTES, _approvers(), entry.leafHash, entry.logIndex
        );
        _perform(call);
        _holds(ACCOUNT, QUOTA, 70, 0);
        _holds(NEIGHBOUR_ACCOUNT, QUOTA, 30, 0);
        _supplies(QUOTA, CAP + 100, 0, 0);
    }

    function test_transferOfMoreThanIsFreeIsRefused() external {
        _refuse(
            _call(_transfer(101, 1)),
            abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, ACCOUNT, QUOTA, 101, 100)
        );
        _refuse(_call(_transfer(0, 1)), abi.encodeWithSelector(IAssetBook.AmountZero.selector));
        _perform(_call(_transfer(100, 1)));
        _holds(ACCOUNT, QUOTA, 0, 0);
    }

    function test_transferIsBetweenTwoAccountsThatMayHold() external {
        ITransfers.Transfer memory m = _transfer(1, 1);
        m.to = ACCOUNT;
        _refuse(_call(m), abi.encodeWithSelector(ITransfers.PartiesInvalid.selector, ACCOUNT, ACCOUNT));
        bytes32[3] memory others = [keccak256("regulator"), keccak256("verifier"), keccak256("nobody")];
        uint8[3] memory kinds = [5, 4, 0];
        for (uint256 i = 0; i < 3; ++i) {
            m.to = others[i];
            _refuse(_call(m), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, others[i], kinds[i]));
        }
        m.to = RESERVE;
        _perform(_call(m));
        _holds(RESERVE, QUOTA, CAP + 1, 0);
    }

    function test_transferHasACauseAndADocument() external {
        for (uint256 i = 0; i < 2; ++i) {
            uint8 cause = i == 0 ? 0 : 5;
            _refuse(_call(_transfer(1, cause)), abi.encodeWithSelector(ITransfers.CauseInvalid.selector, cause, QUOTA));
        }
        ITransfers.Transfer memory m = _transfer(1, 1);
        m.documentHash = 0;
        _refuse(_call(m), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
        for (uint8 cause = 1; cause < 4; ++cause) {
            _perform(_call(_transfer(1, cause)));
        }
        _holds(NEIGHBOUR_ACCOUNT, QUOTA, 3, 0);
    }

    function test_onlyAParkGrantsFromAReserve() external {
        _refuse(_call(_transfer(1, 4)), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, ACCOUNT, 2));
        ITransfers.Transfer memory m = _transfer(500, 4);
        m.from = RESERVE;
        _perform(_call(m));
        _holds(RESERVE, QUOTA, CAP - 500, 0);
        _holds(NEIGHBOUR_ACCOUNT, QUOTA, 500, 0);
    }

    function test_ccerMovesBySuccessionOnly() external {
        for (uint8 cause = 2; cause < 5; ++cause) {
            ITransfers.Transfer memory other = _transfer(1, cause);
            other.asset = CCER;
            _refuse(_call(other), abi.encodeWithSelector(ITransfers.CauseInvalid.selector, cause, CCER));
        }
        ITransfers.Transfer memory m = _transfer(20, 1);
        m.asset = CCER;
        _perform(_call(m));
        _holds(ACCOUNT, CCER, 30, 0);
        _holds(NEIGHBOUR_ACCOUNT, CCER, 20, 0);
    }

    function test_cancellationByOrderEndsUnits() external {
        ITransfers.CancelByOrder memory m = _cancelByOrder(30);
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit ITransfers.CancelledByOrder(
            ACCOUNT, QUOTA, m.opId, 30, MINUTES, _approvers(), entry.leafHash, entry.logIndex
        );
        _perform(call);
        _holds(ACCOUNT, QUOTA, 70, 0);
        _supplies(QUOTA, CAP + 100, 0, 30);
        m = _cancelByOrder(CAP);
        m.account = RESERVE;
        _perform(_call(m));
        _holds(RESERVE, QUOTA, 0, 0);
        m = _cancelByOrder(71);
        _refuse(_call(m), abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, ACCOUNT, QUOTA, 71, 70));
        m.documentHash = 0;
        _refuse(_call(m), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
    }

    function test_holderEndsItsOwnUnits() external {
        ITransfers.Cancel memory m = _cancel(30);
        bytes memory call = _call(m);
        vm.expectEmit(address(ledger));
        emit ITransfers.Cancelled(ACCOUNT, QUOTA, m.opId, 30, vm.addr(HOLDER), entry.leafHash, entry.logIndex);
        _perform(call);
        _holds(ACCOUNT, QUOTA, 70, 0);
        _supplies(QUOTA, CAP + 100, 0, 30);
        m = _cancel(50);
        m.asset = CCER;
        _perform(_call(m));
        _supplies(CCER, 50, 0, 50);
    }

    function test_holderEndsNoMoreThanItHas() external {
        _refuse(
            _call(_cancel(101)),
            abi.encodeWithSelector(IAssetBook.BalanceInsufficient.selector, ACCOUNT, QUOTA, 101, 100)
        );
        ITransfers.Cancel memory m = _cancel(1);
        m.asset = AssetId.wrap(7);
        _refuse(_call(m), abi.encodeWithSelector(Assets.AssetInvalid.selector, 7));
        _perform(_call(_cancel(100)));
    }

    function test_holdersWordCountsBeforeItsDeadline() external {
        ITransfers.Cancel memory m = _cancel(1);
        bytes memory call = _call(m);
        vm.warp(deadline);
        _refuse(call, abi.encodeWithSelector(ISpeakers.IntentExpired.selector, deadline));
        vm.warp(deadline - 1);
        _perform(call);
    }
}
