//! Where and when was measured.

use std::fs;
use std::process::Command;

/// Returns a line that tells processor, memory, system and date.
pub fn describe() -> String {
    let file = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let after = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key))?.split_once(':')?.1;
        Some(line.trim().to_owned())
    };
    let unknown = || "?".to_owned();
    let processor = after(&file("/proc/cpuinfo"), "model name").unwrap_or_else(unknown);
    let memory = after(&file("/proc/meminfo"), "MemTotal").unwrap_or_else(unknown);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = file("/proc/loadavg").split(' ').next().unwrap_or("?").to_owned();
    let told = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.map_or_else(|_| unknown(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    format!(
        "{}; {cores} cores of {processor}, {memory} of memory, {}; load {load}",
        told("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        told("uname", &["-sr"])
    )
}
