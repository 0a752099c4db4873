//! Exit statuses: a promise to scripts.

use std::process::ExitCode;

use crate::error::Error;

/// What a run tells its caller by its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Complete.
    Complete = 0,
    /// Done, but records were rejected, findings of level error exist, `diff` found differences, or
    /// the inputs given to `explain` lack the record.
    WithLosses = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// An input cannot be read.
    Input = 3,
    /// The output cannot be written.
    Output = 4,
    /// Verification failed.
    Unverified = 5,
    /// Interrupted by the user.
    Interrupted = 130,
}

impl Status {
    /// Returns the status that stands for an error.
    pub fn of(error: &Error) -> Status {
        match error {
            Error::Usage { .. } => Status::Usage,
            Error::Read { .. } | Error::Unusable { .. } | Error::TooManyRejected { .. } => Status::Input,
            Error::Write { .. }
            | Error::NoSpace { .. }
            | Error::OutputExists { .. }
            | Error::Unsound { .. } => Status::Output,
            Error::Interrupted => Status::Interrupted,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_documentation() {
        let numbers = [
            (Status::Complete, 0),
            (Status::WithLosses, 1),
            (Status::Usage, 2),
            (Status::Input, 3),
            (Status::Output, 4),
            (Status::Unverified, 5),
            (Status::Interrupted, 130),
        ];
        for (status, number) in numbers {
            assert_eq!(status as u8, number);
        }
    }
}
