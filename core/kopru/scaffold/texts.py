"""User texts of the scaffold."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "scaffold.kind.unknown": (
            "“{given}” diye bir tür yok; “{near}” mi? Türler: {known}.",
            "There is no kind “{given}”; did you mean “{near}”? Kinds are: {known}.",
        ),
        "scaffold.transport.unknown": (
            "“{given}” diye bir bağlantı yolu yok; “{near}” mi? Yollar: {known}.",
            "There is no transport “{given}”; did you mean “{near}”? Transports are: {known}.",
        ),
        "scaffold.transport.needed": (
            "“{kind}” türü bir karşı sisteme bağlanır: --transport http, soap, sql ya da file verin.",
            "A plugin of kind “{kind}” connects to something: pass --transport http, soap, sql or file.",
        ),
        "scaffold.capability.unknown": (
            "“{given}” diye bir kanca yok; “{near}” mi? Kancalar: {known}.",
            "There is no hook “{given}”; did you mean “{near}”? Hooks are: {known}.",
        ),
        "scaffold.name": (
            (
                "“{name}” eklenti adı olamaz: küçük harfle başlayın, yalnız a-z, 0-9 ve _ kullanın, "
                "en çok {most} karakter; Python'un ve Köprü'nün ayırdığı sözcükler olmaz."
            ),
            (
                "“{name}” cannot name a plugin: begin with a letter and use a-z, 0-9 and _ only, at most "
                "{most} characters; words that Python or Köprü reserves are out."
            ),
        ),
        "scaffold.title": (
            "Başlık en çok {most} karakter olmalı; tırnak, ters bölü ve ayraç içermemeli.",
            "The title has at most {most} characters and no quotes, backslashes or brackets.",
        ),
        "scaffold.taken": (
            "“{folder}” klasörü boş değil; hiçbir dosyaya dokunulmadı. --folder ile başka bir yer verin.",
            "The folder “{folder}” is not empty; no file was touched. Name another place with --folder.",
        ),
        "scaffold.unwritable": (
            "“{folder}” klasörüne yazılamıyor. --folder ile başka bir yer verin.",
            "The folder “{folder}” cannot be written to. Name another place with --folder.",
        ),
    }
)
