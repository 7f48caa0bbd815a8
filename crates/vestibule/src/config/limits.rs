//! How much one caller, one connection or one question may cost.

use super::setting::{Kind, Setting};

/// The section `limits`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) body_bytes: u64,
    pub(crate) header_bytes: u64,
    pub(crate) header_seconds: u64,
    pub(crate) request_seconds: u64,
    pub(crate) write_seconds: u64,
    pub(crate) connections: u64,
    pub(crate) page_size: u64,
    pub(crate) scan_rows: u64,
    pub(crate) scan_ms: u64,
}

pub(super) const ROWS: &[Setting] = &[
    Setting::new(
        "limits.body_bytes",
        "4194304",
        Kind::Number {
            unit: "octets",
            bounds: 65_536..=67_108_864,
            slot: |settings| &mut settings.limits.body_bytes,
        },
        "The largest request body. More is 413.",
    ),
    Setting::new(
        "limits.header_bytes",
        "65536",
        Kind::Number {
            unit: "octets",
            bounds: 16_384..=1_048_576,
            slot: |settings| &mut settings.limits.header_bytes,
        },
        "The largest head of a request: its line and all its headers. More is 431.",
    ),
    Setting::new(
        "limits.header_seconds",
        "60",
        Kind::Number {
            unit: "seconds",
            bounds: 1..=3600,
            slot: |settings| &mut settings.limits.header_seconds,
        },
        "How long a connection may take to shake hands and to send the head of a request, \
         and how long it may idle between two. Then it is closed, over HTTP/2 with a GOAWAY. Idle is also who waits for \
         no answer and read less than 16 KiB of one in that time.",
    ),
    Setting::new(
        "limits.request_seconds",
        "60",
        Kind::Number {
            unit: "seconds",
            bounds: 15..=3600,
            slot: |settings| &mut settings.limits.request_seconds,
        },
        "How long one request may take from its head to its answer, its body included. Then it is 408.",
    ),
    Setting::new(
        "limits.write_seconds",
        "60",
        Kind::Number {
            unit: "seconds",
            bounds: 1..=3600,
            slot: |settings| &mut settings.limits.write_seconds,
        },
        "How long a client may read nothing while its answer waits for it. Then its connection is closed.",
    ),
    Setting::new(
        "limits.connections",
        "4096",
        Kind::Number {
            unit: "connections",
            bounds: 1..=1_000_000,
            slot: |settings| &mut settings.limits.connections,
        },
        "Connections open at once. More wait to be accepted.",
    ),
    Setting::new(
        "limits.page_size",
        "100",
        Kind::Number { unit: "objects", bounds: 1..=999, slot: |settings| &mut settings.limits.page_size },
        "How many objects a page of a Graph list has when `$top` says nothing.",
    ),
    Setting::new(
        "limits.scan_rows",
        "200000",
        Kind::Number {
            unit: "rows",
            bounds: 1_000..=100_000_000,
            slot: |settings| &mut settings.limits.scan_rows,
        },
        "How many rows a filter that no index serves may read before it is refused as too expensive.",
    ),
    Setting::new(
        "limits.scan_ms",
        "10000",
        Kind::Number {
            unit: "milliseconds",
            bounds: 100..=600_000,
            slot: |settings| &mut settings.limits.scan_ms,
        },
        "How long such a filter may take before it is refused as too expensive: its deadline.",
    ),
];
