// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IdentifierRegistry} from "../IdentifierRegistry.sol";
import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {TypedDomain} from "../libraries/TypedDomain.sol";
import {TestBase} from "./base/TestBase.sol";
import {Vm} from "./base/Vm.sol";

contract IdentifierRegistryTest is TestBase {
    bytes32 private constant _ID = keccak256("one deployment");
    bytes32 private constant _OP = keccak256("operation");
    bytes32 private constant _LEAF = keccak256("leaf");
    string private constant _ENTERPRISE = "88.608.5288/META_x";
    // RFC 8032, section 7.1, test 1; its thumbprint is RFC 8037, appendix A.3.
    bytes private constant _ED25519_KEY = hex"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    bytes32 private constant _ED25519_THUMBPRINT = 0x90facafea9b1556698540f70c0117a22ea37bd5cf3ed3c47093c1707282b4b89;
    // The secp256k1 generator (key 1); SHA-256 of its canonical JWK, made with Python's hashlib and base64.
    bytes32 private constant _GENERATOR_THUMBPRINT = 0xd8917cbe0f5eb49ce31706709a4be104b2d9d1b7cc55538f8af611e6516d71e7;

    // The generator of P-256 (SEC 2, section 2.4.2); its thumbprint made in the same way.
    bytes private constant _P256_KEY =
        hex"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    bytes32 private constant _P256_THUMBPRINT = 0xc71d01700fb0328870f1ab580c939eea9786328764946db04470655c732f9743;

    IdentifierRegistry private _registry;

    function setUp() external {
        vm.warp(1_790_000_000);
        _registry = new IdentifierRegistry(address(new AccessManager(address(this))), _ID);
    }

    function test_thumbprintsAreThoseOfRfc7638() external {
        assertEq(_registry.computeThumbprint(1, _ED25519_KEY), _ED25519_THUMBPRINT);
        assertEq(_registry.computeThumbprint(2, _publicKey(1)), _GENERATOR_THUMBPRINT);
        assertEq(_registry.computeThumbprint(3, _P256_KEY), _P256_THUMBPRINT);
    }

    function test_aP256KeyIsEnrolledOnTheWordOfItsEntry() external {
        IIdentifierRegistry.Enrolment memory e = _ed25519();
        e.algorithm = 3;
        e.publicKey = _P256_KEY;
        _registry.enrol(_OP, e);
        IIdentifierRegistry.Key memory key = _registry.keyOf(_P256_THUMBPRINT);
        assertEq(key.algorithm, 3);
        assertEq(key.evmAddress, address(0));
        assertTrue(_registry.isActive(_P256_THUMBPRINT), "active");
    }

    function test_aP256KeyHas64BytesAndNoEvmSignature() external {
        IIdentifierRegistry.Enrolment memory e = _ed25519();
        e.algorithm = 3;
        _refuseWith(
            _enrolCall(_OP, e), abi.encodeWithSelector(IIdentifierRegistry.PublicKeyLengthInvalid.selector, 3, 32)
        );
        e.publicKey = _P256_KEY;
        e.possession.r = bytes32(uint256(1));
        _refuse(_enrolCall(_OP, e), IIdentifierRegistry.PossessionUnexpected.selector);
    }

    function test_oneCallRegistersTheIdentifierAndItsKey() external {
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), 7);
        bytes32 account = keccak256(bytes(_ENTERPRISE));
        bytes32 thumbprint = _registry.computeThumbprint(2, e.publicKey);
        vm.expectEmit(address(_registry));
        emit IIdentifierRegistry.IdentifierRegistered(account, _ENTERPRISE, 2, e.parent, e.group);
        vm.expectEmit(address(_registry));
        emit IIdentifierRegistry.KeyEnrolled(account, thumbprint, _OP, 2, 6, e.publicKey, vm.addr(7), _LEAF, 3);
        _registry.enrol(_OP, e);
        IIdentifierRegistry.Account memory known = _registry.identifierOf(account);
        assertEq(known.kind, 2);
        assertEq(known.parent, e.parent);
        assertEq(known.group, e.group);
        IIdentifierRegistry.Key memory key = _registry.keyOf(thumbprint);
        assertEq(key.accountId, account);
        assertEq(key.leafHash, _LEAF);
        assertEq(key.evmAddress, vm.addr(7));
        assertEq(key.algorithm, 2);
        assertEq(key.purposes, 6);
        assertEq(key.logIndex, 3);
        assertEq(key.enrolledAt, block.timestamp);
        assertEq(key.revokedAt, 0);
        assertEq(_registry.thumbprintOf(vm.addr(7)), thumbprint);
        assertEq(_registry.accountIdOf(_ENTERPRISE), account);
        assertTrue(_registry.isActive(thumbprint) && _registry.opUsed(_OP), "active and applied");
    }

    function test_ed25519KeysAreEnrolledWithTheirLogEntry() external {
        _registry.enrol(_OP, _ed25519());
        IIdentifierRegistry.Key memory key = _registry.keyOf(_ED25519_THUMBPRINT);
        assertEq(key.leafHash, _LEAF);
        assertEq(key.logIndex, 3);
        assertEq(key.evmAddress, address(0));
        assertEq(_registry.thumbprintOf(address(0)), 0);
    }

    function test_anIdentifierTakesFurtherKeys() external {
        _registry.enrol(_OP, _signed(_enterprise(), 7));
        _registry.enrol(keccak256("second"), _signed(_enterprise(), 8));
        assertEq(_registry.keyOf(_registry.thumbprintOf(vm.addr(8))).accountId, keccak256(bytes(_ENTERPRISE)));
    }

    function test_operationTakesEffectOnce() external {
        bytes memory call = _enrolCall(_OP, _signed(_enterprise(), 7));
        _mustSucceed(call);
        _refuseWith(call, abi.encodeWithSelector(IIdentifierRegistry.OpAlreadyApplied.selector, _OP));
        _refuse(_enrolCall(0, _signed(_enterprise(), 8)), IIdentifierRegistry.OpIdZero.selector);
        bytes memory revocation = abi.encodeCall(IdentifierRegistry.revoke, (_OP, bytes32(0), 4));
        _refuseWith(revocation, abi.encodeWithSelector(IIdentifierRegistry.OpAlreadyApplied.selector, _OP));
    }

    function test_keyEnrolsOnceForEver() external {
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), 7);
        bytes32 account = keccak256(bytes(_ENTERPRISE));
        _registry.enrol(_OP, e);
        bytes32 thumbprint = _registry.thumbprintOf(vm.addr(7));
        bytes memory expected =
            abi.encodeWithSelector(IIdentifierRegistry.KeyAlreadyEnrolled.selector, thumbprint, account);
        _refuseWith(_enrolCall(keccak256("2"), e), expected);
        IIdentifierRegistry.Enrolment memory other = _enterprise();
        other.identifier = "88.608.5288/other";
        _refuseWith(_enrolCall(keccak256("2"), _signed(other, 7)), expected);
        _registry.revoke(keccak256("3"), thumbprint, 9);
        _refuseWith(_enrolCall(keccak256("4"), e), expected);
        assertTrue(!_registry.opUsed(keccak256("2")), "a refused operation is not used up");
    }

    function test_identifierKeepsKindParentAndGroup() external {
        _registry.enrol(_OP, _signed(_enterprise(), 7));
        IIdentifierRegistry.Enrolment memory e = _enterprise();
        bytes memory expected = abi.encodeWithSelector(
            IIdentifierRegistry.IdentifierDiffers.selector, keccak256(bytes(_ENTERPRISE)), 2, e.parent, e.group
        );
        e.kind = 4;
        _refuseWith(_enrolCall(keccak256("2"), _signed(e, 8)), expected);
        e = _enterprise();
        e.parent = keccak256("another park");
        _refuseWith(_enrolCall(keccak256("2"), _signed(e, 8)), expected);
        e = _enterprise();
        e.group = 0;
        _refuseWith(_enrolCall(keccak256("2"), _signed(e, 8)), expected);
    }

    function test_devicesParentIsARegisteredEnterpriseOrPark() external {
        IIdentifierRegistry.Enrolment memory e = _ed25519();
        (e.identifier, e.kind, e.purposes) = ("88.608.5288/meter-1", 3, 1);
        bytes32 account = keccak256(bytes(e.identifier));
        bytes4 selector = IIdentifierRegistry.DeviceParentInvalid.selector;
        e.parent = 0;
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(selector, account, bytes32(0), 0));
        e.parent = keccak256(bytes(_ENTERPRISE));
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(selector, account, e.parent, 0));
        IIdentifierRegistry.Enrolment memory other = _enterprise();
        (other.identifier, other.kind) = ("88.608.2/verifier", 4);
        _registry.enrol(keccak256("verifier"), _signed(other, 8));
        e.parent = keccak256("88.608.2/verifier");
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(selector, account, e.parent, 4));
        _registry.enrol(keccak256("enterprise"), _signed(_enterprise(), 7));
        e.parent = keccak256(bytes(_ENTERPRISE));
        _registry.enrol(_OP, e);
        assertEq(_registry.identifierOf(account).kind, 3);
        (other.identifier, other.kind) = ("88.608.1/park", 1);
        _registry.enrol(keccak256("park"), _signed(other, 9));
        (e.identifier, e.parent) = ("88.608.1/meter-2", keccak256("88.608.1/park"));
        e.publicKey = abi.encodePacked(keccak256("another key"));
        _registry.enrol(keccak256("meter of the park"), e);
        assertEq(_registry.identifierOf(keccak256("88.608.1/meter-2")).parent, e.parent);
    }

    function test_identifierHasOneTo255Bytes() external {
        IIdentifierRegistry.Enrolment memory e = _enterprise();
        bytes4 selector = IIdentifierRegistry.IdentifierLengthInvalid.selector;
        e.identifier = "";
        _refuseWith(_enrolCall(_OP, _signed(e, 7)), abi.encodeWithSelector(selector, 0));
        e.identifier = string(new bytes(256));
        _refuseWith(_enrolCall(_OP, _signed(e, 7)), abi.encodeWithSelector(selector, 256));
        e.identifier = string(new bytes(255));
        _registry.enrol(_OP, _signed(e, 7));
    }

    function test_unknownKindsPurposesAndAlgorithmsAreRefused() external {
        IIdentifierRegistry.Enrolment memory e = _ed25519();
        e.kind = 0;
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(IIdentifierRegistry.KindInvalid.selector, 0));
        e.kind = 7;
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(IIdentifierRegistry.KindInvalid.selector, 7));
        e = _ed25519();
        e.purposes = 0;
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(IIdentifierRegistry.PurposesInvalid.selector, 0));
        e.purposes = 16;
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(IIdentifierRegistry.PurposesInvalid.selector, 16));
        e = _ed25519();
        e.leafHash = 0;
        _refuse(_enrolCall(_OP, e), IIdentifierRegistry.LeafHashZero.selector);
        e = _ed25519();
        e.algorithm = 0;
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(IIdentifierRegistry.AlgorithmInvalid.selector, 0));
        e.algorithm = 4;
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(IIdentifierRegistry.AlgorithmInvalid.selector, 4));
        bytes4 length = IIdentifierRegistry.PublicKeyLengthInvalid.selector;
        e.algorithm = 2;
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(length, 2, 32));
        e.algorithm = 1;
        e.publicKey = _publicKey(7);
        _refuseWith(_enrolCall(_OP, e), abi.encodeWithSelector(length, 1, 64));
    }

    function test_ed25519EnrolmentCarriesNoEvmSignature() external {
        IIdentifierRegistry.Enrolment memory e = _ed25519();
        e.possession.vs = bytes32(uint256(1));
        _refuse(_enrolCall(_OP, e), IIdentifierRegistry.PossessionUnexpected.selector);
        e.possession = Cosignature(bytes32(uint256(1)), 0);
        _refuse(_enrolCall(_OP, e), IIdentifierRegistry.PossessionUnexpected.selector);
    }

    function test_possessionByNobodyIsRefused() external {
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), 7);
        e.possession = Cosignature(0, 0);
        _refuse(_enrolCall(_OP, e), CompactSignature.SignatureInvalid.selector);
        e.possession = Cosignature(bytes32(uint256(1)), bytes32(uint256(type(int256).max)));
        _refuse(_enrolCall(_OP, e), CompactSignature.SignatureNotLow.selector);
    }

    function testFuzz_possessionByAnotherKeyIsRefused(uint256 key, uint256 other) external {
        key = bound(key, 1, type(uint128).max);
        other = bound(other, 1, type(uint128).max);
        if (other == key) ++other;
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), key);
        e.possession = _prove(e, other);
        _refuseWith(
            _enrolCall(_OP, e),
            abi.encodeWithSelector(IIdentifierRegistry.PossessionInvalid.selector, vm.addr(other), vm.addr(key))
        );
        e.possession = _prove(e, key);
        _registry.enrol(_OP, e);
    }

    /// The proof is for this identifier, these purposes, this key and this deployment.
    function testFuzz_possessionForAnythingElseIsRefused(uint256 key, uint8 purposes, bytes32 id) external {
        key = bound(key, 1, type(uint128).max);
        purposes = uint8(bound(purposes, 1, 15));
        IIdentifierRegistry.Enrolment memory e = _signed(_enterprise(), key);
        bytes4 selector = IIdentifierRegistry.PossessionInvalid.selector;
        if (purposes != e.purposes) {
            uint8 agreed = e.purposes;
            e.purposes = purposes;
            _refuse(_enrolCall(_OP, e), selector);
            e.purposes = agreed;
        }
        e.identifier = "88.608.5288/another";
        _refuse(_enrolCall(_OP, e), selector);
        e.identifier = _ENTERPRISE;
        bytes memory call = _enrolCall(_OP, e);
        vm.chainId(block.chainid + 1);
        _refuse(call, selector);
        vm.chainId(block.chainid - 1);
        Cosignature memory here = e.possession;
        // The fuzzer finds the right id among the test's own constants.
        e.possession = _prove(e, key, address(_registry), id == _ID ? ~id : id);
        _refuse(_enrolCall(_OP, e), selector);
        e.possession = _prove(e, key, address(this), _ID);
        _refuse(_enrolCall(_OP, e), selector);
        e.possession = here;
        _mustSucceed(call);
    }

    function test_revocationIsATimeAndAPositionAndFinal() external {
        _registry.enrol(_OP, _ed25519());
        bytes4 early = IIdentifierRegistry.RevocationIndexInvalid.selector;
        _refuseWith(_revokeCall(keccak256("r"), _ED25519_THUMBPRINT, 3), abi.encodeWithSelector(early, 3, 3));
        vm.warp(block.timestamp + 100);
        vm.expectEmit(address(_registry));
        emit IIdentifierRegistry.KeyRevoked(keccak256(bytes(_ENTERPRISE)), _ED25519_THUMBPRINT, keccak256("r"), 4);
        _registry.revoke(keccak256("r"), _ED25519_THUMBPRINT, 4);
        IIdentifierRegistry.Key memory key = _registry.keyOf(_ED25519_THUMBPRINT);
        assertEq(key.revokedAt, block.timestamp);
        assertEq(key.revokedIndex, 4);
        assertTrue(!_registry.isActive(_ED25519_THUMBPRINT), "revoked");
        _refuseWith(
            _revokeCall(keccak256("s"), _ED25519_THUMBPRINT, 5),
            abi.encodeWithSelector(IIdentifierRegistry.KeyAlreadyRevoked.selector, _ED25519_THUMBPRINT, block.timestamp)
        );
        _refuseWith(
            _revokeCall(keccak256("s"), _LEAF, 5),
            abi.encodeWithSelector(IIdentifierRegistry.KeyUnknown.selector, _LEAF)
        );
        assertTrue(!_registry.isActive(_LEAF), "unknown");
    }

    function test_invalidConstructionIsRefused() external {
        address authority = _registry.authority();
        vm.expectRevert(abi.encodeWithSelector(TypedDomain.DeploymentIdZero.selector));
        new IdentifierRegistry(authority, 0);
        vm.expectRevert(abi.encodeWithSelector(IIdentifierRegistry.AuthorityWithoutCode.selector, address(0xBEEF)));
        new IdentifierRegistry(address(0xBEEF), _ID);
    }

    function _enterprise() private pure returns (IIdentifierRegistry.Enrolment memory e) {
        e.identifier = _ENTERPRISE;
        e.kind = 2;
        e.parent = keccak256("88.608.1/park");
        e.group = keccak256("group");
        e.algorithm = 2;
        e.purposes = 6;
        e.leafHash = _LEAF;
        e.logIndex = 3;
    }

    function _ed25519() private pure returns (IIdentifierRegistry.Enrolment memory e) {
        e = _enterprise();
        e.algorithm = 1;
        e.publicKey = _ED25519_KEY;
    }

    function _signed(IIdentifierRegistry.Enrolment memory e, uint256 key)
        private
        returns (IIdentifierRegistry.Enrolment memory)
    {
        e.publicKey = _publicKey(key);
        e.possession = _prove(e, key);
        return e;
    }

    function _prove(IIdentifierRegistry.Enrolment memory e, uint256 key) private view returns (Cosignature memory) {
        return _prove(e, key, address(_registry), _ID);
    }

    function _prove(IIdentifierRegistry.Enrolment memory e, uint256 key, address target, bytes32 salt)
        private
        view
        returns (Cosignature memory)
    {
        bytes32 kind = keccak256("KeyPossession(bytes32 accountId,bytes32 thumbprint,uint8 purposes)");
        bytes32 thumbprint = _registry.computeThumbprint(2, e.publicKey);
        bytes32 message = keccak256(abi.encode(kind, keccak256(bytes(e.identifier)), thumbprint, e.purposes));
        bytes32 domain = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
        );
        bytes32 separator =
            keccak256(abi.encode(domain, keccak256("Tanlu"), keccak256("1"), block.chainid, target, salt));
        (bytes32 r, bytes32 vs) = vm.signCompact(key, keccak256(abi.encodePacked(hex"1901", separator, message)));
        return Cosignature(r, vs);
    }

    function _publicKey(uint256 key) private returns (bytes memory) {
        Vm.Wallet memory wallet = vm.createWallet(key);
        return abi.encode(wallet.publicKeyX, wallet.publicKeyY);
    }

    function _enrolCall(bytes32 opId, IIdentifierRegistry.Enrolment memory e) private pure returns (bytes memory) {
        return abi.encodeCall(IdentifierRegistry.enrol, (opId, e));
    }

    function _revokeCall(bytes32 opId, bytes32 thumbprint, uint64 index) private pure returns (bytes memory) {
        return abi.encodeCall(IdentifierRegistry.revoke, (opId, thumbprint, index));
    }

    function _mustSucceed(bytes memory call) private {
        (bool succeeded, bytes memory returned) = address(_registry).call(call);
        if (!succeeded) revert RefusedOtherwise(returned, 0);
    }

    function _refuse(bytes memory call, bytes4 selector) private {
        assertRefused(address(_registry), call, selector);
    }

    function _refuseWith(bytes memory call, bytes memory expected) private {
        assertRefusedWith(address(_registry), call, expected);
    }
}
