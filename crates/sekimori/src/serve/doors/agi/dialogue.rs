//! One connection from Asterisk: what it sends is read, what it is to do is sent, a command and
//! its reply at a time. Time is kept by whoever holds the dialogue.

use sekimori_switches::fastagi::{Command, Environment, Malformed, Reader, Reply};
use std::io;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Read at once; an environment is below 2 KiB.
const PIECE_BYTES: usize = 4_096;

/// A dialogue under way.
pub(super) struct Dialogue {
    stream: TcpStream,
    reader: Reader,
    /// The caller has gone.
    pub(super) has_hung_up: bool,
}

/// Why a dialogue ended before its time.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    /// The other side closed, or the connection broke.
    #[error("the connection ended: {0}")]
    Closed(#[from] io::Error),
    /// What it sent is no AGI.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// It will not do what it is told.
    #[error("the switch refused a command with {0}")]
    Refused(u16),
}

impl Dialogue {
    pub(super) fn new(stream: TcpStream) -> Dialogue {
        // Commands are single small writes; one that waits for more waits for nothing.
        let _ = stream.set_nodelay(true);
        Dialogue { stream, reader: Reader::default(), has_hung_up: false }
    }

    /// What Asterisk says of the call.
    pub(super) async fn environment(&mut self) -> Result<Environment, End> {
        loop {
            if let Some(environment) = self.reader.environment()? {
                self.has_hung_up = environment.has_hung_up;
                return Ok(environment);
            }
            self.read().await?;
        }
    }

    /// Sends a command and waits until it is done.
    pub(super) async fn tell(&mut self, command: Command<'_>) -> Result<(), End> {
        let mut line = Vec::with_capacity(128);
        command.encode(&mut line);
        self.stream.write_all(&line).await?;
        loop {
            match self.reader.reply()? {
                Some(Reply::Done(_)) => return Ok(()),
                Some(Reply::Refused(code)) => return Err(End::Refused(code)),
                Some(Reply::HungUp) => self.has_hung_up = true,
                None => self.read().await?,
            }
        }
    }

    async fn read(&mut self) -> Result<(), End> {
        let mut piece = [0; PIECE_BYTES];
        let n = self.stream.read(&mut piece).await?;
        if n == 0 {
            return Err(End::Closed(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(self.reader.push(&piece[..n])?)
    }
}
