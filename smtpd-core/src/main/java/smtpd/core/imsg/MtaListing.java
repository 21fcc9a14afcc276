package smtpd.core.imsg;

/// What `smtpctl show` can list of the mta.
public enum MtaListing {
    /// Relays with their connectors.
    RELAYS,
    /// Routes with their penalties.
    ROUTES,
    /// Remote hosts.
    HOSTS,
    /// The last status of each domain.
    HOSTSTATS,
    /// The sources that are stopped towards a domain.
    PAUSED
}
