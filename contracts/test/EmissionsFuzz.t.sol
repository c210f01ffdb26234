// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {IEvidenceLog} from "../interfaces/IEvidenceLog.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {LogProof} from "../libraries/LogProof.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";

/// @title No number without an independent, active, assigned verifier's signature over exactly that number.
contract EmissionsFuzzTest is EmissionsFixture {
    uint256 private constant _CHANGES_OF_THE_CALL = 19;
    bytes32 private constant _NO_VERIFIER = keccak256("person/d1");
    /// @dev The assessor's, for everything but statements.
    uint256 private constant _DUMB_KEY = 0x9101;
    uint256 private constant _NOBODY = 0xBEEF;

    Registering private _r;
    bytes4[4] private _refusals;

    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _addKey(ASSESSOR, _DUMB_KEY, 13, ASSESSOR_KEY);
        _anchor(SIZE);
        _r = _good();
    }

    /// One change of a good call is too many; the call without it is taken in the same state.
    function testFuzz_oneChangeOfTheCallIsRefused(uint8 what, uint256 how) external {
        _assigned();
        vm.warp(begin + how % TERM);
        Registering memory changed = _changed(what % _CHANGES_OF_THE_CALL, how);
        _refuseAsForetold(_registerCall(changed));
        _noNumber(changed.v.enterprise, changed.v.year);
        _noNumber(ACCOUNT, YEAR);
        _take(_registerCall(_r));
    }

    /// So is one change of what stands when it comes.
    function testFuzz_oneChangeOfTheStateIsRefused(uint8 what, uint256 how) external {
        _assigned();
        vm.warp(begin + how % TERM);
        _disturb(what % 9, how);
        _refuseAsForetold(_registerCall(_r));
        _noNumber(ACCOUNT, YEAR);
        assertTrue(!emissions.opUsed(_r.opId), "applied or nothing");
    }

    struct Scene {
        uint8 enterprise;
        uint8 assigned;
        uint8 signer;
        uint8 ended;
        uint8 keyEnded;
        uint8 tie;
        uint8 time;
        uint8 revision;
        uint8 tonnes;
    }

    /// Whoever reports, whoever is assigned, whoever signs what, whenever: taken exactly where all of it fits.
    function testFuzz_exactlyTheAssignedVerifiersWordIsTaken(Scene memory s) external {
        (bytes32 enterprise, bytes32 verifier, bool fits) = _assignment(s);
        (uint256 key, bytes32 owner) = _signerOf(s);
        if (s.keyEnded % 6 == 0 && key != _NOBODY) registry.revoke(_nextOp(), _thumbprint(key), 26);
        _r.v.enterprise = enterprise;
        _r.v.revision = s.revision % 6 < 2 ? s.revision % 6 * 2 : 1;
        _r.signature = _verify(key, _r.v);
        if (s.tonnes % 6 == 0) _r.v.tonnes += 1 + s.tonnes;
        uint64[6] memory times = [begin - 1, finish, begin, finish - 1, begin + 1, begin + 30 days];
        vm.warp(times[s.time % 6]);
        fits = fits && owner == verifier && s.keyEnded % 6 != 0 && s.tonnes % 6 != 0 && _r.v.revision == 1;
        fits = fits && s.time % 6 > 1;
        (bool taken,) = address(emissions).call(_registerCall(_r));
        assertTrue(taken == fits, "taken exactly where it fits");
        (uint64 tonnes, uint32 revision,, bytes32 by,,,) = emissions.emissionsOf(enterprise, YEAR);
        assertTrue(taken ? tonnes == TONNES && revision == 1 && by == verifier : revision == 0, "all or nothing");
        assertTrue(emissions.opUsed(_r.opId) == taken, "applied or nothing");
    }

    /// @dev Who is assigned to whom, and whether that stands and lets a number in.
    function _assignment(Scene memory s) private returns (bytes32 enterprise, bytes32 verifier, bool stands) {
        enterprise = [ACCOUNT, NEIGHBOUR_ACCOUNT, ALONE, PARK][s.enterprise % 4];
        verifier = [ASSESSOR, SECOND_ASSESSOR, SISTER, _NO_VERIFIER][s.assigned % 4];
        stands = verifier != _NO_VERIFIER && (verifier != SISTER || enterprise == ALONE);
        bytes memory call = abi.encodeCall(
            IEmissionsRegistry.assign, (_nextOp(), enterprise, YEAR, verifier, begin, finish, _leaf(14), ASSIGNED_AT)
        );
        (bool taken,) = address(emissions).call(call);
        assertTrue(taken == stands, "only the independent are assigned");
        if (s.tie % 6 == 0) emissions.declareTie(_nextOp(), verifier, enterprise);
        if (stands && s.ended % 6 == 0) emissions.endAssignment(_nextOp(), enterprise, YEAR, _leaf(15), 15);
        stands = stands && s.tie % 6 != 0 && s.ended % 6 != 0;
    }

    /// @dev Mostly the key of whoever is assigned. The owner is named where the key states.
    function _signerOf(Scene memory s) private pure returns (uint256 key, bytes32 owner) {
        uint256 place = s.signer % 2 == 0 ? s.assigned % 4 : s.signer / 2 % 8;
        key = [
            ASSESSOR_KEY, SECOND_KEY, SISTER_KEY, _DUMB_KEY, ASSESSOR_OTHER_KEY, HOLDER, VERIFIER_PERSON, _NOBODY
        ][place];
        owner = [ASSESSOR, SECOND_ASSESSOR, SISTER, bytes32(0), ASSESSOR, ACCOUNT, bytes32(0), bytes32(0)][place];
    }

    /// @dev The good call, with one thing changed after it was signed, and by what it must be refused.
    function _changed(uint256 what, uint256 how) private returns (Registering memory r) {
        r = _r;
        _foretell(IEmissionsRegistry.VerifierSignatureInvalid.selector, 0, 0, 0);
        if (what < 6) {
            _changeMember(r, what, how);
        } else if (what < 9) {
            _changeSignature(r, what, how);
        } else {
            _changeProof(r, what, how);
        }
    }

    function _changeMember(Registering memory r, uint256 what, uint256 how) private {
        if (what == 0) r.v.enterprise ^= bytes32(_bit(how, 256));
        if (what == 1) r.v.year ^= uint16(_bit(how, 16));
        if (what < 2) _foretell(IEmissionsRegistry.AssignmentNone.selector, 0, 0, 0);
        if (what == 2) r.v.tonnes ^= uint64(_bit(how, 64));
        if (what == 3) r.v.reportLeaf ^= bytes32(_bit(how, 256));
        if (what == 4) r.v.statementLeaf ^= bytes32(_bit(how, 256));
        if (what != 5) return;
        r.v.revision ^= uint32(_bit(how, 32));
        _foretell(IEmissionsRegistry.RevisionUnexpected.selector, 0, 0, 0);
    }

    function _changeSignature(Registering memory r, uint256 what, uint256 how) private {
        if (what == 6) r.signature.r ^= bytes32(_bit(how, 256));
        if (what == 7) r.signature.vs ^= bytes32(_bit(how, 256));
        if (what == 8) r.signature = _verify(bound(how, 0x10000, type(uint128).max), r.v);
        if (what == 8) return;
        _foretell(
            IEmissionsRegistry.VerifierSignatureInvalid.selector,
            CompactSignature.SignatureInvalid.selector,
            CompactSignature.SignatureNotLow.selector,
            0
        );
    }

    function _changeProof(Registering memory r, uint256 what, uint256 how) private {
        _foretell(LogProof.RootMismatch.selector, 0, 0, 0);
        if (what == 9) r.epoch ^= uint64(_bit(how, 64));
        if (what == 10) r.size ^= uint64(_bit(how, 64));
        if (what < 11) _foretell(IEvidenceLog.RootUnknown.selector, 0, 0, 0);
        if (what == 11) r.report.index ^= uint64(_bit(how, 64));
        if (what == 12) r.statement.index ^= uint64(_bit(how, 64));
        if (what == 11 || what == 12) {
            _foretell(
                IEmissionsRegistry.StatementNotAfterReport.selector,
                LogProof.IndexOutOfRange.selector,
                LogProof.ProofLengthInvalid.selector,
                LogProof.RootMismatch.selector
            );
        }
        if (what == 13) r.report.path[how % r.report.path.length] ^= bytes32(_bit(how >> 8, 256));
        if (what == 14) r.statement.path[how % r.statement.path.length] ^= bytes32(_bit(how >> 8, 256));
        if (what < 15) return;
        _foretell(LogProof.ProofLengthInvalid.selector, 0, 0, 0);
        if (what == 15) r.report.path = _resized(r.report.path, -1, how);
        if (what == 16) r.report.path = _resized(r.report.path, 1, how);
        if (what == 17) r.statement.path = _resized(r.statement.path, -1, how);
        if (what == 18) r.statement.path = _resized(r.statement.path, 1, how);
    }

    function _disturb(uint256 what, uint256 how) private {
        _foretell(IEmissionsRegistry.VerifierSignatureInvalid.selector, 0, 0, 0);
        if (what == 0) vm.warp(bound(how, begin - 1 days, begin - 1));
        if (what == 1) vm.warp(bound(how, finish, type(uint40).max));
        if (what == 0) _foretell(IEmissionsRegistry.AssignmentNotBegun.selector, 0, 0, 0);
        if (what == 1) _foretell(IEmissionsRegistry.AssignmentPast.selector, 0, 0, 0);
        if (what == 2 || what == 3) emissions.endAssignment(_nextOp(), ACCOUNT, YEAR, _leaf(26), 26);
        if (what == 2) _foretell(IEmissionsRegistry.AssignmentNone.selector, 0, 0, 0);
        if (what == 3) emissions.assign(_nextOp(), ACCOUNT, YEAR, SECOND_ASSESSOR, begin, finish, _leaf(27), 27);
        if (what == 4) emissions.declareTie(_nextOp(), ACCOUNT, ASSESSOR);
        if (what == 5) emissions.declareTie(_nextOp(), ASSESSOR, ACCOUNT);
        if (what == 4 || what == 5) _foretell(IEmissionsRegistry.VerifierTied.selector, 0, 0, 0);
        if (what == 6) registry.revoke(_nextOp(), _thumbprint(ASSESSOR_KEY), uint64(bound(how, 26, type(uint64).max)));
        if (what == 7) {
            registry.declareCompromised(_nextOp(), _thumbprint(ASSESSOR_KEY), uint64(bound(how, 13, 27)), 27);
        }
        if (what != 8) return;
        address stranger = address(uint160(bound(how, 1, type(uint64).max)));
        vm.prank(stranger);
        _foretell(IAccessManaged.AccessManagedUnauthorized.selector, 0, 0, 0);
    }

    function _resized(bytes32[] memory path, int256 by, uint256 how) private pure returns (bytes32[] memory made) {
        made = new bytes32[](uint256(int256(path.length) + by));
        for (uint256 i = 0; i < made.length; ++i) {
            made[i] = i < path.length ? path[i] : bytes32(how);
        }
    }

    function _bit(uint256 how, uint256 bits) private pure returns (uint256) {
        return 1 << (how % bits);
    }

    function _foretell(bytes4 a, bytes4 b, bytes4 c, bytes4 d) private {
        _refusals = [a, b, c, d];
    }

    function _refuseAsForetold(bytes memory call) private {
        (bool taken, bytes memory returned) = address(emissions).call(call);
        if (taken) revert NotRefused(call);
        bytes4 found = bytes4(returned);
        bool foretold = found == _refusals[0];
        for (uint256 i = 1; i < 4; ++i) {
            if (_refusals[i] != 0 && found == _refusals[i]) foretold = true;
        }
        if (!foretold) revert RefusedOtherwise(returned, _refusals[0]);
    }
}
