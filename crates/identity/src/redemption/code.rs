//! The eight digits: drawn, read as people type them, and kept as an HMAC.

use icu_normalizer::ComposingNormalizerBorrowed;
use uuid::Uuid;
use vestibule_model::{Address, Digest, PurposeKeys, TenantId};

use crate::secret::{is_signed, random, sign};

/// Label of the HMAC.
const LABEL: &str = "passcode";
/// Digits of a code.
const DIGITS: usize = 8;
/// All codes there are.
const CODES: u32 = 100_000_000;
/// Nobody types more than this; the field takes 16 characters.
const MOST_OCTETS: usize = 128;

/// A passcode in clear. Exists in the mail and in the hand that types it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Code(String);

impl Code {
    /// Any of the hundred million, each as likely as the other.
    pub(super) fn draw() -> Self {
        const FAIR: u32 = u32::MAX - u32::MAX % CODES;
        loop {
            let number = u32::from_be_bytes(random());
            if number < FAIR {
                return Self(format!("{:0DIGITS$}", number % CODES));
            }
        }
    }

    /// Reads what was typed: NFKC makes full-width digits plain, everything else than digits is dropped. `None` unless
    /// eight are left.
    pub(super) fn read(typed: &str) -> Option<Self> {
        if typed.len() > MOST_OCTETS {
            return None;
        }
        let plain = ComposingNormalizerBorrowed::new_nfkc().normalize(typed);
        let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
        (digits.len() == DIGITS).then_some(Self(digits))
    }

    /// What is kept: useless in another tenant, flow or for another address.
    pub(super) fn seal(&self, keys: &PurposeKeys, tenant: TenantId, flow: Uuid, address: &Address) -> Digest {
        sign(keys, LABEL, &self.parts(&tenant, &flow, address))
    }

    /// Whether `sealed` was made from this code, in constant time.
    pub(super) fn opens(
        &self,
        sealed: &Digest,
        keys: &PurposeKeys,
        (tenant, flow, address): (TenantId, Uuid, &Address),
    ) -> bool {
        is_signed(keys, LABEL, &self.parts(&tenant, &flow, address), &sealed.0)
    }

    /// For the mail.
    pub(super) fn into_digits(self) -> String {
        self.0
    }

    fn parts<'a>(&'a self, tenant: &'a TenantId, flow: &'a Uuid, address: &'a Address) -> [&'a [u8]; 4] {
        [tenant.as_bytes(), flow.as_bytes(), address.key().as_bytes(), self.0.as_bytes()]
    }
}

#[cfg(test)]
mod tests {
    use vestibule_model::PurposeKey;
    use vestibule_model::address::PlusAddressing;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_and_their_input_methods_type_it() {
        for typed in [
            "01234567",
            " 0123 4567 ",
            "0123-4567",
            "０１２３４５６７",
            "０１２３　４５６７",
            "01 23 45 67\r\n",
            "code: 01234567",
        ] {
            assert!(Code::read(typed) == Some(Code("01234567".into())), "{typed}");
        }
    }

    #[test]
    fn what_has_not_eight_digits_is_no_code() {
        for typed in ["", "       ", "1234567", "123456789", "abcdefgh", "٠١٢٣٤٥٦٧", &"1 ".repeat(200)]
        {
            assert!(Code::read(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn every_code_has_eight_digits_and_keeps_its_leading_zeros() {
        let codes: Vec<String> = (0..500).map(|_| Code::draw().into_digits()).collect();

        assert!(codes.iter().all(|code| code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit())));
        assert!(
            codes.iter().any(|code| code.starts_with('0')),
            "one of 500 begins with 0 but for one in 10²²"
        );
    }

    #[test]
    fn a_sealed_code_opens_only_where_it_was_made() {
        let keys = PurposeKeys::new(vec![PurposeKey { id: [1; 8], secret: [1; 32] }]).unwrap();
        let taylor = Address::parse("Taylor@fabrikam.com", PlusAddressing::Refused).unwrap();
        let other = Address::parse("other@fabrikam.com", PlusAddressing::Refused).unwrap();
        let typed_lower = Address::parse("taylor@fabrikam.com", PlusAddressing::Refused).unwrap();
        let (tenant, flow) = (TenantId(Uuid::from_u128(1)), Uuid::from_u128(2));
        let code = Code("01234567".into());
        let sealed = code.seal(&keys, tenant, flow, &taylor);

        assert!(code.opens(&sealed, &keys, (tenant, flow, &taylor)));
        assert!(code.opens(&sealed, &keys, (tenant, flow, &typed_lower)));
        assert!(!code.opens(&sealed, &keys, (tenant, flow, &other)));
        assert!(!code.opens(&sealed, &keys, (tenant, Uuid::from_u128(3), &taylor)));
        assert!(!code.opens(&sealed, &keys, (TenantId(Uuid::from_u128(9)), flow, &taylor)));
        assert!(!Code("01234568".into()).opens(&sealed, &keys, (tenant, flow, &taylor)));
    }
}
