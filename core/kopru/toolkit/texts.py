"""User texts of the toolkit."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "xml.doctype": (
            "XML belgesi DOCTYPE içeriyor; güvenlik nedeniyle okunmadı.",
            "The XML document contains a DOCTYPE and was not read for safety.",
        ),
        "xml.too_large": (
            "XML belgesi çok büyük: {size} bayt, sınır {limit}.",
            "The XML document is too large: {size} bytes, the limit is {limit}.",
        ),
        "xml.malformed": (
            "XML belgesi bozuk. Belgeyi gönderenden yeniden isteyin.",
            "The XML document is malformed. Ask its sender for a new copy.",
        ),
        "xml.missing": (
            "XML belgesinde zorunlu alan yok: {path}.",
            "The XML document lacks a required field: {path}.",
        ),
        "table.unreadable": (
            "Tablo okunamadı. CSV ya da XLSX olarak yeniden kaydedin.",
            "The table could not be read. Save it as CSV or XLSX again.",
        ),
        "table.too_large": (
            "Tabloda {limit} satırdan fazlası var. Dosyayı bölün.",
            "The table has more than {limit} rows. Split the file.",
        ),
        "paging.cursor": (
            "Okuma konumu tanınmıyor; baştan okunacak.",
            "The read position is not known; reading starts again.",
        ),
        "paging.window_too_dense": (
            "Karşı sistem {seconds} saniyede {total} kayıt gösteriyor; bir sorgu en çok {cap} kayıt okuyor.",
            "The remote system shows {total} records in {seconds} seconds; one query reads at most {cap}.",
        ),
        "tax_number.vkn_check_digit": (
            "VKN {value} geçersiz: kontrol hanesi tutmuyor. Numarayı alıcıdan doğrulayın.",
            "VKN {value} is invalid: its check digit is wrong. Verify the number with the buyer.",
        ),
        "tax_number.tckn_check_digit": (
            "TCKN {value} geçersiz: kontrol haneleri tutmuyor. Numarayı alıcıdan doğrulayın.",
            "TCKN {value} is invalid: its check digits are wrong. Verify the number with the buyer.",
        ),
        "number.unreadable": (
            "“{value}” sayı olarak okunamadı.",
            "“{value}” cannot be read as a number.",
        ),
        "number.ambiguous": (
            "Sayıların yazımı belirsiz (“{value}”). Ayarlardan sayı biçimini seçin: 1.234,56 ya da 1,234.56.",
            "The number format is ambiguous (“{value}”). Choose it in the settings: 1.234,56 or 1,234.56.",
        ),
        "date.unreadable": (
            "“{value}” tarih olarak okunamadı. Beklenen biçim: 31.12.2026 14:05.",
            "“{value}” cannot be read as a date. Expected form: 31.12.2026 14:05.",
        ),
        "json.too_large": (
            "JSON verisi çok büyük: {size} bayt, sınır {limit}.",
            "The JSON data is too large: {size} bytes, the limit is {limit}.",
        ),
        "json.too_deep": (
            "JSON verisi çok derin iç içe: sınır {limit} düzey.",
            "The JSON data is nested too deeply: the limit is {limit} levels.",
        ),
        "json.encoding": (
            "JSON verisi UTF-8 değil.",
            "The JSON data is not UTF-8.",
        ),
        "json.malformed": (
            "JSON verisi bozuk.",
            "The JSON data is malformed.",
        ),
        "json.nul": (
            "JSON verisi izin verilmeyen NUL karakteri içeriyor.",
            "The JSON data contains a NUL character, which is not allowed.",
        ),
        "json.number": (
            "JSON verisinde okunamayacak kadar büyük ya da geçersiz bir sayı var.",
            "The JSON data contains a number that is invalid or too large to read.",
        ),
        "record.field.missing": ("Zorunlu alan yok: {field}.", "A required field is missing: {field}."),
        "record.field.unknown": ("Beklenmeyen alan: {field}.", "Unexpected field: {field}."),
        "record.field.type": ("Alanın türü yanlış: {field}.", "The field has the wrong type: {field}."),
        "record.field.value": ("Alanın değeri geçersiz: {field}.", "The field's value is invalid: {field}."),
        "record.field.length": (
            "Alanın uzunluğu geçersiz: {field}.",
            "The field's length is invalid: {field}.",
        ),
        "record.field.range": (
            "Alanın değeri izin verilen aralıkta değil: {field}.",
            "The field's value is out of range: {field}.",
        ),
        "record.inconsistent": (
            "Kaydın alanları birbiriyle çelişiyor.",
            "The record's fields contradict one another.",
        ),
        "record.unreadable": (
            "Kayıt belgelenen yapıya uymuyor ve okunamadı.",
            "The record does not have the documented shape and cannot be read.",
        ),
        "archive.malformed": ("ZIP arşivi bozuk.", "The ZIP archive is malformed."),
        "archive.too_large": (
            "ZIP arşivi açıldığında çok büyük: sınır {limit} bayt.",
            "The ZIP archive is too large when unpacked: the limit is {limit} bytes.",
        ),
        "archive.ratio": (
            "ZIP arşivinin sıkıştırma oranı kabul edilemeyecek kadar yüksek.",
            "The compression ratio of the ZIP archive is implausibly high.",
        ),
        "archive.members": (
            "ZIP arşivinde çok fazla dosya var: {count}, sınır {limit}.",
            "The ZIP archive holds too many files: {count}, the limit is {limit}.",
        ),
        "archive.name": (
            "ZIP arşivindeki dosya adı kabul edilmiyor: {name}.",
            "A file name in the ZIP archive is not acceptable: {name}.",
        ),
        "archive.encrypted": (
            "ZIP arşivi şifreli; şifresiz gönderilmesini isteyin.",
            "The ZIP archive is encrypted; ask for it without a password.",
        ),
        "archive.nested": (
            "ZIP arşivi çok derin iç içe: sınır {limit} düzey.",
            "The ZIP archive is nested too deeply: the limit is {limit} levels.",
        ),
        "graphql.answer": (
            "Karşı sistemin yanıtı GraphQL yanıtı değil; iş yeniden denenecek.",
            "The remote system's answer is no GraphQL answer; the job will be tried again.",
        ),
        "einvoice.field": (
            "e-Faturadaki {field} alanı okunamadı.",
            "The field {field} of the e-invoice could not be read.",
        ),
        "soap.answer": (
            "Karşı sistemin SOAP yanıtı okunamadı.",
            "The remote system's SOAP answer could not be read.",
        ),
        "soap.description": (
            "Karşı sistemin servis tanımı (WSDL) okunamadı; iş yeniden denenecek.",
            "The remote system's service description (WSDL) could not be read; the job will be tried again.",
        ),
        "soap.fault": (
            "Karşı sistem isteği hata ile yanıtladı: {reason}",
            "The remote system answered with a fault: {reason}",
        ),
        "soap.login_refused": (
            "Karşı sistem kullanıcı adını, parolayı ya da saati kabul etmedi. Bilgileri ve saati denetleyin.",
            "The remote system refused user name, password or time. Check the settings and the clock.",
        ),
        "soap.not_understood": (
            "Karşı sistem iletiyi tanımadı. Servis adresini ve arayüz seçimini denetleyin.",
            "The remote system did not understand the message. Check service address and interface.",
        ),
        "soap.unfit": (
            "Servis tanımı (WSDL) {operation} işlemine uymuyor. Servis adresini ve arayüzü denetleyin.",
            "The service description (WSDL) does not fit {operation}. Check service address and interface.",
        ),
        "soap.zeep_missing": (
            "SOAP desteği kurulu değil. Kurun: pip install 'kopru[soap]'",
            "SOAP support is not installed. Install it: pip install 'kopru[soap]'",
        ),
        "auth.token": (
            "Karşı sistem giriş yanıtında erişim anahtarı vermedi.",
            "The remote system's login answer carries no access token.",
        ),
        "tsql.text": (
            "Aranan değer SQL sorgusuna yazılamayan denetim karakterleri içeriyor.",
            "The value looked for holds control characters, which cannot be written into an SQL statement.",
        ),
    }
)
