//! Enums of names: each value with its text, once; and which name may be meant by another.

/// Implements the texts of an enum of names, in both directions.
macro_rules! named {
    ($(#[$documentation:meta])* $name:ident { $($(#[$variant_documentation:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_documentation])* $variant,)+ }

        impl $name {
            /// Every value, in this order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The texts of all values, as a sentence lists them.
            #[must_use]
            pub fn listed(conjunction: &str) -> String {
                crate::listing::listed(Self::ALL, conjunction)
            }

            /// The stable text.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "enum": Self::ALL})
            }
        }
    };
}

pub(crate) use named;

/// The one of the names that this one, which is none of them, may be a typing error of.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let typed = name.to_lowercase();
    // A name much longer than another is near to none.
    let near = known.into_iter().filter(|known| name.len() <= 2 * known.len());
    let near = near.map(|known| (strsim::osa_distance(&typed, &known.to_lowercase()), known));
    near.filter(|&(distance, known)| distance <= known.chars().count() / 3).min().map(|(_, known)| known)
}
