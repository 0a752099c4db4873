//! Reading a package on a thread of its own, a piece ahead of whoever compares.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope};

use super::model::Structure;
use crate::chat::Piece;
use crate::error::{Error, Result};
use crate::package::read::{Documents, Pieces};

/// Pieces that are read ahead.
const AHEAD: usize = 1;

/// The pieces of a package: messages, then events.
pub(super) struct Ahead {
    receiver: Receiver<Result<Piece>>,
}

impl Ahead {
    /// Begins to read. Records may have so many bytes of text. The thread ends with the last piece, or when
    /// nobody asks any more.
    ///
    /// # Errors
    /// If there is no thread to be had.
    pub(super) fn begin<'s, 'e: 's>(
        scope: &'s Scope<'s, 'e>,
        documents: &'e Documents,
        structure: &'e Structure,
        largest: usize,
    ) -> Result<Ahead> {
        let (sender, receiver) = sync_channel(AHEAD);
        let read = move || {
            let messages = Pieces::of_messages(&documents.content, &structure.numbers, largest);
            let events = Pieces::of_events(&documents.compliance, &structure.numbers, largest);
            let _ = send_all(messages, &sender).and_then(|()| send_all(events, &sender));
        };
        match Builder::new().spawn_scoped(scope, read) {
            Ok(_) => Ok(Ahead { receiver }),
            Err(cause) => Err(Error::read(&documents.users.name, cause)),
        }
    }

    /// Returns the next piece; `None` at the end.
    ///
    /// # Errors
    /// What ended the reading.
    pub(super) fn next_piece(&self) -> Result<Option<Piece>> {
        self.receiver.recv().ok().transpose()
    }
}

/// Sends all pieces; `None` where nobody wants more.
fn send_all(mut pieces: Pieces<'_>, sender: &SyncSender<Result<Piece>>) -> Option<()> {
    loop {
        match pieces.next_piece() {
            Ok(Some(piece)) => sender.send(Ok(piece)).ok()?,
            Ok(None) => return Some(()),
            Err(error) => {
                let _ = sender.send(Err(error));
                return None;
            }
        }
    }
}
