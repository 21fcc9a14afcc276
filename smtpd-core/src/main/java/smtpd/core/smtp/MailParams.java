package smtpd.core.smtp;

import smtpd.core.mail.Dsn;

/// The parameters of MAIL.
///
/// @param size the declared size in octets (RFC 1870), [#NO_SIZE] if none; [Long#MAX_VALUE] for
///   anything larger
/// @param body the BODY parameter
/// @param smtpUtf8 whether SMTPUTF8 was given (RFC 6531)
/// @param auth the AUTH parameter decoded from xtext (RFC 4954 §5), `<>` for an unknown submitter;
///   empty if none
/// @param ret the RET parameter
/// @param envid the ENVID parameter decoded from xtext, printable ASCII; empty if none
public record MailParams(
        long size, BodyType body, boolean smtpUtf8, String auth, Dsn.Ret ret, String envid) {
    /// The size when none was declared.
    public static final long NO_SIZE = -1;

    /// No parameter given.
    public static final MailParams NONE =
            new MailParams(NO_SIZE, BodyType.UNSPECIFIED, false, "", Dsn.Ret.UNSPECIFIED, "");
}
