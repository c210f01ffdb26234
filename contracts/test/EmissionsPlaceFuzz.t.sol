// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";
import {LogProof} from "../libraries/LogProof.sol";
import {EmissionsFixture} from "./base/EmissionsFixture.sol";
import {ReferenceTree} from "./base/ReferenceTree.sol";

/// @title A report and its verification, at whatever two places of whatever tree.
contract EmissionsPlaceFuzzTest is EmissionsFixture {
    using ReferenceTree for bytes32[];

    /// @dev Around a power of two.
    uint64 private constant _TREES = 6;

    Registering private _r;
    mapping(uint64 size => mapping(uint64 index => bytes32[] path)) private _paths;

    /// @dev All trees and paths are made here, once for all runs.
    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _assigned();
        for (uint64 size = SIZE; size < SIZE + _TREES; ++size) {
            _anchor(size);
            bytes32[] memory d = _leaves(size);
            for (uint64 index = 0; index < size; ++index) {
                _paths[size][index] = d.inclusion(index, size);
            }
        }
        _r = _good();
        vm.warp(begin);
    }

    /// Each leaf has its own proof, in its own tree, at its own place.
    function testFuzz_leavesArePlacedByTheirProofs(uint64 size, uint64 report, uint64 statement, uint64 wrong)
        external
    {
        Registering memory r = _r;
        r.size = SIZE + size % _TREES;
        statement = uint64(bound(statement, 1, r.size - 1));
        report = uint64(bound(report, 0, statement - 1));
        (r.v.reportLeaf, r.v.statementLeaf) = (_leaf(report), _leaf(statement));
        r.signature = _verify(ASSESSOR_KEY, r.v);
        r.report = _placed(report, r.size);
        r.statement = _placed(statement, r.size);
        IEmissionsRegistry.Proof memory other = _placed(wrong % r.size, r.size);
        if (wrong & 1 << 63 == 0) {
            if (other.index != statement) _refuseWrong(r, r.report, other);
        } else {
            if (other.index != report) _refuseWrong(r, other, r.statement);
        }
        _noNumber(ACCOUNT, YEAR);
        _take(_registerCall(r));
    }

    function _refuseWrong(
        Registering memory r,
        IEmissionsRegistry.Proof memory report,
        IEmissionsRegistry.Proof memory statement
    ) private {
        bytes memory call = abi.encodeCall(
            IEmissionsRegistry.register, (r.opId, r.v, r.signature, r.epoch, r.size, report, statement)
        );
        if (statement.index > report.index) {
            _refuse(call, LogProof.RootMismatch.selector);
        } else {
            _refuse(call, IEmissionsRegistry.StatementNotAfterReport.selector);
        }
    }

    function _placed(uint64 index, uint64 size) private view returns (IEmissionsRegistry.Proof memory) {
        return IEmissionsRegistry.Proof(index, _paths[size][index]);
    }
}
