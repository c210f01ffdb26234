// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IEmissionsRegistry} from "./interfaces/IEmissionsRegistry.sol";
import {IEvidenceLog} from "./interfaces/IEvidenceLog.sol";
import {IIdentifierRegistry} from "./interfaces/IIdentifierRegistry.sol";
import {IKeyBook} from "./interfaces/IKeyBook.sol";
import {AccountKind} from "./libraries/AccountKind.sol";
import {CompactSignature, Cosignature} from "./libraries/CompactSignature.sol";
import {TypedDomain} from "./libraries/TypedDomain.sol";
import {Operations} from "./registry/Operations.sol";
import {TwoPersons} from "./registry/TwoPersons.sol";

/// @title Registered emissions; see IEmissionsRegistry.
contract EmissionsRegistry is IEmissionsRegistry, Operations, TwoPersons, AccessManaged {
    using CompactSignature for bytes32;

    struct Assignment {
        bytes32 verifier;
        bytes32 leafHash;
        uint64 from;
        uint64 until;
        uint64 logIndex;
    }

    struct Emissions {
        uint64 tonnes;
        uint64 registeredAt;
        uint32 revision;
        bool determined;
        bytes32 verifier;
        bytes32 reportLeaf;
        bytes32 statementLeaf;
    }

    /// @dev A number that another one replaced.
    struct Replaced {
        uint64 tonnes;
        uint64 registeredAt;
    }

    bytes32 private constant _VERIFIED_TYPEHASH = keccak256(
        "VerifiedEmissions(bytes32 enterprise,uint16 year,uint64 tonnes,bytes32 reportLeaf,bytes32 statementLeaf,uint32 revision)"
    );
    bytes32 private constant _DETERMINATION_TYPEHASH = keccak256(
        "EmissionsDetermination(bytes32 enterprise,uint16 year,uint64 tonnes,bytes32 documentHash,uint32 revision)"
    );
    uint8 private constant _STATEMENT = 2;

    IIdentifierRegistry private immutable _identifiers;
    IEvidenceLog private immutable _evidence;

    mapping(bytes32 enterprise => mapping(uint16 year => Assignment assignment)) private _assignments;
    mapping(bytes32 enterprise => mapping(uint16 year => Emissions emissions)) private _emissions;
    mapping(bytes32 enterprise => mapping(uint16 year => Replaced[] replaced)) private _replaced;
    /// @dev The lower account id first.
    mapping(bytes32 low => mapping(bytes32 high => bool tied)) private _ties;
    mapping(bytes32 statementLeaf => bool used) private _statementUsed;

    /// @param authority AccessManager that rules the restricted calls.
    /// @param deploymentId_ Random, not zero: salt of the EIP-712 domain.
    /// @param identifiers Where accounts and keys are looked up.
    /// @param evidence Where the log's roots are looked up.
    constructor(address authority, bytes32 deploymentId_, IIdentifierRegistry identifiers, IEvidenceLog evidence)
        TypedDomain(deploymentId_)
        AccessManaged(authority)
    {
        if (authority.code.length == 0) revert AuthorityWithoutCode(authority);
        if (address(identifiers).code.length == 0) revert IdentifiersWithoutCode(address(identifiers));
        if (address(evidence).code.length == 0) revert EvidenceWithoutCode(address(evidence));
        _identifiers = identifiers;
        _evidence = evidence;
    }

    /// @inheritdoc IEmissionsRegistry
    function assign(
        bytes32 opId,
        bytes32 enterprise,
        uint16 year,
        bytes32 verifier,
        uint64 from,
        uint64 until,
        bytes32 leafHash,
        uint64 logIndex
    ) external restricted {
        _consume(opId);
        if (leafHash == 0) revert LeafHashZero();
        if (from >= until) revert AssignmentTermInvalid(from, until);
        Assignment storage assignment = _assignments[enterprise][year];
        bytes32 standing = assignment.verifier;
        if (standing != 0) revert AssignmentStands(enterprise, year, standing);
        _requireIndependent(enterprise, verifier);
        assignment.verifier = verifier;
        assignment.leafHash = leafHash;
        assignment.from = from;
        assignment.until = until;
        assignment.logIndex = logIndex;
        emit VerifierAssigned(enterprise, year, verifier, opId, from, until, leafHash, logIndex);
    }

    /// @inheritdoc IEmissionsRegistry
    function endAssignment(bytes32 opId, bytes32 enterprise, uint16 year, bytes32 leafHash, uint64 logIndex)
        external
        restricted
    {
        _consume(opId);
        if (leafHash == 0) revert LeafHashZero();
        bytes32 verifier = _assignment(enterprise, year).verifier;
        delete _assignments[enterprise][year];
        emit AssignmentEnded(enterprise, year, verifier, opId, leafHash, logIndex);
    }

    /// @inheritdoc IEmissionsRegistry
    function declareTie(bytes32 opId, bytes32 a, bytes32 b) external restricted {
        _consume(opId);
        if (a == 0 || b == 0 || a == b) revert TieInvalid(a, b);
        (bytes32 low, bytes32 high) = _ordered(a, b);
        _ties[low][high] = true;
        emit TieDeclared(a, b, opId);
    }

    /// @inheritdoc IEmissionsRegistry
    function register(
        bytes32 opId,
        VerifiedEmissions calldata v,
        Cosignature calldata signature,
        uint64 epoch,
        uint64 size,
        Proof calldata report,
        Proof calldata statement
    ) external restricted {
        _consume(opId);
        _requireNext(v.enterprise, v.year, v.revision);
        bytes32 verifier = _assignee(v.enterprise, v.year);
        _requireIndependent(v.enterprise, verifier);
        address signer = _checkVerifier(verifier, v, signature);
        _spend(v.statementLeaf);
        if (statement.index <= report.index) revert StatementNotAfterReport(report.index, statement.index);
        _evidence.verifyInclusion(epoch, size, report.index, v.reportLeaf, report.path);
        _evidence.verifyInclusion(epoch, size, statement.index, v.statementLeaf, statement.path);
        _record(v, verifier);
        _announce(opId, v, verifier, signer);
    }

    /// @inheritdoc IEmissionsRegistry
    function determine(
        bytes32 opId,
        Determination calldata d,
        Cosignature[2] calldata approvals,
        bytes32 statementLeaf,
        uint64 logIndex
    ) external restricted {
        _consume(opId);
        if (statementLeaf == 0) revert LeafHashZero();
        if (d.documentHash == 0) revert DocumentHashZero();
        _requireEmitter(d.enterprise);
        Emissions storage emissions = _emissions[d.enterprise][d.year];
        _requireNext(d.enterprise, d.year, d.revision);
        if (emissions.verifier != 0) revert EmissionsVerified(d.enterprise, d.year, emissions.revision);
        bytes32 structHash =
            keccak256(abi.encode(_DETERMINATION_TYPEHASH, d.enterprise, d.year, d.tonnes, d.documentHash, d.revision));
        address[2] memory approvers = _checkApprovals(structHash, approvals);
        _spend(statementLeaf);
        _keep(d.enterprise, d.year);
        emissions.tonnes = d.tonnes;
        emissions.registeredAt = uint64(block.timestamp);
        emissions.revision = d.revision;
        emissions.determined = true;
        emissions.statementLeaf = statementLeaf;
        emit EmissionsDetermined(
            d.enterprise,
            d.year,
            opId,
            d.tonnes,
            d.revision,
            d.documentHash,
            statementLeaf,
            approvers[0],
            approvers[1],
            logIndex
        );
    }

    /// @inheritdoc IEmissionsRegistry
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
        )
    {
        Emissions storage found = _emissions[enterprise][year];
        return (
            found.tonnes,
            found.revision,
            found.determined,
            found.verifier,
            found.reportLeaf,
            found.statementLeaf,
            found.registeredAt
        );
    }

    /// @inheritdoc IEmissionsRegistry
    function lowestSince(bytes32 enterprise, uint16 year, uint64 since) external view returns (uint64 tonnes) {
        Emissions storage emissions = _emissions[enterprise][year];
        tonnes = emissions.tonnes;
        uint64 from = emissions.registeredAt;
        Replaced[] storage replaced = _replaced[enterprise][year];
        // slither-disable-next-line timestamp
        for (uint256 i = replaced.length; i != 0 && from > since; --i) {
            Replaced storage earlier = replaced[i - 1];
            // slither-disable-next-line timestamp
            if (earlier.tonnes < tonnes) tonnes = earlier.tonnes;
            from = earlier.registeredAt;
        }
    }

    /// @inheritdoc IEmissionsRegistry
    function assignmentOf(bytes32 enterprise, uint16 year)
        external
        view
        returns (bytes32 verifier, uint64 from, uint64 until, bytes32 leafHash, uint64 logIndex)
    {
        Assignment storage found = _assignments[enterprise][year];
        return (found.verifier, found.from, found.until, found.leafHash, found.logIndex);
    }

    /// @inheritdoc IEmissionsRegistry
    function identifierRegistry() external view returns (address) {
        return address(_identifiers);
    }

    /// @inheritdoc IEmissionsRegistry
    function evidenceLog() external view returns (address) {
        return address(_evidence);
    }

    /// @inheritdoc IEmissionsRegistry
    function tied(bytes32 a, bytes32 b) public view returns (bool) {
        (bytes32 low, bytes32 high) = _ordered(a, b);
        return _ties[low][high];
    }

    function _spend(bytes32 statementLeaf) private {
        if (_statementUsed[statementLeaf]) revert StatementUsed(statementLeaf);
        _statementUsed[statementLeaf] = true;
    }

    /// @dev What the next number replaces, for whoever asks since when it is so high.
    function _keep(bytes32 enterprise, uint16 year) private {
        Emissions storage emissions = _emissions[enterprise][year];
        // slither-disable-next-line timestamp
        if (emissions.revision == 0) return;
        _replaced[enterprise][year].push(Replaced(emissions.tonnes, emissions.registeredAt));
    }

    function _record(VerifiedEmissions calldata v, bytes32 verifier) private {
        _keep(v.enterprise, v.year);
        Emissions storage emissions = _emissions[v.enterprise][v.year];
        emissions.tonnes = v.tonnes;
        emissions.registeredAt = uint64(block.timestamp);
        emissions.revision = v.revision;
        emissions.determined = false;
        emissions.verifier = verifier;
        emissions.reportLeaf = v.reportLeaf;
        emissions.statementLeaf = v.statementLeaf;
    }

    /// @dev Apart, since so many members at once are too many for the stack.
    function _announce(bytes32 opId, VerifiedEmissions calldata v, bytes32 verifier, address signer) private {
        emit EmissionsRegistered(
            v.enterprise, v.year, verifier, opId, v.tonnes, v.revision, v.reportLeaf, v.statementLeaf, signer
        );
    }

    function _speakerOf(address evmAddress) internal view override returns (bytes32 accountId, uint8 purposes) {
        IKeyBook.Key memory key = _identifiers.keyOf(_identifiers.thumbprintOf(evmAddress));
        return key.revokedAt == 0 ? (key.accountId, key.purposes) : (bytes32(0), uint8(0));
    }

    function _kindAndParentOf(bytes32 accountId) internal view override returns (uint8 kind, bytes32 parent) {
        IIdentifierRegistry.Account memory account = _identifiers.identifierOf(accountId);
        return (account.kind, account.parent);
    }

    function _checkVerifier(bytes32 verifier, VerifiedEmissions calldata v, Cosignature calldata signature)
        private
        view
        returns (address signer)
    {
        bytes32 structHash = keccak256(
            abi.encode(_VERIFIED_TYPEHASH, v.enterprise, v.year, v.tonnes, v.reportLeaf, v.statementLeaf, v.revision)
        );
        signer = _typedDigest(structHash).recover(signature);
        (bytes32 accountId, uint8 purposes) = _speakerOf(signer);
        if (accountId != verifier || purposes & _STATEMENT == 0) revert VerifierSignatureInvalid(verifier, signer);
    }

    function _assignment(bytes32 enterprise, uint16 year) private view returns (Assignment memory assignment) {
        assignment = _assignments[enterprise][year];
        if (assignment.verifier == 0) revert AssignmentNone(enterprise, year);
    }

    /// @dev The verifier whose word counts in this block.
    function _assignee(bytes32 enterprise, uint16 year) private view returns (bytes32) {
        Assignment memory assignment = _assignment(enterprise, year);
        uint64 nowAt = uint64(block.timestamp);
        // Assignments are days: the seconds by which a block's maker may be off do not matter.
        // slither-disable-next-line timestamp
        if (nowAt < assignment.from) revert AssignmentNotBegun(assignment.from, nowAt);
        // slither-disable-next-line timestamp
        if (nowAt >= assignment.until) revert AssignmentPast(assignment.until, nowAt);
        return assignment.verifier;
    }

    function _requireNext(bytes32 enterprise, uint16 year, uint32 revision) private view {
        uint32 expected = _emissions[enterprise][year].revision + 1;
        // Slither takes all of a number for a time, because it holds one.
        // slither-disable-next-line timestamp
        if (revision != expected) revert RevisionUnexpected(revision, expected);
    }

    function _requireEmitter(bytes32 enterprise) private view returns (bytes32 group) {
        IIdentifierRegistry.Account memory account = _identifiers.identifierOf(enterprise);
        if (!AccountKind.emits(account.kind)) revert EnterpriseInvalid(enterprise, account.kind);
        return account.group;
    }

    /// @dev That they are two accounts follows from their kinds.
    function _requireIndependent(bytes32 enterprise, bytes32 verifier) private view {
        bytes32 group = _requireEmitter(enterprise);
        IIdentifierRegistry.Account memory account = _identifiers.identifierOf(verifier);
        if (account.kind != AccountKind.VERIFIER) revert VerifierInvalid(verifier, account.kind);
        if (group != 0 && group == account.group) revert GroupCommon(enterprise, verifier, group);
        if (tied(enterprise, verifier)) revert VerifierTied(enterprise, verifier);
    }

    function _ordered(bytes32 a, bytes32 b) private pure returns (bytes32 low, bytes32 high) {
        return a < b ? (a, b) : (b, a);
    }
}
