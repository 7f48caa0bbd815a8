use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vestibule_model::audit::{Activity, AuditEvent, AuditTrail, Initiator};
use vestibule_model::clock::{HeldClock, SeededIds};
use vestibule_model::message::Delivery;
use vestibule_model::tenant::Tenant;
use vestibule_model::{Change, ChangeSet, Message, MessageId, PurposeKey, PurposeKeys, TenantId};
use vestibule_store::outbox::DeliveryState;
use vestibule_store::{Durability, Engine, Options, StoreKind, Unit};
use vestibule_wording::Catalogue;

use super::*;
use crate::mail::Letterhead;
use crate::testing::{ASKED, copy, invitation, passcode};
use crate::transport::{BoxFuture, DevMailbox, NoRelay};

const TENANT: TenantId = TenantId(uuid::Uuid::from_u128(0x40));

/// A store on disk with a courier at work on it.
struct Office {
    store: Store,
    clock: Arc<HeldClock>,
    stop: Option<oneshot::Sender<()>>,
    courier: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Office {
    async fn with(transport: impl FnOnce(Arc<HeldClock>) -> Arc<dyn Transport>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = store_with_a_tenant(folder.path()).await;
        Self::over(store, folder, transport)
    }

    fn over(
        store: Store,
        folder: tempfile::TempDir,
        transport: impl FnOnce(Arc<HeldClock>) -> Arc<dyn Transport>,
    ) -> Self {
        let clock = Arc::new(HeldClock::at(ASKED));
        let courier = Courier {
            store: store.clone(),
            clock: Arc::clone(&clock) as _,
            ids: Arc::new(SeededIds::new(7)),
            composer: Composer::new(
                Arc::new(Catalogue::new()),
                Letterhead::parse("invitations@mail.example").unwrap(),
            ),
            transport: transport(Arc::clone(&clock)),
            connections: 4,
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let courier = tokio::spawn(courier.run(async {
            let _ = stopped.await;
        }));

        Self { store, clock, stop: Some(stop), courier, _folder: folder }
    }

    async fn post(&self, id: u128, message: Message) -> MessageId {
        post(&self.store, id, message).await
    }

    /// Waits for the row to come as far as `is_there` asks.
    async fn comes(&self, id: MessageId, is_there: impl Fn(&DeliveryState) -> bool) -> DeliveryState {
        let wait = async {
            loop {
                let state = self.store.delivery(TENANT, id).await.unwrap().unwrap();
                if is_there(&state) {
                    return state;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(20), wait).await.expect("the row never came that far")
    }

    async fn ends(&self, id: MessageId) -> DeliveryState {
        self.comes(id, |state| state.state != Delivery::Queued).await
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

async fn post(store: &Store, id: u128, message: Message) -> MessageId {
    let id = MessageId(uuid::Uuid::from_u128(id));
    let outbox = vec![Message { id, ..message }];
    store.commit(Unit { outbox, ..Unit::new(TENANT) }).await.unwrap();
    id
}

async fn store_with_a_tenant(folder: &Path) -> Store {
    let store = Store::open(Options {
        engine: Engine::Sqlite { folder: folder.to_owned(), durability: Durability::Volatile },
        keys: PurposeKeys::new(vec![PurposeKey { id: [1; 8], secret: [2; 32] }]).unwrap(),
        kind: StoreKind::Dev,
        scan_rows: 1_000,
    })
    .await
    .unwrap();
    let context = Context {
        now: ASKED,
        ids: Arc::new(SeededIds::new(1)),
        correlation: uuid::Uuid::nil(),
        client: None,
    };
    let service = Initiator::Service { name: "test".into() };
    let trail = AuditTrail::of(AuditEvent::new(Activity::UpdatePolicy, service, &context));
    let tenant = Tenant {
        id: TENANT,
        display_name: "Contoso".into(),
        initial_domain: "contoso.example".into(),
        created_at: ASKED,
        preferred_language: None,
        privacy_statement_url: None,
        privacy_contact: None,
        technical_notification_mails: Vec::new(),
        country_letter_code: None,
    };
    let change = ChangeSet::new(vec![Change::CreateTenant(Box::new(tenant))], trail);
    store.commit(Unit { change: Some(change), ..Unit::new(TENANT) }).await.unwrap();
    store
}

/// A relay that can be down, and that answers DATA as it is told, then takes everything.
#[derive(Clone, Default)]
struct Play(Arc<Mutex<Scene>>);

#[derive(Default)]
struct Scene {
    is_down: bool,
    answers: VecDeque<Trouble>,
    message_ids: Vec<String>,
}

impl Play {
    fn scene(&self) -> std::sync::MutexGuard<'_, Scene> {
        self.0.lock().unwrap()
    }
}

impl Transport for Play {
    fn line(&self) -> Box<dyn Line> {
        Box::new(self.clone())
    }
}

impl Line for Play {
    fn offer<'a>(&'a mut self, _: &'a Outgoing) -> BoxFuture<'a, Result<(), Trouble>> {
        Box::pin(async {
            match self.scene().is_down {
                true => Err(Trouble::Unreachable("no route".into())),
                false => Ok(()),
            }
        })
    }

    fn hand_over<'a>(&'a mut self, mail: &'a Outgoing) -> BoxFuture<'a, Result<String, Trouble>> {
        Box::pin(async {
            let mut scene = self.scene();
            scene.message_ids.push(mail.mail.message_id.clone());
            scene.answers.pop_front().map_or(Ok("250 taken".into()), Err)
        })
    }
}

#[tokio::test]
async fn what_waits_in_the_outbox_is_sent_once_and_written_down() {
    let mut mailbox = None;
    let office = Office::with(|clock| Arc::new(mailbox.insert(DevMailbox::new(clock)).clone())).await;
    let mailbox = mailbox.unwrap();

    let ids =
        [office.post(1, invitation()).await, office.post(2, copy()).await, office.post(3, passcode()).await];
    for id in ids {
        let state = office.ends(id).await;
        assert_eq!((state.state, state.reply.as_deref()), (Delivery::Sent, Some("250 captured")));
    }
    assert_eq!(mailbox.mails(None).len(), 3);
}

#[tokio::test]
async fn mail_waits_for_a_relay_that_is_down_and_passcodes_do_not() {
    let play = Play::default();
    play.scene().is_down = true;
    let office = Office::with(|_| Arc::new(play.clone())).await;

    let invitation = office.post(1, invitation()).await;
    let passcode = office.post(2, passcode()).await;
    office.comes(invitation, |state| state.reply.is_some()).await;
    office.comes(passcode, |state| state.reply.is_some()).await;
    office.advance(11);
    assert_eq!(office.ends(passcode).await.state, Delivery::Dead);

    play.scene().is_down = false;
    office.advance(50);
    assert_eq!(office.ends(invitation).await.state, Delivery::Sent);
    assert_eq!(play.scene().message_ids.len(), 1);
}

#[tokio::test]
async fn without_a_mail_server_mail_fails_and_says_so() {
    let office = Office::with(|_| Arc::new(NoRelay)).await;

    let state = office.post(1, invitation()).await;
    let state = office.ends(state).await;

    assert_eq!(
        (state.state, state.reply.as_deref()),
        (Delivery::Failed, Some("no mail server is configured"))
    );
}

#[tokio::test]
async fn a_lost_outcome_is_tried_once_more_with_the_same_message_id() {
    for (lost, end, reply) in [(1, Delivery::Sent, "250 taken"), (2, Delivery::Failed, "outcome unknown")] {
        let play = Play::default();
        play.scene().answers = std::iter::repeat_n(Trouble::OutcomeLost("reset".into()), lost).collect();
        let office = Office::with(|_| Arc::new(play.clone())).await;

        let id = office.post(1, invitation()).await;
        while play.scene().message_ids.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        office.advance(301);
        let state = office.ends(id).await;

        assert_eq!((state.state, state.reply.as_deref()), (end, Some(reply)));
        let ids = play.scene().message_ids.clone();
        assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
    }
}

#[tokio::test]
async fn two_crashes_between_the_message_and_the_reply_end_a_mail() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_a_tenant(folder.path()).await;
    let second = SignedDuration::from_secs(1);
    let id = post(&store, 1, Message { due_at: ASKED - second * 2, ..invitation() }).await;
    for seconds in [2, 1] {
        let now = ASKED - second * seconds;
        let claim = store.claim(Lane::Ordinary, now, second, 1).await.unwrap().pop().unwrap();
        store.begin_hand_over(&claim, now).await.unwrap();
    }

    let play = Play::default();
    let office = Office::over(store, folder, |_| Arc::new(play.clone()));
    let state = office.ends(id).await;

    assert_eq!((state.state, state.reply.as_deref()), (Delivery::Failed, Some("outcome unknown")));
    assert_eq!(play.scene().message_ids, [""; 0], "it may have arrived twice already");
}

#[tokio::test]
async fn a_stop_ends_the_courier() {
    let mut office = Office::with(|_| Arc::new(NoRelay)).await;

    office.stop.take();

    timeout(Duration::from_secs(5), office.courier).await.expect("the courier went on").unwrap();
}
