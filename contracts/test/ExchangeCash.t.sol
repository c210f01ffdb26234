// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IActs} from "../interfaces/IActs.sol";
import {ICashBook} from "../interfaces/ICashBook.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {ITradingBook} from "../interfaces/ITradingBook.sol";
import {ITradingDays} from "../interfaces/ITradingDays.sol";
import {ITwoPersons} from "../interfaces/ITwoPersons.sol";
import {Cosignature} from "../libraries/CompactSignature.sol";
import {ExchangeFixture} from "./base/ExchangeFixture.sol";

/// @title Cash comes by two persons, leaves to the bound account alone, and stands still while the bank differs (DOMAIN 21).
contract ExchangeCashTest is ExchangeFixture {
    function setUp() external {
        _deployExchange();
        _do(_call(_marketTerms(AGREEMENT)));
    }

    function test_cashComesAndGoesAndTheEventsSaySo() external {
        ICashBook.BankBinding memory bound = _binding();
        bytes memory call = _call(bound);
        vm.expectEmit(address(exchange));
        emit ICashBook.BankBound(BUYER, bound.opId, BANK_ACCOUNT, MINUTES, _approvers(), entry.leafHash, entry.logIndex);
        _do(call);
        assertEq(exchange.bankAccountOf(BUYER), BANK_ACCOUNT);
        ICashBook.Deposit memory came = _deposit(1_000);
        call = _call(came);
        vm.expectEmit(address(exchange));
        emit ICashBook.Deposited(
            BUYER, came.opId, came.bankReference, 1_000, _approvers(), entry.leafHash, entry.logIndex
        );
        _do(call);
        _has(BUYER, 1_000, 0, 0);
        ICashBook.Withdrawal memory w = _withdrawal(400);
        call = _call(w);
        vm.expectEmit(address(exchange));
        emit ICashBook.Withdrawn(BUYER, w.opId, 400, BANK_ACCOUNT, entry.leafHash, entry.logIndex);
        _do(call);
        _has(BUYER, 600, 0, 400);
        assertEq(exchange.totalCash(), 1_000);
        ICashBook.Payout memory p = _payout(w.opId, true);
        call = _call(p);
        vm.expectEmit(address(exchange));
        emit ICashBook.PaidOut(
            BUYER, p.opId, w.opId, 400, true, p.bankReference, _approvers(), entry.leafHash, entry.logIndex
        );
        _do(call);
        _has(BUYER, 600, 0, 0);
        assertEq(exchange.totalCash(), 600);
        (bytes32 account, uint64 fen, bool pending) = exchange.withdrawalOf(w.opId);
        assertEq(account, BUYER);
        assertEq(fen, 400);
        assertTrue(!pending, "answered");
        assertEq(exchange.holderCount(), 1);
    }

    function test_whatTheBankDidNotPayIsFreeAgain() external {
        _bindAndDeposit(1_000);
        ICashBook.Withdrawal memory w = _withdrawal(1_000);
        _do(_call(w));
        ICashBook.Payout memory p = _payout(w.opId, false);
        p.bankReference = 0;
        _do(_call(p));
        _has(BUYER, 1_000, 0, 0);
        assertEq(exchange.totalCash(), 1_000);
        _decline(_call(_payout(w.opId, true)), abi.encodeWithSelector(ICashBook.WithdrawalNotPending.selector, w.opId));
        _decline(
            _call(_payout(keccak256("none"), true)),
            abi.encodeWithSelector(ICashBook.WithdrawalNotPending.selector, keccak256("none"))
        );
    }

    function test_withdrawalsGoToTheBoundAccountOfTheirHolderAlone() external {
        _do(_call(_deposit(1_000)));
        _decline(
            _call(_withdrawal(1)),
            abi.encodeWithSelector(ICashBook.BankAccountInvalid.selector, BUYER, BANK_ACCOUNT, bytes32(0))
        );
        _do(_call(_binding()));
        ICashBook.Withdrawal memory w = _withdrawal(1);
        w.bankAccount = keccak256("another name's");
        _decline(
            _call(w), abi.encodeWithSelector(ICashBook.BankAccountInvalid.selector, BUYER, w.bankAccount, BANK_ACCOUNT)
        );
        w = _withdrawal(1);
        Cosignature memory other = _word(SELLER_KEY, keccak256(abi.encode(WITHDRAWAL, w)));
        _decline(
            abi.encodeCall(ICashBook.withdraw, (w, other, entry)),
            abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, BUYER, vm.addr(SELLER_KEY))
        );
        _decline(
            _call(_withdrawal(1_001)), abi.encodeWithSelector(ICashBook.CashInsufficient.selector, BUYER, 1_001, 1_000)
        );
        _decline(_call(_withdrawal(0)), abi.encodeWithSelector(IExchange.AmountZero.selector));
        _do(_barCall(BUYER, true));
        _decline(_call(_withdrawal(1)), abi.encodeWithSelector(ITradingBook.AccountBarred.selector, BUYER));
        _do(_barCall(BUYER, false));
        bytes memory call = _call(_withdrawal(1));
        _do(call);
        _decline(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, _opIdOf(call)));
        vm.warp(deadline);
        _decline(_call(_withdrawal(1)), abi.encodeWithSelector(ISpeakers.IntentExpired.selector, deadline));
    }

    function test_aBankReferenceCountsOnce() external {
        ICashBook.Deposit memory m = _deposit(1_000);
        _do(_call(m));
        bytes32 taken = m.bankReference;
        m = _deposit(1_000);
        m.bankReference = taken;
        _decline(_call(m), abi.encodeWithSelector(ICashBook.BankReferenceInvalid.selector, taken));
        m.bankReference = 0;
        _decline(_call(m), abi.encodeWithSelector(ICashBook.BankReferenceInvalid.selector, bytes32(0)));
        _do(_call(_binding()));
        ICashBook.Withdrawal memory w = _withdrawal(1);
        _do(_call(w));
        ICashBook.Payout memory p = _payout(w.opId, true);
        p.bankReference = taken;
        _decline(_call(p), abi.encodeWithSelector(ICashBook.BankReferenceInvalid.selector, taken));
        _has(BUYER, 999, 0, 1);
    }

    function test_depositsAreOfEnterprisesAndParksAndHaveABound() external {
        ICashBook.Deposit memory m = _deposit(1);
        m.account = keccak256("regulator");
        _decline(_call(m), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, m.account, 5));
        _decline(_call(_deposit(0)), abi.encodeWithSelector(IExchange.AmountZero.selector));
        uint64 most = uint64(type(int64).max);
        _do(_call(_deposit(1)));
        _decline(_call(_deposit(most)), abi.encodeWithSelector(ICashBook.CashExceeded.selector, most, most - 1));
        _do(_call(_deposit(most - 1)));
        _has(BUYER, most, 0, 0);
    }

    function test_whatTwoPersonsDecideIsOfTwoBodies() external {
        ICashBook.Deposit memory m = _deposit(1);
        bytes32 structHash = keccak256(abi.encode(DEPOSIT, m));
        Cosignature[2] memory approvals = [_word(PARK_PERSON, structHash), _word(OTHER_PARK_PERSON, structHash)];
        _decline(
            abi.encodeCall(ICashBook.deposit, (m, approvals, entry)),
            abi.encodeWithSelector(ITwoPersons.ApproversOfOneBody.selector, RESERVE)
        );
        ICashBook.BankBinding memory b = _binding();
        structHash = keccak256(abi.encode(BINDING, b));
        approvals = [_word(PARK_PERSON, structHash), _word(BUYER_KEY, structHash)];
        _decline(
            abi.encodeCall(ICashBook.bind, (b, approvals, entry)),
            abi.encodeWithSelector(ITwoPersons.ApproverInvalid.selector, vm.addr(BUYER_KEY))
        );
        b = _binding();
        b.bankAccount = 0;
        _decline(_call(b), abi.encodeWithSelector(ICashBook.BankAccountInvalid.selector, BUYER, bytes32(0), bytes32(0)));
        b = _binding();
        b.documentHash = 0;
        _decline(_call(b), abi.encodeWithSelector(IActs.DocumentHashZero.selector));
        b = _binding();
        b.account = keccak256("person/a1");
        _decline(_call(b), abi.encodeWithSelector(ISpeakers.KindInvalid.selector, b.account, 6));
    }

    function test_cashStandsStillWhileTheBankDiffers() external {
        _bindAndDeposit(1_000);
        bytes memory call = _reconcileCall(999);
        vm.expectEmit(address(exchange));
        emit ICashBook.Reconciled(DAY, _opIdOf(call), 999, 1_000, entry.leafHash, entry.logIndex);
        _do(call);
        assertTrue(exchange.cashHalted(), "halted");
        bytes memory halted = abi.encodeWithSelector(ICashBook.CashHalted.selector);
        _decline(_call(_withdrawal(1)), halted);
        _decline(_moveCall(_move(BUYER, CASH, 1, true), BUYER_KEY), halted);
        _decline(_sweepCall(BUYER, CASH, 1), halted);
        // What mends the difference goes on.
        _do(_call(_deposit(1)));
        _do(_reconcileCall(1_001));
        assertTrue(!exchange.cashHalted(), "goes on");
        _do(_moveCall(_move(BUYER, CASH, 1, true), BUYER_KEY));
        _has(BUYER, 1_000, 1, 0);
    }

    /// DOMAIN 12: at most 200 holders; one who came before is none too many.
    function test_noMoreHoldersThanTheTermsSay() external {
        ITradingDays.MarketTerms memory t = _marketTerms(AGREEMENT);
        t.maximumHolders = 1;
        _do(_call(t));
        _do(_call(_deposit(1)));
        _do(_call(_deposit(1)));
        ICashBook.Deposit memory m = _deposit(1);
        m.account = SELLER;
        _decline(_call(m), abi.encodeWithSelector(ITradingBook.HoldersExceeded.selector, SELLER, 1));
        t = _marketTerms(AGREEMENT);
        t.maximumHolders = 0;
        _do(_call(t));
        _do(_call(m));
        assertEq(exchange.holderCount(), 2);
    }

    function test_withoutTermsNothingComes() external {
        exchange = IExchange(_createExchange(abi.encode(manager, DEPLOYMENT_ID, registry, ledger)));
        _decline(_call(_deposit(1)), abi.encodeWithSelector(ITradingDays.TermsUnknown.selector));
    }

    function _bindAndDeposit(uint64 fen) private {
        _do(_call(_binding()));
        _do(_call(_deposit(fen)));
    }
}
