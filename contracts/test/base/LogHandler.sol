// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EvidenceLog} from "../../EvidenceLog.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {LogFixture} from "./LogFixture.sol";
import {ReferenceTree} from "./ReferenceTree.sol";

/// @title Everything anybody can do to a log, honest or not, with a record of what was cosigned.
contract LogHandler is LogFixture {
    using ReferenceTree for bytes32[];

    uint64 public constant MOST = 48;

    /// @dev Leaves of the current line.
    bytes32[] private _line;
    mapping(uint64 epoch => mapping(uint64 size => bytes32 root)) public signed;
    /// @dev Size at which an epoch was cut off by a later one; sizes above are forgotten.
    mapping(uint64 epoch => uint64 size) public cut;
    uint64 public epoch;
    uint64 public headSize;
    bool public shrank;
    uint256 public accepted;
    uint256 public refused;

    constructor() {
        _build();
        cut[0] = type(uint64).max;
    }

    function evidenceLog() external view returns (EvidenceLog) {
        return log;
    }

    /// @dev What the log must say of each size of an epoch, and nothing else: size i at place i, up to the largest possible.
    function expectedRoots(uint64 ofEpoch) external view returns (bytes32[] memory roots) {
        roots = new bytes32[](MOST + 9);
        uint64 end = cut[ofEpoch];
        for (uint64 size = 0; size < roots.length && size <= end; ++size) {
            roots[size] = signed[ofEpoch][size];
        }
    }

    function anchorHonestly(uint256 more, uint256 seed) external {
        uint64 size = headSize + uint64(bound(more, 1, 8));
        if (size > MOST) return;
        bytes32[] memory d = _grow(size, seed);
        bytes32 root = d.root(0, size);
        signed[epoch][size] = root;
        log.anchor(epoch, size, root, d.consistency(headSize, size), _cosign(epoch, size, root));
        ++accepted;
        _look();
    }

    /// @dev Cosigned by all, and yet another history: some leaf below the head differs.
    function anchorRewritten(uint256 more, uint256 place, uint256 seed) external {
        if (headSize == 0) return;
        uint64 size = headSize + uint64(bound(more, 1, 8));
        bytes32[] memory d = _longer(size, seed);
        d[place % headSize] = keccak256(abi.encode(seed));
        bytes32 root = d.root(0, size);
        _try(
            abi.encodeCall(
                EvidenceLog.anchor, (epoch, size, root, d.consistency(headSize, size), _cosign(epoch, size, root))
            )
        );
    }

    function anchorSmaller(uint256 less, uint64 otherEpoch) external {
        uint64 size = uint64(bound(less, 0, headSize));
        bytes32[] memory d = _line;
        bytes32 root = d.root(0, size);
        _try(
            abi.encodeCall(
                EvidenceLog.anchor, (epoch, size, root, d.consistency(size, headSize), _cosign(epoch, size, root))
            )
        );
        if (otherEpoch == epoch) return;
        _try(_anchorCall(otherEpoch, headSize + 1, keccak256("root"), new bytes32[](0)));
    }

    function anchorWithOneCosigner(uint256 more, uint256 who, uint256 seed) external {
        uint64 size = headSize + uint64(bound(more, 1, 8));
        bytes32[] memory d = _longer(size, seed);
        bytes32 root = d.root(0, size);
        bytes32[] memory proof = d.consistency(headSize, size);
        Cosignature[] memory list = new Cosignature[](1);
        list[0] = _sign(cosignerKeys[who % 3], _checkpoint(epoch, size, root));
        _try(abi.encodeCall(EvidenceLog.anchor, (epoch, size, root, proof, list)));
        Cosignature[] memory twice = new Cosignature[](2);
        twice[0] = list[0];
        twice[1] = list[0];
        _try(abi.encodeCall(EvidenceLog.anchor, (epoch, size, root, proof, twice)));
    }

    function backfill(uint256 at) external {
        if (headSize < 2) return;
        uint64 size = uint64(bound(at, 1, headSize - 1));
        if (log.rootAt(epoch, size) != 0) return;
        bytes32[] memory d = _line;
        bytes32 root = d.root(0, size);
        signed[epoch][size] = root;
        log.backfill(epoch, size, root, d.consistency(size, headSize), _cosign(epoch, size, root));
        ++accepted;
        _look();
    }

    /// @dev From any known size of the current epoch; seldom, so that lines grow.
    function newEpoch(uint256 at, uint8 seldom) external {
        if (seldom % 4 != 0) return;
        uint64 size = uint64(bound(at, 0, headSize));
        if (size != 0 && log.rootAt(epoch, size) == 0) return;
        bytes32 root = log.rootAt(epoch, size);
        _newEpoch(epoch, size);
        for (uint64 e = 0; e <= epoch; ++e) {
            if (cut[e] > size) cut[e] = size;
        }
        ++epoch;
        cut[epoch] = type(uint64).max;
        headSize = size;
        signed[epoch][size] = root;
        while (_line.length > size) {
            _line.pop();
        }
    }

    function _grow(uint64 size, uint256 seed) private returns (bytes32[] memory) {
        while (_line.length < size) {
            _line.push(keccak256(abi.encode(seed, _line.length, epoch)));
        }
        return _line;
    }

    function _longer(uint64 size, uint256 seed) private view returns (bytes32[] memory d) {
        d = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            d[i] = i < _line.length ? _line[i] : keccak256(abi.encode(seed, i));
        }
    }

    function _try(bytes memory call) private {
        (bool succeeded,) = address(log).call(call);
        if (succeeded) revert NotRefused(call);
        ++refused;
        _look();
    }

    function _look() private {
        (uint64 atEpoch, uint64 size,) = log.head();
        if (atEpoch != epoch || size < headSize) shrank = true;
        headSize = size;
    }
}
