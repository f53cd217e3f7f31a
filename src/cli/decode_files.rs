//! The files that `decode` reads: several at once, and long logs in parts, on all cores.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use memchr::memchr;

use crate::cli::io::files;
use crate::cli::io::parallel::{self, CannotStart};
use crate::decode::many::export;
use crate::decode::many::har;
use crate::decode::many::input::{self, decode_input};
use crate::decode::many::log::LogScanner;
use crate::decode::many::reader::{Counted, fill};
use crate::decode::text::encoding::encoding_of;
use crate::decode::{Decoded, LONGEST_TEXT};
use crate::well_known::GZIP;

/// A plain log is scanned in parts of about this size. The size is fixed, so that the answer
/// does not depend on the number of cores.
const PART: u64 = 64 << 20;

/// Where the bytes of an input are.
pub(super) enum Source {
    /// They come once, in order.
    Stream(Box<dyn Read + Send>),
    /// In a file.
    File(PathBuf),
}

/// A piece of work for one thread.
enum Job {
    Whole(Source),
    Part { path: PathBuf, start: u64, length: u64 },
}

/// What a job found.
enum Found {
    Answer(Box<Decoded>),
    Part(Box<LogScanner>),
}

/// An input that cannot be read.
#[derive(Debug)]
pub(super) struct Unread {
    /// Its place in the list.
    pub(super) input: usize,
    pub(super) error: io::Error,
}

impl From<CannotStart> for Unread {
    fn from(CannotStart(error): CannotStart) -> Self {
        Self { input: 0, error }
    }
}

/// Decodes several inputs on all cores; the answers come in the order given. `progress` is told how many bytes
/// were read since it was last told.
///
/// # Errors
///
/// The first input that cannot be read.
pub(super) fn decode_all(
    sources: Vec<Source>,
    progress: impl Fn(u64) + Sync,
) -> Result<Vec<Decoded>, Unread> {
    let mut jobs = Vec::new();
    let mut paths: HashMap<usize, PathBuf> = HashMap::new();
    for (input, source) in sources.into_iter().enumerate() {
        let parts = match &source {
            Source::File(path) => parts_of(path).map_err(|error| Unread { input, error })?,
            Source::Stream(_) => Vec::new(),
        };
        match source {
            Source::File(path) if !parts.is_empty() => {
                jobs.extend(parts.into_iter().map(|(start, length)| {
                    let path = path.clone();
                    (input, Job::Part { path, start, length })
                }));
                paths.insert(input, path);
            }
            source => jobs.push((input, Job::Whole(source))),
        }
    }
    let mut answers = Answers {
        paths,
        progress: &progress,
        open: None,
        closed: Vec::new(),
    };
    // What the jobs find is added as soon as it is its turn: what is kept does not grow with a log.
    let found =
        |(input, job): (usize, Job)| (input, job.run(&progress).map_err(|error| Unread { input, error }));
    parallel::in_order(jobs.into_iter(), found, |(input, found)| {
        answers.add(input, found?)
    })?;
    answers.into_list()
}

/// The answers for the inputs, put together from what arrives in their order.
struct Answers<'a, P> {
    /// The files that are scanned in parts, by input.
    paths: HashMap<usize, PathBuf>,
    progress: &'a P,
    /// The input whose parts are arriving.
    open: Option<(usize, Box<LogScanner>)>,
    closed: Vec<Decoded>,
}

