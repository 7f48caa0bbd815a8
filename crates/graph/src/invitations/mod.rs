//! `POST /invitations`: reading the body, and the endpoint's own words for every refusal.

pub(crate) mod create;
mod read;
mod refusal;
