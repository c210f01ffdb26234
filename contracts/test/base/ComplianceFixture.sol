// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {CarbonLedger} from "../../CarbonLedger.sol";
import {Compliance} from "../../Compliance.sol";
import {IArrivals} from "../../interfaces/IArrivals.sol";
import {ICarbonLedger} from "../../interfaces/ICarbonLedger.sol";
import {ICompliance} from "../../interfaces/ICompliance.sol";
import {IEmissionsRegistry} from "../../interfaces/IEmissionsRegistry.sol";
import {AssetId, Assets} from "../../libraries/AssetId.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {Entry} from "../../libraries/Entry.sol";
import {EmissionsFixture} from "./EmissionsFixture.sol";

/// @title The emissions' fixture with a ledger of units and the obligations over both. The test is the registrar.
abstract contract ComplianceFixture is EmissionsFixture {
    bytes32 internal constant TERMS = keccak256(
        "YearTerms(bytes32 opId,uint16 year,uint16 offsetCapBps,uint64 surrenderDeadline,uint64 carryOverUntil,uint64 closesAt,uint16 carryBaseBps,uint32 carryMultipleBps,uint32 chargeMultipleBps,uint32 amendmentSeconds,bool earlierVintages,bytes32 documentHash)"
    );
    bytes32 internal constant PRICE =
        keccak256("ReferencePrice(bytes32 opId,uint16 year,uint64 fenPerTonne,bytes32 documentHash)");
    bytes32 internal constant SURRENDER =
        keccak256("Surrender(bytes32 opId,bytes32 account,uint16 year,uint32 asset,uint64 tonnes,uint64 deadline)");
    bytes32 internal constant CARRY_OVER =
        keccak256("CarryOver(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,uint64 deadline)");
    bytes32 private constant _OPENING =
        keccak256("OpeningBalance(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)");
    bytes32 private constant _OFFSET = keccak256(
        "OffsetEntry(bytes32 opId,bytes32 account,uint64 tonnes,bytes32 series,uint64 firstSerial,uint64 lastSerial,bytes32 cancellationHash,bytes32 documentHash)"
    );
    uint64 internal constant ENTRY = 40;
    uint16 internal constant CAP_BPS = 500;
    uint32 internal constant AMENDMENT = 30 days;
    uint64 internal constant FEN = 6_230;
    AssetId internal constant CCER = AssetId.wrap(0x0002_0000);

    AccessManager internal manager;
    CarbonLedger internal ledger;
    Compliance internal compliance;
    /// @dev Of the year's terms.
    uint64 internal last;
    uint64 internal carryUntil;
    uint64 internal closing;
    uint64 private _statements = 1000;

    /// @dev With terms of YEAR, and neither emissions nor units.
    function _deployCompliance() internal {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(SIZE);
        manager = new AccessManager(address(this));
        ledger = new CarbonLedger(address(manager), DEPLOYMENT_ID, registry);
        compliance = new Compliance(address(manager), DEPLOYMENT_ID, registry, emissions, ledger);
        bytes4[] memory selectors = new bytes4[](3);
        selectors[0] = ICarbonLedger.surrender.selector;
        selectors[1] = ICarbonLedger.carryOver.selector;
        selectors[2] = ICarbonLedger.expire.selector;
        manager.setTargetFunctionRole(address(ledger), selectors, 2);
        manager.grantRole(2, address(compliance), 0);
        last = begin + 60 days;
        carryUntil = last + 31 days;
        closing = carryUntil;
        _comply(_termsCall(_terms()));
    }

    /// @dev The defaults of the park: 5 %, five times, 30 days, 5 % carried over.
    function _terms() internal returns (ICompliance.YearTerms memory) {
        return ICompliance.YearTerms(
            _nextOp(), YEAR, CAP_BPS, last, carryUntil, closing, 500, 15_000, 50_000, AMENDMENT, false, DOCUMENT
        );
    }

    function _termsCall(ICompliance.YearTerms memory t) internal view returns (bytes memory) {
        return abi.encodeCall(ICompliance.setTerms, (t, _approved(keccak256(abi.encode(TERMS, t))), _entry()));
    }

    function _priceCall(bytes32 opId, uint64 fenPerTonne) internal view returns (bytes memory) {
        ICompliance.ReferencePrice memory p = ICompliance.ReferencePrice(opId, YEAR, fenPerTonne, DOCUMENT);
        return abi.encodeCall(ICompliance.setPrice, (p, _approved(keccak256(abi.encode(PRICE, p))), _entry()));
    }

    /// @dev By the holder of ACCOUNT, for YEAR, with an hour to go.
    function _surrender(AssetId asset, uint64 tonnes) internal returns (ICompliance.Surrender memory) {
        return ICompliance.Surrender(_nextOp(), ACCOUNT, YEAR, asset, tonnes, uint64(block.timestamp) + 1 hours);
    }

    function _surrenderCall(ICompliance.Surrender memory s, uint256 key) internal view returns (bytes memory) {
        Cosignature memory signature = _sign(key, _surrenderHash(s), address(compliance), DEPLOYMENT_ID);
        return abi.encodeCall(ICompliance.surrender, (s, signature, _entry()));
    }

    function _surrenderCall(AssetId asset, uint64 tonnes) internal returns (bytes memory) {
        return _surrenderCall(_surrender(asset, tonnes), HOLDER);
    }

    function _surrenderHash(ICompliance.Surrender memory s) internal pure returns (bytes32) {
        return keccak256(abi.encode(SURRENDER, s));
    }

    function _carryCall(uint64 tonnes, uint64 netSold) internal returns (bytes memory) {
        ICompliance.CarryOver memory c =
            ICompliance.CarryOver(_nextOp(), ACCOUNT, YEAR, tonnes, uint64(block.timestamp) + 1 hours);
        bytes32 structHash = keccak256(abi.encode(CARRY_OVER, c));
        Cosignature memory signature = _sign(HOLDER, structHash, address(compliance), DEPLOYMENT_ID);
        return abi.encodeCall(ICompliance.carryOver, (c, signature, netSold, _entry()));
    }

    function _assessCall() internal returns (bytes memory) {
        return abi.encodeCall(ICompliance.assess, (_nextOp(), ACCOUNT, YEAR, _entry()));
    }

    function _creditCall(uint16 year) internal returns (bytes memory) {
        return abi.encodeCall(ICompliance.credit, (_nextOp(), ACCOUNT, year, _entry()));
    }

    function _closeCall(bytes32[] memory accounts) internal returns (bytes memory) {
        return abi.encodeCall(ICompliance.close, (_nextOp(), YEAR, accounts, _entry()));
    }

    /// @dev The next number of the case, on the word of two persons.
    function _determined(bytes32 account, uint16 year, uint64 tonnes) internal {
        (, uint32 revision,,,,,) = emissions.emissionsOf(account, year);
        IEmissionsRegistry.Determination memory d =
            IEmissionsRegistry.Determination(account, year, tonnes, DOCUMENT, revision + 1);
        _take(_determineCall(_nextOp(), d, _decide(d, PARK_PERSON, REGULATOR_PERSON), ++_statements));
    }

    /// @dev Quota of a vintage as an opening balance, or CCER of a series of its own.
    function _give(bytes32 account, AssetId asset, uint64 tonnes) internal {
        bytes32 opId = _nextOp();
        if (asset == CCER) {
            IArrivals.OffsetEntry memory o =
                IArrivals.OffsetEntry(opId, account, tonnes, opId, 1, tonnes, opId, DOCUMENT);
            ledger.enterOffset(o, _approvedFor(keccak256(abi.encode(_OFFSET, o)), address(ledger)), _entry());
        } else {
            IArrivals.OpeningBalance memory b = IArrivals.OpeningBalance(opId, account, asset, tonnes, DOCUMENT);
            ledger.carryIn(b, _approvedFor(keccak256(abi.encode(_OPENING, b)), address(ledger)), _entry());
        }
    }

    function _comply(bytes memory call) internal {
        (bool succeeded, bytes memory returned) = address(compliance).call(call);
        if (!succeeded) revert RefusedOtherwise(returned, 0);
    }

    /// @dev Refused so, and the account's year and units are what they were.
    function _refuseComply(bytes memory call, bytes memory expected) internal {
        bytes32 before = _all();
        assertRefusedWith(address(compliance), call, expected);
        assertEq(_all(), before);
    }

    function _position() internal view returns (ICompliance.Position memory) {
        return compliance.positionOf(ACCOUNT, YEAR);
    }

    function _approved(bytes32 structHash) internal view returns (Cosignature[2] memory) {
        return _approvedFor(structHash, address(compliance));
    }

    function _approvedFor(bytes32 structHash, address target) internal view returns (Cosignature[2] memory) {
        return [
            _sign(PARK_PERSON, structHash, target, DEPLOYMENT_ID),
            _sign(REGULATOR_PERSON, structHash, target, DEPLOYMENT_ID)
        ];
    }

    function _free(AssetId asset) internal view returns (uint64 free) {
        (free,) = ledger.balanceOf(ACCOUNT, asset);
    }

    /// @dev All that ACCOUNT has in three years.
    function _all() internal view returns (bytes32 all) {
        for (uint16 year = YEAR - 1; year <= YEAR + 1; ++year) {
            all = keccak256(abi.encode(all, compliance.positionOf(ACCOUNT, year), _free(_quota(year)), _free(CCER)));
        }
    }

    function _quota(uint16 vintage) internal pure returns (AssetId) {
        return Assets.quotaOf(vintage);
    }

    function _entry() internal pure returns (Entry memory) {
        return Entry(_leaf(ENTRY), ENTRY);
    }
}
