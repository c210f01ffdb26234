// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {IKeyRecovery} from "../interfaces/IKeyRecovery.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {RecoveryFixture} from "./base/RecoveryFixture.sol";

/// @title A recovery is stopped by the holder until it is ripe, by the registrar until it is completed, by nobody else.
contract RecoveryVetoTest is RecoveryFixture {
    function test_theHolderVetoesByAnyActiveKey() external {
        _accept(_proposeCall(_nextOp()));
        vm.warp(readyAt - 1);
        bytes memory call = _vetoCall(HOLDER);
        vm.recordLogs();
        vm.expectEmit(address(registry));
        emit IKeyRecovery.RecoveryVetoed(ACCOUNT, found, vm.addr(HOLDER));
        vm.prank(address(0xBEEF));
        _accept(call);
        assertEq(_eventCount(), 1);
        _checkRecovery(IKeyRecovery.RecoveryState.WITHDRAWN);
        _denyWith(call, _notPending(IKeyRecovery.RecoveryState.WITHDRAWN));
        vm.warp(readyAt);
        _denyWith(_completeCall(OP), _notPending(IKeyRecovery.RecoveryState.WITHDRAWN));
        assertEq(registry.keyOf(found).accountId, 0);
        assertTrue(registry.isActive(lost), "the holder's");
    }

    function test_theTimeToObjectEndsWhereTheTimeToCompleteBegins() external {
        _denyWith(_vetoCall(HOLDER), _notPending(IKeyRecovery.RecoveryState.NONE));
        _accept(_proposeCall(_nextOp()));
        bytes memory late = abi.encodeWithSelector(IKeyRecovery.RecoveryVetoLate.selector, readyAt);
        vm.warp(readyAt);
        _denyWith(_vetoCall(HOLDER), late);
        vm.warp(readyAt + 1 days);
        _denyWith(_vetoCall(HOLDER), late);
        _accept(_completeCall(OP));
        _denyWith(_vetoCall(NEWCOMER), _notPending(IKeyRecovery.RecoveryState.COMPLETED));
    }

    function test_nobodyElseVetoes() external {
        _accept(_proposeCall(_nextOp()));
        uint256[4] memory others = [NEIGHBOUR_KEY, NEWCOMER, PARK_PERSON, uint256(0xBEEF)];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected =
                abi.encodeWithSelector(IKeyRecovery.VetoInvalid.selector, ACCOUNT, vm.addr(others[i]));
            _denyWith(_vetoCall(others[i]), expected);
        }
        registry.revoke(_nextOp(), lost, 25);
        _denyWith(
            _vetoCall(HOLDER), abi.encodeWithSelector(IKeyRecovery.VetoInvalid.selector, ACCOUNT, vm.addr(HOLDER))
        );
        _checkRecovery(IKeyRecovery.RecoveryState.PENDING);
    }

    /// For this account and this key, this chain, this contract, this deployment.
    function test_aVetoOfAnythingElseIsRefused() external {
        _accept(_proposeCall(_nextOp()));
        bytes32 meant = keccak256(abi.encode(VETO, ACCOUNT, found));
        bytes32 possession = keccak256(abi.encode(POSSESSION, ACCOUNT, found, STATEMENT_AND_ASSET));
        Cosignature memory good = _signHere(HOLDER, meant);
        Cosignature[6] memory others = [
            _veto(HOLDER, NEIGHBOUR_ACCOUNT, found),
            _veto(HOLDER, ACCOUNT, lost),
            _signHere(HOLDER, possession),
            _sign(HOLDER, meant, address(this), DEPLOYMENT_ID),
            _sign(HOLDER, meant, address(registry), keccak256("another deployment")),
            Cosignature(good.r, good.vs ^ bytes32(uint256(1) << 255))
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            _vetoRefused(meant, others[i]);
        }
        vm.chainId(block.chainid + 1);
        _vetoRefused(meant, good);
        vm.chainId(block.chainid - 1);
        bytes32 high = _highS().vs;
        bytes memory call = abi.encodeCall(IKeyRecovery.vetoRecovery, (found, _highS()));
        _denyWith(call, abi.encodeWithSelector(CompactSignature.SignatureNotLow.selector, high));
        _accept(abi.encodeCall(IKeyRecovery.vetoRecovery, (found, good)));
    }

    function test_theRegistrarWithdrawsUntilTheCompletion() external {
        _denyWith(_cancelCall(OP), _notPending(IKeyRecovery.RecoveryState.NONE));
        _accept(_proposeCall(_nextOp()));
        vm.warp(readyAt + 1 days);
        vm.recordLogs();
        vm.expectEmit(address(registry));
        emit IKeyRecovery.RecoveryCancelled(ACCOUNT, found, OP);
        _accept(_cancelCall(OP));
        assertEq(_eventCount(), 1);
        _checkRecovery(IKeyRecovery.RecoveryState.WITHDRAWN);
        _denyWith(_completeCall(keccak256("2")), _notPending(IKeyRecovery.RecoveryState.WITHDRAWN));
        _denyWith(_vetoCall(HOLDER), _notPending(IKeyRecovery.RecoveryState.WITHDRAWN));
        _denyWith(_cancelCall(OP), abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, OP));
    }

    /// The log's veto may reach the chain after the chain's own.
    function test_withdrawalAfterAVetoDoesNoHarm() external {
        _accept(_proposeCall(_nextOp()));
        _accept(_vetoCall(HOLDER));
        _accept(_cancelCall(OP));
        _checkRecovery(IKeyRecovery.RecoveryState.WITHDRAWN);
    }

    function test_whatIsCompletedIsNotWithdrawn() external {
        _accept(_proposeCall(_nextOp()));
        vm.warp(readyAt);
        _accept(_completeCall(_nextOp()));
        _denyWith(_cancelCall(OP), _notPending(IKeyRecovery.RecoveryState.COMPLETED));
        assertTrue(registry.isActive(found), "still there");
    }

    /// Between proposal and completion no second of time, and no block, gives both a veto and a completion.
    function testFuzz_atEachMomentEitherTheHolderObjectsOrTheKeyComes(uint32 first, uint32 then) external {
        _accept(_proposeCall(_nextOp()));
        uint64 start = uint64(block.timestamp);
        uint64 at = start + uint64(bound(first, 0, 2 * RECOVERY_DELAY));
        vm.warp(at);
        if (at < readyAt) {
            _deny(_completeCall(OP), IKeyRecovery.RecoveryNotReady.selector);
            _accept(_vetoCall(HOLDER));
        } else {
            _deny(_vetoCall(HOLDER), IKeyRecovery.RecoveryVetoLate.selector);
            _accept(_completeCall(OP));
        }
        vm.warp(at + uint64(bound(then, 0, 2 * RECOVERY_DELAY)));
        _deny(_completeCall(keccak256("2")), IKeyRecovery.RecoveryNotPending.selector);
        _deny(_vetoCall(HOLDER), IKeyRecovery.RecoveryNotPending.selector);
        assertTrue(registry.isActive(found) == (at >= readyAt), "one or the other");
        assertTrue(registry.isActive(lost) == (at < readyAt), "never both, never none");
    }

    function _vetoRefused(bytes32 meant, Cosignature memory veto) private {
        address named = _signer(_digest(meant), veto);
        assertTrue(named != vm.addr(HOLDER), "this one would be good");
        bytes memory expected = abi.encodeWithSelector(IKeyRecovery.VetoInvalid.selector, ACCOUNT, named);
        _denyWith(abi.encodeCall(IKeyRecovery.vetoRecovery, (found, veto)), expected);
    }
}
