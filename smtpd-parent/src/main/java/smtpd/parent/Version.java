package smtpd.parent;

/// The daemon's name and version as it shows itself.
final class Version {
    /// The version of the distribution.
    static final String NUMBER = number();

    /// For `smtpd -V` and the log.
    static final String TEXT = "smtpd " + NUMBER;

    private Version() {}

    private static String number() {
        String implementation = Version.class.getPackage().getImplementationVersion();
        return implementation == null ? "development" : implementation;
    }
}
