//! A walk over every screen and mail that a guest can meet, in any language: for the eye and for axe.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::By;

use crate::browser::Browser;
use crate::landing::Site;
use crate::{App, Mail, Server};

/// What is shown when a screen is reached.
pub trait Visitor {
    /// Looks at the page that `browser` shows; `name` is unique within one tour.
    fn visit(&mut self, browser: &Browser, name: &str) -> impl Future<Output = Result<()>>;
}

/// One language's tour of one server.
#[derive(Debug)]
pub struct Tour<'a> {
    server: &'a Server,
    app: App,
    browser: &'a Browser,
    language: &'a str,
    // A page that answers 204: a browser sent there stays where it is, so S7 can be looked at.
    nowhere: Site,
}

impl<'a> Tour<'a> {
    /// A tour in `language`, a tag like `ko-KR`.
    ///
    /// # Errors
    ///
    /// No site can be opened for S7 to forward to.
    pub async fn new(server: &'a Server, browser: &'a Browser, language: &'a str) -> Result<Self> {
        browser.speak(language).await?;
        let nowhere = Site::without_content().await?;
        Ok(Self { server, app: server.app().await, browser, language, nowhere })
    }

    /// Shows every screen and mail to `visitor`.
    ///
    /// # Errors
    ///
    /// A screen cannot be reached, or the visitor did not like it.
    pub async fn walk(&self, visitor: &mut impl Visitor) -> Result<()> {
        self.accepting(visitor).await?;
        self.declining(visitor).await?;
        self.blocking(visitor).await?;
        self.going_wrong(visitor).await?;
        self.developing(visitor).await
    }

    async fn accepting(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("taylor@fabrikam.com").await?;
        self.mail(visitor, &mail, "mail-invitation").await?;
        let copy = self.server.mail("boss@contoso.example", "invitation").await?;
        self.mail(visitor, &copy, "mail-invitation-copy").await?;

        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S1", "S1").await?;
        self.press("main form[action*='/redeem/start'] button[value=otp]").await?;
        self.see(visitor, "S2", "S2").await?;
        let passcode = self.server.mail("taylor@fabrikam.com", "passcode").await?;
        self.enter("").await?;
        self.see(visitor, "S2", "S2-empty").await?;
        self.enter(wrong(&passcode)).await?;
        self.see(visitor, "S2", "S2-wrong").await?;
        self.enter(&passcode.code()).await?;
        self.see(visitor, "S5", "S5").await?;
        self.press("button[name=decision][value=accept]").await?;
        self.see(visitor, "S7", "S7").await?;
        self.browser.open_page(&format!("{}/myapps/", self.server.url())).await?;
        self.see(visitor, "S9", "S9").await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S1", "S1-signed-in").await?;
        self.forget().await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S1", "S1-welcome-back").await?;
        self.mail(visitor, &passcode, "mail-passcode").await
    }

    async fn declining(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("sam@fabrikam.com").await?;
        self.prove(&mail, "sam@fabrikam.com").await?;
        self.press("button[name=decision][value=cancel]").await?;
        self.see(visitor, "S8", "S8").await?;
        self.press("main form[action$='/redeem/decline'] button").await?;
        self.see(visitor, "S8D", "S8D").await?;
        self.press("main form[method=post][action$='/redeem/decline'] button").await?;
        self.see(visitor, "S8D", "S8D-declined").await?;
        self.press("main a[href$='/redeem/block']").await?;
        self.see(visitor, "S13", "S13-after-declining").await?;

        let (_, mail) = self.invite("jo@fabrikam.com").await?;
        self.forget().await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.press("main a[href$='intent=decline']").await?;
        self.see(visitor, "S2", "S2-before-declining").await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.press("main a[href$='intent=block']").await?;
        self.see(visitor, "S2", "S2-before-blocking").await
    }

    async fn blocking(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("kim@fabrikam.com").await?;
        let header = mail.header("List-Unsubscribe");
        let link =
            header.split(['<', '>']).find(|part| part.starts_with("http")).context("no link to block by")?;
        self.forget().await?;
        self.browser.open_page(link).await?;
        self.see(visitor, "S13", "S13").await?;
        self.press("main form[method=post] button").await?;
        self.see(visitor, "S13", "S13-blocked").await?;
        self.press("main form[method=post] button").await?;
        self.see(visitor, "S13", "S13-lifted").await
    }

