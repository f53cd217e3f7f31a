//! Inputs of any kind and size: texts, HAR captures, logs; several at once on all cores.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flate2::read::MultiGzDecoder;
use memchr::memchr;

use super::input::encoding_of;
use super::log::{Counted, GZIP, LogScanner, fill, line_time};
use super::model::Decoded;
use super::{LONGEST_TEXT, decode_text, har};

/// The longest HAR capture: it has to be read as a whole.
const LONGEST_HAR: u64 = 512 << 20;
/// A plain log is scanned in parts of about this size. The size is fixed, so that the answer
/// does not depend on the number of cores.
const PART: u64 = 64 << 20;

/// Where the bytes of an input are.
pub enum Source {
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

/// Decodes several inputs on all cores; the answers come in the order given. `progress` is told how many bytes
/// were read since it was last told.
///
/// # Errors
///
/// The first input that cannot be read, with its place in the list.
pub fn decode_all(
    sources: Vec<Source>,
    progress: impl Fn(u64) + Sync,
) -> Result<Vec<Decoded>, (usize, io::Error)> {
    let mut jobs = Vec::new();
    let mut paths: HashMap<usize, PathBuf> = HashMap::new();
    for (input, source) in sources.into_iter().enumerate() {
        let parts = match &source {
            Source::File(path) => parts_of(path).map_err(|error| (input, error))?,
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
    let answers = Answers {
        paths,
        progress: &progress,
        open: None,
        closed: Vec::new(),
        failed: None,
    };
    on_all_cores(jobs, &progress, answers).into_list()
}

/// Does the jobs on all cores. What they find is added to the answers in the order of the jobs and as soon as that
/// is possible: what is kept does not grow with a log.
fn on_all_cores<'a, P: Fn(u64) + Sync>(
    jobs: Vec<(usize, Job)>,
    progress: &P,
    answers: Answers<'a, P>,
) -> Answers<'a, P> {
    let workers = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(jobs.len());
    let queue = Mutex::new(jobs.into_iter().enumerate());
    let answers = Mutex::new(InOrder {
        next: 0,
        early: BTreeMap::new(),
        answers,
    });
    let work = || {
        loop {
            // The lock is held for the time of taking the next job only.
            let next = queue.lock().ok().and_then(|mut queue| queue.next());
            let Some((place, (input, job))) = next else { return };
            let found = job.run(progress);
            let may_go_on = answers
                .lock()
                .is_ok_and(|mut answers| answers.add(place, input, found));
            if !may_go_on {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers.answers
}

/// Puts what the jobs found back into the order of the jobs.
struct InOrder<'a, P> {
    next: usize,
    /// What was found before it was its turn.
    early: BTreeMap<usize, (usize, io::Result<Found>)>,
    answers: Answers<'a, P>,
}

impl<P: Fn(u64)> InOrder<'_, P> {
    /// Adds what the job at `place` found for an input. False after a failure: there is nothing more to do.
    fn add(&mut self, place: usize, input: usize, found: io::Result<Found>) -> bool {
        self.early.insert(place, (input, found));
        while let Some((input, found)) = self.early.remove(&self.next) {
            self.next += 1;
            self.answers.add(input, found);
        }
        self.answers.failed.is_none()
    }
}

/// The answers for the inputs, put together from what arrives in their order.
struct Answers<'a, P> {
    /// The files that are scanned in parts, by input.
    paths: HashMap<usize, PathBuf>,
    progress: &'a P,
    /// The input whose parts are arriving.
    open: Option<(usize, Box<LogScanner>)>,
    closed: Vec<Decoded>,
    failed: Option<(usize, io::Error)>,
}

impl<P: Fn(u64)> Answers<'_, P> {
    fn add(&mut self, input: usize, found: io::Result<Found>) {
        if self.open.as_ref().is_some_and(|(open, _)| *open != input) {
            self.close();
        }
        match (found, &mut self.open) {
            _ if self.failed.is_some() => {}
            (Err(error), _) => self.failed = Some((input, error)),
            (Ok(Found::Answer(answer)), _) => self.closed.push(*answer),
            (Ok(Found::Part(part)), Some((_, scanner))) => scanner.absorb(*part),
            (Ok(Found::Part(part)), open) => *open = Some((input, part)),
        }
    }

