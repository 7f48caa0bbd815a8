use super::{BoxFuture, Line, Outgoing, Transport, Trouble};

/// Production without `smtp.url`: every mail fails at once and says why (`redemption.md` 3.6).
#[derive(Clone, Copy, Debug)]
pub struct NoRelay;

impl Transport for NoRelay {
    fn line(&self) -> Box<dyn Line> {
        Box::new(Self)
    }
}

impl Line for NoRelay {
    fn offer<'a>(&'a mut self, _: &'a Outgoing) -> BoxFuture<'a, Result<(), Trouble>> {
        Box::pin(async { Err(Trouble::Refused("no mail server is configured".to_owned())) })
    }

    fn hand_over<'a>(&'a mut self, mail: &'a Outgoing) -> BoxFuture<'a, Result<String, Trouble>> {
        Box::pin(async { self.offer(mail).await.map(|()| String::new()) })
    }
}
