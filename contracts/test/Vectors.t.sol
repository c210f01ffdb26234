// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {LogProofHarness} from "./base/LogProofHarness.sol";
import {TestBase} from "./base/TestBase.sol";

/// @title The vectors that ledger.merkle answers for, judged by the contract's library: both must say the same.
contract VectorsTest is TestBase {
    struct InclusionCase {
        string name;
        bytes32 leaf_hash;
        uint256 index;
        uint256 size;
        bytes32[] proof;
        bytes32 root;
        bool valid;
    }

    struct ConsistencyCase {
        string name;
        uint256 old_size;
        uint256 new_size;
        bytes32 old_root;
        bytes32 new_root;
        bytes32[] proof;
        bool valid;
    }

    string private constant _FOLDER = "tests/vectors/merkle/";
    LogProofHarness private immutable _HARNESS = new LogProofHarness();

    function test_inclusionVectors() external view {
        bytes memory cases = vm.parseJsonTypeArray(
            vm.readFile(string.concat(_FOLDER, "inclusion.json")),
            ".cases",
            "InclusionVector(string name,bytes32 leaf_hash,uint256 index,uint256 size,bytes32[] proof,bytes32 root,bool valid)"
        );
        InclusionCase[] memory all = abi.decode(cases, (InclusionCase[]));
        uint256 valid = 0;
        for (uint256 i = 0; i < all.length; ++i) {
            InclusionCase memory c = all[i];
            bytes memory call = abi.encodeWithSelector(
                LogProofHarness.inclusion.selector, c.leaf_hash, c.index, c.size, c.proof, c.root
            );
            valid += _judge(c.name, call, c.valid);
        }
        assertTrue(valid > 5 && all.length - valid > 50, "too few vectors");
    }

    function test_consistencyVectors() external view {
        bytes memory cases = vm.parseJsonTypeArray(
            vm.readFile(string.concat(_FOLDER, "consistency.json")),
            ".cases",
            "ConsistencyVector(string name,uint256 old_size,uint256 new_size,bytes32 old_root,bytes32 new_root,bytes32[] proof,bool valid)"
        );
        ConsistencyCase[] memory all = abi.decode(cases, (ConsistencyCase[]));
        uint256 valid = 0;
        for (uint256 i = 0; i < all.length; ++i) {
            ConsistencyCase memory c = all[i];
            bytes memory call = abi.encodeWithSelector(
                LogProofHarness.consistency.selector, c.old_size, c.new_size, c.old_root, c.new_root, c.proof
            );
            valid += _judge(c.name, call, c.valid);
        }
        assertTrue(valid > 5 && all.length - valid > 50, "too few vectors");
    }

    function _judge(string memory name, bytes memory call, bool valid) private view returns (uint256) {
        (bool accepted,) = address(_HARNESS).staticcall(call);
        assertTrue(accepted == valid, name);
        return valid ? 1 : 0;
    }
}
