//! Exit codes. A format never changes them.

use std::process::ExitCode;

use crate::diagnosis::Diagnosed;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Nothing at or above `--fail-on`.
    Healthy,
    /// At least one fault at or above it.
    Fault,
    /// Usage, configuration, rule pack, or unreadable input.
    Unusable,
    /// Nothing could be judged.
    NoVerdict,
    /// Only with `--strict`: an unanswered question at or above the threshold.
    Gap,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The exit of one report.
    pub(super) fn of(diagnosed: &Diagnosed, strict: bool) -> Self {
        if diagnosed.has_fault {
            Exit::Fault
        } else if !diagnosed.has_verdict {
            Exit::NoVerdict
        } else if strict && diagnosed.has_gap {
            Exit::Gap
        } else {
            Exit::Healthy
        }
    }

    /// The number that the shell sees.
    pub(super) fn code(self) -> u8 {
        match self {
            Exit::Healthy => 0,
            Exit::Fault => 1,
            Exit::Unusable => 2,
            Exit::NoVerdict => 3,
            Exit::Gap => 4,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// The exit of many reports: 2 if one was unreadable, else 1, else 3 if none gave a verdict, else 4, else 0.
#[derive(Debug, Default)]
pub(super) struct Tally {
    unusable: bool,
    fault: bool,
    gap: bool,
    verdict: bool,
    any: bool,
}

impl Tally {
    /// Counts one report's exit.
    pub(super) fn add(&mut self, exit: Exit) {
        self.any = true;
        match exit {
            Exit::Unusable => self.unusable = true,
            Exit::Fault => self.fault = true,
            Exit::Gap => self.gap = true,
            Exit::Healthy => {}
            Exit::NoVerdict | Exit::Interrupted => return,
        }
        self.verdict |= exit != Exit::Unusable;
    }

    /// Whether nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        !self.any
    }

    /// What they come to.
    pub(super) fn exit(&self) -> Exit {
        if self.unusable || !self.any {
            Exit::Unusable
        } else if self.fault {
            Exit::Fault
        } else if !self.verdict {
            Exit::NoVerdict
        } else if self.gap {
            Exit::Gap
        } else {
            Exit::Healthy
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Tally};

    #[test]
    fn many_reports_come_to_the_worst_in_the_order_of_the_contract() {
        use Exit::{Fault, Gap, Healthy, NoVerdict, Unusable};
        for (exits, wanted) in [
            (vec![Healthy, Healthy], 0),
            (vec![Healthy, Fault], 1),
            (vec![Fault, Unusable], 2),
            (vec![NoVerdict, NoVerdict], 3),
            (vec![NoVerdict, Healthy], 0),
            (vec![NoVerdict, Gap], 4),
            (vec![Gap, Fault], 1),
            (vec![], 2),
        ] {
            let mut tally = Tally::default();
            for exit in &exits {
                tally.add(*exit);
            }
            assert_eq!(tally.exit().code(), wanted, "{exits:?}");
        }
    }
}
