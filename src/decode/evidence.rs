//! What a text speaks about: the evidence that decides whether a number or a word is a code.
//!
//! A number such as `0x80048408` is a Dataverse code in a Dataverse text and an address in a disassembly.
//! Nothing here is about particular texts; each list names products, their hosts and their vocabulary.

use std::sync::LazyLock;

use regex::Regex;

/// The evidence of one text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Dataverse, Dynamics 365, its SDK or its vocabulary.
    pub dataverse: bool,
    /// Entra ID, its hosts or its sign-in libraries.
    pub entra: bool,
    /// Any Microsoft cloud service (implied by the two above).
    pub microsoft: bool,
    /// MSAL, ADAL or a shell that signs in through them.
    pub library: bool,
    /// A sign-in log record.
    pub sign_in_record: bool,
    /// WS-Federation, WS-Trust or AD FS.
    pub federation: bool,
    /// Another identity provider or another vendor's product.
    pub other_vendor: bool,
}

static DATAVERSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"(?i)dataverse|dynamics\s?(365|crm|\.com)?|\bmicrosoft\.(crm|xrm|powerapps|powerplatform)|\bxrm\b|xrm\.|
        organi[sz]ationservice|\bcrm\s?(error\s?code|error|online|service|organi[sz]ation|4|2011|201[3568])|crmservice|
        seclib::|(?-i:\bprv[A-Z]\w{3,})|api/data/v\d|\bsystem_?users?\b|power\s?(apps|platform|automate|pages)|
        fetch\s?xml|solution\s(manifest|import|export)|metadatacache|sandbox\sclient|\bisv\s?code|savedquer|
        \bmsdyn|crm\d{0,2}\.dynamics|work\s?365|service\scredentials|\bstatecode\b|\bstatuscode\b.{0,40}\bstatecode|
        organi[sz]ation\sinstance|customi[sz]ations\.xml|publish(all)?\s?xml|entityset|logicalname|
        objecttypecode|businessunitid|\bd365\b|web\s?resource|plug-?in\s?(assembly|registration|step|trace)|
        iplugin|requests\sexceeded\sthe\slimit\sof|time\swindow\sof\s\d+\sseconds",
    )
});

static ENTRA: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"(?i)aadsts|aadb2c|azure\s?ad\b|azure\sactive\sdirectory|\bentra\b|microsoft\sentra|
        login\.microsoft(online)?\.|login\.windows\.net|sts\.windows\.net|login\.partner\.microsoftonline|
        \bmsal|\badal\b|microsoft\.identity|microsoft\.aadiam|conditional\saccess|sign-?in\slogs?|signinlogs|
        office\s?365|microsoft\s365|\bm365\b|userprincipalname|\baad\b|aadlogin|azure\.identity|azidentity|
        connect-(az|mg|azuread|msol|exo|exchange|pnp|spo|microsoftteams)\w*|\baz\slogin|\bpac\sauth|\bobo\sflow|
        sts\d{5,7}\b|\bropc\b",
    )
});

static MICROSOFT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"(?i)graph\.(microsoft|windows)|microsoft\.graph|(get|new|set|update|remove|invoke|add)-mg\w+|innererror|
        x-ms-|client-request-id|azure|@?odata\.|microsoft|sharepoint|windows\.net|serviceexception|teams\b|onedrive|
        outlook|exchange\sonline",
    )
});

static LIBRARY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"(?i)\bmsal|msal\w*exception|msal(client|service|uirequired)|\badal\b|adalserviceexception|
        microsoft\.identity|azure\.identity|azidentity|@azure/(msal|identity)|
        connect-(az|mg|azuread|msol|exo|exchange|pnp|spo|microsoftteams)\w*|add-azureaccount|login-azurerm\w*|
        aadauthenticationfailedexception|publicclientapplication|confidentialclientapplication|acquiretoken",
    )
});

static SIGN_IN_RECORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"(?i)failurereason|signinlogs|sign-?in\sactivity|userprincipalname|conditionalaccessstatus|
        additionaldetails|aadnoninteractiveusersigninlogs|resulttype|resultdescription",
    )
});

static FEDERATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"(?i)\bad\s?fs\b|ws-?(trust|federation|fed)\b|security\stoken|securitytoken|identitymodel|
        federat|usernamemixed|\bmsis\d{4}|secure\stoken\sservice|faultexception|wssecurity|soap",
    )
});

static OTHER_VENDOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"(?i)accounts\.google|googleapis|google\s?(oauth|drive|cloud|ads|sheets)|gmail|amazonaws|\baws\b|\barn:aws|
        \bs3\b|cognito|\bokta\b|auth0|keycloak|salesforce|force\.com|hubspot|\bxero\b|intuit|quickbooks|stripe|paypal|
        spotify|reddit|discord|slack\.com|dropbox|atlassian|bitbucket|gitlab\.com|api\.github|shopify|twitter|facebook|
        instagram|linkedin|zoom\.us|notion\.|kubernetes\sapi|postgres|npgsql|mysql|mongodb|redis|rabbitmq|kafka|
        elasticsearch|\bsnowflake\b|anthropic|openai",
    )
});

fn compile(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("(?x){pattern}")).ok()
}

fn found(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

impl Evidence {
    /// Reads the evidence of a text.
    pub fn of(text: &str) -> Self {
        let dataverse = found(&DATAVERSE, text);
        let entra = found(&ENTRA, text);
        Self {
            dataverse,
            entra,
            microsoft: dataverse || entra || found(&MICROSOFT, text),
            library: found(&LIBRARY, text),
            sign_in_record: found(&SIGN_IN_RECORD, text),
            federation: found(&FEDERATION, text),
            other_vendor: found(&OTHER_VENDOR, text),
        }
    }

    /// What two texts speak about together.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            dataverse: self.dataverse || other.dataverse,
            entra: self.entra || other.entra,
            microsoft: self.microsoft || other.microsoft,
            library: self.library || other.library,
            sign_in_record: self.sign_in_record || other.sign_in_record,
            federation: self.federation || other.federation,
            other_vendor: self.other_vendor || other.other_vendor,
        }
    }

    /// True when the text is about another vendor's product and about nothing of Microsoft's.
    pub fn is_foreign(self) -> bool {
        self.other_vendor && !self.microsoft
    }
}

#[cfg(test)]
mod tests {
    use super::{DATAVERSE, ENTRA, Evidence, FEDERATION, LIBRARY, MICROSOFT, OTHER_VENDOR, SIGN_IN_RECORD};

    #[test]
    fn every_list_compiles() {
        for list in [
            &DATAVERSE,
            &ENTRA,
            &MICROSOFT,
            &LIBRARY,
            &SIGN_IN_RECORD,
            &FEDERATION,
            &OTHER_VENDOR,
        ] {
            assert!(list.is_some());
        }
    }

    #[test]
    fn a_text_speaks_of_what_it_names() {
        assert!(Evidence::of("GET https://contoso.crm4.dynamics.com/api/data/v9.2/WhoAmI").dataverse);
        assert!(Evidence::of("login.microsoftonline.com said no").entra);
        assert!(Evidence::of("googleapis.com: invalid_grant").is_foreign());
        assert_eq!(Evidence::of("the weather is fine"), Evidence::default());
    }
}
