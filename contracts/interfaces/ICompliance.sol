// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AssetId} from "../libraries/AssetId.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {IOperations} from "./IOperations.sol";
import {ISpeakers} from "./ISpeakers.sol";

/// @title What an account owes for a compliance year, and with what it met it.
/// @notice The obligation of an account and year is the number that `EmissionsRegistry` holds for it, as it stands
/// (DOMAIN 2): an amendment counts from its own block on, without a call here. Quota counts in full, offsets (CCER) up to
/// `floor(offsetCapBps * emissions / 10000)` of all surrenders of the year together (DOMAIN 3). What is due is
/// `max(0, emissions + creditOut - quota - creditIn - min(offsetsUsed, offsetCap))`, and never more than the emissions.
///
/// The deadline of an account and year is the year's `surrenderDeadline`; where its emissions were amended, no earlier
/// than `amendmentSeconds` after the amendment was registered. Until then the holder surrenders; from then on the shortfall
/// can be assessed. After the year's own deadline it is the difference that has time: what exceeds the lowest number that
/// stood since `amendmentSeconds` ago. The rest of what is due is overdue, as is what an assessment found missing: it is met
/// no more by surrender, and charged.
///
/// What is proved here: that the holder of an active ES256K key with purpose asset of the account signed exactly this
/// surrender or carry-over, in this deployment, once; that the terms and the price were signed by two persons of two
/// bodies; that no unit beyond what is due is taken, and no offset beyond the cap.
/// What is trusted: that the registrar brings what was signed, in time; that `netSoldTonnes` is what the market says; leaf
/// hashes and positions of entries, which `EvidenceLog` proves.
///
/// Warning: units that were surrendered never return. Where an amendment lowers the emissions, excess quota becomes credit of
/// the next year (`credit`), and offsets beyond the new cap stay used, but count no more.
/// Warning: a first number that is registered after the deadline has no time of its own, since it amends nothing.
///
/// Amounts are whole tonnes, instants are Unix seconds, shares are basis points (10,000 are the whole), money is fen. Each
/// call is the registrar's (`AccessManagedUnauthorized` for others) and consumes its `opId`: sent twice, the second reverts
/// with `OpAlreadyApplied`.
interface ICompliance is IOperations, ISpeakers {
    // Structs that are signed have the order of what is signed: they are call data only and fill no slots.
    // solhint-disable gas-struct-packing

    /// @notice What two persons sign: EIP-712 `YearTerms(bytes32 opId,uint16 year,uint16 offsetCapBps,uint64
    /// surrenderDeadline,uint64 carryOverUntil,uint64 closesAt,uint16 carryBaseBps,uint32 carryMultipleBps,uint32
    /// chargeMultipleBps,uint32 amendmentSeconds,bool earlierVintages,bytes32 documentHash)`.
    /// @param year 1 to 65534.
    /// @param offsetCapBps Share of the emissions that offsets may meet, at most 10,000 (DOMAIN 3).
    /// @param surrenderDeadline The first second that is too late; before `carryOverUntil`.
    /// @param carryOverUntil The first second that is too late for a carry-over; not after `closesAt`.
    /// @param closesAt From then on what is left of the vintage is cancelled.
    /// @param carryBaseBps Share of the emissions that may be carried over in any case (DOMAIN 6), and
    /// @param carryMultipleBps share of what was sold net that may be carried over besides.
    /// @param chargeMultipleBps How often the price of a missing tonne is charged: 50,000 is five times (DOMAIN 7).
    /// @param amendmentSeconds For how long the difference of an amendment can be surrendered (DOMAIN 2).
    /// @param earlierVintages Whether quota of earlier vintages meets the obligation too (DOMAIN 5).
    /// @param documentHash SHA-256 of the document, not zero.
    struct YearTerms {
        bytes32 opId;
        uint16 year;
        uint16 offsetCapBps;
        uint64 surrenderDeadline;
        uint64 carryOverUntil;
        uint64 closesAt;
        uint16 carryBaseBps;
        uint32 carryMultipleBps;
        uint32 chargeMultipleBps;
        uint32 amendmentSeconds;
        bool earlierVintages;
        bytes32 documentHash;
    }

