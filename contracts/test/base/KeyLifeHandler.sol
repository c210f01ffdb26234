// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IIdentifierRegistry} from "../../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../../interfaces/IKeyBook.sol";
import {IKeyRecovery} from "../../interfaces/IKeyRecovery.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {KeyLifeModel} from "./KeyLifeModel.sol";

/// @title What a registrar, holders, persons and thieves do with keys, honestly or not.
/// @notice Before each call it is said, from the events so far, whether the registry must take it: any other answer fails.
contract KeyLifeHandler is KeyLifeModel {
    uint256 private constant _SIGNER_OF_NOTHING = 0xBEEF;
    uint256 private constant _FRESH = 0x10000;

    /// @dev By which number a key can be made again; ES256K ones are also in `_signers`.
    mapping(bytes32 thumbprint => uint256 number) private _numberOf;
    uint256[] private _signers;
    uint256 private _fresh;
    uint64 private _position = 20;
    uint64 private _time;
    bytes private _lastTaken;
    mapping(bytes32 thumbprint => IKeyBook.Key) private _seen;
    mapping(bytes32 thumbprint => bool) private _withdrawn;

    uint256 public accepted;
    uint256 public refused;
    /// @notice Whether a key that had ended spoke again, or its end or its flag moved on or vanished.
    bool public revived;
    /// @notice Whether a withdrawn proposal stood again, or was completed.
    bool public resumed;

    /// @dev The time is kept here, whatever becomes of `vm.warp` between calls.
    modifier inTime() {
        vm.warp(_time);
        _;
    }

    constructor() {
        _deploy();
        _time = uint64(block.timestamp);
        vm.recordLogs();
        _enterprises();
        _people();
        _enrol("88.608.5288/plain", 2, keccak256("park"), ED25519, 0x7005, STATEMENT_AND_ASSET, 13);
        _read();
        uint256[7] memory first = [
            HOLDER, NEIGHBOUR_KEY, PARK_PERSON, OTHER_PARK_PERSON, REGULATOR_PERSON, VERIFIER_PERSON, ENTERPRISE_PERSON
        ];
        for (uint256 i = 0; i < first.length; ++i) {
            _signers.push(first[i]);
        }
        _look();
    }

    /// @dev Some time, or up to the very second in which a recovery is ripe, or to the one before.
    function pass(uint256 time, uint256 which) external inTime {
        if (time % 2 == 0 && proposed.length != 0) {
            uint64 edge = recoveries[proposed[which % proposed.length]].readyAt - uint64(time / 2 % 2);
            if (edge > _time) _time = edge;
        } else {
            _time += uint64(bound(time, 1, 2 days));
        }
    }

    function enrol(uint256 who, uint256 algorithm, uint256 number) external inTime {
        IIdentifierRegistry.Enrolment memory e;
        bool again = who % 2 == 0;
        e.identifier = again ? NEIGHBOUR : _newName();
        e.kind = 2;
        bytes32 accountId = keccak256(bytes(e.identifier));
        bytes32 thumbprint;
        (e.key, thumbprint) = _comes(accountId, algorithm, number, STATEMENT_AND_ASSET);
        _act(abi.encodeCall(IIdentifierRegistry.enrol, (_nextOp(), e)), !again && !_taken(thumbprint));
    }

    function addKey(uint256 who, uint256 algorithm, uint256 number, uint256 signer) external inTime {
        bytes32 accountId = accountIds[who % accountIds.length];
        (IKeyBook.KeyGrant memory grant, bytes32 thumbprint) =
            _comes(accountId, algorithm, number, uint8(1 + number % 15));
        bool needed = grant.algorithm == ES256K && hadEvmKey[accountId];
        uint256 consents = _consenter(accountId, needed, signer, _numberOf[thumbprint]);
        sanctioned = _speaks(accountId, consents);
        bytes memory call = _addCall(_nextOp(), accountId, grant, _consentBy(consents, accountId, grant));
        _act(call, !_taken(thumbprint) && (needed ? sanctioned : consents == 0));
    }

    function rotate(uint256 which, uint256 algorithm, uint256 number, uint256 signer) external inTime {
        bytes32 replaces = thumbprints[which % thumbprints.length];
        IKeyBook.Key memory replaced = keys[replaces];
        bytes32 accountId = replaced.accountId;
        (IKeyBook.KeyGrant memory grant, bytes32 thumbprint) =
            _comes(accountId, algorithm, number, _like(replaced, number));
        bool needed = replaced.algorithm == ES256K || (grant.algorithm == ES256K && hadEvmKey[accountId]);
        uint256 consents = _consenter(accountId, needed, signer, _numberOf[thumbprint]);
        sanctioned = _speaks(accountId, consents);
        bytes memory call = _rotateCall(_nextOp(), replaces, grant, _consentBy(consents, accountId, grant));
        bool agreed = needed ? sanctioned : consents == 0;
        bool alike = grant.purposes == replaced.purposes;
        bool comes = !_taken(thumbprint) && agreed && alike && replaced.revokedAt == 0;
        _act(call, comes);
        if (comes) assertTrue(!registry.isActive(replaces), "two keys in one place");
    }

    /// @dev Seldom, so that there are keys left; now and then at a position where the key had not begun.
    function revoke(uint256 which, uint256 at, uint8 seldom) external inTime {
        if (seldom % 2 == 1) return;
        bytes32 thumbprint = thumbprints[which % thumbprints.length];
        IKeyBook.Key memory key = keys[thumbprint];
        uint64 index = at % 4 == 0 ? key.logIndex : ++_position;
        bytes memory call = abi.encodeCall(IIdentifierRegistry.revoke, (_nextOp(), thumbprint, index));
        _act(call, key.revokedAt == 0 && index > key.logIndex);
    }

    function declareCompromised(uint256 which, uint256 since, uint8 seldom) external inTime {
        if (seldom % 2 == 1) return;
        bytes32 thumbprint = thumbprints[which % thumbprints.length];
        IKeyBook.Key memory key = keys[thumbprint];
        uint64 index = ++_position;
        uint64 from = uint64(bound(since, 0, index + 1));
        bool inRange = from != 0 && from >= key.logIndex && from <= index;
        bool earlier = key.invalidSince == 0 || from < key.invalidSince;
        bytes memory call = abi.encodeCall(IIdentifierRegistry.declareCompromised, (_nextOp(), thumbprint, from, index));
        _act(call, inRange && earlier);
    }

    function propose(uint256 which, uint256 algorithm, uint256 number, uint256 first, uint256 second) external inTime {
        bytes32 replaces = thumbprints[which % thumbprints.length];
        IKeyBook.Key memory replaced = keys[replaces];
        (IKeyBook.KeyGrant memory grant, bytes32 thumbprint) =
            _comes(replaced.accountId, algorithm, number, _like(replaced, number));
        (first, second) = (_approver(first), _approver(second));
        bytes32 body = _body(first);
        bool agreed = body != 0 && _body(second) != 0 && body != _body(second);
        Cosignature[2] memory approvals = _approve(replaced.accountId, replaces, grant, first, second);
        bytes memory call =
            abi.encodeCall(IIdentifierRegistry.proposeRecovery, (_nextOp(), replaces, grant, REASON, approvals));
        _act(call, agreed && grant.purposes == replaced.purposes && !_taken(thumbprint));
    }

    function veto(uint256 which, uint256 signer) external inTime {
        if (proposed.length == 0) return;
        bytes32 thumbprint = proposed[which % proposed.length];
        IKeyRecovery.Recovery memory recovery = recoveries[thumbprint];
        uint256 number = _consenter(recovery.accountId, true, signer, _numberOf[thumbprint]);
        if (number == 0) number = _SIGNER_OF_NOTHING;
        bytes memory call =
            abi.encodeCall(IKeyRecovery.vetoRecovery, (thumbprint, _veto(number, recovery.accountId, thumbprint)));
        bool stands = recovery.state == IKeyRecovery.RecoveryState.PENDING && _time < recovery.readyAt;
        _act(call, stands && _speaks(recovery.accountId, number));
    }

    function cancel(uint256 which, uint8 seldom) external inTime {
        if (proposed.length == 0 || seldom % 4 != 0) return;
        bytes32 thumbprint = proposed[which % proposed.length];
        IKeyRecovery.RecoveryState state = recoveries[thumbprint].state;
        bytes memory call = abi.encodeCall(IIdentifierRegistry.cancelRecovery, (_nextOp(), thumbprint));
        _act(call, state != IKeyRecovery.RecoveryState.COMPLETED);
    }

    function complete(uint256 which, uint256 other) external inTime {
        if (proposed.length == 0) return;
        bytes32 thumbprint = proposed[which % proposed.length];
        IKeyRecovery.Recovery memory recovery = recoveries[thumbprint];
        bool right = other % 8 != 0;
        bytes memory publicKey = _publicKey(recovery.algorithm, right ? _numberOf[thumbprint] : _SIGNER_OF_NOTHING);
        sanctioned = recovery.state == IKeyRecovery.RecoveryState.PENDING && _time >= recovery.readyAt;
        bytes memory call = abi.encodeCall(
            IIdentifierRegistry.completeRecovery, (_nextOp(), thumbprint, publicKey, _leaf(_position), ++_position)
        );
        bool comes = sanctioned && right;
        _act(call, comes);
        if (comes) assertTrue(!registry.isActive(recovery.replaces), "two keys in one place");
    }

    /// @dev What was taken is not taken twice.
    function replay() external inTime {
        if (_lastTaken.length != 0) _act(_lastTaken, false);
    }

    function _newName() private view returns (string memory) {
        bytes1 first = bytes1(uint8(97 + _position / 26));
        return string(abi.encodePacked("88.608.5288/new-", first, bytes1(uint8(97 + _position % 26))));
    }

    /// @dev A new key, or one that came or was proposed before.
    function _comes(bytes32 accountId, uint256 algorithm, uint256 number, uint8 purposes)
        private
        returns (IKeyBook.KeyGrant memory grant, bytes32 thumbprint)
    {
        // ES256K, the one that matters, as often as the two others.
        uint8 kind = algorithm % 4 == 3 ? ES256K : uint8(1 + algorithm % 4);
        uint256 made = number % 6 == 0 ? _signers[(number / 6) % _signers.length] : _FRESH + ++_fresh;
        if (number % 6 == 1 && proposed.length != 0) {
            bytes32 again = proposed[number / 6 % proposed.length];
            (made, kind) = (_numberOf[again], recoveries[again].algorithm);
        }
        grant = _grant(accountId, kind, made, purposes, ++_position);
        thumbprint = _thumbprint(kind, made);
        _numberOf[thumbprint] = made;
        if (kind == ES256K && made > _FRESH) _signers.push(made);
    }

    /// @dev The purposes of the replaced key, or now and then others.
    function _like(IKeyBook.Key memory replaced, uint256 seed) private pure returns (uint8) {
        return seed % 8 == 7 ? uint8(1 + (replaced.purposes + seed / 8 % 14) % 15) : replaced.purposes;
    }

    /// @dev Mostly whoever is asked for; else anybody, the newcomer, or nobody (0).
    function _consenter(bytes32 accountId, bool needed, uint256 seed, uint256 newcomer) private view returns (uint256) {
        if (seed % 8 == 0) return 0;
        if (seed % 8 == 1) return newcomer;
        if (seed % 8 == 2) return _signers[(seed / 8) % _signers.length];
        if (!needed) return 0;
        for (uint256 i = 0; i < _signers.length; ++i) {
            uint256 number = _signers[(seed / 8 % _signers.length + i) % _signers.length];
            if (_speaks(accountId, number)) return number;
        }
        return _SIGNER_OF_NOTHING;
    }

    /// @dev Mostly who may; else any key of a person, or of anybody.
    function _approver(uint256 seed) private view returns (uint256) {
        if (seed % 8 == 0) return _signers[(seed / 8) % _signers.length];
        for (uint256 i = 0; i < _signers.length; ++i) {
            uint256 number = _signers[(seed / 8 % _signers.length + i) % _signers.length];
            bytes32 holder = keys[thumbprintOf[vm.addr(number)]].accountId;
            if (seed % 8 < 3 ? accounts[holder].kind == 6 : _body(number) != 0) return number;
        }
        return _SIGNER_OF_NOTHING;
    }

    function _consentBy(uint256 number, bytes32 accountId, IKeyBook.KeyGrant memory grant)
        private
        view
        returns (Cosignature memory)
    {
        return number == 0 ? _nothing() : _consent(number, accountId, grant);
    }

    function _act(bytes memory call, bool expected) private {
        vm.recordLogs();
        (bool succeeded, bytes memory returned) = address(registry).call(call);
        if (succeeded && !expected) revert NotRefused(call);
        if (!succeeded && expected) revert RefusedOtherwise(returned, 0);
        if (succeeded) {
            _read();
            (_lastTaken, accepted) = (call, accepted + 1);
        } else {
            // Forge records the events of what was taken back, too: the next recording drops them.
            ++refused;
        }
        sanctioned = false;
        _look();
    }

    /// @dev Compares with what was seen before, not with what events say.
    function _look() private {
        for (uint256 i = 0; i < thumbprints.length; ++i) {
            IKeyBook.Key memory key = registry.keyOf(thumbprints[i]);
            IKeyBook.Key memory before = _seen[thumbprints[i]];
            if (before.revokedAt != 0) {
                bool moved = key.revokedAt != before.revokedAt || key.revokedIndex != before.revokedIndex;
                if (moved || registry.isActive(thumbprints[i])) revived = true;
            }
            bool vanished = key.invalidSince == 0 || key.invalidSince > before.invalidSince;
            if (before.invalidSince != 0 && vanished) revived = true;
            _seen[thumbprints[i]] = key;
        }
        for (uint256 i = 0; i < proposed.length; ++i) {
            bool gone = registry.recoveryOf(proposed[i]).state == IKeyRecovery.RecoveryState.WITHDRAWN;
            if (_withdrawn[proposed[i]] && (!gone || registry.keyOf(proposed[i]).accountId != 0)) resumed = true;
            if (gone) _withdrawn[proposed[i]] = true;
        }
    }
}
