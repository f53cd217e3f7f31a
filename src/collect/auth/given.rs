//! Tokens that the user brings: each goes to the service that it was issued for, and to no other.

use std::collections::BTreeMap;

use super::access::Access;
use super::token_check::objection;
use crate::collect::wire::call::Service;
use crate::collect::wire::cloud::Cloud;
use crate::collect::wire::origin::Origins;
use crate::secret::Secret;

/// Access tokens by service.
#[derive(Debug, Default)]
pub struct GivenTokens {
    /// For Microsoft Graph.
    pub graph: Option<Secret>,
    /// For the environment.
    pub dataverse: Option<Secret>,
    /// For the Power Platform admin API.
    pub admin: Option<Secret>,
}

impl GivenTokens {
    /// Each service, its token, and the variable that holds it.
    pub(crate) fn all(&self) -> [(Service, Option<&Secret>, &'static str); 3] {
        [
            (Service::Graph, self.graph.as_ref(), "WORK365_DOCTOR_GRAPH_TOKEN"),
            (
                Service::Dataverse,
                self.dataverse.as_ref(),
                "WORK365_DOCTOR_DATAVERSE_TOKEN",
            ),
            (Service::Admin, self.admin.as_ref(), "WORK365_DOCTOR_ADMIN_TOKEN"),
        ]
    }

    /// What came of them: a token that is known to be another service's, or at its end, is not sent.
    pub(crate) fn access(&self, cloud: Cloud, origins: &Origins) -> BTreeMap<Service, Access> {
        self.all()
            .into_iter()
            .map(|(service, token, variable)| {
                let access = match token {
                    None => Access::Missing(format!("no token was given ({variable})")),
                    Some(token) => {
                        let token = pasted(token);
                        match objection(&token, service, cloud, origins) {
                            Some(why) => Access::Missing(format!(
                                "the token in {variable} {why}, so it was not sent to {}",
                                service.name()
                            )),
                            None => Access::Granted(token),
                        }
                    }
                };
                (service, access)
            })
            .collect()
    }
}

/// The token itself, without what comes along when it is copied out of a header or of JSON.
fn pasted(token: &Secret) -> Secret {
    let bare = |text: &str| text.trim().trim_matches(['"', '\'', ',']).trim().to_owned();
    let text = bare(token.expose());
    match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("bearer ") => Secret::new(bare(&text[7..])),
        _ => Secret::new(text),
    }
}

#[cfg(test)]
mod tests {
    use super::pasted;
    use crate::secret::Secret;

    #[test]
    fn a_token_is_taken_as_people_copy_it() {
        for text in [
            "a.b.c",
            "Bearer a.b.c",
            "bearer  a.b.c\n",
            "\"a.b.c\"",
            "\"Bearer a.b.c\",",
            "'a.b.c'",
        ] {
            assert_eq!(pasted(&Secret::new(text)).expose(), "a.b.c", "{text}");
        }
    }
}
