"""ETA's tables as far as they are described: no column takes NULL, texts are filled up with blanks."""


def _text(*names: str, length: int = 30) -> list[str]:
    return [f"{name} char({length}) COLLATE \"C\" NOT NULL DEFAULT ' '" for name in names]


def _whole(*names: str) -> list[str]:
    return [f"{name} int NOT NULL DEFAULT 0" for name in names]


def _amount(*names: str) -> list[str]:
    return [f"{name} numeric(18,6) NOT NULL DEFAULT 0" for name in names]


def _day(*names: str) -> list[str]:
    return [f"{name} date NOT NULL DEFAULT '1900-01-01'" for name in names]


def _table(name: str, *columns: list[str], key: str = "") -> str:
    parts = [each for group in columns for each in group]
    if key:
        parts.append(f"PRIMARY KEY ({key})")
    return f"CREATE TABLE {name} ({', '.join(parts)});"


def _movement(prefix: str) -> list[list[str]]:
    """Return the columns that lines of invoices and of stock vouchers have alike."""
    return [
        _day(f"{prefix}TAR"),
        _whole(
            *(
                f"{prefix}{name}"
                for name in ("REFNO", "TIPI", "GCFLAG", "KAYONC", "KAYNAK", "SIRANO", "FIYTIP")
            )
        ),
        _text(*(f"{prefix}{name}" for name in ("STKKOD", "STKBRM", "BARKOD"))),
        _text(f"{prefix}STKCINS", length=100),
        _amount(
            *(
                f"{prefix}{name}"
                for name in (
                    *("MIKTAR", "FIYAT", "TUTAR", "KDVYUZ", "ISKYUZ1", "ISKYTUT1", "TOPLAMIND", "KDVMATRAH"),
                    *("KDVTUTAR", "TOPLAMTUT", "NETTUTAR", "NETFIYAT", "OTVMATRAH", "OTVTUTAR"),
                )
            )
        ),
    ]


TABLES = "\n".join(
    (
        _table(
            "CARKART",
            _text("CARKOD", "CARVERHESNO"),
            _text("CARUNVAN", length=100),
            _amount("CARBAKIYE", "CARBORCTOP", "CARALACAKTOP", "CARCIKIRSTOP"),
            key="CARKOD",
        ),
        _table(
            "CARHAR", _whole("CARHARREFNO"), _day("CARHARTAR"), _text("CARHARCARKOD"), _amount("CARHARTUTAR")
        ),
        _table(
            "STKKART",
            _text("STKKOD", "STKBIRIM"),
            _text("STKCINSI", length=100),
            _amount("STKBAKIYE", "STKOTOGIRFIY"),
            key="STKKOD",
        ),
        _table(
            "STKFIYAT",
            _text("STKFIYSTKKOD"),
            _whole("STKFIYNO", "STKFIYKDVNO"),
            _amount("STKFIYTUTAR", "STKFIYISKYUZ1"),
        ),
        _table(
            "STKBARKOD",
            _text("STKBARKOD", "STKBARSTKKOD"),
            _whole("STKBARBRMNO", "STKBARTIP", "STKBARITEMNO"),
        ),
        _table("FATFISTIP", _whole("FATFTNO"), _text("FATFTKOD"), key="FATFTNO"),
        _table("DEPO", _text("DEPKOD"), key="DEPKOD"),
        _table("HARREFNO", _whole("HARREFMODUL", "HARREFKONU", "HARREFDEGER"), key="HARREFMODUL, HARREFKONU"),
        _table("SIRKETLOG", _whole("SIRLOGMODUL", "SIRLOGKYTREFNO"), _day("SIRLOGILKTAR", "SIRLOGSONTAR")),
        _table(
            "FATFIS",
            _day("FATFISTAR", "FATFISDOVTAR", "FATFISIRSTAR"),
            _whole(
                *(
                    "FATFISREFNO",
                    "FATFISTIPI",
                    "FATFISGCFLAG",
                    "FATFISKAYONC",
                    "FATFISKAYNAK",
                    "FATFISKAPFLAG",
                ),
                *("FATFISKDVDAHILFLAG", "FATFISADRESNO", "FATFISSEVNO", "FATFISSTKREFNO", "FATFISCARREFNO"),
                "FATFISMUHREFNO",
            ),
            _text(
                "FATFISANADEPO", "FATFISSAAT", "FATFISCARKOD", "FATFISDOVKOD", "FATFISDOVTUR", "FATFISIRSNO"
            ),
            _text("FATFISEVRAKNO1", length=16),
            _text("FATFISCARUNVAN", length=100),
            _amount(
                *(
                    "FATFISMALTOP",
                    "FATFISKALINDYTOP",
                    "FATFISBRUTTOPLAM",
                    "FATFISKDVMATRAHI",
                    "FATFISKDVTUTARI",
                ),
                *("FATFISARATOPLAM", "FATFISGENTOPLAM", "FATFISTEVTUTAR", "FATFISTOPOTUT", "FATFISDOVKUR"),
                "FATFISGENDOVTOP",
            ),
            key="FATFISREFNO",
        ),
        _table(
            "FATHAR",
            *_movement("FATHAR"),
            _whole("FATHARKODTIP", "FATHARIPTALFLAG", "FATHARIADE"),
            _text("FATHARDEPOKOD"),
            _text("FATHARACIKLAMA", "FATHARACIKLAMA1", length=100),
        ),
        _table(
            "FATFISTOPLAM",
            _day("FFTTAR"),
            _whole("FFTREFNO", "FFTTIPI", "FFTKONU"),
            _text("FFTBASLIK"),
            _amount("FFTTUTAR", "FFTMATRAH", "FFTKDVORAN"),
        ),
        _table(
            "STKFIS",
            _day("STKFISTAR", "STKFISDOVTAR"),
            _whole(
                "STKFISREFNO", "STKFISTIPI", "STKFISGCFLAG", "STKFISKAYONC", "STKFISKAYNAK", "STKFISSEVNO"
            ),
            _text("STKFISANADEPO", "STKFISEVRAKNO1", "STKFISEVRAKNO2"),
            _amount(
                *("STKFISTOPBTUT", "STKFISTOPISK", "STKFISTOPNTUT", "STKFISTOPKDV", "STKFISTOPKTUT"),
                "STKFISTOPOTUT",
            ),
            key="STKFISREFNO",
        ),
        _table("STKHAR", *_movement("STKHAR"), _text("STKHARANADEPO")),
    )
)
