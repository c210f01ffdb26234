// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {Cosignature} from "../libraries/CompactSignature.sol";
import {IOperations} from "./IOperations.sol";
import {ITwoPersons} from "./ITwoPersons.sol";

/// @title What an enterprise emitted in a compliance year, and on whose word.
/// @notice A case is an account id and a year. A number enters by the signature of the verifier who is assigned to the
/// case, for exactly this number, report and verification statement, both proved to be in the evidence log; or by a
/// determination that two persons of two bodies sign. Who brings it is the registrar (`AccessManagedUnauthorized` for
/// others), who alone can do neither. A later version replaces the number; events keep the earlier ones.
///
/// What is proved here: that the signer's key is active, has purpose statement and belongs to the assigned verifier;
/// that this verifier is another account than the enterprise, of another group and without a declared tie; that the two
/// leaves stand in the log under a root that `EvidenceLog` knows, the report before its verification.
/// What is trusted: that the registrar assigns whom the log assigns, until its accreditation ends, and ends what the log
/// ends; that objections were heard and their time is over; that the leaves are those of a report and of its
/// verification. All of it stands in the log, where the leaves and positions lead.
///
/// Warning: the time of an assignment is judged by the block that registers, not by the time of the verdict.
/// Warning: a tie that is declared after a registration does not undo it. Another verifier may verify anew.
/// Warning: persons and bodies are as the registrar enrolled them (see ITwoPersons); to the contract, two invented ones
/// are two. A determination never replaces a verified number.
///
/// Each restricted call consumes its `opId`: sent twice, the second reverts with `OpAlreadyApplied`.
interface IEmissionsRegistry is IOperations, ITwoPersons {
    // Structs have the order of what is signed: they are call data only and fill no slots.
    // solhint-disable gas-struct-packing

    /// @notice What a verifier signs: EIP-712 `VerifiedEmissions(bytes32 enterprise,uint16 year,uint64 tonnes,bytes32
    /// reportLeaf,bytes32 statementLeaf,uint32 revision)`.
    /// @param enterprise Account id of an enterprise or park.
    /// @param tonnes Whole tonnes of CO2e.
    /// @param reportLeaf RFC 9162 leaf hash of the verified report's log entry.
    /// @param statementLeaf Leaf hash of the verification statement's log entry.
    /// @param revision 1 for the first number of a case, and one more for each that replaces it.
    struct VerifiedEmissions {
        bytes32 enterprise;
        uint16 year;
        uint64 tonnes;
        bytes32 reportLeaf;
        bytes32 statementLeaf;
        uint32 revision;
    }

    /// @notice What two persons sign: EIP-712 `EmissionsDetermination(bytes32 enterprise,uint16 year,uint64 tonnes,bytes32
    /// documentHash,uint32 revision)`.
    /// @param documentHash SHA-256 of the reasoned decision, not zero.
    struct Determination {
        bytes32 enterprise;
        uint16 year;
        uint64 tonnes;
        bytes32 documentHash;
        uint32 revision;
    }

    /// @notice Where a leaf stands in the log, and its path to the root there.
    struct Proof {
        uint64 index;
        bytes32[] path;
    }

