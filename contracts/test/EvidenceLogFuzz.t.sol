// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EvidenceLog} from "../EvidenceLog.sol";
import {IEvidenceLog} from "../interfaces/IEvidenceLog.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {LogProof} from "../libraries/LogProof.sol";
import {LogFixture} from "./base/LogFixture.sol";
import {ReferenceTree} from "./base/ReferenceTree.sol";

/// @title Law 2, the log only grows: whatever breaks it is refused, also with all cosigners' signatures.
/// @notice A run breaks one thing; ten thousand runs reach each.
contract EvidenceLogFuzzTest is LogFixture {
    using ReferenceTree for bytes32[];

    uint256 private constant _MOST = 20;

    function setUp() external {
        _build();
    }

    function testFuzz_anchorsOfAGrowingLogAreKnown(uint256 seed, uint256 size, uint256 old) external {
        (bytes32[] memory d, uint64 n, uint64 m) = _anchored(seed, size, old);
        _anchor(d, n);
        (uint64 epoch, uint64 headSize, bytes32 headRoot) = log.head();
        assertEq(epoch, 0);
        assertEq(headSize, n);
        assertEq(headRoot, d.root(0, n));
        assertEq(log.rootAt(0, m), d.root(0, m));
        assertEq(log.rootAt(0, n), d.root(0, n));
    }

    function testFuzz_shrunkLogIsRefused(uint256 seed, uint256 size, uint256 old, uint256 smaller) external {
        (bytes32[] memory d,, uint64 m) = _anchored(seed, size, old);
        uint64 s = _u64(bound(smaller, 0, m));
        bytes memory call = _anchorCall(0, s, d.root(0, s), d.consistency(s, m));
        _refuseWith(call, abi.encodeWithSelector(IEvidenceLog.SizeNotLarger.selector, s, m));
    }

    function testFuzz_rewrittenLogIsRefused(uint256 seed, uint256 size, uint256 old, uint256 place) external {
        (bytes32[] memory d, uint64 n, uint64 m) = _anchored(seed, size, old);
        d[place % m] ^= _bit(seed);
        _refuseProof(_anchorCall(0, n, d.root(0, n), d.consistency(m, n)));
    }

    function testFuzz_missingProofIsRefused(uint256 seed, uint256 size, uint256 old) external {
        (bytes32[] memory d, uint64 n,) = _anchored(seed, size, old);
        bytes memory call = _anchorCall(0, n, d.root(0, n), new bytes32[](0));
        _refuseWith(call, abi.encodeWithSelector(LogProof.ProofLengthInvalid.selector, 0));
    }

    function testFuzz_eachMutatedProofElementIsRefused(uint256 seed, uint256 size, uint256 old, uint256 place)
        external
    {
        (bytes32[] memory d, uint64 n, uint64 m) = _anchored(seed, size, old);
        bytes32[] memory proof = d.consistency(m, n);
        bytes32 root = d.root(0, n);
        proof[place % proof.length] ^= _bit(seed);
        _refuseProof(abi.encodeCall(EvidenceLog.anchor, (0, n, root, proof, _cosign(0, n, root))));
    }

    function testFuzz_proofOfWrongLengthIsRefused(uint256 seed, uint256 size, uint256 old, uint256 place) external {
        (bytes32[] memory d, uint64 n, uint64 m) = _anchored(seed, size, old);
        bytes32[] memory proof = d.consistency(m, n);
        place %= proof.length + 1;
        proof = place < proof.length ? proof.without(place) : proof.append(bytes32(seed));
        _refuse(_anchorCall(0, n, d.root(0, n), proof), LogProof.ProofLengthInvalid.selector);
    }

    function testFuzz_tooFewCosignersAreRefused(uint256 seed, uint256 size, uint256 who) external {
        (bytes32[] memory d, uint64 n) = _fresh(seed, size);
        bytes32 root = d.root(0, n);
        Cosignature[] memory one = new Cosignature[](1);
        one[0] = _sign(cosignerKeys[who % 3], _checkpoint(0, n, root));
        _refuseWith(_first(n, root, one), abi.encodeWithSelector(IEvidenceLog.CosignaturesTooFew.selector, 1, 2));
        Cosignature[] memory none = new Cosignature[](0);
        _refuseWith(_first(n, root, none), abi.encodeWithSelector(IEvidenceLog.CosignaturesTooFew.selector, 0, 2));
    }

    function testFuzz_repeatedCosignerIsRefused(uint256 seed, uint256 size, uint256 who) external {
        (bytes32[] memory d, uint64 n) = _fresh(seed, size);
        bytes32 root = d.root(0, n);
        uint256 key = cosignerKeys[who % 3];
        Cosignature[] memory twice = new Cosignature[](2);
        twice[0] = _sign(key, _checkpoint(0, n, root));
        twice[1] = twice[0];
        address signer = vm.addr(key);
        _refuseWith(
            _first(n, root, twice), abi.encodeWithSelector(IEvidenceLog.CosignersNotAscending.selector, signer, signer)
        );
    }

    function testFuzz_unsortedCosignersAreRefused(uint256 seed, uint256 size, uint256 low, uint256 high) external {
        (bytes32[] memory d, uint64 n) = _fresh(seed, size);
        bytes32 root = d.root(0, n);
        uint256 above = bound(high, 1, 2);
        uint256 below = bound(low, 0, above - 1);
        Cosignature[] memory unsorted = new Cosignature[](2);
        unsorted[0] = _sign(cosignerKeys[above], _checkpoint(0, n, root));
        unsorted[1] = _sign(cosignerKeys[below], _checkpoint(0, n, root));
        _refuse(_first(n, root, unsorted), IEvidenceLog.CosignersNotAscending.selector);
    }

    function testFuzz_foreignCosignerIsRefused(uint256 seed, uint256 size, uint256 key, uint256 who) external {
        (bytes32[] memory d, uint64 n) = _fresh(seed, size);
        bytes32 root = d.root(0, n);
        uint256 foreign = bound(key, 0x1000000, type(uint128).max);
        uint256 known = cosignerKeys[who % 3];
        bool first = vm.addr(foreign) < vm.addr(known);
        Cosignature[] memory mixed = new Cosignature[](2);
        mixed[first ? 0 : 1] = _sign(foreign, _checkpoint(0, n, root));
        mixed[first ? 1 : 0] = _sign(known, _checkpoint(0, n, root));
        _refuseWith(
            _first(n, root, mixed), abi.encodeWithSelector(IEvidenceLog.CosignerUnknown.selector, vm.addr(foreign))
        );
    }

    /// A signature for anything but exactly this checkpoint names somebody else.
    function testFuzz_cosignatureOfAnotherCheckpointIsRefused(uint256 seed, uint256 size, uint64 other) external {
        (bytes32[] memory d, uint64 n) = _fresh(seed, size);
        bytes32 root = d.root(0, n);
        uint256 what = seed % 3;
        Cosignature[] memory elsewhere = what == 0
            ? _cosign(other == 0 ? 1 : other, n, root)
            : what == 1 ? _cosign(0, other == n ? n + 1 : other, root) : _cosign(0, n, root ^ _bit(seed / 3));
        _refuseSigners(_first(n, root, elsewhere));
    }

    /// Law 9: another deployment id, contract or chain is another domain.
    function testFuzz_cosignatureOfAnotherDeploymentIsRefused(uint256 seed, bytes32 id, address target, uint64 chain)
        external
    {
        bytes32 root = keccak256(abi.encode(seed));
        // The fuzzer finds the right values among the contract's own constants.
        if (id == DEPLOYMENT_ID) id = ~id;
        if (target == address(log)) target = address(this);
        uint256 home = block.chainid;
        Cosignature[] memory here = _cosign(0, 1, root);
        if (seed % 3 == 0) _refuseSigners(_first(1, root, _cosignFor(root, address(log), id)));
        if (seed % 3 == 1) _refuseSigners(_first(1, root, _cosignFor(root, target, DEPLOYMENT_ID)));
        if (seed % 3 == 2) {
            vm.chainId(chain == home || chain == 0 ? home + 1 : chain);
            _refuseSigners(_first(1, root, here));
            vm.chainId(home);
        }
        _mustSucceed(_first(1, root, here));
    }

    function testFuzz_anchorInAnotherEpochIsRefused(uint256 seed, uint256 size, uint256 old, uint64 epoch) external {
        (bytes32[] memory d, uint64 n, uint64 m) = _anchored(seed, size, old);
        _newEpoch(0, m);
        epoch = epoch == 1 || seed % 2 == 0 ? 0 : epoch;
        _refuseWith(
            _anchorCall(epoch, n, d.root(0, n), d.consistency(m, n)),
            abi.encodeWithSelector(IEvidenceLog.EpochNotCurrent.selector, epoch, 1)
        );
    }

    function testFuzz_nothingIsIncludedWhereNothingIsAnchored(
        uint64 epoch,
        uint64 size,
        uint64 index,
        bytes32 leaf,
        bytes32[] calldata proof
    ) external {
        bytes memory unknown = abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, epoch, size);
        _refuseWith(abi.encodeCall(EvidenceLog.verifyInclusion, (epoch, size, index, leaf, proof)), unknown);
    }

    function testFuzz_inclusionHoldsUnderKnownSizesOnly(uint256 seed, uint256 size, uint256 old, uint256 index)
        external
    {
        (bytes32[] memory d,, uint64 m) = _anchored(seed, size, old);
        uint64 i = _u64(bound(index, 0, m - 1));
        bytes32[] memory proof = d.inclusion(i, m);
        log.verifyInclusion(0, m, i, d[i], proof);
        for (uint64 other = 0; other < _MOST + 2; ++other) {
            if (other == m) continue;
            _refuseWith(
                abi.encodeCall(EvidenceLog.verifyInclusion, (0, other, i, d[i], proof)),
                abi.encodeWithSelector(IEvidenceLog.RootUnknown.selector, 0, other)
            );
        }
        if (proof.length == 0) return;
        proof[seed / 256 % proof.length] ^= _bit(seed);
        _refuse(abi.encodeCall(EvidenceLog.verifyInclusion, (0, m, i, d[i], proof)), LogProof.RootMismatch.selector);
    }

    function testFuzz_entryIsHashedInside(uint256 seed, uint256 size, uint256 index, bytes calldata entry) external {
        (bytes32[] memory d, uint64 n) = _fresh(seed, size);
        uint64 i = _u64(bound(index, 0, n - 1));
        d[i] = sha256(abi.encodePacked(bytes1(0), entry));
        _anchor(d, n);
        bytes32[] memory proof = d.inclusion(i, n);
        log.verifyEntry(0, n, i, entry, proof);
        bytes memory longer = abi.encodePacked(entry, bytes1(0));
        _refuse(abi.encodeCall(EvidenceLog.verifyEntry, (0, n, i, longer, proof)), LogProof.RootMismatch.selector);
    }

    function testFuzz_earlierSizeIsBackfilledWithProofOnly(uint256 seed, uint256 size, uint256 old) external {
        (bytes32[] memory d, uint64 n, uint64 m) = _two(seed, size, old);
        _anchor(d, n);
        bytes32 root = d.root(0, m);
        bytes32[] memory proof = d.consistency(m, n);
        Cosignature[] memory cosignatures = _cosign(0, m, root);
        uint256 place = seed / 256 % (proof.length + 1);
        if (place < proof.length) {
            proof[place] ^= _bit(seed);
            _refuseProof(abi.encodeCall(EvidenceLog.backfill, (0, m, root, proof, cosignatures)));
            proof[place] ^= _bit(seed);
        } else {
            bytes32 wrong = root ^ _bit(seed);
            _refuseProof(abi.encodeCall(EvidenceLog.backfill, (0, m, wrong, proof, _cosign(0, m, wrong))));
        }
        assertEq(log.rootAt(0, m), 0);
        log.backfill(0, m, root, proof, cosignatures);
        assertEq(log.rootAt(0, m), root);
    }

    /// @dev 0 < m < n.
    function _two(uint256 seed, uint256 size, uint256 old)
        private
        pure
        returns (bytes32[] memory d, uint64 n, uint64 m)
    {
        n = _u64(bound(size, 2, _MOST));
        m = _u64(bound(old, 1, n - 1));
        d = ReferenceTree.leaves(seed, n);
    }

    function _anchored(uint256 seed, uint256 size, uint256 old)
        private
        returns (bytes32[] memory d, uint64 n, uint64 m)
    {
        (d, n, m) = _two(seed, size, old);
        _anchor(d, m);
    }

    function _fresh(uint256 seed, uint256 size) private pure returns (bytes32[] memory d, uint64 n) {
        n = _u64(bound(size, 1, _MOST));
        d = ReferenceTree.leaves(seed, n);
    }

    function _first(uint64 n, bytes32 root, Cosignature[] memory cosignatures) private pure returns (bytes memory) {
        return abi.encodeCall(EvidenceLog.anchor, (0, n, root, new bytes32[](0), cosignatures));
    }

    function _cosignFor(bytes32 root, address target, bytes32 salt) private view returns (Cosignature[] memory list) {
        bytes32 digest = _typed(_checkpoint(0, 1, root), target, salt);
        list = new Cosignature[](2);
        (list[0], list[1]) = (_signDigest(cosignerKeys[0], digest), _signDigest(cosignerKeys[2], digest));
    }

    function _refuseProof(bytes memory call) private {
        assertRefused(address(log), call, LogProof.OldRootMismatch.selector, LogProof.NewRootMismatch.selector);
    }

    /// @dev Recovery from a foreign digest gives random addresses, in whatever order.
    function _refuseSigners(bytes memory call) private {
        assertRefused(
            address(log), call, IEvidenceLog.CosignerUnknown.selector, IEvidenceLog.CosignersNotAscending.selector
        );
    }

    function _bit(uint256 seed) private pure returns (bytes32) {
        return bytes32(uint256(1) << (seed % 256));
    }

    function _u64(uint256 value) private pure returns (uint64) {
        return uint64(value);
    }
}
