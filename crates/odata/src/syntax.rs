//! From words to a tree of words: the grammar, and nothing about what the names mean.
//!
//! ```text
//! filter   = or
//! or       = and *( "or" and )
//! and      = not *( "and" not )
//! not      = [ "not" ] primary
//! primary  = "(" or ")" / func / lambda / count / cmp / in
//! cmp      = operand ( "eq" / "ne" / "gt" / "ge" / "lt" / "le" ) operand
//! in       = path "in" "(" lit *( "," lit ) ")"
//! func     = ( "startswith" / "endswith" / "contains" ) "(" path "," string ")"
//! operand  = path / lit / ( "tolower" / "toupper" ) "(" path ")"
//! lambda   = path "/" ( "any" / "all" ) "(" [ var ":" or ] ")"     ; only "any" may be empty
//! count    = path "/$count" ( "eq" / "ne" ) ( "0" / "1" )
//! path     = name *( "/" name )
//! ```
//!
//! Operators, functions and keywords are read in any case.

use crate::error::{Clause, Error};
use crate::filter::{MAX_DEPTH, MAX_LIST, MAX_TERMS, Op, Quantifier, TextOp};
use crate::lexer::{self, Kind, Token};
use crate::literal::Literal;

/// A filter, names unresolved. `And` and `Or` are flat, as in [`Expr`](crate::Expr).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Node<'t> {
    And(Vec<Node<'t>>),
    Or(Vec<Node<'t>>),
    Not(Box<Node<'t>>),
    Compare { left: Operand<'t>, op: Op, right: Operand<'t> },
    In { path: &'t str, values: Vec<Literal> },
    Text { op: TextOp, path: &'t str, part: String },
    Lambda { path: &'t str, quantifier: Quantifier, scope: Option<Scope<'t>> },
    Count { path: &'t str, op: Op, number: Counted },
}

/// One side of a comparison.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Operand<'t> {
    Path(&'t str),
    /// In `tolower` or `toupper`.
    Folded(&'t str),
    Literal(Literal),
}

/// The inside of a lambda.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Scope<'t> {
    pub(crate) variable: &'t str,
    pub(crate) body: Box<Node<'t>>,
}

/// What a count is compared with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Counted {
    Zero,
    One,
}

/// Reads a whole filter.
///
/// # Errors
///
/// [`Error::Syntax`], [`Error::TooDeep`], [`Error::TooManyTerms`], [`Error::ListTooLong`].
pub(crate) fn parse(text: &str) -> Result<Node<'_>, Error> {
    let tokens = lexer::tokens(text);
    let mut parser = Parser { text, tokens: &tokens, depth: 0, terms: 0 };
    let node = parser.or()?;

    match parser.peek().kind {
        Kind::End => Ok(node),
        _ => Err(parser.unexpected()),
    }
}

fn syntax(text: &str, start: usize) -> Error {
    let position = text[..start].chars().count() + 1;

    Error::Syntax { clause: Clause::Filter, position, text: text.to_owned() }
}

struct Parser<'p, 't> {
    text: &'t str,
    /// What is still to be read; [`Kind::End`] is never taken from it.
    tokens: &'p [Token<'t>],
    depth: usize,
    terms: usize,
}

impl<'t> Parser<'_, 't> {
    fn or(&mut self) -> Result<Node<'t>, Error> {
        let mut parts = vec![self.and()?];
        while self.take_word("or") {
            parts.push(self.and()?);
        }

        Ok(flat(parts, Node::Or, |node| match node {
            Node::Or(parts) => Ok(parts),
            other => Err(other),
        }))
    }

    fn and(&mut self) -> Result<Node<'t>, Error> {
        let mut parts = vec![self.not()?];
        while self.take_word("and") {
            parts.push(self.not()?);
        }

        Ok(flat(parts, Node::And, |node| match node {
            Node::And(parts) => Ok(parts),
            other => Err(other),
        }))
    }

    fn not(&mut self) -> Result<Node<'t>, Error> {
        if self.take_word("not") { Ok(Node::Not(Box::new(self.primary()?))) } else { self.primary() }
    }

    fn primary(&mut self) -> Result<Node<'t>, Error> {
        if self.take(&Kind::Open) {
            return self.nested(|parser| {
                let node = parser.or()?;
                parser.expect(&Kind::Close)?;
                Ok(node)
            });
        }

        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(Error::TooManyTerms);
        }
        self.term()
    }

    fn term(&mut self) -> Result<Node<'t>, Error> {
        if let Kind::Word(word) = self.peek().kind {
            if self.next_is_open() {
                if let Some(op) = text_op(word) {
                    return self.function(op);
                }
                if let Some((path, quantifier)) = quantified(word) {
                    return self.lambda(path, quantifier);
                }
            } else if let Some(path) = counted(word) {
                return self.count(path);
            }
        }

        self.comparison()
    }

    fn function(&mut self, op: TextOp) -> Result<Node<'t>, Error> {
        self.advance();
        self.expect(&Kind::Open)?;
        let path = self.path()?;
        self.expect(&Kind::Comma)?;
        let Kind::Quoted(part) = self.peek().kind.clone() else {
            return Err(self.unexpected());
        };
        self.advance();
        self.expect(&Kind::Close)?;

        Ok(Node::Text { op, path, part })
    }

    fn lambda(&mut self, path: &'t str, quantifier: Quantifier) -> Result<Node<'t>, Error> {
        if !is_path(path) {
            return Err(self.unexpected());
        }
        self.advance();
        self.expect(&Kind::Open)?;
        if quantifier == Quantifier::Any && self.take(&Kind::Close) {
            return Ok(Node::Lambda { path, quantifier, scope: None });
        }

        let Kind::Word(variable) = self.peek().kind else {
            return Err(self.unexpected());
        };
        if !is_name(variable) {
            return Err(self.unexpected());
        }
        self.advance();
        self.expect(&Kind::Colon)?;
        self.terms -= 1; // Its conditions count, and not itself.
        let body = self.nested(Self::or)?;
        self.expect(&Kind::Close)?;

        Ok(Node::Lambda { path, quantifier, scope: Some(Scope { variable, body: Box::new(body) }) })
    }

    fn count(&mut self, path: &'t str) -> Result<Node<'t>, Error> {
        if !is_path(path) {
            return Err(self.unexpected());
        }
        self.advance();
        let op = match self.peek().kind {
            Kind::Word(word) if word.eq_ignore_ascii_case("eq") => Op::Eq,
            Kind::Word(word) if word.eq_ignore_ascii_case("ne") => Op::Ne,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        let number = match self.peek().kind {
            Kind::Word("0") => Counted::Zero,
            Kind::Word("1") => Counted::One,
            _ => return Err(self.unexpected()),
        };
        self.advance();

        Ok(Node::Count { path, op, number })
    }

    fn comparison(&mut self) -> Result<Node<'t>, Error> {
        let start = self.tokens;
        let left = self.operand()?;
        if let Operand::Path(path) = left
            && self.take_word("in")
        {
            return Ok(Node::In { path, values: self.list()? });
        }

        let Kind::Word(word) = self.peek().kind else {
            return Err(self.unexpected());
        };
        let op = op(word).ok_or_else(|| self.unexpected())?;
        self.advance();
        let right = self.operand()?;
        if matches!((&left, &right), (Operand::Literal(_), Operand::Literal(_))) {
            self.tokens = start;
            return Err(self.unexpected());
        }

        Ok(Node::Compare { left, op, right })
    }

    fn list(&mut self) -> Result<Vec<Literal>, Error> {
        self.expect(&Kind::Open)?;
        let mut values = vec![self.literal()?];
        while self.take(&Kind::Comma) {
            if values.len() == MAX_LIST {
                return Err(Error::ListTooLong);
            }
            values.push(self.literal()?);
        }
        self.expect(&Kind::Close)?;

        Ok(values)
    }

    fn operand(&mut self) -> Result<Operand<'t>, Error> {
        match self.peek().kind {
            Kind::Word(word) if self.next_is_open() => {
                if !word.eq_ignore_ascii_case("tolower") && !word.eq_ignore_ascii_case("toupper") {
                    return Err(self.unexpected());
                }
                self.advance();
                self.expect(&Kind::Open)?;
                let path = self.path()?;
                self.expect(&Kind::Close)?;
                Ok(Operand::Folded(path))
            }
            Kind::Word(word) if Literal::read(word).is_none() => self.path().map(Operand::Path),
            _ => self.literal().map(Operand::Literal),
        }
    }

    fn literal(&mut self) -> Result<Literal, Error> {
        let literal = match &self.peek().kind {
            Kind::Quoted(text) => Literal::Text(text.clone()),
            Kind::Duration => Literal::Duration,
            Kind::Word(word) => Literal::read(word).ok_or_else(|| self.unexpected())?,
            Kind::Open | Kind::Close | Kind::Comma | Kind::Colon | Kind::Broken | Kind::End => {
                return Err(self.unexpected());
            }
        };
        self.advance();

        Ok(literal)
    }

    fn path(&mut self) -> Result<&'t str, Error> {
        match self.peek().kind {
            Kind::Word(word) if is_path(word) => {
                self.advance();
                Ok(word)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// Reads something one level deeper. The limit also bounds the stack that this parser, and whoever walks its tree, needs.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;

        result
    }

    fn peek(&self) -> &Token<'t> {
        &self.tokens[0]
    }

    fn next_is_open(&self) -> bool {
        self.tokens.get(1).is_some_and(|token| token.kind == Kind::Open)
    }

    fn advance(&mut self) {
        if self.tokens.len() > 1 {
            self.tokens = &self.tokens[1..];
        }
    }

    fn take(&mut self, kind: &Kind<'_>) -> bool {
        let is_next = self.peek().kind == *kind;
        if is_next {
            self.advance();
        }

        is_next
    }

    fn take_word(&mut self, keyword: &str) -> bool {
        let is_next = matches!(self.peek().kind, Kind::Word(word) if word.eq_ignore_ascii_case(keyword));
        if is_next {
            self.advance();
        }

        is_next
    }

    fn expect(&mut self, kind: &Kind<'_>) -> Result<(), Error> {
        if self.take(kind) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Error {
        syntax(self.text, self.peek().start)
    }
}

/// One part as it is, several as `join`; parts that are such a join themselves, which `split` tells, become parts of this one.
fn flat<'t>(
    mut parts: Vec<Node<'t>>,
    join: fn(Vec<Node<'t>>) -> Node<'t>,
    split: fn(Node<'t>) -> Result<Vec<Node<'t>>, Node<'t>>,
) -> Node<'t> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => join(
            parts
                .into_iter()
                .chain(last)
                .flat_map(|part| split(part).unwrap_or_else(|other| vec![other]))
                .collect(),
        ),
    }
}

