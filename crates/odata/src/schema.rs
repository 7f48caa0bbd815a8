//! How an entity describes itself to the query language: one row per property.

use std::fmt::{self, Debug, Display, Formatter};

/// The type of a property, as far as queries care.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EdmType {
    /// Text; compared without regard to case.
    String,
    /// `true` or `false`.
    Boolean,
    /// An instant. Its literal may stand in quotes.
    DateTimeOffset,
    /// A GUID. Its literal may stand in quotes; the `id` of an entity belongs here even where its JSON type is `String`.
    Guid,
    /// A whole number.
    Int32,
    /// One structured value; queries reach its [`members`](Property::members), which are texts.
    Complex,
    /// Many texts, reached by lambdas.
    StringCollection,
    /// Many structured values, whose [`members`](Property::members) are reached by lambdas.
    ComplexCollection,
}

impl EdmType {
    /// Whether it holds many values.
    pub const fn is_collection(self) -> bool {
        matches!(self, Self::StringCollection | Self::ComplexCollection)
    }

    /// The name that messages use, such as `Edm.String`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "Edm.String",
            Self::Boolean => "Edm.Boolean",
            Self::DateTimeOffset => "Edm.DateTimeOffset",
            Self::Guid => "Edm.Guid",
            Self::Int32 => "Edm.Int32",
            Self::Complex => "Edm.ComplexType",
            Self::StringCollection => "Collection(Edm.String)",
            Self::ComplexCollection => "Collection(Edm.ComplexType)",
        }
    }
}

impl Display for EdmType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether an operator may be used on a property.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Support {
    /// Always.
    Default,
    /// Only with the advanced pair.
    Advanced,
    /// Not at all.
    Never,
}

/// Whether the caller sent the advanced pair: the header `ConsistencyLevel: eventual` and `$count=true`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Advanced {
    /// Sent, or not asked for by this resource.
    Yes,
    /// Not sent.
    No,
}

/// Where `$select` may name a property.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Selectable {
    /// Anywhere.
    Yes,
    /// On one entity, not on a collection of them.
    SingleOnly,
    /// Nowhere: to `$select` the name is unknown.
    Never,
}

/// Which conditions a lambda over structured values may join.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ElementRule {
    /// One condition on one member.
    Single,
    /// Any number of `eq` joined by `and`, one of which is on this member.
    With(&'static str),
}

/// One row of an entity's property table. `P` is what the caller knows the property by.
#[derive(Clone, Copy, Debug)]
pub struct Property<P: 'static> {
    /// What typed trees carry.
    pub id: P,
    /// The canonical wire name.
    pub name: &'static str,
    /// What literals must fit.
    pub edm: EdmType,
    /// `eq` with a value.
    pub eq: Support,
    /// `ne`, with a value or `null`.
    pub ne: Support,
    /// Standing anywhere under `not`.
    pub not: Support,
    /// `ge`, `le`, `gt`, `lt`.
    pub order: Support,
    /// `in`.
    pub in_list: Support,
    /// `startswith`.
    pub startswith: Support,
    /// `endswith`.
    pub endswith: Support,
    /// `contains`.
    pub contains: Support,
    /// `eq null`.
    pub eq_null: Support,
    /// `$orderby`.
    pub orderby: Support,
    /// What may follow the property, or a lambda's variable, after a `/`. Canonical names; a deeper path is one name, such
    /// as `user/displayName`. On a [`StringCollection`](EdmType::StringCollection), `value` is the element itself.
    pub members: &'static [&'static str],
    /// `$select`.
    pub selectable: Selectable,
}

impl<P> Property<P> {
    /// The canonical name of the member called `name` in any case.
    pub fn member(&self, name: &str) -> Option<&'static str> {
        self.members.iter().copied().find(|member| member.eq_ignore_ascii_case(name))
    }
}

/// What can be asked of one kind of entity.
pub trait Schema: Sync {
    /// What typed trees carry for a property.
    type Id: Copy + Eq + Debug + Send + Sync + 'static;

    /// The qualified type, such as `microsoft.graph.user`.
    fn type_name(&self) -> &'static str;

    /// The resource's name in messages, such as `User`.
    fn resource(&self) -> &'static str;

    /// Every property that a query may name.
    fn properties(&self) -> &'static [Property<Self::Id>];

    /// What lambdas over `property` may join, where it is a [`ComplexCollection`](EdmType::ComplexCollection).
    fn element_rule(&self, property: Self::Id) -> ElementRule {
        let _ = property;
        ElementRule::Single
    }

    /// The property called `name` in any (ASCII) case.
    fn find(&self, name: &str) -> Option<&'static Property<Self::Id>> {
        self.properties().iter().find(|property| property.name.eq_ignore_ascii_case(name))
    }
}
