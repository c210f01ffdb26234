// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ICompliance} from "../interfaces/ICompliance.sol";
import {IAssetBook} from "../interfaces/IAssetBook.sol";
import {IFreezes} from "../interfaces/IFreezes.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {AssetId, Assets} from "../libraries/AssetId.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {Standing} from "../libraries/Standing.sol";
import {ComplianceFixture} from "./base/ComplianceFixture.sol";

/// @title An obligation is met by what its holder signs away, and what is refused (DOMAIN 2, 3, 5).
contract ComplianceSurrenderTest is ComplianceFixture {
    uint64 private constant _CAP = 1_947;

    function setUp() external {
        _deployCompliance();
        _determined(ACCOUNT, YEAR, TONNES);
        _give(ACCOUNT, CCER, 3_000);
        _give(ACCOUNT, _quota(YEAR), 40_000);
        _give(ACCOUNT, _quota(YEAR - 1), 100);
        _give(ACCOUNT, _quota(YEAR + 1), 100);
    }

    /// floor(5 % of 38,942) = 1,947: one unit over the cap is refused, the whole obligation is met to the tonne.
    function test_theWorkedYearIsMetToTheTonne() external {
        _refuseComply(_surrenderCall(CCER, 1_948), _overCap(1_948, _CAP));
        _comply(_surrenderCall(CCER, _CAP));
        _refuseComply(_surrenderCall(CCER, 1), _overCap(1, 0));
        _refuseComply(_surrenderCall(_quota(YEAR), 36_996), _tooMuch(36_996, 36_995));
        _comply(_surrenderCall(_quota(YEAR), 36_995));
        _refuseComply(_surrenderCall(_quota(YEAR), 1), _tooMuch(1, 0));
        ICompliance.Position memory p = _position();
        assertEq(p.emissions, TONNES);
        assertEq(p.revision, 1);
        assertEq(p.offsetCap, _CAP);
        assertEq(p.offsetsUsed, _CAP);
        assertEq(p.offsetsCounted, _CAP);
        assertEq(p.quota, 36_995);
        assertEq(p.due, 0);
        assertEq(p.deadline, last);
        assertTrue(!p.assessed, "nothing was assessed");
        assertEq(_free(CCER), 3_000 - _CAP);
        assertEq(_free(_quota(YEAR)), 40_000 - 36_995);
    }

    /// Offsets meet the last tonnes too, and none beyond them, where the cap leaves room for more.
    function test_offsetsMeetTheLastTonnesExactly() external {
        _comply(_surrenderCall(_quota(YEAR), TONNES - 5));
        _refuseComply(_surrenderCall(CCER, 6), _tooMuch(6, 5));
        _comply(_surrenderCall(CCER, 5));
        assertEq(_position().due, 0);
    }

    function test_aSurrenderIsSaid() external {
        ICompliance.Surrender memory s = _surrender(CCER, 1_000);
        vm.expectEmit(address(compliance));
        emit ICompliance.SurrenderRecorded(
            ACCOUNT, YEAR, s.opId, CCER, 1_000, TONNES - 1_000, 1_000, _leaf(ENTRY), ENTRY
        );
        _comply(_surrenderCall(s, HOLDER));
        s = _surrender(_quota(YEAR), 7);
        vm.expectEmit(address(compliance));
        emit ICompliance.SurrenderRecorded(
            ACCOUNT, YEAR, s.opId, _quota(YEAR), 7, TONNES - 1_007, 1_000, _leaf(ENTRY), ENTRY
        );
        _comply(_surrenderCall(s, HOLDER));
        assertTrue(compliance.opUsed(s.opId), "consumed");
    }

    /// Law 6: whatever is sent twice takes effect once.
    function test_aSurrenderIsNotReplayed() external {
        ICompliance.Surrender memory s = _surrender(_quota(YEAR), 10);
        bytes memory call = _surrenderCall(s, HOLDER);
        _comply(call);
        _refuseComply(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, s.opId));
        s.opId = 0;
        _refuseComply(_surrenderCall(s, HOLDER), abi.encodeWithSelector(IOperations.OpIdZero.selector));
    }

    /// Law 7: nobody signs for another account, and no key without purpose asset, nor an ended one, signs at all.
    function test_onlyAnActiveAssetKeyOfTheAccountSigns() external {
        _addKey(ACCOUNT, 0x9201, 1, HOLDER);
        _addKey(ACCOUNT, 0x9202, 2, HOLDER);
        _addKey(ACCOUNT, 0x9203, 8, HOLDER);
        _addKey(ACCOUNT, 0x9204, 11, HOLDER);
        _addKey(ACCOUNT, 0x9205, 4, HOLDER);
        ICompliance.Surrender memory s = _surrender(_quota(YEAR), 10);
        uint256[8] memory others =
            [0x9201, 0x9202, 0x9203, 0x9204, NEIGHBOUR_KEY, PARK_PERSON, ASSESSOR_KEY, uint256(0xBEEF)];
        for (uint256 i = 0; i < others.length; ++i) {
            _refuseComply(_surrenderCall(s, others[i]), _unsigned(vm.addr(others[i])));
        }
        registry.revoke(_nextOp(), _thumbprint(HOLDER), 41);
        _refuseComply(_surrenderCall(s, HOLDER), _unsigned(vm.addr(HOLDER)));
        _comply(_surrenderCall(s, 0x9205));
    }

    /// Law 9: for this account, year, asset, amount, deadline, contract, deployment and chain, and for nothing else.
    function test_aSignatureIsForAllOfIt() external {
        ICompliance.Surrender memory s = _surrender(_quota(YEAR), 10);
        Cosignature memory good = _sign(HOLDER, _surrenderHash(s), address(compliance), DEPLOYMENT_ID);
        bytes32 hash = _surrenderHash(s);
        _refuseSignature(s, _sign(HOLDER, hash, address(ledger), DEPLOYMENT_ID));
        _refuseSignature(s, _sign(HOLDER, hash, address(compliance), keccak256("another deployment")));
        _refuseSignature(s, _sign(HOLDER, keccak256(abi.encode(CARRY_OVER, s)), address(compliance), DEPLOYMENT_ID));
        ICompliance.Surrender memory changed = abi.decode(abi.encode(s), (ICompliance.Surrender));
        changed.opId = keccak256("another");
        _refuseSignature(changed, good);
        (changed.opId, changed.year) = (s.opId, YEAR + 1);
        _refuseSignature(changed, good);
        (changed.year, changed.asset) = (YEAR, CCER);
        _refuseSignature(changed, good);
        (changed.asset, changed.tonnes) = (s.asset, 11);
        _refuseSignature(changed, good);
        (changed.tonnes, changed.deadline) = (10, s.deadline + 1);
        _refuseSignature(changed, good);
        (changed.deadline, changed.account) = (s.deadline, NEIGHBOUR_ACCOUNT);
        _refuseSignature(changed, good);
        vm.chainId(block.chainid + 1);
        _refuseSignature(s, good);
        vm.chainId(block.chainid - 1);
        _refuseComply(
            abi.encodeCall(ICompliance.surrender, (s, _nothing(), _entry())),
            abi.encodeWithSelector(CompactSignature.SignatureInvalid.selector, 0, 0)
        );
        _refuseComply(
            abi.encodeCall(ICompliance.surrender, (s, _highS(), _entry())),
            abi.encodeWithSelector(CompactSignature.SignatureNotLow.selector, _highS().vs)
        );
        _comply(abi.encodeCall(ICompliance.surrender, (s, good, _entry())));
    }

    function test_anIntentExpiresInTheSecondOfItsDeadline() external {
        ICompliance.Surrender memory s = _surrender(_quota(YEAR), 10);
        bytes memory call = _surrenderCall(s, HOLDER);
        vm.warp(s.deadline);
        _refuseComply(call, abi.encodeWithSelector(ISpeakers.IntentExpired.selector, s.deadline));
        vm.warp(s.deadline - 1);
        _comply(call);
    }

    /// DOMAIN 5 as by default: the year's own vintage; later ones serve arrears only.
    function test_otherVintagesAreNotAccepted() external {
        _refuseComply(_surrenderCall(_quota(YEAR - 1), 1), _vintage(YEAR - 1));
        _refuseComply(_surrenderCall(_quota(YEAR + 1), 1), _vintage(YEAR + 1));
        uint32[5] memory none = [0, 0x0001_0000, 0x0002_0001, 0x0003_0000, type(uint32).max];
        for (uint256 i = 0; i < none.length; ++i) {
            AssetId asset = AssetId.wrap(none[i]);
            _refuseComply(_surrenderCall(asset, 1), abi.encodeWithSelector(Assets.AssetInvalid.selector, asset));
        }
    }

    function test_earlierVintagesAreAcceptedWhereTheTermsSaySo() external {
        ICompliance.YearTerms memory t = _terms();
        t.earlierVintages = true;
        _comply(_termsCall(t));
        _comply(_surrenderCall(_quota(YEAR - 1), 100));
        _refuseComply(_surrenderCall(_quota(YEAR + 1), 1), _vintage(YEAR + 1));
        assertEq(_position().quota, 100);
        assertEq(_free(_quota(YEAR - 1)), 0);
    }

    function test_whatIsNotHeldIsRefusedByTheLedger() external {
        ICompliance.YearTerms memory t = _terms();
        t.earlierVintages = true;
        _comply(_termsCall(t));
        bytes4 insufficient = IAssetBook.BalanceInsufficient.selector;
        _refuseComply(
            _surrenderCall(_quota(YEAR - 1), 101),
            abi.encodeWithSelector(insufficient, ACCOUNT, _quota(YEAR - 1), 101, 100)
        );
    }

    /// Half-way through a year: what is frozen is not surrendered, and stays when the year closes (DOMAIN 22); a
    /// suspended account surrenders nothing, and goes on where it was.
    function test_frozenUnitsAndSuspendedAccountsSurrenderNothing() external {
        _comply(_surrenderCall(_quota(YEAR), 10));
        ledger.freezeAtOnce(IFreezes.Freeze(_nextOp(), ACCOUNT, _quota(YEAR), 39_985, DOCUMENT), _entry());
        bytes4 insufficient = IAssetBook.BalanceInsufficient.selector;
        _refuseComply(
            _surrenderCall(_quota(YEAR), 6), abi.encodeWithSelector(insufficient, ACCOUNT, _quota(YEAR), 6, 5)
        );
        _suspend(true);
        bytes4 suspended = Standing.AccountSuspended.selector;
        _refuseComply(_surrenderCall(_quota(YEAR), 1), abi.encodeWithSelector(suspended, ACCOUNT, block.timestamp));
        _refuseComply(_surrenderCall(CCER, 1), abi.encodeWithSelector(suspended, ACCOUNT, block.timestamp));
        _suspend(false);
        _comply(_surrenderCall(_quota(YEAR), 1));
        vm.warp(closing);
        bytes32[] memory accounts = new bytes32[](1);
        accounts[0] = ACCOUNT;
        _comply(_closeCall(accounts));
        (uint64 free, uint64 frozen) = ledger.balanceOf(ACCOUNT, _quota(YEAR));
        assertEq(free, 0);
        assertEq(frozen, 39_985);
    }

    function test_theDeadlineIsTheFirstSecondTooLate() external {
        vm.warp(last);
        _refuseComply(_surrenderCall(_quota(YEAR), 1), _past(last, last));
        vm.warp(last + 9);
        _refuseComply(_surrenderCall(CCER, 1), _past(last, last + 9));
        vm.warp(last - 1);
        _comply(_surrenderCall(_quota(YEAR), 1));
    }

    function test_withoutTermsOrANumberNothingIsDue() external {
        ICompliance.Surrender memory s = _surrender(_quota(YEAR + 1), 1);
        s.year = YEAR + 1;
        _refuseComply(_surrenderCall(s, HOLDER), abi.encodeWithSelector(ICompliance.TermsUnknown.selector, YEAR + 1));
        s = _surrender(_quota(YEAR), 1);
        s.account = NEIGHBOUR_ACCOUNT;
        _refuseComply(
            _surrenderCall(s, NEIGHBOUR_KEY),
            abi.encodeWithSelector(ICompliance.EmissionsUnknown.selector, NEIGHBOUR_ACCOUNT, YEAR)
        );
    }

    function test_nothingIsNoSurrenderAndEveryActNamesItsEntry() external {
        _refuseComply(_surrenderCall(_quota(YEAR), 0), abi.encodeWithSelector(ICompliance.AmountZero.selector));
        ICompliance.Surrender memory s = _surrender(_quota(YEAR), 1);
        Cosignature memory good = _sign(HOLDER, _surrenderHash(s), address(compliance), DEPLOYMENT_ID);
        _refuseComply(
            abi.encodePacked(ICompliance.surrender.selector, abi.encode(s, good, bytes32(0), ENTRY)),
            abi.encodeWithSelector(ICompliance.LeafHashZero.selector)
        );
    }

    /// Amounts near 2^64 are refused by name; wider ones are no call at all.
    function test_amountsBeyondAllUnits() external {
        _determined(ACCOUNT, YEAR, type(uint64).max);
        ICompliance.Surrender memory s = _surrender(_quota(YEAR), type(uint64).max);
        _refuseComply(
            _surrenderCall(s, HOLDER),
            abi.encodeWithSelector(
                IAssetBook.BalanceInsufficient.selector, ACCOUNT, _quota(YEAR), type(uint64).max, 40_000
            )
        );
        _refuseComply(
            _surrenderCall(CCER, type(uint64).max),
            _overCap(type(uint64).max, uint64(uint256(type(uint64).max) * CAP_BPS / 10_000))
        );
        uint256[3] memory wide = [uint256(1) << 64, uint256(1) << 96, type(uint256).max];
        for (uint256 i = 0; i < wide.length; ++i) {
            bytes memory members =
                abi.encode(_nextOp(), ACCOUNT, YEAR, _quota(YEAR), wide[i], uint64(block.timestamp) + 1 hours);
            bytes32 structHash = keccak256(bytes.concat(abi.encode(SURRENDER), members));
            Cosignature memory signature = _sign(HOLDER, structHash, address(compliance), DEPLOYMENT_ID);
            _refuseComply(bytes.concat(ICompliance.surrender.selector, members, abi.encode(signature, _entry())), "");
        }
    }

    function _suspend(bool suspended) private {
        IFreezes.Suspension memory m = IFreezes.Suspension(_nextOp(), ACCOUNT, suspended, DOCUMENT);
        bytes32 kind = keccak256("Suspension(bytes32 opId,bytes32 account,bool suspended,bytes32 documentHash)");
        ledger.suspend(m, _approvedFor(keccak256(abi.encode(kind, m)), address(ledger)), _entry());
    }

    function _refuseSignature(ICompliance.Surrender memory s, Cosignature memory signature) private {
        bytes32 digest = _typed(_surrenderHash(s), address(compliance), DEPLOYMENT_ID);
        _refuseComply(
            abi.encodeCall(ICompliance.surrender, (s, signature, _entry())),
            abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, s.account, _signer(digest, signature))
        );
    }

    function _unsigned(address signer) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, ACCOUNT, signer);
    }

    function _overCap(uint64 requested, uint64 remaining) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICompliance.OffsetCapExceeded.selector, ACCOUNT, YEAR, requested, remaining);
    }

    function _tooMuch(uint64 requested, uint64 remaining) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICompliance.ObligationExceeded.selector, ACCOUNT, YEAR, requested, remaining);
    }

    function _vintage(uint16 vintage) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICompliance.VintageNotAccepted.selector, vintage, YEAR);
    }

    function _past(uint64 deadline, uint64 nowAt) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICompliance.SurrenderPast.selector, deadline, nowAt);
    }
}