    async fn going_wrong(&self, visitor: &mut impl Visitor) -> Result<()> {
        let origin = self.server.url();
        self.forget().await?;
        self.browser.open_page(&format!("{origin}/redeem?rd=https%3a%2f%2felsewhere.example%2f")).await?;
        self.see(visitor, "S-E1", "S-E1").await?;
        self.browser.open_page(&format!("{origin}/myapps/")).await?;
        visitor.visit(self.browser, "myapps-without-session").await?;
        self.browser.open_page(&format!("{origin}/no/such/page")).await?;
        visitor.visit(self.browser, "not-found").await?;
        self.browser.open_page(&format!("{origin}/error?code=7000215")).await?;
        visitor.visit(self.browser, "aadsts").await?;

        let (_, mail) = self.invite("robin@fabrikam.com").await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.forget().await?;
        self.press("main form[action*='/redeem/start'] button[value=otp]").await?;
        self.see(visitor, "S-E2", "S-E2").await?;

        let (id, mail) = self.invite("alex@fabrikam.com").await?;
        self.app.patch(&format!("/v1.0/users/{id}"), &json!({"accountEnabled": false})).await.expect(204);
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S-E9", "S-E9").await?;
        self.app.delete(&format!("/v1.0/users/{id}")).await.expect(204);
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S-E3", "S-E3").await?;

        let (_, mail) = self.invite("lee@fabrikam.com").await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.press("main form[action*='/redeem/start'] button[value=otp]").await?;
        self.browser.expect_screen("S2").await?;
        self.server.mail("lee@fabrikam.com", "passcode").await?;
        self.press("main form[action*='/code/resend'] button").await?;
        self.see(visitor, "S2", "S2-too-soon").await
    }

    async fn developing(&self, visitor: &mut impl Visitor) -> Result<()> {
        self.browser.open_page(&self.server.facts().mailbox_url).await?;
        visitor.visit(self.browser, "dev-mailbox").await
    }

    async fn invite(&self, address: &str) -> Result<(String, Mail)> {
        let korean = self.language.starts_with("ko");
        let words = if korean {
            "안녕하세요.\n함께 일하게 되어 반갑습니다. 일정표는 로그인한 뒤에 보실 수 있습니다."
        } else {
            "Hello!\nWe are glad to work with you. The schedule is there once you have signed in."
        };
        let more = json!({
            "inviteRedirectUrl": format!("{}/", self.nowhere.origin()),
            "sendInvitationMessage": true,
            "invitedUserMessageInfo": {
                "messageLanguage": self.language,
                "customizedMessageBody": words,
                "ccRecipients": [{"emailAddress": {"address": "boss@contoso.example"}}],
            },
        });
        let invitation: Value = self.app.invite_with(address, more).await;
        let id = invitation["invitedUser"]["id"].as_str().context("no id")?.to_owned();
        Ok((id, self.server.mail(address, "invitation").await?))
    }

    async fn prove(&self, mail: &Mail, address: &str) -> Result<()> {
        self.forget().await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.press("main form[action*='/redeem/start'] button[value=otp]").await?;
        self.browser.expect_screen("S2").await?;
        let passcode = self.server.mail(address, "passcode").await?;
        self.enter(&passcode.code()).await?;
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

    async fn enter(&self, code: &str) -> Result<()> {
        let field = self.browser.driver().find(By::Css("input[name=code]")).await?;
        field.clear().await?;
        field.send_keys(code).await?;
        self.press("main form[action$='/redeem/code'] button").await
    }

    async fn press(&self, css: &str) -> Result<()> {
        match self.browser.driver().find(By::Css(css)).await {
            Ok(element) => Ok(element.click().await?),
            Err(_) => anyhow::bail!("no {css} on: {}", self.browser.text().await?),
        }
    }

    async fn forget(&self) -> Result<()> {
        let cdp = self.browser.driver().cdp();
        cdp.send_raw("Network.clearBrowserCookies", json!({})).await?;
        Ok(())
    }
}

fn wrong(passcode: &Mail) -> &'static str {
    if passcode.code() == "00000000" { "00000001" } else { "00000000" }
}
