// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ICreditScores} from "./interfaces/ICreditScores.sol";
import {IIdentifierRegistry} from "./interfaces/IIdentifierRegistry.sol";
import {AccountKind} from "./libraries/AccountKind.sol";
import {Entry} from "./libraries/Entry.sol";
import {Operations} from "./registry/Operations.sol";

/// @title Credit scores; see ICreditScores.
contract CreditScores is ICreditScores, Operations, AccessManaged {
    struct Kept {
        bytes32 formula;
        bytes32 inputRoot;
        uint16 pointsBps;
        uint8 grade;
        /// @dev A proposal: when its comment time is over; a published score: when it was published; 0: none.
        uint64 at;
    }

    uint16 private constant _MAX_POINTS_BPS = 10_000;
    /// @dev DOMAIN 49: ten working days are ten days or more, whatever the calendar.
    uint64 private constant _COMMENT_TIME = 10 days;

    IIdentifierRegistry private immutable _identifiers;
    bytes32 private immutable _deploymentId;

    mapping(bytes32 account => mapping(uint16 year => Kept proposal)) private _proposals;
    mapping(bytes32 account => mapping(uint16 year => Kept score)) private _scores;
    mapping(bytes32 account => mapping(uint16 year => uint32 revision)) private _revisions;

    /// @param authority AccessManager that rules the restricted calls.
    /// @param deploymentId_ Random, not zero.
    /// @param identifiers Where accounts are looked up.
    constructor(address authority, bytes32 deploymentId_, IIdentifierRegistry identifiers) AccessManaged(authority) {
        if (authority.code.length == 0) revert AuthorityWithoutCode(authority);
        if (deploymentId_ == 0) revert DeploymentIdZero();
        if (address(identifiers).code.length == 0) revert IdentifiersWithoutCode(address(identifiers));
        _identifiers = identifiers;
        _deploymentId = deploymentId_;
    }

    /// @inheritdoc ICreditScores
    function propose(bytes32 opId, Score calldata score, uint64 commentsUntil, Entry calldata entry)
        external
        restricted
    {
        _begin(opId, entry);
        uint8 kind = _identifiers.identifierOf(score.account).kind;
        if (kind != AccountKind.ENTERPRISE) revert KindInvalid(score.account, kind);
        if (score.pointsBps > _MAX_POINTS_BPS) revert PointsInvalid(score.pointsBps);
        if (score.formula == 0) revert FormulaZero();
        if (score.inputRoot == 0) revert InputRootZero();
        uint64 nowAt = uint64(block.timestamp);
        // The time is days: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (commentsUntil < nowAt + _COMMENT_TIME) revert CommentTimeInvalid(commentsUntil, nowAt);
        _proposals[score.account][score.year] = _kept(score, commentsUntil);
        emit ScoreProposed(
            score.account,
            score.year,
            opId,
            score.pointsBps,
            score.grade,
            score.formula,
            score.inputRoot,
            commentsUntil,
            entry.leafHash,
            entry.logIndex
        );
    }

    /// @inheritdoc ICreditScores
    function publish(bytes32 opId, Score calldata score, Entry calldata entry) external restricted {
        _begin(opId, entry);
        Kept storage proposal = _proposals[score.account][score.year];
        uint64 nowAt = uint64(block.timestamp);
        // slither-disable-next-line timestamp
        if (proposal.at == 0) revert ScoreNotProposed(score.account, score.year);
        // slither-disable-next-line timestamp
        if (nowAt < proposal.at) revert CommentsOpen(proposal.at, nowAt);
        // Slither takes all of a proposal for a time, because it holds one.
        // slither-disable-next-line timestamp
        if (score.inputRoot != proposal.inputRoot) revert ScoreRootDiffers(score.inputRoot, proposal.inputRoot);
        bool same =
            score.formula == proposal.formula && score.pointsBps == proposal.pointsBps && score.grade == proposal.grade;
        // slither-disable-next-line timestamp
        if (!same) revert ScoreDiffers(score.account, score.year);
        delete _proposals[score.account][score.year];
        _scores[score.account][score.year] = _kept(score, nowAt);
        uint32 revision = ++_revisions[score.account][score.year];
        emit ScorePublished(
            score.account,
            score.year,
            opId,
            score.pointsBps,
            score.grade,
            score.formula,
            score.inputRoot,
            revision,
            entry.leafHash,
            entry.logIndex
        );
    }

    /// @inheritdoc ICreditScores
    function withdraw(bytes32 opId, bytes32 account, uint16 year, Entry calldata entry) external restricted {
        _begin(opId, entry);
        // slither-disable-next-line timestamp
        bool published = _proposals[account][year].at == 0;
        if (published) {
            // slither-disable-next-line timestamp
            if (_scores[account][year].at == 0) revert ScoreUnknown(account, year);
            delete _scores[account][year];
        } else {
            delete _proposals[account][year];
        }
        emit ScoreWithdrawn(account, year, opId, published, entry.leafHash, entry.logIndex);
    }

    /// @inheritdoc ICreditScores
    function scoreOf(bytes32 account, uint16 year)
        external
        view
        returns (Score memory score, uint32 revision, uint64 publishedAt)
    {
        Kept storage kept = _scores[account][year];
        return (_shown(account, year, kept), _revisions[account][year], kept.at);
    }

    /// @inheritdoc ICreditScores
    function proposalOf(bytes32 account, uint16 year) external view returns (Score memory score, uint64 commentsUntil) {
        Kept storage kept = _proposals[account][year];
        return (_shown(account, year, kept), kept.at);
    }

    /// @inheritdoc ICreditScores
    function identifierRegistry() external view returns (address) {
        return address(_identifiers);
    }

    /// @inheritdoc ICreditScores
    function deploymentId() external view returns (bytes32) {
        return _deploymentId;
    }

    function _begin(bytes32 opId, Entry calldata entry) private {
        _consume(opId);
        if (entry.leafHash == 0) revert LeafHashZero();
    }

    function _shown(bytes32 account, uint16 year, Kept storage kept) private view returns (Score memory) {
        return Score(account, year, kept.pointsBps, kept.grade, kept.formula, kept.inputRoot);
    }

    function _kept(Score calldata score, uint64 at) private pure returns (Kept memory) {
        return Kept(score.formula, score.inputRoot, score.pointsBps, score.grade, at);
    }
}