fn op(word: &str) -> Option<Op> {
    [Op::Eq, Op::Ne, Op::Gt, Op::Ge, Op::Lt, Op::Le]
        .into_iter()
        .find(|op| op.keyword().eq_ignore_ascii_case(word))
}

fn text_op(word: &str) -> Option<TextOp> {
    [TextOp::StartsWith, TextOp::EndsWith, TextOp::Contains]
        .into_iter()
        .find(|op| op.keyword().eq_ignore_ascii_case(word))
}

fn quantified(word: &str) -> Option<(&str, Quantifier)> {
    let (path, last) = word.rsplit_once('/')?;
    [Quantifier::Any, Quantifier::All]
        .into_iter()
        .find(|quantifier| quantifier.keyword().eq_ignore_ascii_case(last))
        .map(|quantifier| (path, quantifier))
}

fn counted(word: &str) -> Option<&str> {
    let (path, last) = word.rsplit_once('/')?;
    last.eq_ignore_ascii_case("$count").then_some(path)
}

fn is_path(word: &str) -> bool {
    word.split('/').all(is_name)
}

fn is_name(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree as text, every operator with its parentheses.
    fn shape(node: &Node<'_>) -> String {
        let join = |parts: &[Node<'_>], word: &str| {
            format!("({})", parts.iter().map(shape).collect::<Vec<_>>().join(word))
        };
        match node {
            Node::And(parts) => join(parts, " and "),
            Node::Or(parts) => join(parts, " or "),
            Node::Not(part) => format!("not {}", shape(part)),
            Node::Compare { left: Operand::Path(path), .. } => (*path).to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn not_binds_closer_than_and_and_and_closer_than_or() {
        for (text, tree) in [
            ("a eq 1 or b eq 1 and c eq 1", "(a or (b and c))"),
            ("a eq 1 and b eq 1 or c eq 1", "((a and b) or c)"),
            ("(a eq 1 or b eq 1) and c eq 1", "((a or b) and c)"),
            ("not a eq 1 and b eq 1", "(not a and b)"),
            ("NOT(a eq 1 AND b eq 1)", "not (a and b)"),
            ("a eq 1 or b eq 1 or c eq 1", "(a or b or c)"),
            ("a eq 1 or (b eq 1 or c eq 1)", "(a or b or c)"),
            ("((a eq 1))", "a"),
            ("not (not (a eq 1))", "not not a"),
        ] {
            assert_eq!(shape(&parse(text).unwrap()), tree, "{text}");
        }
    }

    #[test]
    fn a_syntax_error_points_at_the_word_that_does_not_fit() {
        for (text, position) in [
            ("", 1),
            ("   ", 4),
            ("mail", 5),
            ("mail eq", 8),
            ("mail eq 'a", 9),
            ("mail eq 'a' and", 16),
            ("mail eq 'a')", 12),
            ("(mail eq 'a'", 13),
            ("mail is 'a'", 6),
            ("mail eq 'a' mail eq 'b'", 13),
            ("'a' eq 'b'", 1),
            ("not not mail eq 'a'", 9),
            ("mail in ()", 10),
            ("mail in ('a',)", 14),
            ("mail in 'a'", 9),
            ("mail in (mail)", 10),
            ("length(mail) eq 3", 1),
            ("startswith(mail)", 16),
            ("startswith(mail,mail)", 17),
            ("startswith('a',mail)", 12),
            ("otherMails/any(x)", 17),
            ("otherMails/any(x:)", 18),
            ("otherMails/any(1:x eq 'a')", 16),
            ("otherMails/all()", 16),
            ("otherMails/$count gt 0", 19),
            ("otherMails/$count eq 2", 22),
            ("mail eq “taylor@fabrikam.com”", 9),
            ("“mail eq 'a'”", 1),
            ("étage eq “a”", 10),
            ("mail/ eq 'a'", 1),
            ("mail//x eq 'a'", 1),
            ("$it eq 'a'", 1),
            ("createdDateTime ge 2026-13-01", 20),
            ("mail eq guid'a'", 9),
        ] {
            let wanted = Error::Syntax { clause: Clause::Filter, position, text: text.to_owned() };
            assert_eq!(parse(text).unwrap_err(), wanted, "{text}");
        }
    }

    #[test]
    fn blanks_are_free_around_punctuation() {
        for text in [
            "startswith( mail , 'a' )",
            "otherMails/any( x : x eq 'a' )",
            "mail in ( 'a' , 'b' )",
            "  ( mail  eq\t'a' ) ",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_hundred_levels_are_read_and_one_more_is_not() {
        let nested = |depth: usize| format!("{}a eq 1{}", "(".repeat(depth), ")".repeat(depth));

        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(Error::TooDeep));
        assert_eq!(parse(&"(".repeat(100_000)), Err(Error::TooDeep));
        assert_eq!(parse(&"not(".repeat(25_000)), Err(Error::TooDeep));
        assert_eq!(parse(&"a/any(x:".repeat(12_500)), Err(Error::TooDeep));
    }

    #[test]
    fn two_hundred_conditions_are_read_and_one_more_is_not() {
        let joined = |terms: usize| vec!["a eq 1"; terms].join(" or ");

        assert!(parse(&joined(MAX_TERMS)).is_ok());
        assert_eq!(parse(&joined(MAX_TERMS + 1)), Err(Error::TooManyTerms));
        let lambdas = |terms: usize| vec!["a/any(x:x eq 1)"; terms].join(" or ");
        assert!(parse(&lambdas(MAX_TERMS)).is_ok());
        assert_eq!(parse(&lambdas(MAX_TERMS + 1)), Err(Error::TooManyTerms));
        assert_eq!(parse(&format!("{} or a/any()", joined(MAX_TERMS))), Err(Error::TooManyTerms));
    }

    #[test]
    fn a_list_of_a_hundred_is_read_and_one_more_is_not() {
        let list = |values: usize| format!("a in ({})", vec!["1"; values].join(","));

        assert!(parse(&list(MAX_LIST)).is_ok());
        assert_eq!(parse(&list(MAX_LIST + 1)), Err(Error::ListTooLong));
    }

    #[test]
    fn a_long_string_is_only_long() {
        let part = "x".repeat(100_000);
        let text = format!("startswith(mail,'{part}')");

        assert_eq!(parse(&text), Ok(Node::Text { op: TextOp::StartsWith, path: "mail", part }));
    }
}
