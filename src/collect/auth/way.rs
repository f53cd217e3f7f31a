//! The ways to sign in.

use super::given::GivenTokens;
use crate::secret::Secret;

/// How to sign in.
#[derive(Debug)]
pub enum Auth {
    /// Tokens that the user already has.
    AccessToken(GivenTokens),
    /// An application with a secret.
    ClientSecret(Secret),
    /// An application with a certificate: PEM text with certificate and unencrypted private key.
    ClientCertificate(Secret),
    /// A person enters a code in a browser anywhere.
    DeviceCode,
    /// A person signs in with the browser of this machine.
    Browser,
    /// The account that the Azure CLI is signed in with.
    AzureCli,
}

impl Auth {
    /// Whether a person signs in, who can be asked once more.
    pub(crate) fn is_person(&self) -> bool {
        matches!(self, Auth::DeviceCode | Auth::Browser)
    }
}

/// Which permissions of Graph a person is asked for, where no application of the customer's own is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consent {
    /// Exactly those that the run's requests need: an administrator sees the consent page, anybody else is told that an
    /// administrator has to approve.
    #[default]
    Ask,
    /// Those that somebody consented to before.
    Granted,
}
