// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {CarbonLedger} from "../../CarbonLedger.sol";
import {IAllocations} from "../../interfaces/IAllocations.sol";
import {IArrivals} from "../../interfaces/IArrivals.sol";
import {IFreezes} from "../../interfaces/IFreezes.sol";
import {ITransfers} from "../../interfaces/ITransfers.sol";
import {AssetId, Assets} from "../../libraries/AssetId.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {Entry} from "../../libraries/Entry.sol";
import {RegistryFixture} from "./RegistryFixture.sol";

/// @title A ledger over the registry's enterprises and persons, and each of its calls with everything in order.
/// @notice The test is the registrar and the contract with roles 2 and 3. `_call` signs as the park's and the regulator's persons,
/// or as the holder.
abstract contract LedgerFixture is RegistryFixture {
    bytes32 internal constant ISSUE =
        keccak256("Issue(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,bytes32 documentHash)");
    bytes32 internal constant RUN = keccak256(
        "AllocationRun(bytes32 opId,bytes32 reserve,uint16 vintage,uint64 tonnes,bytes32 itemsHash,bytes32 inputRoot,uint64 returnDue)"
    );
    bytes32 internal constant RETURN =
        keccak256("Return(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,uint64 deadline)");
    bytes32 internal constant OPENING =
        keccak256("OpeningBalance(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)");
    bytes32 internal constant OFFSET = keccak256(
        "OffsetEntry(bytes32 opId,bytes32 account,uint64 tonnes,bytes32 series,uint64 firstSerial,uint64 lastSerial,bytes32 cancellationHash,bytes32 documentHash)"
    );
    bytes32 internal constant FREEZE =
        keccak256("Freeze(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)");
    bytes32 internal constant RELEASE =
        keccak256("Release(bytes32 opId,bytes32 freeze,uint64 tonnes,bytes32 documentHash)");
    bytes32 internal constant SUSPENSION =
        keccak256("Suspension(bytes32 opId,bytes32 account,bool suspended,bytes32 documentHash)");
    bytes32 internal constant TRANSFER = keccak256(
        "Transfer(bytes32 opId,bytes32 from,bytes32 to,uint32 asset,uint64 tonnes,uint8 cause,bytes32 freeze,bytes32 documentHash)"
    );
    bytes32 internal constant CANCEL_BY_ORDER =
        keccak256("CancelByOrder(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)");
    bytes32 internal constant CANCEL =
        keccak256("Cancel(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,uint64 deadline)");

    bytes32 internal constant RESERVE = keccak256("park");
    bytes32 internal constant MINUTES = keccak256("the decision");
    bytes32 internal constant INPUTS = keccak256("the inputs");
    bytes32 internal constant SERIES = keccak256("CCER-2024-17");
    uint16 internal constant VINTAGE = 2026;
    uint64 internal constant CAP = 92_000;
    uint64 internal constant LOG_INDEX = 77;
    AssetId internal constant QUOTA = AssetId.wrap(0x0001_0000 + uint32(VINTAGE));
    AssetId internal constant NEXT_QUOTA = AssetId.wrap(0x0001_0000 + uint32(VINTAGE) + 1);
    AssetId internal constant CCER = Assets.CCER;

    CarbonLedger internal ledger;
    AccessManager internal manager;
    Entry internal entry;
    uint64 internal deadline;

    function _deployLedger() internal {
        _deploy();
        _enterprises();
        _people();
        manager = new AccessManager(address(this));
        ledger = new CarbonLedger(address(manager), DEPLOYMENT_ID, registry);
        entry = Entry(_leaf(LOG_INDEX), LOG_INDEX);
        deadline = uint64(block.timestamp) + 1 days;
    }

    /// @dev The cap in the reserve.
    function _issued() internal {
        _perform(_call(_issue(CAP)));
    }

    /// @dev Free quota of the vintage in an account.
    function _given(bytes32 account, uint64 tonnes) internal {
        IArrivals.OpeningBalance memory m = _opening(tonnes);
        m.account = account;
        _perform(_call(m));
    }

    function _issue(uint64 tonnes) internal returns (IAllocations.Issue memory) {
        return IAllocations.Issue(_nextOp(), RESERVE, VINTAGE, tonnes, MINUTES);
    }

    function _run(uint64 tonnes, bytes32[] memory parts) internal returns (IAllocations.AllocationRun memory) {
        uint64 due = uint64(block.timestamp) + 28 days;
        bytes32 itemsHash = keccak256(abi.encode(parts));
        return IAllocations.AllocationRun(_nextOp(), RESERVE, VINTAGE, tonnes, itemsHash, INPUTS, due);
    }

    function _return(uint64 tonnes) internal returns (IAllocations.Return memory) {
        return IAllocations.Return(_nextOp(), ACCOUNT, VINTAGE, tonnes, deadline);
    }

    function _opening(uint64 tonnes) internal returns (IArrivals.OpeningBalance memory) {
        return IArrivals.OpeningBalance(_nextOp(), ACCOUNT, QUOTA, tonnes, MINUTES);
    }

    function _offset(uint64 first, uint64 last) internal returns (IArrivals.OffsetEntry memory) {
        bytes32 opId = _nextOp();
        bytes32 cancellation = keccak256(abi.encode("cancellation", opId));
        return IArrivals.OffsetEntry(opId, ACCOUNT, last - first + 1, SERIES, first, last, cancellation, MINUTES);
    }

    function _freeze(uint64 tonnes) internal returns (IFreezes.Freeze memory) {
        return IFreezes.Freeze(_nextOp(), ACCOUNT, QUOTA, tonnes, MINUTES);
    }

    function _release(bytes32 freeze, uint64 tonnes) internal returns (IFreezes.Release memory) {
        return IFreezes.Release(_nextOp(), freeze, tonnes, MINUTES);
    }

    function _suspension(bool suspended) internal returns (IFreezes.Suspension memory) {
        return IFreezes.Suspension(_nextOp(), ACCOUNT, suspended, MINUTES);
    }

    function _transfer(uint64 tonnes, uint8 cause) internal returns (ITransfers.Transfer memory) {
        return ITransfers.Transfer(_nextOp(), ACCOUNT, NEIGHBOUR_ACCOUNT, QUOTA, tonnes, cause, 0, MINUTES);
    }

    function _cancelByOrder(uint64 tonnes) internal returns (ITransfers.CancelByOrder memory) {
        return ITransfers.CancelByOrder(_nextOp(), ACCOUNT, QUOTA, tonnes, MINUTES);
    }

    function _cancel(uint64 tonnes) internal returns (ITransfers.Cancel memory) {
        return ITransfers.Cancel(_nextOp(), ACCOUNT, QUOTA, tonnes, deadline);
    }

    function _call(IAllocations.Issue memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.issue, (m, _two(keccak256(abi.encode(ISSUE, m))), entry));
    }

    function _call(IAllocations.AllocationRun memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.approveRun, (m, _two(keccak256(abi.encode(RUN, m))), entry));
    }

    /// @dev Of the only part.
    function _call(bytes32 run, IAllocations.AllocationItem[] memory items) internal returns (bytes memory) {
        return _call(run, _parts(items), 0, items);
    }

    function _call(bytes32 run, bytes32[] memory parts, uint32 part, IAllocations.AllocationItem[] memory items)
        internal
        returns (bytes memory)
    {
        return abi.encodeCall(CarbonLedger.allocate, (_nextOp(), run, parts, part, items, entry));
    }

    function _call(IAllocations.Return memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.returnOwed, (m, _held(keccak256(abi.encode(RETURN, m))), entry));
    }

    function _call(IArrivals.OpeningBalance memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.carryIn, (m, _two(keccak256(abi.encode(OPENING, m))), entry));
    }

    function _call(IArrivals.OffsetEntry memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.enterOffset, (m, _two(keccak256(abi.encode(OFFSET, m))), entry));
    }

    function _call(IFreezes.Freeze memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.freeze, (m, _two(keccak256(abi.encode(FREEZE, m))), entry));
    }

    function _atOnce(IFreezes.Freeze memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.freezeAtOnce, (m, entry));
    }

    function _confirm(IFreezes.Freeze memory m) internal returns (bytes memory) {
        Cosignature[2] memory approvals = _two(keccak256(abi.encode(FREEZE, m)));
        return abi.encodeCall(CarbonLedger.confirmFreeze, (_nextOp(), m, approvals, entry));
    }

    function _lapse(bytes32 freeze) internal returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.lapseFreeze, (_nextOp(), freeze, entry));
    }

    function _call(IFreezes.Release memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.release, (m, _two(keccak256(abi.encode(RELEASE, m))), entry));
    }

    function _call(IFreezes.Suspension memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.suspend, (m, _two(keccak256(abi.encode(SUSPENSION, m))), entry));
    }

    function _call(ITransfers.Transfer memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.transfer, (m, _two(keccak256(abi.encode(TRANSFER, m))), entry));
    }

    function _call(ITransfers.CancelByOrder memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.cancelByOrder, (m, _two(keccak256(abi.encode(CANCEL_BY_ORDER, m))), entry));
    }

    function _call(ITransfers.Cancel memory m) internal view returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.cancel, (m, _held(keccak256(abi.encode(CANCEL, m))), entry));
    }

    function _collect(bytes32 account) internal returns (bytes memory) {
        return abi.encodeCall(CarbonLedger.collectOwed, (_nextOp(), account, VINTAGE, entry));
    }

    /// @dev The park's and the regulator's persons approve.
    function _two(bytes32 structHash) internal view returns (Cosignature[2] memory) {
        return [
            _sign(PARK_PERSON, structHash, address(ledger), DEPLOYMENT_ID),
            _sign(REGULATOR_PERSON, structHash, address(ledger), DEPLOYMENT_ID)
        ];
    }

    /// @dev The enterprise's holder signs.
    function _held(bytes32 structHash) internal view returns (Cosignature memory) {
        return _sign(HOLDER, structHash, address(ledger), DEPLOYMENT_ID);
    }

    function _parts(IAllocations.AllocationItem[] memory items) internal pure returns (bytes32[] memory parts) {
        parts = new bytes32[](1);
        parts[0] = keccak256(abi.encode(items));
    }

    /// @dev The first word of its arguments.
    function _opIdOf(bytes memory call) internal pure returns (bytes32 opId) {
        for (uint256 i = 0; i < 32; ++i) {
            opId |= bytes32(call[4 + i]) >> (8 * i);
        }
    }

    function _approvers() internal pure returns (address[2] memory) {
        return [vm.addr(PARK_PERSON), vm.addr(REGULATOR_PERSON)];
    }

    function _perform(bytes memory call) internal {
        (bool succeeded, bytes memory returned) = address(ledger).call(call);
        if (!succeeded) revert RefusedOtherwise(returned, 0);
    }

    function _refuse(bytes memory call, bytes memory expected) internal {
        assertRefusedWith(address(ledger), call, expected);
    }

    /// @dev Where the test keeps units as a custodian.
    function _custodian() internal view returns (bytes32) {
        return bytes32(uint256(uint160(address(this))));
    }

    function _holds(bytes32 account, AssetId asset, uint64 registry, uint64 frozen) internal view {
        (uint64 free, uint64 held) = ledger.balanceOf(account, asset);
        assertEq(free, registry);
        assertEq(held, frozen);
    }

    function _supplies(AssetId asset, uint64 issued, uint64 surrendered, uint64 cancelled) internal view {
        (uint64 made, uint64 given, uint64 ended) = ledger.supplyOf(asset);
        assertEq(made, issued);
        assertEq(given, surrendered);
        assertEq(ended, cancelled);
    }

    function _owes(bytes32 account, uint64 tonnes, uint64 dueAt, bytes32 reserve) internal view {
        (uint64 owed, uint64 due, bytes32 to) = ledger.owedOf(account);
        assertEq(owed, tonnes);
        assertEq(due, dueAt);
        assertEq(to, reserve);
    }
}
