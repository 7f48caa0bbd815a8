//! Someone who runs vestibule for real: `init`, `tenant create`, `serve`.

use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;
use vestibule_tests::process;
use vestibule_tests::server::Setup;
use vestibule_tests::tools::Tool;
use vestibule_tests::{App, Server};

/// An operator at an empty data folder.
pub(crate) struct Operator {
    binary: String,
    folder: TempDir,
    port: u16,
    setup: Setup,
    variables: Vec<(String, String)>,
}

/// What `init --app` prints into a pipe.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) tenant_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl Operator {
    /// `None`, said loudly, where there is no binary.
    pub(crate) async fn new() -> Option<Self> {
        let binary = Tool::Binary.find()?;
        let folder = TempDir::with_prefix("vestibule-operator-").unwrap();
        let port = process::free_port().unwrap();
        let operator = Self { binary, folder, port, setup: Setup::new(), variables: Vec::new() };
        Some(operator.variable("VESTIBULE_PUBLIC_URL", &format!("https://localhost:{port}")))
    }

    /// With one more variable for every command.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.setup = self.setup.variable(name, value);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs the binary on the data folder.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = process::clean(&self.binary);
        command.args(arguments).current_dir(self.folder.path());
        command.arg("--data").arg(self.folder.path().join("data"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        process::finish(command).await.unwrap()
    }

    /// `vestibule init` with one application.
    pub(crate) async fn init(&mut self, name: &str, domain: &str, permissions: &[&str]) -> Credentials {
        self.create(&["init"], name, domain, permissions).await
    }

    /// `vestibule tenant create` with one application.
    pub(crate) async fn tenant(&mut self, name: &str, domain: &str, permissions: &[&str]) -> Credentials {
        self.create(&["tenant", "create"], name, domain, permissions).await
    }

    async fn create(&self, command: &[&str], name: &str, domain: &str, permissions: &[&str]) -> Credentials {
        let mut arguments = command.to_vec();
        arguments.extend(["--name", name, "--domain", domain, "--app", "acceptance"]);
        for permission in permissions {
            arguments.extend(["--permission", *permission]);
        }
        let output = self.run(&arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(printed["tenantDomain"], domain);
        let text = |name: &str| {
            printed[name].as_str().unwrap_or_else(|| panic!("no {name} in {printed}")).to_owned()
        };
        Credentials {
            tenant_id: text("tenantId"),
            client_id: text("clientId"),
            client_secret: text("clientSecret"),
        }
    }

    /// `vestibule serve`, until dropped.
    pub(crate) async fn serve(self) -> Server {
        Server::production(self.folder, self.setup, self.port).await.unwrap()
    }
}

impl Credentials {
    /// Gets a token from `server`.
    pub(crate) async fn sign_in(&self, server: &Server) -> App {
        App::sign_in(server.http().clone(), &self.tenant_id, &self.client_id, &self.client_secret)
            .await
            .unwrap()
    }
}
