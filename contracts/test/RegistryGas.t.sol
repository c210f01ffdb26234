// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {RegistryFixture} from "./base/RegistryFixture.sol";

/// @title What identifiers and the life of their keys cost; measured as in GasTest.
contract RegistryGasTest is RegistryFixture {
    bytes private _enrolled;
    bytes private _added;
    bytes private _rotated;
    bytes private _proposed;
    bytes private _completed;

    /// @dev Everything is made here, so that the tests do nothing but call.
    function setUp() external {
        _deploy();
        _enterprises();
        _people();
        IKeyBook.KeyGrant memory plain = _grant(keccak256("88.608.5288/new"), ED25519, 9, 2, 20);
        IIdentifierRegistry.Enrolment memory e;
        (e.identifier, e.kind, e.parent, e.key) = ("88.608.5288/new", 2, keccak256("park"), plain);
        _enrolled = abi.encodeCall(IIdentifierRegistry.enrol, (_nextOp(), e));
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ES256K, NEWCOMER, STATEMENT_AND_ASSET, 20);
        bytes32 replaces = _thumbprint(HOLDER);
        _added = _addCall(_nextOp(), ACCOUNT, grant, _consent(HOLDER, ACCOUNT, grant));
        _rotated = _rotateCall(_nextOp(), replaces, grant, _consent(HOLDER, ACCOUNT, grant));
        _proposed = abi.encodeCall(
            IIdentifierRegistry.proposeRecovery,
            (_nextOp(), replaces, grant, REASON, _approve(ACCOUNT, replaces, grant, PARK_PERSON, REGULATOR_PERSON))
        );
        _completed = abi.encodeCall(
            IIdentifierRegistry.completeRecovery, (_nextOp(), _thumbprint(NEWCOMER), grant.publicKey, _leaf(21), 21)
        );
    }

    function test_enrolEd25519() external {
        _accept(_enrolled);
    }

    function test_addKeyWithConsent() external {
        _accept(_added);
    }

    function test_rotateWithConsent() external {
        _accept(_rotated);
    }

    function test_proposeRecovery() external {
        _accept(_proposed);
    }

    function test_proposeThenCompleteRecovery() external {
        _accept(_proposed);
        vm.warp(block.timestamp + RECOVERY_DELAY);
        _accept(_completed);
    }
}
