/// What can be asked for. The routes are made of this list, and so are the labels of the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Page,
    Style,
    Script,
    Genome,
    Document,
    Decisions,
    Health,
    Ready,
    Metrics,
    Description,
    /// Any other path.
    Unknown,
}

impl Endpoint {
    /// Those that have a path.
    pub(crate) const ALL: [Self; 10] = [
        Self::Page,
        Self::Style,
        Self::Script,
        Self::Genome,
        Self::Document,
        Self::Decisions,
        Self::Health,
        Self::Ready,
        Self::Metrics,
        Self::Description,
    ];

    /// The path, which is also the label of the metrics: paths that strangers ask for do not become labels.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Page => "/",
            Self::Style => "/page.css",
            Self::Script => "/page.js",
            Self::Genome => "/genome",
            Self::Document => "/genome/document",
            Self::Decisions => "/decisions",
            Self::Health => "/health",
            Self::Ready => "/ready",
            Self::Metrics => "/metrics",
            Self::Description => "/openapi.json",
            Self::Unknown => "",
        }
    }

    /// The methods that it knows, as the header `Allow` lists them.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Self::Decisions => "GET, HEAD, POST",
            _ => "GET, HEAD",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::DESCRIPTION;

    #[test]
    fn each_path_is_described_and_no_other() {
        let description: serde_json::Value = serde_json::from_str(DESCRIPTION).unwrap();
        let paths = description["paths"].as_object().unwrap();
        assert_eq!(paths.len(), Endpoint::ALL.len());
        for endpoint in Endpoint::ALL {
            let described: Vec<&String> = paths[endpoint.path()].as_object().unwrap().keys().collect();
            // HEAD is GET without a body.
            let known = endpoint.methods().to_lowercase().replace(" head", "").replace(',', " ");
            assert_eq!(described, known.split_whitespace().collect::<Vec<_>>(), "{}", endpoint.path());
        }
    }
}
