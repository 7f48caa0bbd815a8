use std::time::SystemTime;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use thiserror::Error;

use super::{Mail, Party};

/// Why a mail cannot be put on the wire.
#[derive(Debug, Error)]
pub enum WireError {
    /// The envelope or `From` holds something that is no address.
    #[error("{address} is not an address that mail can be sent with")]
    Address {
        /// What stands there.
        address: String,
    },
    /// The parts do not make a message.
    #[error("the message could not be built")]
    Build(#[from] lettre::error::Error),
}

impl Mail {
    /// The message in the form of RFC 5322 and MIME, lines ended by CRLF.
    ///
    /// Header values are folded and encoded (RFC 2047), bodies encoded so that no line exceeds 998 octets. The same
    /// mail gives the same octets, the boundary included.
    ///
    /// # Errors
    ///
    /// [`WireError`] when an address that we configured is none. A `Reply-To` or `Cc` that is none is left out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
        let mut builder = Message::builder()
            .from(mailbox(&self.from)?)
            .to(mailbox(&self.to)?)
            .subject(self.subject.as_str())
            .message_id(Some(self.message_id.clone()))
            .date(SystemTime::from(self.date));
        if let Some(inviter) = self.reply_to.as_ref().and_then(|party| mailbox(party).ok()) {
            builder = builder.reply_to(inviter);
        }
        for party in self.cc.iter().filter_map(|party| mailbox(party).ok()) {
            builder = builder.cc(party);
        }
        for (name, value) in &self.headers {
            let value = value.chars().filter(|c| !c.is_control()).collect();
            builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }

        let parts = MultiPart::alternative()
            .boundary(format!("part-{}", self.id.0.simple()))
            .singlepart(SinglePart::plain(self.text.clone()))
            .singlepart(SinglePart::html(self.html.clone()));
        Ok(builder.multipart(parts)?.formatted())
    }
}

fn mailbox(party: &Party) -> Result<Mailbox, WireError> {
    let address = party.address.parse().map_err(|_| WireError::Address { address: party.address.clone() })?;
    Ok(Mailbox::new(party.name.clone(), address))
}
