//! Acceptance tests' shared parts.
