//! The salt: by class, what names somebody or opens something. Everything is invented.

use base64::Engine as _;
use serde_json::{Value, json};

const GIVEN: &[&str] = &[
    "Maximilian",
    "Zoë",
    "Ana",
    "Jörg",
    "Siobhán",
    "Łukasz",
    "Ingeborg",
    "Đorđe",
    "Nuño",
    "Anaïs",
    "Þóra",
    "İlker",
    "王小明",
    "北京客户公司",
    "김민수",
    "Иван",
    "Γιώργος",
    "محمد",
    "ชัยวัฒน์",
    "Bo",
    "Li",
    "Xiu",
    "Ute",
];

const FAMILY: &[&str] = &[
    "Mustermann-Altname",
    "Müllerschön",
    "O'Neilson",
    "Straßmayr",
    "Grabowski",
    "van der Zwaan",
    "Plüschbär",
    "Hauptplatzer",
    "Szczepański",
    "Ferreira da Costa",
    "McAllistair",
    "D'Agostini",
    "Öztürk",
];

const COMPANIES: &[&str] = &[
    "Tailspin",
    "Geheimfirma GmbH",
    "Adatumland",
    "Grazfirma",
    "Plüschbär KG",
    "Wingtipper SARL",
    "Zwölfaxing AG",
    "Kärntner Werke",
    "Xyloba Oy",
];

const STREETS: &[&str] = &[
    "Hauptplatz 1",
    "Jakoministrasse 22",
    "Unter den Linden 77",
    "Rue Lafayette 9",
    "Calle Serrano 41",
    "Steiermark",
    "Kaiserslautern",
    "10117",
    "A-8010",
    "SW1A 1AA",
    "Berlinchen",
    "Graz Hauptplatz",
    "B12/3",
    "Zürichberg",
];

const PHONES: &[&str] = &[
    "+49 170 5551234",
    "+43 664 1112223",
    "+1 (425) 555-0123",
    "0043 316 7654321",
    "+43 6641234567",
    "(425) 555-0187",
    "425-555-0199",
    "0316 123456",
    "030/1234567",
    "+44 20 7946 0958",
    "+33 1 70 18 99 00",
];

const IDS: &[&str] = &[
    "E0099812",
    "E-77123",
    "99812345",
    "S-1-5-21-1004336348-1177238915-682003330-51209",
    "S-1-5-21-111-222-333-1106",
    "CN=Zoe,OU=Svcx,DC=corpsecret,DC=local",
    "CN=Boss Namenlos,OU=HQx,DC=geheim,DC=local",
    "x500:/o=Geheim/cn=Recipientsx/cn=zmuller",
    "DE89370400440532013000",
    "AT611904300234573201",
    "GB29NWBK60161331926819",
    "123-45-6789",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "{AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE}",
    "bbbbbbbb-1111-4111-8111-1111111111f1",
    "11111111111141118111111111111ABC",
    "AAAAAAAA%2DBBBB%2D4CCC%2D8DDD%2DEEEEEEEEEEEF",
    "AbCdEfGhIjKlMnOpQrStUw",
];

const MACHINES: &[&str] = &[
    "LAPTOP-ZOE",
    "DESKTOP-MAX01",
    "Zoe's iPhone",
    "DESKTOP-ZOE01.corpsecret.local",
    r"C:\Users\zmuller\x.txt",
    r"\\fileserver9\geheim$\liste.xlsx",
    "/home/zmuller/.azure",
    "sql01.kellerwald.local",
    "SRVGRZ042",
];

const HOSTS: &[&str] = &[
    "contososecret.onmicrosoft.com",
    "orgsecret9.crm4.dynamics.com",
    "sharesecret-my.sharepoint.com",
    "https://adfs.geheimfirma.at/adfs/ls",
    "http://intrasecret/x",
    "geheimstore.blob.core.windows.net",
    "https://zuser:pass4word@hostsecret.example/x",
    "proxysecret.example:8080",
    "10.91.72.93",
    "203.0.113.200",
    "2001:0DB8:0:7:8::ABCD",
    "::ffff:203.0.113.99",
    "münchen-firma.de",
];

const MAILS: &[&str] = &[
    "zoe.muller@adatum-secret.com",
    "max@geheimfirma.at",
    "zoe%40pctsecret.com",
    "zoe%2Emuller%40adatum-secret.com",
    "zoe+tag@plus-secret.com",
    "zoe_gmail.com%23EXT%23@geheimtenant.onmicrosoft.com",
    "zoe＠fullsecret.com",
    "zmuller (at) atsecret.com",
    "SMTP:max.altname@geheimfirma.at",
    "zoe@münchen-firma.de",
    r"GEHEIM\zmuller",
    "zmuller",
    "svc-geheim@grazfirma.at",
];

const SECRETS: &[&str] = &[
    "8Q~abcDEFghiJKLmnoPQRstuVWXyz0123456789",
    "AccountKey=abcdEFGH1234567890abcdEFGH1234567890abcdEFGH12==",
    "?sv=2022&sig=SIGSECRET123%3D",
    "?code=OAQABAAAA_shortcode",
    "api_key=sk_live_51Hxyz",
    "X-Api-Key: geheim-4711-key",
    "token: ghp_16C7e42F292c6912E7",
    "secret=Hunter2Geheim",
    "Authorization: Basic em9lOmh1bnRlcjI=",
    "Cookie: ESTSAUTH=0.AAAAgeheim; x=1",
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.\neyJ1cG4iOiJ6b2VAYWRhdHVtLmNvbSJ9.\nc2lnbmF0dXJl",
    "Pwd=Passw0rd!x",
    "pwd: hunter2pw",
    "Password = Sup3rS3cret!",
    "client_secret=8Q~zzz",
    "apns2-abcdef0123456789",
    "em9lQGFkYXR1bS1zZWNyZXQuY29t",
    "SharedAccessSignature=sr%3dgeheim",
];

/// Every value that is a text: those of the lists, and names as people write them.
pub(super) fn texts() -> Vec<String> {
    let mut all: Vec<String> = [
        COMPANIES, STREETS, PHONES, IDS, MACHINES, HOSTS, MAILS, SECRETS, FAMILY,
    ]
    .concat()
    .into_iter()
    .map(str::to_owned)
    .collect();
    all.extend(
        GIVEN
            .iter()
            .filter(|name| name.len() > 2)
            .map(|name| (*name).to_owned()),
    );
    for (position, given) in GIVEN.iter().enumerate() {
        let family = FAMILY[position % FAMILY.len()];
        let plain: String = family
            .to_lowercase()
            .chars()
            .filter(char::is_ascii_lowercase)
            .collect();
        all.extend([
            format!("{given} {family}"),
            format!("{family}, {given}"),
            format!("{given}  {}", family.to_uppercase()),
            format!("{given}.{family}s"),
            format!("{plain}{position}@firma{position}-geheim.at"),
            base64::engine::general_purpose::STANDARD.encode(format!("{given} {family}@{plain}.at")),
            format!("https://{plain}{position}-geheim.sharepoint.com/sites/x"),
        ]);
    }
    all.sort();
    all.dedup();
    all
}

/// Every value that is a number.
pub(super) fn numbers() -> Vec<Value> {
    [47.0667, 15.4521, 48.20849, 16.37208, -33.86882]
        .iter()
        .map(|number| json!(number))
        .chain(
            [
                99_812_345_u64,
                493_012_345_678,
                123_456_789,
                64_500,
                4_915_155_512,
                77_123,
                3_161_234,
            ]
            .map(|number| json!(number)),
        )
        .collect()
}
