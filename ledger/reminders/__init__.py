"""Reminders ahead of deadlines (DOMAIN 47) and notices of powers (DOMAIN 22): what is wanted, how it is told, and that
it was."""

from __future__ import annotations

from ledger.reminders.channels import Channel, Mail, MailServer, Undelivered, Webhook
from ledger.reminders.contacts import Contacts
from ledger.reminders.message import Message
from ledger.reminders.noticed import NoticeMessage
from ledger.reminders.sending import Reminders, SentReport
from ledger.reminders.wanted import Reminder, wanted

__all__ = [
    "Channel",
    "Contacts",
    "Mail",
    "MailServer",
    "Message",
    "NoticeMessage",
    "Reminder",
    "Reminders",
    "SentReport",
    "Undelivered",
    "Webhook",
    "wanted",
]
