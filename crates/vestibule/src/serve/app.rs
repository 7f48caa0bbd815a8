//! All surfaces on one port, and the metrics perhaps on another.

use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use vestibule_courier::transport::DevMailbox;
use vestibule_graph::Graph;
use vestibule_identity::dev::DevMode;
use vestibule_model::Context;
use vestibule_pages::Pages;

use super::{House, ServeError, bind, stopped};
use crate::config::Mode;
use crate::dev::controls::{Controls, Reseed};
use crate::dev::faults::{self, Faults};
use crate::dev::gate::{self, Gate};
use crate::dev::guard::Guard;
use crate::dev::redeem::Redeemer;
use crate::dev::start::{DevStart, hash_passwords, seed_missing};
use crate::front::door::Door;
use crate::front::host::Hosts;
use crate::front::listener::Listener;
use crate::ops::{self, Readers, Readiness};
use crate::rooms::{self, small};

/// Every route of the server, behind the door.
pub(super) fn app(house: &House, metrics: &PrometheusHandle, dev: Option<(&DevStart, DevMailbox)>) -> Router {
    let operations = ops::probes(readiness(house));
    let operations = match readers(house) {
        Some(readers) => operations.merge(ops::metrics(metrics.clone(), readers)),
        None => operations,
    };
    let all = match dev {
        Some((dev, mailbox)) => with_controls(surfaces(house), operations, house, dev, mailbox),
        None => surfaces(house).merge(operations),
    };
    door(house).before(all)
}

/// What guests, apps and administrators see.
fn surfaces(house: &House) -> Router {
    let House { mode, settings, public_url, folder, directory, identity, clock, ids, .. } = house;
    let graph = Graph::new(
        directory.clone(),
        identity.clone(),
        rooms::graph(settings, public_url, &folder.keys),
        clock.clone(),
        ids.clone(),
    );
    let pages = Pages::new(directory.clone(), identity.clone(), rooms::pages(settings, public_url, *mode));
    graph.router(identity.router().merge(pages.router()))
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

fn door(house: &House) -> Door {
    let limits = &house.settings.limits;
    Door {
        hosts: Hosts::new(house.public_url.clone(), house.mode),
        trusted: house.settings.proxy.trusted.clone(),
        ids: house.ids.clone(),
        clock: house.clock.clone(),
        deadline: Duration::from_secs(limits.request_seconds),
        body_bytes: small(limits.body_bytes),
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
