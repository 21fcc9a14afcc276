package smtpd.core.mail;

/// A password on its way to where it is checked: printed, it is stars, so that no log line and no
/// trace can show it by accident.
///
/// @param text the secret itself
public record Secret(String text) {
    @Override
    public String toString() {
        return "********";
    }
}
