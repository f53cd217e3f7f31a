//! What a text speaks about: the evidence that decides whether a number or a word is a code.
//!
//! A number such as `0x80048408` is a Dataverse code in a Dataverse text and an address in a disassembly.
//! Nothing here is about particular texts; each list names products, their hosts and their vocabulary.

use std::sync::LazyLock;

use regex::bytes::RegexSet;

use super::pattern;

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
    /// What the sign-in page, or the details below its message, shows beside an error.
    pub sign_in_page: bool,
}

const DATAVERSE: &str = r"(?x)dataverse|dynamics\s?(365|crm|\.com)?|\bmicrosoft\.(crm|xrm|powerapps|powerplatform)|\bxrm\b|xrm\.|
        organi[sz]ationservice|\bcrm\s?(error\s?code|error|online|service|organi[sz]ation|4|2011|201[3568])|crmservice|
        seclib::|(?-i:\bprv[A-Z]\w{3,})|api/data/v\d|\bsystem_?users?\b|power\s?(apps|platform|automate|pages)|
        fetch\s?xml|solution\s(manifest|import|export)|metadatacache|sandbox\sclient|\bisv\s?code|savedquer|
        \bmsdyn|crm\d{0,2}\.dynamics|work\s?365|service\scredentials|\bstatecode\b|\bstatuscode\b.{0,40}\bstatecode|
        organi[sz]ation\sinstance|odata\.bind|appmodule|model-driven|customi[sz]ations\.xml|publish(all)?\s?xml|entityset|logicalname|
        objecttypecode|businessunitid|\bd365\b|web\s?resource|plug-?in\s?(assembly|registration|step|trace)|
        iplugin|requests\sexceeded\sthe\slimit\sof|time\swindow\sof\s\d+\sseconds";

const ENTRA: &str = r"(?x)aadsts|aadb2c|azure\s?ad\b|azure\sactive\sdirectory|\bentra\b|microsoft\sentra|
        login\.microsoft(online)?\.|login\.windows\.net|sts\.windows\.net|login\.partner\.microsoftonline|
        \bmsal|\badal\b|microsoft\.identity|microsoft\.aadiam|conditional\saccess|sign-?in\slogs?|signinlogs|
        office\s?365|microsoft\s365|\bm365\b|userprincipalname|\baad\b|aadlogin|azure\.identity|azidentity|
        connect-(az|mg|azuread|msol|exo|exchange|pnp|spo|microsoftteams)\w*|\baz\slogin|\bpac\sauth|\bobo\sflow|
        sts\d{5,7}\b|\bropc\b|live\.com|external\sidentity\sprovider";

const MICROSOFT: &str = r"(?x)graph\.(microsoft|windows)|\baz\s?(:|login|rest|account|ad|group|vm|keyvault)|microsoft\.graph|(get|new|set|update|remove|invoke|add)-mg\w+|innererror|
        x-ms-|client-request-id|azure|@?odata\.|microsoft|sharepoint|windows\.net|serviceexception|teams\b|onedrive|
        outlook|exchange\sonline";

const LIBRARY: &str = r"(?x)\bmsal|msal\w*exception|msal(client|service|uirequired)|\badal\b|adalserviceexception|
        microsoft\.identity|azure\.identity|azidentity|@azure/(msal|identity)|
        connect-(az|mg|azuread|msol|exo|exchange|pnp|spo|microsoftteams)\w*|add-azureaccount|login-azurerm\w*|
        aadauthenticationfailedexception|publicclientapplication|confidentialclientapplication|acquiretoken";

const SIGN_IN_RECORD: &str = r"(?x)failurereason|signinlogs|sign-?in\sactivity|userprincipalname|conditionalaccessstatus|
        additionaldetails|aadnoninteractiveusersigninlogs|resulttype|resultdescription";

const FEDERATION: &str = r"(?x)\bad\s?fs\b|ws-?(trust|federation|fed)\b|security\stoken|securitytoken|identitymodel|
        federat|usernamemixed|\bmsis\d{4}|secure\stoken\sservice|faultexception|wssecurity|soap";

const OTHER_VENDOR: &str = r"(?x)accounts\.google|googleapis|google[./_](auth|oauth)|google\s?(oauth|drive|cloud|ads|sheets)|gmail|amazonaws|\baws\b|\barn:aws|
        \bs3\b|cognito|\bokta\b|auth0|keycloak|salesforce|force\.com|hubspot|\bxero\b|intuit|quickbooks|stripe|paypal|
        spotify|reddit|discord|slack\.com|dropbox|atlassian|bitbucket|gitlab\.com|\bgithub\b|shopify|twitter|facebook|
        instagram|linkedin|zoom\.us|notion\.|kubernetes\sapi|postgres|npgsql|mysql|mongodb|redis|rabbitmq|kafka|
        elasticsearch|\bsnowflake\b|anthropic|openai";

/// The sign-in page's own labels, in the languages that people paste most.
const SIGN_IN_PAGE: &str = r"(?x)correlation[\s_-]?id\b|korrelations-?id|id\sde\scorr\S{1,3}lation|id\.?\s(de|di)\scorrela(ci|zi|\S{1,4})\S{1,3}n|
        correlatie-?id|sign-?in\serror\scode|signed[\s-]?in\suser\sis\s|having\strouble\s(with\s)?signing\syou\sin|
        your\ssign-?in\swas\s(successful|blocked)|sign-?in\s(has\s)?failed";

/// All lists at once: one pass over a text answers for each of them.
static LISTS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    pattern::set([
        DATAVERSE,
        ENTRA,
        MICROSOFT,
        LIBRARY,
        SIGN_IN_RECORD,
        FEDERATION,
        OTHER_VENDOR,
        SIGN_IN_PAGE,
    ])
});

impl Evidence {
    /// Reads the evidence of a text.
    pub fn of(text: &str) -> Self {
        let Some(lists) = LISTS.as_ref() else {
            return Self::default();
        };
        let found = lists.matches(text.as_bytes());
        let [
            dataverse,
            entra,
            microsoft,
            library,
            sign_in_record,
            federation,
            other_vendor,
            sign_in_page,
        ] = [0, 1, 2, 3, 4, 5, 6, 7].map(|list| found.matched(list));
        Self {
            dataverse,
            entra,
            microsoft: dataverse || entra || microsoft,
            library,
            sign_in_record,
            federation,
            other_vendor,
            sign_in_page,
        }
    }

    /// True when the text is about another vendor's product and about nothing of Microsoft's.
    pub fn is_foreign(self) -> bool {
        self.other_vendor && !self.microsoft
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, LISTS};

    #[test]
    fn every_list_compiles() {
        assert!(LISTS.is_some());
    }

    #[test]
    fn a_text_speaks_of_what_it_names() {
        assert!(Evidence::of("GET https://contoso.crm4.dynamics.com/api/data/v9.2/WhoAmI").dataverse);
        assert!(Evidence::of("login.microsoftonline.com said no").entra);
        assert!(Evidence::of("googleapis.com: invalid_grant").is_foreign());
        assert_eq!(Evidence::of("the weather is fine"), Evidence::default());
    }
}
