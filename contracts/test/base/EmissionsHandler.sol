// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IEmissionsRegistry} from "../../interfaces/IEmissionsRegistry.sol";
import {Cosignature} from "../../libraries/CompactSignature.sol";
import {EmissionsModel} from "./EmissionsModel.sol";

/// @title What a registrar, verifiers and persons do with numbers, honestly or not.
/// @notice Before each call it is said, from the events so far, whether the contract must take it: any other answer fails.
contract EmissionsHandler is EmissionsModel {
    uint256 private constant _NOBODY = 0xBEEF;
    /// @dev The first of the keys that come while a run lasts.
    uint256 private constant _LATER_KEYS = 0xF0001;
    uint256 private constant _ROUND = 16;
    /// @dev None of what `_bring` may do wrong.
    uint256 private constant _RIGHT = 7;

    /// @dev What was signed once stays signed: a later call may bring it again.
    struct Word {
        uint256 key;
        IEmissionsRegistry.VerifiedEmissions v;
        Cosignature signature;
        uint64 report;
        uint64 statement;
    }

    uint256[9] private _keys = [
        ASSESSOR_KEY,
        ASSESSOR_OTHER_KEY,
        SECOND_KEY,
        SISTER_KEY,
        PARK_PERSON,
        OTHER_PARK_PERSON,
        REGULATOR_PERSON,
        VERIFIER_PERSON,
        _NOBODY
    ];
    mapping(uint256 key => bool) private _ended;
    mapping(uint256 key => bytes32 verifier) private _statesFor;
    mapping(uint256 key => bytes32 body) private _approvesFor;
    mapping(bytes32 verifier => uint256 key) private _keyOf;
    uint64[] private _sizes;
    Word[] private _words;
    bytes private _lastTaken;
    uint64 private _time;
    uint64 private _tonnes;
    uint256 private _spreads;
    uint256 private _calls;
    uint256 private _later;

    /// @notice Numbers that verifiers brought since the start.
    uint256 public registered;
    /// @notice Numbers that two persons brought since the start.
    uint256 public determined;
    /// @notice Calls that were refused since the start.
    uint256 public refused;
    /// @notice Whether a number came, changed or went otherwise than by a call that was foretold to bring it.
    bool public unfounded;

    /// @dev The time is kept here, whatever becomes of `vm.warp` between calls. By chance alone some runs bring no number:
    /// in each round two persons and a verifier do their duty, in whatever state the others have left things.
    modifier inTime() {
        vm.warp(_time);
        ++_calls;
        // Fewer calls than cases before the first: there is one that nobody verified.
        if (_calls % _ROUND == 4) _determineDuly();
        if (_calls % _ROUND == 8) _registerDuly();
        _;
    }

    constructor() {
        _deployEmissions();
        _enterprises();
        _people();
        _verifiers();
        _anchor(SIZE);
        _sizes.push(SIZE);
        (_statesFor[ASSESSOR_KEY], _statesFor[ASSESSOR_OTHER_KEY]) = (ASSESSOR, ASSESSOR);
        (_statesFor[SECOND_KEY], _statesFor[SISTER_KEY]) = (SECOND_ASSESSOR, SISTER);
        (_keyOf[ASSESSOR], _keyOf[SECOND_ASSESSOR], _keyOf[SISTER]) = (ASSESSOR_KEY, SECOND_KEY, SISTER_KEY);
        (_approvesFor[PARK_PERSON], _approvesFor[OTHER_PARK_PERSON]) = (PARK, PARK);
        _approvesFor[REGULATOR_PERSON] = keccak256("regulator");
        _approvesFor[VERIFIER_PERSON] = keccak256("verifier");
        _time = begin;
        vm.warp(_time);
        for (uint256 i = 0; i < enterprises.length * YEARS; ++i) {
            (bytes32 enterprise, uint16 year) = _case(i, i / 3);
            bytes32 verifier = i % 2 == 0 ? ASSESSOR : SECOND_ASSESSOR;
            bytes memory call = abi.encodeCall(
                IEmissionsRegistry.assign,
                (_nextOp(), enterprise, year, verifier, begin, finish, _leaf(14), ASSIGNED_AT)
            );
            _act(call, true);
        }
    }

    /// @dev Hours, or up to an edge of an assignment.
    function pass(uint256 time, uint256 which, uint256 seed) external inTime {
        (bytes32 enterprise, uint16 year) = _case(which, seed);
        uint64 edge = assignedTo[enterprise][year].until;
        if (time % 8 < 2 && edge > _time + 1 && edge < _time + 4 days) _time = edge - uint64(time % 2);
        else _time += uint64(bound(time, 1, 6 hours));
    }

    function grow(uint256 more) external inTime {
        uint64 size = _sizes[_sizes.length - 1] + uint64(bound(more, 1, 3));
        if (size > SIZE + 8) return;
        _anchor(size);
        _sizes.push(size);
    }

    function assign(uint256 which, uint256 seed, uint256 who, uint256 term) external inTime {
        (bytes32 enterprise, uint16 year) = _case(which, seed);
        bytes32 verifier = [ASSESSOR, SECOND_ASSESSOR, ASSESSOR, SECOND_ASSESSOR, SISTER, PARK][who % 6];
        uint64 from = term % 4 == 0 ? _time + 1 hours : _time;
        uint64 until = term % 16 == 1 ? from : from + uint64(bound(term, 1 hours, 3 days));
        bool expected = assignedTo[enterprise][year].verifier == 0 && _independent(enterprise, verifier) && from < until;
        bytes32 leaf = _leaf(ASSIGNED_AT);
        _act(
            abi.encodeCall(
                IEmissionsRegistry.assign, (_nextOp(), enterprise, year, verifier, from, until, leaf, ASSIGNED_AT)
            ),
            expected
        );
    }

    function endAssignment(uint256 which, uint256 seed, uint8 seldom) external inTime {
        (bytes32 enterprise, uint16 year) = _case(which, seed);
        Assigned memory assigned = assignedTo[enterprise][year];
        if (assigned.until > _time && _spread(seldom) % 4 != 0) return;
        bytes memory call =
            abi.encodeCall(IEmissionsRegistry.endAssignment, (_nextOp(), enterprise, year, _leaf(15), 15));
        _act(call, assigned.verifier != 0);
    }

    function declareTie(uint256 which, uint256 who, uint8 seldom) external inTime {
        if (_spread(seldom) % 8 != 0) return;
        bytes32 a = enterprises[which % 3];
        bytes32 b = [ASSESSOR, SECOND_ASSESSOR, SISTER, a][who % 4];
        (a, b) = who % 8 < 4 ? (a, b) : (b, a);
        _act(abi.encodeCall(IEmissionsRegistry.declareTie, (_nextOp(), a, b)), a != b);
    }

    function endKey(uint256 which, uint8 seldom, bool flagged) external inTime {
        uint256 key = _keys[_spread(which) % 8];
        if (_spread(seldom) % 8 != 0 || _ended[key]) return;
        if (flagged) registry.declareCompromised(_nextOp(), _thumbprint(key), 20, 26);
        else registry.revoke(_nextOp(), _thumbprint(key), 26);
        _ended[key] = true;
    }

    /// @dev Mostly what the assigned verifier would sign; else any key, revision, or order of entries.
    function register(uint256 which, uint256 seed, uint256 who, uint256 places, uint256 wrong) external inTime {
        (which, seed, wrong) = (_spread(which), _spread(seed), _spread(wrong));
        (bytes32 enterprise, uint16 year) = _case(which, seed);
        who = _spread(who);
        Word memory word;
        uint256 own = _keyOf[assignedTo[enterprise][year].verifier];
        word.key = who % 4 == 0 || own == 0 ? _keys[who / 4 % 9] : own;
        uint64 size = _sizes[_sizes.length - 1];
        word.report = uint64(bound(places, 0, size - 2));
        word.statement = uint64(bound(places >> 64, wrong % 16 == 0 ? 0 : word.report + 1, size - 1));
        uint32 revision = numbers[enterprise][year].revision + (wrong % 16 == 1 ? 2 : 1);
        word.v = IEmissionsRegistry.VerifiedEmissions(
            enterprise, year, ++_tonnes, _leaf(word.report), _leaf(word.statement), revision
        );
        word.signature = _verify(word.key, word.v);
        if (_words.length < 24) _words.push(word);
        _bring(word, size, true, wrong);
    }

    /// @dev A word that was given before, whatever happened since.
    function bringAgain(uint256 which, uint256 wrong) external inTime {
        if (_words.length != 0) _bring(_words[which % _words.length], _sizes[wrong % _sizes.length], true, _RIGHT);
    }

    /// @dev The registrar alters what was signed: nothing of it may be taken.
    function forge(uint256 which, uint256 how) external inTime {
        if (_words.length == 0) return;
        Word memory word = _words[which % _words.length];
        uint256 what = how % 5;
        if (what == 0) word.v.tonnes += 1 + uint64(how % 1000);
        if (what == 1) word.v.year = word.v.year == YEAR ? YEAR + 1 : YEAR;
        if (what == 2) word.v.enterprise = word.v.enterprise == PARK ? ALONE : PARK;
        if (what == 3) word.v.revision = numbers[word.v.enterprise][word.v.year].revision + 1;
        if (what == 4) (word.report, word.v.reportLeaf) = (word.report / 2, _leaf(word.report / 2));
        bool altered = keccak256(abi.encode(word)) != keccak256(abi.encode(_words[which % _words.length]));
        _bring(word, _sizes[_sizes.length - 1], !altered, _RIGHT);
    }

    function determine(uint256 which, uint256 seed, uint256 first, uint256 second, uint256 wrong) external inTime {
        (which, seed, wrong) = (_spread(which), _spread(seed), _spread(wrong));
        (bytes32 enterprise, uint16 year) = _case(which, seed);
        Number memory number = numbers[enterprise][year];
        uint32 revision = number.revision + (wrong % 16 == 1 ? 2 : 1);
        IEmissionsRegistry.Determination memory d =
            IEmissionsRegistry.Determination(enterprise, year, ++_tonnes, DOCUMENT, revision);
        (first, second) = (_spread(first), _spread(second));
        bool fair = first % 2 == 0;
        first = fair ? PARK_PERSON : _keys[4 + first / 2 % 5];
        second = fair ? REGULATOR_PERSON : _keys[4 + second % 5];
        Cosignature[2] memory approvals = _decide(d, first, second);
        uint64 at = uint64(bound(wrong, 0, SIZE));
        if (wrong % 16 == 2) ++d.tonnes;
        bool expected = wrong % 16 != 1 && wrong % 16 != 2 && number.verifier == 0 && !spent[_leaf(at)];
        expected = expected && _body(first) != 0 && _body(second) != 0 && _body(first) != _body(second);
        _act(_determineCall(_nextOp(), d, approvals, at), expected);
    }

    /// @dev What was taken is not taken twice.
    function replay() external inTime {
        if (_lastTaken.length != 0) _act(_lastTaken, false);
    }

    /// @dev Two who came for it decide a case without a verified number, if there is one left.
    function _determineDuly() private {
        uint64 at = _unspent();
        for (uint256 i = 0; i < enterprises.length * YEARS && at != 0; ++i) {
            (bytes32 enterprise, uint16 year) = _case(i, i / 3);
            Number memory number = numbers[enterprise][year];
            if (number.verifier != 0) continue;
            IEmissionsRegistry.Determination memory d =
                IEmissionsRegistry.Determination(enterprise, year, ++_tonnes, DOCUMENT, number.revision + 1);
            uint256 first = _newcomer(6, PARK, ADMINISTRATION);
            uint256 second = _newcomer(6, keccak256("regulator"), ADMINISTRATION);
            _act(_determineCall(_nextOp(), d, _decide(d, first, second), at), true);
            return;
        }
    }

    /// @dev Where the assigned verifier's word does not count (any more), another takes its place.
    function _registerDuly() private {
        uint64 at = _unspent();
        if (at == 0) return;
        (bytes32 enterprise, uint16 year) = _case(_calls / _ROUND, _calls / _ROUND / 3);
        bytes32 verifier = assignedTo[enterprise][year].verifier;
        if (!_counts(_keyOf[verifier], enterprise, year)) {
            if (verifier != 0) {
                _act(
                    abi.encodeCall(IEmissionsRegistry.endAssignment, (_nextOp(), enterprise, year, _leaf(15), 15)), true
                );
            }
            verifier = _newVerifier();
            _act(
                abi.encodeCall(
                    IEmissionsRegistry.assign,
                    (_nextOp(), enterprise, year, verifier, _time, _time + 1 days, _leaf(15), 15)
                ),
                true
            );
        }
        uint32 revision = numbers[enterprise][year].revision + 1;
        Word memory word;
        (word.key, word.report, word.statement) = (_keyOf[verifier], at - 1, at);
        word.v =
            IEmissionsRegistry.VerifiedEmissions(enterprise, year, ++_tonnes, _leaf(word.report), _leaf(at), revision);
        word.signature = _verify(word.key, word.v);
        if (!_bring(word, _sizes[_sizes.length - 1], true, _RIGHT)) revert NotTrue("a duty was not foretold");
    }

    /// @dev The first entry behind another that brought no number, 0 for none.
    function _unspent() private view returns (uint64) {
        for (uint64 at = 1; at < SIZE; ++at) {
            if (!spent[_leaf(at)]) return at;
        }
        return 0;
    }

    function _newVerifier() private returns (bytes32 verifier) {
        uint256 key = _newcomer(4, 0, STATEMENT);
        verifier = keccak256(abi.encodePacked("later/", key));
        (_statesFor[key], _keyOf[verifier]) = (verifier, key);
    }

    /// @dev An account without a group, and its only key.
    function _newcomer(uint8 kind, bytes32 parent, uint8 purposes) private returns (uint256 key) {
        key = _LATER_KEYS + _later++;
        string memory identifier = string(abi.encodePacked("later/", key));
        _enrolIn(0, identifier, kind, parent, _grant(keccak256(bytes(identifier)), ES256K, key, purposes, 20));
    }

    /// @dev Forge likes values of few kinds.
    function _spread(uint256 seed) private returns (uint256) {
        return uint256(keccak256(abi.encode(seed, ++_spreads)));
    }

    function _case(uint256 which, uint256 seed) private view returns (bytes32 enterprise, uint16 year) {
        return (enterprises[which % 3], YEAR + uint16(seed % YEARS));
    }

    function _independent(bytes32 enterprise, bytes32 verifier) private view returns (bool) {
        // The sister and these two are of one group; the park is no verifier.
        bool ofOneGroup = verifier == SISTER && enterprise != ALONE;
        return verifier != PARK && !ofOneGroup && !ties[enterprise][verifier];
    }

    function _body(uint256 key) private view returns (bytes32) {
        return _ended[key] ? bytes32(0) : _approvesFor[key];
    }

    /// @dev Whether what this key signed may be registered now, as far as keys and assignments go.
    function _counts(uint256 key, bytes32 enterprise, uint16 year) private view returns (bool) {
        Assigned memory assigned = assignedTo[enterprise][year];
        bool active = !_ended[key] && _statesFor[key] != 0;
        bool begun = assigned.from <= _time && _time < assigned.until;
        return active && begun && _statesFor[key] == assigned.verifier && _independent(enterprise, assigned.verifier);
    }

    function _bring(Word memory word, uint64 size, bool signed, uint256 wrong) private returns (bool expected) {
        Registering memory r;
        (r.opId, r.v, r.signature, r.size) = (_nextOp(), word.v, word.signature, size);
        expected = signed && word.report < word.statement && word.statement < size && !spent[word.v.statementLeaf];
        expected = expected && _counts(word.key, word.v.enterprise, word.v.year);
        expected = expected && word.v.revision == numbers[word.v.enterprise][word.v.year].revision + 1;
        if (word.statement < size && word.report < size) {
            (r.report, r.statement) = (_proof(word.report, size), _proof(word.statement, size));
        } else {
            (r.report.index, r.statement.index) = (word.report, word.statement);
        }
        if (wrong % 16 == 2) r.statement.path[0] ^= bytes32(uint256(1));
        if (wrong % 16 == 3) ++r.size;
        if (wrong % 16 == 4) r.epoch = 1;
        expected = expected && (wrong % 16 < 2 || wrong % 16 > 4);
        _act(_registerCall(r), expected);
    }

    function _act(bytes memory call, bool expected) private {
        bytes32 before = _allNumbers();
        vm.recordLogs();
        (bool succeeded, bytes memory returned) = address(emissions).call(call);
        if (succeeded && !expected) revert NotRefused(call);
        if (!succeeded && expected) revert RefusedOtherwise(returned, 0);
        bytes4 selector = bytes4(call);
        bool brings =
            selector == IEmissionsRegistry.register.selector || selector == IEmissionsRegistry.determine.selector;
        if (succeeded) {
            _read();
            _lastTaken = call;
            if (selector == IEmissionsRegistry.register.selector) ++registered;
            if (selector == IEmissionsRegistry.determine.selector) ++determined;
        } else {
            // Forge records the events of what was taken back, too: the next recording drops them.
            ++refused;
        }
        if ((before != _allNumbers()) != (succeeded && brings)) unfounded = true;
    }

    function _allNumbers() private view returns (bytes32 all) {
        for (uint256 i = 0; i < enterprises.length; ++i) {
            for (uint16 year = YEAR; year < YEAR + YEARS; ++year) {
                all = keccak256(abi.encode(all, _numberOf(enterprises[i], year)));
            }
        }
    }
}
