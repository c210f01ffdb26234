// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title The floor that the exchange is measured against (P5): two signed orders, units against cash, on one ledger.
/// @notice Orders as the exchange has them, and nothing but what makes a trade a trade: both signed, not expired, prices that
/// meet, no order beyond its tonnes, nobody below zero. An account is its key's
/// address. No roles, days, bands, locks, fees, counterparties,
/// ends of orders or keys: whatever the exchange costs besides is the price of those. For benchmarks only: anybody gives itself
/// what it likes.
contract OneLedger {
    struct Order {
        bytes32 account;
        uint32 asset;
        uint8 side;
        uint64 tonnes;
        uint32 priceFen;
        uint8 kind;
        bytes32 counterparty;
        uint64 minimumFill;
        uint16 feeLimitBps;
        uint64 deadline;
        uint32 epoch;
        bytes32 salt;
    }

    struct Cosignature {
        bytes32 r;
        bytes32 vs;
    }

    bytes32 private constant _DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)");
    bytes32 private constant _ORDER_TYPEHASH = keccak256(
        "Order(bytes32 account,uint32 asset,uint8 side,uint64 tonnes,uint32 priceFen,uint8 kind,bytes32 counterparty,uint64 minimumFill,uint16 feeLimitBps,uint64 deadline,uint32 epoch,bytes32 salt)"
    );

    bytes32 private immutable _separator;

    mapping(bytes32 account => uint256 fen) public cash;
    mapping(bytes32 account => mapping(uint32 asset => uint256 tonnes)) public units;
    mapping(bytes32 orderHash => uint256 tonnes) public filled;

    event Settled(bytes32 indexed buyHash, bytes32 indexed sellHash, uint64 tonnes, uint32 priceFen);

    error Unsound();
    error Expired();
    error Unsigned();
    error Beyond();
    error Insufficient();

    constructor(bytes32 deploymentId) {
        _separator = keccak256(
            abi.encode(_DOMAIN_TYPEHASH, keccak256("Tanlu"), keccak256("1"), block.chainid, address(this), deploymentId)
        );
    }

    function give(uint32 asset, uint256 tonnes, uint256 fen) external {
        bytes32 account = bytes32(uint256(uint160(msg.sender)));
        units[account][asset] += tonnes;
        cash[account] += fen;
    }

    function settle(
        Order calldata buy,
        Order calldata sell,
        uint64 tonnes,
        uint32 priceFen,
        Cosignature calldata buySignature,
        Cosignature calldata sellSignature
    ) external {
        if (tonnes == 0 || buy.side != 1 || sell.side != 2 || buy.asset != sell.asset) {
            revert Unsound();
        }
        if (buy.account == sell.account) revert Unsound();
        if (priceFen == 0 || priceFen > buy.priceFen || priceFen < sell.priceFen) revert Unsound();
        bytes32 buyHash = _use(buy, tonnes, buySignature);
        bytes32 sellHash = _use(sell, tonnes, sellSignature);
        uint256 value = uint256(tonnes) * priceFen;
        uint256 fen = cash[buy.account];
        if (fen < value) revert Insufficient();
        uint256 there = units[sell.account][sell.asset];
        if (there < tonnes) revert Insufficient();
        unchecked {
            cash[buy.account] = fen - value;
            units[sell.account][sell.asset] = there - tonnes;
        }
        cash[sell.account] += value;
        units[buy.account][buy.asset] += tonnes;
        emit Settled(buyHash, sellHash, tonnes, priceFen);
    }

    function _use(Order calldata order, uint64 tonnes, Cosignature calldata signature)
        private
        returns (bytes32 orderHash)
    {
        if (block.timestamp >= order.deadline) revert Expired();
        orderHash = _hash(order);
        bytes32 s = signature.vs & bytes32(uint256(type(int256).max));
        address signer = ecrecover(orderHash, uint8(uint256(signature.vs >> 255)) + 27, signature.r, s);
        if (signer == address(0) || bytes32(uint256(uint160(signer))) != order.account) revert Unsigned();
        uint256 sum = filled[orderHash] + tonnes;
        if (sum > order.tonnes) revert Beyond();
        filled[orderHash] = sum;
    }

    function _hash(Order calldata order) private view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", _separator, keccak256(abi.encode(_ORDER_TYPEHASH, order))));
    }
}
