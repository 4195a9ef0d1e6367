"""The user texts of the runtime."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "runtime.home.not_writable": (
            (
                "Veri klasörü {home} kullanılamıyor. Yazma izni verin ya da KOPRU_HOME ile başka bir klasör "
                "gösterin."
            ),
            (
                "The data directory {home} cannot be used. Allow writing to it, or set KOPRU_HOME to another "
                "one."
            ),
        ),
        "runtime.home.other_user": (
            (
                "Veri klasörü {home}, {owner} kullanıcısı tarafından kuruldu. Komutu o kullanıcıyla "
                "çalıştırın ya da KOPRU_HOME ile başka bir klasör gösterin."
            ),
            (
                "The data directory {home} was set up by the user {owner}. Run the command as that user, or "
                "set KOPRU_HOME to another directory."
            ),
        ),
        "runtime.home.busy": (
            (
                "Başka bir komut {home} içindeki sunucuları hâlâ başlatıyor ya da durduruyor. Bitmesini "
                "bekleyip yeniden deneyin."
            ),
            "Another command is still starting or stopping the servers of {home}. Wait for it and try again.",
        ),
        "runtime.up.running": (
            "Köprü bu veri klasöründe zaten çalışıyor (süreç {pid}). Durdurmak için: kopru down",
            "Köprü already runs on this data directory (process {pid}). To stop it: kopru down",
        ),
        "runtime.server.missing": (
            (
                "{server} programı kurulu değil. `{package}` paketini kurun ya da {variable} ile kendi "
                "sunucunuzu gösterin."
            ),
            (
                "The program of {server} is not installed. Install the package `{package}`, or point "
                "{variable} at a server of your own."
            ),
        ),
        "runtime.server.failed": (
            "{server} başlatılamadı. Nedeni şu günlükte: {log}",
            "{server} could not be started. Its log says why: {log}",
        ),
        "runtime.server.silent": (
            "{server} başladı ama {seconds} saniye içinde yanıt vermedi. Günlüğü: {log}",
            "{server} started but did not answer within {seconds} seconds. Its log: {log}",
        ),
        "runtime.server.stuck": (
            (
                "{server} sunucusunun önceki süreçleri bitmiyor. `kopru down` deneyin; olmazsa {directory} "
                "klasöründe çalışan süreçleri sonlandırın."
            ),
            (
                "Earlier processes of {server} do not end. Try `kopru down`; if it does not help, end the "
                "processes that run in {directory}."
            ),
        ),
        "runtime.server.foreign": (
            (
                "{directory} içindeki veriyi Köprü'nün başlatmadığı bir {server} kullanıyor (süreç {pid}). "
                "Önce onu durdurun."
            ),
            (
                "A {server} that Köprü did not start uses the data in {directory} (process {pid}). Stop it "
                "first."
            ),
        ),
        "runtime.postgres.no_account": (
            (
                "PostgreSQL root olarak çalışmaz ve bu makinede `nobody` hesabı yok. Köprü'yü sıradan bir "
                "kullanıcıyla çalıştırın ya da KOPRU_DATABASE_URL ile kendi sunucunuzu gösterin."
            ),
            (
                "PostgreSQL does not run as root and this machine has no account `nobody`. Run Köprü as an "
                "ordinary user, or point KOPRU_DATABASE_URL at a server of your own."
            ),
        ),
        "runtime.postgres.no_place": (
            (
                "PostgreSQL root olarak çalışmaz; {account} hesabı da {home} klasörüne giremiyor ve {tried} "
                "altında yer açılamadı. KOPRU_HOME ile herkesin geçebildiği bir yol gösterin."
            ),
            (
                "PostgreSQL does not run as root; the account {account} cannot enter {home}, and no place "
                "could be made below {tried}. Set KOPRU_HOME to a path that everybody may pass through."
            ),
        ),
        "runtime.postgres.out_of_reach": (
            (
                "{data} içinde veritabanı var ama {account} hesabı oraya giremiyor. Üst klasörlere geçiş "
                "izni verin (chmod o+x) ya da klasörü eski yerine taşıyın."
            ),
            (
                "There is a database in {data}, but the account {account} cannot enter. Allow passing "
                "through the folders above it (chmod o+x), or move it back to where it was."
            ),
        ),
        "runtime.postgres.copied_home": (
            (
                "{home}, {original} klasörünün kopyası; veritabanı ise ona ait ({place}). Boş bir "
                "veritabanıyla başlamak için {pointer} dosyasını silin."
            ),
            (
                "{home} is a copy of {original}, and the database belongs to that one ({place}). To begin "
                "with an empty database, delete the file {pointer}."
            ),
        ),
        "runtime.postgres.lost_place": (
            (
                "Veritabanının durduğu {place} klasörü yok. Yedekten geri koyun; boş bir veritabanıyla "
                "başlamak için {pointer} dosyasını silin."
            ),
            (
                "The folder {place}, which held the database, is gone. Restore it from a backup; to begin "
                "with an empty database, delete the file {pointer}."
            ),
        ),
        "runtime.postgres.other_major": (
            (
                "{data} içindeki veritabanı PostgreSQL {found} ile yapılmış; bu Köprü PostgreSQL {ours} "
                "getirir. Önceki Köprü sürümüyle `pg_dump` alıp boş bir KOPRU_HOME içine yükleyin ya da "
                "KOPRU_DATABASE_URL ile PostgreSQL {found} sunucunuzu gösterin. Veriye dokunulmadı."
            ),
            (
                "The database in {data} was made by PostgreSQL {found}; this Köprü brings PostgreSQL {ours}. "
                "Dump it with `pg_dump` under the earlier Köprü and load it into an empty KOPRU_HOME, or "
                "point KOPRU_DATABASE_URL at a PostgreSQL {found} of your own. The data was not touched."
            ),
        ),
        "runtime.postgres.other_owner": (
            (
                "{data} klasörünün sahibi {owner}; PostgreSQL ise {account} olarak çalışacak. Köprü'yü "
                "veriyi kuran kullanıcıyla çalıştırın."
            ),
            (
                "{data} belongs to {owner}, but PostgreSQL would run as {account}. Run Köprü as the user who "
                "set the data up."
            ),
        ),
        "runtime.postgres.init_failed": (
            "{data} içinde yeni veritabanı kurulamadı.",
            "A new database could not be made in {data}.",
        ),
    }
)
