//! A relay that tests can take down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vestibule_courier::transport::{BoxFuture, Line, Outgoing, Transport, Trouble};

/// Whether the relay plays dead. Shared between the control and the courier's lines.
#[derive(Clone, Default)]
pub(crate) struct RelaySwitch(Arc<AtomicBool>);

impl RelaySwitch {
    pub(crate) fn set_down(&self, is_down: bool) {
        self.0.store(is_down, Ordering::SeqCst);
    }

    /// `transport`, as long as this switch is not down.
    pub(crate) fn before(&self, transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Switched { transport, switch: self.clone() })
    }

    fn pass(&self) -> Result<(), Trouble> {
        match self.0.load(Ordering::SeqCst) {
            true => Err(Trouble::Unreachable("taken down by /_dev/faults".to_owned())),
            false => Ok(()),
        }
    }
}

struct Switched {
    transport: Arc<dyn Transport>,
    switch: RelaySwitch,
}

impl Transport for Switched {
    fn line(&self) -> Box<dyn Line> {
        Box::new(SwitchedLine { line: self.transport.line(), switch: self.switch.clone() })
    }
}

struct SwitchedLine {
    line: Box<dyn Line>,
    switch: RelaySwitch,
}

impl Line for SwitchedLine {
    fn offer<'a>(&'a mut self, mail: &'a Outgoing) -> BoxFuture<'a, Result<(), Trouble>> {
        match self.switch.pass() {
            Ok(()) => self.line.offer(mail),
            Err(trouble) => Box::pin(async { Err(trouble) }),
        }
    }

    fn hand_over<'a>(&'a mut self, mail: &'a Outgoing) -> BoxFuture<'a, Result<String, Trouble>> {
        self.line.hand_over(mail)
    }

    fn rest(&mut self) {
        self.line.rest();
    }
}
