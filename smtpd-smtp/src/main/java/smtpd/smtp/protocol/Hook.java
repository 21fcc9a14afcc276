package smtpd.smtp.protocol;

import smtpd.core.imsg.FilterPhase;

/// Where filters are asked about a command.
///
/// @param phase as what
/// @param value its argument, as filters see it
/// @param prefix what stands before another value in the line of the command; empty where there is
///   nothing to rewrite
public record Hook(FilterPhase phase, String value, String prefix) {
    /// A command whose argument cannot be rewritten.
    public static Hook of(FilterPhase phase) {
        return new Hook(phase, "", "");
    }
}