    /// @notice What two persons sign: EIP-712 `ReferencePrice(bytes32 opId,uint16 year,uint64 fenPerTonne,bytes32
    /// documentHash)`.
    struct ReferencePrice {
        bytes32 opId;
        uint16 year;
        uint64 fenPerTonne;
        bytes32 documentHash;
    }

    /// @notice What a holder signs: EIP-712 `Surrender(bytes32 opId,bytes32 account,uint16 year,uint32 asset,uint64
    /// tonnes,uint64 deadline)`.
    /// @param year Whose obligation is met.
    /// @param asset Quota of a vintage, or CCER.
    /// @param deadline The first second in which the signature is worth nothing.
    struct Surrender {
        bytes32 opId;
        bytes32 account;
        uint16 year;
        AssetId asset;
        uint64 tonnes;
        uint64 deadline;
    }

    /// @notice What a holder signs: EIP-712 `CarryOver(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,uint64
    /// deadline)`.
    struct CarryOver {
        bytes32 opId;
        bytes32 account;
        uint16 vintage;
        uint64 tonnes;
        uint64 deadline;
    }

    /// @notice What holds for a compliance year, members as in YearTerms; `surrenderDeadline` 0: nothing.
    struct Terms {
        uint64 surrenderDeadline;
        uint32 amendmentSeconds;
        uint16 offsetCapBps;
        bool earlierVintages;
        uint16 carryBaseBps;
        uint32 carryMultipleBps;
        uint32 chargeMultipleBps;
        uint64 carryOverUntil;
        uint64 closesAt;
    }

    /// @notice How an account stands in a year.
    /// @param emissions Registered tonnes as they stand, with their
    /// @param revision there; 0: none are registered.
    /// @param offsetCap `floor(offsetCapBps * emissions / 10000)`.
    /// @param quota Surrendered quota of all vintages.
    /// @param offsetsUsed Surrendered offsets, and
    /// @param offsetsCounted how many of them count: the smaller one of used and cap.
    /// @param creditIn Credit from the year before, and
    /// @param creditOut to the year after.
    /// @param due What is still to be surrendered, or, from the deadline on, is missing.
    /// @param missed What the last assessment found missing, and
    /// @param chargeFen what is charged for it.
    /// @param carried What was carried over from this vintage.
    /// @param deadline The first second that is too late for a surrender; 0 without terms.
    /// @param assessed Whether there was an assessment.
    struct Position {
        uint64 emissions;
        uint32 revision;
        uint64 offsetCap;
        uint64 quota;
        uint64 offsetsUsed;
        uint64 offsetsCounted;
        uint64 creditIn;
        uint64 creditOut;
        uint64 due;
        uint64 missed;
        uint64 chargeFen;
        uint64 carried;
        uint64 deadline;
        bool assessed;
    }

