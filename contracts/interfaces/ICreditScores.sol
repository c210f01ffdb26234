// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Entry} from "../libraries/Entry.sol";
import {IOperations} from "./IOperations.sol";

/// @title Credit scores of enterprises by compliance year, with the root of what they follow from (DOMAIN 49).
/// @notice A score is proposed, stands open for comment, and is published exactly as it was proposed. Anyone recomputes it
/// from the log's own facts: `formula` says by which rules, `inputRoot` from which inputs.
///
/// What is proved here: that a published score is the one that was proposed, and that its comment time was over. What is
/// trusted: that it follows from the inputs, and that comments were heard. Both stand in the log.
///
/// Each restricted call is the registrar's (`AccessManagedUnauthorized` for others) and consumes its `opId`: sent twice, the
/// second reverts with `OpAlreadyApplied`.
interface ICreditScores is IOperations {
    // The struct has the order of a score's statement.
    // solhint-disable gas-struct-packing

    /// @notice A score.
    /// @param account Account id of an enterprise.
    /// @param pointsBps 0 to 10,000.
    /// @param grade 0 for unrated, else from 1 on as the formula says.
    /// @param formula SHA-256 of the formula's document, not zero.
    /// @param inputRoot Root of the inputs, not zero.
    struct Score {
        bytes32 account;
        uint16 year;
        uint16 pointsBps;
        uint8 grade;
        bytes32 formula;
        bytes32 inputRoot;
    }

    /// @notice Open for comment until before `commentsUntil`; takes the place of an earlier proposal of the account and year.
    event ScoreProposed(
        bytes32 indexed account,
        uint16 indexed year,
        bytes32 indexed opId,
        uint16 pointsBps,
        uint8 grade,
        bytes32 formula,
        bytes32 inputRoot,
        uint64 commentsUntil,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The score of the account and year from now on.
    event ScorePublished(
        bytes32 indexed account,
        uint16 indexed year,
        bytes32 indexed opId,
        uint16 pointsBps,
        uint8 grade,
        bytes32 formula,
        bytes32 inputRoot,
        uint32 revision,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The proposal does not stand any more, or, where there was none, the published score.
    event ScoreWithdrawn(
        bytes32 indexed account,
        uint16 indexed year,
        bytes32 indexed opId,
        bool published,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The manager of roles must be a contract.
    error AuthorityWithoutCode(address authority);
    /// @notice The registry of identifiers must be a contract.
    error IdentifiersWithoutCode(address identifiers);
    /// @notice A deployment id is 32 random bytes; zero is none.
    error DeploymentIdZero();
    /// @notice Every act names its log entry.
    error LeafHashZero();
    /// @notice A score is an enterprise's; `kind` is what is registered there, 0 for nothing.
    error KindInvalid(bytes32 account, uint8 kind);
    /// @notice A score is at most 10,000 basis points.
    error PointsInvalid(uint16 pointsBps);
    /// @notice A score cites its formula.
    error FormulaZero();
    /// @notice A score cites the root of its inputs.
    error InputRootZero();
    /// @notice The comment time of a proposal ends ten days after it was proposed, or later.
    error CommentTimeInvalid(uint64 commentsUntil, uint64 nowAt);
    /// @notice No proposal of the account and year stands.
    error ScoreNotProposed(bytes32 account, uint16 year);
    /// @notice Comments are still heard.
    error CommentsOpen(uint64 commentsUntil, uint64 nowAt);
    /// @notice Another root of inputs than the proposed one.
    error ScoreRootDiffers(bytes32 root, bytes32 expected);
    /// @notice Another score than the proposed one.
    error ScoreDiffers(bytes32 account, uint16 year);
    /// @notice Nothing of the account and year is proposed or published.
    error ScoreUnknown(bytes32 account, uint16 year);

    /// @notice Proposes a score, or another one in its place, with a comment time of its own. Restricted.
    /// @param commentsUntil The first second in which it can be published; ten days later or more, by the log
    /// ten working days.
    function propose(bytes32 opId, Score calldata score, uint64 commentsUntil, Entry calldata entry) external;

    /// @notice Publishes a score exactly as it was proposed, from `commentsUntil` on. Restricted.
    function publish(bytes32 opId, Score calldata score, Entry calldata entry) external;

    /// @notice Withdraws the proposal that stands, or, where none does, the published score. Restricted.
    function withdraw(bytes32 opId, bytes32 account, uint16 year, Entry calldata entry) external;

    /// @notice The published score, and how many were published of the account and year; `publishedAt` (Unix seconds of the
    /// block) 0: none stands. Warning: a withdrawn score leaves its `revision`.
    function scoreOf(bytes32 account, uint16 year)
        external
        view
        returns (Score memory score, uint32 revision, uint64 publishedAt);

    /// @notice The proposal that stands; `commentsUntil` 0: none.
    function proposalOf(bytes32 account, uint16 year) external view returns (Score memory score, uint64 commentsUntil);

    /// @notice The random id of this deployment.
    function deploymentId() external view returns (bytes32);

    /// @notice The registry of identifiers in which an enterprise is one.
    function identifierRegistry() external view returns (address);
}
