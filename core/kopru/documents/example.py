"""A tenant file to start from. Company, numbers and addresses are made up."""

EXAMPLE_TENANT = """\
version = 1
language = "tr"

[issuer]
name = "Örnek Tekstil Sanayi ve Ticaret Limited Şirketi"
tax_number = "1234567890"
tax_office = "Kadıköy"
email = "muhasebe@ornektekstil.example"
phone = "+90 216 000 00 00"
website = "https://www.ornektekstil.example"
einvoice = true
sender_alias = "urn:mail:defaultgb@ornektekstil.example"
receiver_alias = "urn:mail:defaultpk@ornektekstil.example"
profile = "basic"                  # or "commercial": the buyer may refuse within 8 days

[issuer.address]
street = "Örnek Mahallesi Deneme Sokak No: 1"
district = "Kadıköy"
city = "İstanbul"
postal_code = "34700"
country = "TR"

[issuer.registrations]
MERSISNO = "0123456789000015"
TICARETSICILNO = "123456-0"

# Number series: three characters, then year and nine digits. One prefix, one use.
[[series]]
key = "efatura"
prefix = "ORF"
kinds = ["sale"]
profiles = ["basic", "commercial"]

[[series]]
key = "earsiv"
prefix = "ORA"
kinds = ["sale"]
profiles = ["archive"]

[[series]]
key = "iade"
prefix = "ORI"
kinds = ["return"]

# The decision table: the first row that fits an order decides. Exactly one of document, hold, exclude.
[[rules]]
name = "unpaid"
[rules.when]
status = ["awaiting_payment"]
[rules.hold]
reason = "Ödeme bekleniyor"
until = ["preparing", "invoiced", "shipped", "delivered"]

[[rules]]
name = "not-ready"
[rules.when]
status = ["new", "undelivered", "returned", "unknown"]
[rules.hold]
reason = "Sipariş henüz hazırlanmıyor"
until = ["preparing", "invoiced", "shipped", "delivered"]

[[rules]]
name = "large-orders"
[rules.when]
registered = true
min_total = 50000.0
[rules.document]
profile = "einvoice"
[rules.document.stages]
send = "manual"

[[rules]]
name = "e-fatura"
[rules.when]
registered = true
[rules.document]
profile = "einvoice"

[[rules]]
name = "e-arsiv"
[rules.document]
profile = "archive"

# Every stage runs by itself ("auto") or waits for a person ("manual").
[stages]
draft = "auto"
number = "auto"
send = "auto"
book = "auto"
link = "auto"
stock = "auto"

# Ledger cards: companies by tax number; consumers on one card per channel, per person or per TCKN.
[partners]
consumers = "retail"
retail_code = "120.{channel}"
retail_name = "Perakende müşteriler - {channel}"
person_code = "120.P.{hash}"
company_code = "120.{tax_number}"
max_length = 16

[ledger]
after = "accepted"                 # or "delivered"

[invoice]
rounding_limit = 0.05              # largest difference shown as rounding
marketplace_discounts = "deduct"   # or "keep"
zero_price = "refuse"              # or "exempt_351" for gifts
missing_district = "refuse"        # or "use_city"
notes = ["Bizi tercih ettiğiniz için teşekkür ederiz."]

[items]
keys = ["link", "sku", "barcode"]

[services.shipping]
code = "KARGO"
vat_rate = 20

[services.fee]
code = "HIZMET"
vat_rate = 20

[stock]
warehouses = []                    # empty: all of the ledger's warehouses
buffer = 1

# By connection name.
[channels.trendyol]
website = "https://www.trendyol.com"
payment_agent = "Örnek Pazaryeri Anonim Şirketi"

[[carriers]]
names = ["Örnek Kargo", "Ornek Express"]
legal_name = "Örnek Kargo Anonim Şirketi"
tax_number = "1111111114"
"""
