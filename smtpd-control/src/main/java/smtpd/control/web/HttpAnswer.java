package smtpd.control.web;

/// What a page answers.
///
/// @param status the code and its words
/// @param type media type
/// @param body the text
public record HttpAnswer(String status, String type, String body) {
    /// A page that is there.
    static HttpAnswer ok(String type, String body) {
        return new HttpAnswer("200 OK", type, body);
    }

    static HttpAnswer plain(String status, String text) {
        return new HttpAnswer(status, "text/plain; charset=utf-8", text);
    }
}
