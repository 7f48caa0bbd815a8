//! Passcodes: their limits hold over restarts and nodes, and a page says when its mail could not leave.

use reqwest::Method;
use serde_json::json;
use vestibule_tests::form::Form;
use vestibule_tests::server::Setup;
use vestibule_tests::{Answer, App, Http, Server, database, http, process};

const GUEST: &str = "taylor@fabrikam.com";

/// Where a balancer in front of both nodes would be.
const PUBLIC_URL: &str = "https://localhost:9999";

#[tokio::test]
async fn wrong_tries_survive_a_kill() {
    let setup = Setup::new().port(process::free_port().unwrap());
    let Some(mut server) = Server::dev_with(setup).await else { return };
    let link = server.app().await.invite(GUEST).await["inviteRedeemUrl"].as_str().unwrap().to_owned();
    let mut guest = Guest::arrive(server.http(), &link).await;
    guest.ask_for_code().await;
    let code = server.mail(GUEST, "passcode").await.unwrap().code();
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };

    for _ in 0..3 {
        assert_eq!(guest.try_code(wrong).await.status, 422);
    }
    server.kill().unwrap();
    server.start_again().await.unwrap();
    guest.moves_to(server.http());
    let fourth = guest.try_code(wrong).await;
    let fifth = guest.try_code(wrong).await;
    let right_but_late = guest.try_code(&code).await;

    assert!(fourth.text.contains("1 try left") || fourth.text.contains("1 tries left"), "{}", fourth.text);
    assert!(fifth.text.contains("Too many wrong codes."), "{}", fifth.text);
    assert_eq!(right_but_late.status, 422);
}

#[tokio::test]
async fn wrong_tries_count_over_nodes_and_what_one_writes_the_other_reads() {
    let Some(url) = database::fresh_postgres().await else { return };
    let keys = tempfile::TempDir::new().unwrap();
    let key = keys.path().join("server.key");
    let node = |port: u16| {
        Setup::new()
            .variable("VESTIBULE_DATABASE_URL", url.as_str())
            .variable("VESTIBULE_SECRET_KEY_FILE", key.to_str().unwrap())
            .variable("VESTIBULE_PUBLIC_URL", PUBLIC_URL)
            .port(port)
    };
    let (port, other_port) = (process::free_port().unwrap(), process::free_port().unwrap());
    let Some(one) = Server::dev_with(node(port)).await else { return };
    let Some(two) = Server::dev_with(node(other_port)).await else { return };
    let first =
        Http::new(&format!("https://localhost:{port}"), Some(&std::fs::read(one.ca()).unwrap())).unwrap();
    let second =
        Http::new(&format!("https://localhost:{other_port}"), Some(&std::fs::read(two.ca()).unwrap()))
            .unwrap();
    let facts = one.facts();
    let sign_in = |http: &Http| {
        let (http, facts) = (http.clone(), facts.clone());
        async move {
            let (tenant, id, secret) = (&facts.tenant_id, &facts.client_id, &facts.client_secret);
            App::sign_in_for(PUBLIC_URL, http, tenant, id, secret).await.unwrap()
        }
    };

    let invitation = sign_in(&first).await.invite(GUEST).await;
    let id = invitation["invitedUser"]["id"].as_str().unwrap();
    let seen_there = sign_in(&second).await.user(id, "externalUserState").await;
    let path = path_of(invitation["inviteRedeemUrl"].as_str().unwrap());
    let mut guest = Guest::arrive(&first, &path).await;
    guest.ask_for_code().await;
    let mut last = None;
    for round in 0..5 {
        guest.moves_to(if round % 2 == 0 { &second } else { &first });
        last = Some(guest.try_code("00000000").await);
    }

    assert_eq!(seen_there["externalUserState"], "PendingAcceptance");
    assert!(last.unwrap().text.contains("Too many wrong codes."));
}

