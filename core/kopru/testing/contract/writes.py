"""Each write of the contract: what is written in a test, and how to see at the remote whether it arrived."""

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from kopru.hooks.errors import Rejected, Unsupported
from kopru.hooks.manifest import Repeat, Write
from kopru.hooks.types import (
    BatchResult,
    Cancellation,
    Echo,
    IdempotencyKey,
    LedgerInvoice,
    LedgerOrder,
    Located,
    Operation,
    OrderAction,
    OrderUpdate,
    PartyRequest,
    PendingReceipt,
    Receipt,
    ReceiptState,
    ReceiptUpdate,
    RemoteState,
    Submission,
)
from kopru.model import ExternalRef, Invoice, Order, Profile
from kopru.testing import samples
from kopru.testing.contract.failure import LeftOut, expect, fail
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.protocol import Posting, no_lookup
from kopru.testing.contract.session import Session
from kopru.testing.faults import FaultKind
from kopru.testing.wire import Served
from kopru.testing.world import WorldBuyer, WorldOrder
from kopru.toolkit import dates
