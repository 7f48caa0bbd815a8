//! The rows of `user_address`: every name that a live user can be found by, folded, with what it is as bits.
//!
//! A guest's address is mail, proxy address, other mail and sign-in name at once; as bits of one row that is one row.

use vestibule_model::User;
use vestibule_model::user::{Identity, SignInType};

/// What a key is to its user, as bits.
pub(crate) mod kind {
    pub(crate) const UPN: i64 = 1;
    pub(crate) const MAIL: i64 = 1 << 1;
    /// Without its prefix `smtp:`.
    pub(crate) const PROXY: i64 = 1 << 2;
    pub(crate) const OTHER_MAIL: i64 = 1 << 3;
    /// The issuer's name in an identity of type `emailAddress`, or of the issuer `mail`.
    pub(crate) const MAIL_IDENTITY: i64 = 1 << 4;
    pub(crate) const INVITED: i64 = 1 << 5;
    pub(crate) const SIGN_IN_UPN: i64 = 1 << 6;
    pub(crate) const SIGN_IN_EMAIL: i64 = 1 << 7;
    pub(crate) const SIGN_IN_USER_NAME: i64 = 1 << 8;
    /// A proxy address with any other prefix, whole.
    pub(crate) const OTHER_PROXY: i64 = 1 << 9;
    pub(crate) const BUSINESS_PHONE: i64 = 1 << 10;
    pub(crate) const IM_ADDRESS: i64 = 1 << 11;
    /// Issuer, assigned id and sign-in type, joined by [`SEPARATOR`](super::SEPARATOR).
    pub(crate) const IDENTITY: i64 = 1 << 12;

    pub(crate) const SIGN_IN: i64 = SIGN_IN_UPN | SIGN_IN_EMAIL | SIGN_IN_USER_NAME;
    /// "Has this address": the match set of `graph.md` 1.13.
    pub(crate) const MATCH: i64 = UPN | MAIL | PROXY | OTHER_MAIL | MAIL_IDENTITY;
}

/// Stands between the parts of an identity's key; no part holds it.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// Stands for an assigned id that is null.
pub(crate) const NOBODY: &str = "\u{1e}";

/// The prefix of mail addresses among proxy addresses, folded.
pub(crate) const SMTP: &str = "smtp:";

/// What text is compared by: case does not matter. Simple lower-casing, the same on every engine since it is made here.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// Text to be looked for among what is kept folded. `None` for text that no row can hold, and null equals nothing: PostgreSQL
/// would not even take U+0000 as a parameter.
pub(crate) fn sought(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| fold(text))
}

/// The keys of a user with their kinds, each key once.
pub(crate) fn addresses(user: &User) -> Vec<(String, i64)> {
    let mut rows = Vec::with_capacity(4);
    let mut add = |key: &str, kinds: i64| {
        let key = fold(key);
        match rows.iter_mut().find(|(known, _): &&mut (String, i64)| *known == key) {
            Some((_, known)) => *known |= kinds,
            None => rows.push((key, kinds)),
        }
    };

    add(&user.user_principal_name, kind::UPN);
    user.mail.iter().for_each(|mail| add(mail, kind::MAIL));
    user.other_mails.iter().for_each(|mail| add(mail, kind::OTHER_MAIL));
    for proxy in &user.proxy_addresses {
        match fold(proxy).strip_prefix(SMTP) {
            Some(address) => add(address, kind::PROXY),
            None => add(proxy, kind::OTHER_PROXY),
        }
    }
    match &user.invited_address {
        Some(address) => add(address.key(), kind::INVITED | kind::SIGN_IN_EMAIL),
        None => add(&user.user_principal_name, kind::SIGN_IN_UPN),
    }
    for identity in &user.identities {
        add(&identity_key(identity), kind::IDENTITY);
        if let (Some(name), kinds @ 1..) = (&identity.issuer_assigned_id, kinds_of(identity)) {
            add(name, kinds);
        }
    }
    user.profile.business_phones.iter().for_each(|phone| add(phone, kind::BUSINESS_PHONE));
    user.profile.im_addresses.iter().for_each(|address| add(address, kind::IM_ADDRESS));

    rows
}

fn kinds_of(identity: &Identity) -> i64 {
    let sign_in = match identity.sign_in_type {
        SignInType::EmailAddress => kind::SIGN_IN_EMAIL | kind::MAIL_IDENTITY,
        SignInType::UserName => kind::SIGN_IN_USER_NAME,
        SignInType::UserPrincipalName | SignInType::Federated => 0,
    };
    let by_mail = if identity.issuer.eq_ignore_ascii_case("mail") { kind::MAIL_IDENTITY } else { 0 };

    sign_in | by_mail
}

fn identity_key(identity: &Identity) -> String {
    let part = |text: &str| text.replace(SEPARATOR, " ");
    let issuer = part(&identity.issuer);
    let name = identity.issuer_assigned_id.as_deref().map_or(NOBODY.into(), part);

    format!("{issuer}{SEPARATOR}{name}{SEPARATOR}{}", identity.sign_in_type.as_str())
}

/// The words of a display name, folded, each once: split at blanks, symbols, between letters and digits, and where lower
/// case turns to upper case (`graph.md` 4.4). At most 16.
pub(crate) fn words(display_name: &str) -> Vec<String> {
    const MOST: usize = 16;
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut last = ' ';
    for c in display_name.chars().chain([' ']) {
        let is_break = !c.is_alphanumeric()
            || last.is_numeric() != c.is_numeric()
            || (last.is_lowercase() && c.is_uppercase());
        if is_break && !word.is_empty() {
            let done = fold(&std::mem::take(&mut word));
            if !words.contains(&done) {
                words.push(done);
            }
        }
        if c.is_alphanumeric() {
            word.push(c);
        }
        last = c;
    }
    words.truncate(MOST);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_falls_into_words() {
        for (name, wanted) in [
            ("Taylor O'Brien", vec!["taylor", "o", "brien"]),
            ("helloWorld42", vec!["hello", "world", "42"]),
            ("한글 이름", vec!["한글", "이름"]),
            ("a a A", vec!["a"]),
            ("—", vec![]),
        ] {
            assert_eq!(words(name), wanted, "{name}");
        }
    }
}
