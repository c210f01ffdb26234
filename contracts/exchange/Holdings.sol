// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ITradingBook} from "../interfaces/ITradingBook.sol";
import {IHolders} from "../interfaces/IHolders.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {IIdentifierRegistry} from "../interfaces/IIdentifierRegistry.sol";
import {AccountKind} from "../libraries/AccountKind.sol";
import {AssetId} from "../libraries/AssetId.sol";
import {Speakers} from "../registry/Speakers.sol";
import {Purse} from "./Purse.sol";
import {Stock} from "./Stock.sol";
import {TradingDays} from "./TradingDays.sol";

/// @title What accounts have in trading and in cash, and who they are.
abstract contract Holdings is TradingDays {
    IIdentifierRegistry private immutable _accounts;

    mapping(bytes32 account => Purse purse) internal _purses;
    mapping(bytes32 account => mapping(AssetId asset => Stock stock)) internal _stocks;
    uint32 internal _holders;

    /// @param identifiers Where accounts and keys are looked up.
    constructor(IIdentifierRegistry identifiers) Speakers(identifiers) {
        _accounts = identifiers;
    }

    /// @dev An enterprise or park, which is known from now on, with the group that it is of now (DOMAIN 8, 12).
    function _admit(bytes32 account) internal returns (Purse purse) {
        IIdentifierRegistry.Account memory known = _accounts.identifierOf(account);
        if (!AccountKind.emits(known.kind)) revert KindInvalid(account, known.kind);
        purse = _purses[account];
        if (!purse.isKnown()) {
            if (_terms.mode == 0) revert TermsUnknown();
            uint16 maximum = _terms.maximumHolders;
            if (maximum != 0 && _holders >= maximum) revert ITradingBook.HoldersExceeded(account, maximum);
            ++_holders;
        }
        purse = purse.asHolder(known.group);
    }

    /// @dev Whose assets this address moves, 0: nobody's.
    function _holderOf(address evmAddress) internal view returns (bytes32) {
        return IHolders(address(_accounts)).holderOf(evmAddress);
    }

    /// @dev Of the key that calls.
    function _callersAccount() internal view returns (bytes32 account) {
        account = _holderOf(msg.sender);
        if (account == 0) revert IOrderBook.CallerUnknown(msg.sender);
    }

    function _requireLet(bytes32 account, Purse purse) internal pure {
        if (purse.isBarred()) revert ITradingBook.AccountBarred(account);
    }
}
