// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {RegistryFixture} from "./base/RegistryFixture.sol";

/// @title Nobody, the registrar included, puts an ES256K key beside a holder's: who must have signed what.
contract KeyConsentTest is RegistryFixture {
    uint64 private constant _AT = 20;
    uint256 private constant _SECOND = 0x7004;

    bytes32 private _holder;

    /// How somebody might come by a consent.
    enum Source {
        NOBODY,
        HOLDER,
        NEIGHBOUR,
        NEWCOMER,
        STRANGER
    }

    function setUp() external {
        _deploy();
        _enterprises();
        _holder = _thumbprint(HOLDER);
    }

    /// For this account, this key, these purposes, this chain, this contract and this deployment.
    function test_consentToAnythingElseIsRefused() external {
        IKeyBook.KeyGrant memory grant = _newcomer();
        bytes32 meant = _consentHash(ACCOUNT, grant);
        bytes32 thumbprint = _thumbprint(NEWCOMER);
        _refused(grant, meant, keccak256(abi.encode(CONSENT, NEIGHBOUR_ACCOUNT, thumbprint, grant.purposes)));
        _refused(grant, meant, keccak256(abi.encode(CONSENT, ACCOUNT, _thumbprint(_SECOND), grant.purposes)));
        _refused(grant, meant, keccak256(abi.encode(CONSENT, ACCOUNT, thumbprint, uint8(15))));
        // Another message of the same fields: what a key signs to come in is not what lets it in.
        _refused(grant, meant, keccak256(abi.encode(POSSESSION, ACCOUNT, thumbprint, grant.purposes)));
        _refusedAs(grant, meant, _sign(HOLDER, meant, address(this), DEPLOYMENT_ID));
        _refusedAs(grant, meant, _sign(HOLDER, meant, address(registry), keccak256("another deployment")));
        Cosignature memory good = _signHere(HOLDER, meant);
        _refusedAs(grant, meant, Cosignature(good.r, good.vs ^ bytes32(uint256(1) << 255)));
        vm.chainId(block.chainid + 1);
        // The newcomer's own proof is for the chain as it is now called: only the consent is of the other.
        grant.possession = _prove(NEWCOMER, ACCOUNT, thumbprint, grant.purposes);
        _refusedAs(grant, meant, good);
        vm.chainId(block.chainid - 1);
        _accept(_addCall(OP, ACCOUNT, _newcomer(), good));
    }

    function test_signaturesWithoutASignerAreRefused() external {
        IKeyBook.KeyGrant memory grant = _newcomer();
        Cosignature memory consent = _nothing();
        bytes4 invalid = CompactSignature.SignatureInvalid.selector;
        _bothRefuse(grant, consent, abi.encodeWithSelector(invalid, consent.r, consent.vs));
        consent = _highS();
        _bothRefuse(grant, consent, abi.encodeWithSelector(CompactSignature.SignatureNotLow.selector, consent.vs));
        consent = _consent(HOLDER, ACCOUNT, grant);
        consent.r = 0;
        _bothRefuse(grant, consent, abi.encodeWithSelector(invalid, consent.r, consent.vs));
    }

    function test_consentIsByAnActiveKeyOfTheAccount() external {
        IKeyBook.KeyGrant memory grant = _newcomer();
        uint256[3] memory others = [NEIGHBOUR_KEY, NEWCOMER, uint256(0xBEEF)];
        for (uint256 i = 0; i < others.length; ++i) {
            _refusedBy(grant, others[i]);
        }
        // A second key consents as well as the first, and to the replacement of the first.
        IKeyBook.KeyGrant memory second = _grant(ACCOUNT, ES256K, _SECOND, STATEMENT_AND_ASSET, 15);
        registry.addKey(_nextOp(), ACCOUNT, second, _consent(HOLDER, ACCOUNT, second));
        registry.revoke(_nextOp(), _holder, 16);
        _refusedBy(grant, HOLDER);
        _accept(_rotateCall(OP, _thumbprint(_SECOND), grant, _consent(_SECOND, ACCOUNT, grant)));
    }

    function test_aFlaggedKeyConsentsNoMore() external {
        registry.declareCompromised(_nextOp(), _holder, 10, 15);
        _refusedBy(_newcomer(), HOLDER);
    }

    function test_aReplacedKeyConsentsNoMore() external {
        IKeyBook.KeyGrant memory second = _grant(ACCOUNT, ES256K, _SECOND, STATEMENT_AND_ASSET, 15);
        registry.rotate(_nextOp(), _holder, second, _consent(HOLDER, ACCOUNT, second));
        _refusedBy(_newcomer(), HOLDER);
    }

    /// Rotation to a key that needs no proof still takes the holder's key away: the holder agrees, or it does not happen.
    function test_anEvmKeyIsReplacedByConsentOnlyWhateverComesInItsPlace() external {
        for (uint8 algorithm = 1; algorithm <= 3; ++algorithm) {
            IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, algorithm, NEWCOMER, STATEMENT_AND_ASSET, _AT);
            bytes memory none =
                abi.encodeWithSelector(CompactSignature.SignatureInvalid.selector, bytes32(0), bytes32(0));
            _denyWith(_rotateCall(OP, _holder, grant, _nothing()), none);
            bytes memory other =
                abi.encodeWithSelector(IKeyBook.ConsentInvalid.selector, ACCOUNT, vm.addr(NEIGHBOUR_KEY));
            _denyWith(_rotateCall(OP, _holder, grant, _consent(NEIGHBOUR_KEY, ACCOUNT, grant)), other);
        }
    }

    /// Asked for where an ES256K key goes, and where one comes to an account that ever had one; else not even taken.
    function testFuzz_consentIsAskedForExactlyWhereAnEvmKeyStandsToLose(
        uint8 firstAlgorithm,
        uint8 algorithm,
        uint8 before,
        bool rotates,
        uint8 source
    ) external {
        (firstAlgorithm, algorithm) = (1 + firstAlgorithm % 3, 1 + algorithm % 3);
        bytes32 accountId = keccak256("fuzzed");
        _enrol("fuzzed", 2, 0, firstAlgorithm, 31, STATEMENT_AND_ASSET, 5);
        bytes32 replaced = _thumbprint(firstAlgorithm, 31);
        // Nothing more; a further ES256K key that speaks.
        if (before % 2 == 1) {
            IKeyBook.KeyGrant memory further = _grant(accountId, ES256K, 32, STATEMENT_AND_ASSET, 6);
            Cosignature memory first = firstAlgorithm == ES256K ? _consent(31, accountId, further) : _nothing();
            registry.addKey(_nextOp(), accountId, further, first);
        }
        bool had = firstAlgorithm == ES256K || before % 2 == 1;
        assertTrue(registry.needsConsent(accountId) == had, "had one");
        bool needed = (algorithm == ES256K && had) || (rotates && firstAlgorithm == ES256K);
        IKeyBook.KeyGrant memory grant = _grant(accountId, algorithm, NEWCOMER, STATEMENT_AND_ASSET, _AT);
        uint256 own = firstAlgorithm == ES256K ? 31 : 32;
        Source from = Source(source % 5);
        Cosignature memory consent = _from(from, own, accountId, grant);
        bytes memory call =
            rotates ? _rotateCall(OP, replaced, grant, consent) : _addCall(OP, accountId, grant, consent);
        if (from == (needed ? Source.HOLDER : Source.NOBODY)) {
            _accept(call);
            bytes32 thumbprint = _thumbprint(algorithm, NEWCOMER);
            assertTrue(registry.isActive(thumbprint) && registry.isActive(replaced) != rotates, "in its place");
        } else if (needed) {
            _denyWith(call, _complaint(from, own, accountId));
        } else {
            _denyWith(call, abi.encodeWithSelector(IKeyBook.ConsentUnexpected.selector, consent.r, consent.vs));
        }
    }

    /// Whatever ended the holder's keys, and whoever signs: only a recovery brings another.
    function testFuzz_noEvmKeyComesBackWithoutRecovery(uint8 ending, bool rotates, uint8 source, uint8 more) external {
        IKeyBook.KeyGrant memory plain = _grant(ACCOUNT, ED25519, 41, STATEMENT_AND_ASSET, 10);
        registry.addKey(_nextOp(), ACCOUNT, plain, _nothing());
        uint256 last = HOLDER;
        if (more % 2 == 1) {
            IKeyBook.KeyGrant memory next = _grant(ACCOUNT, ES256K, _SECOND, STATEMENT_AND_ASSET, 11);
            registry.rotate(_nextOp(), _holder, next, _consent(HOLDER, ACCOUNT, next));
            last = _SECOND;
        }
        if (ending % 3 == 0) {
            registry.revoke(_nextOp(), _thumbprint(last), 15);
        } else if (ending % 3 == 1) {
            registry.declareCompromised(_nextOp(), _thumbprint(last), 12, 15);
        } else {
            IKeyBook.KeyGrant memory other = _grant(ACCOUNT, ES256, 42, STATEMENT_AND_ASSET, 15);
            registry.rotate(_nextOp(), _thumbprint(last), other, _consent(last, ACCOUNT, other));
        }
        assertTrue(registry.needsConsent(ACCOUNT), "for ever");
        IKeyBook.KeyGrant memory grant = _newcomer();
        Cosignature memory consent = _from(Source(source % 5), last, ACCOUNT, grant);
        bytes32 replaced = _thumbprint(ED25519, 41);
        bytes memory call = rotates ? _rotateCall(OP, replaced, grant, consent) : _addCall(OP, ACCOUNT, grant, consent);
        _denyWith(call, _complaint(Source(source % 5), last, ACCOUNT));
        assertEq(registry.keyOf(_thumbprint(NEWCOMER)).accountId, 0);
    }

    /// A further key's own proof, too, is for this account, key, purposes, chain, contract and deployment.
    function test_possessionOfAFurtherKeyIsForNothingElse() external {
        IKeyBook.KeyGrant memory grant = _newcomer();
        bytes32 thumbprint = _thumbprint(NEWCOMER);
        bytes32 meant = keccak256(abi.encode(POSSESSION, ACCOUNT, thumbprint, grant.purposes));
        Cosignature[8] memory others = [
            _prove(NEWCOMER, NEIGHBOUR_ACCOUNT, thumbprint, grant.purposes),
            _prove(NEWCOMER, ACCOUNT, _holder, grant.purposes),
            _prove(NEWCOMER, ACCOUNT, thumbprint, 15),
            _prove(HOLDER, ACCOUNT, thumbprint, grant.purposes),
            _sign(NEWCOMER, meant, address(this), DEPLOYMENT_ID),
            _sign(NEWCOMER, meant, address(registry), keccak256("another deployment")),
            _consent(NEWCOMER, ACCOUNT, grant),
            Cosignature(grant.possession.r, grant.possession.vs ^ bytes32(uint256(1) << 255))
        ];
        Cosignature memory consent = _consent(HOLDER, ACCOUNT, grant);
        for (uint256 i = 0; i < others.length; ++i) {
            grant.possession = others[i];
            address named = _signer(_digest(meant), others[i]);
            _bothRefuse(
                grant, consent, abi.encodeWithSelector(IKeyBook.PossessionInvalid.selector, named, vm.addr(NEWCOMER))
            );
        }
        grant.possession = _highS();
        _bothRefuse(
            grant, consent, abi.encodeWithSelector(CompactSignature.SignatureNotLow.selector, grant.possession.vs)
        );
        grant.possession = _prove(NEWCOMER, ACCOUNT, thumbprint, grant.purposes);
        vm.chainId(block.chainid + 1);
        bytes memory call = _addCall(OP, ACCOUNT, grant, _consent(HOLDER, ACCOUNT, grant));
        _deny(call, IKeyBook.PossessionInvalid.selector);
    }

    function _newcomer() private returns (IKeyBook.KeyGrant memory) {
        return _grant(ACCOUNT, ES256K, NEWCOMER, STATEMENT_AND_ASSET, _AT);
    }

    function _from(Source source, uint256 own, bytes32 accountId, IKeyBook.KeyGrant memory grant)
        private
        view
        returns (Cosignature memory)
    {
        return source == Source.NOBODY ? _nothing() : _consent(_keyOf(source, own), accountId, grant);
    }

    function _keyOf(Source source, uint256 own) private pure returns (uint256) {
        if (source == Source.HOLDER) return own;
        if (source == Source.NEIGHBOUR) return NEIGHBOUR_KEY;
        return source == Source.NEWCOMER ? NEWCOMER : 0xBEEF;
    }

    /// @dev What the registry says to a consent that it needs and does not get.
    function _complaint(Source source, uint256 own, bytes32 accountId) private pure returns (bytes memory) {
        if (source == Source.NOBODY) {
            return abi.encodeWithSelector(CompactSignature.SignatureInvalid.selector, bytes32(0), bytes32(0));
        }
        return abi.encodeWithSelector(IKeyBook.ConsentInvalid.selector, accountId, vm.addr(_keyOf(source, own)));
    }

    function _refusedBy(IKeyBook.KeyGrant memory grant, uint256 signer) private {
        bytes memory expected = abi.encodeWithSelector(IKeyBook.ConsentInvalid.selector, ACCOUNT, vm.addr(signer));
        _bothRefuse(grant, _consent(signer, ACCOUNT, grant), expected);
    }

    /// @dev The holder signed `structHash` where `meant` is asked for.
    function _refused(IKeyBook.KeyGrant memory grant, bytes32 meant, bytes32 structHash) private {
        _refusedAs(grant, meant, _signHere(HOLDER, structHash));
    }

    function _refusedAs(IKeyBook.KeyGrant memory grant, bytes32 meant, Cosignature memory consent) private {
        address named = _signer(_digest(meant), consent);
        assertTrue(named != vm.addr(HOLDER), "this one would be good");
        _bothRefuse(grant, consent, abi.encodeWithSelector(IKeyBook.ConsentInvalid.selector, ACCOUNT, named));
    }

    /// @dev As a further key, and in the holder's place.
    function _bothRefuse(IKeyBook.KeyGrant memory grant, Cosignature memory consent, bytes memory expected) private {
        _denyWith(_addCall(OP, ACCOUNT, grant, consent), expected);
        _denyWith(_rotateCall(OP, _holder, grant, consent), expected);
        assertTrue(!registry.opUsed(OP), "not used up");
    }
}
