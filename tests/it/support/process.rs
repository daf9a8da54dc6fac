//! A program that runs while a test does.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A running program with what it says caught. Dropping it ends it.
pub(crate) struct Process {
    child: Child,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Process {
    #[track_caller]
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let said = Arc::new(Mutex::new(Vec::new()));
        listen(child.stdout.take().unwrap(), Arc::clone(&said));
        listen(child.stderr.take().unwrap(), Arc::clone(&said));
        Self { child, said }
    }

    /// The number that the system knows it by.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stdout and stderr so far, as they came.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Ends it at once, without a word: SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it: SIGTERM, and SIGKILL if that does not help. Returns its exit code, if it came to one.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        if self.ended().is_none() {
            // The shell's own `kill`: the library is not allowed `unsafe`, nor are its tests.
            let term = format!("kill -TERM {}", self.child.id());
            let _ = Command::new("sh").args(["-c", &term]).status();
            let asked = Instant::now();
            while self.ended().is_none() && asked.elapsed() < Duration::from_secs(10) {
                thread::sleep(Duration::from_millis(10));
            }
            if self.ended().is_none() {
                let _ = self.child.kill();
            }
        }
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listen(mut pipe: impl Read + Send + 'static, said: Arc<Mutex<Vec<u8>>>) {
    thread::spawn(move || {
        let mut piece = [0; 8192];
        while let Ok(length @ 1..) = pipe.read(&mut piece) {
            said.lock().unwrap().extend_from_slice(&piece[..length]);
        }
    });
}
