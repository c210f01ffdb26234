// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IdentifierRegistry} from "../IdentifierRegistry.sol";
import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {IKeyRecovery} from "../interfaces/IKeyRecovery.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {TypedDomain} from "../libraries/TypedDomain.sol";
import {RegistryFixture} from "./base/RegistryFixture.sol";

/// @title New identifiers, each with its first key and the proof that its holder has it.
contract IdentifierRegistryTest is RegistryFixture {
    bytes32 private constant _LEAF = keccak256("leaf");
    // RFC 8032, section 7.1, test 1; its thumbprint is RFC 8037, appendix A.3.
    bytes private constant _ED25519_KEY = hex"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    bytes32 private constant _ED25519_THUMBPRINT = 0x90facafea9b1556698540f70c0117a22ea37bd5cf3ed3c47093c1707282b4b89;
    // The secp256k1 generator (key 1); SHA-256 of its canonical JWK, made with Python's hashlib and base64.
    bytes32 private constant _GENERATOR_THUMBPRINT = 0xd8917cbe0f5eb49ce31706709a4be104b2d9d1b7cc55538f8af611e6516d71e7;
    // The generator of P-256 (SEC 2, section 2.4.2); its thumbprint made in the same way.
    bytes private constant _P256_KEY =
        hex"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    bytes32 private constant _P256_THUMBPRINT = 0xc71d01700fb0328870f1ab580c939eea9786328764946db04470655c732f9743;

    function setUp() external {
        _deploy();
    }

    function test_thumbprintsAreThoseOfRfc7638() external {
        assertEq(registry.computeThumbprint(1, _ED25519_KEY), _ED25519_THUMBPRINT);
        assertEq(registry.computeThumbprint(2, _publicKey(1)), _GENERATOR_THUMBPRINT);
        assertEq(registry.computeThumbprint(3, _P256_KEY), _P256_THUMBPRINT);
    }

    function test_aP256KeyIsEnrolledOnTheWordOfItsEntry() external {
        IIdentifierRegistry.Enrolment memory e = _ed25519();
        e.key.algorithm = 3;
        e.key.publicKey = _P256_KEY;
        registry.enrol(OP, e);
        IKeyBook.Key memory key = registry.keyOf(_P256_THUMBPRINT);
        assertEq(key.algorithm, 3);
        assertEq(key.evmAddress, address(0));
        assertTrue(registry.isActive(_P256_THUMBPRINT), "active");
    }

    function test_oneCallRegistersTheIdentifierAndItsKey() external {
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), 7);
        bytes32 account = ACCOUNT;
        bytes32 thumbprint = registry.computeThumbprint(2, e.key.publicKey);
        vm.expectEmit(address(registry));
        emit IIdentifierRegistry.IdentifierRegistered(account, ENTERPRISE, 2, e.parent, e.group);
        vm.expectEmit(address(registry));
        emit IKeyBook.KeyEnrolled(account, thumbprint, OP, 2, 6, e.key.publicKey, vm.addr(7), _LEAF, 3);
        registry.enrol(OP, e);
        IIdentifierRegistry.Account memory known = registry.identifierOf(account);
        assertEq(known.kind, 2);
        assertEq(known.parent, e.parent);
        assertEq(known.group, e.group);
        IKeyBook.Key memory key = registry.keyOf(thumbprint);
        assertEq(key.accountId, account);
        assertEq(key.leafHash, _LEAF);
        assertEq(key.evmAddress, vm.addr(7));
        assertEq(key.algorithm, 2);
        assertEq(key.purposes, 6);
        assertEq(key.logIndex, 3);
        assertEq(key.enrolledAt, block.timestamp);
        assertEq(key.revokedAt, 0);
        assertEq(registry.thumbprintOf(vm.addr(7)), thumbprint);
        assertEq(registry.accountIdOf(ENTERPRISE), account);
        assertTrue(registry.isActive(thumbprint) && registry.opUsed(OP), "active and applied");
    }

    function test_ed25519KeysAreEnrolledWithTheirLogEntry() external {
        registry.enrol(OP, _ed25519());
        IKeyBook.Key memory key = registry.keyOf(_ED25519_THUMBPRINT);
        assertEq(key.leafHash, _LEAF);
        assertEq(key.logIndex, 3);
        assertEq(key.evmAddress, address(0));
        assertEq(registry.thumbprintOf(address(0)), 0);
    }

    function test_operationTakesEffectOnce() external {
        bytes memory call = _enrolCall(OP, _signed(_enterprise(), 7));
        _accept(call);
        _denyWith(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, OP));
        _deny(_enrolCall(0, _signed(_enterprise(), 8)), IOperations.OpIdZero.selector);
    }

    function test_keyEnrolsOnceForEver() external {
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), 7);
        registry.enrol(OP, e);
        bytes32 thumbprint = registry.thumbprintOf(vm.addr(7));
        bytes memory expected = abi.encodeWithSelector(IKeyBook.KeyAlreadyEnrolled.selector, thumbprint, ACCOUNT);
        e.identifier = NEIGHBOUR;
        e = _signed(e, 7);
        _denyWith(_enrolCall(keccak256("2"), e), expected);
        registry.revoke(keccak256("3"), thumbprint, 9);
        _denyWith(_enrolCall(keccak256("4"), e), expected);
        assertTrue(!registry.opUsed(keccak256("2")), "a refused operation is not used up");
        assertEq(registry.identifierOf(NEIGHBOUR_ACCOUNT).kind, 0);
    }

    /// Whoever may enrol says who is new, and nothing after that: not even the same again with another key.
    function test_anIdentifierIsEnrolledOnce() external {
        registry.enrol(OP, _signed(_enterprise(), 7));
        bytes memory expected = abi.encodeWithSelector(IIdentifierRegistry.IdentifierKnown.selector, ACCOUNT);
        _denyWith(_enrolCall(keccak256("2"), _signed(_enterprise(), 7)), expected);
        _denyWith(_enrolCall(keccak256("2"), _signed(_enterprise(), 8)), expected);
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), 8);
        (e.kind, e.parent, e.group) = (4, keccak256("another park"), 0);
        _denyWith(_enrolCall(keccak256("2"), e), expected);
        _denyWith(_enrolCall(keccak256("2"), _ed25519()), expected);
        registry.revoke(keccak256("3"), registry.thumbprintOf(vm.addr(7)), 9);
        _denyWith(_enrolCall(keccak256("2"), e), expected);
        IIdentifierRegistry.Account memory account = registry.identifierOf(ACCOUNT);
        assertTrue(account.kind == 2 && account.parent == keccak256("88.608.1/park"), "as it was");
        assertEq(account.group, keccak256("group"));
    }

    function test_devicesParentIsARegisteredEnterpriseOrPark() external {
        IIdentifierRegistry.Enrolment memory e = _ed25519();
        (e.identifier, e.kind, e.key.purposes) = ("88.608.5288/meter-1", 3, 1);
        bytes32 account = keccak256(bytes(e.identifier));
        bytes4 selector = IIdentifierRegistry.DeviceParentInvalid.selector;
        e.parent = 0;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(selector, account, bytes32(0), 0));
        e.parent = ACCOUNT;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(selector, account, e.parent, 0));
        IIdentifierRegistry.Enrolment memory other = _enterprise();
        (other.identifier, other.kind) = ("88.608.2/verifier", 4);
        registry.enrol(keccak256("verifier"), _signed(other, 8));
        e.parent = keccak256("88.608.2/verifier");
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(selector, account, e.parent, 4));
        registry.enrol(keccak256("enterprise"), _signed(_enterprise(), 7));
        e.parent = ACCOUNT;
        registry.enrol(OP, e);
        assertEq(registry.identifierOf(account).kind, 3);
        (other.identifier, other.kind) = ("88.608.1/park", 1);
        registry.enrol(keccak256("park"), _signed(other, 9));
        (e.identifier, e.parent) = ("88.608.1/meter-2", keccak256("88.608.1/park"));
        e.key.publicKey = abi.encodePacked(keccak256("another key"));
        registry.enrol(keccak256("meter of the park"), e);
        assertEq(registry.identifierOf(keccak256("88.608.1/meter-2")).parent, e.parent);
    }

    function test_identifierHasOneTo255Bytes() external {
        IIdentifierRegistry.Enrolment memory e = _enterprise();
        bytes4 selector = IIdentifierRegistry.IdentifierLengthInvalid.selector;
        e.identifier = "";
        _denyWith(_enrolCall(OP, _signed(e, 7)), abi.encodeWithSelector(selector, 0));
        e.identifier = string(new bytes(256));
        _denyWith(_enrolCall(OP, _signed(e, 7)), abi.encodeWithSelector(selector, 256));
        e.identifier = string(new bytes(255));
        registry.enrol(OP, _signed(e, 7));
    }

    function test_unknownKindsPurposesAndAlgorithmsAreRefused() external {
        IIdentifierRegistry.Enrolment memory e = _ed25519();
        e.kind = 0;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(IIdentifierRegistry.KindInvalid.selector, 0));
        e.kind = 7;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(IIdentifierRegistry.KindInvalid.selector, 7));
        e = _ed25519();
        e.key.purposes = 0;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(IKeyBook.PurposesInvalid.selector, 0));
        e.key.purposes = 16;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(IKeyBook.PurposesInvalid.selector, 16));
        e = _ed25519();
        e.key.leafHash = 0;
        _deny(_enrolCall(OP, e), IKeyBook.LeafHashZero.selector);
        e = _ed25519();
        e.key.algorithm = 0;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(IKeyBook.AlgorithmInvalid.selector, 0));
        e.key.algorithm = 4;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(IKeyBook.AlgorithmInvalid.selector, 4));
        bytes4 length = IKeyBook.PublicKeyLengthInvalid.selector;
        e.key.algorithm = 2;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(length, 2, 32));
        e.key.algorithm = 3;
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(length, 3, 32));
        e.key.algorithm = 1;
        e.key.publicKey = _publicKey(7);
        _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(length, 1, 64));
    }

    function test_keysOfOtherCurvesCarryNoEvmSignature() external {
        IIdentifierRegistry.Enrolment memory e = _ed25519();
        for (uint8 algorithm = 1; algorithm <= 3; algorithm += 2) {
            (e.key.algorithm, e.key.publicKey) = (algorithm, algorithm == 1 ? _ED25519_KEY : _P256_KEY);
            e.key.possession = Cosignature(0, bytes32(uint256(1)));
            _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(IKeyBook.PossessionUnexpected.selector, 0, 1));
            e.key.possession = Cosignature(bytes32(uint256(1)), 0);
            _denyWith(_enrolCall(OP, e), abi.encodeWithSelector(IKeyBook.PossessionUnexpected.selector, 1, 0));
        }
    }

    function test_possessionByNobodyIsRefused() external {
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), 7);
        e.key.possession = Cosignature(0, 0);
        _deny(_enrolCall(OP, e), CompactSignature.SignatureInvalid.selector);
        e.key.possession = Cosignature(bytes32(uint256(1)), bytes32(uint256(type(int256).max)));
        _deny(_enrolCall(OP, e), CompactSignature.SignatureNotLow.selector);
    }

    function testFuzz_possessionByAnotherKeyIsRefused(uint256 key, uint256 other) external {
        key = bound(key, 1, type(uint128).max);
        other = bound(other, 1, type(uint128).max);
        if (other == key) ++other;
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), key);
        e.key.possession = _prove(e, other);
        _denyWith(
            _enrolCall(OP, e), abi.encodeWithSelector(IKeyBook.PossessionInvalid.selector, vm.addr(other), vm.addr(key))
        );
        e.key.possession = _prove(e, key);
        registry.enrol(OP, e);
    }

    /// The proof is for this identifier, these purposes, this key and this deployment.
    function testFuzz_possessionForAnythingElseIsRefused(uint256 key, uint8 purposes, bytes32 id) external {
        key = bound(key, 1, type(uint128).max);
        purposes = uint8(bound(purposes, 1, 15));
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), key);
        bytes memory call = _enrolCall(OP, e);
        // One of them a run.
        uint256 what = uint256(keccak256(abi.encode(key, id))) % 5;
        if (what == 0) e.key.purposes = purposes == e.key.purposes ? purposes ^ 1 : purposes;
        if (what == 1) e.identifier = "88.608.5288/another";
        if (what == 2) vm.chainId(block.chainid + 1);
        // The fuzzer finds the right id among the test's own constants.
        if (what == 3) e.key.possession = _prove(e, key, address(registry), id == DEPLOYMENT_ID ? ~id : id);
        if (what == 4) e.key.possession = _prove(e, key, address(this), DEPLOYMENT_ID);
        _deny(_enrolCall(OP, e), IKeyBook.PossessionInvalid.selector);
        if (what == 2) vm.chainId(block.chainid - 1);
        _accept(call);
    }

    function test_invalidConstructionIsRefused() external {
        address authority = registry.authority();
        vm.expectRevert(abi.encodeWithSelector(TypedDomain.DeploymentIdZero.selector));
        new IdentifierRegistry(authority, 0, RECOVERY_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IIdentifierRegistry.AuthorityWithoutCode.selector, address(0xBEEF)));
        new IdentifierRegistry(address(0xBEEF), DEPLOYMENT_ID, RECOVERY_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IKeyRecovery.RecoveryDelayZero.selector));
        new IdentifierRegistry(authority, DEPLOYMENT_ID, 0);
    }

    function _enterprise() private pure returns (IIdentifierRegistry.Enrolment memory e) {
        e.identifier = ENTERPRISE;
        e.kind = 2;
        e.parent = keccak256("88.608.1/park");
        e.group = keccak256("group");
        e.key.algorithm = 2;
        e.key.purposes = 6;
        e.key.leafHash = _LEAF;
        e.key.logIndex = 3;
    }

    function _ed25519() private pure returns (IIdentifierRegistry.Enrolment memory e) {
        e = _enterprise();
        e.key.algorithm = 1;
        e.key.publicKey = _ED25519_KEY;
    }

    function _signed(IIdentifierRegistry.Enrolment memory e, uint256 key)
        private
        returns (IIdentifierRegistry.Enrolment memory)
    {
        e.key.publicKey = _publicKey(key);
        e.key.possession = _prove(e, key);
        return e;
    }

    function _prove(IIdentifierRegistry.Enrolment memory e, uint256 key) private view returns (Cosignature memory) {
        return _prove(e, key, address(registry), DEPLOYMENT_ID);
    }

    function _prove(IIdentifierRegistry.Enrolment memory e, uint256 key, address target, bytes32 salt)
        private
        view
        returns (Cosignature memory)
    {
        bytes32 thumbprint = registry.computeThumbprint(2, e.key.publicKey);
        bytes32 account = keccak256(bytes(e.identifier));
        return _sign(key, keccak256(abi.encode(POSSESSION, account, thumbprint, e.key.purposes)), target, salt);
    }

    function _enrolCall(bytes32 opId, IIdentifierRegistry.Enrolment memory e) private pure returns (bytes memory) {
        return abi.encodeCall(IdentifierRegistry.enrol, (opId, e));
    }
}
