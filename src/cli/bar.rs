//! The progress line: stage, bytes, rate and time to go. Only where somebody watches.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::terminal::size;
use crate::progress::{Progress, Stage};

/// The line is drawn at most this often.
const EVERY: Duration = Duration::from_millis(100);

/// Draws progress on standard error, and passes on the user's wish to stop.
#[derive(Debug)]
pub struct Bar {
    drawn: bool,
    interrupted: Arc<AtomicBool>,
    done: AtomicU64,
    state: Mutex<Option<State>>,
}

#[derive(Debug)]
struct State {
    stage: Stage,
    begun: Instant,
    shown: Option<Instant>,
}

impl Bar {
    /// Makes a progress line that is drawn only if asked for; `interrupted` is set when the user
    /// wants to stop.
    pub fn new(drawn: bool, interrupted: Arc<AtomicBool>) -> Bar {
        Bar { drawn, interrupted, done: AtomicU64::new(0), state: Mutex::new(None) }
    }

    /// Removes the line, so that other text can follow.
    pub fn clear(&self) {
        if self.drawn {
            erase(&mut std::io::stderr().lock());
        }
    }

    fn draw(&self) {
        let Ok(mut guard) = self.state.try_lock() else { return };
        let Some(state) = guard.as_mut() else { return };
        let now = Instant::now();
        if state.shown.is_some_and(|shown| now - shown < EVERY) {
            return;
        }
        state.shown = Some(now);
        let line = line(state.stage, self.done.load(Ordering::Relaxed), now - state.begun);
        let mut err = std::io::stderr().lock();
        erase(&mut err);
        let _ = err.write_all(line.as_bytes());
        let _ = err.flush();
    }
}

impl Progress for Bar {
    fn stage(&self, stage: Stage) {
        if self.drawn {
            self.done.store(0, Ordering::Relaxed);
            let state = State { stage, begun: Instant::now(), shown: None };
            *self.state.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
            self.draw();
        }
    }

    fn advance(&self, bytes: u64) {
        if self.drawn {
            self.done.fetch_add(bytes, Ordering::Relaxed);
            self.draw();
        }
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// Removes the line. Moving about is no colour, so this goes past what takes colours away; the line
/// is only ever drawn on a terminal.
fn erase(err: &mut impl Write) {
    let _ = err.write_all(b"\r\x1B[2K");
}

/// Renders the line.
fn line(stage: Stage, done: u64, elapsed: Duration) -> String {
    let mut line = format!("[{}/{}] {}", stage.number, stage.of, stage.name);
    if done > 0 || stage.total > 0 {
        line.push_str(&format!(" {}", size(done)));
    }
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    if stage.total > 0 {
        let share = (done as f64 / stage.total as f64).min(1.0);
        line.push_str(&format!(" of {} ({:.0} %)", size(stage.total), share * 100.0));
        if rate > 0.0 && elapsed >= Duration::from_secs(1) {
            let seconds = (stage.total.saturating_sub(done) as f64 / rate).round() as u64;
            line.push_str(&format!(", {}/s, {} to go", size(rate as u64), clock(seconds)));
        }
    }
    line
}

fn clock(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_stage_bytes_rate_and_time_to_go() {
        let stage = Stage { number: 4, of: 7, name: "reading", total: 10 << 20 };
        assert_eq!(
            line(stage, 5 << 20, Duration::from_secs(5)),
            "[4/7] reading 5.0 MiB of 10.0 MiB (50 %), 1.0 MiB/s, 5 s to go"
        );
        let unknown = Stage { total: 0, ..stage };
        assert_eq!(line(unknown, 0, Duration::ZERO), "[4/7] reading");
        assert_eq!(clock(3_725), "1 h 02 min");
    }
}