    /// @notice `verifier` is assigned to the case; its signature counts from `from` until before `until` (Unix seconds).
    event VerifierAssigned(
        bytes32 indexed enterprise,
        uint16 indexed year,
        bytes32 indexed verifier,
        bytes32 opId,
        uint64 from,
        uint64 until,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Nobody is assigned to the case any more.
    event AssignmentEnded(
        bytes32 indexed enterprise,
        uint16 indexed year,
        bytes32 indexed verifier,
        bytes32 opId,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice From now on neither verifies the other.
    event TieDeclared(bytes32 indexed a, bytes32 indexed b, bytes32 opId);

    /// @notice The number of the case from now on, signed by the verifier's key with the address `signer`.
    event EmissionsRegistered(
        bytes32 indexed enterprise,
        uint16 indexed year,
        bytes32 indexed verifier,
        bytes32 opId,
        uint64 tonnes,
        uint32 revision,
        bytes32 reportLeaf,
        bytes32 statementLeaf,
        address signer
    );

    /// @notice The number of the case from now on, determined by two persons, whose keys have these addresses.
    event EmissionsDetermined(
        bytes32 indexed enterprise,
        uint16 indexed year,
        bytes32 opId,
        uint64 tonnes,
        uint32 revision,
        bytes32 documentHash,
        bytes32 statementLeaf,
        address firstApprover,
        address secondApprover,
        uint64 logIndex
    );

    /// @notice The manager of roles must be a contract.
    error AuthorityWithoutCode(address authority);
    /// @notice The registry of identifiers must be a contract.
    error IdentifiersWithoutCode(address identifiers);
    /// @notice The evidence log must be a contract.
    error EvidenceWithoutCode(address evidence);
    /// @notice Emissions are an enterprise's or a park's; `kind` is what is registered there, 0 for nothing.
    error EnterpriseInvalid(bytes32 enterprise, uint8 kind);
    /// @notice A verifier is an account of that kind; `kind` is what is registered there, 0 for nothing.
    error VerifierInvalid(bytes32 verifier, uint8 kind);
    /// @notice Both belong to this group.
    error GroupCommon(bytes32 enterprise, bytes32 verifier, bytes32 group);
    /// @notice A tie between the two was declared.
    error VerifierTied(bytes32 enterprise, bytes32 verifier);
    /// @notice A tie is between two accounts.
    error TieInvalid(bytes32 a, bytes32 b);
    /// @notice An assignment begins before it ends.
    error AssignmentTermInvalid(uint64 from, uint64 until);
    /// @notice Another assignment of the case was not ended.
    error AssignmentStands(bytes32 enterprise, uint16 year, bytes32 verifier);
    /// @notice Nobody is assigned to the case (any more).
    error AssignmentNone(bytes32 enterprise, uint16 year);
    /// @notice The assignment begins later.
    error AssignmentNotBegun(uint64 from, uint64 nowAt);
    /// @notice The assignment's time is over.
    error AssignmentPast(uint64 until, uint64 nowAt);
    /// @notice Versions of a case are numbered without gaps.
    error RevisionUnexpected(uint32 revision, uint32 expected);
    /// @notice The signature is not by an active ES256K key of the verifier with purpose statement.
    error VerifierSignatureInvalid(bytes32 verifier, address signer);
    /// @notice This log entry brought a number before.
    error StatementUsed(bytes32 statementLeaf);
    /// @notice A report stands in the log before its verification.
    error StatementNotAfterReport(uint64 reportIndex, uint64 statementIndex);
    /// @notice A determination cites a document.
    error DocumentHashZero();
    /// @notice Every act names its log entry.
    error LeafHashZero();
    /// @notice The case has a verified number, which a determination does not replace.
    error EmissionsVerified(bytes32 enterprise, uint16 year, uint32 revision);

    /// @notice Assigns a verifier to a case that has none. Restricted.
    /// @param from The first second (Unix) in which the verifier's signature counts, and
    /// @param until the first in which it does so no more; not after the end of its accreditation, which the log knows.
    /// @param leafHash Leaf hash of the log's `assignment` entry.
    /// @param logIndex Its index.
    function assign(
        bytes32 opId,
        bytes32 enterprise,
        uint16 year,
        bytes32 verifier,
        uint64 from,
        uint64 until,
        bytes32 leafHash,
        uint64 logIndex
    ) external;

    /// @notice Ends the assignment of a case, also one whose time is over. Restricted.
    function endAssignment(bytes32 opId, bytes32 enterprise, uint16 year, bytes32 leafHash, uint64 logIndex) external;

    /// @notice From now on neither of the two verifies the other, whichever comes first, for ever. Restricted. Declaring it
    /// again changes nothing.
    function declareTie(bytes32 opId, bytes32 a, bytes32 b) external;

    /// @notice Registers what the assigned verifier signed. Restricted.
    /// @param signature Over `v` in this contract's domain, by an active ES256K key of the verifier with purpose statement.
    /// @param epoch Epoch of the log, and
    /// @param size a size at which `EvidenceLog` knows its root, else its `RootUnknown`.
    /// @param report Of `v.reportLeaf`, else a revert by `LogProof`, and
    /// @param statement of `v.statementLeaf`, at a higher index.
    function register(
        bytes32 opId,
        VerifiedEmissions calldata v,
        Cosignature calldata signature,
        uint64 epoch,
        uint64 size,
        Proof calldata report,
        Proof calldata statement
    ) external;

    /// @notice Registers what two persons determined, where no verified number stands. Restricted.
    /// @param approvals Over `d` in this contract's domain, in any order; see ITwoPersons.
    /// @param statementLeaf Leaf hash of the log's `determination` entry.
    /// @param logIndex Its index.
    function determine(
        bytes32 opId,
        Determination calldata d,
        Cosignature[2] calldata approvals,
        bytes32 statementLeaf,
        uint64 logIndex
    ) external;

    /// @notice The number of a case as it stands; `revision` 0: none. Of a determination, `verifier` and `reportLeaf` are
    /// zero. `registeredAt`: Unix seconds of the block.
    /// Warning: 0 tonnes is a number too; ask `revision`.
    function emissionsOf(bytes32 enterprise, uint16 year)
        external
        view
        returns (
            uint64 tonnes,
            uint32 revision,
            bool determined,
            bytes32 verifier,
            bytes32 reportLeaf,
            bytes32 statementLeaf,
            uint64 registeredAt
        );

    /// @notice The lowest number that stood at `since` (Unix seconds) or later, the one that stands now among them; where none
    /// stood at `since`, the lowest of all. 0 without a number. So what exceeds it came after `since`.
    function lowestSince(bytes32 enterprise, uint16 year, uint64 since) external view returns (uint64 tonnes);

    /// @notice The assignment of a case; `verifier` 0: none. Ended ones are forgotten, past ones are not.
    function assignmentOf(bytes32 enterprise, uint16 year)
        external
        view
        returns (bytes32 verifier, uint64 from, uint64 until, bytes32 leafHash, uint64 logIndex);

    /// @notice Whether a tie between the two was declared, in whichever order.
    function tied(bytes32 a, bytes32 b) external view returns (bool);

    /// @notice The registry of identifiers and keys that signatures are judged by.
    function identifierRegistry() external view returns (address);

    /// @notice The log whose roots inclusion is proved under.
    function evidenceLog() external view returns (address);
}
