// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IdentifierRegistry} from "../../IdentifierRegistry.sol";
import {IIdentifierRegistry} from "../../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../../interfaces/IKeyBook.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {TypedSigner} from "./TypedSigner.sol";
import {Vm} from "./Vm.sol";

/// @title A deployed registry whose registrar is the test, an enterprise, and persons of four bodies.
/// @notice A key is named by a number: of an ES256K key it is the private key, of others what the public key is made of.
abstract contract RegistryFixture is TypedSigner {
    bytes32 internal constant POSSESSION =
        keccak256("KeyPossession(bytes32 accountId,bytes32 thumbprint,uint8 purposes)");
    bytes32 internal constant CONSENT = keccak256("KeyConsent(bytes32 accountId,bytes32 thumbprint,uint8 purposes)");
    bytes32 internal constant RECOVERY = keccak256(
        "KeyRecovery(bytes32 accountId,bytes32 replaces,bytes32 thumbprint,uint8 purposes,bytes32 reasonHash)"
    );
    bytes32 internal constant VETO = keccak256("RecoveryVeto(bytes32 accountId,bytes32 thumbprint)");
    uint32 internal constant RECOVERY_DELAY = 3 days;
    bytes32 internal constant REASON = keccak256("minutes of the meeting");
    bytes32 internal constant OP = keccak256("operation");

    uint8 internal constant ED25519 = 1;
    uint8 internal constant ES256K = 2;
    uint8 internal constant ES256 = 3;
    uint8 internal constant STATEMENT_AND_ASSET = 6;
    uint8 internal constant ADMINISTRATION = 8;

    string internal constant ENTERPRISE = "88.608.5288/META_x";
    bytes32 internal constant ACCOUNT = keccak256("88.608.5288/META_x");
    string internal constant NEIGHBOUR = "88.608.5288/neighbour";
    bytes32 internal constant NEIGHBOUR_ACCOUNT = keccak256("88.608.5288/neighbour");
    uint256 internal constant HOLDER = 0x7001;
    uint256 internal constant NEIGHBOUR_KEY = 0x7002;
    uint256 internal constant NEWCOMER = 0x7003;

    uint256 internal constant PARK_PERSON = 0xA1;
    uint256 internal constant OTHER_PARK_PERSON = 0xA2;
    uint256 internal constant REGULATOR_PERSON = 0xB1;
    uint256 internal constant VERIFIER_PERSON = 0xC1;
    uint256 internal constant ENTERPRISE_PERSON = 0xD1;

    IdentifierRegistry internal registry;
    uint256 private _ops;

    function _deploy() internal {
        vm.warp(1_790_000_000);
        registry = new IdentifierRegistry(address(new AccessManager(address(this))), DEPLOYMENT_ID, RECOVERY_DELAY);
    }

    /// @dev Two enterprises, each with one ES256K key: positions 3 and 4.
    function _enterprises() internal {
        _enrol(ENTERPRISE, 2, keccak256("park"), ES256K, HOLDER, STATEMENT_AND_ASSET, 3);
        _enrol(NEIGHBOUR, 2, keccak256("park"), ES256K, NEIGHBOUR_KEY, STATEMENT_AND_ASSET, 4);
    }

    /// @dev The bodies have keys that matter to nobody here: positions 5 to 12.
    function _people() internal {
        _enrol("park", 1, 0, ED25519, 1, 15, 5);
        _enrol("regulator", 5, 0, ED25519, 2, 15, 6);
        _enrol("verifier", 4, 0, ED25519, 3, 15, 7);
        _enrol("person/a1", 6, keccak256("park"), ES256K, PARK_PERSON, ADMINISTRATION, 8);
        _enrol("person/a2", 6, keccak256("park"), ES256K, OTHER_PARK_PERSON, ADMINISTRATION, 9);
        _enrol("person/b1", 6, keccak256("regulator"), ES256K, REGULATOR_PERSON, ADMINISTRATION, 10);
        _enrol("person/c1", 6, keccak256("verifier"), ES256K, VERIFIER_PERSON, ADMINISTRATION, 11);
        _enrol("person/d1", 6, ACCOUNT, ES256K, ENTERPRISE_PERSON, ADMINISTRATION, 12);
    }

    function _enrol(
        string memory identifier,
        uint8 kind,
        bytes32 parent,
        uint8 algorithm,
        uint256 key,
        uint8 purposes,
        uint64 logIndex
    ) internal {
        IKeyBook.KeyGrant memory grant = _grant(keccak256(bytes(identifier)), algorithm, key, purposes, logIndex);
        _enrolIn(keccak256("group"), identifier, kind, parent, grant);
    }

    function _enrolIn(
        bytes32 group,
        string memory identifier,
        uint8 kind,
        bytes32 parent,
        IKeyBook.KeyGrant memory grant
    ) internal {
        registry.enrol(_nextOp(), IIdentifierRegistry.Enrolment(identifier, kind, parent, group, grant));
    }

    /// @dev An operation id of its own.
    function _nextOp() internal returns (bytes32) {
        return keccak256(abi.encode("operation", ++_ops));
    }

    /// @dev With everything in order.
    function _grant(bytes32 accountId, uint8 algorithm, uint256 key, uint8 purposes, uint64 logIndex)
        internal
        returns (IKeyBook.KeyGrant memory grant)
    {
        grant.algorithm = algorithm;
        grant.purposes = purposes;
        grant.publicKey = _publicKey(algorithm, key);
        grant.leafHash = _leaf(logIndex);
        grant.logIndex = logIndex;
        if (algorithm == ES256K) grant.possession = _prove(key, accountId, _thumbprint(key), purposes);
    }

    function _publicKey(uint256 key) internal returns (bytes memory) {
        Vm.Wallet memory wallet = vm.createWallet(key);
        return abi.encode(wallet.publicKeyX, wallet.publicKeyY);
    }

    function _publicKey(uint8 algorithm, uint256 key) internal returns (bytes memory) {
        if (algorithm == ES256K) return _publicKey(key);
        if (algorithm == ED25519) return abi.encode(keccak256(abi.encode(key)));
        return abi.encode(keccak256(abi.encode(key, "x")), keccak256(abi.encode(key, "y")));
    }

    /// @dev Of an ES256K key.
    function _thumbprint(uint256 key) internal returns (bytes32) {
        return _thumbprint(ES256K, key);
    }

    function _thumbprint(uint8 algorithm, uint256 key) internal returns (bytes32) {
        return registry.computeThumbprint(algorithm, _publicKey(algorithm, key));
    }

    function _leaf(uint64 logIndex) internal pure returns (bytes32) {
        return keccak256(abi.encode("leaf", logIndex));
    }

    function _prove(uint256 key, bytes32 accountId, bytes32 thumbprint, uint8 purposes)
        internal
        view
        returns (Cosignature memory)
    {
        return _signHere(key, keccak256(abi.encode(POSSESSION, accountId, thumbprint, purposes)));
    }

    /// @dev By `key`, to the grant as it stands.
    function _consent(uint256 key, bytes32 accountId, IKeyBook.KeyGrant memory grant)
        internal
        view
        returns (Cosignature memory)
    {
        return _signHere(key, _consentHash(accountId, grant));
    }

    function _consentHash(bytes32 accountId, IKeyBook.KeyGrant memory grant) internal view returns (bytes32) {
        bytes32 thumbprint = registry.computeThumbprint(grant.algorithm, grant.publicKey);
        return keccak256(abi.encode(CONSENT, accountId, thumbprint, grant.purposes));
    }

    function _approvalHash(bytes32 accountId, bytes32 replaces, IKeyBook.KeyGrant memory grant, bytes32 reasonHash)
        internal
        view
        returns (bytes32)
    {
        bytes32 thumbprint = registry.computeThumbprint(grant.algorithm, grant.publicKey);
        return keccak256(abi.encode(RECOVERY, accountId, replaces, thumbprint, grant.purposes, reasonHash));
    }

    /// @dev Of these two persons, for the proposal as it stands.
    function _approve(
        bytes32 accountId,
        bytes32 replaces,
        IKeyBook.KeyGrant memory grant,
        uint256 first,
        uint256 second
    ) internal view returns (Cosignature[2] memory) {
        bytes32 structHash = _approvalHash(accountId, replaces, grant, REASON);
        return [_signHere(first, structHash), _signHere(second, structHash)];
    }

    function _veto(uint256 key, bytes32 accountId, bytes32 thumbprint) internal view returns (Cosignature memory) {
        return _signHere(key, keccak256(abi.encode(VETO, accountId, thumbprint)));
    }

    function _signHere(uint256 key, bytes32 structHash) internal view returns (Cosignature memory) {
        return _sign(key, structHash, address(registry), DEPLOYMENT_ID);
    }

    /// @dev For this registry and deployment, by this chain's present id.
    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return _typed(structHash, address(registry), DEPLOYMENT_ID);
    }

    function _nothing() internal pure returns (Cosignature memory) {
        return Cosignature(0, 0);
    }

    /// @dev The lowest s that is too high and that EIP-2098 can carry is just above half of the group's order.
    function _highS() internal pure returns (Cosignature memory) {
        return Cosignature(bytes32(uint256(1)), bytes32(uint256(type(int256).max)));
    }

    function _addCall(bytes32 opId, bytes32 accountId, IKeyBook.KeyGrant memory grant, Cosignature memory consent)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(IIdentifierRegistry.addKey, (opId, accountId, grant, consent));
    }

    function _rotateCall(bytes32 opId, bytes32 replaces, IKeyBook.KeyGrant memory grant, Cosignature memory consent)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(IIdentifierRegistry.rotate, (opId, replaces, grant, consent));
    }

    function _accept(bytes memory call) internal {
        (bool succeeded, bytes memory returned) = address(registry).call(call);
        if (!succeeded) revert RefusedOtherwise(returned, 0);
    }

    function _deny(bytes memory call, bytes4 selector) internal {
        assertRefused(address(registry), call, selector);
    }

    function _denyWith(bytes memory call, bytes memory expected) internal {
        assertRefusedWith(address(registry), call, expected);
    }

    /// @dev How many events the registry emitted since `vm.recordLogs`.
    function _eventCount() internal returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(registry)) ++count;
        }
    }
}