    fn close(&mut self) {
        let Some((input, scanner)) = self.open.take() else {
            return;
        };
        match self.answer(input, scanner) {
            Ok(answer) => self.closed.push(answer),
            Err(error) => self.failed = Some((input, error)),
        }
    }

    fn answer(&self, input: usize, mut scanner: Box<LogScanner>) -> io::Result<Decoded> {
        let Some(path) = self.paths.get(&input) else {
            return Ok(scanner.finish());
        };
        scanner.number_lines(File::open(path)?)?;
        or_thoroughly(scanner.finish(), path, self.progress)
    }

    fn into_list(mut self) -> Result<Vec<Decoded>, (usize, io::Error)> {
        if self.failed.is_none() {
            self.close();
        }
        self.failed.map_or(Ok(self.closed), Err)
    }
}

impl Job {
    fn run(self, progress: &(impl Fn(u64) + Sync)) -> io::Result<Found> {
        match self {
            Self::Whole(Source::Stream(stream)) => decode_input(stream, progress),
            Self::Whole(Source::File(path)) => {
                let decoded = decode_input(File::open(&path)?, progress)?;
                or_thoroughly(decoded, &path, progress)
            }
            Self::Part { path, start, length } => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(start))?;
                let mut scanner = LogScanner::numbering_later();
                scanner.read_plain(Counted {
                    inner: file.take(length),
                    progress,
                })?;
                return Ok(Found::Part(Box::new(scanner)));
            }
        }
        .map(|answer| Found::Answer(Box::new(answer)))
    }
}

/// The answer for a file, or what a thorough scan finds where a log's literals found nothing.
fn or_thoroughly(decoded: Decoded, path: &Path, progress: impl FnMut(u64)) -> io::Result<Decoded> {
    if decoded.recognised {
        return Ok(decoded);
    }
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let mut start = [0_u8; 4096];
    let filled = fill(&mut file, &mut start)?;
    let start = &start[..filled];
    let was_read_as_text = metadata.len() <= LONGEST_TEXT as u64 && !start.starts_with(&GZIP);
    // A pipe gives its bytes once.
    if !metadata.is_file() || was_read_as_text || har::is_har(start) {
        return Ok(decoded);
    }
    let mut scanner = LogScanner::thorough();
    scanner.read(start.chain(file), progress)?;
    Ok(scanner.finish())
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
    let mut start = [0_u8; 4096];
    let filled = fill(&mut file, &mut start)?;
    let start = &start[..filled];
    if start.starts_with(&GZIP) || har::is_har(start) || encoding_of(start) != encoding_rs::UTF_8 {
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

/// Decodes one input of any kind and size: a HAR capture, a text, a log, plain or gzip.
///
/// # Errors
///
/// What the reader or the decompressor reports, and [`io::ErrorKind::InvalidData`] for a broken HAR capture.
pub fn decode_input(mut input: impl Read, mut progress: impl FnMut(u64)) -> io::Result<Decoded> {
    let mut start = vec![0_u8; LONGEST_TEXT + 1];
    let filled = fill(&mut input, &mut start)?;
    start.truncate(filled);
    progress(filled as u64);
    if har::is_har(&start) {
        let limit = LONGEST_HAR.saturating_sub(filled as u64);
        let read = Counted {
            inner: input,
            progress,
        }
        .take(limit)
        .read_to_end(&mut start)?;
        if read as u64 == limit {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "a HAR capture of more than 512 MiB",
            ));
        }
        return har::decode_har(&start).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("not a HAR capture: {error}"))
        });
    }
    if filled > LONGEST_TEXT {
        let mut scanner = LogScanner::new();
        scanner.read((&start[..]).chain(input), |_| ())?;
        return Ok(scanner.finish());
    }
    if start.starts_with(&GZIP) {
        let mut unpacked = MultiGzDecoder::new(&start[..]);
        let mut text = vec![0_u8; LONGEST_TEXT + 1];
        let length = fill(&mut unpacked, &mut text)?;
        if length > LONGEST_TEXT {
            let mut scanner = LogScanner::new();
            scanner.read(&start[..], |_| ())?;
            return Ok(scanner.finish());
        }
        text.truncate(length);
        start = text;
    }
    Ok(decode_whole(&start))
}

