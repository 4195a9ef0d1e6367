"""Words and numbers of ETA that do not depend on a firm's settings."""

from datetime import date

INVOICE = "eta_invoice"
RECEIPT = "eta_receipt"
PARTY = "party"
ITEM = "item"

ITEM_LINE = 1
SERVICE_LINE = 2
"""``FATHARKODTIP``."""

EMPTY = " "
EMPTY_DAY = date(1900, 1, 1)
"""What an empty text and an empty date are; ETA's columns take no NULL."""

NUMBER_LENGTH = 16
LOCAL = "TRY"
PROFILES = {"basic": "TEMELFATURA", "commercial": "TICARIFATURA", "archive": "EARSIVFATURA"}
"""``FaturaProfili``; what is not listed travels as a basic invoice."""

ALL_WAREHOUSES = "*"
