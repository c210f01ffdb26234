// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {IKeyRecovery} from "../interfaces/IKeyRecovery.sol";
import {ITwoPersons} from "../interfaces/ITwoPersons.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {RecoveryFixture} from "./base/RecoveryFixture.sol";

/// @title Two persons of two bodies propose a recovery, and sign for all of it.
contract RecoveryApprovalTest is RecoveryFixture {
    function test_anyTwoBodiesInAnyOrder() external {
        uint256[2][4] memory pairs = [
            [PARK_PERSON, REGULATOR_PERSON],
            [REGULATOR_PERSON, VERIFIER_PERSON],
            [VERIFIER_PERSON, OTHER_PARK_PERSON],
            [REGULATOR_PERSON, PARK_PERSON]
        ];
        for (uint256 i = 0; i < pairs.length; ++i) {
            IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ES256K, 0x7100 + i, STATEMENT_AND_ASSET, 20);
            Cosignature[2] memory approvals = _approve(ACCOUNT, lost, grant, pairs[i][0], pairs[i][1]);
            registry.proposeRecovery(_nextOp(), lost, grant, REASON, approvals);
        }
    }

    function test_onePersonIsNotTwoNorAreTwoOfOneBody() external {
        bytes memory expected = abi.encodeWithSelector(ITwoPersons.ApproversOfOneBody.selector, keccak256("park"));
        _refusedBy(PARK_PERSON, PARK_PERSON, expected);
        _refusedBy(PARK_PERSON, OTHER_PARK_PERSON, expected);
        _refusedBy(OTHER_PARK_PERSON, PARK_PERSON, expected);
        // Two keys of one person.
        IKeyBook.KeyGrant memory second = _grant(keccak256("person/a1"), ES256K, 0xA3, ADMINISTRATION, 15);
        registry.addKey(
            _nextOp(), keccak256("person/a1"), second, _consent(PARK_PERSON, keccak256("person/a1"), second)
        );
        _refusedBy(PARK_PERSON, 0xA3, expected);
    }

    /// A person of an enterprise, an enterprise, a device, a body itself, the holder, the newcomer, nobody.
    function test_onlyPersonsOfABodyApprove() external {
        _enrol("meter", 3, keccak256("park"), ES256K, 0xE1, 15, 13);
        _enrol("second park", 1, keccak256("park"), ES256K, 0xE2, 15, 14);
        _enrol("third body", 4, keccak256("regulator"), ES256K, 0xE3, 15, 15);
        _enrol("person of nobody", 6, 0, ES256K, 0xE4, ADMINISTRATION, 16);
        _enrol("person of a person", 6, keccak256("person/a1"), ES256K, 0xE5, ADMINISTRATION, 17);
        _enrol("person of an unknown body", 6, keccak256("no body"), ES256K, 0xE6, ADMINISTRATION, 18);
        uint256[11] memory others =
            [ENTERPRISE_PERSON, NEIGHBOUR_KEY, HOLDER, NEWCOMER, uint256(0xBEEF), 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = _invalid(vm.addr(others[i]));
            _refusedBy(PARK_PERSON, others[i], expected);
            _refusedBy(others[i], PARK_PERSON, expected);
        }
    }

    /// What the contract cannot know, and the interface warns of: bodies are whom the registrar says they are.
    function test_inventedBodiesAreHeldUpByTheDelayOnly() external {
        _enrol("invented/1", 4, 0, ED25519, 21, 15, 13);
        _enrol("invented/2", 5, 0, ED25519, 22, 15, 14);
        _enrol("invented/3", 6, keccak256("invented/1"), ES256K, 0xF1, ADMINISTRATION, 15);
        _enrol("invented/4", 6, keccak256("invented/2"), ES256K, 0xF2, ADMINISTRATION, 16);
        _accept(_call(_approve(ACCOUNT, lost, proposal, 0xF1, 0xF2)));
        registry.revoke(_nextOp(), lost, 17);
        vm.warp(readyAt - 1);
        _denyWith(
            _completeCall(keccak256("2")), abi.encodeWithSelector(IKeyRecovery.RecoveryNotReady.selector, readyAt)
        );
        vm.warp(readyAt);
        _accept(_completeCall(keccak256("2")));
    }

    function test_anApproverHasPurposeAdministration() external {
        uint8[3] memory purposes = [1, 4, 7];
        for (uint256 i = 0; i < purposes.length; ++i) {
            uint256 key = 0xF1 + i;
            string memory name = string(abi.encodePacked("person/f", bytes1(uint8(49 + i))));
            _enrol(name, 6, keccak256("verifier"), ES256K, key, purposes[i], 13);
            _refusedBy(PARK_PERSON, key, _invalid(vm.addr(key)));
        }
        _enrol("person/f9", 6, keccak256("verifier"), ES256K, 0xF9, 15, 14);
        _accept(_call(_approve(ACCOUNT, lost, proposal, PARK_PERSON, 0xF9)));
    }

    function test_anEndedKeyApprovesNoMore() external {
        bytes memory expected = _invalid(vm.addr(REGULATOR_PERSON));
        registry.revoke(_nextOp(), _thumbprint(REGULATOR_PERSON), 15);
        _refusedBy(PARK_PERSON, REGULATOR_PERSON, expected);
        _refusedBy(REGULATOR_PERSON, PARK_PERSON, expected);
        registry.declareCompromised(_nextOp(), _thumbprint(VERIFIER_PERSON), 12, 15);
        _refusedBy(PARK_PERSON, VERIFIER_PERSON, _invalid(vm.addr(VERIFIER_PERSON)));
    }

    /// For this account, replaced key, new key, purposes, reason, chain, contract and deployment.
    function test_approvalOfAnythingElseIsRefused() external {
        bytes32 meant = _approvalHash(ACCOUNT, lost, proposal, REASON);
        bytes32[6] memory others = [
            keccak256(abi.encode(RECOVERY, NEIGHBOUR_ACCOUNT, lost, found, STATEMENT_AND_ASSET, REASON)),
            keccak256(abi.encode(RECOVERY, ACCOUNT, found, found, STATEMENT_AND_ASSET, REASON)),
            keccak256(abi.encode(RECOVERY, ACCOUNT, lost, lost, STATEMENT_AND_ASSET, REASON)),
            keccak256(abi.encode(RECOVERY, ACCOUNT, lost, found, ADMINISTRATION, REASON)),
            keccak256(abi.encode(RECOVERY, ACCOUNT, lost, found, STATEMENT_AND_ASSET, keccak256("another"))),
            keccak256(abi.encode(CONSENT, ACCOUNT, found, STATEMENT_AND_ASSET))
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            _refusedAs(meant, _signHere(REGULATOR_PERSON, others[i]));
        }
        Cosignature memory good = _signHere(REGULATOR_PERSON, meant);
        _refusedAs(meant, _sign(REGULATOR_PERSON, meant, address(this), DEPLOYMENT_ID));
        _refusedAs(meant, _sign(REGULATOR_PERSON, meant, address(registry), keccak256("another deployment")));
        _refusedAs(meant, Cosignature(good.r, good.vs ^ bytes32(uint256(1) << 255)));
        vm.chainId(block.chainid + 1);
        bytes32 digest = _digest(meant);
        Cosignature memory here = _signHere(PARK_PERSON, meant);
        proposal.possession = _prove(NEWCOMER, ACCOUNT, found, STATEMENT_AND_ASSET);
        _denyWith(_call([here, good]), _invalid(_signer(digest, good)));
        vm.chainId(block.chainid - 1);
        proposal.possession = _prove(NEWCOMER, ACCOUNT, found, STATEMENT_AND_ASSET);
        _accept(_call([_signHere(PARK_PERSON, meant), good]));
    }

    function test_signaturesWithoutASignerAreRefused() external {
        Cosignature memory good = _signHere(PARK_PERSON, _approvalHash(ACCOUNT, lost, proposal, REASON));
        bytes memory none = abi.encodeWithSelector(CompactSignature.SignatureInvalid.selector, bytes32(0), bytes32(0));
        _denyWith(_call([good, _nothing()]), none);
        _denyWith(_call([_nothing(), good]), none);
        bytes memory high = abi.encodeWithSelector(CompactSignature.SignatureNotLow.selector, _highS().vs);
        _denyWith(_call([good, _highS()]), high);
        _denyWith(_call([_highS(), good]), high);
    }

    /// Two persons do not make a key speak for more than the lost one did.
    function test_aRecoveredKeyHasTheSamePurposes() external {
        for (uint8 purposes = 0; purposes <= 16; ++purposes) {
            if (purposes == STATEMENT_AND_ASSET) continue;
            proposal = _grant(ACCOUNT, ES256K, NEWCOMER, purposes, 20);
            _refusedBy(
                PARK_PERSON,
                REGULATOR_PERSON,
                abi.encodeWithSelector(IKeyBook.PurposesDiffer.selector, purposes, STATEMENT_AND_ASSET)
            );
        }
    }

    function test_theReplacedKeyIsKnown() external {
        bytes32 none = keccak256("no key");
        Cosignature[2] memory approvals = _approve(ACCOUNT, none, proposal, PARK_PERSON, REGULATOR_PERSON);
        bytes memory call = abi.encodeCall(IIdentifierRegistry.proposeRecovery, (OP, none, proposal, REASON, approvals));
        _denyWith(call, abi.encodeWithSelector(IKeyBook.KeyUnknown.selector, none));
    }

    /// Two persons do not stand in for the newcomer's own proof.
    function test_aProposedKeyProvesPossession() external {
        proposal.possession = _prove(HOLDER, ACCOUNT, found, STATEMENT_AND_ASSET);
        bytes memory expected =
            abi.encodeWithSelector(IKeyBook.PossessionInvalid.selector, vm.addr(HOLDER), vm.addr(NEWCOMER));
        _refusedBy(PARK_PERSON, REGULATOR_PERSON, expected);
        proposal = _grant(NEIGHBOUR_ACCOUNT, ES256K, NEWCOMER, STATEMENT_AND_ASSET, 20);
        Cosignature[2] memory approvals = _approve(ACCOUNT, lost, proposal, PARK_PERSON, REGULATOR_PERSON);
        _deny(_call(approvals), IKeyBook.PossessionInvalid.selector);
        proposal = _grant(ACCOUNT, ES256, NEWCOMER, STATEMENT_AND_ASSET, 20);
        proposal.possession = _highS();
        _refusedBy(
            PARK_PERSON,
            REGULATOR_PERSON,
            abi.encodeWithSelector(IKeyBook.PossessionUnexpected.selector, _highS().r, _highS().vs)
        );
        proposal.possession = _nothing();
        proposal.leafHash = 0;
        _refusedBy(PARK_PERSON, REGULATOR_PERSON, abi.encodeWithSelector(IKeyBook.LeafHashZero.selector));
    }

    /// Of all pairs of those who have keys, exactly the persons of two bodies make a proposal.
    function testFuzz_exactlyPersonsOfTwoBodiesPropose(uint8 first, uint8 second) external {
        uint256[8] memory keys = [
            PARK_PERSON,
            OTHER_PARK_PERSON,
            REGULATOR_PERSON,
            VERIFIER_PERSON,
            ENTERPRISE_PERSON,
            HOLDER,
            NEIGHBOUR_KEY,
            0xBEEF
        ];
        bytes32[8] memory bodies;
        (bodies[0], bodies[1]) = (keccak256("park"), keccak256("park"));
        (bodies[2], bodies[3]) = (keccak256("regulator"), keccak256("verifier"));
        (first, second) = (first % 8, second % 8);
        bytes memory call = _call(_approve(ACCOUNT, lost, proposal, keys[first], keys[second]));
        if (bodies[first] == 0) {
            _denyWith(call, _invalid(vm.addr(keys[first])));
        } else if (bodies[second] == 0) {
            _denyWith(call, _invalid(vm.addr(keys[second])));
        } else if (bodies[first] == bodies[second]) {
            _denyWith(call, abi.encodeWithSelector(ITwoPersons.ApproversOfOneBody.selector, bodies[first]));
        } else {
            _accept(call);
        }
        bool proposed = registry.recoveryOf(found).state == IKeyRecovery.RecoveryState.PENDING;
        assertTrue(proposed == registry.opUsed(OP), "applied or nothing");
    }

    function _call(Cosignature[2] memory approvals) private view returns (bytes memory) {
        return abi.encodeCall(IIdentifierRegistry.proposeRecovery, (OP, lost, proposal, REASON, approvals));
    }

    function _invalid(address signer) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITwoPersons.ApproverInvalid.selector, signer);
    }

    function _refusedBy(uint256 first, uint256 second, bytes memory expected) private {
        _denyWith(_call(_approve(ACCOUNT, lost, proposal, first, second)), expected);
        assertTrue(registry.recoveryOf(found).state == IKeyRecovery.RecoveryState.NONE, "no proposal");
        assertTrue(!registry.opUsed(OP), "not used up");
    }

    /// @dev The regulator's person signed something else, in either place.
    function _refusedAs(bytes32 meant, Cosignature memory other) private {
        address named = _signer(_digest(meant), other);
        assertTrue(named != vm.addr(REGULATOR_PERSON), "this one would be good");
        Cosignature memory good = _signHere(PARK_PERSON, meant);
        _denyWith(_call([good, other]), _invalid(named));
        _denyWith(_call([other, good]), _invalid(named));
    }
}