impl<P: Fn(u64)> Answers<'_, P> {
    fn add(&mut self, input: usize, found: Found) -> Result<(), Unread> {
        if self.open.as_ref().is_some_and(|(open, _)| *open != input) {
            self.close()?;
        }
        match (found, &mut self.open) {
            (Found::Answer(answer), _) => self.closed.push(*answer),
            (Found::Part(part), Some((_, scanner))) => scanner.absorb(*part),
            (Found::Part(part), open) => *open = Some((input, part)),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unread> {
        if let Some((input, scanner)) = self.open.take() {
            let answer = self
                .answer(input, scanner)
                .map_err(|error| Unread { input, error })?;
            self.closed.push(answer);
        }
        Ok(())
    }

    fn answer(&self, input: usize, mut scanner: Box<LogScanner>) -> io::Result<Decoded> {
        let Some(path) = self.paths.get(&input) else {
            return Ok(scanner.finish());
        };
        scanner.number_lines(&mut files::regular(path)?)?;
        or_thoroughly(scanner.finish(), path, self.progress)
    }

    fn into_list(mut self) -> Result<Vec<Decoded>, Unread> {
        self.close()?;
        Ok(self.closed)
    }
}

impl Job {
    fn run(self, progress: &(impl Fn(u64) + Sync)) -> io::Result<Found> {
        match self {
            Self::Whole(Source::Stream(stream)) => decode_input(stream, progress),
            Self::Whole(Source::File(path)) => {
                let decoded = decode_input(files::regular(&path)?, progress)?;
                or_thoroughly(decoded, &path, progress)
            }
            Self::Part { path, start, length } => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(start))?;
                let mut scanner = LogScanner::numbering_later();
                scanner.read_plain(&mut Counted {
                    inner: &mut file.take(length),
                    progress: &mut |bytes| progress(bytes),
                })?;
                return Ok(Found::Part(Box::new(scanner)));
            }
        }
        .map(|answer| Found::Answer(Box::new(answer)))
    }
}

/// The answer for a file, or what a thorough scan finds where a log's literals found nothing.
fn or_thoroughly(decoded: Decoded, path: &Path, progress: impl FnMut(u64)) -> io::Result<Decoded> {
    let metadata = path.metadata()?;
    // A pipe gives its bytes once.
    if !metadata.is_file() {
        return Ok(decoded);
    }
    input::or_thoroughly(decoded, metadata.len(), || File::open(path), progress)
}

