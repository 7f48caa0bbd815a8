//! The way in and out of every request: the order of checks of `graph.md` 5.4, and the headers of 5.2.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{AUTHORIZATION, CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use vestibule_model::{Arrival, Caller, Silence};

use crate::answer::Answer;
use crate::error::GraphError;
use crate::facts::Facts;
use crate::router::{self, Resource, Version};
use crate::{Graph, audit_logs, domains, invitations, organization, users};

/// Answers what stands under a version segment, and leaves the rest to the rooms behind.
pub(crate) async fn take(graph: State<Graph>, request: Request, next: Next) -> Response {
    match router::names_a_version(request.uri().path()) {
        true => answer(graph, request).await,
        false => next.run(request).await,
    }
}

/// Answers whatever stands under a version segment.
pub(crate) async fn answer(State(graph): State<Graph>, request: Request) -> Response {
    let version = router::version(request.uri().path());
    let arrival = request.extensions().get::<Arrival>().copied();
    let mut facts = Facts::of(&graph, version.clone().unwrap_or(Version::V1), arrival, request.headers());

    let outcome = match version {
        Ok(_) => graph.serve(&mut facts, request).await,
        Err(_) => Err(GraphError::invalid_version()),
    };
    let mut response = match outcome {
        Ok(answer) => answer.into_response(&facts),
        Err(error) => error.into_response(&facts, graph.parts.settings.origin()),
    };
    stamp(&mut response, &facts, &graph.parts.settings.node);
    response
}

impl Graph {
    async fn serve(&self, facts: &mut Facts, request: Request) -> Result<Answer, GraphError> {
        let token = authorization(request.headers()).map(str::to_owned);
        let caller = self.parts.identity.caller(token.as_deref(), facts.context.now).await?;
        let resource = router::resource(request.uri().path()).map_err(GraphError::no_route)?;
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        if is_read && matches!(resource, Resource::Invitation | Resource::Invitations) {
            return Err(GraphError::no_invitation_to_get());
        }
        if !resource.allows(request.method()) {
            return Err(GraphError::method_not_allowed(&resource.methods()));
        }
        facts.negotiate(request.headers(), resource == Resource::UsersCount)?;

        self.dispatch(facts, &caller, resource, request).await
    }

    async fn dispatch(
        &self,
        facts: &mut Facts,
        caller: &Caller,
        resource: Resource,
        request: Request,
    ) -> Result<Answer, GraphError> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        match (resource, request.method().clone()) {
            // The large ones apart: every layer copies the future of every request, whatever it asks.
            (Resource::Invitations, _) => {
                Box::pin(invitations::create::answer(self, facts, caller, request)).await
            }
            (Resource::Users, _) => users::list::answer(self, facts, caller, &query).await,
            (Resource::UsersCount, _) => users::count::answer(self, facts, caller, &query).await,
            (Resource::User(key), Method::PATCH) => {
                Box::pin(users::update::answer(self, facts, caller, &key, request)).await
            }
            (Resource::User(key), Method::DELETE) => {
                Box::pin(users::delete::answer(self, facts, caller, &key)).await
            }
            (Resource::User(key), _) => users::get::answer(self, facts, caller, &key, &query).await,
            (Resource::Me, _) => Err(GraphError::me_needs_a_user()),
            (Resource::Organizations, _) => organization::list(self, facts, caller, &query).await,
            (Resource::Organization(id), _) => organization::get(self, facts, caller, &id, &query).await,
            (Resource::Domains, _) => domains::list(self, facts, caller, &query).await,
            (Resource::Domain(name), _) => domains::get(self, facts, caller, &name, &query).await,
            (Resource::DirectoryAudits, _) => audit_logs::list(self, facts, caller, &query).await,
            (Resource::DirectoryAudit(id), _) => audit_logs::get(self, facts, caller, &id, &query).await,
            (Resource::Invitation, _) => Err(GraphError::no_invitation_to_get()),
        }
    }
}

/// The header, if there is one. What is no text, and two of them, are no token: with two it would be up to whoever stands
/// before us which one counts.
fn authorization(headers: &HeaderMap) -> Option<&str> {
    const NO_TOKEN: &str = "Bearer ?";
    let mut given = headers.get_all(AUTHORIZATION).iter();
    match (given.next(), given.next()) {
        (None, _) => None,
        (Some(one), None) => Some(one.to_str().unwrap_or(NO_TOKEN)),
        (Some(_), Some(_)) => Some(NO_TOKEN),
    }
}

impl Graph {
    /// What a client reads when its request, `asked`, has no answer.
    pub fn without_answer(&self, asked: &Parts, why: Silence) -> Response {
        let version = router::version(asked.uri.path()).unwrap_or(Version::V1);
        let arrival = asked.extensions.get::<Arrival>().copied();
        let facts = Facts::of(self, version, arrival, &asked.headers);
        let error = match why {
            Silence::Broken => GraphError::internal("a bug ended the answer".to_owned()),
            Silence::TooLong => GraphError::too_slow(),
        };
        let mut response = error.into_response(&facts, self.parts.settings.origin());
        stamp(&mut response, &facts, &self.parts.settings.node);
        response
    }
}

fn stamp(response: &mut Response, facts: &Facts, node: &str) {
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("request-id", &facts.request_id.to_string());
    set("client-request-id", &facts.client_request_id);
    set(
        "x-ms-ags-diagnostic",
        &format!(
            r#"{{"ServerInfo":{{"DataCenter":"{node}","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"{node}"}}}}"#
        ),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
