// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// @title Answers whatever it is asked as another contract does, and tries a call of its own before.
contract Reentrant {
    address private immutable _TRUE;
    address private _target;
    bytes private _call;

    constructor(address answering) {
        _TRUE = answering;
    }

    fallback(bytes calldata question) external returns (bytes memory) {
        if (_target != address(0)) act();
        (bool answered, bytes memory answer) = _TRUE.staticcall(question);
        if (answered) return answer;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function arm(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    /// @notice Whether the call was taken.
    function act() public returns (bool taken) {
        // A change where none is allowed takes all the gas that it was given.
        (taken,) = _target.call{gas: 1_000_000}(_call);
    }
}