    /// @notice These terms hold for the year from now on; `approvers`: EVM addresses of the two persons' keys.
    event TermsSet(
        uint16 indexed year,
        bytes32 indexed opId,
        YearTerms terms,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Missing tonnes of the year are charged by this price from now on.
    event PriceSet(
        uint16 indexed year,
        bytes32 indexed opId,
        uint64 fenPerTonne,
        bytes32 documentHash,
        address[2] approvers,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice The account surrendered `tonnes` of `asset` for the year; `due` and `offsetsUsed` are what is due and used
    /// after it.
    event SurrenderRecorded(
        bytes32 indexed account,
        uint16 indexed year,
        bytes32 indexed opId,
        AssetId asset,
        uint64 tonnes,
        uint64 due,
        uint64 offsetsUsed,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice `tonnes` of the vintage became quota of the next; `netSoldTonnes` is what the registrar said of the market.
    event CarryOverRecorded(
        bytes32 indexed account,
        uint16 indexed vintage,
        bytes32 indexed opId,
        uint64 tonnes,
        uint64 netSoldTonnes,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice Of these emissions (of this revision) `missed` tonnes are missing, and charged with `chargeFen`; takes the
    /// place of an earlier assessment of the case.
    event Assessed(
        bytes32 indexed account,
        uint16 indexed year,
        bytes32 indexed opId,
        uint64 emissions,
        uint32 revision,
        uint64 missed,
        uint64 priceFen,
        uint64 chargeFen,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice `tonnes` that were surrendered for the year beyond its obligation count for the next one.
    event Credited(
        bytes32 indexed account,
        uint16 indexed year,
        bytes32 indexed opId,
        uint64 tonnes,
        bytes32 leafHash,
        uint64 logIndex
    );

    /// @notice What was free of the vintage in these accounts, `tonnes` together, is cancelled.
    event YearClosed(
        uint16 indexed year, bytes32 indexed opId, bytes32[] accounts, uint64 tonnes, bytes32 leafHash, uint64 logIndex
    );

    /// @notice The manager of roles must be a contract.
    error AuthorityWithoutCode(address authority);
    /// @notice The registry of emissions must be a contract.
    error EmissionsWithoutCode(address emissions);
    /// @notice The ledger of units must be a contract.
    error LedgerWithoutCode(address ledger);
    /// @notice A year of which, and of whose next year, a compliance year can be.
    error YearInvalid(uint16 year);
    /// @notice A share of offsets is at most 10,000 basis points.
    error OffsetCapInvalid(uint16 offsetCapBps);
    /// @notice A year's instants are 0 < surrenderDeadline < carryOverUntil <= closesAt.
    error TermsOrderInvalid(uint64 surrenderDeadline, uint64 carryOverUntil, uint64 closesAt);
    /// @notice The year's terms hold since their surrender deadline, and are not changed any more.
    error TermsFixed(uint16 year, uint64 surrenderDeadline);
    /// @notice No terms hold for the year.
    error TermsUnknown(uint16 year);
    /// @notice Every act names its log entry.
    error LeafHashZero();
    /// @notice Terms and prices cite a document.
    error DocumentHashZero();
    /// @notice A price is at least one fen.
    error PriceZero(uint16 year);
    /// @notice A charge was assessed by this price, which is not changed any more.
    error PriceFixed(uint16 year, uint64 fenPerTonne);
    /// @notice The year has no price to charge by.
    error PriceUnknown(uint16 year);
    /// @notice No emissions are registered for the account and year.
    error EmissionsUnknown(bytes32 account, uint16 year);
    /// @notice Nothing is no amount.
    error AmountZero();
    /// @notice Too late for a surrender of this account and year.
    error SurrenderPast(uint64 deadline, uint64 nowAt);
    /// @notice Quota of this vintage does not meet this year's obligation, now.
    error VintageNotAccepted(uint16 vintage, uint16 year);
    /// @notice Offsets beyond the cap; `remaining` is what still fits.
    error OffsetCapExceeded(bytes32 account, uint16 year, uint64 requested, uint64 remaining);
    /// @notice More than is due, or than what of it is not overdue; `remaining` is what still fits.
    error ObligationExceeded(bytes32 account, uint16 year, uint64 requested, uint64 remaining);
    /// @notice The year is not over, so that nothing of it is carried over yet.
    error CarryOverEarly(uint64 from, uint64 nowAt);
    /// @notice Too late for a carry-over.
    error CarryOverPast(uint64 until, uint64 nowAt);
    /// @notice What is due comes before what is carried over.
    error ObligationOpen(bytes32 account, uint16 year, uint64 due);
    /// @notice More than may be carried over; `remaining` is what still fits.
    error CarryOverExceeded(bytes32 account, uint16 vintage, uint64 requested, uint64 remaining);
    /// @notice The account can surrender until before `from`.
    error AssessmentEarly(bytes32 account, uint16 year, uint64 from, uint64 nowAt);
    /// @notice This revision of the emissions was assessed.
    error AssessmentRepeated(bytes32 account, uint16 year, uint32 revision);
    /// @notice A charge is less than 2^64 fen.
    error ChargeTooLarge(uint256 chargeFen);
    /// @notice Nothing was surrendered beyond the obligation.
    error CreditNone(bytes32 account, uint16 year);
    /// @notice Amounts of an account and year are less than 2^64 tonnes.
    error AmountTooLarge(uint256 tonnes);
    /// @notice The year closes later.
    error CloseEarly(uint64 closesAt, uint64 nowAt);
    /// @notice A call closes 1 to 64 accounts.
    error AccountCountInvalid(uint256 count);

    /// @notice Sets the terms of a year, or changes them before their own surrender deadline. Restricted.
    /// @param approvals Over `terms` in this contract's domain, in any order; see ITwoPersons.
    /// Warning: a lower cap takes nothing back: offsets beyond it stay used, but count no more.
    function setTerms(YearTerms calldata terms, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Sets the price of a missing tonne, or changes it as long as nothing was charged by it. Restricted.
    /// @param approvals Over `price` in this contract's domain, in any order; see ITwoPersons.
    function setPrice(ReferencePrice calldata price, Cosignature[2] calldata approvals, Entry calldata entry) external;

    /// @notice Meets an obligation with what the account holds free; the units never return. Restricted.
    /// @param signature Over `s` in this contract's domain, by an active ES256K key of the account with purpose asset.
    /// Quota of vintage `year` is accepted; of earlier ones where the terms say so; of later ones from the year's surrender
    /// deadline on (arrears, DOMAIN 5). Offsets are accepted up to the cap. The ledger refuses what is not held free
    /// (`BalanceInsufficient`) and suspended accounts.
    function surrender(Surrender calldata s, Cosignature calldata signature, Entry calldata entry) external;

    /// @notice Turns quota of a vintage into quota of the next one, from the surrender deadline until before
    /// `carryOverUntil`, once nothing is due; at most `floor((emissions * carryBaseBps + netSoldTonnes * carryMultipleBps) /
    /// 10000)` of a vintage together. Restricted.
    /// @param signature Over `c` in this contract's domain, by an active ES256K key of the account with purpose asset.
    /// @param netSoldTonnes What the account sold of the vintage more than it bought, 0 for less; by the registrar's word.
    function carryOver(CarryOver calldata c, Cosignature calldata signature, uint64 netSoldTonnes, Entry calldata entry)
        external;

    /// @notice From the account's deadline on: what is due is missing, and charged with `missed * fenPerTonne *
    /// chargeMultipleBps / 10000` fen, half up. Once per revision of the emissions. Restricted.
    /// Where nothing is missing, no price is asked for.
    function assess(bytes32 opId, bytes32 account, uint16 year, Entry calldata entry) external;

    /// @notice What was surrendered for the year beyond its obligation counts for the next one from now on (DOMAIN 2). No
    /// unit moves; nobody can trade a credit. Restricted.
    function credit(bytes32 opId, bytes32 account, uint16 year, Entry calldata entry) external;

    /// @notice From `closesAt` on: cancels what is free of the year's vintage in these accounts (DOMAIN 6). Frozen units
    /// stay, so that an account can be closed again when they are released. Restricted.
    /// @param accounts 1 to 64.
    function close(bytes32 opId, uint16 year, bytes32[] calldata accounts, Entry calldata entry) external;

    /// @notice What holds for the year; `surrenderDeadline` 0: nothing.
    function termsOf(uint16 year) external view returns (Terms memory);

    /// @notice What a missing tonne of the year is charged by, and whether a charge was; 0: nothing.
    function priceOf(uint16 year) external view returns (uint64 fenPerTonne, bool charged);

    /// @notice How an account stands in a year, by the emissions as they are registered now.
    function positionOf(bytes32 account, uint16 year) external view returns (Position memory);

    /// @notice The registry whose numbers are the obligations.
    function emissionsRegistry() external view returns (address);

    /// @notice The ledger whose units are surrendered.
    function carbonLedger() external view returns (address);
}
