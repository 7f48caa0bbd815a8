//! A walk over every screen and mail that a guest can meet, in any language: for the eye and for axe.
//!
//! One file for each stretch of the way. A stop has a name of its own, which begins with its screen.

mod asking;
mod developing;
mod going_wrong;
mod joining;
mod leaving;
mod seed;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::By;

use crate::browser::{Browser, PAGE_LIMIT};
use crate::landing::Site;
use crate::{App, Mail, Server, wait};

/// What is shown when a screen is reached.
pub trait Visitor {
    /// Looks at the page that `browser` shows; `name` is unique within one tour.
    fn visit(&mut self, browser: &Browser, name: &str) -> impl Future<Output = Result<()>>;
}

/// One language's tour of one server.
#[derive(Debug)]
pub struct Tour<'a> {
    server: &'a Server,
    browser: &'a Browser,
    language: &'a str,
    // A page that answers 204: a browser sent there stays where it is, so S7 can be looked at.
    nowhere: Site,
}

impl<'a> Tour<'a> {
    /// A server with everything that a tour in `language` looks at; `None`, said loudly, where there is no binary.
    ///
    /// # Errors
    ///
    /// Its seed cannot be written.
    pub async fn server(language: &str) -> Result<Option<Server>> {
        seed::server(language).await
    }

    /// A tour in `language`, a tag like `ko-KR`, of a server that [`server`](Self::server) has made.
    ///
    /// # Errors
    ///
    /// No site can be opened for S7 to forward to.
    pub async fn new(server: &'a Server, browser: &'a Browser, language: &'a str) -> Result<Self> {
        browser.speak(language).await?;
        let nowhere = Site::without_content().await?;
        Ok(Self { server, browser, language, nowhere })
    }

    /// Shows every screen and mail to `visitor`.
    ///
    /// # Errors
    ///
    /// A screen cannot be reached, or the visitor did not like it.
    pub async fn walk(&self, visitor: &mut impl Visitor) -> Result<()> {
        self.developing(visitor).await?;
        self.joining(visitor).await?;
        self.joining_with_long_names(visitor).await?;
        self.asking(visitor).await?;
        self.declining(visitor).await?;
        self.blocking(visitor).await?;
        self.going_wrong(visitor).await
    }

    /// Invites `address` to contoso and answers the user's id and the mail.
    async fn invite(&self, address: &str) -> Result<(String, Mail)> {
        let app = self.server.app().await;
        self.invite_by(&app, address, &format!("{}/", self.nowhere.origin())).await
    }

    async fn invite_by(&self, app: &App, address: &str, redirect: &str) -> Result<(String, Mail)> {
        let more = json!({
            "inviteRedirectUrl": redirect,
            "sendInvitationMessage": true,
            "invitedUserMessageInfo": {
                "messageLanguage": self.language,
                "customizedMessageBody": seed::message(self.language),
                "ccRecipients": [{"emailAddress": {"address": "boss@contoso.example"}}],
            },
        });
        let invitation: Value = app.invite_with(address, more).await;
        let id = invitation["invitedUser"]["id"].as_str().context("no id")?.to_owned();
        Ok((id, self.server.mail(address, "invitation").await?))
    }

    /// From the mail, in a browser that remembers nothing, to S2.
    async fn ask(&self, mail: &Mail) -> Result<()> {
        self.forget().await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.send_code().await?;
        self.browser.expect_screen("S2").await
    }

    /// From the mail to S5.
    async fn prove(&self, mail: &Mail, address: &str) -> Result<()> {
        self.ask(mail).await?;
        self.enter(&self.server.mail(address, "passcode").await?.code()).await?;
        self.browser.expect_screen("S5").await
    }

    async fn see(&self, visitor: &mut impl Visitor, screen: &str, name: &str) -> Result<()> {
        self.browser.expect_screen(screen).await.with_context(|| name.to_owned())?;
        visitor.visit(self.browser, name).await.with_context(|| name.to_owned())
    }

    async fn mail(&self, visitor: &mut impl Visitor, mail: &Mail, name: &str) -> Result<()> {
        let file = self.server.data().join(format!("{name}.html"));
        std::fs::write(&file, mail.html.as_deref().context("a mail without HTML")?)?;
        self.browser.open_page(&format!("file://{}", file.display())).await?;
        visitor.visit(self.browser, name).await.with_context(|| name.to_owned())
    }

    async fn open(&self, path: &str) -> Result<()> {
        self.browser.open_page(&format!("{}{path}", self.server.url())).await
    }

    async fn send_code(&self) -> Result<()> {
        self.press("main form[action*='/redeem/start'] button[value=otp]").await
    }

    async fn enter(&self, code: &str) -> Result<()> {
        let field = self.browser.driver().find(By::Css("input[name=code]")).await?;
        field.clear().await?;
        field.send_keys(code).await?;
        self.press("main form[action$='/redeem/code'] button").await
    }

    /// Presses what leads to another page, and waits until this one is gone.
    async fn press(&self, css: &str) -> Result<()> {
        let Ok(element) = self.browser.driver().find(By::Css(css)).await else {
            anyhow::bail!("no {css} on: {}", self.browser.text().await?);
        };
        element.click().await?;
        wait::until(PAGE_LIMIT, &format!("what follows {css}"), async || {
            Ok((!element.is_present().await.unwrap_or_default()).then_some(()))
        })
        .await
    }

    async fn forget(&self) -> Result<()> {
        let cdp = self.browser.driver().cdp();
        cdp.send_raw("Network.clearBrowserCookies", json!({})).await?;
        Ok(())
    }
}

/// Eight digits that are not the code in `mail`.
fn wrong(mail: &Mail) -> &'static str {
    if mail.code() == "00000000" { "00000001" } else { "00000000" }
}
