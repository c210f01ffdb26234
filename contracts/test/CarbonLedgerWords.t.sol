// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {CarbonLedger} from "../CarbonLedger.sol";
import {IActs} from "../interfaces/IActs.sol";
import {IAllocations} from "../interfaces/IAllocations.sol";
import {IArrivals} from "../interfaces/IArrivals.sol";
import {IFreezes} from "../interfaces/IFreezes.sol";
import {IKeyBook} from "../interfaces/IKeyBook.sol";
import {IOperations} from "../interfaces/IOperations.sol";
import {ISpeakers} from "../interfaces/ISpeakers.sol";
import {ITransfers} from "../interfaces/ITransfers.sol";
import {ITwoPersons} from "../interfaces/ITwoPersons.sol";
import {CompactSignature, Cosignature} from "../libraries/CompactSignature.sol";
import {LedgerFixture} from "./base/LedgerFixture.sol";

/// @title Nobody's units move without the holder's word or two persons', over exactly what happens (law 7).
/// @notice Arguments are words: each call is a message, one or two signatures of two words, and an entry of two.
contract CarbonLedgerWordsTest is LedgerFixture {
    uint256 private constant _ORDERS = 10;
    uint256 private constant _SIGNED = 12;
    uint256 private constant _ACTS = 13;
    /// @dev The holder's second key, which is not for assets.
    uint256 private constant _DUMB_KEY = 0x7011;

    bytes32 private _held60;
    uint256 private _before;

    function setUp() external {
        _deployLedger();
        _issued();
        _given(ACCOUNT, 100);
        _given(NEIGHBOUR_ACCOUNT, 100);
        IFreezes.Freeze memory m = _freeze(60);
        _perform(_atOnce(m));
        _held60 = m.opId;
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ES256K, _DUMB_KEY, 11, 20);
        registry.addKey(_nextOp(), ACCOUNT, grant, _consent(HOLDER, ACCOUNT, grant));
        _owing();
        _before = _state();
    }

    /// Each word of what was signed counts, whatever it is changed to; the call as it was signed is taken after that.
    function testFuzz_oneChangedWordIsRefused(uint8 which, uint8 where, uint256 how) external {
        (bytes memory call, uint256 start, uint256 words) = _act(which % _SIGNED);
        uint256 at = 4 + 32 * (start + where % words);
        bytes memory changed = bytes.concat(call);
        uint256 word = _word(call, at);
        // Half of the changes stay within what the word's type can say.
        uint256 other = how % 2 == 0 ? word ^ (1 << (how >> 8) % 16) : how;
        if (other == word) other = word + 1;
        _write(changed, at, other);
        (bool taken,) = address(ledger).call(changed);
        assertTrue(!taken, "not what was signed");
        assertEq(_state(), _before);
        _perform(call);
        assertTrue(ledger.opUsed(bytes32(_word(call, 4))), "taken as it was signed");
    }

    function test_eachActTakesEffectOnce() external {
        for (uint256 i = 0; i < _ACTS; ++i) {
            (bytes memory call,,) = _act(i);
            _perform(call);
            _refuse(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, _opIdOf(call)));
            _write(call, 4, 0);
            _refuse(call, abi.encodeWithSelector(IOperations.OpIdZero.selector));
        }
    }

    function test_eachActNamesItsEntry() external {
        for (uint256 i = 0; i < _ACTS; ++i) {
            (bytes memory call,,) = _act(i);
            _write(call, call.length - 64, 0);
            _refuse(call, abi.encodeWithSelector(IActs.LeafHashZero.selector));
        }
    }

    /// Also where nothing is signed, and time has to pass first.
    function test_lapseAndCollectionTakeEffectOnceAndNameTheirEntry() external {
        vm.warp(block.timestamp + 28 days);
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory call = i == 0 ? _lapse(_held60) : _collect(ACCOUNT);
            bytes memory unnamed = bytes.concat(call);
            _write(unnamed, call.length - 64, 0);
            _refuse(unnamed, abi.encodeWithSelector(IActs.LeafHashZero.selector));
            _perform(call);
            _refuse(call, abi.encodeWithSelector(IOperations.OpAlreadyApplied.selector, _opIdOf(call)));
            _write(call, 4, 0);
            _refuse(call, abi.encodeWithSelector(IOperations.OpIdZero.selector));
        }
    }

    function test_ordersAreOfTwoPersonsOfTwoBodies() external {
        for (uint256 i = 0; i < _ORDERS; ++i) {
            (bytes memory call, uint256 start, uint256 words) = _act(i);
            uint256 at = 4 + 32 * (start + words);
            // The same person twice.
            bytes memory one = bytes.concat(call);
            _write(one, at + 64, _word(one, at));
            _write(one, at + 96, _word(one, at + 32));
            _refuse(one, abi.encodeWithSelector(ITwoPersons.ApproversOfOneBody.selector, RESERVE));
            // One approval.
            one = bytes.concat(call);
            _write(one, at + 64, 0);
            _write(one, at + 96, 0);
            _refuse(one, abi.encodeWithSelector(CompactSignature.SignatureInvalid.selector, 0, 0));
            // In the other order they are as good.
            for (uint256 j = 0; j < 64; j += 32) {
                uint256 first = _word(call, at + j);
                _write(call, at + j, _word(call, at + 64 + j));
                _write(call, at + 64 + j, first);
            }
            _perform(call);
        }
    }

    function test_ordersOfOneBodyOrOfNobodyAreRefused() external {
        ITransfers.Transfer memory m = _transfer(1, 1);
        bytes32 structHash = keccak256(abi.encode(TRANSFER, m));
        _refuse(
            _transferBy(m, structHash, OTHER_PARK_PERSON),
            abi.encodeWithSelector(ITwoPersons.ApproversOfOneBody.selector, RESERVE)
        );
        uint256[3] memory nobodies = [uint256(0xBEEF), ENTERPRISE_PERSON, HOLDER];
        for (uint256 i = 0; i < 3; ++i) {
            _refuse(
                _transferBy(m, structHash, nobodies[i]),
                abi.encodeWithSelector(ITwoPersons.ApproverInvalid.selector, vm.addr(nobodies[i]))
            );
        }
        registry.revoke(_nextOp(), _thumbprint(REGULATOR_PERSON), 90);
        _refuse(
            _transferBy(m, structHash, REGULATOR_PERSON),
            abi.encodeWithSelector(ITwoPersons.ApproverInvalid.selector, vm.addr(REGULATOR_PERSON))
        );
        _perform(_transferBy(m, structHash, VERIFIER_PERSON));
    }

    function test_onlyAnActiveAssetKeyOfTheAccountSpeaksForIt() external {
        ITransfers.Cancel memory m = _cancel(1);
        uint256[4] memory keys = [NEIGHBOUR_KEY, _DUMB_KEY, PARK_PERSON, uint256(0xBEEF)];
        for (uint256 i = 0; i < 4; ++i) {
            _refuse(_cancelBy(m, keys[i], address(ledger), DEPLOYMENT_ID), _notTheHolder(keys[i]));
        }
        bytes memory call = _call(m);
        registry.revoke(_nextOp(), _thumbprint(HOLDER), 90);
        _refuse(call, _notTheHolder(HOLDER));
    }

    function test_accountThatNobodyKnowsIsNobodysToSpeakFor() external {
        ITransfers.Cancel memory m = _cancel(1);
        m.account = 0;
        _refuse(
            _cancelBy(m, 0xBEEF, address(ledger), DEPLOYMENT_ID),
            abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, 0, vm.addr(0xBEEF))
        );
    }

    function test_wordsForAnotherContractOrDeploymentAreWorthNothing() external {
        CarbonLedger other = new CarbonLedger(address(manager), keccak256("another deployment"), registry);
        ITransfers.Cancel memory m = _cancel(1);
        assertRefused(address(other), _call(m), ISpeakers.HolderSignatureInvalid.selector);
        ITransfers.Transfer memory t = _transfer(1, 1);
        assertRefused(address(other), _call(t), ITwoPersons.ApproverInvalid.selector);
        assertRefused(
            address(ledger),
            _cancelBy(m, HOLDER, address(other), DEPLOYMENT_ID),
            ISpeakers.HolderSignatureInvalid.selector
        );
        assertRefused(
            address(ledger),
            _cancelBy(m, HOLDER, address(ledger), keccak256("another deployment")),
            ISpeakers.HolderSignatureInvalid.selector
        );
        bytes memory call = _call(m);
        vm.chainId(block.chainid + 1);
        assertRefused(address(ledger), call, ISpeakers.HolderSignatureInvalid.selector);
    }

    function test_lostKeyLeavesTheAccountAsItIs() external {
        (uint64 free, uint64 frozen) = ledger.balanceOf(ACCOUNT, QUOTA);
        IKeyBook.KeyGrant memory grant = _grant(ACCOUNT, ES256K, NEWCOMER, STATEMENT_AND_ASSET, 50);
        bytes32 lost = _thumbprint(HOLDER);
        registry.proposeRecovery(
            _nextOp(), lost, grant, REASON, _approve(ACCOUNT, lost, grant, PARK_PERSON, REGULATOR_PERSON)
        );
        vm.warp(block.timestamp + RECOVERY_DELAY);
        registry.completeRecovery(_nextOp(), _thumbprint(NEWCOMER), grant.publicKey, _leaf(51), 51);
        _holds(ACCOUNT, QUOTA, free, frozen);
        deadline = uint64(block.timestamp) + 1 days;
        ITransfers.Cancel memory m = _cancel(1);
        _refuse(_call(m), _notTheHolder(HOLDER));
        _perform(_cancelBy(m, NEWCOMER, address(ledger), DEPLOYMENT_ID));
        _holds(ACCOUNT, QUOTA, free - 1, frozen);
    }

    /// @dev Orders by two persons first, then what holders sign, then what the registrar does alone; with where the signed
    /// message begins and how long it is, in words.
    function _act(uint256 which) private returns (bytes memory call, uint256 start, uint256 words) {
        if (which == 0) return (_call(_issue(5)), 0, 5);
        if (which == 1) return (_call(_run(0, new bytes32[](1))), 0, 7);
        if (which == 2) {
            IFreezes.Suspension memory s = _suspension(true);
            s.account = NEIGHBOUR_ACCOUNT;
            return (_call(s), 0, 4);
        }
        if (which == 3) return (_call(_offset(1_000_000, 1_000_009)), 0, 8);
        if (which == 4) return (_call(_openingOfNext()), 0, 5);
        if (which == 5) return (_call(_freeze(5)), 0, 5);
        if (which == 6) return (_call(_release(_held60, 5)), 0, 4);
        if (which == 7) return (_call(_transfer(5, 1)), 0, 8);
        if (which == 8) return (_call(_cancelByOrder(5)), 0, 5);
        if (which == 9) {
            IFreezes.Freeze memory m = IFreezes.Freeze(_held60, ACCOUNT, QUOTA, 60, MINUTES);
            return (_confirm(m), 1, 5);
        }
        if (which == 10) return (_call(_cancel(5)), 0, 5);
        if (which == 11) return (_call(_return(5)), 0, 5);
        return (_atOnce(_freeze(5)), 0, 5);
    }

    function _openingOfNext() private returns (IArrivals.OpeningBalance memory m) {
        m = _opening(5);
        m.asset = NEXT_QUOTA;
    }

    /// @dev The enterprise has five tonnes more, and twenty to give back.
    function _owing() private {
        IAllocations.AllocationItem[] memory items = new IAllocations.AllocationItem[](1);
        items[0] = IAllocations.AllocationItem(ACCOUNT, 5, 20, 0);
        IAllocations.AllocationRun memory m = _run(5, _parts(items));
        _perform(_call(m));
        _perform(_call(m.opId, items));
    }

    function _transferBy(ITransfers.Transfer memory m, bytes32 structHash, uint256 second)
        private
        view
        returns (bytes memory)
    {
        Cosignature[2] memory approvals = _two(structHash);
        approvals[1] = _sign(second, structHash, address(ledger), DEPLOYMENT_ID);
        return abi.encodeCall(CarbonLedger.transfer, (m, approvals, entry));
    }

    function _cancelBy(ITransfers.Cancel memory m, uint256 key, address target, bytes32 salt)
        private
        view
        returns (bytes memory)
    {
        Cosignature memory signature = _sign(key, keccak256(abi.encode(CANCEL, m)), target, salt);
        return abi.encodeCall(CarbonLedger.cancel, (m, signature, entry));
    }

    function _notTheHolder(uint256 key) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISpeakers.HolderSignatureInvalid.selector, ACCOUNT, vm.addr(key));
    }

    /// @dev All that the acts can change.
    function _state() private view returns (uint256) {
        bytes32 state;
        for (uint256 i = 0; i < 9; ++i) {
            bytes32 account = [ACCOUNT, NEIGHBOUR_ACCOUNT, RESERVE][i % 3];
            (uint64 free, uint64 frozen) = ledger.balanceOf(account, [QUOTA, NEXT_QUOTA, CCER][i / 3]);
            (uint64 owed,,) = ledger.owedOf(account);
            state = keccak256(abi.encode(state, free, frozen, owed, ledger.suspendedAt(account)));
        }
        (,, uint64 left, uint64 lapsesAt) = ledger.freezeOf(_held60);
        return uint256(keccak256(abi.encode(state, left, lapsesAt)));
    }

    function _word(bytes memory call, uint256 at) private pure returns (uint256 word) {
        for (uint256 i = 0; i < 32; ++i) {
            word = (word << 8) | uint8(call[at + i]);
        }
    }

    function _write(bytes memory call, uint256 at, uint256 word) private pure {
        for (uint256 i = 32; i != 0; --i) {
            call[at + i - 1] = bytes1(uint8(word));
            word >>= 8;
        }
    }
}
