//! The walls between the rooms, read from `cargo metadata`.
//!
//! Edges between workspace members are a closed list; external crates are a deny list for each room.
//! Dev-dependencies are free. A change here is an architectural change: change `ARCHITECTURE.md` in the same commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which rooms a room may use. Every room but `odata` and `wording` may use `model`.
const EDGES: &[(&str, &[&str])] = &[
    ("vestibule-model", &[]),
    ("vestibule-odata", &[]),
    ("vestibule-wording", &[]),
    ("vestibule-store", &["vestibule-model", "vestibule-odata"]),
    ("vestibule-directory", &["vestibule-model", "vestibule-odata", "vestibule-store"]),
    ("vestibule-identity", &["vestibule-model", "vestibule-store"]),
    ("vestibule-graph", &["vestibule-model", "vestibule-odata", "vestibule-directory", "vestibule-identity"]),
    (
        "vestibule-pages",
        &["vestibule-model", "vestibule-directory", "vestibule-identity", "vestibule-wording"],
    ),
    ("vestibule-courier", &["vestibule-model", "vestibule-store", "vestibule-wording"]),
    (
        "vestibule",
        &[
            "vestibule-model",
            "vestibule-odata",
            "vestibule-store",
            "vestibule-directory",
            "vestibule-identity",
            "vestibule-graph",
            "vestibule-pages",
            "vestibule-courier",
            "vestibule-wording",
        ],
    ),
    // These drive the built binary from outside; `bench` may also time a seam of the store by itself.
    ("vestibule-tests", &[]),
    ("vestibule-bench", &["vestibule-model", "vestibule-store"]),
    ("xtask", &[]),
];

/// Which rooms alone may name an external crate.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("axum", &["vestibule-identity", "vestibule-graph", "vestibule-pages", "vestibule", "vestibule-bench"]),
    ("rusqlite", &["vestibule-store", "vestibule-tests", "vestibule-bench"]),
    ("tokio-postgres", &["vestibule-store", "vestibule-tests", "vestibule-bench"]),
    ("deadpool-postgres", &["vestibule-store"]),
    ("refinery", &["vestibule-store"]),
    ("lettre", &["vestibule-courier", "vestibule"]),
    ("minijinja", &["vestibule-pages", "vestibule-courier", "vestibule"]),
    ("fluent-bundle", &["vestibule-wording"]),
    ("jsonwebtoken", &["vestibule-identity", "vestibule-bench"]),
    ("winnow", &["vestibule-odata"]),
    ("clap", &["vestibule", "vestibule-bench"]),
    (
        "reqwest",
        &["vestibule-identity", "vestibule-courier", "vestibule", "vestibule-tests", "vestibule-bench"],
    ),
];

/// What a room must not name, beyond the table above.
const NEVER: &[(&str, &[&str])] = &[
    ("vestibule-model", &["tokio", "axum", "rusqlite", "tokio-postgres", "reqwest", "hyper", "http"]),
    (
        "vestibule-odata",
        &["tokio", "axum", "rusqlite", "tokio-postgres", "reqwest", "hyper", "http", "serde_json"],
    ),
    ("vestibule-wording", &["tokio", "axum", "rusqlite", "tokio-postgres", "reqwest", "hyper", "http"]),
    ("vestibule-directory", &["axum", "http", "hyper", "lettre", "minijinja", "rusqlite", "tokio-postgres"]),
    ("vestibule-identity", &["lettre", "minijinja"]),
    ("vestibule-graph", &["vestibule-store", "minijinja"]),
    ("vestibule-pages", &["vestibule-store"]),
    ("vestibule-courier", &["axum", "hyper"]),
];

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let packages = packages();
    let known: BTreeSet<&str> = EDGES.iter().map(|(room, _)| *room).collect();
    let found: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    assert_eq!(found, known, "a crate came or went: say where it stands");

    for (room, may_use) in EDGES {
        for dependency in &packages[*room] {
            let is_ours = packages.contains_key(dependency);
            assert!(!is_ours || may_use.contains(&dependency.as_str()), "{room} must not use {dependency}");
        }
    }
}

