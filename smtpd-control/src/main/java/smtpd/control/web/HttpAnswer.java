package smtpd.control.web;

/// What a page answers.
///
/// @param status the code and its words
/// @param type media type
/// @param body the text
/// @param policy what a browser may do with it (Content-Security-Policy)
public record HttpAnswer(String status, String type, String body, String policy) {
    /// Nothing at all.
    private static final String NOTHING =
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// A page that is there.
    static HttpAnswer ok(String type, String body) {
        return new HttpAnswer("200 OK", type, body, NOTHING);
    }

    /// A page of HTML with a policy of its own.
    public static HttpAnswer html(String body, String policy) {
        return new HttpAnswer("200 OK", "text/html; charset=utf-8", body, policy);
    }

    /// A picture.
    public static HttpAnswer svg(String body) {
        return ok("image/svg+xml", body);
    }

    /// A line of text.
    public static HttpAnswer plain(String status, String text) {
        return new HttpAnswer(status, "text/plain; charset=utf-8", text, NOTHING);
    }
}
