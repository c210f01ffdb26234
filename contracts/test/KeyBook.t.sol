// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {RegistryFixture} from "./base/RegistryFixture.sol";

/// @title Further keys, rotation, revocation and compromise: what they change, what they say, what they refuse.
/// @notice Who must consent is in KeyConsent.t.sol.
contract KeyBookTest is RegistryFixture {
    uint64 private constant _AT = 20;

    bytes32 private _holder;
    bytes32 private _plain;

    /// The enterprise's keys: ES256K at 3, Ed25519 at 10.
    function setUp() external {
        _deploy();
        _enterprises();
        _holder = _thumbprint(HOLDER);
        _plain = _thumbprint(ED25519, HOLDER);
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ED25519, HOLDER, STATEMENT_AND_ASSET, 10);
        registry.addKey(_nextOp(), ACCOUNT, grant, _nothing());
        vm.warp(block.timestamp + 100);
    }

    function test_aFurtherKeyComesWithConsent() external {
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ES256K, NEWCOMER, 4, _AT);
        bytes32 thumbprint = _thumbprint(NEWCOMER);
        vm.recordLogs();
        _expectEnrolled(ES256K, NEWCOMER, 4);
        registry.addKey(OP, ACCOUNT, grant, _consent(HOLDER, ACCOUNT, grant));
        assertEq(_eventCount(), 1);
        _checkKey(thumbprint, vm.addr(NEWCOMER), ES256K, 4);
        assertEq(registry.thumbprintOf(vm.addr(NEWCOMER)), thumbprint);
        assertTrue(registry.isActive(thumbprint) && registry.isActive(_holder), "both speak");
        assertTrue(registry.needsConsent(ACCOUNT), "for the next one, too");
        assertTrue(registry.opUsed(OP), "applied");
    }

    function test_aFurtherPlainKeyNeedsNone() external {
        vm.recordLogs();
        _expectEnrolled(ES256, NEWCOMER, 2);
        registry.addKey(OP, ACCOUNT, _grant(ACCOUNT, ES256, NEWCOMER, 2, _AT), _nothing());
        assertEq(_eventCount(), 1);
        _checkKey(_thumbprint(ES256, NEWCOMER), address(0), ES256, 2);
    }

    function test_rotationEndsTheReplacedKeyWhereTheNewOneBegins() external {
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ES256K, NEWCOMER, STATEMENT_AND_ASSET, _AT);
        bytes32 thumbprint = _thumbprint(NEWCOMER);
        vm.recordLogs();
        _expectEnrolled(ES256K, NEWCOMER, STATEMENT_AND_ASSET);
        vm.expectEmit(address(registry));
        emit IKeyBook.KeyRevoked(ACCOUNT, _holder, OP, _AT);
        registry.rotate(OP, _holder, grant, _consent(HOLDER, ACCOUNT, grant));
        assertEq(_eventCount(), 2);
        _checkKey(thumbprint, vm.addr(NEWCOMER), ES256K, STATEMENT_AND_ASSET);
        _checkEnded(_holder, _AT, 0);
        assertTrue(registry.opUsed(OP), "applied");
    }

    function test_rotationKeepsThePurposes() external {
        bytes4 selector = IKeyBook.PurposesDiffer.selector;
        for (uint8 purposes = 0; purposes <= 16; ++purposes) {
            IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ED25519, NEWCOMER, purposes, _AT);
            bytes memory call = _rotateCall(OP, _plain, grant, _nothing());
            if (purposes == STATEMENT_AND_ASSET) continue;
            _denyWith(call, abi.encodeWithSelector(selector, purposes, STATEMENT_AND_ASSET));
        }
    }

    function test_anEndedOrUnknownKeyIsNotRotated() external {
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ED25519, NEWCOMER, STATEMENT_AND_ASSET, _AT);
        bytes32 none = keccak256("no key");
        _denyWith(_rotateCall(OP, none, grant, _nothing()), abi.encodeWithSelector(IKeyBook.KeyUnknown.selector, none));
        registry.revoke(_nextOp(), _plain, 15);
        bytes memory ended = abi.encodeWithSelector(IKeyBook.KeyAlreadyRevoked.selector, _plain, block.timestamp);
        vm.warp(block.timestamp + 1);
        _denyWith(_rotateCall(OP, _plain, grant, _nothing()), ended);
        assertEq(registry.keyOf(_thumbprint(ED25519, NEWCOMER)).accountId, 0);
    }

    function test_rotationIsAboveThePositionOfTheReplacedKey() external {
        for (uint64 at = 9; at <= 10; ++at) {
            IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ED25519, NEWCOMER, STATEMENT_AND_ASSET, at);
            bytes memory expected = abi.encodeWithSelector(IKeyBook.RevocationIndexInvalid.selector, at, 10);
            _denyWith(_rotateCall(OP, _plain, grant, _nothing()), expected);
        }
        registry.rotate(OP, _plain, _grant(ACCOUNT, ED25519, NEWCOMER, STATEMENT_AND_ASSET, 11), _nothing());
        assertEq(registry.keyOf(_plain).revokedIndex, 11);
    }

    function test_furtherKeysAreForEnrolledIdentifiers() external {
        bytes32 nobody = keccak256("nobody");
        bytes memory expected = abi.encodeWithSelector(IIdentifierRegistry.IdentifierUnknown.selector, nobody);
        _denyWith(_addCall(OP, nobody, _grant(nobody, ED25519, NEWCOMER, 2, _AT), _nothing()), expected);
        _denyWith(_addCall(OP, nobody, _grant(nobody, ES256K, NEWCOMER, 2, _AT), _nothing()), expected);
    }

    /// To its own account or to another, active or not, by whichever call.
    function test_aKeyComesOnceForEver() external {
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory known = abi.encodeWithSelector(IKeyBook.KeyAlreadyEnrolled.selector, _plain, ACCOUNT);
            IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ED25519, HOLDER, STATEMENT_AND_ASSET, _AT);
            _denyWith(_addCall(OP, ACCOUNT, grant, _nothing()), known);
            _denyWith(_addCall(OP, NEIGHBOUR_ACCOUNT, grant, _nothing()), known);
            _denyWith(_rotateCall(OP, _plain, grant, _nothing()), known);
            known = abi.encodeWithSelector(IKeyBook.KeyAlreadyEnrolled.selector, _holder, ACCOUNT);
            grant = _grant(NEIGHBOUR_ACCOUNT, ES256K, HOLDER, STATEMENT_AND_ASSET, _AT);
            _denyWith(_addCall(OP, NEIGHBOUR_ACCOUNT, grant, _consent(NEIGHBOUR_KEY, NEIGHBOUR_ACCOUNT, grant)), known);
            if (i == 1) continue;
            registry.revoke(_nextOp(), _plain, 15);
            registry.revoke(_nextOp(), _holder, 15);
        }
    }

    function test_invalidGrantsAreRefused() external {
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ED25519, NEWCOMER, 0, _AT);
        _denyWith(_addition(grant), abi.encodeWithSelector(IKeyBook.PurposesInvalid.selector, 0));
        grant.purposes = 16;
        _denyWith(_addition(grant), abi.encodeWithSelector(IKeyBook.PurposesInvalid.selector, 16));
        grant.purposes = 2;
        grant.leafHash = 0;
        _denyWith(_addition(grant), abi.encodeWithSelector(IKeyBook.LeafHashZero.selector));
        grant.leafHash = _leaf(_AT);
        grant.algorithm = 0;
        _denyWith(_addition(grant), abi.encodeWithSelector(IKeyBook.AlgorithmInvalid.selector, 0));
        grant.algorithm = 4;
        _denyWith(_addition(grant), abi.encodeWithSelector(IKeyBook.AlgorithmInvalid.selector, 4));
        grant.algorithm = 3;
        _denyWith(_addition(grant), abi.encodeWithSelector(IKeyBook.PublicKeyLengthInvalid.selector, 3, 32));
        grant.algorithm = 1;
        (grant.possession.r, grant.possession.vs) = (bytes32(uint256(1)), bytes32(uint256(2)));
        _denyWith(_addition(grant), abi.encodeWithSelector(IKeyBook.PossessionUnexpected.selector, 1, 2));
    }

    function test_revocationIsATimeAndAPositionAndFinal() external {
        bytes4 early = IKeyBook.RevocationIndexInvalid.selector;
        _denyWith(_revocation(_plain, 9), abi.encodeWithSelector(early, 9, 10));
        _denyWith(_revocation(_plain, 10), abi.encodeWithSelector(early, 10, 10));
        vm.recordLogs();
        vm.expectEmit(address(registry));
        emit IKeyBook.KeyRevoked(ACCOUNT, _plain, keccak256("end"), 11);
        registry.revoke(keccak256("end"), _plain, 11);
        assertEq(_eventCount(), 1);
        _checkEnded(_plain, 11, 0);
        bytes memory ended = abi.encodeWithSelector(IKeyBook.KeyAlreadyRevoked.selector, _plain, block.timestamp);
        vm.warp(block.timestamp + 1);
        _denyWith(_revocation(_plain, 30), ended);
        bytes32 none = keccak256("no key");
        _denyWith(_revocation(none, 30), abi.encodeWithSelector(IKeyBook.KeyUnknown.selector, none));
        assertTrue(!registry.isActive(none), "unknown");
    }

    function test_compromiseEndsAnActiveKeyWhereItIsDeclared() external {
        vm.recordLogs();
        vm.expectEmit(address(registry));
        emit IKeyBook.KeyRevoked(ACCOUNT, _holder, OP, 30);
        vm.expectEmit(address(registry));
        emit IKeyBook.KeyCompromised(ACCOUNT, _holder, OP, 12, 30);
        registry.declareCompromised(OP, _holder, 12, 30);
        assertEq(_eventCount(), 2);
        _checkEnded(_holder, 30, 12);
    }

    function test_compromiseLeavesAnEndedKeyEndedWhereItWas() external {
        registry.revoke(_nextOp(), _holder, 15);
        uint256 ended = block.timestamp;
        vm.warp(ended + 50);
        vm.recordLogs();
        vm.expectEmit(address(registry));
        emit IKeyBook.KeyCompromised(ACCOUNT, _holder, OP, 25, 30);
        registry.declareCompromised(OP, _holder, 25, 30);
        assertEq(_eventCount(), 1);
        IKeyBook.Key memory key = registry.keyOf(_holder);
        assertEq(key.revokedAt, ended);
        assertEq(key.revokedIndex, 15);
        assertEq(key.invalidSince, 25);
    }

    function test_aLaterDeclarationMayOnlyFlagMore() external {
        registry.declareCompromised(_nextOp(), _holder, 12, 30);
        bytes memory expected = abi.encodeWithSelector(IKeyBook.CompromiseNotEarlier.selector, _holder, 12);
        _denyWith(_declaration(_holder, 12, 40), expected);
        _denyWith(_declaration(_holder, 13, 40), expected);
        registry.declareCompromised(OP, _holder, 11, 40);
        _checkEnded(_holder, 30, 11);
    }

    /// From the key's own entry on at the earliest, from the declaring entry on at the latest.
    function test_compromiseBeginsBetweenTheKeysEntryAndTheDeclaration() external {
        bytes4 selector = IKeyBook.InvalidSinceOutOfRange.selector;
        _denyWith(_declaration(_plain, 9, 30), abi.encodeWithSelector(selector, 9, 10, 30));
        _denyWith(_declaration(_plain, 31, 30), abi.encodeWithSelector(selector, 31, 10, 30));
        _denyWith(_declaration(_plain, 0, 30), abi.encodeWithSelector(selector, 0, 10, 30));
        bytes memory early = abi.encodeWithSelector(IKeyBook.RevocationIndexInvalid.selector, 10, 10);
        _denyWith(_declaration(_plain, 10, 10), early);
        bytes32 none = keccak256("no key");
        _denyWith(_declaration(none, 12, 30), abi.encodeWithSelector(IKeyBook.KeyUnknown.selector, none));
        assertTrue(registry.isActive(_plain), "a refused declaration ends nothing");
        registry.declareCompromised(OP, _plain, 30, 30);
        _checkEnded(_plain, 30, 30);
        registry.declareCompromised(_nextOp(), _plain, 10, 40);
        _checkEnded(_plain, 30, 10);
    }

    /// Zero says "not flagged", so a key of entry 0 is flagged from entry 1 on: its own entry brought itself.
    function test_aKeyOfTheFirstEntryIsFlaggedFromTheSecondOn() external {
        _enrol("root", 1, 0, ED25519, 5, 8, 0);
        bytes32 root = _thumbprint(ED25519, 5);
        bytes memory expected = abi.encodeWithSelector(IKeyBook.InvalidSinceOutOfRange.selector, 0, 0, 30);
        _denyWith(_declaration(root, 0, 30), expected);
        registry.declareCompromised(OP, root, 1, 30);
        _checkEnded(root, 30, 1);
    }

    function test_eachOperationTakesEffectOnce() external {
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ED25519, NEWCOMER, 6, _AT);
        bytes[4] memory calls = [
            _addition(grant),
            _rotateCall(OP, _plain, grant, _nothing()),
            _revocation(_plain, 30),
            _declaration(_plain, 12, 30)
        ];
        _deny(_addCall(0, ACCOUNT, grant, _nothing()), IOperations.OpIdZero.selector);
        registry.addKey(OP, NEIGHBOUR_ACCOUNT, _grant(NEIGHBOUR_ACCOUNT, ES256, 8, 2, _AT), _nothing());
        bytes memory applied = abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, OP);
        for (uint256 i = 0; i < calls.length; ++i) {
            _denyWith(calls[i], applied);
        }
        assertTrue(registry.isActive(_plain), "nothing was ended");
        assertEq(registry.keyOf(_thumbprint(ED25519, NEWCOMER)).accountId, 0);
    }

    /// The same operation, put right, is taken.
    function test_aRefusedOperationIsNotUsedUp() external {
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ES256K, NEWCOMER, STATEMENT_AND_ASSET, _AT);
        bytes32 thumbprint = _thumbprint(NEWCOMER);
        _deny(
            _rotateCall(OP, _holder, grant, _consent(NEIGHBOUR_KEY, ACCOUNT, grant)), IKeyBook.ConsentInvalid.selector
        );
        // Refused at the very end: the newcomer was entered by then.
        grant.logIndex = 3;
        bytes memory late = abi.encodeWithSelector(IKeyBook.RevocationIndexInvalid.selector, 3, 3);
        _denyWith(_rotateCall(OP, _holder, grant, _consent(HOLDER, ACCOUNT, grant)), late);
        assertTrue(!registry.opUsed(OP), "not used");
        assertEq(registry.keyOf(thumbprint).accountId, 0);
        assertEq(registry.thumbprintOf(vm.addr(NEWCOMER)), 0);
        assertTrue(registry.isActive(_holder), "still speaks");
        grant.logIndex = _AT;
        _accept(_rotateCall(OP, _holder, grant, _consent(HOLDER, ACCOUNT, grant)));
    }

    function _addition(IKeyBook.KeyGrant memory grant) private pure returns (bytes memory) {
        return _addCall(OP, ACCOUNT, grant, _nothing());
    }

    function _revocation(bytes32 thumbprint, uint64 index) private pure returns (bytes memory) {
        return abi.encodeCall(IIdentifierRegistry.revoke, (OP, thumbprint, index));
    }

    function _declaration(bytes32 thumbprint, uint64 since, uint64 index) private pure returns (bytes memory) {
        return abi.encodeCall(IIdentifierRegistry.declareCompromised, (OP, thumbprint, since, index));
    }

    function _expectEnrolled(uint8 algorithm, uint256 key, uint8 purposes) private {
        bytes32 thumbprint = _thumbprint(algorithm, key);
        bytes memory publicKey = _publicKey(algorithm, key);
        address evmAddress = algorithm == ES256K ? vm.addr(key) : address(0);
        vm.expectEmit(address(registry));
        emit IKeyBook.KeyEnrolled(ACCOUNT, thumbprint, OP, algorithm, purposes, publicKey, evmAddress, _leaf(_AT), _AT);
    }

    /// @dev Entered now at `_AT`, and active.
    function _checkKey(bytes32 thumbprint, address evmAddress, uint8 algorithm, uint8 purposes) private view {
        IKeyBook.Key memory expected =
            IKeyBook.Key(ACCOUNT, _leaf(_AT), evmAddress, algorithm, purposes, _AT, uint64(block.timestamp), 0, 0, 0);
        assertEq(keccak256(abi.encode(registry.keyOf(thumbprint))), keccak256(abi.encode(expected)));
    }

    /// @dev Ended now, and everything else as it was.
    function _checkEnded(bytes32 thumbprint, uint64 revokedIndex, uint64 invalidSince) private view {
        IKeyBook.Key memory key = registry.keyOf(thumbprint);
        assertEq(key.revokedAt, block.timestamp);
        assertEq(key.revokedIndex, revokedIndex);
        assertEq(key.invalidSince, invalidSince);
        assertTrue(key.accountId != 0 && key.leafHash == _leaf(key.logIndex), "nothing is deleted");
        assertTrue(!registry.isActive(thumbprint), "ended");
    }
}
