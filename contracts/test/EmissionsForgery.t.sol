// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {EmissionsRegistry} from "../EmissionsRegistry.sol";
import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {IEvidenceLog} from "../interfaces/IEvidenceLog.sol";
import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";
import {Reentrant} from "./base/Reentrant.sol";

/// @title Ways to a number without the assigned verifier's word over it (DOMAIN 8, 44), or around a refusal.
contract EmissionsForgeryTest is EmissionsFixture {
    Registering private _r;

    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(SIZE);
        _assigned();
        _r = _good();
        vm.warp(begin);
    }

    /// Whoever works for a verifier is not the verifier, whatever the person's key is for.
    function test_aPersonOfTheVerifierIsNotTheVerifier() external {
        _enrol("person/g1", 6, ASSESSOR, ES256K, 0xE1, 15, 19);
        _enrol("meter", 3, ACCOUNT, ES256K, 0xE2, STATEMENT, 19);
        _refusedOf(0xE1);
        _refusedOf(0xE2);
    }

    /// A key has one account, so that an enterprise's key cannot become its verifier's.
    function test_aKeySpeaksForOneAccount() external {
        IKeyBook.KeyGrant memory grant = _grant(ASSESSOR, ES256K, HOLDER, STATEMENT, 19);
        _denyWith(
            _addCall(OP, ASSESSOR, grant, _consent(ASSESSOR_KEY, ASSESSOR, grant)),
            abi.encodeWithSelector(IKeyBook.KeyAlreadyEnrolled.selector, _thumbprint(HOLDER), ACCOUNT)
        );
        _refusedOf(HOLDER);
    }

    /// From the block on in which one key takes another's place.
    function test_theKeyThatCameInItsPlaceSigns() external {
        IKeyBook.KeyGrant memory grant = _grant(ASSESSOR, ES256K, 0xE3, STATEMENT, 26);
        _refusedOf(0xE3);
        registry.rotate(_nextOp(), _thumbprint(ASSESSOR_KEY), grant, _consent(ASSESSOR_KEY, ASSESSOR, grant));
        _refusedOf(ASSESSOR_KEY);
        _r.signature = _verify(0xE3, _r.v);
        _take(_registerCall(_r));
    }

    /// A park has emissions and persons; neither its key nor theirs verifies them.
    function test_aParkIsVerifiedByAVerifierToo() external {
        emissions.assign(_nextOp(), PARK, YEAR, ASSESSOR, begin, finish, _leaf(ASSIGNED_AT), ASSIGNED_AT);
        _enrol("person/a3", 6, PARK, ES256K, 0xA3, 15, 19);
        _r.v.enterprise = PARK;
        _refusedOf(0xA3);
        _refusedOf(PARK_PERSON);
        _r.signature = _verify(ASSESSOR_KEY, _r.v);
        _take(_registerCall(_r));
    }

    /// Either was signed. Which of them the case has is said by the log's registration.
    function test_ofTwoWordsForOneRevisionOneCounts() external {
        Registering memory other = _r;
        (other.opId, other.v.tonnes) = (keccak256("2"), TONNES + 1);
        (other.v.statementLeaf, other.statement) = (_leaf(VERIFIED_AT + 1), _proof(VERIFIED_AT + 1, SIZE));
        other.signature = _verify(ASSESSOR_KEY, other.v);
        _take(_registerCall(other));
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(IEmissionsRegistry.RevisionUnexpected.selector, 1, 2));
    }

    /// A word waits for its verifier's time, not for a time of its own.
    function test_aWordCountsInALaterAssignmentOfTheSameVerifier() external {
        emissions.endAssignment(_nextOp(), ACCOUNT, YEAR, _leaf(26), 26);
        emissions.assign(_nextOp(), ACCOUNT, YEAR, ASSESSOR, finish, finish + 1, _leaf(27), 27);
        bytes memory early = abi.encodeWithSelector(IEmissionsRegistry.AssignmentNotBegun.selector, finish, begin);
        _refuseWith(_registerCall(_r), early);
        vm.warp(finish);
        _take(_registerCall(_r));
    }

    /// What brought a number, of whichever kind, brings nothing of another kind.
    function test_operationsAndEntriesAreSharedByAllKinds() external {
        IEmissionsRegistry.Determination memory d = _decision();
        d.enterprise = ALONE;
        Cosignature[2] memory approvals = _decide(d, PARK_PERSON, REGULATOR_PERSON);
        _take(_registerCall(_r));
        bytes memory applied = abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, _r.opId);
        _refuseWith(_determineCall(_r.opId, d, approvals, 26), applied);
        _refuseWith(abi.encodeCall(IEmissionsRegistry.declareTie, (_r.opId, ALONE, ASSESSOR)), applied);
        _refuseWith(
            _determineCall(OP, d, approvals, VERIFIED_AT),
            abi.encodeWithSelector(IEmissionsRegistry.StatementUsed.selector, _leaf(VERIFIED_AT))
        );
        _take(_determineCall(OP, d, approvals, 26));
        (_r.opId, _r.v.revision) = (OP, 2);
        _refuse(_registerCall(_r), IOperations.OpAlreadyApplied.selector);
        _r.opId = keccak256("2");
        (_r.v.statementLeaf, _r.statement) = (_leaf(26), _proof(26, SIZE));
        _r.signature = _verify(ASSESSOR_KEY, _r.v);
        _refuseWith(_registerCall(_r), abi.encodeWithSelector(IEmissionsRegistry.StatementUsed.selector, _leaf(26)));
    }

    /// A year, a number of tonnes or a revision that does not fit is refused, not cut down to one that was signed.
    function test_numbersThatDoNotFitAreRefused() external {
        bytes memory good = _registerCall(_r);
        _refuseWith(_overflowing(good, 2, 16), "");
        _refuseWith(_overflowing(good, 3, 64), "");
        _refuseWith(_overflowing(good, 6, 32), "");
        IEmissionsRegistry.Determination memory d = _decision();
        (d.enterprise, d.tonnes) = (ALONE, type(uint64).max);
        bytes memory decided = _determineCall(OP, d, _decide(d, PARK_PERSON, REGULATOR_PERSON), 26);
        _refuseWith(_overflowing(decided, 2, 16), "");
        _refuseWith(_overflowing(decided, 3, 64), "");
        _refuseWith(_overflowing(decided, 5, 32), "");
        bytes memory assignment =
            abi.encodeCall(IEmissionsRegistry.assign, (OP, ALONE, YEAR, ASSESSOR, begin, finish, _leaf(26), 26));
        _refuseWith(_overflowing(assignment, 2, 16), "");
        _refuseWith(_overflowing(assignment, 4, 64), "");
        _refuseWith(_overflowing(assignment, 5, 64), "");
        _noNumber(ACCOUNT, YEAR);
        _noNumber(ALONE, YEAR);
        _take(good);
        _take(decided);
        _take(abi.encodeCall(IEmissionsRegistry.assign, (_nextOp(), ALONE, YEAR, ASSESSOR, 0, finish, _leaf(26), 26)));
    }

    /// Where the addresses are wrong, nothing is taken: no answer is no yes.
    function test_registriesInEachOthersPlaceTakeNothing() external {
        address manager = emissions.authority();
        emissions = new EmissionsRegistry(
            manager, DEPLOYMENT_ID, IIdentifierRegistry(address(evidence)), IEvidenceLog(address(registry))
        );
        _refuseWith(
            abi.encodeCall(
                IEmissionsRegistry.assign, (_nextOp(), ACCOUNT, YEAR, ASSESSOR, begin, finish, _leaf(14), ASSIGNED_AT)
            ),
            ""
        );
        IEmissionsRegistry.Determination memory d = _decision();
        _refuseWith(_determineCall(OP, d, _decide(d, PARK_PERSON, REGULATOR_PERSON), 26), "");
    }

    /// What is asked in the middle of a registration cannot register: it is asked without the right to change anything.
    function test_whoIsAskedCannotActMeanwhile() external {
        Reentrant identifiers = new Reentrant(address(registry));
        Reentrant log = new Reentrant(address(evidence));
        emissions = new EmissionsRegistry(
            emissions.authority(), DEPLOYMENT_ID, IIdentifierRegistry(address(identifiers)), IEvidenceLog(address(log))
        );
        AccessManager manager = AccessManager(emissions.authority());
        manager.grantRole(manager.ADMIN_ROLE(), address(identifiers), 0);
        manager.grantRole(manager.ADMIN_ROLE(), address(log), 0);
        _assigned();
        Registering memory inner = _good();
        inner.v.tonnes = 1;
        (inner.v.statementLeaf, inner.statement) = (_leaf(VERIFIED_AT + 1), _proof(VERIFIED_AT + 1, SIZE));
        inner.signature = _verify(ASSESSOR_KEY, inner.v);
        identifiers.arm(address(emissions), _registerCall(inner));
        log.arm(address(emissions), _registerCall(inner));
        Registering memory outer = _good();
        _take(_registerCall(outer));
        (uint64 tonnes, uint32 revision,,,,,) = emissions.emissionsOf(ACCOUNT, YEAR);
        assertTrue(tonnes == TONNES && revision == 1, "the outer one");
        assertTrue(!emissions.opUsed(inner.opId), "not the inner one");
        // By itself, and in its turn, it may.
        inner.v.revision = 2;
        inner.signature = _verify(ASSESSOR_KEY, inner.v);
        identifiers.arm(address(emissions), _registerCall(inner));
        assertTrue(identifiers.act(), "taken in its turn");
    }

    function _refusedOf(uint256 key) private {
        _r.signature = _verify(key, _r.v);
        _refuseWith(
            _registerCall(_r),
            abi.encodeWithSelector(IEmissionsRegistry.VerifierSignatureInvalid.selector, ASSESSOR, vm.addr(key))
        );
        _noNumber(_r.v.enterprise, YEAR);
        assertTrue(!emissions.opUsed(_r.opId), "applied or nothing");
    }

    /// @dev The call with 2^bits added to its argument word `place`, counted from 0.
    function _overflowing(bytes memory call, uint256 place, uint256 bits) private pure returns (bytes memory made) {
        made = bytes.concat(call);
        // The bit's byte: words stand behind the selector, the highest byte first.
        made[4 + 32 * place + 31 - bits / 8] |= bytes1(uint8(1));
    }
}
