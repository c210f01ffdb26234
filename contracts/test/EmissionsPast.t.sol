// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EmissionsFixture} from "./base/EmissionsFixture.sol";
import {IEmissionsRegistry} from "../interfaces/IEmissionsRegistry.sol";

/// @title What numbers stood since when, of verified and of determined ones (DOMAIN 2).
contract EmissionsPastTest is EmissionsFixture {
    uint64 private _statements = 1_000;

    function setUp() external {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(SIZE);
    }

    function test_withoutANumberThereIsNoLowest() external view {
        assertEq(emissions.lowestSince(ACCOUNT, YEAR, 0), 0);
        assertEq(emissions.lowestSince(ACCOUNT, YEAR, type(uint64).max), 0);
    }

    function test_theNumberThatStoodIsAmongThem() external {
        uint64 at = uint64(block.timestamp);
        _determined(ACCOUNT, 50);
        vm.warp(at + 10);
        _determined(ACCOUNT, 80);
        vm.warp(at + 20);
        _determined(ACCOUNT, 70);
        assertEq(emissions.lowestSince(ACCOUNT, YEAR, 0), 50);
        assertEq(emissions.lowestSince(ACCOUNT, YEAR, at + 9), 50);
        assertEq(emissions.lowestSince(ACCOUNT, YEAR, at + 10), 70);
        assertEq(emissions.lowestSince(ACCOUNT, YEAR, at + 30), 70);
        assertEq(emissions.lowestSince(ALONE, YEAR, 0), 0);
        assertEq(emissions.lowestSince(ACCOUNT, YEAR + 1, 0), 0);
    }

    /// A verifier's number replaces, and is replaced, likewise.
    function test_verifiedNumbersAreAmongThem() external {
        uint64 at = uint64(block.timestamp);
        _determined(ACCOUNT, TONNES - 1);
        _assigned();
        vm.warp(begin);
        Registering memory r = _good();
        r.v.revision = 2;
        r.signature = _verify(ASSESSOR_KEY, r.v);
        _take(_registerCall(r));
        assertEq(emissions.lowestSince(ACCOUNT, YEAR, at), TONNES - 1);
        assertEq(emissions.lowestSince(ACCOUNT, YEAR, begin), TONNES);
    }

    function testFuzz_theLowestIsOfAllThatStoodSince(uint8[6] calldata tonnes, uint8[6] calldata passed, uint16 since)
        external
    {
        uint64[6] memory from;
        uint64 at = uint64(block.timestamp);
        uint64 first = at;
        for (uint256 i = 0; i < tonnes.length; ++i) {
            at += passed[i] % 8;
            vm.warp(at);
            from[i] = at;
            _determined(ACCOUNT, tonnes[i]);
        }
        uint64 asked = first + since % 48;
        uint64 lowest = type(uint64).max;
        for (uint256 i = 0; i < tonnes.length; ++i) {
            bool over = i + 1 < tonnes.length && from[i + 1] <= asked;
            if (!over && tonnes[i] < lowest) lowest = tonnes[i];
        }
        assertEq(emissions.lowestSince(ACCOUNT, YEAR, asked), lowest);
    }

    function _determined(bytes32 account, uint64 tonnes) private {
        (, uint32 revision,,,,,) = emissions.emissionsOf(account, YEAR);
        IEmissionsRegistry.Determination memory d =
            IEmissionsRegistry.Determination(account, YEAR, tonnes, DOCUMENT, revision + 1);
        _take(_determineCall(_nextOp(), d, _decide(d, PARK_PERSON, REGULATOR_PERSON), ++_statements));
    }
}