/// The parts of a plain log that is too long for a text, cut at line ends: start and length. Empty for everything
/// that is read as one.
fn parts_of(path: &Path) -> io::Result<Vec<(u64, u64)>> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let size = metadata.len();
    if !metadata.is_file() || size <= LONGEST_TEXT as u64 {
        return Ok(Vec::new());
    }
    let mut start = vec![0_u8; export::HEAD];
    let filled = fill(&mut file, &mut start)?;
    let start = &start[..filled];
    let is_log = !start.starts_with(&GZIP) && !har::is_har(start) && export::form(start).is_none();
    if !is_log || encoding_of(start) != encoding_rs::UTF_8 {
        return Ok(Vec::new());
    }
    let mut parts = Vec::new();
    let mut from = 0;
    let mut line = vec![0_u8; 64 << 10];
    for nominal in (1..size / PART).map(|part| part * PART) {
        file.seek(SeekFrom::Start(nominal))?;
        let filled = fill(&mut file, &mut line)?;
        // A line that is longer than this is not cut: the part before it takes it whole.
        let Some(end) = memchr(b'\n', &line[..filled]) else {
            continue;
        };
        let to = nominal + end as u64 + 1;
        parts.push((from, to - from));
        from = to;
    }
    parts.push((from, size - from));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::collections::HashMap;
    use std::io::Write;

    use super::{Answers, Found, LogScanner, PART, Source, decode_all, parts_of};

    #[test]
    fn a_large_log_in_parts_gives_the_answer_of_one_pass() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let filler = "x".repeat(20_000) + "\n";
        let mut written = 0;
        let mut line = 0;
        while written < 2 * PART + PART / 2 {
            line += 1;
            let text = if line % 7 == 0 {
                format!(
                    "2026-01-05T10:00:{:02}Z svc{line}@contoso.com AADSTS50076: x\n",
                    line % 60
                )
            } else {
                filler.clone()
            };
            file.write_all(text.as_bytes()).unwrap();
            written += text.len() as u64;
        }
        write!(file, "AADSTS53003: at the very end, without a line end").unwrap();
        let parts = parts_of(file.path()).unwrap();
        assert!(parts.len() > 1);
        assert_eq!(
            parts.iter().map(|(_, length)| length).sum::<u64>(),
            file.as_file().metadata().unwrap().len()
        );
        let answers = decode_all(vec![Source::File(file.path().to_owned())], |_| ()).unwrap();
        let mut whole = LogScanner::new();
        whole
            .read(std::fs::File::open(file.path()).unwrap(), |_| ())
            .unwrap();
        assert_eq!(answers, [whole.finish()]);
    }

    #[test]
    fn the_parts_of_a_file_are_one_answer_and_a_file_that_is_gone_is_named() {
        let part = |text: &str| {
            let mut scanner = LogScanner::numbering_later();
            scanner.push(text.as_bytes());
            Found::Part(Box::new(scanner))
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let lines = ["AADSTS50076: a\n", "AADSTS50076: b\n", "AADSTS53003: c\n"];
        std::fs::write(&path, lines.concat()).unwrap();
        let progress = |_| ();
        let mut answers = Answers {
            paths: HashMap::from([(0, path)]),
            progress: &progress,
            open: None,
            closed: Vec::new(),
        };
        for line in lines {
            answers.add(0, part(line)).unwrap();
        }
        answers.add(1, part(lines[0])).unwrap();
        let answer = &answers.closed[0];
        let seen: Vec<_> = answer
            .errors
            .iter()
            .map(|error| (error.code.as_str(), error.count, error.first_line))
            .collect();
        assert_eq!(seen, [("AADSTS50076", 2, 1), ("AADSTS53003", 1, 3)]);
        // The file is read again for the numbers of its lines.
        answers.paths.insert(1, folder.path().join("gone"));
        assert_eq!(answers.into_list().unwrap_err().input, 1);
    }

    #[test]
    fn a_failure_told_in_words_alone_is_found_in_a_file_of_any_size() {
        let line = "2026-01-05T10:00:00Z INFO request handled in 214 ms\n";
        let mut log = line.repeat(super::LONGEST_TEXT / line.len() + 20_000);
        log.push_str("2026-01-05T10:00:01Z ERROR Your sign-in was successful but does not meet the criteria to access this resource.\n");
        log.push_str(&line.repeat(20_000));
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("plain.log"), &log).unwrap();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(log.as_bytes()).unwrap();
        std::fs::write(path("packed.log.gz"), encoder.finish().unwrap()).unwrap();
        for name in ["plain.log", "packed.log.gz"] {
            let answers = decode_all(vec![Source::File(path(name))], |_| ()).unwrap();
            assert_eq!(
                answers[0].category.as_deref(),
                Some("conditional-access"),
                "{name}"
            );
            let error = &answers[0].errors[0];
            assert_eq!(error.count, 1, "{name}");
            let expected = log.lines().position(|line| line.contains("criteria")).unwrap() + 1;
            assert_eq!(error.first_line, expected as u64, "{name}");
            assert_eq!(
                error.first_seen.as_deref(),
                Some("2026-01-05T10:00:01Z"),
                "{name}"
            );
        }
    }

    #[test]
    fn answers_come_in_the_order_of_the_inputs_and_an_error_names_its_input() {
        let stream = |text: &'static str| Source::Stream(Box::new(text.as_bytes()));
        let answers = decode_all(
            vec![stream("AADSTS50076"), stream("nothing"), stream("AADSTS53003")],
            |_| (),
        )
        .unwrap();
        let primaries: Vec<_> = answers.iter().map(|answer| answer.primary.as_deref()).collect();
        assert_eq!(primaries, [Some("AADSTS50076"), None, Some("AADSTS53003")]);
        let missing = Source::File("no/such/file".into());
        assert_eq!(
            decode_all(vec![stream("x"), missing], |_| ()).unwrap_err().input,
            1
        );
    }
}