#[test]
fn an_external_crate_is_named_only_in_the_rooms_that_own_its_subject() {
    let packages = packages();

    for (name, rooms) in ONLY_IN {
        for (room, dependencies) in &packages {
            assert!(
                !dependencies.contains(*name) || rooms.contains(&room.as_str()),
                "{room} must not use {name}"
            );
        }
    }
    for (room, never) in NEVER {
        for name in *never {
            assert!(!packages[*room].contains(*name), "{room} must not use {name}");
        }
    }
}

#[test]
fn only_identity_can_vouch_for_a_guest() {
    // The definition stands in `model`; `identity` is where the calls are.
    for (file, text) in sources(&["model", "identity"]) {
        assert!(!text.contains("established_by"), "{} vouches for a guest", file.display());
    }
}

#[test]
fn sql_and_graph_codes_stand_in_one_room_each() {
    for (file, text) in sources(&["store"]) {
        for sql in ["SELECT ", "INSERT INTO ", "DELETE FROM ", "UPDATE "] {
            assert!(!text.contains(sql), "{} speaks SQL: {sql}", file.display());
        }
    }
    for (file, text) in sources(&["graph", "vestibule"]) {
        assert!(!text.contains("Request_BadRequest"), "{} knows Graph's error codes", file.display());
    }
}

#[test]
fn every_bound_on_what_is_stored_names_tests_that_are_there() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, table) = map.split_once("## What a caller can make us store").unwrap();
    let table = table.split("\n## ").next().unwrap_or_default();
    let mut files = Vec::new();
    every_rust_file(&root().join("crates"), &mut files);
    let code: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();

    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() >= 12, "{rows:?}");
    for row in rows {
        let shown_by = row.trim_end_matches([' ', '|']).rsplit("| ").next().unwrap_or_default();
        for name in shown_by.split(", ").map(|name| name.trim_matches('`')) {
            assert!(code.contains(&format!("fn {name}(")), "{name} is no test: {row}");
        }
    }
}

#[test]
fn the_banned_crates_are_nowhere_in_the_tree() {
    // Cargo.lock and `cargo metadata` also list what only unused features would bring; `cargo tree` is what is built.
    let tree = cargo(&["tree", "--workspace", "--prefix", "none", "--format", "{lib} {p}", "--offline"]);
    let built: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').nth(1)).collect();
    assert!(built.contains("aws-lc-rs"), "the tree is not what this test thinks it is");

    for name in ["ring", "openssl", "openssl-sys", "native-tls", "rsa", "chrono"] {
        assert!(!built.contains(name), "{name} would be built");
    }
}

/// Every workspace member with the crates it names outside `[dev-dependencies]`.
fn packages() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(|package| (text(&package["name"]), dependencies(package))).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = cargo.args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn dependencies(package: &Value) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().unwrap();
    all.iter()
        .filter(|dependency| dependency["kind"] != "dev")
        .map(|dependency| text(&dependency["name"]))
        .collect()
}

/// The Rust files of `crates/`, without the rooms named and without what is only compiled for tests.
fn sources(without: &[&str]) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for room in fs::read_dir(root().join("crates")).unwrap() {
        let room = room.unwrap();
        if !without.contains(&room.file_name().to_str().unwrap()) {
            rust_files(&room.path().join("src"), &mut files);
        }
    }
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        (file, without_comments(&without_tests(&text)))
    };
    files.into_iter().map(read).collect()
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // The conformance suite is the store's test, in `src` because every driver's tests call it.
        let is_test = path.file_stem().is_some_and(|name| name == "tests" || name == "conformance");
        if path.is_dir() && !is_test {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            files.push(path);
        }
    }
}

/// The tests too.
fn every_rust_file(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            every_rust_file(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Leaves out each item under `#[cfg(test)]`: up to the line that ends it where it began.
fn without_tests(text: &str) -> String {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut kept = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let ends = |item: &&str| depth(item) == depth(line) && item.ends_with([';', '}']);
            lines.by_ref().find(ends);
        } else {
            kept.push(line);
        }
    }
    kept.join("\n")
}

#[test]
fn what_stands_behind_an_item_for_tests_is_looked_at() {
    let text = "use a;\n#[cfg(test)]\nmod testing;\nuse b;\n#[cfg(test)]\nmod tests {\n    fn one() {\n    }\n}\nmod c {\n    \
                #[cfg(test)]\n    fn two(\n        n: u8,\n    ) {\n    }\n    fn three() {}\n}";

    assert_eq!(without_tests(text), "use a;\nuse b;\nmod c {\n    fn three() {}\n}");
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
