//! Values that are computed once for every profile under which they come out the same.
//!
//! Three profiles judge each snapshot, and most of what they look at does not depend on them. Nobody declares what does:
//! whoever asks for the profile, or reads what is not the same under all of them, leaves a note ([`same_under`]), and a
//! value serves every profile that all notes of its computation allow.

use std::cell::Cell;
use std::sync::OnceLock;

use super::Profile;

/// A set of profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Profiles(u8);

impl Profiles {
    /// All three.
    pub(crate) const ALL: Self = Self(0b111);

    /// One.
    pub(crate) const fn only(profile: Profile) -> Self {
        Self(1 << profile as u8)
    }

    /// The others.
    pub(crate) const fn but(profile: Profile) -> Self {
        Self(Self::ALL.0 & !Self::only(profile).0)
    }

    fn has(self, profile: Profile) -> bool {
        self.0 & Self::only(profile).0 != 0
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

thread_local! {
    /// The profiles under which what is being computed comes out the same, as far as is known.
    static SAME: Cell<Profiles> = const { Cell::new(Profiles::ALL) };
}

/// Notes that what is being computed comes out the same under these profiles at most.
pub(crate) fn same_under(profiles: Profiles) {
    SAME.set(SAME.get().and(profiles));
}

/// Computes something, with the profiles under which it comes out the same.
fn noting<T>(compute: impl FnOnce() -> T) -> (T, Profiles) {
    let outer = SAME.replace(Profiles::ALL);
    let computed = compute();
    (computed, SAME.replace(outer))
}

/// A value for each profile, computed once for all under which it comes out the same.
#[derive(Debug)]
pub(crate) struct Shared<T>([OnceLock<(T, Profiles)>; 3]);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Default::default())
    }
}

impl<T> From<T> for Shared<T> {
    /// A value that was given, whatever the profile.
    fn from(value: T) -> Self {
        let shared = Self::default();
        let [first, ..] = &shared.0;
        let _ = first.set((value, Profiles::ALL));
        shared
    }
}

impl<T> Shared<T> {
    /// The value under a profile. Whatever is being computed from it is the same for no more profiles than it is.
    pub(crate) fn under(&self, profile: Profile, compute: impl FnOnce() -> T) -> &T {
        let mut known = self.0.iter().filter_map(OnceLock::get);
        let (value, same) = known
            .find(|(_, same)| same.has(profile))
            .unwrap_or_else(|| self.0[profile as usize].get_or_init(|| noting(compute)));
        same_under(*same);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::{Profiles, Shared, noting, same_under};
    use crate::profile::Profile::{self, ApplicationUser, Consent, LegacyPassword};

    /// Values under all profiles, and how often they were computed.
    fn under_all(compute: impl Fn(Profile) -> u8) -> ([u8; 3], usize) {
        let shared = Shared::default();
        let computed = std::cell::Cell::new(0);
        let values = Profile::ALL.map(|profile| {
            *shared.under(profile, || {
                computed.set(computed.get() + 1);
                compute(profile)
            })
        });
        (values, computed.get())
    }

    #[test]
    fn a_value_serves_the_profiles_that_its_computation_allows() {
        assert_eq!(under_all(|_| 7), ([7; 3], 1));
        let of_users = |profile| {
            let is_application = profile == ApplicationUser;
            same_under(if is_application {
                Profiles::only(profile)
            } else {
                Profiles::but(ApplicationUser)
            });
            u8::from(is_application)
        };
        assert_eq!(under_all(of_users), ([0, 0, 1], 2));
        let of_each = |profile| {
            same_under(Profiles::only(profile));
            profile as u8
        };
        assert_eq!(under_all(of_each), ([0, 1, 2], 3));
    }

    #[test]
    fn what_rests_on_a_value_serves_no_more_profiles_than_the_value() {
        let inner: Shared<u8> = Shared::default();
        let read = || {
            *inner.under(LegacyPassword, || {
                same_under(Profiles::but(ApplicationUser));
                1
            })
        };
        // Whether it was computed just now or before.
        assert_eq!(noting(read), (1, Profiles::but(ApplicationUser)));
        assert_eq!(noting(read), (1, Profiles::but(ApplicationUser)));
        assert_eq!(
            noting(|| *inner.under(Consent, || 2)),
            (1, Profiles::but(ApplicationUser))
        );
        assert_eq!(noting(|| *inner.under(ApplicationUser, || 3)), (3, Profiles::ALL));
        // What was computed beside it is not affected.
        assert_eq!(noting(|| 0), (0, Profiles::ALL));
    }
}
