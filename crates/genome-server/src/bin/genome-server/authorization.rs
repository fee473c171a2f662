//! How clients of OpenID AuthZEN and proxies are understood, as the command line says it.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use genome::Genome;
use genome::mcp::{ActionNames, ServerName};
use genome_cli::{Failure, Finding};
use genome_server::{AuthzenSettings, GenomeWarning, HeaderAuthorization, Projection, PublicUrl};

/// The options of the AuthZEN endpoints, and of authorization by headers.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
#[command(next_help_heading = "How others ask: OpenID AuthZEN, and proxies by headers")]
pub(crate) struct AuthorizationArguments {
    /// How a request is understood as an action: `action` takes the name of its action; `coaz`, `authzen-policy-backend` and `apparitor` are
    /// for the clients of these names. What a projection does not cover is denied
    #[arg(long, value_name = "NAME", default_value_t = Projection::Action, value_parser = projection())]
    authzen_projection: Projection,
    /// The name of the MCP server whose actions are asked about: its tool is the action NAME/TOOL, its method NAME:METHOD. 1 to 64 of a-z, 0-9
    /// and `-`
    #[arg(long, value_name = "NAME", conflicts_with = "plain_names")]
    mcp_server: Option<ServerName>,
    /// Actions of MCP have plain names: a tool is the action TOOL, a method METHOD. Without --mcp-server this is so in any case, but
    /// production wants to have it said
    #[arg(long)]
    plain_names: bool,
    /// The address of what ends TLS in front of the server, as its clients write it: https://HOST or https://HOST:PORT. With it, there is
    /// /.well-known/authzen-configuration, and requests may name this host
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Let a proxy ask at /authorize/mcp, by the headers that MCP 2026-07-28 repeats from the body. Only in front of a server that compares
    /// them with it
    #[arg(long)]
    authorize_mcp: bool,
    /// Let a proxy ask at /authorize/action about the action that it sets as X-Genome-Action
    #[arg(long)]
    authorize_action: bool,
}

fn projection() -> impl clap::builder::TypedValueParser<Value = Projection> {
    PossibleValuesParser::new(Projection::ALL.map(Projection::as_str)).try_map(|name| name.parse::<Projection>())
}

/// What these options say.
#[derive(Debug)]
pub(crate) struct AuthorizationSettings {
    pub(crate) authzen: AuthzenSettings,
    /// How actions of MCP are named.
    pub(crate) names: ActionNames,
    /// What a proxy may ask by headers.
    pub(crate) headers: HeaderAuthorization,
}

impl AuthorizationSettings {
    /// What a person should know who lets this genome answer so.
    pub(crate) fn warnings(&self, genome: &Genome) -> Vec<GenomeWarning> {
        let mut warnings = self.authzen.warnings(genome, &self.names);
        if let Some(nothing) = self.names.server().and_then(|server| genome.nothing_allowed_of(server)) {
            let message = format!("{nothing}. Each request for one of its actions is denied");
            let hint = "see how --mcp-server is written, or allow actions that begin with that name and `/` or `:`";
            warnings.push(GenomeWarning::new(message, hint));
        }
        if !genome.tools.is_empty() && (self.headers.mcp || self.authzen.projection.names_actions_of_mcp()) {
            let message = "the genome pins what tools say they are, and this server does not see that: it answers by names alone";
            let hint = "do not rely on pins here: what stands between the client and the MCP server would have to compare them";
            warnings.push(GenomeWarning::new(message, hint));
        }
        warnings
    }
}

impl AuthorizationArguments {
    /// The settings, if they fit together.
    ///
    /// # Errors
    /// `--mcp-server` is given, and nothing here is about actions of MCP. Or something is, and in production it is not said how they are named.
    pub(crate) fn settings(&self, is_production: bool) -> Result<AuthorizationSettings, Failure> {
        let Self { authzen_projection: projection, mcp_server, plain_names, public_url, authorize_mcp, authorize_action } = self;
        let has_mcp = projection.names_actions_of_mcp() || *authorize_mcp;
        if mcp_server.is_some() && !has_mcp {
            let message = format!("--mcp-server changes no name under the projection `{projection}`");
            let hint = "leave it out, or ask about actions of MCP: --authorize-mcp, --authzen-projection coaz, or apparitor";
            return Err(Failure::undecided(Finding::error(message, hint)));
        }
        if is_production && has_mcp && mcp_server.is_none() && !plain_names {
            let by = if *authorize_mcp { "--authorize-mcp".to_owned() } else { format!("the projection `{projection}`") };
            let message = format!("it is not said how {by} names actions of MCP, and production does not guess");
            let hint = "give --mcp-server NAME, for actions NAME/TOOL and NAME:METHOD, or --plain-names";
            return Err(Failure::undecided(Finding::error(message, hint)));
        }
        let names = mcp_server.clone().map_or(ActionNames::Plain, ActionNames::OfServer);
        Ok(AuthorizationSettings {
            authzen: AuthzenSettings { projection: *projection, public_url: public_url.clone() },
            names,
            headers: HeaderAuthorization { mcp: *authorize_mcp, action: *authorize_action },
        })
    }
}
