// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {Entry} from "../libraries/Entry.sol";
import {Holdings} from "./Holdings.sol";
import {Purse} from "./Purse.sol";

/// @title Orders and their ends; see IOrderBook. Who may call is decided by the contract that inherits this.
abstract contract OrderBook is Holdings, IOrderBook {
    bytes32 private constant _ORDER_TYPEHASH = keccak256(
        "Order(bytes32 account,uint32 asset,uint8 side,uint64 tonnes,uint32 priceFen,uint8 kind,bytes32 counterparty,uint64 minimumFill,uint16 feeLimitBps,uint64 deadline,uint32 epoch,bytes32 salt)"
    );
    bytes32 private constant _CANCEL_TYPEHASH =
        keccak256("CancelOrder(bytes32 opId,bytes32 account,bytes32 orderHash,uint64 deadline)");
    bytes32 private constant _CANCEL_ALL_TYPEHASH =
        keccak256("CancelAll(bytes32 opId,bytes32 account,uint32 epoch,uint64 deadline)");
    /// @dev Above all tonnes that can be filled.
    uint256 internal constant _CANCELLED = 1 << 64;

    /// @dev Tonnes, and whether it was cancelled.
    mapping(bytes32 orderHash => uint256 filled) internal _filled;

    /// @inheritdoc IOrderBook
    function cancelDirect(Order calldata order) external {
        _end(order, _hash(order), _callersAccount(), 0);
    }

    /// @inheritdoc IOrderBook
    function cancelAllDirect() external {
        bytes32 account = _callersAccount();
        _raise(account, uint32(_purses[account].epoch()) + 1, 0);
    }

    /// @inheritdoc IOrderBook
    function hashOrder(Order calldata order) external view returns (bytes32) {
        return _hash(order);
    }

    /// @inheritdoc IOrderBook
    function filledOf(bytes32 orderHash) external view returns (uint64 tonnes, bool cancelled) {
        uint256 filled = _filled[orderHash];
        return (uint64(filled), filled & _CANCELLED != 0);
    }

    /// @inheritdoc IOrderBook
    function epochOf(bytes32 account) external view returns (uint32) {
        return _purses[account].epoch();
    }

    function _cancelOrder(
        CancelOrder calldata m,
        Order calldata order,
        Cosignature calldata signature,
        Entry calldata entry
    ) internal {
        _begin(m.opId, entry);
        _checkHolder(m.account, keccak256(abi.encode(_CANCEL_TYPEHASH, m)), m.deadline, signature);
        bytes32 orderHash = _hash(order);
        if (orderHash != m.orderHash) revert OrderDiffers(orderHash, order.account);
        _end(order, orderHash, m.account, m.opId);
    }

    function _cancelAll(CancelAll calldata m, Cosignature calldata signature, Entry calldata entry) internal {
        _begin(m.opId, entry);
        _checkHolder(m.account, keccak256(abi.encode(_CANCEL_ALL_TYPEHASH, m)), m.deadline, signature);
        _raise(m.account, m.epoch, m.opId);
    }

    function _hash(Order calldata order) internal view returns (bytes32 orderHash) {
        (, orderHash) = _read(order);
    }

    /// @dev The order in memory, where its members lie as EIP-712 hashes them, and its hash: one copy in the place of 24
    /// checked reads (P5). A word with more bits than its member has is hashed as it came and read without them: nobody
    /// signs such an order but who makes it so.
    // slither-disable-next-line assembly
    function _read(Order calldata order) internal view returns (Order memory read, bytes32 orderHash) {
        bytes32 typeHash = _ORDER_TYPEHASH;
        bytes32 structHash;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let place := mload(0x40)
            mstore(0x40, add(place, 0x1a0))
            mstore(place, typeHash)
            read := add(place, 0x20)
            calldatacopy(read, order, 0x180)
            structHash := keccak256(place, 0x1a0)
        }
        orderHash = _typedDigest(structHash);
    }

    function _end(Order calldata order, bytes32 orderHash, bytes32 account, bytes32 opId) private {
        if (order.account != account) revert OrderDiffers(orderHash, order.account);
        _filled[orderHash] |= _CANCELLED;
        emit OrderCancelled(orderHash, account, opId);
    }

    function _raise(bytes32 account, uint32 epoch, bytes32 opId) private {
        Purse purse = _purses[account];
        if (epoch <= purse.epoch() || epoch > type(uint24).max) revert EpochInvalid(epoch, purse.epoch());
        _purses[account] = purse.withEpoch(uint24(epoch));
        emit AllCancelled(account, opId, epoch);
    }
}
