// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CarbonLedger} from "../../CarbonLedger.sol";
import {ICashBook} from "../../interfaces/ICashBook.sol";
import {IExchange} from "../../interfaces/IExchange.sol";
import {IOrderBook} from "../../interfaces/IOrderBook.sol";
import {ISettlement} from "../../interfaces/ISettlement.sol";
import {ITradingBook} from "../../interfaces/ITradingBook.sol";
import {ITradingDays} from "../../interfaces/ITradingDays.sol";
import {AssetId} from "../../libraries/AssetId.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {ExchangeArtifact} from "./ExchangeArtifact.sol";
import {LedgerFixture} from "./LedgerFixture.sol";

/// @title An exchange over the ledger, and each of its calls with everything in order.
/// @notice The test is the registrar. The exchange is the committed artifact: what is tested is what is deployed.
abstract contract ExchangeFixture is LedgerFixture, ExchangeArtifact {
    bytes32 internal constant TERMS = keccak256(
        "MarketTerms(bytes32 opId,uint8 mode,uint16 bandBps,uint16 blockBandBps,uint24 blockThreshold,uint8 lockDays,uint8 feeBps,bytes32 feeAccount,uint40 minimumVolume,uint16 minimumGroups,uint16 maximumHolders,uint32 releaseDelay,bytes32 documentHash)"
    );
    bytes32 internal constant REFERENCE =
        keccak256("MarketReference(bytes32 opId,uint32 asset,uint32 priceFen,bytes32 documentHash)");
    bytes32 internal constant BINDING =
        keccak256("BankBinding(bytes32 opId,bytes32 account,bytes32 bankAccount,bytes32 documentHash)");
    bytes32 internal constant DEPOSIT =
        keccak256("Deposit(bytes32 opId,bytes32 account,uint64 fen,bytes32 bankReference)");
    bytes32 internal constant WITHDRAWAL =
        keccak256("Withdrawal(bytes32 opId,bytes32 account,uint64 fen,bytes32 bankAccount,uint64 deadline)");
    bytes32 internal constant PAYOUT =
        keccak256("Payout(bytes32 opId,bytes32 withdrawal,bool paid,bytes32 bankReference)");
    bytes32 internal constant MOVE =
        keccak256("TradingMove(bytes32 opId,bytes32 account,uint32 asset,uint64 amount,bool inward,uint64 deadline)");
    bytes32 internal constant ORDER = keccak256(
        "Order(bytes32 account,uint32 asset,uint8 side,uint64 tonnes,uint32 priceFen,uint8 kind,bytes32 counterparty,uint64 minimumFill,uint16 feeLimitBps,uint64 deadline,uint32 epoch,bytes32 salt)"
    );
    bytes32 internal constant CANCEL_ORDER =
        keccak256("CancelOrder(bytes32 opId,bytes32 account,bytes32 orderHash,uint64 deadline)");
    bytes32 internal constant CANCEL_ALL =
        keccak256("CancelAll(bytes32 opId,bytes32 account,uint32 epoch,uint64 deadline)");

    AssetId internal constant CASH = AssetId.wrap(0x0003_0000);
    bytes32 internal constant BUYER = ACCOUNT;
    uint256 internal constant BUYER_KEY = HOLDER;
    bytes32 internal constant SELLER = keccak256("enterprise/seller");
    uint256 internal constant SELLER_KEY = 0x7005;
    bytes32 internal constant BANK_ACCOUNT = keccak256("6222 0000 0000 0001");
    uint8 internal constant AGREEMENT = 1;
    uint8 internal constant LICENSED = 2;
    uint32 internal constant DAY = 20_260_914;
    uint32 internal constant OPENING_FEN = 6_000;
    uint32 internal constant PRICE_FEN = 6_250;
    uint32 internal constant RELEASE_DELAY = 1 days;

    IExchange internal exchange;
    uint32 internal cutOff;
    uint256 private _salts;

    function _deployExchange() internal {
        _deployLedger();
        _enrolIn(
            keccak256("other group"),
            "enterprise/seller",
            2,
            RESERVE,
            _grant(SELLER, ES256K, SELLER_KEY, STATEMENT_AND_ASSET, 30)
        );
        exchange = IExchange(_createExchange(abi.encode(manager, DEPLOYMENT_ID, registry, ledger)));
        bytes4[] memory custody = new bytes4[](2);
        (custody[0], custody[1]) = (CarbonLedger.takeCustody.selector, CarbonLedger.giveBack.selector);
        manager.setTargetFunctionRole(address(ledger), custody, 3);
        manager.grantRole(3, address(exchange), 0);
        cutOff = uint32(block.timestamp) + 8 hours;
    }

    /// @dev A licensed day, units of the seller and cash of the buyer in trading.
    function _opened() internal {
        _opened(_marketTerms(LICENSED));
    }

    function _opened(ITradingDays.MarketTerms memory t) internal {
        _do(_call(t));
        _do(_call(_reference(OPENING_FEN)));
        _do(_openCall(DAY));
        _funded(BUYER, BUYER_KEY, 20_000_000);
        _stocked(SELLER, SELLER_KEY, 2_000);
    }

    /// @dev Cash in trading.
    function _funded(bytes32 account, uint256 key, uint64 fen) internal {
        ICashBook.Deposit memory m = _deposit(fen);
        m.account = account;
        _do(_call(m));
        _do(_moveCall(_move(account, CASH, fen, true), key));
    }

    /// @dev Units in trading, and 1,000 more in the registry; once for an account.
    function _stocked(bytes32 account, uint256 key, uint64 tonnes) internal {
        _given(account, tonnes + 1_000);
        _do(_moveCall(_move(account, QUOTA, tonnes, true), key));
    }

    function _marketTerms(uint8 mode) internal returns (ITradingDays.MarketTerms memory t) {
        t.opId = _nextOp();
        t.mode = mode;
        t.bandBps = 1_000;
        t.blockBandBps = 3_000;
        t.blockThreshold = 1_000;
        t.lockDays = 5;
        t.minimumVolume = 10;
        t.minimumGroups = 2;
        t.maximumHolders = 200;
        t.releaseDelay = RELEASE_DELAY;
        t.documentHash = MINUTES;
    }

    function _reference(uint32 priceFen) internal returns (ITradingDays.MarketReference memory) {
        return ITradingDays.MarketReference(_nextOp(), QUOTA, priceFen, MINUTES);
    }

    function _deposit(uint64 fen) internal returns (ICashBook.Deposit memory) {
        bytes32 opId = _nextOp();
        return ICashBook.Deposit(opId, BUYER, fen, keccak256(abi.encode("bank", opId)));
    }

    function _binding() internal returns (ICashBook.BankBinding memory) {
        return ICashBook.BankBinding(_nextOp(), BUYER, BANK_ACCOUNT, MINUTES);
    }

    function _withdrawal(uint64 fen) internal returns (ICashBook.Withdrawal memory) {
        return ICashBook.Withdrawal(_nextOp(), BUYER, fen, BANK_ACCOUNT, deadline);
    }

    function _payout(bytes32 withdrawal, bool paid) internal returns (ICashBook.Payout memory) {
        bytes32 opId = _nextOp();
        return ICashBook.Payout(opId, withdrawal, paid, keccak256(abi.encode("bank", opId)));
    }

    function _move(bytes32 account, AssetId asset, uint64 amount, bool inward)
        internal
        returns (ITradingBook.TradingMove memory)
    {
        return ITradingBook.TradingMove(_nextOp(), account, asset, amount, inward, deadline);
    }

    /// @dev Listed, for anybody.
    function _order(uint8 side, uint64 tonnes, uint32 priceFen) internal returns (IOrderBook.Order memory o) {
        o.account = side == 1 ? BUYER : SELLER;
        o.asset = QUOTA;
        o.side = side;
        o.tonnes = tonnes;
        o.priceFen = priceFen;
        o.kind = 1;
        o.deadline = deadline;
        o.salt = keccak256(abi.encode("salt", ++_salts));
    }

    /// @dev All of two orders at one price, signed by their holders.
    function _trade(uint64 tonnes, uint32 priceFen) internal returns (ISettlement.Trade memory t) {
        t.opId = _nextOp();
        t.day = DAY;
        t.tonnes = tonnes;
        t.priceFen = priceFen;
        t.buyLeaf = _leaf(101);
        t.sellLeaf = _leaf(102);
        t.buy = _order(1, tonnes, priceFen);
        t.sell = _order(2, tonnes, priceFen);
        _signed(t);
    }

    /// @dev After a change of an order.
    function _signed(ISettlement.Trade memory t) internal view {
        t.buySignature = _signOrder(BUYER_KEY, t.buy);
        t.sellSignature = _signOrder(SELLER_KEY, t.sell);
    }

    function _signOrder(uint256 key, IOrderBook.Order memory o) internal view returns (Cosignature memory) {
        return _sign(key, keccak256(abi.encode(ORDER, o)), address(exchange), DEPLOYMENT_ID);
    }

    /// @dev Written out, so that the contract's own hash is not taken for granted.
    function _hash(IOrderBook.Order memory o) internal view returns (bytes32) {
        return _typed(keccak256(abi.encode(ORDER, o)), address(exchange), DEPLOYMENT_ID);
    }

    function _call(ITradingDays.MarketTerms memory m) internal view returns (bytes memory) {
        return abi.encodeCall(ITradingDays.setTerms, (m, _pair(keccak256(abi.encode(TERMS, m))), entry));
    }

    function _call(ITradingDays.MarketReference memory m) internal view returns (bytes memory) {
        return abi.encodeCall(ITradingDays.setReference, (m, _pair(keccak256(abi.encode(REFERENCE, m))), entry));
    }

    function _call(ICashBook.BankBinding memory m) internal view returns (bytes memory) {
        return abi.encodeCall(ICashBook.bind, (m, _pair(keccak256(abi.encode(BINDING, m))), entry));
    }

    function _call(ICashBook.Deposit memory m) internal view returns (bytes memory) {
        return abi.encodeCall(ICashBook.deposit, (m, _pair(keccak256(abi.encode(DEPOSIT, m))), entry));
    }

    function _call(ICashBook.Payout memory m) internal view returns (bytes memory) {
        return abi.encodeCall(ICashBook.payout, (m, _pair(keccak256(abi.encode(PAYOUT, m))), entry));
    }

    function _call(ICashBook.Withdrawal memory m) internal view returns (bytes memory) {
        Cosignature memory signature = _word(BUYER_KEY, keccak256(abi.encode(WITHDRAWAL, m)));
        return abi.encodeCall(ICashBook.withdraw, (m, signature, entry));
    }

    function _moveCall(ITradingBook.TradingMove memory m, uint256 key) internal view returns (bytes memory) {
        return abi.encodeCall(ITradingBook.move, (m, _word(key, keccak256(abi.encode(MOVE, m))), entry));
    }

    function _openCall(uint32 day) internal returns (bytes memory) {
        return abi.encodeCall(ITradingDays.openDay, (_nextOp(), QUOTA, day, cutOff, entry));
    }

    function _haltCall(uint32 day, bool halted) internal returns (bytes memory) {
        return abi.encodeCall(ITradingDays.haltDay, (_nextOp(), QUOTA, day, halted, entry));
    }

    function _closeCall(uint32 day, uint16 groups) internal returns (bytes memory) {
        return abi.encodeCall(ITradingDays.closeDay, (_nextOp(), QUOTA, day, groups, keccak256("session"), entry));
    }

    function _sweepCall(bytes32 account, AssetId asset, uint64 amount) internal returns (bytes memory) {
        return abi.encodeCall(ITradingBook.sweep, (_nextOp(), account, asset, amount, entry));
    }

    function _barCall(bytes32 account, bool barred) internal returns (bytes memory) {
        return abi.encodeCall(ITradingBook.bar, (_nextOp(), account, barred, entry));
    }

    function _reconcileCall(uint64 bankFen) internal returns (bytes memory) {
        return abi.encodeCall(ICashBook.reconcile, (_nextOp(), DAY, bankFen, entry));
    }

    function _cancelCall(IOrderBook.Order memory o, uint256 key) internal returns (bytes memory) {
        IOrderBook.CancelOrder memory m = IOrderBook.CancelOrder(_nextOp(), o.account, _hash(o), deadline);
        return abi.encodeCall(IOrderBook.cancel, (m, o, _word(key, keccak256(abi.encode(CANCEL_ORDER, m))), entry));
    }

    function _cancelAllCall(bytes32 account, uint32 epoch, uint256 key) internal returns (bytes memory) {
        IOrderBook.CancelAll memory m = IOrderBook.CancelAll(_nextOp(), account, epoch, deadline);
        return abi.encodeCall(IOrderBook.cancelAll, (m, _word(key, keccak256(abi.encode(CANCEL_ALL, m))), entry));
    }

    function _settleCall(ISettlement.Trade memory t) internal pure returns (bytes memory) {
        return abi.encodeCall(ISettlement.settle, (t));
    }

    /// @dev The park's and the regulator's persons, for the exchange.
    function _pair(bytes32 structHash) internal view returns (Cosignature[2] memory) {
        return [_word(PARK_PERSON, structHash), _word(REGULATOR_PERSON, structHash)];
    }

    function _word(uint256 key, bytes32 structHash) internal view returns (Cosignature memory) {
        return _sign(key, structHash, address(exchange), DEPLOYMENT_ID);
    }

    function _do(bytes memory call) internal {
        (bool succeeded, bytes memory returned) = address(exchange).call(call);
        if (!succeeded) revert RefusedOtherwise(returned, 0);
    }

    function _decline(bytes memory call, bytes memory expected) internal {
        assertRefusedWith(address(exchange), call, expected);
    }

    function _trades(bytes32 account, uint64 tonnes, uint64 bound_) internal view {
        (uint64 trading, uint64 locked) = exchange.tradingOf(account, QUOTA);
        assertEq(trading, tonnes);
        assertEq(locked, bound_);
    }

    function _has(bytes32 account, uint64 free, uint64 trading, uint64 withdrawing) internal view {
        (uint64 f, uint64 t, uint64 w) = exchange.cashOf(account);
        assertEq(f, free);
        assertEq(t, trading);
        assertEq(w, withdrawing);
    }

    function _market() internal view returns (bytes32) {
        return bytes32(uint256(uint160(address(exchange))));
    }
}
