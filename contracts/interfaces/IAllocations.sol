// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";

/// @title How a vintage's quota comes to be, reaches enterprises, and what of it has to come back (DOMAIN 26 to 31).
/// @notice Two persons issue a vintage into a park's own account, the reserve: the sum of what they issue is the cap. Two
/// persons approve a run, that is a table of who gets what; the registrar then carries it out in parts, whose hashes they
/// signed. What enterprises have to give back (多退少补) is owed, returned by them, or collected when it is due.
///
/// Warning: the contract does not recompute a run. `inputRoot` names its inputs, from which everybody does.
/// Warning: an approved run sets nothing aside. Where the reserve is spent before all parts are done, the rest of them
/// revert with `BalanceInsufficient` until it is filled again.
interface IAllocations {
    // Structs have the order of what is signed: they are call data only and fill no slots.
    // solhint-disable gas-struct-packing

    /// @notice EIP-712 `Issue(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,bytes32 documentHash)`.
    /// @param account Account id of a park.
    /// @param documentHash SHA-256 of the decision, not zero.
    struct Issue {
        bytes32 opId;
        bytes32 account;
        uint16 vintage;
        uint64 tonnes;
        bytes32 documentHash;
    }

    /// @notice EIP-712 `AllocationRun(bytes32 opId,bytes32 reserve,uint16 vintage,uint64 tonnes,bytes32 itemsHash,bytes32
    /// inputRoot,uint64 returnDue)`.
    /// @param opId Names the run from then on.
    /// @param reserve Account id of the park that gives.
    /// @param tonnes Sum of what its items are granted; 0 where they only owe.
    /// @param itemsHash keccak256(abi.encode(bytes32[] parts)), where parts[i] is keccak256(abi.encode(AllocationItem[]))
    /// of part i.
    /// @param inputRoot Root of the inputs that the run was computed from, not zero.
    /// @param returnDue From this second (Unix) on, what the run makes owed is collected.
    struct AllocationRun {
        bytes32 opId;
        bytes32 reserve;
        uint16 vintage;
        uint64 tonnes;
        bytes32 itemsHash;
        bytes32 inputRoot;
        uint64 returnDue;
    }

    /// @notice A row of a run's table.
    /// @param account Account id of an enterprise.
    /// @param granted What it gets, and
    /// @param owes what it has to give back from now on, and
    /// @param settles what it owes no more, since less was granted for it; each may be 0.
    struct AllocationItem {
        bytes32 account;
        uint64 granted;
        uint64 owes;
        uint64 settles;
    }

    /// @notice EIP-712 `Return(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,uint64 deadline)`.
    struct Return {
        bytes32 opId;
        bytes32 account;
        uint16 vintage;
        uint64 tonnes;
        uint64 deadline;
    }

    /// @notice New units in the reserve `account`, as two persons signed, whose keys have these addresses.
    event Issued(
        bytes32 indexed account,
        AssetId indexed asset,
        bytes32 indexed opId,
        uint64 tonnes,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Two persons approved a run; its parts may be carried out.
    event RunApproved(
        bytes32 indexed run,
        bytes32 indexed reserve,
        uint16 indexed vintage,
        uint64 tonnes,
        bytes32 itemsHash,
        bytes32 inputRoot,
        uint64 returnDue,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice `granted` moved from the run's reserve to the account. It owes `owed` now, due at the run's `returnDue` where
    /// `owes` is not 0.
    event Allocated(
        bytes32 indexed run,
        bytes32 indexed account,
        AssetId indexed asset,
        bytes32 opId,
        uint64 granted,
        uint64 owes,
        uint64 settles,
        uint64 owed,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The account gave back to the reserve, by its holder's word or, `collected`, because it was due. It owes `owed`
    /// now.
    event Returned(
        bytes32 indexed account,
        bytes32 indexed reserve,
        AssetId indexed asset,
        bytes32 opId,
        uint64 tonnes,
        uint64 owed,
        bool collected,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice A run names the root of its inputs.
    error InputRootZero();
    /// @notice No such run was approved.
    error RunUnknown(bytes32 run);
    /// @notice The parts are not those that two persons signed, or there are none, or more than 256.
    error PartsDiffer(bytes32 run, bytes32 found, bytes32 expected);
    /// @notice The run has only `parts` parts, counted from 0.
    error PartUnknown(bytes32 run, uint32 part, uint256 parts);
    /// @notice The items are not those of the part.
    error ItemsDiffer(bytes32 run, uint32 part, bytes32 found, bytes32 expected);
    /// @notice A part has 1 to 64 items.
    error ItemCountInvalid(uint256 count);
    /// @notice The part was carried out before.
    error PartDone(bytes32 run, uint32 part);
    /// @notice An account comes once in a run, and in a part after all with lower ids.
    error AccountRepeated(bytes32 run, bytes32 account);
    /// @notice All that was granted is not the run's `expected` tonnes (above it, or below it with the last part).
    error RunTotalDiffers(bytes32 run, uint256 granted, uint64 expected);
    /// @notice The account owes nothing.
    error OwedNone(bytes32 account);
    /// @notice The account owes only `owed`.
    error OwedExceeded(bytes32 account, uint64 requested, uint64 owed);
    /// @notice The account would owe more than 2^64 - 1 tonnes.
    error OwedTooMuch(bytes32 account, uint64 owes, uint64 owed);
    /// @notice The account owes to another reserve, and settles that first.
    error ReserveDiffers(bytes32 account, bytes32 reserve, bytes32 owedTo);
    /// @notice What the account owes is collected from `dueAt` on.
    error OwedNotDue(bytes32 account, uint64 dueAt, uint64 nowAt);

    /// @notice Issues quota of a vintage into a park's account. Restricted, two persons.
    /// @param approvals Over `m` in this contract's domain, in any order; see ITwoPersons.
    function issue(Issue calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Approves a run. Restricted, two persons. Reverts where the reserve has less than the run's tonnes now.
    function approveRun(AllocationRun calldata m, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Carries out one part of an approved run, whole or not at all; parts may come in any order. Restricted.
    /// @param parts The hashes of all parts, as signed.
    /// @param part Which one, from 0.
    /// @param items Its rows: 1 to 64 enterprises by ascending account id.
    function allocate(
        bytes32 opId,
        bytes32 run,
        bytes32[] calldata parts,
        uint32 part,
        AllocationItem[] calldata items,
        Entry calldata entry
    ) external;

    /// @notice The holder gives back what it owes, or a part of it, in units of any vintage. Restricted.
    /// @param signature Over `m` in this contract's domain, by an active ES256K key of the account with purpose asset.
    function returnOwed(Return calldata m, Cosignature calldata signature, Entry calldata entry) external;

    /// @notice Takes what is owed and due, as far as the account has free units of this vintage. Restricted. Also of a
    /// suspended account.
    function collectOwed(bytes32 opId, bytes32 account, uint16 vintage, Entry calldata entry) external;

    /// @notice What the account has to give back, from which second (Unix) on it is collected, and to whom.
    function owedOf(bytes32 account) external view returns (uint64 tonnes, uint64 dueAt, bytes32 reserve);

    /// @notice An approved run: `granted` tonnes of it in `partsDone` of `parts` parts; `parts` is 0 before the first. A
    /// reserve of 0: no such run.
    function runOf(bytes32 run)
        external
        view
        returns (
            bytes32 reserve,
            uint16 vintage,
            uint64 tonnes,
            uint64 granted,
            uint64 returnDue,
            uint32 partsDone,
            uint32 parts
        );
}
