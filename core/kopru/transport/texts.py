"""User texts of the transport."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "http.address_missing": (
            "Bağlantının sunucu adresi boş. Ayarlardan girin.",
            "The connection has no server address. Enter it in the settings.",
        ),
        "http.address_malformed": (
            "Sunucu adresi geçersiz. https://sunucu/yol biçiminde, kullanıcı adı ve parola içermeden girin.",
            "The server address is not valid. Enter https://server/path without user name and password.",
        ),
        "http.plain_refused": (
            "Şifresiz (http) bağlantıya yalnızca yerel ağdaki sunucular için izin verilir. https kullanın.",
            "Unencrypted http is allowed for servers in the local network only. Use https.",
        ),
        "http.address_refused": (
            "{host} iç ağa ya da ayrılmış bir adrese gidiyor. Sunucu sizinse bağlantıyı yerel işaretleyin.",
            "{host} leads to an internal or reserved address. For a server of your own, mark it as local.",
        ),
        "http.other_host": (
            "İstek bağlantının sunucusu dışındaki bir adrese gidiyor; gönderilmedi.",
            "The request leads to another server than the connection's and was not sent.",
        ),
        "http.path": (
            "İstek yolu geçersiz; gönderilmedi.",
            "The request path is not valid; nothing was sent.",
        ),
        "http.header": (
            "İstek başlığı geçersiz karakter içeriyor; gönderilmedi.",
            "A request header contains characters that are not allowed; nothing was sent.",
        ),
        "http.host_unknown": (
            "{host} adı çözülemedi. Sunucu adresini ve ağ bağlantısını kontrol edin.",
            "The name {host} cannot be resolved. Check the server address and the network.",
        ),
        "http.unreachable": (
            "Karşı sunucuya bağlanılamadı. Sunucunun çalıştığını ve adresi kontrol edin.",
            "The remote server cannot be reached. Check that it runs and that the address is right.",
        ),
        "http.tls": (
            "Karşı sunucunun güvenlik sertifikası doğrulanamadı.",
            "The remote server's certificate could not be verified.",
        ),
        "http.tls_local": (
            "Sunucunun sertifikası doğrulanamadı. Geçerli bir sertifika kurun ya da doğrulamayı kapatın.",
            "The server's certificate could not be verified. Install a valid one or turn verification off.",
        ),
        "http.timeout": (
            "Karşı sistem zamanında yanıt vermedi.",
            "The remote system did not answer in time.",
        ),
        "http.deadline": (
            "İşlem için ayrılan süre doldu; istek gönderilmedi.",
            "The time for this operation is used up; the request was not sent.",
        ),
        "http.connection_lost": (
            "Karşı sistemle bağlantı koptu.",
            "The connection to the remote system broke.",
        ),
        "http.malformed": (
            "Karşı sistemin yanıtı okunamadı.",
            "The remote system's answer cannot be read.",
        ),
        "http.too_large": (
            "Karşı sistemin yanıtı çok büyük: sınır {limit} bayt.",
            "The remote system's answer is too large: the limit is {limit} bytes.",
        ),
        "http.redirect": (
            "Karşı sistem isteği {location} adresine yönlendirdi; izlenmedi. Sunucu adresini kontrol edin.",
            "The remote system redirects to {location}, which was not followed. Check the server address.",
        ),
        "http.unauthorized": (
            "Karşı sistem kimlik bilgilerini kabul etmedi (401). Anahtar ve parolayı kontrol edin.",
            "The remote system refused the credentials (401). Check the key and the password.",
        ),
        "http.forbidden": (
            "Karşı sistem bu işleme izin vermedi (403). Kullanıcının yetkilerini kontrol edin.",
            "The remote system does not permit this (403). Check the user's rights.",
        ),
        "http.not_found": (
            "Kayıt karşı sistemde bulunamadı (404).",
            "The record was not found in the remote system (404).",
        ),
        "http.conflict": (
            "Karşı sistem kaydın zaten var olduğunu bildirdi (409).",
            "The remote system says that the record already exists (409).",
        ),
        "http.upgrade_required": (
            "Karşı sistem bu arayüz sürümünü artık kabul etmiyor (426). Eklentiyi güncelleyin.",
            "The remote system no longer accepts this version of its interface (426). Update the plugin.",
        ),
        "http.rejected": (
            "Karşı sistem isteği reddetti ({status}).",
            "The remote system rejected the request ({status}).",
        ),
        "http.rate_limited": (
            "Karşı sistemin çağrı sınırına gelindi (429).",
            "The remote system's call limit was reached (429).",
        ),
        "http.server_error": (
            "Karşı sistem hata verdi ({status}).",
            "The remote system failed ({status}).",
        ),
        "http.outcome_unknown": (
            "Gönderimin sonucu bilinmiyor; kayıt karşı sistemde aranacak.",
            "The outcome of the write is unknown; the record will be looked up.",
        ),
        "http.lease_lost": (
            "İşi başka bir çalışan devraldı; istek gönderilmedi.",
            "Another worker took the job over; the request was not sent.",
        ),
        "circuit.open": (
            "Karşı sistem yanıt vermiyor; arada bir denenecek ve yanıt verince işler sürecek.",
            "The remote system does not answer; it is tried now and then, and work goes on once it does.",
        ),
        "limit.quota": (
            "“{quota}” çağrı sınırı doldu; {seconds} saniye sonra sürecek.",
            "The call limit “{quota}” is used up; work goes on in {seconds} seconds.",
        ),
        "limit.unavailable": (
            "Çağrı sınırı şu an denetlenemiyor; istek ertelendi.",
            "The call limit cannot be checked right now; the request was put off.",
        ),
        "files.folder_missing": (
            "Bağlantının klasörü yok ya da okunamıyor: {folder}.",
            "The connection's folder does not exist or cannot be read: {folder}.",
        ),
        "files.missing": ("Dosya bulunamadı: {name}.", "There is no such file: {name}."),
        "files.outside": (
            "Dosya adı bağlantının klasörü dışına çıkıyor: {name}.",
            "The file name leads out of the connection's folder: {name}.",
        ),
        "files.too_large": (
            "Dosya çok büyük: {name}, {size} bayt, sınır {limit}.",
            "The file is too large: {name}, {size} bytes, the limit is {limit}.",
        ),
        "files.exists": (
            "Bu adla başka içerikli bir dosya zaten var: {name}.",
            "A file of this name with other content already exists: {name}.",
        ),
        "files.unwritable": (
            "Dosya yazılamadı: {name}. Klasörün yazma iznini ve boş yeri kontrol edin.",
            "The file could not be written: {name}. Check the folder's permissions and free space.",
        ),
        "files.unreadable": (
            "Dosya okunamadı: {name}. İzinleri kontrol edin.",
            "The file could not be read: {name}. Check its permissions.",
        ),
        "sql.server_missing": (
            "Bağlantının SQL Server adresi boş. Ayarlardan girin.",
            "The connection has no SQL Server address. Enter it in the settings.",
        ),
        "sql.plain_refused": (
            "Şifresiz SQL bağlantısına yalnızca yerel ağdaki sunucular için izin verilir.",
            "An unencrypted SQL connection is allowed for servers in the local network only.",
        ),
        "sql.no_driver": (
            "SQL Server sürücüsü kurulu değil: pip install 'kopru[mssql]'",
            "The driver for SQL Server is not installed: pip install 'kopru[mssql]'",
        ),
        "sql.name": (
            "Veritabanı, tablo ya da prosedür adı geçersiz: {name}. Harf, rakam ve alt çizgi kullanılır.",
            "Not a name of a database, table or procedure: {name}. Only letters, digits and underscores.",
        ),
        "sql.value": (
            "Değer veritabanı alanına sığmıyor: {name} ({type}).",
            "The value does not fit the database field: {name} ({type}).",
        ),
        "sql.statement": (
            "Eklentinin SQL dosyası hatalı: {name}.",
            "The plugin's SQL file is faulty: {name}.",
        ),
        "sql.statement_refused": (
            "SQL Server eklentinin SQL dosyasını çalıştıramadı ({number}).",
            "SQL Server cannot run the plugin's SQL file ({number}).",
        ),
        "sql.too_many": (
            "Sorgu {limit} satırdan fazlasını döndürdü.",
            "The statement returned more than {limit} rows.",
        ),
        "sql.deadline": (
            "İşlem için ayrılan süre doldu; SQL komutu gönderilmedi.",
            "The time for this operation is used up; the statement was not sent.",
        ),
        "sql.unreachable": (
            "SQL Server'a bağlanılamadı. Adresi, kapıyı, TCP/IP ayarını ve güvenlik duvarını kontrol edin.",
            "SQL Server cannot be reached. Check address, port, the TCP/IP setting and the firewall.",
        ),
        "sql.timeout": ("SQL Server zamanında yanıt vermedi.", "SQL Server did not answer in time."),
        "sql.connection_lost": ("SQL Server bağlantısı koptu.", "The connection to SQL Server broke."),
        "sql.outcome_unknown": (
            "SQL yazma işleminin sonucu bilinmiyor; kayıt veritabanında aranacak.",
            "The outcome of the SQL write is unknown; the record will be looked up.",
        ),
        "sql.login": (
            "SQL Server girişi reddetti ({number}). Kullanıcı adını ve parolayı kontrol edin.",
            "SQL Server refused the login ({number}). Check user name and password.",
        ),
        "sql.database": (
            "Veritabanı yok ya da kullanıcıya kapalı ({number}). Adını ve yetkiyi kontrol edin.",
            "The database does not exist or is closed to the user ({number}). Check name and rights.",
        ),
        "sql.permission": (
            "SQL kullanıcısının yetkisi yok ({number}): {text}",
            "The SQL user lacks a permission ({number}): {text}",
        ),
        "sql.unknown_object": (
            "Tablo, sütun ya da prosedür veritabanında yok ({number}): {text}",
            "A table, column or procedure is not in the database ({number}): {text}",
        ),
        "sql.undone": (
            "SQL Server işlemi geri aldı ({number}); yeniden denenecek.",
            "SQL Server undid the operation ({number}); it will be tried again.",
        ),
        "sql.exists": (
            "Kayıt veritabanında zaten var ({number}).",
            "The record is in the database already ({number}).",
        ),
        "sql.busy": (
            "SQL Server meşgul, beklenmesini istiyor.",
            "SQL Server is busy and asks for a pause.",
        ),
        "sql.rejected": (
            "SQL Server kaydı reddetti ({number}): {text}",
            "SQL Server refused the record ({number}): {text}",
        ),
    }
)
