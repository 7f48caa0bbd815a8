//! An application that calls Graph with a token of its own.

use anyhow::{Context, Result};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::http::{self, Answer, Http};

/// An application with its access token.
#[derive(Clone, Debug)]
pub struct App {
    http: Http,
    token: String,
}

impl App {
    /// Gets a token by `client_credentials`.
    ///
    /// # Errors
    ///
    /// None was given.
    pub async fn sign_in(http: Http, tenant: &str, id: &str, secret: &str) -> Result<Self> {
        let resource = http.origin().to_owned();
        Self::sign_in_for(&resource, http, tenant, id, secret).await
    }

    /// [`sign_in`](Self::sign_in) for a server whose `public_url`, `resource`, is not where it is asked.
    ///
    /// # Errors
    ///
    /// None was given.
    pub async fn sign_in_for(
        resource: &str,
        http: Http,
        tenant: &str,
        id: &str,
        secret: &str,
    ) -> Result<Self> {
        let scope = format!("{resource}/.default");
        let fields = [
            ("client_id", id),
            ("client_secret", secret),
            ("grant_type", "client_credentials"),
            ("scope", scope.as_str()),
        ];
        let answer = http.post_form(&format!("/{tenant}/oauth2/v2.0/token"), &fields).await?;
        let body = answer.json();
        let token = body["access_token"].as_str().with_context(|| format!("{} {body}", answer.status))?;
        Ok(Self { http, token: token.to_owned() })
    }

    /// The bearer token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A request with the token.
    pub fn request(&self, method: Method, target: &str) -> RequestBuilder {
        self.http.request(method, target).bearer_auth(&self.token)
    }

    /// `GET target`.
    ///
    /// # Panics
    ///
    /// When no answer comes; so do the other verbs.
    pub async fn get(&self, target: &str) -> Answer {
        self.send(self.request(Method::GET, target)).await
    }

    /// `GET target?$filter=filter`, percent-encoded.
    pub async fn filter(&self, target: &str, filter: &str) -> Answer {
        self.send(self.request(Method::GET, target).query(&[("$filter", filter)])).await
    }

    /// `GET target?$filter=filter&$count=true` with `ConsistencyLevel: eventual`: the advanced pair.
    pub async fn filter_advanced(&self, target: &str, filter: &str) -> Answer {
        let request = self.request(Method::GET, target).header("ConsistencyLevel", "eventual");
        self.send(request.query(&[("$filter", filter), ("$count", "true")])).await
    }

    /// `POST target` with a JSON body.
    pub async fn post(&self, target: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, target).json(body)).await
    }

    /// `PATCH target` with a JSON body.
    pub async fn patch(&self, target: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, target).json(body)).await
    }

    /// `DELETE target`.
    pub async fn delete(&self, target: &str) -> Answer {
        self.send(self.request(Method::DELETE, target)).await
    }

    /// Sends `request`.
    ///
    /// # Panics
    ///
    /// When no answer comes.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        http::send(request).await.expect("an answer")
    }

    /// Invites `address` without a mail and answers the 201's body.
    ///
    /// # Panics
    ///
    /// When the answer is no 201.
    pub async fn invite(&self, address: &str) -> Value {
        self.invite_with(address, json!({})).await
    }

    /// Invites `address` with more properties.
    ///
    /// # Panics
    ///
    /// When the answer is no 201.
    pub async fn invite_with(&self, address: &str, more: Value) -> Value {
        let mut body = json!({
            "invitedUserEmailAddress": address,
            "inviteRedirectUrl": "https://myapps.microsoft.com/",
        });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        self.post("/v1.0/invitations", &body).await.expect(201).json()
    }

    /// The user `id` with `$select=select`.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn user(&self, id: &str, select: &str) -> Value {
        self.get(&format!("/v1.0/users/{id}?$select={select}")).await.expect(200).json()
    }

    /// The names of the audit events that name `id` as a target, oldest first.
    ///
    /// # Panics
    ///
    /// When the log does not answer.
    pub async fn audit_of(&self, id: &str) -> Vec<String> {
        let filter = format!("targetResources/any(t:t/id eq '{id}')");
        let answer = self.filter("/v1.0/auditLogs/directoryAudits", &filter).await.expect(200).json();
        let events = answer["value"].as_array().cloned().unwrap_or_default();
        events
            .iter()
            .rev()
            .filter_map(|event| event["activityDisplayName"].as_str().map(str::to_owned))
            .collect()
    }
}
