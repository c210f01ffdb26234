// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {OffsetCap} from "../../libraries/OffsetCap.sol";

/// @title The laws of OffsetCap for all inputs, proved by a symbolic executor (`make prove`); law 4.
/// @notice Each function's arguments are symbols: no assertion can fail, whatever they are. `assert` is what the executor
/// looks for; the last function must fail, or nothing is looked for at all.
contract OffsetCapProof {
    /// @dev DOMAIN 3: the cap is the floor of its share, and never above the emissions.
    function check_theCapIsTheFloor(uint64 emissions, uint16 capBps) external pure {
        if (capBps > OffsetCap.WHOLE_BPS) return;
        uint256 cap = OffsetCap.capDown(emissions, capBps);
        uint256 share = uint256(emissions) * capBps;
        assert(cap * 10_000 <= share);
        assert(share < (cap + 1) * 10_000);
        assert(cap <= emissions);
    }

    /// @dev Law 4: what counts is within the cap, however much was used under whatever earlier cap.
    function check_whatCountsIsWithinTheCap(uint64 used, uint64 cap) external pure {
        uint64 counted = OffsetCap.counted(used, cap);
        assert(counted <= cap && counted <= used);
        assert(counted == used || counted == cap);
    }

    /// @dev What fits is taken, and one unit over is not.
    function check_exactlyWhatFitsIsTaken(uint64 used, uint64 cap, uint64 tonnes) external pure {
        bool taken = tonnes <= OffsetCap.room(used, cap);
        bool fits = uint256(used) + tonnes <= cap;
        // Of nothing it does not matter: it is no surrender.
        if (tonnes != 0) assert(taken == fits);
    }

    /// @dev Two surrenders are taken one after the other, in either order, exactly where they are as one.
    function check_orderAndSplitDoNotMatter(uint64 used, uint64 cap, uint64 a, uint64 b) external pure {
        if (a == 0 || b == 0) return;
        bool ab = _taken(used, cap, a) && _taken(used + a, cap, b);
        bool ba = _taken(used, cap, b) && _taken(used + b, cap, a);
        bool once = uint256(a) + b <= OffsetCap.room(used, cap);
        assert(ab == once && ba == once);
    }

    /// @dev What is due is never above the emissions, and one of due and excess is nothing.
    function check_dueIsWithinTheEmissions(
        uint64 emissions,
        uint64 creditOut,
        uint64 quota,
        uint64 creditIn,
        uint64 counted
    ) external pure {
        if (uint256(creditOut) > uint256(quota) + creditIn) return;
        (uint256 due, uint256 excess) = OffsetCap.balance(emissions, creditOut, quota, creditIn, counted);
        assert(due <= emissions);
        assert(due == 0 || excess == 0);
        assert(uint256(emissions) + creditOut + excess == uint256(quota) + creditIn + counted + due);
    }

    /// @dev A surrender of quota that is due lowers what is due by itself, and leaves no excess.
    function check_aSurrenderOfQuotaLowersWhatIsDue(
        uint64 emissions,
        uint64 creditOut,
        uint64 quota,
        uint64 creditIn,
        uint64 counted,
        uint64 tonnes
    ) external pure {
        uint256 sum = uint256(quota) + tonnes;
        // The contract refuses a sum that no account can reach (`AmountTooLarge`).
        if (uint256(creditOut) > uint256(quota) + creditIn || tonnes == 0 || sum > type(uint64).max) return;
        (uint256 due,) = OffsetCap.balance(emissions, creditOut, quota, creditIn, counted);
        if (tonnes > due) return;
        (uint256 next, uint256 excess) = OffsetCap.balance(emissions, creditOut, uint64(sum), creditIn, counted);
        assert(next == due - tonnes && excess == 0);
    }

    /// @dev So does a surrender of offsets that the cap has room for.
    function check_aSurrenderOfOffsetsLowersWhatIsDue(
        uint64 emissions,
        uint64 creditOut,
        uint64 quota,
        uint64 creditIn,
        uint64 used,
        uint64 cap,
        uint64 tonnes
    ) external pure {
        if (uint256(creditOut) > uint256(quota) + creditIn || tonnes == 0) return;
        if (tonnes > OffsetCap.room(used, cap)) return;
        uint64 counted = OffsetCap.counted(used, cap);
        (uint256 due,) = OffsetCap.balance(emissions, creditOut, quota, creditIn, counted);
        if (tonnes > due) return;
        uint64 after_ = OffsetCap.counted(used + tonnes, cap);
        (uint256 next, uint256 excess) = OffsetCap.balance(emissions, creditOut, quota, creditIn, after_);
        assert(after_ == counted + tonnes);
        assert(next == due - tonnes && excess == 0);
    }

    /// @dev Credit that goes out is never more than the quota and credit that came in, so that the bound above holds again;
    /// after it nothing is due and nothing is left.
    function check_creditKeepsItsBound(
        uint64 emissions,
        uint64 creditOut,
        uint64 quota,
        uint64 creditIn,
        uint64 counted
    ) external pure {
        if (uint256(creditOut) > uint256(quota) + creditIn || counted > emissions) return;
        (, uint256 excess) = OffsetCap.balance(emissions, creditOut, quota, creditIn, counted);
        uint256 sum = creditOut + excess;
        assert(sum <= uint256(quota) + creditIn);
        if (excess == 0 || sum > type(uint64).max) return;
        (uint256 due, uint256 left) = OffsetCap.balance(emissions, uint64(sum), quota, creditIn, counted);
        assert(due == 0 && left == 0);
    }

    /// @dev False: of the emissions' share, half up, the cap may be one more. The run is good only if this is refuted.
    function check_refutedTheCapIsHalfUp(uint64 emissions) external pure {
        assert(OffsetCap.capDown(emissions, 500) == (uint256(emissions) * 500 + 5_000) / 10_000);
    }

    function _taken(uint64 used, uint64 cap, uint64 tonnes) private pure returns (bool) {
        return tonnes <= OffsetCap.room(used, cap);
    }
}
