// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {IKeyRecovery} from "../interfaces/IKeyRecovery.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {RecoveryFixture} from "./base/RecoveryFixture.sol";

/// @title A recovery from its proposal, through the delay, to its completion.
/// @notice Who may approve one is in RecoveryApproval.t.sol, who may stop one in RecoveryVeto.t.sol.
contract KeyRecoveryTest is RecoveryFixture {
    function test_aProposalIsAnnouncedAndChangesNoKey() external {
        address[2] memory approvers = [vm.addr(PARK_PERSON), vm.addr(REGULATOR_PERSON)];
        vm.recordLogs();
        vm.expectEmit(address(registry));
        emit IKeyRecovery.RecoveryProposed(
            ACCOUNT,
            found,
            OP,
            lost,
            ES256K,
            STATEMENT_AND_ASSET,
            _publicKey(NEWCOMER),
            _leaf(PROPOSED_AT),
            PROPOSED_AT,
            REASON,
            readyAt,
            approvers
        );
        _accept(_proposeCall(OP));
        assertEq(_eventCount(), 1);
        _checkRecovery(IKeyRecovery.RecoveryState.PENDING);
        assertEq(registry.keyOf(found).accountId, 0);
        assertEq(registry.thumbprintOf(vm.addr(NEWCOMER)), 0);
        assertTrue(registry.isActive(lost) && !registry.isActive(found), "nothing yet");
        assertTrue(registry.opUsed(OP), "applied");
        assertEq(registry.recoveryDelaySeconds(), RECOVERY_DELAY);
    }

    function test_completionPutsTheNewKeyInTheOldOnesPlace() external {
        _accept(_proposeCall(_nextOp()));
        vm.warp(readyAt);
        vm.recordLogs();
        vm.expectEmit(address(registry));
        emit IKeyBook.KeyEnrolled(
            ACCOUNT,
            found,
            OP,
            ES256K,
            STATEMENT_AND_ASSET,
            _publicKey(NEWCOMER),
            vm.addr(NEWCOMER),
            _leaf(COMPLETED_AT),
            COMPLETED_AT
        );
        vm.expectEmit(address(registry));
        emit IKeyBook.KeyRevoked(ACCOUNT, lost, OP, COMPLETED_AT);
        vm.expectEmit(address(registry));
        emit IKeyRecovery.RecoveryCompleted(ACCOUNT, found, OP, lost);
        _accept(_completeCall(OP));
        assertEq(_eventCount(), 3);
        _checkRecovery(IKeyRecovery.RecoveryState.COMPLETED);
        IKeyBook.Key memory expected = IKeyBook.Key(
            ACCOUNT, _leaf(30), vm.addr(NEWCOMER), ES256K, STATEMENT_AND_ASSET, COMPLETED_AT, readyAt, 0, 0, 0
        );
        assertEq(keccak256(abi.encode(registry.keyOf(found))), keccak256(abi.encode(expected)));
        assertEq(registry.thumbprintOf(vm.addr(NEWCOMER)), found);
        assertEq(registry.keyOf(lost).revokedAt, readyAt);
        assertEq(registry.keyOf(lost).revokedIndex, COMPLETED_AT);
    }

    /// A stolen key is ended first, so that the thief has no veto; its end is not moved by the recovery.
    function test_aKeyThatEndedBeforeStaysEndedWhereItWas() external {
        registry.declareCompromised(_nextOp(), lost, 10, 15);
        IKeyBook.Key memory ended = registry.keyOf(lost);
        _accept(_proposeCall(_nextOp()));
        _denyWith(
            _vetoCall(HOLDER), abi.encodeWithSelector(IKeyRecovery.VetoInvalid.selector, ACCOUNT, vm.addr(HOLDER))
        );
        vm.warp(readyAt);
        vm.recordLogs();
        _accept(_completeCall(OP));
        assertEq(_eventCount(), 2);
        assertEq(keccak256(abi.encode(registry.keyOf(lost))), keccak256(abi.encode(ended)));
        assertTrue(registry.isActive(found), "recovered");
    }

    function test_theKeyComesAfterTheDelayAndNoSecondBefore() external {
        _accept(_proposeCall(_nextOp()));
        bytes memory early = abi.encodeWithSelector(IKeyRecovery.RecoveryNotReady.selector, readyAt);
        _denyWith(_completeCall(OP), early);
        vm.warp(readyAt - 1);
        _denyWith(_completeCall(OP), early);
        vm.warp(readyAt);
        _accept(_completeCall(OP));
    }

    function test_completionIsOfTheProposedKeyOnce() external {
        _denyWith(_completeCall(OP), _notPending(IKeyRecovery.RecoveryState.NONE));
        _accept(_proposeCall(_nextOp()));
        vm.warp(readyAt);
        bytes memory call = abi.encodeCall(
            IIdentifierRegistry.completeRecovery, (OP, found, _publicKey(HOLDER), _leaf(30), COMPLETED_AT)
        );
        _denyWith(call, abi.encodeWithSelector(IKeyRecovery.RecoveryKeyDiffers.selector, lost, found));
        call = abi.encodeCall(IIdentifierRegistry.completeRecovery, (OP, found, hex"00", _leaf(30), COMPLETED_AT));
        _denyWith(call, abi.encodeWithSelector(IKeyBook.PublicKeyLengthInvalid.selector, ES256K, 1));
        call = abi.encodeCall(
            IIdentifierRegistry.completeRecovery, (OP, found, _publicKey(NEWCOMER), bytes32(0), COMPLETED_AT)
        );
        _denyWith(call, abi.encodeWithSelector(IKeyBook.LeafHashZero.selector));
        call = abi.encodeCall(IIdentifierRegistry.completeRecovery, (OP, found, _publicKey(NEWCOMER), _leaf(3), 3));
        _denyWith(call, abi.encodeWithSelector(IKeyBook.RevocationIndexInvalid.selector, 3, 3));
        _checkRecovery(IKeyRecovery.RecoveryState.PENDING);
        assertEq(registry.keyOf(found).accountId, 0);
        _accept(_completeCall(OP));
        _denyWith(_completeCall(OP), abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, OP));
        _denyWith(_completeCall(keccak256("2")), _notPending(IKeyRecovery.RecoveryState.COMPLETED));
    }

    /// Two proposals for one key do not wait for each other: the second finds it ended.
    function test_twoKeysMayBeProposedForOne() external {
        _accept(_proposeCall(_nextOp()));
        uint256 other = 0x7009;
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ES256, other, STATEMENT_AND_ASSET, 21);
        Cosignature[2] memory approvals = _approve(ACCOUNT, lost, grant, VERIFIER_PERSON, PARK_PERSON);
        registry.proposeRecovery(_nextOp(), lost, grant, REASON, approvals);
        vm.warp(readyAt);
        _accept(_completeCall(_nextOp()));
        bytes32 thumbprint = _thumbprint(ES256, other);
        vm.recordLogs();
        registry.completeRecovery(OP, thumbprint, grant.publicKey, _leaf(31), 31);
        assertEq(_eventCount(), 2);
        assertEq(registry.keyOf(lost).revokedIndex, COMPLETED_AT);
        assertTrue(registry.isActive(found) && registry.isActive(thumbprint), "both");
    }

    /// A proposed key comes by its proposal or never, whatever became of that.
    function test_aProposedKeyComesNoOtherWay() external {
        _accept(_proposeCall(_nextOp()));
        bytes memory proposed = abi.encodeWithSelector(IKeyBook.KeyAlreadyProposed.selector, found);
        for (uint256 i = 0; i < 2; ++i) {
            IKeyBook.KeyGrant memory grant = proposal;
            _denyWith(_proposeCall(OP), proposed);
            _denyWith(_addCall(OP, ACCOUNT, grant, _consent(HOLDER, ACCOUNT, grant)), proposed);
            _denyWith(_rotateCall(OP, lost, grant, _consent(HOLDER, ACCOUNT, grant)), proposed);
            grant = _grant(keccak256("new"), ES256K, NEWCOMER, 6, 25);
            IIdentifierRegistry.Enrolment memory e = IIdentifierRegistry.Enrolment("new", 2, 0, 0, grant);
            _denyWith(abi.encodeCall(IIdentifierRegistry.enrol, (OP, e)), proposed);
            if (i == 0) _accept(_vetoCall(HOLDER));
        }
    }

    function test_aKnownKeyIsNotProposed() external {
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ES256K, NEWCOMER, STATEMENT_AND_ASSET, 15);
        registry.addKey(_nextOp(), ACCOUNT, grant, _consent(HOLDER, ACCOUNT, grant));
        bytes memory known = abi.encodeWithSelector(IKeyBook.KeyAlreadyEnrolled.selector, found, ACCOUNT);
        _denyWith(_proposeCall(OP), known);
        registry.revoke(_nextOp(), found, 16);
        _denyWith(_proposeCall(OP), known);
    }
}
