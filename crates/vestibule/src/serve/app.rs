//! All surfaces on one port, and the metrics perhaps on another.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use axum::{Router, middleware};
use http::request::Parts;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use vestibule_courier::transport::DevMailbox;
use vestibule_graph::Graph;
use vestibule_graph::router::names_a_version;
use vestibule_identity::Identity;
use vestibule_identity::dev::DevMode;
use vestibule_model::{Context, Silence};
use vestibule_pages::Pages;

use super::{House, ServeError, bind, stopped};
use crate::config::Mode;
use crate::dev::controls::{Controls, Reseed};
use crate::dev::faults::{self, Faults};
use crate::dev::gate::{self, Gate};
use crate::dev::guard::Guard;
use crate::dev::redeem::Redeemer;
use crate::dev::start::{DevStart, hash_passwords, seed_missing};
use crate::front::door::{self, Door};
use crate::front::host::Hosts;
use crate::front::listener::Listener;
use crate::ops::{self, Readers, Readiness};
use crate::rooms::{self, small};

/// What guests, apps and administrators see.
struct Surfaces {
    graph: Graph,
    identity: Identity,
    pages: Pages,
}

/// Every route of the server, behind the door.
pub(super) fn app(house: &House, metrics: &PrometheusHandle, dev: Option<(&DevStart, DevMailbox)>) -> Router {
    let operations = ops::probes(readiness(house));
    let operations = match readers(house) {
        Some(readers) => operations.merge(ops::metrics(metrics.clone(), readers)),
        None => operations,
    };
    let surfaces = Surfaces::of(house);
    let all = match dev {
        Some((dev, mailbox)) => with_controls(surfaces.router(), operations, house, dev, mailbox),
        None => surfaces.router().merge(operations),
    };
    door(house, surfaces).before(all)
}

impl Surfaces {
    fn of(house: &House) -> Self {
        let House { mode, settings, public_url, folder, directory, identity, clock, ids, .. } = house;
        let graph = Graph::new(
            directory.clone(),
            identity.clone(),
            rooms::graph(settings, public_url, &folder.keys),
            clock.clone(),
            ids.clone(),
        );
        let pages = rooms::pages(settings, public_url, *mode);
        let pages = Pages::new(directory.clone(), identity.clone(), pages);
        Self { graph, identity: identity.clone(), pages }
    }

    fn router(&self) -> Router {
        self.graph.router(self.identity.before(self.pages.router()))
    }

    /// What a request without an answer is told, in the form of the surface that it asked. Probes and controls have none.
    fn apology(&self, asked: &Parts, why: Silence) -> Response {
        let path = asked.uri.path();
        if names_a_version(path) {
            self.graph.without_answer(asked, why)
        } else if Identity::is_login(path) {
            self.identity.without_answer(asked, why)
        } else if ops::is_probe(path) || path.starts_with("/_dev/") {
            door::in_words(why)
        } else {
            self.pages.without_answer(asked, why)
        }
    }
}

fn with_controls(
    surfaces: Router,
    operations: Router,
    house: &House,
    dev: &DevStart,
    mailbox: DevMailbox,
) -> Router {
    let gate = Gate::default();
    let faults = Arc::new(Faults::new(dev.relay.clone(), house.clock.clone()));
    let controls = Controls {
        mailbox,
        clock: dev.clock.clone(),
        faults: faults.clone(),
        redeemer: Redeemer {
            directory: house.directory.clone(),
            clock: house.clock.clone(),
            ids: house.ids.clone(),
            dev: DevMode::switched_on_by_serve_dev(),
            public_url: rooms::url(&house.public_url),
            maps_myapps: house.settings.redemption.map_myapps,
        },
        reseed: reseed(house, dev),
        gate: gate.clone(),
        guard: Guard {
            public_url: house.public_url.clone(),
            port: house.port,
            token: house.settings.dev.allow_remote.then(|| Arc::new(dev.token().into())),
        },
    };
    // Controls are merged last, so that no fault can lock a test out of ending it, nor a reset wait for itself.
    surfaces
        .merge(operations)
        .layer(middleware::from_fn_with_state(faults, faults::inject))
        .layer(middleware::from_fn_with_state(gate, gate::pass))
        .merge(controls.router())
}

/// Puts the store back to what a first start with the same seed leaves: forgets every tenant, then makes them anew.
fn reseed(house: &House, dev: &DevStart) -> Reseed {
    let (store, directory, plans) = (house.store.clone(), house.directory.clone(), dev.plans.clone());
    let (clock, ids, identity) = (house.clock.clone(), house.ids.clone(), house.identity.clone());
    Arc::new(move || {
        let (store, directory, plans) = (store.clone(), directory.clone(), plans.clone());
        identity.forget();
        directory.forget();
        let context = Context { now: clock.now(), ids: ids.clone(), correlation: ids.random(), client: None };
        Box::pin(async move {
            for tenant in store.tenants().await.map_err(|why| why.to_string())? {
                store.forget_tenant(tenant.id).await.map_err(|why| why.to_string())?;
            }
            seed_missing(&plans, &directory, &context).await.map_err(|why| why.to_string())?;
            tokio::spawn(hash_passwords(plans, directory, context));
            Ok(())
        })
    })
}

