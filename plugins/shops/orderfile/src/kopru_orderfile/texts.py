"""User texts of the plugin. A row's text starts with file, row, heading and cell: found at once."""

from kopru.model import Catalogue


def _cell(tr: str, en: str) -> tuple[str, str]:
    return (
        "{place}{row}. satır, “{heading}” sütunu ({cell}): " + tr,
        "{place}row {row}, column “{heading}” ({cell}): " + en,
    )


def _order(tr: str, en: str) -> tuple[str, str]:
    return "{place}{row}. satırda başlayan sipariş: " + tr, "{place}order starting in row {row}: " + en


TEXTS = Catalogue(
    {
        "orderfile.title": ("Sipariş dosyası (CSV, XLSX)", "Order file (CSV, XLSX)"),
        # A whole file.
        "orderfile.file.too_large": (
            "Dosya çok büyük: {size} bayt, sınır {limit}. Dışa aktarımı daha kısa dönemlere bölün.",
            "The file is too large: {size} bytes, the limit is {limit}. Export shorter periods.",
        ),
        "orderfile.file.too_many_rows": (
            "Dosyada {limit} satırdan fazlası var. Dışa aktarımı daha kısa dönemlere bölün.",
            "The file has more than {limit} rows. Export shorter periods.",
        ),
        "orderfile.file.empty": (
            "Dosya boş. Siparişleri yeniden dışa aktarın.",
            "The file is empty. Export the orders again.",
        ),
        "orderfile.file.unreadable": (
            "Dosya bozuk, okunamadı. Excel'de açıp yeniden XLSX olarak kaydedin ya da yeniden dışa aktarın.",
            (
                "The file is damaged and cannot be read. Open it in Excel and save it as XLSX, or "
                "export it again."
            ),
        ),
        "orderfile.file.doctype": (
            (
                "Dosyada bir Excel dosyasında olmaması gereken içerik (DOCTYPE) var; güvenlik "
                "nedeniyle okunmadı."
            ),
            "The file holds content that no workbook has (DOCTYPE) and was not read for safety.",
        ),
        "orderfile.file.old_excel": (
            (
                "Bu eski biçimde (.xls) ya da parolalı bir Excel dosyası. Excel'de açıp parolasız XLSX "
                "olarak kaydedin."
            ),
            (
                "This is an old (.xls) or password-protected Excel file. Open it in Excel and save it "
                "as XLSX without a password."
            ),
        ),
        "orderfile.file.html": (
            "Bu dosya Excel değil, web sayfası (HTML). Excel'de açıp XLSX olarak kaydedin.",
            "This file is a web page (HTML), not a workbook. Open it in Excel and save it as XLSX.",
        ),
        "orderfile.file.not_a_table": (
            "Bu dosya bir tablo değil. Siparişleri CSV ya da XLSX olarak dışa aktarın.",
            "This file is not a table. Export the orders as CSV or XLSX.",
        ),
        "orderfile.file.no_sheet": (
            "Çalışma kitabında “{wanted}” sayfası yok; olanlar: {names}. Ayarlardaki sayfa adını düzeltin.",
            "The workbook has no sheet “{wanted}”; it has: {names}. Correct the sheet name in the settings.",
        ),
        "orderfile.file.no_headings": (
            (
                "Dosyada tanınan sipariş başlığı bulunamadı. İlk satır: {headings}. Başlık satırı "
                "ekleyin ya da sütun eşlemesini ayarlardan yapın."
            ),
            (
                "No known order headings were found. First row: {headings}. Add a heading row or map "
                "the columns in the settings."
            ),
        ),
        "orderfile.file.lost_letters": (
            (
                "Başlıklardaki Türkçe harfler bozulmuş: {headings}. Dosyayı yeniden, UTF-8 CSV ya da "
                "XLSX olarak dışa aktarın."
            ),
            (
                "The Turkish letters in the headings are destroyed: {headings}. Export again as UTF-8 "
                "CSV or XLSX."
            ),
        ),
        "orderfile.heading.missing": (
            (
                "{place}Gerekli sütun yok: {wanted}. Dosyadaki başlıklar: {headings}. Sütun eşlemesine "
                "“{field}” alanını ekleyin ya da dosyaya sütunu ekleyin."
            ),
            (
                "{place}A required column is missing: {wanted}. Headings in the file: {headings}. Map "
                "the field “{field}” in the settings, or add the column to the file."
            ),
        ),
        "orderfile.heading.absent": (
            (
                "{place}Ayarlarda “{field}” için yazılan “{heading}” başlığı dosyada yok. Dosyadaki "
                "başlıklar: {headings}."
            ),
            (
                "{place}The heading “{heading}” set for “{field}” is not in the file. Headings in the "
                "file: {headings}."
            ),
        ),
        "orderfile.heading.repeated": (
            (
                "{place}“{heading}” başlığı birden çok sütunda var ve içerikleri farklı ({columns}). "
                "Sütun eşlemesinde “{field}” için “{heading}#1” ya da “{heading}#2” yazın."
            ),
            (
                "{place}The heading “{heading}” stands over several columns with different content "
                "({columns}). Set “{field}” to “{heading}#1” or “{heading}#2” in the column mapping."
            ),
        ),
        # One cell.
        "orderfile.row.too_long": _cell(
            "hücre çok uzun (en çok {limit} karakter). Kısaltın.",
            "the cell is too long ({limit} characters at most). Shorten it.",
        ),
        "orderfile.row.nul": _cell(
            "hücrede izin verilmeyen NUL karakteri var. Dosyayı yeniden dışa aktarın.",
            "the cell holds a NUL character. Export the file again.",
        ),
        "orderfile.row.undecodable": _cell(
            "hücredeki harfler okunamıyor. Karakter kodlamasını ayarlardan seçin ya da UTF-8 "
            "olarak dışa aktarın.",
            "the letters of the cell cannot be read. Choose the encoding in the settings, or "
            "export as UTF-8.",
        ),
        "orderfile.row.formula": _cell(
            "hücrede sonucu hesaplanmamış bir formül var. Dosyayı Excel'de açıp kaydedin.",
            "the cell holds a formula without a stored result. Open the file in Excel and save it.",
        ),
        "orderfile.row.cell_error": _cell(
            "hücrede hata değeri var (#YOK, #SAYI! gibi). Excel'de düzeltin.",
            "the cell holds an error value (such as #N/A). Correct it in Excel.",
        ),
        "orderfile.row.missing": _cell("hücre boş. Doldurun.", "the cell is empty. Fill it in."),
        "orderfile.row.bad_number": _cell(
            "“{value}” sayı olarak okunamadı. 1.234,56 gibi yazın; biçim farklıysa ayarlardan seçin.",
            "“{value}” cannot be read as a number. Write it like 1.234,56, or choose the format in "
            "the settings.",
        ),
        "orderfile.row.doubtful_number": _cell(
            "“{value}” hem {turkish} hem {international} olabilir ve dosyada bunu belirleyen başka "
            "sayı yok. Sayı biçimini ayarlardan seçin.",
            "“{value}” can mean {turkish} or {international}, and no other number in the file "
            "tells. Choose the number format in the settings.",
        ),
        "orderfile.row.number_is_date": _cell(
            "Excel buradaki sayıyı tarihe çevirmiş. Sütunu sayı yapıp değeri yeniden yazın.",
            "Excel has turned this number into a date. Format the column as numbers and enter it again.",
        ),
        "orderfile.row.bad_quantity": _cell(
            "“{value}” miktar olamaz; sıfırdan büyük olmalı. İade satırlarını dosyadan çıkarın.",
            "“{value}” is no quantity; it must be above zero. Take return rows out of the file.",
        ),
        "orderfile.row.bad_date": _cell(
            "“{value}” tarih olarak okunamadı. Beklenen biçim: 31.12.2026 14:05.",
            "“{value}” cannot be read as a date. Expected form: 31.12.2026 14:05.",
        ),
        "orderfile.row.doubtful_date": _cell(
            "“{value}” tarihinde gün ile ay ayırt edilemiyor. Tarih sırasını ayarlardan seçin.",
            "in “{value}” day and month cannot be told apart. Choose the order of dates in the settings.",
        ),
        "orderfile.row.mangled": _cell(
            "Excel bu numarayı kısaltmış ({value}); son haneleri kayıp. Sütunu metin yapıp yeniden "
            "dışa aktarın.",
            "Excel has shortened this number ({value}); its last digits are lost. Format the "
            "column as text and export again.",
        ),
        "orderfile.row.bad_code": _cell(
            "Excel buradaki kodu tarihe çevirmiş. Sütunu metin yapıp yeniden dışa aktarın.",
            "Excel has turned this code into a date. Format the column as text and export again.",
        ),
        "orderfile.row.no_price": _cell(
            "satırın fiyatı boş. Birim fiyatı ya da satır tutarını yazın.",
            "the line has no price. Enter a unit price or a line amount.",
        ),
        "orderfile.row.negative": _cell(
            "tutar sıfırdan küçük. İade ve iptal satırlarını dosyadan çıkarın ya da tutarı düzeltin.",
            "the amount is below zero. Take return rows out of the file, or correct the amount.",
        ),
        "orderfile.row.line_sum": _cell(
            "tutar {found}, ama diğer sütunlardan {expected} çıkıyor. Hangisi doğruysa öbürünü "
            "düzeltin ya da yanlış eşlenen sütunu ayarlardan kapatın.",
            "the amount is {found}, but the other columns give {expected}. Correct one of them, or "
            "switch the wrongly mapped column off in the settings.",
        ),
        "orderfile.row.discount_too_large": _cell(
            "indirim {discount}, satır tutarından ({amount}) büyük.",
            "the discount {discount} is larger than the line's amount ({amount}).",
        ),
        "orderfile.row.bad_rate": _cell(
            "“{value}” bir yüzde olamaz; 0 ile 100 arasında olmalı.",
            "“{value}” is no percentage; it must be between 0 and 100.",
        ),
        "orderfile.row.unusual_vat": _cell(
            "%{value} Türkiye'de kullanılan bir KDV oranı değil. Kontrol edin.",
            "{value} % is not a VAT rate used in Turkey. Please check.",
        ),
        "orderfile.row.vat_unclear": _cell(
            "KDV tutarı {value} hiçbir KDV oranına uymuyor. KDV oranı sütunu ekleyin ya da "
            "varsayılan oranı girin.",
            "the VAT amount {value} fits no VAT rate. Add a VAT rate column or set the default rate.",
        ),
        "orderfile.row.vat_missing": _cell(
            "fiyatlar KDV hariç, ama satırın KDV oranı yok. Oranı yazın ya da varsayılan oranı "
            "ayarlardan girin.",
            "prices are without VAT, but the line has no VAT rate. Enter it, or set the default rate.",
        ),
        "orderfile.row.doubtful_vat": _cell(
            "“{value}” KDV oranı da KDV tutarı da olabilir. “KDV” sütununun anlamını ayarlardan seçin.",
            "“{value}” can be a VAT rate or a VAT amount. Choose the meaning of the VAT column in "
            "the settings.",
        ),
        "orderfile.row.doubtful_price": _cell(
            "adet 1'den büyük ve “{value}” birim fiyat da satır tutarı da olabilir. “Fiyat” "
            "sütununun anlamını ayarlardan seçin.",
            "the quantity is above 1 and “{value}” can be a unit price or a line amount. Choose "
            "the meaning of the price column in the settings.",
        ),
        "orderfile.row.doubtful_total": _cell(
            "“{value}” satır tutarı da sipariş toplamı da olabilir. “Toplam” sütununun anlamını "
            "ayarlardan seçin.",
            "“{value}” can be a line amount or the order's total. Choose the meaning of the total "
            "column in the settings.",
        ),
        "orderfile.row.unknown_status": _cell(
            "“{value}” durumu tanınmıyor. Durum eşlemesine ekleyin.",
            "the status “{value}” is not known. Add it to the status mapping in the settings.",
        ),
        "orderfile.row.unknown_unit": _cell(
            "“{value}” birimi tanınmıyor. Adet, Kg, Lt, Mt, Paket, Kutu gibi yazın.",
            "the unit “{value}” is not known. Write one such as Adet, Kg, Lt, Mt, Paket, Kutu.",
        ),
        "orderfile.row.unknown_country": _cell(
            "“{value}” ülkesi tanınmıyor. TR, DE gibi iki harfli kodunu yazın.",
            "the country “{value}” is not known. Write its two-letter code, such as TR or DE.",
        ),
        "orderfile.row.unknown_currency": _cell(
            "“{value}” para birimi tanınmıyor. TRY, USD, EUR gibi yazın.",
            "the currency “{value}” is not known. Write TRY, USD, EUR or another ISO code.",
        ),
        "orderfile.row.other_currency": _cell(
            "tutar “{value}” yazıyor, ama siparişin para birimi {currency}. Para birimi sütunu ekleyin.",
            "the amount says “{value}”, but the order's currency is {currency}. Add a currency column.",
        ),
        "orderfile.row.unclear_answer": _cell(
            "“{value}” evet ya da hayır olarak okunamadı.",
            "“{value}” cannot be read as yes or no.",
        ),
        "orderfile.row.bad_tax_number": _cell(
            "“{value}” vergi numarası olamaz: VKN 10, TCKN 11 hanelidir.",
            "“{value}” is no tax number: a VKN has 10 digits, a TCKN 11.",
        ),
        "orderfile.row.tax_number_check": _cell(
            "{value} numarasının kontrol hanesi tutmuyor. Alıcıdan doğrulayın.",
            "the check digit of {value} is wrong. Verify the number with the buyer.",
        ),
        "orderfile.row.zero_restored": _cell(
            "Excel baştaki sıfırı silmiş; numara {value} olarak okundu.",
            "Excel has dropped the leading zero; the number was read as {value}.",
        ),
        "orderfile.row.quotes": _cell(
            'satırda kapanmamış tırnak (") var. Tırnağı düzeltin ya da silin.',
            'the row has a quote (") that is never closed. Correct or remove it.',
        ),
        "orderfile.row.shifted": _cell(
            "satırda başlıklardan fazla hücre var; sütunlar kaymış olabilir. Ayırıcı içeren "
            "hücreleri tırnak içine alın.",
            "the row has more cells than headings; its columns may have shifted. Put cells that "
            "contain the separator in quotes.",
        ),
        "orderfile.row.no_number": _cell(
            "sipariş numarası boş; satır hiçbir siparişe eklenemedi. Numarayı yazın. Numara "
            "yalnızca ilk satırda duruyorsa ayarlardan “Boş sipariş no üstteki siparişe aittir” "
            "seçeneğini açın.",
            "the order number is empty, so the row belongs to no order. Enter it. If it stands in "
            "the first row only, switch on “fill_down” in the settings.",
        ),
        # One order.
        "orderfile.order.no_lines": _order(
            "ürün satırı yok. Ürün, adet ve fiyat sütunlarını doldurun.",
            "has no product line. Fill in product, quantity and price.",
        ),
        "orderfile.order.rows_disagree": _order(
            "“{heading}” satırdan satıra değişiyor ({values}). Bir siparişin bütün satırlarında aynı olmalı.",
            "“{heading}” differs from row to row ({values}). It must be the same in all rows of one order.",
        ),
        "orderfile.order.total_mismatch": _order(
            "“{heading}” {total}, ama satırların toplamı {sum}. Eksik satır, indirim ya da kargo "
            "ücreti var mı, fiyatlarda KDV ayarı doğru mu bakın.",
            "“{heading}” is {total}, but the lines add up to {sum}. Look for a missing line, "
            "discount or shipping fee, and whether the VAT setting of prices is right.",
        ),
        "orderfile.order.discount_too_large": _order(
            "sipariş indirimi {discount}, satırların toplamından ({amount}) büyük.",
            "the order's discount {discount} is larger than the sum of its lines ({amount}).",
        ),
        "orderfile.order.repeated_line": _order(
            "“{value}” kalem numarası iki satırda var, ama satırlar farklı.",
            "the line number “{value}” stands in two rows that differ.",
        ),
        "orderfile.order.identical_rows": _order(
            "{rows}. satırlar birebir aynı ve ikisi de sayıldı. Dosya iki dışa aktarımın "
            "birleşimiyse fazlasını silin.",
            "rows {rows} are identical and both were counted. If the file joins two exports, "
            "delete the extra ones.",
        ),
        "orderfile.order.already_invoiced": _order(
            "faturası kesilmiş görünüyor ({value}); ikinci fatura kesilmesin diye bekletiliyor. "
            "Yine de almak için ayarlardan “Faturası kesilmiş siparişler”i değiştirin.",
            "seems to be invoiced already ({value}) and is held so that it is not invoiced twice. "
            "To take it nevertheless, change “invoiced_orders” in the settings.",
        ),
        "orderfile.order.billing_city_assumed": _order(
            "fatura adresinin ili dosyada yok; teslimat ili ({value}) yazıldı. Kontrol edin.",
            "the file has no city for the billing address; the delivery city ({value}) was taken. "
            "Please check.",
        ),
        # Hooks.
        "orderfile.folder.too_much": (
            (
                "Klasörde çok fazla veri var: {count} dosya, {size} bayt (sınır {files} dosya, {limit} "
                "bayt). İşlenmiş dosyaları başka bir klasöre taşıyın."
            ),
            (
                "The folder holds too much: {count} files, {size} bytes (limit {files} files, {limit} "
                "bytes). Move processed files to another folder."
            ),
        ),
        "orderfile.cursor": (
            "Klasör okunurken değişti; baştan okunacak.",
            "The folder changed while it was read; reading starts again.",
        ),
        "orderfile.refs.unsupported": (
            "Sipariş dosyalarında yalnızca siparişler vardır.",
            "Order files hold orders only.",
        ),
        "orderfile.payload.unreadable": (
            "Saklanan sipariş verisi okunamadı.",
            "The stored order data cannot be read.",
        ),
        # Connection check.
        "orderfile.check.folder": ("Klasör okunabiliyor: {folder}.", "The folder can be read: {folder}."),
        "orderfile.check.folder_fix": (
            "Klasörün yolunu ve okuma iznini kontrol edin.",
            "Check the folder's path and permission to read.",
        ),
        "orderfile.check.files": (
            "{count} sipariş dosyası bulundu: {names}.",
            "{count} order files were found: {names}.",
        ),
        "orderfile.check.no_files": (
            "Klasörde “{pattern}” kalıbına uyan CSV ya da XLSX dosyası yok.",
            "The folder holds no CSV or XLSX file that fits “{pattern}”.",
        ),
        "orderfile.check.no_files_fix": (
            "Panelinizden siparişleri CSV ya da XLSX olarak dışa aktarıp bu klasöre koyun.",
            "Export your orders as CSV or XLSX and put the file into this folder.",
        ),
        "orderfile.check.table": (
            (
                "{place}{orders} sipariş, {lines} satır hazır. Sütunlar: {columns}. Fiyatlar KDV "
                "{vat_tr}.{unused_tr}"
            ),
            (
                "{place}{orders} orders with {lines} lines are ready. Columns: {columns}. Prices "
                "{vat_en} VAT.{unused_en}"
            ),
        ),
        "orderfile.check.held": (
            "{place}{held} kayıt bekletilecek. İlki: {first}",
            "{place}{held} records would be held. The first: {first}",
        ),
        "orderfile.check.held_fix": (
            "Dosyayı düzeltip aynı klasöre yeniden koyun; diğer siparişler etkilenmez.",
            "Correct the file and put it into the folder again; the other orders are not affected.",
        ),
        "orderfile.check.file_fix": (
            "Dosyayı düzeltin ya da klasörden çıkarın; diğer dosyalar etkilenmez.",
            "Correct the file or take it out of the folder; the other files are not affected.",
        ),
        "orderfile.check.skipped": (
            "{count} dosya daha var; denetimde yalnızca son {shown} dosya açıldı.",
            "There are {count} more files; the check opened the last {shown} only.",
        ),
    }
)