/// Decodes a text that fits into memory. If it is a log, the codes also get their times, accounts and attempts.
fn decode_whole(bytes: &[u8]) -> Decoded {
    let mut decoded = decode_text(bytes);
    let text = super::input::to_text(bytes);
    let (timed, lines) = text.lines().take(1000).fold((0, 0), |(timed, lines), line| {
        (
            timed + usize::from(line_time(line.as_bytes()).is_some()),
            lines + 1,
        )
    });
    if lines < 3 || timed * 2 < lines {
        return decoded;
    }
    let mut scanner = LogScanner::new();
    scanner.push(text.as_bytes());
    let scanned = scanner.finish();
    for error in &mut decoded.errors {
        if let Some(known) = scanned.errors.iter().find(|known| known.code == error.code) {
            error.count = error.count.max(known.count);
            error.first_seen.clone_from(&known.first_seen);
            error.last_seen.clone_from(&known.last_seen);
        }
    }
    decoded.principals = scanned.principals;
    decoded.correlations = scanned.correlations;
    decoded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::collections::{BTreeMap, HashMap};
    use std::io::Write;

    use super::{Answers, Found, InOrder, LogScanner, PART, Source, decode_all, decode_input, parts_of};

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
    fn what_is_found_early_waits_for_its_turn_and_nothing_is_added_after_a_failure() {
        let part = |text: &str| {
            let mut scanner = LogScanner::numbering_later();
            scanner.push(text.as_bytes());
            Ok(Found::Part(Box::new(scanner)))
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let lines = ["AADSTS50076: a\n", "AADSTS50076: b\n", "AADSTS53003: c\n"];
        std::fs::write(&path, lines.concat()).unwrap();
        let progress = |_| ();
        let mut gathered = InOrder {
            next: 0,
            early: BTreeMap::new(),
            answers: Answers {
                paths: HashMap::from([(0, path)]),
                progress: &progress,
                open: None,
                closed: Vec::new(),
                failed: None,
            },
        };
        for place in [2, 1, 0] {
            assert!(gathered.add(place, 0, part(lines[place])));
        }
        assert!(gathered.early.is_empty());
        assert!(!gathered.add(3, 1, Err(std::io::Error::other("gone"))));
        assert!(!gathered.add(4, 2, part(lines[0])));
        let answer = &gathered.answers.closed[0];
        let seen: Vec<_> = answer
            .errors
            .iter()
            .map(|error| (error.code.as_str(), error.count, error.first_line))
            .collect();
        assert_eq!(seen, [("AADSTS50076", 2, 1), ("AADSTS53003", 1, 3)]);
        assert_eq!(gathered.answers.into_list().unwrap_err().0, 1);
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
        assert_eq!(decode_all(vec![stream("x"), missing], |_| ()).unwrap_err().0, 1);
    }

    #[test]
    fn a_small_log_gets_times_and_accounts() {
        let log = "2026-01-05T10:00:01Z svc@contoso.com AADSTS50076: x\n2026-01-05T10:00:02Z ok\n2026-01-05T10:00:03Z svc@contoso.com AADSTS50076: x\n";
        let decoded = decode_input(log.as_bytes(), |_| ()).unwrap();
        assert_eq!(decoded.errors[0].count, 2);
        assert_eq!(
            decoded.errors[0].last_seen.as_deref(),
            Some("2026-01-05T10:00:03Z")
        );
        assert_eq!(decoded.principals[0].count, 2);
    }
}
