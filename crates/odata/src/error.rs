//! Why a query cannot be answered: facts, and a sentence for the caller. Status and code are the surface's business.

use std::fmt::{self, Display, Formatter};

use crate::filter::{MAX_DEPTH, MAX_LIST, MAX_TERMS, Op};

/// Why a query cannot be answered.
///
/// The texts are those of the OData library and of Microsoft Graph, which clients match on.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Error {
    /// The text does not follow the grammar.
    #[error("{clause}Syntax error at position {position} in '{text}'.")]
    Syntax {
        /// The option it stands in.
        clause: Clause,
        /// Of the offending word's first character, counted in characters from 1.
        position: usize,
        /// The whole option.
        text: String,
    },
    /// More than [`MAX_DEPTH`] parentheses and lambdas in one another.
    #[error("Invalid filter clause: The expression is nested more than {MAX_DEPTH} levels deep.")]
    TooDeep,
    /// More than [`MAX_TERMS`] conditions.
    #[error("Invalid filter clause: The expression has more than {MAX_TERMS} conditions.")]
    TooManyTerms,
    /// More than [`MAX_LIST`] values in one `in`.
    #[error("Invalid filter clause: The list of an 'in' operator has more than {MAX_LIST} values.")]
    ListTooLong,
    /// A name that the schema does not have.
    #[error("{clause}Could not find a property named '{name}' on type '{type_name}'.")]
    UnknownProperty {
        /// The option it stands in.
        clause: Clause,
        /// As written.
        name: String,
        /// The schema's type.
        type_name: &'static str,
    },
    /// A literal that does not fit the property's type, or two things that cannot be compared.
    #[error(
        "Invalid filter clause: A binary operator with incompatible types was detected. \
         Found operand types '{left}' and '{right}' for operator kind '{}'.", .operator.kind()
    )]
    IncompatibleTypes {
        /// The type of the left operand.
        left: &'static str,
        /// The type of the right operand.
        right: &'static str,
        /// The operator between them.
        operator: Op,
    },
    /// An operator that works with the advanced pair only, whatever the property.
    #[error(
        "Operator '{operator}' is not supported because the required parameters might be missing. \
         Try adding $count=true query parameter and ConsistencyLevel:eventual header. \
         Refer to https://aka.ms/graph-docs/advanced-queries for more information"
    )]
    OperatorNeedsPair {
        /// Which.
        operator: Paired,
    },
    /// `ne` without the advanced pair.
    #[error("Filter operator 'NotEqualsMatch' is not supported.")]
    NotEqualsNeedsPair,
    /// `contains` without the advanced pair.
    #[error("Filter operator 'Contains' is not supported.")]
    ContainsNeedsPair,
    /// This operator on this property works with the advanced pair only.
    #[error(
        "Unsupported or invalid query filter clause specified for property '{property}' of resource '{resource}'."
    )]
    ClauseNeedsPair {
        /// Its canonical name.
        property: &'static str,
        /// The schema's resource.
        resource: &'static str,
    },
    /// This operator does not work on this property, even with the advanced pair.
    #[error(
        "Unsupported or invalid query filter clause specified for property '{property}' of resource '{resource}'."
    )]
    ClauseUnsupported {
        /// Its canonical name.
        property: &'static str,
        /// The schema's resource.
        resource: &'static str,
    },
    /// More than one condition in a lambda over structured values that takes one.
    #[error("Complex query on property {property} is not supported.")]
    ComplexQuery {
        /// Its canonical name.
        property: &'static str,
    },
    /// The order works with the advanced pair only.
    #[error("Sorting not supported for current query.")]
    SortingNeedsPair,
    /// There is no order by this property.
    #[error("Sorting not supported for current query.")]
    SortingUnsupported,
    /// `$select` on a collection names a property that only a single entity shows.
    #[error("Not Implemented")]
    SingleOnly {
        /// Its canonical name.
        property: &'static str,
    },
    /// `$top` is no number, or out of bounds.
    #[error("Invalid page size specified: '{given}'. Must be between 1 and {max} inclusive.")]
    PageSize {
        /// As written.
        given: String,
        /// The most that the resource allows.
        max: u32,
    },
    /// `$skip` was sent.
    #[error("'$skip' is not supported by the service.")]
    Skip,
    /// `$count` is neither true nor false.
    #[error("Invalid value '{given}' for $count query option found. Valid values are 'true' or 'false'.")]
    Count {
        /// As written.
        given: String,
    },
    /// `$format` asks for something other than JSON.
    #[error("The value '{given}' of the query option '$format' is not supported.")]
    Format {
        /// As written.
        given: String,
    },
    /// One option stands there twice, perhaps once with and once without its `$`.
    #[error("Query option '{name}' was specified more than once, but it must be specified at most once.")]
    DuplicateOption {
        /// Its canonical name, with the `$`.
        name: &'static str,
    },
    /// An option that is not known, or not served.
    #[error("Unrecognized query argument specified: '{name}'.")]
    UnrecognizedOption {
        /// As written.
        name: String,
    },
    /// Percent-encoding that is none, or that is not UTF-8.
    #[error("The query string is not valid percent-encoded UTF-8.")]
    Encoding,
}

impl Error {
    /// Whether the query makes no sense, as opposed to asking for more than is served.
    pub(crate) fn is_malformed(&self) -> bool {
        matches!(
            self,
            Self::Syntax { .. }
                | Self::TooDeep
                | Self::TooManyTerms
                | Self::ListTooLong
                | Self::UnknownProperty { .. }
                | Self::IncompatibleTypes { .. }
        )
    }
}

/// The option that an error is about. Its `Display` is how messages begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Clause {
    /// `$filter`
    Filter,
    /// `$select`
    Select,
    /// `$orderby`
    OrderBy,
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Filter => "Invalid filter clause: ",
            Self::Select => "Parsing OData Select and Expand failed: ",
            Self::OrderBy => "",
        })
    }
}

/// Operators that work with the advanced pair only. Their `Display` is the name that messages use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Paired {
    /// `endswith`
    EndsWith,
    /// `not`
    Not,
    /// `all`
    All,
    /// `/$count` in a filter.
    Count,
    /// `any()` without a body.
    Any,
}

impl Display for Paired {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EndsWith => "endsWith",
            Self::Not => "not",
            Self::All => "all",
            Self::Count => "count",
            Self::Any => "any",
        })
    }
}
