//! What one sign-in of a person is for, so that nobody has to guess which of two codes is which.

use crate::collect::wire::call::Service;

/// One of a run's sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Purpose {
    /// The service that the first token is for.
    pub(super) service: Service,
    /// What it is for, in words.
    pub(super) words: &'static str,
    /// Which one it is.
    pub(super) number: usize,
    /// Of how many.
    pub(super) count: usize,
}

impl Purpose {
    /// The customer's own application serves everything at once; Microsoft's clients need one sign-in for the environment
    /// and the admin API, and one for Graph.
    pub(super) fn of(service: Service, has_own_client: bool, needs_graph: bool) -> Self {
        let (words, number, count) = match (has_own_client, service) {
            (true, _) => ("everything that is read", 1, 1),
            (false, Service::Graph) => ("Microsoft Graph", 2, 2),
            (false, _) => (
                "the environment and the Power Platform admin API",
                1,
                if needs_graph { 2 } else { 1 },
            ),
        };
        Self {
            service,
            words,
            number,
            count,
        }
    }

    /// One more, which a service demanded.
    pub(super) fn once_more(service: Service) -> Self {
        Self {
            service,
            words: service.name(),
            number: 1,
            count: 1,
        }
    }
}