#[tokio::test]
async fn a_new_code_is_not_sent_before_a_minute_and_then_kills_the_older() {
    let Some(server) = Server::dev().await else { return };
    let link = server.app().await.invite(GUEST).await["inviteRedeemUrl"].as_str().unwrap().to_owned();
    let mut guest = Guest::arrive(server.http(), &link).await;
    guest.ask_for_code().await;
    let old = server.mail(GUEST, "passcode").await.unwrap().code();

    let too_soon = guest.ask_again().await;
    server.http().delete("/_dev/mailbox").await.unwrap().expect(204);
    server.advance(61).await.unwrap();
    let in_time = guest.ask_again().await;
    let new = server.mail(GUEST, "passcode").await.unwrap().code();
    let with_old = guest.try_code(&old).await;
    let with_new = guest.try_code(&new).await;

    assert_eq!(too_soon.status, 429);
    assert!(too_soon.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
    assert_eq!(in_time.status, 303, "{}", in_time.text);
    assert_eq!(with_old.status, 422);
    assert_eq!(with_new.status, 303);
}

#[tokio::test]
async fn a_code_ends_after_half_an_hour() {
    let Some(server) = Server::dev().await else { return };
    let link = server.app().await.invite(GUEST).await["inviteRedeemUrl"].as_str().unwrap().to_owned();
    let mut guest = Guest::arrive(server.http(), &link).await;
    guest.ask_for_code().await;
    let code = server.mail(GUEST, "passcode").await.unwrap().code();

    server.advance(30 * 60 + 1).await.unwrap();
    let late = guest.try_code(&code).await;

    assert_eq!(late.status, 422);
    assert!(late.text.contains("That code has expired. Ask for a new one."), "{}", late.text);
}

#[tokio::test]
async fn a_page_whose_mail_cannot_leave_says_so_and_the_guest_may_try_again_at_once() {
    let Some(server) = Server::dev().await else { return };
    let link = server.app().await.invite(GUEST).await["inviteRedeemUrl"].as_str().unwrap().to_owned();
    let mut guest = Guest::arrive(server.http(), &link).await;

    server.http().post_json("/_dev/faults", &json!({"smtp": "down"})).await.unwrap().expect(204);
    let down = guest.start().await;
    server.http().post_json("/_dev/faults", &json!({"smtp": "up"})).await.unwrap().expect(204);
    let up = guest.ask_again().await;

    assert_eq!(down.status, 503, "{}", down.text);
    assert!(down.text.contains("We could not send the e-mail. Try again in a few minutes."), "{}", down.text);
    assert!(down.text.contains("data-screen=\"S2\""));
    assert_eq!(up.status, 303, "{}", up.text);
    server.mail(GUEST, "passcode").await.unwrap();
}

/// A guest without a browser: one cookie and the last page.
struct Guest {
    http: Http,
    cookie: String,
    page: String,
}

impl Guest {
    async fn arrive(http: &Http, link: &str) -> Self {
        let mut guest = Self { http: http.clone(), cookie: String::new(), page: String::new() };
        let wrapped = guest.follow(link).await;
        let page = path_of(wrapped.header("location"));
        guest.follow(&page).await.expect(200);
        guest
    }

    fn moves_to(&mut self, http: &Http) {
        self.http = http.clone();
    }

    async fn follow(&mut self, target: &str) -> Answer {
        let request = self.http.request(Method::GET, target).header("cookie", &self.cookie);
        let answer = http::send(request).await.unwrap();
        self.remember(&answer);
        answer
    }

    async fn ask_for_code(&mut self) {
        self.start().await.expect(303);
        self.follow("/invitations/redeem/code").await.expect(200);
    }

    async fn start(&mut self) -> Answer {
        self.send("/redeem/start", &[("method", "otp")]).await
    }

    async fn ask_again(&mut self) -> Answer {
        self.send("/redeem/code/resend", &[]).await
    }

    async fn try_code(&mut self, code: &str) -> Answer {
        self.send("/redeem/code", &[("code", code)]).await
    }

    async fn send(&mut self, action: &str, typed: &[(&str, &str)]) -> Answer {
        let forms = Form::all(&self.page);
        let form = forms.iter().find(|form| form.method == "post" && form.action.ends_with(action));
        let form = form.unwrap_or_else(|| panic!("no form for {action} in {}", self.page));
        let hidden = [("flow", form.value("flow")), ("csrf", form.value("csrf"))];
        let link = ["tenant", "user", "ticket"].map(|name| (name, form.value(name)));
        let fields: Vec<(&str, &str)> = hidden.into_iter().chain(link).chain(typed.iter().copied()).collect();
        let request = self.http.request(Method::POST, &path_of(&form.action));
        let request =
            request.header("cookie", &self.cookie).header("sec-fetch-site", "same-origin").form(&fields);
        let answer = http::send(request).await.unwrap();
        self.remember(&answer);
        answer
    }

    fn remember(&mut self, answer: &Answer) {
        if let Some(cookie) =
            answer.header("set-cookie").split(';').next().filter(|cookie| !cookie.is_empty())
        {
            self.cookie = cookie.to_owned();
        }
        if answer.text.contains("<form") {
            self.page.clone_from(&answer.text);
        }
    }
}

/// A link without its origin: the node that is asked is not the one that `public_url` names.
fn path_of(link: &str) -> String {
    match link.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map(|(_, path)| format!("/{path}")).unwrap_or_default(),
        None => link.to_owned(),
    }
}
