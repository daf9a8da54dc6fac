//! The log: lines on standard error, written in blocks.

mod json;

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use vestibule::{LogFormat, LogSettings};

use self::json::JsonLines;

/// A block is written when it has this many bytes, or after a moment.
const BLOCK: usize = 32 * 1024;
const MOMENT: Duration = Duration::from_millis(100);

/// Collects lines. One write for many lines costs a busy server a tenth of its time less.
#[derive(Clone)]
struct Blocks(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    lines: Vec<u8>,
    ended: bool,
}

/// Keeps the log going; what is still collected is written when it is dropped.
pub(crate) struct Log {
    blocks: Blocks,
    thread: Option<JoinHandle<()>>,
}

/// Starts the log for the whole process.
pub(crate) fn start(settings: &LogSettings) -> Log {
    let terminal = io::stderr().is_terminal();
    let pretty = match settings.format {
        LogFormat::Auto => terminal,
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    let shared = Shared { state: Mutex::new(State::default()), wake: Condvar::new() };
    let blocks = Blocks(Arc::new(shared));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(&settings.level))
        .with_writer(blocks.clone())
        .with_ansi(pretty && terminal);
    // Only fails where a program that embeds us has a log of its own, which then is the one.
    let _ = if pretty {
        builder.with_target(false).try_init()
    } else {
        builder.event_format(JsonLines).try_init()
    };
    let writer = blocks.clone();
    let thread =
        thread::Builder::new().name("log".to_owned()).spawn(move || writer.write_for_ever()).ok();
    Log { blocks, thread }
}

/// A bare level is ours; libraries below us speak from `warn` on, since at `trace` some of them
/// print headers, and headers have tokens in them. Whoever needs that names the library.
fn filter(level: &str) -> EnvFilter {
    let is_bare = level.chars().all(|c| c.is_ascii_alphabetic());
    let directives = if is_bare { format!("warn,vestibule={level}") } else { level.to_owned() };
    EnvFilter::try_new(directives).unwrap_or_else(|_| EnvFilter::new("warn,vestibule=info"))
}

impl Blocks {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what has been collected, a moment after its first line came.
    fn write_for_ever(&self) {
        loop {
            let mut state = self.lock();
            while state.lines.is_empty() && !state.ended {
                state = self.0.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if !state.ended {
                let waited = self.0.wake.wait_timeout_while(state, MOMENT, |state| !state.ended);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            let (lines, ended) = (std::mem::take(&mut state.lines), state.ended);
            drop(state);
            // Nobody is left to be told when standard error is closed.
            let _ = io::stderr().lock().write_all(&lines);
            if ended {
                return;
            }
        }
    }
}

/// Takes one line.
struct Line<'a> {
    blocks: &'a Blocks,
    /// What is wrong is worth a write of its own.
    urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.blocks.lock();
        if state.lines.is_empty() {
            self.blocks.0.wake.notify_one();
        }
        state.lines.extend_from_slice(bytes);
        if self.urgent || state.lines.len() >= BLOCK {
            let lines = std::mem::take(&mut state.lines);
            drop(state);
            io::stderr().lock().write_all(&lines)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Blocks {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { blocks: self, urgent: false }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line<'a> {
        Line { blocks: self, urgent: *metadata.level() <= Level::WARN }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.blocks.lock().ended = true;
        self.blocks.0.wake.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
