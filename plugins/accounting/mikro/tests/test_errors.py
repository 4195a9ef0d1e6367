"""What Mikro's texts mean."""

import pytest

from kopru.sdk import AuthError, ConfigError, OutcomeUnknown, Rejected, TransientError
from kopru_mikro import errors


@pytest.mark.parametrize(
    ("said", "read", "written"),
    [
        ("Geçersiz api key", AuthError, AuthError),
        ("Json da ApiKey bilgisi eksik!", AuthError, AuthError),
        ("Şifre hatalı", AuthError, AuthError),
        ("Kullanıcı kodu bulunamadı", AuthError, AuthError),
        ("Geçersiz şifre", AuthError, AuthError),
        ("API lisansı bulunamadı", ConfigError, ConfigError),
        ("Veritabanına bağlantı kurulamadı", TransientError, OutcomeUnknown),
        ("Stok kodu bulunamadı: WIN-LISANS-01", Rejected, Rejected),
        ("Stok kodu bulunamadı: BAĞLANTI KABLOSU", Rejected, Rejected),
        ("Stok kodu bulunamadı: ŞİFRELİ KİLİT", Rejected, Rejected),
        ("Kullanıcı tablosunda tanımlı olmayan alan", Rejected, Rejected),
        ("LİSANS süresi dolmuş", ConfigError, ConfigError),
        ("Transaction was DEADLOCKED on lock resources", TransientError, TransientError),
        ("Execution Timeout Expired", TransientError, OutcomeUnknown),
        ("Veritabanı bağlantısı koptu", TransientError, OutcomeUnknown),
        ("Zaman aşımı", TransientError, OutcomeUnknown),
        ("Cari hesap kodu bulunamadı: 120.X", Rejected, Rejected),
        ("Demo firmada kayıt sınırına ulaşıldı.", Rejected, Rejected),
    ],
)
def test_texts_are_classified(said, read, written):
    assert type(errors.meaning(said, write=False)) is read
    assert type(errors.meaning(said, write=True)) is written
    assert said in errors.meaning(said, write=True).detail


@pytest.mark.parametrize(
    "entry",
    [
        {"IsError": True, "ErrorMessage": "", "StatusCode": 200},
        {"IsError": "true", "StatusCode": "500"},
        {"IsError": False, "ErrorMessage": "Stok bulunamadı", "StatusCode": 200},
        {"StatusCode": 500},
    ],
)
def test_any_sign_of_an_error_is_one(entry):
    with pytest.raises(Rejected):
        errors.data_of({"result": [entry]}, write=True)


@pytest.mark.parametrize(
    "entry", [{"IsError": False}, {"StatusCode": "200"}, {"IsError": 0, "ErrorMessage": None, "Data": [1]}]
)
def test_success_carries_its_data(entry):
    assert errors.data_of({"result": [entry]}, write=True) == entry.get("Data")
