package smtpd.core.sys;

/// What the system keeps of a user's password.
///
/// @param hash the stored hash, or a mark that there is none
/// @param expires the day since 1970-01-01 from which on the account is closed; negative for never
public record ShadowEntry(String hash, long expires) {}
