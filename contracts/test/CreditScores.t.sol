// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {CreditScores} from "../CreditScores.sol";
import {IdentifierRegistry} from "../IdentifierRegistry.sol";
import {ICreditScores} from "../interfaces/ICreditScores.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {Entry} from "../libraries/Entry.sol";
import {RegistryFixture} from "./base/RegistryFixture.sol";

/// @title A score is proposed, heard and published as it was proposed (DOMAIN 49), and what is refused.
contract CreditScoresTest is RegistryFixture {
    uint16 private constant _YEAR = 2026;
    bytes32 private constant _FORMULA = keccak256("the formula's document");
    bytes32 private constant _ROOT = keccak256("the inputs");

    AccessManager private _manager;
    CreditScores private _scores;
    uint64 private _until;

    function setUp() external {
        _deploy();
        _enterprises();
        _people();
        _manager = new AccessManager(address(this));
        _scores = new CreditScores(address(_manager), DEPLOYMENT_ID, registry);
        _until = uint64(block.timestamp) + 14 days;
    }

    function test_aScoreIsProposedHeardAndPublished() external {
        ICreditScores.Score memory s = _score();
        vm.expectEmit(address(_scores));
        emit ICreditScores.ScoreProposed(ACCOUNT, _YEAR, OP, 8_125, 2, _FORMULA, _ROOT, _until, _leaf(3), 3);
        _scores.propose(OP, s, _until, _entry());
        (ICreditScores.Score memory proposed, uint64 until) = _scores.proposalOf(ACCOUNT, _YEAR);
        assertEq(keccak256(abi.encode(proposed, until)), keccak256(abi.encode(s, _until)));
        _stands(0, 0);
        bytes32 opId = _nextOp();
        bytes memory call = abi.encodeCall(ICreditScores.publish, (opId, s, _entry()));
        vm.warp(_until - 1);
        _refuse(call, abi.encodeWithSelector(ICreditScores.CommentsOpen.selector, _until, _until - 1));
        vm.warp(_until);
        vm.expectEmit(address(_scores));
        emit ICreditScores.ScorePublished(ACCOUNT, _YEAR, opId, 8_125, 2, _FORMULA, _ROOT, 1, _leaf(3), 3);
        _scores.publish(opId, s, _entry());
        _stands(1, _until);
        (, until) = _scores.proposalOf(ACCOUNT, _YEAR);
        assertEq(until, 0);
        _refuse(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, opId));
        bytes4 none = ICreditScores.ScoreNotProposed.selector;
        _refuse(_publishCall(s), abi.encodeWithSelector(none, ACCOUNT, _YEAR));
    }

    /// Another root or number than the one that stood open for comment is not published.
    function test_anotherScoreThanTheProposedOneIsRefused() external {
        _scores.propose(OP, _score(), _until, _entry());
        vm.warp(_until);
        ICreditScores.Score memory s = _score();
        s.inputRoot = keccak256("other inputs");
        bytes4 root = ICreditScores.ScoreRootDiffers.selector;
        _refuse(_publishCall(s), abi.encodeWithSelector(root, s.inputRoot, _ROOT));
        bytes memory differs = abi.encodeWithSelector(ICreditScores.ScoreDiffers.selector, ACCOUNT, _YEAR);
        s = _score();
        s.formula = keccak256("another formula");
        _refuse(_publishCall(s), differs);
        s = _score();
        ++s.pointsBps;
        _refuse(_publishCall(s), differs);
        s = _score();
        ++s.grade;
        _refuse(_publishCall(s), differs);
        s = _score();
        s.account = NEIGHBOUR_ACCOUNT;
        bytes4 none = ICreditScores.ScoreNotProposed.selector;
        _refuse(_publishCall(s), abi.encodeWithSelector(none, NEIGHBOUR_ACCOUNT, _YEAR));
        (s.account, s.year) = (ACCOUNT, _YEAR + 1);
        _refuse(_publishCall(s), abi.encodeWithSelector(none, ACCOUNT, _YEAR + 1));
        _comply(_publishCall(_score()));
    }

    function test_anotherProposalHasACommentTimeOfItsOwn() external {
        _scores.propose(OP, _score(), _until, _entry());
        vm.warp(_until - 1);
        ICreditScores.Score memory s = _score();
        s.pointsBps = 10_000;
        _scores.propose(_nextOp(), s, _until + 14 days, _entry());
        vm.warp(_until);
        bytes4 open = ICreditScores.CommentsOpen.selector;
        _refuse(_publishCall(s), abi.encodeWithSelector(open, _until + 14 days, _until));
        vm.warp(_until + 14 days);
        _comply(_publishCall(s));
    }

    /// Unrated is a grade, too: whoever has no history.
    function test_unratedIsAScore() external {
        ICreditScores.Score memory s = _score();
        (s.pointsBps, s.grade) = (0, 0);
        _scores.propose(OP, s, _until, _entry());
        vm.warp(_until);
        _comply(_publishCall(s));
        (, uint32 revision, uint64 at) = _scores.scoreOf(ACCOUNT, _YEAR);
        assertEq(revision, 1);
        assertEq(at, _until);
    }

    function test_aWithdrawnScoreLeavesItsRevision() external {
        bytes4 unknown = ICreditScores.ScoreUnknown.selector;
        _refuse(_withdrawCall(), abi.encodeWithSelector(unknown, ACCOUNT, _YEAR));
        _scores.propose(_nextOp(), _score(), _until, _entry());
        vm.warp(_until);
        _comply(_publishCall(_score()));
        _scores.propose(_nextOp(), _score(), _until + 14 days, _entry());
        vm.expectEmit(address(_scores));
        emit ICreditScores.ScoreWithdrawn(ACCOUNT, _YEAR, OP, false, _leaf(3), 3);
        _scores.withdraw(OP, ACCOUNT, _YEAR, _entry());
        _stands(1, _until);
        bytes32 opId = _nextOp();
        vm.expectEmit(address(_scores));
        emit ICreditScores.ScoreWithdrawn(ACCOUNT, _YEAR, opId, true, _leaf(3), 3);
        _scores.withdraw(opId, ACCOUNT, _YEAR, _entry());
        (, uint32 revision, uint64 at) = _scores.scoreOf(ACCOUNT, _YEAR);
        assertEq(revision, 1);
        assertEq(at, 0);
        _refuse(_withdrawCall(), abi.encodeWithSelector(unknown, ACCOUNT, _YEAR));
        _scores.propose(_nextOp(), _score(), _until + 14 days, _entry());
        vm.warp(_until + 14 days);
        _comply(_publishCall(_score()));
        _stands(2, _until + 14 days);
    }

    function test_aProposalIsCompleteAndAnEnterprises() external {
        ICreditScores.Score memory s = _score();
        s.pointsBps = 10_001;
        _refuse(_proposeCall(s, _until), abi.encodeWithSelector(ICreditScores.PointsInvalid.selector, 10_001));
        (s.pointsBps, s.formula) = (10_000, 0);
        _refuse(_proposeCall(s, _until), abi.encodeWithSelector(ICreditScores.FormulaZero.selector));
        (s.formula, s.inputRoot) = (_FORMULA, 0);
        _refuse(_proposeCall(s, _until), abi.encodeWithSelector(ICreditScores.InputRootZero.selector));
        s.inputRoot = _ROOT;
        bytes4 time = ICreditScores.CommentTimeInvalid.selector;
        uint64 nowAt = uint64(block.timestamp);
        _refuse(_proposeCall(s, nowAt), abi.encodeWithSelector(time, nowAt, nowAt));
        // Nobody alone leaves less than ten days to the enterprise.
        uint64 short = nowAt + 10 days - 1;
        _refuse(_proposeCall(s, short), abi.encodeWithSelector(time, short, nowAt));
        bytes32[4] memory others = [keccak256("park"), keccak256("verifier"), keccak256("person/a1"), keccak256("none")];
        uint8[4] memory kinds = [1, 4, 6, 0];
        for (uint256 i = 0; i < others.length; ++i) {
            s.account = others[i];
            bytes4 kind = ICreditScores.KindInvalid.selector;
            _refuse(_proposeCall(s, _until), abi.encodeWithSelector(kind, others[i], kinds[i]));
        }
        s.account = ACCOUNT;
        _comply(_proposeCall(s, nowAt + 10 days));
    }

    function test_everyActNamesItsEntryAndHasAnId() external {
        Entry memory unnamed = Entry(0, 3);
        bytes memory zero = abi.encodeWithSelector(ICreditScores.LeafHashZero.selector);
        _refuse(abi.encodeCall(ICreditScores.propose, (OP, _score(), _until, unnamed)), zero);
        _refuse(abi.encodeCall(ICreditScores.publish, (OP, _score(), unnamed)), zero);
        _refuse(abi.encodeCall(ICreditScores.withdraw, (OP, ACCOUNT, _YEAR, unnamed)), zero);
        zero = abi.encodeWithSelector(IOperations.OpIdZero.selector);
        _refuse(abi.encodeCall(ICreditScores.propose, (0, _score(), _until, _entry())), zero);
        _refuse(abi.encodeCall(ICreditScores.publish, (0, _score(), _entry())), zero);
        _refuse(abi.encodeCall(ICreditScores.withdraw, (0, ACCOUNT, _YEAR, _entry())), zero);
        assertTrue(!_scores.opUsed(OP), "a refusal consumes nothing");
    }

    function test_whatItStandsOnMustBeThere() external {
        address nobody = address(0xBEEF);
        address authority = address(_manager);
        vm.expectRevert(abi.encodeWithSelector(ICreditScores.AuthorityWithoutCode.selector, nobody));
        new CreditScores(nobody, DEPLOYMENT_ID, registry);
        vm.expectRevert(abi.encodeWithSelector(ICreditScores.DeploymentIdZero.selector));
        new CreditScores(authority, 0, registry);
        vm.expectRevert(abi.encodeWithSelector(ICreditScores.IdentifiersWithoutCode.selector, nobody));
        new CreditScores(authority, DEPLOYMENT_ID, IdentifierRegistry(nobody));
        assertEq(_scores.identifierRegistry(), address(registry));
        assertEq(_scores.deploymentId(), DEPLOYMENT_ID);
    }

    /// Whatever was proposed is published to the last bit, and nothing else.
    function testFuzz_exactlyTheProposalIsPublished(ICreditScores.Score memory s, uint8 what, uint256 how) external {
        s.account = ACCOUNT;
        s.pointsBps = s.pointsBps % 10_001;
        if (s.formula == 0 || s.inputRoot == 0) return;
        _scores.propose(_nextOp(), s, _until, _entry());
        vm.warp(_until);
        ICreditScores.Score memory changed = abi.decode(abi.encode(s), (ICreditScores.Score));
        what = what % 5;
        if (what == 0) changed.year ^= uint16(1 << (how % 16));
        if (what == 1) changed.pointsBps ^= uint16(1 << (how % 16));
        if (what == 2) changed.grade ^= uint8(1 << (how % 8));
        if (what == 3) changed.formula ^= bytes32(1 << (how % 256));
        if (what == 4) changed.inputRoot ^= bytes32(1 << (how % 256));
        bytes4[5] memory expected = [
            ICreditScores.ScoreNotProposed.selector,
            ICreditScores.ScoreDiffers.selector,
            ICreditScores.ScoreDiffers.selector,
            ICreditScores.ScoreDiffers.selector,
            ICreditScores.ScoreRootDiffers.selector
        ];
        assertRefused(address(_scores), _publishCall(changed), expected[what]);
        _comply(_publishCall(s));
        (ICreditScores.Score memory found,,) = _scores.scoreOf(ACCOUNT, s.year);
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(s)));
    }

    function _stands(uint32 revisions, uint64 publishedAt) private view {
        (ICreditScores.Score memory found, uint32 revision, uint64 at) = _scores.scoreOf(ACCOUNT, _YEAR);
        assertEq(revision, revisions);
        assertEq(at, publishedAt);
        if (at != 0) assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(_score())));
    }

    function _comply(bytes memory call) private {
        (bool succeeded, bytes memory returned) = address(_scores).call(call);
        if (!succeeded) revert RefusedOtherwise(returned, 0);
    }

    function _refuse(bytes memory call, bytes memory expected) private {
        assertRefusedWith(address(_scores), call, expected);
    }

    function _proposeCall(ICreditScores.Score memory s, uint64 until) private returns (bytes memory) {
        return abi.encodeCall(ICreditScores.propose, (_nextOp(), s, until, _entry()));
    }

    function _publishCall(ICreditScores.Score memory s) private returns (bytes memory) {
        return abi.encodeCall(ICreditScores.publish, (_nextOp(), s, _entry()));
    }

    function _withdrawCall() private returns (bytes memory) {
        return abi.encodeCall(ICreditScores.withdraw, (_nextOp(), ACCOUNT, _YEAR, _entry()));
    }

    function _score() private pure returns (ICreditScores.Score memory) {
        return ICreditScores.Score(ACCOUNT, _YEAR, 8_125, 2, _FORMULA, _ROOT);
    }

    function _entry() private pure returns (Entry memory) {
        return Entry(_leaf(3), 3);
    }
}