fn door(house: &House, surfaces: Surfaces) -> Door {
    let limits = &house.settings.limits;
    Door {
        hosts: Hosts::new(house.public_url.clone(), house.mode),
        trusted: house.settings.proxy.trusted.clone(),
        ids: house.ids.clone(),
        clock: house.clock.clone(),
        deadline: Duration::from_secs(limits.request_seconds),
        body_bytes: small(limits.body_bytes),
        apology: Arc::new(move |asked, why| surfaces.apology(asked, why)),
        pins_https: house.public_url.pins_https(),
    }
}

fn readiness(house: &House) -> Readiness {
    let directory = house.directory.clone();
    Arc::new(move || {
        let directory = directory.clone();
        Box::pin(async move {
            match directory.tenants().await {
                Ok(tenants) if tenants.is_empty() => {
                    Err("no tenant: stop the server, run vestibule init, start it".to_owned())
                }
                Ok(_) => Ok(()),
                Err(why) => {
                    tracing::warn!("not ready: {why}");
                    Err("the store cannot be reached".to_owned())
                }
            }
        })
    })
}

/// Who may read the metrics on the one port; none when they are served elsewhere or nowhere.
fn readers(house: &House) -> Option<Readers> {
    let settings = &house.settings;
    if settings.metrics.listen.is_some() {
        return None;
    }
    match &settings.metrics.token {
        Some(token) => Some(Readers::WithToken(Arc::new(token.clone()))),
        // Behind a proxy on this machine everybody would come from loopback.
        None if settings.tls.is_off && house.mode == Mode::Production => None,
        None => Some(Readers::Loopback),
    }
}

/// Serves the metrics on the address of their own, if there is one.
pub(super) async fn metrics_port(
    house: &House,
    metrics: &PrometheusHandle,
    stop: watch::Receiver<bool>,
) -> Result<Option<JoinHandle<()>>, ServeError> {
    let settings = &house.settings;
    let Some(address) = settings.metrics.listen else { return Ok(None) };
    let socket: TcpListener = bind(address).await?;
    let readers = match &settings.metrics.token {
        Some(token) => Readers::WithToken(Arc::new(token.clone())),
        None => Readers::Anybody,
    };
    let listener = Listener::new(socket, None, &settings.limits);
    Ok(Some(tokio::spawn(listener.serve(ops::metrics(metrics.clone(), readers), stopped(stop)))))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::clock::SystemClock;
    use crate::config::{Given, PublicUrl, load};
    use crate::store::DataFolder;

    #[tokio::test]
    async fn a_bug_and_a_deadline_are_told_in_the_form_of_the_surface() {
        let folder = tempfile::tempdir().unwrap();
        let house = house(folder.path()).await;
        for (path, form, said) in [
            ("/v1.0/users", "application/json", ["\"InternalServerError\"", "\"RequestTimeout\""]),
            ("/BETA/users", "application/json", ["\"client-request-id\":\"mine\""; 2]),
            ("/common/oauth2/v2.0/token", "application/json; charset=utf-8", ["AADSTS90033"; 2]),
            ("/invitations/redeem/", "text/html", ["data-screen=\"S-E13\"", "data-screen=\"408\""]),
            ("/nowhere", "text/html", ["data-screen=\"S-E13\"", "data-screen=\"408\""]),
            ("/healthz", "text/plain", ["our fault", "too long"]),
            ("/_dev/clock", "text/plain", ["our fault", "too long"]),
        ] {
            let broken = async || -> Response { panic!("on purpose") };
            let broken = door(&house, Surfaces::of(&house)).before(Router::new().fallback(broken));
            let slow = Door { deadline: Duration::ZERO, ..door(&house, Surfaces::of(&house)) };
            let slow = slow.before(Router::new().fallback(std::future::pending::<Response>));
            for (rooms, status, said) in [(broken, 500, said[0]), (slow, 408, said[1])] {
                let request =
                    Request::get(path).header("host", "localhost").header("client-request-id", "mine");
                let answer = rooms.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();

                assert_eq!(answer.status(), status, "{path}");
                assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(form), "{path}");
                let body = axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap();
                let body = String::from_utf8(body.to_vec()).unwrap();
                assert!(body.contains(said), "{path} {status}: {body}");
            }
        }
    }

    async fn house(data: &std::path::Path) -> House {
        let flags = vec![("data".to_owned(), data.display().to_string())];
        let settings = load(Given { flags, ..Given::nothing() }).unwrap().settings;
        let folder = DataFolder::claim(&settings, Mode::Production).unwrap();
        let public_url = PublicUrl::local(true, 8443);
        House::open(Mode::Production, settings, public_url, 8443, folder, Arc::new(SystemClock))
            .await
            .unwrap()
    }
}
