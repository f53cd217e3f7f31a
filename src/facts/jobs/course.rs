//! Which failures still stand: those that no success of the same list came after.

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::facts::jobs::job::{Job, Standing};
use crate::facts::reading::{Reading, Reason, Unknown, any};

/// What a list of jobs comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Course {
    /// The newest success.
    pub(crate) succeeded: Option<Timestamp>,
    /// The first failure that no success came after.
    pub(crate) first_failed: Option<Timestamp>,
    /// The newest of those.
    pub(crate) last_failed: Option<Timestamp>,
    /// How many there are.
    pub(crate) failed: usize,
}

/// What the jobs of one list come to. Where a job has no time at which it was over, though others have, nobody knows whether
/// the success or the failure came first, unless its row was not changed since.
pub(crate) fn course(section: &str, jobs: &[Job<'_>]) -> Reading<Course> {
    let of = |wanted: Standing| jobs.iter().filter(move |job| job.standing == wanted);
    let mut course = Course {
        succeeded: of(Standing::Succeeded).filter_map(Job::at).max(),
        ..Course::default()
    };
    let tells_end = jobs.iter().any(|job| job.ended.is_some());
    let lacks_end = |job: &Job<'_>| job.ended.is_none() && (tells_end || job.changed.is_some());
    let may_follow = |success: &Job<'_>, failed: Option<Timestamp>| {
        let is_open = success.at().is_none() || lacks_end(success);
        is_open && success.over_by().is_none_or(|over| Some(over) >= failed)
    };
    for job in of(Standing::Failed) {
        let order = match (job.at(), course.succeeded) {
            (Some(failed), Some(succeeded)) => failed.cmp(&succeeded),
            (_, None) => Ordering::Greater,
            (None, Some(_)) => return Err(untold(section)),
        };
        if order == Ordering::Less {
            if lacks_end(job) && job.over_by().is_none_or(|over| Some(over) >= course.succeeded) {
                return Err(untold(section));
            }
            continue;
        }
        if of(Standing::Succeeded).any(|success| may_follow(success, job.at())) {
            return Err(untold(section));
        }
        course.failed += 1;
        let at = job.at();
        course.first_failed = course.first_failed.into_iter().chain(at).min();
        course.last_failed = course.last_failed.max(at);
    }
    Ok(course)
}

/// Whether a job of the kind of the failure succeeded after it. The failure was over at the first time, or by the second.
pub(crate) fn is_mended(
    section: &str,
    jobs: &[Job<'_>],
    [failed, by]: [Option<Timestamp>; 2],
    kind: Option<&str>,
) -> Reading<bool> {
    let later = jobs
        .iter()
        .filter(|job| job.standing == Standing::Succeeded && (job.over_by() > failed || failed.is_none()));
    any(later.map(|job| match (job.name, kind) {
        (Some(name), Some(own)) if !name.eq_ignore_ascii_case(own) => Ok(false),
        (Some(_), Some(_)) if failed.is_some() && job.at() <= by => Err(untold(section)),
        (Some(_), Some(_)) => Ok(true),
        _ => Err(Unknown::silent(
            section,
            "a job that succeeded later does not say what it was",
        )),
    }))
}

fn untold(section: &str) -> Unknown {
    Unknown::because(
        section,
        Reason::Failed,
        "when a job was over is not told, or only that its row was changed long after it was due, so it is not known whether one succeeded after the failures",
    )
}

#[cfg(test)]
mod tests {
    use super::{Course, course};
    use crate::facts::jobs::job::{Due, Job, Standing};
    use crate::facts::sign_in::entry::Source;

    fn job(standing: Standing, ended: &str) -> Job<'static> {
        Job {
            source: Source::SystemJob,
            name: None,
            standing,
            created: "2026-06-10T00:00:00Z".parse().ok(),
            ended: ended.parse().ok(),
            changed: None,
            due: Due::At(None),
            text: None,
            lacks_text: false,
            error_code: None,
            activation: None,
        }
    }

    #[test]
    fn failures_before_a_success_are_history() {
        let (six, seven) = ("2026-06-15T06:00:00Z", "2026-06-15T07:00:00Z");
        let failed = |jobs: &[Job<'_>]| course("x", jobs).map(|course| course.failed);
        assert_eq!(course("x", &[]), Ok(Course::default()));
        assert_eq!(
            failed(&[job(Standing::Failed, seven), job(Standing::Succeeded, six)]),
            Ok(1)
        );
        assert_eq!(
            failed(&[job(Standing::Failed, six), job(Standing::Succeeded, seven)]),
            Ok(0)
        );
        assert!(failed(&[job(Standing::Failed, ""), job(Standing::Succeeded, six)]).is_err());
        // Whether the success that has no end came later is not known.
        assert!(failed(&[job(Standing::Failed, six), job(Standing::Succeeded, "")]).is_err());
        assert_eq!(
            failed(&[job(Standing::Failed, ""), job(Standing::Failed, "")]),
            Ok(2)
        );
    }
}
